//! The API of a plan as the OpenAPI 3.0 document that progenitor is shown.
//!
//! Paths, names, places, bodies and successes are the document's own wherever progenitor takes them. It does not take:
//! - names from which it derives others than the plan chose: the plan's name stands there instead;
//! - paths with braces that do not pair, or that do not name each path parameter once: a path of the parameters alone;
//! - cookies, styles, headers of parts, and structures outside bodies: a query parameter, a list;
//! - multipart bodies: JSON; a second media type of a body: nothing;
//! - successes of several types: those of the first type.

use super::plan::{
    Answer, BodyKind, BodyPlan, Def, Location, NULLS_FIELD, OperationPlan, ParamPlan, Plan,
    StructDef, Ty,
};
use crate::names;
use conversations_document::{lookup::split_query, path::PathTemplate, reference::to_schema};
use serde_json::{Map, Value, json};

/// The name under which progenitor knows [`Ty::Timestamp`].
pub(crate) const TIMESTAMP: &str = "Timestamp";

/// The name under which progenitor knows [`Ty::File`].
pub(crate) const FILE: &str = "FilePart";

/// The name under which progenitor knows the nulls of a structure.
pub(crate) const NULLS: &str = "Nulls";

/// The document that progenitor is shown.
pub(super) fn shown(plan: &Plan) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (i, operation) in plan.operations.iter().enumerate() {
        let method = operation.method.to_lowercase();
        let free = |it: &String| paths.get(it).is_none_or(|it| it.get(&method).is_none());
        let path = path(operation).filter(free).unwrap_or_else(|| invented_path(operation, i));
        paths.entry(path).or_insert_with(|| json!({}))[&method] = self::operation(operation);
    }
    let mut schemas = Map::new();
    schemas.insert(TIMESTAMP.to_owned(), json!({"type": "string", "format": "date-time"}));
    schemas.insert(FILE.to_owned(), json!({"type": "string", "format": "binary"}));
    schemas.insert(NULLS.to_owned(), json!({"type": "object"}));
    schemas.extend(plan.defs.iter().map(|(name, def)| (name.clone(), definition(def))));
    json!({
        "openapi": "3.0.3",
        "info": {"title": plan.title, "version": plan.version},
        "paths": paths,
        "components": {"schemas": schemas}
    })
}

/// The name in the document, where progenitor and typify derive the planned one from it; else the planned one, of which
/// they make itself.
fn name<'a>(wire: &'a str, planned: &'a str) -> &'a str {
    let same = names::derived(wire).is_some_and(|it| it == names::escape(planned));
    if same { wire } else { planned }
}

/// The path of the document with the names of the parameters as they are shown; `None` where progenitor takes it for
/// another one.
fn path(operation: &OperationPlan) -> Option<String> {
    let (path, _) = split_query(&operation.path);
    let named = PathTemplate(path).checked()?;
    if named.len() != in_path(operation).count() || !path.starts_with('/') {
        return None;
    }
    let (mut shown, mut rest) = (String::new(), path);
    for wire in named {
        let (before, after) = rest.split_once(&format!("{{{wire}}}"))?;
        let param = in_path(operation).find(|it| it.wire == wire)?;
        shown.push_str(&format!("{before}{{{}}}", name(wire, &param.name)));
        rest = after;
    }
    Some(shown + rest)
}

/// A path that no other operation has.
fn invented_path(operation: &OperationPlan, number: usize) -> String {
    let params = in_path(operation).map(|it| format!("/{{{}}}", name(&it.wire, &it.name)));
    format!("/{number}{}", params.collect::<String>())
}

fn in_path(operation: &OperationPlan) -> impl Iterator<Item = &ParamPlan> {
    operation.params.iter().filter(|it| it.location == Location::Path)
}

fn operation(operation: &OperationPlan) -> Value {
    let mut shown = json!({
        "operationId": name(&operation.id, &operation.name),
        "responses": responses(operation)
    });
    if !operation.summary.is_empty() {
        shown["summary"] = operation.summary.as_str().into();
    }
    if operation.deprecated {
        shown["deprecated"] = true.into();
    }
    if !operation.params.is_empty() {
        shown["parameters"] = operation.params.iter().map(parameter).collect();
    }
    if let Some(it) = &operation.body {
        shown["requestBody"] = json!({"required": it.required, "content": body(it)});
    }
    shown
}

