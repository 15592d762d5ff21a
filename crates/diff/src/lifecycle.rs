//! `x-sunset` and `x-stability-level`: when something ends, and how much it is promised.

use crate::types::{Policy, Stability};
use jiff::{Span, civil::Date};
use serde_json::Value;

/// What is said of a deprecation without the day that the policy asks for.
pub(crate) const MISSING: &str = "is deprecated and does not say until when, in `x-sunset`";

/// What `x-sunset` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sunset {
    /// Nothing.
    Absent,
    /// The day.
    On(Date),
    /// Something that is no date.
    Unreadable(String),
}

impl Sunset {
    /// Reads a date, or a moment in RFC 3339.
    pub(crate) fn of(value: &Value) -> Self {
        let text = match value {
            Value::Null => return Sunset::Absent,
            Value::String(text) => text.as_str(),
            other => return Sunset::Unreadable(format!("{other} is not a date")),
        };
        let date = match text.split_once(['T', 't']) {
            Some((date, _)) if text.parse::<jiff::Timestamp>().is_ok() => date,
            _ => text,
        };
        match Date::strptime("%Y-%m-%d", date) {
            Ok(date) => Sunset::On(date),
            Err(_) => Sunset::Unreadable(format!("`{text}` is not a date of the form 2030-12-31")),
        }
    }
}

impl Stability {
    /// Reads a level; nothing means stable.
    pub(crate) fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::Stable),
            Value::String(text) => match text.as_str() {
                "draft" => Ok(Self::Draft),
                "alpha" => Ok(Self::Alpha),
                "beta" => Ok(Self::Beta),
                "stable" => Ok(Self::Stable),
                other => Err(format!(
                    "the stability level `{other}` is none of draft, alpha, beta, stable"
                )),
            },
            other => Err(format!("the stability level {other} is not a text")),
        }
    }

    /// The level as it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Stable => "stable",
        }
    }
}

impl Policy {
    /// Whether clients may rely on it. Changes to anything else are not reported.
    pub(crate) fn promises(&self, level: Stability) -> bool {
        level >= self.stability
    }

    /// How many days must lie between now and the end of what is deprecated.
    pub(crate) fn notice(&self, level: &Value) -> u16 {
        match Stability::of(level) {
            Ok(Stability::Stable) => self.notice_stable,
            Ok(Stability::Beta) => self.notice_beta,
            _ => 0,
        }
    }

    /// Whether what asks for so many days of notice ends too soon.
    pub(crate) fn is_too_soon(&self, sunset: Date, notice: u16) -> bool {
        sunset < self.today.saturating_add(Span::new().days(i64::from(notice)))
    }
}
