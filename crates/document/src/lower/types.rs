//! Which values a schema is about: types, constants, enums, null.

use super::{context::Context, repair::refuse};
use crate::note::{Done, Meant, Names};
use crate::pointer::Pointer;
use crate::reference::{reference, schema_name};
use serde_json::{Map, Value, json};

/// The types of 3.0.
pub const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];

/// Other spellings of them, with the format that they imply.
const SPELLINGS: &[(&str, &str, Option<&str>)] = &[
    ("str", "string", None),
    ("text", "string", None),
    ("uuid", "string", Some("uuid")),
    ("date", "string", Some("date")),
    ("datetime", "string", Some("date-time")),
    ("date-time", "string", Some("date-time")),
    ("timestamp", "string", None),
    ("uri", "string", Some("uri")),
    ("url", "string", Some("uri")),
    ("email", "string", Some("email")),
    ("enum", "string", None),
    ("byte", "string", Some("byte")),
    ("binary", "string", Some("binary")),
    ("file", "string", Some("binary")),
    ("int", "integer", None),
    ("int32", "integer", Some("int32")),
    ("int64", "integer", Some("int64")),
    ("long", "integer", Some("int64")),
    ("float", "number", Some("float")),
    ("double", "number", Some("double")),
    ("decimal", "number", None),
    ("numeric", "number", None),
    ("bool", "boolean", None),
    ("list", "array", None),
    ("map", "object", None),
    ("hash", "object", None),
    ("dict", "object", None),
    ("json", "object", None),
];

/// The keywords that speak of values of one type only.
const OF_TYPE: &[(&str, &[&str])] = &[
    ("string", &["minLength", "maxLength", "pattern"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
    (
        "object",
        &["properties", "required", "additionalProperties", "minProperties", "maxProperties"],
    ),
];

/// The formats that speak of other values than strings.
const NUMBER_FORMATS: [&str; 8] =
    ["int8", "int16", "int32", "int64", "uint32", "uint64", "float", "double"];

/// `x-nullable` of Swagger 2.0, and `nullable` in any spelling.
pub(crate) fn x_nullable(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    if let Some(flag) = object.shift_remove("x-nullable") {
        if is_true(&flag) {
            object.insert("nullable".to_owned(), json!(true));
        }
        cx.note(at, Done::XNullable);
    }
    if let Some(value) = object.get("nullable").filter(|v| !v.is_boolean()).cloned() {
        object.insert("nullable".to_owned(), json!(is_true(&value)));
        cx.note(at, Done::NullableForm { value: value.to_string() });
    }
}

fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value.as_str() == Some("true")
}

/// A constant is an enum of one.
pub(crate) fn constant(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(value) = object.shift_remove("const") else { return };
    cx.note(at, Done::Const { value: brief(&value) });
    if !object.contains_key("type")
        && !object.contains_key("$ref")
        && let Some(name) = type_of(&value)
    {
        object.insert("type".to_owned(), json!(name));
    }
    object.insert("enum".to_owned(), json!([value]));
}

fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(n) if n.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}

