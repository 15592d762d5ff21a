//! Which schema of the base stands against which schema of the revision.
//!
//! Every pair is looked at once, however many operations reach it and however the schemas refer to
//! each other: the pairs form a graph, built with a worklist instead of recursion, so that neither
//! a recursive document nor a long chain of references can exhaust the stack.

use crate::equal::{
    Fuel, GROUP_KEYWORDS, MAP_KEYWORDS, SCHEMA_KEYWORDS, equivalent, equivalent_spread, fuel,
    is_default, spread,
};
use crate::view::{Key, Schema, Side, Spot, is_annotation, level, same};
use serde_json::Value;
use std::collections::BTreeMap;

/// How one pair is reached from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A property of that name.
    Property(String),
    /// Anything else, as it is shown in a path, for example `items` or `oneOf[1]`.
    Inside(String),
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
    ids: BTreeMap<(Key, Key), usize>,
}

impl<'a> Graph<'a> {
    /// A graph without pairs.
    pub(crate) fn new(base: Side<'a>, revision: Side<'a>) -> Self {
        Self { base, revision, pairs: Vec::new(), fuel: fuel(), ids: BTreeMap::new() }
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
        let mut below = Vec::new();
        for key in SCHEMA_KEYWORDS {
            if let (Some(left), Some(right)) = (base.spot(key), revision.spot(key))
                && left.value.is_object()
                && right.value.is_object()
            {
                below.push((Step::Inside(key.to_owned()), self.intern(left, right)));
            }
        }
        for key in MAP_KEYWORDS {
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
        for key in GROUP_KEYWORDS {
            let matched = self.group(key, &base, &revision);
            for (at, left, right) in matched.same {
                below.push((Step::Inside(format!("{key}[{at}]")), self.intern(left, right)));
            }
            members.insert(key, matched.members);
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
        let rest = Members {
            added: right[shared..].iter().map(|it| self.revision.schema(it.clone())).collect(),
            removed: left[shared..].iter().map(|it| self.base.schema(it.clone())).collect(),
        };
        members.insert("prefixItems", rest);
        for (at, (left, right)) in left.into_iter().zip(right).enumerate() {
            below.push((Step::Inside(format!("prefixItems[{at}]")), self.intern(left, right)));
        }
        let differs = members.values().any(|it| !it.added.is_empty() || !it.removed.is_empty())
            || GROUP_KEYWORDS.iter().any(|key| base.get(key) != revision.get(key))
            || differs_here(&base, &revision);
        let pair = &mut self.pairs[id];
        pair.below = below;
        pair.members = members;
        pair.moved = moved;
        pair.differs = differs;
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
    /// by saying the same, by title, and at last by being the only ones left.
    fn group(&self, key: &str, base: &Schema<'a>, revision: &Schema<'a>) -> Matched<'a> {
        let sides = (self.base, self.revision);
        let mut left: Vec<_> = numbered(&self.base, base.list(key));
        let mut right: Vec<_> = numbered(&self.revision, revision.list(key));
        let mut same = Vec::new();
        let mut take = |left: &mut Vec<Member<'a>>,
                        right: &mut Vec<Member<'a>>,
                        fits: &dyn Fn(&Member<'a>, &Member<'a>) -> bool| {
            let mut at = 0;
            while at < left.len() {
                match right.iter().position(|it| fits(&left[at], it)) {
                    Some(other) => {
                        let (l, r) = (left.remove(at), right.remove(other));
                        same.push((l.number, l.spot, r.spot));
                    }
                    None => at += 1,
                }
            }
        };
        let title = |it: &Member<'a>| it.schema.text("title");
        let alike = |l: &Member<'a>, r: &Member<'a>| {
            // An alternative that is referred to by another name is another alternative, even if
            // both describe the same for now. For parts of `allOf` only what they say counts.
            let named = |it: &Member<'a>| it.schema.reference.is_some();
            (key == "allOf" || !named(l) || !named(r))
                && equivalent(sides, &l.schema, &r.schema, &self.fuel)
        };
        take(&mut left, &mut right, &|l, r| {
            l.schema.reference.is_some() && l.schema.reference == r.schema.reference
        });
        take(&mut left, &mut right, &|l, r| title(l) == title(r) && alike(l, r));
        take(&mut left, &mut right, &|l, r| {
            let inline = l.schema.reference.is_none() && r.schema.reference.is_none();
            inline && !title(l).is_empty() && title(l) == title(r)
        });
        take(&mut left, &mut right, &alike);
        let plain = |it: &[Member<'a>]| {
            it.len() == 1
                && it[0].schema.reference.is_none()
                && it[0].schema.text("title").is_empty()
        };
        if plain(&left) && plain(&right) {
            take(&mut left, &mut right, &|_, _| true);
        }
        Matched {
            same,
            members: Members {
                added: right.into_iter().map(|it| it.schema).collect(),
                removed: left.into_iter().map(|it| it.schema).collect(),
            },
        }
    }
}

struct Matched<'a> {
    same: Vec<(usize, Spot<'a>, Spot<'a>)>,
    members: Members<'a>,
}

struct Member<'a> {
    number: usize,
    spot: Spot<'a>,
    schema: Schema<'a>,
}

fn numbered<'a>(side: &Side<'a>, spots: Vec<Spot<'a>>) -> Vec<Member<'a>> {
    spots
        .into_iter()
        .enumerate()
        .map(|(number, spot)| Member { number, schema: side.schema(spot.clone()), spot })
        .collect()
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
        if is_annotation(key) || GROUP_KEYWORDS.contains(&key) || key == "prefixItems" {
            return false;
        }
        if MAP_KEYWORDS.contains(&key) {
            let names = |it: &Schema<'_>| -> Vec<String> {
                let mut names: Vec<_> =
                    it.map(key).into_iter().map(|(n, _)| n.to_owned()).collect();
                names.sort_unstable();
                names
            };
            return names(base) != names(revision);
        }
        match (base.get(key), revision.get(key)) {
            (Some(Value::Object(_)), Some(Value::Object(_))) if SCHEMA_KEYWORDS.contains(&key) => {
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
