//! What a schema looks like once references and `allOf` are folded in.
//!
//! Nothing here makes types; [`super::schema`] does. Documents may nest, share and repeat without end, so
//! that every walk here is bounded: by depth, by what it has seen, and by a budget for the whole document.

mod kind;
mod meet;

use super::{
    children::{self, Parents},
    reference::{behind, reference},
};
use conversations_document::note::Done;
pub(super) use kind::TypeKind;
use meet::add;
use serde_json::{Map, Value};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

/// Schemas nested deeper than this in one place are read as any JSON value.
pub(super) const MAX_DEPTH: usize = 48;
/// Folding stops after so many schemas.
const MAX_FOLDS: u32 = 2_000_000;

/// One of the alternatives of a union.
pub(super) struct Alternative {
    /// The named schema that it is, or is made of.
    pub(super) component: Option<String>,
    pub(super) schema: Value,
}

/// The named schemas of a document, and what is known of them.
pub(super) struct Flattener {
    pub(super) components: Map<String, Value>,
    /// The parents with a discriminator, which stand among the components as unions.
    pub(super) parents: Parents,
    /// How many schemas may still be folded: a document that doubles at each level must not hang us.
    fuel: Cell<u32>,
    /// The kinds of named schemas, to a comparison and otherwise.
    kinds: RefCell<BTreeMap<(bool, String), TypeKind>>,
    /// Whether two structures are being compared: what their properties may be is not joined then, which nothing asks and
    /// which could lead to the same comparison again.
    comparing: Cell<bool>,
    /// What named schemas fold to, where that does not depend on the way there.
    wholes: RefCell<BTreeMap<String, Value>>,
    /// Whether something was left out of what is being folded, because it contains itself or is too deep.
    cut: Cell<bool>,
}

impl Flattener {
    pub(super) fn new(root: &Value) -> Self {
        let components = root.pointer("/components/schemas").and_then(Value::as_object).cloned();
        let mut components = components.unwrap_or_default();
        let parents = children::unite(&mut components);
        Self {
            components,
            parents,
            fuel: Cell::new(MAX_FOLDS),
            kinds: RefCell::new(BTreeMap::new()),
            comparing: Cell::new(false),
            wholes: RefCell::new(BTreeMap::new()),
            cut: Cell::new(false),
        }
    }

    /// Whether the document folds out to more than is reasonable, so that some of it was not looked at.
    pub(super) fn is_exhausted(&self) -> bool {
        self.fuel.get() == 0
    }

    /// `schema` with references and `allOf` folded in.
    pub(super) fn flattened(&self, schema: &Value) -> Value {
        self.effective(schema, &mut Vec::new())
    }

    /// The alternatives of a union, nulls dropped and what is said beside all of them spread over them.
    pub(super) fn alternatives(&self, schema: &Value, seen: &mut Vec<String>) -> Vec<Alternative> {
        let mut out = Vec::new();
        let asked = strings(schema.get("required"));
        for key in ["oneOf", "anyOf"] {
            for (part, kind) in self.listed(schema, key, 0) {
                if kind == TypeKind::Null {
                    continue;
                }
                let component = behind(part);
                let mut own = Value::Null;
                if has_properties(schema) || !asked.is_empty() {
                    let depth = seen.len();
                    own = self.effective(part, seen);
                    seen.truncate(depth);
                }
                let required = strings(own.get("required"));
                let adds = has_properties(&own) && asked.iter().any(|it| !required.contains(it));
                if !has_properties(schema) && !adds {
                    out.push(Alternative { component, schema: part.clone() });
                    continue;
                }
                let mut whole = schema.as_object().cloned().unwrap_or_default();
                for gone in ["oneOf", "anyOf", "discriminator", "description", "title"] {
                    whole.remove(gone);
                }
                let mut schema = own;
                if let Some(schema) = schema.as_object_mut() {
                    self.merge(schema, &Value::Object(whole));
                }
                out.push(Alternative { component, schema });
            }
            if !out.is_empty() {
                break;
            }
        }
        out
    }

    /// What a schema asks of a value in several of its parts, where one type holds only the first.
    pub(super) fn disagreements(&self, schema: &Value) -> Vec<Done> {
        let parts = schema.get("allOf").and_then(Value::as_array);
        let mut parts: Vec<Value> =
            parts.into_iter().flatten().map(|it| self.flattened(it)).collect();
        parts.insert(0, schema.clone());
        let (mut types, mut choices) = (BTreeSet::new(), Vec::new());
        for part in &parts {
            // A whole number is a number.
            let ty = part.get("type").and_then(Value::as_str);
            types.extend(ty.map(|it| if it == "integer" { "number" } else { it }));
            for key in ["oneOf", "anyOf"] {
                let listed: Vec<&Value> =
                    self.listed(part, key, 0).into_iter().map(|it| it.0).collect();
                if !listed.is_empty() && !choices.contains(&listed) {
                    choices.push(listed);
                }
            }
        }
        let disputed = self.disputed(&parts);
        let names = disputed.join(", ");
        let properties = (!disputed.is_empty()).then_some(Done::PropertyOfOtherTypes { names });
        let types = (types.len() > 1).then_some(Done::PartsOfOtherTypes);
        let choices = (choices.len() > 1).then_some(Done::SeveralChoices);
        types.into_iter().chain(choices).chain(properties).collect()
    }

