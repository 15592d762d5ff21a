//! Turns `specs/<provider>/` into a typed client, at build time.
//!
//! For each provider whose feature is on it writes `$OUT_DIR/<provider>.rs`, which the door file
//! `src/<provider>.rs` includes, and what the sandbox needs to play the vendor. Beside them stands a table of all
//! types and one of all calls, for the tests: they take them from here, so that a new revision of a document brings its own along.
//! All decisions are made by `conversations-codegen`, which is pure; reading and writing is done here.

use conversations_codegen::{
    Generated, generate,
    load::{self, Sources},
    surface::Surface,
};
use conversations_document::{deep_each, load::document};
use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=specs");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // On standard error in full, since cargo shows only that when a build script fails.
            eprintln!("\n{message}\n");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let root = PathBuf::from(var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(var("OUT_DIR")?);
    let is_on = |name: &str| {
        let feature = format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"));
        env::var_os(feature).is_some()
    };
    write_all(&root, &out, is_on)
}

/// Writes to `out` what the providers of `root` that are on need.
pub(crate) fn write_all(
    root: &Path,
    out: &Path,
    is_on: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let mut sandbox = String::from("const PROVIDERS: &[EmbeddedProvider] = &[\n");
    let mut types = String::from("types! {\n");
    let mut calls = String::from("calls! {\n");
    let mut failures = Vec::new();
    let read = |file: &str| fs::read_to_string(root.join(file));
    let specs =
        fs::read_dir(root.join("specs")).map_err(|it| format!("cannot read specs: {it}"))?;
    let mut names = load::providers(specs.flatten().map(|it| it.file_name()), read);
    names.retain(|name| is_on(name));
    let made = deep_each(&names, |name| {
        let started = Instant::now();
        let client = Sources::read(name, read).and_then(|it| generate(&it))?;
        Ok((client, started.elapsed()))
    });
    for (name, made) in names.iter().zip(made) {
        match made {
            Ok((client, time)) => {
                embed(read, out, name, &client, &mut sandbox)?;
                list(name, &client.surface, &mut types);
                list_calls(name, &client, &mut calls);
                // Seen with `cargo build -vv`.
                println!(
                    "{name}: {} operations, {} public items, {} bytes in {:.1} ms",
                    client.surface.operations.len(),
                    client.surface.items.len(),
                    client.source.len(),
                    time.as_secs_f64() * 1e3,
                );
            }
            Err(faults) => {
                failures.push(format!("cannot generate the client of `{name}`:\n{faults}"))
            }
        }
    }
    sandbox.push_str("];\n");
    write(&out.join("sandbox_providers.rs"), &sandbox)?;
    types.push_str("}\n");
    write(&out.join("provider_types.rs"), &types)?;
    calls.push_str("}\n");
    write(&out.join("provider_calls.rs"), &calls)?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n\n")) }
}

/// Writes the client, and what the sandbox needs to play the vendor.
fn embed(
    read: impl Fn(&str) -> io::Result<String>,
    out: &Path,
    name: &str,
    client: &Generated,
    sandbox: &mut String,
) -> Result<(), String> {
    write(&out.join(format!("{name}.rs")), &client.source)?;
    write(&out.join(format!("{name}.md")), &client.page)?;
    let openapi = json(&client.document)?;
    let rules = load::text(&format!("specs/{name}/sandbox.yaml"), read)
        .and_then(|it| it.map(|it| document(&it.file, &it.text)).transpose())
        .map_err(|faults| faults.to_string())?;
    let rules = rules.map_or_else(|| Ok("{}".to_owned()), |it| json(&it.root))?;
    for (part, text) in [("openapi", &openapi), ("sandbox", &rules)] {
        write(&out.join(format!("{name}.{part}.json")), text)?;
    }
    let include =
        |part: &str| format!("include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.{part}.json\"))");
    writeln!(
        sandbox,
        "    EmbeddedProvider {{ client: &crate::{}::PROVIDER, openapi: {}, sandbox: {} }},",
        name.replace('-', "_"),
        include("openapi"),
        include("sandbox"),
    )
    .map_err(|error| error.to_string())
}

/// Adds a provider's types to the table that `tests/it/types.rs` includes: the name of the component that each was
/// made of, or nothing where the document has it in the middle of something else, and the name in Rust.
fn list(name: &str, surface: &Surface, types: &mut String) {
    let components = surface.schemas();
    let component = |ty: &str| components.iter().find(|(_, it)| **it == ty).map(|(name, _)| name);
    types.push_str(&format!("    {} {{\n", name.replace('-', "_")));
    for (ty, _) in surface.types() {
        types.push_str(&format!("        {:?} => {ty},\n", component(ty)));
    }
    types.push_str("    }\n");
}

/// Adds a provider's calls to the table that `tests/it/composing.rs` includes: each operation with the call that its page
/// shows, or nothing where it shows none.
fn list_calls(name: &str, client: &Generated, calls: &mut String) {
    calls.push_str(&format!("    {} {{\n", name.replace('-', "_")));
    for method in client.surface.operations.keys() {
        let call = client.calls.get(method).map(|it| it.replace('\n', "\n            "));
        calls.push_str(&format!("        {method}(client) {{ {} }}\n", call.unwrap_or_default()));
    }
    calls.push_str("    }\n");
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| format!("cannot write JSON: {error}"))
}

/// Writes only what differs, so that nothing downstream is built again without need.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|it| it == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn var(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set; this program is run by cargo"))
}
