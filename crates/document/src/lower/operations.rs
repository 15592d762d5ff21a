//! Paths and their operations, each with all that it needs and an id of its own.

use super::{
    context::Context,
    credentials::Credentials,
    parameters::{agree, ask, fix, merge, parameters},
    root::security,
};
use crate::note::{Done, Names};
use crate::{
    fault::Code as Fault, method::Method, parts::free_name, path::PathTemplate, pointer::Pointer,
    reference::percent_decoded, version::Version,
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
    let mut credentials = Credentials::of(root);
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let old = std::mem::take(paths);
    // A path alone is told apart from those of a query or fragment by theirs, wherever in the document it stands.
    let (plain, more): (Vec<_>, Vec<_>) =
        old.into_iter().partition(|(written, _)| !written.contains(['?', '#']));
    for (written, mut item) in plain.into_iter().chain(more) {
        if written.starts_with("x-") {
            paths.insert(written, item);
            continue;
        }
        let at = Pointer::from("/paths").child(&written);
        let address = address(cx, &written, &item, &at);
        if let Some(object) = item.as_object_mut() {
            path_item(cx, object, &address, &mut credentials, &at);
        }
        insert(cx, paths, address, item, &at);
    }
    identify(cx, paths);
    credentials.declare(root);
}

/// Puts the item under its path; under the path with what else distinguishes it where another one is there.
fn insert(
    cx: &mut Context,
    paths: &mut Map<String, Value>,
    address: Address,
    item: Value,
    at: &Pointer,
) {
    let key = address.key();
    let Value::Object(more) = item else {
        paths.entry(key).or_insert(item);
        return;
    };
    let clash = |key: &str| {
        let there = paths.get(key).and_then(Value::as_object)?;
        methods().find(|it| more.contains_key(*it) && there.contains_key(*it))
    };
    let apart = address.label.as_ref().map(|label| format!("{key}#{label}"));
    let key = match (clash(&key), apart) {
        (None, _) => key,
        (Some(_), Some(apart)) if clash(&apart).is_none() => apart,
        (Some(method), _) => {
            cx.fault(
                &at.child(method),
                Fault::SecondOperation { method: method.to_owned(), path: key },
                "take one of them away with an overlay action `remove: true`",
            );
            return;
        }
    };
    let new_at = Pointer::from("/paths").child(&key);
    if new_at != *at {
        cx.copy_origins(at, &new_at);
    }
    match paths.get_mut(&key).and_then(Value::as_object_mut) {
        Some(there) => {
            for (name, value) in more {
                there.entry(name).or_insert(value);
            }
        }
        None => {
            paths.insert(key, Value::Object(more));
        }
    }
}

/// What the key of a path item says.
struct Address {
    /// The path proper, with a leading slash.
    path: String,
    /// What every request has in its query, percent-decoded.
    fixed: Vec<(String, String)>,
    /// What callers give in the query: the name on the wire, and the name of its placeholder.
    asked: Vec<(String, String)>,
    /// What distinguishes the item from another one of the same path: its fragment, else its query.
    label: Option<String>,
}

impl Address {
    /// The path with its fixed query, as [`split_query`](crate::lookup::split_query) takes it apart.
    fn key(&self) -> String {
        crate::lookup::join_query(&self.path, &self.fixed)
    }
}

fn address(cx: &mut Context, written: &str, item: &Value, at: &Pointer) -> Address {
    let mut path = written.trim().to_owned();
    let mut label = None;
    if let Some((before, fragment)) = PathTemplate(&path.clone()).split_once('#') {
        cx.note(at, Done::PathFragment { fragment: fragment.to_string() });
        label = Some(fragment.to_owned());
        path = before.to_owned();
    }
    let (mut fixed, mut asked) = (Vec::new(), Vec::new());
    if let Some((before, query)) = PathTemplate(&path.clone()).split_once('?') {
        // RFC 6570's `{?a,b}` begins inside a brace; it is a list of names.
        let (before, query, template) = match before.strip_suffix('{') {
            Some(before) => (before, query.trim_end_matches('}').replace(',', "&"), true),
            None => (before, query.to_owned(), false),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (pair, None),
            };
            let placeholder =
                value.and_then(|it| it.strip_prefix('{')).and_then(|it| it.strip_suffix('}'));
            match (placeholder, value) {
                (Some(inner), _) => asked.push((name.to_owned(), inner.to_owned())),
                // `?acl` stands for itself, unless the operations say that it takes a value.
                (None, None) if !template && !declares(item, name) => {
                    fixed.push((percent_decoded(name), String::new()));
                }
                (None, None | Some("")) => asked.push((name.to_owned(), name.to_owned())),
                (None, Some(value)) => {
                    fixed.push((percent_decoded(name), percent_decoded(value)));
                }
            }
        }
        let names =
            |list: &[(String, String)]| Names(list.iter().map(|(name, _)| name.clone()).collect());
        if !asked.is_empty() {
            let (names, query) = (names(&asked), query.to_owned());
            cx.note(at, Done::QueryAsked { names, query });
        }
        if !fixed.is_empty() {
            let (names, query) = (names(&fixed), query.to_owned());
            cx.note(at, Done::QueryFixed { names, query });
        }
        label.get_or_insert(format!("?{}", query.replace(['{', '}'], "")));
        path = before.to_owned();
    }
    if !path.starts_with('/') {
        cx.note(at, Done::PathSlash { path: path.to_string() });
        path.insert(0, '/');
    }
    Address { path, fixed, asked, label }
}

