//! Servers of a document that was fetched, made absolute.

use conversations_document::{load, servers::resolve};
use serde_json::{Value, json};

#[test]
fn addresses_are_resolved_against_the_document() {
    let join = |it: &str| {
        let base = "https://docs.example/specs/api.json";
        Some(match it {
            it if it.starts_with('/') => format!("https://docs.example{it}"),
            it => format!("{base}+{it}"),
        })
    };
    let cases = [
        (json!({"openapi": "3.0.0"}), "/servers/0/url", json!("https://docs.example/")),
        (
            json!({"openapi": "3.0.0", "servers": [{"url": "/api/v2"}]}),
            "/servers/0/url",
            json!("https://docs.example/api/v2"),
        ),
        (
            json!({"openapi": "3.0.0", "servers": [{"url": "https://a.example"}]}),
            "/servers/0/url",
            json!("https://a.example"),
        ),
        (
            json!({"openapi": "3.0.0", "servers": [{"url": "{base}/v1"}]}),
            "/servers/0/url",
            json!("{base}/v1"),
        ),
        (
            json!({"openapi": "3.0.0", "paths": {"/a": {"servers": [{"url": "/b"}]}}}),
            "/paths/~1a/servers/0/url",
            json!("https://docs.example/b"),
        ),
        (json!({"swagger": "2.0", "basePath": "/v1"}), "/host", json!("docs.example")),
        (json!({"swagger": "2.0", "host": "a.example"}), "/schemes", Value::Null),
        (json!({"swagger": "2.0", "host": ""}), "/host", json!("docs.example")),
    ];
    for (root, pointer, want) in cases {
        let mut document = load::document("api.json", &root.to_string()).unwrap();
        resolve(&mut document, &join);
        let got = document.root.pointer(pointer).unwrap_or(&Value::Null);
        assert_eq!(*got, want, "{root}");
    }
}
