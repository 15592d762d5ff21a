//! The changes of a report by cause, as they are printed: headings, below each the operations that its
//! causes reach, and the causes.

use super::types::{Entry, Report};
use conversations_diff::{Change, Level, Part, Rule};
use conversations_document::pointer::unescaped;
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// How many operations are listed before the rest is only counted.
const LISTED: usize = 6;

/// A cause and the operations that it reaches.
pub(super) struct Group<'r> {
    /// The first change that has it, for all of them.
    pub(super) change: &'r Change,
    /// The Rust items that it changes.
    pub(super) rust: &'r [String],
    operations: Vec<&'r str>,
    /// Whether all of these operations would say it in the same words.
    alike: bool,
}

/// Causes that reach the same operations.
pub(super) struct Block<'r> {
    /// These operations in a sentence; nothing where the heading names the only one.
    pub(super) reach: Option<String>,
    /// The causes, worst first.
    pub(super) groups: Vec<Group<'r>>,
}

/// A heading and what stands below it.
pub(super) struct Section<'r> {
    /// What the causes stand in.
    pub(super) heading: String,
    /// The causes by what they reach.
    pub(super) blocks: Vec<Block<'r>>,
}

/// The changes by cause. A cause that reaches one operation stands under it; one in a shared
/// component that reaches several stands under the component with the operations it reaches.
pub(super) fn sections(report: &Report) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for group in groups(report) {
        let heading = group.heading();
        let at = *known.entry(heading.clone()).or_insert_with(|| {
            sections.push(Section { heading, blocks: Vec::new() });
            sections.len() - 1
        });
        let Some(section) = sections.get_mut(at) else { continue };
        let reach = group.reach();
        match section.blocks.iter_mut().find(|it| it.reach == reach) {
            Some(block) => block.groups.push(group),
            None => section.blocks.push(Block { reach, groups: vec![group] }),
        }
    }
    let worst = |it: &Block<'_>| it.groups.first().map(|it| Reverse(it.change.level()));
    for section in &mut sections {
        for block in &mut section.blocks {
            block.groups.sort_by_key(|it| Reverse(it.change.level()));
        }
        section.blocks.sort_by_key(worst);
    }
    sections.sort_by_key(|it| it.blocks.first().and_then(worst));
    sections
}

/// The causes in the order of the report.
fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = HashMap::new();
    for entry in &report.changes {
        let change = &entry.change;
        let (rule, pointer, what) = change.cause();
        let pointer = if is_repeated(entry) { "" } else { pointer };
        let at = *known.entry((rule, pointer, what)).or_insert_with(|| {
            groups.push(Group { change, rust: &entry.rust, operations: Vec::new(), alike: true });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            let places = || [group.change, change].into_iter().flat_map(|it| it.reach.iter());
            group.alike &= places().zip(places().skip(1)).all(|(l, r)| l.place == r.place);
            let known: HashSet<&str> = group.operations.iter().copied().collect();
            group.operations.extend(change.operations().filter(|it| !known.contains(it)));
        }
    }
    groups
}

/// Whether operations as such may have it for the same reason, although each says it in its own place: a tag, an end
/// that is announced.
fn is_repeated(entry: &Entry) -> bool {
    let change = &entry.change;
    let noted = change.level() == Level::Info && entry.rust.is_empty();
    noted && change.site.part == Part::Whole && !change.is_whole() && !change.operation().is_empty()
}

fn whole_heading(change: &Change) -> &'static str {
    if change.rule == Rule::EndpointAdded { "operations added" } else { "operations removed" }
}

/// The component that a pointer leads into, as `schema Conversation`.
fn component(pointer: &str) -> Option<String> {
    let mut parts = pointer.strip_prefix('/')?.split('/');
    let (kind, name) = match parts.next()? {
        "components" => (parts.next()?, parts.next()?),
        kind @ ("definitions" | "parameters" | "responses") => (kind, parts.next()?),
        _ => return None,
    };
    let name = unescaped(name);
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
    fn heading(&self) -> String {
        match (component(&self.change.pointer), self.operations.as_slice()) {
            _ if self.change.is_whole() => whole_heading(self.change).to_owned(),
            (Some(component), [_, _, ..]) => component,
            (_, [""]) => "the document".to_owned(),
            (_, [one]) => (*one).to_owned(),
            (None, _) => "several operations".to_owned(),
            (Some(component), []) => component,
        }
    }

    /// The sentence: with the place where only one operation has it, without where it is shared.
    pub(super) fn sentence(&self) -> String {
        let change = self.change;
        match self.operations.as_slice() {
            [operation] if change.is_whole() => format!("{operation} {}", change.text()),
            [_] => change.text(),
            _ if self.alike && component(&change.pointer).is_none() => change.text(),
            _ => match local(change) {
                Some(place) => format!("`{place}`: {}", change.cause),
                None => change.cause.clone(),
            },
        }
    }

    /// How many operations it reaches.
    pub(super) fn reached(&self) -> usize {
        self.operations.len()
    }

    fn reach(&self) -> Option<String> {
        let [_, _, ..] = self.operations.as_slice() else { return None };
        let listed = self.operations.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        let rest = self.operations.len().saturating_sub(LISTED);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        Some(format!("reaches {listed}{rest}"))
    }

    /// The place of the cause, as `file:line` where the line is known.
    pub(super) fn line(&self) -> String {
        match self.change.revision_line.or(self.change.base_line) {
            Some(line) => format!("{}:{line}", self.change.file),
            None => self.change.pointer.to_string(),
        }
    }
}

/// The way to a place inside of a component, as `customer/emails/items`. A property that came or
/// went is named by the sentence already.
fn local(change: &Change) -> Option<String> {
    let pointer = &change.pointer;
    let mut rest = pointer
        .strip_prefix("/components/schemas/")
        .or_else(|| pointer.strip_prefix("/definitions/"))?;
    rest = rest.split_once('/')?.1;
    let mut steps = Vec::new();
    let mut parts = rest.split('/');
    while let Some(part) = parts.next() {
        match part {
            "properties" => steps.push(unescaped(parts.next()?)),
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
