//! The integration tests: one binary, a module per promise.

// What a vendor's next document advises against is tested as long as it is there.
#![allow(deprecated)]
// A test that cannot go on stops, and says why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod auth;
mod build_script;
mod calls;
mod chaos;
mod composing;
mod costs;
mod events;
mod examples;
mod faults;
mod folder;
mod json;
mod layering;
mod lenient;
mod program;
mod refusals;
mod reliability;
mod restarts;
mod samples;
mod sandbox_providers;
mod secrecy;
mod server;
mod streams;
mod structure;
mod surface;
mod types;
mod wire;
