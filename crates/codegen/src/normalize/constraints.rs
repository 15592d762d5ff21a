//! From schemas to rules: the part of JSON Schema that says what a value in a request must obey.

use super::{
    flatten::{is_rule_only, strings},
    plan::{ConstraintExpr, ConstraintRef},
    reference::reference,
};
use crate::names::{self, Scope};
use conversations_document::Document;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Rules nested deeper than this in one place are left to the server.
const MAX_DEPTH: usize = 32;

/// Collects the rules of every schema that a request mentions.
pub(super) struct ConstraintBuilder<'a> {
    document: &'a Document,
    /// The static that holds the rules of each named schema: names that differ only in case stay apart.
    statics: BTreeMap<String, String>,
    named: BTreeMap<String, ConstraintExpr>,
    open: BTreeSet<String>,
    fuel: u32,
}

impl<'a> ConstraintBuilder<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let schemas = document.root.pointer("/components/schemas").and_then(Value::as_object);
        let mut scope = Scope::default();
        let statics = schemas
            .into_iter()
            .flatten()
            .map(|(name, _)| (name.clone(), scope.claim(names::shouting(name))))
            .collect();
        Self { document, statics, named: BTreeMap::new(), open: BTreeSet::new(), fuel: 200_000 }
    }

    /// The rules of one parameter or body.
    pub(super) fn of(&mut self, schema: &Value) -> ConstraintRef {
        self.visit(schema, 0).unwrap_or_default()
    }

    /// The named rules that check something, however deep.
    pub(super) fn finish(
        mut self,
        roots: &mut [&mut ConstraintRef],
    ) -> BTreeMap<String, ConstraintExpr> {
        // A rule is worth keeping when it checks something itself or leads to one that does.
        let mut live: BTreeSet<String> = BTreeSet::new();
        loop {
            let before = live.len();
            for (name, constraints) in &self.named {
                if !live.contains(name) && is_live(constraints, &live) {
                    live.insert(name.clone());
                }
            }
            if live.len() == before {
                break;
            }
        }
        for constraints in self.named.values_mut() {
            trim(constraints, &live);
        }
        for root in roots {
            match root {
                ConstraintRef::Inline(constraints) => trim(constraints, &live),
                ConstraintRef::Named(name) if live.contains(name) => {}
                ConstraintRef::Named(_) => **root = ConstraintRef::default(),
            }
        }
        self.named.retain(|name, _| live.contains(name));
        self.named
    }

    fn visit(&mut self, schema: &Value, depth: usize) -> Option<ConstraintRef> {
        if depth > MAX_DEPTH || self.fuel == 0 {
            return None;
        }
        self.fuel -= 1;
        if let Some(name) = reference(schema) {
            let own = self.statics.get(name)?.clone();
            if self.open.insert(name.to_owned()) {
                let document = self.document;
                let target = document.root.pointer("/components/schemas")?.get(name)?;
                let constraints = match self.visit(target, depth + 1) {
                    Some(ConstraintRef::Inline(constraints)) => constraints,
                    // A synonym shares the other's rules.
                    Some(ConstraintRef::Named(other)) => {
                        self.named.get(&other).cloned().unwrap_or_default()
                    }
                    None => ConstraintExpr::default(),
                };
                self.named.insert(own.clone(), constraints);
            }
            return Some(ConstraintRef::Named(own));
        }
        let map = schema.as_object()?;
        let mut constraints = ConstraintExpr::default();
        for rule in
            ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
        {
            if let Some(limit) = map.get(rule).and_then(Value::as_u64) {
                constraints.rules.insert(rule, limit.into());
            }
        }
        for (rule, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
        {
            if let Some(limit) = map.get(rule).filter(|it| it.is_number()) {
                let strict = map.get(exclusive) == Some(&Value::Bool(true));
                constraints.rules.insert(if strict { exclusive } else { rule }, limit.clone());
            }
        }
        if let Some(step) =
            map.get("multipleOf").filter(|it| it.as_f64().is_some_and(|it| it > 0.0))
        {
            constraints.rules.insert("multipleOf", step.clone());
        }
        if map.get("uniqueItems") == Some(&Value::Bool(true)) {
            constraints.rules.insert("uniqueItems", true.into());
        }
        if let Some(pattern) = map.get("pattern").and_then(Value::as_str)
            && is_pattern(pattern)
        {
            constraints.rules.insert("pattern", pattern.into());
        }
        for (wire, property) in
            map.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            // What only the server writes is not checked on the way out.
            if property.get("readOnly") == Some(&Value::Bool(true)) {
                continue;
            }
            if let Some(inner) = self.visit(property, depth + 1)
                && !is_nothing(&inner)
            {
                constraints.properties.push((wire.clone(), inner));
            }
        }
        if let Some(items) = map.get("items") {
            constraints.items =
                self.visit(items, depth + 1).filter(|it| !is_nothing(it)).map(Box::new);
        }
        if let Some(values @ Value::Object(_)) = map.get("additionalProperties") {
            constraints.values =
                self.visit(values, depth + 1).filter(|it| !is_nothing(it)).map(Box::new);
        }
        for key in ["anyOf", "oneOf"] {
            let parts =
                map.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if !parts.is_empty() && parts.iter().all(is_rule_only) {
                constraints.required_any =
                    parts.iter().map(|it| strings(it.get("required"))).collect();
            }
        }
        if !map.contains_key("discriminator") && constraints.required_any.is_empty() {
            constraints.required_any = self.required_by_one(map.get("anyOf")).unwrap_or_default();
        }
        // An answer may lack these, so that the type cannot ask for them.
        let asked: Vec<String> = strings(map.get("required"))
            .into_iter()
            .filter(|it| {
                let property = map.get("properties").and_then(|properties| properties.get(it));
                property.is_some_and(|it| it.get("writeOnly") == Some(&Value::Bool(true)))
            })
            .collect();
        if !asked.is_empty() && constraints.required_any.is_empty() {
            constraints.required_any.push(asked);
        }
        for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let Some(part) = self.visit(part, depth + 1) else { continue };
            let inner = match &part {
                ConstraintRef::Inline(inner) => inner.clone(),
                ConstraintRef::Named(name) => self.named.get(name).cloned().unwrap_or_default(),
            };
            match collide(&constraints, &inner) {
                true => constraints.all_of.push(part),
                false => absorb(&mut constraints, inner),
            }
        }
        Some(ConstraintRef::Inline(constraints))
    }
}

