//! What a document says of its own server, credentials and errors, as a `provider.yaml` would say it.
//!
//! A vendor's folder says this by hand and better; here it is guessed, so that any document makes a
//! client that authenticates and calls.

use conversations_codegen::{
    names,
    provider::{Auth, BUILDER_METHODS, Credential, ErrorBody, Provider, Server, Source},
};
use conversations_document::{
    Pointer, lookup,
    note::Done,
    servers::{callable, is_foreign},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a client lacks, because the document does not say it or nothing here speaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Where, as a JSON Pointer.
    pub pointer: Pointer,
    /// What the client lacks.
    pub done: Done,
}

/// A provider as `document`, an OpenAPI 3.0 document, describes it; and what its client lacks.
pub fn provider(document: &Value) -> (Provider, Vec<Unknown>) {
    let text = |pointer: &str| {
        document.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|it| !it.is_empty())
    };
    let title = one_line(text("/info/title").unwrap_or("API"));
    let (servers, mut unknown) = servers(document);
    let summary = text("/info/summary").or(text("/info/description")).map(first_sentence);
    let documentation = ["/externalDocs/url", "/info/contact/url"].iter().find_map(|it| text(it));
    let documentation = documentation.map(str::to_owned);
    let provider = Provider {
        provider: module_name(&title),
        summary: summary.filter(|it| !it.is_empty()).unwrap_or_else(|| title.clone()),
        documentation: documentation
            .unwrap_or_else(|| servers.first().map(Server::filled).unwrap_or_default()),
        title,
        source: Source::default(),
        select: Default::default(),
        auth: auth(document, servers.first(), &mut unknown),
        servers,
        headers: BTreeMap::new(),
        error: error(),
        error_codes: Vec::new(),
        request_id: Vec::new(),
        error_headers: Vec::new(),
        rate_limit: None,
        concurrency: None,
        events: None,
        reasons: BTreeMap::new(),
    };
    (provider, unknown)
}

/// A module name for a title.
pub fn module_name(title: &str) -> String {
    let ascii: String =
        title.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { ' ' }).collect();
    // The name becomes that of a folder and of cargo's files, and some titles are whole sentences.
    let name = names::escape(&names::snake(&ascii));
    name.chars().take(60).collect::<String>().trim_end_matches('_').to_owned()
}

/// Where most vendors keep the code and the text of an error.
pub fn error() -> ErrorBody {
    let own = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
    ErrorBody {
        code: own(&["/error/code", "/code", "/errors/0/code", "/error/type"]),
        message: own(&[
            "/error/message",
            "/message",
            "/errors/0/message",
            "/error_description",
            "/error",
            "/detail",
            "/title",
        ]),
        ..ErrorBody::default()
    }
}

/// The servers whose address is known, and what is to be said of the others.
fn servers(document: &Value) -> (Vec<Server>, Vec<Unknown>) {
    let (out, others) = callable(document.get("servers"), None);
    let lacks = |(i, written): (usize, String)| Unknown {
        pointer: format!("/servers/{i}").into(),
        done: match out.is_empty() {
            _ if is_foreign(&written) => Done::ServerScheme { written },
            true => Done::ServerToSet { written },
            false => Done::ServerOfApi { written },
        },
    };
    let mut unknown: Vec<Unknown> = others.into_iter().map(lacks).collect();
    let none = unknown.iter().all(|it| matches!(it.done, Done::ServerScheme { .. }));
    if out.is_empty() && none && !all_have_servers(document) {
        unknown.push(Unknown { pointer: Pointer::ROOT, done: Done::NoServer });
    }
    (out, unknown)
}

/// Whether each operation names servers of its own.
fn all_have_servers(document: &Value) -> bool {
    let operations = lookup::operations(document);
    let own = |it: &lookup::Found| document.pointer(&it.pointer.child("servers")).is_some();
    operations.iter().all(own)
}

fn auth(document: &Value, server: Option<&Server>, unknown: &mut Vec<Unknown>) -> Vec<Auth> {
    let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    let mut out: Vec<Auth> = Vec::new();
    let mut taken: Vec<String> = BUILDER_METHODS.iter().map(|it| (*it).to_owned()).collect();
    for (name, scheme) in schemes.into_iter().flatten() {
        let Some((credential, token)) = credential(scheme, server) else {
            let spoken = scheme.get("scheme").or_else(|| scheme.get("type")).cloned();
            let spoken = spoken.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            unknown.push(Unknown {
                pointer: Pointer::from("/components/securitySchemes").child(name),
                done: Done::UnspokenScheme { spoken, name: name.clone() },
            });
            continue;
        };
        let wanted = names::snake(name);
        let method = (1..)
            .map(|n| if n == 1 { wanted.clone() } else { format!("{wanted}_{n}") })
            .find(|it| !taken.contains(it))
            .unwrap_or(wanted);
        taken.push(method.clone());
        out.push(Auth {
            method,
            scheme: name.clone(),
            credential,
            about: None,
            prefix: None,
            token,
            jwt: None,
        });
    }
    out
}

