//! Compositions (`allOf`, `anyOf`, `oneOf`) and the other keywords that hold schemas.

use super::{Findings, Visit, show};
use crate::graph::Crossed;
use crate::view::{Schema, same};
use serde_json::{Map, Value};

/// Keywords that hold one schema and narrow what is allowed by their presence.
const NARROWING: [(&str, &str); 8] = [
    ("contains", "contains"),
    ("property-names", "propertyNames"),
    ("if", "if"),
    ("then", "then"),
    ("else", "else"),
    ("content-schema", "contentSchema"),
    ("not", "not"),
    ("unevaluated-items", "unevaluatedItems"),
];

/// Judges what came and went. `listed` says that a list of simple types already explains the
/// alternatives.
pub(super) fn judge(visit: &Visit<'_, '_>, listed: bool, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let wrapped = moved_properties(visit).is_some();
    if wrapped && visit.root {
        let what = "is now one of several alternatives that hold its properties";
        visit.add(findings, "wrapped-in-one-of", "oneOf", what);
    }
    if !listed {
        alternatives(visit, "anyOf", "any-of", findings);
        if !(wrapped && visit.root) {
            alternatives(visit, "oneOf", "one-of", findings);
        }
    }
    crossed(visit, findings);
    children(visit, findings);
    all_of(visit, findings);
    positions(visit, findings);
    for (id, key) in NARROWING {
        presence(visit, id, key, findings);
    }
    if !additional_is_open(base) || !additional_is_open(revision) {
        presence(visit, "unevaluated-properties", "unevaluatedProperties", findings);
    } else if revision.get("additionalProperties").is_none() {
        // `additionalProperties: true` leaves nothing unevaluated.
        presence(visit, "unevaluated-properties", "unevaluatedProperties", findings);
    }
    for (id, key) in
        [("pattern-property", "patternProperties"), ("dependent-schema", "dependentSchemas")]
    {
        let (old, new) = (base.map(key), revision.map(key));
        for (name, _) in new.iter().filter(|(name, _)| !old.iter().any(|it| it.0 == *name)) {
            visit.add(findings, &format!("{id}-added"), key, &format!("`{key}` gained `{name}`"));
        }
        for (name, _) in old.iter().filter(|(name, _)| !new.iter().any(|it| it.0 == *name)) {
            visit.add(findings, &format!("{id}-removed"), key, &format!("`{key}` lost `{name}`"));
        }
    }
    dependent(visit, findings);
    additional(visit, findings);
    discriminator(visit, findings);
}

/// The properties of the base that moved into the alternatives of the revision: an object became
/// "one of several objects", which is one change and not the removal of each property.
pub(super) fn moved_properties(visit: &Visit<'_, '_>) -> Option<Vec<String>> {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let alternatives = revision.list("oneOf");
    let wraps = base.list("oneOf").is_empty()
        && !alternatives.is_empty()
        && revision.map("properties").is_empty()
        && revision.types().is_empty();
    if !wraps {
        return None;
    }
    let side = visit.graph.revision;
    let alternatives: Vec<_> = alternatives.into_iter().map(|it| side.schema(it)).collect();
    let moved: Vec<_> = base
        .map("properties")
        .into_iter()
        .filter(|(name, _)| alternatives.iter().any(|it| it.property(name).is_some()))
        .map(|(name, _)| name.to_owned())
        .collect();
    (!moved.is_empty()).then_some(moved)
}

pub(super) fn alternatives(
    visit: &Visit<'_, '_>,
    key: &'static str,
    id: &str,
    findings: &mut Findings<'_>,
) {
    let Some(members) = visit.pair.members.get(key) else { return };
    if !members.added.is_empty() {
        let what = format!("`{key}` gained {}", say(&members.added));
        visit.add(findings, &format!("{id}-added"), key, &what);
    }
    if !members.removed.is_empty() {
        let what = format!("`{key}` lost {}", say(&members.removed));
        visit.add(findings, &format!("{id}-removed"), key, &what);
    }
}

/// `oneOf` refuses what `anyOf` allows: a value of two of the alternatives.
fn crossed(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    match visit.pair.crossed {
        Some(Crossed::ToAny) => {
            let what = "a value may now match several of the alternatives";
            visit.add(findings, "one-of-became-any-of", "anyOf", what);
        }
        Some(Crossed::ToOne) => {
            let what = "a value may no longer match several of the alternatives";
            visit.add(findings, "any-of-became-one-of", "oneOf", what);
        }
        None => {}
    }
}

/// The schemas that extend this one and that its discriminator leads to.
fn children(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (old, new) = (&visit.pair.children.removed, &visit.pair.children.added);
    if !new.is_empty() {
        let what = format!("the discriminator now also leads to {}", say(new));
        visit.add(findings, "discriminated-child-added", "discriminator", &what);
    }
    if !old.is_empty() {
        let what = format!("the discriminator no longer leads to {}", say(old));
        visit.add(findings, "discriminated-child-removed", "discriminator", &what);
    }
}

fn all_of(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let Some(members) = visit.pair.members.get("allOf") else { return };
    for (kind, verb, members) in
        [("added", "gained", &members.added), ("removed", "lost", &members.removed)]
    {
        let (empty, full): (Vec<_>, Vec<_>) =
            members.iter().cloned().partition(|it| it.says_nothing());
        for (suffix, members) in [("", full), ("-annotation-only", empty)] {
            if !members.is_empty() {
                let what = format!("`allOf` {verb} {}", say(&members));
                visit.add(findings, &format!("all-of-{kind}{suffix}"), "allOf", &what);
            }
        }
    }
}

