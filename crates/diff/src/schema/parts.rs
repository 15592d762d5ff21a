//! Compositions (`allOf`, `anyOf`, `oneOf`) and the other keywords that hold schemas.

use super::{Findings, Visit, show};
use crate::disjoint::are_disjoint;
use crate::findings::What;
use crate::graph::Crossed;
use crate::rules::Kind;
use crate::view::{Schema, same, says_nothing};
use serde_json::{Map, Value};

/// Keywords that hold one schema and narrow what is allowed by their presence.
const NARROWING: [(&str, Kind, Kind); 8] = [
    ("contains", Kind::ContainsAdded, Kind::ContainsRemoved),
    ("propertyNames", Kind::PropertyNamesAdded, Kind::PropertyNamesRemoved),
    ("if", Kind::IfAdded, Kind::IfRemoved),
    ("then", Kind::ThenAdded, Kind::ThenRemoved),
    ("else", Kind::ElseAdded, Kind::ElseRemoved),
    ("contentSchema", Kind::ContentSchemaAdded, Kind::ContentSchemaRemoved),
    ("not", Kind::NotAdded, Kind::NotRemoved),
    ("unevaluatedItems", Kind::UnevaluatedItemsAdded, Kind::UnevaluatedItemsRemoved),
];
const ITEMS: (&str, Kind, Kind) = ("items", Kind::ItemsAdded, Kind::ItemsRemoved);
const UNEVALUATED: (&str, Kind, Kind) =
    ("unevaluatedProperties", Kind::UnevaluatedPropertiesAdded, Kind::UnevaluatedPropertiesRemoved);
/// Keywords that hold schemas by name.
const NAMED: [(&str, Kind, Kind); 2] = [
    ("patternProperties", Kind::PatternPropertyAdded, Kind::PatternPropertyRemoved),
    ("dependentSchemas", Kind::DependentSchemaAdded, Kind::DependentSchemaRemoved),
];
const ONE_OF: (&str, Kind, Kind) = ("oneOf", Kind::OneOfAdded, Kind::OneOfRemoved);
const ANY_OF: (&str, Kind, Kind) = ("anyOf", Kind::AnyOfAdded, Kind::AnyOfRemoved);

