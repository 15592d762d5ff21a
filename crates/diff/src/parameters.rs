//! Parameters: path, query, header and cookie.

use crate::bodies::{self, described};
use crate::findings::{Cause, Findings, Owner, What};
use crate::graph::Graph;
use crate::lifecycle::{MISSING, Sunset};
use crate::rules::{Kind, Rule, Scope};
use crate::schema::{self, Place};
use crate::sides::{Path, Sides};
use crate::types::Part;
use crate::view::{Side, Spot};
use conversations_document::security::Carriers;
use serde_json::Value;

/// A parameter of an operation, or a header of the reply to an event: a client sends both.
#[derive(Debug, Clone)]
pub(crate) struct Parameter<'a> {
    pub(crate) location: &'a str,
    pub(crate) name: &'a str,
    /// What distinguishes it from the others: the position in the path, a header's name in small letters.
    pub(crate) key: String,
    pub(crate) spot: Spot<'a>,
    /// The status of the reply that it is a header of.
    reply: Option<&'a str>,
    /// Whether all operations of the path have it.
    common: bool,
}

impl<'a> Parameter<'a> {
    fn required(&self) -> bool {
        self.location == "path" || self.spot.flag("required")
    }

    fn style(&self) -> &'a str {
        let default = match self.location {
            "query" | "cookie" => "form",
            _ => "simple",
        };
        self.spot.text("style").unwrap_or(default)
    }

    fn explode(&self) -> bool {
        let explode = self.spot.value.get("explode").and_then(Value::as_bool);
        // A deep object has one way to be written.
        explode.unwrap_or(matches!(self.style(), "form" | "cookie")) || self.style() == "deepObject"
    }

    fn is_exploded_form(&self) -> bool {
        matches!(self.location, "query" | "cookie") && self.style() == "form" && self.explode()
    }

    pub(crate) fn say(&self) -> String {
        match self.reply {
            Some(status) => format!("the header `{}` of the reply {status}", self.name),
            None => format!("the {} parameter `{}`", self.location, self.name),
        }
    }

    pub(crate) fn of(&self, operation: &Owner) -> Owner {
        match self.reply {
            Some(status) => operation.part(Part::Response(status.to_owned())),
            None => operation.part(Part::Parameter(self.name.to_owned())),
        }
    }
}

/// Judges all parameters.
pub(crate) fn judge<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (pairs, mut base, mut revision) = paired(graph, sides);
    spread(graph, &mut base, &mut revision, owner, findings);
    each(graph, (&pairs, &base, &revision), owner, findings);
}

/// Judges the headers of the reply to an event as header parameters.
pub(crate) fn of_reply<'a>(
    graph: &mut Graph<'a>,
    (old, new): (&Spot<'a>, &Spot<'a>),
    status: &'a str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let of = |side: &Side<'a>, reply: &Spot<'a>| -> Vec<Parameter<'a>> {
        let headers = bodies::headers_of(reply).into_iter();
        let headers = headers.map(|(name, spot)| Parameter {
            location: "header",
            name,
            key: name.to_ascii_lowercase(),
            spot: side.resolve(spot),
            reply: Some(status),
            common: false,
        });
        headers.collect()
    };
    let (pairs, base, revision) = line_up(of(&graph.base, old), of(&graph.revision, new));
    each(graph, (&pairs, &base, &revision), owner, findings);
}

/// Parameters that both sides have, those that only the base has, and those that only the revision has.
pub(crate) type LinedUp<'a> =
    (Vec<(Parameter<'a>, Parameter<'a>)>, Vec<Parameter<'a>>, Vec<Parameter<'a>>);

/// The parameters of both operations.
pub(crate) fn paired<'a>(graph: &Graph<'a>, sides: &Sides<'a>) -> LinedUp<'a> {
    let of = |side: &Side<'a>, path: &Path<'a>, operation: &Spot<'a>| {
        parameters(side, path, operation, sides.event)
    };
    line_up(
        of(&graph.base, &sides.old, &sides.base),
        of(&graph.revision, &sides.new, &sides.revision),
    )
}

fn line_up<'a>(mut base: Vec<Parameter<'a>>, mut revision: Vec<Parameter<'a>>) -> LinedUp<'a> {
    let mut pairs = Vec::new();
    base.retain(|old| {
        let same = |new: &Parameter<'_>| new.location == old.location && new.key == old.key;
        match revision.iter().position(same) {
            Some(at) => {
                pairs.push((old.clone(), revision.remove(at)));
                false
            }
            None => true,
        }
    });
    (pairs, base, revision)
}

