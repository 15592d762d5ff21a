//! The answer to a call: its value, and what came along.

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};
use url::Url;

use crate::reading::Skipped;
use crate::redact::Censor;
use crate::{Header, RateLimit};

/// The value that a call returned, with status, headers and rate limit. It derefs to the value.
pub struct Response<T> {
    /// In a place of its own, since an answer is handed on from function to function.
    value: Box<T>,
    meta: Box<Meta>,
    /// Empty but for answers that were read leniently, and then without an allocation.
    skipped: Box<[Skipped]>,
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
    /// Takes credentials out of what the server wrote.
    pub(crate) censor: Censor,
    /// Where the vendor's errors have code and message.
    pub(crate) words: Words,
}

/// The JSON Pointers of what a vendor's errors have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) code: &'static [&'static str],
    pub(crate) message: &'static [&'static str],
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: Box<Meta>) -> Self {
        Self::without(value, meta, Vec::new())
    }

    /// A value from which parts have been left out.
    pub(crate) fn without(value: T, meta: Box<Meta>, skipped: Vec<Skipped>) -> Self {
        Self { value: Box::new(value), meta, skipped: skipped.into() }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        *self.value
    }

    /// The HTTP status: of the 2xx family, or a redirect that the document lists as a result.
    pub fn status(&self) -> StatusCode {
        self.meta.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.meta.headers
    }

    /// A header that the document lists, typed; `None` where it is absent or of another form. The client's module `headers`
    /// has them all.
    pub fn header<H>(&self, header: &Header<H>) -> Option<H> {
        header.of(&self.meta.headers)
    }

    /// The state of the rate limit after this call, where the vendor sends it.
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

    /// The optional parts of the answer that could not be read and were left out of the value, at most 256 of them. A part
    /// that is required makes the call an error instead. Each is also reported as an event of `tracing`.
    ///
    /// ```
    /// fn note<T>(response: &conversations_runtime::Response<T>) {
    ///     for skipped in response.skipped() {
    ///         // Such as "createdAt was left out: text that is not a moment as text or number".
    ///         eprintln!("{} was left out: {}", skipped.path(), skipped.reason());
    ///     }
    /// }
    /// ```
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Replaces the value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: Box::new(with(*self.value)), meta: self.meta, skipped: self.skipped }
    }
}

/// Where the server redirects to, as the result of an operation whose document lists the redirect. It was not followed, and
/// a request to another host must not carry the credential.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect {
    url: Url,
}

impl Redirect {
    pub(crate) fn new(url: Url) -> Self {
        Self { url }
    }

    /// The absolute URL.
    pub fn location(&self) -> &str {
        self.url.as_str()
    }
}

// The query of a link to a file is often all that it takes to read the file.
impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        f.debug_struct("Redirect").field("location", &shown.as_str()).finish_non_exhaustive()
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
        Self { value: self.value.clone(), meta: self.meta.clone(), skipped: self.skipped.clone() }
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
            .field("skipped", &self.skipped)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
