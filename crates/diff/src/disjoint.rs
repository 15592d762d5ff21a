//! Whether alternatives exclude each other.

use crate::view::{Key, Schema, Side, Spot, same};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether no value matches two of these schemas, as far as their types, and the constants and names of required
/// properties, show.
pub(crate) fn are_disjoint<'a>(side: &Side<'a>, spots: &[Spot<'a>]) -> bool {
    let all: Vec<_> = spots.iter().map(|it| Facts::of(side, &side.schema(it.clone()))).collect();
    all.iter().enumerate().all(|(at, l)| all.iter().skip(at + 1).all(|r| l.excludes(r)))
}

/// What a schema shows of its values.
struct Facts<'a> {
    /// The types, once for each part that names some.
    types: Vec<BTreeSet<&'a str>>,
    /// The values, once for each part that lists some.
    listed: Vec<&'a [Value]>,
    /// The values of properties that must be there.
    constants: BTreeMap<&'a str, &'a [Value]>,
    /// The properties that must be there.
    required: BTreeSet<&'a str>,
    /// The only properties that there may be, once for each part that allows no others.
    closed: Vec<BTreeSet<&'a str>>,
    nullable: bool,
}

impl<'a> Facts<'a> {
    fn of(side: &Side<'a>, schema: &Schema<'a>) -> Self {
        let parts = applied(side, schema);
        let required: BTreeSet<_> = parts.iter().flat_map(|it| it.texts("required")).collect();
        let constants = required.iter().map(|name| (*name, property(side, &parts, name)));
        let closes = |it: &&Schema<'a>| {
            it.get("additionalProperties") == Some(&Value::Bool(false))
                && it.get("patternProperties").is_none()
        };
        let described = |it: &Schema<'a>| it.map("properties").into_iter().map(|it| it.0).collect();
        Self {
            types: parts.iter().map(|it| all_types(side, it)).filter(|it| !it.is_empty()).collect(),
            listed: parts.iter().filter_map(Schema::listed).collect(),
            constants: constants.filter(|it| !it.1.is_empty()).collect(),
            closed: parts.iter().filter(closes).map(described).collect(),
            required,
            nullable: parts.iter().any(Schema::nullable),
        }
    }

    fn excludes(&self, other: &Self) -> bool {
        let differ = |l: &[Value], r: &[Value]| !overlap(l, r);
        let listed = || self.listed.iter().any(|l| other.listed.iter().any(|r| differ(l, r)));
        let told = || {
            let mut own = self.constants.iter();
            own.any(|(name, l)| other.constants.get(name).is_some_and(|r| differ(l, r)))
        };
        let refuses = |l: &Self, r: &Self| l.closed.iter().any(|it| !r.required.is_subset(it));
        let closed = || refuses(self, other) || refuses(other, self);
        self.types.iter().any(|l| other.types.iter().any(|r| l.is_disjoint(r)))
            || !(self.nullable && other.nullable) && (listed() || told() || closed())
    }
}

/// Whether no value is of the types of both.
pub(crate) fn of_other_types(l: (&Side<'_>, &Schema<'_>), r: (&Side<'_>, &Schema<'_>)) -> bool {
    let (left, right) = (all_types(l.0, l.1), all_types(r.0, r.1));
    !(left.is_empty() || right.is_empty()) && left.is_disjoint(&right)
}

/// The values that a schema allows for a property that must be there; none where it does not list them.
pub(crate) fn constants<'a>(side: &Side<'a>, schema: &Schema<'a>, name: &str) -> &'a [Value] {
    let parts = applied(side, schema);
    match parts.iter().any(|it| it.requires(name)) {
        true => property(side, &parts, name),
        false => &[],
    }
}

/// The values that these parts of a schema list for a property.
fn property<'a>(side: &Side<'a>, parts: &[Schema<'a>], name: &str) -> &'a [Value] {
    let described = parts.iter().filter_map(|it| it.property(name));
    let mut said = described.flat_map(|it| applied(side, &side.schema(it)));
    said.find_map(|it| it.listed()).unwrap_or_default()
}

/// The schemas that apply to every value of a schema: itself, the parts of `allOf`, and an alternative without another.
fn applied<'a>(side: &Side<'a>, schema: &Schema<'a>) -> Vec<Schema<'a>> {
    let (mut all, mut seen): (Vec<Schema<'a>>, BTreeSet<Key>) = Default::default();
    let mut work = vec![schema.clone()];
    while let Some(it) = work.pop() {
        if seen.insert(it.key()) {
            let alone = ["oneOf", "anyOf"].into_iter().map(|key| it.list(key));
            let alone = alone.filter(|list| list.len() == 1).flatten();
            work.extend(it.list("allOf").into_iter().chain(alone).map(|it| side.schema(it)));
            all.push(it);
        }
    }
    all
}

/// The types of a schema, or else of its alternatives, null among them; none where anything may be allowed.
fn all_types<'a>(side: &Side<'a>, schema: &Schema<'a>) -> BTreeSet<&'a str> {
    let (mut all, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut work = vec![schema.clone()];
    while let Some(it) = work.pop() {
        if !seen.insert(it.key()) {
            continue;
        }
        let types = it.written_types();
        let mut lists = ["oneOf", "anyOf"].into_iter().map(|key| it.list(key));
        let listed = lists.find(|list| !list.is_empty()).filter(|_| types.is_empty());
        if types.is_empty() && listed.is_none() {
            return BTreeSet::new();
        }
        all.extend(types.into_iter().map(|it| if it == "integer" { "number" } else { it }));
        all.extend(it.nullable().then_some("null"));
        work.extend(listed.into_iter().flatten().map(|it| side.schema(it)));
    }
    all
}

/// Whether two lists of values have one in common.
pub(crate) fn overlap(left: &[Value], right: &[Value]) -> bool {
    left.iter().any(|l| right.iter().any(|r| same(l, r)))
}
