//! The Brevo document that `source.yaml` calls one with texts of our own keeps the structure of the one that it was
//! taken from: nothing but texts differs.

use crate::folder::{reference, root};
use serde_json::Value;
use std::fs;

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations --test it -- --ignored"]
fn brevo_differs_from_its_source_in_texts_only() {
    let taken = fs::read_to_string(root().join("specs/brevo/source.yaml")).expect("source.yaml");
    let name = "brevo-conversations-openapi.yml";
    let ours = |it: &str| {
        it.starts_with("origin:") && it.contains(name) && it.ends_with("with texts of our own")
    };
    assert!(taken.lines().any(ours), "another document was taken since:\n{taken}");
    let folder = reference();
    let named = [format!("vendor-docs/{name}"), name.to_owned()];
    let source = named.iter().map(|it| folder.join(it)).find(|it| it.is_file());
    let source = source.unwrap_or_else(|| panic!("{} holds no {name}", folder.display()));
    let read = |path| -> Value {
        let text = fs::read_to_string(path).expect("a readable file");
        serde_yaml::from_str(&text).expect("YAML")
    };
    let ours = without_texts(read(root().join("specs/brevo/openapi.yaml")), "");
    let theirs = without_texts(read(source), "");
    let mut found = Vec::new();
    differences(&ours, &theirs, "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Without `description` and `summary` where they are texts for people. A property of such a name stays.
fn without_texts(value: Value, inside: &str) -> Value {
    match value {
        Value::Object(members) => {
            let texts = inside != "properties";
            let kept = members.into_iter().filter(|(name, value)| {
                !(texts && value.is_string() && matches!(name.as_str(), "description" | "summary"))
            });
            Value::Object(
                kept.map(|(name, value)| {
                    let value = without_texts(value, &name);
                    (name, value)
                })
                .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(|it| without_texts(it, "")).collect(),
        other => other,
    }
}

/// Every place where two documents differ, the order of mappings aside.
fn differences(ours: &Value, theirs: &Value, at: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|it| !a.contains_key(*it))) {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differences(a, b, &at, found),
                    (Some(_), None) => found.push(format!("{at}: only ours")),
                    _ => found.push(format!("{at}: only the source's")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{at}/{i}"), found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: {a} is {b} in the source")),
    }
}

#[test]
fn the_comparison_sees_every_change() {
    let base = serde_json::json!({"a": {"description": "x", "properties": {"description": {"type": "string"}}}, "l": [1, 2]});
    let texts =
        serde_json::json!({"a": {"properties": {"description": {"type": "string"}}}, "l": [1, 2]});
    let compare = |other: Value| {
        let mut found = Vec::new();
        differences(&without_texts(base.clone(), ""), &without_texts(other, ""), "", &mut found);
        found
    };
    assert_eq!(compare(texts.clone()), Vec::<String>::new());
    let mut changed = texts;
    changed["a"]["properties"]["description"]["type"] = "integer".into();
    changed["l"] = serde_json::json!([1]);
    changed["more"] = true.into();
    assert_eq!(compare(changed).len(), 3);
}
