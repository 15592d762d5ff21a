//! Everything that progenitor needs and users deserve.
//!
//! All decisions stand in a [`Plan`]. Progenitor is shown the API that the plan describes as OpenAPI 3.0, in the part of
//! it that progenitor handles without fault (`shown`); what goes beyond that, `polish` turns into code. Progenitor's
//! limits are thus avoided by construction and not case by case: what it never sees cannot make it fail.

mod fold;
mod heirs;
mod operation;
pub mod plan;
pub(crate) mod prose;
mod reference;
mod schema;
mod shape;
mod shown;

use crate::extension::Paging;
use conversations_document::{Document, Fault, Faults, Method, Note, Version, fault::Result};
use operation::OperationNames;
use plan::{OperationPlan, Plan, ShapeRef, Ty};
use serde_json::{Map, Value};
pub(crate) use shown::{FILE, NULLS, TIMESTAMP};
use std::collections::BTreeMap;

/// A document that progenitor reads without fault, and what it does not say.
#[derive(Debug)]
pub struct Normalized {
    /// What progenitor is shown.
    pub openapi: openapiv3::OpenAPI,
    /// What polish adds.
    pub plan: Plan,
    /// What was changed on the way here, by every stage.
    pub notes: Vec<Note>,
}

/// Decides what the client will contain.
///
/// `sdk_names` maps `METHOD /path` to the name that the vendor's SDK gives the operation.
///
/// # Errors
/// Where the document asks for something that no client can do, with the place and the remedy.
pub fn normalize(
    document: &Document,
    sdk_names: &BTreeMap<String, String>,
    mut notes: Vec<Note>,
) -> Result<Normalized> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut typer = schema::Typer::new(document);
    let mut shaper = shape::Shaper::new(document);
    typer.components();
    let mut taken = OperationNames::new();
    let mut headers = operation::Headers::default();
    let mut operations: Vec<OperationPlan> = Vec::new();
    let empty = Map::new();
    let paths = document.root.get("paths").and_then(Value::as_object).unwrap_or(&empty);
    for (path, item) in paths {
        for method in Method::keys(Version::OpenApi30) {
            let Some(operation) = item.get(method).filter(|it| it.is_object()) else { continue };
            let Some(mut plan) = operation::plan(
                document,
                path,
                method,
                operation,
                &mut taken,
                &mut typer,
                &mut shaper,
                &mut headers,
                &mut faults,
            ) else {
                continue;
            };
            plan.sdk_name = sdk_names.get(&format!("{} {path}", plan.method)).cloned();
            if let Some(paging) = &plan.extension.paging {
                plan.page_item = operation::item_type(&plan.answer, items_of(paging), &typer.defs);
                if plan.page_item.is_none() {
                    faults.push(no_items(document, path, method, "paging", items_of(paging)));
                }
            }
            if let Some(follow) = &plan.extension.follow {
                plan.follow_item = operation::item_type(&plan.answer, &follow.items, &typer.defs);
                if plan.follow_item.is_none() {
                    faults.push(no_items(document, path, method, "follow", &follow.items));
                }
            }
            operations.push(plan);
        }
    }
    if typer.fold.is_exhausted() {
        faults.push(document.fault(
            "/components/schemas",
            "the schemas refer to each other in so many ways that they cannot all be followed",
            "replace the `allOf` and `oneOf` that repeat each other by an overlay, or select fewer operations",
        ));
    }
    Faults::check(faults)?;
    let mut roots: Vec<Ty> = Vec::new();
    for operation in &operations {
        roots.extend(operation.params.iter().map(|it| it.ty.clone()));
        roots.extend(operation.body.iter().map(|it| it.ty.clone()));
    }
    let mut answered: Vec<Ty> = Vec::new();
    for operation in &operations {
        answered.extend(operation.answer.types());
        answered.extend(operation.errors.iter().filter_map(|(_, ty)| ty.clone()));
    }
    let headers = headers.finish();
    answered.extend(headers.iter().map(|it| it.ty.clone()));
    typer.finish(&roots, &answered);
    let mut shapes_of: Vec<&mut ShapeRef> = Vec::new();
    for operation in &mut operations {
        shapes_of.extend(operation.params.iter_mut().map(|it| &mut it.shape));
        shapes_of.extend(operation.body.iter_mut().map(|it| &mut it.shape));
    }
    let shapes = shaper.finish(&mut shapes_of);
    notes.append(&mut typer.notes);
    notes.sort();
    notes.dedup();
    let text = |pointer: &str| {
        document.root.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let plan = Plan {
        defs: typer.defs,
        places: typer.places,
        operations,
        headers,
        shapes,
        title: text("/info/title"),
        version: text("/info/version"),
        servers: servers(document),
        schemes: document
            .root
            .pointer("/components/securitySchemes")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, scheme)| (name.clone(), scheme.clone()))
            .collect(),
    };
    let openapi = serde_json::from_value(shown::shown(&plan)).map_err(|error| {
        Fault::of_file(
            &document.file,
            format!("the normalised document is not OpenAPI 3.0: {error}"),
            "this is a fault of the generator; please report it with the document",
        )
    })?;
    Ok(Normalized { openapi, plan, notes })
}

fn items_of(paging: &Paging) -> &str {
    match paging {
        Paging::Offset { items, .. } | Paging::Cursor { items, .. } => items,
    }
}

fn no_items(document: &Document, path: &str, method: &str, what: &str, items: &str) -> Fault {
    let pointer = conversations_document::document::child(
        &conversations_document::document::child("/paths", path),
        method,
    );
    document.fault(
        &pointer,
        format!(
            "`x-conversations.{what}` looks for items at {items}, where the answer has no list"
        ),
        "name the JSON Pointer of a list in the schema of the operation's success",
    )
}

fn servers(document: &Document) -> Vec<(String, String)> {
    let list = document.root.get("servers").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|it| {
            let mut url = it.get("url")?.as_str()?.to_owned();
            for (name, variable) in
                it.get("variables").and_then(Value::as_object).into_iter().flatten()
            {
                let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
                url = url.replace(&format!("{{{name}}}"), default);
            }
            let text = it.get("description").and_then(Value::as_str).unwrap_or_default();
            Some((url, text.to_owned()))
        })
        .collect()
}
