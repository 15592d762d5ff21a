//! What users see of a client, short enough to review.
//!
//! A surface is the public items of a client, each with its kind, its type, and the place in the document that it was
//! made of. Printed, it stands in snapshots, so that a reviewer of a new document reads a page and not ten thousand
//! generated lines; two of them compared say which public item a change of the document adds, removes or changes.

use crate::{
    names,
    normalize::plan::{
        Answer, BodyKind, BodyPlan, Def, EventsPlan, Field, Location, NULLS_FIELD, OperationPlan,
        Plan, Ty,
    },
    provider::{Credential, Provider, Verification},
};
use conversations_document::Pointer;
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Write as _},
};

/// The public items of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The provider's name.
    pub provider: String,
    /// One entry per operation, by method name.
    pub operations: BTreeMap<String, OperationSurface>,
    /// Every public item by its path.
    pub items: BTreeMap<String, Item>,
    /// What `new` of a type takes, in order, by the type: the fields that a request must have.
    pub constructors: BTreeMap<String, Vec<(String, Type)>>,
}

/// A public item. [`Display`] prints its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// What it was made of: its place in the document as it was normalised, by JSON Pointer. Empty where the document
    /// does not have it.
    pub place: Pointer,
    /// Of a structure: whether it can be made without saying anything, and is `Default`.
    pub is_default: bool,
    /// Of a field: whether a request must have it. Without it, a call fails before it is sent.
    pub is_demanded: bool,
}

/// What an item is, what it belongs to, and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A method of the client's builder: a credential, or a part of an address.
    Setting {
        /// Its name.
        name: String,
        /// What it takes, in words.
        takes: String,
    },
    /// A value of a variable in server addresses.
    ServerValue {
        /// The enum.
        owner: String,
        /// Its name.
        name: String,
        /// The value as it stands in the address.
        word: String,
    },
    /// A method of the client.
    Method {
        /// Its name.
        name: String,
        /// The builder that it makes.
        builder: String,
    },
    /// A setter of an operation's builder.
    Setter {
        /// The builder.
        builder: String,
        /// Its name.
        name: String,
        /// What it takes.
        argument: Argument,
    },
    /// A method that ends an operation's builder.
    Call {
        /// The builder.
        builder: String,
        /// Its name.
        name: String,
        /// What it returns.
        returns: Type,
    },
    /// The enum of an operation's answers by status.
    Answer {
        /// The operation's builder.
        builder: String,
    },
    /// One of these answers.
    AnswerCase {
        /// The operation's builder.
        builder: String,
        /// The variant.
        name: String,
        /// What it holds.
        ty: Type,
    },
    /// A constant for a code of the vendor's errors.
    ErrorCode {
        /// Its name.
        name: String,
        /// The code, as Rust writes it.
        code: String,
    },
    /// A header of answers.
    Header {
        /// Its name.
        name: String,
        /// Its type.
        ty: Type,
        /// Its name on the wire.
        wire: String,
    },
    /// A kind of event.
    Event {
        /// Its variant.
        name: String,
        /// What it holds.
        ty: Type,
        /// The word of the body that names it.
        word: String,
    },
    /// A function that reads events.
    Receiver {
        /// Its name.
        name: &'static str,
        /// What it takes, in words.
        takes: &'static str,
        /// What it returns.
        returns: Type,
    },
    /// A type.
    Type {
        /// Its name.
        name: String,
        /// Its form.
        form: Form,
    },
    /// A field of a structure.
    Field {
        /// The structure.
        owner: String,
        /// Its name.
        name: String,
        /// Its type.
        ty: Type,
        /// Its name on the wire, where that is another one.
        wire: Option<String>,
    },
    /// A variant of an enum.
    Word {
        /// The enum.
        owner: String,
        /// Its name.
        name: String,
        /// Its word on the wire.
        word: String,
    },
    /// A variant of a union.
    Alternative {
        /// The union.
        owner: String,
        /// Its name.
        name: String,
        /// What it holds.
        ty: Type,
    },
}

/// The form of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A structure.
    Struct,
    /// An enum of words, open.
    Enum,
    /// A union, open.
    Union,
}

