//! What each part of an OpenAPI or Swagger document is and where its parts are: one table, on which
//! every walk through a document stands.

use crate::note::Code;
use crate::{pointer::Pointer, version::Version};
use serde_json::Value;

/// Defines the kinds, and the list of them.
macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// What a node of a document is, by the name that the specification has for it; those of Swagger 2.0 end with a 2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = stringify!($kind)] $kind),*
        }

        /// Every kind.
        pub(crate) const KINDS: &[Kind] = &[$(Kind::$kind),*];
    };
}

kinds! {
    Root3, Root2, Info, Contact, License, Components, Paths, PathItem, Operation, Parameter,
    RequestBody, MediaType, Encoding, Responses, Response, Header, Example, Link, Callback,
    SecurityScheme, Flows, Flow, Server, Variable, Tag, ExternalDocs, Schema, Discriminator, Paths2,
    PathItem2, Operation2, Parameter2, Responses2, Response2, Header2,
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
    /// Anything; other stages look at its form.
    Any,
    /// A sample, a default or a value: nothing in it is OpenAPI, whatever it looks like.
    Data,
    /// One node that other stages check, which is looked into only to account for its keys.
    Loose(Kind),
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

/// What becomes of a field on its way to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The client, its documentation or a comparison depends on it; the stage that reads it.
    Consumed(&'static str),
    /// It says nothing by itself; its parts are accounted for.
    Holds,
    /// A stage leaves a note of this code where it meets it.
    Noted(Code),
    /// Nobody reads it, which lowering notes as a loss with these words.
    Lost(Loss, &'static str),
    /// It says nothing to a client: prose for people, samples, grouping.
    Silent,
}

/// What is lost with a field that nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Requests are not sent as the document says.
    Sent,
    /// A rule is not checked, or a choice not offered.
    Checked,
}

impl Loss {
    /// The code of the note.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::Sent => Code::NotSent,
            Self::Checked => Code::NotChecked,
        }
    }
}

/// A key that the specification gives to a kind of object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) form: Form,
    pub(crate) used: Use,
}

use Form::{Any, Data, Flag, List, Loose, One, Text, Texts};
use Kind::*;

const fn map(kind: Kind) -> Form {
    Form::Map(kind)
}

const fn used(key: &'static str, form: Form, stage: &'static str) -> Field {
    Field { key, form, used: Use::Consumed(stage) }
}

const fn holds(key: &'static str, form: Form) -> Field {
    Field { key, form, used: Use::Holds }
}

const fn noted(key: &'static str, form: Form, code: Code) -> Field {
    Field { key, form, used: Use::Noted(code) }
}

const fn lost(key: &'static str, form: Form, loss: Loss, words: &'static str) -> Field {
    Field { key, form, used: Use::Lost(loss, words) }
}

const fn silent(key: &'static str, form: Form) -> Field {
    Field { key, form, used: Use::Silent }
}

/// Stages by which fields are consumed.
const LOWER: &str = "lower";
const DERIVE: &str = "derive";
const NORMALIZE: &str = "normalize";
const POLISH: &str = "polish";
const DIFF: &str = "diff";
const CRATE: &str = "generate --crate";

const ROOT3: &[Field] = &[
    used("openapi", Any, LOWER),
    noted("$self", Any, Code::RootKeyword),
    noted("$schema", Any, Code::RootKeyword),
    noted("jsonSchemaDialect", Any, Code::RootKeyword),
    holds("info", One(Info)),
    used("servers", List(Server), DERIVE),
    used("paths", One(Paths), NORMALIZE),
    used("webhooks", map(PathItem), NORMALIZE),
    holds("components", One(Components)),
    used("security", Any, NORMALIZE),
    silent("tags", List(Tag)),
    used("externalDocs", One(ExternalDocs), CRATE),
];
const ROOT2: &[Field] = &[
    used("swagger", Any, LOWER),
    holds("info", One(Info)),
    used("host", Text, LOWER),
    used("basePath", Text, LOWER),
    used("schemes", Texts, LOWER),
    used("consumes", Texts, LOWER),
    used("produces", Texts, LOWER),
    used("paths", One(Paths2), NORMALIZE),
    used("definitions", map(Schema), NORMALIZE),
    used("parameters", map(Parameter2), LOWER),
    used("responses", map(Response2), LOWER),
    used("securityDefinitions", map(SecurityScheme), DERIVE),
    used("security", Any, NORMALIZE),
    silent("tags", List(Tag)),
    used("externalDocs", One(ExternalDocs), CRATE),
];
const INFO: &[Field] = &[
    used("title", Text, DERIVE),
    used("summary", Text, DERIVE),
    used("description", Text, DERIVE),
    used("termsOfService", Text, CRATE),
    used("contact", Loose(Contact), CRATE),
    used("license", Loose(License), CRATE),
    used("version", Text, CRATE),
];
const CONTACT: &[Field] = &[silent("name", Any), used("url", Any, CRATE), silent("email", Any)];
const LICENSE: &[Field] =
    &[used("name", Any, CRATE), silent("identifier", Any), used("url", Any, CRATE)];
