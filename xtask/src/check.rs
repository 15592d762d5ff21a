//! `cargo xtask check`: whether everything that is committed is current. What a pull request runs.
//!
//! Writing and checking are one function with a flag: each part knows what a file should hold, and either
//! writes it or says what to do. What cannot be read is a problem beside the others, so that one round shows
//! all of them.

pub(crate) mod neutral;
mod provider;
mod readme;
mod rules;
mod snapshots;
mod source;
mod version;

use crate::{
    Outcome, Workspace, pipeline,
    progress::Progress,
    readme::FIX,
    root,
    transaction::{Lock, Transaction, pending},
    update::{self, reasons},
};
use conversations_codegen::{
    Generated, generate_vendored,
    load::{Vendored, load},
    sdk::{self, SdkFile, Undecided},
};
use conversations_document::{
    Fault, deep_each,
    load::{Text, document},
    overlay::{self, OverlayFile},
};
use serde_json::Value;
use std::{fs, io::Write};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    file: String,
    what: String,
    /// The command that repairs it, or what to do where none can.
    repair: String,
    /// What `--fix` does, where it can do anything.
    change: Option<Change>,
}

/// What repairs a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Write(String),
    Remove,
}

impl Problem {
    /// A problem that people repair.
    fn new(file: impl Into<String>, what: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { file: file.into(), what: what.into(), repair: repair.into(), change: None }
    }

    /// The same, where a machine can do it.
    fn with(self, change: Change) -> Self {
        Self { change: Some(change), ..self }
    }

    /// A fault of one of our files: no command mends it, so the repair is the edit to make.
    fn of(fault: Fault) -> Self {
        let file = match fault.line {
            Some(line) => format!("{}:{line}", fault.file),
            None => fault.file,
        };
        let repair = match &fault.help[..] {
            "" => format!("edit {file}"),
            help => format!("edit {file}: {help}"),
        };
        Self::new(file, fault.code.to_string(), repair)
    }
}

/// Checks everything; with `fix` writes what can be written.
pub fn check(
    workspace: &Workspace,
    fix: bool,
    today: &str,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start("checking");
    let mut problems = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    // Only --fix writes, and nobody else meanwhile.
    let lock = fix.then(|| Lock::take(&workspace.root)).transpose()?;
    match &lock {
        Some(lock) => notes.extend(lock.recover()?.notes()),
        None => {
            problems.extend(pending(&workspace.root)?.into_iter().map(|file| {
                Problem::new(file, "a command that was killed left it half written", FIX)
            }))
        }
    }
    let names = root::providers(&workspace.root)?;
    progress.step(format!("generating {} clients", names.len()));
    let mut made = Vec::new();
    let checked = deep_each(&names, |name| Ok(provider(workspace, name, today)));
    for (name, checked) in names.iter().zip(checked) {
        match checked {
            Err(faults) => problems.extend(faults.0.into_iter().map(Problem::of)),
            Ok(checked) => {
                let Checked { client, problems: found, notes: said } = checked?;
                problems.extend(found);
                notes.extend(said);
                made.extend(client.map(|it| (name.clone(), it)));
            }
        }
    }
    progress.step("reading the repository");
    provider::folders(workspace, &names, &mut problems);
    snapshots::snapshots(workspace, &names, &made, &mut problems);
    readme::readme(workspace, &names, &made, &mut problems)?;
    rules::rules(workspace, &mut problems);
    version::version(workspace, &mut problems)?;
    neutral::neutral(workspace, &names, &mut problems)?;
    drop(progress);
    if let Some(lock) = &lock {
        let mut transaction = Transaction::default();
        let mut said = Vec::new();
        problems.retain(|it| {
            match &it.change {
                Some(Change::Write(text)) => {
                    transaction.write(&it.file, text);
                    said.push(format!("wrote {}", it.file));
                }
                Some(Change::Remove) => {
                    transaction.remove(&it.file);
                    said.push(format!("removed {}", it.file));
                }
                None => {}
            }
            it.change.is_none()
        });
        if !said.is_empty() {
            transaction.commit(lock)?;
        }
        for line in said {
            writeln!(out, "{line}")?;
        }
    }
    for Problem { file, what, repair, change: _ } in &problems {
        writeln!(out, "{file}: {what}")?;
        for (i, line) in repair.lines().enumerate() {
            writeln!(out, "  {}{line}", if i == 0 { "repair: " } else { "  " })?;
        }
    }
    for note in &notes {
        writeln!(out, "note: {note}")?;
    }
    match problems.len() {
        0 => {
            writeln!(out, "{} providers checked, everything is current", names.len())?;
            Ok(Outcome::Fine)
        }
        n => {
            writeln!(out, "{n} stale")?;
            Ok(Outcome::Stale)
        }
    }
}

