//! The rules by example. Each file in `cases/` is a list of changes to a schema, an operation or a
//! document with the findings they must lead to; a case says where its two schemas stand, and is
//! tried at each of these places.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use super::{Change, Format, Level, Report, compare, display::display};
use conversations_document::{Document, load};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::Path};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    name: String,
    #[serde(rename = "where")]
    places: Vec<String>,
    #[serde(default)]
    openapi: Option<String>,
    #[serde(default)]
    media: Option<String>,
    #[serde(default)]
    components: Map<String, Value>,
    base: Value,
    revision: Value,
    expect: Vec<String>,
}

/// The tree of a YAML or JSON text.
fn parse(text: &str) -> Value {
    load::document("example.yaml", text).map(|it| it.root).unwrap()
}

fn document(file: &str, root: Value) -> Document {
    Document { file: file.into(), root, origins: BTreeMap::new() }
}

/// A document that holds `part` at `place`.
fn around(case: &Case, place: &str, part: &Value) -> Document {
    let media = case.media.as_deref().unwrap_or("application/json");
    let object = |required: bool| {
        let required = if required { vec!["p"] } else { Vec::new() };
        json!({ "type": "object", "properties": { "p": part }, "required": required })
    };
    let body = |schema: Value| json!({ "content": { media: { "schema": schema } } });
    let parameter = |location: &str, required: bool, schema: Value| json!({ "parameters": [{ "name": "q", "in": location, "required": required, "schema": schema }] });
    let response = |answer: Value| json!({ "responses": { "200": answer } });
    let operation = match place {
        "request" => json!({ "requestBody": body(part.clone()) }),
        "request-property" => json!({ "requestBody": body(object(false)) }),
        "response" => response(body(part.clone())),
        "response-property" => response(body(object(false))),
        "required-response-property" => response(body(object(true))),
        "header" => response(json!({ "headers": { "H": { "schema": part } } })),
        "parameter" => parameter("query", false, part.clone()),
        "required-parameter" => parameter("query", true, part.clone()),
        "parameter-property" => parameter("query", false, object(false)),
        "header-parameter" => parameter("header", false, part.clone()),
        "header-parameter-property" => parameter("header", false, object(false)),
        "operation" => part.clone(),
        "document" => Value::Null,
        other => panic!("{}: there is no place `{other}`", case.name),
    };
    let mut root = json!({
        "openapi": case.openapi.as_deref().unwrap_or("3.0.3"),
        "info": { "title": "Example", "version": "1" },
        "paths": { "/example": { "post": operation } },
        "components": { "schemas": case.components },
    });
    if place == "document" {
        let over = part.as_object().cloned().unwrap_or_default();
        root["paths"] = json!({});
        root.as_object_mut().into_iter().for_each(|root| root.extend(over.clone()));
    }
    document("example.yaml", root)
}

fn findings(base: &Document, revision: &Document) -> Vec<String> {
    let report = compare(base, revision);
    let mut found: Vec<_> =
        report.changes.iter().map(|it| format!("{} {}", it.level.name(), it.id)).collect();
    found.sort();
    found
}

/// All cases, file by file.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diff/cases");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| -> Vec<Case> {
        let text = fs::read_to_string(path).unwrap();
        serde_json::from_value(parse(&text))
            .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    };
    files.iter().flat_map(|path| read(path)).collect()
}

#[test]
fn every_case_leads_to_its_findings() {
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let mut found = Vec::new();
        for place in &case.places {
            let (base, revision) =
                (around(case, place, &case.base), around(case, place, &case.revision));
            found.extend(findings(&base, &revision));
            let same = findings(&base, &around(case, place, &case.base));
            assert!(same.is_empty(), "{}: a document differs from itself: {same:?}", case.name);
        }
        found.sort();
        let mut expect = case.expect.clone();
        expect.sort();
        if found != expect {
            wrong.push(format!("{}\n  expected {expect:#?}\n  found {found:#?}", case.name));
        }
    }
    let count = cases.len();
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Puts something odd into some nodes of a tree. The same seed does the same.
fn spoil(value: &mut Value, seed: &mut u64) {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    if (*seed >> 33).is_multiple_of(24) {
        *value = match (*seed >> 40) % 8 {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1.5),
            3 => json!("object"),
            4 => json!([]),
            5 => json!({}),
            6 => json!({ "$ref": "#/components/schemas/Named" }),
            _ => json!({ "$ref": "#/paths/~1example/post" }),
        };
    }
    match value {
        Value::Array(list) => list.iter_mut().for_each(|it| spoil(it, seed)),
        Value::Object(map) => map.values_mut().for_each(|it| spoil(it, seed)),
        _ => {}
    }
}