fn each<'a>(
    graph: &mut Graph<'a>,
    (pairs, base, revision): (
        &[(Parameter<'a>, Parameter<'a>)],
        &[Parameter<'a>],
        &[Parameter<'a>],
    ),
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    for (old, new) in pairs {
        modified(graph, old, new, &new.of(owner), findings);
    }
    for parameter in base {
        removed(parameter, &parameter.of(owner), findings);
    }
    for parameter in revision {
        added(parameter, &parameter.of(owner), findings);
    }
}

fn parameters<'a>(
    side: &Side<'a>,
    path: &Path<'a>,
    operation: &Spot<'a>,
    event: bool,
) -> Vec<Parameter<'a>> {
    let names = path.parameters();
    let carriers = Carriers::of(side.root);
    let mut all: Vec<Parameter<'a>> = Vec::new();
    for (holder, common) in [(operation, false), (&path.item, true)] {
        let list = holder.get("parameters").map(|it| it.elements()).unwrap_or_default();
        for spot in list {
            let spot = side.resolve(spot);
            let (Some(location), Some(name)) = (spot.text("in"), spot.text("name")) else {
                continue;
            };
            // What a client proves itself with is judged as `security`; the vendor doesn't.
            if !event && carriers.owns(location, name) {
                continue;
            }
            let key = match location {
                "path" => match names.iter().position(|it| *it == name) {
                    Some(at) => format!("#{at}"),
                    None => name.to_owned(),
                },
                "header" => name.to_ascii_lowercase(),
                _ => name.to_owned(),
            };
            if !all.iter().any(|it| it.location == location && it.key == key) {
                all.push(Parameter { location, name, key, spot, reply: None, common });
            }
        }
    }
    all
}

/// An object parameter in exploded form is written as its properties are: `?page=1&size=2`. So it
/// may stand for several simple parameters, and these for it.
fn spread<'a>(
    graph: &mut Graph<'a>,
    base: &mut Vec<Parameter<'a>>,
    revision: &mut Vec<Parameter<'a>>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let properties = |side: &Side<'a>, it: &Parameter<'a>| -> Vec<(&'a str, Spot<'a>, bool)> {
        let Some(schema) = it.spot.get("schema").filter(|_| it.is_exploded_form()) else {
            return Vec::new();
        };
        let schema = side.schema(schema);
        let all = schema.map("properties").into_iter();
        all.map(|(name, spot)| (name, spot, schema.requires(name))).collect()
    };
    let mut found = Vec::new();
    for (whole, parts, forward) in
        [(revision.clone(), base.clone(), true), (base.clone(), revision.clone(), false)]
    {
        let side = if forward { graph.revision } else { graph.base };
        for object in whole {
            for (name, spot, required) in properties(&side, &object) {
                let simple =
                    parts.iter().find(|it| it.location == object.location && it.name == name);
                if let Some(simple) = simple {
                    found.push((object.clone(), simple.clone(), spot, required, forward));
                }
            }
        }
    }
    for (object, simple, property, required, forward) in found {
        let is = |it: &Parameter<'a>, other: &Parameter<'a>| {
            it.location != other.location || it.key != other.key
        };
        base.retain(|it| is(it, if forward { &simple } else { &object }));
        revision.retain(|it| is(it, if forward { &object } else { &simple }));
        let place = Place::Parameter {
            location: simple.location,
            name: simple.name,
            required: required || simple.required(),
            exploded: true,
            media: None,
            reply: None,
        };
        let owner = &simple.of(owner);
        let Some(schema) = simple.spot.get("schema") else { continue };
        let (old, new) = if forward { (schema, property) } else { (property, schema) };
        let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
        let (before, now) =
            if forward { (simple.required(), required) } else { (required, simple.required()) };
        need(before, now, &simple.say(), cause, owner, findings);
        let pair = graph.pair(old, new);
        schema::judge(graph, pair, &place, owner, findings);
    }
}

fn need(old: bool, new: bool, say: &str, cause: Cause, owner: &Owner, findings: &mut Findings<'_>) {
    match (old, new) {
        (false, true) => {
            findings.add(
                Rule::At(Scope::RequestParameter, Kind::BecameRequired),
                owner,
                cause,
                say,
                "became required",
            );
        }
        (true, false) => {
            findings.add(
                Rule::At(Scope::RequestParameter, Kind::BecameOptional),
                owner,
                cause,
                say,
                "became optional",
            );
        }
        _ => {}
    }
}

