//! Request bodies and responses: whether they are there, in which media types, with which headers.

use crate::encoding;
use crate::findings::{Cause, Findings, Owner, What};
use crate::graph::Graph;
use crate::media::{self, LinedUp, Renaming};
use crate::rules::{Kind, Rule, Scope};
use crate::schema::{self, Place};
use crate::sides::Sides;
use crate::types::Part;
use crate::view::{ANYTHING, Side, Spot};
use conversations_document::Pointer;

/// Judges what a client sends.
pub(crate) fn request<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let owner = &owner.part(Part::Request);
    let base = sides.base.get("requestBody").map(|it| graph.base.resolve(it));
    let revision = sides.revision.get("requestBody").map(|it| graph.revision.resolve(it));
    let (base, revision) = match (base, revision) {
        (Some(base), Some(revision)) => (base, revision),
        (None, Some(revision)) => {
            let (rule, need) = match must_be_sent(&graph.revision, &revision) {
                true => (Rule::RequestBodyAddedRequired, "required"),
                false => (Rule::RequestBodyAddedOptional, "optional"),
            };
            let cause = Cause::revision(revision.pointer);
            let what = format!("the {need} request body was added");
            return findings.add(rule, owner, cause, "", &what);
        }
        (Some(base), None) => {
            let cause = Cause::base(base.pointer);
            return findings.add(
                Rule::RequestBodyRemoved,
                owner,
                cause,
                "",
                "the request body was removed",
            );
        }
        (None, None) => return,
    };
    let cause = || Cause::both(base.pointer.clone(), revision.pointer.clone());
    match (must_be_sent(&graph.base, &base), must_be_sent(&graph.revision, &revision)) {
        (false, true) => {
            let what = "the request body became required";
            findings.add(
                Rule::At(Scope::RequestBody, Kind::BecameRequired),
                owner,
                cause(),
                "",
                what,
            );
        }
        (true, false) => {
            let what = "the request body became optional";
            findings.add(
                Rule::At(Scope::RequestBody, Kind::BecameOptional),
                owner,
                cause(),
                "",
                what,
            );
        }
        _ => {}
    }
    accepted(graph, (&base, &revision), None, owner, findings);
}

/// Judges the media types that a client may send: in a request or, with a status, in the reply to an event.
pub(crate) fn accepted<'a>(
    graph: &mut Graph<'a>,
    (base, revision): (&Spot<'a>, &Spot<'a>),
    reply: Option<&str>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let say = reply.map_or("the request body".to_owned(), |status| format!("the reply {status}"));
    let (old, new) = (contents(&graph.base, base), contents(&graph.revision, revision));
    let LinedUp { pairs, held, removed, added } = media::pair(&names(&old), &names(&new));
    for name in removed {
        let cause = Cause::base(pointer(&old, name));
        let what = format!("the media type `{name}` is no longer accepted");
        let what = What::lost(what, name);
        findings.add(Rule::RequestBodyMediaTypeRemoved, owner, cause, &say, what);
    }
    for name in added {
        let cause = Cause::revision(pointer(&new, name));
        let what = format!("the media type `{name}` is accepted too");
        let what = What::gained(what, name);
        findings.add(Rule::RequestBodyMediaTypeAdded, owner, cause, &say, what);
    }
    let renamed = pairs.into_iter().map(|it| (it, true));
    for ((from, to), renamed) in renamed.chain(held.into_iter().map(|it| (it, false))) {
        let place = Place::Request { media: to, reply };
        let rule = match media::accepts(to, from) {
            _ if !renamed => None,
            false => Some(Rule::RequestBodyMediaTypeNameChanged),
            true if media::renaming(from, to) == Renaming::Generalized => {
                Some(Rule::RequestBodyMediaTypeAdded)
            }
            true => None,
        };
        if let Some(rule) = rule {
            let cause = Cause::both(pointer(&old, from), pointer(&new, to));
            let what = format!("the media type `{from}` was replaced with `{to}`");
            findings.add(rule, owner, cause, &say, What::turned(what, from, to));
        }
        let (before, after) = (spot(&old, from), spot(&new, to));
        if let (Some(before), Some(after)) = (&before, &after) {
            encoding::judge(graph, (before, after), &place, to, owner, findings);
        }
        content(graph, before, after, &place, owner, findings);
    }
}

