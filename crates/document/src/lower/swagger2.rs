//! Swagger 2.0 as OpenAPI 3.0. References other than to schemas are resolved before.

use super::{COLLECTION_FORMAT, context::Context};
use crate::note::Code;
use crate::{
    document::child,
    grammar::{Dialect, Kind, walk_mut},
    method::Method,
    version::Version,
};
use serde_json::{Map, Value, json};

/// The keywords that describe a value in a parameter or header, which 3.0 keeps in a schema; our own
/// extension is about the value too.
const VALUE_KEYWORDS: [&str; 19] = [
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
    "example",
    "x-nullable",
    "x-conversations",
];

/// How 2.0's separators are said in 3.0 where the style of a query can be named: name, style, explode.
const SEPARATORS: [(&str, &str, bool); 4] = [
    ("csv", "form", false),
    ("multi", "form", true),
    ("ssv", "spaceDelimited", false),
    ("pipes", "pipeDelimited", false),
];

/// Those for which 3.0 has no style, there or elsewhere.
const KEPT: [&str; 3] = ["ssv", "tsv", "pipes"];

/// Says in `object` how a list is separated; `place` is where it travels.
fn separate(
    cx: &mut Context,
    object: &mut Map<String, Value>,
    place: &str,
    separator: Option<Value>,
    at: &str,
) {
    let separator = separator.as_ref().and_then(Value::as_str).unwrap_or("csv");
    let in_query = ["query", "formData"].contains(&place);
    match SEPARATORS.iter().find(|(name, ..)| *name == separator) {
        Some((_, style, explode)) if in_query => {
            object.insert("style".to_owned(), json!(style));
            object.insert("explode".to_owned(), json!(explode));
        }
        Some(("csv", ..)) => {
            object.insert("style".to_owned(), json!("simple"));
            object.insert("explode".to_owned(), json!(false));
        }
        _ if KEPT.contains(&separator) => {
            object.insert(COLLECTION_FORMAT.to_owned(), json!(separator));
        }
        _ => cx.note(
            Code::Swagger2Loss,
            at,
            format!("`collectionFormat: {separator}` says nothing in `{place}`; commas are sent"),
        ),
    }
}

/// The OAuth flows under their new names.
const FLOWS: [(&str, &str); 4] = [
    ("implicit", "implicit"),
    ("password", "password"),
    ("application", "clientCredentials"),
    ("accessCode", "authorizationCode"),
];

/// Converts the whole document.
pub(crate) fn convert(cx: &mut Context, root: &mut Value) {
    respell_references(root);
    let Some(object) = root.as_object_mut() else { return };
    object.shift_remove("swagger");
    object.insert("openapi".to_owned(), json!("3.0.3"));
    cx.note(Code::Swagger2, "", "the document is converted from Swagger 2.0 to OpenAPI 3.0");
    servers(cx, object);
    let defaults = Media {
        consumes: texts(object.shift_remove("consumes")),
        produces: texts(object.shift_remove("produces")),
    };
    if let Some(paths) = object.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths.iter_mut().filter(|(path, _)| !path.starts_with("x-")) {
            path_item(cx, item, &defaults, &child("/paths", path));
        }
    }
    let mut components = Map::new();
    if let Some(schemas) = object.shift_remove("definitions") {
        cx.copy_origins("/definitions", "/components/schemas");
        components.insert("schemas".to_owned(), schemas);
    }
    if let Some(Value::Object(schemes)) = object.shift_remove("securityDefinitions") {
        cx.copy_origins("/securityDefinitions", "/components/securitySchemes");
        let schemes = schemes
            .into_iter()
            .map(|(name, scheme)| {
                let at = child("/components/securitySchemes", &name);
                let scheme = security_scheme(cx, scheme, &at);
                (name, scheme)
            })
            .collect();
        components.insert("securitySchemes".to_owned(), Value::Object(schemes));
    }
    object.insert("components".to_owned(), Value::Object(components));
}

