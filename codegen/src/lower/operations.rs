//! Paths, their operations and parameters: each operation complete in itself, its parameters in
//! agreement with its path, and an id of its own.

use super::{
    context::Context,
    root::security,
    rules::{self, Rule},
};
use crate::{document::child, grammar::free_name};
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Header parameters that the specification tells readers to ignore.
const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];

/// The styles that each place knows; the first is the default.
const STYLES: [(&str, &[&str]); 4] = [
    ("path", &["simple", "label", "matrix"]),
    ("query", &["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
    ("header", &["simple"]),
    ("cookie", &["form"]),
];

/// Lowers every path.
pub(crate) fn lower(cx: &mut Context, root: &mut Value) {
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let old = std::mem::take(paths);
    for (written, mut item) in old {
        if written.starts_with("x-") {
            paths.insert(written, item);
            continue;
        }
        let at = child("/paths", &written);
        let (path, query) = address(cx, &written, &at);
        if let Some(object) = item.as_object_mut() {
            path_item(cx, object, &path, &query, &at);
        }
        let new_at = child("/paths", &path);
        if path != written {
            cx.graft(&at, &new_at);
        }
        insert(cx, paths, path, item, &at);
    }
    identify(cx, paths);
}

fn insert(cx: &mut Context, paths: &mut Map<String, Value>, path: String, item: Value, at: &str) {
    let Some(there) = paths.get_mut(&path).and_then(Value::as_object_mut) else {
        paths.insert(path, item);
        return;
    };
    let Value::Object(more) = item else { return };
    for (key, value) in more {
        if METHODS.contains(&key.as_str()) && there.contains_key(&key) {
            cx.fault(
                &child(at, &key),
                format!("this is a second `{key}` of the path `{path}`, which the generator cannot tell from the first"),
                "take one of them away with an overlay action `remove: true`",
            );
        } else {
            there.entry(key).or_insert(value);
        }
    }
}

/// What a path's query string asks for: the name, and the placeholder or the fixed text.
enum Asked {
    Placeholder(String, String),
    Fixed(String, String),
}

/// The path proper, with a leading slash, and what was in its query string.
fn address(cx: &mut Context, written: &str, at: &str) -> (String, Vec<Asked>) {
    let mut path = written.trim().to_owned();
    if let Some((before, fragment)) = path.clone().split_once('#') {
        cx.note(
            &rules::PATH_FRAGMENT,
            at,
            format!("`#{fragment}` is no part of a request and left out"),
        );
        path = before.to_owned();
    }
    let mut asked = Vec::new();
    if let Some((before, query)) = path.clone().split_once('?') {
        // RFC 6570's `{?a,b}` begins inside a brace; it is a list of names.
        let (before, query) = match before.strip_suffix('{') {
            Some(before) => (before, query.trim_end_matches('}').replace(',', "&")),
            None => (before, query.to_owned()),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let placeholder = value.strip_prefix('{').and_then(|v| v.strip_suffix('}'));
            asked.push(match placeholder {
                Some(inner) => Asked::Placeholder(name.to_owned(), inner.to_owned()),
                None if value.is_empty() => Asked::Placeholder(name.to_owned(), name.to_owned()),
                None => Asked::Fixed(name.to_owned(), value.to_owned()),
            });
        }
        cx.note(&rules::PATH_QUERY, at, format!("`?{query}` becomes query parameters"));
        path = before.to_owned();
    }
    if !path.starts_with('/') {
        cx.note(&rules::PATH_SLASH, at, format!("`{path}` becomes `/{path}`"));
        path.insert(0, '/');
    }
    (path, asked)
}

/// The names in braces, in order; `None` where the braces do not pair.
fn placeholders(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest[open..].strip_prefix('{')?;
        let close = inner.find(['{', '}'])?;
        if !inner[close..].starts_with('}') || close == 0 {
            return None;
        }
        names.push(inner[..close].to_owned());
        rest = &inner[close + 1..];
    }
    Some(names)
}

fn path_item(
    cx: &mut Context,
    item: &mut Map<String, Value>,
    path: &str,
    query: &[Asked],
    at: &str,
) {
    let Some(names) = placeholders(path) else {
        cx.fault(
            at,
            format!("the braces in the path `{path}` do not pair or hold no name"),
            "write the path anew with overlay actions: `remove` this one, `update` `$.paths` with the right one",
        );
        return;
    };
    let shared = item.shift_remove("parameters").and_then(|v| v.as_array().cloned());
    let shared = shared.unwrap_or_default();
    for key in ["query", "additionalOperations"] {
        if item.shift_remove(key).is_some() {
            cx.note(
                &rules::METHOD,
                &child(at, key),
                format!("`{key}` cannot be said and is left out"),
            );
        }
    }
    for method in METHODS {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let op_at = child(at, method);
        merge(cx, operation, &shared, at, &op_at, method);
        let list = operation.shift_remove("parameters").and_then(|v| v.as_array().cloned());
        let mut list = parameters(cx, list.unwrap_or_default(), &op_at);
        ask(cx, &mut list, query, &op_at);
        agree(cx, &mut list, &names, &op_at);
        if !list.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(list));
        }
        rest(cx, operation, &op_at);
    }
}

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
fn merge(
    cx: &mut Context,
    operation: &mut Map<String, Value>,
    shared: &[Value],
    item_at: &str,
    at: &str,
    method: &str,
) {
    if shared.is_empty() {
        return;
    }
    let list = operation.entry("parameters").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    let own: BTreeSet<(String, String)> =
        list.iter().filter_map(key_of).map(|(n, p)| (n.to_owned(), p.to_owned())).collect();
    let mut all = Vec::new();
    for (index, parameter) in shared.iter().enumerate() {
        let taken =
            key_of(parameter).is_some_and(|(n, p)| own.contains(&(n.to_owned(), p.to_owned())));
        let from = format!("{item_at}/parameters/{index}");
        if taken {
            cx.note(
                &rules::PATH_PARAMETERS,
                &from,
                format!("`{method}` declares `{}` itself", name(parameter)),
            );
        } else {
            cx.note(
                &rules::PATH_PARAMETERS,
                &from,
                format!("the path's parameter `{}` is written out in `{method}`", name(parameter)),
            );
            all.push((from, parameter.clone()));
        }
    }
    let moved = all.len();
    // The operation's own come after the path's, so their origins move; the last one first.
    for index in (0..list.len()).rev() {
        cx.graft(
            &format!("{at}/parameters/{index}"),
            &format!("{at}/parameters/{}", index + moved),
        );
    }
    for (index, (from, _)) in all.iter().enumerate() {
        cx.graft(from, &format!("{at}/parameters/{index}"));
    }
    let mut merged: Vec<Value> = all.into_iter().map(|(_, parameter)| parameter).collect();
    merged.append(list);
    *list = merged;
}

