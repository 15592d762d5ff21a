//! The kinds of nodes of OpenAPI and Swagger documents, and the keys that the specifications give to each.

use crate::note::Code;

/// Defines the kinds from rows `Kind "noun in messages" ["where nodes are kept for references"] FIELDS`.
macro_rules! kinds {
    ($($kind:ident $noun:literal [$($home:literal),*] $fields:expr;)*) => {
        /// What a node of a document is, by the name that the specification has for it; those of Swagger 2.0 end with a 2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $noun] $kind),*
        }

        /// Every kind.
        pub(crate) const KINDS: &[Kind] = &[$(Kind::$kind),*];

        impl Kind {
            /// The fields that the specifications give to this kind, of all versions of its family.
            pub(crate) fn fields(self) -> &'static [Field] {
                match self { $(Kind::$kind => $fields,)* }
            }

            /// The words for this kind in messages.
            pub(crate) fn noun(self) -> &'static str {
                match self { $(Kind::$kind => $noun,)* }
            }

            /// Where nodes of this kind are kept for references, as the keys from the root.
            pub(crate) fn home(self) -> Option<&'static [&'static str]> {
                let keys: &[&str] = match self { $(Kind::$kind => &[$($home),*],)* };
                (!keys.is_empty()).then_some(keys)
            }
        }
    };
}

kinds! {
    Root3 "document" [] ROOT3;
    Root2 "document" [] ROOT2;
    Info "info" [] INFO;
    Contact "contact" [] CONTACT;
    License "licence" [] LICENSE;
    Components "components" [] COMPONENTS;
    Paths "paths" [] &[];
    PathItem "path item" ["components", "pathItems"] PATH_ITEM;
    Operation "operation" [] OPERATION;
    Parameter "parameter" ["components", "parameters"] PARAMETER;
    RequestBody "request body" ["components", "requestBodies"] REQUEST_BODY;
    MediaType "media type" ["components", "mediaTypes"] MEDIA_TYPE;
    Encoding "encoding" [] ENCODING;
    Responses "responses" [] RESPONSES;
    Response "response" ["components", "responses"] RESPONSE;
    Header "header" ["components", "headers"] HEADER;
    Example "example" ["components", "examples"] EXAMPLE;
    Link "link" ["components", "links"] LINK;
    Callback "callback" ["components", "callbacks"] &[];
    SecurityScheme "security scheme" ["components", "securitySchemes"] SECURITY_SCHEME;
    Flows "list of OAuth flows" [] FLOWS;
    Flow "OAuth flow" [] FLOW;
    Server "server" [] SERVER;
    Variable "server variable" [] VARIABLE;
    Tag "tag" [] TAG;
    ExternalDocs "link to further documentation" [] EXTERNAL_DOCS;
    Schema "schema" ["components", "schemas"] SCHEMA;
    Discriminator "discriminator" [] DISCRIMINATOR;
    Paths2 "paths" [] &[];
    PathItem2 "path item" [] PATH_ITEM2;
    Operation2 "operation" [] OPERATION2;
    Parameter2 "parameter" ["parameters"] PARAMETER2;
    Responses2 "responses" [] RESPONSES2;
    Response2 "response" ["responses"] RESPONSE2;
    Header2 "header" [] HEADER2;
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
    pub(crate) fn kind(self) -> Option<Kind> {
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