fn respell_references(root: &mut Value) {
    let respelled = |text: &str| {
        text.strip_prefix("#/definitions/")
            .map(|name| json!(format!("#/components/schemas/{name}")))
    };
    walk_mut(root, Dialect::Swagger2.root(), "", &mut |node, kind, _| {
        if kind != Kind::Schema {
            return;
        }
        if let Some(new) = node.get("$ref").and_then(Value::as_str).and_then(respelled) {
            node["$ref"] = new;
        }
        let mapping = node.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut);
        for (_, text) in mapping.into_iter().flatten() {
            if let Some(new) = text.as_str().and_then(respelled) {
                *text = new;
            }
        }
    });
}

/// Media types that apply where an operation names none.
struct Media {
    consumes: Vec<String>,
    produces: Vec<String>,
}

fn texts(value: Option<Value>) -> Vec<String> {
    let list = value.and_then(|v| v.as_array().cloned()).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn servers(cx: &mut Context, object: &mut Map<String, Value>) {
    let host = object.shift_remove("host").and_then(|v| v.as_str().map(str::to_owned));
    let base = object.shift_remove("basePath").and_then(|v| v.as_str().map(str::to_owned));
    let mut schemes = texts(object.shift_remove("schemes"));
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let base = base.unwrap_or_default();
    let base = base.trim_end_matches('/');
    let servers: Vec<Value> = match host {
        Some(host) => {
            schemes.iter().map(|s| json!({ "url": format!("{s}://{host}{base}") })).collect()
        }
        None if base.is_empty() => Vec::new(),
        None => vec![json!({ "url": base })],
    };
    cx.copy_origins("/host", "/servers");
    if !servers.is_empty() && !object.contains_key("servers") {
        object.insert("servers".to_owned(), Value::Array(servers));
    }
}

fn path_item(cx: &mut Context, item: &mut Value, defaults: &Media, at: &str) {
    let Some(item) = item.as_object_mut() else { return };
    // Parameters of the path come first, so that the operation's own win when they are merged.
    let shared = item.shift_remove("parameters").and_then(|v| v.as_array().cloned());
    let shared = shared.unwrap_or_default();
    for method in Method::keys(Version::Swagger2) {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let at = child(at, method);
        let own = operation.shift_remove("parameters").and_then(|v| v.as_array().cloned());
        let own = own.unwrap_or_default();
        let same = |a: &Value, b: &Value| {
            // There is one body, whatever its name.
            a.get("in") == b.get("in")
                && (a.get("name") == b.get("name") || a.get("in") == Some(&json!("body")))
        };
        let mut all: Vec<(String, Value)> = Vec::new();
        let up = at.rsplit_once('/').map_or("", |(up, _)| up);
        for (index, parameter) in shared.iter().enumerate() {
            if !own.iter().any(|o| same(o, parameter)) {
                let from = format!("{up}/parameters/{index}");
                cx.note(
                    Code::PathLevelParameters,
                    &from,
                    format!("the path's parameter is written out in `{method}`"),
                );
                all.push((from, parameter.clone()));
            }
        }
        all.extend(own.into_iter().enumerate().map(|(i, p)| (format!("{at}/parameters/{i}"), p)));
        convert_operation(cx, operation, all, defaults, &at);
    }
}

fn convert_operation(
    cx: &mut Context,
    operation: &mut Map<String, Value>,
    parameters: Vec<(String, Value)>,
    defaults: &Media,
    at: &str,
) {
    let own =
        |cx: &mut Context, operation: &mut Map<String, Value>, key: &str, default: &[String]| {
            if !operation.contains_key(key) {
                return default.to_vec();
            }
            cx.copy_origins(&child(at, key), at);
            texts(operation.shift_remove(key))
        };
    let consumes = own(cx, operation, "consumes", &defaults.consumes);
    let produces = own(cx, operation, "produces", &defaults.produces);
    if operation.shift_remove("schemes").is_some() {
        cx.note(
            Code::Swagger2Loss,
            &child(at, "schemes"),
            "an operation's own `schemes` are left out; the document's servers hold",
        );
    }
    let (mut kept, mut fields, mut body) = (Vec::new(), Vec::new(), None);
    for (from, parameter) in parameters {
        match parameter.get("in").and_then(Value::as_str) {
            Some("body") => {
                if body.is_some() {
                    cx.note(Code::ParameterDeclaredTwice, &from, "a second body is left out");
                } else {
                    body = Some((from, parameter));
                }
            }
            Some("formData") => fields.push((from, parameter)),
            _ => {
                cx.copy_origins(&from, &format!("{at}/parameters/{}", kept.len()));
                kept.push(value_parameter(cx, parameter, &from));
            }
        }
    }
    if !kept.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(kept));
    }
    let body_at = child(at, "requestBody");
    match (body, fields.is_empty()) {
        (Some((from, parameter)), no_fields) => {
            if !no_fields {
                cx.note(
                    Code::Swagger2Loss,
                    &from,
                    "form fields beside a body are left out: a request has one body",
                );
            }
            cx.copy_origins(&from, &body_at);
            operation
                .insert("requestBody".to_owned(), request_body(cx, parameter, &consumes, &from));
        }
        (None, false) => {
            if let Some((from, _)) = fields.first() {
                cx.copy_origins(from, &body_at);
            }
            operation.insert("requestBody".to_owned(), form_body(cx, fields, &consumes, &body_at));
        }
        (None, true) => {}
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        let at = child(at, "responses");
        for (status, answer) in responses.iter_mut().filter(|(k, _)| !k.starts_with("x-")) {
            response(cx, answer, &produces, &child(&at, status));
        }
    }
}

