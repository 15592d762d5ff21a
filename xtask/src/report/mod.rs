//! What a maintainer reads of a comparison: the changes of the contract beside the Rust items that they
//! change. `types` is the shape, `sections` arranges the changes by cause, `fold` makes one line of
//! what is alike, `overview` prints one screen, `display` all of it, `export` for other programs; `rules` prints all
//! rules there are.

mod display;
mod export;
mod fold;
mod overview;
mod rules;
mod sections;
#[cfg(test)]
mod tests;
mod types;

pub use display::{Format, display};
pub(crate) use fold::listed;
pub(crate) use overview::counted;
pub use overview::{Aside, overview, words};
pub use rules::rules;
pub use types::{Entry, Report, RustChanges, Semver};
