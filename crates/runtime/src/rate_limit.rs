//! The state of a vendor's rate limit, in one form for all vendors.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::Timestamp;

/// What a vendor said about its rate limit: each part is absent where the vendor did not say it.
///
/// ```
/// use conversations::RateLimit;
///
/// let state = RateLimit::default();
/// assert_eq!(state.remaining, None);
/// assert!(!state.is_exhausted());
/// assert_eq!(state.to_string(), "the vendor did not say how many calls are left");
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

/// In words, such as `42 of 100 calls left until 2026-11-20T12:00:00Z`.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.remaining, self.limit) {
            (Some(remaining), Some(limit)) => write!(f, "{remaining} of {limit} calls left")?,
            (Some(remaining), None) => write!(f, "{remaining} calls left")?,
            (None, Some(limit)) => write!(f, "at most {limit} calls")?,
            (None, None) => f.write_str("the vendor did not say how many calls are left")?,
        }
        match self.resets_at {
            Some(at) => write!(f, " until {}", Timestamp::from(at)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::RateLimit;

    #[test]
    fn a_limit_is_said_in_words() {
        let at = UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        let cases = [
            (Some(100), Some(42), Some(at), "42 of 100 calls left until 2015-10-21T07:28:00Z"),
            (Some(100), Some(0), None, "0 of 100 calls left"),
            (None, Some(7), None, "7 calls left"),
            (Some(100), None, None, "at most 100 calls"),
        ];
        for (limit, remaining, resets_at, said) in cases {
            assert_eq!(RateLimit { limit, remaining, resets_at }.to_string(), said);
        }
    }
}
