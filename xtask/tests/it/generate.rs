//! `generate` and `diff` on documents of their own.

use crate::workspace::Workspace;
use conversations_diff::Level;
use jiff::civil::Date;
use xtask::{Outcome, compare, generate, report::Format};

const TODAY: Date = jiff::civil::date(2026, 1, 31);

const MAIN: &str = "\
swagger: '2.0'
info: {title: Split Chat, version: '1'}
host: chat.example
basePath: /v1
securityDefinitions: {basic: {type: basic}}
paths:
  /messages:
    get:
      operationId: listMessages
      responses: {200: {description: ok, schema: {type: array, items: {$ref: '../shared/message.yaml'}}}}
";

#[test]
fn a_document_of_many_files_becomes_a_crate() {
    let workspace = Workspace::new();
    let spec = workspace.beside("project/api/main.yaml", MAIN);
    workspace.beside(
        "project/shared/message.yaml",
        "type: object\nproperties: {author: {$ref: 'user.yaml#/User'}}\n",
    );
    workspace.beside(
        "project/shared/user.yaml",
        "User: {type: object, properties: {name: {type: string}}}\n",
    );
    let request = generate::Request { spec, krate: Some("made".into()), ..Default::default() };
    workspace.run(|place, out, err| generate::generate(place, &request, out, err)).fine();
    let read = |file: &str| workspace.read(&format!("../made/{file}"));
    assert!(read("Cargo.toml").contains("name = \"split-chat-client\""));
    assert!(read("Cargo.toml").contains("[workspace]"));
    let client = read("src/client.rs");
    for part in [
        "pub fn list_messages",
        "pub struct Message",
        "pub struct User",
        "https://chat.example/v1",
        "pub fn basic",
    ] {
        assert!(client.contains(part), "no {part}");
    }
}

#[test]
fn bad_documents_are_located() {
    let workspace = Workspace::new();
    for (text, says) in [
        ("openapi: 3.0.0\n\tpaths: {}\n", "bad.yaml"),
        ("openapi: 4.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n", "bad.yaml:1 at /openapi"),
        ("- a\n- b\n", "no OpenAPI document"),
        (
            "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses: {'200': {$ref: '/etc/passwd'}}\n",
            "bad.yaml:6",
        ),
    ] {
        let spec = workspace.beside("bad.yaml", text);
        let request = generate::Request { spec, ..Default::default() };
        let error =
            workspace.run(|place, out, err| generate::generate(place, &request, out, err)).error();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_comparison_joins_the_contract_with_rust() {
    let workspace = Workspace::new();
    let base = workspace.beside(
        "base.yaml",
        &MAIN.replace("type: array, items: {$ref: '../shared/message.yaml'}", "type: string"),
    );
    let revision = workspace.beside(
        "revision.yaml",
        &MAIN.replace("type: array, items: {$ref: '../shared/message.yaml'}", "type: integer"),
    );
    let run = |fail_on| {
        workspace.run(|place, out, err| {
            compare::diff(place, [&base, &revision], Format::Json, fail_on, TODAY, out, err)
        })
    };
    let answer = run(Some(Level::Error));
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    let report: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(report["semver"], "major");
    assert_eq!(
        report["rust"]["changed"][0],
        "builder::ListMessages::send: fn() -> Response<String> -> fn() -> Response<i64>"
    );
    assert_eq!(report["changes"][0]["rust"].as_array().unwrap().len(), 1, "{report:#}");
    run(None).fine();
}
