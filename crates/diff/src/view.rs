//! How a document is looked at: through `$ref`, with the JSON Pointer of what is seen, and with the
//! spellings of OpenAPI 3.0 and 3.1 made alike. Constraints in `types`, findings in the siblings here.

use crate::vocabulary::speaks_of;
use conversations_document::{
    Pointer, Version,
    grammar::{annotates, describes},
    reference,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};

/// How many `$ref` hops are followed before a chain counts as dangling.
const MAX_HOPS: usize = 64;

static NOTHING: Value = Value::Null;

/// A schema that allows everything.
pub(crate) static ANYTHING: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));

/// One of the two documents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    /// The whole tree.
    pub(crate) root: &'a Value,
    /// Whether keywords beside `$ref` count, as they do since OpenAPI 3.1.
    pub(crate) siblings: bool,
}

/// A node and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    /// The node.
    pub(crate) value: &'a Value,
    /// Its JSON Pointer.
    pub(crate) pointer: Pointer,
}

impl<'a> Spot<'a> {
    /// The member `key`, where there is one.
    pub(crate) fn get(&self, key: &str) -> Option<Spot<'a>> {
        let value = self.value.get(key)?;
        Some(Spot { value, pointer: self.pointer.child(key) })
    }

    /// The members of an object with their names, or none.
    pub(crate) fn members(&self) -> Vec<(&'a str, Spot<'a>)> {
        let Some(map) = self.value.as_object() else { return Vec::new() };
        map.iter()
            .map(|(key, value)| (key.as_str(), Spot { value, pointer: self.pointer.child(key) }))
            .collect()
    }

    /// The elements of an array, or none.
    pub(crate) fn elements(&self) -> Vec<Spot<'a>> {
        let Some(list) = self.value.as_array() else { return Vec::new() };
        list.iter()
            .enumerate()
            .map(|(at, value)| Spot { value, pointer: self.pointer.child(at) })
            .collect()
    }

    /// The text of the member `key`.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Whether the member `key` is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }
}

impl<'a> Side<'a> {
    /// A document as a side of the comparison.
    pub(crate) fn of(root: &'a Value) -> Self {
        Self { root, siblings: Version::of(root).is_some_and(|it| it > Version::OpenApi30) }
    }

    /// The whole document as a spot.
    pub(crate) fn spot(&self) -> Spot<'a> {
        Spot { value: self.root, pointer: Pointer::ROOT }
    }

    /// What `spot` stands for once its `$ref`s are followed. A reference that leads nowhere, or in a
    /// circle, leaves the reference itself.
    pub(crate) fn resolve(&self, spot: Spot<'a>) -> Spot<'a> {
        let mut at = spot;
        for _ in 0..MAX_HOPS {
            match at.text("$ref").and_then(|target| self.target(target)) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    pub(crate) fn target(&self, reference: &str) -> Option<Spot<'a>> {
        let pointer = reference::target(self.root, reference)?;
        let value = self.root.pointer(&pointer)?;
        Some(Spot { value, pointer })
    }

    /// A schema as it is compared.
    pub(crate) fn schema(&self, spot: Spot<'a>) -> Schema<'a> {
        let mut schema = Schema {
            at: spot,
            over: None,
            only_part: false,
            only: None,
            reference: None,
            written: Pointer::ROOT,
        };
        schema.written.clone_from(&schema.at.pointer);
        for _ in 0..MAX_HOPS {
            let Some(target) = schema.at.text("$ref") else { break };
            if schema.reference.is_none() {
                schema.reference = Some(target);
            }
            let Some(next) = self.target(target) else { break };
            let beside = schema.at.value.as_object().filter(|it| self.siblings && it.len() > 1);
            if schema.over.is_none() && beside.is_some_and(|it| it.keys().any(|k| counts(k))) {
                schema.over = beside;
            }
            schema.at = next;
        }
        schema
    }
}

/// The types as values of the keyword `type`.
static TYPES: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
    let names = ["array", "boolean", "integer", "number", "object", "string"];
    names.into_iter().map(|it| (it, Value::from(it))).collect()
});

