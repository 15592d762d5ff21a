//! The integration tests: one binary, a module per promise.

mod folder;
mod storm;
mod surface;
