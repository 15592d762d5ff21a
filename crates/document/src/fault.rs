//! What is wrong with an input, where, why, and what to write instead.
//!
//! Faults are values: a stage collects as many as it can find and returns them together, so that a
//! maintainer mends a document in one round.

use crate::pointer::Pointer;
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
}

/// What is wrong: data where something acts upon it, else words. [`Display`](fmt::Display) makes the sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// What only a person has to read.
    Other(String),
    /// A key or a value is not one of those known.
    Unknown {
        /// `key` or `value`.
        what: &'static str,
        /// As it is written.
        name: String,
    },
    /// A key is missing.
    Missing(String),
    /// A key occurs twice.
    Duplicate(String),
    /// A value is of another kind than its key has.
    WrongKind {
        /// The key.
        key: String,
        /// What it holds, in words.
        found: &'static str,
        /// What it should hold, in words.
        wanted: &'static str,
    },
    /// An action of an overlay finds nothing in the file.
    MatchesNothing {
        /// The target.
        query: String,
        /// The document that it was looked for in.
        file: String,
    },
    /// What an action copies is not one node.
    NotOneSource {
        /// The query for what is copied.
        query: String,
        /// How many nodes it finds.
        found: usize,
        /// The document that they were looked for in.
        file: String,
    },
    /// A declaration names a parameter that its operation lacks.
    NoParameter {
        /// The parameter.
        name: String,
        /// Where it was looked for, for example `query or header`.
        places: String,
    },
    /// A reference leads nowhere.
    DanglingReference {
        /// The reference as it is written.
        reference: String,
        /// Why its file could not be read, where that is the reason.
        why: Option<String>,
    },
    /// A list names an operation that the document lacks.
    NoOperation {
        /// Its name in the list.
        name: String,
        /// The HTTP method.
        method: String,
        /// The path.
        path: String,
        /// The document that it was looked for in.
        file: String,
    },
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Other(message) => out.write_str(message),
            Code::Unknown { what, name } => write!(out, "the {what} `{name}` is unknown here"),
            Code::Missing(key) => write!(out, "`{key}` is missing"),
            Code::Duplicate(key) => write!(out, "the key `{key}` occurs twice"),
            Code::WrongKind { key, found, wanted } => {
                write!(out, "`{key}` is {found}, not {wanted}")
            }
            Code::MatchesNothing { query, file } => {
                write!(out, "`{query}` matches nothing in {file}")
            }
            Code::NotOneSource { query, found, file } => {
                write!(out, "`{query}` selects {found} nodes in {file}, and a copy has one source")
            }
            Code::NoParameter { name, places } => {
                write!(out, "the operation has no {places} parameter `{name}`")
            }
            Code::DanglingReference { reference, why } => {
                write!(out, "`$ref: {reference}` leads nowhere")?;
                why.iter().try_for_each(|why| write!(out, ": {why}"))
            }
            Code::NoOperation { name, method, path, file } => write!(
                out,
                "the SDK's `{name}` is `{method} {path}`, and {file} has no such operation"
            ),
        }
    }
}

impl From<String> for Code {
    fn from(message: String) -> Self {
        Code::Other(message)
    }
}

impl From<&str> for Code {
    fn from(message: &str) -> Self {
        Code::Other(message.to_owned())
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
    pub fn of_file(file: &str, code: impl Into<Code>, help: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            pointer: Pointer::ROOT,
            code: Box::new(code.into()),
            help: help.into(),
            repair: None,
        }
    }
}

impl Fault {
    /// The same with what a machine can do about it.
    pub fn with(self, repair: Repair) -> Self {
        Self { repair: Some(Box::new(repair)), ..self }
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
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.code)?;
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
