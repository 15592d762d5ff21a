//! Documents as the tests walk them, and what two JSON values have in common once what the client may change is
//! left out.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Follows `$ref`s within a document.
pub(crate) fn resolve<'a>(document: &'a Value, mut node: &'a Value) -> &'a Value {
    while let Some(pointer) = node.get("$ref").and_then(Value::as_str) {
        let target = pointer.trim_start_matches('#');
        node = document.pointer(target).unwrap_or_else(|| panic!("{pointer} leads nowhere"));
    }
    node
}

/// The node at a pointer, which may lead through references.
pub(crate) fn at<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut parts = pointer.split('/').skip(1).map(|it| it.replace("~1", "/").replace("~0", "~"));
    parts.try_fold(document, |node, part| match resolve(document, node) {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        node => node.get(&part),
    })
}

/// A member's name as a part of a pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A document whose schemas each say in one place what they are: parts that all hold are merged, of alternatives
/// the first one stands, and a constant is a list of one word. Revisions of a document differ in this.
pub(crate) fn flat(document: &Value) -> Value {
    flat_node(document, document)
}

fn flat_node(document: &Value, node: &Value) -> Value {
    match node {
        Value::Array(items) => items.iter().map(|it| flat_node(document, it)).collect(),
        Value::Object(members) => {
            let mut own: Map<String, Value> =
                members.iter().map(|(name, it)| (name.clone(), flat_node(document, it))).collect();
            if let Some(word) = own.remove("const") {
                own.insert("enum".to_owned(), Value::Array(vec![word]));
            }
            if let Some(Value::Array(parts)) = own.remove("allOf") {
                match &parts[..] {
                    [part]
                        if part.get("$ref").is_some()
                            && !own.contains_key("properties")
                            && !own.contains_key("additionalProperties") =>
                    {
                        merge(&mut own, part);
                    }
                    parts => {
                        for part in parts {
                            merge(&mut own, &flat_node(document, resolve(document, part)));
                        }
                    }
                }
            }
            // Beside a type of its own, alternatives are rules for requests.
            if !["type", "properties", "enum", "$ref"].iter().any(|it| own.contains_key(*it)) {
                for key in ["oneOf", "anyOf"] {
                    let Some(Value::Array(parts)) = own.get(key).cloned() else { continue };
                    if let Some(part) = parts.iter().find(|it| it["type"] != "null") {
                        merge(&mut own, part);
                    }
                }
            }
            Value::Object(own)
        }
        other => other.clone(),
    }
}

/// Adds what a part of a schema says; what is there already stays.
fn merge(into: &mut Map<String, Value>, part: &Value) {
    for (name, value) in part.as_object().into_iter().flatten() {
        match (into.get_mut(name), value) {
            (Some(Value::Object(there)), Value::Object(_)) => merge(there, value),
            (Some(Value::Array(there)), Value::Array(more)) if name == "required" => {
                there.extend(more.iter().cloned());
            }
            (Some(_), _) => {}
            (None, _) => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

/// One member of a typed value, as text: whether the document requires it changes its type, and not what it holds.
pub(crate) fn text_of(value: &impl serde::Serialize, member: &str) -> String {
    let value = serde_json::to_value(value).expect("a typed value is JSON");
    let text = value[member].as_str();
    text.unwrap_or_else(|| panic!("no text `{member}` in {value}")).to_owned()
}

/// Other spellings of properties, by what `x-conversations` of the document says.
pub(crate) fn aliases(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(document, &mut found);
    found
}

fn collect(node: &Value, found: &mut BTreeMap<String, String>) {
    match node {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                for (name, schema) in properties {
                    let aliases =
                        schema.pointer("/x-conversations/aliases").and_then(Value::as_array);
                    for alias in aliases.into_iter().flatten().filter_map(Value::as_str) {
                        found.insert(alias.to_owned(), name.clone());
                    }
                }
            }
            members.values().for_each(|it| collect(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        _ => {}
    }
}

/// A value without what a lenient reading may change: `null`, `[]` and `{}` are as good as absent, an alias is the
/// property that it stands for, and 5 is 5.0. All else, the spelling of moments included, stays.
pub(crate) fn plain(value: &Value, aliases: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Object(members) => {
            let mut out = Map::new();
            for (name, member) in members {
                let member = plain(member, aliases);
                if !is_nothing(&member) {
                    out.insert(aliases.get(name).unwrap_or(name).clone(), member);
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(|it| plain(it, aliases)).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The examples of a media type: `example`, and each of `examples`.
pub(crate) fn examples<'a>(document: &'a Value, media: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found: Vec<(String, &Value)> =
        media.get("example").into_iter().map(|it| ("example".to_owned(), it)).collect();
    let named = media.get("examples").and_then(Value::as_object).into_iter().flatten();
    for (name, example) in named {
        if let Some(value) = resolve(document, example).get("value") {
            found.push((name.clone(), value));
        }
    }
    found
}

#[test]
fn documents_are_flat() {
    let document = serde_json::json!({
        "A": {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        "B": {"allOf": [{"$ref": "#/A"}, {"properties": {"b": {"const": "x"}}, "required": ["b"]}]},
        "C": {"description": "text", "allOf": [{"$ref": "#/B"}]},
        "D": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "E": {"type": "object", "anyOf": [{"required": ["a"]}]},
    });
    let flat = flat(&document);
    let b = serde_json::json!({"properties": {"a": {"type": "string"}, "b": {"enum": ["x"]}}, "required": ["a", "b"]});
    assert_eq!(flat["B"], b);
    assert_eq!(flat["C"], serde_json::json!({"description": "text", "$ref": "#/B"}));
    assert_eq!(at(&flat, "/C/properties/b"), Some(&b["properties"]["b"]));
    assert_eq!(flat["D"]["type"], "string");
    assert_eq!(flat["E"], document["E"]);
}