/// The parameters that can stand, each complete.
fn parameters(cx: &mut Context, list: Vec<Value>, op_at: &str) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut out: Vec<Value> = Vec::new();
    for (index, mut parameter) in list.into_iter().enumerate() {
        let at = format!("{op_at}/parameters/{index}");
        let what = format!("the parameter `{}`", name(&parameter));
        let known =
            STYLES.iter().find(|(place, _)| parameter.get("in").is_some_and(|v| v == place));
        let verdict: Option<(&Rule, String)> = match (name(&parameter), known) {
            ("", _) => {
                Some((&rules::PARAMETER_LOSS, "a parameter without a name is left out".to_owned()))
            }
            (_, None) => Some((
                &rules::PARAMETER_LOSS,
                format!("{what} in `{}` cannot be said and is left out", place(&parameter)),
            )),
            (name, Some(("header", _)))
                if RESERVED.contains(&name.to_ascii_lowercase().as_str()) =>
            {
                Some((
                    &rules::RESERVED_HEADER,
                    format!("{what} is left out: its header follows from bodies and security"),
                ))
            }
            (name, Some((place, _))) if !seen.insert((name.to_owned(), *place)) => Some((
                &rules::PARAMETER_TWICE,
                format!("{what} is declared a second time in `{place}`; the first holds"),
            )),
            _ => None,
        };
        if let Some((rule, what)) = verdict {
            cx.note(rule, &at, what);
            continue;
        }
        if let (Some(object), Some((place, styles))) = (parameter.as_object_mut(), known) {
            complete(cx, object, place, styles, &at);
        }
        if out.len() != index {
            cx.graft(&at, &format!("{op_at}/parameters/{}", out.len()));
        }
        out.push(parameter);
    }
    out
}

