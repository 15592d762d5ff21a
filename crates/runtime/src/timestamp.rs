//! Moments, in whichever spelling a vendor sends them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

mod conversions;

/// A moment. It reads RFC 3339, `YYYY-MM-DD HH:MM:SS` (taken as UTC, and with a time zone as RFC 3339, `UTC` or `+0200` write
/// it), RFC 2822, and numbers of seconds, milliseconds, microseconds or nanoseconds since 1970, and writes back what it read, in
/// the same spelling. Fractions of a second count to the ninth digit. Made from a [`SystemTime`] it is written as RFC 3339.
///
/// Comparison, equality and hash concern the moment, not the spelling.
///
/// ```
/// use conversations::Timestamp;
///
/// let text: Timestamp = "2024-05-01 10:00:00".parse()?;
/// let number: Timestamp = serde_json::from_str("1714557600000")?;
/// assert_eq!(text, number);
/// assert_eq!(text.to_string(), "2024-05-01T10:00:00Z");
/// assert_eq!(serde_json::to_string(&text)?, "\"2024-05-01 10:00:00\"");
/// assert_eq!(number.unix_seconds(), 1_714_557_600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Timestamp {
    moment: jiff::Timestamp,
    spelling: Spelling,
}

/// How the moment was written.
#[derive(Debug, Clone)]
enum Spelling {
    Made,
    Text(Box<str>),
    Number(serde_json::Number),
}

/// A text or number that names no moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseTimestampError;

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names no moment: expected RFC 3339, `YYYY-MM-DD HH:MM:SS`, RFC 2822, or seconds, milliseconds, microseconds or nanoseconds since 1970")
    }
}

impl std::error::Error for ParseTimestampError {}

/// Nanoseconds in the unit that a number counts since 1970; `None` where it names no moment. Each unit begins where the one
/// before would lie beyond what it is used for, which is in the first years after 1970 of its own.
fn unit(number: f64) -> Option<i64> {
    /// As seconds this would be the year 5138.
    const MILLISECONDS: f64 = 1e11;
    /// As milliseconds this would be the year 10000.
    const MICROSECONDS: f64 = 253_402_300_800e3;
    /// As microseconds this would be the year 10000.
    const NANOSECONDS: f64 = 253_402_300_800e6;
    /// The year 2200: no clock is meant beyond it.
    const END: f64 = 7_258_118_400e9;
    match number.abs() {
        number if number < MILLISECONDS => Some(1_000_000_000),
        number if number < MICROSECONDS => Some(1_000_000),
        number if number < NANOSECONDS => Some(1_000),
        number if number < END => Some(1),
        _ => None,
    }
}

impl Timestamp {
    /// The moment now, by the clock of this machine.
    #[must_use]
    pub fn now() -> Self {
        Self { moment: jiff::Timestamp::now(), spelling: Spelling::Made }
    }

