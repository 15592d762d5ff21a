//! What is alike as one line: Rust items that came or went as a whole, many changes of one rule in one place, and
//! where there is no room for each, the same change in many places.

use super::{
    sections::{Group, Section},
    types::Report,
};
use conversations_diff::{Rule, Scope, Subject};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// How many changes of one kind are listed one by one.
const ALIKE: usize = 2;
/// How many characters the names of what is alike may have.
const NAMES: usize = 90;

/// A line of the page.
pub(super) struct Line<'r> {
    /// What it says where it stands for itself.
    pub(super) text: String,
    /// What it is about: an operation, a component or a Rust item.
    name: Cow<'r, str>,
    /// What it has in common with lines that are alike.
    kind: Option<Kind<'r>>,
    /// How many changes it stands for.
    count: usize,
}

/// What lines that are alike have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'r> {
    /// Changes that a rule found.
    Wire(Rule),
    /// What happened to Rust items, and the rule that found its cause.
    Caused(&'r str, Rule),
    /// What happened to the parts of a Rust item for no single cause.
    Uncaused(&'r str, &'r str),
}

/// The lines with those that are alike as one, the most first, until there is room for each.
pub(super) fn fitted(mut lines: Vec<Line<'_>>, limit: usize) -> Vec<Line<'_>> {
    while lines.len() > limit {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for kind in lines.iter().filter_map(|it| it.kind) {
            *counts.entry(kind).or_default() += 1;
        }
        let most = counts.into_iter().filter(|it| it.1 > ALIKE).max_by_key(|it| it.1);
        let Some((kind, count)) = most else { break };
        // The names of the first operations that came or went say more than one line with fewer of them.
        let whole = matches!(kind, Kind::Wire(rule) if rule.subject() == Subject::Operation);
        let Some(at) = lines.iter().position(|it| it.kind == Some(kind)) else { break };
        if whole && count == lines.len() {
            break;
        }
        let (alike, rest): (Vec<_>, _) = lines.into_iter().partition(|it| it.kind == Some(kind));
        lines = rest;
        lines.insert(at, one(kind, &alike));
    }
    lines
}

/// Names as far as they fit into a line, and how many more there are.
pub(crate) fn listed(names: &[&str]) -> String {
    let mut length = 0;
    let fits = |it: &&&str| {
        length += it.len() + 2;
        length <= NAMES
    };
    let shown = names.iter().take_while(fits).count().max(1).min(names.len());
    let mut listed = names[..shown].join(", ");
    if names.len() > shown {
        listed.push_str(&format!(" and {} more", names.len() - shown));
    }
    listed
}

/// Lines that are alike as one.
fn one<'r>(kind: Kind<'_>, alike: &[Line<'r>]) -> Line<'r> {
    let mut names: Vec<&str> = alike.iter().map(|it| &*it.name).collect();
    names.dedup();
    let listed = listed(&names);
    let count = alike.iter().map(|it| it.count).sum();
    let text = match kind {
        Kind::Wire(rule) => format!("{} ({listed})", many(rule, count)),
        Kind::Caused(verb, rule) if rule.subject() == Subject::Operation => {
            format!("{verb} {listed}: operations {}", happened(rule))
        }
        Kind::Caused(verb, rule) => format!("{verb} {listed}: {}", happened(rule)),
        Kind::Uncaused(verb, _) => format!("{verb} {listed}"),
    };
    Line { text, name: listed.into(), kind: None, count }
}

/// A line for each change that is wanted, or one for many of a kind in one place.
pub(super) fn changes<'r>(
    sections: &[Section<'r>],
    wanted: impl Fn(&Group<'r>) -> bool,
) -> Vec<Line<'r>> {
    let mut out = Vec::new();
    for section in sections {
        let mut kinds: Vec<(Rule, Vec<&Group<'_>>)> = Vec::new();
        let groups = section.blocks.iter().flat_map(|it| &it.groups);
        for group in groups.filter(|it| wanted(it)) {
            match kinds.iter_mut().find(|it| it.0 == group.change.rule) {
                Some(kind) => kind.1.push(group),
                None => kinds.push((group.change.rule, vec![group])),
            }
        }
        for (rule, groups) in kinds {
            let heading = &section.heading;
            let line = |text: String, name: &str, count: usize| {
                let name = Cow::Owned(name.to_owned());
                Line { text, name, kind: Some(Kind::Wire(rule)), count }
            };
            if groups.len() > ALIKE && !groups.iter().any(|it| it.change.is_whole()) {
                let text = format!("{heading}: {}", many(rule, groups.len()));
                out.push(line(text, heading, groups.len()));
                continue;
            }
            out.extend(groups.into_iter().map(|group| {
                let reach = match group.reached() {
                    0 | 1 => String::new(),
                    count => format!(" ({count} operations)"),
                };
                match group.change.is_whole() {
                    true => line(group.sentence(), group.change.operation(), 1),
                    false => line(format!("{heading}: {}{reach}", group.sentence()), heading, 1),
                }
            }));
        }
    }
    out
}

/// A line for each Rust item, with the change that is its cause.
pub(super) fn by_cause<'r>(
    items: Vec<(&'r String, Cow<'r, str>)>,
    report: &Report,
) -> Vec<Line<'r>> {
    let caused = report.changes.iter().flat_map(|it| it.rust.iter().map(move |line| (line, it)));
    let mut rules: HashMap<&String, Rule> = HashMap::new();
    for (line, entry) in caused {
        rules.entry(line).or_insert(entry.change.rule);
    }
    let line = |(item, text): (&'r String, Cow<'r, str>)| {
        let (verb, path) = item.split_once(' ').unwrap_or(("", item));
        let name = path.split_once(": ").map_or(path, |it| it.0);
        let owner = name.rsplit_once("::").map_or("", |it| it.0);
        let kind = match rules.get(item) {
            Some(rule) => Kind::Caused(verb, *rule),
            None => Kind::Uncaused(verb, owner),
        };
        Line { text: text.into_owned(), name: name.into(), kind: Some(kind), count: 1 }
    };
    items.into_iter().map(line).collect()
}

/// The Rust items, each with its line, without those that follow from another one: the fields of an added type from the type, the
/// methods of a removed builder from the client's method. That line counts them instead.
pub(super) fn rust(lines: &[String]) -> Vec<(&String, Cow<'_, str>)> {
    let wholes: BTreeMap<String, usize> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((members(line)?, at))).collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut hidden: BTreeSet<usize> = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        let item = line.split_once(": ").map_or(line.as_str(), |(item, _)| item);
        let whole = item.rsplit_once("::").and_then(|(owner, _)| wholes.get(owner));
        if let Some(whole) = whole.filter(|it| **it != at) {
            *counts.entry(*whole).or_default() += 1;
            hidden.insert(at);
        }
    }
    let shown = lines.iter().enumerate().filter(|(at, _)| !hidden.contains(at));
    shown
        .map(|(at, line)| match counts.get(&at) {
            Some(count) => (line, format!("{line} ({count} {})", noun(line, *count)).into()),
            None => (line, line.as_str().into()),
        })
        .collect()
}

