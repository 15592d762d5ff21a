//! `cargo xtask generate`: any document to a client, as one file or as a crate of its own.

use crate::{Outcome, Workspace, input::Input, pipeline, progress::Progress, report::counted};
use anyhow::{Context as _, bail};
use conversations_codegen::{Generated, provider::Selection};
use conversations_document::{
    load::Text,
    note::{Cost, folded},
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// What to generate, and where to.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The document: a file, an address, or `REV:path`.
    pub spec: String,
    /// Overlays, applied in order.
    pub overlays: Vec<PathBuf>,
    /// Globs over the paths to keep; none keeps all.
    pub select: Vec<String>,
    /// The file to write.
    pub file: Option<PathBuf>,
    /// The folder of the crate to write.
    pub krate: Option<PathBuf>,
}

/// Generates, writes the source to `out` where neither a file nor a crate is asked for, and says on `err` what became
/// of the document.
pub fn generate(
    workspace: &Workspace,
    request: &Request,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start(format!("reading {}", request.spec));
    let files = request.overlays.iter().map(|it| workspace.cwd.join(it));
    let input = Input::parse(&request.spec, &workspace.cwd)?.given_with(files);
    let document = pipeline::read(&input)?;
    let mut overlays = Vec::new();
    for file in &request.overlays {
        let text = fs::read_to_string(workspace.cwd.join(file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        overlays.push(Text { file: file.display().to_string(), text });
    }
    let document = pipeline::overlaid(document, &overlays)?;
    let select = Selection { paths: request.select.clone(), tags: Vec::new() };
    let document = pipeline::cut(document, &select)?;
    progress.step(format!("generating from {}", request.spec));
    let made = pipeline::client(document)?;
    drop(progress);
    let went = match (&request.krate, &request.file) {
        (Some(folder), _) => {
            krate(workspace, &workspace.cwd.join(folder), &made)?;
            format!("a crate in {}; its README.md has the first call", folder.display())
        }
        (None, Some(file)) if file != Path::new("-") => {
            fs::write(workspace.cwd.join(file), &made.source)
                .with_context(|| format!("cannot write {}", file.display()))?;
            format!("one file, {}", file.display())
        }
        _ => {
            out.write_all(made.source.as_bytes())?;
            "standard output; --out FILE or --crate DIR keep it".to_owned()
        }
    };
    summary(request, &made, &went, err)?;
    Ok(Outcome::Fine)
}

/// What became of the document: how much, where to, and what was lost, the worst first.
fn summary(
    request: &Request,
    made: &Generated,
    went: &str,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    const SHOWN: usize = 12;
    let types = made.surface.types().count();
    let mut losses = folded(made.notes.iter().filter(|it| it.is_loss()));
    losses.sort_by_key(|same| (same[0].cost(), std::cmp::Reverse(same.len())));
    let lost: usize = losses.iter().map(Vec::len).sum();
    writeln!(
        err,
        "{}: {}, {}, {} of code, {}",
        request.spec,
        counted(made.surface.operations.len(), ["operation", "operations"]),
        counted(types, ["type", "types"]),
        counted(made.source.lines().count(), ["line", "lines"]),
        counted(lost, ["loss", "losses"]),
    )?;
    writeln!(err, "The client went to {went}.")?;
    if losses.is_empty() {
        return Ok(());
    }
    let mut cost = None;
    for same in losses.iter().take(SHOWN) {
        let note = same[0];
        if note.cost() != cost {
            cost = note.cost();
            let heading = match cost {
                Some(Cost::Calls) => "Lost, calls that cannot be made as documented",
                Some(Cost::Data) => "Lost, data that is out of reach or less typed",
                Some(Cost::Rules) | None => "Lost, rules and words that are not kept",
            };
            writeln!(err, "{heading}:")?;
        }
        let places = match same.len() {
            1 => String::new(),
            n => format!(", and {} more", counted(n - 1, ["place", "places"])),
        };
        writeln!(err, "  {}\n    {} {}{places}", note.done, note.origin, note.pointer)?;
    }
    if losses.len() > SHOWN {
        writeln!(err, "And {} more.", counted(losses.len() - SHOWN, ["kind", "kinds"]))?;
    }
    writeln!(err, "`cargo xtask explain --spec {} --places` lists every place.", request.spec)?;
    Ok(())
}

/// Writes a crate that stands alone.
fn krate(workspace: &Workspace, folder: &Path, made: &Generated) -> anyhow::Result<()> {
    if folder.is_file() {
        bail!("{} is a file; `--crate` wants a folder", folder.display());
    }
    for (name, text) in files(&workspace.root, made) {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    // The versions that this workspace is tested with, so that building asks no registry for others.
    let (ours, theirs) = (workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"));
    if ours.is_file() && !theirs.exists() {
        fs::copy(&ours, &theirs).with_context(|| format!("cannot write {}", theirs.display()))?;
    }
    Ok(())
}

/// The files of a crate that stands alone, by path. `root` is the workspace whose run time it depends on.
pub fn files(root: &Path, made: &Generated) -> Vec<(&'static str, String)> {
    let name = format!("{}-client", made.provider.provider.replace('_', "-"));
    let runtime = toml_string(&root.join("crates/runtime").display().to_string());
    let title = &made.provider.title;
    let manifest = format!(
        "[package]\nname = {}\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = {}\npublish = false\n\n\
         # A workspace of its own, wherever it lies.\n[workspace]\n\n[dependencies]\n\
         # What generated clients share at run time; no generator and no provider is compiled with it. Without\n\
         # `path` it comes from the registry, as a published crate needs it.\n\
         conversations-runtime = {{ version = \"{version}\", path = {runtime}, features = [\"http2\", \"rustls\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[dev-dependencies]\n\
         # What the example runs on.\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"rt-multi-thread\"] }}\n",
        toml_string(&name),
        toml_string(&format!("A client for {title}")),
        version = env!("CARGO_PKG_VERSION"),
    );
    let docs: String = format!(
        "A client for {title}, generated by `cargo xtask generate`.\n\nStart with [`Client::builder`].\n{}",
        made.page.trim_end()
    )
    .lines()
    .map(|it| format!("//! {it}").trim_end().to_owned() + "\n")
    .collect();
    let library = format!(
        "{docs}\n// What vendors call their things is theirs, and how much of it a caller uses is the caller's.\n\
         #![allow(clippy::all, dead_code, deprecated, missing_docs, unused_imports, rustdoc::all)]\n\n\
         pub use conversations_runtime::*;\n\ninclude!(\"client.rs\");\n"
    );
    let example = format!(
        "//! The first call: `cargo run --example first_call`.\n\n#![allow(deprecated)]\n\n\
         use {}::Client;\n\n#[tokio::main]\n\
         async fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{}    Ok(())\n}}\n",
        name.replace('-', "_"),
        made.example,
    );
    vec![
        ("Cargo.toml", manifest),
        ("src/lib.rs", library),
        ("src/client.rs", made.source.clone()),
        ("README.md", readme(&name, made, &example)),
        ("examples/first_call.rs", example),
        ("NOTICE.md", notice(made)),
    ]
}

fn readme(name: &str, made: &Generated, example: &str) -> String {
    let provider = &made.provider;
    let servers = servers(made);
    // The summary is the vendor's prose and must not become a heading or a list of this page.
    let summary = provider.summary.split_whitespace().collect::<Vec<_>>().join(" ");
    let credentials: String = provider
        .auth
        .iter()
        .map(|it| format!("- `{}`, for the scheme `{}` of the document\n", it.method, it.scheme))
        .collect();
    let credentials = match credentials.as_str() {
        "" => "The document names no credentials that this client can send.\n".to_owned(),
        list => {
            format!(
                "The builder takes these; what is used follows from each operation, whose documentation lists what it accepts.\n\n{list}"
            )
        }
    };
    let header = "For anything else that the server asks for, `header(name, secret)` on the builder sends a header of your \
                  own making: with every call where the document names no scheme, else with the operations whose scheme has \
                  no method here. It never prints, as all credentials, and goes to the servers of those operations only.\n";
    let version = made.document.pointer("/info/version").and_then(serde_json::Value::as_str);
    let version = version.map(|it| format!(", version {it},")).unwrap_or_default();
    let documentation = match provider.documentation.as_str() {
        "" => String::new(),
        url => format!("The vendor's documentation is at {url}. "),
    };
    format!(
        "# {name}\n\nA client for {title}, generated from its OpenAPI document{version} by `cargo xtask generate`.\n\n\
         > {summary}\n\n{documentation}{servers}\n\n## First call\n\n`examples/first_call.rs`:\n\n```rust\n{example}```\n\n\
         ## Credentials\n\n{credentials}\n{header}\n## What there is\n\n{operations} operations, each a method of `Client`; \
         `cargo doc --open` lists them.\n`src/client.rs` is generated and not edited: correct the document by an overlay \
         and generate again.\n\n## Licence\n\nSee `NOTICE.md`.\n",
        title = provider.title,
        operations = made.surface.operations.len(),
    )
}

/// Where calls go, and the builder's methods that say otherwise.
fn servers(made: &Generated) -> String {
    let provider = &made.provider;
    let mut out = match provider.servers.first() {
        Some(server) => {
            format!("Calls go to `{}` unless `base_url` says otherwise.", server.filled())
        }
        None if made.groups.is_empty() => {
            "The document does not say where the API is: set `base_url` on the builder.".to_owned()
        }
        None => "`base_url` on the builder says where calls go.".to_owned(),
    };
    for group in &made.groups {
        let known = group.servers.first().map(|it| format!(", `{}` by default", it.filled()));
        out.push_str(&format!(
            "\n`{}` sets the operations apart that have a server of their own{}.",
            group.method,
            known.unwrap_or_default()
        ));
    }
    for variable in &made.variables {
        out.push_str(&format!("\n`{}` sets `{}` in addresses.", variable.method, variable.name));
    }
    out
}

/// Under which terms what is here stands.
fn notice(made: &Generated) -> String {
    let text = |pointer: &str| made.document.pointer(pointer).and_then(serde_json::Value::as_str);
    let title = &made.provider.title;
    let licence = match (text("/info/license/name"), text("/info/license/url")) {
        (Some(name), Some(url)) => format!("The document says: {name} ({url})."),
        (Some(name), None) => format!("The document says: {name}."),
        (None, Some(url)) => format!("The document says: {url}."),
        (None, None) => {
            "The document names no licence: ask its author before you publish this crate."
                .to_owned()
        }
    };
    let terms = text("/info/termsOfService")
        .map(|url| format!(" The terms of the service are at {url}."))
        .unwrap_or_default();
    format!(
        "# Licence\n\nNames, descriptions and the shape of the API come from the OpenAPI document of {title}. \
         {licence}{terms}\n\nThe generator claims nothing in the code that it writes. `conversations-runtime`, on which \
         it stands, is under the MIT licence.\n"
    )
}

/// A TOML string; JSON's escapes are all TOML's as well.
fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