/// Whether the item or one of its operations declares a query parameter of the name.
fn declares(item: &Value, name: &str) -> bool {
    let holders = methods().filter_map(|method| item.get(method)).chain([item]);
    holders
        .filter_map(|it| it.get("parameters")?.as_array())
        .flatten()
        .any(|it| it["in"] == "query" && it["name"] == name)
}

fn path_item(
    cx: &mut Context,
    item: &mut Map<String, Value>,
    address: &Address,
    credentials: &mut Credentials,
    at: &Pointer,
) {
    let Some(names) = PathTemplate(&address.path).checked() else {
        cx.fault(
            at,
            Fault::UnpairedBraces { path: address.path.clone() },
            "write the path anew with overlay actions: `remove` this one, `update` `$.paths` with the right one",
        );
        return;
    };
    let shared = item.shift_remove("parameters").and_then(|v| v.as_array().cloned());
    let shared = shared.unwrap_or_default();
    let is_empty = |it: &Value| it.as_array().is_none_or(Vec::is_empty);
    let servers = item.shift_remove("servers").filter(|it| !is_empty(it));
    for key in ["query", "additionalOperations"] {
        if item.shift_remove(key).is_some() {
            cx.note(&at.child(key), Done::Method { key: key.to_string() });
        }
    }
    for method in methods() {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let op_at = at.child(method);
        if operation.get("servers").is_none_or(is_empty) {
            operation.shift_remove("servers");
            if let Some(servers) = &servers {
                cx.copy_origins(&at.child("servers"), &op_at.child("servers"));
                operation.insert("servers".to_owned(), servers.clone());
            }
        }
        merge(cx, operation, &shared, at, &op_at, method);
        let list = operation.shift_remove("parameters").and_then(|v| v.as_array().cloned());
        let mut list = parameters(cx, list.unwrap_or_default(), credentials, &op_at);
        ask(cx, &mut list, &address.asked, &op_at);
        fix(cx, &mut list, &address.fixed, &op_at);
        agree(cx, &mut list, &names, &op_at);
        if !list.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(list));
        }
        rest(cx, operation, &op_at);
        credentials.demand(operation);
    }
}

/// Body, responses, callbacks and security of an operation.
fn rest(cx: &mut Context, operation: &mut Map<String, Value>, at: &Pointer) {
    if operation.shift_remove("callbacks").is_some() {
        cx.note(&at.child("callbacks"), Done::Callbacks);
    }
    security(cx, operation, at);
    if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut)
        && !body.contains_key("content")
    {
        operation.shift_remove("requestBody");
        cx.note(&at.child("requestBody"), Done::BodyWithoutContent);
    }
    if !operation.contains_key("responses") {
        operation.insert("responses".to_owned(), json!({}));
        cx.note(at, Done::Missing { key: "responses", value: "{}".to_owned() });
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let at = at.child("responses");
    responses.retain(|status, _| {
        let stays = status == "default" || status.starts_with("x-") || is_status(status);
        if !stays {
            cx.note(&at.child(status), Done::ResponseStatus { status: status.to_string() });
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
            let at = Pointer::from("/paths").child(path).child(method);
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
                    &at,
                    Done::DuplicateOperationId { id: id.to_string(), new: new.to_string() },
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
        let at = Pointer::from("/paths").child(&path).child(method);
        cx.note(&at, Done::MissingOperationId { id: id.to_string() });
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
