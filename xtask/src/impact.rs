//! What the changes of a document do to the Rust that users see.
//!
//! Both documents go through the pipeline, their surfaces are compared item by item, and each change of
//! the contract gets the items that it causes: those reachable from its operation that its place in the
//! document names.

use crate::{
    diff::{Change, Report, RustChanges, Semver},
    pipeline,
};
use conversations_codegen::{
    document::Document,
    names,
    surface::{Surface, SurfaceDiff, compare},
};
use std::collections::{BTreeMap, BTreeSet};

/// Compares two documents that belong to no provider: the contract, and where both can be generated the
/// Rust surface. What hinders the latter is returned beside the report.
pub fn of_documents(base: Document, revision: Document) -> anyhow::Result<(Report, Vec<String>)> {
    let mut report = pipeline::deep(|| crate::diff::compare(&base, &revision))?;
    let mut hindrances = Vec::new();
    let mut surfaces = Vec::new();
    for document in [base, revision] {
        let file = document.file.clone();
        match pipeline::survey(document) {
            Ok(surface) => surfaces.push(surface),
            Err(error) => hindrances.push(format!(
                "the Rust surface of {file} is unknown, since it cannot be generated:\n{error:#}"
            )),
        }
    }
    if let [base, revision] = &surfaces[..] {
        join(&mut report, base, revision);
    }
    Ok((report, hindrances))
}

/// Puts the surface changes into the report: each to its causes, all of them at the end, and the version
/// step that follows from them.
pub fn join(report: &mut Report, base: &Surface, revision: &Surface) {
    let diff = compare(base, revision);
    let (before, after) = (Reach::of(base), Reach::of(revision));
    for change in &mut report.changes {
        change.rust = items(change, &diff, &before, &after);
    }
    follow(&mut report.changes, &diff, &before, &after);
    report.semver = semver(report, &diff);
    let SurfaceDiff { added, removed, changed } = diff;
    report.rust = RustChanges { added, removed, changed };
}

/// Gives what is still without a cause one: what a type brings along belongs to whatever brought the type,
/// and what only one change can have caused belongs to that one.
fn follow(changes: &mut [Change], diff: &SurfaceDiff, before: &Reach, after: &Reach) {
    let all = [("removed", &diff.removed), ("changed", &diff.changed), ("added", &diff.added)];
    let mut open: BTreeSet<String> = all
        .iter()
        .flat_map(|(kind, list)| list.iter().map(move |it| format!("{kind} {it}")))
        .filter(|it| !changes.iter().any(|change| change.rust.contains(it)))
        .collect();
    loop {
        let mut found: Vec<String> = Vec::new();
        for change in changes.iter_mut() {
            let brought: BTreeSet<String> =
                change.rust.iter().flat_map(|it| words(it)).map(str::to_owned).collect();
            for line in &open {
                if owner(line).is_some_and(|it| brought.contains(it)) {
                    change.rust.push(line.clone());
                    found.push(line.clone());
                }
            }
            change.rust.sort();
        }
        if found.is_empty() {
            break;
        }
        for line in found {
            open.remove(&line);
        }
    }
    for line in open {
        let item = line.split_once(' ').map_or("", |(_, it)| it);
        let item = item.split_once(": ").map_or(item, |(it, _)| it);
        let reaches = |change: &Change| {
            [before.get(&change.operation), after.get(&change.operation)]
                .into_iter()
                .flatten()
                .any(|it| it.contains(item))
        };
        let mut causes: Vec<usize> =
            (0..changes.len()).filter(|at| reaches(&changes[*at])).collect();
        // One cause that several operations see is still one.
        if causes.len() > 1 {
            let cause = |at: usize| (&changes[at].id, &changes[at].pointer);
            if causes.iter().any(|at| cause(*at) != cause(causes[0])) {
                causes.clear();
            }
        }
        for at in causes {
            changes[at].rust.push(line.clone());
            changes[at].rust.sort();
        }
    }
}

/// The type that a line is about: `Message` of `added types::Message::id: String`.
fn owner(line: &str) -> Option<&str> {
    let item = line.split_once(' ')?.1.split(": ").next()?;
    match item.strip_prefix("types::") {
        Some(rest) => rest.split("::").next(),
        None => item.split("::").next().filter(|it| it.ends_with("Answer")),
    }
}

