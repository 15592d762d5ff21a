//! Everything that progenitor needs and users deserve.
//!
//! All decisions stand in a [`Plan`]. Progenitor is shown the API that the plan describes as OpenAPI 3.0, in the part of
//! it that progenitor handles without fault (`shown`); what goes beyond that, `polish` turns into code. Progenitor's
//! limits are thus avoided by construction and not case by case: what it never sees cannot make it fail.

mod children;
mod constraints;
mod events;
mod flatten;
mod media;
mod operation;
pub mod plan;
pub(crate) mod prose;
mod reference;
mod schema;
mod servers;
mod shown;
mod style;

use crate::{extension, provider::Provider};
use conversations_document::{
    Document, Fault, Faults, Method, Note, Pointer, Version,
    fault::{Code as Broken, Result},
    lookup,
    note::{Done, Names, Stage},
    security::Carriers,
    servers::is_foreign,
};
use plan::{ConstraintRef, OperationPlan, Plan, Ty};
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
/// `sdk_names` maps `METHOD /path` to the name that the vendor's SDK gives the operation; `provider` says which methods the
/// client's builder has.
///
/// # Errors
/// Where the document asks for something that no client can do, with the place and the remedy.
pub fn normalize(
    document: &Document,
    sdk_names: &BTreeMap<String, String>,
    provider: &Provider,
    mut notes: Vec<Note>,
) -> Result<Normalized> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut planner = operation::Planner::new(document);
    let mut operations: Vec<OperationPlan> = Vec::new();
    let mut groups = servers::Groups::new(&document.root);
    let empty = Map::new();
    let paths = document.root.get("paths").and_then(Value::as_object).unwrap_or(&empty);
    for (path, item) in paths {
        for method in Method::keys(Version::OpenApi30) {
            let Some(operation) = item.get(method).filter(|it| it.is_object()) else { continue };
            let mut plan = match planner.plan(path, method, operation) {
                Ok(plan) => plan,
                Err(found) => {
                    faults.extend(found.0);
                    continue;
                }
            };
            let resolver = &mut planner.resolver;
            let (group, unknown) = groups.of(operation);
            plan.server = group;
            for (i, written) in unknown {
                let at = plan.pointer.child("servers").child(i);
                let done = match is_foreign(&written) {
                    true => Done::ServerScheme { written },
                    false => Done::ServerOfOperation { written },
                };
                resolver.note(&at, done);
            }
            plan.sdk_name = sdk_names.get(&format!("{} {path}", plan.method)).cloned();
            if let Some(paging) = &plan.extension.paging {
                plan.page_item = operation::item_type(&plan.answer, &paging.items, &resolver.defs);
                if plan.page_item.is_none() {
                    faults.push(no_items(document, &plan.pointer, "paging", &paging.items));
                }
            }
            if let Some(follow) = &plan.extension.follow {
                plan.follow_item =
                    operation::item_type(&plan.answer, &follow.items, &resolver.defs);
                if plan.follow_item.is_none() {
                    faults.push(no_items(document, &plan.pointer, "follow", &follow.items));
                }
            }
            operations.push(plan);
        }
    }
    let operation::Planner { mut resolver, constraints, headers, .. } = planner;
    if resolver.flattener.is_exhausted() {
        faults.push(document.fault(
            "/components/schemas",
            Broken::TangledSchemas,
            "replace the `allOf` and `oneOf` that repeat each other by an overlay, or select fewer operations",
        ));
    }
    Faults::check(faults)?;
    let mut roots: Vec<Ty> = Vec::new();
    for operation in &operations {
        roots.extend(operation.params.iter().map(|it| it.ty.clone()));
        roots.extend(operation.bodies().map(|it| it.ty.clone()));
    }
    let mut answered: Vec<Ty> = Vec::new();
    for operation in &operations {
        answered.extend(operation.answer.types());
        answered.extend(operation.errors.iter().filter_map(|(_, ty)| ty.clone()));
    }
    let events = events::plan(document, provider.events.as_ref(), &mut resolver);
    answered.extend(events.types());
    let headers = headers.finish();
    answered.extend(headers.iter().map(|it| it.ty.clone()));
    resolver.finish(&roots, &answered);
    let mut constraints_of: Vec<&mut ConstraintRef> = Vec::new();
    for operation in &mut operations {
        constraints_of.extend(operation.params.iter_mut().map(|it| &mut it.constraints));
        constraints_of.extend(operation.body.iter_mut().map(|it| &mut it.constraints));
        constraints_of.extend(operation.alternatives.iter_mut().map(|(_, it)| &mut it.constraints));
    }
    let constraints = constraints.finish(&mut constraints_of);
    notes.extend(settle_security(document, &mut operations));
    for (scheme, pointer) in undeclared(document, &operations) {
        resolver.note(&pointer, Done::UndeclaredScheme { scheme });
    }
    for (done, pointer) in in_one_place(document, &operations) {
        resolver.note(&pointer, done);
    }
    let (groups, variables) = groups.named(provider);
    notes.append(&mut resolver.notes);
    notes.sort();
    notes.dedup();
    let text = |pointer: &str| {
        document.root.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let plan = Plan {
        defs: resolver.defs,
        places: resolver.places,
        operations,
        headers,
        constraints,
        title: text("/info/title"),
        version: text("/info/version"),
        groups,
        variables,
        schemes: document
            .root
            .pointer("/components/securitySchemes")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, scheme)| (name.clone(), scheme.clone()))
            .collect(),
        events,
    };
    let openapi = serde_json::from_value(shown::shown(&plan)).map_err(|error| {
        Fault::of_file(
            &document.file,
            Broken::NotOpenApi { error: error.to_string() },
            "this is a fault of the generator; please report it with the document",
        )
    })?;
    Ok(Normalized { openapi, plan, notes })
}

