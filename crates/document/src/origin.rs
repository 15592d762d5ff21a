//! Where a node was written.

use std::{fmt, sync::Arc};

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
