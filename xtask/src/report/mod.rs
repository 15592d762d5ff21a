//! What a maintainer is told of a comparison: the changes of the contract beside the Rust items that they
//! change. `types` is the shape, `sections` arranges the changes by cause, `fold` shortens lists of Rust
//! items, and `display` prints.

mod display;
mod fold;
mod sections;
#[cfg(test)]
mod tests;
mod types;

pub use display::{Format, display};
pub use types::{Entry, Report, RustChanges, Semver};
