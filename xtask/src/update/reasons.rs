//! What a machine can say of a divergence between the SDK's list and the document: what the two say, and why
//! the client is right either way. The rest is for a person, and the decision says so.

use serde_json::Value;

/// How the source of a decision begins that nobody has looked into yet.
const PROPOSED: &str = "proposed by `cargo xtask update-spec`";

/// What is said of each kind of divergence: the kind, the side taken or `*`, and the words.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "operation-id",
        "document",
        "A name never reaches the wire. The method is called what the document calls it, and the SDK's name is an alias in the documentation.",
    ),
    (
        "operation-id",
        "*",
        "A name never reaches the wire. The document says `{document}`; the overlay keeps the name that callers know, and the SDK's is an alias in the documentation.",
    ),
    ("path-parameter-name", "*", "The name of a placeholder never reaches the wire."),
    (
        "body-type",
        "document",
        "Names only: the SDK calls the body `{sdk}`, the document `{document}`. What is in it is compared by itself.",
    ),
    (
        "body-type",
        "*",
        "Names only: the SDK calls the body `{sdk}`, the document says `{document}`. The overlay keeps the name that callers know.",
    ),
    (
        "return-type",
        "document",
        "The SDK promises `{sdk}` and the document `{document}`. The document is what the vendor serves by now, as far as it is true.",
    ),
    (
        "return-type",
        "*",
        "The SDK promises `{sdk}` and the document `{document}`. The overlay keeps the type that callers know.",
    ),
    (
        "success-status",
        "*",
        "The SDK's list names no status, only that nothing comes back; the document says {document}. The client takes any 2xx for success.",
    ),
    (
        "response-media-type",
        "*",
        "The SDK asks for `{sdk}`, the document names `{document}`. What an answer holds is read by its own header.",
    ),
    ("auth", "*", "Two labels for a credential. What goes over the wire is in provider.yaml."),
    (
        "*",
        "*",
        "The SDK's list says `{sdk}`, the document `{document}`. The document is the newer of the two.",
    ),
];

/// Fills in the reason and the source of a decision that a machine proposes.
pub(super) fn give(decision: &mut Value, today: &str) {
    let text = |key: &str| match &decision[key] {
        Value::String(it) => it.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    let (about, take) = (text("about"), text("take"));
    let fits = |pattern: &str, it: &str| pattern == "*" || pattern == it;
    let found = WORDS.iter().find(|(a, t, _)| fits(a, &about) && fits(t, &take));
    let words = found.map(|(_, _, words)| *words).unwrap_or_default();
    let words = words.replace("{sdk}", &text("sdk")).replace("{document}", &text("document"));
    decision["reason"] = Value::from(words);
    decision["source"] =
        Value::from(format!("{PROPOSED} on {today}; nobody has looked into it yet"));
}

/// Whether nobody has looked into a decision yet, so that its words may change with it.
pub(crate) fn is_ours(decision: &Value) -> bool {
    decision["source"].as_str().is_some_and(|it| it.starts_with(PROPOSED))
}
