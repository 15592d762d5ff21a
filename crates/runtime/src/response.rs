//! The answer to a call: its value, and what came along.

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};

use crate::RateLimit;

/// The value that a call returned, with status, headers and rate limit. It derefs to the value.
pub struct Response<T> {
    value: T,
    meta: Box<Meta>,
}

/// What is known of an answer besides its body.
#[derive(Clone)]
pub(crate) struct Meta {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) request_id: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) idempotency_key: Option<String>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: Meta) -> Self {
        Self { value, meta: Box::new(meta) }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status, always of the 2xx family.
    pub fn status(&self) -> StatusCode {
        self.meta.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.meta.headers
    }

    /// The state of the rate limit after this call, where the vendor tells it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.meta.rate_limit
    }

    /// The vendor's identifier of the call, for a question to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.request_id.as_deref()
    }

    /// How many attempts the call took, at least 1.
    pub fn attempts(&self) -> u32 {
        self.meta.attempts
    }

    /// The idempotency key that was sent, given by the caller or made.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.meta.idempotency_key.as_deref()
    }

    /// Replaces the value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: with(self.value), meta: self.meta }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Clone> Clone for Response<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), meta: self.meta.clone() }
    }
}

// Headers stay out: they may carry session cookies.
impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.meta.status)
            .field("attempts", &self.meta.attempts)
            .field("request_id", &self.meta.request_id)
            .field("rate_limit", &self.meta.rate_limit)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
