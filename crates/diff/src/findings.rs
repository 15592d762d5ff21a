//! Where findings are gathered and given their level, lines and sentence.

use crate::rules::{Rule, Scope};
use crate::types::{Change, Part, Place, Policy, Reached, Site, Step};
use conversations_document::{Document, Pointer, document::Moves};
use jiff::civil::Date;
use serde_json::Value;
use std::{collections::BTreeMap, rc::Rc, sync::Arc};

/// The operation that a finding is about, and the part of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Owner {
    /// `VERB /path`, or empty for the document.
    pub(crate) operation: String,
    /// Its `operationId`, the base's where it has one.
    pub(crate) operation_id: Option<String>,
    /// The part of the operation.
    pub(crate) part: Part,
}

impl Owner {
    /// A part of the operation.
    pub(crate) fn part(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }
}

/// The pointers of a finding's cause in the two documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cause {
    /// Where it stands in the base.
    pub(crate) base: Option<Pointer>,
    /// Where it stands in the revision.
    pub(crate) revision: Option<Pointer>,
    /// What it says something about in the two documents, where that stands elsewhere.
    pub(crate) about: Option<(Pointer, Pointer)>,
}

impl Cause {
    /// A cause that both documents have.
    pub(crate) fn both(base: impl Into<Pointer>, revision: impl Into<Pointer>) -> Self {
        Self { base: Some(base.into()), revision: Some(revision.into()), about: None }
    }

    /// A cause that only the base has.
    pub(crate) fn base(pointer: impl Into<Pointer>) -> Self {
        Self { base: Some(pointer.into()), ..Self::default() }
    }

    /// A cause that only the revision has.
    pub(crate) fn revision(pointer: impl Into<Pointer>) -> Self {
        Self { revision: Some(pointer.into()), ..Self::default() }
    }
}

/// What happened: a sentence, and the values of before and after where there are such.
#[derive(Debug, Clone, Default)]
pub(crate) struct What {
    text: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl What {
    /// From one value to another.
    pub(crate) fn turned(
        text: impl Into<String>,
        before: impl Into<Value>,
        after: impl Into<Value>,
    ) -> Self {
        Self { text: text.into(), before: Some(before.into()), after: Some(after.into()) }
    }

    /// Something that only the base has.
    pub(crate) fn lost(text: impl Into<String>, before: impl Into<Value>) -> Self {
        Self { text: text.into(), before: Some(before.into()), after: None }
    }

    /// Something that only the revision has.
    pub(crate) fn gained(text: impl Into<String>, after: impl Into<Value>) -> Self {
        Self { text: text.into(), before: None, after: Some(after.into()) }
    }

    /// With these values, unless there are others.
    pub(crate) fn or(self, before: Option<&Value>, after: Option<&Value>) -> Self {
        if self.before.is_some() || self.after.is_some() {
            return self;
        }
        Self { before: before.cloned(), after: after.cloned(), ..self }
    }
}

impl From<&str> for What {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

impl From<&String> for What {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for What {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// Places at which the rules find the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sort {
    pub(crate) scope: Scope,
    pub(crate) strict: bool,
    pub(crate) required: bool,
    pub(crate) exploded: bool,
    pub(crate) header: bool,
    pub(crate) notice: u16,
    /// Whether no value breaks anything here, since the schemas above allow what they must.
    pub(crate) safe: bool,
    /// Whether something is asked for here only where a condition holds, or refused.
    pub(crate) partial: bool,
}

/// What the rules found about a pair, wherever it stands.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) rule: Rule,
    pub(crate) cause: Cause,
    pub(crate) what: What,
}

/// A pair; the pair that it is a property of, with the number of that step; whether it is the root and whether it says
/// what is refused; the sort of its place.
pub(crate) type Known = (usize, Option<(usize, usize)>, bool, bool, Sort);

/// What the rules found about a pair.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    said: Rc<[Said]>,
    /// Where it was reported already: the part of an operation, whether the way there stays at its root, and the first of
    /// the findings.
    reported: BTreeMap<(usize, bool), usize>,
}

/// A change, and the numbers of the operations that it reaches, each with the way to its place there.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) change: Change,
    pub(crate) reach: Vec<(u32, Way)>,
}

/// The number of a place in an operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way(u32);

/// What a way leads to.
#[derive(Debug, Clone, Default)]
struct Node {
    within: Arc<str>,
    /// The way before the last step, and that step; `None` at the root of a schema.
    above: Option<(Way, Step)>,
    below: BTreeMap<Step, Way>,
}