pub(crate) fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// `type` in 3.0's words, as one name or as a list of several for [`split`].
pub(crate) fn type_names(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(written) = object.get("type").cloned() else { return };
    let list = match &written {
        Value::Array(list) => list.clone(),
        Value::Null | Value::String(_) => vec![written.clone()],
        other => {
            refuse(cx, other, "the name of a type", "type", &at.child("type"));
            object.shift_remove("type");
            return;
        }
    };
    let (mut names, mut null, mut unknown): (Vec<String>, bool, bool) = (Vec::new(), false, false);
    for entry in &list {
        let spelled =
            entry.as_str().map_or_else(|| "null".to_owned(), |t| t.trim().to_ascii_lowercase());
        let name = if spelled == "null" {
            null = true;
            continue;
        } else if spelled == "any" || spelled.is_empty() {
            unknown = true;
            cx.note(at, Done::AnyType { spelled: spelled.to_string() });
            continue;
        } else if TYPES.contains(&spelled.as_str()) {
            if entry.as_str() != Some(&spelled) {
                cx.note(
                    at,
                    Done::TypeSpelling { written: entry.to_string(), name: spelled.to_string() },
                );
            }
            spelled
        } else if let Some((_, name, format)) = SPELLINGS.iter().find(|(s, ..)| *s == spelled) {
            let done = match spelled == "file" {
                true => Done::FileType { name },
                false => Done::TypeSpelling { written: spelled, name: (*name).to_owned() },
            };
            cx.note(at, done);
            if let Some(format) = format {
                object.entry("format").or_insert_with(|| json!(format));
            }
            (*name).to_owned()
        } else {
            unknown = true;
            let meant = Meant::among(&spelled, TYPES);
            cx.note(at, Done::TypeUnknown { spelled, meant });
            continue;
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.iter().any(|n| n == "number") {
        names.retain(|n| n != "integer");
    }
    let several = names.len() > 1;
    if null {
        object.insert("nullable".to_owned(), json!(true));
    }
    if unknown {
        names.clear();
    }
    let only_null = null && names.is_empty() && !unknown;
    match names.len() {
        0 => {
            object.shift_remove("type");
        }
        1 => {
            object.insert("type".to_owned(), json!(names[0]));
        }
        _ => {
            object.insert("type".to_owned(), json!(names));
        }
    }
    if only_null && !has_meaning(object) {
        cx.note(at, Done::TypeOnlyNull);
    } else if only_null {
        cx.note(at, Done::TypeNull);
    } else if written.is_array() && !several {
        let written = written.to_string();
        let done = if null { Done::OneTypeOrNull { written } } else { Done::OneType { written } };
        cx.note(at, done);
    } else if several && null {
        cx.note(at, Done::NullAmongTypes { written: written.to_string() });
    }
}

/// Whether a schema says more than that null is allowed.
fn has_meaning(object: &Map<String, Value>) -> bool {
    ["$ref", "allOf", "anyOf", "oneOf", "enum", "properties"]
        .iter()
        .any(|k| object.contains_key(*k))
}

/// Null among the branches of a union makes the whole nullable.
pub(crate) fn nullable_unions(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    // What is taken out of one union may bring another.
    while ["oneOf", "anyOf"].iter().any(|key| nullable_union(cx, object, key, at)) {}
}

/// Whether a union was taken away, its only branch being in its place.
fn nullable_union(
    cx: &mut Context,
    object: &mut Map<String, Value>,
    key: &'static str,
    at: &Pointer,
) -> bool {
    let Some(list) = object.get_mut(key).and_then(Value::as_array_mut) else { return false };
    let before = list.len();
    let named = |it: &Value| reference(it).and_then(schema_name).map(str::to_owned);
    list.retain(|it| !is_null_schema(it) && !named(it).is_some_and(|it| cx.nulls.contains(&it)));
    let left = list.len();
    if left == before {
        return false;
    }
    object.insert("nullable".to_owned(), json!(true));
    cx.note(at, Done::NullableUnion { key });
    if left > 1 {
        return false;
    }
    let Some(Value::Array(mut list)) = object.shift_remove(key) else { return false };
    match list.pop() {
        Some(only) => unwrap(object, only),
        None => cx.note(at, Done::TypeOnlyNull),
    }
    true
}

/// Takes the only branch into the schema around it, as far as the two do not speak of the same.
fn unwrap(object: &mut Map<String, Value>, only: Value) {
    // With one branch left there is nothing to tell apart.
    object.shift_remove("discriminator");
    let plain = |o: &Map<String, Value>| {
        !o.contains_key("$ref")
            && o.keys()
                .all(|k| !object.contains_key(k) || ["description", "title"].contains(&k.as_str()))
    };
    match only {
        Value::Object(inner) if plain(&inner) => {
            for (key, value) in inner {
                object.entry(key).or_insert(value);
            }
        }
        other => {
            if let Some(list) = object.get_mut("allOf").and_then(Value::as_array_mut) {
                list.push(other);
            } else {
                object.insert("allOf".to_owned(), json!([other]));
            }
        }
    }
}

/// Whether null is the only value of a schema.
pub(super) fn is_null_schema(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else { return false };
    let null_type = match object.get("type") {
        Some(Value::String(name)) => name == "null",
        Some(Value::Array(list)) => !list.is_empty() && list.iter().all(|n| n == "null"),
        Some(Value::Null) => true,
        _ => false,
    };
    let null_value = object.get("const").is_some_and(Value::is_null);
    let null_enum = object
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_null));
    (null_type && !has_meaning(object)) || null_value || null_enum
}

