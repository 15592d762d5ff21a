//! OpenAPI document in, Rust client out: the generator behind `conversations`.
//!
//! Every stage is a module whose entry has the module's name, and every station on the way has a type
//! of its own. The crate is pure: text in, text out; no file, network, clock or environment.

pub mod bundle;
pub mod document;
pub mod fault;
mod grammar;
pub mod lower;
pub mod note;
mod pointer;
pub mod select;
