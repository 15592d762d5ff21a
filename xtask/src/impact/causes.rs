//! The changes of the contract, gathered by where they stand. Changes that a report shows as one are one
//! cause; each of them is evidence of its own of what the cause does.

use super::{
    lines::{BASE, Facets, REVISION},
    operations::Operations,
    pointers::{ancestors, spoken_of, unfolded},
};
use conversations_codegen::names;
use conversations_diff::{Change, Part, Rule, Scope, Subject};
use conversations_document::Pointer;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How far below an item's place a change may stand and still be about the item.
const DEPTH: usize = 5;

/// What a change to something that both documents have can do to its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Nothing,
    /// Whether it may be missing.
    Need,
    /// The words of its enum.
    Words,
    /// Its type.
    Kind,
}

impl Effect {
    fn of(rule: Rule) -> Self {
        match rule.subject() {
            Subject::Presence => Self::Need,
            Subject::Value => Self::Words,
            // No header of a response is in Rust.
            _ if matches!(
                rule,
                Rule::At(Scope::ResponseHeader | Scope::ResponseHeaderProperty, _)
            ) =>
            {
                Self::Nothing
            }
            Subject::Tag
            | Subject::Lifecycle
            | Subject::Server
            | Subject::Event
            | Subject::Header
            | Subject::Access
            | Subject::Annotation
            | Subject::Default
            | Subject::Limit
            | Subject::Condition
            | Subject::Content
            | Subject::Discriminator
            | Subject::Style => Self::Nothing,
            Subject::Operation
            | Subject::OperationId
            | Subject::GlobalSecurity
            | Subject::Security
            | Subject::Component
            | Subject::Parameter
            | Subject::Body
            | Subject::Media
            | Subject::Status
            | Subject::ErrorStatus
            | Subject::Property
            | Subject::Exchange
            | Subject::Type
            | Subject::TypeList
            | Subject::Alternatives
            | Subject::Children
            | Subject::AllOf
            | Subject::Constant
            | Subject::Values
            | Subject::Additional
            | Subject::Encoding => Self::Kind,
        }
    }

    /// How well it explains that two signatures differ in `facets`: from nothing to 80.
    pub(super) fn explains(self, facets: Facets) -> Option<u8> {
        match self {
            // Where the type is another one too, what changed the type says more.
            Self::Need => facets.need.then_some(if facets.kind { 70 } else { 80 }),
            Self::Kind if facets.kind => Some(80),
            // `null` among several types makes something optional.
            Self::Kind => facets.need.then_some(55),
            Self::Words => facets.kind.then_some(20),
            Self::Nothing => None,
        }
    }
}

/// A change as a hint to its cause.
#[derive(Debug)]
pub(super) struct Evidence<'c> {
    pub(super) change: &'c Change,
    /// The number of its cause.
    pub(super) cause: usize,
    /// The places in both documents, compositions folded.
    pub(super) places: [Option<Pointer>; 2],
    pub(super) effect: Effect,
    /// Whether it is about the parameter's or body's own schema, or what a list of it holds.
    pub(super) root: bool,
    /// The Rust name of the parameter.
    pub(super) parameter: Option<String>,
}

impl Evidence<'_> {
    /// The document that alone has what the change is about, unless both have it.
    pub(super) fn only_side(&self) -> Option<usize> {
        match &self.places {
            [Some(_), None] => Some(BASE),
            [None, Some(_)] => Some(REVISION),
            _ => None,
        }
    }

    /// What the change is about.
    pub(super) fn subject(&self) -> Subject {
        self.change.subject()
    }

    /// Whether it is a property that came or went.
    pub(super) fn is_property(&self) -> bool {
        self.subject() == Subject::Property
    }

    /// The names or values that one of the documents has and the other has not.
    pub(super) fn only(&self, side: usize) -> &[Value] {
        let value = if side == BASE { &self.change.before } else { &self.change.after };
        match value {
            Some(Value::Array(list)) => list,
            Some(other) => std::slice::from_ref(other),
            None => &[],
        }
    }

    /// Whether what came or went is this name or word.
    pub(super) fn names(&self, name: &str) -> bool {
        [BASE, REVISION].iter().any(|side| self.only(*side).iter().any(|it| it == name))
    }
}

/// Evidence that stands at a place or below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) evidence: usize,
    /// How many steps below.
    pub(super) depth: u8,
    /// Whether a property lies between.
    pub(super) property: bool,
}

/// All causes.
#[derive(Debug)]
pub(super) struct Causes<'c> {
    pub(super) pieces: Vec<Evidence<'c>>,
    below: [HashMap<Pointer, Vec<Hit>>; 2],
    upon: [HashMap<Pointer, Vec<usize>>; 2],
    by_operation: HashMap<usize, Vec<usize>>,
    whole: Vec<usize>,
}

