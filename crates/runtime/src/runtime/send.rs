//! The loop around the attempts of a call: gate, credentials, turn, attempt, decision, wait.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::SemaphorePermit;

use super::answer::Answer;
use super::auth::Chosen;
use super::call::Call;
use super::constraints::Constraints;
use super::core::Shared;
use super::decide::{Attempt, Decision, Outcome, Why, decide, may_pass, may_repeat};
use super::exchange::{Exchanged, Failed, exchange};
use super::executor::Executor;
use super::limits::{Gate, Place};
use super::request;
use super::style::Style;
use crate::credential::RequestAuth;
use crate::error::Kind;
use crate::retry::Overrides;
use crate::{Delivery, Error, Response, RetryPolicy};

/// Sends a call once it is composed, and reads its answer. The future holds nothing of what the call was composed with, since
/// whoever waits for many moves them about.
///
/// # Errors
/// Those of the call, of [`Call::send`] and of the reading.
pub async fn sent<T>(
    call: Result<Call, Error>,
    read: fn(Answer) -> Result<Response<T>, Error>,
) -> Result<Response<T>, Error> {
    read(call?.send().await?)
}

impl Call {
    /// Sends the call, as often as its policy allows, and returns an answer of status 2xx. Dropping the future ends the call;
    /// a request that has left may take effect all the same.
    ///
    /// # Errors
    /// Where the call was not sent, no answer came in time, or the answer is not of status 2xx.
    pub fn send(mut self) -> impl Future<Output = Result<Answer, Error>> + Send {
        // Outside of the future, which would hold the call twice.
        let added = self.add_options();
        async move {
            added?;
            send(&self).await
        }
    }

    /// Adds the headers and parameters of the options.
    fn add_options(&mut self) -> Result<(), Error> {
        let Overrides { headers, query, .. } = self.options.overrides().clone();
        for (name, value) in headers {
            self.header(&name, Ok(value), Style::SIMPLE, &Constraints::ANY)?;
        }
        for (name, value) in query {
            self.query(&name, Ok(value), Style::FORM, &Constraints::ANY)?;
        }
        Ok(())
    }
}

/// Sends a call, repeats it where that is allowed, and returns an answer of status 2xx.
async fn send(call: &Call) -> Result<Answer, Error> {
    let operation = call.operation;
    let executor =
        Executor::current().map_err(|text| Error::configuration(text).with_operation(operation))?;
    let span = tracing::info_span!(
        "conversations.call",
        provider = call.core.shared.provider.name,
        operation = operation.id(),
        method = call.method.as_str(),
        path = operation.path(),
        status = tracing::field::Empty,
        attempts = tracing::field::Empty,
    );
    let attempts = AtomicU32::new(0);
    // In a place of its own: whatever holds a call is moved about, by executors too, and this is the largest part.
    let mut run = Box::pin(run(call, &attempts));
    let result = poll_fn(|context| span.in_scope(|| executor.poll(run.as_mut(), context))).await;
    let result = result.unwrap_or_else(|| {
        let attempts = attempts.load(Ordering::Relaxed);
        let sent = if attempts == 0 { Delivery::No } else { Delivery::Maybe };
        let text = "the tokio runtime that the call began in has ended";
        Err(Error::new(Kind::Transport, text)
            .with_operation(operation)
            .with_delivery(sent)
            .with_attempts(attempts)
            .with_idempotency_key(call.sent_key().map(str::to_owned)))
    });
    let (status, attempts) = match &result {
        Ok(answer) => (Some(answer.meta.status), answer.meta.attempts),
        Err(error) => (error.status(), error.attempts()),
    };
    if let Some(status) = status {
        span.record("status", status.as_u16());
    }
    span.record("attempts", attempts);
    result
}

/// What stays the same over all attempts.
struct CallContext<'a> {
    call: &'a Call,
    shared: &'a Arc<Shared>,
    policy: &'a RetryPolicy,
    deadline: Instant,
    /// The idempotency key that is sent.
    key: Option<&'a str>,
    /// Whether the vendor is known to honour it.
    keyed: bool,
}

