//! Bundle, select and lower: small cases as data, and what must hold for every document.

use conversations_codegen::{
    bundle::{bundle, external_files},
    document::Document,
    lower::{Lowered, lower},
    select::{Selection, select},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// YAML or JSON without origins.
fn document(file: &str, text: &str) -> Document {
    let value: serde_yaml::Value = serde_yaml::from_str(text).expect(file);
    Document { file: file.into(), root: json_of(value), origins: BTreeMap::new() }
}

fn json_of(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Y;
    match value {
        Y::Mapping(map) => Value::Object(
            map.into_iter()
                .map(|(k, v)| {
                    let key = match k {
                        Y::String(text) => text,
                        other => serde_yaml::to_string(&other).unwrap().trim().to_owned(),
                    };
                    (key, json_of(v))
                })
                .collect(),
        ),
        Y::Sequence(list) => Value::Array(list.into_iter().map(json_of).collect()),
        Y::Tagged(tagged) => json_of(tagged.value),
        other => serde_json::to_value(other).unwrap(),
    }
}

/// What the module promises of a lowered document; every breach in words.
fn breaches(document: &Document) -> Vec<String> {
    let root = &document.root;
    let mut found = Vec::new();
    if root["openapi"] != "3.0.3"
        || !root["info"].is_object()
        || !root["components"]["schemas"].is_object()
    {
        found.push("the root is not that of OpenAPI 3.0.3".to_owned());
    }
    for (key, _) in root["components"].as_object().unwrap() {
        if !["schemas", "securitySchemes"].contains(&key.as_str()) && !key.starts_with("x-") {
            found.push(format!("components.{key} is left"));
        }
    }
    let mut refs = Vec::new();
    let mut schemas = Vec::new();
    for (name, schema) in root["components"]["schemas"].as_object().unwrap() {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        {
            found.push(format!("schema name `{name}`"));
        }
        schemas.push((format!("/components/schemas/{name}"), schema));
    }
    let mut ids = BTreeSet::new();
    for (path, item) in
        root["paths"].as_object().unwrap().iter().filter(|(p, _)| !p.starts_with("x-"))
    {
        if !path.starts_with('/') || path.contains('?') || path.contains('#') {
            found.push(format!("path `{path}`"));
        }
        if item.get("parameters").is_some() || item.get("$ref").is_some() {
            found.push(format!("path item `{path}` is not taken apart"));
        }
        for (method, operation) in item.as_object().unwrap() {
            if !["get", "put", "post", "delete", "options", "head", "patch", "trace"]
                .contains(&method.as_str())
            {
                continue;
            }
            let at = format!("{method} {path}");
            if !operation["operationId"].as_str().is_some_and(|id| ids.insert(id)) {
                found.push(format!("{at}: operationId {}", operation["operationId"]));
            }
            if !operation["responses"].is_object() || operation.get("callbacks").is_some() {
                found.push(format!("{at}: responses or callbacks"));
            }
            let mut keys = BTreeSet::new();
            let mut in_path = BTreeSet::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, place) = (
                    parameter["name"].as_str().unwrap_or_default(),
                    parameter["in"].as_str().unwrap_or_default(),
                );
                if name.is_empty() || !keys.insert((place, name)) {
                    found.push(format!("{at}: parameter {parameter}"));
                }
                if place == "path" {
                    in_path.insert(name.to_owned());
                    if parameter["required"] != true {
                        found.push(format!("{at}: `{name}` is not required"));
                    }
                }
                let content = parameter.get("content").and_then(Value::as_object);
                match (parameter.get("schema"), content) {
                    (Some(schema), None) => schemas.push((format!("{at} {name}"), schema)),
                    (None, Some(content)) if content.len() == 1 => {
                        schemas.extend(
                            content
                                .values()
                                .filter_map(|m| m.get("schema"))
                                .map(|s| (at.clone(), s)),
                        );
                    }
                    _ => found.push(format!("{at}: `{name}` has not one schema")),
                }
            }
            let wanted: BTreeSet<String> =
                path.split('{').skip(1).map(|p| p.split('}').next().unwrap().to_owned()).collect();
            if wanted != in_path {
                found.push(format!("{at}: the path asks for {wanted:?}, declared are {in_path:?}"));
            }
            let mut bodies = vec![&operation["requestBody"]];
            bodies.extend(operation["responses"].as_object().unwrap().values());
            for body in bodies {
                if body.get("$ref").is_some() {
                    found.push(format!("{at}: {body}"));
                }
                for media in body["content"].as_object().into_iter().flatten().map(|(_, m)| m) {
                    schemas.extend(media.get("schema").map(|s| (at.clone(), s)));
                }
                for (_, header) in body["headers"].as_object().into_iter().flatten() {
                    schemas.extend(header.get("schema").map(|s| (at.clone(), s)));
                }
            }
        }
    }
    for (at, schema) in schemas {
        check_schema(schema, &at, &mut refs, &mut found);
    }
    for (at, text) in refs {
        let name = text.strip_prefix("#/components/schemas/");
        if !name.is_some_and(|name| root["components"]["schemas"].get(name).is_some()) {
            found.push(format!("{at}: reference `{text}`"));
        }
    }
    found
}

const KEYWORDS: [&str; 35] = [
    "type",
    "format",
    "title",
    "description",
    "default",
    "example",
    "enum",
    "nullable",
    "readOnly",
    "writeOnly",
    "deprecated",
    "externalDocs",
    "xml",
    "discriminator",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
];

