//! The schemas that a discriminator leads to where no composition lists them.

use super::{Graph, Members, Step};
use crate::canonical::EXTENDS;
use crate::discriminator::{mapping, target as target_of};
use crate::view::{Schema, Side, Spot};
use conversations_document::Pointer;
use serde_json::Value;
use std::collections::BTreeMap;

impl<'a> Graph<'a> {
    /// Lines up the schemas that two discriminators lead to, where no composition lists them.
    pub(super) fn children(
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
                    let step = Step::to_member("discriminator", &value);
                    below.push((step, self.intern(old, new)));
                }
                None => members.removed.push(self.base.schema(old)),
            }
        }
        members.added = right.into_values().map(|it| self.revision.schema(it)).collect();
        members
    }
}

/// The schemas of a document that extend others, by the pointer of what they extend.
#[derive(Debug, Default)]
pub(super) struct Children<'a>(BTreeMap<Pointer, Vec<(&'a str, Spot<'a>)>>);

impl<'a> Children<'a> {
    pub(super) fn of(side: &Side<'a>) -> Self {
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
        // What extends a schema repeats its discriminator, and is not a parent for that.
        if schema.get(EXTENDS).is_some() && !self.0.contains_key(&schema.at.pointer) {
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
        for (value, target) in mapping(discriminator).into_iter().flatten() {
            let target = target_of(side, target);
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
