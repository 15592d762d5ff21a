//! What a machine says of a divergence between the SDK's list and the document: what it saw, and nothing else. Why is for
//! a person to find out.

use serde_json::Value;

/// How the source of a decision begins that nobody has looked into yet: the command that proposed it.
pub(crate) const UPDATE: &str = "proposed by `cargo xtask update-spec`";
/// The same, of a folder that is new.
pub(super) const NEW: &str = "proposed by `cargo xtask new-provider`";

/// The source of what a command proposes.
pub(super) fn source(command: &str, today: &str) -> String {
    format!("{command} on {today}; nobody has looked into it yet")
}

/// Fills in the reason and the source of a decision that a machine proposes.
pub(super) fn give(decision: &mut Value, source: &str) {
    decision["reason"] = Value::from(format!("{}.", capitalized(&seen(decision))));
    decision["source"] = Value::from(source);
}

/// What the two sides of a divergence say.
pub(crate) fn seen(decision: &Value) -> String {
    if decision["sdk"].is_null() && decision["document"].is_null() {
        return "the SDK's list and the document differ, in each operation in its own way"
            .to_owned();
    }
    let text = |key: &str| match &decision[key] {
        Value::String(it) => format!("says `{it}`"),
        Value::Null => "says nothing of it".to_owned(),
        other => format!("says `{other}`"),
    };
    format!("the SDK's list {}, the document {}", text("sdk"), text("document"))
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Whether nobody has looked into a decision yet, so that its words may change with it.
pub(crate) fn is_ours(decision: &Value) -> bool {
    is_by(decision, UPDATE) || is_by(decision, NEW)
}

/// Whether a command proposed a decision.
pub(crate) fn is_by(decision: &Value, command: &str) -> bool {
    decision["source"].as_str().is_some_and(|it| it.starts_with(command))
}
