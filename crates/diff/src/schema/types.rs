//! Types, formats and `null`.

use super::{Findings, Place, Visit};
use crate::equal::{Fuel, equivalent};
use crate::findings::What;
use crate::graph::{Form, Wrapping};
use crate::rules::Kind;
use crate::view::{Schema, Side, is_annotation};
use crate::vocabulary::{LISTED, format_widens, within};

/// A pair that differs only in being wrapped with `null` has nothing else to say.
pub(super) fn judge_wrapping(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) -> bool {
    match visit.pair.wrapping {
        Some(Wrapping::BecameNullable) => {
            visit.add(findings, Kind::BecameNullable, "", "became nullable");
        }
        Some(Wrapping::BecameNotNullable) => {
            visit.add(findings, Kind::BecameNotNullable, "", "may no longer be null");
        }
        None => return false,
    }
    true
}

/// Judges types and formats. Says whether the change was one of a list of simple types, which then
/// also explains the alternatives that came and went.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) -> bool {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let listed = judge_list(visit, findings);
    // As written, null is one of the types of the list.
    if !listed || visit.graph.form.is_canonical() {
        judge_nullability(visit, findings);
    }
    if !listed {
        let wrapped = super::parts::moved_properties(visit).is_some();
        let types_differ = !same_types(base, revision);
        if !wrapped && (types_differ || base.text("format") != revision.text("format")) {
            judge_type(visit, findings);
        }
    }
    listed
}

pub(super) fn judge_nullability(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    // Where null is all that is allowed, it is the type that changes.
    if base.is_null() != revision.is_null() {
        return;
    }
    // A schema without a type accepts null without saying so.
    let canonical = visit.graph.form.is_canonical();
    let speaks = ["enum", "const", "anyOf", "oneOf", "allOf"];
    let open = |it: &Schema<'_>| {
        it.written_types().is_empty()
            && it.get("nullable").is_none()
            && !(canonical && speaks.iter().any(|key| it.get(key).is_some()))
    };
    let said = base.get("nullable").is_some() || revision.get("nullable").is_some();
    // In a rewritten document `nullable` may stand for a type that is written.
    let key = if said && visit.graph.form != Form::Canonical { "nullable" } else { "type" };
    let said = said && !canonical;
    match (base.nullable(), revision.nullable()) {
        (false, true) if !open(base) || said => {
            visit.add(findings, Kind::BecameNullable, key, "became nullable");
        }
        (true, false) if !open(revision) || said => {
            visit.add(findings, Kind::BecameNotNullable, key, "may no longer be null");
        }
        _ => {}
    }
}

fn judge_type(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    // What allows no value has no type.
    if base.refuses_all() || revision.refuses_all() {
        return;
    }
    let (key, what) = match same_types(base, revision) {
        true => (
            "format",
            format!("format changed from {} to {}", format_of(base), format_of(revision)),
        ),
        false => ("type", format!("type changed from {} to {}", say(base), say(revision))),
    };
    let strict = visit.place.is_strict();
    let (from, to) = (base.types(), revision.types());
    let kind = match visit.place {
        Place::Request { .. } => {
            if breaks(base, revision, strict) {
                return visit.add_narrowing(findings, Kind::TypeChanged, key, &what);
            }
            let loose = from != to && !holds(revision, base) && !to.is_empty();
            if loose { Kind::TypeCompatible } else { Kind::TypeGeneralized }
        }
        Place::Response { .. } | Place::Header { .. } => {
            let loose = from != to && !holds(base, revision) && !from.is_empty();
            match breaks(revision, base, strict) {
                true if from != to && (holds(revision, base) || to.is_empty()) => {
                    Kind::TypeGeneralized
                }
                true => Kind::TypeChanged,
                false if loose => Kind::TypeCompatible,
                false => Kind::TypeSpecialized,
            }
        }
        Place::Parameter { exploded, .. } if visit.root => {
            let sides = (visit.graph.base, visit.graph.revision);
            let listed = *exploded && became_list(sides, base, revision, &visit.graph.fuel);
            // In `?a=1&a=2` a list is no text.
            let parted = *exploded
                && !to.is_empty()
                && from.iter().any(|it| is_structured(it) && !to.contains(it));
            if parted || breaks(base, revision, strict) && !listed {
                Kind::TypeChanged
            } else {
                Kind::TypeGeneralized
            }
        }
        // How an object travels in a parameter is not known, so both ways are tried, but where a media type says it.
        Place::Parameter { .. } => {
            match (breaks(base, revision, true), breaks(base, revision, strict)) {
                (true, true) => Kind::TypeSpecialized,
                (false, false) => Kind::TypeGeneralized,
                _ => Kind::TypeChanged,
            }
        }
    };
    visit.add(findings, kind, key, &what);
}

/// Whether a value that `from` allows may be refused by `to`. For what a client receives the two
/// are given the other way round.
fn breaks(from: &Schema<'_>, to: &Schema<'_>, strict: bool) -> bool {
    let (old, new) = (from.types(), to.types());
    if !same_types(from, to) && new.is_empty() {
        return false;
    }
    let type_breaks = !same_types(from, to) && !holds(to, from) && {
        let added: Vec<_> = new.iter().filter(|it| !old.contains(it)).collect();
        let removed: Vec<_> = old.iter().filter(|it| !new.contains(it)).collect();
        let number = matches!(
            (removed[..].first(), added[..].first()),
            (Some(&&"integer"), Some(&&"number"))
        ) && removed.len() == 1
            && added.len() == 1;
        let text = !strict && new.contains(&"string") && (added.is_empty() || added == [&"string"]);
        !number && !text
    };
    type_breaks || format_breaks(&new, from.text("format"), to.text("format"))
}