impl CallContext<'_> {
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.shared.clock.instant())
    }

    /// What a future comes to, where that is before the deadline. What needs no wait, as most do, gets no timer.
    async fn in_time<F: Future + Unpin>(&self, mut future: F) -> Option<F::Output> {
        match (&mut future).now_or_never() {
            Some(output) => Some(output),
            None => tokio::time::timeout(self.left(), future).await.ok(),
        }
    }

    fn attempt(&self, number: u32) -> Attempt<'_> {
        Attempt {
            number,
            policy: self.policy,
            idempotent: self.call.options.overrides().idempotent,
            keyed: self.keyed,
            replayable: self.call.payload.available(),
            unprocessed: self.shared.provider.unprocessed,
            deadline: self.deadline,
            random: self.shared.clock.random(),
        }
    }

    /// Adds to an error what is known of the whole call.
    fn complete(&self, error: Error, sent: Delivery, attempts: u32) -> Error {
        error
            .with_operation(self.call.operation)
            .with_delivery(sent)
            .with_attempts(attempts)
            .with_idempotency_key(self.key.map(str::to_owned))
    }
}

async fn run(call: &Call, made: &AtomicU32) -> Result<Answer, Error> {
    let shared = &call.core.shared;
    let key = call.sent_key();
    let verified = call.operation.idempotency_key().is_some_and(|rule| rule.verified);
    let deadline = call.options.overrides().deadline.unwrap_or(shared.settings.deadline);
    let start = shared.clock.instant();
    let far = Duration::from_secs(365 * 24 * 3600);
    let context = CallContext {
        call,
        shared,
        policy: call.options.overrides().retry.as_ref().unwrap_or(&shared.settings.retry),
        deadline: start + deadline.min(far),
        key,
        keyed: key.is_some() && verified,
    };
    if key.is_some_and(|key| key.trim().is_empty()) {
        let reason = "is empty, so that no vendor could recognise a repetition by it";
        return Err(call.refuse("option", "idempotency_key", reason));
    }
    let url = request::url(call)?;
    let chosen = shared.auth.chosen(shared.provider, call.operation)?;
    let mut attempts = 0;
    // Whether an attempt that was followed by another may have had its effect; never `Yes`.
    let mut before = Delivery::No;
    let mut renewed = false;
    loop {
        let failed = match prepare(&context, &chosen).await {
            Err(PrepareError::Token(error)) => {
                attempts += 1;
                let wait = error.retry_after();
                let outcome = error.is_retryable().then_some(Outcome::Unsent { wait });
                Failed {
                    error: error.with_retryable(outcome.is_some()),
                    outcome,
                    sent: Delivery::No,
                }
            }
            Err(PrepareError::Late(error)) => return Err(context.complete(error, before, attempts)),
            Ok(Ready { auth, place, left, _turn }) => {
                attempts += 1;
                made.store(attempts, Ordering::Relaxed);
                let limit = call
                    .options
                    .overrides()
                    .attempt_timeout
                    .unwrap_or(shared.settings.attempt_timeout);
                let limit = limit.min(left);
                match exchange(call, &url, &auth, place, limit, attempts).await {
                    Exchanged::Success(answer) => {
                        let mut budget = shared.limits.budget();
                        if !budget.is_full() {
                            budget.reward(shared.clock.instant());
                        }
                        return Ok(answer);
                    }
                    Exchanged::Failed(failed) => {
                        // A refused token says that nothing was done, whatever the operation. Once per call: a second
                        // refusal is not about age.
                        if failed.error.is_unauthorized()
                            && shared.auth.renew(&auth)
                            && !renewed
                            && call.payload.available()
                        {
                            renewed = true;
                            tracing::debug!("the token was refused; another one is tried");
                            continue;
                        }
                        failed
                    }
                }
            }
        };
        let Failed { error, outcome, sent: now_sent } = failed;
        let sent = before.max(now_sent);
        let undone = before == Delivery::No && says_undone(&error, shared.provider.unprocessed);
        let error = context.complete(error, sent, attempts).with_undone(undone);
        let Some(outcome) = outcome else { return Err(error) };
        let attempt = context.attempt(attempts);
        // An attempt before it that may have been carried out was followed by this one because that does no harm.
        let error = error.with_retryable(may_repeat(call.operation, &attempt, outcome));
        let now = shared.clock.instant();
        let decision = {
            let mut budget = shared.limits.budget();
            let decision = decide(call.operation, &attempt, outcome, &budget, now);
            if matches!(decision, Decision::Repeat { .. }) {
                budget.take(now);
            }
            decision
        };
        match decision {
            Decision::Repeat { after } => {
                let wait_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                tracing::info!(attempt = attempts, wait_ms, cause = %error, "the call is repeated");
                before = before.max(doubt(&attempt, outcome));
                shared.clock.sleep(after).await;
            }
            Decision::Return { why } => {
                let why = match why {
                    Why::NotRepeatable => "repeating it does not help or may do harm",
                    Why::BodyGone => "its body was a stream",
                    Why::Attempts => "no attempts are left",
                    Why::Budget => "the client's budget of repetitions is used up",
                    Why::WaitTooLong => "the server asks for too long a wait",
                    Why::Deadline => "the wait would end after the deadline",
                };
                tracing::debug!(attempt = attempts, why, cause = %error, "the call failed");
                return Err(error);
            }
        }
    }
}

