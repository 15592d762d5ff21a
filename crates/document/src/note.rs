//! What a stage changed and why: the raw material of `cargo xtask explain`.

use std::collections::{BTreeMap, btree_map::Entry};

/// One lowering or normalisation that was applied to a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The stage that did it, for example `lower`.
    pub stage: &'static str,
    /// The rule by name, for example `type-array`.
    pub rule: &'static str,
    /// The JSON Pointer of the node in the document.
    pub pointer: String,
    /// The file and line the node came from, as `file:line`.
    pub origin: String,
    /// What was done, in one sentence.
    pub what: String,
    /// The limit of the generator that it avoids, where there is one.
    pub limit: Option<&'static str>,
    /// Whether the result says less than the document did.
    pub loss: bool,
}

/// What a loss costs, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// A call cannot be made as the document means it, or not at all.
    Calls,
    /// Something of a request or an answer is out of reach.
    Data,
    /// A rule of the document is not checked, or a word of it is not shown.
    Rules,
}

/// The losses that cost something else than data, by rule.
const COSTS: &[(Cost, &[&str])] = &[
    (
        Cost::Calls,
        &[
            "unknown-server",
            "security-scheme-type",
            "method",
            "unusable-parameter",
            "parameter",
            "parameter-not-in-path",
            "request-media-types",
            "not-sent",
            "unknown-security-scheme",
            "swagger-2-loss",
        ],
    ),
    (
        Cost::Rules,
        &[
            "keyword-loss",
            "webhooks",
            "callbacks",
            "links",
            "text-reference",
            "pattern-properties",
            "type-only-null",
            "unknown-key",
            "not-checked",
        ],
    ),
];

impl Note {
    /// What the loss costs; nothing where it is none.
    pub fn cost(&self) -> Option<Cost> {
        let listed = COSTS.iter().find(|(_, rules)| rules.contains(&self.rule));
        self.loss.then_some(listed.map_or(Cost::Data, |(cost, _)| *cost))
    }
}

/// Notes that say the same of several places, together, in the order of their first.
pub fn folded<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<Vec<&'a Note>> {
    let mut out: Vec<Vec<&Note>> = Vec::new();
    let mut known: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for note in notes {
        match known.entry((note.stage, note.rule, note.what.as_str())) {
            Entry::Occupied(at) => {
                if let Some(same) = out.get_mut(*at.get()) {
                    same.push(note);
                }
            }
            Entry::Vacant(free) => {
                free.insert(out.len());
                out.push(vec![note]);
            }
        }
    }
    out
}
