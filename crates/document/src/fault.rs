//! What is wrong with an input, where, why, and what to write instead.
//!
//! Faults are values: a stage collects as many as it can find and returns them together, so that a
//! maintainer mends a document in one round.

mod code;

pub use code::{Code, Likewise, Subject};

use crate::{origin::Origin, pointer::Pointer};
use serde_json::Value;
use std::fmt;

/// One thing wrong with an input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file as the caller named it, for example `specs/acme/overlay.yaml`.
    pub file: String,
    /// The line in that file, counted from 1, where it is known.
    pub line: Option<u32>,
    /// The JSON Pointer into that file (RFC 6901), empty for the whole document.
    pub pointer: Pointer,
    /// What happened and why it cannot stand.
    pub code: Box<Code>,
    /// What to do next. Empty where nothing better can be said than the message.
    pub help: String,
    /// What a machine can do about it in that file, at the pointer.
    pub repair: Option<Box<Repair>>,
    /// The line as it is written, where the text could not be read as a tree.
    pub excerpt: Option<Box<Excerpt>>,
}

/// A line of a text and a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The column, counted from 1.
    pub column: u32,
    /// The line, or the part of it around the column.
    line: String,
    /// The characters of `line` before the column.
    before: usize,
}

impl Excerpt {
    /// The place of a text whose line and column are counted from 0. A document on one line is cut around it.
    fn new(text: &str, line: usize, column: usize) -> Self {
        const BEFORE: usize = 50;
        const LENGTH: usize = 100;
        let line = text.lines().nth(line).unwrap_or_default();
        let column = column.min(line.chars().count());
        let start = if line.chars().count() > LENGTH { column.saturating_sub(BEFORE) } else { 0 };
        let shown = |it| match it {
            '\t' => '→',
            it if char::is_control(it) => '·',
            it => it,
        };
        Self {
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
            line: line.chars().skip(start).take(LENGTH).map(shown).collect(),
            before: column - start,
        }
    }
}

/// What mends a file, at the pointer of the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The entry goes.
    Remove,
    /// This text goes from the list.
    RemoveItem(String),
    /// The value becomes this one.
    Replace(String),
    /// The list gains this entry.
    Add(Value),
}

impl Fault {
    /// A fault that concerns a whole file.
    pub fn of_file(file: &str, code: impl Into<Box<Code>>, help: impl Into<String>) -> Self {
        let origin = Origin { file: file.into(), line: 0 };
        Self::at(&origin, Pointer::ROOT, code, help)
    }

    /// A fault that concerns the node at `pointer`, which was written at `origin`.
    pub fn at(
        origin: &Origin,
        pointer: Pointer,
        code: impl Into<Box<Code>>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            file: origin.file.to_string(),
            line: Some(origin.line).filter(|it| *it > 0),
            pointer,
            code: code.into(),
            help: help.into(),
            repair: None,
            excerpt: None,
        }
    }

    /// The same with what a machine can do about it.
    pub fn with(self, repair: Repair) -> Self {
        Self { repair: Some(Box::new(repair)), ..self }
    }

    /// The same with the place in `text`, whose line and column are counted from 0.
    pub(crate) fn shown_in(self, text: &str, line: usize, column: usize) -> Self {
        let excerpt = Some(Box::new(Excerpt::new(text, line, column)));
        let line = u32::try_from(line).ok().map(|it| it.saturating_add(1));
        Self { line, excerpt, ..self }
    }

    /// Whether the two differ in their places only.
    fn has_cause_of(&self, other: &Fault) -> bool {
        self.code == other.code && self.help == other.help
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(it) = &self.excerpt {
            write!(f, ":{}", it.column)?;
        }
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.code)?;
        if let Some(Excerpt { line, before, .. }) = self.excerpt.as_deref() {
            write!(f, "\n  | {line}\n  | {:before$}^", "")?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help.replace('\n', "\n        "))?;
        }
        Ok(())
    }
}

/// Everything wrong that one stage found; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// `Ok` where nothing was found, else all of it, in the order of files and lines.
    pub fn check(mut found: Vec<Fault>) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        found.sort_by_cached_key(|it| {
            (it.file.clone(), it.line, it.pointer.clone(), it.code.to_string(), it.help.clone())
        });
        found.dedup();
        Err(Faults(found))
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One cause is said once, however many places it has.
        let mut causes: Vec<(&Fault, Vec<&Fault>)> = Vec::new();
        for fault in &self.0 {
            match causes.iter_mut().find(|(it, _)| it.has_cause_of(fault)) {
                Some((_, more)) => more.push(fault),
                None => causes.push((fault, Vec::new())),
            }
        }
        for (i, (fault, more)) in causes.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
            const SHOWN: usize = 3;
            for (i, place) in more.iter().take(SHOWN).enumerate() {
                let lead = if i == 0 { "\n  also in " } else { ", " };
                match place.line {
                    Some(line) => write!(f, "{lead}{}:{line} at {}", place.file, place.pointer)?,
                    None => write!(f, "{lead}{} at {}", place.file, place.pointer)?,
                }
            }
            if more.len() > SHOWN {
                write!(f, ", and in {} more", more.len() - SHOWN)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The result of a stage.
pub type Result<T> = std::result::Result<T, Faults>;
