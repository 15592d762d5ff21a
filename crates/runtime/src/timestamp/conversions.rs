//! Moments as the standard library and other crates have them.

use super::{Spelling, Timestamp};
use std::time::SystemTime;

impl From<SystemTime> for Timestamp {
    /// Moments beyond the year 9999 become its end.
    fn from(time: SystemTime) -> Self {
        let moment = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::MAX);
        Self { moment, spelling: Spelling::Made }
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self { moment, spelling: Spelling::Made }
    }
}

impl From<Timestamp> for jiff::Timestamp {
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let read: conversations::Timestamp = "2026-11-26 08:15:30".parse()?;
    /// assert_eq!(jiff::Timestamp::from(read), "2026-11-26T08:15:30Z".parse()?);
    /// # Ok(())
    /// # }
    /// ```
    fn from(timestamp: Timestamp) -> Self {
        timestamp.moment
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_system_time()
    }
}

#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> From<chrono::DateTime<Z>> for Timestamp {
    /// Moments beyond the years -9999 to 9999 become the end of them; a leap second is the one before it.
    fn from(moment: chrono::DateTime<Z>) -> Self {
        const LAST: u32 = 999_999_999;
        let rest = i32::try_from(moment.timestamp_subsec_nanos().min(LAST)).unwrap_or_default();
        made(jiff::Timestamp::new(moment.timestamp(), rest), moment.timestamp() < 0)
    }
}

#[cfg(feature = "chrono")]
impl From<Timestamp> for chrono::DateTime<chrono::Utc> {
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let read: conversations::Timestamp = "2026-11-26 08:15:30.5".parse()?;
    /// let moment = chrono::DateTime::from(read.clone());
    /// assert_eq!(moment.to_rfc3339(), "2026-11-26T08:15:30.500+00:00");
    /// assert_eq!(conversations::Timestamp::from(moment), read);
    /// # Ok(())
    /// # }
    /// ```
    fn from(timestamp: Timestamp) -> Self {
        // The years of chrono go further.
        SystemTime::from(timestamp.moment).into()
    }
}

#[cfg(feature = "time")]
impl From<time::OffsetDateTime> for Timestamp {
    /// Moments beyond the years -9999 to 9999 become the end of them.
    fn from(moment: time::OffsetDateTime) -> Self {
        let nanoseconds = moment.unix_timestamp_nanos();
        made(jiff::Timestamp::from_nanosecond(nanoseconds), nanoseconds < 0)
    }
}

#[cfg(feature = "time")]
impl From<Timestamp> for time::OffsetDateTime {
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let read: conversations::Timestamp = "2026-11-26 08:15:30.5".parse()?;
    /// let moment = time::OffsetDateTime::from(read.clone());
    /// assert_eq!((moment.hour(), moment.millisecond()), (8, 500));
    /// assert_eq!(conversations::Timestamp::from(moment), read);
    /// # Ok(())
    /// # }
    /// ```
    fn from(timestamp: Timestamp) -> Self {
        // Its years are the same.
        SystemTime::from(timestamp.moment).into()
    }
}

#[cfg(any(feature = "chrono", feature = "time"))]
fn made(moment: Result<jiff::Timestamp, jiff::Error>, before_1970: bool) -> Timestamp {
    let end = if before_1970 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    Timestamp { moment: moment.unwrap_or(end), spelling: Spelling::Made }
}
