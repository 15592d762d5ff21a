//! Limits: of numbers, lengths and counts.

use super::{Findings, Place, Visit};
use crate::rules;
use crate::types::Level;

/// The limits whose keyword holds a number on its own: id, keyword, whether it limits from above,
/// whether its absence means zero.
const LIMITS: [(&str, &str, bool, bool); 8] = [
    ("max-length", "maxLength", true, false),
    ("min-length", "minLength", false, true),
    ("max-items", "maxItems", true, false),
    ("min-items", "minItems", false, false),
    ("max-properties", "maxProperties", true, false),
    ("min-properties", "minProperties", false, false),
    ("max-contains", "maxContains", true, false),
    ("min-contains", "minContains", false, false),
];

/// Judges all limits.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    for (id, inclusive, exclusive, upper) in [
        ("max", "maximum", "exclusiveMaximum", true),
        ("min", "minimum", "exclusiveMinimum", false),
    ] {
        let (old, new) = (base.bounds(inclusive, exclusive), revision.bounds(inclusive, exclusive));
        // The same number that was allowed and no longer is, or the reverse, is one change.
        match (old, new) {
            ((Some(from), None), (None, Some(to))) if from == to => {
                limit(
                    visit,
                    findings,
                    &format!("exclusive-{id}"),
                    exclusive,
                    upper,
                    None,
                    Some(to),
                );
            }
            ((None, Some(from)), (Some(to), None)) if from == to => {
                limit(
                    visit,
                    findings,
                    &format!("exclusive-{id}"),
                    exclusive,
                    upper,
                    Some(from),
                    None,
                );
            }
            _ => {
                limit(visit, findings, id, inclusive, upper, old.0, new.0);
                limit(visit, findings, &format!("exclusive-{id}"), exclusive, upper, old.1, new.1);
            }
        }
    }
    for (id, key, upper, zero) in LIMITS {
        let absent = zero.then_some(0.0);
        let (mut old, mut new) = (base.number(key).or(absent), revision.number(key).or(absent));
        if !upper && !zero {
            // At least zero is no limit.
            old = old.filter(|it| *it != 0.0);
            new = new.filter(|it| *it != 0.0);
        }
        limit(visit, findings, id, key, upper, old, new);
    }
    multiple(visit, findings);
    let unique = (base.flag("uniqueItems"), revision.flag("uniqueItems"));
    match unique {
        (false, true) => visit.add_narrowing(
            findings,
            "unique-items-set",
            "uniqueItems",
            "items must now differ from each other",
        ),
        (true, false) => {
            visit.add(findings, "unique-items-unset", "uniqueItems", "items may now repeat");
        }
        _ => {}
    }
}

fn limit(
    visit: &Visit<'_, '_>,
    findings: &mut Findings<'_>,
    id: &str,
    key: &str,
    upper: bool,
    from: Option<f64>,
    to: Option<f64>,
) {
    let (kind, what, narrower) = match (from, to) {
        (Some(from), Some(to)) if from < to => {
            ("increased", format!("`{key}` rose from {from} to {to}"), !upper)
        }
        (Some(from), Some(to)) if from > to => {
            ("decreased", format!("`{key}` fell from {from} to {to}"), upper)
        }
        (None, Some(to)) => ("set", format!("`{key}` {to} was set"), true),
        (Some(from), None) => ("unset", format!("`{key}` {from} was removed"), false),
        _ => return,
    };
    let kind = format!("{id}-{kind}");
    let inside_parameter = matches!(visit.place, Place::Parameter { .. }) && !visit.root;
    if inside_parameter && key == "maxItems" {
        // The items of a list parameter are counted as the parameter's own.
        visit.add_as(findings, &format!("request-parameter-{kind}"), key, &what);
    } else if narrower && visit.is_request() {
        visit.add_narrowing(findings, &kind, key, &what);
        if from.is_none() && !visit.is_read_only() && narrows(visit, key) {
            newly_limited(visit, &kind, key, &what, findings);
        }
    } else if !visit.is_write_only() {
        visit.add(findings, &kind, key, &what);
    }
}

/// A limit where there was none breaks a request, also where the rule of the reference only warns.
fn newly_limited(
    visit: &Visit<'_, '_>,
    kind: &str,
    key: &str,
    what: &str,
    findings: &mut Findings<'_>,
) {
    let known = rules::level(&format!("{}-{kind}", visit.prefix()));
    if known.is_some_and(|it| it.1 == Level::Warning) {
        visit.add(findings, "newly-limited", key, what);
    }
}

/// Whether a bound that was set is stricter than the inclusive or exclusive one that was there.
fn narrows(visit: &Visit<'_, '_>, key: &str) -> bool {
    let (inclusive, exclusive, upper) = match key {
        "minimum" | "exclusiveMinimum" => ("minimum", "exclusiveMinimum", false),
        "maximum" | "exclusiveMaximum" => ("maximum", "exclusiveMaximum", true),
        _ => return true,
    };
    let strictest = |(with, without): (Option<f64>, Option<f64>)| match (with, without) {
        (Some(with), Some(without)) if (with < without) == upper && with != without => {
            Some((with, false))
        }
        (_, Some(without)) => Some((without, true)),
        (with, None) => with.map(|it| (it, false)),
    };
    let old = strictest(visit.pair.base.bounds(inclusive, exclusive));
    let new = strictest(visit.pair.revision.bounds(inclusive, exclusive));
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
        (None, Some(to)) => ("multiple-of-set", format!("must now be a multiple of {to}")),
        (Some(from), None) => {
            ("multiple-of-unset", format!("need no longer be a multiple of {from}"))
        }
        (Some(from), Some(to)) if from == to => return,
        (Some(from), Some(to)) => {
            let what = format!("must now be a multiple of {to} instead of {from}");
            // Neither direction holds: a client that sends and one that receives both lose.
            let narrower = divides(from, to);
            let wider = divides(to, from);
            let narrowed = if visit.is_request() { !wider } else { narrower };
            (if narrowed { "multiple-of-narrowed" } else { "multiple-of-widened" }, what)
        }
        (None, None) => return,
    };
    visit.add_narrowing(findings, kind, key, &what);
}
