//! What the passes share: origins to locate with, notes taken, faults found.

use super::swagger2::{self, Converted};
use crate::{
    document::{Document, copy_origins},
    fault::{self, Fault, Faults, Result},
    note::{Done, Note, Stage},
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The document without its tree, and what was found out about it so far.
#[derive(Debug)]
pub(crate) struct Context {
    document: Document,
    notes: Vec<Note>,
    faults: Vec<Fault>,
    /// The security schemes that are a certificate of the client, which connections have and requests do not carry.
    pub(super) certificates: BTreeSet<String>,
    /// The named schemas of which null is the only value.
    pub(super) nulls: BTreeSet<String>,
    /// The named schemas as written, where a schema has a condition that may refer to one.
    pub(super) named: Map<String, Value>,
}

impl Context {
    /// Parts a document into the tree, which passes change, and the rest, which they consult.
    pub(crate) fn open(mut document: Document) -> (Self, Value) {
        let root = document.root.take();
        let (notes, faults, certificates, nulls, named) = Default::default();
        (Self { document, notes, faults, certificates, nulls, named }, root)
    }

    /// Joins both again; every fault found makes the whole fail.
    pub(crate) fn close(self, root: Value) -> Result<(Document, Vec<Note>)> {
        Faults::check(self.faults)?;
        Ok((Document { root, ..self.document }, self.notes))
    }

    /// Stops here where faults were found.
    pub(crate) fn stop(&self) -> Result<()> {
        Faults::check(self.faults.clone())
    }

    /// Notes what was done at `pointer`.
    pub(crate) fn note(&mut self, pointer: &str, done: Done) {
        let origin = self.document.origin(pointer);
        self.notes.push(Note { stage: Stage::Lower, done, pointer: pointer.into(), origin });
    }

    /// Records what cannot be lowered at `pointer`.
    pub(crate) fn fault(&mut self, pointer: &str, code: fault::Code, help: &str) {
        self.faults.push(self.document.fault(pointer, code, help));
    }

    /// `root` of Swagger 2.0 as OpenAPI 3.0.
    pub(crate) fn convert(&mut self, root: &Value) -> Value {
        let Converted { root, moves, notes } = swagger2::convert(root);
        for (at, done) in notes {
            self.note(&at, done);
        }
        moves.apply(&mut self.document.origins);
        root
    }

    /// Lets the nodes at and below `to` have the origins of those at and below `from`, whose copy
    /// or new place they are.
    pub(crate) fn copy_origins(&mut self, from: &str, to: &str) {
        copy_origins(&mut self.document.origins, None, from, to);
    }
}
