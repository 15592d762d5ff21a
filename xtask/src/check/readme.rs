//! The parts of the README that follow from the providers, each between two comments.

use super::{Change, FIX, Problem, between, manifest, markers, read};
use crate::Place;
use conversations_codegen::Generated;

const FILE: &str = "README.md";

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

/// The README says of the providers what is generated.
pub(super) fn readme(
    place: &Place,
    names: &[String],
    made: &[(String, Generated)],
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let text = match read(place, FILE) {
        Ok(Some(text)) => text,
        other => {
            let what = other.err().unwrap_or_else(|| "it is missing".to_owned());
            problems.push(Problem::new(FILE, what, format!("git checkout HEAD -- {FILE}")));
            return Ok(());
        }
    };
    // In the order of the features, which is the one that readers of the manifest see.
    let features = manifest(place, "Cargo.toml")?;
    let features = features.get("features").and_then(toml_edit::Item::as_table);
    let at = |name: &String| {
        features.and_then(|it| it.iter().position(|(key, _)| key == name)).unwrap_or(usize::MAX)
    };
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_by_key(|it| at(it));
    let mut right = text.clone();
    let mut wrong = Vec::new();
    for part in &PARTS {
        let (open, close) = markers(part.name);
        let Some(range) = between(&right, &open, &close) else {
            let repair = format!(
                "write the lines {open} and {close} where the {} belong, and run {FIX}",
                part.name
            );
            let what = format!("the comments around the {} are missing", part.name);
            problems.push(Problem::new(FILE, what, repair));
            continue;
        };
        let present = &right[range.clone()];
        let mut lines = String::new();
        for name in &names {
            let line = match made.iter().find(|(it, _)| it == *name) {
                Some((name, made)) => Some((part.line)(name, made)),
                // What cannot be generated now keeps what is said of it.
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
            wrong.push(differs(part.name, present, &text));
            right.replace_range(range, &text);
        }
    }
    if !wrong.is_empty() {
        let problem = Problem::new(FILE, wrong.join("; "), FIX);
        problems.push(problem.with(Change::Write(right)));
    }
    Ok(())
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
