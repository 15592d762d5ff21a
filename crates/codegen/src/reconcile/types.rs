//! The shape of the findings; `detect` makes them, `display` prints them.

use crate::sdk::Take;
use conversations_document::{Fault, Origin, Pointer};

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
    /// The file that decisions go into; empty where the vendor's SDK is not listed.
    pub decisions_file: String,
}

impl Findings {
    /// The divergences that nobody has settled, those of one cause together.
    pub(super) fn unsettled(&self) -> Vec<Vec<&Divergence>> {
        let mut groups: Vec<Vec<&Divergence>> = Vec::new();
        for it in self.divergences.iter().filter(|it| it.decision.is_none()) {
            let alike = |group: &&mut Vec<&Divergence>| {
                (group[0].kind, &group[0].sdk, &group[0].document)
                    == (it.kind, &it.sdk, &it.document)
            };
            match groups.iter_mut().find(alike) {
                Some(group) => group.push(it),
                None => groups.push(vec![it]),
            }
        }
        groups
    }
}

/// What a divergence has become under the overlay.
pub(super) struct Now {
    /// The operation in the overlaid document, by JSON Pointer; nothing where the overlay took it out.
    pub(super) operation: Option<Pointer>,
    /// The overlaid document's value, where it still differs from the SDK's.
    pub(super) document: Option<String>,
}

/// An operation that both know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    pub document_pointer: Pointer,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The status of an answer without content, which an SDK's list does not name.
    SuccessStatus,
    /// The media type of the request body.
    RequestMediaType,
    /// The media types of the answers.
    ResponseMediaType,
    /// The names of the authentication methods.
    Auth,
    /// An operation that only the document has.
    OperationUnlisted,
}

impl Kind {
    /// Every kind, in the order in which an operation is compared.
    pub const ALL: [Kind; 15] = [
        Kind::OperationId,
        Kind::PathParameterName,
        Kind::ParameterName,
        Kind::ParameterMissing,
        Kind::ParameterExtra,
        Kind::ParameterRequired,
        Kind::ParameterType,
        Kind::BodyType,
        Kind::BodyRequired,
        Kind::ReturnType,
        Kind::SuccessStatus,
        Kind::RequestMediaType,
        Kind::ResponseMediaType,
        Kind::Auth,
        Kind::OperationUnlisted,
    ];

    /// The name as `about` of a decision spells it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::OperationId => "operation-id",
            Kind::PathParameterName => "path-parameter-name",
            Kind::ParameterName => "parameter-name",
            Kind::ParameterMissing => "parameter-missing",
            Kind::ParameterExtra => "parameter-extra",
            Kind::ParameterRequired => "parameter-required",
            Kind::ParameterType => "parameter-type",
            Kind::BodyType => "body-type",
            Kind::BodyRequired => "body-required",
            Kind::ReturnType => "return-type",
            Kind::SuccessStatus => "success-status",
            Kind::RequestMediaType => "request-media-type",
            Kind::ResponseMediaType => "response-media-type",
            Kind::Auth => "auth",
            Kind::OperationUnlisted => "operation-unlisted",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
