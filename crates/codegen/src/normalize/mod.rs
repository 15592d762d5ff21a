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
use plan::{ConstraintRef, Def, OperationPlan, Plan, Ty};
use schema::TypeResolver;
use serde_json::Value;
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
    let mut planner = operation::Planner::new(document);
    let mut groups = servers::Groups::new(&document.root);
    let mut operations = plan_operations(document, sdk_names, &mut planner, &mut groups)?;
    let operation::Planner { mut resolver, constraints, headers, .. } = planner;
    let events = events::plan(document, provider.events.as_ref(), &mut resolver);
    let headers = headers.finish();
    let mut answered = answered(&operations);
    answered.extend(events.types());
    answered.extend(headers.iter().map(|it| it.ty.clone()));
    resolver.finish(&sent(&operations), &answered);
    let constraints = constraints.finish(&mut constraints_of(&mut operations));
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

/// Decides each operation, with all faults of all of them.
fn plan_operations(
    document: &Document,
    sdk_names: &BTreeMap<String, String>,
    planner: &mut operation::Planner<'_>,
    groups: &mut servers::Groups,
) -> Result<Vec<OperationPlan>> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut operations: Vec<OperationPlan> = Vec::new();
    let paths = document.root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for method in Method::keys(Version::OpenApi30) {
            let Some(operation) = item.get(method).filter(|it| it.is_object()) else { continue };
            match planner.plan(path, method, operation) {
                Ok(mut plan) => {
                    set_server(&mut plan, operation, groups, &mut planner.resolver);
                    plan.sdk_name = sdk_names.get(&format!("{} {path}", plan.method)).cloned();
                    faults.extend(set_items(document, &mut plan, &planner.resolver.defs));
                    operations.push(plan);
                }
                Err(found) => faults.extend(found.0),
            }
        }
    }
    if planner.resolver.flattener.is_exhausted() {
        faults.push(document.fault(
            "/components/schemas",
            Broken::TangledSchemas,
            "replace the `allOf` and `oneOf` that repeat each other by an overlay, or select fewer operations",
        ));
    }
    Faults::check(faults)?;
    Ok(operations)
}

/// Sends an operation to its servers, and notes those that no client can call.
fn set_server(
    plan: &mut OperationPlan,
    operation: &Value,
    groups: &mut servers::Groups,
    resolver: &mut TypeResolver<'_>,
) {
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
}

/// Finds what the lists hold that an operation's `paging` and `follow` name.
fn set_items(
    document: &Document,
    plan: &mut OperationPlan,
    defs: &BTreeMap<String, Def>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut item = |behaviour: &'static str, items: &str| {
        let ty = operation::item_type(&plan.answer, items, defs);
        if ty.is_none() {
            // At the declaration, which most often an overlay makes.
            let declared = plan.pointer.child(extension::KEY).child(behaviour).child("items");
            faults.push(document.fault(
                &declared,
                Broken::NoItems { behaviour, items: items.to_owned() },
                "name the JSON Pointer of a list in the schema of the operation's success",
            ));
        }
        ty
    };
    let page = plan.extension.paging.as_ref().and_then(|it| item("paging", &it.items));
    let follow = plan.extension.follow.as_ref().and_then(|it| item("follow", &it.items));
    (plan.page_item, plan.follow_item) = (page, follow);
    faults
}

/// The types of what requests carry.
fn sent(operations: &[OperationPlan]) -> Vec<Ty> {
    let mut out = Vec::new();
    for operation in operations {
        out.extend(operation.params.iter().map(|it| it.ty.clone()));
        out.extend(operation.bodies().map(|it| it.ty.clone()));
    }
    out
}

/// The types of answers and of the errors among them.
fn answered(operations: &[OperationPlan]) -> Vec<Ty> {
    let mut out = Vec::new();
    for operation in operations {
        out.extend(operation.answer.types());
        out.extend(operation.errors.iter().filter_map(|(_, ty)| ty.clone()));
    }
    out
}

/// The rules of everything that requests carry.
fn constraints_of(operations: &mut [OperationPlan]) -> Vec<&mut ConstraintRef> {
    let mut out = Vec::new();
    for operation in operations {
        out.extend(operation.params.iter_mut().map(|it| &mut it.constraints));
        out.extend(operation.body.iter_mut().map(|it| &mut it.constraints));
        out.extend(operation.alternatives.iter_mut().map(|(_, it)| &mut it.constraints));
    }
    out
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
