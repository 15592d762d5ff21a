//! Every key that the specifications give to a kind of object is consumed, noted or says nothing, as the grammar has it.

use conversations_document::{
    Pointer,
    account::{Entry, Fate, entries},
    document::Document,
    load,
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use xtask::{generate, pipeline};

/// A document in which a node of a kind stands, and what each of its keys may hold.
struct Sample {
    document: Value,
    /// The node's pointer.
    at: String,
    /// Values by key.
    keys: Map<String, Value>,
    /// What must stand beside a key for it to mean something, by key.
    beside: Map<String, Value>,
}

fn samples() -> BTreeMap<String, Vec<Sample>> {
    let text = include_str!("../account.yaml");
    let list = load::document("account.yaml", text).unwrap_or_else(|it| panic!("{it}")).root;
    let mut out: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for sample in list.as_array().unwrap() {
        let map = |key: &str| sample[key].as_object().cloned().unwrap_or_default();
        let name = sample["kind"].as_str().unwrap().to_owned();
        out.entry(name).or_default().push(Sample {
            document: sample["document"].clone(),
            at: sample["at"].as_str().unwrap().to_owned(),
            keys: map("keys"),
            beside: map("beside"),
        });
    }
    out
}

/// What came of a document: a crate's files and the notes, by rule and place; or why it is refused.
type Made = Result<(String, Vec<(&'static str, String)>), String>;

fn made(root: &Value) -> (Made, Option<Document>) {
    let text = serde_json::to_string_pretty(root).unwrap();
    let document = match load::openapi("api.json", &text) {
        Ok(document) => document,
        Err(faults) => return (Err(faults.to_string()), None),
    };
    let made = match pipeline::client(document.clone()) {
        Ok(made) => made,
        Err(error) => return (Err(format!("{error:#}")), Some(document)),
    };
    let files = generate::files(Path::new("/workspace"), &made);
    let files = files.into_iter().map(|(name, text)| format!("{name}\n{text}")).collect();
    let notes = made.notes.iter().map(|it| (it.code().name(), it.pointer.to_string())).collect();
    (Ok((files, notes)), Some(document))
}

/// The document with and without the key.
fn pair(sample: &Sample, key: &str, value: &Value) -> [Value; 2] {
    let mut root = sample.document.clone();
    let node = root.pointer_mut(&sample.at).and_then(Value::as_object_mut).unwrap();
    for (key, value) in sample.beside.get(key).and_then(Value::as_object).into_iter().flatten() {
        node.insert(key.clone(), value.clone());
    }
    node.shift_remove(key);
    let without = root.clone();
    let node = root.pointer_mut(&sample.at).and_then(Value::as_object_mut).unwrap();
    node.insert(key.to_owned(), value.clone());
    [root, without]
}

/// What comes of documents, by their text: most keys of a kind are left out of the same one.
type Seen = HashMap<String, (Made, Option<Document>)>;

fn check(sample: &Sample, entry: &Entry, value: &Value, seen: &mut Seen) -> Result<(), String> {
    let Entry { kind, key, fate } = entry;
    let [with, without] = pair(sample, key, value);
    let (with, left) = made(&with);
    let (without, right) = seen.entry(without.to_string()).or_insert_with(|| made(&without));
    let (files, notes) = with.map_err(|it| format!("{kind}.{key} is refused: {it}"))?;
    let more = |rule: &str| {
        let count = |notes: &[(&str, String)]| notes.iter().filter(|it| it.0 == rule).count();
        without.as_ref().is_ok_and(|it| count(&notes) > count(&it.1))
    };
    let compared = || {
        let (Some(left), Some(right)) = (&*right, &left) else { return 1 };
        conversations_diff::compare(left, right, super::generate::TODAY).changes.len()
    };
    let differs = without.as_ref().map_or(true, |it| it.0 != files);
    match fate {
        Fate::Consumed(_) if !differs && compared() == 0 => {
            Err(format!("{kind}.{key} counts as consumed, and nothing changes without it"))
        }
        Fate::Noted(rule) if !more(rule.name()) => {
            Err(format!("{kind}.{key} should leave a note `{rule}`, beside {notes:?}"))
        }
        Fate::Silent if differs => {
            Err(format!("{kind}.{key} counts as silent, and the client changes without it"))
        }
        _ => Ok(()),
    }
}

#[test]
fn every_key_is_accounted_for() {
    let samples = samples();
    let (mut faults, mut seen) = (Vec::new(), Seen::new());
    for entry in entries() {
        let here = samples.get(&entry.kind).map(Vec::as_slice).unwrap_or_default();
        let found = here.iter().find_map(|it| Some((it, it.keys.get(entry.key)?)));
        match found {
            None => faults.push(format!("{}.{} has no sample", entry.kind, entry.key)),
            Some((sample, value)) => faults.extend(check(sample, &entry, value, &mut seen).err()),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn samples_hold_known_keys_only() {
    let known: Vec<(String, &str)> = entries().into_iter().map(|it| (it.kind, it.key)).collect();
    for (kind, list) in samples() {
        for key in list.iter().flat_map(|it| it.keys.keys()) {
            assert!(known.iter().any(|it| it.0 == kind && it.1 == key), "{kind} has no `{key}`");
        }
    }
}

#[test]
fn unknown_words_are_noted_with_the_one_that_was_meant() {
    let cases = [
        (
            r#"{"type": "object", "propertis": {"a": {"type": "string"}}}"#,
            "unknown-key",
            "did you mean `properties`?",
        ),
        (r#"{"type": "string", "fromat": "date"}"#, "unknown-key", "did you mean `format`?"),
        (r#"{"type": "string", "maxlength": 3}"#, "unknown-key", "did you mean `maxLength`?"),
        (
            r#"{"type": "string", "colour": "red"}"#,
            "foreign-key",
            "has no `colour`; it is not read",
        ),
    ];
    for (schema, rule, says) in cases {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let root = serde_json::json!({
            "openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://a.example"}],
            "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}}},
        });
        let document = load::openapi("a.json", &root.to_string()).unwrap();
        let notes = pipeline::client(document).unwrap().notes;
        let note =
            notes.iter().find(|it| it.code().name() == rule).unwrap_or_else(|| panic!("{notes:?}"));
        assert!(note.done.to_string().contains(says), "{}", note.done);
        assert!(
            note.pointer.starts_with(&*Pointer::from("/paths").child("/a")),
            "{}",
            note.pointer
        );
        assert_eq!(note.is_loss(), rule == "unknown-key");
    }
}
