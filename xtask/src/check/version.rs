//! The minimum Rust version is written in one manifest, and whoever else speaks of it says the same.

use super::{Problem, read};
use crate::Workspace;
use crate::readme::manifest;
use toml_edit::Item;

/// Where people read it.
const PAGES: &[&str] = &[
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "examples/README.md",
    "crates/sandbox/README.md",
    "src/lib.rs",
];

/// The words behind which a version is Rust's.
const WORDS: &[&str] = &["rust", "rust's", "rustc", "rust-version", "msrv"];

/// How many words may stand between the two.
const REACH: usize = 4;

pub(super) fn version(workspace: &Workspace, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let root = manifest(workspace, "Cargo.toml")?;
    let table = root.get("workspace");
    let version = table
        .and_then(|it| it.get("package"))
        .and_then(|it| it.get("rust-version"))
        .and_then(Item::as_str);
    let Some(version) = version else {
        let repair = "write `rust-version` under [workspace.package]";
        let what = "nothing states the minimum Rust version";
        problems.push(Problem::new("Cargo.toml", what, repair));
        return Ok(());
    };
    let members = table.and_then(|it| it.get("members")).and_then(Item::as_array);
    let members = members.into_iter().flatten().filter_map(toml_edit::Value::as_str);
    let manifests = members.map(|it| format!("{it}/Cargo.toml"));
    for file in [String::from("Cargo.toml")].into_iter().chain(manifests) {
        let member = manifest(workspace, &file)?;
        let said = member.get("package").and_then(|it| it.get("rust-version"));
        let inherits = said.and_then(|it| it.get("workspace")).and_then(Item::as_bool);
        if inherits != Some(true) {
            let what = match said.is_some() {
                true => "it states the minimum Rust version once more",
                false => "it does not take the workspace's minimum Rust version",
            };
            let repair = "write `rust-version.workspace = true` under [package]";
            problems.push(Problem::new(file, what, repair));
        }
    }
    for file in PAGES {
        // Who cannot be read says nothing; that the README must be readable is said where it is compared.
        let Ok(Some(text)) = read(workspace, file) else { continue };
        for (line, said) in said(&text).into_iter().filter(|(_, it)| it != version) {
            let what = format!("it says Rust {said}, Cargo.toml says {version}");
            let repair = format!("write {version} at {file}:{line}");
            problems.push(Problem::new(format!("{file}:{line}"), what, repair));
        }
    }
    Ok(())
}

/// The Rust versions that a text speaks of, each with its line. A sentence may go on in the next line.
fn said(text: &str) -> Vec<(usize, String)> {
    let apart = |it: char| it.is_whitespace() || matches!(it, '=' | '"' | '`' | '*' | '(' | '|');
    let words: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .flat_map(|(i, line)| line.split(apart).map(move |word| (i + 1, word)))
        .filter(|(_, word)| !word.is_empty())
        .collect();
    let mut out = Vec::new();
    for (i, (_, word)) in words.iter().enumerate() {
        let bare = word.trim_end_matches([',', ':', ')']).to_lowercase();
        if !WORDS.contains(&bare.as_str()) {
            continue;
        }
        for (line, word) in words[i + 1..].iter().take(REACH) {
            if let Some(version) = number(word) {
                out.push((*line, version));
                break;
            }
            // What another sentence counts is not Rust's.
            if word.ends_with(['.', ';', '!', '?']) {
                break;
            }
        }
    }
    out
}

/// The version that a word is, be it `1.88`, `>=1.88.0,` or `1.88+`.
fn number(word: &str) -> Option<String> {
    let word = word.trim_start_matches(|it: char| !it.is_ascii_alphanumeric());
    let end = word.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(word.len());
    let word = word[..end].trim_end_matches('.');
    let (major, rest) = word.split_once('.')?;
    (major == "1" && rest.starts_with(|it: char| it.is_ascii_digit())).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_any_words() {
        for (text, is) in [
            ("Minimum Rust version: 1.70; it rises", vec![(1, "1.70")]),
            ("needs Rust 1.88 or newer", vec![(1, "1.88")]),
            ("the supported Rust\nversion is **1.88.0**.", vec![(2, "1.88.0")]),
            ("`rust-version=\"1.70\"`, MSRV (>=1.71)", vec![(1, "1.70"), (1, "1.71")]),
            ("written in Rust. Overlay 1.1.0 is read", vec![]),
            ("Smooch v1.1, trust 1.2", vec![]),
        ] {
            let said = said(text);
            let said: Vec<_> = said.iter().map(|(line, it)| (*line, it.as_str())).collect();
            assert_eq!(said, is, "{text}");
        }
    }
}
