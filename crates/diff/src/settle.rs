//! One report from two readings of the same documents: as they are written, and as they are meant.
//!
//! The reading of the canonical forms decides the level of each part of an operation. Where the reading of
//! the written forms comes to the same level, its findings are taken, since these are known by the names
//! that other tools use; without those that only the spelling caused.

use crate::findings::Found;
use crate::level::Level;
use crate::rules::{Kind, Rule};
use crate::types::{Change, Part};
use std::collections::BTreeMap;

/// The findings of a part of an operation in the two readings, by number.
type Group = (Vec<usize>, Vec<usize>);

/// The findings to report.
pub(crate) fn settle(written: Vec<Found>, meant: Vec<Found>) -> Vec<Found> {
    let mut groups: BTreeMap<(u32, Part), Group> = BTreeMap::new();
    for (at, found) in written.iter().enumerate() {
        for operation in &found.operations {
            groups.entry((*operation, found.change.site.part.clone())).or_default().0.push(at);
        }
    }
    for (at, found) in meant.iter().enumerate() {
        for operation in &found.operations {
            groups.entry((*operation, found.change.site.part.clone())).or_default().1.push(at);
        }
    }
    let readings = Readings::of(&written, &meant);
    let mut kept = [vec![Vec::new(); written.len()], vec![Vec::new(); meant.len()]];
    let mut more = Vec::new();
    for ((operation, _), group) in groups {
        match readings.settle(&group) {
            Settled::Kept(chosen) => {
                for (kept, chosen) in kept.iter_mut().zip(chosen) {
                    chosen.into_iter().for_each(|it| kept[it].push(operation));
                }
            }
            Settled::Respelled(quiet, change) => {
                quiet.into_iter().for_each(|it| kept[0][it].push(operation));
                let respelled = change.map(|it| Found { change: *it, operations: vec![operation] });
                more.extend(respelled);
            }
        }
    }
    let [by_word, by_sense] = kept;
    let all = written.into_iter().zip(by_word).chain(meant.into_iter().zip(by_sense));
    let found = all.map(|(found, operations)| Found { operations, ..found });
    found.filter(|it| !it.operations.is_empty()).chain(more).collect()
}

/// What becomes of a group.
enum Settled {
    /// Findings of the two readings.
    Kept([Vec<usize>; 2]),
    /// Some of what is written, and that the rest is only written otherwise.
    Respelled(Vec<usize>, Option<Box<Change>>),
}

/// Both readings, and which findings they have in common.
struct Readings<'f> {
    written: &'f [Found],
    meant: &'f [Found],
    /// The finding of the other reading that has the same cause.
    twins: [Vec<Option<usize>>; 2],
}

impl<'f> Readings<'f> {
    fn of(written: &'f [Found], meant: &'f [Found]) -> Self {
        let key = |it: &'f Found| (it.change.cause(), &it.change.site.part);
        let known: BTreeMap<_, usize> =
            meant.iter().enumerate().map(|(at, it)| (key(it), at)).collect();
        let mut twins = [vec![None; written.len()], vec![None; meant.len()]];
        for (at, found) in written.iter().enumerate() {
            if let Some(other) = known.get(&key(found)) {
                twins[0][at] = Some(*other);
                twins[1][*other] = Some(at);
            }
        }
        Self { written, meant, twins }
    }

    fn settle(&self, (written, meant): &Group) -> Settled {
        let old = |at: usize| &self.written[at].change;
        let new = |at: usize| &self.meant[at].change;
        let as_written = written.iter().map(|it| old(*it).level()).max();
        // What was a list of one as written gained an alternative, which does not break.
        let wrapped = |it: &Change| matches!(it.rule, Rule::At(_, Kind::WrappedInAnyOf));
        let mut meant = meant.clone();
        meant.retain(|it| as_written == Some(Level::Error) || !wrapped(new(*it)));
        let as_meant = meant.iter().map(|it| new(*it).level()).max();
        if as_meant.is_none() {
            return self.respelled(written);
        }
        if as_written != as_meant {
            return Settled::Kept([Vec::new(), meant]);
        }
        if as_meant < Some(Level::Warning) {
            return Settled::Kept([written.clone(), Vec::new()]);
        }
        let loud = |it: &Change| it.level() >= Level::Warning;
        let twin = |side: usize, at: usize, among: &[usize]| {
            self.twins[side][at].filter(|it| among.binary_search(it).is_ok())
        };
        let confirmed = |at: usize| {
            twin(0, at, &meant).is_some_and(|it| loud(new(it)))
                || meant.iter().any(|it| loud(new(*it)) && old(at).is_beside(new(*it)))
        };
        let mut out = written.clone();
        out.retain(|it| !loud(old(*it)) || confirmed(*it));
        let known = |at: usize| {
            let weighs = |it: usize| old(it).level() >= new(at).level();
            let said = |it: usize| {
                weighs(it) && (new(at).is_beside(old(it)) || new(at).cause() == old(it).cause())
            };
            twin(1, at, &out).is_some_and(weighs) || out.iter().any(|it| said(*it))
        };
        meant.retain(|it| loud(new(*it)) && !known(*it));
        Settled::Kept([out, meant])
    }

    /// Findings of which nothing is left once both sides are written alike: a note that the spelling changed.
    fn respelled(&self, written: &[usize]) -> Settled {
        let change = |at: usize| &self.written[at].change;
        let (loud, mut quiet): (Vec<usize>, Vec<usize>) =
            written.iter().partition(|it| change(**it).level() >= Level::Warning);
        quiet.retain(|it| !loud.iter().any(|other| change(*it).is_beside(change(*other))));
        let respelled = loud.first().map(|first| {
            let first = change(*first);
            let what = "is written otherwise and allows the same values";
            let place = first.text.strip_suffix(&first.cause).unwrap_or_default();
            Box::new(Change {
                rule: Rule::SchemaRespelled,
                level: Rule::SchemaRespelled.level(),
                before: None,
                after: None,
                text: format!("{place}{what}"),
                cause: what.to_owned(),
                ..first.clone()
            })
        });
        Settled::Respelled(quiet, respelled)
    }
}
