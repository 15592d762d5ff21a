//! References inside of a document: what they say and where they lead.

use crate::pointer::Pointer;
use serde_json::{Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// The `$ref` of a node, where it is a reference.
pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// The name that a reference to a named schema of OpenAPI 3 holds.
pub fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix(SCHEMAS)
}

/// A reference to a named schema of OpenAPI 3, as a text.
pub fn schema_reference(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

/// Where the named schema of OpenAPI 3 stands.
pub fn schema_pointer(name: &str) -> Pointer {
    ["components", "schemas", name].into_iter().collect()
}

/// The name of the schema at `pointer`, where it is a named one of OpenAPI 3.
pub fn named_schema(pointer: &Pointer) -> Option<String> {
    match &pointer.tokens()[..] {
        [a, b, name] if a == "components" && b == "schemas" => Some(name.clone()),
        _ => None,
    }
}

/// A schema that is a reference to a named one of OpenAPI 3.
pub fn to_schema(name: &str) -> Value {
    json!({ "$ref": schema_reference(name) })
}

/// Percent escapes taken back; what is not an escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The text of a `$ref` that leads to `pointer`.
pub fn reference_to(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}

/// The JSON Pointer that a `$ref` inside of the document is written with, whether or not something is there.
pub fn local(reference: &str) -> Option<Pointer> {
    Some(percent_decoded(reference.strip_prefix('#')?).into())
}

/// The JSON Pointer to which the text of a `$ref` leads inside of the document; `None` where it leads elsewhere or nowhere.
pub fn target(root: &Value, reference: &str) -> Option<Pointer> {
    resolve_pointer(root, &local(reference)?)
}

/// The node that `value`, which stands at `pointer`, stands for once its `$ref`s are followed, and where it is. A reference
/// that leads nowhere or in a circle stands for itself.
pub fn followed<'a>(
    root: &'a Value,
    mut value: &'a Value,
    mut pointer: Pointer,
) -> (&'a Value, Pointer) {
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
pub(crate) fn resolve_pointer(root: &Value, pointer: &Pointer) -> Option<Pointer> {
    let mut todo = pointer.tokens();
    todo.reverse();
    let (mut node, mut at, mut hops) = (root, Pointer::ROOT, 0);
    while let Some(token) = todo.pop() {
        let next = match node {
            Value::Object(object) => object.get(&token),
            Value::Array(list) => token.parse::<usize>().ok().and_then(|i| list.get(i)),
            _ => None,
        };
        match next {
            Some(next) => {
                node = next;
                at = at.child(&token);
            }
            None => {
                // The step leads through a reference: go on at its target.
                let target = local(reference(node)?)?;
                hops += 1;
                if hops > 64 {
                    return None;
                }
                todo.push(token);
                todo.extend(target.tokens().into_iter().rev());
                node = root;
                at = Pointer::ROOT;
            }
        }
    }
    Some(at)
}
