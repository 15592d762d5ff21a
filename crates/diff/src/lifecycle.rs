//! `x-sunset` and `x-stability-level`: when something ends, and how much it is promised.

use jiff::civil::Date;
use serde_json::Value;

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
            other => return Sunset::Unreadable(format!("{other} is no date")),
        };
        let date = match text.split_once(['T', 't']) {
            Some((date, _)) if text.parse::<jiff::Timestamp>().is_ok() => date,
            _ => text,
        };
        match Date::strptime("%Y-%m-%d", date) {
            Ok(date) => Sunset::On(date),
            Err(_) => Sunset::Unreadable(format!("`{text}` is no date of the form 2030-12-31")),
        }
    }
}

/// How much an operation or a property is promised, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stability {
    /// May vanish any day.
    Draft,
    /// Being tried out.
    Alpha,
    /// Changes are announced.
    Beta,
    /// Kept. What says nothing is stable.
    Stable,
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

    /// Whether clients may rely on it. Changes to anything else are not reported.
    pub(crate) fn is_promised(self) -> bool {
        self >= Self::Beta
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