/// At the declaration, which most often an overlay makes.
fn no_items(
    document: &Document,
    operation: &Pointer,
    behaviour: &'static str,
    items: &str,
) -> Fault {
    document.fault(
        &operation.child(extension::KEY).child(behaviour).child("items"),
        Broken::NoItems { behaviour, items: items.to_owned() },
        "name the JSON Pointer of a list in the schema of the operation's success",
    )
}

/// The credentials that operations ask for together and that travel in one place, each with where it is asked.
fn in_one_place(document: &Document, operations: &[OperationPlan]) -> Vec<(Done, Pointer)> {
    let carriers = Carriers::of(&document.root);
    let mut out = Vec::new();
    for operation in operations {
        for alternative in operation.security.iter().flatten() {
            for (names, place) in carriers.together(alternative) {
                let done = Done::OnePlace { names: Names(names), place: place.to_owned() };
                out.push((done, asked_at(document, operation)));
            }
        }
    }
    out
}

/// Where the document says whom an operation accepts.
fn asked_at(document: &Document, operation: &OperationPlan) -> Pointer {
    let own = operation.pointer.child("security");
    document.root.pointer(&own).map_or("/security".into(), |_| own)
}

/// The schemes that operations accept and the document does not declare, each with the first place that names it.
fn undeclared(document: &Document, operations: &[OperationPlan]) -> BTreeMap<String, Pointer> {
    let declared = lookup::keys(&document.root, "/components/securitySchemes");
    let mut out = BTreeMap::new();
    for operation in operations {
        let own = asked_at(document, operation);
        let accepted = operation.security.iter().flatten().flatten().map(|(name, _)| name);
        for name in accepted.filter(|it| !declared.contains(&it.as_str())) {
            out.entry(name.clone()).or_insert_with(|| own.clone());
        }
    }
    out
}

/// Leaves open what operations accept where the document does not say it of any: with schemes that no operation names, or
/// without schemes, the client's credentials go along with every call.
fn settle_security(document: &Document, operations: &mut [OperationPlan]) -> Option<Note> {
    let said = operations.iter().flat_map(|it| &it.security).flatten().any(|it| !it.is_empty());
    if said {
        // What says nothing accepts everybody.
        operations
            .iter_mut()
            .for_each(|it| it.security = Some(it.security.take().unwrap_or_default()));
        return None;
    }
    let schemes = lookup::keys(&document.root, "/components/securitySchemes");
    if schemes.is_empty() {
        operations.iter_mut().for_each(|it| it.security = None);
    }
    let open = !schemes.is_empty() && operations.iter().any(|it| it.security.is_none());
    open.then(|| {
        let at = "/components/securitySchemes";
        let (stage, done) = (Stage::Normalize, Done::UnsaidSecurity);
        Note { stage, done, pointer: at.into(), origin: document.origin(at) }
    })
}
