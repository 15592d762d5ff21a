//! Properties: which there are, which must be there, who may read and write them.

use super::{Findings, Place, Visit, parts};
use crate::findings::Cause;
use crate::graph::Step;
use crate::view::Schema;
use conversations_document::document::child;
use serde_json::Value;

/// Judges the properties of an object, and what this pair is as a property of another.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let mut moved = parts::moved_properties(visit).unwrap_or_default();
    moved.extend(visit.pair.moved.iter().map(|it| it.name.clone()));
    for (name, spot) in visit.pair.base.map("properties") {
        if visit.pair.revision.property(name).is_none() && !moved.iter().any(|it| it == name) {
            let property = visit.graph.base.schema(spot.clone());
            removed(visit, name, &property, Cause::base(spot.pointer), findings);
        }
    }
    for (name, spot) in visit.pair.revision.map("properties") {
        if visit.pair.base.property(name).is_none() && !moved.iter().any(|it| it == name) {
            let property = visit.graph.revision.schema(spot.clone());
            added(visit, name, &property, Cause::revision(spot.pointer), findings);
        }
    }
    required(visit, findings);
    access(visit, findings);
}

fn removed(
    visit: &Visit<'_, '_>,
    name: &str,
    property: &Schema<'_>,
    cause: Cause,
    findings: &mut Findings<'_>,
) {
    // A property may be required without being described; it is sent as before then.
    let required = visit.pair.base.requires(name) && !visit.pair.revision.requires(name);
    let closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| visit.pair.revision.get(key) == Some(&Value::Bool(false)));
    let id = match visit.place {
        Place::Request { .. } if property.flag("readOnly") => return,
        Place::Request { .. } if closed => "request-property-removed-and-refused".to_owned(),
        Place::Request { .. } => "request-property-removed".to_owned(),
        Place::Parameter { .. } if closed => {
            "request-parameter-property-removed-and-refused".to_owned()
        }
        Place::Parameter { .. } => "request-parameter-property-removed".to_owned(),
        Place::Response { .. } | Place::Header { .. } => {
            let write_only = if property.flag("writeOnly") { "-write-only" } else { "" };
            format!("response-{}{write_only}-property-removed", need(required))
        }
    };
    visit.add_property(findings, &id, cause, &format!("property `{name}` was removed"));
}

fn added(
    visit: &Visit<'_, '_>,
    name: &str,
    property: &Schema<'_>,
    cause: Cause,
    findings: &mut Findings<'_>,
) {
    let required = visit.pair.revision.requires(name) && !visit.pair.base.requires(name);
    let header = matches!(visit.place, Place::Parameter { location: "header", .. });
    let id = match visit.place {
        Place::Request { .. } | Place::Parameter { .. } if property.flag("readOnly") => return,
        Place::Parameter { .. } if required && header => {
            "new-required-request-header-property".to_owned()
        }
        Place::Parameter { .. } => format!("new-{}-request-parameter-property", need(required)),
        Place::Request { .. } if required && property.get("default").is_some() => {
            "new-required-request-property-with-default".to_owned()
        }
        Place::Request { .. } => format!("new-{}-request-property", need(required)),
        Place::Response { .. } | Place::Header { .. } => {
            let write_only = if property.flag("writeOnly") { "-write-only" } else { "" };
            format!("response-{}{write_only}-property-added", need(required))
        }
    };
    let what = format!("the {} property `{name}` was added", need(required));
    visit.add_property(findings, &id, cause, &what);
}

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

fn required(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (old, new) = (visit.pair.base.texts("required"), visit.pair.revision.texts("required"));
    for name in new.iter().filter(|it| !old.contains(it)) {
        became(visit, name, true, findings);
    }
    for name in old.iter().filter(|it| !new.contains(it)) {
        became(visit, name, false, findings);
    }
    for it in visit.pair.moved.iter().filter(|it| it.needed.0 != it.needed.1) {
        let step = Step::Property(it.name.clone());
        let below = visit.pair.below.iter().find(|below| below.0 == step);
        if let Some(property) = below.and_then(|below| visit.graph.pairs.get(below.1)) {
            let schemas = (&property.base, &property.revision);
            became_known(visit, &it.name, it.needed.1, schemas, findings);
        }
    }
}

