//! Edits of YAML files that people wrote: by line, so that comments and layout stay.

use conversations_codegen::{document::Document, fault::Fault};
use serde_json::Value;

/// Something in a file of ours that the next document leaves behind, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, from the root of the workspace.
    pub file: String,
    /// The line, where it is known.
    pub line: Option<u32>,
    /// What is stale, and why.
    pub what: String,
    /// The edit to make, in words or as YAML.
    pub advice: String,
    /// The same for a machine, where one can make it.
    pub change: Option<Change>,
}

/// Lines to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The first line, counted from 1.
    pub from: usize,
    /// The line after the last; the same as `from` to insert before it.
    pub to: usize,
    /// What comes instead, with its line ends.
    pub text: String,
}

impl Edit {
    /// An edit that a fault asks for.
    pub fn of(fault: &Fault, change: Option<Change>) -> Self {
        Self {
            file: fault.file.clone(),
            line: fault.line,
            what: fault.message.clone(),
            advice: fault.help.clone(),
            change,
        }
    }
}

/// The text with all changes made. Overlapping ones are made once.
pub(super) fn apply(text: &str, changes: &[&Change]) -> String {
    let mut lines: Vec<String> = text.lines().map(|it| format!("{it}\n")).collect();
    let mut changes: Vec<&Change> = changes.to_vec();
    // From the end, so that earlier line numbers stay true.
    changes.sort_by_key(|it| (it.from, it.to));
    changes.dedup();
    let mut limit = usize::MAX;
    for change in changes.iter().rev() {
        let Change { from, to, text } = change;
        let (from, to) =
            (from.saturating_sub(1).min(lines.len()), to.saturating_sub(1).min(lines.len()));
        if to > limit {
            continue;
        }
        let new: Vec<String> = text.lines().map(|it| format!("{it}\n")).collect();
        lines.splice(from..to.max(from), new);
        limit = from;
    }
    lines.concat()
}

/// The lines of entry `i` of the list at `pointer`: the first, and the one after the last. Comments above
/// the next entry belong to that one.
pub(super) fn entry(
    document: &Document,
    text: &str,
    pointer: &str,
    i: usize,
) -> Option<(usize, usize)> {
    let line = |i: usize| {
        let line = document.origins.get(&format!("{pointer}/{i}"))?.line as usize;
        (line > 0).then_some(line)
    };
    let from = line(i)?;
    let lines: Vec<&str> = text.lines().collect();
    let indent = |it: &str| it.len() - it.trim_start().len();
    let own = indent(lines.get(from - 1)?);
    let mut to = line(i + 1).unwrap_or_else(|| {
        // The last one ends where something stands less far in.
        (from + 1..=lines.len())
            .find(|at| {
                let it = lines[at - 1];
                !it.trim().is_empty() && !it.trim_start().starts_with('#') && indent(it) < own
            })
            .unwrap_or(lines.len() + 1)
    });
    while to > from + 1 {
        let above = lines.get(to - 2)?.trim();
        // A comment deeper than the entry is text of its own.
        if above.is_empty() || (above.starts_with('#') && indent(lines[to - 2]) <= own) {
            to -= 1;
        } else {
            break;
        }
    }
    Some((from, to))
}

/// How far in the entries of a list stand.
pub(super) fn indent(document: &Document, text: &str, pointer: &str) -> usize {
    let line = document.origins.get(&format!("{pointer}/0")).map_or(0, |it| it.line as usize);
    let line = line.checked_sub(1).and_then(|it| text.lines().nth(it));
    line.map_or(2, |it| it.len() - it.trim_start().len())
}

/// A value as an entry of a list, `indent` spaces in.
pub(super) fn list_entry(value: &Value, indent: usize) -> anyhow::Result<String> {
    let yaml = serde_yaml::to_string(&Value::Array(vec![value.clone()]))?;
    let pad = " ".repeat(indent);
    Ok(yaml
        .lines()
        .map(|it| if it.is_empty() { "\n".to_owned() } else { format!("{pad}{it}\n") })
        .collect())
}

/// The text with `entry` behind the last one of the list `key`, which is made where it is missing.
pub(super) fn append(document: &Document, text: &str, key: &str, entry_text: &str) -> String {
    let pointer = format!("/{key}");
    let count = document.root.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
    let at = count.checked_sub(1).and_then(|last| entry(document, text, &pointer, last));
    match at {
        Some((_, to)) => {
            let change = Change { from: to, to, text: entry_text.to_owned() };
            apply(text, &[&change])
        }
        None => {
            // `actions: []`, or no such key.
            let mut out: String = text
                .lines()
                .filter(|it| !it.starts_with(&format!("{key}:")))
                .map(|it| format!("{it}\n"))
                .collect();
            out.push_str(&format!("{key}:\n{entry_text}"));
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
overlay: 1.1.0
actions:
  # About a.
  - target: $.a
    remove: true

  # About b.
  - target: $.b
    # Inside b.
    remove: true
  - target: $.c
    remove: true
# The end.
";

    #[test]
    fn an_entry_goes_with_its_own_lines_only() {
        let document = conversations_codegen::load::document("overlay.yaml", TEXT).unwrap();
        let (from, to) = entry(&document, TEXT, "/actions", 1).unwrap();
        assert_eq!((from, to), (8, 11));
        let change = Change { from, to, text: String::new() };
        let text = apply(TEXT, &[&change]);
        assert!(text.contains("$.a") && text.contains("$.c") && !text.contains("$.b"), "{text}");
        let text = append(&document, TEXT, "actions", "  - target: $.d\n    remove: true\n");
        assert!(text.ends_with("  - target: $.d\n    remove: true\n# The end.\n"), "{text}");
        let document = conversations_codegen::load::document("overlay.yaml", &text).unwrap();
        assert_eq!(document.root["actions"].as_array().unwrap().len(), 4);
    }
}
