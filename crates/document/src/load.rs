//! Text to a tree that knows file, line and JSON Pointer of every node. Hostile input ends here.

mod json;
mod outline;
mod prepare;
mod refs;
mod yaml;

pub use refs::{check_refs, check_refs_at, each_reference};

use crate::{
    document::Document,
    fault,
    fault::{Code, Fault},
    identity,
    pointer::Pointer,
    suggest,
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
        let message = format!("the file has {} bytes, more than {MAX_BYTES}", text.len());
        return Err(Fault::of_file(file, message, "cut the document to the paths you need").into());
    }
    if text.trim().is_empty() {
        return Err(Fault::of_file(file, "the file is empty", "").into());
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
        identity::localize(&mut document);
    }
    Ok(document)
}

/// [`document`] where only a mapping makes sense.
pub(crate) fn mapping(file: &str, text: &str) -> fault::Result<Document> {
    let document = document(file, text)?;
    if !document.root.is_object() {
        let message = format!("the file holds {}, not a mapping", kind(&document.root));
        return Err(document.fault("", message, "").into());
    }
    Ok(document)
}

/// A file of a known form, with the tree it was read from.
pub fn typed<T: DeserializeOwned>(text: &Text) -> fault::Result<(T, Document)> {
    let document = mapping(&text.file, &text.text)?;
    match part(&document, "") {
        Ok(value) => Ok((value, document)),
        Err(fault) => Err(fault.into()),
    }
}

/// The node at `pointer` as a known form.
pub fn part<T: DeserializeOwned>(document: &Document, pointer: &str) -> Result<T, Fault> {
    let Some(node) = document.root.pointer(pointer) else {
        return Err(document.fault(pointer, "there is nothing here", ""));
    };
    serde_path_to_error::deserialize(node).map_err(|error| {
        let mut at = Pointer::from(pointer);
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => at = at.child(index),
                Segment::Map { key } => at = at.child(key),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        explain(document, at, &error.into_inner().to_string())
    })
}

/// Serde's message with the key that is wrong and the one that was meant.
fn explain(document: &Document, mut pointer: Pointer, message: &str) -> Fault {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let unknown = ["unknown field", "unknown variant"].iter().any(|it| message.starts_with(it));
    let (true, Some((wrong, right))) = (unknown, names.split_first()) else {
        // The names of our Rust types mean nothing to who writes YAML.
        let message = match message.split_once("expected struct ") {
            Some((before, _)) => format!("{before}expected a mapping"),
            None => message.to_owned(),
        };
        return document.fault(&pointer, message, "");
    };
    let field = message.starts_with("unknown field");
    if field {
        let inside = pointer.child(wrong);
        if pointer.last() != *wrong && document.root.pointer(&inside).is_some() {
            pointer = inside;
        }
    }
    let what = if field { "key" } else { "value" };
    let help = match right {
        [] => format!("no {what} is known here"),
        _ => suggest::known(wrong, &format!("known {what}s:"), right.iter().copied()),
    };
    document.fault(&pointer, Code::Unknown { what, name: (*wrong).to_owned() }, help)
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
