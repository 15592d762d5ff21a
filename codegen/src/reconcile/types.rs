//! The shape of the findings; `detect` makes them, `display` prints them.

use crate::{document::Origin, fault::Fault, sdk::Take};
use serde::Serialize;

/// What was compared and what was found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Operations that both know.
    pub matched: Vec<Matched>,
    /// Where they disagree, settled or not.
    pub divergences: Vec<Divergence>,
    /// What no decision can settle: an SDK operation that the document lacks, a decision that settles
    /// nothing, a decision that the overlaid document contradicts.
    pub faults: Vec<Fault>,
}

/// An operation that both know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Matched {
    /// The SDK's name.
    pub sdk_operation: String,
    /// Verb and path of the overlaid document, as in `POST /path`.
    pub document_operation: String,
}

/// One disagreement on one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// What they disagree about.
    pub kind: Kind,
    /// The SDK's name of the operation; what the document calls it where the SDK does not list it.
    pub operation: String,
    /// Verb and path of the vendored document, as in `POST /path`.
    pub document_operation: String,
    /// The parameter they disagree about, where it is about one.
    pub parameter: Option<String>,
    /// What the SDK says.
    pub sdk: String,
    /// What the document says.
    pub document: String,
    /// Where the SDK's list says so.
    pub sdk_origin: Origin,
    /// Where the document says so.
    pub document_origin: Origin,
    /// The same place as a JSON Pointer into the document.
    pub document_pointer: String,
    /// How it is settled, if it is.
    pub decision: Option<Settled>,
}

/// How a divergence is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Who is right.
    pub take: Take,
    /// Why.
    pub reason: String,
    /// Where the fact comes from.
    pub source: String,
    /// Where the decision stands.
    pub origin: Origin,
}

/// What an SDK's list and a document can disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The name of the operation.
    OperationId,
    /// The name of a path parameter.
    PathParameterName,
    /// The name of a query or header parameter.
    ParameterName,
    /// A parameter that only the SDK has.
    ParameterMissing,
    /// A parameter that only the document has.
    ParameterExtra,
    /// Whether a parameter is required.
    ParameterRequired,
    /// The type of a parameter.
    ParameterType,
    /// The type of the request body.
    BodyType,
    /// Whether the request body is required.
    BodyRequired,
    /// The type of the answer.
    ReturnType,
    /// The status of an answer without content.
    SuccessStatus,
    /// The media type of the request body.
    RequestMediaType,
    /// The media type of the answer.
    ResponseMediaType,
    /// The names of the authentication methods.
    Auth,
    /// An operation that only the document has.
    OperationUnlisted,
}
