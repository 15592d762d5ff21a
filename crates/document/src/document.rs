//! A tree that remembers where each node came from.

use crate::{
    fault::{Code, Fault},
    origin::Origin,
    pointer::Pointer,
};
use serde_json::Value;
use std::{collections::BTreeMap, ops::Bound, sync::Arc};

/// An OpenAPI document (or any YAML or JSON file) as a tree with origins.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name of the main file.
    pub file: Arc<str>,
    /// The tree itself.
    pub root: Value,
    /// The origin of every node, by JSON Pointer.
    pub origins: BTreeMap<Pointer, Origin>,
}

impl Document {
    /// The origin of the node at `pointer`, or of its nearest ancestor that has one.
    pub fn origin(&self, pointer: &str) -> Origin {
        let unknown = || Origin { file: self.file.clone(), line: 0 };
        nearest(&self.origins, pointer).map_or_else(unknown, |(_, origin)| origin.clone())
    }

    /// The origins at and below `pointer`.
    pub fn origins_inside<'a>(
        &'a self,
        pointer: &'a str,
    ) -> impl Iterator<Item = (&'a Pointer, &'a Origin)> {
        inside(&self.origins, pointer)
    }

    /// A fault located at `pointer`.
    pub fn fault(
        &self,
        pointer: &str,
        code: impl Into<Box<Code>>,
        help: impl Into<String>,
    ) -> Fault {
        Fault::at(&self.origin(pointer), pointer.into(), code, help)
    }
}

/// The entry of `pointer` in `known`, or of its nearest ancestor that has one.
pub fn nearest<'a, T>(
    known: &'a BTreeMap<Pointer, T>,
    pointer: &'a str,
) -> Option<(&'a str, &'a T)> {
    let mut at = pointer;
    loop {
        match known.get(at) {
            Some(entry) => return Some((at, entry)),
            None if at.is_empty() => return None,
            None => at = at.rfind('/').map_or("", |cut| &at[..cut]),
        }
    }
}

/// Which pointers of a rewritten document stand for which pointers of the document as it was.
#[derive(Debug, Clone, Default)]
pub struct Moves(BTreeMap<Pointer, Pointer>);

impl Moves {
    /// The pointer that `pointer` stands for: the longest moved prefix decides.
    pub fn original(&self, pointer: &str) -> Pointer {
        match nearest(&self.0, pointer) {
            Some((new, old)) => format!("{old}{}", &pointer[new.len()..]).into(),
            None => pointer.into(),
        }
    }

    /// Notes that the node at `new` stood at `old`.
    pub fn add(&mut self, new: Pointer, old: Pointer) {
        self.0.insert(new, old);
    }

    /// Gives the moved nodes the origins that they had.
    pub(crate) fn apply(&self, origins: &mut BTreeMap<Pointer, Origin>) {
        let before = origins.clone();
        for (new, old) in &self.0 {
            copy_origins(origins, Some(&before), old, new);
        }
    }
}

/// The origins at and below `pointer`.
pub(crate) fn inside<'a>(
    origins: &'a BTreeMap<Pointer, Origin>,
    pointer: &'a str,
) -> impl Iterator<Item = (&'a Pointer, &'a Origin)> {
    let from = (Bound::Included(pointer), Bound::Unbounded);
    origins
        .range::<str, _>(from)
        .take_while(move |(at, _)| at.starts_with(pointer))
        .filter(move |(at, _)| at.is_within(pointer))
}

/// Copies the origins at and below `from` (in `source`, or in `origins` itself) to `to`.
pub(crate) fn copy_origins(
    origins: &mut BTreeMap<Pointer, Origin>,
    source: Option<&BTreeMap<Pointer, Origin>>,
    from: &str,
    to: &str,
) {
    let copies: Vec<(Pointer, Origin)> = inside(source.unwrap_or(origins), from)
        .filter_map(|(at, origin)| Some((at.moved(from, to)?, origin.clone())))
        .collect();
    origins.extend(copies);
}
