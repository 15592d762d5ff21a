//! Validators for the schemas of a document, compiled when first asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use conversations_document::Pointer;
use conversations_document::grammar::{Kind, Position};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value as Json, json};

use super::document::resolve;
use super::functions::lock;

/// The document as a schema that holds all others, and what has been compiled of it.
#[derive(Debug)]
pub(super) struct Schemas {
    root: Json,
    compiled: Mutex<BTreeMap<Pointer, Result<Arc<Validator>, String>>>,
}

/// One way in which a value does not fit.
#[derive(Clone, Debug)]
pub(super) struct Misfit {
    /// JSON pointer to the offending member; of a missing member, where it should be.
    pub(super) pointer: Pointer,
    /// The JSON Schema keyword.
    pub(super) why: String,
    /// A sentence.
    pub(super) detail: String,
}

impl Schemas {
    pub(super) fn new(document: &Json) -> Self {
        let mut root = document.clone();
        let at = Position::root(&root);
        translate(&mut root, at);
        if let Some(members) = root.as_object_mut() {
            members.insert(
                "$schema".to_owned(),
                json!("https://json-schema.org/draft/2020-12/schema"),
            );
        }
        Self { root, compiled: Mutex::default() }
    }

    /// How a value breaks the schema at a pointer; empty when it fits.
    pub(super) fn misfits(&self, pointer: &Pointer, value: &Json) -> Vec<Misfit> {
        match self.validator(pointer) {
            Ok(validator) => validator.iter_errors(value).map(|it| misfit(&it)).collect(),
            Err(why) => {
                vec![Misfit { pointer: Pointer::ROOT, why: "schema".to_owned(), detail: why }]
            }
        }
    }

    /// Where a property of the schema at a pointer is described.
    pub(super) fn property(&self, pointer: &Pointer, name: &str) -> Option<Pointer> {
        let schema = self.root.pointer(pointer)?;
        let (schema, at) = resolve(&self.root, schema, pointer.to_owned()).ok()?;
        schema.get("properties")?.get(name)?;
        Some(at.child("properties").child(name))
    }

    fn validator(&self, pointer: &Pointer) -> Result<Arc<Validator>, String> {
        let mut compiled = lock(&self.compiled);
        if let Some(known) = compiled.get(pointer) {
            return known.clone();
        }
        let mut schema = self.root.clone();
        if let Some(members) = schema.as_object_mut() {
            members.insert("$ref".to_owned(), Json::String(format!("#{}", fragment(pointer))));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map(Arc::new)
            .map_err(|error| format!("the schema at {pointer} cannot be used: {error}"));
        compiled.insert(pointer.to_owned(), validator.clone());
        validator
    }
}

/// A JSON pointer as a URI fragment.
fn fragment(pointer: &Pointer) -> String {
    const KEEP: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'~')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.');
    percent_encoding::utf8_percent_encode(pointer, KEEP).to_string()
}

fn misfit(error: &jsonschema::ValidationError<'_>) -> Misfit {
    let mut pointer = Pointer::from(error.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            if let Some(name) = property.as_str() {
                pointer = pointer.child(name);
            }
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            if let Some(name) = unexpected.first() {
                pointer = pointer.child(name);
            }
        }
        _ => {}
    }
    // Masked, for a value may be a message or a secret and this ends in logs.
    let detail = match error.kind() {
        ValidationErrorKind::AnyOf { .. } => "no allowed form of the value fits".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. } => "no allowed form of the value fits".to_owned(),
        _ => error.masked().to_string(),
    };
    Misfit { pointer, why: error.kind().keyword().to_owned(), detail }
}

/// Rewrites what is not JSON Schema 2020-12: OpenAPI 3.0's `nullable` and boolean bounds, and the
/// leniencies that overlays declare, which describe readers and bind no writer.
fn translate(value: &mut Json, at: Position) {
    match value {
        // A member of an example that is called `nullable` is not a keyword.
        _ if at == Position::Data => {}
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                translate(item, at.child(&index.to_string()));
            }
        }
        Json::Object(members) => {
            for (key, member) in members.iter_mut() {
                translate(member, at.child(key));
            }
            if at == Position::Node(Kind::Schema) {
                bounds(members, "exclusiveMinimum", "minimum");
                bounds(members, "exclusiveMaximum", "maximum");
                nullable(members);
                lenient(members);
            }
        }
        _ => {}
    }
}

fn bounds(members: &mut Map<String, Json>, exclusive: &str, inclusive: &str) {
    if members.get(exclusive).is_some_and(Json::is_boolean)
        && let Some(Json::Bool(true)) = members.remove(exclusive)
        && let Some(bound) = members.remove(inclusive)
    {
        members.insert(exclusive.to_owned(), bound);
    }
}

fn nullable(members: &mut Map<String, Json>) {
    if members.get("nullable") != Some(&Json::Bool(true)) {
        return;
    }
    members.remove("nullable");
    let rest = std::mem::take(members);
    members.insert("anyOf".to_owned(), json!([rest, { "type": "null" }]));
}

fn lenient(members: &mut Map<String, Json>) {
    let Some(declared) = members.get("x-conversations").and_then(Json::as_object).cloned() else {
        return;
    };
    if declared.get("timestamp") == Some(&Json::Bool(true)) {
        for keyword in ["type", "format", "pattern"] {
            members.remove(keyword);
        }
        members.insert("type".to_owned(), json!(["string", "number", "null"]));
    }
    let empty_object = declared
        .get("accept")
        .and_then(Json::as_array)
        .is_some_and(|it| it.iter().any(|it| it == "empty-object"));
    if empty_object {
        let rest = std::mem::take(members);
        members.insert("anyOf".to_owned(), json!([rest, { "type": "object", "maxProperties": 0 }]));
    }
}
