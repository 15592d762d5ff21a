//! Public names and types that would change for no reason, and the overlay actions that keep them.

use super::pairs::{self, json_path};
use conversations_codegen::names::{escape, snake};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What users would have to write otherwise: the name of a method, of a setter as `method.setter`, or of a
/// type, or the type of a property that the document leaves unsaid.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// The name as users know it.
    pub method: String,
    /// Verb and path in the present document.
    pub before: String,
    /// Verb and path in the next one.
    pub after: String,
    /// The next document's operationId, if it has one.
    pub id: Option<String>,
    /// The overlay actions that keep the name.
    pub actions: Vec<Value>,
}

/// The names that would change from one overlaid document to the other.
pub(super) fn moved(present: &Value, next: &Value, provider: &str, today: &str) -> Vec<Keep> {
    let taken: Vec<String> = pairs::operations(next).into_iter().filter_map(|it| it.id).collect();
    let why = format!("specs/{provider}/openapi.yaml before the update of {today}");
    let mut out: Vec<Keep> = Vec::new();
    for (old, new) in pairs::matched(present, next) {
        let (before, after) =
            (format!("{} {}", old.verb, old.path), format!("{} {}", new.verb, new.path));
        let mut keep = |method: String, id: Option<String>, actions: Vec<Value>| {
            // A part that several operations share is kept once.
            if !actions.is_empty() && !out.iter().any(|it| it.actions == actions) {
                let (before, after) = (before.clone(), after.clone());
                out.push(Keep { method, before, after, id, actions });
            }
        };
        let Some(id) = old.id.clone() else { continue };
        let method = escape(&snake(&id));
        let same = new.id.as_deref().is_some_and(|it| snake(it) == snake(&id));
        if !same && !taken.contains(&id) {
            let instead = match &new.id {
                Some(other) => format!("calls the operation `{other}`"),
                None => "does not name the operation".to_owned(),
            };
            let action = json!({
                "target": json_path(&new.pointer),
                "description": format!("Keeps the name of the method `{method}`; the document {instead}."),
                "x-source": why,
                "update": {"operationId": id},
            });
            keep(method.clone(), new.id.clone(), vec![action]);
        }
        for (setter, name, pointer) in setters(present, next, &old, &new) {
            let action = json!({
                "target": json_path(&format!("{pointer}/schema")),
                "description": format!("Keeps the name of the setter `{setter}`; the document calls the parameter `{name}`."),
                "x-source": why,
                "update": {"x-conversations": {"name": setter}},
            });
            keep(format!("{method}.{setter}"), Some(name), vec![action]);
        }
        for (name, pointer, there) in types(present, next, &old, &new) {
            let mut actions = moved_type(&name, &pointer, &why);
            if there {
                // The type is there already; only the place must refer to it.
                actions.drain(..2);
            }
            keep(name, None, actions);
        }
    }
    // Before the actions that move what these speak of.
    out.splice(0..0, silent(present, next, &why));
    // A type that two places write out is made from the first.
    let mut made: Vec<String> = Vec::new();
    out.retain(|it| {
        let makes = it.actions.len() > 2;
        let first = !made.contains(&it.method);
        if makes {
            made.push(it.method.clone());
        }
        !makes || first
    });
    out
}

/// Path parameters whose setters would be renamed: the setter, the new name, and where the parameter is.
fn setters(
    present: &Value,
    next: &Value,
    old: &pairs::Operation,
    new: &pairs::Operation,
) -> Vec<(String, String, String)> {
    let (before, after) = (path_parameters(present, old), path_parameters(next, new));
    // From the end, since a prefix may have come or gone.
    let both = before.into_iter().rev().zip(after.into_iter().rev());
    both.filter_map(|(old, new)| {
        let ((name, pointer), (wire, at)) = (old?, new?);
        let setter = rust_name(present, &name, &pointer);
        let has_schema =
            next.pointer(&format!("{at}/schema")).is_some_and(|it| it.get("$ref").is_none());
        (has_schema && setter != rust_name(next, &wire, &at)).then_some((setter, wire, at))
    })
    .collect()
}

fn rust_name(root: &Value, wire: &str, pointer: &str) -> String {
    let declared = ["/schema/x-conversations/name", "/x-conversations/name"]
        .iter()
        .find_map(|it| root.pointer(&format!("{pointer}{it}"))?.as_str());
    snake(declared.unwrap_or(wire))
}

/// The parameters of a path in its order, each with its pointer where it is found.
fn path_parameters(root: &Value, operation: &pairs::Operation) -> Vec<Option<(String, String)>> {
    let item = operation.pointer.rsplit_once('/').map_or("", |(item, _)| item);
    let mut all: Vec<(String, String)> = Vec::new();
    for holder in [operation.pointer.as_str(), item] {
        let at = format!("{holder}/parameters");
        let count = root.pointer(&at).and_then(Value::as_array).map_or(0, Vec::len);
        for i in 0..count {
            let mut pointer = format!("{at}/{i}");
            let target = root.pointer(&format!("{pointer}/$ref")).and_then(Value::as_str);
            if let Some(target) = target.and_then(|it| it.strip_prefix('#')) {
                pointer = target.to_owned();
            }
            let text =
                |key: &str| root.pointer(&format!("{pointer}/{key}")).and_then(Value::as_str);
            if text("in") == Some("path")
                && let Some(name) = text("name")
            {
                all.push((name.to_owned(), pointer));
            }
        }
    }
    let names = operation.path.split('{').skip(1).filter_map(|it| it.split('}').next());
    names.map(|name| all.iter().find(|(it, _)| it == name).cloned()).collect()
}

