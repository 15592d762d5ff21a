//! Everything that runs through the generator's public interface, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod corpus;
mod extension;
mod load;
mod lower;
mod promises;
