//! Everything that runs through the reader's public interface, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
// Tests read the cases that the reader itself may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod corpus;
mod load;
mod lower;
mod lower_invariants;
mod overlay;
mod servers;
