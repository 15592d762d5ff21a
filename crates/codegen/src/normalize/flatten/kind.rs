//! The kind of Rust type that a schema calls for, by what it says once references and parts are seen to.

use serde_json::{Map, Value};

/// The kind of Rust type that a schema calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum TypeKind {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    /// Any text.
    String,
    /// One of the texts of an `enum`.
    Enum,
    List,
    /// An object without named properties.
    Map,
    /// An object with named properties.
    Struct,
    Union,
}

impl TypeKind {
    /// Whether a value of this kind can be of a type of JSON; of any where none is named.
    pub(super) fn fits(self, ty: &str) -> bool {
        let own = match self {
            Self::Any | Self::Null | Self::Union => return true,
            Self::Boolean => "boolean",
            Self::Integer | Self::Number => return matches!(ty, "" | "integer" | "number"),
            Self::String | Self::Enum => "string",
            Self::List => "array",
            Self::Map | Self::Struct => "object",
        };
        ty.is_empty() || ty == own
    }
}

/// The kind of values that are listed one by one; `None` where they are not, or where they only narrow what `type` says.
pub(super) fn of_words(schema: &Map<String, Value>) -> Option<TypeKind> {
    let ty = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let values = schema.get("enum").and_then(Value::as_array)?;
    let values: Vec<&Value> = values.iter().filter(|it| !it.is_null()).collect();
    let all = |f: fn(&Value) -> bool| values.iter().all(|it| f(it));
    if values.is_empty() {
        return None;
    }
    if all(Value::is_string) {
        return matches!(ty, "" | "string").then_some(TypeKind::Enum);
    }
    if !ty.is_empty() {
        return None;
    }
    Some(if all(Value::is_i64) {
        TypeKind::Integer
    } else if all(Value::is_number) {
        TypeKind::Number
    } else if all(Value::is_boolean) {
        TypeKind::Boolean
    } else {
        TypeKind::Any
    })
}

/// The kind of alternatives that are not null, `beside` properties that all of them have.
pub(super) fn of_alternatives(kinds: &[TypeKind], beside: bool) -> TypeKind {
    use TypeKind::{Any, Boolean, Enum, Integer, Map, Number, String, Struct, Union};
    let only = |set: &[TypeKind]| kinds.iter().all(|it| set.contains(it));
    if beside {
        // One that says nothing of its own has what is said beside all of them.
        let some = kinds.iter().any(|it| matches!(it, Struct | Map | Union));
        let several = some && kinds.len() > 1 && only(&[Struct, Map, Union, Any]);
        return if several { Union } else { Struct };
    }
    let otherwise = if kinds.contains(&Any) { Any } else { Union };
    // The first of which all are.
    let whole: [(&[TypeKind], TypeKind); 6] = [
        (&[String], String),
        (&[String, Enum], Enum),
        (&[Integer], Integer),
        (&[Integer, Number], Number),
        (&[Boolean], Boolean),
        (&[Map], Map),
    ];
    whole.into_iter().find(|(set, _)| only(set)).map_or(otherwise, |(_, kind)| kind)
}

/// The kind of a schema that says by itself what its values look like.
pub(super) fn of_form(schema: &Map<String, Value>, has_properties: bool) -> TypeKind {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "boolean" => TypeKind::Boolean,
        "integer" => TypeKind::Integer,
        "number" => TypeKind::Number,
        "string" => TypeKind::String,
        "array" => TypeKind::List,
        "null" => TypeKind::Null,
        "object" if has_properties => TypeKind::Struct,
        "object" => TypeKind::Map,
        _ if has_properties => TypeKind::Struct,
        _ if schema.contains_key("items") => TypeKind::List,
        _ if schema.contains_key("additionalProperties") => TypeKind::Map,
        _ if text("format") == "date-time" => TypeKind::String,
        _ => TypeKind::Any,
    }
}
