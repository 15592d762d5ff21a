//! References that leave the folder of the document.

use crate::{
    document::Document,
    fault::{Code, Fault, Faults, Result},
    grammar::Position,
    pointer::Pointer,
    reference::percent_decoded,
};
use serde_json::Value;

/// Refuses every `$ref` whose target leaves the folder of the document.
pub fn check_refs(document: &Document) -> Result<()> {
    check_refs_at(document, "")
}

/// [`check_refs`] for a file at `path` inside the folder, for example `definitions/user.yaml`, whence
/// `../common.yaml` stays inside.
pub fn check_refs_at(document: &Document, path: &str) -> Result<()> {
    let depth = path.split('/').filter(|it| !it.is_empty()).count().saturating_sub(1);
    let mut found = Vec::new();
    each_reference(&document.root, &mut |at, target| {
        if let Some(why) = leaves(target, depth) {
            found.push(refusal(document, at, target, why));
        }
    });
    Faults::check(found)
}

/// Shows every `$ref` of a document that is one and not data, with its pointer.
pub fn each_reference(root: &Value, see: &mut dyn FnMut(&Pointer, &str)) {
    below(root, &Pointer::ROOT, Position::root(root), see);
}

fn below(node: &Value, pointer: &Pointer, position: Position, see: &mut dyn FnMut(&Pointer, &str)) {
    if position == Position::Data {
        return;
    }
    match node {
        Value::Object(map) => {
            for (key, value) in map {
                let at = pointer.child(key);
                match value {
                    // Below `properties` it is the name of a property, whose value is not text.
                    Value::String(target) if key == "$ref" => see(&at, target),
                    _ => below(value, &at, position.child(key), see),
                }
            }
        }
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                let key = i.to_string();
                below(value, &pointer.child(&key), position.child(&key), see);
            }
        }
        _ => {}
    }
}

fn refusal(document: &Document, pointer: &Pointer, target: &str, why: &'static str) -> Fault {
    // The file is what is refused, whatever part of it is meant.
    let file = target.split('#').next().unwrap_or(target);
    let shown: String = file.chars().take(200).collect();
    document.fault(
        pointer,
        Code::LeavingReference { reference: shown, why },
        "put the target into the document or into a file beside it, and point there",
    )
}

/// Why a reference leaves the folder, `depth` folders below which it stands.
fn leaves(target: &str, depth: usize) -> Option<&'static str> {
    let file = decode(target.split('#').next().unwrap_or_default()).replace('\\', "/");
    if file.is_empty() {
        return None;
    }
    let scheme = file.split_once(':').map(|(it, _)| it).unwrap_or_default();
    let letters = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    if scheme.starts_with(|it: char| it.is_ascii_alphabetic()) && scheme.chars().all(letters) {
        return Some(match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" | "ftp" | "ws" | "wss" => "leads to a network",
            _ => "leads out of the document's folder",
        });
    }
    if file.starts_with("//") {
        return Some("leads to a network");
    }
    if file.starts_with('/') {
        return Some("is an absolute path");
    }
    let mut inside = depth;
    for segment in file.split('/') {
        match segment {
            "" | "." => {}
            ".." if inside == 0 => return Some("leads out of the document's folder"),
            ".." => inside -= 1,
            _ => inside += 1,
        }
    }
    None
}

/// Percent-encoding undone, twice, because `%252e` hides a dot as well as `%2e` from a careless reader.
fn decode(text: &str) -> String {
    percent_decoded(&percent_decoded(text))
}
