//! The forms of `sdk.yaml`: what the vendor's own SDK lists, and how we settled where it disagrees
//! with the document.

use conversations_document::{Document, fault, load};
use serde::Deserialize;
use serde_json::Value;

/// Everything `sdk.yaml` says.
#[derive(Debug, Clone)]
pub struct SdkFile {
    /// The SDK that was read.
    pub sdk: Sdk,
    /// Its operations.
    pub operations: Vec<SdkOperation>,
    /// One entry per settled divergence.
    pub decisions: Vec<Decision>,
    /// Decisions of people that a newer document makes untrue, until somebody has decided again.
    pub undecided: Vec<Undecided>,
    /// The file itself: `/operations/3` and `/decisions/0` have their lines here.
    pub document: Document,
}

/// The SDK that was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sdk {
    /// The package's name.
    pub name: String,
    /// The language, which says how types are spelt.
    pub language: Language,
    /// The tool that wrote the SDK, where it is known.
    #[serde(default)]
    pub generator: Option<String>,
    /// The page or file that the list was read from.
    pub documented_at: String,
    /// The version of the API that the SDK speaks.
    #[serde(default)]
    pub api_version: Option<String>,
}

/// The language of an SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// `String`, `i32`, `Vec<T>`.
    Rust,
    /// `string`, `int?`, `List<T>`.
    Csharp,
    /// `str`, `int`, `list[T]`.
    Python,
}

/// One operation as the SDK lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdkOperation {
    /// The name as the SDK spells it.
    pub name: String,
    /// The HTTP method in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The parameters in the order of the SDK's signature; the body is one of them.
    #[serde(default)]
    pub parameters: Vec<SdkParameter>,
    /// The type returned; nothing where the SDK returns nothing.
    pub returns: Option<String>,
    /// The media type sent; nothing where the SDK does not define one.
    pub content_type: Option<String>,
    /// The media type accepted; nothing where the SDK does not define one.
    pub accept: Option<String>,
    /// The names of the authentication methods.
    #[serde(default)]
    pub auth: Vec<String>,
}

/// One parameter as the SDK lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdkParameter {
    /// The name as the SDK spells it.
    pub name: String,
    /// Where it goes, as far as the SDK says.
    #[serde(rename = "in")]
    pub location: Location,
    /// The type in the SDK's language.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether the SDK demands it.
    pub required: bool,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// The request body.
    Body,
    /// The SDK's documentation does not say.
    Unknown,
}

/// How one divergence, on one operation or several, is settled.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The kind of divergence, for example `path-parameter-name`.
    pub about: String,
    /// The operations it speaks for.
    pub operations: Operations,
    /// The SDK's value; absent where it differs from operation to operation.
    #[serde(default)]
    pub sdk: Option<Value>,
    /// The document's value; absent likewise.
    #[serde(default)]
    pub document: Option<Value>,
    /// Who is right.
    pub take: Take,
    /// Why.
    pub reason: String,
    /// Where the fact comes from.
    pub source: String,
}

/// A decision that was made for an earlier document, and what the present one says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undecided {
    /// The decision as it was.
    pub decision: Decision,
    /// What the document says now.
    pub now: String,
    /// The day on which it said so.
    pub since: String,
}

/// The operations that a decision speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Operations {
    /// The word `all`, or one name.
    One(String),
    /// SDK names; an operation that the SDK does not list goes by its operationId or `GET /path`.
    Some(Vec<String>),
}

/// Who is right about a divergence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    /// The SDK; the overlay must have brought its value into the document.
    Sdk,
    /// The document; the overlay must have left it alone.
    Document,
    /// Neither or both; the overlay says what holds.
    Overlay,
}

impl std::fmt::Display for Take {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Take::Sdk => "sdk",
            Take::Document => "document",
            Take::Overlay => "overlay",
        })
    }
}

/// `sdk.yaml` without its origins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    sdk: Sdk,
    operations: Vec<SdkOperation>,
    #[serde(default)]
    decisions: Vec<Decision>,
    #[serde(default)]
    undecided: Vec<Undecided>,
}

/// Reads `sdk.yaml`.
pub fn sdk(text: &load::Text) -> fault::Result<SdkFile> {
    let (Plain { sdk, operations, decisions, undecided }, document) = load::typed(text)?;
    Ok(SdkFile { sdk, operations, decisions, undecided, document })
}
