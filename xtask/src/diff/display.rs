//! Prints what `detect` found, in the shape of `types`: as text for a terminal, as JSON for
//! programs, as Markdown for a pull request, as annotations for a workflow.

use super::types::{Change, Counts, Level, Report, RustChanges};
use anstyle::{AnsiColor, Style};
use std::{
    collections::HashMap,
    io::{self, Write},
};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    Text,
    /// For programs.
    Json,
    /// For a pull request.
    Markdown,
    /// Annotations of a workflow run, with file and line.
    Github,
}

/// How many operations are listed before the rest is only counted.
const LISTED: usize = 6;

/// Writes `report` in `format`. Text is coloured; a stream that strips colours where they are not
/// wanted is the caller's to choose.
pub fn display(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text(report, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report).map_err(io::Error::other)?;
            writeln!(out)
        }
        Format::Markdown => markdown(report, out),
        Format::Github => github(report, out),
    }
}

/// A cause and the operations that it reaches.
struct Group<'r> {
    change: &'r Change,
    operations: Vec<&'r str>,
    /// Whether all of these operations would say it in the same words.
    alike: bool,
}

/// A heading, the operations that everything below it reaches, and the causes.
struct Section<'r> {
    heading: String,
    reach: Option<String>,
    groups: Vec<Group<'r>>,
}

/// The changes by cause. A cause that reaches one operation stands under it; one in a shared
/// component that reaches several stands under the component with the operations it reaches.
fn sections(report: &Report) -> Vec<Section<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for change in &report.changes {
        let whole = if is_whole(change) { change.operation.as_str() } else { "" };
        let cause = if whole.is_empty() { change.cause.as_str() } else { whole };
        let key = (change.id.as_str(), change.pointer.as_str(), cause);
        let at = *known.entry(key).or_insert_with(|| {
            groups.push(Group { change, operations: Vec::new(), alike: true });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.alike &= group.change.text == change.text;
            if !group.operations.contains(&change.operation.as_str()) {
                group.operations.push(&change.operation);
            }
        }
    }
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut places: HashMap<(String, Option<String>), usize> = HashMap::new();
    for group in groups {
        let heading = match (component(&group.change.pointer), group.operations.as_slice()) {
            _ if is_whole(group.change) => whole_heading(group.change).to_owned(),
            (Some(component), [_, _, ..]) => component,
            (_, [""]) => "the document".to_owned(),
            (_, [one]) => (*one).to_owned(),
            (None, _) => "several operations".to_owned(),
            (Some(component), []) => component,
        };
        let reach = group.reach();
        let at = *places.entry((heading.clone(), reach.clone())).or_insert_with(|| {
            sections.push(Section { heading, reach, groups: Vec::new() });
            sections.len() - 1
        });
        if let Some(section) = sections.get_mut(at) {
            section.groups.push(group);
        }
    }
    for section in &mut sections {
        section.groups.sort_by_key(|it| std::cmp::Reverse(it.change.level));
    }
    sections.sort_by_key(|it| std::cmp::Reverse(it.groups.first().map(|it| it.change.level)));
    sections
}

/// Whether a change is about a whole operation that came or went; these stand together.
fn is_whole(change: &Change) -> bool {
    change.id == "endpoint-added"
        || change.id.starts_with("api-path-removed")
        || change.id.starts_with("api-removed")
}

fn whole_heading(change: &Change) -> &'static str {
    if change.id == "endpoint-added" { "operations added" } else { "operations removed" }
}

/// The component that a pointer leads into, as `schema Conversation`.
fn component(pointer: &str) -> Option<String> {
    let mut parts = pointer.strip_prefix('/')?.split('/');
    let (kind, name) = match parts.next()? {
        "components" => (parts.next()?, parts.next()?),
        kind @ ("definitions" | "parameters" | "responses") => (kind, parts.next()?),
        _ => return None,
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    let kind = match kind {
        "schemas" | "definitions" => "schema",
        "parameters" => "parameter",
        "responses" => "response",
        "requestBodies" => "request body",
        "headers" => "header",
        other => other,
    };
    Some(format!("{kind} {name}"))
}

impl Group<'_> {
    /// The sentence: with the place where only one operation has it, without where it is shared.
    fn sentence(&self) -> String {
        let change = self.change;
        match self.operations.as_slice() {
            [operation] if is_whole(change) => format!("{operation} {}", change.text),
            [_] => change.text.clone(),
            _ if self.alike && component(&change.pointer).is_none() => change.text.clone(),
            _ => match local(change) {
                Some(place) => format!("`{place}`: {}", change.cause),
                None => change.cause.clone(),
            },
        }
    }

    fn reach(&self) -> Option<String> {
        let [_, _, ..] = self.operations.as_slice() else { return None };
        let listed = self.operations.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        let rest = self.operations.len().saturating_sub(LISTED);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        Some(format!("reaches {listed}{rest}"))
    }

    fn line(&self) -> String {
        match self.change.revision_line.or(self.change.base_line) {
            Some(line) => format!("{}:{line}", self.change.file),
            None => self.change.pointer.clone(),
        }
    }
}

