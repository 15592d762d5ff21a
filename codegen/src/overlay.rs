//! OpenAPI Overlay Specification 1.0 and 1.1.

use crate::{
    document::Document, fault, fault::Fault, load, load::Vendored, note::Note, provider, sdk,
};
use serde_json::Value;

/// An overlay, read but not applied.
#[derive(Debug, Clone)]
pub struct OverlayFile {
    /// The minor version of the specification: 0 or 1.
    pub minor: u8,
    /// What the overlay says it is.
    pub title: String,
    /// The overlay's own version.
    pub version: String,
    /// The document that it was written for.
    pub extends: Option<String>,
    /// What to do, in order.
    pub actions: Vec<Action>,
    /// The file itself: `/actions/3` has its line here.
    pub document: Document,
}

/// One action.
#[derive(Debug, Clone)]
pub struct Action {
    /// The RFC 9535 query.
    pub target: String,
    /// Why.
    pub description: Option<String>,
    /// Where the fact comes from (`x-source`).
    pub source: Option<String>,
    /// What to do with the nodes found.
    pub change: Change,
    /// Where the action stands in the overlay file.
    pub pointer: String,
}

/// What an action does with the nodes it found.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Merge this in.
    Update(Value),
    /// Merge in what this query finds in the document.
    Copy(String),
    /// Take the nodes out.
    Remove,
    /// Nothing, which the specification allows.
    Nothing,
}

/// A document with its overlay applied, beside the one it was.
#[derive(Debug, Clone)]
pub struct Overlaid {
    /// The document after the overlay.
    pub document: Document,
    /// The document before the overlay.
    pub vendored: Document,
    /// `provider.yaml`.
    pub provider: provider::Provider,
    /// `sdk.yaml`.
    pub sdk: Option<sdk::SdkFile>,
    /// One note per action.
    pub notes: Vec<Note>,
}

/// Applies the overlay of a provider, which must give its reasons and sources.
pub fn overlay(vendored: Vendored) -> fault::Result<Overlaid> {
    Err(Fault::of_file(&vendored.document.file, "not built yet", "").into())
}

/// Applies any overlay.
pub fn apply(document: Document, overlay: &OverlayFile) -> fault::Result<Document> {
    let _ = overlay;
    Ok(document)
}

/// Reads an overlay.
pub fn parse(text: &load::Text) -> fault::Result<OverlayFile> {
    Err(Fault::of_file(&text.file, "not built yet", "").into())
}