/// The type of a value, as users write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A type of the client itself.
    Own(String),
    /// Any other, with what it is of.
    Of(String, Vec<Type>),
}

/// What a setter of a builder takes, whatever converts into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The type.
    pub ty: Type,
    /// Whether a call fails without it.
    pub required: bool,
    /// Where it travels.
    pub travels: Travels,
}

/// Where an argument travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Travels {
    /// In a parameter.
    In(&'static str),
    /// In the body, of this media type.
    Body(String),
}

impl Item {
    /// Whether programs that called `default()` no longer compile with the item as it is after.
    pub fn loses_default(&self, after: &Item) -> bool {
        self.is_default && !after.is_default
    }

    /// The steps of its path.
    fn steps(&self) -> Vec<String> {
        let steps = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
        match &self.kind {
            Kind::Setting { name, .. } => steps(&["ClientBuilder", name]),
            Kind::ServerValue { owner, name, .. } => steps(&["servers", owner, name]),
            Kind::Method { name, .. } => steps(&["Client", name]),
            Kind::Setter { builder, name, .. } | Kind::Call { builder, name, .. } => {
                steps(&["builder", builder, name])
            }
            Kind::Answer { builder } => vec![answer_enum(builder)],
            Kind::AnswerCase { builder, name, .. } => vec![answer_enum(builder), name.clone()],
            Kind::ErrorCode { name, .. } => steps(&["error_codes", name]),
            Kind::Header { name, .. } => steps(&["headers", name]),
            Kind::Event { name, .. } => steps(&["events", "Event", name]),
            Kind::Receiver { name, .. } => steps(&["events", name]),
            Kind::Type { name, .. } => steps(&["types", name]),
            Kind::Field { owner, name, .. }
            | Kind::Word { owner, name, .. }
            | Kind::Alternative { owner, name, .. } => steps(&["types", owner, name]),
        }
    }

    /// What it is in: a type, a builder or a module.
    pub fn owner(&self) -> String {
        let mut steps = self.steps();
        steps.pop();
        steps.pop().unwrap_or_default()
    }

    /// Its type, or what it takes or returns, where it has one.
    pub fn ty(&self) -> Option<&Type> {
        match &self.kind {
            Kind::Setter { argument, .. } => Some(&argument.ty),
            Kind::Call { returns: ty, .. }
            | Kind::AnswerCase { ty, .. }
            | Kind::Header { ty, .. }
            | Kind::Event { ty, .. }
            | Kind::Receiver { returns: ty, .. }
            | Kind::Field { ty, .. }
            | Kind::Alternative { ty, .. } => Some(ty),
            _ => None,
        }
    }

    /// The client's own types that it mentions.
    pub fn types(&self) -> Vec<&str> {
        self.ty().map(Type::own).unwrap_or_default()
    }
}

/// The path of a type's item.
pub fn type_path(name: &str) -> String {
    format!("types::{name}")
}

/// The name of the enum of an operation's answers.
fn answer_enum(builder: &str) -> String {
    format!("{builder}Answer")
}

impl Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Setting { takes, .. } => write!(f, "fn({takes})"),
            Kind::Method { builder, .. } => write!(f, "fn() -> builder::{builder}"),
            Kind::Setter { argument, .. } => write!(f, "fn({argument})"),
            Kind::Call { returns, .. } => write!(f, "fn() -> {returns}"),
            Kind::Answer { .. } => f.write_str("enum"),
            Kind::ErrorCode { code, .. } => f.write_str(code),
            Kind::Header { ty, wire, .. } | Kind::Field { ty, wire: Some(wire), .. } => {
                write!(f, "{ty} as {wire:?}")
            }
            Kind::Event { ty, word, .. } => write!(f, "{ty} as {word:?}"),
            Kind::Receiver { takes, returns, .. } => write!(f, "fn({takes}) -> {returns}"),
            Kind::Type { form, .. } => f.write_str(match form {
                Form::Struct => "struct",
                Form::Enum => "enum, open",
                Form::Union => "union, open",
            }),
            Kind::Word { word, .. } | Kind::ServerValue { word, .. } => write!(f, "{word:?}"),
            Kind::AnswerCase { ty, .. } | Kind::Field { ty, .. } | Kind::Alternative { ty, .. } => {
                write!(f, "{ty}")
            }
        }
    }
}

