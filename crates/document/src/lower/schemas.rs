//! Schemas of 3.1, 3.2 and Swagger 2.0 in the words of 3.0, one rule after the other at each schema,
//! outer schemas first.

use super::{context::Context, keywords, types};
use crate::grammar::{Kind, each_child_mut, walk};
use crate::note::{Done, Names};
use crate::pointer::Pointer;
use serde_json::{Map, Value, json};

/// One rule's work at one schema.
type Step = fn(&mut Context, &mut Map<String, Value>, &Pointer);

/// The order matters: what one makes, later ones may see.
const STEPS: &[Step] = &[
    types::nullable_unions,
    required_flags,
    keywords::identity,
    keywords::forms,
    types::x_nullable,
    types::constant,
    types::type_names,
    keywords::exclusive_bounds,
    keywords::examples,
    keywords::content,
    keywords::tuples,
    keywords::pattern_properties,
    keywords::without_word,
    keywords::discriminator,
    types::enums,
    types::split,
    reference_siblings,
];

/// Lowers every schema in the document.
pub(crate) fn lower(cx: &mut Context, root: &mut Value) {
    let named = root.pointer("/components/schemas").and_then(Value::as_object);
    let nulls = named.into_iter().flatten().filter(|(_, it)| types::is_null_schema(it));
    cx.nulls = nulls.map(|(name, _)| name.clone()).collect();
    let mut conditional = false;
    walk(root, Kind::Root3, &Pointer::ROOT, &mut |node, kind, _| {
        conditional |= kind == Kind::Schema && keywords::is_conditional(node);
    });
    cx.named = named.filter(|_| conditional).cloned().unwrap_or_default();
    descend(cx, root, Kind::Root3, "", &Pointer::ROOT);
}

fn descend(cx: &mut Context, node: &mut Value, kind: Kind, around: &str, at: &Pointer) {
    if kind == Kind::Schema {
        boolean(cx, node, around, at);
        if let Some(object) = node.as_object_mut() {
            for step in STEPS {
                step(cx, object, at);
            }
        }
    }
    each_child_mut(node, kind, at, &mut |node, kind, inner| descend(cx, node, kind, at, inner));
}

/// `true` and `false` as whole schemas; beside `properties` 3.0 knows them.
fn boolean(cx: &mut Context, node: &mut Value, around: &str, at: &Pointer) {
    let Some(any) = node.as_bool() else { return };
    if at.strip_prefix(around) == Some("/additionalProperties") {
        return;
    }
    *node = if any { json!({}) } else { json!({ "not": {} }) };
    cx.note(at, Done::BooleanSchema { any, node: node.to_string() });
}

/// `required: true` on a property means that the schema around it requires it.
fn required_flags(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let mut named = Vec::new();
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties.iter_mut() {
            let Some(property) = property.as_object_mut() else { continue };
            let flag = match property.get("required") {
                Some(Value::Bool(flag)) => *flag,
                Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
                _ => continue,
            };
            property.shift_remove("required");
            let pointer = at.child("properties").child(name);
            if flag {
                named.push(name.clone());
                cx.note(&pointer, Done::RequiredHere { name: name.to_string() });
            } else {
                cx.note(&pointer, Done::NotRequired);
            }
        }
    }
    match object.get_mut("required") {
        None if named.is_empty() => (),
        None => {
            object.insert("required".to_owned(), json!(named));
        }
        Some(Value::Array(list)) => {
            list.extend(named.into_iter().map(Value::String));
            let mut seen = std::collections::BTreeSet::new();
            let before = list.len();
            for name in list.iter_mut().filter(|it| it.is_number() || it.is_boolean()) {
                // YAML takes such a name for no text unless it is quoted; as a key it is one.
                *name = Value::String(name.to_string());
                cx.note(at, Done::ReadAsText { written: name.to_string() });
            }
            list.retain(|name| name.as_str().is_some_and(|n| seen.insert(n.to_owned())));
            if list.len() < before {
                cx.note(at, Done::RequiredNames);
            }
        }
        Some(Value::Bool(_)) => {
            object.shift_remove("required");
            cx.note(at, Done::RequiredBoolean);
        }
        Some(other) => {
            let what = crate::load::kind(other);
            object.shift_remove("required");
            cx.note(at, Done::RequiredForm { found: what });
            if !named.is_empty() {
                object.insert("required".to_owned(), json!(named));
            }
        }
    }
}

/// What stands beside a reference holds as well as what it refers to.
fn reference_siblings(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(target) = object.get("$ref").cloned() else { return };
    if !target.is_string() {
        object.shift_remove("$ref");
        cx.note(at, Done::ReferenceForm);
        return;
    }
    if object.len() == 1 {
        return;
    }
    object.shift_remove("$ref");
    let beside: Vec<String> = object.keys().cloned().collect();
    let whole = json!({ "$ref": target });
    match object.get_mut("allOf").and_then(Value::as_array_mut) {
        Some(list) => list.insert(0, whole),
        None => {
            object.insert("allOf".to_owned(), json!([whole]));
        }
    }
    cx.note(at, Done::ReferenceSiblings { beside: Names(beside) });
}