impl<'c> Causes<'c> {
    /// Gathers the changes; causes are numbered in the order of the report.
    pub(super) fn of(changes: &'c [Change], operations: &Operations<'_>) -> Self {
        let mut numbers = HashMap::new();
        let mut all = Self {
            pieces: Vec::with_capacity(changes.len()),
            below: Default::default(),
            upon: Default::default(),
            by_operation: HashMap::new(),
            whole: Vec::new(),
        };
        let mut seen = HashSet::new();
        for change in changes {
            let next = numbers.len();
            let cause = *numbers.entry(change.cause()).or_insert(next);
            let evidence = evidence(change, cause);
            let number = all.pieces.len();
            let reached = operations.of_change(change);
            if reached.is_empty() {
                all.whole.push(number);
            }
            for operation in reached {
                all.by_operation.entry(operation).or_default().push(number);
            }
            for (side, place) in evidence.places.iter().enumerate() {
                // A cause that many operations see stands at its place once.
                if let Some(place) = place
                    && seen.insert((cause, side, place.clone()))
                {
                    all.place(number, side, place);
                }
            }
            all.pieces.push(evidence);
        }
        all
    }

    fn place(&mut self, evidence: usize, side: usize, place: &str) {
        let upon = spoken_of(place).unwrap_or(place);
        self.upon[side].entry(upon.into()).or_default().push(evidence);
        let own = [(place, false)];
        let above = own.into_iter().chain(ancestors(place));
        for ((place, property), depth) in above.take(DEPTH).zip(0..) {
            let hit = Hit { evidence, depth, property };
            self.below[side].entry(place.into()).or_default().push(hit);
        }
    }

    /// The evidence that stands at a place or not far below.
    pub(super) fn below(&self, side: usize, place: &str) -> &[Hit] {
        self.below[side].get(place).map(Vec::as_slice).unwrap_or_default()
    }

    /// The evidence about exactly this place.
    pub(super) fn upon(&self, side: usize, place: &str) -> impl Iterator<Item = &Evidence<'c>> {
        let numbers = self.upon[side].get(place).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().map(|it| &self.pieces[*it])
    }

    /// The evidence in an operation.
    pub(super) fn of_operation(&self, operation: usize) -> impl Iterator<Item = &Evidence<'c>> {
        let numbers = self.by_operation.get(&operation).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().map(|it| &self.pieces[*it])
    }

    /// The evidence outside of the operations.
    pub(super) fn of_document(&self) -> impl Iterator<Item = &Evidence<'c>> {
        self.whole.iter().map(|it| &self.pieces[*it])
    }
}

fn evidence(change: &Change, cause: usize) -> Evidence<'_> {
    let site = &change.site;
    let parameter = match &site.part {
        Part::Parameter(name) => Some(names::escape(&names::snake(name))),
        _ => None,
    };
    Evidence {
        change,
        cause,
        places: [&site.base, &site.revision].map(|it| it.as_deref().map(unfolded)),
        effect: Effect::of(change.rule),
        root: change.reach.iter().all(|it| it.place.is_root()),
        parameter,
    }
}

/// The best of what is proposed, each with its points. Among equals the cause that is reported first wins.
pub(super) fn best(proposed: impl IntoIterator<Item = (u8, usize)>) -> Option<usize> {
    let best =
        proposed.into_iter().max_by_key(|(points, cause)| (*points, std::cmp::Reverse(*cause)));
    best.map(|(_, cause)| cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_effects() {
        use conversations_diff::Kind;
        for (rule, effect) in [
            (Rule::At(Scope::RequestProperty, Kind::BecameRequiredWithDefault), Effect::Need),
            (Rule::At(Scope::ResponseProperty, Kind::EnumValueAdded), Effect::Words),
            (Rule::At(Scope::RequestParameter, Kind::MaxLengthSet), Effect::Nothing),
            (Rule::At(Scope::ResponseProperty, Kind::PatternPropertyAdded), Effect::Kind),
            (Rule::At(Scope::ResponseHeader, Kind::TypeChanged), Effect::Nothing),
            (Rule::At(Scope::ResponseBody, Kind::TypeChanged), Effect::Kind),
            (Rule::RequestBodyMediaTypeNameChanged, Effect::Kind),
        ] {
            assert_eq!(Effect::of(rule), effect, "{rule}");
        }
    }

    #[test]
    fn among_equals_the_first_wins() {
        assert_eq!(best([(3, 7), (9, 5), (9, 2), (1, 0)]), Some(2));
        assert_eq!(best([]), None);
    }
}