impl Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let must = if self.required { "" } else { "?" };
        match &self.travels {
            Travels::In(place) => write!(f, "{}{must} in {place}", self.ty),
            Travels::Body(media) => write!(f, "{}{must}, {media}", self.ty),
        }
    }
}

impl Type {
    fn word(name: &str) -> Self {
        Self::Of(name.to_owned(), Vec::new())
    }

    fn of(name: &str, inner: Self) -> Self {
        Self::Of(name.to_owned(), vec![inner])
    }

    fn map(inner: Self) -> Self {
        Self::Of("BTreeMap".to_owned(), vec![Self::word("String"), inner])
    }

    fn option(inner: Self) -> Self {
        Self::of(OPTION, inner)
    }

    /// The client's own types in it, in order.
    pub fn own(&self) -> Vec<&str> {
        match self {
            Self::Own(name) => vec![name],
            Self::Of(_, inner) => inner.iter().flat_map(Self::own).collect(),
        }
    }

    /// How many `Option`s are in it.
    pub fn options(&self) -> usize {
        match self {
            Self::Own(_) => 0,
            Self::Of(name, inner) => {
                usize::from(name == OPTION) + inner.iter().map(Self::options).sum::<usize>()
            }
        }
    }

    /// The same with every `Option` replaced by what it may hold.
    pub fn without_options(&self) -> Self {
        match self {
            Self::Own(name) => Self::Own(name.clone()),
            Self::Of(name, inner) => match &inner[..] {
                [only] if name == OPTION => only.without_options(),
                _ => Self::Of(name.clone(), inner.iter().map(Self::without_options).collect()),
            },
        }
    }

    /// Whether it is a list or a map, or one that may be left out.
    pub fn is_collection(&self) -> bool {
        let lists = ["Vec", "Map", "BTreeMap"];
        matches!(self.without_options(), Self::Of(name, _) if lists.contains(&name.as_str()))
    }

    /// The same with other names for the client's own types.
    pub fn renamed(&self, to: &impl Fn(&str) -> Option<String>) -> Self {
        match self {
            Self::Own(name) => Self::Own(to(name).unwrap_or_else(|| name.clone())),
            Self::Of(name, inner) => {
                Self::Of(name.clone(), inner.iter().map(|it| it.renamed(to)).collect())
            }
        }
    }
}

const OPTION: &str = "Option";

impl Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => f.write_str(name),
            Self::Of(name, inner) if inner.is_empty() => f.write_str(name),
            Self::Of(name, inner) => {
                let inner: Vec<String> = inner.iter().map(Self::to_string).collect();
                write!(f, "{name}<{}>", inner.join(", "))
            }
        }
    }
}

/// An operation as a reviewer wants to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationSurface {
    /// The operationId.
    pub id: String,
    /// The HTTP method in capitals.
    pub verb: String,
    /// The path template.
    pub path: String,
    /// The name in the vendor's SDK.
    pub sdk_name: Option<String>,
    /// The setters with what they take, required ones first as they stand in the document.
    pub setters: Vec<(String, Argument)>,
    /// What `send` answers.
    pub answer: Type,
    /// Methods beside `send`, with what they return: `stream`, `follow`, `keep_alive`.
    pub more: Vec<(&'static str, Type)>,
    /// The declared behaviours that differ from what the HTTP method says.
    pub behaviours: Vec<String>,
}

