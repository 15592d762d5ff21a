//! What a pair of schemas has below it, and whether the two differ by themselves.

use super::alternatives::{crossed, wrapping};
use super::{Crossed, Graph, Members, Moved, Step};
use crate::disjoint::are_disjoint;
use crate::equal::{equivalent, equivalent_spread, is_default, spread};
use crate::view::{Schema, Side, Spot, is_annotation, same};
use conversations_document::grammar::{Subschemas, applicators, subschemas};
use serde_json::Value;
use std::collections::BTreeMap;

impl<'a> Graph<'a> {
    /// Fills in what the pair `id` has below it and whether it differs.
    pub(super) fn look(&mut self, id: usize) {
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
                below.push((Step::by(key), self.intern(left, right)));
            }
        }
        for key in applicators(Subschemas::Named) {
            let right = revision.spot(key);
            for (name, left) in base.map(key) {
                let Some(right) = right.as_ref().and_then(|it| it.get(name)) else { continue };
                let step = match key {
                    "properties" => Step::property(name),
                    _ => Step::to_member(key, name),
                };
                below.push((step, self.intern(left, right)));
            }
        }
        self.others(&base, &revision, &mut below);
        let mut members = BTreeMap::new();
        let crossed = crossed(&base, &revision).filter(|_| self.form.is_canonical());
        for key in applicators(Subschemas::Combined) {
            let (left, right) = match (crossed, key) {
                (Some(_), "anyOf") => continue,
                (Some(Crossed::ToAny), "oneOf") => ("oneOf", "anyOf"),
                (Some(Crossed::ToOne), "oneOf") => ("anyOf", "oneOf"),
                _ => (key, key),
            };
            let left = base.members(&self.base, left);
            let right = revision.members(&self.revision, right);
            let rest = self.group(key, (&base, &revision), left, right, &mut below);
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
                    below.push((Step::property(name), self.intern(old, new)));
                    let needed = (left.required.contains(name), right.required.contains(name));
                    moved.push(Moved { name: name.to_owned(), needed });
                }
            }
        }
        let [rest, open] = self.positions(&base, &revision, &mut below);
        members.insert("prefixItems", rest);
        members.insert("items", open);
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

    /// Sets a property that only one side describes against what the other allows of any other property.
    fn others(&mut self, base: &Schema<'a>, revision: &Schema<'a>, below: &mut Vec<(Step, usize)>) {
        let key = "additionalProperties";
        let alone =
            |it: &Schema<'a>| it.list("allOf").is_empty() && it.map("patternProperties").is_empty();
        if !self.form.is_canonical() || !alone(base) || !alone(revision) {
            return;
        }
        let lacking = |here: &Schema<'a>, side: Side<'a>, there: &Schema<'a>, other: Side<'a>| {
            let rest = other.schema(there.spot(key).filter(|it| it.value.is_object())?);
            let only =
                here.map("properties").into_iter().filter(|it| there.property(it.0).is_none());
            let only = only.map(|(name, spot)| (name, side.schema(spot)));
            // Who sends such a property, and that it ends, stands in its own schema.
            let own = ["readOnly", "writeOnly", "deprecated"];
            let only = only.filter(|it| !own.iter().any(|key| it.1.flag(key)));
            (!rest.refuses_all()).then(|| (rest, only.collect::<Vec<_>>()))
        };
        if let Some((rest, only)) = lacking(base, self.base, revision, self.revision) {
            for (name, old) in only {
                below.push((Step::to_member(key, name), self.intern_schemas(old, rest.clone())));
            }
        }
        if let Some((rest, only)) = lacking(revision, self.revision, base, self.base) {
            for (name, new) in only {
                below.push((Step::to_member(key, name), self.intern_schemas(rest.clone(), new)));
            }
        }
    }

    /// Lines up the positions of two lists. Gives those that only one side describes: first those at which the other
    /// allows nothing of their type, then those at which it allows anything.
    fn positions(
        &mut self,
        base: &Schema<'a>,
        revision: &Schema<'a>,
        below: &mut Vec<(Step, usize)>,
    ) -> [Members<'a>; 2] {
        let (left, right) = (base.list("prefixItems"), revision.list("prefixItems"));
        let shared = left.len().min(right.len());
        let step = |at: usize| Step::to_member("prefixItems", at);
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
        for (at, (left, right)) in left.into_iter().zip(right).enumerate() {
            below.push((step(at), self.intern(left, right)));
        }
        [rest, open]
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
        if items.refuses_all() {
            return Further::Apart;
        }
        if items.says_nothing() {
            return Further::Open;
        }
        let (l, r) = (items.types(), schema.types());
        let apart = !l.is_empty() && !r.is_empty() && !l.iter().any(|it| r.contains(it));
        Further::Described(items, apart)
    }
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