fn became(visit: &Visit<'_, '_>, name: &str, required: bool, findings: &mut Findings<'_>) {
    let (Some(base), Some(revision)) = (visit.base_property(name), visit.revision_property(name))
    else {
        return became_elsewhere(visit, name, required, findings);
    };
    became_known(visit, name, required, (&base, &revision), findings);
}

fn became_known(
    visit: &Visit<'_, '_>,
    name: &str,
    required: bool,
    (base, revision): (&Schema<'_>, &Schema<'_>),
    findings: &mut Findings<'_>,
) {
    let header = matches!(visit.place, Place::Parameter { location: "header", .. });
    let id = match visit.place {
        Place::Request { .. } | Place::Parameter { .. } if revision.flag("readOnly") => return,
        Place::Request { .. } if required && revision.get("default").is_some() => {
            "request-property-became-required-with-default".to_owned()
        }
        Place::Parameter { .. } if required && header => {
            "request-header-property-became-required".to_owned()
        }
        Place::Request { .. } => format!("request-property-became-{}", need(required)),
        Place::Parameter { .. } => format!("request-parameter-property-became-{}", need(required)),
        Place::Response { .. } | Place::Header { .. } => {
            let hidden = base.flag("writeOnly") || revision.flag("writeOnly");
            let write_only = if hidden { "-write-only" } else { "" };
            format!("response{write_only}-property-became-{}", need(required))
        }
    };
    let cause = required_at(visit, name);
    let what = format!("property `{name}` became {}", need(required));
    visit.add_property(findings, &id, cause, &what);
}

/// `required` may name a property that another part of a composition describes, or none does.
fn became_elsewhere(
    visit: &Visit<'_, '_>,
    name: &str,
    required: bool,
    findings: &mut Findings<'_>,
) {
    // What came or went with its description is judged with that.
    let holder = if required { &visit.pair.revision } else { &visit.pair.base };
    if holder.property(name).is_some() || name.is_empty() {
        return;
    }
    let id = match visit.place {
        Place::Request { .. } => format!("request-property-became-{}", need(required)),
        Place::Response { .. } => format!("response-property-became-{}", need(required)),
        Place::Parameter { .. } => format!("request-parameter-property-became-{}", need(required)),
        Place::Header { .. } => format!("response-header-property-became-{}", need(required)),
    };
    let cause = required_at(visit, name);
    let what = format!("property `{name}` became {}", need(required));
    visit.add_property(findings, &id, cause, &what);
}

fn access(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let Some((holder, name)) = visit.holder else { return };
    let needed = holder.revision.requires(name);
    let required = need(needed);
    let side = match visit.place {
        Place::Request { .. } => "request",
        Place::Response { .. } => "response",
        Place::Parameter { .. } | Place::Header { .. } => return,
    };
    for (key, say) in [("readOnly", "read-only"), ("writeOnly", "write-only")] {
        let (old, new) = (visit.pair.base.flag(key), visit.pair.revision.flag(key));
        if old == new {
            continue;
        }
        let (id, what) = if new {
            (format!("{side}-{required}-property-became-{say}"), format!("became {say}"))
        } else {
            (format!("{side}-{required}-property-became-not-{say}"), format!("is no longer {say}"))
        };
        visit.add_as(findings, &id, key, &what);
        // By direction: an answer is without what can only be written, a request with what is no
        // longer only read.
        let was_needed = holder.base.requires(name);
        match (visit.place, key, new) {
            (Place::Response { .. }, "writeOnly", true) => {
                let id = format!("response-{}-property-no-longer-sent", need(was_needed));
                visit.add_as(findings, &id, key, "is no longer part of answers");
            }
            (Place::Request { .. }, "readOnly", true) => {
                let id = "request-property-no-longer-accepted";
                visit.add_as(findings, id, key, "is no longer part of requests");
            }
            (Place::Request { .. }, "readOnly", false) if needed => {
                let id = "request-required-property-must-be-sent";
                visit.add_as(findings, id, key, "must now be sent");
            }
            _ => {}
        }
    }
}

/// The list of what is required, as what says something about the property `name`.
fn required_at(visit: &Visit<'_, '_>, name: &str) -> Cause {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let property = |it: &Schema<'_>| child(&child(&it.pointer(""), "properties"), name);
    let cause = Cause::both(base.pointer("required"), revision.pointer("required"));
    Cause { about: Some((property(base), property(revision))), ..cause }
}
