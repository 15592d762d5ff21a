//! The one error of every operation.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::reading::{self, Misread};
use crate::redact::Censor;
use crate::{Header, Operation, RateLimit};

/// The longest part of a body that an error keeps, in bytes.
pub(crate) const KEPT_BODY: usize = 64 * 1024;

/// What went wrong with a call, or with the making of a client.
///
/// It is opaque: ask the predicates (`is_…`) for the class and the accessors for what is known. Whatever the server sent,
/// its status, headers and the first 64 KiB of its body are kept.
///
/// `Display` prints the provider, the operation, the class, the status and the vendor's error code, and neither headers,
/// body, query nor any secret, so that it may be logged: `acme getConversation: the server answered 404 Not Found (no_such_id)`.
/// Text of the vendor is in [`message`](Self::message). The cause is in [`source`](StdError::source) and is not printed
/// twice. Where the vendor's code, message or request id repeats a credential of the client, they read `[censored]` in its
/// place; [`body`](Self::body) and [`headers`](Self::headers) are as they came.
///
/// ```
/// fn advice(error: &conversations::Error) -> &'static str {
///     if error.is_rate_limited() {
///         "wait"
///     } else if error.is_invalid_request() {
///         "correct the call"
///     } else if error.is_unauthorized() {
///         "replace the key"
///     } else if error.may_have_taken_effect() {
///         "look whether it was done before repeating it"
///     } else {
///         "report it"
///     }
/// }
/// # let _ = advice;
/// ```
pub struct Error {
    inner: Box<Inner>,
}

type Cause = Arc<dyn StdError + Send + Sync + 'static>;

#[derive(Clone)]
struct Inner {
    kind: Kind,
    text: Cow<'static, str>,
    provider: Option<&'static str>,
    operation: Option<&'static Operation>,
    delivery: Delivery,
    /// Whether the answer says that nothing was done, and no attempt before it is in doubt.
    undone: bool,
    attempts: u32,
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// What the body has at each of the vendor's places for a code.
    codes: Vec<String>,
    refusal: Option<Refusal>,
    message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    rate_limit: Option<RateLimit>,
    json_path: Option<String>,
    /// The same without what is content.
    place: Option<String>,
    idempotency_key: Option<String>,
    retryable: bool,
    /// What takes credentials out of the places that a later reading of the body names.
    censor: Option<Censor>,
    source: Option<Cause>,
}

/// Whether anything of a call may have reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing left this machine, or the server let it be known by the rules of HTTP/2 that it processed nothing of it: the
    /// call had no effect.
    No,
    /// Bytes may have left, and no answer came: the call may or may not have had its effect.
    Maybe,
    /// The server answered. A status of 500 or more does not say what was done before it:
    /// [`Error::may_have_taken_effect`] judges the answer too.
    Yes,
}

/// Whom a refusal blames, as the provider's folder declares it by status and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The credential was not accepted.
    Unauthorized,
    /// The credential was accepted and does not allow the call.
    Forbidden,
}

/// The class of an error; every variant is named wherever one is decided upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The client cannot be made from its settings.
    Configuration,
    /// The call was refused before anything was sent.
    InvalidRequest,
    /// No token could be obtained, or it cannot be sent.
    Credential,
    /// No connection came about.
    Connect,
    /// The time of the attempt or of the call ran out.
    Timeout,
    /// The connection broke or spoke no HTTP.
    Transport,
    /// The gate holds the call back for longer than its deadline.
    RateLimited,
    /// The server answered with an error status, or its success flag says failure.
    Status,
    /// The server answered with a redirect, which is not followed.
    Redirect,
    /// The body is longer than the limit.
    TooLarge,
    /// The body is not what the document promises.
    Decode,
    /// A list or a poll that cannot go on.
    Stalled,
}

impl Error {
    pub(crate) fn new(kind: Kind, text: impl Into<Cow<'static, str>>) -> Self {
        let inner = Inner {
            kind,
            text: text.into(),
            provider: None,
            operation: None,
            delivery: Delivery::No,
            undone: false,
            attempts: 0,
            status: None,
            headers: HeaderMap::new(),
            body: None,
            codes: Vec::new(),
            refusal: None,
            message: None,
            request_id: None,
            retry_after: None,
            rate_limit: None,
            json_path: None,
            place: None,
            idempotency_key: None,
            retryable: false,
            censor: None,
            source: None,
        };
        Self { inner: Box::new(inner) }
    }