/// The surface of a plan.
pub fn surface(plan: &Plan, provider: &Provider) -> Surface {
    let mut out = Surface { provider: provider.provider.clone(), ..Surface::default() };
    for auth in &provider.auth {
        let takes = match auth.credential {
            Credential::Key | Credential::Bearer => "secret",
            Credential::Basic => "username, password",
            Credential::ClientCredentials => "client_id, client_secret",
            Credential::JwtHs256 => "key_id, secret",
        };
        let name = names::escape(&names::snake(&auth.method));
        out.add(
            Kind::Setting { name, takes: takes.to_owned() },
            Pointer::from("/components/securitySchemes").child(&auth.scheme),
        );
    }
    for group in &plan.groups {
        let first = plan.operations.iter().find(|it| {
            it.server.checked_sub(1).and_then(|at| plan.groups.get(at)).map(|it| &it.method)
                == Some(&group.method)
        });
        let place = first.map(|it| it.pointer.child("servers")).unwrap_or_default();
        let takes = "url".to_owned();
        out.add(Kind::Setting { name: names::escape(&group.method), takes }, place);
    }
    for variable in &plan.variables {
        let (name, choice) = (names::escape(&variable.method), variable.choice.as_ref());
        let takes = choice.map_or("value".to_owned(), |it| format!("servers::{}", it.name));
        out.add(Kind::Setting { name, takes }, "/servers".into());
        for (owner, (word, name)) in
            choice.iter().flat_map(|it| it.values.iter().map(|value| (&it.name, value.clone())))
        {
            let owner = owner.clone();
            out.add(Kind::ServerValue { owner, name, word }, "/servers".into());
        }
    }
    for code in &provider.error_codes {
        // The document does not have it, so it has no place.
        let code = Kind::ErrorCode { name: code.constant(), code: format!("{:?}", code.code) };
        out.add(code, Pointer::ROOT);
    }
    for operation in &plan.operations {
        let seen = self::operation(operation);
        let method = names::escape(&operation.name);
        let builder = || operation.type_name.clone();
        let below = |key: &str| operation.pointer.child(key);
        out.add(
            Kind::Method { name: method.clone(), builder: builder() },
            operation.pointer.clone(),
        );
        for (name, argument) in seen.setters.iter().cloned() {
            let place = match argument.travels {
                Travels::In(_) => "parameters",
                Travels::Body(_) => "requestBody",
            };
            out.add(Kind::Setter { builder: builder(), name, argument }, below(place));
        }
        let answers = below("responses");
        let mut call = |name: &str, returns: Type, place: Pointer| {
            out.add(Kind::Call { builder: builder(), name: name.to_owned(), returns }, place);
        };
        call("send", Type::of("Response", seen.answer.clone()), answers.clone());
        for (name, returns) in &seen.more {
            call(name, returns.clone(), below("x-conversations"));
        }
        if let Answer::ByStatus(cases) = &operation.answer {
            for (status, variant, case) in cases {
                let (name, ty) = (variant.clone(), answer(case, operation));
                let case = Kind::AnswerCase { builder: builder(), name, ty };
                out.add(case, answers.child(status));
            }
            out.add(Kind::Answer { builder: builder() }, answers);
        }
        out.operations.insert(method, seen);
    }
    for header in &plan.headers {
        let (name, ty, wire) = (header.name.clone(), ty(&header.ty), header.wire.clone());
        out.add(Kind::Header { name, ty, wire }, header.pointer.clone());
    }
    events(plan, provider, &mut out);
    for (name, def) in &plan.defs {
        let place = plan.places.get(name).cloned().unwrap_or_default();
        let owner = || name.clone();
        let form = match def {
            Def::Struct(_) => Form::Struct,
            Def::Enum(_) => Form::Enum,
            Def::Union(_) => Form::Union,
        };
        let item = out.add(Kind::Type { name: owner(), form }, place.clone());
        let field = |name: String, ty: Type, wire: Option<String>| Kind::Field {
            owner: owner(),
            name,
            ty,
            wire,
        };
        match def {
            Def::Struct(def) => {
                let constructor = def.constructor();
                item.is_default = def.fields.iter().all(|it| !it.required)
                    || constructor.as_ref().is_some_and(Vec::is_empty);
                if let Some(arguments) = constructor {
                    let argument = |it: &Field| {
                        let inner = ty(&it.ty);
                        let taken = if it.nullable { Type::option(inner) } else { inner };
                        (names::escape(&it.name), taken)
                    };
                    let arguments = arguments.into_iter().map(argument).collect();
                    out.constructors.insert(name.clone(), arguments);
                }
                for it in &def.fields {
                    let inner = ty(&it.ty);
                    let listed = matches!(it.ty, Ty::List(_) | Ty::Map(_) | Ty::Object);
                    let optional = if it.required {
                        it.nullable
                    } else {
                        !listed || def.in_request || it.nullable
                    };
                    let shown = if optional { Type::option(inner) } else { inner };
                    let own = names::escape(&it.name);
                    let wire = (own != it.wire).then(|| it.wire.clone());
                    let here = place.child("properties").child(&it.wire);
                    let item = out.add(field(own, shown, wire), here);
                    item.is_demanded = def.in_request && it.is_demanded();
                }
                if def.has_nulls() {
                    let nulls = Type::option(Type::word("Nulls"));
                    out.add(field(NULLS_FIELD.to_owned(), nulls, None), place.clone());
                }
                if let Some(extra) = &def.extra {
                    let extra = field("extra".to_owned(), Type::map(ty(extra)), None);
                    out.add(extra, place.child("additionalProperties"));
                }
            }
            Def::Enum(def) => {
                for (word, variant) in &def.values {
                    let (name, word) = (variant.clone(), word.clone());
                    out.add(Kind::Word { owner: owner(), name, word }, place.child("enum"));
                }
            }
            Def::Union(def) => {
                for variant in &def.variants {
                    let (name, ty) = (variant.name.clone(), ty(&variant.ty));
                    out.add(Kind::Alternative { owner: owner(), name, ty }, place.clone());
                }
            }
        }
    }
    out
}

