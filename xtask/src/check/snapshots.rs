//! The pages that reviewers read, and those that wait beside them.

use super::{Change, FIX, Problem, entries, read};
use crate::{Place, update};
use conversations_codegen::Generated;

const FOLDER: &str = "tests/it/snapshots";
/// How the names of providers' pages begin.
const PAGE: &str = "it__surface__";

/// Each provider's pages are what is generated, nothing waits beside them, and nobody else has any.
pub(super) fn snapshots(
    place: &Place,
    names: &[String],
    made: &[(String, Generated)],
    problems: &mut Vec<Problem>,
) {
    // Those of which we know what they should hold.
    let mut known: Vec<String> = Vec::new();
    for (accepted, page) in made.iter().flat_map(|(name, made)| update::pages(name, made)) {
        let before = read(place, &accepted);
        let head = before.as_ref().ok().and_then(Option::as_deref);
        let after = update::snapshot(head, &page);
        let what = match &before {
            Ok(Some(before)) if *before == after => None,
            Ok(None) => Some("the snapshot is missing".to_owned()),
            Ok(Some(_)) => Some("the snapshot is not what is generated".to_owned()),
            Err(why) => Some(why.clone()),
        };
        if let Some(what) = what {
            let repair = format!("{FIX}, and review the difference");
            problems.push(Problem::new(&accepted, what, repair).with(Change::Write(after)));
        }
        known.push(accepted);
    }
    for entry in entries(place, FOLDER) {
        let file = format!("{FOLDER}/{entry}");
        let accepted = file.strip_suffix(".new").unwrap_or(&file).to_owned();
        let page = entry.split(".snap").next().unwrap_or_default();
        if let Some(page) = page.strip_prefix(PAGE)
            && !names.iter().any(|it| page.strip_suffix("-reconciled").unwrap_or(page) == it)
        {
            let repair = format!("remove it: git rm {file}, or rm where it is not committed");
            problems.push(Problem::new(file, "it is a snapshot of no provider", repair));
        } else if accepted != file {
            problems.push(pending(place, file, &accepted, known.contains(&accepted)));
        }
    }
}

/// A snapshot that waits. Where the accepted one is made here, there is nothing that it could wait for.
fn pending(place: &Place, file: String, accepted: &str, known: bool) -> Problem {
    let same = match (read(place, &file), read(place, accepted)) {
        (Ok(Some(waits)), Ok(Some(accepted))) => body(&waits) == body(&accepted),
        _ => false,
    };
    let (what, stale) = match (same, known) {
        (true, _) => ("a snapshot waits that is the accepted one", true),
        (false, true) => ("a snapshot waits, though what is generated is known", true),
        (false, false) => ("a snapshot waits to be accepted or refused", false),
    };
    match stale {
        true => Problem::new(file, what, FIX).with(Change::Remove),
        false => Problem::new(file, what, "cargo insta review, or delete the file"),
    }
}

/// A snapshot without what insta notes above it.
fn body(text: &str) -> &str {
    let body = text.strip_prefix("---\n").and_then(|it| it.split_once("\n---\n"));
    body.map_or(text, |(_, body)| body).trim_end()
}