fn positions(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let Some(members) = visit.pair.members.get("prefixItems") else { return };
    if !members.added.is_empty() {
        let what = format!("`prefixItems` gained {} positions", members.added.len());
        visit.add(findings, "prefix-items-added", "prefixItems", &what);
    }
    if !members.removed.is_empty() {
        let what = format!("`prefixItems` lost {} positions", members.removed.len());
        visit.add(findings, "prefix-items-removed", "prefixItems", &what);
    }
}

fn presence(visit: &Visit<'_, '_>, id: &str, key: &str, findings: &mut Findings<'_>) {
    let set = |it: &Schema<'_>| it.get(key).is_some_and(|it| it != &Value::Bool(true));
    match (set(&visit.pair.base), set(&visit.pair.revision)) {
        (false, true) => {
            visit.add(findings, &format!("{id}-added"), key, &format!("`{key}` was added"));
        }
        (true, false) => {
            visit.add(findings, &format!("{id}-removed"), key, &format!("`{key}` was removed"));
        }
        _ => {}
    }
}

fn dependent(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "dependentRequired";
    let empty = Map::new();
    let old = visit.pair.base.any(key).as_object().unwrap_or(&empty);
    let new = visit.pair.revision.any(key).as_object().unwrap_or(&empty);
    for (name, needs) in new {
        match old.get(name) {
            None => {
                let what = format!("with `{name}`, {} must be there too", show(needs));
                visit.add(findings, "dependent-required-added", key, &what);
            }
            Some(before) if !same(before, needs) => {
                let what = format!(
                    "with `{name}`, {} must be there instead of {}",
                    show(needs),
                    show(before)
                );
                visit.add(findings, "dependent-required-changed", key, &what);
            }
            Some(_) => {}
        }
    }
    for (name, needs) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let what = format!("with `{name}`, {} need no longer be there", show(needs));
        visit.add(findings, "dependent-required-removed", key, &what);
    }
}

fn additional_is_open(schema: &Schema<'_>) -> bool {
    matches!(schema.get("additionalProperties"), None | Some(Value::Bool(true)))
        || schema.get("additionalProperties").and_then(Value::as_object).is_some_and(Map::is_empty)
}

fn additional(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "additionalProperties";
    let rank = |it: &Schema<'_>| match it.get(key) {
        Some(Value::Bool(false)) => 0,
        _ if additional_is_open(it) => 2,
        _ => 1,
    };
    let say = ["no other properties", "other properties of one kind", "any other properties"];
    let (from, to) = (rank(&visit.pair.base), rank(&visit.pair.revision));
    let what = format!("allows {} instead of {}", say[to], say[from]);
    if from > to {
        visit.add_narrowing(findings, "additional-properties-narrowed", key, &what);
    } else if from < to {
        visit.add(findings, "additional-properties-widened", key, &what);
    }
}

fn discriminator(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "discriminator";
    let (old, new) = (visit.pair.base.get(key), visit.pair.revision.get(key));
    let name =
        |it: &Value| it.get("propertyName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (old, new) = match (old, new) {
        (None, Some(new)) => {
            let what = format!("`{}` now tells the alternatives apart", name(new));
            return visit.add(findings, "discriminator-added", key, &what);
        }
        (Some(old), None) => {
            let what = format!("`{}` no longer tells the alternatives apart", name(old));
            return visit.add(findings, "discriminator-removed", key, &what);
        }
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
    };
    if name(old) != name(new) {
        let what =
            format!("`{}` tells the alternatives apart instead of `{}`", name(new), name(old));
        visit.add(findings, "discriminator-property-name-changed", key, &what);
    }
    let empty = Map::new();
    let mapping = |it: &'_ Value| it.get("mapping").and_then(Value::as_object).cloned();
    let old = mapping(old).unwrap_or_else(|| empty.clone());
    let new = mapping(new).unwrap_or(empty);
    for (value, target) in &new {
        match old.get(value) {
            None => {
                let what = format!("the discriminator gained the value `{value}`");
                visit.add(findings, "discriminator-mapping-added", key, &what);
            }
            Some(before) if before != target => {
                let what = format!("the discriminator's value `{value}` means {}", show(target));
                visit.add(findings, "discriminator-mapping-changed", key, &what);
            }
            Some(_) => {}
        }
    }
    for value in old.keys().filter(|it| !new.contains_key(*it)) {
        let what = format!("the discriminator lost the value `{value}`");
        visit.add(findings, "discriminator-mapping-deleted", key, &what);
    }
}

/// The members of a composition by name where they have one.
fn say(members: &[Schema<'_>]) -> String {
    let names: Vec<_> = members
        .iter()
        .map(|it| {
            let named = it.reference.and_then(|it| it.rsplit('/').next());
            let title = Some(it.text("title")).filter(|it| !it.is_empty());
            match (named.or(title), it.types().first()) {
                (Some(name), _) => format!("`{name}`"),
                (None, Some(one)) => format!("a schema of type `{one}`"),
                (None, None) => "a schema".to_owned(),
            }
        })
        .collect();
    names.join(", ")
}