    pub(crate) fn configuration(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Configuration, text)
    }

    pub(crate) fn invalid_request(operation: &'static Operation, text: String) -> Self {
        Self::new(Kind::InvalidRequest, text).with_operation(operation)
    }

    pub(crate) fn with_provider(mut self, name: &'static str) -> Self {
        self.inner.provider = Some(name);
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static Operation) -> Self {
        self.inner.provider = operation.provider().or(self.inner.provider);
        self.inner.operation = Some(operation);
        self
    }

    /// The same error once more, for several callers who waited for one thing.
    pub(crate) fn duplicate(&self) -> Self {
        Self { inner: self.inner.clone() }
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync + 'static>>,
    ) -> Self {
        self.inner.source = Some(source.into().into());
        self
    }

    pub(crate) fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.inner.delivery = delivery;
        self
    }

    pub(crate) fn with_undone(mut self, undone: bool) -> Self {
        self.inner.undone = undone;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts;
        self
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.inner.retryable = retryable;
        self
    }

    pub(crate) fn with_answer(mut self, status: StatusCode, headers: HeaderMap) -> Self {
        self.inner.status = Some(status);
        self.inner.headers = headers;
        self
    }

    pub(crate) fn with_body(mut self, mut body: Bytes) -> Self {
        body.truncate(KEPT_BODY);
        self.inner.body = Some(body);
        self
    }

    pub(crate) fn with_vendor(mut self, codes: Vec<String>, message: Option<String>) -> Self {
        self.inner.codes = codes;
        self.inner.message = message;
        self
    }

    pub(crate) fn with_refusal(mut self, refusal: Option<Refusal>) -> Self {
        self.inner.refusal = refusal;
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.inner.request_id = id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.inner.retry_after = wait;
        self
    }

    pub(crate) fn with_rate_limit(mut self, state: Option<RateLimit>) -> Self {
        self.inner.rate_limit = state;
        self
    }

    pub(crate) fn with_json_path(mut self, path: Option<String>) -> Self {
        self.inner.place.clone_from(&path);
        self.inner.json_path = path;
        self
    }

    /// Takes credentials out of what the error prints of an answer: the text may name a media type or a coding, and the
    /// place in the body has keys of maps as the server wrote them.
    pub(crate) fn with_censor(mut self, censor: Censor) -> Self {
        self.inner.text = censor.text(self.inner.text.into_owned()).into();
        self.inner.json_path = self.inner.json_path.take().map(|path| censor.text(path));
        self.inner.place = self.inner.place.take().map(|place| censor.text(place));
        self.inner.censor = Some(censor);
        self
    }

    pub(crate) fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.inner.idempotency_key = key;
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The HTTP status, where the server answered.
    pub fn status(&self) -> Option<StatusCode> {
        self.inner.status
    }

    /// The vendor's error code, such as `invalid_parameter`, where its body has one. The codes that a vendor documents are
    /// constants in its module, `error_codes`.
    pub fn code(&self) -> Option<&str> {
        self.inner.codes.first().map(String::as_str)
    }

    /// Whether the vendor's body has this code, at any of the places where the vendor writes codes. Some vendors write two:
    /// a number, which [`code`](Self::code) returns, and a name for a class of numbers.
    pub fn has_code(&self, code: &str) -> bool {
        self.inner.codes.iter().any(|it| it == code)
    }

    /// The vendor's text, where its body or headers have one. It may repeat what was sent; `Display` leaves it out.
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// The body of the answer, at most its first 64 KiB; `None` where no answer came, empty where it had no body.
    pub fn body(&self) -> Option<&[u8]> {
        self.inner.body.as_deref()
    }

    /// Reads the body as JSON of the given type.
    ///
    /// # Errors
    /// Where there is no body, or it is not such JSON; see [`is_decode`](Self::is_decode).
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, Self> {
        let body = self.inner.body.as_deref().unwrap_or_default();
        let read = reading::read::<reading::de::Plain, T>(body, &self.inner.headers);
        read.map(|(value, _)| value).map_err(|misread| {
            let error = Self::from(misread);
            let error = match self.inner.operation {
                Some(operation) => error.with_operation(operation),
                None => error,
            };
            match &self.inner.censor {
                Some(censor) => error.with_censor(censor.clone()),
                None => error,
            }
        })
    }

    /// The headers of the answer, empty where none came.
    pub fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// A header that the document lists, typed; `None` where it is absent or of another form.
    pub fn header<T>(&self, header: &Header<T>) -> Option<T> {
        header.of(&self.inner.headers)
    }

    /// The vendor's identifier of the call, for a question to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// How long the server asks to wait: from `Retry-After` (seconds or date), on 429 also from the vendor's reset header.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The state of the rate limit, where the vendor sends it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.inner.rate_limit
    }

    /// How many attempts were made: 0 where the call was refused before the first.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The name of the provider whose client failed, as its module has it, such as `acme`; `None` where no client was
    /// involved.
    pub fn provider(&self) -> Option<&'static str> {
        self.inner.provider
    }

    /// The operation that failed; `None` while a client is being made.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.inner.operation
    }

    /// The idempotency key that was sent, given by the caller or made. Repeat the call with it
    /// ([`CallOptions::idempotency_key`](crate::CallOptions::idempotency_key)) and the vendor carries it out once.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.inner.idempotency_key.as_deref()
    }

    /// The place in the body where decoding failed, such as `messages[3].received`. `Display` has it too, with `*` for the
    /// names in a map, which are content.
    pub fn json_path(&self) -> Option<&str> {
        self.inner.json_path.as_deref()
    }

    /// Whether anything of the call may have reached the server, over all its attempts. An answer to an earlier attempt is
    /// not one to the call: where the attempt after it was cut off, the call is in doubt.
    ///
    /// # Troubleshooting
    /// After [`Delivery::Maybe`] on a call that is not idempotent, read the conversation before sending again, or repeat
    /// with the same idempotency key where the vendor has one.
    pub fn was_sent(&self) -> Delivery {
        self.inner.delivery
    }

    /// Whether the call may have had its effect, over all its attempts. `false` where nothing reached the server, and where
    /// its answer says that nothing was done: a status of the 4xx, a flag in the body, or what the provider declares. `true`
    /// where no answer came, where the answer is a success that could not be read, and after 408, 425, 429 that the provider
    /// does not declare, and 5xx other than 501 and 505: a proxy may send those after the vendor has done the work.
    ///
    /// # Troubleshooting
    /// Where it is `true` for a call that is not idempotent, look whether it was done before sending it again, or repeat it
    /// with its [`idempotency_key`](Self::idempotency_key) where the vendor honours one.
    pub fn may_have_taken_effect(&self) -> bool {
        self.inner.delivery != Delivery::No && !self.inner.undone
    }

    /// Whether time ran out: of connecting, of an attempt, or of the whole call.
    ///
    /// # Troubleshooting
    /// Most often the network or a slow vendor. Raise `attempt_timeout` or `deadline` on the client or in
    /// [`CallOptions`](crate::CallOptions); where many calls share a client that allows one request in flight, the wait for
    /// the turn counts too.
    pub fn is_timeout(&self) -> bool {
        match self.inner.kind {
            Kind::Timeout => true,
            Kind::Connect => caused_by_timeout(self.inner.source.as_deref()),
            Kind::Configuration
            | Kind::InvalidRequest
            | Kind::Credential
            | Kind::Transport
            | Kind::RateLimited
            | Kind::Status
            | Kind::Redirect
            | Kind::TooLarge
            | Kind::Decode
            | Kind::Stalled => false,
        }
    }

    /// Whether no connection came about (name not found, refused, TLS failed): nothing was sent.
    ///
    /// # Troubleshooting
    /// Check the base URL, the name resolution and the proxy (`HTTPS_PROXY`); on a TLS failure the machine's certificates
    /// and clock. The cause is in [`source`](StdError::source).
    pub fn is_connect(&self) -> bool {
        self.inner.kind == Kind::Connect
    }

    /// Whether the same call may succeed later *and* repeating it cannot do its work twice.
    ///
    /// # Troubleshooting
    /// The client has repeated the call already as its [`RetryPolicy`](crate::RetryPolicy) allows. Put the call aside and
    /// try again after [`retry_after`](Self::retry_after). `false` after a timeout or a 5xx means that the call may have had
    /// its effect; see [`may_have_taken_effect`](Self::may_have_taken_effect).
    pub fn is_retryable(&self) -> bool {
        self.inner.retryable
    }

    /// Whether the server answered with a redirect. Redirects are never followed: the credential would go along.
    ///
    /// # Troubleshooting
    /// The message names the origin that the server pointed to. Most often the base URL has the wrong host, region or
    /// scheme, or lacks the version in its path.
    pub fn is_redirect(&self) -> bool {
        self.inner.kind == Kind::Redirect
    }

    /// Whether the answer is not what the document promises: no JSON, cut short, or a value of another type.
    ///
    /// # Troubleshooting
    /// [`json_path`](Self::json_path) names the place and [`body`](Self::body) has the text. The call itself succeeded when
    /// the [`status`](Self::status) is 2xx. The vendor may have changed its API: correct the overlay of the provider, and
    /// meanwhile read the body by the client's `request` method.
    pub fn is_decode(&self) -> bool {
        self.inner.kind == Kind::Decode
    }

    /// Whether the call was refused before anything was sent: a parameter is missing, empty, too long or malformed.
    ///
    /// # Troubleshooting
    /// The message names the operation, the parameter and the rule. An empty identifier is the commonest cause.
    pub fn is_invalid_request(&self) -> bool {
        self.inner.kind == Kind::InvalidRequest
    }

    /// Whether the client could not be made from its settings: a missing credential, an unsafe base URL.
    ///
    /// # Troubleshooting
    /// The message names the builder method that is missing or was given an unusable value.
    pub fn is_configuration(&self) -> bool {
        self.inner.kind == Kind::Configuration
    }

    /// Whether the vendor refused the credential: status 401, or what else the vendor answers in its place. Another
    /// credential is needed. It also holds where the token endpoint refused a client's id and secret.
    ///
    /// # Troubleshooting
    /// The key is missing, wrong, expired, switched off, or of another account or region.
    pub fn is_unauthorized(&self) -> bool {
        self.inner.refusal == Some(Refusal::Unauthorized)
    }

    /// Whether the vendor understood the call and does not allow it: status 403, or what else the vendor answers in its
    /// place. Another key of the same account does not help.
    ///
    /// # Troubleshooting
    /// The account or the scope of the token lacks the right, or a rule of the channel forbids the call now, such as one
    /// that a contact must have written within the last 24 hours. [`code`](Self::code) says which; the constants are in
    /// `error_codes` of the provider's module.
    pub fn is_forbidden(&self) -> bool {
        self.inner.refusal == Some(Refusal::Forbidden)
    }

    /// Whether the vendor does not know the thing named: status 404, or 410 where the vendor means nothing else by it.
    ///
    /// # Troubleshooting
    /// Check the identifiers. A delete that was repeated after a broken connection answers 404 when the first attempt had
    /// done its work: see [`attempts`](Self::attempts).
    pub fn is_not_found(&self) -> bool {
        matches!(self.status_number(), Some(404 | 410)) && self.inner.refusal.is_none()
    }

    /// Whether the rate limit is used up: status 429, or the client's own gate held the call back.
    ///
    /// # Troubleshooting
    /// Wait for [`retry_after`](Self::retry_after). `wait_for_rate_limit(true)` on the client waits instead of failing, as
    /// far as the deadline of the call allows.
    pub fn is_rate_limited(&self) -> bool {
        self.inner.kind == Kind::RateLimited || self.status_number() == Some(429)
    }

    /// Whether the answer was longer than `max_body_bytes` of the client.
    ///
    /// # Troubleshooting
    /// Ask for smaller pages, or raise `max_body_bytes`.
    pub fn is_too_large(&self) -> bool {
        self.inner.kind == Kind::TooLarge
    }

    fn status_number(&self) -> Option<u16> {
        // The status of an answer that could not be read says nothing about the call.
        let speaks = matches!(self.inner.kind, Kind::Status | Kind::Redirect);
        self.inner.status.filter(|_| speaks).map(|status| status.as_u16())
    }
}

