//! Media types: how each is written and read, and which of several comes first.

use crate::names;

/// How a body of a media type is written and read.
pub(super) enum Class {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

pub(super) fn class(media: &str) -> Class {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" | "text/json" | "application/x-json" => Class::Json,
        it if streamed(it).is_some() => Class::Bytes,
        "application/x-www-form-urlencoded" => Class::Form,
        it if it.starts_with("multipart/") => Class::Multipart,
        it if it.ends_with("+json") => Class::Json,
        // A stream of JSON lines or events is not one JSON value.
        it if it.starts_with("text/") && !it.contains("event-stream") && !it.contains('*') => {
            Class::Text
        }
        it if it == "application/xml" || it.ends_with("+xml") => Class::Text,
        "application/yaml" | "application/x-yaml" | "application/graphql" => Class::Text,
        _ => Class::Bytes,
    }
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
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => "form".to_owned(),
        "multipart/form-data" => "multipart".to_owned(),
        "text/plain" => "text".to_owned(),
        "application/octet-stream" => "bytes".to_owned(),
        other => names::snake(other.rsplit('/').next().unwrap_or_default()),
    }
}

/// Whether the items of a media type that comes piece by piece are events; `None` for what comes as a whole.
pub(super) fn streamed(media: &str) -> Option<bool> {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
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
