//! Which schema of the base stands against which schema of the revision.
//!
//! Every pair is looked at once, however many operations reach it and however the schemas refer to
//! each other: the pairs form a graph, built with a worklist instead of recursion, so that neither
//! a recursive document nor a long chain of references can exhaust the stack.

mod alternatives;
mod children;
mod look;

use crate::equal::{Fuel, fuel};
use crate::inclusion::{Shown, is_included};
use crate::types::Step;
use crate::view::{Key, Schema, Side, Spot, level};
use children::Children;
use std::{cell::RefCell, collections::BTreeMap};

/// The alternatives (or parts) of a composition that only one side has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members<'a> {
    /// Only in the revision.
    pub(crate) added: Vec<Schema<'a>>,
    /// Only in the base.
    pub(crate) removed: Vec<Schema<'a>>,
}

impl Members<'_> {
    fn says_something(&self) -> bool {
        self.added.iter().chain(&self.removed).any(|it| !it.says_nothing())
    }
}

/// A property that is described elsewhere in its object than before.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    /// Its name.
    pub(crate) name: String,
    /// Whether it had to be there, and whether it has to.
    pub(crate) needed: (bool, bool),
}

/// A schema that became nullable, or ceased to be, by a two-way `oneOf` with `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// The revision wraps what the base says.
    BecameNullable,
    /// The base wraps what the revision says.
    BecameNotNullable,
}

/// Which reading of the documents a graph is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are written.
    Written,
    /// With all schemas brought to their canonical form.
    Canonical,
    /// As they are written, which is the canonical form.
    Both,
}

impl Form {
    /// Whether all schemas are in their canonical form.
    pub(crate) fn is_canonical(self) -> bool {
        self != Form::Written
    }
}

/// A list of alternatives under another keyword than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crossed {
    /// `oneOf` became `anyOf`.
    ToAny,
    /// `anyOf` became `oneOf`.
    ToOne,
}

/// Two schemas that stand in the same place.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    /// The schema of the base.
    pub(crate) base: Schema<'a>,
    /// The schema of the revision.
    pub(crate) revision: Schema<'a>,
    /// Whether the two differ here, not only below.
    pub(crate) differs: bool,
    /// Whether they differ here or below.
    pub(crate) changed: bool,
    /// The pairs below.
    pub(crate) below: Vec<(Step, usize)>,
    /// The members of `allOf`, `anyOf`, `oneOf` and `prefixItems` that have no counterpart.
    pub(crate) members: BTreeMap<&'static str, Members<'a>>,
    /// The properties that went into a part of `allOf`, or came out of one.
    pub(crate) moved: Vec<Moved>,
    /// Whether only a wrapping with `null` came or went.
    pub(crate) wrapping: Option<Wrapping>,
    /// Whether the alternatives stand under another keyword, and that matters.
    pub(crate) crossed: Option<Crossed>,
    /// Whether one of the two is an alternative of the other, so that nothing else is to be compared.
    pub(crate) alternatives_only: bool,
    /// The schemas that only one discriminator leads to.
    pub(crate) children: Members<'a>,
}

impl<'a> Pair<'a> {
    /// Whether the revision describes a property of `schema` that the base does not.
    pub(crate) fn gains_property_of(&self, schema: &Schema<'a>) -> bool {
        let mut names = self.revision.map("properties").into_iter().map(|it| it.0);
        names.any(|it| self.base.property(it).is_none() && schema.property(it).is_some())
    }
}

/// All pairs of schemas that were asked for, and those below them.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    /// The documents.
    pub(crate) base: Side<'a>,
    /// The documents.
    pub(crate) revision: Side<'a>,
    /// The pairs.
    pub(crate) pairs: Vec<Pair<'a>>,
    /// What comparing may still cost.
    pub(crate) fuel: Fuel,
    /// Which reading this is.
    pub(crate) form: Form,
    children: [Children<'a>; 2],
    ids: BTreeMap<(Key, Key), usize>,
    /// Which schemas of the base allow no more than those of the revision, and the reverse.
    shown: [RefCell<Shown>; 2],
}

impl<'a> Graph<'a> {
    /// A graph without pairs.
    pub(crate) fn new(base: Side<'a>, revision: Side<'a>, form: Form) -> Self {
        let children = match form.is_canonical() {
            true => [Children::of(&base), Children::of(&revision)],
            false => [Children::default(), Children::default()],
        };
        let (fuel, ids) = (fuel(), BTreeMap::new());
        Self {
            base,
            revision,
            pairs: Vec::new(),
            fuel,
            form,
            children,
            ids,
            shown: Default::default(),
        }
    }

    /// Whether what one of the pair allows is allowed by the other: for a request by that of the revision, else by that of
    /// the base. As they are written, schemas are not asked.
    pub(crate) fn is_safe(&self, pair: &Pair<'a>, request: bool) -> bool {
        let [widened, narrowed] = &self.shown;
        let (old, new) = ((self.base, &pair.base), (self.revision, &pair.revision));
        let (inner, outer, shown) = match request {
            true => (old, new, widened),
            false => (new, old, narrowed),
        };
        self.form.is_canonical()
            && is_included(
                !request,
                (inner.0, outer.0),
                (inner.1, outer.1),
                &self.fuel,
                &mut shown.borrow_mut(),
            )
    }

    /// The pair of two schemas, built with everything below it.
    pub(crate) fn pair(&mut self, base: Spot<'a>, revision: Spot<'a>) -> usize {
        let first_new = self.pairs.len();
        let id = self.intern(base, revision);
        let mut next = first_new;
        while next < self.pairs.len() {
            self.look(next);
            next += 1;
        }
        self.spread(first_new);
        id
    }

    fn intern(&mut self, base: Spot<'a>, revision: Spot<'a>) -> usize {
        let (base, revision) = (self.base.schema(base), self.revision.schema(revision));
        self.intern_schemas(base, revision)
    }

    fn intern_schemas(&mut self, base: Schema<'a>, revision: Schema<'a>) -> usize {
        let (base, revision) = level((self.base, self.revision), base, revision);
        let key = (base.key(), revision.key());
        if let Some(&id) = self.ids.get(&key) {
            return id;
        }
        self.pairs.push(Pair {
            base,
            revision,
            differs: false,
            changed: false,
            below: Vec::new(),
            members: BTreeMap::new(),
            moved: Vec::new(),
            wrapping: None,
            crossed: None,
            alternatives_only: false,
            children: Members::default(),
        });
        self.ids.insert(key, self.pairs.len() - 1);
        self.pairs.len() - 1
    }

    /// Carries "changed" from the new pairs up to those that reach them.
    fn spread(&mut self, first_new: usize) {
        let mut above: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut work: Vec<usize> = Vec::new();
        for id in first_new..self.pairs.len() {
            let old_change = self.pairs[id]
                .below
                .iter()
                .any(|(_, it)| *it < first_new && self.pairs[*it].changed);
            if self.pairs[id].differs || old_change {
                work.push(id);
            }
            for (_, below) in &self.pairs[id].below {
                above.entry(*below).or_default().push(id);
            }
        }
        while let Some(id) = work.pop() {
            if !std::mem::replace(&mut self.pairs[id].changed, true) {
                work.extend(above.get(&id).into_iter().flatten().copied());
            }
        }
    }
}
