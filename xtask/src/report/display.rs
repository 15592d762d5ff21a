//! Prints a report: as text for a terminal, as JSON for
//! programs, as Markdown for a pull request, as annotations for a workflow.

use super::{
    export, fold,
    sections::{Section, sections},
    types::{Report, RustChanges, Semver},
};
use anstyle::{AnsiColor, Style};
use conversations_diff::{Counts, Level};
use serde::Deserialize;
use std::{
    collections::HashSet,
    io::{self, BufWriter, Write},
};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// For a person at a terminal.
    Text,
    /// For programs.
    Json,
    /// For a pull request.
    Markdown,
    /// Annotations of a workflow run, with file and line.
    Github,
    /// A page for a browser.
    Html,
    /// Test results, a test for each cause.
    Junit,
    /// As JSON.
    Yaml,
    /// A line for each change, for lists of accepted ones.
    Singleline,
}

/// Writes `report` in `format`. Text is coloured; a stream that strips colours where they are not
/// wanted is the caller's to choose.
pub fn display(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    // In large pieces: a stream that strips colours costs as much for a few bytes as for many.
    let mut out = BufWriter::with_capacity(PIECE, out);
    write(report, format, &mut out)?;
    out.flush()
}

/// How many bytes are written at a time.
const PIECE: usize = 1 << 16;

fn write(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text(report, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report).map_err(io::Error::other)?;
            writeln!(out)
        }
        Format::Markdown => markdown(report, out),
        Format::Github => github(report, out),
        Format::Html => {
            let mut text = Vec::new();
            markdown(report, &mut text)?;
            export::html(&String::from_utf8_lossy(&text), out)
        }
        Format::Junit => export::junit(report, out),
        Format::Yaml => serde_yaml::to_writer(out, report).map_err(io::Error::other),
        Format::Singleline => export::singleline(report, out),
    }
}

pub(super) fn style(level: Level) -> Style {
    let colour = match level {
        Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Cyan,
    };
    Style::new().fg_color(Some(colour.into())).bold()
}

fn text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    if report.changes.is_empty() {
        writeln!(out, "The contract is unchanged.")?;
    }
    let sections = sections(report);
    for section in &sections {
        writeln!(out, "{bold}{}{bold:#}", section.heading)?;
        for block in &section.blocks {
            if let Some(reach) = &block.reach {
                writeln!(out, "  {dim}{reach}{dim:#}")?;
            }
            for group in &block.groups {
                let level = group.change.level();
                let colour = style(level);
                write!(out, "  {colour}{:<7}{colour:#} {}", level.name(), group.sentence())?;
                writeln!(out, " {dim}[{}]{dim:#}", group.change.rule)?;
                writeln!(out, "          {dim}at {}{dim:#}", group.line())?;
                for (_, item) in fold::rust(group.rust) {
                    writeln!(out, "          Rust: {item}")?;
                }
            }
        }
        writeln!(out)?;
    }
    let rest = uncaused(report);
    if !rest.is_empty() {
        writeln!(out, "{bold}{UNCAUSED}{bold:#}")?;
        for (_, item) in fold::rust(&rest) {
            writeln!(out, "  {item}")?;
        }
        writeln!(out)?;
    }
    if let Some(items) = counted(&report.rust, rest.len()) {
        writeln!(out, "{items}")?;
    }
    if !report.changes.is_empty() {
        writeln!(out, "{}", summary(report, &sections))?;
    }
    Ok(())
}

