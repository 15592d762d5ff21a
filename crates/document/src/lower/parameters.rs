//! The parameters of one operation: all of them in one place, each complete, and those in the path in
//! agreement with it.

use super::{context::Context, credentials::Credentials};
use crate::pointer::Pointer;
use crate::{
    note::{Done, Meant},
    path::variable,
    security::is_reserved,
};
use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

/// The styles that each place knows; the first is the default.
const STYLES: [(&str, &[&str]); 4] = [
    ("path", &["simple", "label", "matrix"]),
    ("query", &["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
    ("header", &["simple"]),
    ("cookie", &["form", "cookie"]),
];

fn key_of(parameter: &Value) -> Option<(&str, &str)> {
    Some((parameter.get("name")?.as_str()?, parameter.get("in")?.as_str()?))
}

fn place(parameter: &Value) -> &str {
    parameter.get("in").and_then(Value::as_str).unwrap_or_default()
}

fn name(parameter: &Value) -> &str {
    parameter.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Writes the path's parameters out in the operation, whose own win.
pub(super) fn merge(
    cx: &mut Context,
    operation: &mut Map<String, Value>,
    shared: &[Value],
    item_at: &Pointer,
    at: &Pointer,
    method: &str,
) {
    if shared.is_empty() {
        return;
    }
    let list = operation.entry("parameters").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    let own: Vec<_> = list.iter().filter_map(key_of).collect();
    let mut all = Vec::new();
    for (index, parameter) in shared.iter().enumerate() {
        let taken = key_of(parameter).is_some_and(|it| own.contains(&it));
        let from = item_at.child("parameters").child(index);
        if taken {
            cx.note(
                &from,
                Done::ParameterOverridden {
                    method: method.to_string(),
                    name: name(parameter).to_string(),
                },
            );
        } else {
            cx.note(
                &from,
                Done::ParameterOfPath {
                    name: name(parameter).to_string(),
                    method: method.to_string(),
                },
            );
            all.push((from, parameter.clone()));
        }
    }
    let moved = all.len();
    // The operation's own come after the path's, so their origins move; the last one first.
    for index in (0..list.len()).rev() {
        cx.copy_origins(
            &at.child("parameters").child(index),
            &at.child("parameters").child(index + moved),
        );
    }
    for (index, (from, _)) in all.iter().enumerate() {
        cx.copy_origins(from, &at.child("parameters").child(index));
    }
    let mut merged: Vec<Value> = all.into_iter().map(|(_, parameter)| parameter).collect();
    merged.append(list);
    *list = merged;
}

/// The parameters that can stand, each complete. Those that are a credential go to `credentials`.
pub(super) fn parameters(
    cx: &mut Context,
    list: Vec<Value>,
    credentials: &mut Credentials,
    op_at: &Pointer,
) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for (index, mut parameter) in list.into_iter().enumerate() {
        let at = op_at.child("parameters").child(index);
        let known =
            STYLES.iter().find(|(place, _)| parameter.get("in").is_some_and(|v| v == place));
        let name = name(&parameter).to_owned();
        let left_out = match known {
            _ if name.is_empty() => Some(Done::ParameterWithoutName),
            None => {
                let place = place(&parameter).to_owned();
                let meant = Meant::among(&place, STYLES.iter().map(|(place, _)| *place));
                Some(Done::ParameterLocation { name, place, meant })
            }
            Some((place, _)) if credentials.take(&parameter, place, &name) => {
                Some(Done::CredentialParameter { name })
            }
            Some((place, _)) if is_reserved(place, &name) => {
                Some(Done::ReservedHeaderParameter { name })
            }
            Some((place, _)) if out.iter().any(|it| key_of(it) == Some((&name, place))) => {
                Some(Done::ParameterDeclaredTwice { name, place })
            }
            _ => None,
        };
        if let Some(done) = left_out {
            cx.note(&at, done);
            continue;
        }
        if let (Some(object), Some((place, styles))) = (parameter.as_object_mut(), known) {
            complete(cx, object, place, styles, &at);
        }
        if out.len() != index {
            cx.copy_origins(&at, &op_at.child("parameters").child(out.len()));
        }
        out.push(parameter);
    }
    out
}

fn complete(
    cx: &mut Context,
    object: &mut Map<String, Value>,
    place: &'static str,
    styles: &[&str],
    at: &Pointer,
) {
    if place == "path" && object.get("required") != Some(&Value::Bool(true)) {
        object.insert("required".to_owned(), Value::Bool(true));
        cx.note(at, Done::PathParameterRequired);
    }
    let style = object.get("style").and_then(Value::as_str).map(str::to_owned);
    if let Some(style) = style.filter(|style| !styles.contains(&style.as_str())) {
        object.shift_remove("style");
        cx.note(at, Done::Style { style, place });
    }
    if let Some(content) = object.get_mut("content").and_then(Value::as_object_mut) {
        let kept = content.keys().next().cloned().unwrap_or_default();
        if content.len() > 1 {
            content.retain(|media, _| *media == kept);
            cx.note(at, Done::MediaTypeKept { kept: kept.to_string() });
        }
        if object.contains_key("schema") {
            object.shift_remove("content");
            cx.note(at, Done::ContentBesideSchema);
        } else if kept.is_empty() {
            object.shift_remove("content");
        }
    }
    if object.contains_key("schema") || object.contains_key("content") {
        return;
    }
    let mut schema = Map::new();
    // Documents on their way from Swagger 2.0 leave the value's keywords beside the name.
    for key in [
        "type",
        "format",
        "items",
        "enum",
        "default",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
    ] {
        if let Some(value) = object.shift_remove(key) {
            schema.insert(key.to_owned(), value);
        }
    }
    let done = match schema.is_empty() {
        true => Done::TextParameter,
        false => Done::KeywordsOfParameter,
    };
    schema.entry("type").or_insert_with(|| json!("string"));
    object.insert("schema".to_owned(), Value::Object(schema));
    cx.note(at, done);
}

/// Query parameters for what the path's query string asked for: name on the wire, name of the placeholder.
pub(super) fn ask(
    cx: &mut Context,
    list: &mut Vec<Value>,
    query: &[(String, String)],
    at: &Pointer,
) {
    for (key, declared) in query {
        if list.iter().any(|p| name(p) == key && place(p) == "query") {
            continue;
        }
        let found =
            list.iter_mut().find(|p| name(p) == declared && ["path", "query"].contains(&place(p)));
        match found {
            Some(parameter) => {
                parameter["name"] = json!(key);
                parameter["in"] = json!("query");
                if let Some(object) = parameter.as_object_mut() {
                    object.shift_remove("style");
                }
            }
            None => {
                list.push(json!({ "name": key, "in": "query", "schema": { "type": "string" } }));
            }
        }
        cx.note(at, Done::QueryParameter { key: key.to_string() });
    }
}

/// Takes away the parameters whose value the path's query string fixes.
pub(super) fn fix(
    cx: &mut Context,
    list: &mut Vec<Value>,
    query: &[(String, String)],
    at: &Pointer,
) {
    let fixed = |p: &Value| place(p) == "query" && query.iter().any(|(fixed, _)| name(p) == fixed);
    for parameter in list.iter().filter(|p| fixed(p)) {
        let name = name(parameter);
        cx.note(at, Done::ParameterFixed { name: name.to_string() });
    }
    list.retain(|p| !fixed(p));
}

/// Exactly the placeholders of the path are declared as its parameters.
pub(super) fn agree(cx: &mut Context, list: &mut Vec<Value>, names: &[&str], at: &Pointer) {
    let is_path = |p: &Value| place(p) == "path";
    let missing = |list: &[Value]| -> Vec<String> {
        let mut missing: Vec<&str> = Vec::new();
        for wanted in names.iter().copied() {
            if !list.iter().any(|p| is_path(p) && name(p) == wanted) && !missing.contains(&wanted) {
                missing.push(wanted);
            }
        }
        missing.into_iter().map(str::to_owned).collect()
    };
    let extra: Vec<usize> = (0..list.len())
        .filter(|i| is_path(&list[*i]) && !names.iter().any(|n| *n == name(&list[*i])))
        .collect();
    let lacking = missing(list);
    for index in &extra {
        let written = name(&list[*index]).to_owned();
        // The same name in another spelling, or the only one left on either side, is the one meant.
        let meant = lacking
            .iter()
            .find(|n| {
                n.to_snake_case() == written.to_snake_case()
                    || n.eq_ignore_ascii_case(&written)
                    || variable(n) == variable(&written)
            })
            .or_else(|| lacking.first().filter(|_| lacking.len() == 1 && extra.len() == 1));
        let free =
            meant.filter(|n| !list.iter().any(|p| is_path(p) && name(p) == n.as_str())).cloned();
        if let Some(meant) = free {
            cx.note(
                &at.child("parameters").child(index),
                Done::PlaceholderName { written: written.to_string(), meant: meant.to_string() },
            );
            list[*index]["name"] = json!(meant);
        }
    }
    let mut index = 0;
    list.retain(|parameter| {
        let stays = !is_path(parameter) || names.iter().any(|n| *n == name(parameter));
        if !stays {
            cx.note(
                &at.child("parameters").child(index),
                Done::ParameterNotInPath { name: name(parameter).to_string() },
            );
        }
        index += 1;
        stays
    });
    for wanted in missing(list) {
        cx.note(at, Done::UndeclaredPlaceholder { name: wanted.to_string() });
        list.push(json!({ "name": wanted, "in": "path", "required": true, "schema": { "type": "string" } }));
    }
}
