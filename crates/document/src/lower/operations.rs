//! Paths and their operations, each with all that it needs and an id of its own.

use super::{
    context::Context,
    parameters::{Asked, agree, ask, merge, parameters},
    root::security,
    rules,
};
use crate::{
    document::child, method::Method, path::PathTemplate, pointer::free_name, version::Version,
};
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The keys of methods in what lowering yields.
fn methods() -> impl Iterator<Item = &'static str> {
    Method::keys(Version::OpenApi30)
}

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
        if methods().any(|it| it == key) && there.contains_key(&key) {
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

fn path_item(
    cx: &mut Context,
    item: &mut Map<String, Value>,
    path: &str,
    query: &[Asked],
    at: &str,
) {
    let Some(names) = PathTemplate(path).checked() else {
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
    for method in methods() {
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

/// Body, responses, callbacks and security of an operation.
fn rest(cx: &mut Context, operation: &mut Map<String, Value>, at: &str) {
    if operation.shift_remove("callbacks").is_some() {
        cx.note(&rules::CALLBACKS, &child(at, "callbacks"), "callbacks are no calls of a client");
    }
    security(cx, operation, at);
    if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut)
        && !body.contains_key("content")
    {
        operation.shift_remove("requestBody");
        cx.note(
            &rules::DROPPED_NODE,
            &child(at, "requestBody"),
            "a request body without content is left out",
        );
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
        .flat_map(|item| methods().filter_map(|it| item.get(it)))
        .filter_map(|operation| operation.get("operationId")?.as_str())
        .map(|id| id.trim().to_owned())
        .collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (path, item) in paths.iter_mut().filter(|(path, _)| path.starts_with('/')) {
        for method in methods() {
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