/// What the lines of the members begin with, where a line is about a whole that came or went.
fn members(line: &str) -> Option<String> {
    let (kind, item) =
        line.split_once(' ').filter(|(kind, _)| matches!(*kind, "added" | "removed"))?;
    let (item, signature) = item.split_once(": ")?;
    match item.split_once("::") {
        Some(("Client", _)) => Some(format!("{kind} {}", signature.strip_prefix("fn() -> ")?)),
        Some(("types", own)) if !own.contains("::") => Some(format!("{kind} {item}")),
        None => Some(format!("{kind} {item}")),
        Some(_) => None,
    }
}

fn noun(line: &str, count: usize) -> &'static str {
    let signature = line.split_once(": ").map_or("", |(_, it)| it);
    match (signature, count) {
        ("struct", 1) => "field",
        ("struct", _) => "fields",
        (it, 1) if it.starts_with("fn") => "method of the builder",
        (it, _) if it.starts_with("fn") => "methods of the builder",
        (_, 1) => "variant",
        (_, _) => "variants",
    }
}

/// Many changes of one rule: `15 properties became optional`, `5 optional properties added`.
fn many(rule: Rule, count: usize) -> String {
    let what = happened(rule);
    match rule {
        Rule::At(scope, kind) => {
            let noun = match scope {
                Scope::RequestBody | Scope::ResponseBody => "times",
                Scope::RequestParameter => "parameters",
                Scope::ResponseHeader => "headers",
                Scope::RequestProperty
                | Scope::RequestReadOnlyProperty
                | Scope::RequestParameterProperty
                | Scope::ResponseProperty
                | Scope::ResponseWriteOnlyProperty
                | Scope::ResponseHeaderProperty => "properties",
            };
            let colon = if kind.id().starts_with("became") { "" } else { ":" };
            format!("{count} {noun}{colon} {what}")
        }
        _ if rule.subject() == Subject::Operation => format!("{count} operations {what}"),
        _ => {
            let named = THINGS.iter().find(|(one, _)| what.contains(one));
            match named {
                Some((one, many)) => format!("{count} {}", what.replacen(one, many, 1)),
                None => format!("{count} times: {what}"),
            }
        }
    }
}

