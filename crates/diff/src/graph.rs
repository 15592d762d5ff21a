//! Which schema of the base stands against which schema of the revision.
//!
//! Every pair is looked at once, however many operations reach it and however the schemas refer to
//! each other: the pairs form a graph, built with a worklist instead of recursion, so that neither
//! a recursive document nor a long chain of references can exhaust the stack.

use crate::canonical::EXTENDS;
use crate::equal::{Fuel, equivalent, equivalent_spread, fuel, is_default, spread};
use crate::inclusion::{Shown, are_disjoint, constants, is_included, overlap};
use crate::types::stays_at_root;
use crate::view::{Key, Schema, Side, Spot, is_annotation, level, same};
use conversations_document::{
    Pointer,
    grammar::{Subschemas, applicators, subschemas},
    reference::schema_reference,
};
use serde_json::Value;
use std::{cell::RefCell, collections::BTreeMap};

/// How one pair is reached from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A property of that name.
    Property(String),
    /// Anything else, as it is shown in a path, for example `items` or `oneOf[1]`.
    Inside(String),
}

impl Step {
    /// Whether it leads to no property, but to what a list holds or to a part of a composition.
    pub(crate) fn stays_at_root(&self) -> bool {
        matches!(self, Step::Inside(key) if stays_at_root(key))
    }

    /// Whether it leads to a schema that does not describe the whole: to what a condition asks for, or to what is refused.
    pub(crate) fn is_partial(&self) -> bool {
        let Step::Inside(key) = self else { return false };
        matches!(key.as_str(), "then" | "else" | "not") || key.starts_with("dependentSchemas[")
    }
}

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

