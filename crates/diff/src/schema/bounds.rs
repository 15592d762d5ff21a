//! Limits: of numbers, lengths and counts.

use super::{Findings, Place, Visit};
use crate::findings::What;
use crate::inclusion::strictest;
use crate::level::Level;
use crate::rules::{Kind, Rule, Scope};
use crate::view::Schema;
use serde_json::Value;

/// What can happen to a limit.
struct Rules {
    set: Kind,
    unset: Kind,
    increased: Kind,
    decreased: Kind,
}

/// A keyword with the rules on it.
macro_rules! rules {
    ($set:ident $unset:ident $increased:ident $decreased:ident) => {
        Rules {
            set: Kind::$set,
            unset: Kind::$unset,
            increased: Kind::$increased,
            decreased: Kind::$decreased,
        }
    };
}

/// The limits of a number: of the two keywords the inclusive one first; whether they limit from above.
const BOUNDS: [(&str, Rules, &str, Rules, bool); 2] = [
    (
        "maximum",
        rules!(MaxSet MaxUnset MaxIncreased MaxDecreased),
        "exclusiveMaximum",
        rules!(ExclusiveMaxSet ExclusiveMaxUnset ExclusiveMaxIncreased ExclusiveMaxDecreased),
        true,
    ),
    (
        "minimum",
        rules!(MinSet MinUnset MinIncreased MinDecreased),
        "exclusiveMinimum",
        rules!(ExclusiveMinSet ExclusiveMinUnset ExclusiveMinIncreased ExclusiveMinDecreased),
        false,
    ),
];

/// The limits whose keyword holds a number on its own, and whether it limits from above. To set `minLength` is to
/// increase it from 0, as oasdiff has it, and to set `minContains` is to increase it from 1.
const LIMITS: [(&str, Rules, bool); 8] = [
    ("maxLength", rules!(MaxLengthSet MaxLengthUnset MaxLengthIncreased MaxLengthDecreased), true),
    (
        "minLength",
        rules!(MinLengthIncreased MinLengthDecreased MinLengthIncreased MinLengthDecreased),
        false,
    ),
    ("maxItems", rules!(MaxItemsSet MaxItemsUnset MaxItemsIncreased MaxItemsDecreased), true),
    ("minItems", rules!(MinItemsSet MinItemsUnset MinItemsIncreased MinItemsDecreased), false),
    (
        "maxProperties",
        rules!(MaxPropertiesSet MaxPropertiesUnset MaxPropertiesIncreased MaxPropertiesDecreased),
        true,
    ),
    (
        "minProperties",
        rules!(MinPropertiesSet MinPropertiesUnset MinPropertiesIncreased MinPropertiesDecreased),
        false,
    ),
    (
        "maxContains",
        rules!(MaxContainsSet MaxContainsUnset MaxContainsIncreased MaxContainsDecreased),
        true,
    ),
    (
        "minContains",
        rules!(MinContainsIncreased MinContainsDecreased MinContainsIncreased MinContainsDecreased),
        false,
    ),
];

/// Judges all limits.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    for (inclusive, with, exclusive, without, upper) in &BOUNDS {
        let (old, new) = (base.bounds(inclusive, exclusive), revision.bounds(inclusive, exclusive));
        // The same number that was allowed and no longer is, or the reverse, is one change.
        let (old_with, new_with, old_without, new_without) = match (old, new) {
            ((Some(from), None), (None, Some(to))) if from == to => (None, None, None, Some(to)),
            ((None, Some(from)), (Some(to), None)) if from == to => (None, None, Some(from), None),
            (old, new) => (old.0, new.0, old.1, new.1),
        };
        limit(visit, findings, with, inclusive, *upper, old_with, new_with);
        limit(visit, findings, without, exclusive, *upper, old_without, new_without);
    }
    for (key, rules, upper) in &LIMITS {
        // At least zero is not a limit, and one item is what `contains` asks for by itself.
        let limits = |it: &f64| *upper || *it != 0.0;
        let counted = [base, revision].iter().all(|it| it.get("contains").is_some());
        let number = |it: &Schema<'_>| match *key {
            "minContains" => counted.then(|| it.number(key).unwrap_or(1.0)),
            key => it.number(key).filter(limits),
        };
        let (old, new) = (number(base), number(revision));
        limit(visit, findings, rules, key, *upper, old, new);
    }
    multiple(visit, findings);
    let unique = (base.flag("uniqueItems"), revision.flag("uniqueItems"));
    match unique {
        (false, true) => visit.add_narrowing(
            findings,
            Kind::UniqueItemsSet,
            "uniqueItems",
            "items must now differ from each other",
        ),
        (true, false) => {
            visit.add(findings, Kind::UniqueItemsUnset, "uniqueItems", "items may now repeat");
        }
        _ => {}
    }
}

