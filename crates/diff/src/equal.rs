//! Whether two schemas accept the same values, as far as that can be read off them: annotations do
//! not count, nor does the order of alternatives, nor whether a part is written in place or behind a
//! `$ref`. Recursive schemas are equal where no difference can be reached.

use crate::discriminator::{self, mapping};
use crate::view::{Key, Schema, Side, Spot, is_annotation, level, same};
use conversations_document::grammar::{Subschemas, subschemas};
use serde_json::{Map, Value};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

/// Below this depth two schemas count as different: nobody writes such a document by hand, and a
/// false alarm is better than an overflow.
const MAX_DEPTH: usize = 48;

/// How many steps of comparing are left for a whole document. Groups of alternatives are matched by
/// trying, and hostile input could make that take forever; once the fuel is gone, only what is
/// written alike counts as equal.
pub(crate) type Fuel = Cell<usize>;

/// A full tank.
pub(crate) fn fuel() -> Fuel {
    Cell::new(4_000_000)
}

/// Whether `base` and `revision` accept the same values.
pub(crate) fn equivalent<'a>(
    sides: (Side<'a>, Side<'a>),
    base: &Schema<'a>,
    revision: &Schema<'a>,
    fuel: &Fuel,
) -> bool {
    Comparison::new(sides, fuel).schemas(base, revision, 0)
}

/// Whether two schemas whose `allOf` is spread out accept the same values: a part that was
/// extracted, or taken back in, says what it said before.
pub(crate) fn equivalent_spread<'a>(
    sides: (Side<'a>, Side<'a>),
    left: &Spread<'a>,
    right: &Spread<'a>,
    fuel: &Fuel,
) -> bool {
    let mut comparison = Comparison::new(sides, fuel);
    left.required == right.required
        && left.rest.len() == right.rest.len()
        && left.rest.iter().all(|(key, l)| right.rest.get(key).is_some_and(|r| same(l, r)))
        && left.properties.len() == right.properties.len()
        && left.properties.iter().all(|(name, l)| {
            let other = right.properties.get(name).cloned();
            other.is_some_and(|r| comparison.spots(l.clone(), r, 1))
        })
}

/// A schema with the parts of its `allOf` laid over each other.
#[derive(Debug, Default)]
pub(crate) struct Spread<'a> {
    /// All properties.
    pub(crate) properties: BTreeMap<&'a str, Spot<'a>>,
    /// Those that must be there.
    pub(crate) required: BTreeSet<&'a str>,
    rest: BTreeMap<&'a str, &'a Value>,
}

/// Lays the parts of a schema over each other; nothing where two parts speak of the same thing, where one refuses
/// what another describes, or where they are too many to be a matter of style.
pub(crate) fn spread<'a>(side: Side<'a>, schema: &Schema<'a>) -> Option<Spread<'a>> {
    let mut out = Spread::default();
    let mut work = vec![schema.clone()];
    let mut steps = 0;
    let mut described = None;
    while let Some(part) = work.pop() {
        steps += 1;
        let open = |key: &str| part.get(key).is_none_or(|it| is_default(key, it));
        // What the whole forbids is meant for the properties of all its parts.
        if steps > 1 && !(open("additionalProperties") && open("unevaluatedProperties")) {
            described = Some(part.map("properties").len());
        }
        if steps > 32 || !part.at.value.is_object() || part.get("$ref").is_some() {
            return None;
        }
        work.extend(part.list("allOf").into_iter().map(|it| side.schema(it)));
        out.required.extend(part.texts("required"));
        for (name, spot) in part.map("properties") {
            if out.properties.insert(name, spot).is_some() {
                return None;
            }
        }
        for key in part.keywords() {
            if is_annotation(key) || matches!(key, "allOf" | "required" | "properties") {
                continue;
            }
            let value = part.get(key)?;
            let said = out.rest.insert(key, value);
            if said.is_some_and(|it| !same(it, value)) {
                return None;
            }
        }
    }
    if described.is_some_and(|it| it != out.properties.len()) {
        return None;
    }
    // An object is what properties are for, whether it is said or not.
    if !out.properties.is_empty() && out.rest.get("type").is_some_and(|it| *it == "object") {
        out.rest.remove("type");
    }
    Some(out)
}

