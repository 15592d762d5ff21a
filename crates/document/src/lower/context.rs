//! What the passes share: origins to locate with, notes taken, faults found.

use crate::note::{Code, Stage};
use crate::{
    document::{Document, Origin},
    fault::{Fault, Faults, Result},
    note::Note,
    pointer::copy_origins,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// The document without its tree, and what was found out about it so far.
#[derive(Debug)]
pub(crate) struct Context {
    file: Arc<str>,
    origins: BTreeMap<String, Origin>,
    notes: Vec<Note>,
    faults: Vec<Fault>,
}

impl Context {
    /// Parts a document into the tree, which passes change, and the rest, which they consult.
    pub(crate) fn open(document: Document) -> (Self, Value) {
        let Document { file, root, origins } = document;
        (Self { file, origins, notes: Vec::new(), faults: Vec::new() }, root)
    }

    /// Joins both again; every fault found makes the whole fail.
    pub(crate) fn close(self, root: Value) -> Result<(Document, Vec<Note>)> {
        Faults::check(self.faults)?;
        Ok((Document { file: self.file, root, origins: self.origins }, self.notes))
    }

    /// Stops here where faults were found.
    pub(crate) fn stop(&self) -> Result<()> {
        Faults::check(self.faults.clone())
    }

    /// The origin of the node at `pointer` or of its nearest ancestor.
    fn origin(&self, pointer: &str) -> Origin {
        let mut at = pointer;
        loop {
            if let Some(origin) = self.origins.get(at) {
                return origin.clone();
            }
            match at.rfind('/') {
                Some(cut) => at = &at[..cut],
                None => return Origin { file: self.file.clone(), line: 0 },
            }
        }
    }

    /// Notes what was done at `pointer`.
    pub(crate) fn note(&mut self, code: Code, pointer: &str, what: impl Into<String>) {
        let origin = self.origin(pointer);
        self.notes.push(Note {
            stage: Stage::Lower,
            code,
            pointer: pointer.to_owned(),
            origin,
            reference: None,
            what: what.into(),
        });
    }

    /// Notes what was done at `pointer` because of the reference `text`.
    pub(crate) fn note_reference(
        &mut self,
        code: Code,
        pointer: &str,
        text: &str,
        what: impl Into<String>,
    ) {
        self.note(code, pointer, what);
        if let Some(note) = self.notes.last_mut() {
            note.reference = Some(text.to_owned());
        }
    }

    /// Records what cannot be lowered at `pointer`.
    pub(crate) fn fault(&mut self, pointer: &str, message: impl Into<String>, help: &str) {
        let origin = self.origin(pointer);
        self.faults.push(Fault {
            file: origin.file.to_string(),
            line: (origin.line > 0).then_some(origin.line),
            pointer: pointer.to_owned(),
            code: Box::new(message.into().into()),
            help: help.to_owned(),
            repair: None,
        });
    }

    /// Lets the nodes at and below `to` have the origins of those at and below `from`, whose copy
    /// or new place they are.
    pub(crate) fn copy_origins(&mut self, from: &str, to: &str) {
        copy_origins(&mut self.origins, None, from, to);
    }
}