/// The operations of which something was found, and the places there, by number.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    operations: Vec<(Arc<str>, Option<Arc<str>>)>,
    by_name: BTreeMap<Arc<str>, u32>,
    ways: Vec<Node>,
    roots: BTreeMap<Arc<str>, Way>,
}

/// How many steps of a way are shown.
const MAX_STEPS: usize = 40;

impl Numbers {
    /// Only the document itself, which comes before all operations.
    pub(crate) fn new() -> Self {
        let (operations, ways) = (Vec::new(), vec![Node::default()]);
        let (by_name, roots) = (BTreeMap::new(), BTreeMap::new());
        let mut numbers = Self { operations, by_name, ways, roots };
        numbers.operation(&Owner::default());
        numbers
    }

    fn operation(&mut self, owner: &Owner) -> u32 {
        if let Some(number) = self.by_name.get(owner.operation.as_str()) {
            return *number;
        }
        let name: Arc<str> = owner.operation.as_str().into();
        let number = number(self.operations.len());
        self.operations.push((Arc::clone(&name), owner.operation_id.as_deref().map(Arc::from)));
        self.by_name.insert(name, number);
        number
    }

    /// The way to what a sentence calls `within`.
    pub(crate) fn way(&mut self, within: &str) -> Way {
        if let Some(way) = self.roots.get(within) {
            return *way;
        }
        let within: Arc<str> = within.into();
        let way = self.push(Node { within: Arc::clone(&within), ..Node::default() });
        self.roots.insert(within, way);
        way
    }

    /// The way one step further.
    pub(crate) fn below(&mut self, above: Way, step: &Step) -> Way {
        let node = self.node(above);
        if let Some(way) = node.and_then(|it| it.below.get(step)) {
            return *way;
        }
        let within = node.map(|it| Arc::clone(&it.within)).unwrap_or_default();
        let above_it = Some((above, step.clone()));
        let next = self.push(Node { within, above: above_it, below: BTreeMap::new() });
        if let Some(node) = self.ways.get_mut(above.0 as usize) {
            node.below.insert(step.clone(), next);
        }
        next
    }

    fn push(&mut self, node: Node) -> Way {
        self.ways.push(node);
        Way(number(self.ways.len() - 1))
    }

    fn node(&self, way: Way) -> Option<&Node> {
        self.ways.get(way.0 as usize)
    }

    /// The place at the end of a way.
    pub(crate) fn place(&self, way: Way) -> Place {
        let within = self.node(way).map(|it| Arc::clone(&it.within));
        let (mut steps, mut at) = (Vec::new(), way);
        while let Some((above, step)) = self.node(at).and_then(|it| it.above.as_ref()) {
            if steps.len() == MAX_STEPS {
                steps.push(Step::Omitted);
                break;
            }
            steps.push(step.clone());
            at = *above;
        }
        steps.reverse();
        Place { within: within.unwrap_or_default(), steps }
    }

    /// The changes, each with the operations that it reaches.
    pub(crate) fn give(&self, found: Vec<Found>) -> Vec<Change> {
        let mut places: BTreeMap<Way, Arc<Place>> = BTreeMap::new();
        let mut reached = |(operation, way): &(u32, Way)| {
            let (name, id) = self.operations.get(*operation as usize)?;
            let place = places.entry(*way).or_insert_with(|| self.place(*way).into());
            Some(Reached {
                operation: Arc::clone(name),
                operation_id: id.clone(),
                place: Arc::clone(place),
            })
        };
        // Many changes reach the same operations.
        let mut lists: BTreeMap<Vec<(u32, Way)>, Arc<[Reached]>> = BTreeMap::new();
        let mut out = Vec::with_capacity(found.len());
        for Found { mut change, reach } in found {
            let list = lists.get(&reach).map(Arc::clone);
            change.reach = list.unwrap_or_else(|| {
                let list: Arc<[Reached]> = reach.iter().filter_map(&mut reached).collect();
                lists.insert(reach, Arc::clone(&list));
                list
            });
            out.push(change);
        }
        out
    }
}

/// A number for what is counted here. No document that is read has as many parts.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The findings so far.
#[derive(Debug)]
pub(crate) struct Findings<'d> {
    base: &'d Document,
    revision: &'d Document,
    moves: [Vec<Moves>; 2],
    /// What is gone by beside the documents.
    pub(crate) policy: Policy,
    /// How many days must lie between a deprecation and its end, in the operation that is looked at.
    pub(crate) notice: u16,
    /// What was found.
    pub(crate) changes: Vec<Found>,
    /// The operations of which it was found, and the places there.
    pub(crate) numbers: Numbers,
    /// What the rules find about the pair of schemas that they look at.
    pub(crate) said: Vec<Said>,
    /// What they found about others: many operations reach the same pair.
    pub(crate) known: BTreeMap<Known, Pair>,
    parts: BTreeMap<Part, usize>,
}