const COMPONENTS: &[Field] = &[
    used("schemas", map(Schema), NORMALIZE),
    used("responses", map(Response), LOWER),
    used("parameters", map(Parameter), LOWER),
    silent("examples", map(Example)),
    used("requestBodies", map(RequestBody), LOWER),
    noted("headers", map(Header), Code::ComponentsTakenIn),
    used("securitySchemes", map(SecurityScheme), DERIVE),
    noted("links", map(Link), Code::ComponentsTakenIn),
    noted("callbacks", map(Callback), Code::ComponentsTakenIn),
    used("pathItems", map(PathItem), LOWER),
    used("mediaTypes", map(MediaType), LOWER),
];
const PATH_ITEM: &[Field] = &[
    used("$ref", Any, LOWER),
    silent("summary", Text),
    silent("description", Text),
    used("servers", List(Server), LOWER),
    used("parameters", List(Parameter), LOWER),
    used("get", One(Operation), NORMALIZE),
    used("put", One(Operation), NORMALIZE),
    used("post", One(Operation), NORMALIZE),
    used("delete", One(Operation), NORMALIZE),
    used("options", One(Operation), NORMALIZE),
    used("head", One(Operation), NORMALIZE),
    used("patch", One(Operation), NORMALIZE),
    used("trace", One(Operation), NORMALIZE),
    noted("query", One(Operation), Code::Method),
    noted("additionalOperations", map(Operation), Code::Method),
];
const PATH_ITEM2: &[Field] = &[
    used("$ref", Any, LOWER),
    used("parameters", List(Parameter2), LOWER),
    used("get", One(Operation2), NORMALIZE),
    used("put", One(Operation2), NORMALIZE),
    used("post", One(Operation2), NORMALIZE),
    used("delete", One(Operation2), NORMALIZE),
    used("options", One(Operation2), NORMALIZE),
    used("head", One(Operation2), NORMALIZE),
    used("patch", One(Operation2), NORMALIZE),
];
const OPERATION: &[Field] = &[
    silent("externalDocs", One(ExternalDocs)),
    used("tags", Texts, POLISH),
    used("summary", Text, POLISH),
    used("description", Text, POLISH),
    used("operationId", Text, NORMALIZE),
    used("parameters", List(Parameter), NORMALIZE),
    used("requestBody", One(RequestBody), NORMALIZE),
    used("responses", One(Responses), NORMALIZE),
    noted("callbacks", map(Callback), Code::Callbacks),
    used("deprecated", Flag, POLISH),
    used("security", Any, NORMALIZE),
    used("servers", List(Server), NORMALIZE),
];
const OPERATION2: &[Field] = &[
    silent("externalDocs", One(ExternalDocs)),
    used("tags", Texts, POLISH),
    used("summary", Text, POLISH),
    used("description", Text, POLISH),
    used("operationId", Text, NORMALIZE),
    used("consumes", Texts, LOWER),
    used("produces", Texts, LOWER),
    noted("schemes", Texts, Code::Swagger2Loss),
    used("parameters", List(Parameter2), LOWER),
    used("responses", One(Responses2), LOWER),
    used("deprecated", Flag, POLISH),
    used("security", Any, NORMALIZE),
];
const PARAMETER: &[Field] = &[
    used("name", Text, NORMALIZE),
    used("in", Text, NORMALIZE),
    used("description", Text, POLISH),
    used("required", Flag, NORMALIZE),
    used("deprecated", Flag, POLISH),
    // An empty text can be given anyway.
    silent("allowEmptyValue", Flag),
    used("style", Text, NORMALIZE),
    used("explode", Flag, NORMALIZE),
    used("allowReserved", Flag, NORMALIZE),
    used("schema", One(Schema), NORMALIZE),
    used("content", map(MediaType), NORMALIZE),
    silent("example", Data),
    silent("examples", map(Example)),
    // Swagger 2.0's, which documents on their way to 3.0 leave beside the name.
    used("type", Any, LOWER),
    used("format", Any, LOWER),
    used("items", Any, LOWER),
    used("enum", Data, LOWER),
    silent("default", Data),
    used("pattern", Any, LOWER),
    used("minLength", Any, LOWER),
    used("maxLength", Any, LOWER),
    used("minimum", Any, LOWER),
    used("maximum", Any, LOWER),
];
const PARAMETER2: &[Field] = &[
    used("name", Text, LOWER),
    used("in", Text, LOWER),
    used("description", Text, POLISH),
    used("required", Flag, NORMALIZE),
    silent("allowEmptyValue", Flag),
    used("collectionFormat", Text, LOWER),
    used("schema", One(Schema), LOWER),
    used("items", One(Schema), LOWER),
    used("type", Any, LOWER),
    used("format", Any, LOWER),
    used("default", Data, DIFF),
    used("maximum", Any, NORMALIZE),
    used("exclusiveMaximum", Any, NORMALIZE),
    used("minimum", Any, NORMALIZE),
    used("exclusiveMinimum", Any, NORMALIZE),
    used("maxLength", Any, NORMALIZE),
    used("minLength", Any, NORMALIZE),
    used("pattern", Any, NORMALIZE),
    used("maxItems", Any, NORMALIZE),
    used("minItems", Any, NORMALIZE),
    used("uniqueItems", Any, NORMALIZE),
    used("enum", Data, NORMALIZE),
    used("multipleOf", Any, NORMALIZE),
    // Not 2.0's word, but everybody's.
    silent("example", Data),
];
const REQUEST_BODY: &[Field] = &[
    used("description", Text, POLISH),
    used("required", Flag, NORMALIZE),
    used("content", map(MediaType), NORMALIZE),
];
const MEDIA_TYPE: &[Field] = &[
    used("schema", One(Schema), NORMALIZE),
    noted("itemSchema", One(Schema), Code::ItemSchema),
    silent("example", Data),
    silent("examples", map(Example)),
    holds("encoding", map(Encoding)),
    lost("prefixEncoding", Any, Loss::Sent, "parts are written as their schemas say"),
    lost("itemEncoding", Any, Loss::Sent, "parts are written as their schemas say"),
];
const ENCODING: &[Field] = &[
    used("contentType", Text, NORMALIZE),
    used("style", Text, NORMALIZE),
    used("explode", Flag, NORMALIZE),
    used("allowReserved", Flag, NORMALIZE),
    used("headers", map(Header), NORMALIZE),
    lost("encoding", Any, Loss::Sent, "parts inside the part are written as their schemas say"),
    lost(
        "prefixEncoding",
        Any,
        Loss::Sent,
        "parts inside the part are written as their schemas say",
    ),
    lost("itemEncoding", Any, Loss::Sent, "parts inside the part are written as their schemas say"),
];
const RESPONSES: &[Field] = &[used("default", One(Response), NORMALIZE)];
const RESPONSES2: &[Field] = &[used("default", One(Response2), NORMALIZE)];
const RESPONSE: &[Field] = &[
    silent("summary", Text),
    silent("description", Text),
    used("headers", map(Header), NORMALIZE),
    used("content", map(MediaType), NORMALIZE),
    noted("links", map(Link), Code::Links),
];
const RESPONSE2: &[Field] = &[
    silent("description", Text),
    used("schema", One(Schema), LOWER),
    used("headers", map(Header2), NORMALIZE),
    silent("examples", Data),
];
const HEADER: &[Field] = &[
    used("description", Text, POLISH),
    silent("required", Flag),
    used("deprecated", Flag, POLISH),
    silent("allowEmptyValue", Flag),
    silent("style", Text),
    silent("explode", Flag),
    silent("allowReserved", Flag),
    used("schema", One(Schema), NORMALIZE),
    used("content", map(MediaType), NORMALIZE),
    silent("example", Data),
    silent("examples", map(Example)),
];
const HEADER2: &[Field] = &[
    used("description", Text, POLISH),
    used("collectionFormat", Text, LOWER),
    used("items", One(Schema), NORMALIZE),
    used("type", Any, NORMALIZE),
    used("format", Any, NORMALIZE),
    silent("default", Data),
    silent("maximum", Any),
    silent("exclusiveMaximum", Any),
    silent("minimum", Any),
    silent("exclusiveMinimum", Any),
    silent("maxLength", Any),
    silent("minLength", Any),
    silent("pattern", Any),
    silent("maxItems", Any),
    silent("minItems", Any),
    silent("uniqueItems", Any),
    used("enum", Data, NORMALIZE),
    silent("multipleOf", Any),
];
const EXAMPLE: &[Field] = &[
    silent("summary", Text),
    silent("description", Text),
    silent("value", Data),
    silent("dataValue", Data),
    silent("serializedValue", Data),
    silent("externalValue", Text),
];
const LINK: &[Field] = &[
    silent("operationRef", Any),
    silent("operationId", Text),
    silent("parameters", Any),
    silent("requestBody", Any),
    silent("description", Text),
    silent("server", One(Server)),
];
const SECURITY_SCHEME: &[Field] = &[
    used("type", Text, DERIVE),
    silent("description", Text),
    used("name", Text, POLISH),
    used("in", Text, POLISH),
    used("scheme", Text, DERIVE),
    silent("bearerFormat", Text),
    used("openIdConnectUrl", Text, LOWER),
    used("flows", Loose(Flows), DERIVE),
    silent("oauth2MetadataUrl", Any),
    silent("deprecated", Any),
    used("flow", Text, LOWER),
    used("authorizationUrl", Text, LOWER),
    used("tokenUrl", Text, LOWER),
    silent("refreshUrl", Any),
    used("scopes", Any, LOWER),
];
const FLOWS: &[Field] = &[
    used("implicit", Loose(Flow), LOWER),
    used("password", Loose(Flow), LOWER),
    used("clientCredentials", Loose(Flow), DERIVE),
    used("authorizationCode", Loose(Flow), LOWER),
    noted("deviceAuthorization", Loose(Flow), Code::SecuritySchemeType),
];
const FLOW: &[Field] = &[
    used("authorizationUrl", Any, LOWER),
    silent("deviceAuthorizationUrl", Any),
    used("tokenUrl", Any, DERIVE),
    silent("refreshUrl", Any),
    used("scopes", Any, DERIVE),
];
const SERVER: &[Field] = &[
    used("url", Text, DERIVE),
    used("description", Text, POLISH),
    silent("name", Any),
    used("variables", map(Variable), DERIVE),
];
const VARIABLE: &[Field] = &[
    used("enum", Texts, POLISH),
    used("default", Text, DERIVE),
    used("description", Text, POLISH),
];
const TAG: &[Field] = &[
    silent("name", Text),
    silent("summary", Any),
    silent("description", Text),
    silent("externalDocs", One(ExternalDocs)),
    silent("parent", Any),
    silent("kind", Any),
];
const EXTERNAL_DOCS: &[Field] = &[used("url", Text, CRATE), silent("description", Text)];
const SCHEMA: &[Field] = &[
    used("$ref", Any, LOWER),
    silent("externalDocs", One(ExternalDocs)),
    used("title", Text, NORMALIZE),
    used("description", Text, POLISH),
    used("type", Any, NORMALIZE),
    used("format", Any, NORMALIZE),
    used("enum", Data, NORMALIZE),
    used("const", Data, LOWER),
    used("nullable", Any, NORMALIZE),
    used("properties", map(Schema), NORMALIZE),
    used("required", Any, NORMALIZE),
    noted("patternProperties", map(Schema), Code::PatternProperties),
    used("additionalProperties", One(Schema), NORMALIZE),
    used("items", One(Schema), NORMALIZE),
    noted("prefixItems", List(Schema), Code::Tuple),
    noted("additionalItems", One(Schema), Code::KeywordLoss),
    used("allOf", List(Schema), NORMALIZE),
    used("anyOf", List(Schema), NORMALIZE),
    used("oneOf", List(Schema), NORMALIZE),
    lost("not", One(Schema), Loss::Checked, "what the schema excludes is not checked"),
    used("discriminator", Loose(Discriminator), NORMALIZE),
    used("multipleOf", Any, NORMALIZE),
    used("maximum", Any, NORMALIZE),
    used("exclusiveMaximum", Any, NORMALIZE),
    used("minimum", Any, NORMALIZE),
    used("exclusiveMinimum", Any, NORMALIZE),
    used("maxLength", Any, NORMALIZE),
    used("minLength", Any, NORMALIZE),
    used("pattern", Any, NORMALIZE),
    used("maxItems", Any, NORMALIZE),
    used("minItems", Any, NORMALIZE),
    used("uniqueItems", Any, NORMALIZE),
    used("maxProperties", Any, NORMALIZE),
    used("minProperties", Any, NORMALIZE),
    used("default", Data, DIFF),
    used("readOnly", Any, NORMALIZE),
    used("writeOnly", Any, NORMALIZE),
    used("deprecated", Any, POLISH),
    silent("example", Data),
    silent("examples", Data),
    silent("xml", Any),
    noted("if", One(Schema), Code::KeywordLoss),
    noted("then", One(Schema), Code::KeywordLoss),
    noted("else", One(Schema), Code::KeywordLoss),
    noted("contains", One(Schema), Code::KeywordLoss),
    noted("minContains", Any, Code::KeywordLoss),
    noted("maxContains", Any, Code::KeywordLoss),
    noted("propertyNames", One(Schema), Code::KeywordLoss),
    noted("unevaluatedItems", One(Schema), Code::KeywordLoss),
    noted("unevaluatedProperties", One(Schema), Code::KeywordLoss),
    noted("dependentSchemas", map(Schema), Code::KeywordLoss),
    noted("dependentRequired", Any, Code::KeywordLoss),
    noted("dependencies", Any, Code::KeywordLoss),
    noted("contentSchema", One(Schema), Code::KeywordLoss),
    used("contentEncoding", Any, LOWER),
    used("contentMediaType", Any, LOWER),
    noted("collectionFormat", Any, Code::Swagger2Loss),
    used("$defs", map(Schema), LOWER),
    used("definitions", map(Schema), LOWER),
    noted("$schema", Any, Code::SchemaIdentity),
    noted("$id", Any, Code::SchemaIdentity),
    noted("id", Any, Code::SchemaIdentity),
    noted("$anchor", Any, Code::SchemaIdentity),
    noted("$dynamicAnchor", Any, Code::SchemaIdentity),
    noted("$dynamicRef", Any, Code::DynamicReference),
    noted("$recursiveAnchor", Any, Code::SchemaIdentity),
    noted("$recursiveRef", Any, Code::DynamicReference),
    noted("$vocabulary", Any, Code::SchemaIdentity),
    noted("$comment", Any, Code::SchemaIdentity),
];
const DISCRIMINATOR: &[Field] = &[
    used("propertyName", Any, NORMALIZE),
    used("mapping", Any, NORMALIZE),
    noted("defaultMapping", Any, Code::KeywordLoss),
];

