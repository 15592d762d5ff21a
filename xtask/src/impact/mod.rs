//! What the changes of a document do to the Rust that users see.
//!
//! Both documents go through the pipeline and their surfaces are compared item by item. Each line of that
//! comparison then gets the one change of the contract that caused it, or none. `lines` holds the lines;
//! `side`, `operations` and `renames` say how the two surfaces hang together; `causes` gathers the changes by
//! where they stand; `setting` holds all that. `direct` finds the cause that stands where an item comes from, `guess` the one that
//! only the names speak for, `follow` hands causes on to what hangs on an item, and `attribute` puts these
//! in order.

mod attribute;
mod causes;
mod direct;
mod follow;
mod guess;
mod lines;
mod operations;
mod pointers;
mod renames;
mod setting;
mod side;
#[cfg(test)]
mod tests;

use crate::{
    pipeline,
    report::{Report, RustChanges, Semver, listed},
};
use attribute::Attributed;
use conversations_codegen::surface::{
    Argument, Difference, Item, Kind, Surface, compare, type_path,
};
use conversations_diff::{Comparison, Level};
use conversations_document::Document;

/// Compares two documents that belong to no provider: the contract, and where both can be generated the
/// Rust surface. What prevents the latter is returned beside the report.
pub fn of_documents(
    comparison: Comparison,
    base: Document,
    revision: Document,
) -> anyhow::Result<(Report, Vec<String>)> {
    let mut blockers = Vec::new();
    let mut surfaces = Vec::new();
    for document in [base, revision] {
        let file = document.file.clone();
        match pipeline::survey(document) {
            Ok(surface) => surfaces.push(surface),
            Err(error) => blockers.push(format!(
                "the Rust surface of {file} is unknown, since it cannot be generated:\n{error:#}"
            )),
        }
    }
    let report = match &surfaces[..] {
        [base, revision] => join(comparison, base, revision),
        _ => Report::from(comparison),
    };
    Ok((report, blockers))
}

/// Something that a program, or what it sends and reads, cannot go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The id of the rule that says so, or the path of a public item that changes without any change of the contract.
    pub cause: String,
    /// The public item, where it is one.
    pub item: Option<String>,
    /// What it is.
    pub what: String,
}

/// Puts the surface changes beside the contract's: each to the changes that are its cause, all of them at the
/// end, and the version step that follows from them.
pub fn join(comparison: Comparison, base: &Surface, revision: &Surface) -> Report {
    judge(comparison, base, revision).0
}

/// As [`join`], with everything that breaks, on the wire and in Rust.
pub fn judge(comparison: Comparison, base: &Surface, revision: &Surface) -> (Report, Vec<Break>) {
    let diff = compare(base, revision);
    let Attributed { lines, causes } =
        attribute::attribute(&comparison.changes, base, revision, &diff);
    let mut report = Report::from(comparison);
    for (change, lines) in report.changes.iter_mut().zip(lines) {
        change.rust = lines;
    }
    report.rust = RustChanges {
        added: printed(&diff.added),
        removed: printed(&diff.removed),
        changed: printed(&diff.changed),
    };
    let mut breaks = Vec::new();
    for change in report.changes.iter().map(|it| &it.change) {
        if change.rule.level() == Level::Error {
            let operations: Vec<&str> = change.operations().collect();
            let what = format!("{} {}", listed(&operations), change.text()).trim().to_owned();
            breaks.push(Break { cause: change.rule.to_string(), item: None, what });
        }
    }
    let wire = breaks.len();
    for (path, what) in broken(base, revision) {
        let cause = causes.get(path).and_then(|at| report.changes.get(*at));
        let cause = cause.map_or_else(|| path.to_owned(), |it| it.change.rule.to_string());
        let item = Some(path.to_owned());
        breaks.push(Break { cause, item, what: format!("`{path}` {what}") });
    }
    report.semver = if breaks.len() > wire {
        Semver::Major
    } else if !report.rust.added.is_empty() || !report.rust.changed.is_empty() {
        Semver::Minor
    } else if !report.changes.is_empty() {
        Semver::Patch
    } else {
        Semver::None
    };
    (report, breaks)
}

fn printed(differences: &[Difference<'_>]) -> Vec<String> {
    differences.iter().map(Difference::to_string).collect()
}

/// The items that programs relied on and cannot any more, by Cargo's rules, for structures that are `#[non_exhaustive]`,
/// enums that are open and builders whose setters stand for parameters.
fn broken<'s>(base: &'s Surface, revision: &'s Surface) -> Vec<(&'s str, &'static str)> {
    let stayed = base.items.iter().filter_map(|(path, before)| {
        let what = match revision.items.get(path) {
            None => "is gone",
            Some(after) if before.loses_default(after) => "is no longer `Default`",
            Some(after) if after.is_demanded && !before.is_demanded => "must be set now",
            Some(after) if before.kind != after.kind && !still_takes(before, after) => {
                "has another signature"
            }
            Some(_) => return None,
        };
        Some((path.as_str(), what))
    });
    let came = revision.items.iter().filter(|(path, _)| !base.items.contains_key(*path));
    let demanded = came.filter(|(_, it)| demands(it, base));
    stayed.chain(demanded.map(|(path, _)| (path.as_str(), "must be set now"))).collect()
}

/// Whether a setter takes what it took before, and a call that was complete still is: where a parameter travels and which
/// media type a body has is not part of the signature, and setters take whatever converts into their type.
fn still_takes(before: &Item, after: &Item) -> bool {
    const WIDER: [(&str, &str); 3] = [("i32", "i64"), ("u32", "u64"), ("f32", "f64")];
    let (Kind::Setter { argument: before, .. }, Kind::Setter { argument: after, .. }) =
        (&before.kind, &after.kind)
    else {
        return false;
    };
    let (old, new) = (before.ty.to_string(), after.ty.to_string());
    let same = before.ty == after.ty || WIDER.contains(&(&old, &new));
    same && (before.required || !after.required)
}

/// Whether an added item is something that must be given to what was there before: a call or a value without it
/// compiles, and then fails.
fn demands(item: &Item, base: &Surface) -> bool {
    match &item.kind {
        Kind::Setter { builder, argument: Argument { required: true, .. }, .. } => {
            base.items.contains_key(&format!("builder::{builder}::send"))
        }
        Kind::Field { owner, .. } => item.is_demanded && base.items.contains_key(&type_path(owner)),
        _ => false,
    }
}
