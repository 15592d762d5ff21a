//! Addresses of servers that a document gives relative to its own.

use crate::{
    document::Document,
    grammar::{Dialect, Kind, walk_mut},
};
use serde_json::{Map, Value, json};

/// Whether a server's URL has neither scheme nor host, so that it only means something beside the document's own.
pub fn is_relative(url: &str) -> bool {
    let url = url.trim();
    let first = url.split('/').next().unwrap_or(url);
    // `api.example.com/v1` lacks a scheme but means a host; a variable may stand for all of it.
    let host = first.contains([':', '{']) || first.contains('.') && !first.starts_with('.');
    !(host || url.starts_with("//") || first == "localhost")
}

/// Makes the addresses of servers absolute, for a document that was fetched: `join` resolves one against the
/// document's address. Without a server OpenAPI 3 means `/`, and Swagger 2.0 the host of the document.
pub fn resolve(document: &mut Document, join: &dyn Fn(&str) -> Option<String>) {
    let dialect = Dialect::of(&document.root);
    let Some(root) = document.root.as_object_mut() else { return };
    match dialect {
        Dialect::Swagger2 => host(root, join),
        Dialect::OpenApi3 => {
            let named =
                root.get("servers").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
            if let Some(url) = join("/").filter(|_| !named) {
                root.insert("servers".to_owned(), json!([{ "url": url }]));
            }
        }
    }
    walk_mut(&mut document.root, dialect.root(), "", &mut |node, kind, _| {
        if kind != Kind::Server {
            return;
        }
        let url = node.get("url").and_then(Value::as_str).filter(|it| is_relative(it));
        if let Some(url) = url.and_then(join) {
            node["url"] = Value::String(url);
        }
    });
}

fn host(root: &mut Map<String, Value>, join: &dyn Fn(&str) -> Option<String>) {
    if root.contains_key("host") {
        return;
    }
    let Some(url) = join("/") else { return };
    let Some((scheme, host)) = url.split_once("://") else { return };
    let host = host.split('/').next().unwrap_or(host);
    root.insert("host".to_owned(), json!(host));
    root.entry("schemes").or_insert_with(|| json!([scheme]));
}
