//! From operations to plans: names, parameters, bodies and answers.

use super::{
    constraints::ConstraintBuilder,
    media::{Class, announced, class, class_of, is_special_json, preference, streamed, word},
    plan::{Answer, BodyKind, BodyPlan, HeaderPlan, Items, Location, OperationPlan, ParamPlan, Ty},
    prose,
    schema::TypeResolver,
    style,
};
use crate::{
    extension,
    names::{self, Scope},
};
use conversations_document::note::Done;
use conversations_document::{Document, Pointer, fault, security};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Methods that a client has for itself.
const CLIENT_METHODS: &[&str] = &["builder", "base_url", "rate_limit", "request", "clone", "new"];

/// The redirects that say where to go next.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// Methods that an operation's builder has for itself.
const BUILDER_METHODS: &[&str] = &[
    "new",
    "client",
    "body",
    "body_map",
    "options",
    "send",
    "stream",
    "follow",
    "keep_alive",
    "prepare",
    "call",
];

/// The names that operations have claimed.
pub(super) struct OperationNames {
    methods: Scope,
    types: Scope,
    statics: Scope,
}

impl OperationNames {
    pub(super) fn new() -> Self {
        Self {
            methods: Scope::reserving(CLIENT_METHODS),
            types: Scope::default(),
            // The list of all operations stands beside them.
            statics: Scope::reserving(&["ALL"]),
        }
    }

    /// A method and its builder's type, neither of which another operation has.
    ///
    /// Progenitor derives the type from the method, and two methods may lead to one type, so that the
    /// two are chosen together.
    fn claim(&mut self, id: &str) -> (String, String) {
        let wanted = names::snake(id);
        // Rare letters, such as ligatures, have no upper case that Rust takes.
        let base =
            if names::builder_type(&format!("{wanted}_2")).is_some() { &wanted } else { "x" };
        let mut n = 1_u32;
        loop {
            let method = if n == 1 { base.to_owned() } else { format!("{base}_{n}") };
            if let Some(ty) = names::builder_type(&method)
                && self.methods.is_free(&method)
                && self.types.is_free(&ty)
            {
                return (self.methods.claim(method), self.types.claim(ty));
            }
            n += 1;
        }
    }
}

/// What the plans of a document's operations are made with.
pub(super) struct Planner<'d> {
    document: &'d Document,
    names: OperationNames,
    pub(super) resolver: TypeResolver<'d>,
    pub(super) constraints: ConstraintBuilder<'d>,
    pub(super) headers: Headers,
}

impl<'d> Planner<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let mut resolver = TypeResolver::new(document);
        resolver.components();
        Self {
            document,
            names: OperationNames::new(),
            resolver,
            constraints: ConstraintBuilder::new(document),
            headers: Headers::default(),
        }
    }

    /// The plan of one operation.
    pub(super) fn plan(
        &mut self,
        path: &str,
        method: &str,
        operation: &Value,
    ) -> fault::Result<OperationPlan> {
        let pointer = Pointer::from("/paths").child(path).child(method);
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .map_or_else(|| format!("{method} {path}"), str::to_owned);
        let (name, type_name) = self.names.claim(&id);
        let static_name = self.names.statics.claim(names::shouting(&name));
        if name != names::snake(&id) {
            self.resolver.note(&pointer, Done::OperationName);
        }
        let extension = extension::operation(self.document, &pointer)?;
        let mut draft = Draft {
            operation,
            pointer: &pointer,
            type_name: &type_name,
            setters: Scope::reserving(BUILDER_METHODS),
            resolver: &mut self.resolver,
            constraints: &mut self.constraints,
        };
        let mut params = draft.params();
        let mut bodies = draft.bodies().into_iter();
        let body = bodies.next();
        let mut alternatives = Vec::new();
        for other in bodies {
            let setter = draft.setters.claim(format!("body_as_{}", word(&other.media)));
            alternatives.push((setter, other));
        }
        params.extend(draft.part_headers());
        let mut successes = draft.successes();
        if extension.empty_answer {
            for (_, answer) in &mut successes {
                if let Answer::Json(ty) = answer {
                    *answer = Answer::OptionalJson(ty.clone());
                }
            }
        }
        let errors = draft.errors();
        self.headers.add(operation, &pointer, &name, &mut self.resolver);
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
        Ok(OperationPlan {
            summary: prose::doc(&prose::first_line(text("summary"))),
            doc: prose::doc(text("description")),
            tag: operation
                .pointer("/tags/0")
                .and_then(Value::as_str)
                .map(|it| prose::doc(&prose::first_line(it))),
            deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
            method: method.to_uppercase(),
            path: path.to_owned(),
            security: security::requirements(&self.document.root, operation),
            server: 0,
            sdk_name: None,
            page_item: None,
            follow_item: None,
            id,
            name,
            type_name,
            static_name,
            params,
            body,
            alternatives,
            accepts: accepts(operation),
            answer: answer(&successes),
            redirects: redirects(&successes),
            successes,
            errors,
            extension,
            pointer,
        })
    }
}

