//! What lowering promises of every document, checked without the generator's own means.

use conversations_document::Document;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the module promises of a lowered document; every breach in words.
pub(crate) fn breaches(document: &Document) -> Vec<String> {
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
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) {
            found.push(format!("schema name `{name}`"));
        }
        schemas.push((format!("/components/schemas/{name}"), schema));
    }
    let mut ids = BTreeSet::new();
    for (path, item) in
        root["paths"].as_object().unwrap().iter().filter(|(p, _)| !p.starts_with("x-"))
    {
        // A name may hold what separates a query outside of names.
        let after = path.rfind('}').unwrap_or(0);
        let (template, rest) =
            path.split_at(path[after..].find(['?', '#']).map_or(path.len(), |it| after + it));
        if !template.starts_with('/') || rest.contains(['{', '}']) {
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
            let responses = operation["responses"].as_object().unwrap().iter();
            bodies.extend(responses.filter(|(k, _)| !k.starts_with("x-")).map(|(_, v)| v));
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
    for (name, item) in root["webhooks"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} webhook {name}");
            let bodies = operation["requestBody"]["content"].as_object();
            if bodies.is_none() || operation.get("responses").is_some() {
                found.push(format!("{at}: {operation}"));
            }
            for media in bodies.into_iter().flatten().map(|(_, media)| media) {
                schemas.extend(media.get("schema").map(|it| (at.clone(), it)));
            }
        }
    }
    for (at, schema) in schemas {
        check_schema(schema, &at, &mut refs, &mut found);
    }
    for (at, text) in refs {
        let name = text.strip_prefix("#/components/schemas/");
        if name.is_none_or(|name| root["components"]["schemas"].get(name).is_none()) {
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