/// The way to a place inside of a component, as `customer/emails/items`. A property that came or
/// went is named by the sentence already.
fn local(change: &Change) -> Option<String> {
    let pointer = change.pointer.as_str();
    let mut rest = pointer
        .strip_prefix("/components/schemas/")
        .or_else(|| pointer.strip_prefix("/definitions/"))?;
    rest = rest.split_once('/')?.1;
    let mut steps = Vec::new();
    let mut parts = rest.split('/');
    while let Some(part) = parts.next() {
        match part {
            "properties" => steps.push(parts.next()?.replace("~1", "/").replace("~0", "~")),
            "items" | "additionalProperties" => steps.push(part.to_owned()),
            "allOf" => drop(parts.next()),
            "oneOf" | "anyOf" => {
                if let Some(at) = parts.next() {
                    steps.push(format!("{part}[{at}]"));
                }
            }
            _ => break,
        }
    }
    if steps.last().is_some_and(|it| change.cause.contains(&format!("property `{it}`"))) {
        steps.pop();
    }
    (!steps.is_empty()).then(|| steps.join("/"))
}

fn style(level: Level) -> Style {
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
        if let Some(reach) = &section.reach {
            writeln!(out, "  {dim}{reach}{dim:#}")?;
        }
        for group in &section.groups {
            let level = group.change.level;
            let colour = style(level);
            write!(out, "  {colour}{:<7}{colour:#} {}", level.name(), group.sentence())?;
            writeln!(out, " {dim}[{}]{dim:#}", group.change.id)?;
            writeln!(out, "          {dim}at {}{dim:#}", group.line())?;
            for item in &group.change.rust {
                writeln!(out, "          Rust: {item}")?;
            }
        }
        writeln!(out)?;
    }
    for (title, items) in surface(&report.rust) {
        writeln!(out, "{bold}Rust items {title}{bold:#}")?;
        for item in items {
            writeln!(out, "  {item}")?;
        }
        writeln!(out)?;
    }
    if !report.changes.is_empty() {
        writeln!(out, "{}", summary(report, &sections))?;
    }
    Ok(())
}

/// The verdict in a line. Causes are counted once; how often operations meet them follows where that
/// is another number.
fn summary(report: &Report, sections: &[Section<'_>]) -> String {
    let verdict = if report.breaking { "breaking" } else { "not breaking" };
    let step = match report.semver {
        super::Semver::None => "no release",
        super::Semver::Patch => "a patch release",
        super::Semver::Minor => "a minor release",
        super::Semver::Major => "a major release",
    };
    let causes = |level: Level| {
        let groups = sections.iter().flat_map(|it| &it.groups);
        groups.filter(|it| it.change.level == level).count()
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
    if once != report.counts {
        let Counts { error, warning, info } = report.counts;
        line.push_str(&format!(" (in all operations together {error}, {warning} and {info})"));
    }
    format!("{line}; asks for {step}")
}

fn surface(rust: &RustChanges) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
    [("removed", &rust.removed), ("changed", &rust.changed), ("added", &rust.added)]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
}

fn markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.changes.is_empty() {
        return writeln!(out, "The contract is unchanged.");
    }
    let sections = sections(report);
    writeln!(out, "**{}**", summary(report, &sections))?;
    for section in &sections {
        writeln!(out, "\n### {}\n", cell(&section.heading))?;
        if let Some(reach) = &section.reach {
            writeln!(out, "{}\n", cell(reach))?;
        }
        writeln!(out, "| Level | Change | Rule |\n|---|---|---|")?;
        for group in &section.groups {
            let mut what = cell(&group.sentence());
            for item in &group.change.rust {
                what.push_str(&format!("<br>Rust: {}", code(item)));
            }
            let level = group.change.level.name();
            writeln!(out, "| {level} | {what} | `{}` |", group.change.id)?;
        }
    }
    for (title, items) in surface(&report.rust) {
        writeln!(out, "\n### Rust items {title}\n")?;
        for item in items {
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
    for section in sections(report) {
        for group in &section.groups {
            let change = group.change;
            let command = match change.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info => "notice",
            };
            let mut properties = format!("file={}", property(&change.file));
            // The file named is the revision's where the cause exists there, so is its line.
            if let Some(line) = change.revision_line.or(change.base_line) {
                properties.push_str(&format!(",line={line}"));
            }
            properties.push_str(&format!(",title={}", property(&change.id)));
            let mut text = format!("{}: {}", section.heading, group.sentence());
            if let Some(reach) = &section.reach {
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
