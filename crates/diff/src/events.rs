//! Webhooks and callbacks: the vendor sends and the client answers, so the payload is judged as an answer
//! and the reply as a request.

use crate::bodies::{content, contents, found, names, pointer, spot};
use crate::findings::{Cause, Findings, Owner};
use crate::graph::Graph;
use crate::media;
use crate::rules::Rule;
use crate::schema::{self, Place};
use crate::sides::Sides;
use crate::types::Part;
use crate::view::{Side, Spot};

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
    let (old, new) = (contents(&base), contents(&revision));
    let (pairs, removed, added) = media::pair(&names(&old), &names(&new));
    for name in &added {
        let cause = Cause::revision(pointer(&new, name));
        let (id, what) = match removed.is_empty() {
            true => (Rule::EventMediaTypeAdded, format!("may be sent as `{name}` too")),
            false => (Rule::EventMediaTypeReplaced, format!("is sent as `{name}`")),
        };
        findings.add(id, owner, cause, say, &what);
    }
    for name in removed {
        let cause = Cause::base(pointer(&old, name));
        let what = format!("is no longer sent as `{name}`");
        findings.add(Rule::EventMediaTypeRemoved, owner, cause, say, &what);
    }
    for (from, to) in pairs {
        let place = Place::Response { status: None, media: to };
        content(graph, spot(&old, from), spot(&new, to), &place, owner, findings);
    }
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
    status: &str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let say = format!("the reply {status}");
    let (before, after) = (contents(old), contents(new));
    if before.is_empty() && !after.is_empty() {
        let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
        return findings.add(Rule::EventReplyBodyAdded, owner, cause, &say, "must now have a body");
    }
    let (pairs, removed, added) = media::pair(&names(&before), &names(&after));
    for name in added {
        let cause = Cause::revision(pointer(&after, name));
        let what = format!("the media type `{name}` is accepted too");
        findings.add(Rule::RequestBodyMediaTypeAdded, owner, cause, &say, &what);
    }
    for name in removed.into_iter().filter(|_| !after.is_empty()) {
        let cause = Cause::base(pointer(&before, name));
        let what = format!("the media type `{name}` is no longer accepted");
        findings.add(Rule::RequestBodyMediaTypeRemoved, owner, cause, &say, &what);
    }
    for (from, to) in pairs {
        let place = Place::Request { media: to, reply: Some(status) };
        content(graph, spot(&before, from), spot(&after, to), &place, owner, findings);
    }
}

/// The parameters of an event are what a client finds in it, as the headers of an answer.
fn parameters<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let of = |side: &Side<'a>, holders: [&Spot<'a>; 2]| -> Vec<(String, Spot<'a>)> {
        let mut all: Vec<(String, Spot<'a>)> = Vec::new();
        let lists = holders.into_iter().filter_map(|it| it.get("parameters"));
        for spot in lists.flat_map(|it| it.elements()) {
            let spot = side.resolve(spot);
            let (Some(place), Some(name)) = (spot.text("in"), spot.text("name")) else { continue };
            let name = if place == "header" { name.to_ascii_lowercase() } else { name.to_owned() };
            let key = format!("{place} {name}");
            if !all.iter().any(|it| it.0 == key) {
                all.push((key, spot));
            }
        }
        all
    };
    let base = of(&graph.base, [&sides.base, &sides.old.item]);
    let revision = of(&graph.revision, [&sides.revision, &sides.new.item]);
    let named = |spot: &Spot<'a>| spot.text("name").unwrap_or_default();
    for (key, spot) in &revision {
        if !base.iter().any(|it| it.0 == *key) {
            let cause = Cause::revision(spot.pointer.clone());
            let owner = owner.part(Part::Parameter(named(spot).to_owned()));
            findings.add(Rule::EventParameterAdded, &owner, cause, "", format!("gained the {key}"));
        }
    }
    for (key, old) in base {
        let owner = &owner.part(Part::Parameter(named(&old).to_owned()));
        let Some((_, new)) = revision.iter().find(|it| it.0 == key) else {
            let (rule, need) = match old.flag("required") {
                true => (Rule::EventRequiredParameterRemoved, "required"),
                false => (Rule::EventOptionalParameterRemoved, "optional"),
            };
            let what = format!("lost the {need} {key}");
            findings.add(rule, owner, Cause::base(old.pointer), "", &what);
            continue;
        };
        if old.flag("required") && !new.flag("required") {
            let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
            let what = format!("the {key} became optional");
            findings.add(Rule::EventParameterBecameOptional, owner, cause, "", &what);
        }
        let (base, revision) = (found(&old), found(new));
        let place =
            Place::Header { status: None, name: named(&old), media: base.1.and(revision.1) };
        let pair = graph.pair(base.0, revision.0);
        schema::judge(graph, pair, &place, owner, findings);
    }
}