/// Whether reqwest marks a cause as a timeout.
fn caused_by_timeout(source: Option<&(dyn StdError + Send + Sync + 'static)>) -> bool {
    source
        .and_then(|source| source.downcast_ref::<reqwest::Error>())
        .is_some_and(reqwest::Error::is_timeout)
}

impl From<Misread> for Error {
    fn from(misread: Misread) -> Self {
        let Misread { what, path, place, source } = misread;
        let mut error = Self::new(Kind::Decode, what).with_json_path(path).with_source(source);
        error.inner.place = place;
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.inner.operation.map(|it| {
            // A request of the caller's own has no name but its method; its path may hold content.
            let method =
                Some(it.method()).filter(|method| it.path().is_empty() && !method.is_empty());
            [Some(it.id()), method]
        });
        let words = [self.inner.provider].into_iter().chain(words.into_iter().flatten()).flatten();
        let words: Vec<&str> = words.collect();
        if !words.is_empty() {
            write!(f, "{}: ", words.join(" "))?;
        }
        f.write_str(&self.inner.text)?;
        let repeats = |code: &str| self.status().is_some_and(|it| it.as_str() == code);
        if let Some(code) = self.code().filter(|code| is_plain_code(code) && !repeats(code)) {
            write!(f, " ({code})")?;
        }
        if let Some(place) = &self.inner.place {
            write!(f, " at {place}")?;
        }
        if self.inner.attempts > 1 {
            write!(f, " after {} attempts", self.inner.attempts)?;
        }
        Ok(())
    }
}

/// Whether a vendor's code looks like an identifier. Anything else may be a sentence that repeats what was sent.
fn is_plain_code(code: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=48).contains(&code.len()) && code.chars().all(plain)
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.inner.kind)
            .field("text", &self.inner.text)
            .field("provider", &self.inner.provider)
            .field("operation", &self.inner.operation.map(Operation::id))
            .field("status", &self.inner.status)
            .field("code", &self.code().filter(|code| is_plain_code(code)))
            .field("request_id", &self.inner.request_id)
            .field("attempts", &self.inner.attempts)
            .field("delivery", &self.inner.delivery)
            .field("undone", &self.inner.undone)
            .field("retry_after", &self.inner.retry_after)
            .field("json_path", &self.inner.json_path)
            .field("body_bytes", &self.inner.body.as_ref().map(Bytes::len));
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        out.field("causes", &causes).finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
