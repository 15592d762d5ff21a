//! References inside of a document: what they say and where they lead.

use crate::document::{child, keys};
use serde_json::Value;

/// The `$ref` of a node, where it is a reference.
pub(crate) fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// Percent escapes taken back; what is no escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The JSON Pointer to which the text of a `$ref` leads inside of the document; `None` where it leads elsewhere or nowhere.
pub fn target(root: &Value, reference: &str) -> Option<String> {
    resolve_pointer(root, &percent_decoded(reference.strip_prefix('#')?))
}

/// The node that `value`, which stands at `pointer`, stands for once its `$ref`s are followed, and where it is. A reference
/// that leads nowhere or in a circle stands for itself.
pub fn followed<'a>(
    root: &'a Value,
    mut value: &'a Value,
    mut pointer: String,
) -> (&'a Value, String) {
    const LONGEST: usize = 32;
    for _ in 0..LONGEST {
        let Some(at) = reference(value).and_then(|it| target(root, it)) else { break };
        let Some(next) = root.pointer(&at) else { break };
        (value, pointer) = (next, at);
    }
    (value, pointer)
}

/// Where the node at `pointer` really is, once the references on the way are followed; `None` where
/// there is none. The node found may itself be a reference.
pub(crate) fn resolve_pointer(root: &Value, pointer: &str) -> Option<String> {
    let mut todo: Vec<String> = keys(pointer);
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
                todo.extend(keys(&percent_decoded(target)).into_iter().rev());
                node = root;
                at = String::new();
            }
        }
    }
    Some(at)
}
