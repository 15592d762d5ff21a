//! What the changes of a document do to the Rust that users see.
//!
//! Both documents go through the pipeline and their surfaces are compared item by item. Each line of that
//! comparison then gets the one change of the contract that caused it, or none. `lines` reads the lines;
//! `side`, `operations` and `twins` say how the two surfaces hang together; `causes` gathers the changes by
//! where they stand; `scene` holds all that. `direct` finds the cause that stands where an item comes from, `guess` the one that
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
    report::{Report, RustChanges, Semver},
};
use conversations_codegen::surface::{Argument, Surface, SurfaceDiff, compare};
use conversations_diff::Comparison;
use conversations_document::Document;

/// Compares two documents that belong to no provider: the contract, and where both can be generated the
/// Rust surface. What hinders the latter is returned beside the report.
pub fn of_documents(
    comparison: Comparison,
    base: Document,
    revision: Document,
) -> anyhow::Result<(Report, Vec<String>)> {
    let mut hindrances = Vec::new();
    let mut surfaces = Vec::new();
    for document in [base, revision] {
        let file = document.file.clone();
        match pipeline::survey(document) {
            Ok(surface) => surfaces.push(surface),
            Err(error) => hindrances.push(format!(
                "the Rust surface of {file} is unknown, since it cannot be generated:\n{error:#}"
            )),
        }
    }
    let report = match &surfaces[..] {
        [base, revision] => join(comparison, base, revision),
        _ => Report::from(comparison),
    };
    Ok((report, hindrances))
}

/// Puts the surface changes beside the contract's: each to the changes that are its cause, all of them at the
/// end, and the version step that follows from them.
pub fn join(comparison: Comparison, base: &Surface, revision: &Surface) -> Report {
    let diff = compare(base, revision);
    let caused = attribute::attribute(&comparison.changes, base, revision, &diff);
    let mut report = Report::from(comparison);
    for (change, lines) in report.changes.iter_mut().zip(caused) {
        change.rust = lines;
    }
    report.semver = semver(&report, [base, revision], &diff);
    let SurfaceDiff { added, removed, changed } = diff;
    report.rust = RustChanges { added, removed, changed };
    report
}

/// Cargo's rules, for structures that are `#[non_exhaustive]`, enums that are open and builders whose
/// setters stand for parameters.
fn semver(report: &Report, [base, revision]: [&Surface; 2], diff: &SurfaceDiff) -> Semver {
    // A program that calls `default()` no longer compiles.
    let lost = base
        .defaults
        .iter()
        .any(|it| revision.items.contains_key(it) && !revision.defaults.contains(it));
    // One that does not set the field compiles, and then fails.
    let demanded = revision.demanded.difference(&base.demanded).any(|field| {
        field.rsplit_once("::").is_some_and(|(owner, _)| base.items.contains_key(owner))
    });
    let changed = base.items.iter().any(|(item, before)| {
        revision.items.get(item).is_some_and(|after| after != before)
            && !still_takes(base.arguments.get(item), revision.arguments.get(item))
    });
    if lost
        || demanded
        || changed
        || !diff.removed.is_empty()
        || diff.added.iter().any(|it| demands(it, base))
    {
        Semver::Major
    } else if !diff.added.is_empty() || !diff.changed.is_empty() {
        Semver::Minor
    } else if !report.changes.is_empty() {
        Semver::Patch
    } else {
        Semver::None
    }
}

/// Whether a setter takes what it took before, and a call that was complete still is: where a parameter travels and which
/// media type a body has is no part of the signature, and setters take whatever converts into their type.
fn still_takes(base: Option<&Argument>, revision: Option<&Argument>) -> bool {
    const WIDER: [(&str, &str); 3] = [("i32", "i64"), ("u32", "u64"), ("f32", "f64")];
    let (Some(base), Some(revision)) = (base, revision) else { return false };
    let same = base.ty == revision.ty
        || WIDER.iter().any(|(from, to)| base.ty == *from && revision.ty == *to);
    same && (base.required || !revision.required)
}

/// Whether an added item is something that must be given to a builder that was there before: a call
/// without it compiles, and then fails.
fn demands(line: &str, base: &Surface) -> bool {
    let Some((item, signature)) = line.split_once(": ") else { return false };
    let Some((builder, _)) = item.strip_prefix("builder::").and_then(|it| it.split_once("::"))
    else {
        return false;
    };
    let takes = signature.strip_prefix("fn(").is_some_and(|it| !it.starts_with(')'));
    let optional = signature.contains("? in ") || signature.contains("?, ");
    takes && !optional && base.items.contains_key(&format!("builder::{builder}::send"))
}
