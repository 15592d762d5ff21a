//! The texts that an update writes.

use super::{Request, Update, edits};
use crate::{
    Workspace,
    input::{Input, git},
    report::Semver,
    root,
};
use anyhow::{Context as _, bail};
use conversations_codegen::{Generated, generate, load::Sources, reconcile::to_text};
use conversations_diff::Rule;
use conversations_document::{
    load::{self, Text},
    overlay,
};
use hmac_sha256::Hash;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

/// Where a vendored document came from: what `source.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The address, the file, or git's `REV:path`.
    pub origin: String,
    /// The revision that the document gives itself.
    pub revision: String,
    /// The hash of `openapi.yaml` as it was written.
    pub sha256: String,
    /// The day it was taken.
    pub date: String,
    /// The server's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// `source.yaml`, where there is one.
pub(super) fn known(root: &Path, name: &str) -> anyhow::Result<Option<Origin>> {
    let file = format!("specs/{name}/source.yaml");
    let Some(text) = root::text(root, &file)? else { return Ok(None) };
    Ok(Some(load::typed(&text)?.0))
}

/// The SHA-256 of a text in hexadecimal digits.
pub fn hash(text: &str) -> String {
    Hash::hash(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The revision that a document gives itself.
pub fn revision(document: &Value) -> String {
    match document.pointer("/info/version") {
        Some(Value::String(it)) if !it.trim().is_empty() => it.trim().to_owned(),
        Some(Value::Number(it)) => it.to_string(),
        _ => "unknown".to_owned(),
    }
}

/// An input as it may stand in a file: without folders that only this machine has, and with the commit
/// that a branch stood for.
pub fn shown(input: &Input) -> anyhow::Result<String> {
    Ok(match input {
        Input::Url(url) => url.to_string(),
        Input::File { shown, path, with: _ }
            if Path::new(shown).is_absolute() || shown.starts_with("..") =>
        {
            path.file_name().map_or(shown.clone(), |it| it.to_string_lossy().into_owned())
        }
        Input::File { shown, .. } => shown.clone(),
        Input::Stdin { .. } => input.to_string(),
        Input::Git { folder, revision, path } => {
            let commit = git(folder, &["rev-parse", "--verify", "--end-of-options", revision])?;
            format!("{}:{path}", commit.trim())
        }
    })
}

/// A document as YAML in the order of its keys.
pub fn to_yaml(document: &Value) -> anyhow::Result<String> {
    let text = serde_yaml::to_string(document).context("cannot write the document as YAML")?;
    // Two libraries must agree on every scalar: whether `no` or `1e3` is text decides what is sent.
    let again = load::document("openapi.yaml", &text)?;
    if again.root != *document {
        bail!(
            "the document does not survive being written as YAML; please report it with the document"
        );
    }
    Ok(text)
}

/// The overlay with actions behind its last one.
pub(super) fn with_actions(
    name: &str,
    overlay: Option<Text>,
    actions: &[Value],
) -> anyhow::Result<Text> {
    let text = overlay.unwrap_or_else(|| Text {
        file: format!("specs/{name}/overlay.yaml"),
        text: format!(
            "overlay: 1.1.0\ninfo:\n  title: Corrections of {name}\n  version: 1.0.0\nextends: openapi.yaml\nactions: []\n"
        ),
    });
    let document = load::document(&text.file, &text.text)?;
    let indent = edits::indent(&document, &text.text, "/actions");
    let mut entries = String::new();
    for action in actions {
        entries.push_str(&edits::list_entry(action, indent)?);
    }
    let out = edits::append(&document, &text.text, "actions", &entries);
    let out = Text { file: text.file, text: out };
    overlay::parse(&out).context("the actions do not fit into the overlay; please report this")?;
    Ok(out)
}

/// How the source of an action that keeps something ends before its date.
pub(super) const KEPT: &str = "openapi.yaml before the update of ";

/// The lines of the actions by which earlier updates of the folder kept public items: of each the first, and the
/// one after the last.
pub(super) fn kept_lines(text: &Text, folder: &str) -> anyhow::Result<Vec<(usize, usize)>> {
    let file = overlay::parse(text)?;
    let begins = format!("{folder}{KEPT}");
    let kept =
        |it: &&overlay::Action| it.source.as_deref().is_some_and(|it| it.starts_with(&begins));
    Ok(file
        .actions
        .iter()
        .filter(kept)
        .filter_map(|it| it.pointer.rsplit('/').next()?.parse().ok())
        .filter_map(|i| edits::entry(&file.document, &text.text, "/actions", i))
        .collect())
}

/// The overlay without these lines.
pub(super) fn without_lines(text: &Text, lines: &[(usize, usize)]) -> Text {
    let changes: Vec<edits::Change> = lines
        .iter()
        .map(|(from, to)| edits::Change { from: *from, to: *to, text: String::new() })
        .collect();
    let changes: Vec<&edits::Change> = changes.iter().collect();
    let out = edits::with_empty_lists(&edits::apply(&text.text, &changes));
    Text { file: text.file.clone(), text: out }
}

/// What accepting the surface of a provider whose document did not change writes: its snapshots where they
/// are not current, and nothing pending beside them.
pub(super) fn accepted(
    workspace: &Workspace,
    name: &str,
) -> anyhow::Result<Vec<(String, Option<String>)>> {
    let mut out = Vec::new();
    let waits = |file: &str| workspace.root.join(format!("{file}.new")).exists();
    let sources = root::sources(&workspace.root, name)?;
    let made = generate(&sources)?;
    for (file, page) in pages(name, &made) {
        if !waits(&file) {
            continue;
        }
        let before = root::text(&workspace.root, &file)?.map(|it| it.text);
        let after = snapshot(before.as_deref(), &page);
        out.push((format!("{file}.new"), None));
        if before.as_ref() != Some(&after) {
            out.push((file, Some(after)));
        }
    }
    Ok(out)
}

/// Fills in what is to be written.
pub(super) fn collect(
    workspace: &Workspace,
    name: &str,
    request: &Request,
    update: &mut Update,
    sources: &Sources,
    text: &str,
    made: &Generated,
) -> anyhow::Result<()> {
    let folder = format!("specs/{name}");
    let mut files = vec![
        (format!("{folder}/openapi.yaml"), Some(text.to_owned())),
        (format!("{folder}/source.yaml"), Some(source_yaml(&update.origin)?)),
    ];
    let provider = Some(&sources.provider);
    for text in [provider, sources.overlay.as_ref(), sources.sdk.as_ref()].into_iter().flatten() {
        let before = root::text(&workspace.root, &text.file)?.map(|it| it.text);
        if before.as_ref() != Some(&text.text) {
            files.push((text.file.clone(), Some(text.text.clone())));
        }
    }
    let changelog = format!("{folder}/CHANGELOG.md");
    let before = root::text(&workspace.root, &changelog)?.map(|it| it.text);
    files.push((changelog, Some(self::changelog(name, before, update))));
    for (accepted, page) in pages(name, made) {
        let pending = format!("{accepted}.new");
        let before = root::text(&workspace.root, &accepted)?.map(|it| it.text);
        let after = snapshot(before.as_deref(), &page);
        let changed = before.as_ref() != Some(&after);
        update.surface_changed |= changed;
        let has_pending = workspace.root.join(&pending).exists();
        match (changed, request.accept) {
            (true, true) => files.push((accepted, Some(after))),
            (true, false) => files.push((pending.clone(), Some(after))),
            (false, _) => {}
        }
        if has_pending && (request.accept || !changed) {
            files.push((pending, None));
        }
    }
    update.files = files;
    Ok(())
}

/// The text of `source.yaml`.
pub fn source_yaml(origin: &Origin) -> anyhow::Result<String> {
    Ok(format!(
        "# Written by `cargo xtask update-spec`: where openapi.yaml came from, and its hash.\n{}",
        serde_yaml::to_string(origin)?
    ))
}

/// The pages of a provider that reviewers read: each snapshot's file, and what it holds.
pub fn pages(name: &str, made: &Generated) -> [(String, String); 2] {
    let file = |page: &str| format!("tests/it/snapshots/it__surface__{page}.snap");
    // A sentence more in a YAML file moves lines and changes nothing that a reviewer should see.
    let text = to_text(&made.findings);
    let mut parts = text.split(".yaml:");
    let mut reconciled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        reconciled.push_str(".yaml");
        reconciled.push_str(part.trim_start_matches(|it: char| it.is_ascii_digit()));
    }
    [(file(name), made.surface.page()), (file(&format!("{name}-reconciled")), reconciled)]
}

/// A snapshot as the test would write it.
pub fn snapshot(before: Option<&str>, page: &str) -> String {
    let head = before
        .and_then(|it| it.strip_prefix("---\n"))
        .and_then(|it| it.split_once("\n---\n"))
        .map_or("source: tests/it/surface.rs", |(head, _)| head);
    format!("---\n{head}\n---\n{}\n", page.trim_end())
}

/// A changelog without entries.
fn head(name: &str) -> String {
    format!(
        "# Revisions of the document of `{name}`\n\nWritten by `cargo xtask update-spec`, newest first: what each revision changed in the API and in the Rust\nthat users see. Words of our own may be added.\n"
    )
}

/// The changelog of a provider that is new.
pub fn first_entry(name: &str, origin: &Origin) -> String {
    format!(
        "{}\n## {}: {}\n\nFrom {}. The first revision taken.\n",
        head(name),
        origin.date,
        origin.revision,
        origin.origin
    )
}

/// A changelog with an entry for a revision of which nothing more is known.
pub fn next_entry(text: &str, origin: &Origin) -> String {
    let entry = format!("## {}: {}\n\nFrom {}.\n", origin.date, origin.revision, origin.origin);
    on_top(text, &entry)
}

fn on_top(text: &str, entry: &str) -> String {
    match text.find("\n## ") {
        Some(at) => format!("{}\n{entry}\n{}", &text[..at], &text[at + 1..]),
        None => format!("{}\n\n{entry}", text.trim_end()),
    }
}

/// The provider's changelog with an entry on top.
fn changelog(name: &str, before: Option<String>, update: &Update) -> String {
    let before = before.unwrap_or_else(|| head(name));
    let mut entry = format!(
        "## {}: {} to {}\n\nFrom {}. {}\n",
        update.origin.date,
        update.before,
        update.origin.revision,
        update.origin.origin,
        step(update.report.semver),
    );
    if !update.keeps.is_empty() {
        entry.push_str("\nKept by actions of the overlay:\n\n");
    }
    for keep in &update.keeps {
        let _ = writeln!(entry, "- {}, though {}", keep.name.replace('`', ""), keep.because);
    }
    if !update.report.changes.is_empty() {
        entry.push_str("\nWhat the document changes:\n\n");
    }
    let mut reached: BTreeMap<(Rule, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    let changes = || update.report.changes.iter().map(|it| &it.change);
    for change in changes() {
        let key = (change.rule, &*change.pointer, change.cause.as_str());
        reached.entry(key).or_default().extend(change.operations());
    }
    for change in changes() {
        let key = (change.rule, &*change.pointer, change.cause.as_str());
        let Some(reached) = reached.remove(&key) else { continue };
        let place = match (change.operation(), reached.len()) {
            ("", 0 | 1) => "document".to_owned(),
            (one, 0 | 1) => format!("`{one}`"),
            (one, count) => format!("`{one}` and {} more", count - 1),
        };
        let _ = writeln!(entry, "- {} {place}: {}", change.level().name(), change.text());
    }
    for (what, items) in [
        ("Added", &update.report.rust.added),
        ("Removed", &update.report.rust.removed),
        ("Changed", &update.report.rust.changed),
    ] {
        if !items.is_empty() {
            let _ = writeln!(entry, "\n{what} in Rust:\n");
            for item in items {
                let _ = writeln!(entry, "- `{item}`");
            }
        }
    }
    on_top(&before, &entry)
}

/// The version step in words.
pub(super) fn step(semver: Semver) -> &'static str {
    match semver {
        Semver::None => "Nothing that users see changes.",
        Semver::Patch => "No public item changes: a patch.",
        Semver::Minor => "Public items are added: a minor version.",
        Semver::Major => "Public items change or go: a major version (a minor one before 1.0).",
    }
}