/// Whether a body must be sent: where it says so, and where all its media types are forms with a field
/// that must be sent.
fn must_be_sent<'a>(side: &Side<'a>, body: &Spot<'a>) -> bool {
    let needs_field = |(name, media): &(&'a str, Spot<'a>)| {
        encoding::is_form(name)
            && media.get("schema").is_some_and(|it| !side.schema(it).texts("required").is_empty())
    };
    let contents = contents(side, body);
    body.flag("required") || !contents.is_empty() && contents.iter().all(needs_field)
}

/// The responses of an operation by their status, a range of statuses or `default`.
pub(crate) fn by_status<'a>(operation: &Spot<'a>) -> Vec<(&'a str, Spot<'a>)> {
    let all = operation.get("responses").map(|it| it.members()).unwrap_or_default();
    all.into_iter().filter(|(status, _)| !status.starts_with("x-")).collect()
}

/// Judges what a client receives.
pub(crate) fn responses<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (base, revision) = (by_status(&sides.base), by_status(&sides.revision));
    for (status, spot) in &revision {
        if !base.iter().any(|(other, _)| covers(status, other) || covers(other, status)) {
            let id = match *status {
                "default" => Rule::ResponseDefaultAdded,
                _ if is_success(status) => Rule::ResponseSuccessStatusAdded,
                _ => Rule::ResponseNonSuccessStatusAdded,
            };
            let what = format!("the response {status} was added");
            let owner = &owner.part(Part::Response((*status).to_owned()));
            findings.add(id, owner, Cause::revision(spot.pointer.clone()), "", &what);
        }
    }
    let default_is_success = !base.iter().any(|(status, _)| is_success(status));
    for (status, old) in &base {
        let (status, old) = (*status, old);
        let owner = &owner.part(Part::Response(status.to_owned()));
        let exact = revision.iter().find(|(other, _)| *other == status);
        let range = |(other, _): &&(&str, _)| covers(status, other) || covers(other, status);
        let in_range: Vec<_> = revision.iter().filter(range).collect();
        let fresh = |it: &&(&str, _)| base.iter().all(|(other, _)| *other != it.0);
        // A default that stood for success, or for errors that it describes, is now written as their statuses.
        let succeeds = revision.iter().find(|it| is_success(it.0)).filter(|_| default_is_success);
        let described = |it: &&(&str, Spot<'a>)| {
            let described = graph.revision.resolve(it.1.clone());
            !is_success(it.0) && !contents(&graph.revision, &described).is_empty()
        };
        let new: Vec<_> = match (exact, status) {
            (Some(exact), _) => vec![exact],
            (None, "default") if default_is_success => succeeds.into_iter().collect(),
            (None, "default") => revision.iter().filter(fresh).filter(described).collect(),
            (None, _) => in_range.iter().copied().filter(fresh).collect(),
        };
        if exact.is_none() && in_range.is_empty() {
            let id = match status {
                "default"
                    if !default_is_success
                        || succeeds.is_some()
                        || !promises_something(&graph.base, old) =>
                {
                    Rule::ResponseDefaultRemoved
                }
                _ if is_success(status) || status == "default" => {
                    Rule::ResponseSuccessStatusRemoved
                }
                _ => Rule::ResponseNonSuccessStatusRemoved,
            };
            let what = format!("the response {status} was removed");
            findings.add(id, owner, Cause::base(old.pointer.clone()), "", &what);
        }
        let old = graph.base.resolve(old.clone());
        for (_, new) in new {
            let new = graph.revision.resolve(new.clone());
            response(graph, &old, &new, status, owner, findings);
        }
    }
}

/// Whether the range `range` (`2XX`) holds `status`.
pub(crate) fn covers(range: &str, status: &str) -> bool {
    range == status
        || range.len() == 3
            && status.len() == 3
            && range.as_bytes().first() == status.as_bytes().first()
            && range.get(1..).is_some_and(|it| it.eq_ignore_ascii_case("xx"))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Whether a client can count on anything in a response: a body or a header.
fn promises_something<'a>(side: &Side<'a>, response: &Spot<'a>) -> bool {
    let response = side.resolve(response.clone());
    let headers = response.get("headers").map(|it| it.members()).unwrap_or_default();
    !contents(side, &response).is_empty()
        || headers.into_iter().any(|it| side.resolve(it.1).flag("required"))
}