    /// The alternatives under a keyword, each with its kind; without those that are rules and not types, and without
    /// those that no value of the type that the schema names beside them can be.
    fn listed<'s>(&self, schema: &'s Value, key: &str, depth: usize) -> Vec<(&'s Value, TypeKind)> {
        let list = schema.get(key).and_then(Value::as_array);
        let ty = schema.get("type").and_then(Value::as_str).unwrap_or_default();
        let parts = list.into_iter().flatten().filter(|it| !is_rule_only(it));
        let kinds = parts.map(|it| (it, self.type_kind(it, depth)));
        kinds.filter(|(_, kind)| kind.fits(ty)).collect()
    }

    /// `schema` with every `allOf` folded into it. `seen` has the components that enclose it; those that were folded in are
    /// added.
    pub(super) fn effective(&self, schema: &Value, seen: &mut Vec<String>) -> Value {
        let Some(map) = schema.as_object() else { return Value::Object(Map::new()) };
        let Some(left) = self.fuel.get().checked_sub(1) else { return self.nothing() };
        self.fuel.set(left);
        if let Some(name) = reference(schema) {
            if let Some(whole) = self.wholes.borrow().get(name) {
                return whole.clone();
            }
            if seen.iter().any(|it| it == name) || seen.len() > MAX_DEPTH {
                return self.nothing();
            }
            // What is folded in of a parent is what its children inherit, not the choice among them.
            let target = self.parents.fields.get(name).or_else(|| self.components.get(name));
            let Some(target) = target else { return Value::Object(Map::new()) };
            let outside = self.cut.replace(false);
            seen.push(name.to_owned());
            let mut whole = self.effective(target, seen);
            let is_union = ["oneOf", "anyOf"].iter().any(|key| whole.get(*key).is_some());
            // A base that lists its children must not make a child a union with itself.
            let leads_back = ["oneOf", "anyOf"].iter().any(|key| {
                let list = whole.get(*key).and_then(Value::as_array);
                let mut names = list.into_iter().flatten().filter_map(behind);
                names.any(|it| seen.contains(&it))
            });
            if let Some(whole) = whole.as_object_mut() {
                if leads_back {
                    whole.remove("oneOf");
                    whole.remove("anyOf");
                }
                whole.remove("discriminator");
                whole.remove("nullable");
                whole.remove("title");
            }
            // What leads back to itself, or may lead back to what encloses it, is different elsewhere.
            if !self.cut.get() && !is_union {
                self.wholes.borrow_mut().insert(name.to_owned(), whole.clone());
            }
            self.cut.set(outside || self.cut.get());
            return whole;
        }
        let Some(parts) = map.get("allOf").and_then(Value::as_array) else {
            let whole = self.completed(schema, seen).or_else(|| self.joined(schema, seen));
            return whole.unwrap_or_else(|| schema.clone());
        };
        let mut whole = map.clone();
        whole.remove("allOf");
        let depth = seen.len();
        let mut folded = Vec::new();
        for part in parts {
            let part = self.effective(part, seen);
            // Siblings may share a base; only what encloses a schema counts as seen.
            folded.extend(seen.drain(depth..));
            self.merge(&mut whole, &part);
        }
        // The alternatives that came with a part may contain it.
        seen.extend(folded);
        let whole = Value::Object(whole);
        let joined = self.completed(&whole, seen).or_else(|| self.joined(&whole, seen));
        joined.unwrap_or(whole)
    }

    /// A structure with what its only alternative has, of those that a value of its type can be.
    fn completed(&self, schema: &Value, seen: &mut Vec<String>) -> Option<Value> {
        let mut keys = ["oneOf", "anyOf"].into_iter().filter(|key| schema.get(*key).is_some());
        let (Some(key), None) = (keys.next(), keys.next()) else { return None };
        if !has_properties(schema) || schema.get("discriminator").is_some() {
            return None;
        }
        let own = schema.get("type");
        let mut parts = Vec::new();
        for part in schema.get(key)?.as_array()?.iter().filter(|it| !is_rule_only(it)) {
            let depth = seen.len();
            let part = self.effective(part, seen);
            seen.truncate(depth);
            let ty = part.get("type");
            if own.is_none() || ty.is_none() || own == ty {
                parts.push(part);
            }
        }
        let [only] = &parts[..] else { return None };
        if !only.as_object().is_some_and(is_structure) {
            return None;
        }
        let mut whole = schema.as_object()?.clone();
        whole.shift_remove(key);
        self.merge(&mut whole, only);
        Some(whole.into())
    }

    /// The structure that has what any alternative of an `anyOf` has, since a value may be several of them at once.
    /// `None` where nothing can be two of them, or where a discriminator says which one a value is.
    fn joined(&self, schema: &Value, seen: &mut Vec<String>) -> Option<Value> {
        let list = schema.get("anyOf")?.as_array()?;
        let is_choice = schema.get("discriminator").is_some() || schema.get("oneOf").is_some();
        if is_choice || self.comparing.get() {
            return None;
        }
        let mut parts: Vec<Map<String, Value>> = Vec::new();
        let is_null = |it: &Value| it.get("type").is_some_and(|it| it == "null");
        for part in list.iter().filter(|it| !is_rule_only(it) && !is_null(it)) {
            let depth = seen.len();
            let whole = self.effective(part, seen);
            seen.truncate(depth);
            let Value::Object(whole) = whole else { return None };
            if !is_structure(&whole) || parts.iter().any(|it| self.exclude_each_other(it, &whole)) {
                return None;
            }
            parts.push(whole);
        }
        if parts.len() < 2 {
            return None;
        }
        // Only what all of them require is required of every value.
        let required = |part: &Map<String, Value>| strings(part.get("required"));
        let mut common = required(parts.first()?);
        for part in &parts {
            let own = required(part);
            common.retain(|it| own.contains(it));
        }
        let mut whole = schema.as_object()?.clone();
        whole.shift_remove("anyOf");
        for mut part in parts {
            for key in ["required", "description", "title", "example"] {
                part.shift_remove(key);
            }
            add(&mut whole, &part.into(), &|own, _| own.clone());
        }
        let mut asked = strings(whole.get("required"));
        asked.extend(common);
        whole.insert("required".to_owned(), asked.into());
        Some(whole.into())
    }

    /// Whether no value can be both of two structures, by a property that has to be this in one and that in the other.
    fn exclude_each_other(&self, left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
        let properties =
            |it: &Map<String, Value>| it.get("properties").and_then(Value::as_object).cloned();
        let (Some(left), Some(right)) = (properties(left), properties(right)) else { return false };
        let shared = left.iter().filter_map(|(name, own)| Some((own, right.get(name)?)));
        let differ = |(left, right): (&Value, &Value)| match (
            self.type_kind(left, 0),
            self.type_kind(right, 0),
        ) {
            (TypeKind::Enum, TypeKind::Enum) => {
                let right = self.enum_values(right, &mut Vec::new());
                !self.enum_values(left, &mut Vec::new()).iter().any(|it| right.contains(it))
            }
            (TypeKind::String | TypeKind::Enum, TypeKind::String | TypeKind::Enum)
            | (TypeKind::Integer, TypeKind::Integer)
            | (TypeKind::Number, TypeKind::Number)
            | (TypeKind::Boolean, TypeKind::Boolean)
            | (TypeKind::Any, TypeKind::Any) => false,
            // Types that are not the same to the letter would have to be joined in turn.
            _ => without_prose(left) != without_prose(right),
        };
        self.comparing.set(true);
        let exclude = shared.into_iter().any(differ);
        self.comparing.set(false);
        exclude
    }

    /// Stands for what is left out.
    fn nothing(&self) -> Value {
        self.cut.set(true);
        Value::Object(Map::new())
    }

    /// What [`super::schema`] makes of a schema.
    pub(super) fn type_kind(&self, schema: &Value, depth: usize) -> TypeKind {
        let Some(map) = schema.as_object() else { return TypeKind::Any };
        if depth > MAX_DEPTH {
            return TypeKind::Any;
        }
        if let Some(name) = reference(schema) {
            return self.named_kind(name, depth);
        }
        if map.contains_key("allOf") {
            let whole = self.effective(schema, &mut Vec::new());
            if whole.get("allOf").is_some() {
                return TypeKind::Any;
            }
            return self.type_kind(&whole, depth + 1);
        }
        if let Some(kind) = kind::of_words(map) {
            return kind;
        }
        if map.contains_key("anyOf") && self.joined(schema, &mut Vec::new()).is_some() {
            return TypeKind::Struct;
        }
        for key in ["oneOf", "anyOf"] {
            let kinds = self.listed(schema, key, depth + 1).into_iter().map(|it| it.1);
            let kinds: Vec<TypeKind> = kinds.filter(|it| *it != TypeKind::Null).collect();
            if !kinds.is_empty() {
                return kind::of_alternatives(&kinds, has_properties(schema));
            }
        }
        kind::of_form(map, has_properties(schema))
    }

    /// The kind of a component, which is any while it is looked for inside itself.
    fn named_kind(&self, name: &str, depth: usize) -> TypeKind {
        let key = (self.comparing.get(), name.to_owned());
        if let Some(kind) = self.kinds.borrow().get(&key) {
            return *kind;
        }
        self.kinds.borrow_mut().insert(key.clone(), TypeKind::Any);
        let kind =
            self.components.get(name).map_or(TypeKind::Any, |it| self.type_kind(it, depth + 1));
        self.kinds.borrow_mut().insert(key, kind);
        kind
    }

    /// The texts that the enums of a schema and of its parts list, each once. `seen` has the components that enclose it.
    pub(super) fn enum_values(&self, schema: &Value, seen: &mut Vec<String>) -> Vec<String> {
        let mut out = Vec::new();
        self.add_enum_values(schema, &mut out, seen);
        out
    }

    fn add_enum_values(&self, schema: &Value, out: &mut Vec<String>, seen: &mut Vec<String>) {
        let fuel = self.fuel.get();
        if seen.len() > MAX_DEPTH || fuel == 0 {
            return;
        }
        self.fuel.set(fuel - 1);
        let schema = match reference(schema) {
            Some(_) => &self.effective(schema, seen),
            None => schema,
        };
        for word in strings(schema.get("enum")) {
            if !out.contains(&word) {
                out.push(word);
            }
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for part in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                let depth = seen.len();
                seen.push(String::new());
                self.add_enum_values(part, out, seen);
                seen.truncate(depth);
            }
        }
    }

    /// Whether null is a value of the schema.
    pub(super) fn nullable(&self, schema: &Value, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if schema.get("nullable") == Some(&Value::Bool(true)) {
            return true;
        }
        if let Some(name) = behind(schema) {
            return self.components.get(&name).is_some_and(|it| self.nullable(it, depth + 1));
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array)
            && schema.get("type").is_none()
            && !parts.is_empty()
        {
            return parts.iter().all(|it| self.nullable(it, depth + 1));
        }
        ["oneOf", "anyOf"].iter().any(|key| {
            schema.get(*key).and_then(Value::as_array).is_some_and(|it| {
                it.iter().any(|it| {
                    it.get("type").and_then(Value::as_str) == Some("null")
                        || it.get("nullable") == Some(&Value::Bool(true))
                })
            })
        })
    }

    /// Whether a value of this schema must not print: it says so, or what it refers to, is composed of or holds does.
    /// `seen` has the components that were looked at.
    pub(super) fn secret(&self, schema: &Value, seen: &mut BTreeSet<String>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if says_secret(schema) {
            return true;
        }
        if let Some(name) = reference(schema) {
            return seen.insert(name.to_owned())
                && self.components.get(name).is_some_and(|it| self.secret(it, seen, depth + 1));
        }
        let parts =
            ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)?.as_array());
        let held = ["items", "additionalProperties"].iter().filter_map(|key| schema.get(*key));
        parts.flatten().chain(held).any(|it| self.secret(it, seen, depth + 1))
    }
}

