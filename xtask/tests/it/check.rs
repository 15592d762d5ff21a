//! `check` and `reconcile`: the gate of a pull request.

use crate::workspace::{Answer, Workspace};
use clap::CommandFactory as _;
use serde_json::{Value, json};
use std::fs;
use xtask::{Outcome, check, reconcile, surface::Format};

fn run(workspace: &Workspace, fix: bool) -> Answer {
    workspace.run(|place, out, _| check::check(place, fix, "2026-01-31", out))
}

/// What is said, where something is stale.
fn stale(workspace: &Workspace, fix: bool) -> String {
    let answer = run(workspace, fix);
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    answer.out
}

#[test]
fn what_is_committed_is_current() {
    let workspace = Workspace::new();
    let before = workspace.tree();
    run(&workspace, false).fine();
    assert_eq!(workspace.tree(), before);
}

#[test]
fn what_is_stale_comes_with_its_repair() {
    let workspace = Workspace::new();
    workspace.edit("specs/brevo/openapi.yaml", "title: ", "title: New ");
    workspace.edit("README.md", "| `brevo` |", "| `brevo` | once");
    workspace.edit("tests/it/snapshots/it__surface__smooch.snap", "get_messages", "got_messages");
    workspace.write("src/odd.rs", "const ODD: &str = \"brevo\"; // Not as smooch has it.\n");
    let out = stale(&workspace, false);
    for part in [
        "specs/brevo/source.yaml",
        "README.md",
        "it__surface__smooch.snap",
        "src/odd.rs:1",
        "repair: cargo xtask",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    let before = workspace.read("specs/brevo/source.yaml");
    let out = stale(&workspace, true);
    assert!(out.ends_with("2 stale\n"), "{out}");
    // Whether the document or its hash is right, no machine knows.
    assert_eq!(workspace.read("specs/brevo/source.yaml"), before);
    for way in ["git checkout HEAD -- specs/brevo/openapi.yaml", "update-spec brevo --from FILE"] {
        assert!(out.contains(way), "no {way} in {out}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let workspace = Workspace::new();
    workspace.edit("README.md", "Rust version: 1.88", "Rust version: 1.70");
    workspace.edit(
        "crates/codegen/Cargo.toml",
        "rust-version.workspace = true",
        "rust-version=\"1.70\"",
    );
    // The newest entry is about the revision that source.yaml names, whichever that is.
    let history = workspace.read("specs/brevo/CHANGELOG.md");
    let newest = history.lines().find(|it| it.starts_with("## ")).unwrap().to_owned();
    let (day, _) = newest.trim_start_matches("## ").split_once(": ").unwrap();
    workspace.edit("specs/brevo/CHANGELOG.md", &newest, &format!("## {day}: 13.01"));
    let taken = workspace.read("specs/brevo/source.yaml");
    let said = |key: &str| {
        let line = taken.lines().find_map(|it| it.strip_prefix(&format!("{key}: ")));
        line.unwrap().trim_matches(['\'', '"']).to_owned()
    };
    let (origin, revision) = (said("origin"), said("revision"));
    workspace.edit("specs/brevo/source.yaml", "date: ", "date: yesterday # ");
    workspace.edit("specs/smooch/source.yaml", "origin: ", "origin: '' # ");
    workspace.edit("specs/smscx/source.yaml", "origin: ", "orign: ");
    workspace.write("specs/ultracart/source.yaml", "{origin: here");
    workspace.write("specs/smooch/sandbox.yml", "state: {}\n");
    fs::create_dir(workspace.root.join("specs/acme")).unwrap();
    workspace.write("tests/it/snapshots/it__surface__acme.snap", "---\nsource: x\n---\nacme\n");
    let snapshot = workspace.root.join("tests/it/snapshots/it__surface__brevo.snap");
    fs::write(&snapshot, [0xff, 0xfe, b'\n']).unwrap();
    let out = stale(&workspace, false);
    for part in [
        ": it says Rust 1.70, Cargo.toml says 1.88",
        "crates/codegen/Cargo.toml: it states the minimum Rust version once more",
        &format!("specs/brevo/CHANGELOG.md: the newest entry (line 6) is `{day}: 13.01`"),
        "specs/brevo/source.yaml:5: `yesterday` is not a date",
        "specs/smooch/source.yaml:2: the origin is not filled in",
        "specs/smscx/source.yaml:2: the key `orign` is unknown here",
        "edit specs/smscx/source.yaml:2: did you mean `origin`?",
        "specs/ultracart/source.yaml:",
        "git checkout HEAD -- specs/ultracart/source.yaml",
        "specs/smooch/sandbox.yml: nothing reads it",
        "rename it where it is meant as sandbox.yaml, else remove it",
        "specs/acme: it has no provider.yaml",
        "it__surface__acme.snap: it is a snapshot of no provider",
        "it__surface__brevo.snap: it is not text in UTF-8",
        "\n11 stale\n",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    assert!(!out.contains("JSON"), "{out}");
    let out = stale(&workspace, true);
    assert!(out.contains("\n9 stale\n"), "{out}");
    let changelog = workspace.read("specs/brevo/CHANGELOG.md");
    let entry = format!("## 2026-01-31: {revision}\n\nFrom {origin}");
    assert!(changelog.contains(&entry), "{entry} in {changelog}");
    assert!(fs::read_to_string(snapshot).is_ok());
}

#[test]
fn the_readme_says_what_is_generated() {
    let workspace = Workspace::new();
    let right = workspace.read("README.md");
    let without = |begins: &[&str]| {
        let mut generated = false;
        let lines = right.lines().filter(|line| {
            generated |= line.ends_with("check --fix` -->");
            let gone = generated && begins.iter().any(|it| line.starts_with(it));
            generated &= !line.starts_with("<!-- end of");
            !gone
        });
        lines.map(|it| format!("{it}\n")).collect::<String>()
    };
    let less =
        right.replace("`delete_message`, `get_automated_message`", "`get_automated_message`");
    let stray = "| `acme` | Acme | 1 | `key` |\n| `smscx` |";
    for (wrong, says) in [
        (less.replace("| `smscx` |", stray), ["Acme", "`delete_message`"]),
        (without(&["| `", "- `"]), ["| `brevo` |", "- `brevo`:"]),
    ] {
        workspace.write("README.md", &wrong);
        let out = stale(&workspace, false);
        for part in says.into_iter().chain(["repair: cargo xtask check --fix"]) {
            assert!(out.contains(part), "no {part} in {out}");
        }
    }
    run(&workspace, true).fine();
    assert_eq!(workspace.read("README.md"), right);
    workspace.write("README.md", &without(&["<!-- end of operations"]));
    let out = stale(&workspace, true);
    assert!(out.contains("the comments around the operations are missing"), "{out}");
}

#[test]
fn a_snapshot_waits_only_while_there_is_something_to_decide() {
    let workspace = Workspace::new();
    let folder = "tests/it/snapshots/it__";
    let page = |name: &str| format!("{folder}{name}.snap");
    workspace.edit(&page("surface__brevo"), "get_message", "got_message");
    for name in ["surface__brevo", "surface__smooch", "faults__messages"] {
        let text = workspace.read(&page(name));
        // As insta notes it beside what it shows.
        let text = text.replacen("---\n", "---\nassertion_line: 9\n", 1);
        workspace.write(&format!("{}.new", page(name)), &text);
    }
    workspace.write(&format!("{}.new", page("surface__smscx")), "---\nsource: x\n---\nold\n");
    workspace.write(&format!("{}.new", page("faults__other")), "---\nsource: x\n---\nnew\n");
    let out = stale(&workspace, false);
    assert!(out.ends_with("\n6 stale\n"), "{out}");
    let out = stale(&workspace, true);
    assert!(out.ends_with("\n1 stale\n") && out.contains("repair: cargo insta review"), "{out}");
    assert!(out.contains("removed tests/it/snapshots/it__surface__smooch.snap.new"), "{out}");
    let waits = |it: &std::path::PathBuf| it.extension().is_some_and(|it| it == "new");
    assert_eq!(workspace.tree().into_keys().filter(waits).count(), 1);
}

#[test]
fn a_source_that_is_missing_asks_for_its_origin() {
    let workspace = Workspace::new();
    fs::remove_file(workspace.root.join("specs/brevo/source.yaml")).unwrap();
    let out = stale(&workspace, false);
    assert!(out.contains("cargo xtask check --fix, and fill in `origin`"), "{out}");
    let out = stale(&workspace, true);
    assert!(out.contains("say in `origin` of specs/brevo/source.yaml"), "{out}");
    assert!(out.ends_with("\n1 stale\n"), "{out}");
    workspace.edit("specs/brevo/source.yaml", "origin: ''", "origin: somewhere");
    run(&workspace, false).fine();
}

#[test]
fn what_no_command_mends_is_repaired_by_the_edit_that_is_told() {
    let workspace = Workspace::new();
    let overlay = workspace.read("specs/brevo/overlay.yaml");
    let target = overlay.lines().find(|it| it.contains("target: ")).unwrap().to_owned();
    let astray = overlay.replacen(&target, &target.replace("$.", "$.nowhere."), 1);
    workspace.write("specs/brevo/overlay.yaml", &astray);
    workspace.edit("specs/smooch/sdk.yaml", "name: get_messages", "name: read_messages");
    let out = stale(&workspace, true);
    for file in ["specs/brevo/overlay.yaml:", "specs/smooch/sdk.yaml:"] {
        assert!(out.contains(&format!("repair: edit {file}")), "no {file} in {out}");
    }
    assert!(!out.contains("cargo xtask reconcile"), "{out}");
    // What cannot be generated keeps what is said of it.
    assert!(!out.contains("README.md"), "{out}");
}

#[test]
fn a_slip_in_the_rules_of_the_sandbox_is_found_with_its_line() {
    let workspace = Workspace::new();
    workspace.edit("specs/brevo/sandbox.yaml", "  - insert:", "  - inser:");
    workspace.edit("specs/smooch/sandbox.yaml", "in: messages", "in: messages, wher: x");
    let out = stale(&workspace, false);
    for part in ["specs/brevo/sandbox.yaml:", "`inser`", "did you mean `insert`?", "`wher`"] {
        assert!(out.contains(part), "no {part} in {out}");
    }
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

#[test]
fn a_person_has_to_decide_what_a_machine_proposed_or_a_document_made_untrue() {
    let workspace = Workspace::new();
    let providers = xtask::root::providers(&workspace.root).unwrap();
    let file = format!("specs/{}/sdk.yaml", providers[0]);
    let mut sdk: Value = serde_yaml::from_str(&workspace.read(&file)).unwrap();
    let decision = sdk["decisions"][0].clone();
    let now = "the document says something else";
    sdk["undecided"] = json!([{"decision": decision, "now": now, "since": "2026-01-30"}]);
    sdk["decisions"][0]["source"] =
        json!("proposed by `cargo xtask update-spec` on 2026-01-30; nobody has looked into it yet");
    workspace.write(&file, &serde_yaml::to_string(&sdk).unwrap());
    let file = format!("specs/{}/overlay.yaml", providers[0]);
    let mut overlay: Value = serde_yaml::from_str(&workspace.read(&file)).unwrap();
    let action =
        json!({"target": "$.info.contact", "description": "Where to ask.", "remove": true});
    overlay["x-undecided"] =
        json!([{"action": action, "now": "it matches nothing", "since": "2026-01-30"}]);
    workspace.write(&file, &serde_yaml::to_string(&overlay).unwrap());
    let out = stale(&workspace, false);
    let left = "leaves an action behind: it matches nothing. What was said: Where to ask.";
    let reason = decision["reason"].as_str().unwrap().trim();
    for says in ["nobody has looked into it: the SDK's list", now, reason, left] {
        assert!(out.contains(says), "{says}: {out}");
    }
}
