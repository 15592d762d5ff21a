//! Bundle, select and lower: small cases as data, and what must hold for every document.

use crate::lower_invariants::breaches;
use conversations_document::note::{Code, Stage};
use conversations_document::{
    Document, Pointer,
    bundle::{bundle, external_files},
    load,
    lower::{Lowered, lower},
    select::{Selection, select},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

fn document(file: &str, text: &str) -> Document {
    load::document(file, text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn read(path: &Path) -> Document {
    let text = std::fs::read_to_string(path).expect("readable");
    document(&path.display().to_string(), &text)
}

fn read_bundle(path: &Path) -> Document {
    let main = read(path);
    let folder = path.parent().unwrap();
    let mut files = BTreeMap::new();
    loop {
        let before = files.len();
        for name in external_files(&main, &files) {
            let file = folder.join(&name);
            if file.is_file() {
                files.insert(name, read(&file));
            }
        }
        if files.len() == before {
            return bundle(main, &files).expect("bundles");
        }
    }
}

fn corpus(folder: &Path) -> Vec<PathBuf> {
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
    manifest.lines().skip(1).map(|line| folder.join(line.split(',').next().unwrap())).collect()
}

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations-document -- --ignored"]
fn every_document_of_the_corpus_is_lowered_as_promised() {
    let folder = crate::reference("corpus");
    let minimal = std::fs::read_dir(crate::reference("reference/minimal")).unwrap();
    let mut all = corpus(&folder);
    let mut small: Vec<PathBuf> = minimal.map(|e| e.unwrap().path()).collect();
    small.sort();
    all.extend(small);
    all.push(crate::reference("vendor-docs/brevo-conversations-openapi.yml"));
    let (mut parsed, mut bad) = (0, Vec::new());
    for path in &all {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Lowered { document, notes } = match lower(read_bundle(path)) {
            Ok(lowered) => lowered,
            Err(faults) => {
                println!("{name}: REFUSED\n{faults}");
                bad.push(name);
                continue;
            }
        };
        let found = breaches(&document);
        let read = serde_json::from_value::<openapiv3::OpenAPI>(document.root.clone());
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for note in &notes {
            *rules.entry(note.code().name()).or_default() += 1;
        }
        println!("{name}: {} notes {rules:?}", notes.len());
        for note in notes.iter().filter(|n| n.is_loss()).take(12) {
            println!("    loss {}: {} {}", note.code(), note.pointer, note.done);
        }
        for breach in found.iter().take(10) {
            println!("    BREACH {breach}");
        }
        match &read {
            Ok(_) => parsed += 1,
            Err(error) => println!("    UNREADABLE {error}"),
        }
        if !found.is_empty() || read.is_err() {
            bad.push(name.clone());
        }
        // What is lowered needs no lowering.
        let mut again = lower(document).expect("lowers again");
        // What nobody reads, and what distinguishes one path from another, is still there to be noted.
        again.notes.retain(|it| {
            let kept = ["not-sent", "not-checked", "foreign-key", "unknown-key"];
            !kept.contains(&it.code().name())
                && !["path-fragment", "path-query"].contains(&it.code().name())
        });
        if !again.notes.is_empty() {
            println!("    lowered twice: {:?}", again.notes);
            bad.push(name);
        }
    }
    println!("{parsed} of {} read by openapiv3", all.len());
    assert!(bad.is_empty(), "{bad:?}");
}

/// The documents of one folder that are documents, not parts of one.
fn documents_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            documents_below(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "yaml") {
            let text = std::fs::read_to_string(&entry).unwrap();
            if text.contains("\nopenapi:") || text.starts_with("openapi:") {
                found.push(entry);
            }
        }
    }
}

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations-document -- --ignored"]
fn documents_of_many_files_are_joined() {
    let folder = crate::reference("corpus/matrix");
    let mut all = Vec::new();
    documents_below(&folder, &mut all);
    let mut bad = Vec::new();
    for path in &all {
        match lower(read_bundle(path)) {
            Ok(lowered) => {
                let found = breaches(&lowered.document);
                let read = serde_json::from_value::<openapiv3::OpenAPI>(lowered.document.root);
                let dangling: Vec<_> =
                    lowered.notes.iter().filter(|n| n.code() == Code::DanglingReference).collect();
                for note in dangling {
                    println!("{}: {}", path.display(), note.done);
                }
                if !found.is_empty() || read.is_err() {
                    bad.push(format!("{}: {found:?} {:?}", path.display(), read.err()));
                }
            }
            Err(faults) => bad.push(format!("{}: {faults}", path.display())),
        }
    }
    println!("{} documents joined", all.len());
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn cases(text: &str) -> Vec<Value> {
    document("cases", text).root.as_array().unwrap().clone()
}

/// Compares the names of the rules and whether any was a loss.
fn check_notes(case: &Value, lowered: &Lowered, faults: &mut Vec<String>) {
    let name = case["name"].as_str().unwrap();
    let got: BTreeSet<&str> = lowered.notes.iter().map(|n| n.code().name()).collect();
    let want: BTreeSet<&str> =
        case["rules"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if got != want {
        faults.push(format!("{name}: rules {got:?}, not {want:?}\n  {:#?}", lowered.notes));
    }
    for note in &lowered.notes {
        if note.stage != Stage::Lower
            || note.done.to_string().is_empty()
            || note.origin.file.is_empty()
        {
            faults.push(format!("{name}: {note:?}"));
        }
    }
    if let Some(loss) = case.get("loss").and_then(Value::as_bool) {
        if lowered.notes.iter().any(|n| n.is_loss()) != loss {
            faults.push(format!("{name}: loss is not {loss}"));
        }
    } else if case.get("becomes").is_some() && lowered.notes.iter().any(|n| n.is_loss()) {
        faults.push(format!("{name}: a loss that is not expected"));
    }
    faults.extend(breaches(&lowered.document).into_iter().map(|b| format!("{name}: {b}")));
}

#[test]
fn schemas_become_what_the_table_says() {
    let mut faults = Vec::new();
    for case in cases(include_str!("../lower/schemas.yaml")) {
        let name = case["name"].as_str().unwrap();
        // As a named schema and as a property, which must come out the same.
        let root = json!({
            "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "paths": {},
            "components": { "schemas": { "Case": case["schema"], "Other": { "type": "string" } } },
        });
        let lowered =
            lower(Document { file: "case".into(), root, origins: BTreeMap::new() }).expect(name);
        let got = &lowered.document.root["components"]["schemas"]["Case"];
        if got != &case["becomes"] {
            faults.push(format!("{name}: {got}, not {}", case["becomes"]));
        }
        check_notes(&case, &lowered, &mut faults);
        if let Err(error) = serde_json::from_value::<openapiv3::OpenAPI>(lowered.document.root) {
            faults.push(format!("{name}: {error}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn with_info(case: &Value) -> Document {
    let mut root = case["document"].clone();
    root["info"] = json!({ "title": "t", "version": "1" });
    Document { file: "case".into(), root, origins: BTreeMap::new() }
}

#[test]
fn documents_become_what_the_table_says() {
    let mut faults = Vec::new();
    for case in cases(include_str!("../lower/documents.yaml")) {
        let name = case["name"].as_str().unwrap();
        let lowered = match (lower(with_info(&case)), case.get("refused")) {
            (Ok(lowered), None) => lowered,
            (Ok(_), Some(_)) => {
                faults.push(format!("{name}: is not refused"));
                continue;
            }
            (Err(error), refused) => {
                let text = error.to_string();
                let words: Vec<&str> = refused
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                if words.is_empty() || !words.iter().all(|w| text.contains(w)) {
                    faults.push(format!("{name}: {text}"));
                }
                continue;
            }
        };
        for (pointer, want) in case["expect"].as_object().unwrap() {
            let got = lowered.document.root.pointer(pointer).unwrap_or(&Value::Null);
            if got != want {
                faults.push(format!("{name}: {pointer} is {got}, not {want}"));
            }
        }
        check_notes(&case, &lowered, &mut faults);
        if let Err(error) = serde_json::from_value::<openapiv3::OpenAPI>(lowered.document.root) {
            faults.push(format!("{name}: {error}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every pointer into a tree.
fn pointers(value: &Value, at: &Pointer, out: &mut Vec<Pointer>) {
    out.push(at.to_owned());
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                pointers(inner, &at.child(key), out);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                pointers(inner, &at.child(index), out);
            }
        }
        _ => {}
    }
}

#[test]
fn anything_anywhere_is_lowered_as_promised_or_refused() {
    let wild = [
        json!(null),
        json!(true),
        json!(1.5),
        json!("x"),
        json!([]),
        json!([1]),
        json!({ "a": 1 }),
        json!({ "$ref": "#/paths" }),
        json!({ "$ref": 1 }),
    ];
    let (mut tried, mut bad) = (0, Vec::new());
    for text in [include_str!("../lower/schemas.yaml"), include_str!("../lower/documents.yaml")] {
        for case in cases(text) {
            let whole = match case.get("document") {
                Some(_) => with_info(&case).root,
                None => json!({
                    "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
                    "components": { "schemas": { "A": case["schema"], "Other": { "type": "string" } } },
                }),
            };
            let mut places = Vec::new();
            pointers(&whole, &Pointer::ROOT, &mut places);
            for place in places {
                // They take turns, which keeps the test short.
                for thing in wild.iter().cycle().skip(tried).take(1) {
                    let mut root = whole.clone();
                    *root.pointer_mut(&place).unwrap() = thing.clone();
                    tried += 1;
                    let main = Document { file: "case".into(), root, origins: BTreeMap::new() };
                    let Ok(main) = bundle(main, &BTreeMap::new()) else { continue };
                    let some =
                        Selection { paths: vec!["/a/**".to_owned()], tags: vec!["t".to_owned()] };
                    if let Ok(part) = select(main.clone(), &some).and_then(lower) {
                        let found = breaches(&part.document);
                        bad.extend(found.into_iter().map(|f| {
                            format!("{} selected with {thing} at {place}: {f}", case["name"])
                        }));
                    }
                    if let Ok(lowered) = lower(main) {
                        let mut found = breaches(&lowered.document);
                        let read =
                            serde_json::from_value::<openapiv3::OpenAPI>(lowered.document.root);
                        found.extend(read.err().map(|e| e.to_string()));
                        bad.extend(
                            found
                                .into_iter()
                                .map(|f| format!("{} with {thing} at {place}: {f}", case["name"])),
                        );
                    }
                }
            }
        }
    }
    println!("{tried} documents");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn nesting_without_end_is_refused() {
    let mut schema = json!({ "type": "string" });
    for _ in 0..1000 {
        schema = json!({ "not": schema });
    }
    let root =
        json!({ "openapi": "3.0.3", "paths": {}, "components": { "schemas": { "A": schema } } });
    let error =
        lower(Document { file: "deep".into(), root, origins: BTreeMap::new() }).unwrap_err();
    assert!(error.to_string().contains("nesting is deeper than"), "{error}");
}

/// Shared headers that refer to the next one many times, or once.
fn headers(count: usize, width: usize) -> Document {
    let mut headers = serde_json::Map::new();
    for number in 0..count {
        let next: serde_json::Map<_, _> = (0..width)
            .map(|n| {
                (
                    format!("X{n}"),
                    json!({ "$ref": format!("#/components/headers/H{}", number + 1) }),
                )
            })
            .collect();
        let content =
            json!({ "multipart/form-data": { "encoding": { "e": { "headers": next } } } });
        headers.insert(format!("H{number}"), json!({ "content": content }));
    }
    headers.insert(format!("H{count}"), json!({ "schema": { "type": "string" } }));
    let answer =
        json!({ "description": "", "headers": { "H": { "$ref": "#/components/headers/H0" } } });
    let root = json!({
        "openapi": "3.0.3", "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "get": { "operationId": "a", "responses": { "200": answer } } } },
        "components": { "headers": headers },
    });
    Document { file: "headers".into(), root, origins: BTreeMap::new() }
}

#[test]
fn references_that_multiply_are_refused_and_long_chains_end() {
    let error = lower(headers(9, 9)).unwrap_err().to_string();
    assert!(
        error.contains("grows beyond all bounds") && error.contains("headers at /paths"),
        "{error}"
    );
    let lowered = lower(headers(2000, 1)).unwrap();
    assert!(lowered.notes.iter().any(|n| n.code() == Code::CircularReference && n.is_loss()));
    assert!(breaches(&lowered.document).is_empty());
}

#[test]
fn nesting_within_reason_is_lowered() {
    let mut schema = json!({ "type": ["string", "null"] });
    for _ in 0..190 {
        schema = json!({ "not": schema });
    }
    let root = json!({ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "components": { "schemas": { "A": schema } } });
    let lowered = lower(Document { file: "deep".into(), root, origins: BTreeMap::new() }).unwrap();
    assert!(breaches(&lowered.document).is_empty());
}

/// One path at a time: what is left out must not be missed.
#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations-document -- --ignored"]
fn selecting_loses_no_part_that_is_needed() {
    let folder = crate::reference("corpus");
    let mut bad = Vec::new();
    for path in corpus(&folder) {
        let whole = read_bundle(&path);
        let count = |lowered: &Lowered| {
            lowered.notes.iter().filter(|n| n.code() == Code::DanglingReference).count()
        };
        let most = count(&lower(whole.clone()).unwrap());
        let paths: Vec<String> = whole.root["paths"].as_object().unwrap().keys().cloned().collect();
        for glob in paths.iter().step_by(paths.len().div_ceil(4)) {
            let selection = Selection { paths: vec![glob.clone()], tags: Vec::new() };
            let part = select(whole.clone(), &selection).and_then(lower).expect(glob);
            let mut found = breaches(&part.document);
            if count(&part) > most {
                found.push("more references lead nowhere".to_owned());
            }
            bad.extend(found.into_iter().map(|f| format!("{} {glob}: {f}", path.display())));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn notes_say_where_the_node_was_written() {
    let text = "
swagger: '2.0'
info: {title: t, version: '1'}
paths: {/a: {get: {operationId: a, responses: {default: {$ref: '#/responses/R'}}}}}
responses:
  R:
    description: ok
    schema:
      type: array
      items:
        type: file
";
    let lowered = lower(document("t.yaml", text)).unwrap();
    let note = lowered.notes.iter().find(|n| n.code() == Code::TypeFile).unwrap();
    let at = "/paths/~1a/get/responses/default/content/application~1json/schema/items";
    assert_eq!(note.pointer, at);
    assert_eq!(note.origin.to_string(), "t.yaml:10");
}

#[test]
fn files_are_joined_under_good_names() {
    let main = "
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {$ref: 'paths/a.yaml'}
  /gone: {get: {operationId: g, responses: {'200': {description: d, content: {application/json: {schema: {$ref: gone.yaml#/X}}}}}}}
components:
  schemas:
    Message: {$ref: ./schemas/Message.yaml}
    Error: {type: string}
  securitySchemes: {key: {$ref: 'common.yaml#/key'}}
";
    let files = BTreeMap::from([
        ("paths/a.yaml", "
get:
  operationId: a
  parameters: [{$ref: '../common.yaml#/Limit'}]
  responses:
    '200': {description: ok, content: {application/json: {schema: {$ref: '../schemas/Message.yaml'}}}}
    '400': {description: bad, content: {application/json: {schema: {$ref: '../schemas/Error.yaml'}}}}
    '500': {description: bad, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
"),
        ("common.yaml", "
Limit: {name: limit, in: query, schema: {$ref: '#/Size'}}
Size: {type: integer}
key: {type: apiKey, name: k, in: header}
"),
        ("schemas/Message.yaml", "{type: object, properties: {reply: {$ref: Message.yaml}, error: {$ref: '../openapi.yaml#/components/schemas/Error'}}}"),
        ("schemas/Error.yaml", "{type: object, properties: {code: {type: string}}}"),
    ]);
    let files: BTreeMap<String, Document> =
        files.into_iter().map(|(name, text)| (name.to_owned(), document(name, text))).collect();
    let main = document("specs/p/openapi.yaml", main);
    let wanted = external_files(&main, &BTreeMap::new());
    assert_eq!(wanted, ["common.yaml", "gone.yaml", "paths/a.yaml", "schemas/Message.yaml"]);
    assert_eq!(external_files(&main, &files), ["gone.yaml"]);
    let joined = bundle(main, &files).unwrap().root;
    let get = &joined["paths"]["/a"]["get"];
    let body = |status: &str| {
        get["responses"][status]["content"]["application/json"]["schema"]["$ref"].clone()
    };
    assert_eq!(body("200"), "#/components/schemas/Message");
    assert_eq!(body("400"), "#/components/schemas/schemas_Error");
    assert_eq!(body("500"), "#/components/schemas/Error");
    assert_eq!(get["parameters"][0]["$ref"], "#/components/parameters/Limit");
    assert_eq!(
        joined["components"],
        json!({
            "schemas": {
                "Message": { "type": "object", "properties": {
                    "reply": { "$ref": "#/components/schemas/Message" },
                    "error": { "$ref": "#/components/schemas/Error" },
                } },
                "Error": { "type": "string" },
                "schemas_Error": { "type": "object", "properties": { "code": { "type": "string" } } },
                "Size": { "type": "integer" },
            },
            "securitySchemes": { "key": { "type": "apiKey", "name": "k", "in": "header" } },
            "parameters": { "Limit": { "name": "limit", "in": "query", "schema": { "$ref": "#/components/schemas/Size" } } },
        })
    );
    assert_eq!(
        joined
            .pointer("/paths/~1gone/get/responses/200/content/application~1json/schema/$ref")
            .unwrap(),
        "gone.yaml#/X",
    );
}

#[test]
fn selection_keeps_what_it_needs() {
    let text = "
openapi: 3.1.0
info: {title: t, version: '1'}
webhooks: {written: {post: {tags: [B], responses: {'200': {description: ok}}}}}
paths:
  /a: {get: {operationId: a, tags: [A], responses: {'200': {$ref: '#/components/responses/A'}}}}
  /b/{id}: {get: {operationId: b, tags: [B], responses: {'200': {description: ok}}}}
components:
  responses: {A: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
  schemas: {A: {properties: {b: {$ref: '#/components/schemas/B'}}}, B: {type: string}, C: {type: string}}
";
    let by = |paths: &[&str], tags: &[&str]| {
        let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
        select(document("t.yaml", text), &Selection { paths: own(paths), tags: own(tags) })
    };
    let a = by(&["/a/**"], &[]).unwrap().root;
    assert_eq!(
        a["components"]["schemas"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["A", "B"]
    );
    assert_eq!(a["paths"].as_object().unwrap().len(), 1);
    assert!(a.get("webhooks").is_none());
    let b = by(&["/b/{id}"], &[]).unwrap().root;
    assert_eq!(b["components"]["schemas"], json!({}));
    let tagged = by(&[], &["B"]).unwrap().root;
    assert_eq!(tagged["paths"], b["paths"]);
    assert!(tagged["webhooks"]["written"].is_object() && b.get("webhooks").is_none());
    let none = by(&["/c"], &[]).unwrap_err().to_string();
    assert!(none.contains("`/a`") && none.contains("`B`"), "{none}");
}
