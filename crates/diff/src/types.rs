//! The shape of a comparison: what a change is and what a comparison holds. This file decides nothing.

use crate::level::Level;
use crate::rules::{Direction, Effect, Rule, Subject};
use conversations_document::{
    Pointer,
    grammar::{Subschemas, subschemas},
};
use jiff::civil::Date;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// What a comparison goes by, beside the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The day of the comparison: a sunset in the past is judged differently from one to come.
    pub today: Date,
    /// How many days there must be between a deprecation and its sunset, for what is `beta`; none where 0.
    pub notice_beta: u16,
    /// The same for what is `stable`.
    pub notice_stable: u16,
    /// What is less promised than this is not compared.
    pub stability: Stability,
}

impl From<Date> for Policy {
    /// No days of notice, and all that is `beta` or `stable`.
    fn from(today: Date) -> Self {
        Self { today, notice_beta: 0, notice_stable: 0, stability: Stability::Beta }
    }
}

/// How much an operation or a property is promised, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// May vanish any day.
    Draft,
    /// Being tried out.
    Alpha,
    /// Changes are announced.
    Beta,
    /// Kept. What says nothing is stable.
    Stable,
}

/// One thing that differs between two documents, with all operations that meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The rule that found it: what it is about, in which direction that travels, and what the change does.
    pub rule: Rule,
    /// What the base has, where the change is one from a value to another or takes one away.
    pub before: Option<Value>,
    /// What the revision has, where the change is one from a value to another or brings one.
    pub after: Option<Value>,
    /// The operations that meet the cause in a part of the same name, and where; or the document alone.
    pub reach: Arc<[Reached]>,
    /// The JSON Pointer of the cause, in the revision where it exists there, else in the base.
    pub pointer: Pointer,
    /// The line of the cause in the base document, where it exists there and lines are known.
    pub base_line: Option<u32>,
    /// The line of the cause in the revision, where it exists there and lines are known.
    pub revision_line: Option<u32>,
    /// What happened, without the place: the same for every operation that a shared schema reaches, so that
    /// a report can name the cause once.
    pub cause: String,
    /// The file the annotation belongs to: the revision's where the cause exists there.
    pub file: String,
    /// Where it stands.
    pub site: Site,
    /// How much it matters: as its rule has it, unless somebody decided otherwise.
    pub level: Level,
}

impl Change {
    /// How much it matters.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The first operation that it reaches, as `VERB /path`, `VERB webhook:name`, or empty for the document itself.
    pub fn operation(&self) -> &str {
        self.operations().next().unwrap_or_default()
    }

    /// All operations that it reaches.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.reach.iter().map(|it| &*it.operation)
    }

    /// The change in one sentence, as the first operation that it reaches meets it.
    pub fn text(&self) -> String {
        self.reach.first().map_or_else(|| self.cause.clone(), |it| self.text_in(it))
    }

    /// The change in one sentence, as an operation that it reaches meets it.
    pub fn text_in(&self, reached: &Reached) -> String {
        match reached.place.to_string() {
            place if place.is_empty() => self.cause.clone(),
            place => format!("{place}: {}", self.cause),
        }
    }

    /// The change as far as it reaches some operations, if it reaches any of them.
    pub fn only(&self, wanted: impl Fn(&Reached) -> bool) -> Option<Self> {
        let reach: Arc<[Reached]> = self.reach.iter().filter(|it| wanted(it)).cloned().collect();
        (!reach.is_empty()).then(|| Self { reach, ..self.clone() })
    }

    /// Who sends what the change is about.
    pub fn direction(&self) -> Direction {
        self.rule.direction()
    }

    /// What it does to the values that are allowed.
    pub fn effect(&self) -> Effect {
        self.rule.effect()
    }

    /// What it is about.
    pub fn subject(&self) -> Subject {
        self.rule.subject()
    }

    /// Whether it is about a whole operation that came or went.
    pub fn is_whole(&self) -> bool {
        self.subject() == Subject::Operation
    }

    /// What changes have in common that are one cause, seen by several operations.
    pub fn cause(&self) -> (Rule, &str, &str) {
        let what = if self.is_whole() { self.operation() } else { &self.cause };
        (self.rule, &self.pointer, what)
    }
}

impl Serialize for Change {
    /// As reports in JSON show it: where several operations meet one cause, `reach` names them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reach = (self.reach.len() > 1).then(|| Reach {
            count: self.reach.len(),
            operations: self.operations().take(NAMED).collect(),
        });
        let mut out = serializer.serialize_struct("Change", 8 + usize::from(reach.is_some()))?;
        out.serialize_field("id", &self.rule)?;
        out.serialize_field("level", &self.level())?;
        out.serialize_field("operation", self.operation())?;
        let id = self.reach.first().and_then(|it| it.operation_id.as_deref());
        out.serialize_field("operation_id", &id)?;
        out.serialize_field("pointer", &self.pointer)?;
        out.serialize_field("base_line", &self.base_line)?;
        out.serialize_field("revision_line", &self.revision_line)?;
        out.serialize_field("text", &self.text())?;
        match &reach {
            Some(reach) => out.serialize_field("reach", reach)?,
            None => out.skip_field("reach")?,
        }
        out.end()
    }
}

/// How many operations a report in JSON names for one change, so that it grows with the changes and not with the operations
/// that meet each of them.
const NAMED: usize = 100;

/// The operations that a change reaches, as reports in JSON show them: how many, and the first of them.
#[derive(Serialize)]
struct Reach<'c> {
    count: usize,
    operations: Vec<&'c str>,
}

