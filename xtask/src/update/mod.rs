//! `cargo xtask update-spec`: takes a vendor's next document, says what it does, and writes it.
//!
//! Everything is read, compared and generated first; only then is anything written, and then all of it or
//! nothing. `pairs` knows which part of the next document is which part of the present one, `names` keeps
//! public methods, `stale` finds what the document leaves behind in our own files, `edits` mends those by
//! line, `files` makes the texts that are written and `report` prints.

mod edits;
mod files;
mod names;
pub mod pairs;
mod report;
mod stale;

pub use edits::{Change, Edit};
pub use files::{Origin, hash, to_yaml};
pub use names::Keep;

use stale::Selection;

use crate::{
    Outcome, Place,
    diff::{Level, Report},
    impact,
    input::Input,
    pipeline,
    progress::Progress,
    root,
    transaction::{Transaction, recover},
};
use anyhow::{Context as _, bail};
use conversations_codegen::{
    Target,
    document::Document,
    generate, generate_document,
    load::{self, Sources, Text},
    lower::lower,
    overlay::{self, Overlaid},
    provider::Provider,
    reconcile::findings,
    sdk,
    surface::Surface,
};
use std::{fs, io::Write, path::PathBuf};

/// Rounds of edits until nothing is left to mend by machine.
const ROUNDS: usize = 40;

/// How to take the document.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// A file, an address or `REV:path` instead of the address in provider.yaml.
    pub from: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Accept the new surface, and keep the names of public methods.
    pub accept: bool,
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
    /// Methods that would be renamed.
    keeps: Vec<Keep>,
    /// Operations that are gone.
    vanished: Vec<String>,
    /// What is stale in our own files.
    edits: Vec<Edit>,
    /// Edits that were made.
    made: Vec<Edit>,
    /// What could not be found out.
    hindrances: Vec<String>,
    /// Whether the new surface differs from the snapshot.
    surface_changed: bool,
    /// The files to write, by name below the root, and those to remove.
    files: Vec<(String, Option<String>)>,
}