/// What a list allows at a position that it does not describe.
enum Further<'a> {
    /// Anything.
    Open,
    /// Nothing, or it is not known.
    Apart,
    /// What this schema allows, and whether that is of another type.
    Described(Schema<'a>, bool),
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

    /// Fills in what the pair `id` has below it and whether it differs.
    fn look(&mut self, id: usize) {
        let (base, revision) = (self.pairs[id].base.clone(), self.pairs[id].revision.clone());
        if base.key() == revision.key() {
            return;
        }
        if let Some(wrapping) = wrapping((self.base, self.revision), &base, &revision, &self.fuel) {
            let pair = &mut self.pairs[id];
            pair.wrapping = Some(wrapping);
            pair.differs = true;
            return;
        }
        if self.form.is_canonical() && self.alternatives(id, &base, &revision) {
            return;
        }
        let mut below = Vec::new();
        for key in applicators(Subschemas::One) {
            // What changes in a condition says nothing by itself: it decides when something is asked.
            if key == "if" && self.form.is_canonical() {
                continue;
            }
            if let (Some(left), Some(right)) = (base.spot(key), revision.spot(key))
                && left.value.is_object()
                && right.value.is_object()
            {
                below.push((Step::Inside(key.to_owned()), self.intern(left, right)));
            }
        }
        for key in applicators(Subschemas::Named) {
            let right = revision.spot(key);
            for (name, left) in base.map(key) {
                let Some(right) = right.as_ref().and_then(|it| it.get(name)) else { continue };
                let step = match key {
                    "properties" => Step::Property(name.to_owned()),
                    _ => Step::Inside(format!("{key}[{name}]")),
                };
                below.push((step, self.intern(left, right)));
            }
        }
        let mut members = BTreeMap::new();
        let crossed = crossed(&base, &revision).filter(|_| self.form.is_canonical());
        for key in applicators(Subschemas::Combined) {
            let (left, right) = match (crossed, key) {
                (Some(_), "anyOf") => continue,
                (Some(Crossed::ToAny), "oneOf") => (base.list("oneOf"), revision.list("anyOf")),
                (Some(Crossed::ToOne), "oneOf") => (base.list("anyOf"), revision.list("oneOf")),
                _ => (base.list(key), revision.list(key)),
            };
            let left = left.into_iter().map(|it| self.base.schema(it)).collect();
            let right = right.into_iter().map(|it| self.revision.schema(it)).collect();
            let rest = self.group(key, left, right, &mut below);
            members.insert(key, rest);
        }
        let mut moved = Vec::new();
        // Only where the parts do not line up: else every change is named where it stands.
        let parts = members.get("allOf");
        if parts.is_some_and(|it: &Members<'_>| it.says_something())
            && let Some(left) = spread(self.base, &base)
            && let Some(right) = spread(self.revision, &revision)
        {
            if equivalent_spread((self.base, self.revision), &left, &right, &self.fuel) {
                return;
            }
            for (name, old) in left.properties {
                let Some(new) = right.properties.get(name).cloned() else { continue };
                if base.property(name).is_some() != revision.property(name).is_some() {
                    below.push((Step::Property(name.to_owned()), self.intern(old, new)));
                    let needed = (left.required.contains(name), right.required.contains(name));
                    moved.push(Moved { name: name.to_owned(), needed });
                }
            }
        }
        let (left, right) = (base.list("prefixItems"), revision.list("prefixItems"));
        let shared = left.len().min(right.len());
        let step = |at: usize| Step::Inside(format!("prefixItems[{at}]"));
        let mut rest = Members::default();
        let mut open = Members::default();
        // A position that only one side describes stands against what the other allows of any item.
        for (at, new) in right.iter().enumerate().skip(shared) {
            let (items, new) = (base.spot("items"), self.revision.schema(new.clone()));
            match self.further(self.base, items, &new) {
                Further::Open => open.added.push(new),
                Further::Apart => rest.added.push(new),
                Further::Described(items, apart) => {
                    rest.added.extend(apart.then(|| new.clone()));
                    below.push((step(at), self.intern_schemas(items, new)));
                }
            }
        }
        for (at, old) in left.iter().enumerate().skip(shared) {
            let (items, old) = (revision.spot("items"), self.base.schema(old.clone()));
            match self.further(self.revision, items, &old) {
                Further::Open => open.removed.push(old),
                Further::Apart => rest.removed.push(old),
                Further::Described(items, apart) => {
                    rest.removed.extend(apart.then(|| old.clone()));
                    below.push((step(at), self.intern_schemas(old, items)));
                }
            }
        }
        members.insert("prefixItems", rest);
        members.insert("items", open);
        for (at, (left, right)) in left.into_iter().zip(right).enumerate() {
            below.push((step(at), self.intern(left, right)));
        }
        let children = self.children(&base, &revision, &mut below);
        let disjoint = match crossed {
            Some(Crossed::ToOne) => are_disjoint(&self.base, &base.list("anyOf")),
            Some(Crossed::ToAny) => are_disjoint(&self.base, &base.list("oneOf")),
            None => true,
        };
        let differs = !children.added.is_empty()
            || !children.removed.is_empty()
            || members.values().any(|it| !it.added.is_empty() || !it.removed.is_empty())
            || applicators(Subschemas::Combined).any(|key| base.get(key) != revision.get(key))
            || differs_here(&base, &revision)
            || self.is_other_condition(&base, &revision);
        let pair = &mut self.pairs[id];
        pair.below = below;
        pair.members = members;
        pair.moved = moved;
        pair.differs = differs;
        pair.children = children;
        pair.crossed = crossed.filter(|_| !disjoint);
    }

    /// Whether both ask for something by a condition, and not by the same one.
    pub(crate) fn is_other_condition(&self, base: &Schema<'a>, revision: &Schema<'a>) -> bool {
        let (Some(left), Some(right)) = (base.spot("if"), revision.spot("if")) else {
            return false;
        };
        let (left, right) = (self.base.schema(left), self.revision.schema(right));
        self.form.is_canonical()
            && !equivalent((self.base, self.revision), &left, &right, &self.fuel)
    }

    /// What a side allows at a position that only the other one describes, with `schema`.
    fn further(&self, side: Side<'a>, items: Option<Spot<'a>>, schema: &Schema<'a>) -> Further<'a> {
        if !self.form.is_canonical() {
            return Further::Apart;
        }
        let Some(items) = items.map(|it| side.schema(it)) else { return Further::Open };
        let none =
            items.at.value == &Value::Bool(false) || items.get("not").is_some_and(refuses_nothing);
        if none {
            return Further::Apart;
        }
        if items.says_nothing() {
            return Further::Open;
        }
        let (l, r) = (items.types(), schema.types());
        let apart = !l.is_empty() && !r.is_empty() && !l.iter().any(|it| r.contains(it));
        Further::Described(items, apart)
    }

    /// Where only one side lists alternatives, the other may be one of them. Says whether it is.
    fn alternatives(&mut self, id: usize, base: &Schema<'a>, revision: &Schema<'a>) -> bool {
        let listed = |it: &Schema<'a>| {
            let key = ["oneOf", "anyOf"].into_iter().find(|key| !it.list(key).is_empty())?;
            let bare = it.keywords().into_iter().all(|it| {
                it == key || matches!(it, "nullable" | "discriminator") || is_annotation(it)
            });
            bare.then(|| (key, it.list(key)))
        };
        let plain = |it: &Schema<'a>| ["oneOf", "anyOf"].iter().all(|key| it.get(key).is_none());
        // A list of types stands for alternatives, one for each.
        let parted = |it: &Schema<'a>| match it.types().len() {
            0 | 1 => vec![it.clone()],
            _ => it.by_type(),
        };
        let (key, left, right) = match (listed(base), listed(revision)) {
            (None, Some((key, list))) if plain(base) => {
                let list = list.into_iter().map(|it| self.revision.schema(it)).collect();
                (key, parted(base), list)
            }
            (Some((key, list)), None) if plain(revision) => {
                let list: Vec<_> = list.into_iter().map(|it| self.base.schema(it)).collect();
                (key, list, parted(revision))
            }
            _ => return false,
        };
        let sides = (self.base, self.revision);
        let among = |l: &Schema<'a>| right.iter().any(|r| equivalent(sides, l, r, &self.fuel));
        if (left.len() == 1 || right.len() == 1) && !left.iter().any(among) {
            return false;
        }
        let mut below = Vec::new();
        let members = self.group(key, left, right, &mut below);
        if below.is_empty() {
            return false;
        }
        let pair = &mut self.pairs[id];
        pair.differs = !members.added.is_empty()
            || !members.removed.is_empty()
            || base.nullable() != revision.nullable();
        pair.members.insert(key, members);
        pair.below = below;
        pair.alternatives_only = true;
        true
    }

    /// Lines up the schemas that two discriminators lead to, where no composition lists them.
    fn children(
        &mut self,
        base: &Schema<'a>,
        revision: &Schema<'a>,
        below: &mut Vec<(Step, usize)>,
    ) -> Members<'a> {
        let mut members = Members::default();
        let left = self.children[0].led_to(&self.base, base);
        let mut right = self.children[1].led_to(&self.revision, revision);
        for (value, old) in left {
            match right.remove(&value) {
                Some(new) => {
                    let step = Step::Inside(format!("discriminator[{value}]"));
                    below.push((step, self.intern(old, new)));
                }
                None => members.removed.push(self.base.schema(old)),
            }
        }
        members.added = right.into_values().map(|it| self.revision.schema(it)).collect();
        members
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

    /// Finds which members of a composition stand against each other: by the name of a reference,
    /// by saying the same, by title, by being the only ones of a type, and at last by being the only ones
    /// left. Gives the members that stand alone.
    fn group(
        &mut self,
        key: &str,
        left: Vec<Schema<'a>>,
        right: Vec<Schema<'a>>,
        below: &mut Vec<(Step, usize)>,
    ) -> Members<'a> {
        type Fits<'f, 'a> = &'f dyn Fn(&Schema<'a>, &Schema<'a>) -> bool;
        let sides = (self.base, self.revision);
        let canonical = self.form.is_canonical();
        let mut left: Vec<_> = left.into_iter().enumerate().collect();
        let mut right = right;
        let mut pairs = Vec::new();
        let mut take = |left: &mut Vec<(usize, Schema<'a>)>,
                        right: &mut Vec<Schema<'a>>,
                        fits: Fits<'_, 'a>| {
            let mut at = 0;
            while at < left.len() {
                match right.iter().position(|it| fits(&left[at].1, it)) {
                    Some(other) => pairs.push((left.remove(at), right.remove(other))),
                    None => at += 1,
                }
            }
        };
        let named = |it: &Schema<'a>| it.reference.is_some();
        let title = |it: &Schema<'a>| it.text("title");
        let alike = |l: &Schema<'a>, r: &Schema<'a>| {
            // An alternative that is referred to by another name is another alternative, even if
            // both describe the same for now. For parts of `allOf` only what they say counts.
            (key == "allOf" || canonical || !named(l) || !named(r))
                && equivalent(sides, l, r, &self.fuel)
        };
        take(&mut left, &mut right, &|l, r| named(l) && l.reference == r.reference);
        take(&mut left, &mut right, &|l, r| title(l) == title(r) && alike(l, r));
        take(&mut left, &mut right, &|l, r| {
            !named(l) && !named(r) && !title(l).is_empty() && title(l) == title(r)
        });
        take(&mut left, &mut right, &alike);
        if canonical && key != "allOf" {
            let only = |all: &[&Schema<'a>], it: &Schema<'a>| {
                it.types().len() == 1 && all.iter().filter(|o| o.types() == it.types()).count() == 1
            };
            let (l, r) = (left.clone(), right.clone());
            let (l, r): (Vec<_>, Vec<_>) = (l.iter().map(|it| &it.1).collect(), r.iter().collect());
            take(&mut left, &mut right, &|one, other| {
                let unnamed = !named(one) || !named(other);
                unnamed && one.types() == other.types() && only(&l, one) && only(&r, other)
            });
        }
        if canonical && key != "allOf" {
            let (l, r): (Vec<_>, _) = (left.iter().map(|it| it.1.clone()).collect(), right.clone());
            if let Some(name) = told_apart_by((&sides.0, &l), (&sides.1, &r)) {
                take(&mut left, &mut right, &|l, r| {
                    overlap(constants(&sides.0, l, name), constants(&sides.1, r, name))
                });
            }
        }
        let plain = |it: &Schema<'a>| !named(it) && title(it).is_empty();
        if let ([(_, l)], [r]) = (left.as_slice(), right.as_slice())
            && plain(l)
            && plain(r)
        {
            take(&mut left, &mut right, &|_, _| true);
        }
        for ((at, old), new) in pairs {
            below.push((Step::Inside(format!("{key}[{at}]")), self.intern_schemas(old, new)));
        }
        Members { added: right, removed: left.into_iter().map(|it| it.1).collect() }
    }
}

/// Whether the alternatives stand under another keyword than before.
fn crossed(base: &Schema<'_>, revision: &Schema<'_>) -> Option<Crossed> {
    let has = |it: &Schema<'_>| (!it.list("oneOf").is_empty(), !it.list("anyOf").is_empty());
    match (has(base), has(revision)) {
        ((true, false), (false, true)) => Some(Crossed::ToAny),
        ((false, true), (true, false)) => Some(Crossed::ToOne),
        _ => None,
    }
}

/// The property whose values distinguish the alternatives of either side from each other.
fn told_apart_by<'a>(
    left: (&Side<'a>, &[Schema<'a>]),
    right: (&Side<'a>, &[Schema<'a>]),
) -> Option<&'a str> {
    let apart = |(side, all): (&Side<'a>, &[Schema<'a>]), name: &str| {
        let values: Vec<_> = all.iter().map(|it| constants(side, it, name)).collect();
        values.iter().enumerate().all(|(at, one)| {
            !one.is_empty() && values.iter().skip(at + 1).all(|other| !overlap(one, other))
        })
    };
    let names = left.1.first()?.texts("required");
    names.into_iter().find(|name| apart(left, name) && apart(right, name))
}

