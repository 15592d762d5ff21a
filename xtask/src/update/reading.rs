//! How schemas and places are read where two documents are held side by side.

use super::correspondence;
use conversations_codegen::names::pascal;
use conversations_document::{
    Pointer,
    grammar::{Kind, Position, Subschemas, annotates, gives_type, subschemas},
    lookup::{self, Found},
    reference::{self, followed, local, schema_name},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Whether a JSON Pointer leads to a schema that has a name or a keyword of its own, as far as its steps show.
pub(super) fn is_schema(pointer: &Pointer) -> bool {
    let steps: Vec<_> = Position::steps(pointer).collect();
    let [.., (_, holder, above), (_, token, at)] = &steps[..] else { return false };
    let listed = above.is_keyword(holder)
        && matches!(subschemas(holder), Some(Subschemas::Combined | Subschemas::Ordered));
    at.child(token) == Position::Node(Kind::Schema) && !listed
}

pub(super) fn is_operation(pointer: &Pointer) -> bool {
    matches!(&pointer.tokens()[..], [paths, _, verb] if paths == "paths" && verb != "parameters")
}

/// The named schemas that requests carry, by pointer.
pub(super) fn in_requests(root: &Value) -> BTreeSet<Pointer> {
    let mut todo = Vec::new();
    for Found { pointer, .. } in lookup::operations(root) {
        for part in ["requestBody", "parameters"] {
            references(root.pointer(&pointer.child(part)).unwrap_or(&Value::Null), &mut todo);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(pointer) = todo.pop() {
        if seen.insert(pointer.clone()) {
            references(root.pointer(&pointer).unwrap_or(&Value::Null), &mut todo);
        }
    }
    seen
}

/// Where the local references inside a node lead.
pub(super) fn references(node: &Value, out: &mut Vec<Pointer>) {
    match node {
        Value::Object(members) => {
            for (key, inner) in members {
                match inner.as_str().and_then(local) {
                    Some(pointer) if key == "$ref" => out.push(pointer),
                    _ => references(inner, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| references(it, out)),
        _ => {}
    }
}

/// The named schema that a node refers to.
pub(super) fn reference(node: &Value) -> Option<&str> {
    schema_name(correspondence::reference(node)?).filter(|it| !it.contains('/'))
}

/// The keys of a schema that would stand beside a reference.
pub(super) fn form(node: &Value) -> Vec<&str> {
    let members = node.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let wraps = reference::reference(node).is_none() && correspondence::reference(node).is_some();
    let beside =
        |it: &str| it == "$ref" || annotates(it) || it.starts_with("x-") || wraps && it == "allOf";
    members.filter(|it| !beside(it)).collect()
}

pub(super) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str)
}

pub(super) fn properties(node: &Value) -> Option<&Map<String, Value>> {
    node.get("properties").and_then(Value::as_object)
}

pub(super) fn says_nothing(node: &Value) -> bool {
    node.as_object()
        .is_some_and(|it| !it.contains_key("$ref") && !it.keys().any(|key| gives_type(key)))
}

/// The words of an enum of texts.
pub(super) fn words(node: &Value) -> Option<Vec<&str>> {
    let all = node.get("enum").and_then(Value::as_array)?;
    let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
    (!words.is_empty()).then_some(words)
}

/// Whether nothing is said but that it is an object.
pub(super) fn is_bare_object(node: &Value) -> bool {
    text(node, "type") == Some("object")
        && form(node).iter().all(|it| *it == "type" || !gives_type(it))
}

/// Whether any text will do.
pub(super) fn is_plain_text(node: &Value) -> bool {
    text(node, "type") == Some("string")
        && ["enum", "const"].iter().all(|it| node.get(it).is_none())
}

/// Other spellings of a property.
pub(super) fn aliases(node: &Value) -> Vec<&str> {
    let list = node.pointer("/x-conversations/aliases").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A schema or parameter as one that is on its way out.
pub(super) fn deprecated(node: &Value) -> Value {
    let mut out = node.as_object().cloned().unwrap_or_default();
    // What stands beside a reference is not for every reader.
    if let Some(target) = out.remove("$ref") {
        out.insert("allOf".to_owned(), json!([{"$ref": target}]));
    }
    out.insert("deprecated".to_owned(), Value::Bool(true));
    Value::Object(out)
}

/// Whether alternatives stand for types and are not only rules on what must be there.
pub(super) fn is_union(alternatives: &Value) -> bool {
    let all = alternatives.as_array().into_iter().flatten();
    all.into_iter()
        .any(|it| it.as_object().is_some_and(|it| it.keys().any(|key| key != "required")))
}

/// A node, or what it refers to.
pub(super) fn resolved<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    followed(root, node, Pointer::ROOT).0
}

/// The parameters of an operation and of its path, references followed, without those that are a credential.
pub(super) fn all_parameters(root: &Value, operation: &Pointer) -> Vec<Value> {
    let all = lookup::parameters(root, operation);
    all.iter().filter_map(|it| root.pointer(&it.pointer).cloned()).collect()
}

/// The type or operation that a place belongs to, as a person would call it.
pub(super) fn owner_label(pointer: &Pointer) -> String {
    let keys = pointer.tokens();
    match &keys[..] {
        [a, b, name, ..] if a == "components" && b == "schemas" => pascal(name),
        [paths, path, verb, ..] if paths == "paths" => format!("{} {path}", verb.to_uppercase()),
        _ => "the document".to_owned(),
    }
}
