//! Parents with a discriminator: what stands for them where they are used as types.
//!
//! OpenAPI lets a schema with a discriminator stand for every schema that refers to it by `allOf`. Here such a parent
//! becomes the union of its children and of one more structure, its *base*: the parent's own properties and room for
//! others, which holds a kind that the document does not list. The children go on to inherit the parent's properties.

use super::reference::{reference, wrapped_reference};
use conversations_document::reference::{schema_name, to_schema};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What was found of the parents of a document.
#[derive(Default)]
pub(super) struct Parents {
    /// What children inherit, by the parent's name.
    pub(super) fields: BTreeMap<String, Value>,
    /// The parent of each base, by the base's name.
    pub(super) of_base: BTreeMap<String, String>,
}

/// Turns each parent among `components` into a union and adds its base.
pub(super) fn unite(components: &mut Map<String, Value>) -> Parents {
    let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, schema) in components.iter() {
        let mut found = BTreeSet::new();
        inherited(components, schema, &mut found);
        for parent in found.into_iter().filter(|it| it != name) {
            if is_child(components, &parent, name, schema) {
                children.entry(parent).or_default().push(name.clone());
            }
        }
    }
    let mut out = Parents::default();
    let mut bases = BTreeMap::new();
    for (name, schema) in components.iter() {
        let has_children = children.contains_key(name) || !listed(schema).is_empty();
        if property(schema).is_some()
            && has_children
            && lists_only_children(schema, name, &children)
        {
            let mut base = format!("{name}Base");
            while components.contains_key(&base) || out.of_base.contains_key(&base) {
                base.push_str("Kind");
            }
            bases.insert(name.clone(), base.clone());
            out.of_base.insert(base, name.clone());
        }
    }
    let mut unions = Vec::new();
    for (name, base) in &bases {
        let Some(schema) = components.get(name) else { continue };
        let members = Members { components, children: &children, bases: &bases };
        unions.push((name.clone(), members.union(name, base, schema)));
        let mut fields = schema.clone();
        if let Some(fields) = fields.as_object_mut() {
            for gone in ["oneOf", "anyOf", "discriminator"] {
                fields.shift_remove(gone);
            }
        }
        out.fields.insert(name.clone(), fields);
    }
    for (name, union) in unions {
        components.insert(name, union);
    }
    for (name, base) in &bases {
        let mut schema = json!({
            "description": format!("What every kind of `{name}` has, for the kinds that the document does not list."),
            "properties": {},
            "allOf": [to_schema(name)],
        });
        let open = out.fields.get(name).and_then(|it| it.get("additionalProperties"));
        if open.is_none_or(|it| *it == Value::Bool(false)) {
            schema["additionalProperties"] = true.into();
        }
        components.insert(base.clone(), schema);
    }
    // A child that adds nothing is a type of its own all the same, and no other name of its parent.
    for child in
        children.iter().filter(|(parent, _)| bases.contains_key(*parent)).flat_map(|it| it.1)
    {
        if let Some(schema) = components.get_mut(child).and_then(Value::as_object_mut)
            && schema.contains_key("allOf")
        {
            schema.entry("properties").or_insert_with(|| json!({}));
        }
    }
    out
}

/// The property that says which child a value is.
fn property(schema: &Value) -> Option<&str> {
    schema.pointer("/discriminator/propertyName").and_then(Value::as_str)
}

/// The schemas that a parent itself names: in its discriminator's mapping, or as alternatives.
fn listed(schema: &Value) -> Vec<&str> {
    let mapping = schema.pointer("/discriminator/mapping").and_then(Value::as_object);
    let targets = mapping.into_iter().flatten().filter_map(|(_, target)| target.as_str());
    let targets = targets.map(|it| schema_name(it).unwrap_or(it));
    targets.chain(alternatives(schema).filter_map(reference)).collect()
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key));
    lists.filter_map(Value::as_array).flatten()
}

