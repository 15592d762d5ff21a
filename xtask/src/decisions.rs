//! What people decided about changes, in the files that oasdiff reads too: which are accepted, and how much
//! the rules matter.

use anyhow::bail;
use conversations_diff::{Change, Level, Reached, Rule};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Lines that accept changes.
#[derive(Debug)]
pub struct Ignored(Vec<Line>);

#[derive(Debug)]
struct Line {
    text: String,
    /// The first word that is a path.
    path: Option<String>,
}

impl Ignored {
    /// Reads files of any text. A line accepts a change where it has its verb and path in a row, or the word
    /// `components` where it is one of the document, and beside these the rule or the sentence.
    pub fn of(files: &[(PathBuf, String)]) -> Self {
        let lines = files.iter().flat_map(|(_, text)| text.lines());
        let line = |it: &str| {
            let text = it.to_lowercase();
            let path = text.split_whitespace().find(|it| it.starts_with('/'));
            let path = path.map(|it| it.trim_end_matches([':', ',', ';']).to_owned());
            Line { text, path }
        };
        Self(lines.filter(|it| !it.trim().is_empty()).map(line).collect())
    }

    /// The change for the operations for which no line accepts it, if there are any.
    pub fn rest(&self, change: Change) -> Option<Change> {
        match self.0.is_empty() {
            true => Some(change),
            false => change.only(|it| !self.accepts(&change, it)),
        }
    }

    /// Whether a line accepts the change for an operation.
    fn accepts(&self, change: &Change, reached: &Reached) -> bool {
        let operation = reached.operation.to_lowercase();
        let path = operation.split_once(' ').map(|(_, path)| path);
        let text = change.text_in(reached).to_lowercase();
        let said = [change.rule.id(), text, change.cause.to_lowercase()];
        self.0.iter().any(|line| {
            let place = match path {
                // A webhook has a name and no path.
                Some(path) if path.starts_with('/') => {
                    line.path.as_deref() == Some(path) && line.text.contains(&operation)
                }
                Some(_) => line.text.contains(&operation),
                None => line.path.is_none() && line.text.contains("components"),
            };
            place && said.iter().any(|it| has(&line.text, it))
        })
    }
}

/// Whether `text` has `part`, and not as a part of a longer word: one rule's id may begin with another's.
fn has(text: &str, part: &str) -> bool {
    let word = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    text.match_indices(part)
        .any(|(at, _)| !text[..at].ends_with(word) && !text[at + part.len()..].starts_with(word))
}

/// Other levels than those of the table.
#[derive(Debug)]
pub struct Severities(BTreeMap<String, Option<Level>>);

impl Severities {
    /// Reads lines of a rule's id and a level; later ones go before earlier ones.
    pub fn of(files: &[(PathBuf, String)]) -> anyhow::Result<Self> {
        let known: BTreeSet<String> = match files {
            [] => BTreeSet::new(),
            _ => Rule::all().map(Rule::id).chain(Rule::reference().map(str::to_owned)).collect(),
        };
        let mut all = BTreeMap::new();
        for (file, text) in files {
            for (at, line) in text.lines().enumerate() {
                let place = || format!("{}:{}", file.display(), at + 1);
                let words: Vec<_> = line.split_whitespace().collect();
                let (id, level) = match words.as_slice() {
                    [] => continue,
                    [id, level] => (*id, level.to_lowercase()),
                    _ => bail!("{}: a line is a rule and its level", place()),
                };
                let level = match level.as_str() {
                    "err" | "error" => Some(Level::Error),
                    "warn" | "warning" => Some(Level::Warning),
                    "info" => Some(Level::Info),
                    "none" => None,
                    _ => bail!(
                        "{}: a level is one of err, warn, info and none, not `{level}`",
                        place()
                    ),
                };
                if !known.contains(id) {
                    bail!(
                        "{}: there is no rule `{id}`; `cargo xtask diff --rules` lists all",
                        place()
                    );
                }
                all.insert(id.to_owned(), level);
            }
        }
        Ok(Self(all))
    }

    /// The change at the level that was decided, or nothing where its rule is off.
    pub fn judge(&self, mut change: Change) -> Option<Change> {
        if let Some(level) = self.0.get(&change.rule.id()) {
            change.level = (*level)?;
        }
        Some(change)
    }
}
