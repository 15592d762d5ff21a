//! `cargo xtask explain`: every change made to a document on its way, where, and why; what progenitor is shown of it, and
//! who wrote the client.

use crate::{
    Outcome, Workspace,
    input::Input,
    pipeline,
    progress::Progress,
    root,
    shares::{self, Shares},
    surface::Format,
};
use conversations_codegen::Generated;
use conversations_document::note::{Code, Note, Stage, folded};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write};

/// Prints the notes of one provider or of all, or of the document at `spec`. Equal ones are folded unless all `places`
/// are asked for; JSON always has all.
pub fn explain(
    workspace: &Workspace,
    provider: Option<&str>,
    spec: Option<&str>,
    format: Format,
    places: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let all: Vec<(String, Vec<Note>)> = generated(workspace, provider, spec)?
        .into_iter()
        .map(|(name, it)| (name, it.notes))
        .collect();
    match format {
        Format::Json => {
            let value: Vec<Value> = all
                .iter()
                .map(|(name, notes)| json!({"provider": name, "notes": notes.iter().map(to_json).collect::<Vec<_>>()}))
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        }
        Format::Text => {
            for (i, (name, notes)) in all.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                page(name, notes, places, out)?;
            }
        }
    }
    Ok(Outcome::Fine)
}

/// Prints the OpenAPI 3.0 document that progenitor is shown, one YAML document for each client.
pub fn document(
    workspace: &Workspace,
    provider: Option<&str>,
    spec: Option<&str>,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    for (name, made) in generated(workspace, provider, spec)? {
        writeln!(out, "--- # {name}\n{}", serde_yaml::to_string(&made.shown)?.trim_end())?;
    }
    Ok(Outcome::Fine)
}

/// Prints how much of each client progenitor, typify and `polish` wrote.
pub fn shares(
    workspace: &Workspace,
    provider: Option<&str>,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    writeln!(out, "{:<12} {:>14} {:>14} {:>14}", "tokens", "progenitor", "typify", "ours")?;
    for name in root::chosen(&workspace.root, provider)? {
        let Shares { progenitor, typify, own } = shares::written_by(&workspace.root, &name)?;
        let all = (progenitor + typify + own).max(1);
        let shown = |count: usize| format!("{count} ({} %)", count * 100 / all);
        let (progenitor, typify, own) = (shown(progenitor), shown(typify), shown(own));
        writeln!(out, "{name:<12} {progenitor:>14} {typify:>14} {own:>14}")?;
    }
    Ok(Outcome::Fine)
}

/// The clients that are asked for, by the name of their provider or document.
fn generated(
    workspace: &Workspace,
    provider: Option<&str>,
    spec: Option<&str>,
) -> anyhow::Result<Vec<(String, Generated)>> {
    let progress = Progress::start("reading");
    if let Some(spec) = spec {
        let document = pipeline::read(&Input::parse(spec, &workspace.cwd)?)?;
        progress.step(format!("generating from {spec}"));
        return Ok(vec![(spec.to_owned(), pipeline::client(document)?)]);
    }
    let names = root::chosen(&workspace.root, provider)?;
    let one = |name: String| {
        progress.step(format!("generating {name}"));
        let made = pipeline::provider(&workspace.root, &name)?;
        Ok((name, made))
    };
    names.into_iter().map(one).collect()
}

fn page(name: &str, notes: &[Note], places: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let losses = notes.iter().filter(|it| it.is_loss()).count();
    writeln!(out, "# {name}: {} changes on the way, {losses} of them a loss", notes.len())?;
    // By stage in the order of the way, and by code within it: the reader asks what each of them does.
    let mut stages: Vec<Stage> = Vec::new();
    for note in notes {
        if !stages.contains(&note.stage) {
            stages.push(note.stage);
        }
    }
    for stage in stages {
        let mut codes: BTreeMap<Code, Vec<&Note>> = BTreeMap::new();
        for note in notes.iter().filter(|it| it.stage == stage) {
            codes.entry(note.code()).or_default().push(note);
        }
        for (code, notes) in codes {
            writeln!(out, "\n{stage}: {code} ({})", notes.len())?;
            if let Some(limit) = code.limit() {
                writeln!(out, "  limit: {limit}")?;
            }
            for same in folded(notes) {
                let shown = if places { same.len() } else { 1 };
                for Note { pointer, origin, .. } in same.iter().take(shown) {
                    writeln!(out, "  {origin} {pointer}")?;
                }
                if same.len() > shown {
                    writeln!(out, "  and {} more (--places lists them)", same.len() - shown)?;
                }
                let loss = if same[0].is_loss() { "loss: " } else { "" };
                writeln!(out, "      {loss}{}", same[0].done)?;
            }
        }
    }
    Ok(())
}

fn to_json(note: &Note) -> Value {
    let Note { stage, done, pointer, origin } = note;
    let code = done.code();
    json!({
        "stage": stage.name(), "rule": code.name(), "pointer": pointer, "origin": origin.to_string(), "what": done.to_string(),
        "limit": code.limit(), "loss": note.is_loss(),
    })
}
