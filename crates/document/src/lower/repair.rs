//! Every node in the form its place asks for: repaired where its meaning is plain, else refused.

use super::context::Context;
use crate::note::Done;
use crate::{
    fault::Code as Fault,
    grammar::{Field, Form, Kind, each_child_mut},
    load,
    pointer::Pointer,
};
use serde_json::{Map, Value, json};

const CORRECT: &str = "correct it in the overlay with an `update` or `remove` action at this place";

/// The deepest nesting that the passes, which recurse, are asked to follow.
const DEEPEST: usize = 200;

/// Records a fault where the document nests deeper than any meaningful one.
pub(crate) fn check_depth(cx: &mut Context, root: &Value) {
    let mut todo = vec![(root, Pointer::ROOT, 0_usize)];
    while let Some((node, at, depth)) = todo.pop() {
        if depth > DEEPEST {
            let help = "write the inner part as a named schema and refer to it";
            cx.fault(&at, Fault::TooDeep { most: DEEPEST }, help);
            return;
        }
        match node {
            Value::Object(object) => {
                todo.extend(
                    object
                        .iter()
                        .filter(|(_, v)| nests(v))
                        .map(|(k, v)| (v, at.child(k), depth + 1)),
                );
            }
            Value::Array(list) => {
                todo.extend(
                    list.iter()
                        .enumerate()
                        .filter(|(_, v)| nests(v))
                        .map(|(i, v)| (v, at.child(i), depth + 1)),
                );
            }
            _ => {}
        }
    }
}