fn response<'a>(
    graph: &mut Graph<'a>,
    old: &Spot<'a>,
    new: &Spot<'a>,
    status: &str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    headers(graph, old, new, status, owner, findings);
    let (old, new) = (contents(&graph.base, old), contents(&graph.revision, new));
    let all = media::pair(&names(&old), &names(&new));
    let say = format!("response {status}");
    for name in &all.removed {
        let cause = Cause::base(pointer(&old, name));
        let what = format!("the media type `{name}` is no longer sent");
        findings.add(Rule::ResponseMediaTypeRemoved, owner, cause, &say, What::lost(what, *name));
    }
    for name in &all.added {
        let cause = Cause::revision(pointer(&new, name));
        let what = format!("the media type `{name}` may be sent too");
        findings.add(Rule::ResponseMediaTypeAdded, owner, cause, &say, What::gained(what, *name));
    }
    let place = |media| Place::Response { status: Some(status), media };
    received(graph, (&old, &new, &all), &say, place, owner, findings);
}

/// Judges the media types that both sides have, of an answer or of what an event sends.
pub(crate) fn received<'a, 'p>(
    graph: &mut Graph<'a>,
    (old, new, media): (&Contents<'a>, &Contents<'a>, &LinedUp<'a>),
    say: &str,
    place: impl Fn(&'a str) -> Place<'p>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    for &(from, to) in &media.pairs {
        let rule = match media::renaming(from, to) {
            Renaming::Same => None,
            Renaming::Parameters => Some(Rule::ResponseMediaTypeNameChanged),
            Renaming::Specialized => Some(Rule::ResponseMediaTypeNameSpecialized),
            Renaming::Generalized => Some(Rule::ResponseMediaTypeNameGeneralized),
        };
        if let Some(rule) = rule {
            let cause = Cause::both(pointer(old, from), pointer(new, to));
            let what = format!("the media type `{from}` was replaced with `{to}`");
            findings.add(rule, owner, cause, say, What::turned(what, from, to));
        }
    }
    for &(from, to) in media.pairs.iter().chain(&media.held) {
        content(graph, spot(old, from), spot(new, to), &place(to), owner, findings);
    }
}

pub(crate) fn content<'a>(
    graph: &mut Graph<'a>,
    old: Option<Spot<'a>>,
    new: Option<Spot<'a>>,
    place: &Place<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (Some(old), Some(new)) = (old, new) else { return };
    for key in ["schema", "itemSchema"] {
        let scope = if place.is_request() { Scope::RequestBody } else { Scope::ResponseBody };
        // A schema that allows everything describes nothing.
        let describes = |side: &Side<'a>, it: &Spot<'a>| !side.schema(it.clone()).says_nothing();
        match (old.get(key), new.get(key)) {
            (Some(base), Some(revision)) => {
                let pair = graph.pair(base, revision);
                schema::judge(graph, pair, place, owner, findings);
            }
            (None, Some(revision)) if describes(&graph.revision, &revision) => {
                let rule = Rule::At(scope, Kind::MediaTypeSchemaAdded);
                let cause = Cause::revision(revision.pointer);
                findings.add(rule, owner, cause, &place.say(), "is now described");
            }
            (Some(base), None) if describes(&graph.base, &base) => {
                let rule = Rule::At(scope, Kind::MediaTypeSchemaRemoved);
                let what = "is no longer described";
                findings.add(rule, owner, Cause::base(base.pointer), &place.say(), what);
            }
            _ => {}
        }
    }
}

fn headers<'a>(
    graph: &mut Graph<'a>,
    old: &Spot<'a>,
    new: &Spot<'a>,
    status: &str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (base, revision) = (headers_of(old), headers_of(new));
    let say = format!("response {status}");
    for (name, spot) in &revision {
        if !base.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let cause = Cause::revision(spot.pointer.clone());
            let what = format!("the header `{name}` was added");
            findings.add(Rule::ResponseHeaderAdded, owner, cause, &say, &what);
        }
    }
    for (name, spot) in base {
        let old = graph.base.resolve(spot);
        let Some((_, new)) = revision.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))
        else {
            let (rule, need) = match old.flag("required") {
                true => (Rule::RequiredResponseHeaderRemoved, "required"),
                false => (Rule::OptionalResponseHeaderRemoved, "optional"),
            };
            let what = format!("the {need} header `{name}` was removed");
            findings.add(rule, owner, Cause::base(old.pointer), &say, &what);
            continue;
        };
        let new = graph.revision.resolve(new.clone());
        for (key, gained, lost) in [
            ("required", (Kind::BecameRequired, "required"), (Kind::BecameOptional, "optional")),
            ("deprecated", (Kind::Deprecated, "deprecated"), (Kind::Reactivated, "usual again")),
        ] {
            let (kind, state) = match (old.flag(key), new.flag(key)) {
                (false, true) => gained,
                (true, false) => lost,
                _ => continue,
            };
            let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
            let what = format!("the header `{name}` became {state}");
            findings.add(Rule::At(Scope::ResponseHeader, kind), owner, cause, &say, what);
        }
        let (base, revision) = (found(&graph.base, &old), found(&graph.revision, &new));
        let from = written((&graph.base, &old), &base);
        let to = written((&graph.revision, &new), &revision);
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
            let what = format!("the header `{name}` is written {to} instead of {from}");
            findings.add(Rule::ResponseHeaderSerializationChanged, owner, cause, &say, what);
        }
        let place = Place::Header { status: Some(status), name, media: base.1.and(revision.1) };
        let pair = graph.pair(base.0, revision.0);
        schema::judge(graph, pair, &place, owner, findings);
    }
}