/// Newer keywords that must not be left.
const NEWER: [&str; 20] = [
    "const",
    "examples",
    "$defs",
    "$id",
    "$anchor",
    "if",
    "then",
    "else",
    "prefixItems",
    "contains",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependentSchemas",
    "contentEncoding",
    "contentMediaType",
    "$dynamicRef",
    "$schema",
    "x-nullable",
];

fn check_schema(
    schema: &Value,
    at: &str,
    refs: &mut Vec<(String, String)>,
    found: &mut Vec<String>,
) {
    let Some(object) = schema.as_object() else {
        found.push(format!("{at}: a schema is {schema}"));
        return;
    };
    if let Some(text) = object.get("$ref") {
        if object.len() > 1 {
            found.push(format!("{at}: beside a reference: {schema}"));
        }
        refs.push((at.to_owned(), text.as_str().unwrap_or_default().to_owned()));
        return;
    }
    for (_, text) in
        schema.pointer("/discriminator/mapping").and_then(Value::as_object).into_iter().flatten()
    {
        refs.push((at.to_owned(), text.as_str().unwrap_or_default().to_owned()));
    }
    for (key, value) in object {
        if NEWER.contains(&key.as_str()) {
            found.push(format!("{at}: `{key}` is left"));
        }
        if !KEYWORDS.contains(&key.as_str()) {
            continue;
        }
        let at = format!("{at}/{key}");
        match key.as_str() {
            "type" => {
                let known = ["string", "number", "integer", "boolean", "array", "object"];
                if !value.as_str().is_some_and(|t| known.contains(&t)) {
                    found.push(format!("{at}: {value}"));
                }
            }
            "enum" => {
                let list = value.as_array().cloned().unwrap_or_default();
                if list.is_empty() || list.iter().any(Value::is_null) {
                    found.push(format!("{at}: {value}"));
                }
            }
            "exclusiveMinimum" | "exclusiveMaximum" | "nullable" if !value.is_boolean() => {
                found.push(format!("{at}: {value}"));
            }
            "required" if !value.as_array().is_some_and(|l| l.iter().all(Value::is_string)) => {
                found.push(format!("{at}: {value}"));
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    check_schema(inner, &format!("{at}/{name}"), refs, found);
                }
            }
            "items" | "not" => check_schema(value, &at, refs, found),
            "additionalProperties" if !value.is_boolean() => check_schema(value, &at, refs, found),
            "allOf" | "anyOf" | "oneOf" => {
                for inner in value.as_array().into_iter().flatten() {
                    check_schema(inner, &at, refs, found);
                }
            }
            _ => {}
        }
    }
}

/// The folder of material that is not part of the repository, where there is one.
fn reference(part: &str) -> Option<PathBuf> {
    let base = std::env::var_os("CONVERSATIONS_REFERENCE").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let found = base.into_iter().chain([beside]).map(|b| b.join(part)).find(|p| p.exists());
    if found.is_none() {
        println!("skipped: there is no `{part}` here (CONVERSATIONS_REFERENCE says where)");
    }
    found
}

fn load(path: &Path) -> Document {
    let text = std::fs::read_to_string(path).expect("readable");
    document(&path.display().to_string(), &text)
}

fn load_bundle(path: &Path) -> Document {
    let main = load(path);
    let folder = path.parent().unwrap();
    let mut files = BTreeMap::new();
    loop {
        let before = files.len();
        for name in external_files(&main, &files) {
            let file = folder.join(&name);
            if file.is_file() {
                files.insert(name, load(&file));
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
fn every_document_of_the_corpus_is_lowered_as_promised() {
    let Some(folder) = reference("corpus") else { return };
    let minimal = reference("reference/minimal").map(|m| std::fs::read_dir(m).unwrap());
    let mut all = corpus(&folder);
    let mut small: Vec<PathBuf> =
        minimal.into_iter().flatten().map(|e| e.unwrap().path()).collect();
    small.sort();
    all.extend(small);
    for name in ["brevo", "smooch", "smscx", "ultracart"] {
        all.extend(reference(&format!("reference/{name}.yaml")));
    }
    let (mut parsed, mut bad) = (0, Vec::new());
    for path in &all {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Lowered { document, notes } = match lower(load_bundle(path)) {
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
            *rules.entry(note.rule).or_default() += 1;
        }
        println!("{name}: {} notes {rules:?}", notes.len());
        for note in notes.iter().filter(|n| n.loss).take(12) {
            println!("    loss {}: {} {}", note.rule, note.pointer, note.what);
        }
        for breach in found.iter().take(10) {
            println!("    BREACH {breach}");
        }
        match &read {
            Ok(_) => parsed += 1,
            Err(error) => println!("    UNREADABLE {error}"),
        }
        if !found.is_empty() || read.is_err() {
            bad.push(name);
        }
        // What is lowered needs no lowering.
        let again = lower(document).expect("lowers again");
        let rest: Vec<_> = again.notes.iter().take(5).collect();
        if !rest.is_empty() {
            println!("    AGAIN {rest:?}");
        }
    }
    println!("{parsed} of {} read by openapiv3", all.len());
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn selection_keeps_what_it_needs() {
    let text = "
openapi: 3.0.3
info: {title: t, version: '1'}
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
    let b = by(&["/b/{id}"], &[]).unwrap().root;
    assert_eq!(b["components"]["schemas"], json!({}));
    assert_eq!(by(&[], &["B"]).unwrap().root["paths"], b["paths"]);
    let none = by(&["/c"], &[]).unwrap_err().to_string();
    assert!(none.contains("`/a`") && none.contains("`B`"), "{none}");
}
