//! Properties: which there are, which must be there, who may read and write them.

use super::{Findings, Place, Visit, parts};
use crate::findings::{Cause, What};
use crate::rules::{Kind, Rule, Scope};
use crate::types::Step;
use crate::view::Schema;
use crate::vocabulary::within;
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
    // Where objects are no longer among the types of an answer, their properties go with them.
    let (old, new) = (visit.pair.base.types(), visit.pair.revision.types());
    let gone = old.contains(&"object") && !new.contains(&"object") && within(&new, &old);
    if !visit.is_request() && gone {
        return;
    }
    if property.refuses_all() {
        // It was never there, and what nothing describes is not expected to be.
        let kind = if visit.is_request() { Kind::NotRemoved } else { Kind::AllowedAllBefore };
        let what = What::lost(format!("property `{name}` is no longer refused"), name);
        return visit.add_property(findings, Rule::At(visit.place.scope(false), kind), cause, what);
    }
    // A property may be required without being described; it is sent as before then.
    let required = visit.pair.base.requires(name) && !visit.pair.revision.requires(name);
    if visit.safe && is_described_elsewhere(visit, name) {
        return;
    }
    let closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| visit.pair.revision.get(key) == Some(&Value::Bool(false)));
    let rule = match visit.place {
        Place::Request { .. } if property.flag("readOnly") => return,
        Place::Request { .. } if closed => Rule::RequestPropertyRemovedAndRefused,
        Place::Request { .. } => Rule::RequestPropertyRemoved,
        Place::Parameter { .. } if closed => Rule::RequestParameterPropertyRemovedAndRefused,
        Place::Parameter { .. } => Rule::RequestParameterPropertyRemoved,
        Place::Response { .. } | Place::Header { .. } => {
            match (property.flag("writeOnly"), required) {
                (false, true) => Rule::ResponseRequiredPropertyRemoved,
                (false, false) => Rule::ResponseOptionalPropertyRemoved,
                (true, true) => Rule::ResponseRequiredWriteOnlyPropertyRemoved,
                (true, false) => Rule::ResponseOptionalWriteOnlyPropertyRemoved,
            }
        }
    };
    let what = What::lost(format!("property `{name}` was removed"), name);
    visit.add_property(findings, rule, cause, what);
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
    // The schema around it may describe it already: here it is limited.
    let canonical = visit.graph.form.is_canonical();
    let around = visit.around.filter(|_| canonical);
    let limited = visit.partial || around.is_some_and(|it| it.base.property(name).is_some());
    if limited && visit.is_request() && !required && !property.says_nothing() {
        let rule = Rule::At(visit.place.scope(false), Kind::NewlyLimited);
        let what = What::gained(format!("more is asked of property `{name}`"), name);
        return visit.add_property(findings, rule, cause, what);
    }
    if property.refuses_all() {
        // What is closed or described for all others says so by itself.
        let others = visit.pair.base.get("additionalProperties");
        if others.is_none_or(|it| it == &Value::Bool(true)) {
            let rule = Rule::At(visit.place.scope(false), Kind::NotAdded);
            let what = What::gained(format!("property `{name}` is refused now"), name);
            visit.add_property(findings, rule, cause, what);
        }
        return;
    }
    let rule = match visit.place {
        Place::Request { .. } | Place::Parameter { .. } if property.flag("readOnly") => return,
        Place::Parameter { .. } if required && header => Rule::NewRequiredRequestHeaderProperty,
        Place::Parameter { .. } if required => Rule::NewRequiredRequestParameterProperty,
        Place::Parameter { .. } => Rule::NewOptionalRequestParameterProperty,
        Place::Request { .. } if required && property.get("default").is_some() => {
            Rule::NewRequiredRequestPropertyWithDefault
        }
        Place::Request { .. } if required => Rule::NewRequiredRequestProperty,
        Place::Request { .. } => Rule::NewOptionalRequestProperty,
        Place::Response { .. } | Place::Header { .. } => {
            match (property.flag("writeOnly"), required) {
                (false, true) => Rule::ResponseRequiredPropertyAdded,
                (false, false) => Rule::ResponseOptionalPropertyAdded,
                (true, true) => Rule::ResponseRequiredWriteOnlyPropertyAdded,
                (true, false) => Rule::ResponseOptionalWriteOnlyPropertyAdded,
            }
        }
    };
    let what = format!("the {} property `{name}` was added", need(required));
    visit.add_property(findings, rule, cause, What::gained(what, name));
}

/// Whether an alternative of the revision describes a property, or what stands around it as one.
fn is_described_elsewhere(visit: &Visit<'_, '_>, name: &str) -> bool {
    let (side, revision) = (&visit.graph.revision, &visit.pair.revision);
    let alternatives = ["oneOf", "anyOf"].into_iter().flat_map(|key| revision.members(side, key));
    let mut others = alternatives.chain(visit.around.map(|it| it.revision.clone()));
    others.any(|it| it.property(name).is_some())
}

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