fn limit(
    visit: &Visit<'_, '_>,
    findings: &mut Findings<'_>,
    rules: &Rules,
    key: &str,
    upper: bool,
    from: Option<f64>,
    to: Option<f64>,
) {
    let (kind, what, narrower) = match (from, to) {
        (Some(from), Some(to)) if from < to => {
            (rules.increased, format!("`{key}` rose from {from} to {to}"), !upper)
        }
        (Some(from), Some(to)) if from > to => {
            (rules.decreased, format!("`{key}` fell from {from} to {to}"), upper)
        }
        (None, Some(to)) => (rules.set, format!("`{key}` {to} was set"), true),
        (Some(from), None) => (rules.unset, format!("`{key}` {from} was removed"), false),
        _ => return,
    };
    let what = What::from(what).or(from.map(Value::from).as_ref(), to.map(Value::from).as_ref());
    let inside_parameter = matches!(visit.place, Place::Parameter { .. }) && !visit.root;
    if inside_parameter && visit.holder.is_none() && key == "maxItems" {
        // The lists in a list parameter are counted as the parameter itself.
        visit.add_as(findings, Rule::At(Scope::RequestParameter, kind), key, what);
    } else if narrower && visit.is_request() {
        visit.add_narrowing(findings, kind, key, what.clone());
        if from.is_none() && !visit.is_read_only() && narrows(visit, key) {
            newly_limited(visit, kind, key, what, findings);
        }
    } else if !visit.is_write_only() {
        visit.add(findings, kind, key, what);
    }
}

/// A limit where there was none breaks a request, also where the rule of the reference only warns.
fn newly_limited(
    visit: &Visit<'_, '_>,
    kind: Kind,
    key: &str,
    what: What,
    findings: &mut Findings<'_>,
) {
    if Rule::At(visit.scope(), kind).level() == Level::Warning {
        visit.add(findings, Kind::NewlyLimited, key, what);
    }
}

/// Whether a limit that was set is stricter than what was there: than the inclusive or exclusive bound, or than none.
fn narrows(visit: &Visit<'_, '_>, key: &str) -> bool {
    let upper = match key {
        "minimum" | "exclusiveMinimum" => false,
        "maximum" | "exclusiveMaximum" => true,
        // It comes with what it counts.
        "maxContains" => return visit.pair.base.get("contains").is_some(),
        _ => return true,
    };
    let old = strictest(&visit.pair.base, upper);
    let new = strictest(&visit.pair.revision, upper);
    match (old, new) {
        (None, new) => new.is_some(),
        (Some(old), Some(new)) if old.0 == new.0 => new.1 && !old.1,
        (Some(old), Some(new)) => (new.0 < old.0) == upper,
        (Some(_), None) => false,
    }
}

fn multiple(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let key = "multipleOf";
    let (from, to) = (visit.pair.base.number(key), visit.pair.revision.number(key));
    let divides = |small: f64, large: f64| {
        let times = large / small;
        times.is_finite() && (times - times.round()).abs() < 1e-9
    };
    let (kind, what) = match (from, to) {
        (None, Some(to)) => (Kind::MultipleOfSet, format!("must now be a multiple of {to}")),
        (Some(from), None) => {
            (Kind::MultipleOfUnset, format!("need no longer be a multiple of {from}"))
        }
        (Some(from), Some(to)) if from == to => return,
        (Some(from), Some(to)) => {
            let what = format!("must now be a multiple of {to} instead of {from}");
            // Neither direction holds: a client that sends and one that receives both lose.
            let narrower = divides(from, to);
            let wider = divides(to, from);
            let narrowed = if visit.is_request() { !wider } else { narrower };
            (if narrowed { Kind::MultipleOfNarrowed } else { Kind::MultipleOfWidened }, what)
        }
        (None, None) => return,
    };
    visit.add_narrowing(findings, kind, key, &what);
}
