//! A tree that remembers where each node came from.

use crate::fault::{self, Fault};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Where a node was written: the file as the caller named it and the line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file as the caller named it.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 where it is not known.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

/// An OpenAPI document (or any YAML or JSON file) as a tree with origins.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name of the main file.
    pub file: Arc<str>,
    /// The tree itself.
    pub root: Value,
    /// The origin of every node, by JSON Pointer.
    pub origins: BTreeMap<String, Origin>,
}

impl Document {
    /// The origin of the node at `pointer`, or of its nearest ancestor that has one.
    pub fn origin(&self, pointer: &str) -> Origin {
        let unknown = || Origin { file: self.file.clone(), line: 0 };
        nearest(&self.origins, pointer).map_or_else(unknown, |(_, origin)| origin.clone())
    }

    /// A fault located at `pointer`.
    pub fn fault(
        &self,
        pointer: &str,
        code: impl Into<fault::Code>,
        help: impl Into<String>,
    ) -> Fault {
        let origin = self.origin(pointer);
        Fault {
            file: origin.file.to_string(),
            line: (origin.line > 0).then_some(origin.line),
            pointer: pointer.to_owned(),
            code: Box::new(code.into()),
            help: help.into(),
            repair: None,
        }
    }
}

/// The entry of `pointer` in `known`, or of its nearest ancestor that has one.
fn nearest<'a, T>(known: &'a BTreeMap<String, T>, pointer: &'a str) -> Option<(&'a str, &'a T)> {
    let mut at = pointer;
    loop {
        match known.get(at) {
            Some(entry) => return Some((at, entry)),
            None if at.is_empty() => return None,
            None => at = parent(at),
        }
    }
}

/// Which pointers of a rewritten document stand for which pointers of the document as it was.
#[derive(Debug, Clone, Default)]
pub struct Moves(BTreeMap<String, String>);

impl Moves {
    /// The pointer that `pointer` stands for: the longest moved prefix decides.
    pub fn original(&self, pointer: &str) -> String {
        match nearest(&self.0, pointer) {
            Some((new, old)) => format!("{old}{}", &pointer[new.len()..]),
            None => pointer.to_owned(),
        }
    }

    /// Notes that the node at `new` stood at `old`.
    pub fn add(&mut self, new: String, old: String) {
        self.0.insert(new, old);
    }

    /// Gives the moved nodes the origins that they had.
    pub(crate) fn apply(&self, origins: &mut BTreeMap<String, Origin>) {
        let before = origins.clone();
        for (new, old) in &self.0 {
            copy_origins(origins, Some(&before), old, new);
        }
    }
}

/// Copies the origins at and below `from` (in `source`, or in `origins` itself) to `to`.
pub(crate) fn copy_origins(
    origins: &mut BTreeMap<String, Origin>,
    source: Option<&BTreeMap<String, Origin>>,
    from: &str,
    to: &str,
) {
    let copies: Vec<(String, Origin)> = source
        .unwrap_or(origins)
        .range(from.to_owned()..)
        .take_while(|(pointer, _)| pointer.starts_with(from))
        .filter_map(|(pointer, origin)| {
            let rest = &pointer[from.len()..];
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| (format!("{to}{rest}"), origin.clone()))
        })
        .collect();
    origins.extend(copies);
}

/// A key as a step of a JSON Pointer (RFC 6901).
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key that a step of a JSON Pointer stands for.
pub fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// `pointer` extended by one key.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escaped(key))
}

/// The keys of a pointer, unescaped.
pub fn keys(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// The pointer of the node that holds the one at `pointer`; the root's own is the root.
pub fn parent(pointer: &str) -> &str {
    pointer.rfind('/').map_or("", |cut| &pointer[..cut])
}
