//! One report from two readings of the same documents: as they are written, and as they are meant.
//!
//! The reading of the canonical forms decides the level of each part of an operation. Where the reading of
//! the written forms comes to the same level, its findings are taken, since these are known by the names
//! that other tools use; without those that only the spelling caused.

use crate::findings::{Found, Numbers, Way};
use crate::level::Level;
use crate::rules::{Kind, Rule};
use crate::types::{Change, Part, Place};
use std::collections::{BTreeMap, BTreeSet};

/// A finding in a part of an operation.
struct Seen<'f> {
    /// Its number in its reading.
    number: usize,
    change: &'f Change,
    /// The number of its cause, which both readings may have found.
    cause: usize,
    way: Way,
    place: Place,
}

impl Seen<'_> {
    fn is_loud(&self) -> bool {
        self.change.level() >= Level::Warning
    }

    /// Whether it says something of null, which may be written in many ways.
    fn is_of_null(&self) -> bool {
        let Rule::At(_, kind) = self.change.rule else { return false };
        matches!(kind, Kind::BecameNullable | Kind::BecameNotNullable)
    }
}

/// What is found in a part of an operation as it is written and as it is meant.
type Readings<'f> = [Vec<Seen<'f>>; 2];

/// The findings to report. Each part of each operation is settled by itself, so that an operation has the same
/// findings whatever else the documents have.
pub(crate) fn settle(written: Vec<Found>, meant: Vec<Found>, numbers: &Numbers) -> Vec<Found> {
    let readings = [&written, &meant];
    let mut causes = BTreeMap::new();
    let mut groups: BTreeMap<(u32, &Part), [Vec<_>; 2]> = BTreeMap::new();
    for (reading, found) in readings.into_iter().enumerate() {
        for (number, Found { change, reach }) in found.iter().enumerate() {
            let next = causes.len();
            let cause = *causes.entry(change.cause()).or_insert(next);
            for (operation, way) in reach {
                let group = groups.entry((*operation, &change.site.part)).or_default();
                group[reading].push((number, cause, *way));
            }
        }
    }
    let mut kept = readings.map(|it| vec![Vec::new(); it.len()]);
    let mut more = Vec::new();
    for ((operation, _), group) in groups {
        let seen = |reading: usize| {
            group[reading].iter().map(move |(number, cause, way)| Seen {
                number: *number,
                change: &readings[reading][*number].change,
                cause: *cause,
                way: *way,
                place: numbers.place(*way),
            })
        };
        let (chosen, respelled) = settled(seen(0).collect(), seen(1).collect());
        for (kept, chosen) in kept.iter_mut().zip(chosen) {
            chosen.into_iter().for_each(|it| kept[it.number].push((operation, it.way)));
        }
        let found = |(change, way)| Found { change, reach: vec![(operation, way)] };
        more.extend(respelled.map(found));
    }
    let [by_word, by_sense] = kept;
    let all = written.into_iter().zip(by_word).chain(meant.into_iter().zip(by_sense));
    let found = all.map(|(found, reach)| Found { reach, ..found });
    found.filter(|it| !it.reach.is_empty()).chain(more).collect()
}

/// What of a part of an operation is reported, and the note that takes the place of the rest where there is one.
fn settled<'f>(
    mut written: Vec<Seen<'f>>,
    mut meant: Vec<Seen<'f>>,
) -> (Readings<'f>, Option<(Change, Way)>) {
    let worst = |all: &[Seen<'_>]| all.iter().map(|it| it.change.level()).max();
    let as_written = worst(&written);
    // What was a list of one as written gained an alternative, which does not break.
    let wrapped = |it: &Seen<'_>| matches!(it.change.rule, Rule::At(_, Kind::WrappedInAnyOf));
    let loud = |it: &Seen<'_>| {
        written.iter().any(|other| other.is_loud() && it.place.is_beside(&other.place))
    };
    meant.retain(|it| !wrapped(it) || loud(it));
    let as_meant = worst(&meant);
    if as_meant.is_none() {
        let (written, note) = respelled(written);
        return ([written, meant], note);
    }
    if as_written != as_meant {
        return ([Vec::new(), meant], None);
    }
    if as_meant < Some(Level::Warning) {
        return ([written, Vec::new()], None);
    }
    meant.retain(Seen::is_loud);
    let confirmed: BTreeSet<usize> = meant.iter().map(|it| it.cause).collect();
    written.retain(|it| {
        !it.is_loud()
            || confirmed.contains(&it.cause)
            || meant.iter().any(|other| it.place.is_beside(&other.place))
    });
    let mut known: BTreeMap<usize, Level> = BTreeMap::new();
    for it in &written {
        let level = known.entry(it.cause).or_insert(it.change.level());
        *level = it.change.level().max(*level);
    }
    meant.retain(|it| {
        let weighs = |level: Level| level >= it.change.level();
        let beside =
            |other: &Seen<'_>| weighs(other.change.level()) && it.place.is_beside(&other.place);
        !known.get(&it.cause).is_some_and(|it| weighs(*it)) && !written.iter().any(beside)
    });
    ([written, meant], None)
}

/// Findings of which nothing is left once both sides are written alike: what only informs, and a note that the spelling
/// changed.
fn respelled(written: Vec<Seen<'_>>) -> (Vec<Seen<'_>>, Option<(Change, Way)>) {
    let (loud, mut quiet): (Vec<_>, Vec<_>) =
        written.into_iter().partition(|it| it.is_loud() || it.is_of_null());
    quiet.retain(|it| !loud.iter().any(|other| it.place.is_beside(&other.place)));
    let first = loud.iter().min_by_key(|it| (it.place.steps.len(), &it.place, &it.change.pointer));
    let note = first.map(|first| {
        let change = Change {
            rule: Rule::SchemaRespelled,
            level: Rule::SchemaRespelled.level(),
            before: None,
            after: None,
            cause: "is written otherwise and allows the same values".to_owned(),
            ..first.change.clone()
        };
        (change, first.way)
    });
    (quiet, note)
}
