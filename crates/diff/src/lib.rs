//! Two OpenAPI documents, judged: what changed from one to the other, and what that does to a client.
//!
//! `types` is only the shape, and `rules` the table that gives each finding its level. The other files in
//! the order of the data: `upgrade` lifts Swagger 2.0, `view` looks through references, `graph` and `equal`
//! say which schemas stand against each other, `sides` holds paths and operations that do, `paths` lines
//! them up, `operation`, `parameters`, `bodies` and `schema` judge what is inside of them, `document` what
//! stands outside, and `findings` gathers it all.
//!
//! The crate is pure: no file, network, clock or environment. It knows contracts, not the Rust made of them.

mod bodies;
mod document;
mod equal;
mod findings;
mod graph;
mod lifecycle;
mod media;
mod operation;
mod parameters;
mod paths;
mod rules;
mod schema;
mod sides;
mod types;
mod upgrade;
mod view;

pub use types::{Change, Comparison, Counts, Level, Part, Site};

use conversations_document::Document;
use findings::Findings;
use graph::Graph;
use jiff::civil::Date;
use std::collections::BTreeMap;
use view::Side;

/// What changed from `base` to `revision`, seen on the day `today`: the changes of the document first, then
/// operation by operation in the order of the documents, worst first within each.
pub fn compare(base: &Document, revision: &Document, today: Date) -> Comparison {
    let (base_root, base_moves) = upgrade::lift(&base.root);
    let (revision_root, revision_moves) = upgrade::lift(&revision.root);
    let (base_side, revision_side) = (Side::of(&base_root), Side::of(&revision_root));
    let mut graph = Graph::new(base_side, revision_side);
    let mut findings = Findings::new(base, revision, (base_moves, revision_moves), today);
    document::judge(&base_side, &revision_side, &mut findings);
    paths::judge(&mut graph, &mut findings);
    Comparison::of(arrange(findings.changes))
}

/// Sorts by operation and weight, and drops what was found twice.
fn arrange(mut changes: Vec<Change>) -> Vec<Change> {
    let mut order: BTreeMap<String, usize> = BTreeMap::from([(String::new(), 0)]);
    for change in &changes {
        let next = order.len();
        order.entry(change.operation.clone()).or_insert(next);
    }
    let place = |it: &Change| order.get(&it.operation).copied().unwrap_or_default();
    changes.sort_by(|l, r| {
        (place(l), std::cmp::Reverse(l.level), &l.id, &l.pointer, &l.text).cmp(&(
            place(r),
            std::cmp::Reverse(r.level),
            &r.id,
            &r.pointer,
            &r.text,
        ))
    });
    changes.dedup_by(|l, r| {
        let said = |it: &Change| (it.base_line, it.revision_line, it.operation.clone());
        (&l.id, &l.pointer, &l.text, said(l)) == (&r.id, &r.pointer, &r.text, said(r))
    });
    changes
}