/// What becomes of one provider.
#[derive(Default)]
struct Checked {
    /// Its client, where it could be generated.
    client: Option<Generated>,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

/// The folder of a provider, and what stands for it elsewhere, with its client for what is checked of all of them.
fn provider(workspace: &Workspace, name: &str, today: &str) -> anyhow::Result<Checked> {
    let mut out = Checked::default();
    let Checked { client, problems, notes } = &mut out;
    provider::wiring(workspace, name, problems)?;
    provider::files(workspace, name, problems);
    let sources = match root::sources(&workspace.root, name) {
        Ok(sources) => sources,
        Err(error) => {
            let repair = format!("put the file back: git checkout HEAD -- specs/{name}");
            problems.push(Problem::new(format!("specs/{name}"), format!("{error:#}"), repair));
            return Ok(out);
        }
    };
    let vendored = load(&sources);
    let alone;
    let (document, overlay, sdk) = match &vendored {
        Ok(Vendored { document, overlay, sdk, .. }) => {
            (Some(document), overlay.as_ref(), sdk.as_ref())
        }
        // A file that cannot be read is reported below, and keeps no other from being looked at.
        Err(_) => {
            let overlay = sources.overlay.as_ref().and_then(|it| overlay::parse(it).ok());
            let sdk = sources.sdk.as_ref().and_then(|it| sdk::sdk(it).ok());
            let Text { file, text } = &sources.openapi;
            alone = (document(file, text).ok(), overlay, sdk);
            (alone.0.as_ref(), alone.1.as_ref(), alone.2.as_ref())
        }
    };
    if let Some(sdk) = sdk {
        decisions(sdk, problems, notes);
    }
    if let Some(overlay) = overlay {
        actions(overlay, problems);
    }
    if let Some(document) = document {
        source::source(workspace, name, &sources.openapi.text, document, today, problems)?;
    }
    match vendored.and_then(generate_vendored) {
        Err(faults) => problems.extend(faults.0.into_iter().map(Problem::of)),
        Ok(made) => {
            // Rules that cannot be read are reported with the folder.
            let document = made.document.clone();
            let misfits = pipeline::misfits_of_sandbox(&workspace.root, name, document);
            problems.extend(misfits.unwrap_or_default().into_iter().map(Problem::of));
            *client = Some(made);
        }
    }
    Ok(out)
}

/// A person has to look into what a machine proposed, and to decide again what a newer document makes untrue. Of a folder
/// that is new all is proposed, and only noted.
fn decisions(file: &SdkFile, problems: &mut Vec<Problem>, notes: &mut Vec<String>) {
    const LOOK: &str = "look into it, and say in `reason` and `source` what you found";
    let document = &file.document;
    let place = |pointer: &str| format!("{}:{}", document.file, document.origin(pointer).line);
    let raw = document.root.get("decisions").and_then(Value::as_array);
    for (i, it) in raw.into_iter().flatten().enumerate().filter(|(_, it)| reasons::is_ours(it)) {
        let at = place(&format!("/decisions/{i}"));
        let about = it["about"].as_str().unwrap_or_default();
        let what = format!(
            "a machine proposed this decision on {about} and nobody has looked into it: {}",
            reasons::seen(it)
        );
        match reasons::is_by(it, reasons::UPDATE) {
            true => problems.push(Problem::new(at, what, LOOK)),
            false => notes.push(format!("{at}: {what}; {LOOK}")),
        }
    }
    for (i, Undecided { decision, now, since }) in file.undecided.iter().enumerate() {
        problems.push(Problem::new(
            place(&format!("/undecided/{i}")),
            format!(
                "the document of {since} makes a decision on {} untrue: {now}. What was said: take {}. {}",
                decision.about,
                decision.take,
                decision.reason.trim()
            ),
            "decide again below `decisions` where something is to be decided, and take this entry out",
        ));
    }
}

/// The actions that an update took out of an overlay, because the document has nothing any more that they spoke of.
fn actions(file: &OverlayFile, problems: &mut Vec<Problem>) {
    let list = file.document.root.get(update::UNDECIDED_ACTIONS).and_then(Value::as_array);
    for (i, it) in list.into_iter().flatten().enumerate() {
        let at = file.document.origin(&format!("/{}/{i}", update::UNDECIDED_ACTIONS)).line;
        let said = |key: &str| it[key].as_str().unwrap_or_default();
        problems.push(Problem::new(
            format!("{}:{at}", file.document.file),
            format!(
                "the document of {} leaves an action behind: {}. What was said: {}",
                said("since"),
                said("now"),
                it["action"]["description"].as_str().unwrap_or_default().trim()
            ),
            "put the action back with a target that the document has, where what it says is still needed, and take this entry out",
        ));
    }
}

/// What a file holds, nothing where there is none, or why it cannot be read.
fn read(workspace: &Workspace, file: &str) -> Result<Option<String>, String> {
    match fs::read(workspace.root.join(file)) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err("it is not text in UTF-8".to_owned()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

/// The names in a folder, sorted, without those that are hidden; none where there is no folder.
fn entries(workspace: &Workspace, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(workspace.root.join(folder)) else { return Vec::new() };
    let names = entries.filter_map(Result::ok).map(|it| it.file_name());
    let mut names: Vec<String> = names.map(|it| it.to_string_lossy().into_owned()).collect();
    names.retain(|it| !it.starts_with('.'));
    names.sort();
    names
}
