//! `cargo xtask check`: whether everything that is committed is current. What a pull request runs.
//!
//! Writing and checking are one function with a flag: each part knows what a file should hold, and either
//! writes it or says which command does.

use crate::{
    Outcome, Place,
    progress::Progress,
    root,
    transaction::{Transaction, recover},
    update::{self, Origin, reasons},
};
use anyhow::Context as _;
use conversations_codegen::{
    Generated, Target, generate,
    load::{self, Text},
};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    file: String,
    what: String,
    /// The command that repairs it, or what to do where none can.
    repair: String,
    /// The text that the file should hold, where it can be made.
    text: Option<String>,
}

/// Checks everything; with `fix` writes what can be written.
pub fn check(
    place: &Place,
    fix: bool,
    today: &str,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start("checking");
    let restored = recover(&place.root)?;
    let mut problems = Vec::new();
    for file in restored {
        problems.push(Problem {
            what: "an update that was killed left it half written; it has been put back".to_owned(),
            repair: "cargo xtask update-spec".to_owned(),
            file,
            text: None,
        });
    }
    let mut notes: Vec<String> = Vec::new();
    let names = root::providers(&place.root)?;
    let mut rows: Vec<(String, String)> = Vec::new();
    for name in &names {
        progress.step(format!("generating {name}"));
        let sources = root::sources(&place.root, name)?;
        notes.extend(sources.sdk.as_ref().map(unconfirmed).into_iter().flatten());
        match generate(&sources, &Target { module: format!("crate::{name}") }) {
            Err(faults) => problems.extend(faults.0.into_iter().map(|it| Problem {
                file: match it.line {
                    Some(line) => format!("{}:{line}", it.file),
                    None => it.file,
                },
                what: it.message,
                repair: format!("cargo xtask reconcile {name}\n{}", it.help),
                text: None,
            })),
            Ok(made) => {
                provider(place, name, &sources.openapi, &made, today, &mut problems)?;
                rows.push((name.clone(), row(name, &made)));
            }
        }
        wiring(place, name, &mut problems)?;
    }
    progress.step("reading the repository");
    readme(place, &rows, &mut problems)?;
    minimum_version(place, &mut problems)?;
    neutrality(place, &names, &mut problems)?;
    drop(progress);
    let mut fixed = 0;
    if fix {
        let mut transaction = Transaction::default();
        problems.retain(|it| match &it.text {
            Some(text) => {
                transaction.write(&it.file, text);
                fixed += 1;
                false
            }
            None => true,
        });
        let files: Vec<String> = transaction.files().map(str::to_owned).collect();
        transaction.stage(&place.root)?.commit()?;
        for file in files {
            writeln!(out, "wrote {file}")?;
        }
    }
    for Problem { file, what, repair, text: _ } in &problems {
        writeln!(out, "{file}: {what}")?;
        for (i, line) in repair.lines().enumerate() {
            writeln!(out, "  {}{line}", if i == 0 { "repair: " } else { "  " })?;
        }
    }
    for note in &notes {
        writeln!(out, "note: {note}")?;
    }
    match problems.len() {
        0 => {
            writeln!(out, "{} providers checked, everything is current", names.len())?;
            Ok(Outcome::Fine)
        }
        n => {
            writeln!(out, "{n} stale")?;
            Ok(Outcome::Stale)
        }
    }
}

/// The decisions that a machine proposed and nobody has looked into yet. They hold, and a reviewer should know.
fn unconfirmed(text: &Text) -> Vec<String> {
    let Ok(document) = load::document(&text.file, &text.text) else { return Vec::new() };
    let decisions = document.root.get("decisions").and_then(Value::as_array);
    let decisions = decisions.into_iter().flatten().enumerate();
    decisions
        .filter(|(_, it)| reasons::is_ours(it))
        .map(|(i, it)| {
            let line = document.origin(&format!("/decisions/{i}")).line;
            let about = it["about"].as_str().unwrap_or_default();
            format!(
                "{}:{line}: update-spec proposed this decision on {about}; look into it, and say in `reason` and `source` what you found",
                text.file
            )
        })
        .collect()
}

/// Where a document came from that update-spec did not take: people wrote it down there.
const UNKNOWN: &str = "the sources that provider.yaml names";

const FIX: &str = "cargo xtask check --fix";

