//! What identifies the content of an event, by the declared places in its body.

use std::borrow::Cow;

use hmac_sha256::Hash;
use serde_json::Value;

/// What identifies the content of an event; a digest of the whole where it has none of the declared parts.
pub(super) fn keys(declared: &[&[&str]], kind: &str, value: &Value) -> Vec<String> {
    let found = declared.iter().find_map(|parts| {
        let mut keys = vec![String::new()];
        for part in *parts {
            let ids = match *part {
                "kind" => vec![kind.to_owned()],
                pointer => ids(value, pointer),
            };
            let joined = |key: &String, id: &String| match key.as_str() {
                "" => id.clone(),
                key => format!("{key}:{id}"),
            };
            keys = keys.iter().flat_map(|key| ids.iter().map(move |id| joined(key, id))).collect();
        }
        (!keys.is_empty()).then_some(keys)
    });
    found.unwrap_or_else(|| vec![digest(value)])
}

/// The texts and numbers at a pointer in which `*` stands for each item of a list.
fn ids(value: &Value, pointer: &str) -> Vec<String> {
    let mut here = vec![value];
    for token in tokens(pointer) {
        here = here
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(items) if token == "*" => items.iter().collect(),
                value => value.get(&*token).into_iter().collect::<Vec<_>>(),
            })
            .collect();
    }
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    here.into_iter().filter_map(text).collect()
}

/// A digest of a value. It is stored between runs: the order of members, which a vendor may change when it sends again and
/// which serde_json keeps only where some package of the program asks for it, is no part of it.
pub(crate) fn digest(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    let bytes = Hash::hash(value.to_string().as_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys of a pointer.
pub(super) fn tokens(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(unescaped)
}

/// The name that a token of a pointer stands for.
pub(crate) fn unescaped(token: &str) -> Cow<'_, str> {
    match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~").into(),
        false => token.into(),
    }
}

#[cfg(test)]
#[test]
fn the_order_of_members_is_no_part_of_a_digest() {
    let digest = |text: &str| digest(&serde_json::from_str(text).unwrap_or_default());
    let one = digest(r#"{"type": "seen", "user": {"id": 1, "name": "A"}}"#);
    assert_eq!(one, digest(r#"{"user": {"name": "A", "id": 1}, "type": "seen"}"#));
    assert_ne!(one, digest(r#"{"user": {"name": "A", "id": 2}, "type": "seen"}"#));
}
