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

/// A part of the folder that `CONVERSATIONS_REFERENCE` names: documents that are not part of the repository.
pub(crate) fn reference(part: &str) -> std::path::PathBuf {
    let base = std::env::var_os("CONVERSATIONS_REFERENCE").map(std::path::PathBuf::from);
    let base = base.expect("CONVERSATIONS_REFERENCE names the folder of the documents");
    let found = base.join(part);
    assert!(found.exists(), "there is no {}", found.display());
    found
}
