//! What bounds a client: requests in flight, the vendor's rate limit, and the budget of repetitions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::clock::Clock;
use super::settings::Settings;
use crate::RateLimit;

/// The bounds of a client and their state.
pub(crate) struct Limits {
    turns: Option<Semaphore>,
    window: Mutex<Window>,
    budget: Mutex<Budget>,
    waits: bool,
}

/// The rate limit as the last answer left it.
#[derive(Default)]
struct Window {
    state: Option<RateLimit>,
    /// When the answer came, by the clock that is never set: the other one measures the wait.
    noted_at: Option<Instant>,
    /// How many answers have said something. A place is given back only to the count from which it was taken.
    number: u64,
}

/// What the gate says of a call.
pub(crate) enum Gate<'l> {
    /// It may be sent.
    Open(Place<'l>),
    /// It has to wait for the next window.
    Wait(Duration),
    /// The next window is farther away than any wait that is honoured.
    Shut(Duration),
}

/// One call of the window. Dropped before the call was sent, it goes back.
pub(crate) struct Place<'l> {
    limits: &'l Limits,
    /// The window that it was taken from; `None` where nothing is counted.
    window: Option<u64>,
}

impl Place<'_> {
    /// The call was sent: the place is used up.
    pub(crate) fn spend(&mut self) {
        self.window = None;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(number) = self.window else { return };
        let mut window = lock(&self.limits.window);
        if window.number == number
            && let Some(RateLimit { remaining: Some(left), .. }) = &mut window.state
        {
            *left += 1;
        }
    }
}

impl Limits {
    pub(crate) fn new(settings: &Settings) -> Self {
        let turns = |requests: usize| Semaphore::new(requests.min(Semaphore::MAX_PERMITS));
        Self {
            turns: settings.concurrency.map(turns),
            window: Mutex::default(),
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
        lock(&self.window).state
    }

    /// Takes over what an answer said, and when it came. One that says nothing but was not refused shows that the window is open again.
    pub(crate) fn note(&self, said: Option<(RateLimit, Instant)>) {
        let mut window = lock(&self.window);
        match said {
            Some((state, now)) => {
                let number = window.number.wrapping_add(1);
                *window = Window { state: Some(state), noted_at: Some(now), number };
            }
            None => {
                window.state.take_if(|last| last.is_exhausted());
            }
        }
    }

    /// Whether a call may be sent, where the gate is on. It takes a call of the window, so that calls at the same time do
    /// not all see the last one. A server may name any wait, by mistake too: one beyond `longest` is not begun, and after
    /// that time the gate is open again, so that the next answer shows what is true.
    pub(crate) fn pass(&self, longest: Duration, clock: &dyn Clock) -> Gate<'_> {
        let free = Place { limits: self, window: None };
        if !self.waits {
            return Gate::Open(free);
        }
        let mut window = lock(&self.window);
        let Window { state, noted_at, number } = &mut *window;
        let Some(RateLimit { remaining: Some(left), .. }) = state else { return Gate::Open(free) };
        if let Some(rest) = left.checked_sub(1) {
            *left = rest;
            return Gate::Open(Place { limits: self, window: Some(*number) });
        }
        let wait = state.as_ref().and_then(|state| state.resets_in(clock.now()));
        let age =
            noted_at.map_or(Duration::MAX, |at| clock.instant().saturating_duration_since(at));
        match wait {
            Some(wait) if wait <= longest => Gate::Wait(wait),
            Some(wait) if age < longest => Gate::Shut(wait),
            // The window is over, or nobody knows when it ends: the next answer says.
            Some(_) | None => {
                *state = None;
                Gate::Open(free)
            }
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

    /// Whether a success adds nothing.
    pub(crate) fn is_full(&self) -> bool {
        self.tokens >= self.capacity
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