/// Whether a schema itself is declared as secret.
pub(super) fn says_secret(schema: &Value) -> bool {
    schema.pointer("/x-conversations/secret") == Some(&Value::Bool(true))
}

/// Whether a part of a choice only asks for properties, as `{required: [a, b]}` does, and so stands for no type.
pub(super) fn is_rule_only(part: &Value) -> bool {
    part.as_object().is_some_and(|it| {
        !it.is_empty()
            && it.contains_key("required")
            && it
                .keys()
                .all(|it| matches!(it.as_str(), "required" | "description" | "title" | "not"))
    })
}

pub(super) fn is_timestamp(schema: &Value) -> bool {
    if schema.pointer("/x-conversations/timestamp") == Some(&Value::Bool(true)) {
        return true;
    }
    schema.get("format").and_then(Value::as_str) == Some("date-time")
        && matches!(schema.get("type").and_then(Value::as_str), None | Some("string"))
        && schema.get("enum").is_none()
}

pub(super) fn is_binary(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
        && schema.get("type").and_then(Value::as_str) == Some("string")
}

/// Whether a schema that is folded describes the properties of an object, and no choice.
fn is_structure(schema: &Map<String, Value>) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    ["oneOf", "anyOf", "enum"].iter().all(|it| !schema.contains_key(*it))
        && properties.is_some_and(|it| !it.is_empty())
        && schema.get("type").is_none_or(|it| it == "object")
}

fn has_properties(schema: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|it| !it.is_empty())
}

/// A schema without what only people read.
fn without_prose(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.retain(|key, _| !matches!(key.as_str(), "description" | "title" | "example"));
    }
    schema
}

pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .map(|it| it.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}
