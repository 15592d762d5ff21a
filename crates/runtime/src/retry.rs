//! Settings of retries, per client and per call.

use std::time::Duration;

/// How often and how patiently a call is repeated. *Whether* it may be repeated follows from the operation.
///
/// Defaults: 3 attempts, full jitter below 0.5 s doubling to at most 8 s, waits that the server asks for up to 120 s.
///
/// ```
/// use std::time::Duration;
/// use conversations::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_attempts(5).max_backoff(Duration::from_secs(20));
/// assert_eq!(patient.attempts(), 5);
/// assert_eq!(RetryPolicy::off().attempts(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) initial_backoff: Duration,
    pub(crate) max_backoff: Duration,
    pub(crate) max_server_wait: Duration,
    pub(crate) budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_server_wait: Duration::from_secs(120),
            budget: 20,
        }
    }
}

impl RetryPolicy {
    /// No repetition at all: one attempt per call, and one request on the wire. Only a token of a `client_credentials` or
    /// signed kind that the server refuses with 401 is replaced once, which is a matter of the credential.
    #[must_use]
    pub fn off() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Attempts per call, the first included; 0 counts as 1. Default 3.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Upper bound of the wait before the second attempt; it doubles with each further one. Default 0.5 s.
    #[must_use]
    pub fn initial_backoff(mut self, wait: Duration) -> Self {
        self.initial_backoff = wait;
        self
    }

    /// Upper bound of every wait that the client chooses itself. Default 8 s.
    #[must_use]
    pub fn max_backoff(mut self, wait: Duration) -> Self {
        self.max_backoff = wait;
        self
    }

    /// The longest wait asked for by the server that is honoured; a longer one is returned as an error at once, with
    /// [`Error::retry_after`](crate::Error::retry_after). Default 120 s. The deadline of the call bounds it too. It also
    /// bounds how long `wait_for_rate_limit` believes a rate limit to be used up before it asks the server again.
    #[must_use]
    pub fn max_server_wait(mut self, wait: Duration) -> Self {
        self.max_server_wait = wait;
        self
    }

    /// How many repetitions the client may save up. Each costs 1; calls that succeed give 0.2 back, and 0.2 comes back
    /// each second. It keeps many failing calls from becoming a storm. Default 20; only the client's own policy counts.
    #[must_use]
    pub fn budget(mut self, repetitions: u32) -> Self {
        self.budget = repetitions;
        self
    }

    /// Attempts per call, the first included.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.max_attempts
    }
}

/// Settings of one call, which override those of its client.
///
/// ```
/// use std::time::Duration;
/// use conversations::{CallOptions, RetryPolicy};
///
/// let options = CallOptions::new()
///     .deadline(Duration::from_secs(10))
///     .retry(RetryPolicy::off())
///     .idempotency_key("1b4e28ba-2fa1-11d2-883f-0016d3cca427");
/// # let _ = options;
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CallOptions {
    /// In a place of its own, since every call has options on its way and few are given any.
    overrides: Option<Box<Overrides>>,
}

#[derive(Clone, Default, PartialEq)]
pub(crate) struct Overrides {
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
}

/// Without the values of headers and parameters: what a caller puts there may be a secret.
impl std::fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Overrides {
            retry,
            deadline,
            attempt_timeout,
            idempotency_key,
            idempotent,
            headers,
            query,
        } = self.overrides();
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("CallOptions")
            .field("retry", retry)
            .field("deadline", deadline)
            .field("attempt_timeout", attempt_timeout)
            .field("idempotency_key", idempotency_key)
            .field("idempotent", idempotent)
            .field("headers", &names(headers))
            .field("query", &names(query))
            .finish()
    }
}

impl CallOptions {
    /// No overrides.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn overrides(&self) -> &Overrides {
        static NOTHING: Overrides = Overrides {
            retry: None,
            deadline: None,
            attempt_timeout: None,
            idempotency_key: None,
            idempotent: None,
            headers: Vec::new(),
            query: Vec::new(),
        };
        self.overrides.as_deref().unwrap_or(&NOTHING)
    }

    pub(crate) fn overrides_mut(&mut self) -> &mut Overrides {
        self.overrides.get_or_insert_default()
    }

    /// How the call is repeated.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.overrides_mut().retry = Some(policy);
        self
    }

    /// The time for the whole call, waits and repetitions included.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.overrides_mut().deadline = Some(deadline);
        self
    }

    /// The time for one attempt, from connecting to the last byte of the body.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.overrides_mut().attempt_timeout = Some(timeout);
        self
    }

    /// The idempotency key of the call. Without it the client makes one (UUID v4) for operations that take one. Give the
    /// same key to repeat a call whose fate is unknown. Operations without such a key ignore it.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.overrides_mut().idempotency_key = Some(key.into());
        self
    }

    /// Makes an idempotency key (UUID v4), where none was given: for a program that stores the key before it sends, so that
    /// it can repeat the call after a crash.
    ///
    /// ```
    /// let options = conversations::CallOptions::new().make_idempotency_key();
    /// let key = options.get_idempotency_key().map(str::to_owned);
    /// // Store the key beside the message, then send with `.options(options)`.
    /// assert_eq!(key.map(|key| key.len()), Some(36));
    /// ```
    #[must_use]
    pub fn make_idempotency_key(mut self) -> Self {
        self.overrides_mut()
            .idempotency_key
            .get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
        self
    }

    /// The idempotency key that was given or made.
    #[must_use]
    pub fn get_idempotency_key(&self) -> Option<&str> {
        self.overrides().idempotency_key.as_deref()
    }

    /// Adds a header that the operation has no setter for, such as one for tracing; in place of one of this name. Sending
    /// fails where it cannot stand in a header or follows from the call, as `Content-Length` and `Host` do. A credential
    /// belongs to the builder, whose `header` method masks it.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides_mut().headers.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter that the operation has no setter for; in place of one of this name.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides_mut().query.push((name.into(), value.into()));
        self
    }

    /// Overrides what is declared of the operation: `true` says that repeating this call does no harm, `false` that it may.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.overrides_mut().idempotent = Some(idempotent);
        self
    }
}