/// Judges what came and went. `listed` says that a list of simple types already explains the
/// alternatives.
pub(super) fn judge(visit: &Visit<'_, '_>, listed: bool, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let wrapped = visit.root && moved_properties(visit).is_some();
    if wrapped {
        wrapped_in_one_of(visit, findings);
    }
    if !listed {
        if !wrapped {
            restriction(visit, findings);
        }
        alternatives(visit, ANY_OF, findings);
        if !wrapped {
            alternatives(visit, ONE_OF, findings);
        }
    }
    crossed(visit, findings);
    children(visit, findings);
    all_of(visit, findings);
    positions(visit, findings);
    for keyword in NARROWING {
        presence(visit, keyword, findings);
    }
    let none = (base.refuses_all(), revision.refuses_all());
    if none.0 != none.1 {
        let what = if none.1 { "allows no value any more" } else { "allows values again" };
        let kind = if none.1 { Kind::NotAdded } else { Kind::NotRemoved };
        visit.add(findings, kind, "not", what);
    }
    // What became a list, or is one no longer, says so by its type.
    let listed = |it: &Schema<'_>| it.types().is_empty() || it.types().contains(&"array");
    if listed(base) && listed(revision) {
        presence(visit, ITEMS, findings);
    }
    let open = additional_is_open(base) && additional_is_open(revision);
    // `additionalProperties: true` leaves nothing unevaluated.
    if !open || revision.get("additionalProperties").is_none() {
        presence(visit, UNEVALUATED, findings);
    }
    // Where no other properties are allowed, a pattern allows some.
    let closed = |it: &Schema<'_>| it.get("additionalProperties") == Some(&Value::Bool(false));
    let opens = closed(base) && closed(revision);
    for (key, added, removed) in NAMED {
        let (added, removed) = match opens && key == "patternProperties" {
            true => (Kind::AdditionalPropertiesWidened, Kind::AdditionalPropertiesNarrowed),
            false => (added, removed),
        };
        let (old, new) = (base.map(key), revision.map(key));
        for (name, _) in new.iter().filter(|(name, _)| !old.iter().any(|it| it.0 == *name)) {
            let what = What::gained(format!("`{key}` gained `{name}`"), *name);
            visit.add(findings, added, key, what);
        }
        for (name, _) in old.iter().filter(|(name, _)| !new.iter().any(|it| it.0 == *name)) {
            let what = What::lost(format!("`{key}` lost `{name}`"), *name);
            visit.add(findings, removed, key, what);
        }
    }
    if visit.graph.is_other_condition(base, revision) {
        let what = "another condition decides on what is asked";
        visit.add(findings, Kind::IfChanged, "if", what);
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

fn wrapped_in_one_of(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let what = "is now one of several alternatives that hold its properties";
    visit.add(findings, Kind::WrappedInOneOf, "oneOf", what);
}

/// Judges the alternatives of which one side has only one, and does not list it.
pub(super) fn only_alternatives(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let came = |key: &str| base.list(key).is_empty() && revision.list(key).len() > 1;
    let lost = |key: &str| visit.pair.members.get(key).is_some_and(|it| !it.removed.is_empty());
    if came("anyOf") && !lost("anyOf") && !lost("oneOf") {
        let what = "is now one of several alternatives";
        return visit.add(findings, Kind::WrappedInAnyOf, "anyOf", what);
    }
    // A value that matches another alternative too is refused.
    let side = visit.graph.revision;
    if came("oneOf")
        && visit.root
        && visit.is_request()
        && moved_properties(visit).is_some()
        && !are_disjoint(&side, &revision.list("oneOf"))
    {
        return wrapped_in_one_of(visit, findings);
    }
    alternatives(visit, ONE_OF, findings);
    alternatives(visit, ANY_OF, findings);
}

fn alternatives(
    visit: &Visit<'_, '_>,
    (key, added, removed): (&str, Kind, Kind),
    findings: &mut Findings<'_>,
) {
    let Some(members) = visit.pair.members.get(key) else { return };
    if !members.added.is_empty() {
        let what = format!("`{key}` gained {}", say(&members.added));
        visit.add(findings, added, key, What::gained(what, names(&members.added)));
    }
    if !members.removed.is_empty() {
        let what = format!("`{key}` lost {}", say(&members.removed));
        visit.add(findings, removed, key, What::lost(what, names(&members.removed)));
    }
}

/// Whether the base and the revision list alternatives.
pub(super) fn lists_alternatives(visit: &Visit<'_, '_>) -> (bool, bool) {
    let lists = |it: &Schema<'_>| ["oneOf", "anyOf"].iter().any(|key| !it.list(key).is_empty());
    (lists(&visit.pair.base), lists(&visit.pair.revision))
}

/// Whether as many alternatives came as went, and all of them together allow what they allowed.
pub(super) fn are_all_replaced(visit: &Visit<'_, '_>) -> bool {
    let members = ["oneOf", "anyOf"].into_iter().filter_map(|key| visit.pair.members.get(key));
    let mut replaced = members.map(|it| it.removed.len() == it.added.len());
    // The names of alternatives may be values.
    let named = [&visit.pair.base, &visit.pair.revision];
    replaced.all(|it| it)
        && named.into_iter().all(|it| it.get("discriminator").is_none())
        && [true, false].into_iter().all(|request| visit.graph.is_safe(visit.pair, request))
}

/// Alternatives where there were none restrict what stands beside them, other alternatives too.
fn restriction(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    if !visit.graph.form.is_canonical() {
        return;
    }
    let lists = |it: &Schema<'_>, key: &str| !it.list(key).is_empty();
    let (old, new) = (&visit.pair.base, &visit.pair.revision);
    let (fewer, more) = if visit.is_request() { (old, new) } else { (new, old) };
    let came = |(key, other): &(&str, &str)| {
        let moved = lists(fewer, other) && !lists(more, other);
        lists(more, key) && !lists(fewer, key) && !moved
    };
    let mut both = [("oneOf", "anyOf"), ("anyOf", "oneOf")].into_iter();
    let Some((key, _)) = both.find(came) else { return };
    let (kind, what) = match visit.is_request() {
        true => (Kind::AlternativesSet, "must now match one of several alternatives"),
        false => (Kind::AlternativesUnset, "need no longer match one of several alternatives"),
    };
    visit.add(findings, kind, key, what);
}

/// `oneOf` refuses what `anyOf` allows: a value of two of the alternatives.
fn crossed(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    match visit.pair.crossed {
        Some(Crossed::ToAny) => {
            let what = "a value may now match several of the alternatives";
            visit.add(findings, Kind::OneOfBecameAnyOf, "anyOf", what);
        }
        Some(Crossed::ToOne) => {
            let what = "a value may no longer match several of the alternatives";
            visit.add(findings, Kind::AnyOfBecameOneOf, "oneOf", what);
        }
        None => {}
    }
}

/// The schemas that extend this one and that its discriminator leads to.
fn children(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    if visit.part {
        return;
    }
    let (old, new) = (&visit.pair.children.removed, &visit.pair.children.added);
    if !new.is_empty() {
        let what = format!("the discriminator now also leads to {}", say(new));
        visit.add(
            findings,
            Kind::DiscriminatedChildAdded,
            "discriminator",
            What::gained(what, names(new)),
        );
    }
    if !old.is_empty() {
        let what = format!("the discriminator no longer leads to {}", say(old));
        visit.add(
            findings,
            Kind::DiscriminatedChildRemoved,
            "discriminator",
            What::lost(what, names(old)),
        );
    }
}

fn all_of<'a>(visit: &Visit<'_, 'a>, findings: &mut Findings<'_>) {
    let Some(members) = visit.pair.members.get("allOf") else { return };
    let parted = |members: &[Schema<'a>]| -> (Vec<Schema<'a>>, Vec<Schema<'a>>) {
        members.iter().cloned().partition(|it| it.says_nothing())
    };
    let (quiet, added) = parted(&members.added);
    for (kind, members) in [(Kind::AllOfAdded, added), (Kind::AllOfAddedAnnotationOnly, quiet)] {
        if !members.is_empty() {
            let what = format!("`allOf` gained {}", say(&members));
            visit.add(findings, kind, "allOf", What::gained(what, names(&members)));
        }
    }
    let (quiet, removed) = parted(&members.removed);
    // What a part promised that is said nowhere else may be missing now.
    if visit.graph.form.is_canonical() && !visit.is_request() {
        let said =
            |keys: &[&str]| removed.iter().any(|it| keys.iter().any(|key| it.get(key).is_some()));
        if said(&["oneOf", "anyOf"]) {
            let what = "need no longer match one of several alternatives";
            visit.add(findings, Kind::AlternativesUnset, "allOf", what);
        }
        if said(&["if"]) {
            let what = "a condition no longer decides on what is there";
            visit.add(findings, Kind::IfRemoved, "allOf", what);
        }
    }
    for (kind, members) in
        [(Kind::AllOfRemoved, removed), (Kind::AllOfRemovedAnnotationOnly, quiet)]
    {
        if !members.is_empty() {
            let what = format!("`allOf` lost {}", say(&members));
            visit.add(findings, kind, "allOf", What::lost(what, names(&members)));
        }
    }
}

fn positions(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "prefixItems";
    for (key_of, came, went) in [
        (key, Kind::PrefixItemsAdded, Kind::PrefixItemsRemoved),
        // Where the other side allows anything.
        ("items", Kind::PositionDescribed, Kind::PositionNotDescribed),
    ] {
        let Some(members) = visit.pair.members.get(key_of) else { continue };
        if !members.added.is_empty() {
            let what = format!("`{key}` gained {} positions", members.added.len());
            visit.add(findings, came, key, &what);
        }
        if !members.removed.is_empty() {
            let what = format!("`{key}` lost {} positions", members.removed.len());
            visit.add(findings, went, key, &what);
        }
    }
}

fn presence(
    visit: &Visit<'_, '_>,
    (key, added, removed): (&str, Kind, Kind),
    findings: &mut Findings<'_>,
) {
    // What allows no value says so by itself.
    let refuses = |it: &Schema<'_>| key == "not" && it.refuses_all();
    let canonical = visit.graph.form.is_canonical();
    let open = |it: &Value| it == &Value::Bool(true) || canonical && says_nothing(it);
    let set = |it: &Schema<'_>| it.get(key).is_some_and(|it| !open(it)) && !refuses(it);
    match (set(&visit.pair.base), set(&visit.pair.revision)) {
        (false, true) => {
            visit.add(findings, added, key, format!("`{key}` was added"));
        }
        (true, false) => {
            visit.add(findings, removed, key, format!("`{key}` was removed"));
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
                visit.add(findings, Kind::DependentRequiredAdded, key, &what);
            }
            Some(before) if !same(before, needs) => {
                let within = |l: &Value, r: &Value| {
                    let (l, r) = (l.as_array(), r.as_array());
                    l.zip(r).is_some_and(|(l, r)| l.iter().all(|it| r.contains(it)))
                };
                let kind = match (within(before, needs), within(needs, before)) {
                    (true, true) => continue,
                    (true, false) if !visit.is_request() => Kind::DependentRequiredAdded,
                    (false, true) if visit.is_request() => Kind::DependentRequiredRemoved,
                    _ => Kind::DependentRequiredChanged,
                };
                let what = format!(
                    "with `{name}`, {} must be there instead of {}",
                    show(needs),
                    show(before)
                );
                visit.add(findings, kind, key, &what);
            }
            Some(_) => {}
        }
    }
    for (name, needs) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let what = format!("with `{name}`, {} need no longer be there", show(needs));
        visit.add(findings, Kind::DependentRequiredRemoved, key, &what);
    }
}

