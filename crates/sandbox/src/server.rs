//! The HTTP side: mounts, the log, and faults around the processing of a request.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, HOST, VARY};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming as Arriving};

use super::answer::Answer;
use super::check::Incoming;
use super::control;
use super::fault::{Fault, Kind};
use super::functions::lock;
use super::provider::{Provider, Route};
use super::record::Recorded;
use super::shared::{Shared, refusal};
use super::visitor;
use super::wire::Connection;

/// Bodies beyond this are refused; nothing that a client here sends comes near.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// The body of an answer, whole or in parts.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Serves any request.
pub(super) async fn serve(
    shared: Arc<Shared>,
    connection: Connection,
    local: Option<IpAddr>,
    patience: Duration,
    request: Request<Arriving>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect();
    let body = match tokio::time::timeout(patience, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => {
            let message = format!("the body is longer than {LARGEST_BODY} bytes, or broke off");
            return Ok(last(refusal(413, message)));
        }
        Err(_) => {
            let message = format!("the body did not end within {} s", patience.as_secs_f64());
            return Ok(last(refusal(408, message)));
        }
    };
    let full = parts.uri.path();
    // `CONNECT host:port` and `OPTIONS *` have none.
    let Some(below) = full.strip_prefix('/') else {
        let message = "the target has no path; GET /_sandbox lists what is here".to_owned();
        return Ok(respond(&refusal(400, message)));
    };
    let (mount, path) = match below.find('/') {
        Some(end) => below.split_at(end),
        None => (below, "/"),
    };
    if matches!(mount, "" | "_sandbox") {
        let passed = match shared.guard.pass(&parts.uri, &parts.headers, local) {
            Ok(passed) => passed,
            Err(why) => return Ok(respond(&refusal(403, why))),
        };
        let visited = full.strip_prefix("/_sandbox/").and_then(|it| it.strip_suffix("/visitor"));
        let answer = match visited {
            Some(provider) if parts.method == http::Method::POST => {
                visitor::asked(&shared, provider, &body).await
            }
            _ => control::answer(&shared, parts.method.as_str(), full, &body),
        };
        let mut response = respond(&answer);
        if let Some(origin) = passed.and_then(|it| HeaderValue::try_from(it).ok()) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
        }
        return Ok(response);
    }
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: path.to_owned(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        base_url: base_url(&shared, &parts.headers, mount),
        headers: parts.headers,
        body,
    };
    let Some(provider) = shared.provider(mount) else {
        let mut recorded = Recorded::new("", None, None, &incoming, &shared.hasher);
        recorded.path = full.to_owned();
        recorded.status = Some(404);
        shared.record(recorded);
        let mounts: Vec<String> =
            shared.providers.iter().map(|it| shared.base_url(it.name())).collect();
        let message =
            format!("no provider is mounted at {full}; base URLs are {}", mounts.join(", "));
        return Ok(respond(&refusal(404, message)));
    };
    Ok(provided(&shared, provider, &connection, &incoming).await)
}

/// The base URL by which the client reached the provider: behind a mapped port it is not the one that is listened to.
fn base_url(shared: &Shared, headers: &HeaderMap, mount: &str) -> String {
    let host = headers.get(HOST).and_then(|it| Authority::try_from(it.as_bytes()).ok());
    match host.filter(|it| !it.as_str().contains('@')) {
        Some(host) => format!("http://{host}/{mount}"),
        None => shared.base_url(mount),
    }
}

async fn provided(
    shared: &Shared,
    provider: &Provider,
    connection: &Connection,
    incoming: &Incoming,
) -> Response<Body> {
    let in_flight = provider.enter();
    let route = provider.route(&incoming.method, &incoming.path);
    let fault = lock(&shared.faults).take(provider.name(), route.operation_id());
    let mut recorded = Recorded::new(
        provider.name(),
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

fn respond(answer: &Answer) -> Response<Body> {
    let body = Full::new(Bytes::from(answer.body.clone()));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
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

/// The last answer of its connection, whose rest is not read.
fn last(answer: Answer) -> Response<Body> {
    let mut response = respond(&answer);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Half of the body under the length of the whole.
fn truncated(connection: &Connection, answer: &Answer) -> Response<Body> {
    if answer.body.len() < 2 {
        connection.cut();
        return respond(answer);
    }
    let mut response = respond(answer);
    let half = Bytes::copy_from_slice(&answer.body[..answer.body.len() / 2]);
    let body = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(Frame::data(half)), None)),
            None => {
                // The half must be on the wire before the body fails, or the server keeps it.
                tokio::task::yield_now().await;
                Some((Err(io::Error::other("cut by an injected fault")), None))
            }
        }
    });
    *response.body_mut() = StreamBody::new(body).boxed_unsync();
    response
        .headers_mut()
        .insert(http::header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    response
}
