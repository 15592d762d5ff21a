//! The integration tests: one binary, a module per promise.

mod calls;
mod examples;
mod folder;
mod json;
mod layering;
mod lenient;
mod samples;
mod server;
mod structure;
mod surface;
mod types;
mod wire;
