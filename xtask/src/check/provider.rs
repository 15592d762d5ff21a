//! A provider's folder, and what stands for it elsewhere.

use super::{Problem, entries};
use crate::Workspace;
use crate::readme::manifest;
use anyhow::Context as _;
use conversations_document::suggest;
use std::fs;

/// What tools read, or a pull request's readers.
const FILES: &[&str] = &[
    "CHANGELOG.md",
    "openapi.yaml",
    "overlay.yaml",
    "provider.yaml",
    "sandbox.yaml",
    "sdk.yaml",
    "source.yaml",
];

/// The door file, the feature and the module's line.
pub(super) fn wiring(
    workspace: &Workspace,
    name: &str,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let mut missing = |file: &str, what: String| {
        let repair = format!("add it as `cargo xtask new-provider` does for a new one ({name})");
        problems.push(Problem::new(file, what, repair));
    };
    if !workspace.root.join(format!("src/{name}.rs")).is_file() {
        missing(&format!("src/{name}.rs"), "the provider has no door file".to_owned());
    }
    let library =
        fs::read_to_string(workspace.root.join("src/lib.rs")).context("cannot read src/lib.rs")?;
    if !library.contains(&format!("pub mod {name};")) {
        missing("src/lib.rs", format!("there is no `pub mod {name};`"));
    }
    if manifest(workspace, "Cargo.toml")?.get("features").and_then(|it| it.get(name)).is_none() {
        missing("Cargo.toml", format!("there is no feature `{name}`"));
    }
    Ok(())
}

/// What lies in a provider's folder and nobody reads.
pub(super) fn files(workspace: &Workspace, name: &str, problems: &mut Vec<Problem>) {
    for entry in entries(workspace, &format!("specs/{name}")) {
        if !FILES.contains(&entry.as_str()) {
            let file = format!("specs/{name}/{entry}");
            let meant = suggest::nearest(&entry, FILES.iter().copied(), 1);
            let meant =
                meant.first().map(|it| format!("rename it where it is meant as {it}, else "));
            let repair = format!(
                "{}remove it: git rm -r {file}, or rm -r where it is not committed",
                meant.unwrap_or_default()
            );
            let what = format!("nothing reads it; a provider's folder holds {}", FILES.join(", "));
            problems.push(Problem::new(file, what, repair));
        }
    }
}

/// Folders that look like a provider's and are none.
pub(super) fn folders(workspace: &Workspace, names: &[String], problems: &mut Vec<Problem>) {
    for name in entries(workspace, "specs") {
        let file = format!("specs/{name}");
        if !names.contains(&name) && workspace.root.join(&file).is_dir() {
            let repair = format!(
                "remove the folder and make it anew: cargo xtask new-provider {name} --from FILE"
            );
            let what = "it has no provider.yaml, so no tool knows of it";
            problems.push(Problem::new(file, what, repair));
        }
    }
}
