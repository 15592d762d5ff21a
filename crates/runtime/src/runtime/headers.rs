//! What the headers of an answer say: how long to wait, the rate limit, who the call was.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderName, StatusCode, header};
use url::Url;

use super::provider::{Provider, RateLimitHeaders, ResetUnit};
use crate::RateLimit;
use crate::timestamp::until_date;

/// Headers that belong to the connection and not to a call: with another value than the true one, a server would read
/// another message than was sent.
pub(crate) const FRAMING: [HeaderName; 9] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::HOST,
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The headers that every answer is asked for, as the provider names them. Each name is parsed once.
pub(crate) struct Names {
    limit: Option<HeaderName>,
    remaining: Option<HeaderName>,
    reset: Option<(HeaderName, ResetUnit)>,
    request_id: Vec<HeaderName>,
}

impl Names {
    pub(crate) fn of(provider: &Provider) -> Self {
        let parsed = |name: &str| HeaderName::from_bytes(name.as_bytes()).ok();
        let RateLimitHeaders { limit, remaining, reset } = provider.rate_limit;
        Self {
            limit: limit.and_then(parsed),
            remaining: remaining.and_then(parsed),
            reset: reset.and_then(|(name, unit)| Some((parsed(name)?, unit))),
            request_id: provider.request_id.iter().filter_map(|name| parsed(name)).collect(),
        }
    }
}

/// A header as text, trimmed; `None` where it is absent or empty.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// The wait of `Retry-After`: seconds, which some servers write with a fraction, seconds since 1970, or a date. Of several, as
/// a vendor and a proxy before it may each write one, the longest counts.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let until = |value: &str, unit| {
        let until = moment(number(value)?, unit, now)?;
        Some(until.duration_since(now).unwrap_or_default())
    };
    let wait =
        |value: &str| until(value, ResetUnit::SecondsLeft).or_else(|| until_date(value, now));
    longest(headers, "retry-after-ms", |value| until(value, ResetUnit::MillisecondsLeft))
        .or_else(|| longest(headers, "retry-after", wait))
}

/// The longest wait that the lines of a header name, whole or, where lines were joined, as a list.
fn longest(
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&str) -> Option<Duration>,
) -> Option<Duration> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    // A date has a comma of its own.
    let wait = |line: &str| {
        read(line.trim()).or_else(|| line.split(',').filter_map(|it| read(it.trim())).max())
    };
    lines.filter_map(wait).max()
}

/// The state of the rate limit; `None` where no header says anything.
pub(crate) fn rate_limit(names: &Names, headers: &HeaderMap, now: SystemTime) -> Option<RateLimit> {
    let count = |name: &Option<HeaderName>| {
        let value = number(text(headers, name.as_ref()?)?)?;
        Some(value as u64)
    };
    let moment = |(name, unit): &(HeaderName, _)| reset(text(headers, name)?, *unit, now);
    let state = RateLimit {
        limit: count(&names.limit),
        remaining: count(&names.remaining),
        resets_at: names.reset.as_ref().and_then(moment),
    };
    (state != RateLimit::default()).then_some(state)
}

/// The moment that a reset header names.
fn reset(value: &str, unit: ResetUnit, now: SystemTime) -> Option<SystemTime> {
    if unit == ResetUnit::HttpDate {
        return now.checked_add(until_date(value, now)?);
    }
    moment(number(value)?, unit, now)
}

/// The moment that a number names. Vendors change from a time that is left to a point in time, and from seconds to
/// milliseconds, without a word: a wait of thirty years is taken for a moment, and a moment before 2001 for a wait.
fn moment(number: f64, unit: ResetUnit, now: SystemTime) -> Option<SystemTime> {
    use ResetUnit::{MillisecondsLeft, SecondsLeft, UnixMilliseconds, UnixSeconds};
    const SECONDS: f64 = 1e9;
    const MILLISECONDS: f64 = 1e12;
    let left = |seconds| now.checked_add(seconds_of(seconds));
    let since = |seconds| UNIX_EPOCH.checked_add(seconds_of(seconds));
    match unit {
        SecondsLeft | UnixSeconds if number < SECONDS => left(number),
        MillisecondsLeft if number < MILLISECONDS => left(number / 1e3),
        UnixMilliseconds if number < SECONDS => left(number / 1e3),
        SecondsLeft | UnixSeconds | UnixMilliseconds
            if (SECONDS..100.0 * SECONDS).contains(&number) =>
        {
            since(number)
        }
        _ if number < 100.0 * MILLISECONDS => since(number / 1e3),
        _ => left(number),
    }
}

/// A number that is neither negative nor absurd.
fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

/// A duration of at most some thousand years, so that no sum overflows.
fn seconds_of(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(0.0, 1e11))
}

/// The vendor's identifier of the call.
pub(crate) fn request_id(names: &Names, headers: &HeaderMap) -> Option<String> {
    names.request_id.iter().find_map(|name| text(headers, name)).map(str::to_owned)
}

/// Where a redirect of a request to `sent_to` leads.
pub(crate) fn location(headers: &HeaderMap, sent_to: &Url) -> Option<Url> {
    let target = std::str::from_utf8(headers.get("location")?.as_bytes()).ok()?.trim();
    let mut base = sent_to.clone();
    // A credential may stand in the query, and a target that is only a fragment would inherit it.
    base.set_query(None);
    base.join(target).ok()
}

