//! The sandbox's time: the system's, never twice the same, and movable by a test.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::functions::lock;

/// Milliseconds since the epoch.
#[derive(Debug, Default)]
pub(super) struct Clock {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ahead: i64,
    last: i64,
}

impl Clock {
    /// Later than any moment handed out before, so that the order of messages is never a draw.
    pub(super) fn tick(&self) -> i64 {
        let mut inner = lock(&self.inner);
        inner.last = (system() + inner.ahead).max(inner.last + 1);
        inner.last
    }

    pub(super) fn advance(&self, by: Duration) {
        lock(&self.inner).ahead += i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
    }
}

fn system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4)
}
