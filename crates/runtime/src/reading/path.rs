//! Places in an answer, as they are written for people: `messages[3].createdAt`.

use std::fmt;

/// A longer name is not written into a path. It is not cut either: of a credential that it repeats, the censor would not know
/// the part that is left.
const MAX_NAME: usize = 64;

/// A place in an answer, as a chain up to its root.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

/// One step into a JSON value.
#[derive(Clone, Copy)]
pub(super) enum Step<'p> {
    /// To a member of an object.
    Name(&'p str),
    /// To a value of a map, whose names are content.
    Key(&'p str),
    /// To an item of a list.
    Index(usize),
}

/// A step that outlives the value.
#[derive(Debug)]
pub(super) enum OwnedStep {
    Name(Box<str>),
    Key(Box<str>),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(super) const ROOT: Self = Self { parent: None, step: Step::Name("") };

    pub(super) const fn child(&'p self, step: Step<'p>) -> Self {
        Self { parent: Some(self), step }
    }
}

impl Step<'_> {
    pub(super) fn to_owned(self) -> OwnedStep {
        match self {
            Self::Name(name) => OwnedStep::Name(short(name).into()),
            Self::Key(name) => OwnedStep::Key(short(name).into()),
            Self::Index(index) => OwnedStep::Index(index),
        }
    }
}

fn short(name: &str) -> &str {
    if name.chars().nth(MAX_NAME).is_none() { name } else { "(a long name)" }
}

/// Appends a step: `a.b[0]`.
fn append(path: &mut String, step: Step<'_>) {
    match step {
        Step::Name(name) | Step::Key(name) => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(short(name));
        }
        Step::Index(index) => path.push_str(&format!("[{index}]")),
    }
}

pub(super) fn joined(path: &str, below: &[OwnedStep]) -> String {
    let mut path = path.to_owned();
    // A failure gathers its steps on the way up.
    for step in below.iter().rev() {
        match step {
            OwnedStep::Name(name) => append(&mut path, Step::Name(name)),
            OwnedStep::Key(name) => append(&mut path, Step::Key(name)),
            OwnedStep::Index(index) => append(&mut path, Step::Index(*index)),
        }
    }
    path
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(Path { parent: Some(parent), step }) = here {
            steps.push(*step);
            here = Some(parent);
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            append(&mut path, step);
        }
        f.write_str(&path)
    }
}
