//! One attempt: send, read, classify.

use std::borrow::Cow;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use url::Url;

use super::answer::{Answer, Rest, decode};
use super::call::Call;
use super::decide::Outcome;
use super::flag::{names_error, says_failed};
use super::limits::Place;
use super::provider::Provider;
use super::transport::Begun;
use super::value::texts;
use super::{headers, request, transport};
use crate::credential::RequestAuth;
use crate::error::{KEPT_BODY, Kind};
use crate::redact::Censor;
use crate::response::{Meta, Words};
use crate::{Delivery, Error, RateLimit};

/// How an attempt ended.
pub(crate) enum Exchanged {
    Success(Answer),
    Failed(Failed),
}

/// An attempt that failed: the error, and what may follow; without an outcome nothing does.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) sent: Delivery,
}

/// Makes one attempt, in at most `limit`.
pub(crate) async fn exchange(
    call: &Call,
    url: &Url,
    auth: &RequestAuth,
    place: Place<'_>,
    limit: Duration,
    attempts: u32,
) -> Exchanged {
    let lease = call.core.shared.http.lease();
    let Started { answered, begun, elsewhere } = match start(call, url, auth, &lease.client) {
        Ok(started) => started,
        Err(error) => {
            return Exchanged::Failed(Failed { error, outcome: None, sent: Delivery::No });
        }
    };
    let sent_to = elsewhere.as_deref().unwrap_or(url);
    let mut flight = Flight { begun, unprocessed: false, place };
    // What has been received when the time is over is kept: the status says more than the delay.
    let mut received = None;
    let result = {
        let answer = pin!(read(call, answered, sent_to, &mut received));
        tokio::time::timeout(limit, answer).await
    };
    let fault = match result {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault),
        Err(_) => {
            let text = match received {
                Some(_) => Cow::Borrowed("the answer did not end in time"),
                None if flight.begun.get() => Cow::Borrowed("no answer came in time"),
                None => format!("no connection to {} came about in time", origin(sent_to)).into(),
            };
            Some(Fault::broken(Error::new(Kind::Timeout, text)))
        }
    };
    // However it ended: what no connection has begun to send has not left this machine.
    let fault = fault.map(|fault| if flight.begun.get() { fault } else { fault.unsent() });
    flight.unprocessed = fault.as_ref().is_some_and(|fault| fault.sent == Delivery::No);
    if fault.as_ref().is_some_and(|fault| fault.error.kind() == Kind::Timeout) {
        call.core.shared.http.leave(&lease);
    }
    conclude(call, auth, sent_to, received, fault, attempts)
}

/// A request that is being sent.
struct Started<F> {
    answered: F,
    begun: Begun,
    /// Its URL, where a credential in the query makes it another one than that of the call.
    elsewhere: Option<Box<Url>>,
}

/// Apart from what waits for the answer, so that the request is not kept that long.
fn start(
    call: &Call,
    url: &Url,
    auth: &RequestAuth,
    client: &reqwest::Client,
) -> Result<Started<impl Future<Output = Result<reqwest::Response, reqwest::Error>> + use<>>, Error>
{
    let mut request = request::request(call, url, auth)?;
    let elsewhere = Some(request.url()).filter(|it| *it != url).cloned().map(Box::new);
    let begun = transport::sent_once(&mut request);
    Ok(Started { answered: client.execute(request), begun, elsewhere })
}

/// A request on its way. Its place in the rate limit's window is used up once a connection has begun to send it, also where
/// nobody waits for the answer any more.
struct Flight<'a> {
    begun: Begun,
    unprocessed: bool,
    place: Place<'a>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if self.begun.get() && !self.unprocessed {
            self.place.spend();
        }
    }
}

/// What has come of an answer.
struct Received {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    rest: Option<Box<Rest>>,
}

/// What kept an answer from coming or from being whole.
struct Fault {
    error: Error,
    outcome: Option<Outcome>,
    sent: Delivery,
}

impl Fault {
    fn broken(error: Error) -> Self {
        Self { error, outcome: Some(Outcome::Broken), sent: Delivery::Maybe }
    }

    /// The same where nothing was sent; what is final stays so.
    fn unsent(self) -> Self {
        let outcome = self.outcome.map(|_| Outcome::Unsent { wait: None });
        Self { outcome, sent: Delivery::No, ..self }
    }

    fn last(error: Error) -> Self {
        Self { error, outcome: None, sent: Delivery::Yes }
    }
}

const CUT: &str = "the answer was cut short";

