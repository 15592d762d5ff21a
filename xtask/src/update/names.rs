//! Public methods that would be renamed, and the overlay actions that keep them.

use super::pairs::{self, json_path};
use conversations_codegen::names::{escape, snake};
use serde_json::{Value, json};

/// A method whose operation goes by another name in the next document.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// The method as users know it.
    pub method: String,
    /// Verb and path in the present document.
    pub before: String,
    /// Verb and path in the next one.
    pub after: String,
    /// The next document's operationId, if it has one.
    pub id: Option<String>,
    /// The overlay action that keeps the method's name.
    pub action: Value,
}

/// The methods that would be renamed from one overlaid document to the other.
pub(super) fn moved(present: &Value, next: &Value, provider: &str, today: &str) -> Vec<Keep> {
    let taken: Vec<String> = pairs::operations(next).into_iter().filter_map(|it| it.id).collect();
    pairs::matched(present, next)
        .into_iter()
        .filter_map(|(old, new)| {
            let id = old.id.clone()?;
            let same = new.id.as_deref().is_some_and(|it| snake(it) == snake(&id));
            if same || taken.contains(&id) {
                return None;
            }
            let instead = match &new.id {
                Some(other) => format!("calls the operation `{other}`"),
                None => "does not name the operation".to_owned(),
            };
            let method = escape(&snake(&id));
            let action = json!({
                "target": json_path(&new.pointer),
                "description": format!("Keeps the name of the method `{method}`; the document {instead}."),
                "x-source": format!("specs/{provider}/openapi.yaml before the update of {today}"),
                "update": {"operationId": id},
            });
            Some(Keep {
                method,
                before: format!("{} {}", old.verb, old.path),
                after: format!("{} {}", new.verb, new.path),
                id: new.id,
                action,
            })
        })
        .collect()
}

/// Operations of the present document that the next one has no counterpart for.
pub(super) fn vanished(present: &Value, next: &Value) -> Vec<String> {
    let matched = pairs::matched(present, next);
    pairs::operations(present)
        .into_iter()
        .filter(|it| !matched.iter().any(|(old, _)| old == it))
        .map(|it| format!("{} {}", it.verb, it.path))
        .collect()
}