/// The schemas of a document that extend others, by the pointer of what they extend.
#[derive(Debug, Default)]
struct Children<'a>(BTreeMap<Pointer, Vec<(&'a str, Spot<'a>)>>);

impl<'a> Children<'a> {
    fn of(side: &Side<'a>) -> Self {
        let mut all: BTreeMap<Pointer, Vec<(&'a str, Spot<'a>)>> = BTreeMap::new();
        let schemas = side.spot().get("components").and_then(|it| it.get("schemas"));
        for (name, spot) in schemas.map(|it| it.members()).unwrap_or_default() {
            let parts = spot.value.get(EXTENDS).and_then(Value::as_array);
            for target in parts.into_iter().flatten().filter_map(Value::as_str) {
                if let Some(target) = side.target(target) {
                    all.entry(target.pointer).or_default().push((name, spot.clone()));
                }
            }
        }
        Self(all)
    }

    /// The schemas that a discriminator leads to, by its value: those that it maps, and those that
    /// extend the schema, at any depth. Where alternatives are listed, these say it.
    fn led_to(&self, side: &Side<'a>, schema: &Schema<'a>) -> BTreeMap<String, Spot<'a>> {
        let mut found: BTreeMap<String, Spot<'a>> = BTreeMap::new();
        let listed = ["oneOf", "anyOf"].iter().any(|key| !schema.list(key).is_empty());
        let Some(discriminator) = schema.get("discriminator").filter(|_| !listed) else {
            return found;
        };
        let named = schema.at.pointer.starts_with("/components/schemas/")
            && schema.at.pointer.matches('/').count() == 3;
        // What extends a schema repeats its discriminator, and is not a parent for that.
        if !named || schema.get(EXTENDS).is_some() && !self.0.contains_key(&schema.at.pointer) {
            return found;
        }
        let mut work = vec![schema.at.pointer.clone()];
        let mut below: BTreeMap<Pointer, (&'a str, Spot<'a>)> = BTreeMap::new();
        while let Some(parent) = work.pop() {
            for (name, spot) in self.0.get(&parent).into_iter().flatten() {
                if below.insert(spot.pointer.clone(), (name, spot.clone())).is_none() {
                    work.push(spot.pointer.clone());
                }
            }
        }
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        for (value, target) in mapping.into_iter().flatten() {
            let Some(target) = target.as_str() else { continue };
            let target = match target.starts_with('#') {
                true => side.target(target),
                false => side.target(&schema_reference(target)),
            };
            let Some(target) = target.filter(|it| it.pointer != schema.at.pointer) else {
                continue;
            };
            // A mapping of the parent that the child repeats leads to its siblings too.
            if below.contains_key(&target.pointer) || schema.get(EXTENDS).is_none() {
                below.remove(&target.pointer);
                found.insert(value.clone(), target);
            }
        }
        for (name, spot) in below.into_values() {
            if !found.values().any(|it| it.pointer == spot.pointer) {
                found.insert(name.to_owned(), spot);
            }
        }
        found
    }
}

