//! Bearer tokens for client credentials (RFC 6749, section 4.4), fetched over the client's own transport.

use std::pin::Pin;
use std::time::{Duration, Instant};

use http::HeaderValue;
use oauth2::basic::BasicClient;
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, Scope,
    TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::auth::{Credential, Ticket, secret_header};
use super::core::Shared;
use super::value::texts;
use crate::Error;
use crate::error::{Kind, Refusal};

/// The longest answer of a token endpoint, in bytes.
const LONGEST: usize = 64 * 1024;

/// The life of a token whose answer does not tell it.
const UNTOLD_LIFE: Duration = Duration::from_secs(300);

/// Fetches tokens and keeps the last one. The lock is held while fetching, so that calls that need a token at the same
/// time wait for one fetch.
pub(crate) struct Fetcher {
    credential: Credential,
    url: Url,
    scopes: &'static [&'static str],
    last: tokio::sync::Mutex<Option<(HeaderValue, Instant)>>,
}

impl Fetcher {
    pub(crate) fn new(credential: Credential, url: Url, scopes: &'static [&'static str]) -> Self {
        Self { credential, url, scopes, last: tokio::sync::Mutex::new(None) }
    }

    pub(crate) fn speaks_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The header with a token that is good for some time.
    pub(crate) async fn header(&self, shared: &Shared) -> Result<HeaderValue, Error> {
        let mut last = self.last.lock().await;
        if let Some((value, renew_at)) = last.as_ref()
            && shared.clock.instant() < *renew_at
        {
            return Ok(value.clone());
        }
        let asked_at = shared.clock.instant();
        let (token, life) = self.fetch(shared).await?;
        let value = secret_header("the token endpoint", "Bearer ", &token)?;
        // Renewed a tenth of its life, at most a minute, before it ends: no call sets out with a token about to lapse.
        let early = (life / 10).min(Duration::from_secs(60));
        *last = Some((value.clone(), asked_at + life.saturating_sub(early)));
        Ok(value)
    }

    /// Forgets a token that was refused; `true`, for another can be fetched.
    pub(crate) async fn forget(&self, refused: &HeaderValue) -> bool {
        self.last.lock().await.take_if(|(value, _)| value == refused);
        true
    }

    async fn fetch(&self, shared: &Shared) -> Result<(String, Duration), Error> {
        // The standard's way first; then in the body, which is all that some vendors read.
        match self.fetch_as(shared, AuthType::BasicAuth).await {
            Err(error)
                if error
                    .status()
                    .is_some_and(|status| status.is_client_error() && status != 429) =>
            {
                self.fetch_as(shared, AuthType::RequestBody).await
            }
            other => other,
        }
    }

    async fn fetch_as(
        &self,
        shared: &Shared,
        auth_type: AuthType,
    ) -> Result<(String, Duration), Error> {
        let Self { credential, url, scopes, last: _ } = self;
        let failed = |reason: &'static str| Error::new(Kind::Credential, reason);
        let place = TokenUrl::new(url.as_str().to_owned())
            .map_err(|_| failed("no token: the token URL is no URL"))?;
        let client = BasicClient::new(ClientId::new(credential.name.clone()))
            .set_client_secret(ClientSecret::new(credential.secret.expose_secret().to_owned()))
            .set_auth_type(auth_type)
            .set_token_uri(place);
        let transport = Transport(shared);
        let request = client
            .exchange_client_credentials()
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        match request.request_async(&transport).await {
            Ok(answer) => {
                let life = answer.expires_in().unwrap_or(UNTOLD_LIFE);
                Ok((answer.access_token().secret().clone(), life))
            }
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
struct Transport<'s>(&'s Shared);

impl<'c> AsyncHttpClient<'c> for Transport<'_> {
    type Error = Fault;
    // Named and boxed, so that the compiler sees that calls can move between threads.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(transport(self.0, request))
    }
}

/// Sends a token request: no redirect, bounded in time and size.
async fn transport(shared: &Shared, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let limit = shared.settings.attempt_timeout;
    let exchange = async {
        let mut answer = shared
            .http
            .request(parts.method, &url)
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(broken)?;
        let asked = Url::parse(&url);
        if asked.is_ok_and(|asked| asked != *answer.url()) {
            let text = "no token: the answer of the token endpoint came by a redirect, which the client given to `http_client` followed";
            return Err(Fault(Error::new(Kind::Redirect, text)));
        }
        if answer.status().is_redirection() {
            let target =
                super::headers::redirect_text(&shared.base, answer.status(), answer.headers());
            let text = shared.censor(&Ticket::Nothing).text(format!("no token: {target}"));
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
            let wait = super::headers::retry_after(&headers, shared.clock.now());
            let error = Error::new(Kind::Credential, text).with_answer(status, headers);
            return Err(Fault(error.with_retry_after(wait).with_retryable(true)));
        }
        // Not left to `oauth2`, which drops status and headers, and reads no refusal but the standard's.
        if status.is_client_error() {
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let pointers = ["/error"].into_iter().chain(shared.provider.error_code.iter().copied());
            let codes = texts(&body, pointers);
            let refusal = refusal(shared, status.as_u16(), &codes);
            let censor = shared.censor(&Ticket::Nothing);
            let codes = codes.into_iter().map(|it| censor.text(it)).collect();
            let text = format!("no token: the token endpoint answered {}", status.as_u16());
            let error = Error::new(Kind::Credential, text).with_answer(status, headers);
            let error = error.with_body(bytes.into()).with_vendor(codes, None).with_censor(censor);
            return Err(Fault(error.with_refusal(refusal)));
        }
        let mut response = HttpResponse::new(bytes);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    };
    let late = || {
        Fault(
            Error::new(Kind::Timeout, "no token: the token endpoint did not answer in time")
                .with_retryable(true),
        )
    };
    tokio::time::timeout(limit, exchange).await.map_err(|_| late())?
}

/// Whom the token endpoint blames. The standard answers 400 for most refusals and has a code for each (RFC 6749, section
/// 5.2), which some vendors write among their own.
fn refusal(shared: &Shared, status: u16, codes: &[String]) -> Option<Refusal> {
    let by_code = codes.iter().find_map(|code| match code.as_str() {
        "invalid_client" | "invalid_grant" => Some(Refusal::Unauthorized),
        "unauthorized_client" | "invalid_scope" => Some(Refusal::Forbidden),
        _ => None,
    });
    by_code.or_else(|| shared.provider.refusal(status, codes))
}

fn broken(error: reqwest::Error) -> Fault {
    let kind = if error.is_connect() { Kind::Connect } else { Kind::Transport };
    Fault(
        Error::new(kind, "no token: the token endpoint cannot be reached")
            .with_retryable(true)
            .with_source(error.without_url()),
    )
}