/// Cargo's rules, for structures that are `#[non_exhaustive]`, enums that are open and builders whose
/// setters stand for parameters.
fn semver(report: &Report, diff: &SurfaceDiff) -> Semver {
    // A parameter that must be given compiles without being given, and then every call fails.
    let demands = |item: &&String| {
        item.starts_with("builder::")
            && (item.ends_with(" in path)") || item.contains(" in "))
            && !item.contains("? in ")
            && !item.contains(": fn() ->")
            && old_builder(item, &report.changes)
    };
    if !diff.removed.is_empty()
        || !diff.changed.is_empty()
        || diff.added.iter().any(|it| demands(&it))
    {
        Semver::Major
    } else if !diff.added.is_empty() {
        Semver::Minor
    } else if !report.changes.is_empty() {
        Semver::Patch
    } else {
        Semver::None
    }
}

/// Whether the builder was there before, so that calls without the new setter exist.
fn old_builder(item: &str, changes: &[Change]) -> bool {
    let builder = item.trim_start_matches("builder::").split("::").next().unwrap_or_default();
    !changes.iter().any(|change| {
        change.id == "endpoint-added"
            && change.operation_id.as_deref().is_some_and(|it| names::pascal(it) == builder)
    })
}

/// What a surface's operations lead to.
struct Reach {
    /// The items that users of an operation meet, by `VERB /path/shape`.
    items: BTreeMap<String, BTreeSet<String>>,
}

impl Reach {
    fn of(surface: &Surface) -> Self {
        // The types that each type's members mention.
        let mut mentions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (item, signature) in &surface.items {
            if let Some(owner) = item.strip_prefix("types::").and_then(|it| it.split("::").next()) {
                mentions.entry(owner).or_default().extend(words(signature));
            }
        }
        let mut items = BTreeMap::new();
        for (method, operation) in &surface.operations {
            let own = format!("Client::{method}");
            let signature = surface.items.get(&own).map(String::as_str).unwrap_or_default();
            let builder = signature.rsplit("::").next().unwrap_or_default().to_owned();
            let mut found: BTreeSet<String> = BTreeSet::from([own]);
            let mut todo: Vec<&str> = Vec::new();
            let builder_items = format!("builder::{builder}::");
            let answer_items = format!("{builder}Answer");
            for (item, signature) in &surface.items {
                if item.starts_with(&builder_items) || item.starts_with(&answer_items) {
                    found.insert(item.clone());
                    todo.extend(words(signature));
                }
            }
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            while let Some(name) = todo.pop() {
                if let Some(next) = mentions.get(name).filter(|_| seen.insert(name)) {
                    todo.extend(next.iter().copied());
                }
            }
            for (item, _) in surface.items.iter() {
                let owner = item.strip_prefix("types::").and_then(|it| it.split("::").next());
                if owner.is_some_and(|it| seen.contains(it)) {
                    found.insert(item.clone());
                }
            }
            items.insert(key(&operation.verb, &operation.path), found);
        }
        Self { items }
    }

    /// The items of a change's operation; nothing where the change is about the document.
    fn get(&self, operation: &str) -> Option<&BTreeSet<String>> {
        let (verb, path) = operation.split_once(' ')?;
        self.items.get(&key(verb, path))
    }
}

/// Verb and path without the names of placeholders.
fn key(verb: &str, path: &str) -> String {
    let mut out = format!("{verb} ");
    for (i, part) in path.split('{').enumerate() {
        out.push_str(match i {
            0 => part,
            _ => part.split_once('}').map_or(part, |(_, rest)| rest),
        });
        if i > 0 {
            out.push('{');
        }
    }
    out
}

/// The names in a signature.
fn words(signature: &str) -> impl Iterator<Item = &str> {
    signature
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|it| it.starts_with(char::is_uppercase))
}

