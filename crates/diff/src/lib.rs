//! Two OpenAPI documents, judged: what changed from one to the other, and what that does to a client.
//!
//! `types` is only the shape, and `rules` the tables from which each finding has its level. The other files in
//! the order of the data: `canonical` brings schemas into one spelling (`vocabulary` knows its keywords), `view`
//! looks through references, `discriminator` follows values to schemas, `graph` and `equal` say which schemas stand against
//! each other, `inclusion` whether one allows all that another one allows, `sides` holds
//! paths and operations that do, `paths` lines them up; `operation`, `parameters`, `bodies`, `encoding`,
//! `events` and `schema` judge what is inside of them, `security` and `servers` who may call them and where,
//! `document` what stands outside; `findings` gathers it all, and `settle` makes one report of the two
//! readings.
//!
//! The crate is pure: no file, network, clock or environment. It knows contracts, not the Rust made of them.

mod bodies;
mod canonical;
mod discriminator;
mod disjoint;
mod document;
mod encoding;
mod equal;
mod events;
mod findings;
mod graph;
mod inclusion;
mod level;
mod lifecycle;
mod media;
mod operation;
mod parameters;
mod paths;
mod rules;
mod schema;
mod security;
mod servers;
mod settle;
mod sides;
mod types;
mod view;
mod vocabulary;

pub use level::Level;
pub use rules::{Direction, Effect, Kind, Rule, Scope, Subject};
pub use types::{Change, Comparison, Counts, Part, Place, Policy, Reached, Site, Stability, Step};

use conversations_document::{
    Document, Version,
    document::Moves,
    identity::plain_references,
    lower::swagger2::{self, Converted},
};
use findings::{Findings, Found, Numbers};
use graph::{Form, Graph};
use serde_json::Value;
use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};
use view::Side;

/// What changed from `base` to `revision`, judged by a policy or on a day: the changes of the document first, then
/// operation by operation in the order of the documents, worst first within each.
///
/// The documents are compared twice: as they are written, and in the canonical form of their schemas.
/// The latter decides how much a part of an operation changed, the former names the change where the two
/// agree; so what is only written otherwise is not a change, and what is not keeps its usual name.
pub fn compare(base: &Document, revision: &Document, policy: impl Into<Policy>) -> Comparison {
    let policy = policy.into();
    let (base_root, base_lift) = openapi3(&base.root);
    let (revision_root, revision_lift) = openapi3(&revision.root);
    let read = |roots: [&Value; 2], moves: [Vec<Moves>; 2], form: Form, numbers: Numbers| {
        let (old, new) = (Side::of(roots[0]), Side::of(roots[1]));
        let mut graph = Graph::new(old, new, form);
        let mut findings = Findings::new(base, revision, moves, policy, numbers);
        document::judge(&old, &new, &mut findings);
        paths::judge(&mut graph, &mut findings);
        (findings.changes, findings.numbers)
    };
    let numbers = Numbers::new();
    let canonical = (canonical::of(&base_root), canonical::of(&revision_root));
    let (found, numbers) = match canonical {
        (None, None) => {
            let moves = [vec![base_lift], vec![revision_lift]];
            read([&base_root, &revision_root], moves, Form::Both, numbers)
        }
        (old, new) => {
            let whole = |it: Option<(Value, Moves)>, root: &Value, lift: &Moves| match it {
                Some((root, moves)) => (root, vec![moves, lift.clone()]),
                None => (root.clone(), vec![lift.clone()]),
            };
            let (old, old_moves) = whole(old, &base_root, &base_lift);
            let (new, new_moves) = whole(new, &revision_root, &revision_lift);
            let moves = [old_moves, new_moves];
            let (meant, numbers) = read([&old, &new], moves, Form::Canonical, numbers);
            let moves = [vec![base_lift], vec![revision_lift]];
            let (written, numbers) =
                read([&base_root, &revision_root], moves, Form::Written, numbers);
            (settle::settle(written, meant, &numbers), numbers)
        }
    };
    Comparison::of(numbers.give(arrange(found, &numbers)))
}

/// `root` in the shape of OpenAPI 3.x, and the way back to its own pointers.
fn openapi3(root: &Value) -> (Cow<'_, Value>, Moves) {
    if Version::of(root) != Some(Version::Swagger2) {
        let plain = plain_references(root).map_or(Cow::Borrowed(root), Cow::Owned);
        return (plain, Moves::default());
    }
    let Converted { root, moves, .. } = swagger2::convert(root);
    (Cow::Owned(root), moves)
}

/// One of what was found more than once, by operation and weight.
fn arrange(found: Vec<Found>, numbers: &Numbers) -> Vec<Found> {
    let mut known = BTreeMap::new();
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    for mut it in found {
        let Change { rule, cause, pointer, base_line, revision_line, site, .. } = &it.change;
        let place = it.reach.first().map(|it| numbers.place(it.1)).unwrap_or_default();
        let (lines, at_root) = ((*base_line, *revision_line), place.is_root());
        let key = (
            *rule,
            cause.clone(),
            pointer.clone(),
            lines,
            site.part.clone(),
            place.within,
            at_root,
        );
        match known.get(&key).and_then(|at: &usize| out.get_mut(*at)) {
            Some(first) => first.reach.append(&mut it.reach),
            None => {
                known.insert(key, out.len());
                out.push(it);
            }
        }
    }
    for it in &mut out {
        if it.reach.is_sorted_by(|l, r| l.0 < r.0) {
            continue;
        }
        // Of several places in an operation the nearest.
        it.reach.sort_by_cached_key(|(operation, way)| {
            let place = numbers.place(*way);
            (*operation, place.steps.len(), place)
        });
        it.reach.dedup_by_key(|it| it.0);
    }
    out.sort_by_cached_key(|Found { change, reach }| {
        let place =
            reach.first().map(|(operation, way)| (*operation, numbers.place(*way).to_string()));
        let (first, place) = place.unzip();
        let Change { rule, pointer, cause, .. } = change;
        (first, Reverse(change.level()), rule.id(), pointer.clone(), place, cause.clone())
    });
    out
}
