//! The commands, driven in a temporary copy of what they work on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod account;
mod behaviours;
mod check;
mod clients;
mod diff;
mod fetch;
mod generate;
mod layers;
mod new_provider;
mod programs;
mod server;
mod update;
mod workspace;
