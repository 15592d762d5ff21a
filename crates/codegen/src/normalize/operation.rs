//! From operations to plans: names, parameters and bodies.

mod answers;

pub(super) use answers::{Headers, item_type};

use answers::{accepts, answer, is_structure, note_untyped, redirects};

use super::{
    constraints::ConstraintBuilder,
    media::{Class, announced, class, class_of, preference, word},
    plan::{Answer, BodyKind, BodyPlan, Location, OperationPlan, ParamPlan, Ty},
    prose,
    schema::TypeResolver,
    style,
};
use crate::{
    extension,
    names::{self, Scope},
};
use conversations_document::note::Done;
use conversations_document::{Document, Pointer, fault, path::variable, security};
use serde_json::Value;

/// Methods that a client has for itself.
const CLIENT_METHODS: &[&str] =
    &["builder", "from_env", "base_url", "rate_limit", "request", "clone", "new"];

/// Methods and fields that an operation's builder has for itself.
const BUILDER_METHODS: &[&str] = &[
    "new",
    "client",
    "body",
    "body_map",
    "body_given",
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
        let hint = match location {
            Location::Path => variable(wire),
            _ => wire,
        };
        let hint = format!("{}{}", self.type_name, names::ending(hint));
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
            (None, Location::Path) => names::snake(variable(wire)),
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
                    let ty = ty(self.resolver);
                    (BodyKind::Form(encodings), self.resolver.of_fields(ty))
                }
                Class::Multipart => {
                    let encodings = style::encodings(entry, schema, true, &at, self.resolver);
                    let files = self.resolver.holds_files(schema);
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
        // A value of a body's type is never null as a whole.
        let wholes = out.iter().zip(schemas).filter(|(it, schema)| {
            let typed = it.kind == BodyKind::Json && it.ty != Ty::Any;
            typed && self.resolver.flattener.nullable(schema, 0)
        });
        let any = |it: &BodyPlan| BodyPlan { ty: Ty::Any, example: None, ..it.clone() };
        let wholes: Vec<BodyPlan> = wholes.map(|(it, _)| any(it)).collect();
        out.extend(wholes);
        out
    }
}

/// A value that the document shows for what holds a schema, or for the schema.
fn example(holder: &Value, schema: &Value) -> Option<Value> {
    let first = |it: &Value| it.as_object()?.values().next()?.get("value").cloned();
    let own = holder.get("example").cloned().or_else(|| holder.get("examples").and_then(first));
    own.or_else(|| ["example", "default"].iter().find_map(|key| schema.get(*key)).cloned())
}
