//! `cargo xtask update-spec`: takes a vendor's next document, says what it does, and writes it.
//!
//! Everything is read, compared and generated first; only then is anything written, and then all of it or
//! nothing. `propose` says what our files would be: `correspondence` knows which part of the next document is which
//! part of the present one, `names` keeps names of public methods and `retain` their types, `repair` mends what the
//! document leaves behind in our own files, `behaviours` finds what must not be lost, `reasons` says what was seen of a
//! divergence, `edits` changes YAML by line. `renames` follows operations to other paths where the documents are
//! compared, `overruled` takes out what changes nothing under our overlay, `proof` finds
//! calls that would fail. `compare` has these steps in order, `files` makes the texts that are written and `report` prints.

mod behaviours;
mod compare;
pub mod correspondence;
mod edits;
mod files;
mod names;
mod overruled;
mod proof;
mod propose;
mod reading;
pub(crate) mod reasons;
mod renames;
mod repair;
mod report;
mod retain;
mod selection;
#[cfg(test)]
mod tests;

pub use edits::{Change, Edit};
pub use files::{
    Origin, first_entry, hash, next_entry, pages, revision, shown as shown_input, snapshot,
    source_yaml, to_yaml,
};
pub use names::Retained;
pub use propose::{UNDECIDED_ACTIONS, settle};

use compare::{Sides, compare};
use proof::Failure;
use propose::Undecided;
use selection::next;

use crate::{
    Outcome, Workspace,
    fetch::Session,
    impact::Break,
    input::Input,
    pipeline,
    progress::Progress,
    readme,
    report::Report,
    root,
    transaction::{Lock, Transaction, pending},
};
use anyhow::{Context as _, bail};
use conversations_codegen::{Generated, provider::Provider};
use conversations_diff::{Change as Finding, Level};
use conversations_document::{Document, Fault, load};
use std::{fs, io::Write, path::PathBuf};

/// How to take the document.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// A file, an address or `REV:path` instead of the address in provider.yaml.
    pub from: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Accept the new surface instead of leaving its snapshot pending, unless it breaks something.
    pub accept: bool,
    /// What may break: ids of rules, and paths of public items.
    pub allow_breaking: Vec<String>,
    /// Mend overlay.yaml and sdk.yaml as proposed.
    pub apply_edits: bool,
    /// Fail, and write nothing, where a change is at least this grave.
    pub fail_on: Option<Level>,
    /// Where to write the verdict as Markdown.
    pub summary: Option<PathBuf>,
    /// The date as `2026-01-31`.
    pub today: String,
}

/// What became of one provider.
#[derive(Debug, Clone)]
enum Verdict {
    /// There is nothing to do, and why.
    Unchanged(String),
    /// There is a new document.
    Changed(Box<Update>),
}

/// A new document and all that follows from it.
#[derive(Debug, Clone)]
struct Update {
    /// Where it came from.
    origin: Origin,
    /// The revision that it replaces.
    before: String,
    /// How the contract and Rust change.
    report: Report,
    /// What the vendor's document changes and our overlay says as before.
    overruled: Vec<Finding>,
    /// How many texts for people differ.
    words: usize,
    /// How many operations of the document are not selected.
    outside: usize,
    /// What breaks, on the wire and in Rust.
    breaks: Vec<Break>,
    /// The calls of the present client that would no longer work.
    failures: Vec<Failure>,
    /// What people decided and the next document makes untrue.
    undecided: Vec<Undecided>,
    /// What in the rules of the sandbox does not fit the next document.
    unplayed: Vec<Fault>,
    /// The client of the next document.
    made: Option<Generated>,
    /// Public items that would change for no reason.
    keeps: Vec<Retained>,
    /// Operations that are gone.
    vanished: Vec<String>,
    /// What is stale in our own files.
    edits: Vec<Edit>,
    /// Edits that were made.
    mended: Vec<Edit>,
    /// What could not be found out.
    blockers: Vec<String>,
    /// Whether the new surface differs from the snapshot.
    surface_changed: bool,
    /// The files to write, by name below the root, and those to remove.
    files: Vec<(String, Option<String>)>,
}