/// An operation that a change reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The operation as `VERB /path`, `VERB webhook:name`, or empty for the document itself.
    pub operation: Arc<str>,
    /// The operation's `operationId` where it has one.
    pub operation_id: Option<Arc<str>>,
    /// Where in the operation the change stands.
    pub place: Arc<Place>,
}

/// A step from a schema to one below it. Displayed as `street`, `items`, `oneOf[1]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To a property.
    Property(Arc<str>),
    /// By another keyword than `properties`: to the one schema there, or to the member of that name or number.
    Keyword(&'static str, Option<Arc<str>>),
    /// Stands for the steps before, which are too many to show.
    Omitted,
}

impl Step {
    /// To the property of a name.
    pub(crate) fn property(name: &str) -> Self {
        Self::Property(name.into())
    }

    /// To the one schema of a keyword.
    pub(crate) fn by(keyword: &'static str) -> Self {
        Self::Keyword(keyword, None)
    }

    /// To one of the schemas of a keyword.
    pub(crate) fn to_member(keyword: &'static str, member: impl ToString) -> Self {
        Self::Keyword(keyword, Some(member.to_string().into()))
    }

    fn keyword(&self) -> Option<&'static str> {
        match self {
            Self::Keyword(keyword, _) => Some(keyword),
            Self::Property(_) | Self::Omitted => None,
        }
    }

    /// Whether it leads to what is refused.
    pub(crate) fn negates(&self) -> bool {
        self.keyword() == Some("not")
    }

    /// Whether it leads to a schema that does not describe the whole: to what a condition asks for, or to what is refused.
    pub(crate) fn is_partial(&self) -> bool {
        matches!(self.keyword(), Some("then" | "else" | "not" | "dependentSchemas"))
    }

    /// Whether it leads to one of several parts.
    pub(crate) fn is_part(&self) -> bool {
        self.keyword() == Some("allOf")
    }

    /// Whether it leads to what a discriminator names.
    pub(crate) fn is_child(&self) -> bool {
        self.keyword() == Some("discriminator")
    }

    /// Whether it leads to one of several alternatives.
    pub(crate) fn is_alternative(&self) -> bool {
        matches!(self.keyword(), Some("oneOf" | "anyOf"))
    }

    /// Whether it leads to a part of a composition.
    fn is_composed(&self) -> bool {
        self.keyword().is_some_and(|it| subschemas(it) == Some(Subschemas::Combined))
    }

    /// Whether it leads to what a list or a map holds, or to a part of a composition.
    pub(crate) fn stays_at_root(&self) -> bool {
        matches!(self.keyword(), Some("items" | "additionalProperties")) || self.is_composed()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(name) => f.write_str(name),
            Self::Keyword(keyword, None) => f.write_str(keyword),
            Self::Keyword(keyword, Some(member)) => write!(f, "{keyword}[{member}]"),
            Self::Omitted => f.write_str("…"),
        }
    }
}

/// A place in an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it is in, as a sentence names it: `the request body`; empty for the operation as such.
    pub within: Arc<str>,
    /// The steps from the root of its schema: `items`, `address`, `street`. Of a very long way the end.
    pub steps: Vec<Step>,
}

impl Place {
    /// Whether it is the root of its schema, or what a list or a composition there holds.
    pub fn is_root(&self) -> bool {
        self.steps.iter().all(Step::stays_at_root)
    }

    /// Whether one of two places in the same part of an operation is at, above or below the other. The steps into
    /// compositions do not count: other spellings have fewer of them.
    pub fn is_beside(&self, other: &Self) -> bool {
        fn steps(place: &Place) -> impl Iterator<Item = &Step> {
            place.steps.iter().filter(|it| !it.is_composed())
        }
        steps(self).zip(steps(other)).all(|(l, r)| l == r)
    }
}

impl fmt::Display for Place {
    /// As a sentence begins with it: `` `address/street` in the request body ``; nothing for the operation as such.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.steps.is_empty() {
            true => f.write_str(&self.within),
            false => {
                let steps: Vec<String> = self.steps.iter().map(Step::to_string).collect();
                write!(f, "`{}` in {}", steps.join("/"), self.within)
            }
        }
    }
}

/// Where in the documents a change stands. The pointers are those of the documents in the shape of OpenAPI 3, and lead to
/// what the change is about: to the property where `required` names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// The part of the operations.
    pub part: Part,
    /// The place in the base, where it exists there.
    pub base: Option<Pointer>,
    /// The place in the revision, where it exists there.
    pub revision: Option<Pointer>,
}

/// The part of an operation that a change is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
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

/// Everything that differs between two documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The changes, in the order of the documents' operations, worst first within each.
    pub changes: Vec<Change>,
    /// How many of each level.
    pub counts: Counts,
    /// Whether any change is an error.
    pub breaking: bool,
}

impl Comparison {
    /// The comparison that found `changes`.
    pub fn of(changes: Vec<Change>) -> Self {
        let counts = Counts::of(changes.iter().map(Change::level));
        Self { breaking: counts.error > 0, changes, counts }
    }
}

impl Counts {
    /// How many there are of each.
    pub fn of(levels: impl IntoIterator<Item = Level>) -> Self {
        let mut counts = Self::default();
        for level in levels {
            match level {
                Level::Error => counts.error += 1,
                Level::Warning => counts.warning += 1,
                Level::Info => counts.info += 1,
            }
        }
        counts
    }
}
