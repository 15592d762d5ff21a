//! One OpenAPI document, read: text to a tree with origins, several files to one, an overlay applied, a
//! part selected, and OpenAPI 3.1 and Swagger 2.0 lowered to 3.0.
//!
//! The crate is pure: text in, text out; no file, network, clock or environment. What it refuses is a
//! [`Fault`] with file, line and remedy; what it changes is a [`Note`].

pub mod account;
pub mod document;
pub mod fault;
pub mod lookup;
pub mod method;
pub mod note;
mod origin;
pub mod path;
pub mod pointer;
pub mod suggest;
pub mod version;

pub mod load;
pub mod overlay;

pub mod bundle;
pub mod lower;
pub mod security;
pub mod select;
pub mod servers;

pub mod grammar;
pub mod identity;
mod parts;
pub mod reference;
mod stack;

pub use document::Document;
pub use fault::{Fault, Faults};
pub use method::Method;
pub use note::Note;
pub use origin::Origin;
pub use path::PathTemplate;
pub use pointer::Pointer;
pub use stack::{deep, deep_both, deep_each};
pub use version::Version;
