//! The shape of a comparison: what a change is and what a report holds. `detect` finds the changes,
//! `display` prints them; this file decides nothing.

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

/// One thing that differs between two documents, as one operation sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The rule that speaks, for example `request-property-became-required`.
    pub id: String,
    /// How much it matters.
    pub level: Level,
    /// The operation as `VERB /path`, `VERB webhook:name`, or empty for the document itself.
    pub operation: String,
    /// The operation's `operationId` where it has one.
    pub operation_id: Option<String>,
    /// The JSON Pointer of the cause, in the revision where it exists there, else in the base.
    pub pointer: String,
    /// The line of the cause in the base document, where it exists there and lines are known.
    pub base_line: Option<u32>,
    /// The line of the cause in the revision, where it exists there and lines are known.
    pub revision_line: Option<u32>,
    /// The change in one sentence.
    pub text: String,
    /// What it does to the public Rust items; filled in by the comparison of the surfaces.
    pub rust: Vec<String>,
    /// The sentence without the way to the place: the same for every operation that a shared
    /// schema reaches, so that a report can name the cause once.
    #[serde(skip)]
    pub cause: String,
    /// The file the annotation belongs to: the revision's where the cause exists there.
    #[serde(skip)]
    pub file: String,
    /// Where it stands, for the comparison of the surfaces.
    #[serde(skip)]
    pub site: Site,
}

impl Change {
    /// Whether it is about a whole operation that came or went.
    pub fn is_whole(&self) -> bool {
        self.id == "endpoint-added"
            || self.id.starts_with("api-path-removed")
            || self.id.starts_with("api-removed")
    }

    /// What changes have in common that are one cause, seen by several operations.
    pub fn cause(&self) -> (&str, &str, &str) {
        let what = if self.is_whole() { &self.operation } else { &self.cause };
        (&self.id, &self.pointer, what)
    }
}

/// Where a change stands. The pointers are those of the documents in the shape of OpenAPI 3, and lead to
/// what the change is about: to the property where `required` names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// The part of the operation.
    pub part: Part,
    /// The way from the root of that part's schema, as `items/address/street`; empty at the root.
    pub path: String,
    /// The place in the base, where it exists there.
    pub base: Option<String>,
    /// The place in the revision, where it exists there.
    pub revision: Option<String>,
}

/// The part of an operation that a change is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Part {
    /// The operation as such, or the document.
    #[default]
    Whole,
    /// The parameter of this name.
    Parameter(String),
    /// The body that a client sends.
    Request,
    /// The answer with this status.
    Response(String),
}

/// How many changes there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Changes that break clients.
    pub error: usize,
    /// Changes that may break clients.
    pub warning: usize,
    /// Changes worth knowing.
    pub info: usize,
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
    pub changes: Vec<Change>,
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
    /// A report of `changes` before the Rust surfaces are compared. The version step is what the
    /// contract alone asks for; the comparison of the surfaces may raise or lower it.
    pub fn of(changes: Vec<Change>) -> Self {
        let mut counts = Counts::default();
        for change in &changes {
            match change.level {
                Level::Error => counts.error += 1,
                Level::Warning => counts.warning += 1,
                Level::Info => counts.info += 1,
            }
        }
        let semver = match counts {
            Counts { error: 1.., .. } => Semver::Major,
            Counts { warning: 1.., .. } | Counts { info: 1.., .. } => Semver::Minor,
            Counts { error: 0, warning: 0, info: 0 } => Semver::None,
        };
        Self { breaking: counts.error > 0, changes, counts, rust: RustChanges::default(), semver }
    }

    /// Whether some change is at least as grave as `level`.
    pub fn reaches(&self, level: Level) -> bool {
        self.changes.iter().any(|change| change.level >= level)
    }
}
