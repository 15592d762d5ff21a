//! An operation that both documents have: its name, tags, promises and security.

use crate::findings::{Cause, Findings, Owner};
use crate::graph::Graph;
use crate::lifecycle::{Stability, Sunset};
use crate::sides::Sides;
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
    names(sides, owner, findings);
    deprecation(sides, owner, findings);
    let (base, revision) = (graph.base, graph.revision);
    if sides.event {
        events::judge(graph, sides, owner, findings);
        return true;
    }
    security::operation(&base, &revision, sides, owner, findings);
    servers::operation(&base, &revision, sides, owner, findings);
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
                findings.add("api-invalid-stability-level", owner, cause, "", why);
            }
        }
    }
    let (Ok(from), Ok(to)) = (from, to) else { return true };
    if from != to && from.is_promised() {
        let what = format!("stability went from {} to {}", from.name(), to.name());
        let kind = if to < from { "api-stability-decreased" } else { "api-stability-increased" };
        findings.add(kind, owner, sides.cause(key), "", &what);
    }
    to.is_promised()
}

fn names(sides: &Sides<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let key = "operationId";
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (old, new) = sides.values(key);
    let (old, new) = (text(old), text(new));
    if old.is_empty() && !new.is_empty() {
        let what = format!("gained the operationId `{new}`");
        findings.add("api-operation-id-added", owner, sides.cause(key), "", &what);
    } else if old != new {
        let now = if new.is_empty() { "nothing".to_owned() } else { format!("`{new}`") };
        let what = format!("the operationId `{old}` was replaced with {now}");
        findings.add("api-operation-id-removed", owner, sides.cause(key), "", &what);
    }
    let list = |value: &Value| -> Vec<String> {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (old, new) = sides.values("tags");
    let (old, new) = (list(old), list(new));
    for tag in new.iter().filter(|it| !old.contains(it)) {
        let what = format!("gained the tag `{tag}`");
        findings.add("api-tag-added", owner, sides.cause("tags"), "", &what);
    }
    for tag in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("lost the tag `{tag}`");
        findings.add("api-tag-removed", owner, sides.cause("tags"), "", &what);
    }
}

fn deprecation(sides: &Sides<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let (old, new) = sides.values("x-sunset");
    let sunset = Sunset::of(new);
    match (sides.base.flag("deprecated"), sides.revision.flag("deprecated")) {
        (true, false) => {
            let cause = sides.cause("deprecated");
            findings.add("endpoint-reactivated", owner, cause, "", "is no longer deprecated");
        }
        (false, true) => {
            let (id, what) = match &sunset {
                Sunset::Absent => ("endpoint-deprecated", "is deprecated".to_owned()),
                Sunset::Unreadable(why) => ("api-deprecated-sunset-parse", why.clone()),
                Sunset::On(date) if *date < findings.today => (
                    "api-sunset-date-too-small",
                    format!("is deprecated with the past sunset {date}"),
                ),
                Sunset::On(date) => {
                    ("endpoint-deprecated-with-sunset", format!("is deprecated and ends on {date}"))
                }
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
            findings.add("sunset-deleted", owner, cause, "", what);
        }
        (_, Sunset::Unreadable(why)) | (Sunset::Unreadable(why), _) => {
            findings.add("api-path-sunset-parse", owner, cause, "", &why);
        }
        (Sunset::On(from), Sunset::On(to)) if to < from && to < findings.today => {
            let what = format!("the sunset moved from {from} to {to}, which has passed");
            findings.add("api-sunset-date-changed-too-small", owner, cause, "", &what);
        }
        _ => {}
    }
}
