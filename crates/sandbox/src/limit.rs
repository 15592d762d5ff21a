//! Rate limits: the count, and the headers that carry it in the vendor's units.

use conversations_runtime::runtime::{RateLimitHeaders, ResetUnit};

use super::script::Window;

/// Shown where neither the script nor the user of the sandbox says a number.
const SHOWN: Window = Window { limit: 1000, seconds: 3600 };

/// Calls in the running window.
#[derive(Debug)]
pub(super) struct Bucket {
    window: Window,
    /// The vendor's number is only shown; it would end a long test for no reason. A number that
    /// the user of the sandbox asked for is meant.
    enforced: bool,
    started: Option<i64>,
    used: u64,
}

impl Bucket {
    pub(super) fn new(asked: Option<Window>, declared: Option<Window>) -> Self {
        Self {
            window: asked.or(declared).unwrap_or(SHOWN),
            enforced: asked.is_some(),
            started: None,
            used: 0,
        }
    }

    fn ends(&self, now: i64) -> i64 {
        self.started.unwrap_or(now)
            + i64::try_from(self.window.seconds).unwrap_or(i64::MAX / 2000) * 1000
    }

    /// Counts a call; false when none is left.
    pub(super) fn take(&mut self, now: i64) -> bool {
        let over = self.started.is_none() || now >= self.ends(now);
        let spent = self.used >= self.window.limit;
        if over || (spent && !self.enforced) {
            self.started = Some(now);
            self.used = 0;
        } else if spent {
            return false;
        }
        if self.window.limit == 0 && self.enforced {
            return false;
        }
        self.used += 1;
        true
    }

    pub(super) fn seconds_left(&self, now: i64) -> i64 {
        let left = (self.ends(now) - now).max(0);
        (left + 999) / 1000
    }
}

/// The headers that carry the count, in the vendor's units.
pub(super) fn headers(
    names: RateLimitHeaders,
    bucket: &Bucket,
    now: i64,
) -> Vec<(&'static str, String)> {
    let (window, left) = (bucket.window, bucket.window.limit.saturating_sub(bucket.used));
    let limit = names.limit().map(|it| (it, window.limit.to_string()));
    let remaining = names.remaining().map(|it| (it, left.to_string()));
    let reset = names.reset().map(|(name, unit)| (name, reset(unit, bucket.ends(now), now)));
    [limit, remaining, reset].into_iter().flatten().collect()
}

fn reset(unit: ResetUnit, ends: i64, now: i64) -> String {
    let left = (ends - now).max(0);
    match unit {
        ResetUnit::MillisecondsLeft => left.to_string(),
        ResetUnit::UnixSeconds => ((ends + 999) / 1000).to_string(),
        ResetUnit::UnixMilliseconds => ends.to_string(),
        ResetUnit::HttpDate => jiff::Timestamp::from_millisecond(ends)
            .map(|it| it.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
            .unwrap_or_default(),
        _ => ((left + 999) / 1000).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, ResetUnit, reset};
    use crate::script::Window;

    #[test]
    fn an_asked_limit_ends_and_comes_back() {
        let mut bucket = Bucket::new(Some(Window { limit: 2, seconds: 10 }), None);
        assert_eq!([bucket.take(0), bucket.take(1), bucket.take(2)], [true, true, false]);
        assert_eq!(bucket.seconds_left(2), 10);
        assert!(bucket.take(10_000));
    }

    #[test]
    fn a_declared_limit_is_shown_only() {
        let mut bucket = Bucket::new(None, Some(Window { limit: 1, seconds: 10 }));
        assert_eq!([bucket.take(0), bucket.take(1), bucket.take(2)], [true, true, true]);
    }

    #[test]
    fn resets_are_in_the_vendors_unit() {
        assert_eq!(reset(ResetUnit::SecondsLeft, 5_500, 1_000), "5");
        assert_eq!(reset(ResetUnit::MillisecondsLeft, 5_500, 1_000), "4500");
        assert_eq!(reset(ResetUnit::UnixSeconds, 5_500, 1_000), "6");
        assert_eq!(reset(ResetUnit::UnixMilliseconds, 5_500, 1_000), "5500");
        assert_eq!(reset(ResetUnit::HttpDate, 0, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
