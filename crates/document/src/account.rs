//! Which keys the specifications give to each kind of object, and what becomes of each: the grammar, to be read by
//! others.

use crate::{
    grammar::{KINDS, Use},
    note::Code,
};

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A client, its documentation or a comparison depends on it; the stage that reads it.
    Consumed(&'static str),
    /// It says nothing by itself; its parts are accounted for.
    Holds,
    /// A note of this code says what is not done with it.
    Noted(Code),
    /// It says nothing to a client.
    Silent,
}

/// One key of a kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind, for example `Operation`; those of Swagger 2.0 end with a 2.
    pub kind: String,
    /// The key.
    pub key: &'static str,
    /// What becomes of it.
    pub fate: Fate,
}

/// Every key of every kind.
pub fn entries() -> Vec<Entry> {
    let mut out = Vec::new();
    for kind in KINDS {
        for field in kind.fields() {
            let fate = match field.used {
                Use::Consumed(stage) => Fate::Consumed(stage),
                Use::Holds => Fate::Holds,
                Use::Noted(code) => Fate::Noted(code),
                Use::Lost(loss, _) => Fate::Noted(loss.code()),
                Use::Silent => Fate::Silent,
            };
            out.push(Entry { kind: format!("{kind:?}"), key: field.key, fate });
        }
    }
    out
}
