//! How much a finding matters.

use serde::Serialize;

/// How much a change matters to a client that was built for the base document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing that worked stops working.
    Info,
    /// Something may stop working; the document alone cannot say.
    Warning,
    /// Something that worked stops working.
    Error,
}

impl Level {
    /// The level as it is written in reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}
