//! What two JSON values have in common once what the client may change is left out.

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
