//! One report from two readings of the same documents: as they are written, and as they are meant.
//!
//! The reading of the canonical forms decides the level of each part of an operation. Where the reading of
//! the written forms comes to the same level, its findings are taken, since these are known by the names
//! that other tools use; without those that only the spelling caused.

use crate::level::Level;
use crate::rules::{Kind, Rule};
use crate::types::{Change, Part};
use std::collections::BTreeMap;

type Key = (String, u8, String);

fn key(change: &Change) -> Key {
    let (kind, name) = match &change.site.part {
        Part::Whole => (0, String::new()),
        Part::Parameter(name) => (1, name.clone()),
        Part::Request => (2, String::new()),
        Part::Response(status) => (3, status.clone()),
    };
    (change.operation.clone(), kind, name)
}

/// The findings to report.
pub(crate) fn settle(written: Vec<Change>, meant: Vec<Change>) -> Vec<Change> {
    let mut groups: BTreeMap<Key, (Vec<Change>, Vec<Change>)> = BTreeMap::new();
    // Operations keep the order in which they were found.
    let mut order: BTreeMap<Key, usize> = BTreeMap::new();
    for (at, change) in written.iter().chain(&meant).enumerate() {
        order.entry(key(change)).or_insert(at);
    }
    for change in written {
        groups.entry(key(&change)).or_default().0.push(change);
    }
    for change in meant {
        groups.entry(key(&change)).or_default().1.push(change);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(key, _)| order.get(key).copied());
    groups.into_iter().flat_map(|(_, (written, meant))| group(written, meant)).collect()
}

fn group(written: Vec<Change>, meant: Vec<Change>) -> Vec<Change> {
    let worst = |of: &[Change]| of.iter().map(|it| it.level()).max();
    let as_written = worst(&written);
    // What was a list of one as written gained an alternative, which does not break.
    let wrapped = |it: &Change| matches!(it.rule, Rule::At(_, Kind::WrappedInAnyOf));
    let meant: Vec<_> =
        meant.into_iter().filter(|it| as_written == Some(Level::Error) || !wrapped(it)).collect();
    let as_meant = worst(&meant);
    if as_meant.is_none() {
        return respelled(written);
    }
    if as_written != as_meant {
        return meant;
    }
    if as_meant < Some(Level::Warning) {
        return written;
    }
    let loud = |it: &Change| it.level() >= Level::Warning;
    let mut out: Vec<Change> = written
        .into_iter()
        .filter(|it| !loud(it) || meant.iter().any(|other| loud(other) && it.is_beside(other)))
        .collect();
    let more: Vec<Change> = meant
        .into_iter()
        .filter(|it| {
            let known = |other: &Change| {
                other.level() >= it.level() && (it.is_beside(other) || it.cause() == other.cause())
            };
            loud(it) && !out.iter().any(known)
        })
        .collect();
    out.extend(more);
    out
}

/// Findings of which nothing is left once both sides are written alike: a note that the spelling changed.
fn respelled(written: Vec<Change>) -> Vec<Change> {
    let (loud, quiet): (Vec<_>, Vec<_>) =
        written.into_iter().partition(|it| it.level() >= Level::Warning);
    let mut out: Vec<Change> =
        quiet.into_iter().filter(|it| !loud.iter().any(|other| it.is_beside(other))).collect();
    if let Some(first) = loud.into_iter().next() {
        let what = "is written otherwise and allows the same values";
        let place = first.text.strip_suffix(&first.cause).unwrap_or_default();
        out.push(Change {
            rule: Rule::SchemaRespelled,
            level: Rule::SchemaRespelled.level(),
            before: None,
            after: None,
            text: format!("{place}{what}"),
            cause: what.to_owned(),
            ..first
        });
    }
    out
}
