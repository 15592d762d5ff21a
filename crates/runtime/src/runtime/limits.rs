//! What bounds a client: requests in flight, the vendor's rate limit, and the budget of repetitions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::core::Settings;
use crate::RateLimit;

/// The bounds of a client and their state.
pub(crate) struct Limits {
    turns: Option<Semaphore>,
    rate: Mutex<Option<RateLimit>>,
    budget: Mutex<Budget>,
    waits: bool,
}

impl Limits {
    pub(crate) fn new(settings: &Settings) -> Self {
        let turns = |requests: usize| Semaphore::new(requests.min(Semaphore::MAX_PERMITS));
        Self {
            turns: settings.concurrency.map(turns),
            rate: Mutex::new(None),
            budget: Mutex::new(Budget::new(settings.retry.budget)),
            waits: settings.wait_for_rate_limit,
        }
    }

    /// Waits for one of the turns; `None` where there is no bound.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        match &self.turns {
            // The semaphore is never closed.
            Some(turns) => turns.acquire().await.ok(),
            None => None,
        }
    }

    /// The state of the rate limit after the last answer.
    pub(crate) fn state(&self) -> Option<RateLimit> {
        *lock(&self.rate)
    }

    /// Takes over what an answer said. One that says nothing but was not refused shows that the window is open again.
    pub(crate) fn note(&self, state: Option<RateLimit>) {
        let mut rate = lock(&self.rate);
        match state {
            Some(state) => *rate = Some(state),
            None => {
                rate.take_if(|last| last.is_exhausted());
            }
        }
    }

    /// The wait before the next request where the gate is on and the window is used up; else one call of the window is
    /// taken, so that calls at the same time do not all see the last one.
    pub(crate) fn pass(&self, now: SystemTime) -> Option<Duration> {
        if !self.waits {
            return None;
        }
        let mut rate = lock(&self.rate);
        let state = rate.as_mut()?;
        match state.remaining {
            Some(0) => match state.resets_in(now) {
                Some(wait) => Some(wait),
                None => {
                    // The window is over, or nobody knows when it ends: the next answer tells.
                    *rate = None;
                    None
                }
            },
            Some(left) => {
                state.remaining = Some(left - 1);
                None
            }
            None => None,
        }
    }

    pub(crate) fn budget(&self) -> MutexGuard<'_, Budget> {
        lock(&self.budget)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A token bucket of repetitions: many calls that fail at once must not become three times as many.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    tokens: f64,
    capacity: f64,
    filled_at: Option<Instant>,
}

/// Tokens that come back with each second and each call that succeeds.
const REFILL: f64 = 0.2;

impl Budget {
    pub(crate) fn new(capacity: u32) -> Self {
        let capacity = f64::from(capacity);
        Self { tokens: capacity, capacity, filled_at: None }
    }

    /// The tokens at a moment.
    pub(crate) fn tokens(&self, now: Instant) -> f64 {
        let since = self.filled_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.tokens + since.as_secs_f64() * REFILL).min(self.capacity)
    }

    pub(crate) fn take(&mut self, now: Instant) {
        self.tokens = (self.tokens(now) - 1.0).max(0.0);
        self.filled_at = Some(now);
    }

    pub(crate) fn reward(&mut self, now: Instant) {
        self.tokens = (self.tokens(now) + REFILL).min(self.capacity);
        self.filled_at = Some(now);
    }
}
