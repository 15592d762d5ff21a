//! The contract-level difference of two OpenAPI documents.
//!
//! `types` is only the shape, `detect` finds, `sections` arranges what was found by cause, `fold` shortens
//! lists of Rust items, and `display` prints; `rules` is the table that gives each finding its level.

mod detect;
pub mod display;
mod fold;
mod rules;
mod sections;
#[cfg(test)]
mod tests;
pub mod types;

pub use detect::detect;
pub use display::Format;
pub use types::{Change, Counts, Level, Part, Report, RustChanges, Semver, Site};

use conversations_document::Document;

/// What changed from `base` to `revision`, before the Rust surfaces are compared.
pub fn compare(base: &Document, revision: &Document) -> Report {
    Report::of(detect(base, revision))
}