/// What the caller hands over for a scheme; nothing where our clients cannot serve it.
fn credential(
    scheme: &Value,
    server: Option<&Server>,
) -> Option<(Credential, Option<conversations_codegen::provider::Token>)> {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "apiKey" => Some((Credential::Key, None)),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "bearer" => Some((Credential::Bearer, None)),
            "basic" => Some((Credential::Basic, None)),
            _ => None,
        },
        "oauth2" => Some(match scheme.pointer("/flows/clientCredentials") {
            Some(flow) => match token(flow, server) {
                Some(token) => (Credential::ClientCredentials, Some(token)),
                None => (Credential::Bearer, None),
            },
            None => (Credential::Bearer, None),
        }),
        "openIdConnect" => Some((Credential::Bearer, None)),
        _ => None,
    }
}

fn token(flow: &Value, server: Option<&Server>) -> Option<conversations_codegen::provider::Token> {
    let url = flow.get("tokenUrl")?.as_str()?.trim();
    let url = match url::Url::parse(url) {
        Ok(url) => url,
        Err(_) => url::Url::parse(&server?.filled()).ok()?.join(url).ok()?,
    };
    if url.scheme() != "https" {
        return None;
    }
    let scopes = flow.get("scopes").and_then(Value::as_object);
    let scopes = scopes.into_iter().flat_map(|it| it.keys().cloned()).collect();
    Some(conversations_codegen::provider::Token { url: url.into(), scopes })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of the first paragraph, without markup that a heading would carry.
fn first_sentence(text: &str) -> String {
    let line = text.lines().map(|it| it.trim_start_matches('#').trim()).find(|it| !it.is_empty());
    let line = one_line(line.unwrap_or_default());
    match line.find(". ") {
        Some(end) => line[..end].to_owned(),
        None => line.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn servers_become_absolute_and_safe() {
        let cases = [
            (json!({}), ""),
            (json!({"servers": [{"url": "/v1/"}]}), ""),
            (json!({"servers": [{"url": "api/v1"}]}), ""),
            (json!({"servers": [{"url": "wss://api.example.com"}]}), ""),
            (
                json!({"servers": [{"url": "https://${region}.example.com",
                    "variables": {"region": {"default": "eu"}}}]}),
                "https://eu.example.com",
            ),
            (json!({"servers": [{"url": "api.example.com/v1"}]}), "https://api.example.com/v1"),
            (
                json!({"servers": [{"url": "../v1"}, {"url": "https://b.example"}]}),
                "https://b.example",
            ),
            (
                json!({"servers": [{"url": "http://api.example.com/v1"}]}),
                "https://api.example.com/v1",
            ),
            (json!({"servers": [{"url": "http://localhost:8080"}]}), "http://localhost:8080"),
            (json!({"servers": [{"url": "//api.example.com"}]}), "https://api.example.com"),
            (
                json!({"servers": [{"url": "https://{region}.example.com/{version}",
                    "variables": {"region": {"default": "eu"}}}]}),
                "https://eu.example.com/version",
            ),
            (
                json!({"servers": [{"url": "https://u:p@example.com/?key=1"}]}),
                "https://example.com",
            ),
        ];
        for (mut document, want) in cases {
            // Where there is nothing to call, nothing is missing.
            let says_nothing = |document: &Value| servers(document).1.is_empty();
            assert!(document.get("servers").is_some() || says_nothing(&document), "{document}");
            document["paths"] = json!({"/a": {"get": {}}});
            let (servers, unknown) = servers(&document);
            assert_eq!(servers.first().map(Server::filled).unwrap_or_default(), want, "{document}");
            let says = unknown.iter().any(|it| it.done.to_string().contains("base_url"));
            assert!(!servers.is_empty() || says, "{document}");
        }
    }

    #[test]
    fn credentials_follow_the_schemes() {
        let document = json!({
            "servers": [{"url": "https://api.example.com/v1"}],
            "components": {"securitySchemes": {
                "Api-Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "api_key": {"type": "apiKey", "in": "query", "name": "key"},
                "build": {"type": "http", "scheme": "Bearer"},
                "login": {"type": "http", "scheme": "basic"},
                "digest": {"type": "http", "scheme": "digest"},
                "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": ""}}}},
                "code": {"type": "oauth2", "flows": {"authorizationCode": {}}},
                "tls": {"type": "mutualTLS"},
            }},
        });
        let (found, unknown) = provider(&document);
        let unknown: Vec<&str> = unknown.iter().map(|it| &*it.pointer).collect();
        let home = "/components/securitySchemes";
        assert_eq!(unknown, [format!("{home}/digest"), format!("{home}/tls")]);
        let found = found.auth;
        let found: Vec<(&str, Credential)> =
            found.iter().map(|it| (it.method.as_str(), it.credential)).collect();
        assert_eq!(
            found,
            [
                ("api_key", Credential::Key),
                ("api_key_2", Credential::Key),
                ("build_2", Credential::Bearer),
                ("login", Credential::Basic),
                ("oauth", Credential::ClientCredentials),
                ("code", Credential::Bearer),
            ]
        );
    }
}
