//! What a builder's settings come to.

use std::time::Duration;

use crate::RetryPolicy;

/// What the builder's settings come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) max_body_bytes: usize,
    pub(crate) concurrency: Option<usize>,
    pub(crate) wait_for_rate_limit: bool,
}
