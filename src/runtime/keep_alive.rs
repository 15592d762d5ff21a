//! Calls that must be repeated for their effect to last.
use super::call::Call;
use crate::Error;

/// Repeats a call until it is dropped.
#[derive(Debug)]
pub struct KeepAlive {
    _call: Result<Call, Error>,
}

/// The state of a [`KeepAlive`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeepAliveState {
    /// No call has succeeded yet.
    Starting,
}

/// Starts repeating.
#[must_use]
pub fn start(call: Result<Call, Error>) -> KeepAlive {
    KeepAlive { _call: call }
}