/// An operation on its way to a plan.
struct Draft<'a, 'd> {
    operation: &'a Value,
    pointer: &'a Pointer,
    type_name: &'a str,
    /// The names of the builder's methods.
    setters: Scope,
    resolver: &'a mut TypeResolver<'d>,
    constraints: &'a mut ConstraintBuilder<'d>,
}

impl Draft<'_, '_> {
    fn params(&mut self) -> Vec<ParamPlan> {
        let list = self.operation.get("parameters").and_then(Value::as_array);
        let mut out = Vec::new();
        for (i, param) in list.into_iter().flatten().enumerate() {
            let at = self.pointer.child("parameters").child(i);
            let (Some(wire), Some(place)) = (
                param.get("name").and_then(Value::as_str),
                param.get("in").and_then(Value::as_str),
            ) else {
                self.resolver.note(&at, Done::ParameterPlaceless);
                continue;
            };
            let location = match place {
                "path" => Location::Path,
                "query" => Location::Query,
                "header" => Location::Header,
                "cookie" => Location::Cookie,
                _ => {
                    self.resolver.note(&at, Done::ParameterElsewhere);
                    continue;
                }
            };
            out.push(self.param(param, wire, location, &at));
        }
        out
    }

    /// The headers of parts of multipart bodies, each a parameter of its own.
    fn part_headers(&mut self) -> Vec<ParamPlan> {
        let at = self.pointer.child("requestBody").child("content");
        let content = self.operation.pointer("/requestBody/content").and_then(Value::as_object);
        let mut out = Vec::new();
        for (media, entry) in content.into_iter().flatten() {
            if !matches!(class(media), Class::Multipart) {
                continue;
            }
            let encoding = entry.get("encoding").and_then(Value::as_object);
            for (part, says) in encoding.into_iter().flatten() {
                let headers = says.get("headers").and_then(Value::as_object).into_iter().flatten();
                // The media type is what `contentType` says, or the file.
                for (wire, header) in
                    headers.filter(|(it, _)| !it.eq_ignore_ascii_case("content-type"))
                {
                    let at = at.child(media).child("encoding").child(part);
                    let at = at.child("headers").child(wire);
                    let location = Location::Part(part.clone());
                    out.push(self.param(header, wire, location, &at));
                }
            }
        }
        out
    }

