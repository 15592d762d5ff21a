//! The integration tests: one binary, a module per promise.

mod calls;
mod folder;
mod json;
mod server;
mod surface;
mod wire;
