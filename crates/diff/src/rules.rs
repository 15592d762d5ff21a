//! The rules: what is looked for, in which direction it travels, what it does, and so how grave it is.
//!
//! Two tables hold them: `kinds` what can happen to a schema, which makes a rule at each place where a
//! schema can stand, and `named` everything else. A finding names its rule, so one that is in neither table
//! doesn't compile. The level follows from direction and effect; the exceptions are listed here.
//!
//! `rules/reference.txt` lists the ids that oasdiff defines, at its default levels. `docs/rules.md`, which
//! `cargo xtask diff --rules` writes, says where the verdict differs from oasdiff's, and why.

mod kinds;
mod named;

pub use kinds::Kind;
pub use named::Rule;

use crate::level::Level;
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, fmt, sync::LazyLock};

/// Where in an operation something stands: the first part of the id of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The body that a client sends.
    RequestBody,
    /// A part of that body.
    RequestProperty,
    /// A part of that body that clients never send.
    RequestReadOnlyProperty,
    /// A parameter.
    RequestParameter,
    /// A part of a parameter.
    RequestParameterProperty,
    /// The body that a client receives.
    ResponseBody,
    /// A part of that body.
    ResponseProperty,
    /// A part of that body that servers never send.
    ResponseWriteOnlyProperty,
    /// A header that a client receives.
    ResponseHeader,
    /// A part of such a header.
    ResponseHeaderProperty,
}

impl Scope {
    /// Every scope, requests first.
    pub const ALL: &[Self] = &[
        Scope::RequestBody,
        Scope::RequestProperty,
        Scope::RequestReadOnlyProperty,
        Scope::RequestParameter,
        Scope::RequestParameterProperty,
        Scope::ResponseBody,
        Scope::ResponseProperty,
        Scope::ResponseWriteOnlyProperty,
        Scope::ResponseHeader,
        Scope::ResponseHeaderProperty,
    ];

    /// As ids write it.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::RequestBody => "request-body",
            Scope::RequestProperty => "request-property",
            Scope::RequestReadOnlyProperty => "request-read-only-property",
            Scope::RequestParameter => "request-parameter",
            Scope::RequestParameterProperty => "request-parameter-property",
            Scope::ResponseBody => "response-body",
            Scope::ResponseProperty => "response-property",
            Scope::ResponseWriteOnlyProperty => "response-write-only-property",
            Scope::ResponseHeader => "response-header",
            Scope::ResponseHeaderProperty => "response-header-property",
        }
    }

    const fn direction(self) -> Direction {
        match self {
            Scope::RequestReadOnlyProperty | Scope::ResponseWriteOnlyProperty => Direction::Hidden,
            Scope::RequestBody
            | Scope::RequestProperty
            | Scope::RequestParameter
            | Scope::RequestParameterProperty => Direction::Request,
            Scope::ResponseBody
            | Scope::ResponseProperty
            | Scope::ResponseHeader
            | Scope::ResponseHeaderProperty => Direction::Response,
        }
    }
}

/// Who sends what a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The client. For an event, what answers it.
    Request,
    /// The server. For an event, what it sends.
    Response,
    /// Nobody, as what is read-only in a request.
    Hidden,
    /// It is about the document or an operation as such.
    Whole,
}

impl Direction {
    /// Every direction.
    pub const ALL: &[Self] =
        &[Direction::Request, Direction::Response, Direction::Hidden, Direction::Whole];
}

/// What a rule says about what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Less is allowed than before.
    Narrows,
    /// Less may be allowed, or what is refused now was hardly used.
    MayNarrow,
    /// More is allowed than before.
    Widens,
    /// More may be allowed, or clients usually bear what is new.
    MayWiden,
    /// What was relied on no longer holds, whoever sends.
    Breaks,
    /// What was relied on may no longer hold, whoever sends.
    MayBreak,
    /// Neither.
    Nothing,
}

impl Effect {
    /// Every effect.
    pub const ALL: &[Self] = &[
        Effect::Narrows,
        Effect::MayNarrow,
        Effect::Widens,
        Effect::MayWiden,
        Effect::Breaks,
        Effect::MayBreak,
        Effect::Nothing,
    ];

