//! What a visitor writes: kept in the state, and announced to a webhook as the vendor announces it.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use conversations_document::Pointer;
use conversations_runtime::runtime::events::Rules;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, Uri};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use minijinja::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use tokio::net::TcpStream;

use super::answer::Answer;
use super::engine::{self, Outcome};
use super::functions::lock;
use super::provider::Provider;
use super::scope::Scope;
use super::shared::{Shared, refusal};

/// A receiver that lets a request wait for longer does not answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A visitor who is about to write; see [`Sandbox::visitor`](crate::Sandbox::visitor).
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `to` or `unannounced`"]
pub struct Visitor<'s> {
    shared: &'s Shared,
    provider: String,
    said: Map<String, Json>,
    secret: Option<Secret>,
    twice: bool,
}

/// Does not print.
#[derive(Clone, Deserialize)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What became of an event that the sandbox announced.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Delivered {
    /// What the receiver answered to each attempt; `None` where it did not answer.
    pub statuses: Vec<Option<u16>>,
    /// The body of the webhook.
    pub body: Json,
}

impl<'s> Visitor<'s> {
    pub(super) fn new(shared: &'s Shared, provider: &str) -> Self {
        let provider = provider.to_owned();
        Self { shared, provider, said: Map::new(), secret: None, twice: false }
    }

    /// The text.
    pub fn writes(self, text: impl Into<String>) -> Self {
        self.with("text", text.into())
    }

    /// Another member that the provider's rule `visitor` in `sandbox.yaml` knows, such as who writes.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.said.insert(name.into(), value.into());
        self
    }

    /// The webhook's secret, for vendors that send it in a header.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Secret(secret.into()));
        self
    }

    /// Delivers once more although the receiver accepted, as vendors may.
    pub fn twice(mut self) -> Self {
        self.twice = true;
        self
    }

    /// Writes and announces nothing, for programs that poll; gives the body that a webhook would have.
    ///
    /// # Errors
    /// Where the provider is not mounted or has no rule of what a visitor writes.
    pub fn unannounced(self) -> io::Result<Json> {
        self.visit().map(|(_, body)| body)
    }

    fn visit(&self) -> io::Result<(Rules, Json)> {
        let Self { shared, provider: name, said, .. } = self;
        let provider = shared
            .provider(name)
            .ok_or_else(|| invalid(format!("there is no provider `{name}`")))?;
        provider.visit(said, &shared.base_url(name)).map_err(invalid)
    }

    /// Writes, and delivers the event to a receiver on this machine. Where it does not accept, the event comes again at the
    /// vendor's times, to which the sandbox's clock is moved: nobody waits.
    ///
    /// # Errors
    /// Where the provider is not mounted or announces nothing, or the address is not `http` of this machine.
    pub async fn to(self, url: &str) -> io::Result<Delivered> {
        let (uri, host) = target(url).map_err(invalid)?;
        let (rules, body) = self.visit()?;
        let Self { shared, secret, twice, .. } = self;
        let delivery = rules.delivery();
        let bytes = Bytes::from(body.to_string());
        let mut statuses = Vec::new();
        let mut since = 0;
        let mut later = delivery.retry_after_seconds.iter().copied();
        let mut extra = twice;
        loop {
            let status =
                post(&uri, &host, rules.header(), secret.as_ref(), bytes.clone()).await.ok();
            statuses.push(status);
            let accepted = status.is_some_and(|it| delivery.accepts(it));
            if accepted && !std::mem::take(&mut extra) {
                break;
            }
            if status.is_some_and(|it| delivery.final_statuses.contains(&it)) {
                break;
            }
            let Some(next) = later.next().or(accepted.then_some(since)) else { break };
            shared.clock.advance(Duration::from_secs(next.saturating_sub(since)));
            since = next;
        }
        Ok(Delivered { statuses, body })
    }
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