/// What a rule found, without the place: `max length set`, `operation id removed`.
fn happened(rule: Rule) -> String {
    if let Rule::At(_, kind) = rule {
        return kind.id().replace('-', " ");
    }
    let id = rule.id();
    let of = ["request-", "response-", "endpoint-", "api-path-", "api-"];
    let what = of.iter().find_map(|it| id.strip_prefix(it)).unwrap_or(&id);
    what.replace('-', " ")
}

/// What the ids of rules name, one and many.
const THINGS: [(&str, &str); 9] = [
    ("property", "properties"),
    ("parameter", "parameters"),
    ("header", "headers"),
    ("status", "statuses"),
    ("media type", "media types"),
    ("scope", "scopes"),
    ("operation id", "operationIds"),
    ("schema", "schemas"),
    ("server", "servers"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A line to be listed, of a kind.
    fn line<'r>(text: &'r str, kind: Kind<'r>) -> Line<'r> {
        Line { text: text.to_owned(), name: text.into(), kind: Some(kind), count: 1 }
    }

    #[test]
    fn what_is_alike_is_one_line_where_there_is_no_room_for_each() {
        let id = Kind::Caused("removed", Rule::ApiOperationIdRemoved);
        let (added, tag) = (Kind::Wire(Rule::EndpointAdded), Kind::Wire(Rule::ApiTagAdded));
        let field = Kind::Uncaused("changed", "types::Pet");
        let long =
            "GET /a/path/that/is/so/long/that/there/is/no/room/for/another/one/on/the/line/of/it";
        for (lines, limit, expected) in [
            (vec![("a", id), ("b", id), ("c", id)], 3, vec!["a", "b", "c"]),
            (
                vec![("a", id), ("b", id), ("c", id)],
                2,
                vec!["removed a, b, c: operation id removed"],
            ),
            // Two of a kind stay, and what has no room is counted by the page.
            (vec![("a", id), ("b", id), ("c", tag)], 1, vec!["a", "b", "c"]),
            (
                vec![("x", tag), ("a", added), ("b", added), (long, added)],
                3,
                vec!["x", "3 operations added (a, b and 1 more)"],
            ),
            (vec![("a", added), ("b", added), ("c", added)], 2, vec!["a", "b", "c"]),
            (
                vec![("a", field), ("x", id), ("b", field), ("c", field)],
                2,
                vec!["changed a, b, c", "x"],
            ),
        ] {
            let lines = lines.into_iter().map(|(text, kind)| line(text, kind)).collect();
            let found: Vec<_> = fitted(lines, limit).into_iter().map(|it| it.text).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn members_are_counted() {
        let lines = [
            "added Client::get_pet: fn() -> builder::GetPet",
            "added GetPetAnswer: enum",
            "added GetPetAnswer::Ok: Pet",
            "added builder::GetPet::id: fn(String in path)",
            "added builder::GetPet::send: fn() -> Response<GetPetAnswer>",
            "added types::Pet: struct",
            "added types::Pet::kind: Option<PetKind>",
            "added types::PetKind: enum, open",
            "changed types::Owner: struct -> enum, open",
            "removed types::Owner::name: String",
            "removed types::Pet::age: i64",
        ];
        let expected = [
            "added Client::get_pet: fn() -> builder::GetPet (2 methods of the builder)",
            "added GetPetAnswer: enum (1 variant)",
            "added types::Pet: struct (1 field)",
            "added types::PetKind: enum, open",
            "changed types::Owner: struct -> enum, open",
            "removed types::Owner::name: String",
            "removed types::Pet::age: i64",
        ];
        let lines = lines.map(str::to_owned);
        let found: Vec<_> = rust(&lines).into_iter().map(|it| it.1).collect();
        assert_eq!(found, expected);
    }
}
