//! Documents that try the generated Rust: small cases as data, and what must hold for all of them.

use conversations_codegen::{Generated, generate_document, provider};
use conversations_document::load;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use syn::Item;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    paths: Value,
    #[serde(default)]
    schemas: Value,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    /// What is noted as lost, all of it.
    lost: Option<Vec<String>>,
    #[serde(default)]
    security_schemes: Value,
    #[serde(default)]
    servers: Value,
}

fn generated(document: &Value) -> Result<Generated, String> {
    let provider = provider::provider(&super::text(
        "provider.yaml",
        "
provider: acme
title: Acme
summary: Talk to Acme
documentation: https://acme.test/
source: { url: https://acme.test/openapi.yaml }
servers: [{ url: https://acme.test/v2 }]
",
    ))
    .unwrap();
    let document = load::document("case.json", &document.to_string()).unwrap();
    generate_document(document, &provider).map_err(|it| it.to_string())
}

/// Every type, trait or module that a module declares, each once.
fn declared_once(items: &[Item], at: &str) {
    let (mut types, mut values) = (BTreeSet::new(), BTreeSet::new());
    for item in items {
        let (space, name) = match item {
            Item::Struct(it) => (&mut types, it.ident.to_string()),
            Item::Enum(it) => (&mut types, it.ident.to_string()),
            Item::Static(it) => (&mut values, it.ident.to_string()),
            Item::Mod(it) => {
                let inside = format!("{at}::{}", it.ident);
                declared_once(it.content.as_ref().map_or(&[], |(_, items)| items), &inside);
                (&mut types, it.ident.to_string())
            }
            _ => continue,
        };
        assert!(space.insert(name.clone()), "{at}::{name} is declared twice");
    }
}

#[test]
fn what_documents_say_never_spoils_the_rust() {
    let mut wrong = Vec::new();
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("../rust/documents.yaml")).unwrap();
    for case in cases {
        let document = json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "paths": case.paths,
            "servers": if case.servers.is_null() { json!([]) } else { case.servers },
            "components": {
                "schemas": if case.schemas.is_null() { json!({}) } else { case.schemas },
                "securitySchemes": if case.security_schemes.is_null() { json!({}) } else { case.security_schemes },
            },
        });
        let made = generated(&document).unwrap_or_else(|it| panic!("{}: {it}", case.name));
        let source = made.source;
        let lost = made.notes.iter().map(|it| &it.done).filter(|it| it.code().cost().is_some());
        let lost: BTreeSet<String> = lost.map(ToString::to_string).collect();
        if let Some(expected) = case.lost.map(BTreeSet::from_iter)
            && expected != lost
        {
            wrong.push(format!("{}: noted as lost {lost:?}", case.name));
        }
        declared_once(&syn::parse_file(&source).unwrap().items, &case.name);
        // Lines end as they may; what else is white space must not hide in a comment.
        let flat = source.split([' ', '\n', '\t']).filter(|it| !it.is_empty());
        let flat = flat.collect::<Vec<_>>().join(" ");
        let lacks = case.has.iter().filter(|it| !flat.contains(*it));
        let has = case.lacks.iter().filter(|it| flat.contains(*it));
        let found =
            lacks.map(|it| format!("lacks `{it}`")).chain(has.map(|it| format!("has `{it}`")));
        let found: Vec<String> = found.collect();
        if !found.is_empty() {
            wrong.push(format!("{}: {} in\n{source}", case.name, found.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_doubles_at_each_level_is_followed_once() {
    let level = |n: u32| match n {
        40 => json!({"type": "object", "properties": {"x": {"type": "string"}}}),
        _ => {
            let next = json!({"$ref": format!("#/components/schemas/A{}", n + 1)});
            json!({"allOf": [next, next]})
        }
    };
    let schemas: serde_json::Map<String, Value> =
        (0..=40).map(|n| (format!("A{n}"), level(n))).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "read", "responses": {"200": {"description": "",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A0"}}}}}}}},
        "components": {"schemas": schemas},
    });
    assert!(generated(&document).unwrap().source.contains("pub x: "));
}
