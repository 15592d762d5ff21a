//! Whether a name can be all of a folder, a module and a feature.

use crate::{Workspace, check::neutral::named, root};
use anyhow::{Context as _, bail};
use conversations_codegen::names;
use std::fs;

/// Names that mean something else, and to whom. What the manifest and `src/lib.rs` name is read from there.
const TAKEN: &[(&str, &[&str])] = &[
    // Its keywords are known to `names`.
    (
        "Rust",
        &["alloc", "auto", "core", "macro_rules", "proc_macro", "raw", "std", "test", "union"],
    ),
    (
        "the library",
        &[
            "client",
            "conversations",
            "error",
            "operation",
            "operations",
            "provider",
            "rate_limit",
            "reliability",
            "response",
            "retry",
            "runtime",
            "sandbox",
            "timestamp",
            "types",
        ],
    ),
    (
        "Cargo and the workspace",
        &[
            "benches",
            "bin",
            "build",
            "crates",
            "default",
            "deps",
            "examples",
            "full",
            "http2",
            "lib",
            "main",
            "native_tls",
            "rustls",
            "specs",
            "src",
            "target",
            "tests",
            "xtask",
        ],
    ),
    // Files of these names cannot be made there, whatever their ending.
    ("Windows", &["aux", "com1", "com2", "com3", "com4", "con", "lpt1", "lpt2", "nul", "prn"]),
];

/// To whom a name means something else.
fn taken_by(name: &str) -> Option<&'static str> {
    let listed = TAKEN.iter().find(|(_, names)| names.contains(&name)).map(|(whose, _)| *whose);
    listed.or_else(|| (names::escape(name) != name).then_some("Rust"))
}

/// Refuses a name that cannot be a provider's, and proposes one.
pub(super) fn check(workspace: &Workspace, name: &str) -> anyhow::Result<()> {
    if let Some(whose) = taken_by(name) {
        bail!(
            "`{name}` cannot be a module: it means something else to {whose}; {}",
            proposal(name)
        );
    }
    let well = name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if !well {
        bail!(
            "`{name}` cannot be a module: take lower-case letters, digits and underscores; {}",
            proposal(name)
        );
    }
    let specs = format!("specs/{name}");
    if workspace.root.join(&specs).exists() {
        bail!(
            "{specs} is there already; `cargo xtask update-spec {name}` takes the next document of a provider"
        );
    }
    if let Some(whose) = owner(workspace, name)? {
        bail!(
            "`{name}` cannot be a module: it means something else to {whose}; {}",
            proposal(name)
        );
    }
    let files = [format!("src/{name}.rs"), format!("src/{name}")];
    if let Some(file) = files.iter().find(|it| workspace.root.join(it).exists()) {
        bail!("{file} is there already, and no provider's; {}", proposal(name));
    }
    let wanted = [name.to_owned()];
    if let Some(it) = named(workspace, &root::providers(&workspace.root)?, &wanted)?.first() {
        bail!(
            "`{name}` is a word of {}, where no provider may be named, so `cargo xtask check` would refuse it for ever; {}",
            it.at,
            proposal(name)
        );
    }
    Ok(())
}

/// What of the library has the name: a module, a package it uses, or a feature.
fn owner(workspace: &Workspace, name: &str) -> anyhow::Result<Option<&'static str>> {
    let library =
        fs::read_to_string(workspace.root.join("src/lib.rs")).context("cannot read src/lib.rs")?;
    let module = format!("mod {name}");
    let is_module = library
        .lines()
        .any(|it| it.trim_start_matches("pub ").trim_end_matches([';', '{', '}', ' ']) == module);
    if is_module {
        return Ok(Some("src/lib.rs, which has a module of that name"));
    }
    let text =
        fs::read_to_string(workspace.root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: toml_edit::DocumentMut = text.parse().context("cannot read Cargo.toml")?;
    let has = |table: &str| {
        let table = manifest.get(table).and_then(toml_edit::Item::as_table);
        table.is_some_and(|it| it.iter().any(|(key, _)| key.replace('-', "_") == name))
    };
    Ok(match () {
        () if has("features") => Some("Cargo.toml, which has a feature of that name"),
        () if has("dependencies") => Some("Cargo.toml, which has a package of that name"),
        () => None,
    })
}

/// A name that can be one.
fn proposal(name: &str) -> String {
    let plain = names::snake(name);
    match plain == name || taken_by(&plain).is_some() {
        true => format!("take the vendor's full name, such as `{plain}_chat`"),
        false => format!("take `{plain}`"),
    }
}
