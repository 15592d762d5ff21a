//! The vendor's SDK list against the vendor's document.
//!
//! `types` is the shape of the findings, `detect` makes them, `display` prints them. Beneath `detect`,
//! `pair` lines the operations up, `compare` holds one pair against each other,
//! `spelling` knows how //! SDKs and documents spell types, and `unknown` looks for slips of the pen.

mod compare;
mod decide;
mod detect;
mod display;
mod pair;
mod spelling;
mod types;
mod unknown;

pub use detect::findings;
pub use display::{faults, to_json, to_text};
pub use types::*;

use crate::{overlay::Overlaid, provider};
use conversations_document::{Document, Note, fault};
use std::collections::BTreeMap;

/// A document whose divergences from the SDK's list are all settled.
#[derive(Debug, Clone)]
pub struct Reconciled {
    /// The document after the overlay.
    pub document: Document,
    /// `provider.yaml`.
    pub provider: provider::Provider,
    /// What was compared and what was found.
    pub findings: Findings,
    /// The SDK's name of an operation, by `POST /path` of the document.
    pub sdk_names: BTreeMap<String, String>,
    /// What the stages so far did.
    pub notes: Vec<Note>,
}

/// Compares, and stops where a divergence is not settled or a decision settles nothing. A name that nothing has comes
/// before what it makes differ.
pub fn reconcile(overlaid: Overlaid) -> fault::Result<Reconciled> {
    let findings = findings(&overlaid);
    if let Err(differences) = fault::Faults::check(display::faults(&findings)) {
        fault::Faults::check(unknown::names(&overlaid))?;
        return Err(differences);
    }
    let sdk_names = findings
        .matched
        .iter()
        .map(|it| (it.document_operation.clone(), it.sdk_operation.clone()))
        .collect();
    let Overlaid { document, vendored: _, provider, sdk: _, notes } = overlaid;
    Ok(Reconciled { document, provider, findings, sdk_names, notes })
}