/// The files beside a provider's YAML that follow from it.
fn provider(
    place: &Place,
    name: &str,
    openapi: &Text,
    made: &Generated,
    today: &str,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    for (accepted, page) in update::pages(name, made) {
        let before = root::text(&place.root, &accepted)?.map(|it| it.text);
        let after = update::snapshot(before.as_deref(), &page);
        if before.as_ref() != Some(&after) {
            problems.push(Problem {
                what: "the snapshot is not what is generated".to_owned(),
                repair: format!("{FIX}, and review the difference"),
                file: accepted.clone(),
                text: Some(after),
            });
        }
        let pending = format!("{accepted}.new");
        if place.root.join(&pending).exists() {
            problems.push(Problem {
                file: pending,
                what: "a snapshot waits to be accepted or refused".to_owned(),
                repair: "cargo insta review, or delete the file".to_owned(),
                text: None,
            });
        }
    }
    let file = format!("specs/{name}/source.yaml");
    let document = load::document(&openapi.file, &openapi.text)?;
    let is = (update::hash(&openapi.text), update::revision(&document.root));
    let known: Option<Origin> = match root::text(&place.root, &file)? {
        None => None,
        Some(text) => Some(load::typed(&text)?.0),
    };
    let said = known.as_ref().map(|it| (it.sha256.clone(), it.revision.clone()));
    if said.as_ref() != Some(&is) {
        let what = match &said {
            None => "it is missing, so nobody knows where openapi.yaml came from",
            Some((hash, _)) if *hash != is.0 => {
                "openapi.yaml was changed since it was taken; corrections belong into overlay.yaml"
            }
            Some(_) => "the revision is not the one that openapi.yaml says",
        };
        let origin = known.map_or_else(|| UNKNOWN.to_owned(), |it| it.origin);
        let (sha256, revision) = is.clone();
        let origin = Origin { origin, revision, sha256, date: today.to_owned(), etag: None };
        problems.push(Problem {
            file,
            what: what.to_owned(),
            repair: format!(
                "cargo xtask update-spec {name}, or {FIX} where openapi.yaml is right as it is"
            ),
            text: Some(update::source_yaml(&origin)?),
        });
    }
    let file = format!("specs/{name}/CHANGELOG.md");
    let text = root::text(&place.root, &file)?.map(|it| it.text);
    if !text.as_deref().is_some_and(|it| it.contains(&is.1)) {
        let origin = Origin {
            origin: UNKNOWN.to_owned(),
            revision: is.1.clone(),
            sha256: is.0,
            date: today.to_owned(),
            etag: None,
        };
        problems.push(Problem {
            what: match &text {
                None => "it is missing".to_owned(),
                Some(_) => format!("it has no entry for revision {}", is.1),
            },
            repair: FIX.to_owned(),
            text: Some(match text {
                None => update::first_entry(name, &origin),
                Some(text) => update::next_entry(&text, &origin),
            }),
            file,
        });
    }
    Ok(())
}

/// The door file, the feature and the module's line.
fn wiring(place: &Place, name: &str, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let mut missing = |file: &str, what: String| {
        problems.push(Problem {
            file: file.to_owned(),
            repair: format!("add it as `cargo xtask new-provider` does for a new one ({name})"),
            what,
            text: None,
        });
    };
    if !place.root.join(format!("src/{name}.rs")).is_file() {
        missing(&format!("src/{name}.rs"), "the provider has no door file".to_owned());
    }
    let library = read(place, "src/lib.rs")?;
    if !library.contains(&format!("pub mod {name};")) {
        missing("src/lib.rs", format!("there is no `pub mod {name};`"));
    }
    let manifest: toml_edit::DocumentMut =
        read(place, "Cargo.toml")?.parse().context("cannot read Cargo.toml")?;
    if manifest.get("features").and_then(|it| it.get(name)).is_none() {
        missing("Cargo.toml", format!("there is no feature `{name}`"));
    }
    Ok(())
}

/// A provider's row in the README.
fn row(name: &str, made: &Generated) -> String {
    let methods: Vec<String> =
        made.provider.auth.iter().map(|it| format!("`{}`", it.method)).collect();
    format!(
        "| `{name}` | {} | {} | {} |",
        made.provider.title,
        made.surface.operations.len(),
        methods.join(", ")
    )
}