    /// The moment this many milliseconds after 1970, written as a number of milliseconds.
    ///
    /// # Errors
    /// Where the moment lies outside the years -9999 to 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Result<Self, ParseTimestampError> {
        let moment =
            jiff::Timestamp::from_millisecond(milliseconds).map_err(|_| ParseTimestampError)?;
        Ok(Self { moment, spelling: Spelling::Number(milliseconds.into()) })
    }

    /// The moment this many seconds after 1970, written as a number of seconds.
    ///
    /// # Errors
    /// Where the moment lies outside the years -9999 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, ParseTimestampError> {
        let moment = jiff::Timestamp::from_second(seconds).map_err(|_| ParseTimestampError)?;
        Ok(Self { moment, spelling: Spelling::Number(seconds.into()) })
    }

    /// Whole seconds since 1970, negative before.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.moment.as_second()
    }

    /// Whole milliseconds since 1970, negative before.
    #[must_use]
    pub fn unix_milliseconds(&self) -> i64 {
        self.moment.as_millisecond()
    }

    /// The moment as the standard library has it.
    #[must_use]
    pub fn to_system_time(&self) -> SystemTime {
        SystemTime::from(self.moment)
    }

    /// The moment so much earlier, in the same spelling where that has a form of its own, as JSON.
    pub(crate) fn earlier(&self, by: Duration) -> serde_json::Value {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let less = |number: &serde_json::Number| {
            let unit = number.as_f64().and_then(unit).unwrap_or(1);
            let step = i128::from(milliseconds) * 1_000_000 / i128::from(unit);
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => serde_json::Value::from(whole.saturating_sub(step)),
                (None, Some(float)) => serde_json::Value::from(float - step as f64),
                (None, None) => serde_json::Value::Null,
            }
        };
        self.moved(less, milliseconds.saturating_neg())
    }

    /// The next moment later (1) or earlier (-1) that the spelling has a form for, as JSON: of whole numbers the next one,
    /// else a millisecond away.
    pub(crate) fn step(&self, by: i64) -> serde_json::Value {
        let next = |number: &serde_json::Number| match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => serde_json::Value::from(whole.saturating_add(by)),
            (None, Some(float)) => {
                serde_json::Value::from(((float * 1e3).round() + by as f64) / 1e3)
            }
            (None, None) => serde_json::Value::Null,
        };
        let whole_seconds =
            matches!(&self.spelling, Spelling::Text(text) if is_whole_seconds(text));
        self.moved(next, if whole_seconds { by.saturating_mul(1_000) } else { by })
    }

    /// Another moment in the same spelling: numbers as `number` says, others so many milliseconds later.
    fn moved(
        &self,
        number: impl Fn(&serde_json::Number) -> serde_json::Value,
        milliseconds: i64,
    ) -> serde_json::Value {
        let moment = self.moment.as_millisecond().saturating_add(milliseconds);
        let moment = jiff::Timestamp::from_millisecond(moment).unwrap_or(jiff::Timestamp::MIN);
        match &self.spelling {
            Spelling::Number(own) => number(own),
            Spelling::Text(text) => match serde_json::from_str::<serde_json::Number>(text) {
                Ok(own) => serde_json::Value::from(number(&own).to_string()),
                Err(_) if is_whole_seconds(text) => {
                    moment.strftime("%Y-%m-%d %H:%M:%S").to_string().into()
                }
                Err(_) => moment.to_string().into(),
            },
            Spelling::Made => moment.to_string().into(),
        }
    }

    fn from_number(number: serde_json::Number) -> Result<Self, ParseTimestampError> {
        let unit = number.as_f64().and_then(unit).ok_or(ParseTimestampError)?;
        let (whole, unit) = match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => (whole, unit),
            // To the microsecond, beyond which a double says nothing.
            (None, Some(float)) => ((float * (unit as f64 / 1e3)).round() as i64, 1_000),
            (None, None) => return Err(ParseTimestampError),
        };
        let per_second = 1_000_000_000 / unit;
        let rest = i32::try_from(whole.rem_euclid(per_second) * unit);
        let rest = rest.map_err(|_| ParseTimestampError)?;
        // The last day of the year 9999, which stands for `never`, lies beyond what jiff holds.
        let seconds = whole.div_euclid(per_second).min(jiff::Timestamp::MAX.as_second());
        let moment = jiff::Timestamp::new(seconds, rest).map_err(|_| ParseTimestampError)?;
        Ok(Self { moment, spelling: Spelling::Number(number) })
    }
}

/// Whether a text is written as `YYYY-MM-DD HH:MM:SS`.
fn is_whole_seconds(text: &str) -> bool {
    text.len() == 19 && text.contains(' ')
}

/// Reads each spelling of a text in turn.
fn moment_of_text(text: &str) -> Result<jiff::Timestamp, ParseTimestampError> {
    let text = &*without_excess_digits(text.trim());
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment);
    }
    let utc = ["UTC", "GMT", "Z"].iter().find_map(|zone| text.strip_suffix(zone));
    if let Ok(civil) = utc.unwrap_or(text).trim_end().parse::<jiff::civil::DateTime>() {
        // As above: only the first and the last day of what a civil date holds fail.
        let end = if civil.year() > 0 { jiff::Timestamp::MAX } else { jiff::Timestamp::MIN };
        return Ok(civil.to_zoned(TimeZone::UTC).map_or(end, |zoned| zoned.timestamp()));
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Ok(zoned.timestamp());
    }
    // `+0000` without a colon is what several languages print by default, some of them after a space and before `UTC`.
    let text = utc.unwrap_or(text).trim_end();
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"]
        .iter()
        .find_map(|form| jiff::fmt::strtime::parse(form, text).ok()?.to_timestamp().ok())
        .ok_or(ParseTimestampError)
}

