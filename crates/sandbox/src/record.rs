//! The log of what arrived, without the secrets in it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use serde::Serialize;
use serde_json::Value as Json;

use super::check::Incoming;
use super::document::Document;
use super::form;

/// Header names that are secrets whoever declares them.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// Members of a token request that are secrets.
const SECRET_FIELDS: [&str; 3] = ["client_secret", "refresh_token", "password"];

/// A request that the sandbox got.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Recorded {
    /// The provider; empty for a path outside all mounts.
    pub provider: String,
    /// The operationId; `token` for the token endpoint; none for an unknown path or verb.
    pub operation_id: Option<String>,
    /// The verb.
    pub method: String,
    /// The path below the provider's mount, as it was on the wire.
    pub path: String,
    /// The query, decoded, in order. Secrets read `[censored]`.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case, in order. Secrets read `[censored]`.
    pub headers: Vec<(String, String)>,
    /// The body: a JSON value, a form as an object, anything else as text.
    pub body: Option<Json>,
    /// The status of the answer; none when the connection was cut without one, or the answer is
    /// still to come.
    pub status: Option<u16>,
    /// Whether the request was accepted and took effect, whatever was answered afterwards. False
    /// when it was refused, and when a fault came before.
    pub processed: bool,
    /// Whether it was accepted and answered from memory, because its idempotency key was known.
    pub replayed: bool,
    /// The fault that hit it.
    pub fault: Option<String>,
    #[serde(skip)]
    pub(super) serial: u64,
    #[serde(skip)]
    secrets: Vec<(String, u64)>,
    #[serde(skip)]
    hasher: RandomState,
}

impl Recorded {
    pub(super) fn new(
        provider: &str,
        operation_id: Option<&str>,
        document: Option<&Document>,
        incoming: &Incoming,
        hasher: &RandomState,
    ) -> Self {
        let declared = document.map(declared_secrets).unwrap_or_default();
        let mut secrets = Vec::new();
        let mut censor = |name: &str, value: &str| {
            secrets.push((name.to_owned(), hasher.hash_one(value)));
            "[censored]".to_owned()
        };
        let mut query = Vec::new();
        for (name, value) in &incoming.query {
            let secret = declared.iter().any(|it| it == name);
            query.push((name.clone(), if secret { censor(name, value) } else { value.clone() }));
        }
        let mut headers = Vec::new();
        for (name, value) in &incoming.headers {
            let (name, value) = (name.as_str(), String::from_utf8_lossy(value.as_bytes()));
            let secret = SECRET_HEADERS.contains(&name)
                || declared.iter().any(|it| it.eq_ignore_ascii_case(name));
            headers.push((
                name.to_owned(),
                if secret { censor(name, &value) } else { value.into_owned() },
            ));
        }
        let mut body = body_of(incoming);
        if let Some(Json::Object(members)) = &mut body
            && operation_id == Some("token")
        {
            for name in SECRET_FIELDS {
                if let Some(value) = members.get_mut(name) {
                    *value = Json::from(censor(name, value.as_str().unwrap_or_default()));
                }
            }
        }
        Self {
            provider: provider.to_owned(),
            operation_id: operation_id.map(str::to_owned),
            method: incoming.method.clone(),
            path: incoming.path.clone(),
            query,
            headers,
            body,
            status: None,
            processed: false,
            replayed: false,
            fault: None,
            serial: 0,
            secrets,
            hasher: hasher.clone(),
        }
    }

    /// The value of a header, by name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the censored header or query parameter `name` held exactly this secret.
    ///
    /// The sandbox keeps a keyed hash of it and nothing else.
    pub fn held_secret(&self, name: &str, secret: &str) -> bool {
        let hash = self.hasher.hash_one(secret);
        self.secrets.iter().any(|(it, known)| it.eq_ignore_ascii_case(name) && *known == hash)
    }
}

fn body_of(incoming: &Incoming) -> Option<Json> {
    if incoming.body.is_empty() {
        return None;
    }
    let content_type = incoming.header("content-type").unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let parsed = form::parse(&media, content_type, &incoming.body);
    Some(
        parsed.unwrap_or_else(|_| Json::from(String::from_utf8_lossy(&incoming.body).into_owned())),
    )
}

fn declared_secrets(document: &Document) -> Vec<String> {
    let schemes = document.root.pointer("/components/securitySchemes").and_then(Json::as_object);
    schemes
        .into_iter()
        .flat_map(|it| it.keys())
        .filter_map(|it| document.scheme(it)?.get("name")?.as_str().map(str::to_owned))
        .collect()
}
