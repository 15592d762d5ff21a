//! Media types: how each is written and read, and which of several comes first.

use super::flatten::is_binary;
use crate::names;
use serde_json::Value;

/// How a body of a media type is written and read.
pub(super) enum Class {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

pub(super) fn class(media: &str) -> Class {
    match essence(media).as_str() {
        "application/json" | "text/json" | "application/x-json" => Class::Json,
        it if streamed(it).is_some() => Class::Bytes,
        "application/x-www-form-urlencoded" => Class::Form,
        it if it.starts_with("multipart/") => Class::Multipart,
        it if it.ends_with("+json") => Class::Json,
        // A stream of JSON lines or events is not one JSON value.
        it if it.starts_with("text/") => Class::Text,
        it if it == "application/xml" || it.ends_with("+xml") => Class::Text,
        "application/yaml" | "application/x-yaml" | "application/graphql" => Class::Text,
        _ => Class::Bytes,
    }
}

/// How a body of a media type and a schema, given flat, is written and read. A schema of binary content means the bytes as
/// they are, whatever the media type; what `*/*` stands for in practice follows from the schema too.
pub(super) fn class_of(media: &str, schema: Option<&Value>) -> Class {
    let whole = class(media);
    if matches!(whole, Class::Json | Class::Text) && schema.is_some_and(is_binary) {
        return Class::Bytes;
    }
    let essence = essence(media);
    let Some(schema) = schema.filter(|_| ["*/*", "application/*"].contains(&essence.as_str()))
    else {
        return whole;
    };
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if schema.get("format").is_none() => Class::Text,
        Some("string") => Class::Bytes,
        _ => Class::Json,
    }
}

/// The media type under which a body of it is sent.
pub(super) fn announced(media: &str, class: &Class) -> String {
    let is_other_charset = |it: &&str| {
        let it = it.trim().to_ascii_lowercase().replace('"', "");
        it.starts_with("charset=") && it != "charset=utf-8"
    };
    match class {
        Class::Json if media.contains('*') => "application/json".to_owned(),
        Class::Text if media.contains('*') => "text/plain".to_owned(),
        Class::Multipart if media.contains('*') => "multipart/form-data".to_owned(),
        _ if media.contains('*') => "application/octet-stream".to_owned(),
        // Rust's texts are UTF-8.
        Class::Text if media.split(';').skip(1).any(|it| is_other_charset(&it)) => {
            let kept = media.split(';').filter(|it| !is_other_charset(it));
            format!("{};charset=utf-8", kept.collect::<Vec<_>>().join(";"))
        }
        _ => media.to_owned(),
    }
}

/// Whether a media type is JSON under another name, which servers that choose by `Accept` want to hear.
pub(super) fn is_special_json(media: &str) -> bool {
    matches!(class(media), Class::Json) && essence(media) != "application/json"
}

/// A media type without its parameters.
fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The order in which one of several is taken.
pub(super) fn preference(media: &str) -> u8 {
    let exact = media.eq_ignore_ascii_case("application/json");
    match class(media) {
        Class::Json if exact => 0,
        Class::Json => 1,
        Class::Form => 2,
        Class::Multipart => 3,
        Class::Text => 4,
        Class::Bytes => 5,
    }
}

/// What a person calls a media type.
pub(super) fn word(media: &str) -> String {
    match essence(media).as_str() {
        "application/x-www-form-urlencoded" => "form".to_owned(),
        "multipart/form-data" => "multipart".to_owned(),
        "text/plain" | "text/*" => "text".to_owned(),
        "application/octet-stream" => "bytes".to_owned(),
        other => names::snake(other.rsplit('/').next().unwrap_or_default()),
    }
}

/// Whether the items of a media type that comes piece by piece are events; `None` for what comes as a whole.
pub(super) fn streamed(media: &str) -> Option<bool> {
    match essence(media).as_str() {
        "text/event-stream" => Some(true),
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonl"
        | "application/jsonlines"
        | "application/x-jsonlines"
        | "application/json-lines"
        | "application/json-seq"
        | "application/stream+json" => Some(false),
        _ => None,
    }
}
