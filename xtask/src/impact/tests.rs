//! The causes by example, and what must hold whatever is compared.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use super::join;
use crate::{
    pipeline,
    report::{Report, Semver},
};
use conversations_codegen::surface::Surface;
use conversations_diff::{Change, Comparison, Rule, Subject};
use conversations_document::{Document, load};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    base: Value,
    revision: Value,
    client: Option<[Value; 2]>,
    #[serde(default)]
    expect: Vec<String>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("cases.yaml");
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    value.as_sequence_mut().unwrap().iter_mut().for_each(merge);
    // Numbers as keys, such as statuses, are texts in JSON.
    serde_json::from_value(serde_json::to_value(&value).unwrap()).unwrap()
}

/// Applies the merge keys of a tree.
fn merge(value: &mut serde_yaml::Value) {
    value.apply_merge().unwrap();
}

fn document(part: &Value) -> Document {
    let mut root = json!({ "info": { "title": "Example", "version": "1" } });
    if part.get("swagger").is_none() {
        root["openapi"] = json!("3.0.3");
    }
    root.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    Document { file: "example.yaml".into(), root, origins: BTreeMap::new() }
}

fn compare(base: &Document, revision: &Document) -> Comparison {
    conversations_diff::compare(base, revision, jiff::civil::date(2026, 1, 31))
}

/// Each line with its cause.
fn causes(report: &Report) -> Vec<String> {
    let mut out: Vec<String> = lines(report)
        .into_iter()
        .map(|line| {
            let change = report.changes.iter().find(|it| it.rust.contains(&line));
            match change {
                Some(it) => format!("{line} <- {} {}", it.change.rule, it.change.pointer),
                None => format!("{line} <- nothing"),
            }
        })
        .collect();
    out.sort();
    out
}

/// All lines of a report as its changes list them.
fn lines(report: &Report) -> Vec<String> {
    let rust = &report.rust;
    [("removed", &rust.removed), ("changed", &rust.changed), ("added", &rust.added)]
        .iter()
        .flat_map(|(kind, items)| items.iter().map(move |it| format!("{kind} {it}")))
        .collect()
}

#[test]
fn every_line_has_its_cause() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (base, revision) = (document(&case.base), document(&case.revision));
        let comparison = compare(&base, &revision);
        let clients = match &case.client {
            Some(clients) => clients.each_ref().map(document),
            None => [base, revision],
        };
        let [base, revision] = clients
            .map(|it| pipeline::survey(it).unwrap_or_else(|why| panic!("{}: {why:#}", case.name)));
        let report = join(comparison, &base, &revision);
        hold(&case.name, &report, [&base, &revision]);
        let found = causes(&report);
        let mut expect = case.expect.clone();
        expect.sort();
        if found != expect {
            let found: Vec<_> = found.iter().map(|it| format!("    - {it:?}\n")).collect();
            wrong.push(format!("{}\n  expect:\n{}", case.name, found.concat()));
        }
    }
    assert!(wrong.is_empty(), "found otherwise:\n{}", wrong.join("\n"));
}

/// What holds for every report.
fn hold(name: &str, report: &Report, [base, revision]: [&Surface; 2]) {
    let all: BTreeSet<String> = lines(report).into_iter().collect();
    let mut by_cause = BTreeMap::new();
    for entry in &report.changes {
        let lines = by_cause.entry(entry.change.cause()).or_insert(&entry.rust);
        assert_eq!(*lines, &entry.rust, "{name}: {} says different things", entry.change.text());
    }
    let mut seen = BTreeSet::new();
    for line in by_cause.values().flat_map(|it| it.iter()) {
        assert!(all.contains(line), "{name}: no such line: {line}");
        assert!(seen.insert(line), "{name}: more than one cause of {line}");
    }
    // A method that came, went or was renamed has the cause that its operation has.
    for (kind, surface) in [("removed", base), ("added", revision)] {
        for (method, operation) in &surface.operations {
            let named = format!("{} {}", operation.verb, operation.path);
            let whole = |it: &Change| {
                it.subject() == Subject::Operation
                    && (it.rule == Rule::EndpointAdded) == (kind == "added")
            };
            let cause = report.changes.iter().find(|it| {
                let it = &it.change;
                it.operation() == named && (whole(it) || it.subject() == Subject::OperationId)
            });
            let own = format!("{kind} Client::{method}: ");
            if let (Some(cause), Some(line)) = (cause, all.iter().find(|it| it.starts_with(&own))) {
                assert!(
                    cause.rust.contains(line),
                    "{name}: {} is not the cause of {line}",
                    cause.change.text()
                );
            }
        }
    }
}