impl Update {
    /// What must be allowed by name before anything is written: calls that would no longer work, and where the new surface
    /// is to be accepted everything that breaks.
    fn refused(&self, request: &Request) -> Vec<Break> {
        let allowed = |it: &Break| {
            let names = [Some(&it.cause), it.item.as_ref()];
            request.allow_breaking.iter().any(|name| names.contains(&Some(name)))
        };
        let failure = |it: &Failure| {
            // A break that has a cause in the contract is allowed by the name of that.
            let known = self.breaks.iter().find(|own| own.item.as_ref() == Some(&it.item));
            let cause = known.map_or(&it.item, |it| &it.cause).clone();
            Break { cause, item: Some(it.item.clone()), what: it.to_string() }
        };
        let mut out: Vec<Break> = self.failures.iter().map(failure).collect();
        if request.accept {
            let failed =
                |it: &Break| self.failures.iter().any(|own| Some(&own.item) == it.item.as_ref());
            out.extend(self.breaks.iter().filter(|it| !failed(it)).cloned());
        }
        out.retain(|it| !allowed(it));
        out
    }
}

/// Takes the next document of each provider named.
pub fn update_spec(
    workspace: &Workspace,
    providers: &[String],
    request: &Request,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    if request.from.is_some() && providers.len() != 1 {
        bail!("`--from` names one document; name one provider with it");
    }
    let lock = lock(workspace, request, err)?;
    let progress = Progress::start("reading");
    let mut verdicts = Vec::new();
    for name in providers {
        root::chosen(&workspace.root, Some(name))?;
        let verdict = plan(workspace, name, request, &progress)
            .with_context(|| format!("cannot update `{name}`; nothing was written"))?;
        verdicts.push((name.clone(), verdict));
    }
    drop(progress);
    let updates: Vec<&Update> = verdicts
        .iter()
        .filter_map(|(_, it)| match it {
            Verdict::Changed(update) => Some(&**update),
            Verdict::Unchanged(_) => None,
        })
        .collect();
    let stale = updates.iter().any(|it| !it.edits.is_empty());
    let fails =
        request.fail_on.is_some_and(|level| updates.iter().any(|it| it.report.reaches(level)));
    let refused: Vec<Break> = updates.iter().flat_map(|it| it.refused(request)).collect();
    let fails = fails || !refused.is_empty();
    let writes = !stale && !fails && !request.dry_run;
    for (name, verdict) in &verdicts {
        report::text(name, verdict, request, out)?;
    }
    if let Some(file) = &request.summary {
        let mut text = Vec::new();
        for (name, verdict) in &verdicts {
            report::markdown(name, verdict, request, &mut text)?;
        }
        fs::write(workspace.cwd.join(file), text)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(lock) = lock.as_ref().filter(|_| writes) {
        write(workspace, &verdicts, request, lock, out)?;
    } else if !updates.is_empty() {
        let why = match (stale, refused.is_empty(), fails) {
            (true, _, _) => "our own files are stale",
            (_, false, _) => "programs that work today would not any more",
            (_, _, true) => "the change is what --fail-on refuses",
            _ => "this is a dry run",
        };
        writeln!(out, "nothing was written: {why}")?;
    }
    Ok(match (stale, fails) {
        (true, _) => Outcome::Stale,
        (false, true) => Outcome::Fails,
        (false, false) => Outcome::Fine,
    })
}

/// The right to write, with what a killed run left behind undone; nothing for a dry run, which writes nothing, not even to
/// undo.
fn lock(
    workspace: &Workspace,
    request: &Request,
    err: &mut dyn Write,
) -> anyhow::Result<Option<Lock>> {
    if !request.dry_run {
        return Ok(Some(Lock::take_and_recover(&workspace.root, err)?));
    }
    let files = pending(&workspace.root)?;
    if !files.is_empty() {
        writeln!(
            err,
            "note: an update was killed and is still to be undone, which a run without --dry-run does: {}",
            files.join(", ")
        )?;
    }
    Ok(None)
}

/// Writes what follows from all verdicts at once.
fn write(
    workspace: &Workspace,
    verdicts: &[(String, Verdict)],
    request: &Request,
    lock: &Lock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut files: Vec<(String, Option<String>)> = Vec::new();
    let mut made = Vec::new();
    for (name, verdict) in verdicts {
        match verdict {
            Verdict::Changed(update) => {
                files.extend(update.files.iter().cloned());
                made.extend(update.made.clone().map(|it| (name.clone(), it)));
            }
            // A snapshot may wait to be accepted since the document was taken.
            Verdict::Unchanged(_) if request.accept => {
                files.extend(files::accepted(workspace, name)?);
            }
            Verdict::Unchanged(_) => {}
        }
    }
    let text = readme::with(workspace, made)?;
    files.extend(text.map(|it| (readme::FILE.to_owned(), Some(it))));
    let mut transaction = Transaction::default();
    for (file, text) in &files {
        match text {
            Some(text) => transaction.write(file, text),
            None => transaction.remove(file),
        }
    }
    let files: Vec<String> = transaction.files().map(str::to_owned).collect();
    if !files.is_empty() {
        transaction.commit(lock)?;
        for file in files {
            writeln!(out, "wrote {file}")?;
        }
    }
    Ok(())
}

/// Everything but the writing.
fn plan(
    workspace: &Workspace,
    name: &str,
    request: &Request,
    progress: &Progress,
) -> anyhow::Result<Verdict> {
    let sources = root::sources(&workspace.root, name)?;
    let provider = conversations_codegen::provider::provider(&sources.provider)?;
    let input = input(workspace, name, request, &provider)?;
    progress.step(format!("{name}: fetching {input}"));
    let known = files::known(&workspace.root, name)?;
    let present = load::openapi(&sources.openapi.file, &sources.openapi.text)?;
    // What the selection would leave out of the present document is not a difference either.
    let cut = pipeline::cut(present.clone(), &provider.select).unwrap_or_else(|_| present.clone());
    // The server is asked for a newer document only while ours is the one that it sent, and all of it: it knows
    // neither the document's other files nor our selection.
    let etag = known.as_ref().filter(|it| it.origin == input.to_string());
    let etag = etag.filter(|it| it.sha256 == files::hash(&sources.openapi.text));
    let etag = etag.filter(|_| cut.root == present.root).and_then(|it| it.etag.as_deref());
    let session = Session::default();
    let Some(read) = input.read_unless(etag, &session)? else {
        return Ok(Verdict::Unchanged("the server says that the document is the same".to_owned()));
    };
    progress.step(format!("{name}: reading {input}"));
    let joined = pipeline::joined(&input, &read, &session)?;
    let (next, selection, whole) = next(&joined, &provider, &sources.provider, &present)?;
    if next.root == present.root || next.root == cut.root {
        let why = format!("{input} says what specs/{name}/openapi.yaml says");
        return Ok(Verdict::Unchanged(why));
    }
    let text = files::to_yaml(&next.root)?;
    // From here on under the name and with the lines that it will have.
    let next = load::openapi(&sources.openapi.file, &text)?;
    let origin = Origin {
        origin: files::shown(&input)?,
        revision: files::revision(&next.root),
        sha256: files::hash(&text),
        date: request.today.clone(),
        etag: read.etag.filter(|_| whole),
    };
    let count = |document: &Document| correspondence::operations(&document.root).len();
    let outside = count(&joined.document).saturating_sub(count(&next));
    let sides = Sides { sources, present, cut, next, text, origin, selection, outside };
    let update = compare(workspace, name, request, progress, sides)?;
    Ok(Verdict::Changed(Box::new(update)))
}

fn input(
    workspace: &Workspace,
    name: &str,
    request: &Request,
    provider: &Provider,
) -> anyhow::Result<Input> {
    match (&request.from, &provider.source.url) {
        (Some(from), _) => Input::parse(from, &workspace.cwd),
        (None, Some(url)) => {
            let url = crate::fetch::check(url)
                .with_context(|| format!("`source.url` of specs/{name}/provider.yaml"))?;
            Ok(Input::Url(url))
        }
        (None, None) => {
            let note = provider.source.note.as_deref().unwrap_or_default().trim();
            bail!(
                "specs/{name}/provider.yaml names no address to fetch from ({note}); name the document with --from"
            )
        }
    }
}
