//! What the generated client will contain, decided: the printing half has nothing left to choose.

use crate::{
    extension::OperationExtension,
    provider::{Server, Variable},
};
use conversations_document::{Pointer, security::Requirement};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ty {
    /// Any JSON value.
    Any,
    /// An object of which nothing more is known.
    Object,
    /// A boolean.
    Boolean,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A whole number of 64 bits that is never negative.
    UInt64,
    /// A number.
    Number,
    /// Text.
    String,
    /// A moment, in any of the forms that vendors send.
    Timestamp,
    /// A file of a multipart body.
    File,
    /// A list.
    List(Box<Ty>),
    /// An object with arbitrary keys.
    Map(Box<Ty>),
    /// What a list or map holds that may be null.
    Nullable(Box<Ty>),
    /// A type of the document, by its Rust name.
    Named(String),
}

/// One field of a structure.
#[derive(Debug, Clone)]
pub struct Field {
    /// The property's name on the wire.
    pub wire: String,
    /// The Rust name, before keywords are escaped.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Other spellings that are read into it.
    pub aliases: Vec<String>,
    /// `{}` is read as an empty list.
    pub accept_empty_object: bool,
    /// Never printed.
    pub secret: bool,
    /// Which way it travels, where the document says only one.
    pub only: Option<Direction>,
    /// The one word that it can be: its only one, or the one by which a discriminator knows its structure.
    pub fixed: Option<String>,
    /// Whether it is an empty object where nothing else is given, by the `default` that the document declares.
    pub empty: bool,
}

/// The one way that a property travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Only in answers: `readOnly`.
    Answers,
    /// Only in requests: `writeOnly`.
    Requests,
}

/// A structure.
#[derive(Debug, Clone)]
pub struct StructDef {
    /// What it stands for.
    pub doc: String,
    /// Its fields in the order of the document.
    pub fields: Vec<Field>,
    /// The type of further keys, where the document declares them.
    pub extra: Option<Ty>,
    /// Whether the values of further keys are never printed.
    pub secret_extra: bool,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Whether a request carries it.
    pub in_request: bool,
}

/// The field of a structure that says which of its properties are sent as null.
pub const NULLS_FIELD: &str = "explicit_nulls";

impl Field {
    /// Whether a request must have it and a program must give it.
    pub fn is_demanded(&self) -> bool {
        self.required && self.fixed.is_none() && !self.empty
    }

    /// Whether a request may leave it out as well as set it to null.
    pub fn has_three_states(&self) -> bool {
        let writes = self.only != Some(Direction::Answers);
        // Any JSON value may be null by itself.
        writes && self.nullable && !self.required && self.ty != Ty::Any
    }
}

impl StructDef {
    /// Whether it says which of its properties are sent as null.
    pub fn has_nulls(&self) -> bool {
        self.in_request && self.fields.iter().any(Field::has_three_states)
    }

    /// What `new` takes, in the order of the document, where it is sent and must have few things.
    pub fn constructor(&self) -> Option<Vec<&Field>> {
        const MOST: usize = 3;
        let taken: Vec<&Field> = self.fields.iter().filter(|it| it.is_demanded()).collect();
        let demanding = self.fields.iter().any(|it| it.required);
        (self.in_request && demanding && taken.len() <= MOST).then_some(taken)
    }

    /// Whether it holds what must not print.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.fields.iter().any(|it| it.secret) || (self.extra.is_some() && self.secret_extra)
    }
}

/// An open set of words.
#[derive(Debug, Clone)]
pub struct EnumDef {
    /// What it stands for.
    pub doc: String,
    /// The words on the wire with the names of their variants.
    pub values: Vec<(String, String)>,
}

/// One alternative of a union.
#[derive(Debug, Clone)]
pub struct Variant {
    /// The variant's name.
    pub name: String,
    /// What it carries.
    pub ty: Ty,
    /// Values of the discriminator that name it.
    pub tags: Vec<String>,
    /// Whether it must be boxed, because it leads back to the union.
    pub boxed: bool,
}

/// A choice between types.
#[derive(Debug, Clone)]
pub struct UnionDef {
    /// What it stands for.
    pub doc: String,
    /// The property that says which alternative it is.
    pub discriminator: Option<String>,
    /// The alternatives in the order of the document.
    pub variants: Vec<Variant>,
    /// The alternative that holds the kinds which the discriminator does not list.
    pub base: Option<usize>,
    /// Whether a request may carry it.
    pub in_request: bool,
}

/// A type of the document.
#[derive(Debug, Clone)]
pub enum Def {
    /// A structure, which typify will write.
    Struct(StructDef),
    /// An open enum, which polish will write.
    Enum(EnumDef),
    /// A union, which polish will write.
    Union(UnionDef),
}

/// Where a parameter travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In a header of the named part of a multipart body.
    Part(String),
}

