//! The contract-level difference of two OpenAPI documents.
//!
//! `types` is only the shape, `detect` finds, `display` prints; `rules` is the table that gives
//! each finding its level.

mod detect;
pub(crate) mod display;
mod rules;
#[cfg(test)]
mod tests;
pub(crate) mod types;

pub(crate) use detect::detect;
pub(crate) use display::Format;
pub(crate) use types::{Change, Level, Report, Semver};

use conversations_codegen::document::Document;

/// What changed from `base` to `revision`, before the Rust surfaces are compared.
pub(crate) fn compare(base: &Document, revision: &Document) -> Report {
    Report::of(detect(base, revision))
}
