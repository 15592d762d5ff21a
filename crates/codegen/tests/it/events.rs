//! Which webhooks of a document become which events: small cases as data.

use conversations_codegen::{generate_document, provider};
use conversations_document::load;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// `events` of `provider.yaml`.
    #[serde(default)]
    declared: Value,
    webhooks: Value,
    #[serde(default)]
    schemas: Value,
    /// The public items of the module `events`, with their signatures.
    #[serde(default)]
    items: Vec<String>,
    /// The places of notes on webhooks.
    #[serde(default)]
    notes: Vec<String>,
    /// What the generated code contains.
    #[serde(default)]
    has: Vec<String>,
}

#[test]
fn webhooks_become_events() {
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("../events.yaml")).unwrap();
    let mut faults = Vec::new();
    for case in cases {
        let mut form = json!({
            "provider": "acme", "title": "Acme", "summary": "s", "documentation": "d",
            "source": { "note": "n" }, "servers": [{ "url": "https://acme.test", "description": "" }],
        });
        if !case.declared.is_null() {
            form["events"] = case.declared;
        }
        let provider = provider::provider(&super::text("provider.yaml", &form.to_string()));
        let provider = provider.unwrap_or_else(|it| panic!("{}: {it}", case.name));
        let body = |schema: &Value| json!({ "post": { "requestBody": { "content": { "application/json": { "schema": schema } } } } });
        let hooks = case.webhooks.as_object().unwrap();
        let hooks: Value = hooks.iter().map(|(name, it)| (name.clone(), body(it))).collect();
        let document = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
            "webhooks": hooks, "components": { "schemas": case.schemas },
        });
        let document = load::document("case.json", &document.to_string()).unwrap();
        let made = generate_document(document, &provider)
            .unwrap_or_else(|it| panic!("{}: {it}", case.name));
        let items =
            made.surface.items.iter().filter_map(|(path, item)| {
                Some(format!("{}: {item}", path.strip_prefix("events::")?))
            });
        let items: Vec<String> = items.collect();
        let notes = made.notes.iter().filter(|it| it.code().name() == "webhooks");
        let notes: Vec<String> = notes.map(|it| it.pointer.to_string()).collect();
        if items != case.items || notes != case.notes {
            faults.push(format!("{}: {items:#?} {notes:#?}", case.name));
        }
        let plain = |it: &str| it.split_whitespace().collect::<String>();
        let source = plain(&made.source);
        let lacking = case.has.iter().filter(|it| !source.contains(&plain(it)));
        faults.extend(lacking.map(|it| format!("{}: lacks `{it}`", case.name)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
