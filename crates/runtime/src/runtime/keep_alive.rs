//! Calls that must be repeated for their effect to last.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::call::Call;
use super::pace::{backoff, jittered, spaced};
use crate::error::Kind;
use crate::{Error, KeepAliveRule, Operation};

/// Repeats a call until it is dropped, at the period that the vendor advises, so that the call's effect lasts.
///
/// It runs as a task of the tokio runtime. It slows down, within the time in which the effect lasts, where the rate limit
/// leaves too little for other calls, and goes on after failures, more and more slowly. Where a server asks for a wait, it
/// waits for that long but for an hour at most; the state says how long was asked for
/// ([`Error::retry_after`](crate::Error::retry_after)).
///
/// ```no_run
/// # async fn example(mut presence: conversations::KeepAlive) {
/// if let conversations::KeepAliveState::Failing { error, .. } = presence.changed().await {
///     eprintln!("not seen as online: {error}");
/// }
/// drop(presence); // The effect lapses after the vendor's time.
/// # }
/// ```
#[must_use = "it stops when it is dropped"]
pub struct KeepAlive {
    pub(crate) state: watch::Receiver<KeepAliveState>,
    task: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for KeepAlive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeepAlive").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// The state of a [`KeepAlive`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeepAliveState {
    /// No call has been answered yet.
    Starting,
    /// The last call succeeded.
    #[non_exhaustive]
    Alive {
        /// How many calls have succeeded.
        calls: u64,
        /// When the effect is gone unless another call succeeds.
        lapses_at: SystemTime,
    },
    /// The last call failed; others follow.
    #[non_exhaustive]
    Failing {
        /// How many calls have failed in a row.
        failures: u32,
        /// Why the last one failed.
        error: Arc<Error>,
        /// When the effect is gone; `None` where no call has succeeded.
        lapses_at: Option<SystemTime>,
    },
    /// No call follows: the request itself is refused before sending, or there is no tokio runtime, or the one in which
    /// the calls were made has ended.
    #[non_exhaustive]
    Stopped {
        /// Why.
        error: Arc<Error>,
    },
}

impl KeepAliveState {
    /// When the effect of the last call that succeeded is gone.
    #[must_use]
    pub fn lapses_at(&self) -> Option<SystemTime> {
        match self {
            Self::Alive { lapses_at, .. } => Some(*lapses_at),
            Self::Failing { lapses_at, .. } => *lapses_at,
            Self::Starting | Self::Stopped { .. } => None,
        }
    }
}

impl KeepAlive {
    /// The state now.
    #[must_use]
    pub fn state(&self) -> KeepAliveState {
        self.state.borrow().clone()
    }

    /// Waits for the next change of the state and returns it. [`Stopped`](KeepAliveState::Stopped) is the last change: it
    /// is returned once, and a later call waits without end, so that a loop around it does not spin.
    pub async fn changed(&mut self) -> KeepAliveState {
        if self.state.changed().await.is_err() {
            // The task has ended, and its last state has been returned.
            std::future::pending::<()>().await;
        }
        self.state.borrow_and_update().clone()
    }

    /// Stops, as dropping does.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for KeepAlive {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Starts repeating a call that declares how often.
pub fn start(call: Result<Call, Error>) -> KeepAlive {
    let prepared = call.and_then(|call| {
        let operation = call.operation;
        let refuse = |text| Error::new(Kind::InvalidRequest, text).with_operation(operation);
        let rule = operation.keep_alive();
        let rule = rule.ok_or_else(|| refuse("not sent: the operation declares no period"))?;
        let runtime = tokio::runtime::Handle::try_current();
        let runtime = runtime.map_err(|_| {
            refuse("not sent: no tokio runtime runs here, in which the call could be repeated")
        })?;
        Ok((call, *rule, runtime))
    });
    match prepared {
        Ok((call, rule, runtime)) => {
            let (sender, state) = watch::channel(KeepAliveState::Starting);
            let report = Report { sender, operation: call.operation };
            let task = runtime.spawn(run(call, rule, report));
            KeepAlive { state, task: Some(task) }
        }
        Err(error) => {
            let stopped = KeepAliveState::Stopped { error: Arc::new(error) };
            let (_, mut state) = watch::channel(stopped);
            state.mark_changed();
            KeepAlive { state, task: None }
        }
    }
}

/// Reports the state of the task, and, when the task is dropped, that it has ended: a runtime that shuts down drops its
/// tasks, and a state that stayed "alive" would be believed for ever.
struct Report {
    sender: watch::Sender<KeepAliveState>,
    operation: &'static Operation,
}

impl Report {
    fn send(&self, state: KeepAliveState) {
        self.sender.send_replace(state);
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let operation = self.operation;
        self.sender.send_if_modified(|state| {
            if matches!(state, KeepAliveState::Stopped { .. }) {
                return false;
            }
            let text = "no call follows: the tokio runtime in which the call was repeated has ended; start it again in \
                        one that runs";
            let error = Error::configuration(text).with_operation(operation);
            *state = KeepAliveState::Stopped { error: Arc::new(error) };
            true
        });
    }
}

async fn run(call: Call, rule: KeepAliveRule, report: Report) {
    let clock = call.core.shared.clock.clone();
    let period = Duration::from_secs(u64::from(rule.period_seconds.max(1)));
    let lapses = Duration::from_secs(u64::from(rule.lapses_seconds)).max(period);
    let mut calls = 0;
    let mut failures = 0_u32;
    let mut lapses_at = None;
    loop {
        let mut beat = call.clone();
        // A call that takes longer than a period has been overtaken by the next one.
        let deadline =
            beat.options.overrides().deadline.unwrap_or(beat.core.shared.settings.deadline);
        beat.options.overrides_mut().deadline = Some(deadline.min(period));
        let begun = clock.now();
        let wait = match beat.send().await {
            Ok(answer) => {
                calls += 1;
                failures = 0;
                let until = begun + lapses;
                lapses_at = Some(until);
                let limit = answer.meta.rate_limit.or(call.core.rate_limit());
                report.send(KeepAliveState::Alive { calls, lapses_at: until });
                after_success(period, lapses, limit, begun, clock.random())
            }
            Err(error) if error.is_invalid_request() || error.is_configuration() => {
                report.send(KeepAliveState::Stopped { error: Arc::new(error) });
                return;
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                // What the server refuses for good is asked for rarely; it may have been mended.
                let mended = !error.is_rate_limited()
                    && error.status().is_some_and(|status| status.is_client_error());
                let most = if mended { period.saturating_mul(10) } else { period };
                let wait = backoff(failures, error.retry_after(), most, clock.random());
                let error = Arc::new(error);
                report.send(KeepAliveState::Failing { failures, error, lapses_at });
                wait
            }
        };
        clock.sleep(wait).await;
    }
}

/// The wait after a call that succeeded: the period, stretched where the rate limit is tight, but so that the effect
/// lasts until the next call and a second try.
fn after_success(
    period: Duration,
    lapses: Duration,
    limit: Option<crate::RateLimit>,
    now: SystemTime,
    random: f64,
) -> Duration {
    let longest = lapses.mul_f64(0.8).max(period);
    jittered(spaced(period, limit, now).min(longest), random)
}
