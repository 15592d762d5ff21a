//! How the fields of a form are written: `encoding` of a media type, with its defaults.

use crate::findings::{Cause, Findings, Owner};
use crate::graph::Graph;
use crate::media;
use crate::rules::Rule;
use crate::schema::Place;
use crate::view::{Schema, Side, Spot};
use serde_json::Value;
use std::collections::BTreeSet;

/// Whether bodies of this media type consist of fields.
pub(crate) fn is_form(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/x-www-form-urlencoded" || media.starts_with("multipart/")
}

/// How one field is written.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    style: String,
    explode: bool,
    reserved: bool,
    types: BTreeSet<String>,
}

/// Judges the fields that both sides describe.
pub(crate) fn judge<'a>(
    graph: &Graph<'a>,
    (old, new): (&Spot<'a>, &Spot<'a>),
    place: &Place<'_>,
    media: &str,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    if !is_form(media) {
        return;
    }
    let (sent, rule) = match place.is_request() {
        true => (true, Rule::RequestPropertyEncodingChanged),
        false => (false, Rule::EventPropertyEncodingChanged),
    };
    let multipart = media.trim().to_ascii_lowercase().starts_with("multipart/");
    let (Some(base), Some(revision)) = (old.get("schema"), new.get("schema")) else { return };
    let (base, revision) = (graph.base.schema(base), graph.revision.schema(revision));
    let mut names: Vec<&str> = base.map("properties").into_iter().map(|it| it.0).collect();
    names.retain(|it| revision.property(it).is_some());
    let encodings = [old.get("encoding"), new.get("encoding")];
    let named = |it: &Option<Spot<'a>>, name: &str| it.as_ref().and_then(|it| it.get(name));
    for name in names {
        let [before, after] = [named(&encodings[0], name), named(&encodings[1], name)];
        if before.is_none() && after.is_none() && !multipart {
            continue;
        }
        let property =
            |side: &Side<'a>, of: &Schema<'a>| of.property(name).map(|it| side.schema(it));
        let (Some(left), Some(right)) =
            (property(&graph.base, &base), property(&graph.revision, &revision))
        else {
            continue;
        };
        // What has no type is written as what it is.
        if before.is_none()
            && after.is_none()
            && (left.types().is_empty() || right.types().is_empty())
        {
            continue;
        }
        let at = |it: &Option<Spot<'a>>, media: &Spot<'a>| {
            it.as_ref().map_or_else(|| media.pointer.clone(), |it| it.pointer.clone())
        };
        let cause = || Cause::both(at(&before, old), at(&after, new));
        let (from, to) = (
            written(&graph.base, before.as_ref(), &left, multipart),
            written(&graph.revision, after.as_ref(), &right, multipart),
        );
        let say = format!("the field `{name}`");
        let many = |it: &Schema<'a>| {
            let types = it.types();
            types.is_empty() || types.iter().any(|it| matches!(*it, "array" | "object"))
        };
        let shows = many(&left) || many(&right);
        if !multipart && shows && (&from.style, from.explode) != (&to.style, to.explode) {
            let joined = |it: &Written| if it.explode { "one by one" } else { "joined" };
            let what = format!(
                "is written in the style `{}`, {}, instead of `{}`, {}",
                to.style,
                joined(&to),
                from.style,
                joined(&from)
            );
            findings.add(rule, owner, cause(), &say, &what);
        }
        // Who reads a value reads it either way.
        if sent && from.reserved != to.reserved {
            let (rule, what) = match to.reserved {
                true => (Rule::RequestPropertyEncodingWidened, "may now hold reserved characters"),
                false => (rule, "must now escape reserved characters"),
            };
            findings.add(rule, owner, cause(), &say, what);
        }
        let within = |inner: &Written, outer: &Written| {
            let ranges: Vec<_> = outer.types.iter().map(String::as_str).collect();
            let mut all = inner.types.iter();
            all.all(|it| outer.types.contains(it) || media::range_of(it, &ranges).is_some())
        };
        let fits = if sent { within(&from, &to) } else { within(&to, &from) };
        if from.types != to.types && (sent || !fits) {
            let rule = if fits { Rule::RequestPropertyEncodingWidened } else { rule };
            let list = |it: &Written| it.types.iter().cloned().collect::<Vec<_>>().join(", ");
            let what = format!("is sent as `{}` instead of `{}`", list(&to), list(&from));
            findings.add(rule, owner, cause(), &say, &what);
        }
        let (old, new) = (needed(before.as_ref()), needed(after.as_ref()));
        let (come, gone) = match sent {
            true => (Some(rule), Some(Rule::RequestPropertyEncodingWidened)),
            false => (None, Some(rule)),
        };
        for (rule, names, what) in [
            (come, new.difference(&old), "must now have"),
            (gone, old.difference(&new), "need no longer have"),
        ] {
            for (rule, name) in names.filter_map(|it| Some((rule?, it))) {
                let what = format!("{what} the header `{name}`");
                findings.add(rule, owner, cause(), &say, &what);
            }
        }
    }
}

/// The headers that a field must have, in small letters.
fn needed(encoding: Option<&Spot<'_>>) -> BTreeSet<String> {
    let all = encoding.and_then(|it| it.get("headers")).map(|it| it.members()).unwrap_or_default();
    let needed = all.into_iter().filter(|it| it.1.flag("required"));
    needed.map(|it| it.0.to_ascii_lowercase()).collect()
}

fn written<'a>(
    side: &Side<'a>,
    encoding: Option<&Spot<'a>>,
    schema: &Schema<'a>,
    multipart: bool,
) -> Written {
    let text = |key: &str| encoding.and_then(|it| it.text(key));
    let flag = |key: &str| encoding.and_then(|it| it.value.get(key)).and_then(Value::as_bool);
    let style = text("style").unwrap_or("form").to_owned();
    let styled = !multipart
        && ["style", "explode", "allowReserved"]
            .iter()
            .any(|key| encoding.is_some_and(|it| it.value.get(key).is_some()));
    let types = match text("contentType") {
        // Beside a style the media type is not looked at.
        Some(types) if !styled => types.to_owned(),
        _ if !multipart => "text/plain".to_owned(),
        _ => default_type(side, schema, 0).to_owned(),
    };
    Written {
        // A deep object has one way to be written.
        explode: flag("explode").unwrap_or(style == "form") || style == "deepObject",
        style,
        reserved: flag("allowReserved").unwrap_or(false),
        types: types.split(',').map(|it| it.trim().to_ascii_lowercase()).collect(),
    }
}

/// The media type of a part that names none.
fn default_type<'a>(side: &Side<'a>, schema: &Schema<'a>, depth: usize) -> &'static str {
    match schema.types().first().copied() {
        Some("array") if depth < 8 => match schema.spot("items") {
            Some(items) => default_type(side, &side.schema(items), depth + 1),
            None => "application/octet-stream",
        },
        Some("object") => "application/json",
        Some("string") if matches!(schema.text("format"), "binary" | "byte") => {
            "application/octet-stream"
        }
        Some(_) => "text/plain",
        None => "application/octet-stream",
    }
}
