//! What changed: finds the changes whose shape is in `types` and that `display` prints.
//!
//! The files here in the order of the data: `upgrade` lifts Swagger 2.0, `view` looks through
//! references, `graph` and `equal` say which schemas stand against each other, `paths` lines up the
//! operations, `operation`, `parameters`, `bodies` and `schema` judge what is inside of them,
//! `document` what stands outside, and `findings` gathers it all.

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
mod schema;
mod upgrade;
mod view;

use super::types::Change;
use conversations_document::Document;
use findings::Findings;
use graph::Graph;
use std::collections::HashMap;
use view::Side;

/// The changes from `base` to `revision`: those of the document first, then operation by operation
/// in the order of the documents, worst first within each.
pub fn detect(base: &Document, revision: &Document) -> Vec<Change> {
    let (base_root, base_moves) = upgrade::lift(&base.root);
    let (revision_root, revision_moves) = upgrade::lift(&revision.root);
    let (base_side, revision_side) = (Side::of(&base_root), Side::of(&revision_root));
    let mut graph = Graph::new(base_side, revision_side);
    let mut findings = Findings::new(base, revision, (base_moves, revision_moves));
    document::judge(&base_side, &revision_side, &mut findings);
    paths::judge(&mut graph, &mut findings);
    arrange(findings.changes)
}

/// Sorts by operation and weight, and drops what was found twice.
fn arrange(mut changes: Vec<Change>) -> Vec<Change> {
    let mut order: HashMap<String, usize> = HashMap::from([(String::new(), 0)]);
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