fn became_kind(required: bool) -> Kind {
    if required { Kind::BecameRequired } else { Kind::BecameOptional }
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
        let step = Step::property(&it.name);
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
    let kind = became_kind(required);
    let rule = match visit.place {
        Place::Request { .. } | Place::Parameter { .. } if revision.flag("readOnly") => return,
        Place::Request { .. } if required && revision.get("default").is_some() => {
            Rule::At(Scope::RequestProperty, Kind::BecameRequiredWithDefault)
        }
        Place::Parameter { .. } if required && header => Rule::RequestHeaderPropertyBecameRequired,
        Place::Request { .. } => Rule::At(Scope::RequestProperty, kind),
        Place::Parameter { .. } => Rule::At(Scope::RequestParameterProperty, kind),
        Place::Response { .. } | Place::Header { .. } => {
            let hidden = base.flag("writeOnly") || revision.flag("writeOnly");
            let scope =
                if hidden { Scope::ResponseWriteOnlyProperty } else { Scope::ResponseProperty };
            Rule::At(scope, kind)
        }
    };
    let cause = required_at(visit, name);
    let what = format!("property `{name}` became {}", need(required));
    visit.add_property(findings, rule, cause, what);
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
    let rule = Rule::At(visit.place.scope(false), became_kind(required));
    let cause = required_at(visit, name);
    let what = format!("property `{name}` became {}", need(required));
    visit.add_property(findings, rule, cause, what);
}

/// The rules on a property that becomes `readOnly` or is so no longer, then the same for `writeOnly`.
type Access = [[Rule; 2]; 2];

const REQUIRED_IN_REQUESTS: Access = [
    [Rule::RequestRequiredPropertyBecameReadOnly, Rule::RequestRequiredPropertyBecameNotReadOnly],
    [Rule::RequestRequiredPropertyBecameWriteOnly, Rule::RequestRequiredPropertyBecameNotWriteOnly],
];
const OPTIONAL_IN_REQUESTS: Access = [
    [Rule::RequestOptionalPropertyBecameReadOnly, Rule::RequestOptionalPropertyBecameNotReadOnly],
    [Rule::RequestOptionalPropertyBecameWriteOnly, Rule::RequestOptionalPropertyBecameNotWriteOnly],
];
const REQUIRED_IN_RESPONSES: Access = [
    [Rule::ResponseRequiredPropertyBecameReadOnly, Rule::ResponseRequiredPropertyBecameNotReadOnly],
    [
        Rule::ResponseRequiredPropertyBecameWriteOnly,
        Rule::ResponseRequiredPropertyBecameNotWriteOnly,
    ],
];
const OPTIONAL_IN_RESPONSES: Access = [
    [Rule::ResponseOptionalPropertyBecameReadOnly, Rule::ResponseOptionalPropertyBecameNotReadOnly],
    [
        Rule::ResponseOptionalPropertyBecameWriteOnly,
        Rule::ResponseOptionalPropertyBecameNotWriteOnly,
    ],
];

fn access(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let Some((holder, name)) = visit.holder else { return };
    let needed = holder.revision.requires(name);
    if !matches!(visit.place, Place::Request { .. } | Place::Response { .. }) {
        return;
    }
    let rules = match (visit.place.is_request(), needed) {
        (true, true) => &REQUIRED_IN_REQUESTS,
        (true, false) => &OPTIONAL_IN_REQUESTS,
        (false, true) => &REQUIRED_IN_RESPONSES,
        (false, false) => &OPTIONAL_IN_RESPONSES,
    };
    for ((key, say), [became, became_not]) in
        [("readOnly", "read-only"), ("writeOnly", "write-only")].into_iter().zip(rules)
    {
        let (old, new) = (visit.pair.base.flag(key), visit.pair.revision.flag(key));
        if old == new {
            continue;
        }
        let (rule, what) = match new {
            true => (became, format!("became {say}")),
            false => (became_not, format!("is no longer {say}")),
        };
        visit.add_as(findings, *rule, key, what);
        // By direction: an answer is without what can only be written, a request with what is no
        // longer only read.
        let was_needed = holder.base.requires(name);
        match (visit.place, key, new) {
            (Place::Response { .. }, "writeOnly", true) => {
                let rule = match was_needed {
                    true => Rule::ResponseRequiredPropertyNoLongerSent,
                    false => Rule::ResponseOptionalPropertyNoLongerSent,
                };
                visit.add_as(findings, rule, key, "is no longer part of answers");
            }
            (Place::Request { .. }, "readOnly", true) => {
                let rule = Rule::RequestPropertyNoLongerAccepted;
                visit.add_as(findings, rule, key, "is no longer part of requests");
            }
            (Place::Request { .. }, "readOnly", false) if needed => {
                let rule = Rule::RequestRequiredPropertyMustBeSent;
                visit.add_as(findings, rule, key, "must now be sent");
            }
            _ => {}
        }
    }
}

/// The list of what is required, as what says something about the property `name`.
fn required_at(visit: &Visit<'_, '_>, name: &str) -> Cause {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    let property = |it: &Schema<'_>| it.pointer("").child("properties").child(name);
    let cause = Cause::both(base.pointer("required"), revision.pointer("required"));
    Cause { about: Some((property(base), property(revision))), ..cause }
}