fn format_breaks(types: &[&str], from: &str, to: &str) -> bool {
    from != to && !to.is_empty() && !format_widens(types, from, to)
}

/// Whether every type of `inner` is one of `outer`, `null` among them where it is allowed.
fn holds(outer: &Schema<'_>, inner: &Schema<'_>) -> bool {
    within(&inner.types(), &outer.types()) || inner.is_null() && outer.nullable()
}

fn same_types(base: &Schema<'_>, revision: &Schema<'_>) -> bool {
    let (mut left, mut right) = (base.types(), revision.types());
    left.sort_unstable();
    right.sort_unstable();
    left == right
}

/// Whether a single value became a list of such values. In `?a=1` the two are written alike.
fn became_list<'a>(
    (base_side, revision_side): (Side<'a>, Side<'a>),
    base: &Schema<'a>,
    revision: &Schema<'a>,
    fuel: &Fuel,
) -> bool {
    let (from, to) = (base.types(), revision.types());
    if to != ["array"] || from.is_empty() || from.iter().any(|it| is_structured(it)) {
        return false;
    }
    let Some(items) = revision.spot("items") else { return false };
    let items = revision_side.schema(items);
    let types = items.types();
    let plain = items.keywords().into_iter().all(|it| it == "type" || is_annotation(it));
    let takes_all = types.contains(&"string") || within(&from, &types);
    plain && takes_all
        || equivalent((base_side, revision_side), base, &items, fuel)
        || base.nullable() && from == types && plain
}

fn is_structured(kind: &str) -> bool {
    matches!(kind, "array" | "object")
}

fn format_of(schema: &Schema<'_>) -> String {
    match schema.text("format") {
        "" => "none".to_owned(),
        format => format!("`{format}`"),
    }
}

fn say(schema: &Schema<'_>) -> String {
    let types = schema.types().join(" or ");
    let types = if types.is_empty() { "anything".to_owned() } else { types };
    match schema.text("format") {
        "" => format!("`{types}`"),
        format => format!("`{types}` ({format})"),
    }
}

/// Judges "one of these simple types", written as alternatives of nothing but types.
fn judge_list(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) -> bool {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let form = visit.graph.form;
    let old = simple_types(&visit.graph.base, base, form);
    let new = simple_types(&visit.graph.revision, revision, form);
    // Where one side says more than types, the two cannot be compared as lists.
    let (Some((old, old_listed)), Some((new, new_listed))) = (old, new) else { return false };
    if !old_listed && !new_listed {
        return false;
    }
    let only = |these: &[&str], others: &[&str]| -> Vec<String> {
        let mut only: Vec<_> =
            these.iter().filter(|it| !others.contains(it)).map(|it| (*it).to_owned()).collect();
        only.sort();
        only.dedup();
        only
    };
    let (added, removed) = (only(&new, &old), only(&old, &new));
    let narrowed = if visit.is_request() { !removed.is_empty() } else { added.is_empty() };
    if added.is_empty() && removed.is_empty() {
        return false;
    }
    let mut parts = Vec::new();
    if !added.is_empty() {
        parts.push(format!("gained {}", quoted(&added)));
    }
    if !removed.is_empty() {
        parts.push(format!("lost {}", quoted(&removed)));
    }
    let what = format!("the allowed types {}", parts.join(" and "));
    let key = ["oneOf", "anyOf", "type"]
        .into_iter()
        .find(|key| revision.get(key).is_some())
        .unwrap_or_default();
    let kind = if narrowed { Kind::ListOfTypesNarrowed } else { Kind::ListOfTypesWidened };
    visit.add(findings, kind, key, What::turned(what, removed, added));
    true
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// The types that a schema allows and whether it lists them as alternatives, or `None` where it says
/// more than types.
fn simple_types<'a>(
    side: &Side<'a>,
    schema: &Schema<'a>,
    form: Form,
) -> Option<(Vec<&'a str>, bool)> {
    let composed = ["not", "allOf", "properties"].iter().any(|key| schema.get(key).is_some());
    if composed {
        return None;
    }
    let own = schema.written_types();
    if form.is_canonical() && !own.is_empty() {
        return Some((own, schema.get(LISTED).is_some()));
    }
    if !own.is_empty() {
        return Some((own.into_iter().take(1).collect(), false));
    }
    let of = |key: &str| -> Option<Vec<&'a str>> {
        let members = schema.list(key);
        if members.is_empty() {
            return None;
        }
        members
            .into_iter()
            .map(|it| {
                let member = side.schema(it);
                let said = ["properties", "oneOf", "anyOf", "allOf"];
                let plain = match form.is_canonical() {
                    true => {
                        member.keywords().into_iter().all(|it| it == "type" || is_annotation(it))
                    }
                    false => said.iter().all(|key| member.get(key).is_none()),
                };
                match member.written_types()[..] {
                    [one] if plain => Some(one),
                    _ => None,
                }
            })
            .collect()
    };
    of("oneOf").or_else(|| of("anyOf")).map(|types| (types, true))
}