/// Whether a keyword of a schema describes it, and says nothing about values.
pub fn describes(key: &str) -> bool {
    matches!(key, "title" | "description" | "summary" | "example" | "examples" | "externalDocs")
        || matches!(key, "$comment" | "xml" | "$defs" | "definitions")
        || matches!(key, "$id" | "$schema" | "$anchor" | "$dynamicAnchor")
}

/// Whether a keyword of a schema says something about values, if anything, and neither restricts nor names them.
pub fn annotates(key: &str) -> bool {
    describes(key) || matches!(key, "default" | "deprecated" | "readOnly" | "writeOnly")
}

/// How a keyword of a schema holds other schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subschemas {
    /// One schema.
    One,
    /// A schema for each name.
    Named,
    /// A schema for each position of a list.
    Ordered,
    /// Several schemas for the same value, in any order.
    Combined,
}

/// How a keyword of a schema holds other schemas; `None` where it holds none.
pub fn subschemas(key: &str) -> Option<Subschemas> {
    match Schema.field(key)?.form {
        One(Schema) => Some(Subschemas::One),
        Form::Map(Schema) => Some(Subschemas::Named),
        List(Schema) if key == "prefixItems" => Some(Subschemas::Ordered),
        List(Schema) => Some(Subschemas::Combined),
        _ => None,
    }
}

