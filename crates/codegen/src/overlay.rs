//! The stage that applies a provider's overlay, and asks it for reasons.

use crate::{extension, load::Vendored, provider, sdk};
use conversations_document::note::{Done, Source, Stage};
use conversations_document::{
    Document, Fault, Faults, Note,
    fault::{self, Code as Broken},
    overlay::{Action, Change, OverlayFile, apply_all},
    select,
};

/// A document with its overlay applied, beside the one it was.
#[derive(Debug, Clone)]
pub struct Overlaid {
    /// The document after the overlay.
    pub document: Document,
    /// The document before the overlay.
    pub vendored: Document,
    /// `provider.yaml`.
    pub provider: provider::Provider,
    /// `sdk.yaml`.
    pub sdk: Option<sdk::SdkFile>,
    /// One note per action.
    pub notes: Vec<Note>,
}

/// Applies the overlay of a provider, which must give its reasons and sources.
pub fn overlay(vendored: Vendored) -> fault::Result<Overlaid> {
    let (overlaid, found) = attempt(vendored);
    Faults::check(found)?;
    Ok(overlaid)
}

/// [`overlay`] that goes on after a fault, for who wants all of them: with a new document, overlay
/// actions and decisions may go stale together.
pub fn attempt(vendored: Vendored) -> (Overlaid, Vec<Fault>) {
    let Vendored { document: vendored, provider, provider_file, overlay, sdk } = vendored;
    let (document, notes, mut found) = match &overlay {
        None => (vendored.clone(), Vec::new(), Vec::new()),
        Some(overlay) => {
            let (document, stale) = apply_all(vendored.clone(), overlay);
            let mut found = reasons(overlay, &vendored);
            found.extend(stale);
            (document, overlay.actions.iter().map(|it| note(it, overlay)).collect(), found)
        }
    };
    found.extend(extension::validate(&document));
    found.extend(provider::check(&provider, &provider_file, &vendored, &document));
    // What the overlay took out of use is not a type of the client.
    let frame = provider.events.as_ref().and_then(|it| it.frame.as_ref());
    let used: Vec<&str> = frame.iter().map(|it| it.schema.as_str()).collect();
    let document = select::without_unused(document, &used);
    (Overlaid { document, vendored, provider, sdk, notes }, found)
}

/// What we ask of a provider's overlay beyond the specification.
fn reasons(overlay: &OverlayFile, document: &Document) -> Vec<Fault> {
    let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|it| it.trim().is_empty());
    let mut found = Vec::new();
    let mut fault = |pointer: &str, code: Broken, help: &str| {
        found.push(overlay.document.fault(pointer, code, help));
    };
    if let Some(extends) = &overlay.extends
        && file(extends) != file(&document.file)
    {
        let (extends, file) = (extends.clone(), document.file.to_string());
        let code = Broken::OtherDocument { extends, file };
        fault("/extends", code, "`extends` names the document beside the overlay");
    }
    for action in &overlay.actions {
        let bare = |lacks| Broken::BareAction { target: action.target.clone(), lacks };
        if blank(&action.description) {
            fault(
                &action.pointer,
                bare("reason"),
                "say in `description` why the document needs it",
            );
        }
        if blank(&action.source) {
            fault(&action.pointer, bare("source"), "say in `x-source` where the fact comes from");
        }
        if action.change == Change::Nothing {
            fault(&action.pointer, bare("effect"), "give it `update`, `remove: true` or `copy`");
        }
    }
    found
}

fn note(action: &Action, overlay: &OverlayFile) -> Note {
    let origin = overlay.document.origin(&action.pointer);
    let reason = action.description.as_deref().unwrap_or_default().trim().to_owned();
    let source = Source(action.source.as_deref().map(|it| it.trim().to_owned()));
    let done = match &action.change {
        Change::Update(_) => Done::Update { reason, source },
        Change::Copy(_) => Done::Copy { reason, source },
        Change::Remove => Done::Remove { reason, source },
        Change::Nothing => Done::Nothing { reason, source },
    };
    Note { stage: Stage::Overlay, done, pointer: action.target.as_str().into(), origin }
}