fn removed(parameter: &Parameter<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let cause = Cause::base(parameter.spot.pointer.clone());
    let sunset = parameter.spot.get("x-sunset").map_or(Sunset::Absent, |it| Sunset::of(it.value));
    let (id, what) = match sunset {
        _ if !parameter.spot.flag("deprecated") => {
            (Rule::RequestParameterRemoved, "was removed without having been deprecated".to_owned())
        }
        Sunset::Absent => (
            Rule::RequestParameterRemovedWithDeprecation,
            "was removed after having been deprecated".to_owned(),
        ),
        Sunset::Unreadable(why) => (Rule::RequestParameterSunsetParse, why),
        Sunset::On(date) if findings.policy.today < date => (
            Rule::RequestParameterRemovedBeforeSunset,
            format!("was removed before its sunset on {date}"),
        ),
        Sunset::On(date) => (
            Rule::RequestParameterRemovedWithDeprecation,
            format!("was removed after its sunset on {date}"),
        ),
    };
    findings.add(id, owner, cause, &parameter.say(), What::lost(what, parameter.name));
}

fn added(parameter: &Parameter<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let required = parameter.required();
    let need = if required { "required" } else { "optional" };
    let rule = match (parameter.location, parameter.common, required) {
        ("path", ..) => Rule::NewRequestPathParameter,
        (_, true, true) => Rule::NewRequiredRequestDefaultParameterToExistingPath,
        (_, true, false) => Rule::NewOptionalRequestDefaultParameterToExistingPath,
        (_, false, true) => Rule::NewRequiredRequestParameter,
        (_, false, false) => Rule::NewOptionalRequestParameter,
    };
    let cause = Cause::revision(parameter.spot.pointer.clone());
    let what = What::gained(format!("was added as {need}"), parameter.name);
    findings.add(rule, owner, cause, &parameter.say(), what);
}

fn modified<'a>(
    graph: &mut Graph<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let cause = || Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
    need(old.required(), new.required(), &old.say(), cause(), owner, findings);
    deprecation(old, new, owner, findings);
    let (base, revision) =
        (described(&graph.base, &old.spot), described(&graph.revision, &new.spot));
    let (base, revision) = match (base, revision) {
        (Some(base), Some(revision)) => (base, revision),
        (None, Some(it)) if !graph.revision.schema(it.0.clone()).says_nothing() => {
            let what = "is now described";
            findings.add(Rule::RequestParameterSchemaAdded, owner, cause(), &old.say(), what);
            return;
        }
        (Some(it), None) if !graph.base.schema(it.0.clone()).says_nothing() => {
            let what = "is no longer described";
            findings.add(Rule::RequestParameterSchemaRemoved, owner, cause(), &old.say(), what);
            return;
        }
        _ => return,
    };
    written(graph, (old, base.1), (new, revision.1), owner, findings);
    reserved(old, new, owner, findings);
    let place = Place::Parameter {
        location: new.location,
        name: new.name,
        required: old.required() || new.required(),
        exploded: revision.1.is_none() && new.is_exploded_form(),
        media: base.1.and(revision.1),
        reply: new.reply,
    };
    let pair = graph.pair(base.0, revision.0);
    schema::judge(graph, pair, &place, owner, findings);
}

/// How a value is written: in a media type or in a style.
pub(crate) fn written<'a>(
    graph: &Graph<'a>,
    (old, from): (&Parameter<'a>, Option<&str>),
    (new, to): (&Parameter<'a>, Option<&str>),
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let cause = || Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
    match (from, to) {
        (None, Some(media)) => {
            let what = format!("is now written as `{media}`");
            let id = Rule::RequestParameterSchemaReplacedByContent;
            findings.add(id, owner, cause(), &old.say(), &what);
        }
        (Some(media), None) => {
            let what = format!("is no longer written as `{media}`");
            let id = Rule::RequestParameterContentReplacedBySchema;
            findings.add(id, owner, cause(), &old.say(), &what);
        }
        (Some(from), Some(to)) if from != to => {
            let what = format!("is written as `{to}` instead of `{from}`");
            findings.add(
                Rule::RequestParameterSerializationChanged,
                owner,
                cause(),
                &old.say(),
                &what,
            );
        }
        (Some(_), Some(_)) => {}
        (None, None) => serialization(graph, old, new, owner, findings),
    }
}

/// How a value is written into the request. For a single value all styles but those with a prefix
/// write the same; for lists and objects every difference shows on the wire.
fn serialization<'a>(
    graph: &Graph<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let cause = || Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
    let single = |side: &Side<'a>, it: &Parameter<'a>| {
        let schema = it.spot.get("schema").map(|it| side.schema(it));
        schema.is_some_and(|it| {
            let types = it.types();
            !types.is_empty() && !types.iter().any(|it| matches!(*it, "array" | "object"))
        })
    };
    let single = single(&graph.base, old) && single(&graph.revision, new);
    let prefixed = |it: &str| matches!(it, "label" | "matrix");
    if old.style() != new.style() && (!single || prefixed(old.style()) || prefixed(new.style())) {
        let what =
            format!("is written in the style `{}` instead of `{}`", new.style(), old.style());
        let what = What::turned(what, old.style(), new.style());
        findings.add(Rule::RequestParameterStyleChanged, owner, cause(), &old.say(), what);
    } else if old.explode() != new.explode() && !single {
        let say = if new.explode() { "one by one" } else { "joined" };
        let what = format!("its values are now written {say}");
        findings.add(Rule::RequestParameterExplodeChanged, owner, cause(), &old.say(), &what);
    }
}