/// How a value is written outside of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// What the run time calls it.
    pub name: &'static str,
    /// `explode`, where it differs from what the style does by itself.
    pub explode: Option<bool>,
    /// `allowReserved`.
    pub allow_reserved: bool,
    /// Whether a value in a path may be of several segments.
    pub segments: bool,
    /// Whether a value in a path may hold slashes inside of its segment.
    pub slashes: bool,
    /// What the run time calls the styles of lists inside the list, the outer one first.
    pub nested: Vec<&'static str>,
}

/// One parameter of an operation.
#[derive(Debug, Clone)]
pub struct ParamPlan {
    /// The name on the wire.
    pub wire: String,
    /// The Rust name, before keywords are escaped.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Its type.
    pub ty: Ty,
    /// Whether progenitor is shown a list of it, since it knows no structures outside bodies.
    pub wrapped: bool,
    /// How it is written.
    pub style: Style,
    /// What it means.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// The rules it must obey.
    pub constraints: ConstraintRef,
    /// A value that the document shows.
    pub example: Option<Value>,
}

/// How a property of a form is written, where more is known than its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodingPlan {
    /// Its name on the wire.
    pub name: String,
    /// Its style.
    pub style: Option<Style>,
    /// The media type to write it as, or of a file of which none is known.
    pub content_type: Option<String>,
    /// Whether it is a file.
    pub file: bool,
}

/// How a body is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyKind {
    /// JSON.
    Json,
    /// A URL-encoded form.
    Form(Vec<EncodingPlan>),
    /// A form of several parts.
    Multipart(Vec<EncodingPlan>),
    /// Text as it is.
    Text,
    /// Bytes as they are.
    Bytes,
}

/// The body of an operation.
#[derive(Debug, Clone)]
pub struct BodyPlan {
    /// How it is written.
    pub kind: BodyKind,
    /// The media type to announce.
    pub media: String,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Its type.
    pub ty: Ty,
    /// What it means.
    pub doc: String,
    /// The rules it must obey.
    pub constraints: ConstraintRef,
    /// A body that the document shows.
    pub example: Option<Value>,
}

/// What a successful answer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing that is looked at.
    Empty,
    /// JSON.
    Json(Ty),
    /// JSON or nothing.
    OptionalJson(Ty),
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// Where a redirect leads.
    Redirect,
    /// Items, each as soon as it is there.
    Stream(Items),
    /// It depends on the status: a status, the variant's name, what it carries.
    ByStatus(Vec<(String, String, Answer)>),
}

/// The items of an answer that comes piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// The media type of the whole.
    pub media: String,
    /// Whether they are server-sent events and not JSON a line.
    pub are_events: bool,
    /// The type of each, or of what an event carries.
    pub ty: Ty,
}

impl Answer {
    /// The types that it may carry.
    pub fn types(&self) -> Vec<Ty> {
        match self {
            Self::Empty | Self::Text | Self::Bytes | Self::Redirect => Vec::new(),
            Self::Json(ty) | Self::OptionalJson(ty) | Self::Stream(Items { ty, .. }) => {
                vec![ty.clone()]
            }
            Self::ByStatus(cases) => cases.iter().flat_map(|(_, _, it)| it.types()).collect(),
        }
    }
}

/// A header that the document lists for answers.
#[derive(Debug, Clone)]
pub struct HeaderPlan {
    /// The name on the wire.
    pub wire: String,
    /// The name of its constant.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Whether its values are separated by commas.
    pub is_list: bool,
    /// What it means.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Where it is written first, by JSON Pointer.
    pub pointer: Pointer,
    /// The methods whose answers have it.
    pub operations: Vec<String>,
}

/// The rules that a value in a request must obey.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConstraintExpr {
    /// Rules of this value itself, in the words of JSON Schema.
    pub rules: BTreeMap<&'static str, Value>,
    /// Sets of properties of which one must be there in full.
    pub required_any: Vec<Vec<String>>,
    /// Rules of properties by wire name.
    pub properties: Vec<(String, ConstraintRef)>,
    /// Rules of a list's items.
    pub items: Option<Box<ConstraintRef>>,
    /// Rules of a map's values.
    pub values: Option<Box<ConstraintRef>>,
    /// Rules that hold as well, which say something else of the same values.
    pub all_of: Vec<ConstraintRef>,
}

/// Rules written here, or those of a named schema.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintRef {
    /// Written here.
    Inline(ConstraintExpr),
    /// Those of the named schema.
    Named(String),
}

impl Default for ConstraintRef {
    fn default() -> Self {
        Self::Inline(ConstraintExpr::default())
    }
}

impl ConstraintExpr {
    /// Whether there is nothing to check.
    pub fn is_trivial(&self) -> bool {
        self.rules.is_empty()
            && self.required_any.is_empty()
            && self.properties.is_empty()
            && self.items.is_none()
            && self.values.is_none()
            && self.all_of.is_empty()
    }
}

