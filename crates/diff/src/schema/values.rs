//! Allowed values: lists, constants, defaults, patterns, encodings.

use super::{Findings, Place, Visit, show};
use crate::view::{Schema, same};
use serde_json::Value;

/// Judges what values are allowed.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    enumeration(visit, findings);
    constant(visit, findings);
    default(visit, findings);
    pattern(visit, findings);
    extensible(visit, findings);
    for (id, key) in [
        ("content-encoding-changed", "contentEncoding"),
        ("content-media-type-changed", "contentMediaType"),
    ] {
        let (from, to) = (visit.pair.base.text(key), visit.pair.revision.text(key));
        if from != to {
            let what = format!("`{key}` changed from `{from}` to `{to}`");
            visit.add(findings, id, key, &what);
        }
    }
}

/// The lists of values. Against a list, a constant is a list of one.
fn listed<'v>(visit: &'v Visit<'_, '_>) -> (Option<&'v [Value]>, Option<&'v [Value]>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let constant = |it: &Schema<'v>| it.get("const").map(std::slice::from_ref);
    match (base.values(), revision.values()) {
        (Some(old), None) => (Some(old), constant(revision)),
        (None, Some(new)) => (constant(base), Some(new)),
        both => both,
    }
}

fn enumeration(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (old, new) = listed(visit);
    let only = |these: Option<&[Value]>, others: Option<&[Value]>| -> Vec<String> {
        let others = others.unwrap_or_default();
        let these = these.unwrap_or_default().iter();
        these.filter(|it| !others.iter().any(|other| same(it, other))).map(show).collect()
    };
    let (added, removed) = (only(new, old), only(old, new));
    let lost = |it: &String| format!("the value {it} is no longer allowed");
    let gained = |it: &String| format!("the value {it} is now possible");
    if old.is_none() && new.is_some() {
        let what = format!("is restricted to {}", added.join(", "));
        let header = matches!(visit.place, Place::Parameter { location: "header", .. });
        if header && !visit.root {
            visit.add_as(findings, "request-header-property-became-enum", "enum", &what);
        } else {
            visit.add(findings, "became-enum", "enum", &what);
        }
        return;
    }
    if old.is_some() && new.is_none() {
        let what = "is no longer restricted to a list of values";
        visit.add(findings, "became-not-enum", "enum", what);
        return;
    }
    if visit.is_request() {
        for value in &removed {
            visit.add_narrowing(findings, "enum-value-removed", "enum", &lost(value));
        }
        for value in added.iter().filter(|_| new.is_some()) {
            visit.add(findings, "enum-value-added", "enum", &gained(value));
        }
        return;
    }
    for value in &removed {
        let id = match (visit.place, visit.root) {
            (Place::Response { .. }, true) => "response-mediatype-enum-value-removed",
            (Place::Response { .. }, false) => "response-property-enum-value-removed",
            _ => "response-header-enum-value-removed",
        };
        visit.add_as(findings, id, "enum", &format!("the value {value} is no longer sent"));
    }
    for value in &added {
        if visit.is_write_only() {
            let id = "response-write-only-property-enum-value-added";
            visit.add_as(findings, id, "enum", &gained(value));
        } else {
            visit.add(findings, "enum-value-added", "enum", &gained(value));
        }
    }
}

fn constant(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let (old, new) = (base.get("const"), revision.get("const"));
    match (old, new) {
        (None, Some(_)) if base.values().is_some() => {}
        (Some(_), None) if revision.values().is_some() => {}
        (None, Some(to)) => {
            let what = format!("must now be {}", show(to));
            visit.add(findings, "const-added", "const", &what);
        }
        (Some(from), None) => {
            let what = format!("need no longer be {}", show(from));
            visit.add(findings, "const-removed", "const", &what);
        }
        (Some(from), Some(to)) if !same(from, to) => {
            let what = format!("must now be {} instead of {}", show(to), show(from));
            visit.add(findings, "const-changed", "const", &what);
        }
        _ => {}
    }
}

fn default(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    // The default of a parameter that must be sent is never used.
    if matches!(visit.place, Place::Parameter { required: true, .. }) {
        return;
    }
    let (old, new) = (visit.pair.base.get("default"), visit.pair.revision.get("default"));
    let (kind, what) = match (old, new) {
        (None, Some(to)) => ("default-value-added", format!("is {} where absent", show(to))),
        (Some(from), None) => {
            ("default-value-removed", format!("is no longer {} where absent", show(from)))
        }
        (Some(from), Some(to)) if !same(from, to) => {
            let what = format!("is {} instead of {} where absent", show(to), show(from));
            ("default-value-changed", what)
        }
        _ => return,
    };
    visit.add(findings, kind, "default", &what);
}

fn pattern(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "pattern";
    let (from, to) = (visit.pair.base.text(key), visit.pair.revision.text(key));
    match (from, to) {
        _ if from == to => {}
        ("", _) => {
            let what = format!("must now match `{to}`");
            visit.add(findings, "pattern-added", key, &what);
        }
        (_, "") => {
            let what = format!("need no longer match `{from}`");
            visit.add(findings, "pattern-removed", key, &what);
        }
        _ => {
            let what = format!("must now match `{to}` instead of `{from}`");
            let anything = matches!(to, ".*" | "^.*$" | "^.*" | ".*$");
            let general = anything && visit.is_request();
            let kind = if general { "pattern-generalized" } else { "pattern-changed" };
            visit.add(findings, kind, key, &what);
        }
    }
}

/// `x-extensible-enum` lists values that are known today; one that vanishes may be refused.
fn extensible(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "x-extensible-enum";
    if !visit.is_request() {
        return;
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (old, new) = (list(visit.pair.base.any(key)), list(visit.pair.revision.any(key)));
    for value in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("the known value {} was removed", show(value));
        visit.add(findings, "x-extensible-enum-value-removed", key, &what);
    }
}
