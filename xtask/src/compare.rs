//! `cargo xtask diff`: what changes from one document to another, in the contract and in Rust.

use crate::{
    Outcome, Place,
    diff::{Format, Level, display::display},
    impact,
    input::Input,
    pipeline,
    progress::Progress,
};
use std::io::Write;

/// Compares two documents and prints the report.
pub fn diff(
    place: &Place,
    [base, revision]: [&str; 2],
    format: Format,
    fail_on: Option<Level>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start(format!("reading {base}"));
    let base = pipeline::read(&Input::parse(base, &place.cwd)?)?;
    progress.step(format!("reading {revision}"));
    let revision = pipeline::read(&Input::parse(revision, &place.cwd)?)?;
    progress.step("comparing");
    let (report, hindrances) = impact::of_documents(base, revision)?;
    drop(progress);
    for hindrance in hindrances {
        writeln!(err, "warning: {hindrance}")?;
    }
    display(&report, format, out)?;
    Ok(match fail_on {
        Some(level) if report.reaches(level) => Outcome::Fails,
        _ => Outcome::Fine,
    })
}