/// What the vendor sends by itself.
fn events(plan: &Plan, provider: &Provider, out: &mut Surface) {
    let EventsPlan { kind: _, events, frame } = &plan.events;
    for event in events {
        let (name, ty, word) = (event.name.clone(), ty(&event.ty), event.kind.clone());
        out.add(Kind::Event { name, ty, word }, event.pointer.clone());
    }
    let mut receiver = |name, takes, returns| {
        out.add(Kind::Receiver { name, takes, returns }, Pointer::ROOT);
    };
    if !events.is_empty() {
        let verify = provider.events.as_ref().map(|it| &it.verify);
        let takes = match verify.unwrap_or(&Verification::Address) {
            Verification::Address => "uri, headers, body, secret",
            Verification::Header(_) => "headers, body, secret",
        };
        let received = Type::of("Received", Type::word("Event"));
        receiver("receive", takes, received.clone());
        receiver("receive_request", "request, secret", received);
    }
    if let Some(frame) = frame {
        receiver("read_frame", "frame", ty(frame));
    }
}

/// The type that the setter of a body takes.
fn body_type(body: &BodyPlan) -> Type {
    match body.kind {
        BodyKind::Bytes => Type::word("Body"),
        _ => ty(&body.ty),
    }
}

/// The type that the setter of a body of another media type takes.
fn alternative_type(body: &BodyPlan) -> Type {
    match body.kind {
        BodyKind::Bytes => Type::word("Bytes"),
        _ => ty(&body.ty),
    }
}

fn operation(operation: &OperationPlan) -> OperationSurface {
    let mut setters: Vec<(String, Argument)> = Vec::new();
    for required in [true, false] {
        for param in operation.params.iter().filter(|it| it.required == required) {
            let place = match &param.location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
                Location::Cookie => "cookie",
                Location::Part(_) => "a header of a part",
            };
            let travels = Travels::In(place);
            let argument = Argument { ty: ty(&param.ty), required, travels };
            setters.push((names::escape(&param.name), argument));
        }
    }
    let body = operation.body.iter().map(|it| ("body", it.required, body_type(it), it));
    let others = operation.alternatives.iter();
    let others = others.map(|(setter, it)| (setter.as_str(), false, alternative_type(it), it));
    for (setter, required, ty, body) in body.chain(others) {
        // What follows the type, such as a charset, is not part of the signature.
        let media = body.media.split(';').next().unwrap_or_default().trim().to_owned();
        setters.push((setter.to_owned(), Argument { ty, required, travels: Travels::Body(media) }));
    }
    let mut more = Vec::new();
    if let Some(item) = &operation.page_item {
        more.push(("stream", Type::of("ItemStream", ty(item))));
    }
    if let Some(item) = &operation.follow_item {
        more.push(("follow", Type::of("Follow", ty(item))));
    }
    if operation.extension.keep_alive.is_some() {
        more.push(("keep_alive", Type::word("KeepAlive")));
    }
    let safe = matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    let repeatable = safe || matches!(operation.method.as_str(), "PUT" | "DELETE");
    let mut behaviours = Vec::new();
    if operation.extension.idempotent != repeatable {
        behaviours.push(if repeatable { "not idempotent" } else { "idempotent" }.to_owned());
    }
    if operation.extension.billable {
        behaviours.push("billable".to_owned());
    }
    if operation.extension.changes_state == safe {
        behaviours.push(if safe { "changes state" } else { "changes nothing" }.to_owned());
    }
    if let Some(key) = &operation.extension.idempotency_key {
        let known = if key.verified { "" } else { ", unverified" };
        behaviours.push(format!("idempotency key {}{known}", key.name));
    }
    OperationSurface {
        id: operation.id.clone(),
        verb: operation.method.clone(),
        path: operation.path.clone(),
        sdk_name: operation.sdk_name.clone(),
        answer: answer(&operation.answer, operation),
        setters,
        more,
        behaviours,
    }
}