/// Whether a keyword of a schema decides on the type of its values in Rust.
pub fn gives_type(key: &str) -> bool {
    let read = |key| Schema.field(key).is_some_and(|it| matches!(it.used, Use::Consumed(_)));
    matches!(key, "type" | "enum" | "const")
        || subschemas(key).is_some() && read(key) && !describes(key)
}

/// The keywords that hold schemas in this way and restrict values by them.
pub fn applicators(how: Subschemas) -> impl Iterator<Item = &'static str> {
    let keys = SCHEMA.iter().map(|it| it.key);
    keys.filter(move |key| subschemas(key) == Some(how) && !describes(key))
}

impl Kind {
    /// The fields that the specifications give to this kind, of all versions of its family.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Root3 => ROOT3,
            Root2 => ROOT2,
            Info => INFO,
            Contact => CONTACT,
            License => LICENSE,
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
            Flows => FLOWS,
            Flow => FLOW,
            Server => SERVER,
            Variable => VARIABLE,
            Tag => TAG,
            ExternalDocs => EXTERNAL_DOCS,
            Schema => SCHEMA,
            Discriminator => DISCRIMINATOR,
        }
    }

    /// The field of this name.
    pub(crate) fn field(self, key: &str) -> Option<&'static Field> {
        self.fields().iter().find(|it| it.key == key)
    }

    fn has(self, key: &str) -> bool {
        self.field(key).is_some() || self.others().is_some()
    }

    /// The kind that Swagger 2.0 has in its place.
    pub(crate) fn former(self) -> Option<Kind> {
        Some(match self {
            Root3 => Root2,
            PathItem => PathItem2,
            Operation => Operation2,
            Parameter => Parameter2,
            Response => Response2,
            Header => Header2,
            _ => return None,
        })
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
            Contact => "contact",
            License => "licence",
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
            Flows => "list of OAuth flows",
            Flow => "OAuth flow",
            Server => "server",
            Variable => "server variable",
            Tag => "tag",
            ExternalDocs => "link to further documentation",
            Schema => "schema",
            Discriminator => "discriminator",
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

    /// Where this family keeps nodes for references, each place with the kind of its nodes.
    pub(crate) fn homes(self) -> impl Iterator<Item = (Kind, Pointer)> {
        let own = move |home: &&[&str]| (self == Self::Swagger2) == (home.len() == 1);
        KINDS.iter().filter_map(move |kind| {
            Some((*kind, Pointer::from_iter(self.home(*kind).filter(own)?)))
        })
    }

    /// The pointer of the named schemas' mapping.
    pub(crate) fn schemas(self) -> Pointer {
        Pointer::from_iter(self.home(Schema).unwrap_or_default())
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

/// Defines a function that shows every node directly inside one, to be read or to be changed.
macro_rules! each_child {
    ($(#[$about:meta])* $name:ident $(<$life:lifetime>)?, $value:ty, $members:ident, $each:ident) => {
        $(#[$about])*
        pub(crate) fn $name $(<$life>)?(
            value: $value,
            kind: Kind,
            at: &Pointer,
            see: &mut dyn FnMut($value, Kind, &Pointer),
        ) {
            let Some(object) = value.$members() else { return };
            for (key, field) in object {
                let form = kind.field(key).map(|it| it.form);
                let form = match (form, kind.others()) {
                    (Some(form), _) => form,
                    (None, Some(kind)) if !is_extension(key) && names_node(key, field) => One(kind),
                    _ => continue,
                };
                let at = at.child(key);
                match (form, field) {
                    (form, Value::Array(list)) if lists(form, key) => {
                        let inner = form.kind().unwrap_or(kind);
                        for (index, node) in list.$each().enumerate() {
                            see(node, inner, &at.child(index));
                        }
                    }
                    (One(inner), node) => see(node, inner, &at),
                    (Form::Map(inner), Value::Object(entries)) => {
                        for (name, node) in entries.$each().filter(|(k, v)| names_node(k, v)) {
                            see(node, inner, &at.child(name));
                        }
                    }
                    _ => {}
                }
            }
        }
    };
}

each_child! {
    /// Calls `see` with every node directly inside `value`.
    each_child<'a>, &'a Value, as_object, iter
}
each_child! {
    /// Calls `see` with every node directly inside `value`, to change it.
    each_child_mut, &mut Value, as_object_mut, iter_mut
}

/// Calls `see` with `value` and every node inside it, outer ones first.
pub(crate) fn walk<'a>(
    value: &'a Value,
    kind: Kind,
    at: &Pointer,
    see: &mut dyn FnMut(&'a Value, Kind, &Pointer),
) {
    see(value, kind, at);
    each_child(value, kind, at, &mut |node, kind, at| walk(node, kind, at, see));
}

/// Calls `see` with `value` and every node inside it, outer ones first, to change them.
pub(crate) fn walk_mut(
    value: &mut Value,
    kind: Kind,
    at: &Pointer,
    see: &mut dyn FnMut(&mut Value, Kind, &Pointer),
) {
    see(value, kind, at);
    each_child_mut(value, kind, at, &mut |node, kind, at| walk_mut(node, kind, at, see));
}

/// Shows every node of a document, outer ones first.
pub fn each_node(root: &Value, see: &mut dyn FnMut(&Value, Kind, &Pointer)) {
    walk(root, Dialect::of(root).root(), &Pointer::ROOT, see);
}

/// What the node at `pointer` is, where the grammar says so.
pub(crate) fn kind_at(root: &Value, kind: Kind, pointer: &Pointer) -> Option<Kind> {
    let (mut value, mut kind, mut inside) = (root, kind, false);
    for token in pointer.tokens() {
        value = match value {
            Value::Array(list) => list.get(token.parse::<usize>().ok()?)?,
            other => other.get(&token)?,
        };
        if inside {
            inside = false;
            continue;
        }
        let form = kind.field(&token).map(|it| it.form);
        (kind, inside) = match (form, kind.others()) {
            (Some(List(kind) | Form::Map(kind)), _) => (kind, true),
            (Some(One(kind)), _) => (kind, token == "items" && value.is_array()),
            (None, Some(kind)) if !is_extension(&token) => (kind, false),
            _ => return None,
        };
    }
    (!inside).then_some(kind)
}

/// What a position in a document holds, for walks that look at everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// One node.
    Node(Kind),
    /// A mapping or list of nodes.
    Nodes(Kind),
    /// Somebody's data: samples, defaults, other people's extensions. Nothing in it is OpenAPI.
    Data,
    /// Anything else.
    Other,
}

impl Position {
    /// The way of a pointer into a document of any version: each of its tokens, escaped as it is written, with where its
    /// slash stands and with the position that has the token as a key.
    pub fn steps(pointer: &str) -> impl Iterator<Item = (usize, &str, Self)> {
        let (mut at, mut start) = (Self::Node(Root3), 0);
        pointer.split('/').skip(1).map(move |token| {
            // Only the keys show the version here.
            if let Self::Node(kind) = at
                && !kind.has(token)
                && let Some(former) = kind.former().filter(|it| it.has(token))
            {
                at = Self::Node(former);
            }
            let step = (start, token, at);
            start += token.len() + 1;
            at = at.child(token);
            step
        })
    }

    /// Whether `key` is a free name here, an index or data, and not a keyword.
    pub fn names(self, key: &str) -> bool {
        match self {
            Self::Nodes(_) | Self::Data => true,
            Self::Node(kind) => kind.field(key).is_none() && kind.others().is_some(),
            Self::Other => false,
        }
    }

    /// Whether `key` is a keyword of a schema here.
    pub fn is_keyword(self, key: &str) -> bool {
        self == Self::Node(Schema) && Schema.field(key).is_some()
    }

    /// The root of a document; of a file that does not say what it is, everything counts.
    pub fn root(root: &Value) -> Self {
        match ["openapi", "swagger"].iter().any(|it| root.get(it).is_some()) {
            true => Self::Node(Dialect::of(root).root()),
            false => Self::Other,
        }
    }

    /// What the child under `key` is; a list's children have their index as key.
    pub fn child(self, key: &str) -> Self {
        let of = |kind| if kind == Example { Self::Data } else { Self::Node(kind) };
        match self {
            Self::Data => Self::Data,
            Self::Nodes(kind) => Self::Node(kind),
            _ if is_extension(key) => Self::Data,
            Self::Other => Self::Other,
            Self::Node(kind) => match (kind.field(key).map(|it| it.form), kind.others()) {
                (Some(One(kind) | Loose(kind)), _) | (None, Some(kind)) => of(kind),
                (Some(List(kind) | Form::Map(kind)), _) if kind == Example => Self::Data,
                (Some(List(kind) | Form::Map(kind)), _) => Self::Nodes(kind),
                (Some(Data), _) => Self::Data,
                // The list form of `items`, which OpenAPI 3.0 never had and JSON Schema once did.
                (None, None) if kind == Schema && key.bytes().all(|it| it.is_ascii_digit()) => {
                    Self::Node(Schema)
                }
                _ => Self::Other,
            },
        }
    }
}