/// Moves what describes the value into a schema of its own.
fn value_schema(object: &mut Map<String, Value>) -> Value {
    let mut schema = Map::new();
    for key in VALUE_KEYWORDS {
        if let Some(value) = object.shift_remove(key) {
            schema.insert(key.to_owned(), value);
        }
    }
    Value::Object(schema)
}

fn value_parameter(cx: &mut Context, mut parameter: Value, at: &str) -> Value {
    let Some(object) = parameter.as_object_mut() else { return parameter };
    let mut schema = value_schema(object);
    nested_separators(cx, &mut schema, at);
    if let Some(own) = object.get("schema") {
        // Not 2.0, but plain enough.
        cx.note(Code::WrongForm, at, "the parameter's `schema` is taken as in OpenAPI 3.0");
        schema = own.clone();
    }
    let is_array = schema.get("type").and_then(Value::as_str) == Some("array");
    let place = object.get("in").and_then(Value::as_str).unwrap_or_default().to_owned();
    object.insert("schema".to_owned(), schema);
    let separator = object.shift_remove("collectionFormat");
    if is_array {
        separate(cx, object, &place, separator, at);
    }
    parameter
}

/// Separators of lists inside lists cannot be said.
fn nested_separators(cx: &mut Context, schema: &mut Value, at: &str) {
    let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) else { return };
    if let Some(separator) = items.shift_remove("collectionFormat") {
        cx.note(
            Code::Swagger2Loss,
            at,
            format!("`collectionFormat: {separator}` of an inner list is left out"),
        );
    }
}

fn request_body(cx: &mut Context, parameter: Value, consumes: &[String], at: &str) -> Value {
    let mut body = Map::new();
    let Value::Object(mut object) = parameter else { return Value::Object(body) };
    let schema = object.shift_remove("schema").unwrap_or_else(|| {
        cx.note(Code::ParameterWithoutSchema, at, "the body has no schema; anything is accepted");
        json!({})
    });
    for (key, value) in object {
        if key == "description" || key == "required" || key.starts_with("x-") {
            body.insert(key, value);
        }
    }
    let media =
        if consumes.is_empty() { vec!["application/json".to_owned()] } else { consumes.to_vec() };
    let content = media.into_iter().map(|m| (m, json!({ "schema": schema }))).collect();
    body.insert("content".to_owned(), Value::Object(content));
    Value::Object(body)
}

