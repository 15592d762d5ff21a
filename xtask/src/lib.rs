//! The maintainer's tool: takes a vendor's next document, knows what it does, and leaves a pull request
//! ready to review.
//!
//! All decisions about documents are made by `conversations-document`, `conversations-diff` and
//! `conversations-codegen`, which are pure. Here is what reads
//! and writes: files, the network, git. Every command is a module with a function that takes the
//! workspace's root and a writer, so that tests drive it in a temporary copy.

pub mod cli;

pub mod root;

pub mod fetch;
pub mod input;
pub mod pipeline;
pub mod progress;
pub(crate) mod readme;
pub mod transaction;

pub mod derive;
pub mod impact;
pub mod report;

pub mod check;
pub mod compare;
pub mod composed;
pub mod decisions;
pub mod explain;
pub mod generate;
pub mod new_provider;
pub mod reconcile;
pub mod shares;
pub mod surface;
pub mod update;

use anyhow::Context as _;
use std::{io::Write, path::PathBuf};

/// How a command ended, when it did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// The change is one that `--fail-on` refuses, or breaks what nobody allowed to break.
    Fails,
    /// Something committed is stale.
    Stale,
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Fine => 0,
            Outcome::Fails => 1,
            Outcome::Stale => 4,
        }
    }
}

/// The workspace that a command works in, and where it was called.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The root of the workspace.
    pub root: PathBuf,
    /// Where relative paths of the command line start.
    pub cwd: PathBuf,
}

/// Runs a command and returns the exit code.
pub fn run(cli: cli::Cli, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let result = workspace().and_then(|workspace| cli::dispatch(cli, &workspace, out, err));
    let _ = out.flush();
    match result {
        Ok(outcome) => outcome.code(),
        Err(error) if is_broken_pipe(&error) => 0,
        Err(error) => {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            let _ = writeln!(err, "{style}error:{style:#} {error:#}");
            code(&error)
        }
    }
}

/// The exit code of a command that could not do what it was asked: 3 where the network is why, else 2.
pub fn code(error: &anyhow::Error) -> u8 {
    if error.downcast_ref::<fetch::Failed>().is_some() { 3 } else { 2 }
}

fn workspace() -> anyhow::Result<Workspace> {
    let cwd = std::env::current_dir().context("cannot find the working directory")?;
    Ok(Workspace { root: root::find(&cwd)?, cwd })
}

/// Whether nobody reads any more, as with `… | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|it| it.downcast_ref::<std::io::Error>())
        .any(|it| it.kind() == std::io::ErrorKind::BrokenPipe)
}
