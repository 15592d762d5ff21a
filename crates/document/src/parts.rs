//! Parts of a tree by their pointers: found, named, copied.

use crate::pointer::Pointer;
use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

/// The mapping at the keys `path`, made where it is missing.
pub(crate) fn section<'a>(
    root: &'a mut Value,
    path: &[&str],
) -> Option<&'a mut Map<String, Value>> {
    let mut at = root;
    for key in path {
        let object = at.as_object_mut()?;
        at = object.entry(*key).or_insert_with(|| Value::Object(Map::new()));
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
    }
    at.as_object_mut()
}

/// `name` made legal as a component name; never empty.
pub(crate) fn legal_name(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    let trimmed = out.trim_matches('_').len();
    if trimmed == 0 {
        out = "Unnamed".to_owned();
    }
    out
}

/// `wanted`, or the first of `wanted2`, `wanted3` … that `taken` does not hold.
pub(crate) fn free_name(wanted: &str, taken: &dyn Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let glue = if wanted.ends_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    let mut number = 2_u32;
    loop {
        let name = format!("{wanted}{glue}{number}");
        if !taken(&name) {
            return name;
        }
        number = number.saturating_add(1);
    }
}

/// A name for what is at `at`, made of the tokens that mean something to readers.
pub(crate) fn wanted_name(at: &Pointer) -> String {
    let parts = at.tokens();
    if parts.len() > 1
        && let [.., holder, last] = &parts[..]
        && (holder == "$defs" || holder == "definitions")
    {
        return legal_name(last);
    }
    let mut words = String::new();
    for part in &parts {
        let structural = [
            "components",
            "schemas",
            "responses",
            "parameters",
            "requestBodies",
            "paths",
            "properties",
            "content",
            "schema",
            "definitions",
            "$defs",
            "allOf",
            "anyOf",
            "oneOf",
            "headers",
        ];
        if structural.contains(&part.as_str()) || part.contains('/') && part.contains("json") {
            continue;
        }
        words.push_str(&match part.as_str() {
            "items" => "Item".to_owned(),
            "additionalProperties" => "Value".to_owned(),
            other if other.starts_with('/') => other.to_upper_camel_case(),
            other => {
                let mut camel = other.to_upper_camel_case();
                if camel.is_empty() {
                    camel.push_str("Part");
                }
                camel
            }
        });
    }
    if words.starts_with(|c: char| c.is_ascii_digit()) {
        words.insert_str(0, "Schema");
    }
    legal_name(&words)
}

/// How many nodes a document may grow by where references are written out. The largest documents of
/// vendors stay below a tenth of it; what grows without end reaches it soon.
pub(crate) const MOST_COPIED: usize = 300_000;

/// How deep references that are written out may stand inside each other.
pub(crate) const DEEPEST_COPIED: usize = 24;

/// The number of nodes in a tree.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(weight).sum::<usize>(),
        Value::Array(list) => 1 + list.iter().map(weight).sum::<usize>(),
        _ => 1,
    }
}
