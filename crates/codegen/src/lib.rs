//! OpenAPI document in, Rust client out: the generator behind `conversations`.
//!
//! Every stage is a module whose entry has the module's name, and every station on the way has a type
//! of its own, so that a stage out of order does not compile:
//!
//! [`load`](load::load) ▶ [`overlay`](overlay::overlay) ▶ [`reconcile`](reconcile::reconcile) ▶
//! [`lower`](conversations_document::lower::lower) ▶ [`normalize`](normalize::normalize) ▶ [`emit`](emit::emit) ▶
//! [`polish`](polish::polish) ▶ [`print`](print::print).
//!
//! The crate is pure: text in, text out; no file, network, clock or environment. Reading and writing is
//! the business of `build.rs` and `cargo xtask`.

// Invariant: nothing here names a vendor. What a vendor does differently is data in its folder.

pub mod extension;
pub mod names;
pub mod provider;
pub mod sdk;

pub mod load;
pub mod overlay;
pub mod reconcile;

pub mod emit;
pub mod example;
pub mod normalize;
pub mod polish;
pub mod print;
pub mod surface;

mod generate;
mod page;

pub use generate::{
    Generated, Surveyed, generate, generate_document, generate_vendored, survey, survey_sources,
};