/// Whether a schema below `not` makes it refuse everything.
fn refuses_nothing(below: &Value) -> bool {
    below.as_object().is_some_and(|it| it.keys().all(|key| is_annotation(key)))
}

fn differs_here(base: &Schema<'_>, revision: &Schema<'_>) -> bool {
    if base.at.value.is_boolean() || revision.at.value.is_boolean() {
        return base.at.value != revision.at.value;
    }
    let mut keys = base.keywords();
    keys.extend(revision.keywords());
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().any(|key| {
        if key.starts_with("x-") {
            return base.any(key) != revision.any(key);
        }
        let holds = subschemas(key);
        if is_annotation(key) || matches!(holds, Some(Subschemas::Combined | Subschemas::Ordered)) {
            return false;
        }
        if holds == Some(Subschemas::Named) {
            let names = |it: &Schema<'_>| -> Vec<String> {
                let mut names: Vec<_> =
                    it.map(key).into_iter().map(|(n, _)| n.to_owned()).collect();
                names.sort_unstable();
                names
            };
            return names(base) != names(revision);
        }
        match (base.get(key), revision.get(key)) {
            (Some(Value::Object(_)), Some(Value::Object(_))) if holds == Some(Subschemas::One) => {
                false
            }
            (Some(left), Some(right)) => !same(left, right),
            (Some(only), None) | (None, Some(only)) => !is_default(key, only),
            (None, None) => false,
        }
    })
}