/// Whether a client can hold a value to this text of a `pattern`.
pub(super) fn is_pattern(text: &str) -> bool {
    regress::Regex::with_flags(text, "u").is_ok()
}

impl ConstraintBuilder<'_> {
    /// What each of several structures requires, where a value must be at least one of them and none takes everything.
    fn required_by_one(&self, any_of: Option<&Value>) -> Option<Vec<Vec<String>>> {
        let required = any_of?.as_array()?.iter().map(|part| {
            let schemas = self.document.root.pointer("/components/schemas");
            let part = match reference(part) {
                Some(name) => schemas?.get(name)?,
                None => part,
            };
            let properties = part.get("properties")?.as_object()?;
            let is_written = |it: &String| {
                properties.get(it).is_some_and(|it| it.get("readOnly") != Some(&Value::Bool(true)))
            };
            let names: Vec<String> =
                strings(part.get("required")).into_iter().filter(is_written).collect();
            (!names.is_empty()).then_some(names)
        });
        required.collect()
    }
}

/// Whether both say something of one value, and not the same.
fn collide(one: &ConstraintExpr, other: &ConstraintExpr) -> bool {
    let bound = |rule: &str| rule.trim_start_matches("exclusive").to_lowercase();
    let rules = other.rules.iter().any(|(rule, limit)| {
        let mut own = one.rules.iter().filter(|(own, _)| bound(own) == bound(rule));
        own.any(|own| own != (rule, limit))
    });
    let properties = other.properties.iter().any(|(wire, inner)| {
        one.properties.iter().any(|(own, rules)| own == wire && rules != inner)
    });
    fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.is_some() && other.is_some() && one != other
    }
    let asked = |it: &ConstraintExpr| Some(it.required_any.clone()).filter(|it| !it.is_empty());
    rules
        || properties
        || differ(asked(one).as_ref(), asked(other).as_ref())
        || differ(one.items.as_ref(), other.items.as_ref())
        || differ(one.values.as_ref(), other.values.as_ref())
}

/// Adds what another one says of what this one says nothing of.
fn absorb(constraints: &mut ConstraintExpr, other: ConstraintExpr) {
    for (rule, limit) in other.rules {
        constraints.rules.entry(rule).or_insert(limit);
    }
    if constraints.required_any.is_empty() {
        constraints.required_any = other.required_any;
    }
    for (wire, inner) in other.properties {
        if !constraints.properties.iter().any(|(it, _)| *it == wire) {
            constraints.properties.push((wire, inner));
        }
    }
    constraints.items = constraints.items.take().or(other.items);
    constraints.values = constraints.values.take().or(other.values);
    constraints.all_of.extend(other.all_of);
}

fn is_nothing(constraints: &ConstraintRef) -> bool {
    matches!(constraints, ConstraintRef::Inline(constraints) if constraints.is_trivial())
}

fn is_live(constraints: &ConstraintExpr, live: &BTreeSet<String>) -> bool {
    let inner = |it: &ConstraintRef| match it {
        ConstraintRef::Inline(constraints) => is_live(constraints, live),
        ConstraintRef::Named(name) => live.contains(name),
    };
    !constraints.rules.is_empty()
        || !constraints.required_any.is_empty()
        || constraints.properties.iter().any(|(_, it)| inner(it))
        || constraints.items.as_deref().is_some_and(inner)
        || constraints.values.as_deref().is_some_and(inner)
        || constraints.all_of.iter().any(inner)
}

fn trim(constraints: &mut ConstraintExpr, live: &BTreeSet<String>) {
    let keep = |it: &mut ConstraintRef| match it {
        ConstraintRef::Inline(constraints) => {
            trim(constraints, live);
            !constraints.is_trivial()
        }
        ConstraintRef::Named(name) => live.contains(name),
    };
    constraints.properties.retain_mut(|(_, it)| keep(it));
    constraints.all_of.retain_mut(keep);
    if !constraints.items.as_deref_mut().is_none_or(keep) {
        constraints.items = None;
    }
    if !constraints.values.as_deref_mut().is_none_or(keep) {
        constraints.values = None;
    }
}
