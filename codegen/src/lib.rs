//! OpenAPI document in, Rust client out: the generator behind `conversations`.
//!
//! Every stage is a module whose entry has the module's name, and every station on the way has a type
//! of its own. The crate is pure: text in, text out; no file, network, clock or environment.

pub mod document;
pub mod fault;
pub mod lookup;
pub mod note;
pub mod place;
pub mod suggest;

pub mod provider;
pub mod sdk;

pub mod extension;
pub mod load;
pub mod overlay;
pub mod reconcile;