/// Whether a keyword describes a value without restricting it.
pub(crate) fn is_annotation(key: &str) -> bool {
    describes(key) || key.starts_with("x-")
}

/// Whether keywords name types and nothing else.
pub(crate) fn names_types<'k>(keys: impl IntoIterator<Item = &'k str>) -> bool {
    keys.into_iter().all(|key| key == "type" || is_annotation(key))
}

/// Whether a schema allows every value, as it is written.
pub(crate) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Bool(all) => *all,
        Value::Object(map) => map.keys().all(|key| is_annotation(key)),
        _ => false,
    }
}

/// Whether a keyword beside `$ref` says something about the value.
fn counts(key: &str) -> bool {
    key != "$ref" && !is_annotation(key)
}

/// What distinguishes a schema from any other in the same document: the addresses of its node and of the
/// keywords beside the reference, and the values that it is narrowed to.
pub(crate) type Key = (usize, usize, Option<Only>);

/// Those values of a schema that are looked at, where it is not all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Only {
    /// Those of one of its types.
    Type(&'static str),
    /// Those other than null.
    NotNull,
}

impl Only {
    fn keeps(self, key: &str) -> bool {
        match self {
            Only::Type(kind) => speaks_of(key, kind),
            Only::NotNull => key != "nullable",
        }
    }
}

/// A schema: the node that its references lead to, under the keywords written beside a reference.
#[derive(Debug, Clone)]
pub(crate) struct Schema<'a> {
    /// The node itself.
    pub(crate) at: Spot<'a>,
    /// Keywords beside the reference, or around the only part, which go before those of the node.
    over: Option<&'a Map<String, Value>>,
    /// Whether the node is the only part of an `allOf` that is looked through.
    only_part: bool,
    /// Those of its values that are looked at, where it is not all of them.
    only: Option<Only>,
    /// The first reference on the way, where there was one.
    pub(crate) reference: Option<&'a str>,
    /// The pointer of the place that held the reference, or of the node itself.
    pub(crate) written: Pointer,
}

impl<'a> Schema<'a> {
    /// What distinguishes this schema from any other in the same document.
    pub(crate) fn key(&self) -> Key {
        let node = std::ptr::from_ref(self.at.value) as usize;
        (node, self.over.map_or(0, |it| std::ptr::from_ref(it) as usize), self.only)
    }

