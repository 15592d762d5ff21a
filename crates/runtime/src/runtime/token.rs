//! Bearer tokens for client credentials (RFC 6749, section 4.4), fetched over the client's own transport.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use url::{Url, form_urlencoded};

use super::endpoint::Endpoint;
use super::transport::{self, sent_once};
use super::value::texts;
use crate::Error;
use crate::credential::{Credential, RequestAuth, secret_header};
use crate::error::{Kind, Refusal};
use crate::reading::{unread_coding, without_mark};

/// The longest answer of a token endpoint, in bytes.
const LONGEST: usize = 64 * 1024;

/// The life of a token whose answer does not say it.
const UNKNOWN_LIFE: Duration = Duration::from_secs(300);

/// The longest life that is believed. It is longer than any process should rely on, and no sum with it overflows.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);

/// Fetches tokens and keeps the last one. A fetch is a task of the client: calls wait for it, and none of them ends it by
/// being cancelled or by its deadline.
pub(crate) struct Fetcher {
    credential: Credential,
    url: Url,
    scopes: &'static [&'static str],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: Option<Token>,
    /// The fetch under way.
    running: Option<watch::Receiver<Option<Outcome>>>,
}

/// A token as the header that carries it, and when to fetch the next.
#[derive(Clone)]
struct Token {
    value: HeaderValue,
    renew_at: Instant,
}

type Outcome = Result<Token, Error>;

