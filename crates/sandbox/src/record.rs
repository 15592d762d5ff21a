//! The log of what arrived, without the secrets in it.

use std::collections::VecDeque;
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

/// The most that the log weighs, in bytes.
const HEAVIEST: usize = 64 * 1024 * 1024;

/// The requests that arrived last, as many as have room.
#[derive(Debug)]
pub(super) struct Log {
    entries: VecDeque<Recorded>,
    weight: usize,
    heaviest: usize,
    arrived: usize,
    next: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self { entries: VecDeque::new(), weight: 0, heaviest: HEAVIEST, arrived: 0, next: 0 }
    }
}

impl Log {
    /// Adds a request and forgets the oldest ones beyond the bound. A body that has no room even alone is left out.
    pub(super) fn push(&mut self, mut recorded: Recorded) -> usize {
        recorded.serial = self.next;
        self.next += 1;
        self.arrived += 1;
        recorded.weight = recorded.weigh();
        if recorded.weight > self.heaviest {
            recorded.body = Some(Json::from("[left out: too long for the log]"));
            recorded.weight = recorded.weigh();
        }
        self.weight += recorded.weight;
        let serial = recorded.serial;
        self.entries.push_back(recorded);
        while self.weight > self.heaviest {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.weight -= oldest.weight;
        }
        serial
    }

    /// The request of this number, unless it is forgotten.
    pub(super) fn find(&mut self, serial: usize) -> Option<&mut Recorded> {
        let first = self.entries.front()?.serial;
        self.entries.get_mut(serial.checked_sub(first)?).filter(|it| it.serial == serial)
    }

    /// How many requests have arrived, those that are forgotten included.
    pub(super) fn arrived(&self) -> usize {
        self.arrived
    }

    /// What is remembered, the oldest first.
    pub(super) fn entries(&self) -> &VecDeque<Recorded> {
        &self.entries
    }

    /// Forgets all, and how many arrived. Serial numbers go on, so that a request which is still being answered is not
    /// taken for one that comes after.
    pub(super) fn clear(&mut self) {
        let Self { heaviest, next, .. } = *self;
        *self = Self { heaviest, next, ..Self::default() };
    }
}

/// What a value takes in memory, roughly.
fn weight_of(json: &Json) -> usize {
    let own = std::mem::size_of::<Json>();
    own + match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(weight_of).sum(),
        // A key is kept with its hash and its place.
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| name.len() + 2 * std::mem::size_of::<String>() + weight_of(value))
            .sum(),
    }
}

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
    serial: usize,
    #[serde(skip)]
    weight: usize,
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
            weight: 0,
            secrets,
            hasher: hasher.clone(),
        }
    }

    /// What it takes in memory, roughly.
    fn weigh(&self) -> usize {
        let Self { provider, operation_id, method, path, query, headers, body, secrets, .. } = self;
        let pairs = query.iter().chain(headers);
        let pairs: usize = pairs
            .map(|(name, value)| name.len() + value.len() + std::mem::size_of::<[String; 2]>())
            .sum();
        let secrets: usize =
            secrets.iter().map(|(name, _)| name.len() + std::mem::size_of::<(String, u64)>()).sum();
        let texts = [provider, method, path].map(String::len).iter().sum::<usize>();
        std::mem::size_of::<Self>()
            + texts
            + operation_id.as_ref().map_or(0, String::len)
            + pairs
            + secrets
            + body.as_ref().map_or(0, weight_of)
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

#[cfg(test)]
mod tests {
    use std::collections::hash_map::RandomState;

    use bytes::Bytes;
    use http::HeaderMap;

    use super::{Incoming, Log, Recorded};

    fn request(path: &str, body: &str) -> Recorded {
        let incoming = Incoming {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            base_url: String::new(),
        };
        Recorded::new("notes", None, None, &incoming, &RandomState::new())
    }

    fn paths(log: &Log) -> Vec<&str> {
        log.entries().iter().map(|it| it.path.as_str()).collect()
    }

    #[test]
    fn the_log_is_bounded_in_bytes_and_counts_on() {
        let mut log = Log { heaviest: 20_000, ..Log::default() };
        let long = "x".repeat(8_000);
        for path in ["/a", "/b", "/c"] {
            log.push(request(path, &long));
        }
        assert_eq!(paths(&log), ["/b", "/c"]);
        assert_eq!(log.arrived(), 3);
        assert!(log.find(0).is_none());
        assert_eq!(log.find(2).map(|it| it.path.clone()).as_deref(), Some("/c"));
        let serial = log.push(request("/d", &"x".repeat(30_000)));
        assert_eq!(paths(&log), ["/b", "/c", "/d"]);
        assert_eq!(serial, 3);
        let body = log.find(serial).and_then(|it| it.body.clone());
        assert_eq!(
            body.as_ref().and_then(|it| it.as_str()),
            Some("[left out: too long for the log]")
        );
        for _ in 0..1_000 {
            log.push(request("/e", ""));
        }
        assert!(log.weight <= 20_000 && log.entries().len() < 1_000, "{}", log.weight);
        let weight: usize = log.entries().iter().map(|it| it.weight).sum();
        assert_eq!(weight, log.weight);
        log.clear();
        assert_eq!((log.entries().len(), log.weight, log.arrived()), (0, 0, 0));
        let next = log.push(request("/f", ""));
        assert_eq!(next, 1_004);
        assert!(log.find(next).is_some() && log.find(3).is_none());
    }
}
