//! What an operation answers: by status, with what headers, as which type.

use super::Draft;
use crate::{
    names::{self, Scope},
    normalize::{
        media::{Class, class_of, is_special_json, preference, streamed},
        plan::{Answer, Def, HeaderPlan, Items, Ty},
        prose,
        schema::TypeResolver,
    },
};
use conversations_document::{Pointer, note::Done};
use serde_json::Value;
use std::collections::BTreeMap;

/// The redirects that say where to go next.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

impl Draft<'_, '_> {
    /// What each documented success carries, by status; a redirect is one too.
    pub(super) fn successes(&mut self) -> Vec<(String, Answer)> {
        let empty = serde_json::Map::new();
        let responses =
            self.operation.get("responses").and_then(Value::as_object).unwrap_or(&empty);
        let is_success = |status: &str| status.starts_with('2') && status.len() == 3;
        let mut good: Vec<(&String, &Value)> = responses
            .iter()
            .filter(|(status, _)| is_success(status) || !redirects_of(status).is_empty())
            .collect();
        // The range of all successes takes what no other has taken.
        good.sort_by_key(|(status, _)| {
            let status = status.to_ascii_lowercase();
            (status == "2xx", status)
        });
        if good.is_empty() {
            // `default` alone describes success; beside declared errors it describes more of them.
            let only = responses.len() == 1;
            if only && let Some(default) = responses.get_key_value("default") {
                good.push(default);
            }
        }
        let mut kinds: Vec<(String, Answer)> = Vec::new();
        let many = good.len() > 1;
        let bodiless = self.pointer.ends_with("/head");
        for (status, response) in good {
            let at = self.pointer.child("responses").child(status);
            let hint = if many {
                format!("{}Response{}", self.type_name, names::ending(status))
            } else {
                format!("{}Response", self.type_name)
            };
            let kind = content(response, &at, &hint, self.resolver);
            if !is_success(status) && status != "default" {
                if kind != Answer::Empty {
                    self.resolver.note(&at, Done::RedirectBody);
                }
                kinds.push((status.clone(), Answer::Redirect));
                continue;
            }
            // HTTP gives these no body, whatever the document says of it.
            let kind = if bodiless || matches!(status.as_str(), "204" | "205") {
                if kind != Answer::Empty {
                    self.resolver.note(&at, Done::NoContent);
                }
                Answer::Empty
            } else {
                kind
            };
            kinds.push((status.clone(), kind));
        }
        if kinds.iter().any(|(_, it)| Some(it) != kinds.first().map(|(_, it)| it)) {
            for (status, kind) in &mut kinds {
                // Which of several answers came is known at its end.
                if matches!(kind, Answer::Stream(_)) {
                    let at = self.pointer.child("responses").child(status);
                    self.resolver.note(&at, Done::Stream);
                    *kind = Answer::Bytes;
                }
            }
        }
        kinds
    }

    /// The declared errors: status and type.
    pub(super) fn errors(&mut self) -> Vec<(String, Option<Ty>)> {
        let empty = serde_json::Map::new();
        let responses =
            self.operation.get("responses").and_then(Value::as_object).unwrap_or(&empty);
        let mut out = Vec::new();
        for (status, response) in responses {
            let is_error = status.starts_with('4')
                || status.starts_with('5')
                || (status == "default" && responses.len() > 1);
            if !is_error {
                continue;
            }
            let at = self.pointer.child("responses").child(status);
            let hint = format!("{}Error{}", self.type_name, names::ending(status));
            let ty = match content(response, &at, &hint, self.resolver) {
                Answer::Json(ty) => Some(ty),
                _ => None,
            };
            out.push((status.clone(), ty));
        }
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }
}

/// The media types in which successes are read: of JSON the preferred one, else all that a success has.
pub(super) fn accepts(operation: &Value) -> Vec<String> {
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let good = responses.filter(|(status, _)| status.starts_with('2'));
    let content = good.filter_map(|(_, it)| it.get("content")?.as_object());
    let media = content.flat_map(|content| -> Vec<&str> {
        match content.iter().min_by_key(|(it, _)| preference(it)) {
            Some((media, entry)) if matches!(class_of(media, entry.get("schema")), Class::Json) => {
                vec![if is_special_json(media) { media } else { "application/json" }]
            }
            _ => content.keys().map(String::as_str).filter(|it| !it.contains('*')).collect(),
        }
    });
    let mut out: Vec<String> = Vec::new();
    for media in media {
        if !out.iter().any(|it| it == media) {
            out.push(media.to_owned());
        }
    }
    out
}