struct Comparison<'a, 'f> {
    sides: (Side<'a>, Side<'a>),
    assumed: BTreeSet<(Key, Key)>,
    /// What is assumed, in the order in which it was.
    trail: Vec<(Key, Key)>,
    fuel: &'f Fuel,
}

impl<'a, 'f> Comparison<'a, 'f> {
    fn new(sides: (Side<'a>, Side<'a>), fuel: &'f Fuel) -> Self {
        Self { sides, assumed: BTreeSet::new(), trail: Vec::new(), fuel }
    }

    fn schemas(&mut self, base: &Schema<'a>, revision: &Schema<'a>, depth: usize) -> bool {
        let left = self.fuel.get().saturating_sub(1);
        self.fuel.set(left);
        if depth > MAX_DEPTH || left == 0 {
            return same(base.at.value, revision.at.value);
        }
        let pair = (base.key(), revision.key());
        if !self.assumed.insert(pair) {
            return true;
        }
        let before = self.trail.len();
        self.trail.push(pair);
        let equal = self.keywords(base, revision, depth);
        if !equal {
            // What was found equal meanwhile may have been so by this assumption.
            for pair in self.trail.drain(before..) {
                self.assumed.remove(&pair);
            }
        }
        equal
    }

    fn keywords(&mut self, base: &Schema<'a>, revision: &Schema<'a>, depth: usize) -> bool {
        if base.at.value.is_boolean() || revision.at.value.is_boolean() {
            return base.at.value == revision.at.value;
        }
        if normal_types(base) != normal_types(revision)
            || base.nullable() != revision.nullable()
            || base.bounds("minimum", "exclusiveMinimum")
                != revision.bounds("minimum", "exclusiveMinimum")
            || base.bounds("maximum", "exclusiveMaximum")
                != revision.bounds("maximum", "exclusiveMaximum")
        {
            return false;
        }
        let mut keys = base.keywords();
        keys.extend(revision.keywords());
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().all(|key| self.keyword(key, base, revision, depth))
    }

    fn keyword(
        &mut self,
        key: &str,
        base: &Schema<'a>,
        revision: &Schema<'a>,
        depth: usize,
    ) -> bool {
        let handled = ["type", "nullable", "minimum", "exclusiveMinimum", "maximum"];
        if is_annotation(key)
            || handled.contains(&key)
            || matches!(key, "exclusiveMaximum" | "deprecated" | "default")
        {
            return true;
        }
        match subschemas(key) {
            Some(Subschemas::One) => {
                return match (base.spot(key), revision.spot(key)) {
                    (Some(base), Some(revision)) => self.spots(base, revision, depth),
                    (Some(only), None) | (None, Some(only)) => only.value == &Value::Bool(true),
                    (None, None) => true,
                };
            }
            Some(Subschemas::Named) => {
                let (left, right) = (base.map(key), revision.map(key));
                return left.len() == right.len()
                    && left.into_iter().all(|(name, spot)| {
                        let other = right.iter().find(|(other, _)| *other == name);
                        other.is_some_and(|(_, other)| self.spots(spot, other.clone(), depth))
                    });
            }
            Some(Subschemas::Combined) => {
                let (left, right) = (&self.sides.0, &self.sides.1);
                return self.groups(base.members(left, key), revision.members(right, key), depth);
            }
            Some(Subschemas::Ordered) => {
                let (left, right) = (base.list(key), revision.list(key));
                return left.len() == right.len()
                    && left.into_iter().zip(right).all(|(l, r)| self.spots(l, r, depth));
            }
            None => {}
        }
        if matches!(key, "const" | "enum") {
            return match (base.listed(), revision.listed()) {
                (Some(left), Some(right)) => are_same_set(left, right),
                (left, right) => left.is_none() && right.is_none(),
            };
        }
        match (base.get(key), revision.get(key)) {
            (Some(left), Some(right)) if key == "required" => as_set(left, right),
            (Some(left), Some(right)) if key == "discriminator" => {
                discriminator::names(&self.sides.0, base)
                    == discriminator::names(&self.sides.1, revision)
                    && self.discriminators(left, right, depth)
            }
            (Some(left), Some(right)) => same(left, right),
            (Some(only), None) | (None, Some(only)) => is_default(key, only),
            (None, None) => true,
        }
    }