/// Whether an attempt that is repeated may have had its effect. An answer is none any more: that of the last attempt counts.
fn doubt(attempt: &Attempt<'_>, outcome: Outcome) -> Delivery {
    match outcome {
        Outcome::Unsent { .. } => Delivery::No,
        Outcome::Status { status, .. } if attempt.unprocessed.contains(&status) => Delivery::No,
        Outcome::Broken | Outcome::Status { .. } => Delivery::Maybe,
    }
}

/// Whether an error is an answer by which nothing was done.
fn says_undone(error: &Error, unprocessed: &[u16]) -> bool {
    let Some(status) = error.status().map(|it| it.as_u16()) else { return false };
    match error.kind() {
        // A status of success that a flag in the body turns into a failure.
        Kind::Status => unprocessed.contains(&status) || !may_pass(status),
        // "Found" and "See Other" are also answers to what was done.
        kind => kind == Kind::Redirect && !matches!(status, 302 | 303),
    }
}

/// Why an attempt could not be made.
enum PrepareError {
    /// No token came.
    Token(Error),
    /// The gate or the turn would come after the deadline, or too late for the policy.
    Late(Error),
}

/// What an attempt needs before it is sent.
struct Ready<'a> {
    auth: RequestAuth,
    place: Place<'a>,
    /// The time until the deadline.
    left: Duration,
    /// Held until the attempt is over.
    _turn: Option<SemaphorePermit<'a>>,
}

/// Waits for the rate limit and for the turn, and gets the credentials.
async fn prepare<'a>(
    context: &CallContext<'a>,
    chosen: &Chosen,
) -> Result<Ready<'a>, PrepareError> {
    let shared = context.shared;
    let longest = context.policy.max_server_wait;
    let place = loop {
        let gate = shared.limits.pass(longest, &*shared.clock);
        let (text, wait) = match gate {
            Gate::Open(place) => break place,
            Gate::Shut(wait) => (
                "not sent: the rate limit is used up for longer than `max_server_wait` honours",
                wait,
            ),
            Gate::Wait(wait) if wait >= context.left() => (
                "not sent: the rate limit is used up for longer than the deadline allows to wait",
                wait,
            ),
            Gate::Wait(wait) => {
                let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::debug!(wait_ms, "waits for the rate limit");
                // A little longer, for clocks differ and waiting clients should not return as one.
                let more = Duration::from_millis(250).mul_f64(shared.clock.random());
                shared.clock.sleep(wait + more).await;
                continue;
            }
        };
        let error = Error::new(Kind::RateLimited, text)
            .with_retry_after(Some(wait))
            .with_rate_limit(shared.limits.state())
            .with_retryable(true);
        return Err(PrepareError::Late(error));
    };
    let late = |text: &'static str| {
        PrepareError::Late(Error::new(Kind::Timeout, text).with_retryable(true))
    };
    let auth = match chosen.fixed() {
        Some(auth) => auth.clone(),
        None => {
            let auth = Box::pin(shared.auth.request_auth(chosen, &shared.endpoint));
            let auth = context.in_time(auth).await;
            auth.ok_or_else(|| late("not sent: no token came before the deadline"))?
                .map_err(PrepareError::Token)?
        }
    };
    let turn = pin!(shared.limits.turn());
    let turn = context.in_time(turn).await.ok_or_else(|| {
        late("not sent: requests in flight, which the client limits, took until the deadline")
    })?;
    let left = context.left();
    if left.is_zero() {
        return Err(late("not sent: the deadline has passed"));
    }
    Ok(Ready { auth, place, left, _turn: turn })
}
