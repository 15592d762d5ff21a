//! Swagger 2.0 lifted to the shape of OpenAPI 3.0, so that everything else sees one shape only.
//!
//! This is for comparing, not for generating: it keeps what the rules look at, never fails, and
//! remembers which pointer of the file each moved node came from.

use conversations_document::{
    Method, Version,
    document::{child, parent},
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// Keywords of a parameter or header of Swagger 2.0 that belong to its schema.
const SCHEMA_KEYS: [&str; 17] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "x-nullable",
];

/// Which pointers of a rewritten document stand for which pointers of its file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves(BTreeMap<String, String>);

impl Moves {
    /// The pointer in the file that `pointer` stands for: the longest moved prefix decides.
    pub(crate) fn original(&self, pointer: &str) -> String {
        let mut at = pointer;
        loop {
            if let Some(old) = self.0.get(at) {
                return format!("{old}{}", &pointer[at.len()..]);
            }
            if at.is_empty() {
                return pointer.to_owned();
            }
            at = parent(at);
        }
    }

    /// Notes that the node at `new` stands at `old` in the file.
    pub(crate) fn add(&mut self, new: String, old: String) {
        self.0.insert(new, old);
    }
}

/// `root` in the shape of OpenAPI 3.x, and the way back to its own pointers.
pub(crate) fn lift(root: &Value) -> (Cow<'_, Value>, Moves) {
    let mut moves = Moves::default();
    if Version::of(root) != Some(Version::Swagger2) {
        return (Cow::Borrowed(root), moves);
    }
    let mut root = root.clone();
    references(&mut root);
    let consumes = texts(root.get("consumes"));
    let produces = texts(root.get("produces"));
    let shared = root.get("parameters").cloned().unwrap_or(Value::Null);
    let mut paths = root.get("paths").cloned().unwrap_or_else(|| json!({}));
    for (path, item) in members(&mut paths) {
        let at = child("/paths", path);
        let mut common = Vec::new();
        if let Some(parameters) = item.get("parameters").and_then(Value::as_array) {
            common = parameters
                .iter()
                .enumerate()
                .map(|(n, it)| (format!("{at}/parameters/{n}"), it.clone()))
                .collect();
        }
        if let Some(item) = item.as_object_mut() {
            item.remove("parameters");
        }
        for (method, operation) in members(item) {
            if Method::of_key(method).is_some() && operation.is_object() {
                let at = child(&at, method);
                lift_operation(
                    operation,
                    &at,
                    &common,
                    &shared,
                    (&consumes, &produces),
                    &mut moves,
                );
            }
        }
    }
    let mut lifted = Map::new();
    lifted.insert("openapi".to_owned(), json!("3.0.3"));
    for key in ["info", "security", "tags"] {
        if let Some(value) = root.get(key) {
            lifted.insert(key.to_owned(), value.clone());
        }
    }
    lifted.insert("servers".to_owned(), servers(&root));
    lifted.insert("paths".to_owned(), paths);
    let mut responses = root.get("responses").cloned().unwrap_or_else(|| json!({}));
    for (name, response) in members(&mut responses) {
        let (new, old) = (child("/components/responses", name), child("/responses", name));
        lift_response(response, &new, &old, &produces, &mut moves);
    }
    let mut schemes = root.get("securityDefinitions").cloned().unwrap_or_else(|| json!({}));
    for (_, scheme) in members(&mut schemes) {
        lift_scheme(scheme);
    }
    let schemas = root.get("definitions").cloned().unwrap_or_else(|| json!({}));
    lifted.insert(
        "components".to_owned(),
        json!({ "schemas": schemas, "responses": responses, "securitySchemes": schemes }),
    );
    moves.add("/components/schemas".to_owned(), "/definitions".to_owned());
    moves.add("/components/responses".to_owned(), "/responses".to_owned());
    moves.add("/components/securitySchemes".to_owned(), "/securityDefinitions".to_owned());
    moves.add("/servers".to_owned(), "/host".to_owned());
    (Cow::Owned(Value::Object(lifted)), moves)
}

