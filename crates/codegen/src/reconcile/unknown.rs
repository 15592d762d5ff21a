//! Names in the document that nothing has, such as after a slip of the pen.

use crate::{normalize::normalize, overlay::Overlaid};
use conversations_document::{
    Document, Fault, Note,
    fault::{self, Code},
    lookup,
    lower::{TYPES, lower},
    note::Done,
    reference, suggest,
};
use std::collections::BTreeMap;

/// References, types and security schemes that do not exist, or what else keeps the document from being read.
pub(super) fn names(overlaid: &Overlaid) -> Vec<Fault> {
    let Overlaid { document, provider, .. } = overlaid;
    let notes = || -> fault::Result<Vec<Note>> {
        let lowered = lower(document.clone())?;
        Ok(normalize(&lowered.document, &BTreeMap::new(), provider, lowered.notes)?.notes)
    };
    match notes() {
        Ok(notes) => notes.iter().filter_map(|it| unknown(it, document)).collect(),
        Err(faults) => faults.0,
    }
}

fn unknown(note: &Note, document: &Document) -> Option<Fault> {
    let (code, help) = match &note.done {
        Done::TypeUnknown { spelled, meant: _ } => {
            let help = suggest::known(spelled, "types:", TYPES);
            (Code::Unknown { what: "type", name: spelled.clone() }, help)
        }
        Done::UndeclaredScheme { scheme } => {
            let names = ["/components/securitySchemes", "/securityDefinitions"]
                .map(|it| lookup::keys(&document.root, it))
                .concat();
            let help = suggest::known(scheme, "schemes:", names);
            (Code::NoScheme { file: document.file.to_string(), scheme: scheme.clone() }, help)
        }
        done => {
            let reference = done.dangling()?;
            let home = reference::local(reference).map(|it| it.parent()).unwrap_or_default();
            let beside: Vec<String> = lookup::keys(&document.root, &home)
                .into_iter()
                .map(|it| reference::reference_to(&home.child(it)))
                .collect();
            let help = match &suggest::nearest(reference, beside.iter().map(String::as_str), 1)[..]
            {
                [] => "correct the reference, or add what it names".to_owned(),
                near => format!("did you mean {}?", suggest::quoted(near.iter().copied())),
            };
            (Code::DanglingReference { reference: reference.to_owned() }, help)
        }
    };
    Some(Fault::at(&note.origin, note.pointer.clone(), code, help))
}
