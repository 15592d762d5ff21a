//! Every example of the documents goes through its Rust type and comes back as it was.

use crate::{
    folder::{PROVIDERS, generated},
    json::{aliases, examples, plain, resolve},
    samples::smallest,
    types,
};
use serde_json::{Value, json};

#[test]
fn examples_of_bodies_go_through_their_types() {
    for provider in PROVIDERS {
        let document = &generated(provider).document;
        let mut seen = 0;
        for (at, media) in bodies(document) {
            for (name, example) in examples(document, media) {
                check(provider, &format!("{at} {name}"), component(&at, &media["schema"]), example);
                seen += 1;
            }
        }
        println!("{provider}: {seen} examples of bodies");
        assert!(seen >= 12, "{provider}: only {seen} examples");
    }
}

/// The examples that stand at components and at their properties, the latter inside the smallest body.
#[test]
fn examples_of_schemas_go_through_their_types() {
    let mut seen = 0;
    for provider in PROVIDERS {
        let document = &generated(provider).document;
        let components = document["components"]["schemas"].as_object().expect("components");
        for (name, schema) in components {
            for example in own_examples(schema) {
                check(provider, name, name, example);
                seen += 1;
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            for (property, inner) in properties.into_iter().flatten() {
                for example in own_examples(inner) {
                    let mut body = smallest(document, schema);
                    body[property] = example.clone();
                    check(provider, &format!("{name}.{property}"), name, &body);
                    seen += 1;
                }
            }
        }
    }
    println!("{seen} examples of schemas");
    assert!(seen > 0);
}

fn check(provider: &str, at: &str, component: &str, example: &Value) {
    let ty = types::of_component(provider, component)
        .unwrap_or_else(|| panic!("{provider}: {at}: `{component}` is not in tests/it/types.rs"));
    let through = (ty.through)(example.to_string().as_bytes()).unwrap_or_else(|error| {
        panic!("{provider}: {at} is no `{}`: {error}\n{example:#}", ty.name)
    });
    let aliases = aliases(&generated(provider).document);
    assert_eq!(plain(&through, &aliases), plain(example, &aliases), "{provider}: {at}");
}

/// The component that a body's schema is. An inline one has a name in the overlay, or its examples are covered by nobody.
fn component<'a>(at: &str, schema: &'a Value) -> &'a str {
    let reference = schema.get("$ref").and_then(Value::as_str);
    reference
        .and_then(|it| it.strip_prefix("#/components/schemas/"))
        .unwrap_or_else(|| panic!("{at}: the schema is no component: {schema}"))
}

/// The JSON bodies of all requests and answers.
fn bodies(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (verb, operation) in item.as_object().expect("a path item") {
            if operation.get("responses").is_none() {
                continue;
            }
            let request = operation.get("requestBody").map(|it| ("request", it));
            let responses = operation["responses"].as_object().expect("responses");
            let responses = responses.iter().map(|(status, it)| (status.as_str(), it));
            for (what, node) in request.into_iter().chain(responses) {
                let content = resolve(document, node).get("content").and_then(Value::as_object);
                for (media_type, media) in content.into_iter().flatten() {
                    found.push((format!("{verb} {path} {what} {media_type}"), media));
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