/// Whether the revision is the base made nullable by `oneOf: [{type: null}, base]`, or the reverse.
fn wrapping<'a>(
    sides: (Side<'a>, Side<'a>),
    base: &Schema<'a>,
    revision: &Schema<'a>,
    fuel: &Fuel,
) -> Option<Wrapping> {
    if base.nullable() || revision.nullable() {
        return None;
    }
    if let Some(inner) = beside_null(&sides.1, revision) {
        let inner = sides.1.schema(inner);
        return (beside_null(&sides.0, base).is_none() && equivalent(sides, base, &inner, fuel))
            .then_some(Wrapping::BecameNullable);
    }
    let inner = sides.0.schema(beside_null(&sides.0, base)?);
    equivalent(sides, &inner, revision, fuel).then_some(Wrapping::BecameNotNullable)
}

/// The alternative beside `null` of a two-way `oneOf` or `anyOf` that says nothing else.
pub(crate) fn beside_null<'a>(side: &Side<'a>, schema: &Schema<'a>) -> Option<Spot<'a>> {
    let key = ["oneOf", "anyOf"].into_iter().find(|key| schema.list(key).len() == 2)?;
    let bare = schema.keywords().into_iter().all(|it| it == key || is_annotation(it));
    let is_null = |spot: &Spot<'a>| {
        let schema = side.schema(spot.clone());
        schema.written_types() == ["null"]
    };
    let (null, other): (Vec<_>, Vec<_>) = schema.list(key).into_iter().partition(is_null);
    (bare && null.len() == 1).then(|| other.into_iter().next()).flatten()
}
