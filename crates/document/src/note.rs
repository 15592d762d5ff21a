//! What a stage changed and why: the raw material of `cargo xtask explain`.

mod code;

pub use code::{Code, Done};

use crate::{
    origin::Origin,
    pointer::Pointer,
    suggest::{nearest, quoted},
};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

/// One lowering or normalisation that was applied to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The stage that did it.
    pub stage: Stage,
    /// What it did.
    pub done: Done,
    /// The JSON Pointer of the node in the document.
    pub pointer: Pointer,
    /// The file and line the node came from.
    pub origin: Origin,
}

/// A stage that changes documents, in the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// An action of an overlay was applied.
    Overlay,
    /// OpenAPI 3.1 and Swagger 2.0 became 3.0.
    Lower,
    /// The document became a plan of a client.
    Normalize,
    /// What no provider's folder says was read from the document.
    Derive,
}

impl Stage {
    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Overlay => "overlay",
            Stage::Lower => "lower",
            Stage::Normalize => "normalize",
            Stage::Derive => "derive",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
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

/// A list of names in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names(pub Vec<String>);

impl fmt::Display for Names {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&quoted(self.0.iter().map(String::as_str)))
    }
}

/// What a misspelt word was meant to be, at the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meant(Option<String>);

impl Meant {
    /// The nearest of the words that would have been right.
    pub(crate) fn among<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Self {
        Self(nearest(wrong, right, 1).first().map(|it| (*it).to_owned()))
    }
}

impl fmt::Display for Meant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(out, "; did you mean `{it}`?"))
    }
}

/// Where the reason of an action was found, at the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source(pub Option<String>);

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(out, " (source: {it})"))
    }
}

impl Ord for Note {
    /// By stage, code and place, as reports list them.
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |it: &Self| (it.stage, it.code());
        place(self)
            .cmp(&place(other))
            .then_with(|| (&self.pointer, &self.origin).cmp(&(&other.pointer, &other.origin)))
            .then_with(|| self.done.cmp(&other.done))
    }
}

impl PartialOrd for Note {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Note {
    /// What it did, as one of a known list.
    pub fn code(&self) -> Code {
        self.done.code()
    }

    /// What the loss costs; nothing where it is none.
    pub fn cost(&self) -> Option<Cost> {
        self.code().cost()
    }

    /// Whether the result says less than the document did.
    pub fn is_loss(&self) -> bool {
        self.cost().is_some()
    }
}

/// Notes that say the same of several places, together, in the order of their first.
pub fn folded<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<Vec<&'a Note>> {
    let mut out: Vec<Vec<&Note>> = Vec::new();
    let mut known: BTreeMap<(Stage, &Done), usize> = BTreeMap::new();
    for note in notes {
        match known.entry((note.stage, &note.done)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_have_distinct_names() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