/// Rewrites references and the one vendor keyword that everybody uses, all over the tree.
fn references(root: &mut Value) {
    let mut work = vec![root];
    while let Some(value) = work.pop() {
        match value {
            Value::Array(list) => work.extend(list.iter_mut()),
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get_mut("$ref") {
                    for (old, new) in [
                        ("#/definitions/", "#/components/schemas/"),
                        ("#/responses/", "#/components/responses/"),
                    ] {
                        if let Some(name) = target.strip_prefix(old) {
                            *target = format!("{new}{name}");
                            break;
                        }
                    }
                }
                if let Some(nullable) = map.get("x-nullable").filter(|it| it.is_boolean()).cloned()
                {
                    map.insert("nullable".to_owned(), nullable);
                }
                if let Some(Value::String(name)) = map.get("discriminator").cloned() {
                    map.insert("discriminator".to_owned(), json!({ "propertyName": name }));
                }
                work.extend(map.values_mut());
            }
            _ => {}
        }
    }
}

fn lift_operation(
    operation: &mut Value,
    at: &str,
    common: &[(String, Value)],
    shared: &Value,
    (consumes, produces): (&[String], &[String]),
    moves: &mut Moves,
) {
    let Some(map) = operation.as_object_mut() else { return };
    let own_consumes = map.remove("consumes").map(|it| texts(Some(&it)));
    let own_produces = map.remove("produces").map(|it| texts(Some(&it)));
    let consumes = own_consumes.as_deref().unwrap_or(consumes);
    let produces = own_produces.as_deref().unwrap_or(produces);
    let own = map.remove("parameters");
    let own = own.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = own.iter().enumerate().map(|(n, it)| (format!("{at}/parameters/{n}"), it.clone()));
    let mut parameters: Vec<Value> = Vec::new();
    let mut seen = Vec::new();
    let mut form: Vec<(String, Value)> = Vec::new();
    for (old, parameter) in own.chain(common.iter().cloned()) {
        let (old, parameter) = named(old, parameter, shared);
        let place = parameter.get("in").and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if seen.contains(&(place.clone(), name.clone())) {
            continue;
        }
        seen.push((place.clone(), name));
        match place.as_str() {
            "body" => {
                let media = media_types(consumes, "application/json");
                let mut content = Map::new();
                for media in media {
                    let new =
                        format!("{}/schema", child(&format!("{at}/requestBody/content"), &media));
                    moves.add(new, format!("{old}/schema"));
                    let schema = parameter.get("schema").cloned().unwrap_or_else(|| json!({}));
                    content.insert(media, json!({ "schema": schema }));
                }
                let required = parameter.get("required").cloned().unwrap_or(Value::Bool(false));
                map.insert(
                    "requestBody".to_owned(),
                    json!({ "required": required, "content": content }),
                );
                moves.add(format!("{at}/requestBody"), old);
            }
            "formData" => form.push((old, parameter)),
            _ => {
                moves.add(format!("{at}/parameters/{}", parameters.len()), old.clone());
                moves.add(format!("{at}/parameters/{}/schema", parameters.len()), old);
                parameters.push(with_schema(parameter));
            }
        }
    }
    map.insert("parameters".to_owned(), Value::Array(parameters));
    if !form.is_empty() {
        let media = media_types(consumes, "application/x-www-form-urlencoded");
        let mut content = Map::new();
        for media in media {
            let new = format!("{}/schema", child(&format!("{at}/requestBody/content"), &media));
            let (mut properties, mut required) = (Map::new(), Vec::new());
            let mut encoding = Map::new();
            for (old, parameter) in &form {
                let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
                moves.add(child(&format!("{new}/properties"), name), old.clone());
                let schema = file_or(schema_of(parameter));
                if schema.get("type") == Some(&json!("array")) {
                    let (style, explode) = separator(parameter.get("collectionFormat"), true);
                    let written = json!({ "style": style, "explode": explode });
                    encoding.insert(name.to_owned(), written);
                    let new = child(&format!("{}/encoding", parent(&new)), name);
                    moves.add(new, old.clone());
                }
                properties.insert(name.to_owned(), schema);
                if parameter.get("required") == Some(&Value::Bool(true)) {
                    required.push(Value::String(name.to_owned()));
                }
            }
            let schema =
                json!({ "type": "object", "properties": properties, "required": required });
            content.insert(media, json!({ "schema": schema, "encoding": encoding }));
        }
        let required = form.iter().any(|(_, it)| it.get("required") == Some(&Value::Bool(true)));
        map.insert("requestBody".to_owned(), json!({ "required": required, "content": content }));
        moves.add(format!("{at}/requestBody"), format!("{at}/parameters"));
    }
    if let Some(responses) = map.get_mut("responses") {
        for (status, response) in members(responses) {
            let at = child(&format!("{at}/responses"), status);
            lift_response(response, &at, &at, produces, moves);
        }
    }
    if let Some(schemes) = map.remove("schemes") {
        map.insert("x-schemes".to_owned(), schemes);
    }
}

