//! OpenAPI Overlay Specification 1.0 and 1.1: `parse` reads an overlay, `apply` applies it.

mod apply;
mod parse;
mod target;

pub use apply::{apply, apply_all, apply_one};
pub use parse::parse;

use crate::document::Document;
use crate::pointer::Pointer;
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
    pub pointer: Pointer,
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