impl Provider {
    /// Runs the rule of what a visitor writes; gives the body of the webhook, and the rules of its delivery.
    fn visit(&self, said: &Map<String, Json>, base_url: &str) -> Result<(Rules, Json), String> {
        let steps = &self.script.visitor;
        if steps.is_empty() {
            return Err(format!(
                "`{}` announces nothing: its sandbox.yaml has no `visitor`",
                self.name()
            ));
        }
        let Some(rules) = self.client.events() else {
            return Err(format!("`{}` announces nothing: its client has no events", self.name()));
        };
        let scope = Scope::new(BTreeMap::from([
            ("request".to_owned(), Value::from_serialize(json!({ "body": said }))),
            ("now".to_owned(), Value::from(self.clock.tick())),
            ("base_url".to_owned(), Value::from(base_url)),
        ]));
        let mut inner = lock(&self.inner);
        let body = match engine::run(&self.script.env, steps, &mut inner.state, &scope) {
            Ok(Outcome::Respond { body: Some(body), .. }) => body,
            Ok(Outcome::Fail { error, .. }) => {
                return Err(format!("the visitor cannot write: {error}"));
            }
            Ok(_) => {
                return Err("sandbox.yaml/visitor: the rule gives no event; end it with `respond`"
                    .to_owned());
            }
            Err(why) => return Err(format!("sandbox.yaml/visitor: {why}")),
        };
        drop(inner);
        self.validate_event(rules, &body);
        Ok((rules, body))
    }

    /// Compares an event with the webhook of its kind in the document; what does not fit is a mistake of the rule.
    fn validate_event(&self, rules: Rules, body: &Json) {
        let kind = body.pointer(rules.kind()).and_then(Json::as_str).unwrap_or_default();
        let operation = Pointer::from("/webhooks").child(kind).child("post");
        let schema = operation
            .child("requestBody")
            .child("content")
            .child("application/json")
            .child("schema");
        if self.document.root.pointer(&schema).is_none() {
            return self
                .problem(format!("sandbox.yaml/visitor: the document has no webhook `{kind}`"));
        }
        for misfit in self.schemas.misfits(&schema, body) {
            self.problem(format!(
                "sandbox.yaml/visitor: body{}: {} ({})",
                misfit.pointer, misfit.detail, misfit.why
            ));
        }
    }
}

/// Serves `POST /_sandbox/<provider>/visitor`.
pub(super) async fn asked(shared: &Shared, provider: &str, body: &[u8]) -> Answer {
    #[derive(Deserialize)]
    struct Asked {
        to: String,
        secret: Option<Secret>,
        #[serde(default)]
        twice: bool,
        #[serde(flatten)]
        said: Map<String, Json>,
    }
    let Asked { to, secret, twice, said } = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => {
            let help = r#"say where it goes and what is written: {"to": "http://127.0.0.1:…", "text": "…"}"#;
            return refusal(400, format!("{error}; {help}"));
        }
    };
    let visitor = Visitor { said, secret, twice, ..Visitor::new(shared, provider) };
    match visitor.to(&to).await {
        Ok(Delivered { statuses, body }) => {
            Answer::of(200, Vec::new(), Some(json!({ "statuses": statuses, "body": body })))
        }
        Err(error) => refusal(400, error.to_string()),
    }
}

/// The parts of an address on this machine: nothing that a test writes may leave it.
fn target(url: &str) -> Result<(Uri, String), String> {
    let uri: Uri = url.parse().map_err(|_| format!("`{url}` is not a URL"))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let local =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
    match uri.scheme_str() == Some("http") && local {
        true => Ok((uri, host)),
        false => {
            Err("events are delivered to http://127.0.0.1, http://[::1] and http://localhost only"
                .to_owned())
        }
    }
}

/// One attempt; the status of the answer.
async fn post(
    uri: &Uri,
    host: &str,
    header: Option<&str>,
    secret: Option<&Secret>,
    body: Bytes,
) -> io::Result<u16> {
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let authority = uri.authority().map(|it| it.as_str()).unwrap_or_default();
    let mut request =
        Request::post(path).header(HOST, authority).header(CONTENT_TYPE, "application/json");
    if let (Some(name), Some(Secret(secret))) = (header, secret) {
        request = request.header(name, secret);
    }
    let request = request.body(Full::new(body)).map_err(io::Error::other)?;
    let exchange = async {
        let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(io::Error::other);
        connection.abort();
        response.map(|it| it.status().as_u16())
    };
    tokio::time::timeout(PATIENCE, exchange).await?
}
