//! The workspace's own commands. For now: `diff`.

mod diff;
mod read;

use clap::{Parser, Subcommand};
use diff::{Format, Level};
use std::{io::Write, path::PathBuf, process::ExitCode};

/// The workspace's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what changes from one document to another.
    Diff {
        /// The document that clients were built for.
        base: PathBuf,
        /// The document to come.
        revision: PathBuf,
        /// How to write the report.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Exit with 1 where some change is at least this grave.
        #[arg(long, value_parser = ["error", "warning", "info"])]
        fail_on: Option<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Command::Diff { base, revision, format, fail_on } = arguments.command;
    let report = diff::compare(&read::read(&base)?, &read::read(&revision)?);
    let mut out = anstream::stdout();
    diff::display::display(&report, format, &mut out)?;
    out.flush()?;
    let limit = fail_on.map(|it| match it.as_str() {
        "error" => Level::Error,
        "warning" => Level::Warning,
        _ => Level::Info,
    });
    let fails = limit.is_some_and(|it| report.reaches(it));
    Ok(if fails { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