#[test]
fn no_spoilt_document_is_a_reason_to_stop() {
    let mut seed = 7;
    for case in cases() {
        for place in &case.places {
            for _ in 0..8 {
                let mut base = around(&case, place, &case.base);
                let mut revision = around(&case, place, &case.revision);
                spoil(&mut base.root, &mut seed);
                spoil(&mut revision.root, &mut seed);
                compare(&base, &revision);
            }
        }
    }
}

/// A document with one operation that answers with `schema`.
fn answering(schema: &Value, components: &Value) -> Document {
    let content = json!({ "application/json": { "schema": schema } });
    let root = json!({
        "openapi": "3.0.3",
        "paths": { "/example": { "get": { "responses": { "200": { "content": content } } } } },
        "components": { "schemas": components },
    });
    document("example.yaml", root)
}

#[test]
fn a_circle_of_references_ends() {
    let list = |kind: &str| {
        json!({
            "Node": { "type": "object", "properties": {
                "value": { "type": kind },
                "next": { "$ref": "#/components/schemas/Node" },
                "others": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
                "either": { "oneOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "string" }] },
            } },
            "Self": { "$ref": "#/components/schemas/Self" },
        })
    };
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let (base, revision) = (answering(&node, &list("string")), answering(&node, &list("integer")));
    assert_eq!(findings(&base, &revision), ["error response-property-type-changed"]);
    let own = json!({ "$ref": "#/components/schemas/Self" });
    let (base, revision) = (answering(&own, &list("string")), answering(&own, &list("integer")));
    assert_eq!(findings(&base, &revision), [""; 0]);
}

#[test]
fn a_change_behind_a_circle_is_seen_from_every_operation() {
    // Whichever of the two is reached first, the change stands below the other as well.
    let components = |kind: &str| {
        json!({
            "A": { "properties": { "b": { "$ref": "#/components/schemas/B" } } },
            "B": { "properties": { "a": { "$ref": "#/components/schemas/A" }, "c": { "type": kind } } },
        })
    };
    let root = |kind: &str| {
        let answer = |name: &str| {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            json!({ "responses": { "200": { "content": { "application/json": { "schema": schema } } } } })
        };
        document(
            "example.yaml",
            json!({
                "openapi": "3.0.3",
                "paths": { "/a": { "get": answer("A") }, "/b": { "get": answer("B") } },
                "components": { "schemas": components(kind) },
            }),
        )
    };
    let report = compare(&root("string"), &root("integer"));
    let operations: Vec<_> = report.changes.iter().map(|it| it.operation.as_str()).collect();
    assert_eq!(operations, ["GET /a", "GET /b"]);
}

#[test]
fn a_long_chain_of_references_does_not_exhaust_the_stack() {
    let chain = |last: &str| {
        let mut all = Map::new();
        for at in 0..20_000 {
            let next = format!("#/components/schemas/S{}", at + 1);
            all.insert(format!("S{at}"), json!({ "properties": { "p": { "$ref": next } } }));
        }
        all.insert("S20000".to_owned(), json!({ "type": last }));
        Value::Object(all)
    };
    let first = json!({ "$ref": "#/components/schemas/S0" });
    let (base, revision) =
        (answering(&first, &chain("string")), answering(&first, &chain("integer")));
    assert_eq!(findings(&base, &revision), ["error response-property-type-changed"]);
}

#[test]
fn what_is_no_schema_is_no_reason_to_stop() {
    let odd = [
        json!(null),
        json!(true),
        json!(false),
        json!(7),
        json!("text"),
        json!([]),
        json!({ "$ref": 7 }),
        json!({ "$ref": "#/components/schemas/Missing" }),
        json!({ "$ref": "other.yaml#/A" }),
        json!({ "$ref": "#/%zz/%e2%82" }),
        json!({ "type": { "a": 1 }, "enum": 5, "properties": [], "required": "all", "items": [1] }),
        json!({ "allOf": {}, "oneOf": [null, 1, true], "anyOf": "x", "not": [] }),
        json!({ "maximum": "ten", "multipleOf": 0, "minLength": -1, "exclusiveMaximum": "x" }),
    ];
    for base in &odd {
        for revision in &odd {
            let (base, revision) = (answering(base, &json!({})), answering(revision, &json!([])));
            compare(&base, &revision);
            compare(&document("a", base.root["paths"].clone()), &revision);
        }
        let whole = |part: &Value| {
            document(
                "a",
                json!({
                    "openapi": part, "servers": part, "security": [part, { "a": part }],
                    "paths": { "/a": { "get": part, "parameters": part, "put": {
                        "parameters": [part, { "name": "q", "in": part }], "responses": part,
                        "requestBody": part, "callbacks": part, "tags": part, "x-sunset": part,
                    } }, "/b": part },
                    "components": part, "webhooks": part,
                }),
            )
        };
        for revision in &odd {
            compare(&whole(base), &whole(revision));
        }
    }
}

#[test]
fn spelling_is_no_change() {
    let base = r#"
openapi: 3.0.3
paths:
  /a/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        200:
          description: Fine.
          content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}
components:
  schemas:
    A: {type: object, required: [a, b], properties: {a: {type: integer, maximum: 5, exclusiveMaximum: true}, b: {type: string, nullable: true}}}
"#;
    let revision = r##"{"components": {"schemas": {"A": {"properties": {
        "b": {"type": ["null", "string"]}, "a": {"exclusiveMaximum": 5.0, "type": "integer"}},
        "required": ["b", "a"], "type": ["object"], "description": "New words."}}},
      "paths": {"/a/{key}": {"parameters": [{"schema": {"type": "string"}, "required": true,
        "in": "path", "name": "key"}], "get": {"responses": {"200": {"content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
      "openapi": "3.1.0"}"##;
    let base = document("base.yaml", parse(base));
    let revision = document("revision.json", parse(revision));
    assert_eq!(findings(&base, &revision), [""; 0]);
    assert_eq!(findings(&revision, &base), [""; 0]);
}

#[test]
fn swagger_is_compared_with_openapi() {
    let swagger = r#"
swagger: '2.0'
host: api.example.com
basePath: /v1
consumes: [application/json]
produces: [application/json]
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
paths:
  /a:
    parameters: [{$ref: '#/parameters/Limit'}]
    post:
      parameters:
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/A'}}
        - {name: ids, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses: {'200': {description: Fine., schema: {$ref: '#/definitions/A'}}}
  /b:
    post:
      consumes: [multipart/form-data]
      parameters: [{name: file, in: formData, required: true, type: file}]
      responses: {'204': {description: Fine.}}
definitions:
  A: {type: object, properties: {a: {type: string, x-nullable: true}}}
securityDefinitions: {key: {type: apiKey, name: k, in: header}, basic: {type: basic}}
"#;
    let openapi = r#"
openapi: 3.0.3
servers: [{url: 'https://api.example.com/v1'}]
paths:
  /a:
    post:
      parameters:
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
        - {name: limit, in: query, schema: {type: integer, maximum: 10}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
  /b:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}
      responses: {'204': {description: Fine.}}
components:
  schemas: {A: {type: object, properties: {a: {type: string, nullable: true}}}}
  securitySchemes: {key: {type: apiKey, name: k, in: header}, basic: {type: http, scheme: basic}}
"#;
    let old = document("swagger.yaml", parse(swagger));
    let new = document("openapi.yaml", parse(openapi));
    assert_eq!(findings(&old, &new), [""; 0]);
    // Pointers are those of the file, not of the lifted tree.
    let stricter = swagger.replace("x-nullable: true", "x-nullable: false");
    let report = compare(&old, &document("swagger.yaml", parse(&stricter)));
    let pointers: Vec<_> = report.changes.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(pointers, ["/definitions/A/properties/a/nullable"; 2]);
}

/// A report with a shared cause, a lone one and a new operation.
fn report() -> Report {
    let root = |kind: &str, more: bool| {
        let schema = json!({ "$ref": "#/components/schemas/Pet" });
        let answer = json!({ "responses": { "200": { "content": { "application/json": { "schema": schema } } } } });
        let mut paths = json!({
            "/pets": { "get": answer },
            "/pets/{id}": { "get": answer },
            "/lone": { "get": { "responses": {}, "deprecated": more } },
        });
        if more {
            paths["/new"] = json!({ "get": {} });
        }
        let pet = json!({ "properties": { "age": { "type": kind } } });
        let mut document = document(
            "pets.yaml",
            json!({
                "openapi": "3.0.3", "paths": paths, "components": { "schemas": { "Pet": pet } },
            }),
        );
        let line = conversations_document::Origin { file: "pets.yaml".into(), line: 7 };
        document.origins.insert("/components/schemas/Pet/properties/age".to_owned(), line);
        document
    };
    compare(&root("integer", false), &root("string", true))
}

fn written(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    display(report, format, &mut out).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

#[test]
fn text_names_a_shared_cause_once() {
    assert_eq!(
        written(&report(), Format::Text),
        "\
schema Pet
  reaches GET /pets, GET /pets/{id}
  error   `age`: type changed from `integer` to `string` [response-property-type-changed]
          at pets.yaml:7

GET /lone
  info    is deprecated [endpoint-deprecated]
          at /paths/~1lone/get/deprecated

operations added
  info    GET /new was added [endpoint-added]
          at /paths/~1new/get

breaking on the wire: 1 error, 0 warnings, 2 notes (in all operations together 2, 0 and 2); Rust asks for a major \
release
"
    );
    assert_eq!(written(&Report::default(), Format::Text), "The contract is unchanged.\n");
}

#[test]
fn markdown_is_a_table_per_cause() {
    let mut report = report();
    report.changes[0]
        .rust
        .push("changed types::Pet::age: Option<i64> -> Option<String>".to_owned());
    let text = written(&report, Format::Markdown);
    assert!(
        text.contains("<br>Rust: `changed types::Pet::age: Option<i64> -> Option<String>`"),
        "{text}"
    );
    let row = "| error | `age`: type changed from `integer` to `string`<br>";
    assert_eq!(text.matches(row).count(), 1, "{text}");
    assert!(text.starts_with("**breaking on the wire: 1 error, 0 warnings, 2 notes ("), "{text}");
}

#[test]
fn a_component_has_one_heading_whatever_its_causes_reach() {
    let root = |kind: &str, also: &str| {
        let pet = json!({ "$ref": "#/components/schemas/Pet" });
        let answer = json!({ "responses": { "200": { "content": { "application/json": { "schema": pet } } } } });
        let body =
            json!({ "requestBody": { "content": { "application/json": { "schema": pet } } } });
        let pet = json!({ "properties": { "age": { "type": kind }, "name": { "type": "string", "enum": ["a", also] } } });
        let paths =
            json!({ "/a": { "get": answer, "put": body }, "/b": { "get": answer, "put": body } });
        document(
            "pets.yaml",
            json!({ "paths": paths, "components": { "schemas": { "Pet": pet } } }),
        )
    };
    let text = written(&compare(&root("integer", "b"), &root("string", "c")), Format::Text);
    assert_eq!(text.matches("schema Pet\n").count(), 1, "{text}");
    assert_eq!(text.matches("  reaches GET /a, GET /b\n").count(), 1, "{text}");
    assert_eq!(text.matches("  reaches PUT /a, PUT /b\n").count(), 1, "{text}");
}

#[test]
fn rust_items_stand_with_their_cause_or_at_the_end() {
    let mut report = report();
    let (own, other) = ("types::Pet::age: Option<i64> -> Option<String>", "types::Toy: struct");
    report.changes[0].rust.push(format!("changed {own}"));
    report.rust.changed.push(own.to_owned());
    report.rust.added.push(other.to_owned());
    report.rust.added.push("types::Toy::name: Option<String>".to_owned());
    for (format, end) in [
        (
            Format::Text,
            "\nRust items without a cause of their own\n  added types::Toy: struct (1 field)\n\n",
        ),
        (
            Format::Markdown,
            "\n### Rust items without a cause of their own\n\n- `added types::Toy: struct (1 field)`\n",
        ),
    ] {
        let text = written(&report, format);
        assert!(text.contains(end), "{text}");
        assert_eq!(text.matches(own).count(), 1, "{text}");
        let counts = "Rust items: 1 changed, 2 added; 2 without a cause of their own\n";
        assert!(text.contains(counts), "{text}");
    }
    let value: Value = serde_json::from_str(&written(&report, Format::Json)).unwrap();
    assert_eq!(value["rust"]["changed"], json!([own]));
}

#[test]
fn annotations_name_file_and_line() {
    let text = written(&report(), Format::Github);
    let first = "::error file=pets.yaml,line=7,title=response-property-type-changed::schema Pet: \
                 `age`: type changed from `integer` to `string` (reaches GET /pets, GET /pets/{id})";
    assert_eq!(text.lines().next(), Some(first));
    assert!(text.contains("::notice file=pets.yaml,title=endpoint-added::"), "{text}");
}

#[test]
fn json_is_the_contract() {
    let value: Value = serde_json::from_str(&written(&report(), Format::Json)).unwrap();
    assert_eq!(value["counts"], json!({ "error": 2, "warning": 0, "info": 2 }));
    assert_eq!(value["breaking"], json!(true));
    assert_eq!(value["rust"], json!({ "added": [], "removed": [], "changed": [] }));
    assert_eq!(value["semver"], json!("major"));
    assert_eq!(
        value["changes"][0],
        json!({
            "id": "response-property-type-changed",
            "level": "error",
            "operation": "GET /pets",
            "operation_id": null,
            "pointer": "/components/schemas/Pet/properties/age/type",
            "base_line": 7,
            "revision_line": 7,
            "text": "`age` in the body of response 200: type changed from `integer` to `string`",
            "rust": [],
        })
    );
}

/// Pairs of documents with the verdict of another tool, where a copy is at hand: set
/// `CONVERSATIONS_REFERENCE` to the folder that holds `diff-cases`.
#[test]
fn verdicts_agree_with_the_reference() {
    let folder =
        std::env::var_os("CONVERSATIONS_REFERENCE").map(|it| Path::new(&it).join("diff-cases"));
    let Some(folder) = folder.filter(|it| it.is_dir()) else {
        println!("skipped: CONVERSATIONS_REFERENCE names no folder with diff-cases");
        return;
    };
    let (mut cases, mut agreed, mut expected, mut found) = (0, 0, 0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let read = |name: &str| fs::read_to_string(path.join(name)).unwrap();
        let tree = |name: &str| document(name, parse(&read(name)));
        let want: Value = serde_json::from_str(&read("expected.json")).unwrap();
        let report = compare(&tree("base.yaml"), &tree("revision.yaml"));
        cases += 1;
        agreed += usize::from(want["breaking"] == json!(report.breaking));
        for change in want["changes"].as_array().into_iter().flatten() {
            if change["level"] == json!("ERR") {
                expected += 1;
                let is = |it: &Change| json!(it.id) == change["id"] && it.level == Level::Error;
                found += usize::from(report.changes.iter().any(is));
            }
        }
    }
    println!("verdicts {agreed} of {cases}, errors by id {found} of {expected}");
    assert!(agreed * 100 >= cases * 99, "verdicts agree in {agreed} of {cases}");
    assert!(found * 100 >= expected * 99, "errors found by id: {found} of {expected}");
}