fn additional_is_open(schema: &Schema<'_>) -> bool {
    matches!(schema.get("additionalProperties"), None | Some(Value::Bool(true)))
        || schema.get("additionalProperties").is_some_and(says_nothing)
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
        visit.add_narrowing(findings, Kind::AdditionalPropertiesNarrowed, key, &what);
    } else if from < to {
        // Who reads other properties of one kind cannot read those of another; who knew of none leaves them alone.
        let kind = match from {
            0 => Kind::AdditionalPropertiesWidened,
            _ => Kind::AdditionalPropertiesNotDescribed,
        };
        visit.add(findings, kind, key, &what);
    }
}

fn discriminator(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "discriminator";
    let (old, new) = (visit.pair.base.get(key), visit.pair.revision.get(key));
    // Swagger 2.0 has the name alone.
    let named =
        |it: &Value| it.get("propertyName").unwrap_or(it).as_str().unwrap_or_default().to_owned();
    let (old, new) = match (old, new) {
        (None, Some(new)) => {
            let what = format!("`{}` now discriminates the alternatives", named(new));
            return visit.add(findings, Kind::DiscriminatorAdded, key, &what);
        }
        (Some(old), None) => {
            let what = format!("`{}` no longer discriminates the alternatives", named(old));
            return visit.add(findings, Kind::DiscriminatorRemoved, key, &what);
        }
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
    };
    if named(old) != named(new) {
        let what =
            format!("`{}` discriminates the alternatives instead of `{}`", named(new), named(old));
        visit.add(findings, Kind::DiscriminatorPropertyNameChanged, key, &what);
    }
    let empty = Map::new();
    let mapping = |it: &'_ Value| it.get("mapping").and_then(Value::as_object).cloned();
    let old = mapping(old).unwrap_or_else(|| empty.clone());
    let new = mapping(new).unwrap_or(empty);
    for (value, target) in &new {
        match old.get(value) {
            None => {
                let what = format!("the discriminator gained the value `{value}`");
                visit.add(findings, Kind::DiscriminatorMappingAdded, key, &what);
            }
            Some(before) if before != target => {
                let what = format!("the discriminator's value `{value}` means {}", show(target));
                visit.add(findings, Kind::DiscriminatorMappingChanged, key, &what);
            }
            Some(_) => {}
        }
    }
    for value in old.keys().filter(|it| !new.contains_key(*it)) {
        let what = format!("the discriminator lost the value `{value}`");
        visit.add(findings, Kind::DiscriminatorMappingDeleted, key, &what);
    }
}

/// The members of a composition, by name where they have one.
fn say(members: &[Schema<'_>]) -> String {
    let names: Vec<_> = members
        .iter()
        .map(|it| match (name(it), it.types().first()) {
            (Some(name), _) => format!("`{name}`"),
            (None, Some(one)) => format!("a schema of type `{one}`"),
            (None, None) => "a schema".to_owned(),
        })
        .collect();
    names.join(", ")
}

/// The names of the members of a composition, or the types of those without one.
fn names(members: &[Schema<'_>]) -> Vec<Value> {
    let named = |it: &Schema<'_>| {
        let own = name(it).map(str::to_owned);
        own.or_else(|| it.types().first().map(|it| (*it).to_owned())).map(Value::from)
    };
    members.iter().filter_map(named).collect()
}

fn name<'n>(schema: &'n Schema<'_>) -> Option<&'n str> {
    let component = || schema.at.pointer.strip_prefix("/components/schemas/");
    let named = schema.reference.and_then(|it| it.rsplit('/').next());
    let named = named.or_else(|| component().filter(|it| !it.contains('/')));
    named.or_else(|| Some(schema.text("title")).filter(|it| !it.is_empty()))
}
