//! What each part of an OpenAPI or Swagger document is and where its parts are: one table, on which
//! every walk through a document stands.

use crate::{
    document::{child, keys},
    version::Version,
};
use serde_json::Value;

/// What a node of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Root3,
    Root2,
    Info,
    Components,
    Paths,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Header,
    Example,
    Link,
    Callback,
    SecurityScheme,
    Server,
    Variable,
    Tag,
    ExternalDocs,
    Schema,
    Paths2,
    PathItem2,
    Operation2,
    Parameter2,
    Responses2,
    Response2,
    Header2,
}

/// The form of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A string.
    Text,
    /// A boolean.
    Flag,
    /// A list of strings.
    Texts,
    /// One node.
    One(Kind),
    /// A list of nodes.
    List(Kind),
    /// A mapping from free names to nodes.
    Map(Kind),
}

impl Form {
    /// The kind of the nodes in the field.
    fn kind(self) -> Option<Kind> {
        match self {
            One(kind) | List(kind) | Form::Map(kind) => Some(kind),
            _ => None,
        }
    }
}

type Field = (&'static str, Form);

use Form::{Flag, List, One, Text, Texts};
use Kind::*;

const fn map(kind: Kind) -> Form {
    Form::Map(kind)
}

const ROOT3: &[Field] = &[
    ("info", One(Info)),
    ("servers", List(Server)),
    ("paths", One(Paths)),
    ("webhooks", map(PathItem)),
    ("components", One(Components)),
    ("tags", List(Tag)),
    ("externalDocs", One(ExternalDocs)),
];
const ROOT2: &[Field] = &[
    ("info", One(Info)),
    ("host", Text),
    ("basePath", Text),
    ("schemes", Texts),
    ("consumes", Texts),
    ("produces", Texts),
    ("paths", One(Paths2)),
    ("definitions", map(Schema)),
    ("parameters", map(Parameter2)),
    ("responses", map(Response2)),
    ("securityDefinitions", map(SecurityScheme)),
    ("tags", List(Tag)),
    ("externalDocs", One(ExternalDocs)),
];
const INFO: &[Field] = &[
    ("title", Text),
    ("summary", Text),
    ("description", Text),
    ("termsOfService", Text),
    ("version", Text),
];
const COMPONENTS: &[Field] = &[
    ("schemas", map(Schema)),
    ("responses", map(Response)),
    ("parameters", map(Parameter)),
    ("examples", map(Example)),
    ("requestBodies", map(RequestBody)),
    ("headers", map(Header)),
    ("securitySchemes", map(SecurityScheme)),
    ("links", map(Link)),
    ("callbacks", map(Callback)),
    ("pathItems", map(PathItem)),
    ("mediaTypes", map(MediaType)),
];
const PATH_ITEM: &[Field] = &[
    ("summary", Text),
    ("description", Text),
    ("servers", List(Server)),
    ("parameters", List(Parameter)),
    ("get", One(Operation)),
    ("put", One(Operation)),
    ("post", One(Operation)),
    ("delete", One(Operation)),
    ("options", One(Operation)),
    ("head", One(Operation)),
    ("patch", One(Operation)),
    ("trace", One(Operation)),
    ("query", One(Operation)),
    ("additionalOperations", map(Operation)),
];
const PATH_ITEM2: &[Field] = &[
    ("parameters", List(Parameter2)),
    ("get", One(Operation2)),
    ("put", One(Operation2)),
    ("post", One(Operation2)),
    ("delete", One(Operation2)),
    ("options", One(Operation2)),
    ("head", One(Operation2)),
    ("patch", One(Operation2)),
];
const OPERATION: &[Field] = &[
    ("externalDocs", One(ExternalDocs)),
    ("tags", Texts),
    ("summary", Text),
    ("description", Text),
    ("operationId", Text),
    ("parameters", List(Parameter)),
    ("requestBody", One(RequestBody)),
    ("responses", One(Responses)),
    ("callbacks", map(Callback)),
    ("deprecated", Flag),
    ("servers", List(Server)),
];
const OPERATION2: &[Field] = &[
    ("externalDocs", One(ExternalDocs)),
    ("tags", Texts),
    ("summary", Text),
    ("description", Text),
    ("operationId", Text),
    ("consumes", Texts),
    ("produces", Texts),
    ("schemes", Texts),
    ("parameters", List(Parameter2)),
    ("responses", One(Responses2)),
    ("deprecated", Flag),
];
const PARAMETER: &[Field] = &[
    ("name", Text),
    ("in", Text),
    ("description", Text),
    ("required", Flag),
    ("deprecated", Flag),
    ("allowEmptyValue", Flag),
    ("style", Text),
    ("explode", Flag),
    ("allowReserved", Flag),
    ("schema", One(Schema)),
    ("content", map(MediaType)),
    ("examples", map(Example)),
];
const PARAMETER2: &[Field] = &[
    ("name", Text),
    ("in", Text),
    ("description", Text),
    ("required", Flag),
    ("allowEmptyValue", Flag),
    ("collectionFormat", Text),
    ("schema", One(Schema)),
    ("items", One(Schema)),
];
const REQUEST_BODY: &[Field] =
    &[("description", Text), ("required", Flag), ("content", map(MediaType))];
const MEDIA_TYPE: &[Field] = &[
    ("schema", One(Schema)),
    ("itemSchema", One(Schema)),
    ("examples", map(Example)),
    ("encoding", map(Encoding)),
];
const ENCODING: &[Field] = &[
    ("contentType", Text),
    ("style", Text),
    ("explode", Flag),
    ("allowReserved", Flag),
    ("headers", map(Header)),
];
const RESPONSES: &[Field] = &[("default", One(Response))];
const RESPONSES2: &[Field] = &[("default", One(Response2))];
const RESPONSE: &[Field] = &[
    ("summary", Text),
    ("description", Text),
    ("headers", map(Header)),
    ("content", map(MediaType)),
    ("links", map(Link)),
];
const RESPONSE2: &[Field] =
    &[("description", Text), ("schema", One(Schema)), ("headers", map(Header2))];
const HEADER: &[Field] = &[
    ("description", Text),
    ("required", Flag),
    ("deprecated", Flag),
    ("style", Text),
    ("explode", Flag),
    ("schema", One(Schema)),
    ("content", map(MediaType)),
    ("examples", map(Example)),
];
const HEADER2: &[Field] =
    &[("description", Text), ("collectionFormat", Text), ("items", One(Schema))];
const EXAMPLE: &[Field] = &[("summary", Text), ("description", Text), ("externalValue", Text)];
const LINK: &[Field] = &[("description", Text), ("operationId", Text), ("server", One(Server))];
const SECURITY_SCHEME: &[Field] = &[
    ("type", Text),
    ("description", Text),
    ("name", Text),
    ("in", Text),
    ("scheme", Text),
    ("bearerFormat", Text),
    ("openIdConnectUrl", Text),
    ("flow", Text),
    ("authorizationUrl", Text),
    ("tokenUrl", Text),
];
const SERVER: &[Field] = &[("url", Text), ("description", Text), ("variables", map(Variable))];
const VARIABLE: &[Field] = &[("enum", Texts), ("default", Text), ("description", Text)];
const TAG: &[Field] = &[("name", Text), ("description", Text), ("externalDocs", One(ExternalDocs))];
const EXTERNAL_DOCS: &[Field] = &[("url", Text), ("description", Text)];
const SCHEMA: &[Field] = &[
    ("externalDocs", One(ExternalDocs)),
    ("title", Text),
    ("description", Text),
    ("properties", map(Schema)),
    ("patternProperties", map(Schema)),
    ("additionalProperties", One(Schema)),
    ("items", One(Schema)),
    ("prefixItems", List(Schema)),
    ("additionalItems", One(Schema)),
    ("allOf", List(Schema)),
    ("anyOf", List(Schema)),
    ("oneOf", List(Schema)),
    ("not", One(Schema)),
    ("if", One(Schema)),
    ("then", One(Schema)),
    ("else", One(Schema)),
    ("contains", One(Schema)),
    ("propertyNames", One(Schema)),
    ("unevaluatedItems", One(Schema)),
    ("unevaluatedProperties", One(Schema)),
    ("contentSchema", One(Schema)),
    ("dependentSchemas", map(Schema)),
    ("$defs", map(Schema)),
    ("definitions", map(Schema)),
];

impl Kind {
    /// The fields of this kind that are checked or hold further nodes.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Root3 => ROOT3,
            Root2 => ROOT2,
            Info => INFO,
            Components => COMPONENTS,
            Paths | Paths2 | Callback => &[],
            PathItem => PATH_ITEM,
            PathItem2 => PATH_ITEM2,
            Operation => OPERATION,
            Operation2 => OPERATION2,
            Parameter => PARAMETER,
            Parameter2 => PARAMETER2,
            RequestBody => REQUEST_BODY,
            MediaType => MEDIA_TYPE,
            Encoding => ENCODING,
            Responses => RESPONSES,
            Responses2 => RESPONSES2,
            Response => RESPONSE,
            Response2 => RESPONSE2,
            Header => HEADER,
            Header2 => HEADER2,
            Example => EXAMPLE,
            Link => LINK,
            SecurityScheme => SECURITY_SCHEME,
            Server => SERVER,
            Variable => VARIABLE,
            Tag => TAG,
            ExternalDocs => EXTERNAL_DOCS,
            Schema => SCHEMA,
        }
    }

    /// What every field that is neither listed nor an extension holds, where that is a node.
    pub(crate) fn others(self) -> Option<Kind> {
        match self {
            Paths | Callback => Some(PathItem),
            Paths2 => Some(PathItem2),
            Responses => Some(Response),
            Responses2 => Some(Response2),
            _ => None,
        }
    }

    /// The words for this kind in messages.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Root3 | Root2 => "document",
            Info => "info",
            Components => "components",
            Paths | Paths2 => "paths",
            PathItem | PathItem2 => "path item",
            Operation | Operation2 => "operation",
            Parameter | Parameter2 => "parameter",
            RequestBody => "request body",
            MediaType => "media type",
            Encoding => "encoding",
            Responses | Responses2 => "responses",
            Response | Response2 => "response",
            Header | Header2 => "header",
            Example => "example",
            Link => "link",
            Callback => "callback",
            SecurityScheme => "security scheme",
            Server => "server",
            Variable => "server variable",
            Tag => "tag",
            ExternalDocs => "link to further documentation",
            Schema => "schema",
        }
    }

    /// Where nodes of this kind are kept for references, as the keys from the root.
    pub(crate) fn home(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Response => &["components", "responses"],
            Parameter => &["components", "parameters"],
            Example => &["components", "examples"],
            RequestBody => &["components", "requestBodies"],
            Header => &["components", "headers"],
            SecurityScheme => &["components", "securitySchemes"],
            Link => &["components", "links"],
            Callback => &["components", "callbacks"],
            PathItem => &["components", "pathItems"],
            MediaType => &["components", "mediaTypes"],
            Parameter2 => &["parameters"],
            Response2 => &["responses"],
            Schema => &["components", "schemas"],
            _ => return None,
        })
    }
}

