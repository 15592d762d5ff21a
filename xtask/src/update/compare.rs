//! Both documents compared: what the change does on the wire and in Rust, and what it leaves for people.

use super::{
    Request, Update, behaviours,
    correspondence::{correspondence, vanished},
    edits::Edit,
    files::{self, Origin},
    overruled::{self, Effective},
    proof,
    propose::{Proposal, Round, Side, propose},
    renames::{self, Renames},
    repair::NextSelection,
};
use crate::{Workspace, impact, pipeline, progress::Progress, report::Report};
use anyhow::Context as _;
use conversations_codegen::{
    Generated, Surveyed, generate, generate_document, load::Sources, surface::Surface,
    survey_sources,
};
use conversations_diff::{Change, Comparison};
use conversations_document::{Document, deep_both, load::Text};

/// Both documents, and what belongs to them.
pub(super) struct Sides {
    pub(super) sources: Sources,
    pub(super) present: Document,
    pub(super) cut: Document,
    pub(super) next: Document,
    pub(super) text: String,
    pub(super) origin: Origin,
    pub(super) selection: Option<NextSelection>,
    pub(super) outside: usize,
}

/// Proposes what our files would be, makes the client of the next document, and judges what both change.
pub(super) fn compare(
    workspace: &Workspace,
    name: &str,
    request: &Request,
    progress: &Progress,
    sides: Sides,
) -> anyhow::Result<Update> {
    let Sides { sources, present, cut, next, text, origin, selection, outside } = sides;
    progress.step(format!("{name}: reading the present document"));
    let base = survey_sources(&sources).with_context(|| {
        format!("the present folder of `{name}` does not build; mend that first")
    })?;
    progress.step(format!("{name}: applying the overlay"));
    let selection = selection.as_ref();
    let pairs = correspondence(&present.root, &next.root);
    let side = Side { present: &present, next: &next, pairs, selection };
    let Proposal {
        sources: proposal,
        stale,
        mended,
        keeps,
        undecided,
        written,
        mut round,
        unfounded,
    } = propose(name, sources, &base, &side, &request.today)?;
    progress.step(format!("{name}: generating from the next document, and comparing"));
    // Edits that only follow from what we keep ourselves are made without being asked for.
    let asks = !stale.is_empty() && !request.apply_edits;
    let Round { document, edits: left } = &mut round;
    let document = &*document;
    let before = Document { root: base.document.clone(), ..present.clone() };
    let effective = Effective { present: &before, written: &written, kept: document };
    let (client, wire) = deep_both(
        || client(document, left, &proposal, &text, &base),
        || on_the_wire(&cut, &next, &effective, &request.today),
    )?;
    let Client { made, blockers } = client?;
    let Wire { moves, comparison, overruled, words } = wire?;
    let (mut edits, mended) = if asks { (stale, Vec::new()) } else { (round.edits, mended) };
    let overlay = format!("specs/{name}/overlay.yaml");
    let pairs = correspondence(&base.document, &round.document.root);
    edits.extend(behaviours::lost(&before, &round.document, &pairs, &overlay));
    for edit in unfounded {
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    let (report, breaks) = match &made {
        Some(made) => impact::judge(comparison, &moves.surface(&base.surface), &made.surface),
        None => (Report::from(comparison), Vec::new()),
    };
    let failures = made.as_ref().map_or_else(Vec::new, |it| proof::failures(&base, it));
    let unplayed = match &made {
        Some(made) => pipeline::misfits_of_sandbox(&workspace.root, name, made.document.clone())?,
        None => Vec::new(),
    };
    let vanished = vanished(&base.document, pairs.operations());
    let vanished = vanished.into_iter().map(|it| format!("{} {}", it.verb, it.path)).collect();
    let mut update = Update {
        origin,
        before: files::revision(&present.root),
        report,
        overruled,
        words,
        outside,
        breaks,
        failures,
        undecided,
        unplayed,
        made: None,
        keeps,
        vanished,
        edits,
        mended,
        blockers,
        surface_changed: false,
        files: Vec::new(),
    };
    if let Some(made) = made.filter(|_| update.edits.is_empty()) {
        files::collect(workspace, name, request, &mut update, &proposal, &text, &made)?;
        update.made = Some(made);
    }
    Ok(update)
}

/// What the change does on the wire.
struct Wire {
    moves: Renames,
    comparison: Comparison,
    /// Findings that change nothing under our overlay.
    overruled: Vec<Change>,
    /// How many texts changed.
    words: usize,
}

fn on_the_wire(
    cut: &Document,
    next: &Document,
    effective: &Effective<'_>,
    today: &str,
) -> anyhow::Result<Wire> {
    let moves = renames::renames(cut, next);
    let today = today.parse::<jiff::civil::Date>();
    let today = today.context("the day of the update is not a date")?;
    let comparison = conversations_diff::compare(&moves.document, next, today);
    let (comparison, overruled) = overruled::overruled(comparison, effective, today.into())?;
    let comparison = moves.said_in(comparison, cut, next);
    let words = crate::report::words([&moves.document.root, &next.root]);
    Ok(Wire { moves, comparison, overruled, words })
}

/// The client of the next document, and why there is none.
struct Client {
    made: Option<Generated>,
    blockers: Vec<String>,
}

/// Makes the client of the next document under our proposed files. What these say that the document does not bear out
/// becomes an edit, and the client is then as good as it gets without it.
fn client(
    document: &Document,
    edits: &mut Vec<Edit>,
    proposal: &Sources,
    text: &str,
    base: &Surveyed,
) -> anyhow::Result<Client> {
    if edits.is_empty() {
        let openapi = Text { file: proposal.openapi.file.clone(), text: text.to_owned() };
        match generate(&Sources { openapi, ..proposal.clone() }) {
            Ok(made) => return Ok(Client { made: Some(made), blockers: Vec::new() }),
            // What our own files say of the document is ours to mend.
            Err(faults) if faults.0.iter().all(|it| it.file != proposal.openapi.file) => {
                edits.extend(faults.0.iter().map(|it| Edit::of(it, None)));
            }
            Err(faults) => return Err(faults).context("the next document does not build"),
        }
    }
    best_effort_client(document, proposal, base)
}

/// The client of the next document as good as it gets before our files are mended.
fn best_effort_client(
    document: &Document,
    proposal: &Sources,
    base: &Surveyed,
) -> anyhow::Result<Client> {
    // Without the credentials that the document lacks, so that the rest can be compared.
    let schemes = document.root.pointer("/components/securitySchemes").cloned();
    let mut provider = conversations_codegen::provider::provider(&proposal.provider)?;
    provider.auth.retain(|it| schemes.as_ref().is_some_and(|all| all.get(&it.scheme).is_some()));
    Ok(match generate_document(document.clone(), &provider) {
        Ok(mut made) => {
            with_sdk_names(&mut made.surface, &base.surface);
            Client { made: Some(made), blockers: Vec::new() }
        }
        Err(error) => {
            let why = format!("the Rust surface is unknown until the edits are made:\n{error}");
            Client { made: None, blockers: vec![why] }
        }
    })
}

/// Gives a surface that was generated without the SDK's list the names that the list gave before.
fn with_sdk_names(surface: &mut Surface, base: &Surface) {
    for (method, operation) in &mut surface.operations {
        if let Some(before) = base.operations.get(method) {
            operation.sdk_name.clone_from(&before.sdk_name);
        }
    }
}