fn answer(answer: &Answer, operation: &OperationPlan) -> Type {
    match answer {
        Answer::Empty => Type::word("()"),
        Answer::Json(it) => ty(it),
        Answer::OptionalJson(it) => Type::option(ty(it)),
        Answer::Stream(it) if it.are_events => {
            Type::of("ItemStream", Type::of("Event", ty(&it.ty)))
        }
        Answer::Stream(it) => Type::of("ItemStream", ty(&it.ty)),
        Answer::Redirect => Type::word("Redirect"),
        Answer::Text => Type::word("String"),
        Answer::Bytes => Type::word("Bytes"),
        Answer::ByStatus(_) => Type::word(&answer_enum(&operation.type_name)),
    }
}

fn ty(it: &Ty) -> Type {
    match it {
        Ty::Any => Type::word("Value"),
        Ty::Object => Type::Of("Map".to_owned(), vec![Type::word("String"), Type::word("Value")]),
        Ty::Boolean => Type::word("bool"),
        Ty::Int32 => Type::word("i32"),
        Ty::Int64 => Type::word("i64"),
        Ty::UInt64 => Type::word("u64"),
        Ty::Number => Type::word("f64"),
        Ty::String => Type::word("String"),
        Ty::Timestamp => Type::word("Timestamp"),
        Ty::File => Type::word("FilePart"),
        Ty::List(inner) => Type::of("Vec", ty(inner)),
        Ty::Map(inner) => Type::map(ty(inner)),
        Ty::Nullable(inner) => Type::option(ty(inner)),
        Ty::Named(name) => Type::Own(name.clone()),
    }
}

impl Surface {
    fn add(&mut self, kind: Kind, place: Pointer) -> &mut Item {
        let item = Item { kind, place, is_default: false, is_demanded: false };
        let path = item.steps().join("::");
        // The last word on a path counts.
        self.items.remove(&path);
        self.items.entry(path).or_insert(item)
    }