    fn param(&mut self, param: &Value, wire: &str, location: Location, at: &Pointer) -> ParamPlan {
        let flag = |key: &str| param.get(key).and_then(Value::as_bool);
        let content =
            param.get("content").and_then(Value::as_object).and_then(|it| it.values().next());
        let schema = content
            .and_then(|it| it.get("schema"))
            .or_else(|| param.get("schema"))
            .cloned()
            .unwrap_or_else(|| serde_json::json!({"type": "string"}));
        let hint = format!("{}{}", self.type_name, names::ending(wire));
        // No style of a parameter can write a null into a list.
        let ty = match self.resolver.ty(&schema, &hint, &at.child("schema")) {
            Ty::List(held) => match *held {
                Ty::Nullable(held) => Ty::List(held),
                held => Ty::List(Box::new(held)),
            },
            ty => ty,
        };
        let style = style::of_parameter(param, &schema, &location, &ty, at, self.resolver);
        let declared = param
            .pointer("/x-conversations/name")
            .or_else(|| schema.pointer("/x-conversations/name"))
            .and_then(Value::as_str);
        let wanted = match (declared, &location) {
            (Some(name), _) => names::snake(name),
            (None, Location::Part(part)) => names::snake(&format!("{part} {wire}")),
            (None, _) => names::snake(wire),
        };
        let name = self.setters.claim(wanted.clone());
        if name != wanted {
            self.resolver.note(at, Done::ParameterName);
        }
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        let doc = param
            .get("description")
            .or_else(|| schema.get("description"))
            .and_then(Value::as_str)
            .map(prose::doc)
            .unwrap_or_default();
        ParamPlan {
            wire: wire.to_owned(),
            name,
            required: location == Location::Path || (flag("required") == Some(true) && !nullable),
            wrapped: is_structure(&ty, self.resolver),
            constraints: self.constraints.of(&schema),
            example: example(param, &schema),
            style,
            doc,
            deprecated: flag("deprecated") == Some(true),
            location,
            ty,
        }
    }

