//! `check` and `reconcile`: the gate of a pull request.

use crate::workspace::Workspace;
use clap::CommandFactory as _;
use xtask::{Outcome, check, reconcile, surface::Format};

#[test]
fn what_is_committed_is_current() {
    let workspace = Workspace::new();
    let before = workspace.tree();
    let answer = workspace.run(|place, out, _| check::check(place, false, "2026-01-31", out));
    assert_eq!(answer.outcome, Ok(Outcome::Fine), "{}", answer.out);
    assert_eq!(workspace.tree(), before);
}

#[test]
fn what_is_stale_comes_with_its_repair() {
    let workspace = Workspace::new();
    workspace.edit("specs/brevo/openapi.yaml", "title: ", "title: New ");
    workspace.edit("README.md", "| `brevo` |", "| `brevo` | once");
    workspace.edit("tests/it/snapshots/it__surface__smooch.snap", "get_messages", "got_messages");
    workspace.write("src/error.rs", "// As brevo has it.\n");
    let run = |fix| workspace.run(|place, out, _| check::check(place, fix, "2026-01-31", out));
    let answer = run(false);
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    for part in [
        "specs/brevo/source.yaml",
        "README.md",
        "it__surface__smooch.snap",
        "src/error.rs:1",
        "repair: cargo xtask",
    ] {
        assert!(answer.out.contains(part), "no {part} in {}", answer.out);
    }
    let answer = run(true);
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    assert!(answer.out.ends_with("1 stale\n"), "{}", answer.out);
}

#[test]
fn every_operation_of_every_sdk_is_matched() {
    let workspace = Workspace::new();
    let out =
        workspace.run(|place, out, _| reconcile::reconcile(place, None, Format::Text, out)).fine();
    assert!(out.contains("\n32 of 32 SDK operations matched"), "{out}");
    workspace.edit("specs/smooch/sdk.yaml", "name: get_messages", "name: read_messages");
    let answer = workspace
        .run(|place, out, _| reconcile::reconcile(place, Some("smooch"), Format::Json, out));
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
}

#[test]
fn the_command_line_is_sound() {
    xtask::cli::Cli::command().debug_assert();
}
