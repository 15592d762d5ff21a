//! `cargo xtask surface`: what users see of a provider, or of any document.

use crate::{Outcome, Workspace, input::Input, pipeline, progress::Progress, root};
use anyhow::Context as _;
use clap::ValueEnum;
use conversations_codegen::surface::{OperationSurface, Surface, Type};
use conversations_document::lower::lower;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// To be read.
    #[default]
    Text,
    /// To be processed.
    Json,
}

/// Prints the public surface of one provider or of all, or of the document at `spec`.
pub fn surface(
    workspace: &Workspace,
    provider: Option<&str>,
    spec: Option<&str>,
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start("reading");
    let mut surfaces = Vec::new();
    match spec {
        Some(spec) => {
            let document = pipeline::read(&Input::parse(spec, &workspace.cwd)?)?;
            progress.step(format!("generating from {spec}"));
            surfaces.push(match provider {
                // As the provider's next document would be taken.
                Some(name) => of_provider(workspace, name, document)?,
                None => pipeline::client(document)?.surface,
            });
        }
        None => {
            for name in root::chosen(&workspace.root, provider)? {
                progress.step(format!("generating {name}"));
                surfaces.push(pipeline::provider(&workspace.root, &name)?.surface);
            }
        }
    }
    drop(progress);
    match format {
        Format::Json => {
            let all: Vec<Value> = surfaces.iter().map(to_json).collect();
            let value = match &all[..] {
                [one] => one.clone(),
                _ => Value::Array(all),
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        }
        Format::Text => {
            for (i, surface) in surfaces.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                write!(out, "{}", surface.page())?;
            }
            if surfaces.len() > 1 {
                let operations: usize = surfaces.iter().map(|it| it.operations.len()).sum();
                writeln!(out, "\n{operations} operations of {} providers", surfaces.len())?;
            }
        }
    }
    Ok(Outcome::Fine)
}

/// The surface of another document under a provider's selection, overlay and settings.
fn of_provider(
    workspace: &Workspace,
    name: &str,
    document: conversations_document::Document,
) -> anyhow::Result<Surface> {
    root::chosen(&workspace.root, Some(name))?;
    let sources = root::sources(&workspace.root, name)?;
    let provider = conversations_codegen::provider::provider(&sources.provider)?;
    let document = pipeline::cut(document, &provider.select)?;
    let overlays: Vec<_> = sources.overlay.into_iter().collect();
    let document = pipeline::overlaid(document, &overlays)?;
    let lowered = conversations_document::deep(|| lower(document))??;
    let made = conversations_codegen::survey(lowered, &provider);
    made.with_context(|| format!("cannot generate the client of `{name}`"))
}

fn to_json(surface: &Surface) -> Value {
    let Surface { provider, operations, items, constructors } = surface;
    let items: BTreeMap<&String, String> =
        items.iter().map(|(path, it)| (path, it.to_string())).collect();
    let operations: Vec<Value> = operations
        .iter()
        .map(|(method, operation)| {
            let OperationSurface { id, verb, path, sdk_name, setters, answer, more, behaviours } = operation;
            let setters: Vec<Value> =
                setters.iter().map(|(name, it)| json!({"name": name, "type": it.to_string()})).collect();
            let more: Vec<String> = more.iter().map(|(name, it)| format!("{name} -> {it}")).collect();
            json!({
                "method": method, "operation_id": id, "verb": verb, "path": path, "sdk_name": sdk_name,
                "setters": setters, "answer": answer.to_string(), "more": more, "behaviours": behaviours,
            })
        })
        .collect();
    let signature = |arguments: &Vec<(String, Type)>| -> Vec<String> {
        arguments.iter().map(|(name, ty)| format!("{name}: {ty}")).collect()
    };
    let constructors: BTreeMap<&String, Vec<String>> =
        constructors.iter().map(|(name, it)| (name, signature(it))).collect();
    json!({"provider": provider, "operations": operations, "items": items, "constructors": constructors})
}