    /// Whether two discriminators lead to equal schemas by the same values of the same property.
    fn discriminators(&mut self, base: &'a Value, revision: &'a Value, depth: usize) -> bool {
        let (left, right) = (mapping(base), mapping(revision));
        let count = |it: Option<&Map<String, Value>>| it.map_or(0, Map::len);
        base.get("propertyName") == revision.get("propertyName")
            && count(left) == count(right)
            && left.into_iter().flatten().all(|(value, old)| {
                let new = right.and_then(|it| it.get(value));
                let target = |side, it| discriminator::target(side, it);
                match (target(&self.sides.0, old), new.and_then(|it| target(&self.sides.1, it))) {
                    (Some(left), Some(right)) => self.spots(left, right, depth),
                    (left, right) => left.is_none() && right.is_none() && new == Some(old),
                }
            })
    }

    fn spots(&mut self, base: Spot<'a>, revision: Spot<'a>, depth: usize) -> bool {
        let (base, revision) = (self.sides.0.schema(base), self.sides.1.schema(revision));
        let (base, revision) = level(self.sides, base, revision);
        self.schemas(&base, &revision, depth + 1)
    }

    fn groups(
        &mut self,
        base: Vec<Schema<'a>>,
        mut revision: Vec<Schema<'a>>,
        depth: usize,
    ) -> bool {
        base.len() == revision.len()
            && base.into_iter().all(|left| {
                let found = revision.iter().position(|right| {
                    let (left, right) = level(self.sides, left.clone(), right.clone());
                    self.schemas(&left, &right, depth + 1)
                });
                found.map(|at| revision.remove(at)).is_some()
            })
    }
}

fn normal_types<'a>(schema: &Schema<'a>) -> Vec<&'a str> {
    let mut types = schema.types();
    types.sort_unstable();
    types
}

fn as_set(left: &Value, right: &Value) -> bool {
    match (left.as_array(), right.as_array()) {
        (Some(left), Some(right)) => are_same_set(left, right),
        _ => left == right,
    }
}

fn are_same_set(left: &[Value], right: &[Value]) -> bool {
    left.iter().all(|l| right.iter().any(|r| same(l, r)))
        && right.iter().all(|r| left.iter().any(|l| same(l, r)))
}

/// Whether a keyword with this value says what its absence says.
pub(crate) fn is_default(key: &str, value: &Value) -> bool {
    match key {
        "required" | "enum" | "dependentRequired" => value.as_array().is_some_and(Vec::is_empty),
        "minLength" | "minItems" | "minProperties" => value.as_f64() == Some(0.0),
        "const" | "contains" => false,
        key if key != "not" && subschemas(key) == Some(Subschemas::One) => {
            value == &Value::Bool(true)
        }
        _ => value == &Value::Bool(false) || value.is_null(),
    }
}

#[cfg(test)]
#[test]
fn what_an_assumption_made_equal_ends_with_it() {
    let document = |order: [&str; 2], to: &str| {
        let reference = |name: &str| serde_json::json!({ "$ref": format!("#/{name}") });
        let named = |to: &str, z: &str| serde_json::json!({ "properties": { "p": reference(to), "z": { "type": z } } });
        serde_json::json!({
            "up": named("to-up", "string"),
            "down": named("to-down", "integer"),
            "to-up": { "properties": { "x": reference("up") } },
            "to-down": { "properties": { "x": reference("down") } },
            // Up is tried against down first, and meanwhile what leads to the one equals what leads to the other.
            "whole": { "properties": { "a": { "oneOf": order.map(reference) }, "q": reference(to) } },
        })
    };
    for (to, expected) in [("to-up", true), ("to-down", false)] {
        let roots = [document(["up", "down"], "to-up"), document(["down", "up"], to)];
        let [base, revision] = roots.each_ref().map(Side::of);
        let found = base.spot().get("whole").zip(revision.spot().get("whole")).map(|(l, r)| {
            let (l, r) = (base.schema(l), revision.schema(r));
            equivalent((base, revision), &l, &r, &fuel())
        });
        assert_eq!(found, Some(expected), "{to}");
    }
}