    /// How much it matters to a client, where what it is about travels in this direction.
    pub const fn level(self, direction: Direction) -> Level {
        match (direction, self) {
            (Direction::Hidden, _) | (_, Effect::Nothing) => Level::Info,
            (_, Effect::Breaks) => Level::Error,
            (_, Effect::MayBreak) => Level::Warning,
            (Direction::Request, Effect::Narrows) | (Direction::Response, Effect::Widens) => {
                Level::Error
            }
            (Direction::Request, Effect::MayNarrow) | (Direction::Response, Effect::MayWiden) => {
                Level::Warning
            }
            (Direction::Request, Effect::Widens | Effect::MayWiden)
            | (Direction::Response, Effect::Narrows | Effect::MayNarrow)
            | (
                Direction::Whole,
                Effect::Narrows | Effect::MayNarrow | Effect::Widens | Effect::MayWiden,
            ) => Level::Info,
        }
    }
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A whole operation.
    Operation,
    /// Its `operationId`.
    OperationId,
    /// Its tags.
    Tag,
    /// Deprecation, sunset and stability.
    Lifecycle,
    /// Where it is called.
    Server,
    /// Which schemes let a client call all operations.
    GlobalSecurity,
    /// How a client proves who it is.
    Security,
    /// A schema of the document, as such.
    Component,
    /// A webhook or a callback.
    Event,
    /// A parameter.
    Parameter,
    /// A whole body.
    Body,
    /// The media types of a body.
    Media,
    /// A successful response.
    Status,
    /// A response that is an error.
    ErrorStatus,
    /// A header of a response.
    Header,
    /// A property of an object.
    Property,
    /// `readOnly` and `writeOnly`.
    Access,
    /// Whether a property is part of requests or answers at all.
    Exchange,
    /// Whether something may be missing or `null`.
    Presence,
    /// A type and its format.
    Type,
    /// A list of simple types.
    TypeList,
    /// The members of `oneOf` and `anyOf`.
    Alternatives,
    /// The schemas that a discriminator leads to.
    Children,
    /// The members of `allOf`.
    AllOf,
    /// What changes no value: a description.
    Annotation,
    /// A constant.
    Constant,
    /// Whether there is a list of values.
    Values,
    /// One value of such a list.
    Value,
    /// The default.
    Default,
    /// A bound, a length, a count, a pattern.
    Limit,
    /// What else an object or a list may hold.
    Additional,
    /// A schema or a list of names that narrows values in a way that no type shows.
    Condition,
    /// What a text holds.
    Content,
    /// Which property says what alternative a value is.
    Discriminator,
    /// Which media type a parameter or a field of a form is written in.
    Encoding,
    /// How a parameter is written.
    Style,
}

static REFERENCE: LazyLock<BTreeMap<&'static str, Level>> = LazyLock::new(|| {
    let mut level = Level::Info;
    let mut all = BTreeMap::new();
    for word in include_str!("rules/reference.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
    {
        match word {
            "[error]" => level = Level::Error,
            "[warning]" => level = Level::Warning,
            "[info]" => level = Level::Info,
            id => drop(all.insert(id, level)),
        }
    }
    all
});

impl Rule {
    /// All rules, those at a place last.
    pub fn all() -> impl Iterator<Item = Rule> {
        let placed = Kind::ALL
            .iter()
            .flat_map(|kind| kind.scopes().iter().map(|scope| Rule::At(*scope, *kind)));
        Rule::NAMED.iter().copied().chain(placed)
    }

    /// The id, for example `request-property-became-required`.
    pub fn id(self) -> String {
        self.to_string()
    }

    /// How much a finding of this rule matters.
    pub fn level(self) -> Level {
        self.exception().unwrap_or_else(|| self.effect().level(self.direction()))
    }

    /// The level where the reference gives a rule one that does not follow from direction and effect.
    pub fn exception(self) -> Option<Level> {
        let Rule::At(scope, kind) = self else { return None };
        match (kind, scope.direction()) {
            // What a part of `allOf` asked for is judged by itself.
            (Kind::AllOfRemoved, Direction::Request) => Some(Level::Warning),
            (Kind::AllOfRemoved, Direction::Response) => Some(Level::Info),
            // Clients are taken to pass over alternatives that they don't know, and to look at no pattern.
            (Kind::AnyOfAdded | Kind::PatternRemoved, Direction::Response) => Some(Level::Info),
            // A parameter that is left out means something else than before.
            (
                Kind::DefaultValueAdded | Kind::DefaultValueRemoved | Kind::DefaultValueChanged,
                _,
            ) if scope == Scope::RequestParameter => Some(Level::Error),
            // How an object travels in a parameter is not known.
            (Kind::TypeChanged, _) if scope == Scope::RequestParameterProperty => {
                Some(Level::Warning)
            }
            _ => None,
        }
    }

    /// The ids of all rules that oasdiff has, those among them that are left out here.
    pub fn reference() -> impl Iterator<Item = &'static str> {
        REFERENCE.keys().copied()
    }

    /// Whether oasdiff has a rule of this id.
    pub fn is_reference(self) -> bool {
        REFERENCE.contains_key(&*self.id())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (Some(scope), kind) => write!(out, "{}-{kind}", scope.name()),
            (None, id) => out.write_str(id),
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        let mut seen = BTreeMap::new();
        for rule in Rule::all() {
            assert_eq!(seen.insert(rule.id(), rule), None, "{rule} is the id of two rules");
        }
    }

    #[test]
    fn levels_of_the_reference_are_kept() {
        let wrong: Vec<_> = Rule::all()
            .filter_map(|rule| {
                let wanted = *REFERENCE.get(&*rule.id())?;
                (wanted != rule.level())
                    .then(|| format!("{rule}: {:?}, not {wanted:?}", rule.level()))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn exceptions_are_needed() {
        for rule in Rule::all().filter(|it| it.exception().is_some()) {
            let derived = rule.effect().level(rule.direction());
            assert_ne!(rule.exception(), Some(derived), "{rule} needs no exception");
        }
    }

    #[test]
    fn the_level_follows_from_direction_and_effect() {
        for (rule, level) in [
            (Rule::At(Scope::RequestProperty, Kind::MaxDecreased), Level::Error),
            (Rule::At(Scope::ResponseProperty, Kind::MaxDecreased), Level::Info),
            (Rule::At(Scope::RequestReadOnlyProperty, Kind::MaxDecreased), Level::Info),
            (Rule::At(Scope::ResponseHeader, Kind::MaxIncreased), Level::Error),
            (Rule::At(Scope::ResponseBody, Kind::EnumValueAdded), Level::Warning),
            (Rule::WebhookRemoved, Level::Error),
        ] {
            assert_eq!(rule.level(), level, "{rule}");
        }
    }
}