impl Fetcher {
    pub(crate) fn new(credential: Credential, url: Url, scopes: &'static [&'static str]) -> Self {
        Self { credential, url, scopes, state: Mutex::default() }
    }

    pub(crate) fn speaks_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The header with a token that is good for some time.
    pub(crate) async fn header(
        self: &Arc<Self>,
        endpoint: &Arc<Endpoint>,
    ) -> Result<HeaderValue, Error> {
        // A fetch without an outcome ended with the runtime that it began in; a second one begins in the caller's own.
        for _ in 0..2 {
            let mut fetch = match self.current(endpoint) {
                Ok(value) => return Ok(value),
                Err(fetch) => fetch,
            };
            if let Ok(outcome) = fetch.wait_for(Option::is_some).await
                && let Some(outcome) = &*outcome
            {
                return match outcome {
                    Ok(token) => Ok(token.value.clone()),
                    Err(error) => Err(error.duplicate()),
                };
            }
        }
        let text = "no token: the runtime that fetched it has ended";
        Err(Error::new(Kind::Credential, text).with_retryable(true))
    }

    /// The token that is kept, or the fetch to wait for.
    fn current(
        self: &Arc<Self>,
        endpoint: &Arc<Endpoint>,
    ) -> Result<HeaderValue, watch::Receiver<Option<Outcome>>> {
        let mut state = self.lock();
        if let Some(token) = &state.last
            && endpoint.clock.instant() < token.renew_at
        {
            return Ok(token.value.clone());
        }
        // One that has ended is not joined, with an outcome or without.
        if let Some(running) = &state.running
            && running.has_changed().is_ok()
        {
            return Err(running.clone());
        }
        let (done, fetch) = watch::channel(None);
        state.running = Some(fetch.clone());
        let (fetcher, endpoint) = (Arc::clone(self), Arc::clone(endpoint));
        tokio::spawn(async move {
            let outcome = fetcher.token(&endpoint).await;
            {
                let mut state = fetcher.lock();
                state.running = None;
                if let Ok(token) = &outcome {
                    state.last = Some(token.clone());
                }
            }
            done.send_replace(Some(outcome));
        });
        Err(fetch)
    }

    /// Forgets a token that was refused; `true`, for another can be fetched.
    pub(crate) fn forget(&self, refused: &HeaderValue) -> bool {
        self.lock().last.take_if(|token| token.value == refused);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn token(&self, endpoint: &Endpoint) -> Outcome {
        let asked_at = endpoint.clock.instant();
        let answer = self.fetch(endpoint).await?;
        let value = secret_header("Bearer ", &answer.access_token).map_err(|reason| {
            let text = format!("no token: the one that the token endpoint answered {reason}");
            Error::new(Kind::Credential, text)
        })?;
        // Renewed a tenth of its life, at most a minute, before it ends: no call sets out with a token about to lapse.
        let life = answer.life();
        let early = (life / 10).min(Duration::from_secs(60));
        Ok(Token { value, renew_at: asked_at + life.saturating_sub(early) })
    }

    async fn fetch(&self, endpoint: &Endpoint) -> Result<Answer, Error> {
        // The standard's way first; then in the body, which is all that some vendors read.
        match self.fetch_as(endpoint, Place::Header).await {
            Err(error)
                if error.is_unauthorized()
                    || error
                        .status()
                        .is_some_and(|status| status.is_client_error() && status != 429) =>
            {
                self.fetch_as(endpoint, Place::Body).await
            }
            other => other,
        }
    }

    async fn fetch_as(&self, endpoint: &Endpoint, place: Place) -> Result<Answer, Error> {
        let bytes = send_request(endpoint, self.request(place)?).await?;
        // Its body may hold the token, so that none of it is kept.
        serde_json::from_slice(without_mark(&bytes)).map_err(|_| {
            let text = "no token: the token endpoint answered something else";
            Error::new(Kind::Credential, text)
        })
    }

    /// The request of RFC 6749, section 4.4.2.
    fn request(&self, place: Place) -> Result<reqwest::Request, Error> {
        let Self { credential, url, scopes, state: _ } = self;
        let secret = credential.secret.expose_secret();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !scopes.is_empty() {
            form.append_pair("scope", &scopes.join(" "));
        }
        let mut request = reqwest::Request::new(http::Method::POST, url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        match place {
            Place::Header => {
                // Both parts are encoded as in a form first (RFC 6749, section 2.3.1).
                let encoded = |text: &str| -> String {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                let pair = format!("{}:{}", encoded(&credential.name), encoded(secret));
                let value = secret_header("Basic ", &STANDARD.encode(pair)).map_err(|reason| {
                    Error::new(Kind::Credential, format!("no token: {reason}"))
                })?;
                headers.insert(AUTHORIZATION, value);
            }
            Place::Body => {
                form.append_pair("client_id", &credential.name);
                form.append_pair("client_secret", secret);
            }
        }
        *request.body_mut() = Some(form.finish().into());
        Ok(request)
    }
}

/// Where a client names itself to the token endpoint (RFC 6749, section 2.3.1).
#[derive(Clone, Copy)]
enum Place {
    Header,
    Body,
}

/// The answer of a token endpoint, as far as it matters.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    /// Seconds; RFC 6749 has a number, some servers write a text or a fraction.
    #[serde(default)]
    expires_in: Value,
}

impl Answer {
    /// The life of the token. What is not a positive number says nothing: servers write 0 and -1 for a token without end.
    fn life(&self) -> Duration {
        let seconds = match &self.expires_in {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match seconds {
            Some(seconds) if seconds > 0.0 => {
                Duration::from_secs_f64(seconds.min(LONGEST_LIFE.as_secs_f64()))
            }
            Some(_) | None => UNKNOWN_LIFE,
        }
    }
}

/// Sends a token request: no redirect, bounded in time and size.
async fn send_request(
    endpoint: &Endpoint,
    mut request: reqwest::Request,
) -> Result<Vec<u8>, Error> {
    let url = request.url().clone();
    let limit = endpoint.settings.attempt_timeout;
    let lease = endpoint.http.lease();
    let exchange = async {
        sent_once(&mut request);
        let mut answer = lease.client.execute(request).await.map_err(broken)?;
        endpoint.http.note(answer.version());
        if url != *answer.url() {
            let text = "no token: the answer of the token endpoint came by a redirect, which the client given to `http_client` followed";
            return Err(Error::new(Kind::Redirect, text));
        }
        if answer.status().is_redirection() {
            let target = super::headers::redirect_text(
                &endpoint.base().url,
                answer.status(),
                answer.headers(),
            );
            let text = endpoint.censor(&RequestAuth::default()).text(format!("no token: {target}"));
            return Err(Error::new(Kind::Redirect, text));
        }
        let status = answer.status();
        let headers = answer.headers().clone();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST {
                let text = "no token: the answer of the token endpoint is too long";
                return Err(Error::new(Kind::Credential, text));
            }
        }
        if status.is_server_error() || status == 429 {
            let text = format!("no token: the token endpoint answered {}", status.as_u16());
            let wait = super::headers::retry_after(&headers, endpoint.clock.now());
            let error = Error::new(Kind::Credential, text).with_answer(status, headers);
            return Err(error.with_retry_after(wait).with_retryable(true));
        }
        // Some servers refuse with a status of success.
        let censor = endpoint.censor(&RequestAuth::default());
        let body: Value = serde_json::from_slice(without_mark(&bytes)).unwrap_or_default();
        let pointers = ["/error"].into_iter().chain(endpoint.provider.error_code.iter().copied());
        let codes = texts(&body, pointers);
        let refused = body.get("access_token").is_none() && !codes.is_empty();
        if status.is_client_error() || refused {
            let refusal = refusal(endpoint, status.as_u16(), &codes);
            let codes = codes.into_iter().map(|it| censor.text(it)).collect();
            let text = format!("no token: the token endpoint answered {}", status.as_u16());
            let error = Error::new(Kind::Credential, text).with_answer(status, headers);
            let error = error.with_body(bytes.into()).with_vendor(codes, None).with_censor(censor);
            return Err(error.with_refusal(refusal));
        }
        if let Some(coding) = unread_coding(&headers) {
            let error = Error::new(Kind::Credential, format!("no token: {coding}"));
            return Err(error.with_answer(status, headers).with_censor(censor));
        }
        // Neither the status 200 nor the media type is demanded, which some servers get wrong.
        Ok(bytes)
    };
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
        endpoint.http.leave(&lease);
        let text = "no token: the token endpoint did not answer in time";
        Err(Error::new(Kind::Timeout, text).with_retryable(true))
    })
}

/// Whom the token endpoint blames. The standard answers 400 for most refusals and has a code for each (RFC 6749, section
/// 5.2), which some vendors write among their own.
fn refusal(endpoint: &Endpoint, status: u16, codes: &[String]) -> Option<Refusal> {
    let by_code = codes.iter().find_map(|code| match code.as_str() {
        "invalid_client" | "invalid_grant" => Some(Refusal::Unauthorized),
        "unauthorized_client" | "invalid_scope" => Some(Refusal::Forbidden),
        _ => None,
    });
    by_code.or_else(|| endpoint.provider.refusal(status, codes))
}

fn broken(error: reqwest::Error) -> Error {
    let kind = if error.is_connect() { Kind::Connect } else { Kind::Transport };
    Error::new(kind, "no token: the token endpoint cannot be reached")
        .with_retryable(true)
        .with_source(transport::cause(error))
}
