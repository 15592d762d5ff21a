//! An answer made of a schema alone, for operations that nobody scripted.

use conversations_document::Pointer;
use serde_json::{Map, Value as Json, json};

use super::document::resolve;

/// The smallest value that has a chance to fit the schema: examples, defaults, constants first,
/// then required members only.
pub(super) fn value(root: &Json, pointer: &str) -> Json {
    root.pointer(pointer).map_or(Json::Null, |schema| build(root, schema, 0))
}

fn build(root: &Json, schema: &Json, depth: usize) -> Json {
    let Ok((schema, _)) = resolve(root, schema, Pointer::ROOT) else { return Json::Null };
    if depth > 12 {
        return Json::Null;
    }
    for key in ["example", "const", "default"] {
        if let Some(value) = schema.get(key) {
            return value.clone();
        }
    }
    for key in ["examples", "enum", "x-enum"] {
        if let Some(value) = schema.get(key).and_then(Json::as_array).and_then(|it| it.first()) {
            return value.clone();
        }
    }
    for key in ["oneOf", "anyOf"] {
        if schema.get("properties").is_none()
            && let Some(first) = schema.get(key).and_then(Json::as_array).and_then(|it| it.first())
        {
            return build(root, first, depth + 1);
        }
    }
    let kind = match schema.get("type") {
        Some(Json::Array(kinds)) => kinds.iter().find(|it| *it != "null").and_then(Json::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match kind {
        Some("string") => text(schema),
        Some("integer") => json!(schema.get("minimum").and_then(Json::as_i64).unwrap_or(0)),
        Some("number") => json!(schema.get("minimum").and_then(Json::as_f64).unwrap_or(0.0)),
        Some("boolean") => json!(false),
        Some("array") => list(root, schema, depth),
        Some("object") => object(root, schema, depth),
        _ if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
            object(root, schema, depth)
        }
        _ => Json::Null,
    }
}

fn list(root: &Json, schema: &Json, depth: usize) -> Json {
    let count = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0).min(16);
    let items = schema.get("items").unwrap_or(&Json::Null);
    (0..count).map(|_| build(root, items, depth + 1)).collect()
}

fn object(root: &Json, schema: &Json, depth: usize) -> Json {
    let mut members = Map::new();
    for part in schema.get("allOf").and_then(Json::as_array).into_iter().flatten() {
        if let Json::Object(inner) = build(root, part, depth + 1) {
            members.extend(inner);
        }
    }
    for name in schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
    {
        if let Some(property) = schema.get("properties").and_then(|it| it.get(name)) {
            members.insert(name.to_owned(), build(root, property, depth + 1));
        }
    }
    Json::Object(members)
}

fn text(schema: &Json) -> Json {
    let text = match schema.get("format").and_then(Json::as_str) {
        Some("date-time") => "2025-01-01T00:00:00Z",
        Some("date") => "2025-01-01",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "someone@example.com",
        Some("uri" | "url") => "https://example.com/",
        _ => "text",
    };
    let least = schema.get("minLength").and_then(Json::as_u64).unwrap_or(0).min(4096);
    let missing = usize::try_from(least).unwrap_or(0).saturating_sub(text.len());
    json!(format!("{text}{}", "x".repeat(missing)))
}
