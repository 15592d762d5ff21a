//! The whole way, from texts to source text.

use crate::{
    emit::emit,
    example::{call, first_call},
    load::{Sources, Vendored, load},
    names,
    normalize::{
        Normalized, normalize,
        plan::{ServerGroup, VariablePlan},
    },
    overlay::overlay,
    page::page,
    polish::polish,
    print::print,
    provider::Provider,
    reconcile::{Findings, Reconciled, reconcile},
    surface::{Surface, surface},
};
use conversations_document::{
    Document, Note, deep,
    fault::Result,
    lower::{Lowered, lower},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A client, and what can be said of it.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The source text, to be included from a module.
    pub source: String,
    /// The page of its module, in Markdown: operations, credentials, limits.
    pub page: String,
    /// What users see of it.
    pub surface: Surface,
    /// Every lowering and normalisation that was applied.
    pub notes: Vec<Note>,
    /// What reconciling found.
    pub findings: Findings,
    /// The document as the client understands it: after overlay, before lowering.
    pub document: Value,
    /// What was read from `provider.yaml`.
    pub provider: Provider,
    /// Statements that make the first call, as [`first_call`] writes them.
    pub example: String,
    /// Statements that call each operation, by its method, where what must be given can be written as an expression.
    pub calls: BTreeMap<String, String>,
    /// The groups of servers that paths and operations name.
    pub groups: Vec<ServerGroup>,
    /// The variables of server addresses.
    pub variables: Vec<VariablePlan>,
    /// The document that progenitor was shown.
    pub shown: openapiv3::OpenAPI,
}

/// What users see of a client that is not written.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// The document as the client understands it: after overlay, before lowering.
    pub document: Value,
    /// What was read from `provider.yaml`.
    pub provider: Provider,
    /// What users see of it.
    pub surface: Surface,
}

/// The client of a provider's folder.
///
/// # Errors
/// With everything that is wrong in the folder, each with file, line and remedy.
pub fn generate(sources: &Sources) -> Result<Generated> {
    deep(|| generate_vendored(load(sources)?))?
}

/// What users would see of the client of a provider's folder, without writing the client.
///
/// # Errors
/// As [`generate`].
pub fn survey_sources(sources: &Sources) -> Result<Surveyed> {
    deep(|| {
        let Reconciled { document, provider, sdk_names, notes, .. } =
            reconcile(overlay(load(sources)?)?)?;
        let (document, normalized) = normalized(document, &provider, &sdk_names, notes)?;
        let surface = surface(&normalized.plan, &provider);
        Ok(Surveyed { document, provider, surface })
    })?
}

/// The client of a provider's folder that was read.
///
/// # Errors
/// As [`generate`].
pub fn generate_vendored(vendored: Vendored) -> Result<Generated> {
    deep(|| {
        let Reconciled { document, provider, sdk_names, notes, findings } =
            reconcile(overlay(vendored)?)?;
        Ok(Generated { findings, ..client(document, &provider, &sdk_names, notes)? })
    })?
}

/// The client of any document, without an SDK to reconcile it with.
///
/// # Errors
/// As [`generate`].
pub fn generate_document(document: Document, provider: &Provider) -> Result<Generated> {
    deep(|| client(document, provider, &BTreeMap::new(), Vec::new()))?
}

/// What users would see of the client of a document that was lowered, without writing the client.
///
/// # Errors
/// As [`generate`].
pub fn survey(lowered: Lowered, provider: &Provider) -> Result<Surface> {
    deep(|| {
        let normalized = normalize(&lowered.document, &BTreeMap::new(), provider, lowered.notes)?;
        Ok(surface(&normalized.plan, provider))
    })?
}

fn client(
    document: Document,
    provider: &Provider,
    sdk_names: &BTreeMap<String, String>,
    notes: Vec<Note>,
) -> Result<Generated> {
    let file = document.file.clone();
    let (document, normalized) = normalized(document, provider, sdk_names, notes)?;
    let emitted = emit(&normalized, &file)?;
    let printed = polish(emitted, &normalized.plan, provider)?;
    let surface = surface(&normalized.plan, provider);
    let example = first_call(&normalized.plan, provider);
    let calls = normalized.plan.operations.iter();
    let calls = calls.filter_map(|it| Some((names::escape(&it.name), call(it, &normalized.plan)?)));
    let calls = calls.collect();
    Ok(Generated {
        source: print(&printed, &file),
        page: page(&normalized.plan, provider),
        surface,
        notes: normalized.notes,
        findings: Findings::default(),
        document,
        provider: provider.clone(),
        example,
        calls,
        groups: normalized.plan.groups,
        variables: normalized.plan.variables,
        shown: normalized.openapi,
    })
}

/// The document as it came, and the plan that it is lowered and normalised to. What is lowered goes here: what follows takes
/// most of the memory, and needs the plan alone.
fn normalized(
    document: Document,
    provider: &Provider,
    sdk_names: &BTreeMap<String, String>,
    mut notes: Vec<Note>,
) -> Result<(Value, Normalized)> {
    let root = document.root.clone();
    let lowered = lower(document)?;
    notes.extend(lowered.notes);
    let normalized = normalize(&lowered.document, sdk_names, provider, notes)?;
    Ok((root, normalized))
}
