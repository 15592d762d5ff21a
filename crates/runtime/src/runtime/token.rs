//! Bearer tokens for client credentials (RFC 6749, section 4.4), fetched over the client's own transport.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, HttpRequest,
    HttpResponse, RefreshToken, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

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
        let value = secret_header("Bearer ", answer.access_token.secret()).map_err(|reason| {
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
        match self.fetch_as(endpoint, AuthType::BasicAuth).await {
            Err(error)
                if error.is_unauthorized()
                    || error
                        .status()
                        .is_some_and(|status| status.is_client_error() && status != 429) =>
            {
                self.fetch_as(endpoint, AuthType::RequestBody).await
            }
            other => other,
        }
    }

    async fn fetch_as(&self, endpoint: &Endpoint, auth_type: AuthType) -> Result<Answer, Error> {
        let Self { credential, url, scopes, state: _ } = self;
        let failed = |reason: &'static str| Error::new(Kind::Credential, reason);
        let token_url = TokenUrl::new(url.as_str().to_owned())
            .map_err(|_| failed("no token: the token URL is not a URL"))?;
        let client = TokenClient::new(ClientId::new(credential.name.clone()))
            .set_client_secret(ClientSecret::new(credential.secret.expose_secret().to_owned()))
            .set_auth_type(auth_type)
            .set_token_uri(token_url);
        let transport = Transport(endpoint);
        let request = client
            .exchange_client_credentials()
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        match request.request_async(&transport).await {
            Ok(answer) => Ok(answer),
            Err(oauth2::RequestTokenError::Request(fault)) => Err(fault.0),
            // Its body may hold the token, so that none of it is kept.
            Err(
                oauth2::RequestTokenError::ServerResponse(_)
                | oauth2::RequestTokenError::Parse(..)
                | oauth2::RequestTokenError::Other(_),
            ) => Err(failed("no token: the token endpoint answered something else")),
        }
    }
}

/// The client of the `oauth2` crate, with an answer that is read more leniently than its own.
type TokenClient<Auth = EndpointNotSet, Url = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Auth,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Url,
>;

/// The answer of a token endpoint, as far as it matters.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    access_token: AccessToken,
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

impl TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        Some(self.life())
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// A fault of the transport, in the form that the `oauth2` crate wants.
#[derive(Debug)]
struct Fault(Error);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// The client's own transport, as the `oauth2` crate calls it.
struct Transport<'s>(&'s Endpoint);

impl<'c> AsyncHttpClient<'c> for Transport<'_> {
    type Error = Fault;
    // Named and boxed, so that the compiler sees that calls can move between threads.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send_request(self.0, request))
    }
}

/// Sends a token request: no redirect, bounded in time and size.
async fn send_request(endpoint: &Endpoint, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let limit = endpoint.settings.attempt_timeout;
    let lease = endpoint.http.lease();
    let exchange = async {
        let request = lease.client.request(parts.method, &url).headers(parts.headers);
        let request = request.header(ACCEPT_ENCODING, "identity").body(body);
        let mut request = request.build().map_err(broken)?;
        sent_once(&mut request);
        let mut answer = lease.client.execute(request).await.map_err(broken)?;
        endpoint.http.note(answer.version());
        let asked = Url::parse(&url);
        if asked.is_ok_and(|asked| asked != *answer.url()) {
            let text = "no token: the answer of the token endpoint came by a redirect, which the client given to `http_client` followed";
            return Err(Fault(Error::new(Kind::Redirect, text)));
        }
        if answer.status().is_redirection() {
            let target = super::headers::redirect_text(
                &endpoint.base().url,
                answer.status(),
                answer.headers(),
            );
            let text = endpoint.censor(&RequestAuth::default()).text(format!("no token: {target}"));
            return Err(Fault(Error::new(Kind::Redirect, text)));
        }
        let status = answer.status();
        let headers = answer.headers().clone();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST {
                let text = "no token: the answer of the token endpoint is too long";
                return Err(Fault(Error::new(Kind::Credential, text)));
            }
        }
        if status.is_server_error() || status == 429 {
            let text = format!("no token: the token endpoint answered {}", status.as_u16());
            let wait = super::headers::retry_after(&headers, endpoint.clock.now());
            let error = Error::new(Kind::Credential, text).with_answer(status, headers);
            return Err(Fault(error.with_retry_after(wait).with_retryable(true)));
        }
        // Not left to `oauth2`, which drops status and headers, and reads no refusal but the standard's. Some servers refuse
        // with a status of success.
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
            return Err(Fault(error.with_refusal(refusal)));
        }
        if let Some(coding) = unread_coding(&headers) {
            let error = Error::new(Kind::Credential, format!("no token: {coding}"));
            return Err(Fault(error.with_answer(status, headers).with_censor(censor)));
        }
        // What `oauth2` demands beside the JSON is left out: the status 200 and a media type, which some servers get wrong.
        Ok(HttpResponse::new(without_mark(&bytes).to_vec()))
    };
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
        endpoint.http.leave(&lease);
        let text = "no token: the token endpoint did not answer in time";
        Err(Fault(Error::new(Kind::Timeout, text).with_retryable(true)))
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

fn broken(error: reqwest::Error) -> Fault {
    let kind = if error.is_connect() { Kind::Connect } else { Kind::Transport };
    Fault(
        Error::new(kind, "no token: the token endpoint cannot be reached")
            .with_retryable(true)
            .with_source(transport::cause(error)),
    )
}