/// Whether reserved characters may stand in a value as they are.
fn reserved(old: &Parameter<'_>, new: &Parameter<'_>, owner: &Owner, findings: &mut Findings<'_>) {
    let cause = || Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
    // Elsewhere the keyword says nothing.
    let reserved = |it: &Parameter<'_>| it.location == "query" && it.spot.flag("allowReserved");
    match (reserved(old), reserved(new)) {
        (true, false) => {
            let what = "must now escape reserved characters";
            findings.add(
                Rule::RequestParameterAllowReservedRemoved,
                owner,
                cause(),
                &old.say(),
                what,
            );
        }
        (false, true) => {
            let what = "may now hold reserved characters as they are";
            findings.add(
                Rule::RequestParameterAllowReservedAdded,
                owner,
                cause(),
                &old.say(),
                what,
            );
        }
        _ => {}
    }
}

pub(crate) fn deprecation(
    old: &Parameter<'_>,
    new: &Parameter<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let cause = || Cause::both(old.spot.pointer.clone(), new.spot.pointer.clone());
    let value = |it: &Parameter<'_>, key| it.spot.value.get(key).cloned().unwrap_or(Value::Null);
    let (before, after) = (value(old, "x-sunset"), value(new, "x-sunset"));
    let sunset = Sunset::of(&after);
    match (old.spot.flag("deprecated"), new.spot.flag("deprecated")) {
        (true, false) => {
            let what = "is no longer deprecated";
            findings.add(
                Rule::At(Scope::RequestParameter, Kind::Reactivated),
                owner,
                cause(),
                &new.say(),
                what,
            );
        }
        (false, true) => {
            let (id, what) = match &sunset {
                Sunset::Unreadable(why) => (Rule::RequestParameterSunsetParse, why.clone()),
                Sunset::On(date) if findings.is_too_soon(*date) => (
                    Rule::At(Scope::RequestParameter, Kind::SunsetDateTooSmall),
                    format!("is deprecated and ends too soon, on {date}"),
                ),
                Sunset::On(date) => (
                    Rule::At(Scope::RequestParameter, Kind::Deprecated),
                    format!("is deprecated and ends on {date}"),
                ),
                Sunset::Absent if findings.notice > 0 => (
                    Rule::At(Scope::RequestParameter, Kind::DeprecatedSunsetMissing),
                    MISSING.to_owned(),
                ),
                Sunset::Absent => (
                    Rule::At(Scope::RequestParameter, Kind::Deprecated),
                    "is deprecated".to_owned(),
                ),
            };
            findings.add(id, owner, cause(), &new.say(), &what);
        }
        _ => {}
    }
    if !new.spot.flag("deprecated") || before.is_null() || before == after {
        return;
    }
    let (id, what) = match (Sunset::of(&before), sunset) {
        (_, Sunset::Absent) => (
            Rule::RequestParameterSunsetDeleted,
            "is still deprecated, but no longer says until when".to_owned(),
        ),
        (_, Sunset::Unreadable(why)) | (Sunset::Unreadable(why), _) => {
            (Rule::RequestParameterSunsetParse, why)
        }
        (Sunset::On(from), Sunset::On(to)) if to < from && findings.is_too_soon(to) => (
            Rule::RequestParameterSunsetDateChangedTooSmall,
            format!("the sunset moved from {from} to {to}, which is too soon"),
        ),
        _ => return,
    };
    findings.add(id, owner, cause(), &new.say(), &what);
}