/// Which of the two families of documents one is; it decides where schemas live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0, 3.1 and 3.2.
    OpenApi3,
}

impl Dialect {
    /// Tells the family by the root's version key.
    pub(crate) fn of(root: &Value) -> Self {
        match Version::of(root) {
            Some(Version::Swagger2) => Self::Swagger2,
            _ => Self::OpenApi3,
        }
    }

    /// The kind of the root.
    pub(crate) fn root(self) -> Kind {
        match self {
            Self::Swagger2 => Root2,
            Self::OpenApi3 => Root3,
        }
    }

    /// Where named nodes of `kind` live in this family, as keys from the root.
    pub(crate) fn home(self, kind: Kind) -> Option<&'static [&'static str]> {
        match (self, kind) {
            (Self::Swagger2, Schema) => Some(&["definitions"]),
            (Self::Swagger2, SecurityScheme) => Some(&["securityDefinitions"]),
            _ => kind.home(),
        }
    }

    /// The pointer of the named schemas' mapping.
    pub(crate) fn schemas(self) -> &'static str {
        match self {
            Self::Swagger2 => "/definitions",
            Self::OpenApi3 => "/components/schemas",
        }
    }
}

/// Whether a key of a free mapping names a node: a mapping's own `$ref` does not.
fn names_node(key: &str, value: &Value) -> bool {
    !(key == "$ref" && value.is_string())
}

