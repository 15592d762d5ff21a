//! Which named schema a schema stands for.

use conversations_document::{
    grammar::annotates,
    reference::{self, schema_name},
};
use serde_json::Value;

/// The component that a bare reference names.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema_name(reference::reference(schema)?)
}

/// The component that a schema stands for, bare or wrapped.
pub(super) fn behind(schema: &Value) -> Option<String> {
    reference(schema).map(str::to_owned).or_else(|| wrapped_reference(schema))
}

/// The component behind an `allOf` of one reference, or of another such schema, whose siblings only annotate.
pub(super) fn wrapped_reference(schema: &Value) -> Option<String> {
    let map = schema.as_object()?;
    let list = ["allOf", "oneOf", "anyOf"].into_iter();
    let (key, parts) = list.flat_map(|key| Some((key, map.get(key)?.as_array()?))).next()?;
    // A part that only annotates adds nothing to the type.
    let adds = |it: &&Value| {
        let says = |it: &String| !annotates(it) && it != "nullable";
        let is_null = it.get("type").and_then(Value::as_str) == Some("null");
        !is_null && it.as_object().is_none_or(|it| it.keys().any(says))
    };
    let mut real = parts.iter().filter(adds);
    let (Some(only), None) = (real.next(), real.next()) else { return None };
    let beside = |it: &String| {
        it == key
            || annotates(it)
            || it == "nullable"
            || it == "type"
            || it.starts_with("x-") && it != "x-conversations"
    };
    map.keys().all(beside).then(|| behind(only))?
}
