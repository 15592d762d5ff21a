//! Every example of the documents goes through its Rust type and comes back as it was.

use crate::{
    folder::{built, document},
    json::{aliases, escape, examples, plain, resolve},
    samples::smallest,
    types,
};
use serde_json::{Value, json};

#[test]
fn examples_of_bodies_go_through_their_types() {
    let mut seen = 0;
    for provider in built() {
        let document = document(provider);
        for (at, media) in bodies(document) {
            for (name, example) in examples(document, media) {
                check(provider, &format!("{at} {name}"), &at, &media["schema"], example);
                seen += 1;
            }
        }
    }
    println!("{seen} examples of bodies");
    assert!(seen > 0);
}

/// The examples that stand at components and at their properties, the latter inside the smallest body.
#[test]
fn examples_of_schemas_go_through_their_types() {
    let mut seen = 0;
    for provider in built() {
        let document = document(provider);
        let components = document["components"]["schemas"].as_object().expect("components");
        for (name, schema) in components {
            let place = format!("/components/schemas/{}", escape(name));
            for example in own_examples(schema) {
                check(provider, name, &place, schema, example);
                seen += 1;
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            for (property, inner) in properties.into_iter().flatten() {
                for example in own_examples(inner) {
                    let mut body = smallest(document, schema);
                    body[property] = example.clone();
                    check(provider, &format!("{name}.{property}"), &place, schema, &body);
                    seen += 1;
                }
            }
        }
    }
    println!("{seen} examples of schemas");
    assert!(seen > 0);
}

fn check(provider: &str, what: &str, place: &str, schema: &Value, example: &Value) {
    let through = types::through_schema(provider, place, schema, example)
        .unwrap_or_else(|error| panic!("{provider}: {what}: {error}\n{example:#}"));
    let aliases = aliases(document(provider));
    assert_eq!(plain(&through, &aliases), plain(example, &aliases), "{provider}: {what}");
}

/// The bodies of all requests and answers, by the pointer to their schema.
fn bodies(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (verb, operation) in item.as_object().expect("a path item") {
            if operation.get("responses").is_none() {
                continue;
            }
            let request = operation.get("requestBody").map(|it| ("requestBody".to_owned(), it));
            let responses = operation["responses"].as_object().expect("responses");
            let responses =
                responses.iter().map(|(status, it)| (format!("responses/{status}"), it));
            for (what, node) in request.into_iter().chain(responses) {
                let content = resolve(document, node).get("content").and_then(Value::as_object);
                for (media_type, media) in content.into_iter().flatten() {
                    let (path, media_type) = (escape(path), escape(media_type));
                    let at = format!("/paths/{path}/{verb}/{what}/content/{media_type}/schema");
                    found.push((at, media));
                }
            }
        }
    }
    found
}

/// `example`, and each of a schema's `examples`.
fn own_examples(schema: &Value) -> Vec<&Value> {
    let listed = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    schema.get("example").into_iter().chain(listed).collect()
}

/// What the walk above must find, on a document of one line each.
#[test]
fn the_walk_finds_every_place() {
    let media = json!({"schema": {"$ref": "#/components/schemas/A"}, "example": 1, "examples": {"b": {"value": 2}}});
    let document = json!({
        "paths": {"/x": {"post": {
            "requestBody": {"$ref": "#/components/requestBodies/B"},
            "responses": {"200": {"content": {"application/json": media}}, "400": {"$ref": "#/components/responses/C"}},
        }}},
        "components": {
            "requestBodies": {"B": {"content": {"application/json": media}}},
            "responses": {"C": {"content": {"application/json": media}}},
        },
    });
    let all: Vec<_> =
        bodies(&document).iter().flat_map(|(_, it)| examples(&document, it)).collect();
    assert_eq!(all.len(), 6);
    assert_eq!(own_examples(&json!({"example": 1, "examples": [2, 3]})).len(), 3);
}
