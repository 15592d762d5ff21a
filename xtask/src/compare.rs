//! `cargo xtask diff`: what changes from one document to another, in the contract and in Rust.

use crate::{
    Outcome, Place, impact,
    input::Input,
    pipeline,
    progress::Progress,
    report::{Format, display},
};
use conversations_diff::Level;
use jiff::civil::Date;
use std::io::Write;

/// Compares two documents as of the day `today` and prints the report.
pub fn diff(
    place: &Place,
    [base, revision]: [&str; 2],
    format: Format,
    fail_on: Option<Level>,
    today: Date,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start(format!("reading {base}"));
    let base = pipeline::read(&Input::parse(base, &place.cwd)?)?;
    progress.step(format!("reading {revision}"));
    let revision = pipeline::read(&Input::parse(revision, &place.cwd)?)?;
    progress.step("comparing");
    let (report, hindrances) = impact::of_documents(base, revision, today)?;
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
