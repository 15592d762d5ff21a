//! Edits of YAML files that people wrote: by line, so that comments and layout stay.

use conversations_document::{Document, Fault};
use serde_json::Value;

/// How long the lines are that a machine writes.
const WIDTH: usize = 124;

/// Something in one of our files that the next document leaves behind, and what to do about it.
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
    /// The action of a person that the change takes out of its list, with what the next document says of it.
    pub set_aside: Option<(Value, String)>,
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
            what: fault.code.to_string(),
            advice: fault.help.clone(),
            change,
            set_aside: None,
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
        let gone = new.is_empty();
        lines.splice(from..to.max(from), new);
        // What stood between two empty lines leaves one of them.
        let blank = |at: usize| lines.get(at).is_some_and(|it| it.trim().is_empty());
        if gone && blank(from) && (from == 0 || blank(from - 1)) {
            lines.remove(from);
        }
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
        let line = document.origins.get(&*format!("{pointer}/{i}"))?.line as usize;
        (line > 0).then_some(line)
    };
    let from = line(i)?;
    let lines: Vec<&str> = text.lines().collect();
    let indent = |it: &str| it.len() - it.trim_start().len();
    let own = indent(lines.get(from - 1)?);
    let mut to = line(i + 1).unwrap_or_else(|| {
        // The last one ends where something stands less far in, or as far in and is not an entry.
        (from + 1..=lines.len())
            .find(|at| {
                let it = lines[at - 1];
                let text = it.trim_start();
                let outside = indent(it) < own || (indent(it) == own && !text.starts_with('-'));
                !text.is_empty() && !text.starts_with('#') && outside
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

/// The text with `[]` behind the keys of our lists that have lost their last entry.
pub(super) fn with_empty_lists(text: &str) -> String {
    let Ok(root) = serde_yaml::from_str::<Value>(text) else { return text.to_owned() };
    let is_empty = |it: &str| {
        let key = it.strip_suffix(':').filter(|it| matches!(*it, "actions" | "decisions"));
        key.is_some_and(|it| root.get(it).is_some_and(Value::is_null))
    };
    text.lines()
        .map(|it| match is_empty(it.trim_end()) {
            true => format!("{} []\n", it.trim_end()),
            false => format!("{it}\n"),
        })
        .collect()
}

/// How far in the entries of a list stand.
pub(super) fn indent(document: &Document, text: &str, pointer: &str) -> usize {
    let line = document.origins.get(&*format!("{pointer}/0")).map_or(0, |it| it.line as usize);
    let line = line.checked_sub(1).and_then(|it| text.lines().nth(it));
    line.map_or(2, |it| it.len() - it.trim_start().len())
}

/// A value as an entry of a list, `indent` spaces in.
pub(super) fn list_entry(value: &Value, indent: usize) -> anyhow::Result<String> {
    let yaml = serde_yaml::to_string(&Value::Array(vec![value.clone()]))?;
    let pad = " ".repeat(indent);
    Ok(yaml
        .lines()
        .flat_map(|it| folded(it, WIDTH.saturating_sub(indent)))
        .map(|it| if it.is_empty() { "\n".to_owned() } else { format!("{pad}{it}\n") })
        .collect())
}

/// A line of YAML that is too long to read, as a folded text of several.
fn folded(line: &str, width: usize) -> Vec<String> {
    let whole = || vec![line.to_owned()];
    if line.chars().count() <= width {
        return whole();
    }
    let trimmed = line.trim_start().trim_start_matches("- ");
    let head = &line[..line.len() - trimmed.len()];
    let Ok(Value::Object(member)) = serde_yaml::from_str::<Value>(trimmed) else { return whole() };
    let Some((key, Value::String(text))) = member.iter().next() else { return whole() };
    let plain = key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
    // Folding would lose what is more than one space.
    let simple = !text.contains(['\n', '\t']) && !text.contains("  ") && text.trim() == text;
    if !plain || !simple || key == "target" || key == "copy" {
        return whole();
    }
    let pad = " ".repeat(head.len() + 2);
    let mut out = vec![format!("{head}{key}: >-")];
    let mut row = String::new();
    for word in text.split(' ') {
        if !row.is_empty() && pad.len() + row.chars().count() + 1 + word.chars().count() > width {
            out.push(format!("{pad}{row}"));
            row.clear();
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    out.push(format!("{pad}{row}"));
    out
}

/// The change that gives a key another value, where key and value stand in one line.
pub(super) fn value_in_line(
    document: &Document,
    text: &str,
    pointer: &str,
    old: &str,
    new: &str,
) -> Option<Change> {
    let line = document.origins.get(pointer)?.line as usize;
    let key = pointer.rsplit('/').next()?;
    let own = text.lines().nth(line.checked_sub(1)?)?;
    let (head, rest) = own.split_once(&format!("{key}: "))?;
    let after = rest.strip_prefix(old)?;
    (after.is_empty() || after.starts_with([' ', ',', '}'])).then(|| Change {
        from: line,
        to: line + 1,
        text: format!("{head}{key}: {new}{after}\n"),
    })
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
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
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
        let document = conversations_document::load::document("overlay.yaml", TEXT).unwrap();
        let (from, to) = entry(&document, TEXT, "/actions", 1).unwrap();
        assert_eq!((from, to), (8, 11));
        let change = Change { from, to, text: String::new() };
        let text = apply(TEXT, &[&change]);
        assert!(text.contains("$.a") && text.contains("$.c") && !text.contains("$.b"), "{text}");
        let text = append(&document, TEXT, "actions", "  - target: $.d\n    remove: true\n");
        assert!(text.ends_with("  - target: $.d\n    remove: true\n# The end.\n"), "{text}");
        let document = conversations_document::load::document("overlay.yaml", &text).unwrap();
        assert_eq!(document.root["actions"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn what_goes_leaves_one_empty_line() {
        let text = "a:\n\n  - b\n\n  - c\n\n  - d\n";
        let changes = [
            Change { from: 3, to: 4, text: String::new() },
            Change { from: 5, to: 6, text: String::new() },
        ];
        assert_eq!(apply(text, &[&changes[0], &changes[1]]), "a:\n\n  - d\n");
    }

    #[test]
    fn a_list_that_lost_its_last_entry_is_empty() {
        let text = "a: 1\ndecisions:\n  # Gone.\n";
        assert_eq!(with_empty_lists(text), "a: 1\ndecisions: []\n  # Gone.\n");
        let text = "decisions:\n  - about: x\n";
        assert_eq!(with_empty_lists(text), text);
    }

    #[test]
    fn long_texts_are_folded_and_read_as_they_were() {
        let words = "a word: and `another` ".repeat(20);
        let value = serde_json::json!({"target": "$.x", "description": words.trim(), "n": 1});
        let text = list_entry(&value, 2).unwrap();
        assert!(text.lines().count() > 4 && text.lines().all(|it| it.len() <= WIDTH), "{text}");
        let back: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(back[0], value);
    }

    #[test]
    fn one_value_changes_and_its_line_stays() {
        let text = "d:\n  - take: document   # for now\n    operations: [a, b]\n";
        let document = conversations_document::load::document("sdk.yaml", text).unwrap();
        let change = |key: &str, old: &str, new: &str| {
            let change = value_in_line(&document, text, &format!("/d/0/{key}"), old, new);
            change.map(|it| apply(text, &[&it]))
        };
        let taken = change("take", "document", "overlay").unwrap();
        assert!(taken.contains("  - take: overlay   # for now\n"), "{taken}");
        let fewer = change("operations", "[a, b]", "[b]").unwrap();
        assert!(fewer.contains("    operations: [b]\n"), "{fewer}");
        assert_eq!(change("take", "doc", "overlay"), None);
    }
}