/// The verdict in a line. Causes are counted once; how often operations meet them follows where that
/// is another number.
pub(super) fn summary(report: &Report, sections: &[Section<'_>]) -> String {
    // The contract and the Rust made of it are judged apart: an enum of answers that loses a word breaks
    // nobody on the wire, and a program that names it.
    let verdict = if report.breaking { "breaking on the wire" } else { "not breaking on the wire" };
    let step = match report.semver {
        Semver::None => "no release",
        Semver::Patch => "a patch release",
        Semver::Minor => "a minor release",
        Semver::Major => "a major release",
    };
    let causes = |level: Level| {
        let blocks = sections.iter().flat_map(|it| &it.blocks);
        let groups = blocks.flat_map(|it| &it.groups);
        groups.filter(|it| it.change.level() == level).count()
    };
    let once = Counts {
        error: causes(Level::Error),
        warning: causes(Level::Warning),
        info: causes(Level::Info),
    };
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let Counts { error, warning, info } = once;
    let mut line = format!(
        "{verdict}: {error} error{}, {warning} warning{}, {info} note{}",
        s(error),
        s(warning),
        s(info)
    );
    let all = Counts::of(report.changes.iter().flat_map(|it| {
        let change = &it.change;
        change.operations().map(|_| change.level())
    }));
    if once != all {
        let Counts { error, warning, info } = all;
        line.push_str(&format!(" (in all operations together {error}, {warning} and {info})"));
    }
    format!("{line}; Rust asks for {step}")
}

/// The heading of what changes in Rust although no change of the contract explains it.
const UNCAUSED: &str = "Rust items without a cause of their own";

/// The Rust items that no change has, as the changes would list them.
fn uncaused(report: &Report) -> Vec<String> {
    let caused: HashSet<&String> = report.changes.iter().flat_map(|it| &it.rust).collect();
    listed(&surface(&report.rust)).filter(|it| !caused.contains(it)).collect()
}

/// The Rust items that are gone or have changed, as the changes list them.
pub(super) fn broken(rust: &RustChanges) -> Vec<String> {
    let [removed, changed, _] = surface(rust);
    listed(&[removed, changed]).collect()
}

fn listed<'r>(items: &'r [(&'static str, &'r Vec<String>)]) -> impl Iterator<Item = String> + 'r {
    items.iter().flat_map(|(kind, items)| items.iter().map(move |it| format!("{kind} {it}")))
}

fn surface(rust: &RustChanges) -> [(&'static str, &Vec<String>); 3] {
    [("removed", &rust.removed), ("changed", &rust.changed), ("added", &rust.added)]
}

/// How many Rust items are concerned, in a line.
fn counted(rust: &RustChanges, uncaused: usize) -> Option<String> {
    let all = surface(rust).map(|(kind, items)| (items.len(), kind));
    let all: Vec<_> = all.iter().filter(|it| it.0 > 0).collect();
    let all: Vec<_> = all.iter().map(|(count, kind)| format!("{count} {kind}")).collect();
    let rest = match uncaused {
        0 => String::new(),
        count => format!("; {count} without a cause of their own"),
    };
    (!all.is_empty()).then(|| format!("Rust items: {}{rest}", all.join(", ")))
}

fn markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sections = sections(report);
    match report.changes.is_empty() {
        true => writeln!(out, "The contract is unchanged.")?,
        false => writeln!(out, "**{}**", summary(report, &sections))?,
    }
    let rest = uncaused(report);
    if let Some(items) = counted(&report.rust, rest.len()) {
        writeln!(out, "\n{items}")?;
    }
    for section in &sections {
        writeln!(out, "\n### {}", cell(&section.heading))?;
        for block in &section.blocks {
            if let Some(reach) = &block.reach {
                writeln!(out, "\n{}", cell(reach))?;
            }
            writeln!(out, "\n| Level | Change | Rule |\n|---|---|---|")?;
            for group in &block.groups {
                let mut what = cell(&group.sentence());
                for (_, item) in fold::rust(group.rust) {
                    what.push_str(&format!("<br>Rust: {}", code(&item)));
                }
                let level = group.change.level().name();
                writeln!(out, "| {level} | {what} | `{}` |", group.change.rule)?;
            }
        }
    }
    if !rest.is_empty() {
        writeln!(out, "\n### {UNCAUSED}\n")?;
        for (_, item) in fold::rust(&rest) {
            writeln!(out, "- `{item}`")?;
        }
    }
    Ok(())
}

/// Text that can stand in a cell of a table. Between backticks everything but the bar is literal.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    for letter in text.chars() {
        code ^= letter == '`';
        match letter {
            '|' => out.push_str("\\|"),
            '\n' => out.push(' '),
            '<' if !code => out.push_str("&lt;"),
            other => out.push(other),
        }
    }
    out
}

/// Text between backticks in a cell.
fn code(text: &str) -> String {
    cell(&format!("`{}`", text.replace('`', "'")))
}

fn github(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for Section { heading, blocks } in sections(report) {
        for (block, group) in blocks.iter().flat_map(|it| it.groups.iter().map(move |g| (it, g))) {
            let change = group.change;
            let command = match change.level() {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info => "notice",
            };
            let mut properties = format!("file={}", property(&change.file));
            // The file named is the revision's where the cause exists there, so is its line.
            if let Some(line) = change.revision_line.or(change.base_line) {
                properties.push_str(&format!(",line={line}"));
            }
            properties.push_str(&format!(",title={}", property(&change.rule.id())));
            let mut text = format!("{heading}: {}", group.sentence());
            if let Some(reach) = &block.reach {
                text.push_str(&format!(" ({reach})"));
            }
            writeln!(out, "::{command} {properties}::{}", data(&text))?;
        }
    }
    Ok(())
}

/// Escapes the text of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