fn nests(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Checks and repairs the node and everything inside it.
pub(crate) fn check(cx: &mut Context, value: &mut Value, kind: Kind, at: &Pointer) {
    if value.is_boolean() && kind == Kind::Schema {
        return;
    }
    let Some(object) = value.as_object_mut() else {
        cx.fault(at, Fault::WrongNode { found: load::kind(value), wanted: kind.noun() }, CORRECT);
        return;
    };
    let odd_reference = object.get("$ref").is_some_and(|target| !target.is_string());
    if odd_reference && kind != Kind::Schema && kind.others().is_none() {
        object.shift_remove("$ref");
        cx.note(at, Done::ReferenceForm);
    }
    for Field { key, form, .. } in kind.fields() {
        if object.contains_key(*key) && !matches!(form, Form::Any | Form::Data | Form::Loose(_)) {
            field(cx, object, key, *form, &at.child(key));
        }
    }
    if let Some(inner) = kind.others() {
        for (key, node) in object.iter_mut().filter(|(k, _)| !k.starts_with("x-")) {
            let known = kind.field(key).is_some();
            let own_reference = key == "$ref" && node.is_string();
            if !known && !own_reference {
                emptied(cx, node, inner, &at.child(key));
            }
        }
    }
    each_child_mut(value, kind, at, &mut |node, inner, at| check(cx, node, inner, at));
}

/// A node that says nothing in a place that must be a mapping is an empty mapping.
fn emptied(cx: &mut Context, node: &mut Value, kind: Kind, at: &Pointer) {
    let empty_list = node.as_array().is_some_and(Vec::is_empty);
    if node.is_null() || empty_list {
        cx.note(at, Done::EmptyNode { noun: kind.noun() });
        *node = json!({});
    }
}

fn field(cx: &mut Context, object: &mut Map<String, Value>, key: &str, form: Form, at: &Pointer) {
    let Some(value) = object.get_mut(key) else { return };
    if value.is_null() {
        object.shift_remove(key);
        cx.note(at, Done::NoValue { key: key.to_string() });
        return;
    }
    if matches!(form, Form::List(_) | Form::Texts) && is_numbered(value) {
        listed(cx, value, key, at);
    }
    match form {
        Form::Any | Form::Data | Form::Loose(_) => {}
        Form::Text => text(cx, object, key, at),
        Form::Flag => flag(cx, object, key, at),
        Form::Texts => texts(cx, object, key, at),
        Form::One(kind) => {
            let tuple = key == "items" && value.as_array().is_some_and(|l| !l.is_empty());
            if tuple {
                if let Value::Array(list) = value {
                    for (index, node) in list.iter_mut().enumerate() {
                        emptied(cx, node, kind, &at.child(index));
                    }
                }
            } else if value.is_array() && value.as_array().is_some_and(Vec::is_empty) {
                emptied(cx, value, kind, at);
            } else if value.is_array() {
                refuse(cx, value, "a mapping", key, at);
                object.shift_remove(key);
            }
        }
        Form::Map(kind) => match value {
            Value::Object(entries) => {
                for (name, node) in entries.iter_mut() {
                    if name != "$ref" {
                        emptied(cx, node, kind, &at.child(name));
                    }
                }
            }
            Value::Array(list) if list.is_empty() => emptied(cx, value, kind, at),
            other => {
                refuse(cx, other, "a mapping", key, at);
                object.shift_remove(key);
            }
        },
        Form::List(kind) => match value {
            Value::Array(list) => {
                for (index, node) in list.iter_mut().enumerate() {
                    emptied(cx, node, kind, &at.child(index));
                }
            }
            Value::Object(entries) if entries.is_empty() => {
                cx.note(at, Done::EmptyMapping { key: key.to_string() });
                *value = json!([]);
            }
            other => {
                refuse(cx, other, "a list", key, at);
                object.shift_remove(key);
            }
        },
    }
}

/// Whether a mapping has numbers for keys and nothing else: PHP and some bundlers write a list so from which they took a part.
fn is_numbered(value: &Value) -> bool {
    let number = |key: &String| !key.is_empty() && key.bytes().all(|it| it.is_ascii_digit());
    value.as_object().is_some_and(|it| !it.is_empty() && it.keys().all(number))
}

/// Makes a list of what a mapping from numbers holds.
fn listed(cx: &mut Context, value: &mut Value, key: &str, at: &Pointer) {
    let Value::Object(entries) = std::mem::take(value) else { return };
    cx.note(at, Done::NumberedMapping { key: key.to_owned() });
    for (index, number) in entries.keys().enumerate() {
        cx.copy_origins(&at.child(number), &at.child(index));
    }
    *value = entries.into_values().collect();
}

fn text(cx: &mut Context, object: &mut Map<String, Value>, key: &str, at: &Pointer) {
    let Some(value) = object.get_mut(key) else { return };
    match &*value {
        Value::String(_) => {}
        Value::Number(_) | Value::Bool(_) => {
            let written = value.to_string();
            cx.note(at, Done::ReadAsText { written: written.to_string() });
            *value = Value::String(written);
        }
        other => match other.get("$ref").and_then(Value::as_str) {
            Some(target) => {
                let words = format!("See {target}.");
                cx.note(at, Done::TextReference { target: target.to_string() });
                *value = Value::String(words);
            }
            None => {
                refuse(cx, other, "a text", key, at);
                object.shift_remove(key);
            }
        },
    }
}

fn flag(cx: &mut Context, object: &mut Map<String, Value>, key: &str, at: &Pointer) {
    let Some(value) = object.get_mut(key) else { return };
    if value.is_boolean() {
        return;
    }
    match value.as_str().map(str::to_ascii_lowercase).as_deref() {
        // The latter are booleans of YAML 1.1, which many editors and writers of documents have in mind.
        Some(word @ ("true" | "false" | "yes" | "no" | "on" | "off")) => {
            cx.note(at, Done::ReadAsBoolean { word: word.to_string() });
            *value = Value::Bool(matches!(word, "true" | "yes" | "on"));
        }
        _ => {
            refuse(cx, value, "a boolean", key, at);
            object.shift_remove(key);
        }
    }
}

fn texts(cx: &mut Context, object: &mut Map<String, Value>, key: &str, at: &Pointer) {
    let Some(value) = object.get_mut(key) else { return };
    if let Some(one) = value.as_str().map(str::to_owned) {
        cx.note(at, Done::ReadAsList { text: one.to_string() });
        *value = json!([one]);
    }
    let Some(list) = value.as_array_mut() else {
        refuse(cx, value, "a list of texts", key, at);
        object.shift_remove(key);
        return;
    };
    let before = list.len();
    for item in list.iter_mut() {
        if item.is_number() || item.is_boolean() {
            *item = Value::String(item.to_string());
            cx.note(at, Done::ReadAsText { written: item.to_string() });
        }
    }
    list.retain(Value::is_string);
    if list.len() < before {
        cx.note(at, Done::EntriesNotText { key: key.to_string() });
    }
}

/// Records that a key holds a value of the wrong kind.
pub(crate) fn refuse(
    cx: &mut Context,
    value: &Value,
    wanted: &'static str,
    key: &str,
    at: &Pointer,
) {
    let code = Fault::WrongKind { key: key.to_owned(), found: load::kind(value), wanted };
    cx.fault(at, code, CORRECT);
}
