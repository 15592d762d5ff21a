//! Which named schema a schema stands for.

use serde_json::Value;

/// The component that a bare reference names.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

/// The component behind an `allOf` of one reference whose siblings only annotate.
pub(super) fn wrapped_reference(schema: &Value) -> Option<String> {
    let map = schema.as_object()?;
    for key in ["allOf", "oneOf", "anyOf"] {
        let Some(parts) = map.get(key).and_then(Value::as_array) else { continue };
        let real: Vec<&Value> = parts
            .iter()
            .filter(|it| it.get("type").and_then(Value::as_str) != Some("null"))
            .filter(|it| {
                // A part that only annotates adds nothing to the type.
                !it.as_object().is_some_and(|it| {
                    it.keys().all(|it| {
                        matches!(
                            it.as_str(),
                            "description" | "title" | "example" | "nullable" | "deprecated"
                        )
                    })
                })
            })
            .collect();
        let [only] = real.as_slice() else { return None };
        let annotates = |it: &String| {
            it == key
                || matches!(
                    it.as_str(),
                    "description"
                        | "title"
                        | "example"
                        | "examples"
                        | "nullable"
                        | "readOnly"
                        | "writeOnly"
                        | "deprecated"
                        | "default"
                        | "externalDocs"
                        | "xml"
                        | "type"
                )
                || (it.starts_with("x-") && it != "x-conversations")
        };
        if !map.keys().all(annotates) {
            return None;
        }
        return reference(only).map(str::to_owned);
    }
    None
}
