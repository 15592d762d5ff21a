//! Allowed values: lists, constants, defaults, patterns, encodings.

use super::{Findings, Place, Visit, show};
use crate::findings::What;
use crate::rules::{Kind, Rule, Scope};
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
        (Kind::ContentEncodingChanged, "contentEncoding"),
        (Kind::ContentMediaTypeChanged, "contentMediaType"),
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
    let only = |these: Option<&[Value]>, others: Option<&[Value]>| -> Vec<Value> {
        let others = others.unwrap_or_default();
        let these = these.unwrap_or_default().iter();
        these.filter(|it| !others.iter().any(|other| same(it, other))).cloned().collect()
    };
    let (added, removed) = (only(new, old), only(old, new));
    let lost =
        |it: &Value| What::lost(format!("the value {} is no longer allowed", show(it)), it.clone());
    let gained =
        |it: &Value| What::gained(format!("the value {} is now possible", show(it)), it.clone());
    if old.is_none() && new.is_some() {
        let shown: Vec<_> = added.iter().map(show).collect();
        let what = What::gained(format!("is restricted to {}", shown.join(", ")), added);
        let header = matches!(visit.place, Place::Parameter { location: "header", .. });
        if header {
            visit.add_as(findings, Rule::RequestHeaderPropertyBecameEnum, "enum", what.clone());
        }
        if !header || visit.root {
            visit.add(findings, Kind::BecameEnum, "enum", what);
        }
        return;
    }
    if old.is_some() && new.is_none() {
        let what = "is no longer restricted to a list of values";
        visit.add(findings, Kind::BecameNotEnum, "enum", what);
        return;
    }
    if visit.is_request() {
        for value in &removed {
            visit.add_narrowing(findings, Kind::EnumValueRemoved, "enum", lost(value));
        }
        for value in added.iter().filter(|_| new.is_some()) {
            visit.add(findings, Kind::EnumValueAdded, "enum", gained(value));
        }
        return;
    }
    for value in &removed {
        let rule = match (visit.place, visit.root) {
            (Place::Response { .. }, true) => Rule::ResponseMediatypeEnumValueRemoved,
            (Place::Response { .. }, false) => {
                Rule::At(Scope::ResponseProperty, Kind::EnumValueRemoved)
            }
            _ => Rule::At(Scope::ResponseHeader, Kind::EnumValueRemoved),
        };
        let what = format!("the value {} is no longer sent", show(value));
        visit.add_as(findings, rule, "enum", What::lost(what, value.clone()));
    }
    for value in &added {
        if visit.is_write_only() {
            let rule = Rule::At(Scope::ResponseWriteOnlyProperty, Kind::EnumValueAdded);
            visit.add_as(findings, rule, "enum", gained(value));
        } else {
            visit.add(findings, Kind::EnumValueAdded, "enum", gained(value));
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
            visit.add(findings, Kind::ConstAdded, "const", &what);
        }
        (Some(from), None) => {
            let what = format!("need no longer be {}", show(from));
            visit.add(findings, Kind::ConstRemoved, "const", &what);
        }
        (Some(from), Some(to)) if !same(from, to) => {
            let what = format!("must now be {} instead of {}", show(to), show(from));
            visit.add(findings, Kind::ConstChanged, "const", &what);
        }
        _ => {}
    }
}

fn default(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    // The default of a parameter that must be sent is never used; nobody left it out who had to send it before.
    if matches!(visit.place, Place::Parameter { required: true, .. }) {
        return;
    }
    let (old, new) = (visit.pair.base.get("default"), visit.pair.revision.get("default"));
    let (kind, what) = match (old, new) {
        (None, Some(to)) => (Kind::DefaultValueAdded, format!("is {} where absent", show(to))),
        (Some(from), None) => {
            (Kind::DefaultValueRemoved, format!("is no longer {} where absent", show(from)))
        }
        (Some(from), Some(to)) if !same(from, to) => {
            let what = format!("is {} instead of {} where absent", show(to), show(from));
            (Kind::DefaultValueChanged, what)
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
            visit.add(findings, Kind::PatternAdded, key, &what);
        }
        (_, "") => {
            let what = format!("need no longer match `{from}`");
            visit.add(findings, Kind::PatternRemoved, key, &what);
        }
        _ => {
            let what = format!("must now match `{to}` instead of `{from}`");
            let anything = matches!(to, ".*" | "^.*$" | "^.*" | ".*$");
            let general = anything && visit.is_request();
            let kind = if general { Kind::PatternGeneralized } else { Kind::PatternChanged };
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
    // Where the list goes altogether, nothing says which values are known.
    let (Some(old), Some(new)) =
        (visit.pair.base.any(key).as_array(), visit.pair.revision.any(key).as_array())
    else {
        return;
    };
    for value in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("the known value {} was removed", show(value));
        visit.add(
            findings,
            Kind::XExtensibleEnumValueRemoved,
            key,
            What::lost(what, value.clone()),
        );
    }
}