/// A part of the folder that `CONVERSATIONS_REFERENCE` names: documents that are not part of the repository.
fn reference(part: &str) -> std::path::PathBuf {
    let base = std::env::var_os("CONVERSATIONS_REFERENCE").map(std::path::PathBuf::from);
    let base = base.expect("CONVERSATIONS_REFERENCE names the folder of the documents");
    let found = base.join(part);
    assert!(found.exists(), "there is no {}", found.display());
    found
}

/// Compares two files as they are; nothing where one of them has no client.
fn compared(base: &str, revision: &str) -> Option<(Report, [Surface; 2])> {
    let read = |text: &str| load::document("example.yaml", text).unwrap();
    let (base, revision) = (read(base), read(revision));
    let comparison = conversations_document::deep(|| compare(&base, &revision)).unwrap();
    let surfaces = [pipeline::survey(base).ok()?, pipeline::survey(revision).ok()?];
    let report = join(comparison, &surfaces[0], &surfaces[1]);
    Some((report, surfaces))
}

#[test]
fn what_programs_rely_on_is_part_of_the_version() {
    let document = |required: &str, body: &str| {
        format!(
            "openapi: 3.0.3
info: {{ title: Example, version: '1' }}
paths:
  /pets:
    post:
      operationId: createPet
      requestBody:
        required: true
        content: {{ {body}: {{ schema: {{ $ref: '#/components/schemas/NewPet' }} }} }}
      responses: {{ '204': {{ description: Done. }} }}
components:
  schemas:
    NewPet: {{ type: object, {required} properties: {{ name: {{ type: string }}, shop: {{ type: string }} }} }}
"
        )
    };
    let json = "application/json";
    let step = |base: &str, revision: &str| compared(base, revision).unwrap().0.semver;
    // `NewPet::default()` no longer compiles.
    assert_eq!(step(&document("", json), &document("required: [shop],", json)), Semver::Major);
    // A program that does not set it compiles, and fails before anything is sent.
    let needed = "required: [name, shop],";
    assert_eq!(step(&document("required: [name],", json), &document(needed, json)), Semver::Major);
    // A media type is not part of a signature.
    let charset = "'application/json; charset=utf-8'";
    assert_ne!(step(&document("", json), &document("", charset)), Semver::Major);
}

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p xtask -- --ignored"]
fn reference_pairs_have_one_cause_a_line() {
    let folder = reference("diff-cases");
    let (mut all, mut caused) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let read = |name: &str| fs::read_to_string(path.join(name)).unwrap();
        let Some((report, [base, revision])) = compared(&read("base.yaml"), &read("revision.yaml"))
        else {
            continue;
        };
        hold(&path.display().to_string(), &report, [&base, &revision]);
        if !report.changes.is_empty() {
            all += lines(&report).len();
            caused += causes(&report).iter().filter(|it| !it.ends_with("<- nothing")).count();
        }
    }
    println!("{caused} of {all} lines have a cause");
    assert!(caused * 100 >= all * 94, "{caused} of {all} lines have a cause");
}

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p xtask -- --ignored"]
fn a_vendor_document_has_one_cause_a_line() {
    let file = reference("corpus/brevo-full-2025-02.yaml");
    let whole = fs::read_to_string(file).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let ours = fs::read_to_string(root.join("specs/brevo/openapi.yaml")).unwrap();
    for (base, revision) in [(&ours, &whole), (&whole, &ours)] {
        let (report, [base, revision]) = compared(base, revision).unwrap();
        hold("brevo", &report, [&base, &revision]);
        let rest = causes(&report).iter().filter(|it| it.ends_with("<- nothing")).count();
        println!("{rest} of {} lines have no cause", lines(&report).len());
    }
}
