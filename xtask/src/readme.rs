//! The parts of the README that follow from the providers, each between two comments.

use crate::{Workspace, root};
use anyhow::Context as _;
use conversations_codegen::Generated;
use std::{fs, ops::Range};

/// The page.
pub(crate) const FILE: &str = "README.md";
/// What writes generated parts of pages.
pub(crate) const FIX: &str = "cargo xtask check --fix";

/// A generated part.
struct Part {
    name: &'static str,
    /// What stands above the lines of the providers.
    head: &'static str,
    /// How a provider's line begins.
    begins: fn(&str) -> String,
    /// A provider's line.
    line: fn(&str, &Generated) -> String,
}

const PARTS: [Part; 2] = [
    Part {
        name: "providers",
        head: "| module | system | operations | authentication |\n|---|---|---|---|\n",
        begins: |name| format!("| `{name}` |"),
        line: row,
    },
    Part { name: "operations", head: "", begins: |name| format!("- `{name}`:"), line: operations },
];

/// A provider's row in the table.
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

/// A provider's line in the list of operations.
fn operations(name: &str, made: &Generated) -> String {
    let names: Vec<String> = made.surface.operations.keys().map(|it| format!("`{it}`")).collect();
    format!("- `{name}`: {}", names.join(", "))
}

/// What the page should be.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The text with all parts as they should be.
    pub(crate) text: String,
    /// What was not, in words.
    pub(crate) wrong: Vec<String>,
    /// The parts whose comments are missing.
    pub(crate) missing: Vec<&'static str>,
}

/// The page with what is generated of the providers; one that is not in `made` keeps what is said of it.
pub(crate) fn written(
    workspace: &Workspace,
    text: &str,
    names: &[String],
    made: &[(String, Generated)],
) -> anyhow::Result<Written> {
    // In the order of the features, which is the one that readers of the manifest see.
    let features = manifest(workspace, "Cargo.toml")?;
    let features = features.get("features").and_then(toml_edit::Item::as_table);
    let at = |name: &String| {
        features.and_then(|it| it.iter().position(|(key, _)| key == name)).unwrap_or(usize::MAX)
    };
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_by_key(|it| at(it));
    let mut out = Written { text: text.to_owned(), ..Written::default() };
    for part in &PARTS {
        let (open, close) = markers(part.name);
        let Some(range) = between(&out.text, &open, &close) else {
            out.missing.push(part.name);
            continue;
        };
        let present = &out.text[range.clone()];
        let mut lines = String::new();
        for name in &names {
            let line = match made.iter().find(|(it, _)| it == *name) {
                Some((name, made)) => Some((part.line)(name, made)),
                None => {
                    let begins = (part.begins)(name);
                    present.lines().find(|it| it.starts_with(&begins)).map(str::to_owned)
                }
            };
            if let Some(line) = line {
                lines.push_str(&line);
                lines.push('\n');
            }
        }
        let text = format!("\n{}{lines}\n", part.head);
        if present != text {
            out.wrong.push(differs(part.name, present, &text));
            out.text.replace_range(range, &text);
        }
    }
    Ok(out)
}

/// The page with the lines of these providers, whose folders may not be written yet; nothing where it is right, or is
/// not there.
pub(crate) fn with(
    workspace: &Workspace,
    made: Vec<(String, Generated)>,
) -> anyhow::Result<Option<String>> {
    let Some(text) = root::text(&workspace.root, FILE)? else { return Ok(None) };
    let mut names = root::providers(&workspace.root)?;
    names.extend(made.iter().map(|(name, _)| name.clone()));
    names.sort();
    names.dedup();
    let written = written(workspace, &text.text, &names, &made)?;
    Ok(Some(written.text).filter(|it| *it != text.text))
}

/// In words, the first line that is not as it should be.
fn differs(name: &str, present: &str, right: &str) -> String {
    let lacks = right.lines().find(|it| !present.lines().any(|line| line == *it));
    let stray = present.lines().find(|it| !right.lines().any(|line| line == *it));
    match (lacks, stray) {
        (Some(line), _) => format!("the {name} lack the line {line}"),
        (None, Some(line)) => format!("the {name} have a line of none: {line}"),
        (None, None) => format!("the {name} stand in another order or form"),
    }
}

/// A manifest of the workspace. Cargo has read it before us, so a broken one is no problem of the repository.
pub(crate) fn manifest(
    workspace: &Workspace,
    file: &str,
) -> anyhow::Result<toml_edit::DocumentMut> {
    fs::read_to_string(workspace.root.join(file))
        .with_context(|| format!("cannot read {file}"))?
        .parse()
        .with_context(|| format!("cannot read {file}"))
}

/// The comments around a generated part of a page.
pub(crate) fn markers(name: &str) -> (String, String) {
    (format!("<!-- {name}: written by `{FIX}` -->"), format!("<!-- end of {name} -->"))
}

/// The text between the lines of two comments.
pub(crate) fn between(text: &str, open: &str, close: &str) -> Option<Range<usize>> {
    let from = text.find(&format!("{open}\n"))? + open.len() + 1;
    let to = from + text[from..].find(close)?;
    Some(from..to)
}
