//! Changes of the vendor's document that change nothing under our overlay: it said so before, or keeps what was.

use super::renames;
use conversations_diff::{Change, Comparison, Level, Part, Policy, Reached};
use conversations_document::Document;
use std::collections::BTreeMap;

/// The present document under its overlay, and the next one under the overlay that is proposed.
pub(super) struct Effective<'a> {
    /// The present one.
    pub(super) present: &'a Document,
    /// The next one under what people wrote.
    pub(super) written: &'a Document,
    /// The next one under that and under what keeps public items.
    pub(super) kept: &'a Document,
}

/// The changes of the vendor's document that reach a client, and those that do not, each as far as its operations go. What
/// a machine keeps of the client hides nothing that breaks: only what people wrote does.
pub(super) fn overruled(
    vendors: Comparison,
    effective: &Effective<'_>,
    policy: Policy,
) -> anyhow::Result<(Comparison, Vec<Change>)> {
    let compared = |next: &Document| {
        let moves = renames::renames(effective.present, next);
        conversations_document::deep(|| conversations_diff::compare(&moves.document, next, policy))
    };
    let written = compared(effective.written)?;
    // Mostly nothing has to be kept.
    let keeps = effective.kept.root != effective.written.root;
    let kept = keeps.then(|| compared(effective.kept)).transpose()?;
    let kept = Parts::of(&kept.as_ref().unwrap_or(&written).changes);
    let written = Parts::of(&written.changes);
    let reaches = |change: &Change, reached: &Reached| {
        change.level() > Level::Info && written.have(change, reached) || kept.have(change, reached)
    };
    let split = |wanted: bool| {
        let changes = vendors.changes.iter();
        changes.filter_map(move |it| it.only(|reached| reaches(it, reached) == wanted))
    };
    Ok((Comparison::of(split(true).collect()), split(false).collect()))
}

/// Changes by the part of an operation that they reach.
struct Parts<'c>(BTreeMap<(&'c str, &'c Part), Vec<(&'c Change, &'c Reached)>>);

impl<'c> Parts<'c> {
    fn of(changes: &'c [Change]) -> Self {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for change in changes {
            for reached in change.reach.iter() {
                let part = (&*reached.operation, &change.site.part);
                all.entry(part).or_default().push((change, reached));
            }
        }
        Self(all)
    }

    /// Whether a change in an operation, or one above or below it there, is among these.
    fn have(&self, change: &Change, reached: &Reached) -> bool {
        let others = self.0.get(&(&*reached.operation, &change.site.part));
        others.into_iter().flatten().any(|(other, there)| match change.site.part {
            Part::Whole => change.subject() == other.subject(),
            Part::Parameter(_) | Part::Request | Part::Response(_) => {
                reached.place.is_beside(&there.place) || change.cause() == other.cause()
            }
        })
    }
}