/// Whether a list in this field is a list of nodes: `items` was one in older JSON Schema.
fn lists(form: Form, key: &str) -> bool {
    matches!(form, List(_)) || matches!(form, One(_)) && key == "items"
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// Calls `see` with every node directly inside `value`.
pub(crate) fn each_child<'a>(
    value: &'a Value,
    kind: Kind,
    at: &str,
    see: &mut dyn FnMut(&'a Value, Kind, &str),
) {
    let Some(object) = value.as_object() else { return };
    for (key, field) in object {
        let form = kind.fields().iter().find(|(name, _)| name == key).map(|(_, form)| *form);
        let form = match (form, kind.others()) {
            (Some(form), _) => form,
            (None, Some(kind)) if !is_extension(key) && names_node(key, field) => One(kind),
            _ => continue,
        };
        let at = child(at, key);
        match (form, field) {
            (form, Value::Array(list)) if lists(form, key) => {
                let inner = form.kind().unwrap_or(kind);
                for (index, node) in list.iter().enumerate() {
                    see(node, inner, &format!("{at}/{index}"));
                }
            }
            (One(inner), node) => see(node, inner, &at),
            (Form::Map(inner), Value::Object(entries)) => {
                for (name, node) in entries.iter().filter(|(k, v)| names_node(k, v)) {
                    see(node, inner, &child(&at, name));
                }
            }
            _ => {}
        }
    }
}

/// Calls `see` with every node directly inside `value`, to change it.
pub(crate) fn each_child_mut(
    value: &mut Value,
    kind: Kind,
    at: &str,
    see: &mut dyn FnMut(&mut Value, Kind, &str),
) {
    let Some(object) = value.as_object_mut() else { return };
    for (key, field) in object {
        let form = kind.fields().iter().find(|(name, _)| name == key).map(|(_, form)| *form);
        let form = match (form, kind.others()) {
            (Some(form), _) => form,
            (None, Some(kind)) if !is_extension(key) && names_node(key, field) => One(kind),
            _ => continue,
        };
        let at = child(at, key);
        match (form, field) {
            (form, Value::Array(list)) if lists(form, key) => {
                let inner = form.kind().unwrap_or(kind);
                for (index, node) in list.iter_mut().enumerate() {
                    see(node, inner, &format!("{at}/{index}"));
                }
            }
            (One(inner), node) => see(node, inner, &at),
            (Form::Map(inner), Value::Object(entries)) => {
                for (name, node) in entries.iter_mut().filter(|(k, v)| names_node(k, v)) {
                    see(node, inner, &child(&at, name));
                }
            }
            _ => {}
        }
    }
}

/// Calls `see` with `value` and every node inside it, outer ones first.
pub(crate) fn walk<'a>(
    value: &'a Value,
    kind: Kind,
    at: &str,
    see: &mut dyn FnMut(&'a Value, Kind, &str),
) {
    see(value, kind, at);
    each_child(value, kind, at, &mut |node, kind, at| walk(node, kind, at, see));
}

/// Calls `see` with `value` and every node inside it, outer ones first, to change them.
pub(crate) fn walk_mut(
    value: &mut Value,
    kind: Kind,
    at: &str,
    see: &mut dyn FnMut(&mut Value, Kind, &str),
) {
    see(value, kind, at);
    each_child_mut(value, kind, at, &mut |node, kind, at| walk_mut(node, kind, at, see));
}

/// What the node at `pointer` is, where the grammar says so.
pub(crate) fn kind_at(root: &Value, kind: Kind, pointer: &str) -> Option<Kind> {
    let (mut value, mut kind, mut inside) = (root, kind, false);
    for token in keys(pointer) {
        value = match value {
            Value::Array(list) => list.get(token.parse::<usize>().ok()?)?,
            other => other.get(&token)?,
        };
        if inside {
            inside = false;
            continue;
        }
        let form = kind.fields().iter().find(|(name, _)| *name == token).map(|(_, form)| *form);
        (kind, inside) = match (form, kind.others()) {
            (Some(List(kind) | Form::Map(kind)), _) => (kind, true),
            (Some(One(kind)), _) => (kind, token == "items" && value.is_array()),
            (None, Some(kind)) if !is_extension(&token) => (kind, false),
            _ => return None,
        };
    }
    (!inside).then_some(kind)
}
