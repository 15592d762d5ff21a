//! Names of methods, setters and types that would change for no reason, and the overlay actions that keep them.

use super::correspondence::{self, Operation, json_path};
use conversations_codegen::{
    names::{escape, pascal, snake},
    provider::Provider,
    survey,
};
use conversations_document::{
    Document, PathTemplate, Pointer, lookup,
    lower::lower,
    reference::{named_schema, reference},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Something public that would change for no reason, and what keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Retained {
    /// What users know: a method, a setter as `method.setter`, a type, or a property with what it says.
    pub name: String,
    /// Why it would change, as in "the document does not name the operation".
    pub because: String,
    /// The overlay actions that keep it.
    pub actions: Vec<Value>,
}

/// The names of methods and setters that would change from one overlaid document to the other.
pub(super) fn moved(
    present: &Value,
    next: &Value,
    matched: &[(Operation, Operation)],
    why: &str,
) -> Vec<Retained> {
    // Names that somebody else has and keeps. Where names only changed hands, all of them go back.
    let taken: Vec<String> = correspondence::operations(next)
        .into_iter()
        .filter(|it| {
            !matched.iter().any(|(old, new)| new == it && old.id.is_some() && old.id != it.id)
        })
        .filter_map(|it| it.id)
        .collect();
    let mut out: Vec<Retained> = Vec::new();
    for (old, new) in matched {
        let Some(id) = old.id.clone() else { continue };
        let method = escape(&snake(&id));
        let same = new.id.as_deref().is_some_and(|it| snake(it) == snake(&id));
        if !same && !taken.contains(&id) {
            let because = match &new.id {
                Some(other) => format!("the document calls the operation `{other}`"),
                None => "the document does not name the operation".to_owned(),
            };
            let action = json!({
                "target": json_path(&new.pointer),
                "description": format!("Keeps the name of the method `{method}`; {because}."),
                "x-source": why,
                "update": {"operationId": id},
            });
            out.push(Retained { name: method.clone(), because, actions: vec![action] });
        }
        for (setter, name, pointer) in setters(present, next, old, new) {
            let because = format!("the document calls the parameter `{name}`");
            let action = json!({
                "target": json_path(&pointer.child("schema")),
                "description": format!("Keeps the name of the setter `{setter}`; {because}."),
                "x-source": why,
                "update": {"x-conversations": {"name": setter}},
            });
            // A parameter that several operations share is kept once.
            if !out.iter().any(|it| it.actions == [action.clone()]) {
                let name = format!("{method}.{setter}");
                out.push(Retained { name, because, actions: vec![action] });
            }
        }
    }
    out
}

/// Path parameters whose setters would be renamed: the setter, the new name, and where the parameter is.
fn setters(
    present: &Value,
    next: &Value,
    old: &Operation,
    new: &Operation,
) -> Vec<(String, String, Pointer)> {
    let (before, after) = (path_parameters(present, old), path_parameters(next, new));
    // From the end, since a prefix may have come or gone.
    let both = before.into_iter().rev().zip(after.into_iter().rev());
    both.filter_map(|(old, new)| {
        let ((name, pointer), (wire, at)) = (old?, new?);
        let setter = rust_name(present, &name, &pointer);
        let has_schema =
            next.pointer(&at.child("schema")).is_some_and(|it| reference(it).is_none());
        (has_schema && setter != rust_name(next, &wire, &at)).then_some((setter, wire, at))
    })
    .collect()
}

fn rust_name(root: &Value, wire: &str, pointer: &Pointer) -> String {
    let declared = ["/schema/x-conversations/name", "/x-conversations/name"]
        .iter()
        .find_map(|it| root.pointer(&format!("{pointer}{it}"))?.as_str());
    snake(declared.unwrap_or(wire))
}

/// The parameters of a path in its order, each with its pointer where it is found.
fn path_parameters(root: &Value, operation: &Operation) -> Vec<Option<(String, Pointer)>> {
    let all = lookup::parameters(root, &operation.pointer);
    let found = |name: &str| {
        let found = all.iter().find(|it| it.location == "path" && it.name == name)?;
        Some((found.name.clone(), found.pointer.clone()))
    };
    PathTemplate(&operation.path).names().into_iter().map(found).collect()
}

/// The types of the present client that would go by another name because schemas of one name stand in another order now,
/// or one more has come. `types` are the present ones by their schemas.
pub(super) fn renumbered(
    present: &Value,
    next: &Document,
    types: &BTreeMap<String, &str>,
    provider: &Provider,
    why: &str,
) -> Vec<Retained> {
    let schemas = next.root.pointer("/components/schemas").and_then(Value::as_object);
    let mut names = BTreeSet::new();
    // Only where two schemas ask for one name does their order matter.
    if schemas.into_iter().flatten().all(|(name, _)| names.insert(pascal(name))) {
        return Vec::new();
    }
    let lowered = conversations_document::deep(|| lower(next.clone()));
    let Ok(Ok(lowered)) = lowered else { return Vec::new() };
    // What does not make a client yet is looked at again when it does.
    let Ok(surface) = survey(lowered, provider) else { return Vec::new() };
    let now = surface.schemas();
    let mut out = Vec::new();
    for (from, to) in correspondence::correspondence(present, &next.root).both() {
        let (Some(from), Some(own)) = (named_schema(from), named_schema(to)) else { continue };
        let (Some(before), Some(after)) = (types.get(&from), now.get(&own)) else { continue };
        let is_declared = next.root.pointer(&format!("{to}/x-conversations/name")).is_some();
        if before == after || is_declared {
            continue;
        }
        let because = format!(
            "the document has several schemas of this name, and `{own}` would be `{after}`"
        );
        let action = json!({
            "target": json_path(to),
            "description": format!("Keeps the name of the type `{before}`; {because}."),
            "x-source": why,
            "update": {"x-conversations": {"name": before}},
        });
        out.push(Retained { name: (*before).to_owned(), because, actions: vec![action] });
    }
    out
}