/// The headers of a response, without the one that the media types describe.
pub(crate) fn headers_of<'a>(response: &Spot<'a>) -> Vec<(&'a str, Spot<'a>)> {
    let all = response.get("headers").map(|it| it.members()).unwrap_or_default();
    all.into_iter().filter(|it| !it.0.eq_ignore_ascii_case("content-type")).collect()
}

/// How a list or an object is written in a header; nothing for what is written alike in every way.
fn written<'a>(
    (side, header): (&Side<'a>, &Spot<'a>),
    (schema, media): &(Spot<'a>, Option<&'a str>),
) -> Option<String> {
    let schema = side.schema(schema.clone());
    let types = schema.types();
    let is = |kind: &str| types.contains(&kind);
    let way = match media {
        Some(media) => format!("as `{media}`"),
        None if is("object") && header.flag("explode") => "as `a=1,b=2`".to_owned(),
        None => "with commas".to_owned(),
    };
    (is("object") || is("array")).then_some(way)
}

/// The schema of what a client finds in a header: anything, where it is not described.
pub(crate) fn found<'a>(side: &Side<'a>, header: &Spot<'a>) -> (Spot<'a>, Option<&'a str>) {
    let media = || contents(side, header).first().map(|it| it.0);
    described(side, header)
        .unwrap_or_else(|| (Spot { value: &ANYTHING, pointer: header.pointer.clone() }, media()))
}

/// The schema of a parameter or header, with the media type where it is written in one.
pub(crate) fn described<'a>(
    side: &Side<'a>,
    spot: &Spot<'a>,
) -> Option<(Spot<'a>, Option<&'a str>)> {
    if let Some(schema) = spot.get("schema") {
        return Some((schema, None));
    }
    let (media, content) = contents(side, spot).into_iter().next()?;
    Some((content.get("schema")?, Some(media)))
}

/// The media types of a body by their names. In OpenAPI 3.2 several bodies may share one by reference.
pub(crate) type Contents<'a> = Vec<(&'a str, Spot<'a>)>;

pub(crate) fn contents<'a>(side: &Side<'a>, spot: &Spot<'a>) -> Contents<'a> {
    let all = spot.get("content").map(|it| it.members()).unwrap_or_default();
    all.into_iter().map(|(name, media)| (name, side.resolve(media))).collect()
}

pub(crate) fn names<'a>(contents: &Contents<'a>) -> Vec<&'a str> {
    contents.iter().map(|it| it.0).collect()
}

pub(crate) fn spot<'a>(contents: &Contents<'a>, name: &str) -> Option<Spot<'a>> {
    contents.iter().find(|it| it.0 == name).map(|it| it.1.clone())
}

pub(crate) fn pointer(contents: &Contents<'_>, name: &str) -> Pointer {
    spot(contents, name).map(|it| it.pointer).unwrap_or_default()
}