/// Null in an enum makes the schema nullable; a repeated value says nothing.
pub(crate) fn enums(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let are_texts = object.get("type").is_some_and(|it| it == "string");
    let Some(value) = object.get_mut("enum") else { return };
    let Some(list) = value.as_array_mut() else {
        if value.is_null() {
            object.shift_remove("enum");
            cx.note(at, Done::EnumEmpty);
            return;
        }
        refuse(cx, value, "a list of values", "enum", &at.child("enum"));
        object.shift_remove("enum");
        return;
    };
    if are_texts {
        // YAML takes such a word for no text unless it is quoted.
        for value in list.iter_mut().filter(|it| it.is_number() || it.is_boolean()) {
            let new = Value::String(value.to_string());
            let (key, read) = ("enum".to_owned(), new.to_string());
            cx.note(at, Done::KeywordReadAs { key, value: value.to_string(), new: read });
            *value = new;
        }
    }
    let before = list.len();
    list.retain(|value| !value.is_null());
    let null = list.len() < before;
    let mut kept: Vec<Value> = Vec::new();
    for value in list.drain(..) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    let repeated =
        before - usize::from(null) > kept.len() && !null || null && before > kept.len() + 1;
    let empty = kept.is_empty();
    *list = kept;
    if null {
        object.insert("nullable".to_owned(), json!(true));
        cx.note(at, Done::EnumNull);
    }
    if repeated {
        cx.note(at, Done::EnumRepeated);
    }
    if empty {
        object.shift_remove("enum");
        if null {
            cx.note(at, Done::TypeOnlyNull);
        } else {
            cx.note(at, Done::EnumWithoutValues);
        }
    }
}

/// Several types become a union, each branch with the keywords that speak of its type.
pub(crate) fn split(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(Value::Array(names)) = object.get("type").cloned() else { return };
    object.shift_remove("type");
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    let values = object.shift_remove("enum").and_then(|v| v.as_array().cloned());
    let format = object.shift_remove("format");
    let mut branches = Vec::new();
    for name in &names {
        let mut branch = Map::new();
        branch.insert("type".to_owned(), json!(name));
        let family = if *name == "integer" { "number" } else { name };
        for (_, keys) in OF_TYPE.iter().filter(|(of, _)| *of == family) {
            for key in *keys {
                if let Some(value) = object.get(*key) {
                    branch.insert((*key).to_owned(), value.clone());
                }
            }
        }
        if let Some(text) = format.as_ref().and_then(Value::as_str) {
            let of_numbers = NUMBER_FORMATS.contains(&text);
            if of_numbers && family == "number" || !of_numbers && *name == "string" {
                branch.insert("format".to_owned(), json!(text));
            }
        }
        if let Some(values) = &values {
            let own: Vec<&Value> = values
                .iter()
                .filter(|v| type_of(v) == Some(name) || family == "number" && v.is_number())
                .collect();
            if own.is_empty() {
                continue;
            }
            branch.insert("enum".to_owned(), json!(own));
        }
        branches.push(Value::Object(branch));
    }
    for (_, keys) in OF_TYPE {
        for key in *keys {
            object.shift_remove(*key);
        }
    }
    cx.note(at, Done::TypesSplit { names: Names(names.into_iter().map(str::to_owned).collect()) });
    match branches.len() {
        0 => cx.note(at, Done::EnumOfOtherTypes),
        1 => {
            if let Some(Value::Object(only)) = branches.pop() {
                object.extend(only);
            }
        }
        _ if !object.contains_key("oneOf") && !object.contains_key("$ref") => {
            object.insert("oneOf".to_owned(), Value::Array(branches));
        }
        _ => {
            let union = json!({ "oneOf": branches });
            match object.get_mut("allOf").and_then(Value::as_array_mut) {
                Some(list) => list.push(union),
                None => {
                    object.insert("allOf".to_owned(), json!([union]));
                }
            }
        }
    }
}
