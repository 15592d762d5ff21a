//! Where a document came from: `source.yaml`, and the changelog of its revisions.

use super::{Change, FIX, Problem, read};
use crate::{
    Workspace,
    update::{self, Origin},
};
use conversations_document::{
    Document, fault,
    load::{self, Text},
};

/// What stands in an entry of the changelog where `source.yaml` names no origin.
const UNKNOWN: &str = "the sources that provider.yaml names";

/// What a document says of itself.
struct Is {
    sha256: String,
    revision: String,
}

/// `source.yaml` and `CHANGELOG.md` speak of the document that is there, read from `text`.
pub(super) fn source(
    workspace: &Workspace,
    name: &str,
    text: &str,
    document: &Document,
    today: &str,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let is = Is { sha256: update::hash(text), revision: update::revision(&document.root) };
    let file = format!("specs/{name}/source.yaml");
    let known = match read(workspace, &file) {
        Ok(None) => {
            missing(file, &is, today, problems)?;
            None
        }
        Ok(Some(text)) => match typed(&file, &text) {
            Ok((origin, lines)) => {
                if origin.sha256 != is.sha256 {
                    edited(name, file, problems);
                    // The rest follows from a document that nobody took.
                    return Ok(());
                }
                said(file, &origin, &is, &lines, problems)?;
                Some(origin)
            }
            Err(faults) => {
                let back = format!("\nor put it back: git checkout HEAD -- {file}");
                problems.extend(faults.0.into_iter().map(|fault| {
                    let problem = Problem::of(fault);
                    Problem { repair: problem.repair.clone() + &back, ..problem }
                }));
                None
            }
        },
        Err(why) => {
            let repair = format!("git checkout HEAD -- {file}, or delete it and run {FIX}");
            problems.push(Problem::new(file, why, repair));
            None
        }
    };
    changelog(workspace, name, &is, known.as_ref(), today, problems);
    Ok(())
}

/// `source.yaml` as its form. A brace would have it taken for JSON, whose faults say nothing to who wrote YAML;
/// behind YAML's own beginning, on the same line, it is not.
fn typed(file: &str, text: &str) -> fault::Result<(Origin, Document)> {
    let text = match text.starts_with(['{', '[']) {
        true => format!("--- {text}"),
        false => text.to_owned(),
    };
    load::typed(&Text { file: file.to_owned(), text })
}

/// There is none: all of it follows from the document but the origin, which only people know.
fn missing(file: String, is: &Is, today: &str, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let origin = Origin {
        origin: String::new(),
        revision: is.revision.clone(),
        sha256: is.sha256.clone(),
        date: today.to_owned(),
        etag: None,
    };
    let what = "it is missing, so nobody knows where openapi.yaml came from";
    let repair = format!(
        "git checkout HEAD -- {file} where it was committed, else {FIX}, and fill in `origin`"
    );
    let text = update::source_yaml(&origin)?;
    let no_origin = nowhere(file.clone());
    problems.push(Problem::new(file, what, repair).with(Change::Write(text)));
    problems.push(no_origin);
    Ok(())
}

fn nowhere(file: String) -> Problem {
    let repair = format!(
        "say in `origin` of {file} from which address, repository and commit openapi.yaml was taken"
    );
    Problem::new(file, "the origin is not filled in, and no command can know it", repair)
}

/// The document is not the one that was taken. Which of the two is right only people know, so nothing is written.
fn edited(name: &str, file: String, problems: &mut Vec<Problem>) {
    let folder = format!("specs/{name}");
    let what = "openapi.yaml was changed since it was taken (the hash differs); corrections belong into overlay.yaml";
    let repair = format!(
        "put the vendor's document back: git checkout HEAD -- {folder}/openapi.yaml, and say the correction in {folder}/overlay.yaml\n\
         or take the changed one on purpose: copy it to FILE, put the old one back, cargo xtask update-spec {name} --from FILE"
    );
    problems.push(Problem::new(file, what, repair));
}

/// What it says beside the hash.
fn said(
    file: String,
    origin: &Origin,
    is: &Is,
    lines: &Document,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let at = |key: &str| format!("{file}:{}", lines.origin(key).line);
    if origin.origin.trim().is_empty() {
        problems.push(nowhere(at("/origin")));
    }
    if !is_date(&origin.date) {
        let file = at("/date");
        let repair = format!("write at {file} the day on which openapi.yaml was taken");
        let what = format!("`{}` is not a date such as 2026-01-31", origin.date);
        problems.push(Problem::new(file, what, repair));
    }
    if origin.revision != is.revision {
        let what =
            format!("it says revision {}, openapi.yaml says {}", origin.revision, is.revision);
        let right = Origin { revision: is.revision.clone(), ..origin.clone() };
        let text = update::source_yaml(&right)?;
        problems.push(Problem::new(file, what, FIX).with(Change::Write(text)));
    }
    Ok(())
}

fn is_date(text: &str) -> bool {
    // Other forms, such as one with a time, are dates to the library and not to who compares texts.
    text.parse::<jiff::civil::Date>().is_ok_and(|it| it.to_string() == text)
}

/// The newest entry of the changelog is about the revision that is there.
fn changelog(
    workspace: &Workspace,
    name: &str,
    is: &Is,
    known: Option<&Origin>,
    today: &str,
    problems: &mut Vec<Problem>,
) {
    let file = format!("specs/{name}/CHANGELOG.md");
    let named = known.map(|it| it.origin.clone()).filter(|it| !it.trim().is_empty());
    let origin = Origin {
        origin: named.unwrap_or_else(|| UNKNOWN.to_owned()),
        revision: is.revision.clone(),
        sha256: is.sha256.clone(),
        date: today.to_owned(),
        etag: None,
    };
    let problem = match read(workspace, &file) {
        Err(why) => {
            let repair = format!("git checkout HEAD -- {file}");
            Problem::new(file, why, repair)
        }
        Ok(None) => {
            let text = update::first_entry(name, &origin);
            Problem::new(file, "it is missing", FIX).with(Change::Write(text))
        }
        Ok(Some(text)) => {
            let newest = text.lines().enumerate().find(|(_, it)| it.starts_with("## "));
            if newest.is_some_and(|(_, it)| is_about(it, &is.revision)) {
                return;
            }
            let what = match newest {
                Some((i, line)) => format!(
                    "the newest entry (line {}) is `{}`, not about revision {}",
                    i + 1,
                    line.trim_start_matches("## "),
                    is.revision
                ),
                None => format!("it has no entry for revision {}", is.revision),
            };
            let repair =
                format!("{FIX} adds an entry; where only the heading is wrong, correct that");
            let text = update::next_entry(&text, &origin);
            Problem::new(file, what, repair).with(Change::Write(text))
        }
    };
    problems.push(problem);
}

/// Whether a heading, `## DATE: REVISION` or `## DATE: BEFORE to REVISION`, is about the revision.
fn is_about(heading: &str, revision: &str) -> bool {
    let Some((_, said)) = heading.split_once(": ") else { return false };
    let said = said.trim_end();
    said == revision || said.strip_suffix(revision).is_some_and(|it| it.ends_with(" to "))
}
