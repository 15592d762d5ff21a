//! The HTTP side: mounts, the log, and faults around the processing of a request.

use std::collections::hash_map::RandomState;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::answer::Answer;
use super::check::Incoming;
use super::control;
use super::fault::{Fault, Kind, Queue};
use super::functions::lock;
use super::provider::{Provider, Route};
use super::record::Recorded;
use super::wire::Connection;

/// Bodies beyond this are refused; nothing that a client here sends comes near.
const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// The log forgets the oldest requests beyond this.
const LONGEST_LOG: usize = 100_000;

/// All that a running sandbox is.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) origin: String,
    pub(super) providers: Vec<Provider>,
    pub(super) faults: Mutex<Queue>,
    pub(super) log: Mutex<Vec<Recorded>>,
    pub(super) problems: Arc<Mutex<Vec<String>>>,
    pub(super) clock: Arc<super::clock::Clock>,
    pub(super) hasher: RandomState,
    /// How many requests the log has seen, for whoever waits for one.
    pub(super) arrivals: watch::Sender<usize>,
}

impl Shared {
    pub(super) fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|it| it.name == name)
    }

    pub(super) fn base_url(&self, provider: &str) -> String {
        format!("{}/{provider}", self.origin)
    }

    pub(super) fn reset(&self) -> Result<(), String> {
        lock(&self.log).clear();
        self.arrivals.send_replace(0);
        *lock(&self.faults) = Queue::default();
        lock(&self.problems).clear();
        self.providers.iter().try_for_each(Provider::reset)
    }

    /// Logs a request on arrival, so that one whose client goes away is in the log as well.
    fn record(&self, mut recorded: Recorded) -> u64 {
        let mut log = lock(&self.log);
        recorded.serial = log.last().map_or(0, |it| it.serial + 1);
        let serial = recorded.serial;
        if log.len() >= LONGEST_LOG {
            log.drain(..LONGEST_LOG / 10);
        }
        log.push(recorded);
        self.arrivals.send_replace(log.len());
        serial
    }

    /// Adds to the log what became of a request.
    fn amend(&self, serial: u64, change: impl FnOnce(&mut Recorded)) {
        let mut log = lock(&self.log);
        if let Some(recorded) = log.iter_mut().rev().find(|it| it.serial == serial) {
            change(recorded);
        }
    }
}

/// Serves any request.
pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let message = format!("the body is longer than {LARGEST_BODY} bytes, or broke off");
        return Ok(respond(&Answer::of(413, Vec::new(), Some(json!({ "message": message })))));
    };
    let full = parts.uri.path();
    if full == "/" || full == "/_sandbox" || full.starts_with("/_sandbox/") {
        return Ok(respond(&control::answer(&shared, parts.method.as_str(), full, &body)));
    }
    let (mount, path) = match full[1..].find('/') {
        Some(end) => full.split_at(end + 1),
        None => (full, "/"),
    };
    let mount = &mount[1..];
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: path.to_owned(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        headers: parts.headers,
        body,
        base_url: shared.base_url(mount),
    };
    let Some(provider) = shared.provider(mount) else {
        let mut recorded = Recorded::new("", None, None, &incoming, &shared.hasher);
        recorded.path = full.to_owned();
        recorded.status = Some(404);
        shared.record(recorded);
        let mounts: Vec<String> =
            shared.providers.iter().map(|it| shared.base_url(&it.name)).collect();
        let message =
            format!("no provider is mounted at {full}; base URLs are {}", mounts.join(", "));
        return Ok(respond(&Answer::of(404, Vec::new(), Some(json!({ "message": message })))));
    };
    Ok(provided(&shared, provider, &connection, &incoming).await)
}

async fn provided(
    shared: &Shared,
    provider: &Provider,
    connection: &Connection,
    incoming: &Incoming,
) -> Response {
    let in_flight = provider.enter();
    let route = provider.route(&incoming.method, &incoming.path);
    let fault = lock(&shared.faults).take(&provider.name, route.operation_id());
    let mut recorded = Recorded::new(
        &provider.name,
        route.operation_id(),
        Some(&provider.document),
        incoming,
        &shared.hasher,
    );
    recorded.fault = fault.as_ref().map(|it| it.kind.name());
    let serial = shared.record(recorded);

    if let Some(Fault { kind: Kind::Delay(time), processed: false, .. }) = &fault {
        tokio::time::sleep(*time).await;
    }
    let spared = fault.as_ref().is_none_or(|it| it.processed || matches!(it.kind, Kind::Delay(_)));
    let mut answer = None;
    let (mut accepted, mut replayed) = (false, false);
    if spared {
        let processed = provider.process(&route, incoming, in_flight.crowded);
        (accepted, replayed) = (processed.accepted, processed.replayed);
        answer = Some(processed.answer);
    }
    let kind = fault.as_ref().map(|it| it.kind);
    if let (Some(fault), Some(Kind::Status(status))) = (&fault, kind) {
        answer = Some(injected(provider, &route, incoming, fault, status));
    }
    // Before anything leaves, so that whoever has the answer finds it in the log.
    shared.amend(serial, |it| {
        let cut = matches!(kind, Some(Kind::Drop | Kind::Reset));
        it.status = answer.as_ref().map(|it| it.status).filter(|_| !cut);
        it.processed = accepted;
        it.replayed = replayed;
    });
    let answer = answer.unwrap_or_else(|| Answer::of(500, Vec::new(), None));
    match (kind, &fault) {
        (Some(Kind::Drop), _) => {
            connection.cut();
            respond(&answer)
        }
        (Some(Kind::Reset), _) => {
            connection.reset();
            respond(&answer)
        }
        (Some(Kind::Truncate), _) => truncated(connection, &answer),
        (Some(Kind::Delay(time)), Some(Fault { processed: true, .. })) => {
            tokio::time::sleep(time).await;
            respond(&answer)
        }
        _ => respond(&answer),
    }
}

fn injected(
    provider: &Provider,
    route: &Route<'_>,
    incoming: &Incoming,
    fault: &Fault,
    status: u16,
) -> Answer {
    let mut answer = provider.injected(route, incoming, status);
    if let Some((media, body)) = &fault.body {
        answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        answer.headers.push(("content-type".to_owned(), media.clone()));
        answer.body.clone_from(body);
        answer.json = None;
    }
    for (name, value) in &fault.headers {
        answer.headers.retain(|(it, _)| !it.eq_ignore_ascii_case(name));
        answer.headers.push((name.clone(), value.clone()));
    }
    answer
}

fn respond(answer: &Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        // A value that HTTP cannot carry is a message with a line break; the rest of it is worth more.
        let value: String =
            value.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::from_bytes(value.as_bytes()))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Half of the body under the length of the whole.
fn truncated(connection: &Connection, answer: &Answer) -> Response {
    if answer.body.len() < 2 {
        connection.cut();
        return respond(answer);
    }
    let mut response = respond(answer);
    let half = Bytes::copy_from_slice(&answer.body[..answer.body.len() / 2]);
    let body = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // The half must be on the wire before the body fails, or the server keeps it.
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::other("cut by an injected fault")), None))
            }
        }
    });
    *response.body_mut() = Body::from_stream(body);
    response
        .headers_mut()
        .insert(http::header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    response
}

/// The log as JSON.
pub(super) fn log(shared: &Shared) -> Json {
    serde_json::to_value(lock(&shared.log).as_slice()).unwrap_or(Json::Null)
}