fn complete(
    cx: &mut Context,
    object: &mut Map<String, Value>,
    place: &str,
    styles: &[&str],
    at: &str,
) {
    if place == "path" && object.get("required") != Some(&Value::Bool(true)) {
        object.insert("required".to_owned(), Value::Bool(true));
        cx.note(&rules::PATH_REQUIRED, at, "a parameter in the path is always required");
    }
    let style = object.get("style").and_then(Value::as_str).map(str::to_owned);
    if let Some(style) = style.filter(|style| !styles.contains(&style.as_str())) {
        object.shift_remove("style");
        cx.note(
            &rules::KEYWORD_DROPPED,
            at,
            format!("the style `{style}` is none of `{place}`; the default holds"),
        );
    }
    if let Some(content) = object.get_mut("content").and_then(Value::as_object_mut) {
        let kept = content.keys().next().cloned().unwrap_or_default();
        if content.len() > 1 {
            content.retain(|media, _| *media == kept);
            cx.note(
                &rules::PARAMETER_LOSS,
                at,
                format!("of several media types `{kept}` is taken"),
            );
        }
        if object.contains_key("schema") {
            object.shift_remove("content");
            cx.note(
                &rules::PARAMETER_LOSS,
                at,
                "`schema` is taken, `content` beside it is left out",
            );
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
    let words = if schema.is_empty() { "it is a text" } else { "its keywords become one" };
    schema.entry("type").or_insert_with(|| json!("string"));
    object.insert("schema".to_owned(), Value::Object(schema));
    cx.note(&rules::PARAMETER_SCHEMA, at, format!("the parameter has no schema; {words}"));
}

/// Query parameters for what the path's query string asked for.
fn ask(cx: &mut Context, list: &mut Vec<Value>, query: &[Asked], at: &str) {
    for asked in query {
        let (key, declared, fixed) = match asked {
            Asked::Placeholder(key, inner) => (key, inner, None),
            Asked::Fixed(key, value) => (key, key, Some(value)),
        };
        if list.iter().any(|p| name(p) == key && place(p) == "query") {
            continue;
        }
        let found =
            list.iter_mut().find(|p| name(p) == declared && ["path", "query"].contains(&place(p)));
        match (found, fixed) {
            (Some(parameter), None) => {
                parameter["name"] = json!(key);
                parameter["in"] = json!("query");
                if let Some(object) = parameter.as_object_mut() {
                    object.shift_remove("style");
                }
            }
            (_, Some(value)) => list.push(json!({
                "name": key, "in": "query", "required": true,
                "schema": { "type": "string", "enum": [value] },
            })),
            (None, None) => {
                list.push(json!({ "name": key, "in": "query", "schema": { "type": "string" } }));
            }
        }
        cx.note(
            &rules::PATH_QUERY,
            at,
            format!("`{key}` of the path's query string is a query parameter"),
        );
    }
}

/// Exactly the placeholders of the path are declared as its parameters.
fn agree(cx: &mut Context, list: &mut Vec<Value>, names: &[String], at: &str) {
    let is_path = |p: &Value| place(p) == "path";
    let missing = |list: &[Value]| -> Vec<String> {
        let mut missing: Vec<String> = Vec::new();
        for wanted in names {
            if !list.iter().any(|p| is_path(p) && name(p) == wanted) && !missing.contains(wanted) {
                missing.push(wanted.clone());
            }
        }
        missing
    };
    let extra: Vec<usize> = (0..list.len())
        .filter(|i| is_path(&list[*i]) && !names.iter().any(|n| n == name(&list[*i])))
        .collect();
    let lacking = missing(list);
    for index in &extra {
        let written = name(&list[*index]).to_owned();
        // The same name in another spelling, or the only one left on either side, is the one meant.
        let meant = lacking
            .iter()
            .find(|n| {
                n.to_snake_case() == written.to_snake_case() || n.eq_ignore_ascii_case(&written)
            })
            .or_else(|| lacking.first().filter(|_| lacking.len() == 1 && extra.len() == 1));
        let free =
            meant.filter(|n| !list.iter().any(|p| is_path(p) && name(p) == n.as_str())).cloned();
        if let Some(meant) = free {
            cx.note(
                &rules::PLACEHOLDER_NAME,
                &format!("{at}/parameters/{index}"),
                format!("the path parameter `{written}` is what the path calls `{meant}`"),
            );
            list[*index]["name"] = json!(meant);
        }
    }
    let mut index = 0;
    list.retain(|parameter| {
        let stays = !is_path(parameter) || names.iter().any(|n| n == name(parameter));
        if !stays {
            cx.note(
                &rules::NOT_IN_PATH,
                &format!("{at}/parameters/{index}"),
                format!(
                    "the path has no place for the parameter `{}`; it is left out",
                    name(parameter)
                ),
            );
        }
        index += 1;
        stays
    });
    for wanted in missing(list) {
        cx.note(&rules::PLACEHOLDER, at, format!("`{{{wanted}}}` is not declared; it is a text"));
        list.push(json!({ "name": wanted, "in": "path", "required": true, "schema": { "type": "string" } }));
    }
}

/// Body, responses, callbacks and security of an operation.
fn rest(cx: &mut Context, operation: &mut Map<String, Value>, at: &str) {
    if operation.shift_remove("callbacks").is_some() {
        cx.note(&rules::CALLBACKS, &child(at, "callbacks"), "callbacks are no calls of a client");
    }
    security(cx, operation, at);
    if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) {
        if !body.contains_key("content") {
            operation.shift_remove("requestBody");
            cx.note(
                &rules::DROPPED_NODE,
                &child(at, "requestBody"),
                "a request body without content is left out",
            );
        }
    }
    if !operation.contains_key("responses") {
        operation.insert("responses".to_owned(), json!({}));
        cx.note(&rules::MISSING_FIELD, at, "`responses` is missing and read as `{}`");
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let at = child(at, "responses");
    responses.retain(|status, _| {
        let stays = status == "default" || status.starts_with("x-") || is_status(status);
        if !stays {
            cx.note(
                &rules::STATUS,
                &child(&at, status),
                format!("`{status}` is no status; the response is left out"),
            );
        }
        stays
    });
}

fn is_status(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = text.parse::<u16>().is_ok_and(|n| (100..1000).contains(&n));
    let range = matches!(bytes, [b'1'..=b'5', b'x' | b'X', b'x' | b'X']);
    bytes.len() == 3 && (digits || range)
}

/// An id for each operation that no other has.
fn identify(cx: &mut Context, paths: &mut Map<String, Value>) {
    let mut derive = Vec::new();
    let declared: BTreeSet<String> = paths
        .values()
        .flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)))
        .filter_map(|operation| operation.get("operationId")?.as_str())
        .map(|id| id.trim().to_owned())
        .collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (path, item) in paths.iter_mut().filter(|(path, _)| path.starts_with('/')) {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let at = child(&child("/paths", path), method);
            let id = operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim()
                .to_owned();
            if id.is_empty() {
                derive.push((path.clone(), method));
                continue;
            }
            if taken.contains(&id) {
                let new = free_name(&id, &|n| taken.contains(n) || declared.contains(n));
                cx.note(
                    &rules::DUPLICATE_ID,
                    &at,
                    format!("the operationId `{id}` is taken; this one becomes `{new}`"),
                );
                taken.insert(new.clone());
                operation.insert("operationId".to_owned(), Value::String(new));
            } else {
                taken.insert(id);
            }
        }
    }
    // Derived names come last, so that they yield to every declared one.
    let mut snake: BTreeSet<String> = taken.iter().map(|id| id.to_snake_case()).collect();
    for (path, method) in derive {
        let id = free_name(&derived_id(method, &path), &|n| snake.contains(&n.to_snake_case()));
        snake.insert(id.to_snake_case());
        let at = child(&child("/paths", &path), method);
        cx.note(
            &rules::MISSING_ID,
            &at,
            format!("the operation has no operationId; it becomes `{id}`"),
        );
        let operation = paths.get_mut(&path).and_then(|item| item.get_mut(method));
        if let Some(object) = operation.and_then(Value::as_object_mut) {
            object.insert("operationId".to_owned(), Value::String(id));
        }
    }
}

/// `GET /users/{id}/posts` is `getUsersByIdPosts`.
fn derived_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let by = if segment.starts_with('{') { "By" } else { "" };
        id.push_str(by);
        id.push_str(&segment.to_upper_camel_case());
    }
    if id == method {
        id.push_str("Root");
    }
    id
}
