//! Rate limits: the count, and the headers that carry it in the vendor's units.

use serde_json::Value as Json;

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

/// Names and units of the headers, from `provider.yaml`.
#[derive(Debug)]
pub(super) struct LimitHeaders {
    limit: Option<String>,
    remaining: Option<String>,
    reset: Option<(String, String)>,
}

impl LimitHeaders {
    pub(super) fn read(config: &Json) -> Option<Self> {
        let text = |it: &Json, key: &str| it.get(key).and_then(Json::as_str).map(str::to_owned);
        let reset = config.get("reset").and_then(|it| {
            let header = it.as_str().map(str::to_owned).or_else(|| text(it, "header"))?;
            Some((header, text(it, "unit").unwrap_or_else(|| "seconds-left".to_owned())))
        });
        Some(Self { limit: text(config, "limit"), remaining: text(config, "remaining"), reset })
    }

    pub(super) fn of(&self, bucket: &Bucket, now: i64) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if let Some(name) = &self.limit {
            headers.push((name.clone(), bucket.window.limit.to_string()));
        }
        if let Some(name) = &self.remaining {
            headers
                .push((name.clone(), bucket.window.limit.saturating_sub(bucket.used).to_string()));
        }
        if let Some((name, unit)) = &self.reset {
            headers.push((name.clone(), reset(unit, bucket.ends(now), now)));
        }
        headers
    }
}

fn reset(unit: &str, ends: i64, now: i64) -> String {
    let left = (ends - now).max(0);
    match unit {
        "milliseconds-left" => left.to_string(),
        "unix-seconds" => ((ends + 999) / 1000).to_string(),
        "unix-milliseconds" => ends.to_string(),
        "http-date" => jiff::Timestamp::from_millisecond(ends)
            .map(|it| it.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
            .unwrap_or_default(),
        _ => ((left + 999) / 1000).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, reset};
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
    fn resets_are_told_in_the_vendors_unit() {
        assert_eq!(reset("seconds-left", 5_500, 1_000), "5");
        assert_eq!(reset("milliseconds-left", 5_500, 1_000), "4500");
        assert_eq!(reset("unix-seconds", 5_500, 1_000), "6");
        assert_eq!(reset("unix-milliseconds", 5_500, 1_000), "5500");
        assert_eq!(reset("http-date", 0, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