    /// The bodies that an operation may have, one for each media type, the default one first.
    fn bodies(&mut self) -> Vec<BodyPlan> {
        let Some(request) = self.operation.get("requestBody") else { return Vec::new() };
        let at = self.pointer.child("requestBody").child("content");
        let content = request.get("content").and_then(Value::as_object);
        let mut content: Vec<(&String, &Value)> = content.into_iter().flatten().collect();
        content.sort_by_key(|(media, _)| preference(media));
        if let [(media, _), _, ..] = content[..] {
            self.resolver.note(&at, Done::RequestMediaTypes { media: media.clone() });
        }
        let mut out: Vec<BodyPlan> = Vec::new();
        let mut schemas: Vec<&Value> = Vec::new();
        for (media, entry) in content {
            let schema = entry.get("schema").unwrap_or(&Value::Bool(true));
            let at = at.child(media);
            let schema_at = at.child("schema");
            let hint = match out.is_empty() {
                true => format!("{}Body", self.type_name),
                false => format!("{}Body{}", self.type_name, names::pascal(&word(media))),
            };
            // What several media types describe alike is one type.
            let same = schemas.iter().position(|it| *it == schema).and_then(|it| out.get(it));
            let same = same.filter(|it| matches!(it.kind, BodyKind::Json | BodyKind::Form(_)));
            let ty = |resolver: &mut TypeResolver<'_>| match same {
                Some(body) => body.ty.clone(),
                None => resolver.ty(schema, &hint, &schema_at),
            };
            let flat = entry.get("schema").map(|it| self.resolver.flattener.flattened(it));
            let class = class_of(media, flat.as_ref());
            note_untyped(&class, media, flat.as_ref(), &at, self.resolver);
            let announced = announced(media, &class);
            if announced != *media && !["*/*", "application/*"].contains(&media.as_str()) {
                self.resolver.note(&at, Done::SentAs { media: announced.to_string() });
            }
            let (kind, ty) = match class {
                Class::Json => (BodyKind::Json, ty(self.resolver)),
                Class::Form => {
                    let encodings = style::encodings(entry, schema, false, &at, self.resolver);
                    (BodyKind::Form(encodings), ty(self.resolver))
                }
                Class::Multipart => {
                    let essence = media.split(';').next().unwrap_or_default().trim();
                    if !essence.eq_ignore_ascii_case("multipart/form-data") {
                        let media = "multipart/form-data".to_owned();
                        self.resolver.note(&at, Done::SentAs { media });
                    }
                    let encodings = style::encodings(entry, schema, true, &at, self.resolver);
                    let files = encodings.iter().any(|it| it.file);
                    let ty = match same.filter(|_| !files) {
                        Some(body) => body.ty.clone(),
                        None => self.resolver.multipart(schema, &hint, &schema_at),
                    };
                    (BodyKind::Multipart(encodings), ty)
                }
                Class::Text => (BodyKind::Text, Ty::String),
                Class::Bytes => (BodyKind::Bytes, Ty::Any),
            };
            let constraints = match kind {
                BodyKind::Text | BodyKind::Bytes => Default::default(),
                _ => self.constraints.of(schema),
            };
            let description = request.get("description").and_then(Value::as_str);
            out.push(BodyPlan {
                kind,
                media: announced,
                required: request.get("required") == Some(&Value::Bool(true)),
                ty,
                doc: description.map(prose::doc).unwrap_or_default(),
                constraints,
                example: example(entry, flat.as_ref().unwrap_or(schema)),
            });
            schemas.push(schema);
        }
        out
    }

    /// What each documented success carries, by status; a redirect is one too.
    fn successes(&mut self) -> Vec<(String, Answer)> {
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
    fn errors(&mut self) -> Vec<(String, Option<Ty>)> {
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

/// The media types of JSON other than its own that successes have.
fn accepts(operation: &Value) -> Vec<String> {
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let good = responses.filter(|(status, _)| status.starts_with('2'));
    let media = good.filter_map(|(_, it)| {
        let content = it.get("content")?.as_object()?;
        content.keys().min_by_key(|it| preference(it)).filter(|it| is_special_json(it)).cloned()
    });
    let mut out: Vec<String> = media.collect();
    out.dedup();
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
fn redirects(successes: &[(String, Answer)]) -> Vec<u16> {
    let documented: BTreeSet<u16> =
        successes.iter().flat_map(|(status, _)| redirects_of(status)).collect();
    documented.into_iter().collect()
}

/// The type that `send` answers with.
fn answer(successes: &[(String, Answer)]) -> Answer {
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
pub(super) struct Headers {
    scope: Scope,
    /// Each with the schema that it was made of.
    found: Vec<(Value, HeaderPlan)>,
}

impl Headers {
    /// All of them, in the order of the document.
    pub(super) fn finish(self) -> Vec<HeaderPlan> {
        self.found.into_iter().map(|(_, it)| it).collect()
    }

    /// Adds those of an operation.
    fn add(
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
    if content.len() > 1 {
        let others: Vec<&str> =
            content.keys().filter(|it| *it != media).map(String::as_str).collect();
        resolver.note(
            &pointer.child("content"),
            Done::ResponseMediaTypes { media: media.to_string(), others: others.join(", ") },
        );
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
    let class = class_of(media, flat.as_ref());
    note_untyped(&class, media, flat.as_ref(), &at, resolver);
    match class {
        Class::Json => {
            let schema = entry.get("schema").cloned().unwrap_or(Value::Bool(true));
            let ty = resolver.ty(&schema, hint, &at);
            // An object without properties carries nothing that could be read.
            let nullable = schema.get("nullable") == Some(&Value::Bool(true));
            if nullable { Answer::OptionalJson(ty) } else { Answer::Json(ty) }
        }
        Class::Text => Answer::Text,
        Class::Bytes | Class::Form | Class::Multipart => Answer::Bytes,
    }
}

/// Says where a body whose schema has structure is a text or bytes, since nothing here writes or reads its media type.
fn note_untyped(
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

fn is_structure(ty: &Ty, resolver: &TypeResolver<'_>) -> bool {
    matches!(ty, Ty::Named(name) if resolver.is_structure(name))
}

/// The item type behind a JSON Pointer into an answer.
pub(super) fn item_type(
    answer: &Answer,
    pointer: &str,
    defs: &BTreeMap<String, super::plan::Def>,
) -> Option<Ty> {
    let (Answer::Json(ty) | Answer::OptionalJson(ty)) = answer else { return None };
    let mut ty = ty.clone();
    for key in Pointer::from(pointer).tokens() {
        ty = match ty {
            Ty::Named(name) => match defs.get(&name)? {
                super::plan::Def::Struct(def) => {
                    def.fields.iter().find(|it| it.wire == key)?.ty.clone()
                }
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

/// A value that the document shows for what holds a schema, or for the schema.
fn example(holder: &Value, schema: &Value) -> Option<Value> {
    let first = |it: &Value| it.as_object()?.values().next()?.get("value").cloned();
    let own = holder.get("example").cloned().or_else(|| holder.get("examples").and_then(first));
    own.or_else(|| ["example", "default"].iter().find_map(|key| schema.get(*key)).cloned())
}
