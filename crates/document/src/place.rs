//! What the node at a JSON Pointer is in an OpenAPI document: an operation, a schema, sample data.
//!
//! Without it a `$ref` inside a sample body would count as a reference, and a property called `get`
//! as an operation.

use crate::{method::Method, pointer::Pointer};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The document itself.
    Document,
    /// `components`.
    Components,
    /// A map or list whose members are all of this kind.
    Each(Member),
    /// One node of a kind.
    One(Member),
    /// Somebody's data: samples, defaults, other people's extensions. Nothing in it is OpenAPI.
    Data,
    /// Anything else.
    Other,
}

/// The kinds of nodes that hold other nodes we care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// A path item.
    PathItem,
    /// An operation.
    Operation,
    /// A parameter or a header.
    Parameter,
    /// A request body.
    RequestBody,
    /// A media type.
    MediaType,
    /// An encoding of a property.
    Encoding,
    /// A response.
    Response,
    /// A callback: a map of path items.
    Callback,
    /// A schema.
    Schema,
}

impl Place {
    /// What the child under `key` is; a list's children have their index as key.
    pub fn child(self, key: &str) -> Self {
        use Member::*;
        use Place::*;
        match self {
            Data => Data,
            Each(PathItem | Response) if key.starts_with("x-") => Data,
            Each(Callback) => Each(PathItem),
            Each(member) => One(member),
            _ if key.starts_with("x-") => Data,
            Document => match key {
                "paths" | "webhooks" => Each(PathItem),
                "components" => Components,
                "definitions" => Each(Schema),
                "parameters" => Each(Parameter),
                "responses" => Each(Response),
                _ => Other,
            },
            Components => match key {
                "schemas" => Each(Schema),
                "responses" => Each(Response),
                "parameters" | "headers" => Each(Parameter),
                "requestBodies" => Each(RequestBody),
                "callbacks" => Each(Callback),
                "pathItems" => Each(PathItem),
                "mediaTypes" => Each(MediaType),
                "examples" => Data,
                _ => Other,
            },
            One(member) => member.child(key),
            Other => Other,
        }
    }

    /// What the node at `pointer` is, seen from the document's root.
    pub fn of(pointer: &Pointer) -> Self {
        pointer.tokens().iter().fold(Place::Document, |place, key| place.child(key))
    }
}

impl Member {
    fn child(self, key: &str) -> Place {
        use Member::*;
        use Place::*;
        match (self, key) {
            (PathItem, key) if Method::of_key(key).is_some() => One(Operation),
            (PathItem, "additionalOperations") => Each(Operation),
            (PathItem | Operation, "parameters") => Each(Parameter),
            (Operation, "requestBody") => One(RequestBody),
            (Operation, "responses") => Each(Response),
            (Operation, "callbacks") => Each(Callback),
            (Parameter | RequestBody | Response, "content") => Each(MediaType),
            (Parameter | MediaType | Response, "schema") => One(Schema),
            (MediaType, "itemSchema") | (Parameter, "items") => One(Schema),
            (MediaType, "encoding") => Each(Encoding),
            (Response | Encoding, "headers") => Each(Parameter),
            (Parameter, "default" | "enum") => Data,
            (Parameter | MediaType | Response, "example" | "examples") => Data,
            (Schema, _) => in_schema(key),
            _ => Other,
        }
    }
}

fn in_schema(key: &str) -> Place {
    match key {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "allOf" | "anyOf" | "oneOf" | "prefixItems" => Place::Each(Member::Schema),
        "items"
        | "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "additionalItems"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Place::One(Member::Schema),
        "example" | "examples" | "default" | "enum" | "const" => Place::Data,
        // The list form of `items`, which OpenAPI 3.0 never had and JSON Schema once did.
        index if index.bytes().all(|b| b.is_ascii_digit()) => Place::One(Member::Schema),
        _ => Place::Other,
    }
}