/// The named schema that a reference leads to, other names of it followed.
fn settled<'a>(components: &'a Map<String, Value>, schema: &'a Value) -> Option<&'a str> {
    let mut name = reference(schema)?;
    for _ in 0..components.len() {
        match components.get(name).and_then(reference) {
            Some(next) => name = next,
            None => return Some(name),
        }
    }
    None
}

/// Adds the named schemas from which a schema inherits directly.
fn inherited(components: &Map<String, Value>, schema: &Value, out: &mut BTreeSet<String>) {
    let mut todo = vec![schema];
    while let Some(schema) = todo.pop() {
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            match settled(components, part) {
                Some(name) => {
                    out.insert(name.to_owned());
                }
                None => todo.push(part),
            }
        }
    }
}

/// Whether a schema that refers to `parent` by `allOf` is a child. One that only describes the parent is another name
/// of it, unless the parent's mapping lists it or there is no mapping to list it.
fn is_child(components: &Map<String, Value>, parent: &str, name: &str, schema: &Value) -> bool {
    if wrapped_reference(schema).is_none() {
        return true;
    }
    let Some(parent) = components.get(parent) else { return false };
    let listed = listed(parent);
    let is_typed = schema.get("type").is_some() && schema.get("nullable").is_none();
    listed.contains(&name) || (listed.is_empty() && is_typed)
}

/// Whether all that a parent lists itself are its children. Where others are among them it is a union already.
fn lists_only_children(
    schema: &Value,
    name: &str,
    children: &BTreeMap<String, Vec<String>>,
) -> bool {
    let own = children.get(name).map(Vec::as_slice).unwrap_or_default();
    alternatives(schema)
        .all(|it| reference(it).is_some_and(|it| own.iter().any(|child| child == it)))
}

struct Members<'a> {
    components: &'a Map<String, Value>,
    children: &'a BTreeMap<String, Vec<String>>,
    bases: &'a BTreeMap<String, String>,
}

impl Members<'_> {
    /// The union that stands for the parent called `name`.
    fn union(&self, name: &str, base: &str, schema: &Value) -> Value {
        let discriminated_by = property(schema);
        let mut union = schema.as_object().cloned().unwrap_or_default();
        union.retain(|key, _| {
            matches!(
                key.as_str(),
                "description" | "title" | "nullable" | "deprecated" | "discriminator"
            ) || key.starts_with("x-")
        });
        // Where nothing says which kind a value is, the base comes before children that it would fit as well.
        let mut members = vec![base.to_owned()];
        let mut mapping = Map::new();
        let mut seen = BTreeSet::from([name]);
        let mut todo = vec![name];
        while let Some(parent) = todo.pop() {
            let schema = self.components.get(parent).unwrap_or(&Value::Null);
            if let Some(more) = schema.pointer("/discriminator/mapping").and_then(Value::as_object)
            {
                for (tag, target) in more {
                    mapping.entry(tag.clone()).or_insert_with(|| target.clone());
                }
            }
            let children = self.children.get(parent).into_iter().flatten().map(String::as_str);
            let mut next = Vec::new();
            for child in listed(schema).into_iter().chain(children) {
                let Some(found) = self.components.get(child).filter(|_| seen.insert(child)) else {
                    continue;
                };
                let own = self.bases.get(child);
                // A child that is a parent by another property is a union of its own.
                let same = property(found).is_none_or(|it| discriminated_by == Some(it));
                members.push(own.filter(|_| same).map_or(child, String::as_str).to_owned());
                if own.is_none() || same {
                    next.push(child);
                }
            }
            todo.extend(next.into_iter().rev());
        }
        let refs = members.iter().map(|it| to_schema(it));
        union.insert("oneOf".to_owned(), refs.collect());
        if let Some(discriminator) = union.get_mut("discriminator") {
            discriminator["mapping"] = mapping.into();
        }
        union.into()
    }
}