/// Waits for the answer and reads it into `received`, as far as it comes.
async fn read(
    call: &Call,
    answered: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
    sent_to: &Url,
    received: &mut Option<Received>,
) -> Result<(), Fault> {
    let shared = &call.core.shared;
    let mut response = answered.await.map_err(|error| unanswered(error, sent_to))?;
    shared.http.note(response.version());
    if response.url() != sent_to {
        let text =
            "the answer came by a redirect, which the client given to `http_client` followed";
        return Err(Fault::last(Error::new(Kind::Redirect, text)));
    }
    let status = response.status();
    let has_body = status.is_success() && status != 204 && call.method != http::Method::HEAD;
    let announced = response.content_length().filter(|_| has_body);
    let most = if status.is_success() { shared.settings.max_body_bytes } else { KEPT_BODY };
    let into = received.insert(Received {
        status,
        headers: std::mem::take(response.headers_mut()),
        body: Bytes::new(),
        rest: None,
    });
    if status.is_success() && call.operation.streaming() {
        let silence = call.options.overrides().deadline.unwrap_or(shared.settings.deadline);
        into.rest = Some(Box::new(Rest { response, silence, most }));
        return Ok(());
    }
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if into.body.len() + chunk.len() > most => {
                into.body = joined(std::mem::take(&mut into.body), chunk);
                into.body.truncate(most);
                if !status.is_success() {
                    // The status is the news; the rest of an error page is not waited for.
                    return Ok(());
                }
                let text =
                    format!("the answer is longer than the {most} bytes of `max_body_bytes`");
                return Err(Fault::last(Error::new(Kind::TooLarge, text)));
            }
            Ok(Some(chunk)) => into.body = joined(std::mem::take(&mut into.body), chunk),
            // HTTP/2 lets a server end a stream early, which hyper takes for the end of the body.
            Ok(None) if announced.is_some_and(|length| length > into.body.len() as u64) => {
                return Err(Fault::broken(Error::new(Kind::Transport, CUT)));
            }
            Ok(None) => return Ok(()),
            Err(error) => {
                let kind = if error.is_timeout() { Kind::Timeout } else { Kind::Transport };
                let error = Error::new(kind, CUT).with_source(transport::cause(error));
                return Err(Fault::broken(error));
            }
        }
    }
}

/// A body with what comes next. One that comes in one piece is not copied, and of others only what comes.
fn joined(body: Bytes, next: Bytes) -> Bytes {
    if body.is_empty() {
        return next;
    }
    let mut body = BytesMut::from(body);
    body.extend_from_slice(&next);
    body.freeze()
}

/// Scheme, host and port: nothing else of an address may be printed.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Classifies a request that got no answer.
fn unanswered(error: reqwest::Error, sent_to: &Url) -> Fault {
    if error.is_connect() {
        let class = transport::io_cause(&error).map(|it| format!(" ({it})")).unwrap_or_default();
        let text = format!("no connection to {} came about{class}", origin(sent_to));
        let error = Error::new(Kind::Connect, text).with_source(transport::cause(error));
        let outcome = Some(Outcome::Unsent { wait: None });
        return Fault { error, outcome, sent: Delivery::No };
    }
    let (kind, text, outcome, sent) = if error.is_builder() {
        (Kind::InvalidRequest, "not sent: it cannot be written as HTTP", None, Delivery::No)
    } else if error.is_redirect() {
        let text =
            "the server redirects, which the client given to `http_client` gave up following";
        (Kind::Redirect, text, None, Delivery::Maybe)
    } else if transport::is_unprocessed(&error) {
        let text = "the server closed the connection to the request before processing it";
        (Kind::Transport, text, Some(Outcome::Unsent { wait: None }), Delivery::No)
    } else if error.is_timeout() {
        (Kind::Timeout, "no answer came in time", Some(Outcome::Broken), Delivery::Maybe)
    } else {
        let text = "the connection broke before an answer came";
        (Kind::Transport, text, Some(Outcome::Broken), Delivery::Maybe)
    };
    Fault { error: Error::new(kind, text).with_source(transport::cause(error)), outcome, sent }
}

