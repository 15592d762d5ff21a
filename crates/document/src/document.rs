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
