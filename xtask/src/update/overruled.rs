//! Changes of the vendor's document that change nothing under our overlay: it said so before, or keeps what was.

use super::renames;
use conversations_diff::{Change, Comparison, Level, Part, Policy};
use conversations_document::Document;

/// The present document under its overlay, and the next one under the overlay that is proposed.
pub(super) struct Effective<'a> {
    /// The present one.
    pub(super) present: &'a Document,
    /// The next one under what people wrote.
    pub(super) written: &'a Document,
    /// The next one under that and under what keeps public items.
    pub(super) kept: &'a Document,
}

/// The changes of the vendor's document that reach a client, and those that do not. What a machine keeps of the client
/// hides nothing that breaks: only what people wrote does.
pub(super) fn overruled(
    vendors: Comparison,
    effective: &Effective<'_>,
    policy: Policy,
) -> anyhow::Result<(Comparison, Vec<Change>)> {
    let found = |next: &Document| {
        let moves = renames::renames(effective.present, next);
        conversations_document::deep(|| conversations_diff::compare(&moves.document, next, policy))
    };
    let (written, kept) = (found(effective.written)?, found(effective.kept)?);
    let reaches = |change: &Change| {
        let loud = change.level() > Level::Info && is_among(change, &written.changes);
        loud || is_among(change, &kept.changes)
    };
    let (real, overruled) = vendors.changes.into_iter().partition(reaches);
    Ok((Comparison::of(real), overruled))
}

/// Whether a change, or one above or below it, is among others.
fn is_among(change: &Change, others: &[Change]) -> bool {
    others.iter().any(|other| {
        let same = change.site.part == other.site.part
            && change.operations().any(|it| other.operations().any(|other| it == other));
        same && match change.site.part {
            Part::Whole => change.subject() == other.subject(),
            // Paths are those of the first operation that each reaches, which need not be the same one.
            Part::Parameter(_) | Part::Request | Part::Response(_) => {
                change.is_beside(other) || change.cause() == other.cause()
            }
        }
    })
}
