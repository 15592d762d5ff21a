//! Two OpenAPI documents, judged: what changed from one to the other, and what that does to a client.
//!
//! `types` is only the shape, and `rules` the tables from which each finding has its level. The other files in
//! the order of the data: `canonical` brings schemas into one spelling (`vocabulary` knows its keywords), `view`
//! looks through references, `graph` and `equal` say which schemas stand against each other, `sides` holds
//! paths and operations that do, `paths` lines them up; `operation`, `parameters`, `bodies`, `encoding`,
//! `events` and `schema` judge what is inside of them, `security` and `servers` who may call them and where,
//! `document` what stands outside; `findings` gathers it all, and `settle` makes one report of the two
//! readings.
//!
//! The crate is pure: no file, network, clock or environment. It knows contracts, not the Rust made of them.

mod bodies;
mod canonical;
mod document;
mod encoding;
mod equal;
mod events;
mod findings;
mod graph;
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
pub use types::{Change, Comparison, Counts, Part, Policy, Site, Stability};

use conversations_document::{
    Document, Version,
    document::Moves,
    lower::swagger2::{self, Converted},
};
use findings::Findings;
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
    let read = |roots: [&Value; 2], moves: [Vec<Moves>; 2], form: Form| {
        let (old, new) = (Side::of(roots[0]), Side::of(roots[1]));
        let mut graph = Graph::new(old, new, form);
        let mut findings = Findings::new(base, revision, moves, policy);
        document::judge(&old, &new, &mut findings);
        paths::judge(&mut graph, &mut findings);
        findings.changes
    };
    let canonical = (canonical::of(&base_root), canonical::of(&revision_root));
    let changes = match canonical {
        (None, None) => {
            let moves = [vec![base_lift], vec![revision_lift]];
            read([&base_root, &revision_root], moves, Form::Canonical)
        }
        (old, new) => {
            let whole = |it: Option<(Value, Moves)>, root: &Value, lift: &Moves| match it {
                Some((root, moves)) => (root, vec![moves, lift.clone()]),
                None => (root.clone(), vec![lift.clone()]),
            };
            let (old, old_moves) = whole(old, &base_root, &base_lift);
            let (new, new_moves) = whole(new, &revision_root, &revision_lift);
            let meant = read([&old, &new], [old_moves, new_moves], Form::Canonical);
            let moves = [vec![base_lift], vec![revision_lift]];
            let written = read([&base_root, &revision_root], moves, Form::Written);
            settle::settle(written, meant)
        }
    };
    Comparison::of(arrange(changes))
}

/// `root` in the shape of OpenAPI 3.x, and the way back to its own pointers.
fn openapi3(root: &Value) -> (Cow<'_, Value>, Moves) {
    if Version::of(root) != Some(Version::Swagger2) {
        return (Cow::Borrowed(root), Moves::default());
    }
    let Converted { root, moves, .. } = swagger2::convert(root);
    (Cow::Owned(root), moves)
}

/// Sorts by operation and weight, and drops what was found twice.
fn arrange(mut changes: Vec<Change>) -> Vec<Change> {
    let mut order: BTreeMap<String, usize> = BTreeMap::from([(String::new(), 0)]);
    for change in &changes {
        let next = order.len();
        order.entry(change.operation.clone()).or_insert(next);
    }
    let place = |it: &Change| order.get(&it.operation).copied().unwrap_or_default();
    changes.sort_by_cached_key(|it| {
        (place(it), Reverse(it.level()), it.rule.id(), it.pointer.clone(), it.text.clone())
    });
    changes.dedup_by(|l, r| {
        let said = |it: &Change| (it.base_line, it.revision_line, it.operation.clone());
        (l.rule, &l.pointer, &l.text, said(l)) == (r.rule, &r.pointer, &r.text, said(r))
    });
    changes
}