/// Takes the next document of each provider named.
pub fn update_spec(
    place: &Place,
    providers: &[String],
    request: &Request,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    if request.from.is_some() && providers.len() != 1 {
        bail!("`--from` names one document; name one provider with it");
    }
    let restored = recover(&place.root)?;
    if !restored.is_empty() {
        writeln!(err, "note: an update that was killed has been undone: {}", restored.join(", "))?;
    }
    let progress = Progress::start("reading");
    let mut verdicts = Vec::new();
    for name in providers {
        root::chosen(&place.root, Some(name))?;
        let verdict = plan(place, name, request, &progress)
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
    let writes = !stale && !fails && !request.dry_run;
    for (name, verdict) in &verdicts {
        report::text(name, verdict, request, out)?;
    }
    if let Some(file) = &request.summary {
        let mut text = Vec::new();
        for (name, verdict) in &verdicts {
            report::markdown(name, verdict, request, &mut text)?;
        }
        fs::write(place.cwd.join(file), text)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if writes {
        let mut transaction = Transaction::default();
        for (file, text) in updates.iter().flat_map(|it| &it.files) {
            match text {
                Some(text) => transaction.write(file, text),
                None => transaction.remove(file),
            }
        }
        let files: Vec<String> = transaction.files().map(str::to_owned).collect();
        if !files.is_empty() {
            transaction.stage(&place.root)?.commit()?;
            for file in files {
                writeln!(out, "wrote {file}")?;
            }
        }
    } else if !updates.is_empty() {
        let why = match (stale, fails) {
            (true, _) => "files of ours are stale",
            (_, true) => "the change is what --fail-on refuses",
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

/// Everything but the writing.
fn plan(
    place: &Place,
    name: &str,
    request: &Request,
    progress: &Progress,
) -> anyhow::Result<Verdict> {
    let sources = root::sources(&place.root, name)?;
    let provider = conversations_codegen::provider::provider(&sources.provider)?;
    let input = input(place, name, request, &provider)?;
    progress.step(format!("{name}: fetching {input}"));
    let known = files::known(&place.root, name)?;
    // The server is asked for a newer document only while ours is the one that it sent.
    let etag = known.as_ref().filter(|it| it.origin == input.to_string());
    let etag = etag.filter(|it| it.sha256 == files::hash(&sources.openapi.text));
    let Some(read) = input.read_unless(etag.and_then(|it| it.etag.as_deref()))? else {
        return Ok(Verdict::Unchanged("the server says that the document is the same".to_owned()));
    };
    progress.step(format!("{name}: reading {input}"));
    let present = load::openapi(&sources.openapi.file, &sources.openapi.text)?;
    let (next, selection) = next(&input, &read.text, &provider, &sources.provider, &present)?;
    // What the selection would leave out of the present document is no difference either.
    let cut = pipeline::cut(present.clone(), &provider.select).unwrap_or_else(|_| present.clone());
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
        etag: read.etag,
    };
    let sides = Sides { sources, provider, present, cut, next, text, origin, selection };
    let update = compare(place, name, request, progress, sides)?;
    Ok(Verdict::Changed(Box::new(update)))
}

fn input(
    place: &Place,
    name: &str,
    request: &Request,
    provider: &Provider,
) -> anyhow::Result<Input> {
    match (&request.from, &provider.source.url) {
        (Some(from), _) => Input::parse(from, &place.cwd),
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

/// The next document: joined, cut to what is ours, and of the family of OpenAPI 3. Where the selection matches
/// nothing because every path moved, what is ours is found by the operations that we have, and the selection
/// that says so is returned as an edit.
fn next(
    input: &Input,
    text: &str,
    provider: &Provider,
    file: &Text,
    present: &Document,
) -> anyhow::Result<(Document, Option<Selection>)> {
    let whole = pipeline::read_text(input, text)?;
    let mut selection = None;
    let mut document = match pipeline::cut(whole.clone(), &provider.select) {
        Ok(document) => document,
        Err(error) => {
            let mut paths: Vec<String> = pairs::matched(&present.root, &whole.root)
                .into_iter()
                .map(|(_, new)| new.path)
                .collect();
            paths.sort();
            paths.dedup();
            if paths.is_empty() {
                return Err(error.into());
            }
            let found = stale::selection(&error, paths, file);
            let select = conversations_codegen::provider::Select {
                paths: found.paths.clone(),
                tags: Vec::new(),
            };
            selection = Some(found);
            pipeline::cut(whole, &select)?
        }
    };
    if document.root.get("swagger").is_some() {
        // Overlays speak of OpenAPI 3 places, and every later stage would take this step anyway.
        document = pipeline::deep(|| lower(document))??.document;
    }
    Ok((document, selection))
}

/// Both documents, and what belongs to them.
struct Sides {
    sources: Sources,
    provider: Provider,
    present: Document,
    cut: Document,
    next: Document,
    text: String,
    origin: Origin,
    selection: Option<Selection>,
}

fn compare(
    place: &Place,
    name: &str,
    request: &Request,
    progress: &Progress,
    sides: Sides,
) -> anyhow::Result<Update> {
    let Sides { sources, provider, present, cut, next, text, origin, selection } = sides;
    let target = Target { module: format!("crate::{name}") };
    progress.step(format!("{name}: generating from the present document"));
    let base = generate(&sources, &target).with_context(|| {
        format!("the present folder of `{name}` does not build; mend that first")
    })?;
    progress.step(format!("{name}: applying the overlay"));
    let mut sources = sources;
    let mut made: Vec<Edit> = Vec::new();
    let mut round = overlaid(&sources, &present, &next, selection.as_ref(), request)?;
    for _ in 0..ROUNDS {
        if !request.apply_edits || !mend(&mut sources, &round.edits, &mut made) {
            break;
        }
        round = overlaid(&sources, &present, &next, selection.as_ref(), request)?;
    }
    let keeps = names::moved(&base.document, &round.document.root, name, &request.today);
    if request.accept && round.edits.is_empty() && !keeps.is_empty() {
        let actions: Vec<_> = keeps.iter().map(|it| it.action.clone()).collect();
        sources.overlay = Some(files::with_actions(name, sources.overlay.take(), &actions)?);
        round = overlaid(&sources, &present, &next, selection.as_ref(), request)?;
        // The names are back, and with them what decisions say of them.
        for _ in 0..ROUNDS {
            if !request.apply_edits || !mend(&mut sources, &round.edits, &mut made) {
                break;
            }
            round = overlaid(&sources, &present, &next, selection.as_ref(), request)?;
        }
    }
    progress.step(format!("{name}: generating from the next document"));
    let mut hindrances = Vec::new();
    let surface: Option<Surface> = if round.edits.is_empty() {
        let openapi = Text { file: sources.openapi.file.clone(), text: text.clone() };
        let made = generate(&Sources { openapi, ..sources.clone() }, &target);
        Some(made.context("the next document does not build")?.surface)
    } else {
        // Without the credentials that the document lacks, so that the rest can be compared.
        let schemes = round.document.root.pointer("/components/securitySchemes").cloned();
        let mut provider = provider;
        provider
            .auth
            .retain(|it| schemes.as_ref().is_some_and(|all| all.get(&it.scheme).is_some()));
        match generate_document(round.document.clone(), &provider, &target) {
            Ok(made) => Some(with_sdk_names(made.surface, &base.surface)),
            Err(error) => {
                hindrances.push(format!(
                    "the Rust surface is unknown until the edits are made:\n{error}"
                ));
                None
            }
        }
    };
    progress.step(format!("{name}: comparing"));
    let mut report = pipeline::deep(|| crate::diff::compare(&cut, &next))?;
    if let Some(surface) = &surface {
        impact::join(&mut report, &base.surface, surface);
    }
    let vanished = names::vanished(&base.document, &round.document.root);
    let before = files::revision(&present.root);
    let mut update = Update {
        origin,
        before,
        report,
        keeps,
        vanished,
        edits: round.edits,
        made,
        hindrances,
        surface_changed: false,
        files: Vec::new(),
    };
    if let Some(surface) = surface.filter(|_| update.edits.is_empty()) {
        files::collect(place, name, request, &mut update, &sources, &text, &surface)?;
    }
    Ok(update)
}

/// A surface that was generated without the SDK's list, with the names that the list gave before.
fn with_sdk_names(mut surface: Surface, base: &Surface) -> Surface {
    for (method, operation) in &mut surface.operations {
        if let Some(before) = base.operations.get(method) {
            operation.sdk_name.clone_from(&before.sdk_name);
        }
    }
    surface
}

/// The next document under our overlay as far as it still applies, and what does not.
struct Round {
    document: Document,
    edits: Vec<Edit>,
}

fn overlaid(
    sources: &Sources,
    present: &Document,
    next: &Document,
    selection: Option<&Selection>,
    request: &Request,
) -> anyhow::Result<Round> {
    let pairs = pairs::pairs(&present.root, &next.root);
    let (document, mut edits) = match &sources.overlay {
        None => (next.clone(), Vec::new()),
        Some(text) => {
            let file = overlay::parse(text)?;
            stale::overlay(present, next.clone(), text, &file, &pairs)
        }
    };
    let provider = conversations_codegen::provider::provider(&sources.provider)?;
    edits
        .extend(selection.filter(|it| it.paths != provider.select.paths).map(|it| it.edit.clone()));
    edits.extend(stale::schemes(&document.root, &sources.provider));
    if let Some(text) = &sources.sdk {
        let sdk = sdk::sdk(text)?;
        let found = findings(&Overlaid {
            document: document.clone(),
            vendored: next.clone(),
            provider,
            sdk: Some(sdk.clone()),
            notes: Vec::new(),
        });
        edits.extend(stale::decisions(&found, text, &sdk, &pairs, &request.today));
    }
    Ok(Round { document, edits })
}

/// Makes the edits that a machine can make; whether any was.
fn mend(sources: &mut Sources, edits: &[Edit], made: &mut Vec<Edit>) -> bool {
    let mut any = false;
    // The overlay first: what decisions say depends on it.
    let provider = Some(&mut sources.provider);
    for text in [sources.overlay.as_mut(), provider, sources.sdk.as_mut()].into_iter().flatten() {
        let ours: Vec<&Edit> = edits.iter().filter(|it| it.file == text.file).collect();
        let changes: Vec<&Change> = ours.iter().filter_map(|it| it.change.as_ref()).collect();
        if changes.is_empty() {
            continue;
        }
        text.text = edits::apply(&text.text, &changes);
        made.extend(ours.into_iter().filter(|it| it.change.is_some()).cloned());
        any = true;
        break;
    }
    any
}