/// Names where a redirect points, by its origin alone: the rest of the URL may hold what must not print.
pub(crate) fn redirect_text(base: &Url, status: StatusCode, headers: &HeaderMap) -> String {
    let target = text(headers, "location");
    let target = target.and_then(|target| base.join(target).ok());
    let target = match target {
        Some(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Some(_) | None => "nowhere that can be named".to_owned(),
    };
    format!("the server answered {} and points to {target}, which is not followed", status.as_u16())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Names, rate_limit, retry_after};
    use crate::runtime::ResetUnit;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut map = HeaderMap::new();
        pairs.iter().map(pair).for_each(|(name, value)| {
            map.append(name, value);
        });
        map
    }

    #[test]
    fn retry_after_reads_seconds_and_dates() {
        // 2015-10-21T07:28:00Z.
        let now = UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        let cases = [
            ("7", Some(7_000)),
            ("0.5", Some(500)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30_000)),
            ("Wednesday, 21-Oct-15 07:28:30 GMT", Some(30_000)),
            ("Wed Oct 21 07:28:30 2015", Some(30_000)),
            ("Sun Nov  1 07:28:00 2015", Some(950_400_000)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(251_956_888_319_000)),
            ("Fri Dec 31 23:59:59 9999", Some(251_956_888_319_000)),
            ("2015-10-21T07:29:00Z", Some(60_000)),
            ("Wed, 21 Oct 2015 07:28:60 GMT", Some(59_000)),
            ("Wednesday, 21-Oct-15 07:28:60 GMT", Some(59_000)),
            ("Wed Oct 21 07:28:60 2015", Some(59_000)),
            ("Wed, 21 Oct 2015 07:28:30 +0000", Some(30_000)),
            ("1e1", Some(10_000)),
            // A point in time, in seconds and in milliseconds.
            ("1445412510", Some(30_000)),
            ("1445412510000", Some(30_000)),
            ("1445412450", Some(0)),
            ("NaN", None),
            ("inf", None),
            ("0x10", None),
            ("-3", None),
            ("-0.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", Some(100_000_000_000_000)),
        ];
        for (text, milliseconds) in cases {
            let waits = retry_after(&headers(&[("retry-after", text)]), now);
            assert_eq!(waits, milliseconds.map(Duration::from_millis), "{text}");
        }
        // Several at once: the client stays away for the longest.
        let several: [(&[_], Option<u64>); 9] = [
            (&[("retry-after", "3"), ("retry-after", "7")], Some(7_000)),
            (&[("retry-after", "soon"), ("retry-after", "7")], Some(7_000)),
            (
                &[("retry-after", "7"), ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")],
                Some(30_000),
            ),
            (&[("retry-after", "3, 7")], Some(7_000)),
            (&[("retry-after", "-3, x")], None),
            (&[("retry-after", "3"), ("retry-after-ms", "1500")], Some(1_500)),
            (&[("retry-after", "3"), ("retry-after-ms", "1500.5")], Some(1_500)),
            (&[("retry-after", "3"), ("retry-after-ms", "-1")], Some(3_000)),
            (&[("retry-after-ms", "1445412510000")], Some(30_000)),
        ];
        for (pairs, milliseconds) in several {
            let waits = retry_after(&headers(pairs), now).map(|it| it.as_millis() as u64);
            assert_eq!(waits, milliseconds, "{pairs:?}");
        }
    }

    #[test]
    fn resets_read_in_their_own_unit() {
        // 2015-10-21T07:28:00Z.
        let now = UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        let cases = [
            (ResetUnit::SecondsLeft, "30"),
            (ResetUnit::MillisecondsLeft, "30000"),
            (ResetUnit::UnixSeconds, "1445412510"),
            (ResetUnit::UnixMilliseconds, "1445412510000"),
            (ResetUnit::HttpDate, "Wed, 21 Oct 2015 07:28:30 GMT"),
            // In another one than the vendor's documentation says.
            (ResetUnit::SecondsLeft, "1445412510"),
            (ResetUnit::SecondsLeft, "1445412510000"),
            (ResetUnit::MillisecondsLeft, "1445412510000"),
            (ResetUnit::UnixSeconds, "30"),
            (ResetUnit::UnixSeconds, "1445412510000"),
            (ResetUnit::UnixMilliseconds, "1445412510"),
            (ResetUnit::UnixMilliseconds, "30000"),
        ];
        for (unit, text) in cases {
            let name = HeaderName::from_static;
            let (remaining, reset) = (Some(name("left")), Some((name("reset"), unit)));
            let names = Names { limit: None, remaining, reset, request_id: Vec::new() };
            let state = rate_limit(&names, &headers(&[("reset", text), ("left", "0")]), now);
            let state = state.unwrap_or_default();
            assert_eq!(state.resets_in(now), Some(Duration::from_secs(30)), "{unit:?} {text}");
            assert!(state.is_exhausted());
            assert_eq!(rate_limit(&names, &HeaderMap::new(), now), None);
        }
    }
}
