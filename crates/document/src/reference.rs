//! References inside of a document: what they say and where they lead.

use crate::{document::child, pointer::tokens};
use serde_json::Value;

/// The `$ref` of a node, where it is a reference.
pub(crate) fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// A fragment's percent escapes taken back; what is no escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = bytes
            .get(i + 1..i + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (bytes[i], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                i += 3;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// Where the node at `pointer` really is, once the references on the way are followed; `None` where
/// there is none. The node found may itself be a reference.
pub(crate) fn settle(root: &Value, pointer: &str) -> Option<String> {
    let mut todo: Vec<String> = tokens(pointer);
    todo.reverse();
    let (mut node, mut at, mut hops) = (root, String::new(), 0);
    while let Some(token) = todo.pop() {
        let next = match node {
            Value::Object(object) => object.get(&token),
            Value::Array(list) => token.parse::<usize>().ok().and_then(|i| list.get(i)),
            _ => None,
        };
        match next {
            Some(next) => {
                node = next;
                at = child(&at, &token);
            }
            None => {
                // The step leads through a reference: go on at its target.
                let target = reference(node)?.strip_prefix('#')?;
                hops += 1;
                if hops > 64 {
                    return None;
                }
                todo.push(token);
                todo.extend(tokens(&percent_decoded(target)).into_iter().rev());
                node = root;
                at = String::new();
            }
        }
    }
    Some(at)
}
