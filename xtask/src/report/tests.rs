//! A report in each of its formats.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use super::{Format, Report, display};
use conversations_document::{Document, Origin};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn document(file: &str, root: Value) -> Document {
    Document { file: file.into(), root, origins: BTreeMap::new() }
}

fn compared(base: &Document, revision: &Document) -> Report {
    conversations_diff::compare(base, revision, jiff::civil::date(2026, 1, 31)).into()
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
        let line = Origin { file: "pets.yaml".into(), line: 7 };
        document.origins.insert("/components/schemas/Pet/properties/age".into(), line);
        document
    };
    compared(&root("integer", false), &root("string", true))
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
    let text = written(&compared(&root("integer", "b"), &root("string", "c")), Format::Text);
    assert_eq!(text.matches("schema Pet\n").count(), 1, "{text}");
    assert_eq!(text.matches("  reaches GET /a, GET /b\n").count(), 1, "{text}");
    assert_eq!(text.matches("  reaches PUT /a, PUT /b\n").count(), 1, "{text}");
}

#[test]
fn what_many_operations_note_is_one_line() {
    let root = |tag: &str, deprecated: bool| {
        let operation = json!({ "get": { "tags": [tag], "deprecated": deprecated } });
        let paths = json!({ "/a": operation, "/b": operation, "/c": operation });
        document("pets.yaml", json!({ "paths": paths }))
    };
    let text = written(&compared(&root("Pets", false), &root("Animals", true)), Format::Text);
    assert_eq!(text.matches("  reaches GET /a, GET /b, GET /c\n").count(), 1, "{text}");
    for line in ["gained the tag `Animals`", "lost the tag `Pets`", "is deprecated"] {
        assert_eq!(text.matches(line).count(), 1, "{text}");
    }
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
    assert_eq!(value["counts"], json!({ "error": 1, "warning": 0, "info": 2 }));
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
            "reach": { "count": 2, "operations": ["GET /pets", "GET /pets/{id}"] },
            "rust": [],
        })
    );
}