/// The redirects that a status of a document stands for.
fn redirects_of(status: &str) -> Vec<u16> {
    match status.to_ascii_lowercase().as_str() {
        "3xx" => REDIRECTS.to_vec(),
        one => REDIRECTS.into_iter().filter(|it| it.to_string() == one).collect(),
    }
}

/// The redirects among the successes.
pub(super) fn redirects(successes: &[(String, Answer)]) -> Vec<u16> {
    let is_listed =
        |it: &u16| successes.iter().any(|(status, _)| redirects_of(status).contains(it));
    REDIRECTS.into_iter().filter(is_listed).collect()
}

/// The type that `send` answers with.
pub(super) fn answer(successes: &[(String, Answer)]) -> Answer {
    let mut distinct: Vec<Answer> = Vec::new();
    for (_, kind) in successes {
        if !distinct.contains(kind) {
            distinct.push(kind.clone());
        }
    }
    match distinct.as_slice() {
        [] => Answer::Empty,
        [only] => only.clone(),
        [Answer::Json(ty) | Answer::OptionalJson(ty), Answer::Empty]
        | [Answer::Empty, Answer::Json(ty) | Answer::OptionalJson(ty)] => {
            Answer::OptionalJson(ty.clone())
        }
        _ => {
            let mut scope = Scope::default();
            let named = successes
                .iter()
                .map(|(status, kind)| (status.clone(), scope.claim(reason(status)), kind.clone()))
                .collect();
            Answer::ByStatus(named)
        }
    }
}

/// The headers of the answers of all operations, each once.
#[derive(Default)]
pub(in super::super) struct Headers {
    scope: Scope,
    /// Each with the schema that it was made of.
    found: Vec<(Value, HeaderPlan)>,
}

impl Headers {
    /// All of them, in the order of the document.
    pub(in super::super) fn finish(self) -> Vec<HeaderPlan> {
        self.found.into_iter().map(|(_, it)| it).collect()
    }

    /// Adds those of an operation.
    pub(super) fn add(
        &mut self,
        operation: &Value,
        pointer: &Pointer,
        method: &str,
        resolver: &mut TypeResolver<'_>,
    ) {
        let responses = operation.get("responses").and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            let at = pointer.child("responses").child(status).child("headers");
            let headers = response.get("headers").and_then(Value::as_object);
            // What the media type says of itself is not to be read from the document.
            let headers = headers.into_iter().flatten();
            for (wire, header) in headers.filter(|(it, _)| !it.eq_ignore_ascii_case("content-type"))
            {
                let plan = self.header(wire, header, &at.child(wire), resolver);
                if plan.operations.last().is_none_or(|it| it != method) {
                    plan.operations.push(method.to_owned());
                }
            }
        }
    }

    fn header(
        &mut self,
        wire: &str,
        header: &Value,
        at: &Pointer,
        resolver: &mut TypeResolver<'_>,
    ) -> &mut HeaderPlan {
        let content = header.get("content").and_then(Value::as_object);
        let content = content.and_then(|it| it.values().next());
        let schema = content.unwrap_or(header).get("schema").cloned().unwrap_or_default();
        let same = |(known, plan): &(Value, HeaderPlan)| {
            plan.wire.eq_ignore_ascii_case(wire) && *known == schema
        };
        let index = self.found.iter().position(same).unwrap_or_else(|| {
            let hint = format!("{}Header", names::pascal(wire));
            let ty = match resolver.ty(&schema, &hint, &at.child("schema")) {
                Ty::Any => Ty::String,
                ty if content.is_some() || resolver.is_scalar(&ty) => ty,
                Ty::List(held) if resolver.is_scalar(&held) => Ty::List(held),
                _ => {
                    resolver.note(at, Done::HeaderObject);
                    Ty::String
                }
            };
            let doc = header.get("description").or_else(|| schema.get("description"));
            let plan = HeaderPlan {
                name: self.scope.claim(names::shouting(wire)),
                doc: doc.and_then(Value::as_str).map(prose::doc).unwrap_or_default(),
                deprecated: header.get("deprecated") == Some(&Value::Bool(true)),
                is_list: content.is_none() && matches!(ty, Ty::List(_)),
                wire: wire.to_owned(),
                pointer: at.to_owned(),
                operations: Vec::new(),
                ty,
            };
            self.found.push((schema, plan));
            self.found.len() - 1
        });
        &mut self.found[index].1
    }
}