fn parameter(param: &ParamPlan) -> Value {
    let mut schema = schema(&param.ty);
    if param.wrapped {
        schema = json!({"type": "array", "items": schema});
    }
    let (place, required) = match &param.location {
        Location::Path => ("path", true),
        Location::Header => ("header", param.required),
        Location::Query | Location::Cookie | Location::Part(_) => ("query", param.required),
    };
    json!({
        "name": name(&param.wire, &param.name), "in": place, "required": required, "schema": schema
    })
}

fn body(body: &BodyPlan) -> Value {
    match &body.kind {
        BodyKind::Json | BodyKind::Multipart(_) => content("application/json", schema(&body.ty)),
        BodyKind::Form(_) => content("application/x-www-form-urlencoded", schema(&body.ty)),
        BodyKind::Text => content("text/plain", json!({"type": "string"})),
        BodyKind::Bytes => bytes(),
    }
}

fn responses(operation: &OperationPlan) -> Value {
    let mut out = Map::new();
    let first = operation.successes.first().map(|(_, it)| it);
    for (status, success) in operation.successes.iter().filter(|(_, it)| Some(it) == first) {
        // What is not a status of OpenAPI, such as `20X`, is not shown.
        // Progenitor takes redirects for errors.
        let is_status = status.starts_with('2') && status.parse::<u16>().is_ok();
        if is_status || matches!(status.as_str(), "2XX" | "default") {
            out.insert(status.clone(), response(success));
        }
    }
    if out.is_empty() {
        out.insert("default".to_owned(), response(first.unwrap_or(&Answer::Empty)));
    }
    out.into()
}

fn response(success: &Answer) -> Value {
    let content = match success {
        Answer::Empty | Answer::Redirect | Answer::ByStatus(_) => return json!({"description": ""}),
        Answer::Json(ty) => content("application/json", schema(ty)),
        Answer::OptionalJson(ty) => content("application/json", nullable(schema(ty))),
        Answer::Text => content("text/plain", json!({"type": "string"})),
        Answer::Bytes | Answer::Stream(_) => bytes(),
    };
    json!({"description": "", "content": content})
}

fn content(media: &str, schema: Value) -> Value {
    json!({media: {"schema": schema}})
}

fn bytes() -> Value {
    content("application/octet-stream", json!({"type": "string", "format": "binary"}))
}

fn definition(def: &Def) -> Value {
    match def {
        Def::Struct(def) => structure(def),
        Def::Enum(def) => {
            let words: Vec<&String> = def.values.iter().map(|(word, _)| word).collect();
            json!({"type": "string", "enum": words})
        }
        Def::Union(def) => {
            let variants: Vec<Value> = def.variants.iter().map(|it| schema(&it.ty)).collect();
            json!({"oneOf": variants})
        }
    }
}

fn structure(def: &StructDef) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in &def.fields {
        let shown = name(&field.wire, &field.name);
        let mut schema = schema(&field.ty);
        let listed = matches!(field.ty, Ty::List(_) | Ty::Map(_) | Ty::Object);
        // In a request an absent list differs from an empty one.
        if listed && (def.in_request || field.nullable) && !field.required {
            schema["nullable"] = true.into();
        }
        if field.required && field.nullable && field.ty != Ty::Any {
            schema = nullable(schema);
        }
        if field.required {
            required.push(shown);
        }
        properties.insert(shown.to_owned(), schema);
    }
    if def.has_nulls() {
        let nulls = to_schema(NULLS);
        properties.insert(NULLS_FIELD.to_owned(), nulls);
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if let Some(extra) = &def.extra {
        schema["additionalProperties"] = self::schema(extra);
    }
    schema
}

fn schema(ty: &Ty) -> Value {
    match ty {
        Ty::Any => json!({}),
        Ty::Object => json!({"type": "object"}),
        Ty::Boolean => json!({"type": "boolean"}),
        Ty::Int32 => json!({"type": "integer", "format": "int32"}),
        Ty::Int64 => json!({"type": "integer", "format": "int64"}),
        Ty::UInt64 => json!({"type": "integer", "format": "uint64"}),
        Ty::Number => json!({"type": "number"}),
        Ty::String => json!({"type": "string"}),
        Ty::Timestamp => to_schema(TIMESTAMP),
        Ty::File => to_schema(FILE),
        Ty::List(inner) => json!({"type": "array", "items": schema(inner)}),
        Ty::Map(inner) => json!({"type": "object", "additionalProperties": schema(inner)}),
        Ty::Nullable(inner) => nullable(schema(inner)),
        Ty::Named(name) => to_schema(name),
    }
}

fn nullable(schema: Value) -> Value {
    if schema.get("$ref").is_some() {
        json!({"allOf": [schema], "nullable": true})
    } else {
        let mut schema = schema;
        schema["nullable"] = true.into();
        schema
    }
}
