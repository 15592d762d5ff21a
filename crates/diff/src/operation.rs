//! An operation that both documents have: its name, tags, promises and security.

use crate::findings::{Cause, Findings, Owner, What};
use crate::graph::Graph;
use crate::lifecycle::{MISSING, Sunset};
use crate::rules::Rule;
use crate::sides::Sides;
use crate::types::Stability;
use crate::{bodies, events, parameters, security, servers};
use serde_json::Value;

/// Judges everything about the operation but its callbacks, and says whether it is worth judging.
pub(crate) fn judge<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) -> bool {
    if !stability(sides, owner, findings) {
        return false;
    }
    findings.notice = findings.policy.notice(sides.values("x-stability-level").1);
    names(sides, owner, findings);
    deprecation(sides, owner, findings);
    let (base, revision) = (graph.base, graph.revision);
    servers::operation(&base, &revision, sides, owner, findings);
    if sides.event {
        security::event(&base, &revision, sides, owner, findings);
        events::judge(graph, sides, owner, findings);
        return true;
    }
    security::operation(&base, &revision, sides, owner, findings);
    parameters::judge(graph, sides, owner, findings);
    bodies::request(graph, sides, owner, findings);
    bodies::responses(graph, sides, owner, findings);
    true
}

/// Judges the stability level, and says whether the rest of the operation is worth judging: clients
/// cannot rely on what is a draft.
fn stability(sides: &Sides<'_>, owner: &Owner, findings: &mut Findings<'_>) -> bool {
    let key = "x-stability-level";
    let (old, new) = sides.values(key);
    let (from, to) = (Stability::of(old), Stability::of(new));
    if sides.base.value != sides.revision.value {
        for (value, cause) in [
            (&from, Cause::base(sides.base.pointer.clone())),
            (&to, Cause::revision(sides.revision.pointer.clone())),
        ] {
            if let Err(why) = value {
                findings.add(Rule::ApiInvalidStabilityLevel, owner, cause, "", why);
            }
        }
    }
    let (Ok(from), Ok(to)) = (from, to) else { return true };
    if from != to && findings.policy.promises(from) {
        let what = format!("stability went from {} to {}", from.name(), to.name());
        let kind =
            if to < from { Rule::ApiStabilityDecreased } else { Rule::ApiStabilityIncreased };
        let what = What::turned(what, from.name(), to.name());
        findings.add(kind, owner, sides.cause(key), "", what);
    }
    findings.policy.promises(to)
}

fn names(sides: &Sides<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let key = "operationId";
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (old, new) = sides.values(key);
    let (old, new) = (text(old), text(new));
    if old.is_empty() && !new.is_empty() {
        let what = format!("gained the operationId `{new}`");
        findings.add(
            Rule::ApiOperationIdAdded,
            owner,
            sides.cause(key),
            "",
            What::gained(what, new),
        );
    } else if old != new {
        let now = if new.is_empty() { "nothing".to_owned() } else { format!("`{new}`") };
        let what = format!("the operationId `{old}` was replaced with {now}");
        let what = What::turned(what, old, new);
        findings.add(Rule::ApiOperationIdRemoved, owner, sides.cause(key), "", what);
    }
    let list = |value: &Value| -> Vec<String> {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (old, new) = sides.values("tags");
    let (old, new) = (list(old), list(new));
    for tag in new.iter().filter(|it| !old.contains(it)) {
        let what = format!("gained the tag `{tag}`");
        let what = What::gained(what, tag.as_str());
        findings.add(Rule::ApiTagAdded, owner, sides.cause("tags"), "", what);
    }
    for tag in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("lost the tag `{tag}`");
        let what = What::lost(what, tag.as_str());
        findings.add(Rule::ApiTagRemoved, owner, sides.cause("tags"), "", what);
    }
}

fn deprecation(sides: &Sides<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let (old, new) = sides.values("x-sunset");
    let sunset = Sunset::of(new);
    match (sides.base.flag("deprecated"), sides.revision.flag("deprecated")) {
        (true, false) => {
            let cause = sides.cause("deprecated");
            findings.add(Rule::EndpointReactivated, owner, cause, "", "is no longer deprecated");
        }
        (false, true) => {
            let (id, what) = match &sunset {
                Sunset::Absent if findings.notice > 0 => {
                    (Rule::ApiDeprecatedSunsetMissing, MISSING.to_owned())
                }
                Sunset::Absent => (Rule::EndpointDeprecated, "is deprecated".to_owned()),
                Sunset::Unreadable(why) => (Rule::ApiDeprecatedSunsetParse, why.clone()),
                Sunset::On(date) if findings.is_too_soon(*date) => (
                    Rule::ApiSunsetDateTooSmall,
                    format!("is deprecated and ends too soon, on {date}"),
                ),
                Sunset::On(date) => (
                    Rule::EndpointDeprecatedWithSunset,
                    format!("is deprecated and ends on {date}"),
                ),
            };
            findings.add(id, owner, sides.cause("deprecated"), "", &what);
        }
        _ => {}
    }
    if !sides.revision.flag("deprecated") || old.is_null() || old == new {
        return;
    }
    let cause = sides.cause("x-sunset");
    match (Sunset::of(old), sunset) {
        (_, Sunset::Absent) => {
            let what = "is still deprecated, but no longer says until when";
            findings.add(Rule::SunsetDeleted, owner, cause, "", what);
        }
        (_, Sunset::Unreadable(why)) | (Sunset::Unreadable(why), _) => {
            findings.add(Rule::ApiPathSunsetParse, owner, cause, "", &why);
        }
        (Sunset::On(from), Sunset::On(to)) if to < from && findings.is_too_soon(to) => {
            let what = format!("the sunset moved from {from} to {to}, which is too soon");
            findings.add(Rule::ApiSunsetDateChangedTooSmall, owner, cause, "", &what);
        }
        _ => {}
    }
}