fn content(
    response: &Value,
    pointer: &Pointer,
    hint: &str,
    resolver: &mut TypeResolver<'_>,
) -> Answer {
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return Answer::Empty;
    };
    let Some((media, entry)) = content.iter().min_by_key(|(media, _)| preference(media)) else {
        return Answer::Empty;
    };
    let classes: Vec<Class> = content
        .iter()
        .map(|(media, entry)| {
            let flat = entry.get("schema").map(|it| resolver.flattener.flattened(it));
            class_of(media, flat.as_ref())
        })
        .collect();
    let is_json = |it: &Class| matches!(it, Class::Json);
    // What is a text or bytes to the client is read whatever comes of it.
    let any = !content.keys().any(|it| streamed(it).is_some()) && !classes.iter().any(is_json);
    let mixed = any && !classes.iter().all(|it| matches!(it, Class::Text));
    // The same value in another notation is not missed.
    let lost = content.iter().filter(|(other, it)| {
        let same = it.get("schema").is_some() && it.get("schema") == entry.get("schema");
        *other != media && !any && (!same || streamed(other) != streamed(media))
    });
    let lost: Vec<&str> = lost.map(|(other, _)| other.as_str()).collect();
    if !lost.is_empty() {
        let (media, others) = (media.clone(), lost.join(", "));
        resolver.note(&pointer.child("content"), Done::ResponseMediaTypes { media, others });
    }
    let at = pointer.child("content").child(media).child("schema");
    if let Some(are_events) = streamed(media) {
        let mut schema = entry.get("schema").cloned().unwrap_or(Value::Bool(true));
        // Some say of the whole that it is a list, others only what an item is.
        let whole = resolver.flattener.flattened(&schema);
        if let Some(item) = whole.get("items").filter(|_| !are_events) {
            schema = item.clone();
        }
        let ty = resolver.ty(&schema, &format!("{hint}Item"), &at);
        let items = Items { media: media.clone(), are_events, ty };
        return Answer::Stream(items);
    }
    let flat = entry.get("schema").map(|it| resolver.flattener.flattened(it));
    let class = match class_of(media, flat.as_ref()) {
        // Forms are written and not read.
        Class::Form | Class::Multipart => Class::Bytes,
        class => class,
    };
    note_untyped(&class, media, flat.as_ref(), &at, resolver);
    match class {
        Class::Json => {
            let schema = entry.get("schema").cloned().unwrap_or(Value::Bool(true));
            let ty = resolver.ty(&schema, hint, &at);
            // An object without properties carries nothing that could be read.
            match ty != Ty::Any && resolver.flattener.nullable(&schema, 0) {
                true => Answer::OptionalJson(ty),
                false => Answer::Json(ty),
            }
        }
        Class::Text if !mixed => Answer::Text,
        Class::Text | Class::Bytes | Class::Form | Class::Multipart => Answer::Bytes,
    }
}

/// Says where a body whose schema has structure is a text or bytes, since nothing here writes or reads its media type.
pub(super) fn note_untyped(
    class: &Class,
    media: &str,
    schema: Option<&Value>,
    at: &Pointer,
    resolver: &mut TypeResolver<'_>,
) {
    let is_structure = |it: &Value| {
        ["properties", "items"].iter().any(|key| it.get(*key).is_some())
            || it.get("type").is_some_and(|it| it == "object")
    };
    if matches!(class, Class::Text | Class::Bytes) && schema.is_some_and(is_structure) {
        resolver.note(at, Done::Untyped { media: media.to_owned() });
    }
}

fn reason(status: &str) -> String {
    let known = match status {
        "200" => "Ok",
        "201" => "Created",
        "202" => "Accepted",
        "203" => "NonAuthoritative",
        "204" => "NoContent",
        "205" => "ResetContent",
        "206" => "PartialContent",
        "207" => "MultiStatus",
        "301" => "MovedPermanently",
        "302" => "Found",
        "303" => "SeeOther",
        "307" => "TemporaryRedirect",
        "308" => "PermanentRedirect",
        "default" => "Other",
        other => return format!("Status{}", names::ending(other)),
    };
    known.to_owned()
}

pub(super) fn is_structure(ty: &Ty, resolver: &TypeResolver<'_>) -> bool {
    matches!(ty, Ty::Named(name) if resolver.is_structure(name))
}

/// The item type behind a JSON Pointer into an answer.
pub(in super::super) fn item_type(
    answer: &Answer,
    pointer: &str,
    defs: &BTreeMap<String, Def>,
) -> Option<Ty> {
    let (Answer::Json(ty) | Answer::OptionalJson(ty)) = answer else { return None };
    let mut ty = ty.clone();
    for key in Pointer::from(pointer).tokens() {
        ty = match ty {
            Ty::Named(name) => match defs.get(&name)? {
                Def::Struct(def) => def.fields.iter().find(|it| it.wire == key)?.ty.clone(),
                _ => return None,
            },
            Ty::Map(inner) => *inner,
            _ => return None,
        };
    }
    match ty {
        Ty::List(inner) | Ty::Map(inner) => Some(*inner),
        _ => None,
    }
}
