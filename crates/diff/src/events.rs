//! Webhooks and callbacks: the vendor sends and the client answers, so the payload is judged as an answer
//! and the reply as a request.

use crate::bodies::{accepted, contents, found, names, pointer, received, spot};
use crate::encoding;
use crate::findings::{Cause, Findings, Owner};
use crate::graph::Graph;
use crate::media;
use crate::parameters;
use crate::rules::Rule;
use crate::schema::{self, Place};
use crate::sides::Sides;
use crate::types::Part;
use crate::view::Spot;

/// Judges what is sent, with its parameters, and what may answer it.
pub(crate) fn judge<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    parameters(graph, sides, owner, findings);
    payload(graph, sides, &owner.part(Part::Request), findings);
    replies(graph, sides, owner, findings);
}

fn payload<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let say = "the payload";
    let base = sides.base.get("requestBody").map(|it| graph.base.resolve(it));
    let revision = sides.revision.get("requestBody").map(|it| graph.revision.resolve(it));
    let (base, revision) = match (base, revision) {
        (Some(base), Some(revision)) => (base, revision),
        (None, Some(revision)) => {
            let cause = Cause::revision(revision.pointer);
            return findings.add(Rule::EventPayloadAdded, owner, cause, say, "was added");
        }
        (Some(base), None) => {
            let cause = Cause::base(base.pointer);
            return findings.add(Rule::EventPayloadRemoved, owner, cause, say, "was removed");
        }
        (None, None) => return,
    };
    let cause = || Cause::both(base.pointer.clone(), revision.pointer.clone());
    match (base.flag("required"), revision.flag("required")) {
        (true, false) => {
            findings.add(Rule::EventPayloadBecameOptional, owner, cause(), say, "became optional");
        }
        (false, true) => {
            findings.add(
                Rule::EventPayloadBecameRequired,
                owner,
                cause(),
                say,
                "is always there now",
            );
        }
        _ => {}
    }
    let (old, new) = (contents(&graph.base, &base), contents(&graph.revision, &revision));
    let all = media::pair(&names(&old), &names(&new));
    for name in &all.added {
        let cause = Cause::revision(pointer(&new, name));
        let (id, what) = match all.removed.is_empty() {
            true => (Rule::EventMediaTypeAdded, format!("may be sent as `{name}` too")),
            false => (Rule::EventMediaTypeReplaced, format!("is sent as `{name}`")),
        };
        findings.add(id, owner, cause, say, &what);
    }
    for name in &all.removed {
        let cause = Cause::base(pointer(&old, name));
        let what = format!("is no longer sent as `{name}`");
        findings.add(Rule::EventMediaTypeRemoved, owner, cause, say, &what);
    }
    for &(from, to) in all.pairs.iter().chain(&all.held) {
        if let (Some(before), Some(after)) = (spot(&old, from), spot(&new, to)) {
            let place = Place::Response { status: None, media: to };
            encoding::judge(graph, (&before, &after), &place, to, owner, findings);
        }
    }
    let place = |media| Place::Response { status: None, media };
    received(graph, (&old, &new, &all), say, place, owner, findings);
}

fn replies<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (base, revision) =
        (crate::bodies::by_status(&sides.base), crate::bodies::by_status(&sides.revision));
    let accepts = |list: &[(&str, Spot<'a>)], status: &str| {
        list.iter().any(|(it, _)| *it == "default" || crate::bodies::covers(it, status))
    };
    for (status, spot) in &revision {
        if !accepts(&base, status) {
            let owner = owner.part(Part::Response((*status).to_owned()));
            let cause = Cause::revision(spot.pointer.clone());
            let what = format!("the reply {status} is accepted too");
            findings.add(Rule::EventReplyStatusAdded, &owner, cause, "", &what);
        }
    }
    for (status, old) in base {
        let owner = &owner.part(Part::Response(status.to_owned()));
        if !accepts(&revision, status) {
            let what = format!("the reply {status} is no longer accepted");
            let cause = Cause::base(old.pointer);
            findings.add(Rule::EventReplyStatusRemoved, owner, cause, "", &what);
            continue;
        }
        let exact = revision.iter().find(|(other, _)| *other == status);
        let covering = || revision.iter().find(|(it, _)| crate::bodies::covers(it, status));
        let new = exact.or_else(covering).or_else(|| revision.iter().find(|it| it.0 == "default"));
        let Some((_, new)) = new else { continue };
        let (old, new) = (graph.base.resolve(old), graph.revision.resolve(new.clone()));
        reply(graph, (&old, &new), status, owner, findings);
    }
}

fn reply<'a>(
    graph: &mut Graph<'a>,
    (old, new): (&Spot<'a>, &Spot<'a>),
    status: &'a str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    parameters::of_reply(graph, (old, new), status, owner, findings);
    let say = format!("the reply {status}");
    let (before, after) = (contents(&graph.base, old), contents(&graph.revision, new));
    if before.is_empty() && !after.is_empty() {
        let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
        return findings.add(Rule::EventReplyBodyAdded, owner, cause, &say, "must now have a body");
    }
    if after.is_empty() && !before.is_empty() {
        let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
        let what = "no longer has a body";
        return findings.add(Rule::EventReplyBodyRemoved, owner, cause, &say, what);
    }
    accepted(graph, (old, new), Some(status), owner, findings);
}

/// The parameters of an event are what a client finds in it, as the headers of an answer.
fn parameters<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (pairs, removed, added) = parameters::paired(graph, sides);
    for it in added {
        let owner = it.of(owner);
        let what = format!("gained the {} {}", it.location, it.key);
        findings.add(Rule::EventParameterAdded, &owner, Cause::revision(it.spot.pointer), "", what);
    }
    for it in removed {
        let owner = it.of(owner);
        let (rule, need) = match it.spot.flag("required") {
            true => (Rule::EventRequiredParameterRemoved, "required"),
            false => (Rule::EventOptionalParameterRemoved, "optional"),
        };
        let what = format!("lost the {need} {} {}", it.location, it.key);
        findings.add(rule, &owner, Cause::base(it.spot.pointer), "", what);
    }
    for (old, new) in &pairs {
        let owner = &new.of(owner);
        let need = match (old.spot.flag("required"), new.spot.flag("required")) {
            (true, false) => Some((Rule::EventParameterBecameOptional, "became optional")),
            (false, true) => Some((Rule::EventParameterBecameRequired, "is always there now")),
            _ => None,
        };
        if let Some((rule, need)) = need {
            let cause = Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
            let what = format!("the {} {} {need}", old.location, old.key);
            findings.add(rule, owner, cause, "", what);
        }
        parameters::deprecation(old, new, owner, findings);
        let (base, revision) = (found(&graph.base, &old.spot), found(&graph.revision, &new.spot));
        parameters::written(graph, (old, base.1), (new, revision.1), owner, findings);
        let media = base.1.and(revision.1);
        let place = Place::Header { status: None, name: old.name, media };
        let pair = graph.pair(base.0, revision.0);
        schema::judge(graph, pair, &place, owner, findings);
    }
}