/// Judges what has come.
fn conclude(
    call: &Call,
    auth: &RequestAuth,
    sent_to: &Url,
    received: Option<Received>,
    fault: Option<Fault>,
    attempts: u32,
) -> Exchanged {
    let shared = &call.core.shared;
    let Some(Received { status, headers, body, rest }) = received else {
        let Fault { error, outcome, sent } =
            fault.unwrap_or_else(|| Fault::broken(Error::new(Kind::Transport, "no answer came")));
        return Exchanged::Failed(Failed { error, outcome, sent });
    };
    let now = shared.clock.now();
    // Asked of failures alone.
    let asked = || headers::retry_after(&headers, now);
    let rate_limit = rate_limit(call, status, &headers, asked, now);
    shared.limits.note(rate_limit.map(|state| (state, shared.clock.instant())));
    let censor = shared.censor(auth);
    let request_id = headers::request_id(&shared.names, &headers).map(|it| censor.text(it));
    let resets_in = || rate_limit.filter(|_| status == 429).and_then(|it| it.resets_in(now));
    let wait = || asked().or_else(resets_in);
    tracing::debug!(attempt = attempts, status = status.as_u16(), "answered");
    let known = |error: Error| {
        error
            .with_censor(censor.clone())
            .with_answer(status, headers.clone())
            .with_body(body.clone())
            .with_rate_limit(rate_limit)
            .with_request_id(request_id.clone())
            .with_retry_after(wait())
    };
    let fail = |error: Error, outcome| {
        Exchanged::Failed(Failed { error: known(error), outcome, sent: Delivery::Yes })
    };
    let is_result = status.is_success() || call.operation.redirects().contains(&status.as_u16());
    let is_redirect = status.is_redirection();
    if is_redirect && !is_result {
        let text = censor.text(headers::redirect_text(
            &shared.base_of(call.operation).url,
            status,
            &headers,
        ));
        let error = Error::new(Kind::Redirect, text);
        return fail(error, None);
    }
    if !is_result {
        // A body that was cut short changes nothing: the status came.
        let reason = status.canonical_reason().map(|reason| format!(" {reason}"));
        let text = format!("the server answered {}{}", status.as_u16(), reason.unwrap_or_default());
        let error = Error::new(Kind::Status, text);
        let error = with_vendor_words(error, call, &censor, status, &headers, &body);
        return fail(error, Some(Outcome::Status { status: status.as_u16(), wait: wait() }));
    }
    if let Some(Fault { error, outcome, sent: _ }) = fault {
        return fail(error, outcome);
    }
    let failed = match call.operation.success_flag() {
        Some(flag) => says_failed(flag, &body, &headers),
        None => names_error(shared.provider, &body, &headers),
    };
    if failed {
        let text = "the server answered that the call failed, though with a status of success";
        let error = Error::new(Kind::Status, text);
        return fail(with_vendor_words(error, call, &censor, status, &headers, &body), None);
    }
    let location = if is_redirect { headers::location(&headers, sent_to) } else { None };
    let idempotency_key = call.sent_key().map(str::to_owned);
    let Provider { error_code: code, error_message: message, .. } = *shared.provider;
    let words = Words { code, message };
    let meta =
        Meta { status, headers, rate_limit, request_id, attempts, idempotency_key, censor, words };
    let (location, meta) = (location.map(Box::new), Box::new(meta));
    Exchanged::Success(Answer { operation: call.operation, location, meta, body, rest })
}

/// The state of the rate limit by the headers. A 429 says by itself that nothing is left, and `Retry-After` until when.
fn rate_limit(
    call: &Call,
    status: StatusCode,
    headers: &HeaderMap,
    asked: impl Fn() -> Option<Duration>,
    now: SystemTime,
) -> Option<RateLimit> {
    let state = headers::rate_limit(&call.core.shared.names, headers, now);
    if status != 429 {
        return state;
    }
    let mut state = state.unwrap_or_default();
    state.remaining = Some(0);
    state.resets_at = state.resets_at.or_else(|| now.checked_add(asked()?));
    Some(state)
}

/// The message of a body that is not of the vendor's form: what stands before a vendor's server answers in its own.
fn usual_message(body: &Value) -> Option<String> {
    const PLACES: [&str; 11] = [
        "/message",
        "/error/message",
        "/error_description",
        "/error",
        "/detail",
        "/title",
        "/errors/0/message",
        "/errors/0/detail",
        "/errors/0/title",
        "/errors/0",
        "/fault/faultstring",
    ];
    let texts = PLACES.iter().filter_map(|place| body.pointer(place)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

/// Adds the vendor's codes and message, from the body and else from the headers, and whom they blame.
fn with_vendor_words(
    error: Error,
    call: &Call,
    censor: &Censor,
    status: StatusCode,
    headers: &HeaderMap,
    body: &Bytes,
) -> Error {
    let provider = call.core.shared.provider;
    let text = |text: String| censor.text(text);
    let body: Value = decode(body, headers).unwrap_or_default();
    let codes = texts(&body, provider.error_code.iter().copied());
    let named = || provider.error_headers.iter().find_map(|name| headers::text(headers, *name));
    let message = texts(&body, provider.error_message.iter().copied()).into_iter().next();
    let message = message.or_else(|| named().map(str::to_owned)).or_else(|| usual_message(&body));
    error
        .with_refusal(provider.refusal(status.as_u16(), &codes))
        .with_vendor(codes.into_iter().map(text).collect(), message.map(text))
}
