//! What keeps the client as it was, case by case: `cases/unsaid.yaml`.

#![allow(clippy::unwrap_used)] // A test that panics is a test that fails.

use super::propose::kept;
use crate::pipeline;
use conversations_codegen::surface::{Surface, compare};
use conversations_document::{
    Document,
    load::{self, Text},
    overlay,
};
use serde_json::{Value, json};

fn document(schemas: &Value, answer: &Value, body: &Value, parameters: &Value) -> Document {
    let mut get = json!({"operationId": "getMessages", "responses": {"200": {"description": ""}}});
    let mut post = json!({"operationId": "postMessage", "responses": {"204": {"description": ""}}});
    let content = |schema: &Value| json!({"application/json": {"schema": schema}});
    if !answer.is_null() {
        get["responses"]["200"]["content"] = content(answer);
    }
    if !parameters.is_null() {
        get["parameters"] = parameters.clone();
    }
    if !body.is_null() {
        post["requestBody"] = json!({"required": true, "content": content(body)});
    }
    let value = json!({"openapi": "3.0.3", "info": {"title": "", "version": ""},
        "paths": {"/messages": {"get": get, "post": post}},
        "components": {"schemas": if schemas.is_null() { json!({}) } else { schemas.clone() }}});
    load::document("openapi.json", &value.to_string()).unwrap()
}

fn surface(document: &Document) -> Surface {
    pipeline::survey(document.clone()).unwrap()
}

#[test]
fn what_the_table_says_stays() {
    let cases: Vec<Value> = serde_yaml::from_str(include_str!("cases/unsaid.yaml")).unwrap();
    assert!(cases.len() > 20);
    for case in &cases {
        let then = |key: &str| match case.get(format!("next_{key}")) {
            Some(value) => value.clone(),
            None => case[key].clone(),
        };
        let present =
            document(&case["schemas"], &case["answer"], &case["body"], &case["parameters"]);
        let mut next = document(&case["next"], &then("answer"), &then("body"), &then("parameters"));
        for round in 0.. {
            let keeps = kept(&present.root, &next.root, "the test");
            if keeps.is_empty() {
                break;
            }
            assert!(round < 3, "{}: no end: {keeps:#?}", case["name"]);
            let actions: Vec<Value> = keeps.into_iter().flat_map(|it| it.actions).collect();
            let text = json!({"overlay": "1.1.0", "info": {"title": "", "version": ""}, "actions": actions});
            let text = Text { file: "overlay.yaml".to_owned(), text: text.to_string() };
            let file = overlay::parse(&text).unwrap();
            next = overlay::apply(next, &file)
                .unwrap_or_else(|it| panic!("{}: {it}\n{}", case["name"], text.text));
        }
        let (before, after) = (surface(&present), surface(&next));
        let diff = compare(&before, &after);
        let all = [("added", diff.added), ("changed", diff.changed), ("removed", diff.removed)];
        let found: Vec<String> = all
            .into_iter()
            .flat_map(|(kind, list)| list.into_iter().map(move |it| format!("{kind} {it}")))
            .collect();
        let expected: Vec<&str> =
            case["rust"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(found, expected, "{}: {:#}", case["name"], next.root);
    }
}