    /// The keyword `key`. `$ref` is not a keyword: it has been followed.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        match self.only {
            Some(Only::Type(kind)) if key == "type" => TYPES.get(kind),
            Some(only) if !only.keeps(key) => None,
            _ => self.over(key).or_else(|| self.at.value.get(key)),
        }
    }

    /// The schema once for each of its types, with the keywords that speak of values of that type. Null is none of
    /// them. Nothing where there is one type and no null.
    pub(crate) fn by_type(&self) -> Vec<Schema<'a>> {
        let types = self.types();
        if types.len() < 2 {
            let other = Schema { only: Some(Only::NotNull), ..self.clone() };
            return if self.flag("nullable") { vec![other] } else { Vec::new() };
        }
        let known = TYPES.keys().filter(|it| types.contains(it)).map(|it| Only::Type(it));
        known.map(|it| Schema { only: Some(it), reference: None, ..self.clone() }).collect()
    }

    fn over(&self, key: &str) -> Option<&'a Value> {
        self.over.filter(|_| !(self.only_part && key == "allOf")).and_then(|it| it.get(key))
    }

    /// The schema inside of `allOf`, where it is the only part and nothing stands beside it but what
    /// may stand beside any schema: words, or who may read and write it. OpenAPI 3.0 has no other way
    /// to say such a thing about a referenced schema.
    fn without_wrapping(&self, side: &Side<'a>) -> Option<Schema<'a>> {
        let parts = self.list("allOf");
        let beside =
            |key: &str| matches!(key, "nullable" | "allOf") || annotates(key) || is_annotation(key);
        let [part] = parts.as_slice() else { return None };
        if self.over.is_some() || !self.keywords().into_iter().all(beside) {
            return None;
        }
        let mut inner = side.schema(part.clone());
        if inner.over.is_some() {
            return None;
        }
        inner.over = self.at.value.as_object();
        inner.only_part = true;
        inner.written.clone_from(&self.at.pointer);
        Some(inner)
    }

    /// The keyword `key` as a spot.
    pub(crate) fn spot(&self, key: &str) -> Option<Spot<'a>> {
        if self.only.is_some_and(|it| !it.keeps(key)) {
            return None;
        }
        match self.over(key) {
            Some(value) => Some(Spot { value, pointer: self.written.child(key) }),
            None => self.at.get(key),
        }
    }

    /// All keywords of this schema.
    pub(crate) fn keywords(&self) -> Vec<&'a str> {
        let over = self.over.into_iter().flat_map(|it| it.keys());
        let over = over.filter(|it| !(self.only_part && *it == "allOf"));
        let own = self.at.value.as_object().into_iter().flat_map(|it| it.keys());
        let mut keys: Vec<&str> = over.chain(own).map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| *key != "$ref" && self.only.is_none_or(|it| it.keeps(key)));
        keys
    }

    /// Whether nothing but annotations stands here.
    pub(crate) fn says_nothing(&self) -> bool {
        self.keywords().into_iter().all(is_annotation) && self.at.value != &Value::Bool(false)
    }

    /// Whether no value is allowed.
    pub(crate) fn refuses_all(&self) -> bool {
        self.at.value == &Value::Bool(false) || self.get("not").is_some_and(says_nothing)
    }

    /// The pointer of the keyword `key`, or of the schema where it has none.
    pub(crate) fn pointer(&self, key: &str) -> Pointer {
        self.spot(key).map_or_else(|| self.at.pointer.clone(), |spot| spot.pointer)
    }

    /// The elements of the list `key` as spots.
    pub(crate) fn list(&self, key: &str) -> Vec<Spot<'a>> {
        self.spot(key).map(|spot| spot.elements()).unwrap_or_default()
    }

    /// The members of the map `key` as spots: those beside a reference, and those behind it.
    pub(crate) fn map(&self, key: &str) -> Vec<(&'a str, Spot<'a>)> {
        let mut all = self.spot(key).map(|spot| spot.members()).unwrap_or_default();
        let behind = self.over(key).and_then(|_| self.at.get(key)).map(|it| it.members());
        for member in behind.into_iter().flatten() {
            if all.iter().all(|it| it.0 != member.0) {
                all.push(member);
            }
        }
        all
    }

    /// The keyword `key` as a text, empty where it is absent.
    pub(crate) fn text(&self, key: &str) -> &'a str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the keyword `key` is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The members of the list `key` as schemas, without null where the alternatives as a whole allow it.
    pub(crate) fn members(&self, side: &Side<'a>, key: &str) -> Vec<Schema<'a>> {
        let all = self.list(key).into_iter().map(|it| side.schema(it));
        let has_null = key != "allOf" && self.nullable();
        all.map(|it| match has_null && it.only.is_none() && it.flag("nullable") {
            true => Schema { only: Some(Only::NotNull), ..it },
            false => it,
        })
        .collect()
    }

    /// The texts in the list `key`, for `required` those beside a reference and those behind it.
    pub(crate) fn texts(&self, key: &str) -> Vec<&'a str> {
        let behind = self.over(key).filter(|_| key == "required");
        let behind = behind.and_then(|_| self.at.value.get(key));
        let lists = [self.get(key), behind].into_iter().flatten().filter_map(Value::as_array);
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// The allowed types, `null` among them where it is written as one.
    pub(crate) fn written_types(&self) -> Vec<&'a str> {
        match self.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(_)) => self.texts("type"),
            _ => Vec::new(),
        }
    }

    /// The allowed types, `null` only where it is the only one.
    pub(crate) fn types(&self) -> Vec<&'a str> {
        let mut types = self.written_types();
        if types.iter().any(|it| *it != "null") {
            types.retain(|it| *it != "null");
        }
        types
    }

    /// Whether null is all that is allowed.
    pub(crate) fn is_null(&self) -> bool {
        self.types().first() == Some(&"null")
    }

    /// Whether `null` is allowed by name: `nullable: true`, or `null` among the types.
    pub(crate) fn nullable(&self) -> bool {
        self.flag("nullable") || self.written_types().contains(&"null")
    }

    /// The numeric keyword `key`.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.get(key).and_then(Value::as_f64)
    }

    /// The inclusive and the exclusive bound of a side (`minimum` or `maximum`). OpenAPI 3.0 writes
    /// the exclusive one as a flag beside the inclusive one.
    pub(crate) fn bounds(&self, inclusive: &str, exclusive: &str) -> (Option<f64>, Option<f64>) {
        let bound = self.number(inclusive);
        match self.get(exclusive) {
            Some(Value::Bool(true)) => (None, bound),
            Some(Value::Number(number)) => (bound, number.as_f64()),
            _ => (bound, None),
        }
    }

    /// The value list `enum`, where there is one.
    pub(crate) fn values(&self) -> Option<&'a [Value]> {
        self.get("enum").and_then(Value::as_array).map(Vec::as_slice)
    }

    /// The allowed values, a constant being a list of one.
    pub(crate) fn listed(&self) -> Option<&'a [Value]> {
        self.values().or_else(|| self.get("const").map(std::slice::from_ref))
    }

    /// The properties by name.
    pub(crate) fn property(&self, name: &str) -> Option<Spot<'a>> {
        let here = self.spot("properties")?.get(name);
        here.or_else(|| self.over("properties").and_then(|_| self.at.get("properties")?.get(name)))
    }

    /// Whether the property `name` must be there.
    pub(crate) fn requires(&self, name: &str) -> bool {
        self.texts("required").contains(&name)
    }

    /// The extension or keyword `key`, or null.
    pub(crate) fn any(&self, key: &str) -> &'a Value {
        self.get(key).unwrap_or(&NOTHING)
    }
}