fn form_body(
    cx: &mut Context,
    fields: Vec<(String, Value)>,
    consumes: &[String],
    at: &str,
) -> Value {
    const FORM: &str = "application/x-www-form-urlencoded";
    const PARTS: &str = "multipart/form-data";
    let has_file =
        fields.iter().any(|(_, f)| f.get("type").and_then(Value::as_str) == Some("file"));
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
    for (from, field) in fields {
        let Value::Object(mut object) = field else { continue };
        let Some(name) = object.get("name").and_then(Value::as_str).map(str::to_owned) else {
            cx.note(Code::UnusableParameter, &from, "a form field without a name is left out");
            continue;
        };
        if object.get("required") == Some(&Value::Bool(true)) {
            required.push(json!(name));
        }
        let separator = object.shift_remove("collectionFormat");
        let mut schema = value_schema(&mut object);
        nested_separators(cx, &mut schema, &from);
        if let (Some(schema), Some(text)) =
            (schema.as_object_mut(), object.shift_remove("description"))
        {
            schema.insert("description".to_owned(), text);
        }
        if schema.get("type").and_then(Value::as_str) == Some("array") {
            let mut says = Map::new();
            separate(cx, &mut says, "formData", separator, &from);
            encoding.insert(name.clone(), Value::Object(says));
        }
        properties.insert(name, schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = Value::Array(required.clone());
    }
    let mut media: Vec<&str> =
        consumes.iter().map(String::as_str).filter(|m| [FORM, PARTS].contains(m)).collect();
    if has_file {
        media = vec![PARTS];
    } else if media.is_empty() {
        media = vec![FORM];
    }
    let mut content = Map::new();
    for name in media {
        let mut entry = json!({ "schema": schema });
        if !encoding.is_empty() {
            entry["encoding"] = Value::Object(encoding.clone());
        }
        content.insert(name.to_owned(), entry);
    }
    cx.note(Code::Swagger2, at, "the form fields become one body");
    json!({ "required": !required.is_empty(), "content": content })
}

fn response(cx: &mut Context, answer: &mut Value, produces: &[String], at: &str) {
    let Some(object) = answer.as_object_mut() else { return };
    let schema = object.shift_remove("schema");
    let examples = object.shift_remove("examples").and_then(|v| v.as_object().cloned());
    let examples = examples.unwrap_or_default();
    if let Some(mut schema) = schema {
        let is_file = schema.get("type").and_then(Value::as_str) == Some("file");
        let mut media = produces.to_vec();
        if is_file {
            schema["type"] = json!("string");
            schema["format"] = json!("binary");
            media.retain(|m| !m.to_ascii_lowercase().contains("json"));
            if media.is_empty() {
                media.push("application/octet-stream".to_owned());
            }
            cx.note(Code::TypeFile, at, "the file is a binary body");
        } else if media.is_empty() {
            media.push("application/json".to_owned());
        }
        let mut content = Map::new();
        for name in media {
            cx.copy_origins(
                &child(at, "schema"),
                &child(&child(&child(at, "content"), &name), "schema"),
            );
            let mut entry = json!({ "schema": schema });
            if let Some(example) = examples.get(&name) {
                entry["example"] = example.clone();
            }
            content.insert(name, entry);
        }
        object.insert("content".to_owned(), Value::Object(content));
    }
    let headers = object.get_mut("headers").and_then(Value::as_object_mut);
    for (name, header) in headers.into_iter().flatten() {
        let Some(header) = header.as_object_mut() else { continue };
        let mut schema = value_schema(header);
        nested_separators(cx, &mut schema, &child(&child(at, "headers"), name));
        let separator = header.shift_remove("collectionFormat");
        if separator.is_some_and(|it| it != "csv") {
            // 3.0 knows lists at commas only.
            schema = json!({"type": "string"});
        }
        header.insert("schema".to_owned(), schema);
    }
}

fn security_scheme(cx: &mut Context, scheme: Value, at: &str) -> Value {
    let Value::Object(mut object) = scheme else { return scheme };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "basic" => {
            object.insert("type".to_owned(), json!("http"));
            object.insert("scheme".to_owned(), json!("basic"));
        }
        "oauth2" => {
            let flow = object.shift_remove("flow");
            let flow = flow.as_ref().and_then(Value::as_str).unwrap_or_default();
            let mut entry = Map::new();
            for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
                if let Some(url) = object.shift_remove(key) {
                    entry.insert(key.to_owned(), url);
                }
            }
            let scopes = object.shift_remove("scopes").filter(Value::is_object);
            entry.insert("scopes".to_owned(), scopes.unwrap_or_else(|| json!({})));
            match FLOWS.iter().find(|(old, _)| *old == flow) {
                Some((_, new)) => {
                    object.insert("flows".to_owned(), json!({ *new: entry }));
                }
                None => {
                    cx.note(
                        Code::Swagger2Loss,
                        at,
                        format!("the OAuth flow `{flow}` is not known and left out"),
                    );
                    object.insert("flows".to_owned(), json!({}));
                }
            }
        }
        _ => {}
    }
    Value::Object(object)
}