fn lift_response(
    response: &mut Value,
    new: &str,
    old: &str,
    produces: &[String],
    moves: &mut Moves,
) {
    let Some(map) = response.as_object_mut() else { return };
    if map.contains_key("$ref") {
        return;
    }
    if let Some(schema) = map.remove("schema").map(file_or) {
        let mut content = Map::new();
        for media in media_types(produces, "application/json") {
            let place = child(&format!("{new}/content"), &media);
            moves.add(format!("{place}/schema"), format!("{old}/schema"));
            content.insert(media, json!({ "schema": schema }));
        }
        map.insert("content".to_owned(), Value::Object(content));
    }
    if let Some(headers) = map.get_mut("headers") {
        for (_, header) in members(headers) {
            *header = with_schema(header.clone());
        }
    }
}

fn lift_scheme(scheme: &mut Value) {
    let Some(map) = scheme.as_object_mut() else { return };
    match map.get("type").and_then(Value::as_str) {
        Some("basic") => {
            map.insert("type".to_owned(), json!("http"));
            map.insert("scheme".to_owned(), json!("basic"));
        }
        Some("oauth2") => {
            let flow = map.remove("flow");
            let flow = match flow.as_ref().and_then(Value::as_str) {
                Some("accessCode") => "authorizationCode",
                Some("application") => "clientCredentials",
                Some("password") => "password",
                _ => "implicit",
            };
            let mut inner = Map::new();
            for key in ["authorizationUrl", "tokenUrl", "scopes"] {
                if let Some(value) = map.remove(key) {
                    inner.insert(key.to_owned(), value);
                }
            }
            map.insert("flows".to_owned(), json!({ flow: inner }));
        }
        _ => {}
    }
}

fn servers(root: &Value) -> Value {
    let host = root.get("host").and_then(Value::as_str).unwrap_or_default();
    let base = root.get("basePath").and_then(Value::as_str).unwrap_or_default();
    let schemes = texts(root.get("schemes"));
    if host.is_empty() {
        return json!([{ "url": base }]);
    }
    let schemes = if schemes.is_empty() { vec!["https".to_owned()] } else { schemes };
    schemes.iter().map(|it| json!({ "url": format!("{it}://{host}{base}") })).collect()
}

/// A parameter behind `#/parameters/name`, with the pointer of its definition.
fn named(old: String, parameter: Value, shared: &Value) -> (String, Value) {
    let name = parameter
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|it| it.strip_prefix("#/parameters/"));
    match name.and_then(|name| Some((child("/parameters", name), shared.get(name)?.clone()))) {
        Some(found) => found,
        None => (old, parameter),
    }
}

fn schema_of(parameter: &Value) -> Value {
    let map = parameter.as_object();
    let keep = |(key, _): &(&String, &Value)| SCHEMA_KEYS.contains(&key.as_str());
    let keys = map.into_iter().flatten().filter(keep);
    let mut schema: Map<_, _> = keys.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(nullable) = schema.remove("x-nullable") {
        schema.insert("nullable".to_owned(), nullable);
    }
    Value::Object(schema)
}

fn with_schema(parameter: Value) -> Value {
    let schema = schema_of(&parameter);
    let Value::Object(mut map) = parameter else { return parameter };
    map.retain(|key, _| !SCHEMA_KEYS.contains(&key.as_str()));
    map.insert("schema".to_owned(), schema);
    let place = map.get("in").and_then(Value::as_str).unwrap_or_default();
    let (style, explode) = separator(map.get("collectionFormat"), place == "query");
    let is_list = map.get("schema").and_then(|it| it.get("type")) == Some(&json!("array"));
    if is_list && map.contains_key("in") {
        map.insert("style".to_owned(), json!(style));
        map.insert("explode".to_owned(), json!(explode));
    }
    map.remove("collectionFormat");
    Value::Object(map)
}

/// The style in which a list is written, and whether one by one.
fn separator(format: Option<&Value>, form: bool) -> (&'static str, bool) {
    match format.and_then(Value::as_str) {
        Some("multi") => ("form", true),
        Some("ssv") => ("spaceDelimited", false),
        Some("pipes") => ("pipeDelimited", false),
        _ if form => ("form", false),
        _ => ("simple", false),
    }
}

/// A file, which Swagger 2.0 has a type for.
fn file_or(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some("file") => json!({ "type": "string", "format": "binary" }),
        _ => schema,
    }
}

fn media_types(declared: &[String], default: &str) -> Vec<String> {
    if declared.is_empty() { vec![default.to_owned()] } else { declared.to_vec() }
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}