    /// The types, by name.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.values().filter_map(|it| match &it.kind {
            Kind::Type { name, .. } => Some((name.as_str(), it)),
            _ => None,
        })
    }

    /// The Rust name of the type that each named schema of the document became, by the schema's name. A schema
    /// that is only another word for something else has none.
    pub fn schemas(&self) -> BTreeMap<String, &str> {
        let of_schema = |(name, item): (_, &Item)| match &item.place.tokens()[..] {
            [components, schemas, schema] if components == "components" && schemas == "schemas" => {
                Some((schema.clone(), name))
            }
            _ => None,
        };
        self.types().filter_map(of_schema).collect()
    }

    /// The surface as a page to read.
    pub fn page(&self) -> String {
        let mut out = format!("# {}\n\n## Client\n\n", self.provider);
        for item in self.items.values() {
            if let Kind::Setting { name, takes } = &item.kind {
                let _ = writeln!(out, "builder.{name}({takes})");
            }
        }
        let _ = writeln!(out, "\n## Operations ({})", self.operations.len());
        for (method, operation) in &self.operations {
            let _ = write!(out, "\n{method}    {} {}", operation.verb, operation.path);
            if let Some(name) = &operation.sdk_name {
                let _ = write!(out, "    sdk: {name}");
            }
            out.push('\n');
            for (setter, argument) in &operation.setters {
                let _ = writeln!(out, "    .{setter}({argument})");
            }
            let _ = writeln!(out, "    .send() -> {}", operation.answer);
            for (name, returns) in &operation.more {
                let _ = writeln!(out, "    .{name}() -> {returns}");
            }
            if !operation.behaviours.is_empty() {
                let _ = writeln!(out, "    {}", operation.behaviours.join("; "));
            }
        }
        let titles = ["Values of server variables", "Error codes", "Events", "Headers of answers"];
        let mut titles = titles.map(|it| format!("\n## {it}\n\n"));
        for item in self.items.values() {
            let (title, name, is) = match &item.kind {
                Kind::ServerValue { owner, name, .. } => (0, format!("{owner}::{name}"), " ="),
                Kind::ErrorCode { name, .. } => (1, name.clone(), " ="),
                Kind::Event { name, .. } => (2, name.clone(), ":"),
                Kind::Receiver { name, .. } => (2, (*name).to_owned(), ":"),
                Kind::Header { name, .. } => (3, name.clone(), ":"),
                _ => continue,
            };
            out.push_str(&std::mem::take(&mut titles[title]));
            let _ = writeln!(out, "{name}{is} {item}");
        }
        let mut types: Vec<(Vec<String>, &Item)> = Vec::new();
        for item in self.items.values() {
            if matches!(
                item.kind,
                Kind::Answer { .. }
                    | Kind::AnswerCase { .. }
                    | Kind::Type { .. }
                    | Kind::Field { .. }
                    | Kind::Word { .. }
                    | Kind::Alternative { .. }
            ) {
                types.push((item.steps(), item));
            }
        }
        if !types.is_empty() {
            out.push_str("\n## Types\n");
        }
        // By its steps, so that `Error2` does not come between `Error` and what is in it.
        types.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (steps, item) in types {
            let own = steps.last().map(String::as_str).unwrap_or_default();
            let _ = match item.kind {
                Kind::Answer { .. } | Kind::Type { .. } => writeln!(out, "\n{item} {own}"),
                _ => writeln!(out, "    {own}: {item}"),
            };
            if let Kind::Type { name, .. } = &item.kind
                && let Some(arguments) = self.constructors.get(name)
            {
                let arguments: Vec<String> =
                    arguments.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
                let _ = writeln!(out, "    new({})", arguments.join(", "));
            }
        }
        out
    }
}

/// What two surfaces differ in, by item.
#[derive(Debug, Clone, Default)]
pub struct SurfaceDiff<'s> {
    /// Items that only the second has.
    pub added: Vec<Difference<'s>>,
    /// Items that only the first has.
    pub removed: Vec<Difference<'s>>,
    /// Items that both have with different signatures.
    pub changed: Vec<Difference<'s>>,
}

/// An item of two surfaces that differs between them. [`Display`] prints `item: before -> after`.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'s> {
    /// Its path.
    pub path: &'s str,
    /// The item before and after.
    pub items: [Option<&'s Item>; 2],
}

impl Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match self.items {
            [Some(before), Some(after)] if before.loses_default(after) => {
                write!(f, "{before}, Default -> {after}")
            }
            [Some(before), Some(after)] => write!(f, "{before} -> {after}"),
            [one, other] => one.or(other).map_or(Ok(()), |it| it.fmt(f)),
        }
    }
}

/// Compares two surfaces.
pub fn compare<'s>(base: &'s Surface, revision: &'s Surface) -> SurfaceDiff<'s> {
    let mut out = SurfaceDiff::default();
    for (path, before) in &base.items {
        let after = revision.items.get(path);
        let difference = Difference { path, items: [Some(before), after] };
        match after {
            None => out.removed.push(difference),
            Some(after) if after.kind != before.kind || before.loses_default(after) => {
                out.changed.push(difference);
            }
            Some(_) => {}
        }
    }
    for (path, after) in &revision.items {
        if !base.items.contains_key(path) {
            out.added.push(Difference { path, items: [None, Some(after)] });
        }
    }
    out
}
