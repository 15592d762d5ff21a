//! The shape of a report. This file decides nothing but the version step of a contract alone.

use conversations_diff::{Change, Comparison, Counts, Level};
use serde::Serialize;

/// A change of the contract, and what it does to the Rust that users see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// What it does to the public Rust items; filled in by the comparison of the surfaces.
    pub rust: Vec<String>,
}

/// What happens to the public Rust items; empty until the surfaces are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RustChanges {
    /// Items that only the revision has.
    pub added: Vec<String>,
    /// Items that only the base has.
    pub removed: Vec<String>,
    /// Items whose signature differs.
    pub changed: Vec<String>,
}

/// The smallest version step that Cargo's rules allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Semver {
    /// No release needed.
    #[default]
    None,
    /// A fix.
    Patch,
    /// An addition.
    Minor,
    /// A break.
    Major,
}

/// Everything that a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The changes, in the order of the documents' operations, worst first within each.
    pub changes: Vec<Entry>,
    /// How many of each level.
    pub counts: Counts,
    /// Whether any change is an error.
    pub breaking: bool,
    /// What happens to the Rust surface.
    pub rust: RustChanges,
    /// The version step that follows.
    pub semver: Semver,
}

impl Report {
    /// Leaves out what is less grave than `level`.
    pub fn keep(&mut self, level: Level) {
        self.changes.retain(|it| it.change.level() >= level);
        self.counts = Counts::of(self.changes.iter().map(|it| it.change.level()));
    }

    /// Whether some change is at least as grave as `level`.
    pub fn reaches(&self, level: Level) -> bool {
        self.changes.iter().any(|it| it.change.level() >= level)
    }
}

impl From<Comparison> for Report {
    /// A report before the Rust surfaces are compared. The version step is what the contract alone asks
    /// for; the comparison of the surfaces may raise or lower it.
    fn from(Comparison { changes, counts, breaking }: Comparison) -> Self {
        let semver = match counts {
            Counts { error: 1.., .. } => Semver::Major,
            Counts { warning: 1.., .. } | Counts { info: 1.., .. } => Semver::Minor,
            Counts { error: 0, warning: 0, info: 0 } => Semver::None,
        };
        let changes =
            changes.into_iter().map(|change| Entry { change, rust: Vec::new() }).collect();
        Self { changes, counts, breaking, rust: RustChanges::default(), semver }
    }
}