/// The items that a change causes.
fn items(change: &Change, diff: &SurfaceDiff, before: &Reach, after: &Reach) -> Vec<String> {
    let reachable: Vec<&BTreeSet<String>> =
        [before.get(&change.operation), after.get(&change.operation)]
            .into_iter()
            .flatten()
            .collect();
    let whole = change.operation.is_empty();
    let all = [("removed", &diff.removed), ("changed", &diff.changed), ("added", &diff.added)];
    let candidates: Vec<(&str, &str, &str)> = all
        .iter()
        .flat_map(|(kind, list)| list.iter().map(move |it| (*kind, it.as_str())))
        .filter_map(|(kind, line)| Some((kind, line.split_once(": ")?.0, line)))
        .filter(|(_, item, _)| whole || reachable.iter().any(|it| it.contains(*item)))
        .collect();
    let place = Place::of(change);
    let mut out: Vec<String> = candidates
        .iter()
        .filter(|(_, item, _)| place.names(item))
        .map(|(kind, _, line)| format!("{kind} {line}"))
        .collect();
    out.sort();
    out.dedup();
    out
}

/// What the place of a change says about the items that it can cause.
struct Place {
    /// The operation itself came, went or was renamed.
    operation: bool,
    /// The Rust name of the parameter.
    parameter: Option<String>,
    /// The Rust names of the properties on the way, outermost first.
    properties: Vec<String>,
    /// The Rust name of the shared schema.
    schema: Option<String>,
    /// It is about the values of an enum.
    values: bool,
    /// It is about an answer or a body as a whole.
    answer: bool,
    body: bool,
    /// Names that the change mentions, for places that a pointer does not spell.
    mentioned: BTreeSet<String>,
}

impl Place {
    fn of(change: &Change) -> Self {
        let keys: Vec<String> = conversations_codegen::document::keys(&change.pointer);
        let mut properties = Vec::new();
        for pair in keys.windows(2) {
            if pair[0] == "properties" {
                properties.push(names::escape(&names::snake(&pair[1])));
            }
        }
        let schema = keys
            .windows(2)
            .find(|it| matches!(it[0].as_str(), "schemas" | "definitions"))
            .map(|it| names::pascal(&it[1]));
        let quoted = |text: &str| {
            let mut out = BTreeSet::new();
            for quote in ['`', '\'', '"'] {
                out.extend(
                    text.split(quote)
                        .skip(1)
                        .step_by(2)
                        .flat_map(|it| it.split(['/', '.', ' ']))
                        .filter(|it| !it.is_empty() && it.len() < 100)
                        .flat_map(|it| [names::escape(&names::snake(it)), names::pascal(it)]),
                );
            }
            out
        };
        let id = change.id.as_str();
        let about_parameter = id.contains("parameter") || id.contains("-param-");
        Self {
            operation: id.starts_with("api-") && !id.contains("security") && !id.contains("tag")
                || id.starts_with("endpoint-"),
            parameter: (about_parameter || keys.iter().any(|it| it == "parameters"))
                .then(|| quoted(&change.text))
                .and_then(|it| it.into_iter().next()),
            values: id.contains("enum") || keys.iter().any(|it| it == "enum"),
            answer: id.starts_with("response-"),
            body: id.starts_with("request-body"),
            mentioned: quoted(&change.text),
            properties,
            schema,
        }
    }

    fn names(&self, item: &str) -> bool {
        if self.operation {
            return item.starts_with("Client::") || item.starts_with("builder::");
        }
        let mut parts = item.split("::");
        let (kind, owner, own) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        match kind {
            "builder" => {
                let own = own.unwrap_or_default();
                let setter = !matches!(own, "body" | "send" | "stream" | "follow" | "keep_alive");
                (setter && self.parameter.is_some() && self.mentioned.contains(own))
                    || (own == "body" && self.body && self.properties.is_empty())
                    || (matches!(own, "send" | "stream" | "follow")
                        && self.answer
                        && self.properties.is_empty())
            }
            "types" => {
                let owner = owner.unwrap_or_default();
                match own {
                    // A field or a variant.
                    Some(own) => {
                        let field = self.properties.last().is_some_and(|it| it == own);
                        let mentioned = self.mentioned.contains(own);
                        let variant =
                            self.values && own.starts_with(char::is_uppercase) && mentioned;
                        variant
                            || field && !self.values
                            || (mentioned
                                && own.starts_with(char::is_lowercase)
                                && self
                                    .schema
                                    .as_deref()
                                    .is_none_or(|it| it == owner || owner.starts_with(it)))
                    }
                    // The type itself.
                    None => {
                        self.schema.as_deref() == Some(owner) && self.properties.is_empty()
                            || self.mentioned.contains(owner)
                    }
                }
            }
            "ClientBuilder" => self.mentioned.contains(owner.unwrap_or_default()),
            _ => false,
        }
    }
}
