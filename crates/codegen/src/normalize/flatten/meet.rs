//! What one value is of which several schemas speak at once, as the parts of an `allOf` do.

use super::{
    super::reference::{behind, reference},
    Flattener, TypeKind, is_timestamp, without_prose,
};
use conversations_document::reference::to_schema;
use serde_json::{Map, Value, json};

impl Flattener {
    /// Adds to `whole` what `part` says of the same value.
    pub(super) fn merge(&self, whole: &mut Map<String, Value>, part: &Value) {
        add(whole, part, &|own, other| self.meet(own, other).unwrap_or_else(|| own.clone()));
    }

    /// The schema of what `own` and `other` allow both. `None` where no type says that; `own` holds then.
    ///
    /// What it makes of two named structures would be a structure without a name, and where both lead back to themselves
    /// there would be no end of those: only one that is made of the other stands for both.
    pub(super) fn meet(&self, own: &Value, other: &Value) -> Option<Value> {
        if leaves_type_open(other) || without_prose(own) == without_prose(other) {
            return Some(own.clone());
        }
        if leaves_type_open(own) {
            return Some(annotated(other, own));
        }
        let named = (behind(own), behind(other));
        if let (Some(left), Some(right)) = &named {
            if self.is_made_of(left, right) {
                return Some(own.clone());
            }
            if self.is_made_of(right, left) {
                return Some(annotated(other, own));
            }
        }
        match (self.type_kind(own, 0), self.type_kind(other, 0)) {
            (_, TypeKind::Any) => Some(own.clone()),
            (TypeKind::Any, _) => Some(annotated(other, own)),
            (TypeKind::List, TypeKind::List) => {
                let mut list = self.named(own).as_object()?.clone();
                let items = |it: &Value| self.named(it).get("items").cloned().unwrap_or(json!({}));
                let (mine, its) = (items(own), items(other));
                let both = self.meet(&mine, &its)?;
                if both == mine {
                    return Some(own.clone());
                }
                if both == its {
                    return Some(annotated(other, own));
                }
                list.insert("items".to_owned(), both);
                Some(list.into())
            }
            (TypeKind::Union, _) if self.lists(own, other) => Some(annotated(other, own)),
            (_, TypeKind::Union) if self.lists(other, own) => Some(own.clone()),
            (TypeKind::Map, TypeKind::Struct | TypeKind::Union | TypeKind::Map) => {
                let is_map =
                    self.named(own).get("additionalProperties").is_some_and(Value::is_object);
                Some(if is_map { own.clone() } else { annotated(other, own) })
            }
            (TypeKind::Struct | TypeKind::Union, TypeKind::Map) => Some(own.clone()),
            (TypeKind::Struct, TypeKind::Struct) => match named {
                (Some(_), Some(_)) => None,
                _ => Some(annotated(&json!({"allOf": [own, other]}), own)),
            },
            (TypeKind::String, TypeKind::Enum) | (TypeKind::Number, TypeKind::Integer) => {
                Some(annotated(other, own))
            }
            (TypeKind::Enum, TypeKind::String) | (TypeKind::Integer, TypeKind::Number) => {
                Some(own.clone())
            }
            (TypeKind::Enum, TypeKind::Enum) => {
                let values = |schema: &Value| self.enum_values(schema, &mut Vec::new());
                let (mine, its) = (values(own), values(other));
                let narrows = its.len() < mine.len() && its.iter().all(|it| mine.contains(it));
                Some(if narrows { annotated(other, own) } else { own.clone() })
            }
            (TypeKind::String, TypeKind::String) => {
                let is_plain = own.get("format").is_none() && is_timestamp(self.named(other));
                Some(if is_plain { annotated(other, own) } else { own.clone() })
            }
            (left, right) => (left == right).then(|| own.clone()),
        }
    }

    /// The properties of which parts of one schema say what no type can hold.
    pub(super) fn disputed(&self, parts: &[Value]) -> Vec<String> {
        let mut out = Vec::new();
        let mut known: Map<String, Value> = Map::new();
        let properties = parts.iter().filter_map(|it| it.get("properties")?.as_object());
        for (name, property) in properties.flatten() {
            let both = known.get(name).map(|own| self.meet(own, property));
            match both {
                Some(None) => out.push(name.clone()),
                Some(Some(both)) => _ = known.insert(name.clone(), both),
                None => _ = known.insert(name.clone(), property.clone()),
            }
        }
        out
    }