impl<'d> Findings<'d> {
    /// No findings yet. `moves` lead from the pointers of a rewritten document to those of its file: the
    /// last one to those of the file itself, those before it to the shape of OpenAPI 3.
    pub(crate) fn new(
        base: &'d Document,
        revision: &'d Document,
        moves: [Vec<Moves>; 2],
        policy: Policy,
        numbers: Numbers,
    ) -> Self {
        Self {
            base,
            revision,
            moves,
            policy,
            notice: 0,
            changes: Vec::new(),
            numbers,
            said: Vec::new(),
            known: BTreeMap::new(),
            parts: BTreeMap::new(),
        }
    }

    /// Whether what the operation deprecates ends too soon.
    pub(crate) fn is_too_soon(&self, sunset: Date) -> bool {
        self.policy.is_too_soon(sunset, self.notice)
    }

    /// The numbers of an operation and of the part of it.
    pub(crate) fn owner(&mut self, owner: &Owner) -> (u32, usize) {
        let next = self.parts.len();
        let part = match self.parts.get(&owner.part) {
            Some(part) => *part,
            None => *self.parts.entry(owner.part.clone()).or_insert(next),
        };
        (self.numbers.operation(owner), part)
    }

    /// Notes what the rules have just found about a pair.
    pub(crate) fn learn(&mut self, known: Known) {
        let said = std::mem::take(&mut self.said).into();
        self.known.insert(known, Pair { said, reported: BTreeMap::new() });
    }

    /// Reports what is known of a pair for an operation: as changes where it is new, else as one more operation that
    /// they reach.
    pub(crate) fn report(
        &mut self,
        known: &Known,
        owner: &Owner,
        (operation, part): (u32, usize),
        at_root: bool,
        way: Way,
    ) {
        let first = self.changes.len();
        let Some(pair) = self.known.get_mut(known).filter(|it| !it.said.is_empty()) else { return };
        let said = Rc::clone(&pair.said);
        if let Some(first) = pair.reported.get(&(part, at_root)) {
            for found in self.changes.iter_mut().skip(*first).take(said.len()) {
                if found.reach.last().is_none_or(|it| it.0 != operation) {
                    found.reach.push((operation, way));
                }
            }
            return;
        }
        pair.reported.insert((part, at_root), first);
        for Said { rule, cause, what } in said.iter() {
            self.add_at(way, *rule, owner, cause.clone(), what.clone());
        }
    }

    /// Adds a finding. `place` says where (`the request body`), `what` says what happened
    /// there and must be the same for every operation that shares the cause.
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        owner: &Owner,
        cause: Cause,
        place: &str,
        what: impl Into<What>,
    ) {
        let way = self.numbers.way(place);
        self.add_at(way, rule, owner, cause, what.into());
    }

    fn add_at(&mut self, way: Way, rule: Rule, owner: &Owner, cause: Cause, what: What) {
        let What { text: what, before, after } = what;
        let (base, revision) = match cause.about {
            Some((base, revision)) => (Some(base), Some(revision)),
            None => (cause.base.clone(), cause.revision.clone()),
        };
        let [old, new] = &self.moves;
        let back = |moves: &[Moves], pointer: Pointer| {
            moves.iter().fold(pointer, |pointer, it| it.original(&pointer))
        };
        let rewritten = |moves: &Vec<Moves>| moves.len().saturating_sub(1);
        let site = Site {
            part: owner.part.clone(),
            base: base.map(|it| back(&old[..rewritten(old)], it)),
            revision: revision.map(|it| back(&new[..rewritten(new)], it)),
        };
        let base = cause.base.map(|it| back(old, it));
        let revision = cause.revision.map(|it| back(new, it));
        let line = |document: &Document, pointer: &Option<Pointer>| {
            let origin = document.origin(pointer.as_deref()?);
            (origin.line > 0).then_some(origin.line)
        };
        let (base_line, revision_line) = (line(self.base, &base), line(self.revision, &revision));
        let file = match (&revision, &base) {
            (Some(pointer), _) => self.revision.origin(pointer).file,
            (None, Some(pointer)) => self.base.origin(pointer).file,
            (None, None) => self.revision.file.clone(),
        };
        let reach = vec![(self.numbers.operation(owner), way)];
        let change = Change {
            rule,
            before,
            after,
            reach: [].into(),
            pointer: revision.or(base).unwrap_or_default(),
            base_line,
            revision_line,
            cause: what,
            file: file.to_string(),
            site,
            level: rule.level(),
        };
        self.changes.push(Found { change, reach });
    }
}
