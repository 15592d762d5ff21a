//! Prints the findings; `types` is their shape, `detect` makes them.

use super::types::Findings;
use crate::fault::Fault;

/// Everything that stops a build.
pub(super) fn faults(findings: &Findings) -> Vec<Fault> {
    findings.faults.clone()
}
