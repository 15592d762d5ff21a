//! `cargo xtask explain`: every change made to a document on its way, where, and why.

use crate::{Outcome, Place, input::Input, pipeline, progress::Progress, root, surface::Format};
use conversations_document::note::{Code, Stage};
use conversations_document::{Note, note::folded};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write};

/// Prints the notes of one provider or of all, or of the document at `spec`. Equal ones are folded unless all `places`
/// are asked for; JSON always has all.
pub fn explain(
    place: &Place,
    provider: Option<&str>,
    spec: Option<&str>,
    format: Format,
    places: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start("reading");
    let mut all: Vec<(String, Vec<Note>)> = Vec::new();
    match spec {
        Some(spec) => {
            let document = pipeline::read(&Input::parse(spec, &place.cwd)?)?;
            progress.step(format!("generating from {spec}"));
            all.push((spec.to_owned(), pipeline::client(document, "crate")?.notes));
        }
        None => {
            for name in root::chosen(&place.root, provider)? {
                progress.step(format!("generating {name}"));
                let notes = pipeline::provider(&place.root, &name)?.notes;
                all.push((name, notes));
            }
        }
    }
    drop(progress);
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
            codes.entry(note.code).or_default().push(note);
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
                writeln!(out, "      {loss}{}", same[0].what)?;
            }
        }
    }
    Ok(())
}

fn to_json(note: &Note) -> Value {
    let Note { stage, code, pointer, origin, reference: _, what } = note;
    json!({
        "stage": stage.name(), "rule": code.name(), "pointer": pointer, "origin": origin.to_string(), "what": what,
        "limit": code.limit(), "loss": note.is_loss(),
    })
}