    /// A schema, or the one that it refers to.
    fn named<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let target = behind(schema).and_then(|it| self.components.get(&it));
        target.unwrap_or(schema)
    }

    /// Whether a named schema is another one, or has all that it has.
    fn is_made_of(&self, name: &str, of: &str) -> bool {
        let mut seen = vec![name.to_owned()];
        let mut next = 0;
        while let Some(name) = seen.get(next).cloned() {
            if name == of {
                return true;
            }
            next += 1;
            let schema = self.parents.fields.get(&name).or_else(|| self.components.get(&name));
            let parts = schema.and_then(|it| it.get("allOf")).and_then(Value::as_array);
            let more = parts.into_iter().flatten().chain(schema).filter_map(reference);
            for name in more {
                if !seen.iter().any(|it| it == name) {
                    seen.push(name.to_owned());
                }
            }
        }
        false
    }

    /// Whether a schema is one of the alternatives of a choice.
    fn lists(&self, choice: &Value, schema: &Value) -> bool {
        let Some(name) = behind(schema) else { return false };
        let choice = self.named(choice);
        let lists = ["oneOf", "anyOf"].iter().filter_map(|key| choice.get(*key)?.as_array());
        lists.flatten().any(|it| behind(it).as_deref() == Some(&name))
    }
}

/// Adds to `whole` what `part` says and `whole` does not, and what `both` makes of what both of them say.
pub(super) fn add(
    whole: &mut Map<String, Value>,
    part: &Value,
    both: &dyn Fn(&Value, &Value) -> Value,
) {
    let Some(part) = part.as_object() else { return };
    for (key, value) in part {
        match (key.as_str(), whole.get_mut(key), value) {
            ("properties", Some(Value::Object(have)), Value::Object(more)) => {
                for (name, property) in more {
                    let whole = have.get(name).map(|own| both(own, property));
                    have.insert(name.clone(), whole.unwrap_or_else(|| property.clone()));
                }
            }
            ("items", Some(own), _) => *own = both(own, value),
            ("required", Some(Value::Array(have)), Value::Array(more)) => {
                for name in more {
                    if !have.contains(name) {
                        have.push(name.clone());
                    }
                }
            }
            ("x-conversations", Some(Value::Object(have)), Value::Object(more)) => {
                for (name, setting) in more {
                    have.entry(name.clone()).or_insert_with(|| setting.clone());
                }
            }
            (_, Some(_), _) => {}
            // What a part says of null or of its own name does not hold for the whole.
            ("nullable" | "title" | "discriminator" | "deprecated", None, _) => {}
            (_, None, _) => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A schema with what `own` says of it to people, and with its marks.
fn annotated(schema: &Value, own: &Value) -> Value {
    let keeps = |key: &str| {
        !matches!(
            key,
            "$ref"
                | "type"
                | "format"
                | "properties"
                | "required"
                | "items"
                | "additionalProperties"
                | "enum"
        ) && !matches!(key, "allOf" | "oneOf" | "anyOf" | "discriminator")
    };
    let mut own = own.as_object().cloned().unwrap_or_default();
    own.retain(|key, _| keeps(key));
    if own.is_empty() {
        return schema.clone();
    }
    match reference(schema) {
        Some(name) => own.insert("allOf".to_owned(), json!([to_schema(name)])),
        None => {
            let mut whole = schema.as_object().cloned().unwrap_or_default();
            whole.extend(own);
            return whole.into();
        }
    };
    own.into()
}

/// Whether none of a schema's keywords names or describes a type.
fn leaves_type_open(schema: &Value) -> bool {
    schema.as_object().is_some_and(|it| {
        !["$ref", "type", "properties", "items", "allOf", "oneOf", "anyOf", "enum"]
            .iter()
            .any(|key| it.contains_key(*key))
    })
}