/// One operation.
#[derive(Debug, Clone)]
pub struct OperationPlan {
    /// The operationId of the document.
    pub id: String,
    /// The method's name, before keywords are escaped.
    pub name: String,
    /// The builder's name.
    pub type_name: String,
    /// The name of the static with what is known of it.
    pub static_name: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// Where it is written, by JSON Pointer.
    pub pointer: Pointer,
    /// The first of the groups that the vendor puts it into.
    pub tag: Option<String>,
    /// One line on what it does.
    pub summary: String,
    /// What there is to know.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Its parameters in the order of the document.
    pub params: Vec<ParamPlan>,
    /// Its body.
    pub body: Option<BodyPlan>,
    /// Bodies of other media types that may be sent instead, each with the name of its setter.
    pub alternatives: Vec<(String, BodyPlan)>,
    /// What success carries.
    pub answer: Answer,
    /// The media types of JSON that its successes have.
    pub accepts: Vec<String>,
    /// The redirects that are results.
    pub redirects: Vec<u16>,
    /// What each documented success carries, by status.
    pub successes: Vec<(String, Answer)>,
    /// The declared errors: status and type.
    pub errors: Vec<(String, Option<Ty>)>,
    /// The declared behaviours.
    pub extension: OperationExtension,
    /// The name in the vendor's SDK.
    pub sdk_name: Option<String>,
    /// The alternatives of security schemes that it accepts; an empty list accepts everybody. Nothing where the document
    /// does not say what any operation accepts.
    pub security: Option<Vec<Requirement>>,
    /// The group of servers that it is called at; 0 is the document's own.
    pub server: usize,
    /// The type of one item, where pages are declared.
    pub page_item: Option<Ty>,
    /// The type of one item, where it can be followed.
    pub follow_item: Option<Ty>,
}

impl OperationPlan {
    /// All bodies that it may have, the default one first.
    pub fn bodies(&self) -> impl Iterator<Item = &BodyPlan> {
        self.body.iter().chain(self.alternatives.iter().map(|(_, it)| it))
    }
}

impl Plan {
    /// The named types in whose place a request may send a null that it may also leave out.
    pub fn nullable(&self) -> BTreeSet<&str> {
        let structures = self.defs.values().filter_map(|def| match def {
            Def::Struct(def) if def.in_request => Some(def),
            Def::Struct(_) | Def::Enum(_) | Def::Union(_) => None,
        });
        let fields = structures.flat_map(|it| &it.fields).filter(|it| it.has_three_states());
        let names = fields.filter_map(|it| match &it.ty {
            Ty::Named(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }
}

/// Servers that paths or operations name in place of the document's.
#[derive(Debug, Clone)]
pub struct ServerGroup {
    /// The builder method that sets their base URL apart.
    pub method: String,
    /// The servers; the first is the default.
    pub servers: Vec<Server>,
}

/// A variable of server addresses.
#[derive(Debug, Clone)]
pub struct VariablePlan {
    /// Its name in addresses.
    pub name: String,
    /// The builder method that sets it.
    pub method: String,
    /// What the servers that have it say of it.
    pub variants: Vec<Variable>,
    /// The type of its values, where all servers that have it list them.
    pub choice: Option<Choice>,
}

/// The values that a variable of server addresses may have.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The name of the enum.
    pub name: String,
    /// Each value as it stands in addresses, and its variant.
    pub values: Vec<(String, String)>,
}

/// Everything that polish needs beside what progenitor wrote.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The types by Rust name.
    pub defs: BTreeMap<String, Def>,
    /// Where each type is written in the document that was normalised, by JSON Pointer.
    pub places: BTreeMap<String, Pointer>,
    /// The operations in the order of the document.
    pub operations: Vec<OperationPlan>,
    /// The headers of answers, each once.
    pub headers: Vec<HeaderPlan>,
    /// Named rules by their schema's name; only those that check something.
    pub constraints: BTreeMap<String, ConstraintExpr>,
    /// The title of the document.
    pub title: String,
    /// The version of the document.
    pub version: String,
    /// The groups of servers that paths and operations name; operations count them from 1 on.
    pub groups: Vec<ServerGroup>,
    /// The variables of all addresses.
    pub variables: Vec<VariablePlan>,
    /// The security schemes of the document by name.
    pub schemes: BTreeMap<String, Value>,
    /// What the vendor sends by itself.
    pub events: EventsPlan,
}

/// What the vendor sends by itself.
#[derive(Debug, Clone, Default)]
pub struct EventsPlan {
    /// Where a body says which event it is, by JSON Pointer.
    pub kind: String,
    /// The events in the order of the document; none where it has no webhooks, or nothing distinguishes them.
    pub events: Vec<EventPlan>,
    /// The type of the frames of a socket.
    pub frame: Option<Ty>,
}

/// One kind of event.
#[derive(Debug, Clone)]
pub struct EventPlan {
    /// The word by which a body says that it is this event.
    pub kind: String,
    /// The name of its variant.
    pub name: String,
    /// What it carries.
    pub ty: Ty,
    /// When it is sent.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Where it is written, by JSON Pointer.
    pub pointer: Pointer,
}
