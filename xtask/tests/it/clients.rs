//! Clients of documents that belong to no provider: who may call, and where calls go.

use conversations_codegen::surface::{Item, Kind};
use conversations_document::load;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use xtask::{generate, pipeline};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    document: Value,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    readme: Vec<String>,
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
}

#[test]
fn clients_are_what_the_table_says() {
    let list = load::document("clients.yaml", include_str!("../clients.yaml")).unwrap().root;
    let cases: Vec<Case> = serde_json::from_value(list).unwrap();
    let mut faults = Vec::new();
    for Case { name, mut document, has, lacks, readme, first, notes } in cases {
        // `null` takes away what a case has from another one.
        document.as_object_mut().unwrap().retain(|_, it| !it.is_null());
        let document = load::openapi("api.json", &document.to_string()).unwrap();
        let made = pipeline::client(document).unwrap_or_else(|it| panic!("{name}: {it:#}"));
        let files = generate::files(Path::new("/workspace"), &made);
        let file = |wanted: &str| &files.iter().find(|it| it.0 == wanted).unwrap().1;
        // Comments go over several lines as their text does.
        let flat = file("src/client.rs").replace("///", " ");
        let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
        let rules: Vec<&str> = made.notes.iter().map(|it| it.code().name()).collect();
        let places = [
            ("the source", &has, &flat),
            ("the README", &readme, file("README.md")),
            ("the first call", &first, file("examples/first_call.rs")),
        ];
        for (place, wanted, text) in places {
            for wanted in wanted.iter().filter(|it| !text.contains(it.as_str())) {
                faults.push(format!("{name}: {place} lacks `{wanted}`"));
            }
        }
        for unwanted in lacks.iter().filter(|it| flat.contains(it.as_str())) {
            faults.push(format!("{name}: the source has `{unwanted}`"));
        }
        for wanted in notes.iter().filter(|it| !rules.contains(&it.as_str())) {
            faults.push(format!("{name}: no note `{wanted}` in {rules:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What users compile grows with what they see: beside what every client has, by so many lines of code and tokens,
/// documentation aside, for each public item, and by so many lines for each operation and each kind of event.
#[test]
fn clients_are_lean() {
    const LINES: usize = 21;
    const LINES_OF_ALL: usize = 400;
    const TOKENS: usize = 98;
    const TOKENS_OF_ALL: usize = 1_500;
    const LINES_OF_AN_OPERATION: usize = 650;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut faults = Vec::new();
    for name in xtask::root::providers(root).unwrap() {
        let made = pipeline::provider(root, &name).unwrap();
        let xtask::shares::Shares { progenitor, typify, own } =
            xtask::shares::written_by(root, &name).unwrap();
        let is_code = |it: &&str| !it.trim_start().starts_with("//");
        let lines = made.source.lines().filter(is_code).count();
        let items = made.surface.items.len();
        let is_event = |it: &&Item| matches!(it.kind, Kind::Event { .. });
        let events = made.surface.items.values().filter(is_event).count();
        let operations = made.surface.operations.len() + events;
        let tokens = progenitor + typify + own;
        println!(
            "{name}: {lines} lines, {tokens} tokens, {items} items, {operations} operations and events"
        );
        if lines > LINES_OF_ALL + LINES * items
            || tokens > TOKENS_OF_ALL + TOKENS * items
            || lines > LINES_OF_AN_OPERATION * operations
        {
            faults.push(format!("{name}: {lines} lines and {tokens} tokens for {items} public items of {operations} operations and events"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