/// The rows of the README's table, each where it stands.
fn readme(
    place: &Place,
    rows: &[(String, String)],
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let Some(text) = root::text(&place.root, "README.md")? else { return Ok(()) };
    let mut lines: Vec<String> = text.text.lines().map(str::to_owned).collect();
    let mut wrong = Vec::new();
    for (name, row) in rows {
        let at = lines.iter().position(|it| it.starts_with(&format!("| `{name}` |")));
        match at {
            Some(at) if lines[at] == *row => {}
            Some(at) => {
                lines[at].clone_from(row);
                wrong.push(format!("the row of `{name}` should be {row}"));
            }
            None => {
                let last = lines.iter().rposition(|it| {
                    rows.iter().any(|(name, _)| it.starts_with(&format!("| `{name}` |")))
                });
                match last {
                    Some(last) => lines.insert(last + 1, row.clone()),
                    None => continue,
                }
                wrong.push(format!("`{name}` has no row in the table"));
            }
        }
    }
    if !wrong.is_empty() {
        let mut text: String = lines.join("\n");
        text.push('\n');
        problems.push(Problem {
            file: "README.md".to_owned(),
            what: wrong.join("; "),
            repair: FIX.to_owned(),
            text: Some(text),
        });
    }
    Ok(())
}

/// The minimum Rust version is written in one manifest, and whoever else speaks of it says the same.
fn minimum_version(place: &Place, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let manifest: toml_edit::DocumentMut =
        read(place, "Cargo.toml")?.parse().context("cannot read Cargo.toml")?;
    let version = manifest
        .get("workspace")
        .and_then(|it| it.get("package"))
        .and_then(|it| it.get("rust-version"))
        .and_then(toml_edit::Item::as_str)
        .context("Cargo.toml has no `workspace.package.rust-version`")?;
    for file in ["codegen/Cargo.toml", "xtask/Cargo.toml"] {
        if read(place, file)?.lines().any(|it| it.trim_start().starts_with("rust-version =")) {
            problems.push(Problem {
                file: file.to_owned(),
                what: "it states the minimum Rust version once more".to_owned(),
                repair: "write `rust-version.workspace = true`".to_owned(),
                text: None,
            });
        }
    }
    for file in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "src/lib.rs"] {
        let Some(text) = root::text(&place.root, file)? else { continue };
        for (i, line) in text.text.lines().enumerate() {
            let said = line.split("Rust 1.").skip(1).map(|it| {
                let digits: String = it.chars().take_while(char::is_ascii_digit).collect();
                format!("1.{digits}")
            });
            for said in said.filter(|it| it != version) {
                problems.push(Problem {
                    file: format!("{file}:{}", i + 1),
                    what: format!("it says Rust {said}, Cargo.toml says {version}"),
                    repair: format!("write Rust {version}"),
                    text: None,
                });
            }
        }
    }
    Ok(())
}

/// No provider is named where all of them are meant.
fn neutrality(place: &Place, names: &[String], problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["codegen/src", "src/runtime", "src/sandbox"] {
        rust_files(&place.root.join(folder), &mut files)?;
    }
    for entry in
        fs::read_dir(place.root.join("src")).context("cannot read src/")?.filter_map(Result::ok)
    {
        let path = entry.path();
        let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        // The doors are the providers' own, and the crate's page and its modules list them.
        if path.extension().is_some_and(|it| it == "rs") && stem != "lib" && !names.contains(&stem)
        {
            files.push(path);
        }
    }
    files.sort();
    for path in files {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = path.strip_prefix(&place.root).unwrap_or(&path).display().to_string();
        if file.ends_with("tests.rs") {
            continue;
        }
        // Tests may name whom they like.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (i, line) in code.lines().enumerate() {
            let lower = line.to_lowercase();
            if let Some(name) = names.iter().find(|it| says(&lower, it)) {
                problems.push(Problem {
                    file: format!("{file}:{}", i + 1),
                    what: format!("it names `{name}`, but what a vendor does differently is data in specs/{name}/"),
                    repair: "declare it in the provider's YAML, and say here what the declaration means".to_owned(),
                    text: None,
                });
            }
        }
    }
    Ok(())
}

/// Whether a word of the line is the name.
fn says(line: &str, name: &str) -> bool {
    line.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').any(|it| it == name)
        || line.split(|it: char| !it.is_ascii_alphanumeric()).any(|it| it == name)
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for path in entries.filter_map(Result::ok).map(|it| it.path()) {
        if path.is_dir() {
            if path.file_name().is_some_and(|it| it != "tests") {
                rust_files(&path, out)?;
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            out.push(path);
        }
    }
    Ok(())
}

fn read(place: &Place, file: &str) -> anyhow::Result<String> {
    fs::read_to_string(place.root.join(file)).with_context(|| format!("cannot read {file}"))
}
