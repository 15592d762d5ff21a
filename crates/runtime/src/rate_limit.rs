//! The state of a vendor's rate limit, in one form for all vendors.

use std::time::{Duration, SystemTime};

/// What a vendor said about its rate limit: each part is absent where the vendor did not say it.
///
/// ```
/// use conversations::RateLimit;
///
/// let state = RateLimit::default();
/// assert_eq!(state.remaining, None);
/// assert!(!state.is_exhausted());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Calls per window.
    pub limit: Option<u64>,
    /// Calls left in the window.
    pub remaining: Option<u64>,
    /// When the window starts anew, by the clock of this machine.
    pub resets_at: Option<SystemTime>,
}

impl RateLimit {
    /// Whether no call is left in the window.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.remaining == Some(0)
    }

    /// The time from `now` until the window starts anew; `None` where the vendor did not say or the moment has passed.
    #[must_use]
    pub fn resets_in(&self, now: SystemTime) -> Option<Duration> {
        self.resets_at.and_then(|at| at.duration_since(now).ok()).filter(|left| !left.is_zero())
    }
}
