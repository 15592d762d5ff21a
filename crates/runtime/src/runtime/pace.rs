//! How fast to repeat: within the rate limit, slower while nothing happens or all fails. No clock, no network.

use std::time::{Duration, SystemTime};

use crate::RateLimit;

/// The longest that anything which repeats by itself waits, whatever a server asks for: as long as the longest common
/// window of a rate limit. A mistaken header (a year, milliseconds read as seconds) must not end a stream in silence.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// A wait of up to a tenth less, so that many clients do not act as one.
pub(crate) fn jittered(wait: Duration, random: f64) -> Duration {
    wait.mul_f64(1.0 - 0.1 * random.clamp(0.0, 1.0))
}

/// The wait after this many failures in a row: doubling from one second up to `most`, with full jitter in its upper half;
/// never less than what the server asks for, and never more than [`LONGEST_WAIT`].
pub(crate) fn backoff(
    failures: u32,
    asked: Option<Duration>,
    most: Duration,
    random: f64,
) -> Duration {
    let doubled = Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(failures.min(20)));
    let wait = (doubled / 2).min(most).mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0));
    wait.max(asked.unwrap_or_default()).min(LONGEST_WAIT)
}

/// The interval that a caller may ask for: a vendor is not asked more often than each second, and a server on this machine
/// not without a pause.
pub(crate) fn at_least(interval: Duration, on_this_machine: bool) -> Duration {
    interval.max(Duration::from_millis(if on_this_machine { 10 } else { 1_000 }))
}

/// The wait between two polls of which the last `idle` brought nothing: doubling up to six times the wished one.
pub(crate) fn idle(wished: Duration, idle: u32) -> Duration {
    let times = 2_u32.saturating_pow(idle.min(10)).min(6);
    wished.saturating_mul(times)
}

/// The wait that leaves half of what remains in the window to the client's other calls. At least `wished`, and not
/// bounded: callers distinguish a long wait from a bounded one. `None` for the rate limit changes nothing.
pub(crate) fn spaced(wished: Duration, state: Option<RateLimit>, now: SystemTime) -> Duration {
    let Some(left) = state.and_then(|state| state.resets_in(now)) else { return wished };
    match state.and_then(|state| state.remaining) {
        Some(0) => wished.max(left),
        Some(calls) => {
            let share = u32::try_from(calls.div_ceil(2)).unwrap_or(u32::MAX);
            wished.max(left / share)
        }
        None => wished,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{at_least, backoff, idle, spaced};
    use crate::RateLimit;

    #[test]
    fn polls_share_the_window_with_other_calls() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let minute = Duration::from_secs(60);
        // Calls that remain, seconds to the reset, and the wait that follows.
        let cases = [
            (100, 3_600, 72),
            (90, 3_600, 80),
            (10, 3_600, 720),
            (0, 3_600, 3_600),
            (1_000, 3_600, 60),
            (1, 5, 60),
        ];
        for (remaining, seconds, expected) in cases {
            let state = RateLimit {
                limit: Some(100),
                remaining: Some(remaining),
                resets_at: Some(now + Duration::from_secs(seconds)),
            };
            let wait = spaced(minute, Some(state), now);
            assert_eq!(wait, Duration::from_secs(expected), "{remaining} in {seconds} s");
        }
        assert_eq!(spaced(minute, None, now), minute);
    }

    #[test]
    fn waits_grow_to_their_bounds() {
        let most = Duration::from_secs(60);
        let waits: Vec<_> = (1..9).map(|n| backoff(n, None, most, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        for (asked, expected) in [(90, 90), (99_999_999_999, 3_600), (31_536_000, 3_600)] {
            let asked = Some(Duration::from_secs(asked));
            assert_eq!(backoff(1, asked, most, 0.0), Duration::from_secs(expected), "{asked:?}");
        }
        for (asked, here, expected) in
            [(0, true, 10), (50, true, 50), (50, false, 1_000), (7_000, false, 7_000)]
        {
            let interval = at_least(Duration::from_millis(asked), here);
            assert_eq!(interval, Duration::from_millis(expected), "{asked} {here}");
        }
        let polls: Vec<_> = (0..5).map(|n| idle(Duration::from_secs(5), n).as_secs()).collect();
        assert_eq!(polls, [5, 10, 20, 30, 30]);
    }
}
