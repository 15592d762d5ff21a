//! A report on one screen: what breaks, what is new, and how much of the rest there is. `display` prints
//! the details.

use super::{
    display::{broken, style, summary},
    fold::{self, Line},
    sections::{Group, Section, sections},
    types::{Report, Semver},
};
use anstyle::Style;
use conversations_diff::{Change, Comparison, Level, Rule, Subject};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// The parts of the page: its heading and how many lines it may have.
const PARTS: [(&str, usize); 4] = [
    ("Breaks on the wire", 12),
    ("May break on the wire", 6),
    ("New operations", 6),
    ("Other changes on the wire", 8),
];
/// How many lines the Rust items may have.
const RUST: usize = 12;
/// How long a line may be.
const WIDTH: usize = 150;

/// What the page says beside the report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aside<'a> {
    /// How many texts for people differ.
    pub words: usize,
    /// How many operations the document has that the provider does not select.
    pub outside: usize,
    /// What the document changes and our overlay says as before.
    pub overruled: &'a [Change],
}

/// Writes the page. Of the parts, those of changes below `lowest` are left out.
pub fn overview(
    report: &Report,
    lowest: Level,
    aside: Aside<'_>,
    details: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bold = Style::new().bold();
    let sections = sections(report);
    match report.changes.is_empty() {
        true if lowest > Level::Info => {
            writeln!(out, "No change of the contract is of level {} or above.", lowest.name())?;
        }
        true if !aside.overruled.is_empty() => writeln!(out, "Nothing changes for clients.")?,
        true => writeln!(out, "The contract is unchanged.")?,
        false => {
            let step = match report.semver {
                Semver::Major => " (before 1.0: a minor one)",
                Semver::None | Semver::Patch | Semver::Minor => "",
            };
            writeln!(out, "{}{step}", summary(report, &sections))?;
        }
    }
    // The same sentence by a rule of the reference that only warns says nothing more.
    let breaks = lines(&sections, 0);
    for (part, (heading, limit)) in PARTS.into_iter().enumerate() {
        let mut lines = lines(&sections, part);
        lines.retain(|it| part != 1 || !breaks.iter().any(|other| other.text == it.text));
        let colour = match part {
            0 => style(Level::Error),
            1 => style(Level::Warning),
            _ => bold,
        };
        print(heading, colour, lines, limit, out)?;
        if part == 1 {
            let broken = broken(&report.rust);
            let broken = fold::by_cause(fold::rust(&broken), report);
            print("Breaks in Rust", style(Level::Error), broken, RUST, out)?;
        }
    }
    let Aside { words, outside, overruled } = aside;
    let overruled = Report::from(Comparison::of(overruled.to_vec()));
    let overruled = super::sections::sections(&overruled);
    let loud = (0..2).flat_map(|part| lines(&overruled, part)).collect();
    print("Nothing new under our overlay", bold, loud, RUST, out)?;
    if lowest == Level::Info {
        let mut counts = said_otherwise(&sections);
        let quiet = (2..PARTS.len()).map(|part| lines(&overruled, part).len()).sum();
        let rest = [
            (words, ["text for people", "texts for people"]),
            (
                quiet,
                ["change that our overlay has already", "changes that our overlay has already"],
            ),
            (outside, ["operation outside of `select`", "operations outside of `select`"]),
        ];
        counts.extend(rest.into_iter().filter(|it| it.0 > 0).map(|it| counted(it.0, it.1)));
        if !counts.is_empty() {
            writeln!(
                out,
                "\n{bold}Only the document says otherwise{bold:#}: {}",
                counts.join(", ")
            )?;
        }
    }
    if !details && !report.changes.is_empty() {
        writeln!(
            out,
            "\n--details lists every change with its place and the Rust that it changes."
        )?;
    }
    Ok(())
}

fn print(
    heading: &str,
    style: Style,
    lines: Vec<Line<'_>>,
    limit: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{style}{heading}{style:#} ({})", lines.len())?;
    let lines = fold::fitted(lines, limit);
    let shown = if lines.len() > limit { limit - 1 } else { limit };
    for Line { text, .. } in lines.iter().take(shown) {
        match text.char_indices().nth(WIDTH) {
            Some((cut, _)) => writeln!(out, "  {}…", &text[..cut])?,
            None => writeln!(out, "  {text}")?,
        }
    }
    match lines.len() - shown.min(lines.len()) {
        0 => Ok(()),
        rest => writeln!(out, "  … and {rest} more"),
    }
}

/// Which part of the page a change belongs to, or nothing where only the document says something else.
fn part(group: &Group<'_>) -> Option<usize> {
    match (group.change.level(), group.change.subject()) {
        (Level::Error, _) => Some(0),
        (Level::Warning, _) => Some(1),
        // Which errors a document lists, and what it calls a credential, is nothing that a server does.
        (
            _,
            Subject::OperationId
            | Subject::Tag
            | Subject::Component
            | Subject::Annotation
            | Subject::ErrorStatus
            | Subject::GlobalSecurity,
        ) => None,
        _ if group.change.rule == Rule::EndpointAdded => Some(2),
        _ => Some(3),
    }
}

fn lines<'r>(sections: &[Section<'r>], wanted: usize) -> Vec<Line<'r>> {
    fold::changes(sections, |it| part(it) == Some(wanted))
}

/// How much only the document says otherwise, by what it is about.
fn said_otherwise(sections: &[Section<'_>]) -> Vec<String> {
    let mut counts: BTreeMap<Subject, usize> = BTreeMap::new();
    let groups = sections.iter().flat_map(|it| &it.blocks).flat_map(|it| &it.groups);
    for group in groups.filter(|it| part(it).is_none()) {
        *counts.entry(group.change.subject()).or_default() += group.reached();
    }
    let nouns = |subject: Subject| match subject {
        Subject::OperationId => ["operationId", "operationIds"],
        Subject::Tag => ["tag", "tags"],
        Subject::Component => ["component", "components"],
        Subject::ErrorStatus => ["status of an error", "statuses of errors"],
        Subject::GlobalSecurity => ["name of a credential", "names of credentials"],
        _ => ["annotation", "annotations"],
    };
    counts.into_iter().map(|(subject, count)| counted(count, nouns(subject))).collect()
}

/// So many of something, in the word for one or for several.
pub(crate) fn counted(count: usize, [one, many]: [&str; 2]) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How many texts for people, such as descriptions, differ where both documents have the place.
pub fn words([base, revision]: [&Value; 2]) -> usize {
    match (base, revision) {
        (Value::Object(base), Value::Object(revision)) => {
            let texts = ["title", "summary", "description"].iter().filter(|key| {
                let (old, new) = (base.get(**key), revision.get(**key));
                old != new && [old, new].into_iter().flatten().all(Value::is_string)
            });
            let below = base.iter().filter_map(|(key, old)| Some((old, revision.get(key)?)));
            texts.count() + below.map(|(old, new)| words([old, new])).sum::<usize>()
        }
        (Value::Array(base), Value::Array(revision)) => {
            base.iter().zip(revision).map(|(old, new)| words([old, new])).sum()
        }
        _ => 0,
    }
}
