//! The integration tests: one binary, a module per promise.

mod folder;
mod stand_ins;
mod surface;
