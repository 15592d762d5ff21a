//! What the comparison says of a client's version, proven by compiling: small programs against the clients of two
//! documents that differ in one thing.

use crate::{generate::TODAY, workspace::Workspace};
use conversations_codegen::{generate, load::Sources};
use conversations_document::load::Text;
use serde::Deserialize;
use std::{collections::BTreeSet, env, fs, path::Path, process::Command};
use xtask::{compare, report::Format};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Programs {
    document: String,
    changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: String,
    from: String,
    to: String,
    program: String,
    /// `major` or `compatible`.
    semver: String,
    /// Whether the program compiles with the client of the changed document.
    #[serde(default = "yes")]
    compiles: bool,
}

fn yes() -> bool {
    true
}

const PROVIDER: &str = "\
provider: pets
title: Pets
summary: A document that is changed in one thing after the other
documentation: https://pets.example/docs
source: { url: https://pets.example/openapi.yaml }
servers: [{ url: https://pets.example/v1 }]
";

impl Programs {
    fn read() -> Self {
        serde_yaml::from_str(include_str!("../programs.yaml")).unwrap()
    }
}

impl Change {
    fn applied(&self, document: &str) -> String {
        assert!(document.contains(&self.from), "{}: there is no `{}`", self.name, self.from);
        document.replace(&self.from, &self.to)
    }
}

#[test]
fn the_version_follows_from_what_programs_need() {
    let Programs { document, changes } = Programs::read();
    let workspace = Workspace::new();
    let base = workspace.beside("base.yaml", &document);
    let mut wrong = Vec::new();
    for change in &changes {
        let revision = workspace.beside("revision.yaml", &change.applied(&document));
        let said = workspace.run(|place, out, err| {
            let options = compare::Options { format: Some(Format::Json), ..Default::default() };
            compare::diff(place, [&base, &revision], &options, TODAY, out, err)
        });
        let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let semver = if report["semver"] == "major" { "major" } else { "compatible" };
        if semver != change.semver {
            wrong.push(format!("{}: {semver}: {}", change.name, report["rust"]));
        }
        // What does not compile is a break, whatever else is.
        assert!(change.compiles || change.semver == "major", "{}", change.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "compiles 80 programs: cargo test -p xtask --test it programs_compile -- --ignored"]
fn programs_compile_as_the_version_says() {
    let Programs { document, changes } = Programs::read();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let source = package.join("src");
    let _ = fs::remove_dir_all(&source);
    fs::create_dir_all(source.join("bin")).unwrap();
    let client = |module: &str, document: String| {
        let text = |file: &str, text: String| Text { file: file.to_owned(), text };
        let sources = Sources {
            provider: text("provider.yaml", PROVIDER.to_owned()),
            openapi: text("openapi.yaml", document),
            overlay: None,
            sdk: None,
        };
        let client = generate(&sources).unwrap_or_else(|why| panic!("{module}: {why}"));
        fs::write(source.join(format!("{module}.rs")), client.source).unwrap();
    };
    client("base", document.clone());
    let mut modules = vec!["base".to_owned()];
    for (at, change) in changes.iter().enumerate() {
        let revision = format!("revision{at}");
        client(&revision, change.applied(&document));
        for (name, module) in [("base", "base"), ("revision", revision.as_str())] {
            let program = &change.program;
            let text = format!(
                "#![allow(warnings)]\nuse programs::{module}::{{types, Client}};\n\n\
                 async fn program(client: Client) -> bool {{\n    {program}\n}}\n\nfn main() {{\n    let _ = program;\n}}\n"
            );
            fs::write(source.join(format!("bin/{name}{at}.rs")), text).unwrap();
        }
        modules.push(revision);
    }
    let library: String =
        modules.iter().map(|it| format!("#[allow(warnings)]\npub mod {it};\n")).collect();
    fs::write(source.join("lib.rs"), library).unwrap();
    let runtime = root.join("crates/runtime");
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"programs\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         conversations-runtime = {{ path = {:?}, features = [\"http2\", \"rustls\"] }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = \"1\"\n",
        runtime.display()
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--offline", "--bins", "--keep-going", "--message-format=json"])
        .current_dir(&package)
        .output()
        .unwrap();
    let mut failed = BTreeSet::new();
    let mut said = String::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        if message["reason"] == "compiler-message" && message["message"]["level"] == "error" {
            let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
            let rendered = message["message"]["rendered"].as_str().unwrap_or_default();
            if target.starts_with("base") || target == "programs" {
                said.push_str(rendered);
            }
            failed.insert(target);
        }
    }
    assert!(!failed.contains("programs"), "the clients do not compile:\n{said}");
    let built = output.status.success() || !failed.is_empty();
    assert!(built, "{}", String::from_utf8_lossy(&output.stderr));
    let mut wrong = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        if failed.contains(&format!("base{at}")) {
            wrong.push(format!("{}: does not compile with the base", change.name));
        }
        let compiles = !failed.contains(&format!("revision{at}"));
        if compiles != change.compiles {
            let says = if compiles { "compiles" } else { "does not compile" };
            wrong.push(format!("{}: {says} with the revision", change.name));
        }
    }
    assert!(wrong.is_empty(), "{}\n{said}", wrong.join("\n"));
}
