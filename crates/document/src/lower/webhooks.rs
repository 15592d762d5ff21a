//! Webhooks: what a vendor sends is kept, and the rest of each is not part of a client.

use super::context::Context;
use crate::{method::Method, note::Done, pointer::Pointer, version::Version};
use serde_json::{Map, Value};

/// What of a webhook's operation says when it is sent and what it carries.
const KEPT: [&str; 4] = ["summary", "description", "deprecated", "requestBody"];

/// Leaves of each webhook what it carries. One without a body is left out.
pub(crate) fn lower(cx: &mut Context, root: &mut Map<String, Value>) {
    let Some(hooks) = root.get_mut("webhooks").and_then(Value::as_object_mut) else { return };
    let home = Pointer::from("/webhooks");
    hooks.retain(|name, item| {
        let operations = item.as_object_mut();
        let kept = operations.is_some_and(|item| {
            item.retain(|key, operation| {
                let is_method = Method::keys(Version::OpenApi30).any(|it| it == key);
                let has_body = operation.pointer("/requestBody/content").is_some();
                if operation.pointer("/parameters/0").is_some() {
                    let at = home.child(name).child(key).child("parameters");
                    cx.note(&at, Done::WebhookParameters);
                }
                if let Some(operation) = operation.as_object_mut() {
                    operation.retain(|key, _| KEPT.contains(&key.as_str()));
                }
                is_method && has_body
            });
            !item.is_empty()
        });
        if !kept && !name.starts_with("x-") {
            cx.note(&home.child(name), Done::WebhookWithoutBody { name: name.clone() });
        }
        kept
    });
    if hooks.is_empty() {
        root.shift_remove("webhooks");
    }
}
