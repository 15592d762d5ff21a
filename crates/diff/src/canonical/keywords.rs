//! The keywords of one schema in one spelling, those without effect left out.

use super::node::Node;
use crate::view::{is_annotation, same, says_nothing};
use conversations_document::Pointer;
use serde_json::{Map, Value, json};

/// The types of a schema, `null` apart.
pub(super) fn types(value: &Value) -> Vec<String> {
    match value.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// Sets the types of a schema.
pub(super) fn set_types(node: &mut Node, mut types: Vec<String>) {
    types.sort();
    types.dedup();
    if types.iter().any(|it| it == "number") {
        types.retain(|it| it != "integer");
    }
    match types.as_slice() {
        [one] => node.insert("type", json!(one)),
        many => node.insert("type", json!(many)),
    }
}

/// Removes `null` from the types of a written schema that lists its values without it: OpenAPI 3.0.3 and
/// JSON Schema allow null only as one of them.
pub(super) fn unlisted_null(node: &mut Node) {
    let without = |it: &Value| !it.as_array().is_some_and(|it| it.iter().any(Value::is_null));
    let listed = node.get("enum").is_some_and(without);
    let constant = node.get("const").is_some_and(|it| !it.is_null());
    if !listed && !constant {
        return;
    }
    node.remove("nullable");
    let types = types(&node.value);
    if types.len() > 1 && types.iter().any(|it| it == "null") {
        set_types(node, types.into_iter().filter(|it| it != "null").collect());
    }
}

/// Brings the keywords of a schema into their one spelling.
pub(super) fn tidy(node: &mut Node) {
    if !node.value.is_object() {
        return;
    }
    if let (Some(constant), Some(Value::Array(values))) = (node.get("const"), node.get("enum")) {
        if !values.iter().any(|it| same(it, constant)) {
            node.insert("not", json!({}));
            node.remove("const");
        }
        node.remove("enum");
    }
    null(node);
    values(node);
    whole(node);
    bounds(node, "minimum", "exclusiveMinimum", 1.0);
    bounds(node, "maximum", "exclusiveMaximum", -1.0);
    binary(node);
    positions(node);
    without_effect(node);
}

/// `null` is written as `nullable: true`, wherever it was written.
fn null(node: &mut Node) {
    let mut nullable = node.get("nullable") == Some(&Value::Bool(true));
    let written = types(&node.value);
    if written.len() > 1 && written.iter().any(|it| it == "null") {
        set_types(node, written.into_iter().filter(|it| it != "null").collect());
        nullable = true;
    } else if !written.is_empty() && node.get("type").is_some_and(Value::is_array) {
        set_types(node, written);
    }
    if let Some(Value::Array(values)) = node.get("enum")
        && values.iter().any(Value::is_null)
    {
        let rest: Vec<_> = values.iter().filter(|it| !it.is_null()).cloned().collect();
        if rest.is_empty() {
            node.remove("enum");
            node.insert("type", json!("null"));
        } else {
            node.insert("enum", json!(rest));
            nullable |= node.get("type").is_none();
        }
    }
    node.remove("nullable");
    if nullable && node.get("type") != Some(&json!("null")) {
        node.insert("nullable", Value::Bool(true));
    }
}

/// The list of allowed values, with the type that it implies.
fn values(node: &mut Node) {
    if let Some(constant) = node.get("const")
        && node.get("type").is_none()
    {
        let kind = kind(constant);
        node.insert("type", json!(kind));
        if kind == "null" {
            node.remove("const");
        }
    }
    let Some(Value::Array(values)) = node.get("enum") else { return };
    let mut once: Vec<Value> = Vec::new();
    for value in values {
        if !once.iter().any(|it| same(it, value)) {
            once.push(value.clone());
        }
    }
    let mut implied: Vec<String> = once.iter().map(|it| kind(it).to_owned()).collect();
    implied.sort();
    implied.dedup();
    if !implied.is_empty() && node.get("type").is_none() {
        set_types(node, implied.clone());
    }
    let both = once.len() == 2 && implied == ["boolean"];
    if both && types(&node.value) == ["boolean"] {
        node.remove("enum");
    } else {
        node.insert("enum", Value::Array(once));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(it) if it.as_f64().is_some_and(|it| it.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// An exclusive bound is a number of its own, and only the stricter of two bounds is left. For whole
/// numbers every bound is inclusive.
fn bounds(node: &mut Node, inclusive: &str, exclusive: &str, step: f64) {
    match node.get(exclusive) {
        Some(Value::Bool(true)) => {
            node.remove(exclusive);
            if let Some(bound) = node.remove(inclusive) {
                node.insert(exclusive, bound);
            }
        }
        Some(Value::Bool(false)) => drop(node.remove(exclusive)),
        _ => {}
    }
    let number = |node: &Node, key: &str| node.get(key).and_then(Value::as_f64);
    if types(&node.value) == ["integer"] {
        let whole = |it: f64| if step > 0.0 { it.ceil() } else { it.floor() };
        let exact = |it: &f64| it.abs() < 9e15;
        let with = number(node, inclusive).filter(exact);
        let without = number(node, exclusive).filter(exact);
        let next = without.map(|it| if it.fract() == 0.0 { it + step } else { whole(it) });
        if next.is_some() {
            node.remove(exclusive);
        }
        let fraction = with.filter(|it| it.fract() != 0.0).map(whole);
        let stricter = |it: &f64| with.is_none_or(|with| (it - with) * step > 0.0);
        if let Some(bound) = next
            .into_iter()
            .chain(fraction)
            .filter(stricter)
            .reduce(|l, r| if (l - r) * step > 0.0 { l } else { r })
        {
            #[allow(clippy::cast_possible_truncation)]
            // checked to be a whole number far below 2^63
            let bound = bound as i64;
            node.insert(inclusive, json!(bound));
        }
    }
    if let (Some(with), Some(without)) = (number(node, inclusive), number(node, exclusive)) {
        let weaker = if (with - without) * step > 0.0 { exclusive } else { inclusive };
        node.remove(weaker);
    }
}

/// A multiple of a whole number is an integer.
fn whole(node: &mut Node) {
    let steps = node.get("multipleOf").and_then(Value::as_f64).filter(|it| it.fract() == 0.0);
    if steps.is_some() && types(&node.value) == ["number"] && node.get("format").is_none() {
        node.insert("type", json!("integer"));
    }
    if steps == Some(1.0) && types(&node.value) == ["integer"] {
        node.remove("multipleOf");
    }
}

/// Base64 in a string is `contentEncoding`, raw bytes are `format: binary`.
fn binary(node: &mut Node) {
    let own = types(&node.value);
    let text = own.is_empty() || own == ["string"];
    if !text {
        return;
    }
    if node.get("format") == Some(&json!("byte")) {
        node.remove("format");
        if node.get("contentEncoding").is_none() {
            node.insert("contentEncoding", json!("base64"));
        }
        node.insert("type", json!("string"));
    }
    let octets = node.get("contentMediaType") == Some(&json!("application/octet-stream"));
    if octets && node.get("contentEncoding").is_none() {
        node.remove("contentMediaType");
        if node.get("format").is_none() {
            node.insert("format", json!("binary"));
            node.insert("type", json!("string"));
        }
    }
}

/// Positions that say what the items after them say are not listed.
fn positions(node: &mut Node) {
    let items = node.get("items").cloned().unwrap_or(Value::Bool(true));
    let Some(Value::Array(positions)) = node.get("prefixItems") else { return };
    let alike = |it: &&Value| **it == items || says_nothing(it) && says_nothing(&items);
    let own = positions.len() - positions.iter().rev().take_while(alike).count();
    if own < positions.len() {
        let mut members = node.remove_list("prefixItems");
        members.truncate(own);
        node.insert_list("prefixItems", members);
    }
}

/// Takes out what applies without a condition: what a condition that always or never holds asks for, and what is
/// refused twice.
pub(super) fn unconditional(node: &mut Node) -> Vec<Node> {
    let mut parts = Vec::new();
    let settled = node.get("if").and_then(|it| match it {
        it if says_nothing(it) => Some(("then", "else")),
        it => refuses_all(it).then_some(("else", "then")),
    });
    if let Some((asked, idle)) = settled {
        parts.extend(node.part(&Pointer::ROOT.child(asked)));
        ["if", idle, asked].into_iter().for_each(|key| drop(node.remove(key)));
    }
    let twice = Pointer::from("/not/not");
    let only = |it: &Value| {
        it.as_object().is_some_and(|it| it.keys().all(|key| key == "not" || is_annotation(key)))
    };
    if node.get("not").is_some_and(only)
        && let Some(part) = node.part(&twice)
    {
        node.remove("not");
        parts.push(part);
    }
    parts
}

/// Whether a schema in its canonical form allows no value.
pub(super) fn refuses_all(value: &Value) -> bool {
    value.get("not").is_some_and(says_nothing)
}

/// Whether a written schema allows every value: nothing stands in it that has an effect.
pub(super) fn allows_all(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().all(|(key, value)| is_annotation(key) || is_idle(map, key, value))
        }
        value => says_nothing(value),
    }
}

/// Whether a keyword, beside the others of its schema, allows every value.
fn is_idle(map: &Map<String, Value>, key: &str, value: &Value) -> bool {
    let empty = |it: &Value| {
        it.as_array().is_some_and(Vec::is_empty) || it.as_object().is_some_and(Map::is_empty)
    };
    let has = |key: &str| map.contains_key(key);
    match key {
        "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" | "nullable" => {
            *value == Value::Bool(false)
        }
        "minLength" | "minItems" | "minProperties" => value.as_f64() == Some(0.0),
        "required" | "properties" | "patternProperties" | "dependentRequired"
        | "dependentSchemas" | "allOf" | "anyOf" | "oneOf" | "prefixItems" => empty(value),
        // A list of known values is compared, though it allows all others.
        "items" | "additionalProperties" | "unevaluatedItems" | "unevaluatedProperties" => {
            says_nothing(value) && value.get("x-extensible-enum").is_none()
        }
        "pattern" => matches!(value.as_str(), Some("" | ".*" | "^.*" | ".*$")),
        // A name is a string.
        "propertyNames" => value.as_object().is_some_and(|it| {
            let string = |key: &str, it: &Value| key == "type" && it == "string";
            it.iter().all(|(key, it)| is_annotation(key) || string(key, it))
        }),
        "not" => refuses_all(value),
        "minContains" if value.as_f64() == Some(1.0) => true,
        "minContains" | "maxContains" => !has("contains"),
        // At least none of them, and no limit to their number.
        "contains" => {
            map.get("minContains").and_then(Value::as_f64) == Some(0.0) && !has("maxContains")
        }
        "then" | "else" => !has("if") || says_nothing(value),
        "if" => !has("then") && !has("else"),
        _ => false,
    }
}

/// Removes what allows every value.
fn without_effect(node: &mut Node) {
    // What is said of all others leaves nothing unevaluated.
    for (all, left) in
        [("additionalProperties", "unevaluatedProperties"), ("items", "unevaluatedItems")]
    {
        if node.get(all).is_some() {
            node.remove(left);
        }
    }
    let Some(map) = node.value.as_object() else { return };
    let idle: Vec<String> =
        map.iter().filter(|(key, value)| is_idle(map, key, value)).map(|it| it.0.clone()).collect();
    for key in idle {
        node.remove(&key);
    }
    if let Some(Value::Array(required)) = node.get("required") {
        let mut names: Vec<_> =
            required.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        node.insert("required", json!(names));
    }
}
