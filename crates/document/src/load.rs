//! Text to a tree that knows file, line and JSON Pointer of every node. Hostile input ends here.

mod form;
mod hint;
mod json;
mod outline;
mod prepare;
mod refs;
mod yaml;

pub use form::part;
pub use refs::{check_refs, check_refs_at, each_reference};

use crate::{
    document::Document,
    fault,
    fault::{Code, Fault},
    identity,
    version::Version,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The largest file that is read.
pub const MAX_BYTES: usize = 64 << 20;
/// The most nodes that a file may stand for once its aliases are followed.
pub const MAX_NODES: usize = 2_000_000;
/// The most text, in values and pointers, that a file may stand for once its aliases are followed.
pub const MAX_TEXT: usize = 256 << 20;
/// The deepest nesting.
pub const MAX_DEPTH: usize = 100;

/// A file by name and content; who reads it from disk is not our business.
#[derive(Debug, Clone)]
pub struct Text {
    /// The name as messages shall print it.
    pub file: String,
    /// The content.
    pub text: String,
}

/// An OpenAPI or Swagger document: [`document`], the version key and [`check_refs`].
pub fn openapi(file: &str, text: &str) -> fault::Result<Document> {
    let document = mapping(file, text)?;
    Version::check(&document)?;
    check_refs(&document)?;
    Ok(document)
}

/// YAML or JSON text to a tree with origins.
pub fn document(file: &str, text: &str) -> fault::Result<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        let code = Code::TooLong { bytes: text.len(), most: MAX_BYTES };
        return Err(Fault::of_file(file, code, "cut the document to the paths you need").into());
    }
    if text.trim().is_empty() {
        return Err(Fault::of_file(file, Code::EmptyFile, "").into());
    }
    let mut document = if text.trim_start().starts_with(['{', '[']) {
        match json::read(file, text) {
            Ok(document) => document,
            Err(json::Refusal::Fault(fault)) => return Err(fault.into()),
            Err(json::Refusal::Syntax(fault)) if file.ends_with(".json") => {
                return Err(fault.into());
            }
            // Braces also open a YAML flow mapping. Where that fails too, JSON was meant.
            Err(json::Refusal::Syntax(fault)) => yaml::read(file, text).map_err(|_| fault)?,
        }
    } else {
        yaml::read(file, text)?
    };
    let whole = ["openapi", "swagger"].iter().any(|key| document.root.get(key).is_some());
    if whole && (text.contains("$id") || text.contains("$self")) {
        identity::localize(&mut document.root);
    }
    Ok(document)
}

/// [`document`] where only a mapping makes sense.
pub(crate) fn mapping(file: &str, text: &str) -> fault::Result<Document> {
    let document = document(file, text)?;
    if !document.root.is_object() {
        let code = Code::NotAMapping { found: kind(&document.root) };
        return Err(document.fault("", code, "").into());
    }
    Ok(document)
}

/// A file of a known form, with the tree it was read from. All that is wrong with it comes together.
pub fn typed<T: DeserializeOwned>(text: &Text) -> fault::Result<(T, Document)> {
    checked(text, |_, _| Vec::new())
}

/// [`typed`] with what `check` finds in the form, as far as it could be read.
pub fn checked<T: DeserializeOwned>(
    text: &Text,
    check: impl FnOnce(&T, &Document) -> Vec<Fault>,
) -> fault::Result<(T, Document)> {
    let document = mapping(&text.file, &text.text)?;
    Ok((form::whole(&document, check)?, document))
}

/// A value's kind in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