/// Two schemas without the `allOf` around a single part that only one of them has: it says what the
/// part says, and comparing the two as they are would raise an alarm about a matter of style.
pub(crate) fn level<'a>(
    sides: (Side<'a>, Side<'a>),
    base: Schema<'a>,
    revision: Schema<'a>,
) -> (Schema<'a>, Schema<'a>) {
    match (base.get("allOf").is_some(), revision.get("allOf").is_some()) {
        (true, false) => (base.without_wrapping(&sides.0).unwrap_or(base), revision),
        (false, true) => {
            let inner = revision.without_wrapping(&sides.1);
            (base, inner.unwrap_or(revision))
        }
        (true, true) => {
            // Parts stand against parts, but for the name of what the only one wraps.
            let same =
                |inner: &Schema<'a>, other: &Schema<'a>| inner.at.pointer == other.at.pointer;
            let (old, new) = (base.without_wrapping(&sides.0), revision.without_wrapping(&sides.1));
            match (old, new) {
                (Some(inner), _) if same(&inner, &revision) => (inner, revision),
                (_, Some(inner)) if same(&inner, &base) => (base, inner),
                _ => (base, revision),
            }
        }
        _ => (base, revision),
    }
}

/// Whether two values are the same, numbers compared by value.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(l), Value::Number(r)) => l == r || l.as_f64() == r.as_f64(),
        (Value::Array(l), Value::Array(r)) => {
            l.len() == r.len() && l.iter().zip(r).all(|(l, r)| same(l, r))
        }
        (Value::Object(l), Value::Object(r)) => {
            l.len() == r.len() && l.iter().all(|(key, l)| r.get(key).is_some_and(|r| same(l, r)))
        }
        _ => left == right,
    }
}