/// A text without the digits of a second's fraction beyond the ninth, of which RFC 3339 allows any number.
fn without_excess_digits(text: &str) -> Cow<'_, str> {
    let Some((whole, fraction)) = text.split_once(['.', ',']) else { return text.into() };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    match (fraction.get(..9), fraction.get(digits..)) {
        (Some(kept), Some(zone)) if digits > 9 => format!("{whole}.{kept}{zone}").into(),
        _ => text.into(),
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
        if text.len() <= 20 && text.chars().all(numeric) {
            // A date such as `2024-05-01` is made of the same characters, but is not a number.
            if let Ok(number) = serde_json::from_str(text) {
                let Self { moment, spelling: _ } = Self::from_number(number)?;
                return Ok(Self { moment, spelling: Spelling::Text(text.into()) });
            }
        }
        Ok(Self { moment: moment_of_text(text)?, spelling: Spelling::Text(text.into()) })
    }
}

impl TryFrom<&str> for Timestamp {
    type Error = ParseTimestampError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = ParseTimestampError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.moment.fmt(f)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.moment == other.moment
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.moment.cmp(&other.moment)
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.moment.hash(state);
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.spelling {
            Spelling::Made => serializer.collect_str(&self.moment),
            Spelling::Text(text) => serializer.serialize_str(text),
            Spelling::Number(number) => number.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a moment as text or number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Timestamp, E> {
        let read = Timestamp::from_number(number.into());
        read.map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Timestamp, E> {
        let read = Timestamp::from_number(number.into());
        read.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
        let read = serde_json::Number::from_f64(number).ok_or(ParseTimestampError);
        let read = read.and_then(Timestamp::from_number);
        read.map_err(|_| E::invalid_value(Unexpected::Float(number), &self))
    }
}

/// The time that a header's date names, from `now`; zero where it has passed. It reads the three forms of RFC 9110, up to
/// the end of the year 9999, and what bodies have for a date.
pub(crate) fn until_date(text: &str, now: SystemTime) -> Option<Duration> {
    // A leap second, which the grammar of RFC 9110 has and this crate does not.
    let text = &*text.replacen(":60 ", ":59 ", 1);
    let at = match httpdate::parse_http_date(text) {
        Ok(at) => at,
        Err(_) => SystemTime::from(moment_of_text(text).ok()?),
    };
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::{Value, json};

    use super::Timestamp;

    #[test]
    fn every_spelling_reads_and_writes_back_unchanged() {
        let cases = [
            (json!("2024-05-01T10:00:00Z"), 1_714_557_600_000),
            (json!("2024-05-01T12:00:00+02:00"), 1_714_557_600_000),
            (json!("2024-05-01T12:00:00+0200"), 1_714_557_600_000),
            (json!("2024-05-01T10:00:00.25Z"), 1_714_557_600_250),
            (json!("2024-05-01T10:00:00"), 1_714_557_600_000),
            (json!("2024-05-01 10:00:00"), 1_714_557_600_000),
            (json!("2024-05-01"), 1_714_521_600_000),
            (json!("Wed, 01 May 2024 10:00:00 GMT"), 1_714_557_600_000),
            (json!("Wed, 01 May 2024 12:00:00 +0200"), 1_714_557_600_000),
            (json!(1_714_557_600), 1_714_557_600_000),
            (json!(1_714_557_600_123_i64), 1_714_557_600_123),
            (json!(1_444_348_338.704), 1_444_348_338_704),
            (json!("1714557600"), 1_714_557_600_000),
            (json!("1714557600123"), 1_714_557_600_123),
            (json!("1444348338.704"), 1_444_348_338_704),
            (json!("2024-05-01T10:00:00.123456789123Z"), 1_714_557_600_123),
            (json!("2024-05-01T12:00:00.1234567891234567+02:00"), 1_714_557_600_123),
            (json!("2024-05-01 10:00:00.250000000000"), 1_714_557_600_250),
            (json!("2024-05-01 10:00:00 UTC"), 1_714_557_600_000),
            (json!("2024-05-01 10:00:00.25 GMT"), 1_714_557_600_250),
            (json!("2024-05-01 10:00:00Z"), 1_714_557_600_000),
            (json!("2024-05-01 12:00:00 +0200"), 1_714_557_600_000),
            (json!("2024-05-01 12:00:00+0200"), 1_714_557_600_000),
            (json!("2024-05-01 10:00:00.5 +0000 UTC"), 1_714_557_600_500),
            (json!(1_714_557_600_123_456_i64), 1_714_557_600_123),
            (json!(1_714_557_600_123_456.0), 1_714_557_600_123),
            (json!(1_714_557_600_123_456_789_i64), 1_714_557_600_123),
            (json!("1714557600123456"), 1_714_557_600_123),
            (json!(253_402_300_799_999_i64), 253_402_207_200_999),
            (json!("9999-12-31T23:59:59Z"), 253_402_207_200_999),
            (json!(0), 0),
            (json!(-1), -1_000),
        ];
        for (value, milliseconds) in cases {
            let read: Timestamp = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(read.unix_milliseconds(), milliseconds, "{value}");
            assert_eq!(serde_json::to_value(&read).unwrap(), value);
        }
    }

    #[test]
    fn what_names_no_moment_is_an_error() {
        let cases = [
            json!("soon"),
            json!(""),
            json!("2024-13-01"),
            json!("0000-00-00 00:00:00"),
            json!(null),
            json!(true),
            json!([]),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!("99999999999999999999"),
            json!(9_007_199_254_740_993_000_i64),
            json!("2024-05-01 10:00:00 XYZ"),
            json!("UTC"),
        ];
        for value in cases {
            assert!(serde_json::from_value::<Timestamp>(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn the_next_moment_is_as_near_as_the_spelling_allows() {
        let cases: [(Value, Value, Value); 6] = [
            (json!(1_714_557_600), json!(1_714_557_599), json!(1_714_557_601)),
            (
                json!(1_714_557_600_123_i64),
                json!(1_714_557_600_122_i64),
                json!(1_714_557_600_124_i64),
            ),
            (json!(1_444_348_338.704), json!(1_444_348_338.703), json!(1_444_348_338.705)),
            (json!("1444348338.704"), json!("1444348338.703"), json!("1444348338.705")),
            (
                json!("2024-05-01 10:00:00"),
                json!("2024-05-01 09:59:59"),
                json!("2024-05-01 10:00:01"),
            ),
            (
                json!("2024-05-01T10:00:00Z"),
                json!("2024-05-01T09:59:59.999Z"),
                json!("2024-05-01T10:00:00.001Z"),
            ),
        ];
        for (value, before, after) in cases {
            let read: Timestamp = serde_json::from_value(value).unwrap();
            assert_eq!((read.step(-1), read.step(1)), (before, after));
        }
    }

    #[test]
    fn an_earlier_moment_keeps_the_spelling() {
        let cases: [(Value, Value); 8] = [
            (json!(1_714_557_600), json!(1_714_557_540)),
            (json!(1_714_557_600_123_i64), json!(1_714_557_540_123_i64)),
            (json!(1_444_348_338.5), json!(1_444_348_278.5)),
            (json!(1_714_557_600_123_456_i64), json!(1_714_557_540_123_456_i64)),
            (json!("1714557600"), json!("1714557540")),
            (json!("2024-05-01 10:00:00"), json!("2024-05-01 09:59:00")),
            (json!("2024-05-01T10:00:00Z"), json!("2024-05-01T09:59:00Z")),
            (json!("2024-05-01T12:00:00+02:00"), json!("2024-05-01T09:59:00Z")),
        ];
        for (value, expected) in cases {
            let read: Timestamp = serde_json::from_value(value).unwrap();
            assert_eq!(read.earlier(Duration::from_secs(60)), expected);
        }
    }

    #[test]
    fn moments_of_the_standard_library_go_in_and_out() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        let made = Timestamp::from(time);
        assert_eq!(made.to_system_time(), time);
        assert_eq!(serde_json::to_value(&made).unwrap(), json!("1970-01-01T00:00:01.5Z"));
        assert_eq!(Timestamp::from_unix_seconds(1).unwrap().unix_milliseconds(), 1_000);
        assert!(Timestamp::from_unix_seconds(i64::MAX).is_err());
        assert!(Timestamp::from_unix_milliseconds(i64::MIN).is_err());
    }
}