/// Bodies that had a name among the schemas and are written out in place now: the name, the place, and whether
/// the same schema has the name still.
fn types(
    present: &Value,
    next: &Value,
    old: &pairs::Operation,
    new: &pairs::Operation,
) -> Vec<(String, String, bool)> {
    let schemas = next.pointer("/components/schemas").and_then(Value::as_object);
    let mut out = Vec::new();
    let content = |root: &Value, pointer: &str| -> Option<(String, Value)> {
        let entry = root.pointer(&format!("{pointer}/content"))?.as_object()?;
        let (media, _) = entry.iter().find(|(media, _)| media.contains("json"))?;
        let at = pairs::child(&format!("{pointer}/content"), media);
        let schema = root.pointer(&format!("{at}/schema"))?.clone();
        Some((at, schema))
    };
    for part in ["/requestBody", "/responses/200", "/responses/201"] {
        let before = content(present, &format!("{}{part}", old.pointer));
        let after = content(next, &format!("{}{part}", new.pointer));
        let (Some((_, before)), Some((at, after))) = (before, after) else { continue };
        let name = before.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|it| it.strip_prefix("#/components/schemas/"));
        // What refers and says more besides is a type of its own, too.
        let inline = after.get("properties").is_some();
        let (Some(name), true, Some(schemas)) = (name, inline, schemas) else { continue };
        let fields = |it: &Value| {
            it.get("properties")
                .and_then(Value::as_object)
                .map(|it| it.keys().cloned().collect::<BTreeSet<_>>())
        };
        match schemas.get(name) {
            None => out.push((name.to_owned(), at, false)),
            Some(there) if fields(there) == fields(&after) => out.push((name.to_owned(), at, true)),
            Some(_) => {}
        }
    }
    out
}

/// Properties whose type the next document leaves unsaid, so that they would take anything.
fn silent(present: &Value, next: &Value, why: &str) -> Vec<Keep> {
    const SAYS: [&str; 9] =
        ["type", "$ref", "allOf", "anyOf", "oneOf", "enum", "const", "properties", "items"];
    let mut out: Vec<Keep> = Vec::new();
    for (from, to) in pairs::pairs(present, next).all() {
        let mut keys = to.rsplit('/');
        let (name, parent) = (keys.next().unwrap_or_default(), keys.next());
        let (Some(old), Some(new)) = (present.pointer(from), next.pointer(to)) else { continue };
        let Some(ty) = old.get("type").and_then(Value::as_str) else { continue };
        let says_nothing =
            new.as_object().is_some_and(|it| !SAYS.iter().any(|key| it.contains_key(*key)));
        let simple = matches!(ty, "string" | "integer" | "number" | "boolean");
        let target = json_path(to);
        if parent != Some("properties")
            || !simple
            || !says_nothing
            || out.iter().any(|it| it.actions[0]["target"] == target)
        {
            continue;
        }
        let action = json!({
            "target": target,
            "description": format!("Keeps the type of `{name}`; the document no longer says what it is."),
            "x-source": why,
            "update": {"type": ty},
        });
        out.push(Keep {
            method: format!("{name}: {ty}"),
            before: from.to_owned(),
            after: to.to_owned(),
            id: None,
            actions: vec![action],
        });
    }
    out
}

/// The actions that give a schema written out at `pointer` a name: an overlay cannot move, so it is made,
/// filled, taken out and referred to.
fn moved_type(name: &str, pointer: &str, why: &str) -> Vec<Value> {
    let about =
        format!("Keeps the name of the type `{name}`; the document writes it out in its place.");
    let schema = json_path(&format!("{pointer}/schema"));
    let home = json_path(&pairs::child("/components/schemas", name));
    let action = |target: &str, key: &str, value: Value| json!({"target": target, "description": about, "x-source": why, key: value});
    vec![
        action("$.components.schemas", "update", json!({name: {"type": "object"}})),
        action(&home, "copy", json!(schema)),
        action(&schema, "remove", json!(true)),
        action(
            &json_path(pointer),
            "update",
            json!({"schema": {"$ref": format!("#/components/schemas/{name}")}}),
        ),
    ]
}

/// Operations of the present document that the next one has no counterpart for.
pub(super) fn vanished(present: &Value, next: &Value) -> Vec<String> {
    let matched = pairs::matched(present, next);
    pairs::operations(present)
        .into_iter()
        .filter(|it| !matched.iter().any(|(old, _)| old == it))
        .map(|it| format!("{} {}", it.verb, it.path))
        .collect()
}
