//! The pages that reviewers read, and those that wait beside them.

use super::{Change, FIX, Problem, entries, read};
use crate::{Workspace, update};
use conversations_codegen::Generated;
use std::collections::BTreeMap;

const FOLDER: &str = "tests/it/snapshots";
/// How the names of providers' pages begin.
const PAGE: &str = "it__surface__";

/// Each provider's pages are what is generated, nothing waits beside them, and nobody else has any.
pub(super) fn snapshots(
    workspace: &Workspace,
    names: &[String],
    made: &[(String, Generated)],
    problems: &mut Vec<Problem>,
) {
    // Those of which we know what they should hold, and whether they do.
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for (accepted, page) in made.iter().flat_map(|(name, made)| update::pages(name, made)) {
        let before = read(workspace, &accepted);
        let head = before.as_ref().ok().and_then(Option::as_deref);
        let after = update::snapshot(head, &page);
        let what = match &before {
            Ok(Some(before)) if *before == after => None,
            Ok(None) => Some("the snapshot is missing".to_owned()),
            Ok(Some(_)) => Some("the snapshot is not what is generated".to_owned()),
            Err(why) => Some(why.clone()),
        };
        known.insert(accepted.clone(), what.is_none());
        if let Some(what) = what {
            let repair = format!("{FIX}, and review the difference");
            problems.push(Problem::new(accepted, what, repair).with(Change::Write(after)));
        }
    }
    for entry in entries(workspace, FOLDER) {
        let file = format!("{FOLDER}/{entry}");
        let accepted = file.strip_suffix(".new").unwrap_or(&file).to_owned();
        let page = entry.split(".snap").next().unwrap_or_default();
        if let Some(page) = page.strip_prefix(PAGE)
            && !names.iter().any(|it| page.strip_suffix("-reconciled").unwrap_or(page) == it)
        {
            let repair = format!("remove it: git rm {file}, or rm where it is not committed");
            problems.push(Problem::new(file, "it is a snapshot of no provider", repair));
        } else if accepted != file {
            problems.push(pending(workspace, file, &accepted, known.get(&accepted).copied()));
        }
    }
}

/// A snapshot that waits. Where we know whether the accepted one is `current`, `--fix` leaves nothing to wait for.
fn pending(workspace: &Workspace, file: String, accepted: &str, current: Option<bool>) -> Problem {
    let same = match (read(workspace, &file), read(workspace, accepted)) {
        (Ok(Some(waits)), Ok(Some(accepted))) => body(&waits) == body(&accepted),
        _ => false,
    };
    let waits = "a snapshot waits to be accepted or refused";
    match (same, current) {
        (true, _) => Problem::new(file, "a snapshot waits that is the accepted one", FIX)
            .with(Change::Remove),
        (false, Some(true)) => {
            let what = "a snapshot waits, though the accepted one is what is generated";
            Problem::new(file, what, FIX).with(Change::Remove)
        }
        (false, Some(false)) => {
            let repair = format!("cargo insta review, or {FIX}, which accepts what is generated");
            Problem::new(file, waits, repair).with(Change::Remove)
        }
        (false, None) => Problem::new(file, waits, "cargo insta review, or delete the file"),
    }
}

/// A snapshot without what insta notes above it.
fn body(text: &str) -> &str {
    let body = text.strip_prefix("---\n").and_then(|it| it.split_once("\n---\n"));
    body.map_or(text, |(_, body)| body).trim_end()
}
