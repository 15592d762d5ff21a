//! Credentials: kept censored, sent to the configured origin only.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::ExposeSecret;
use url::Url;

use super::address::parse_safe_url;
use super::endpoint::Endpoint;
use super::provider::{AuthKind, Provider};
use super::{jwt, token};
use crate::Error;
use crate::credential::{Credential, RequestAuth, secret_header, visible};

/// Authenticates each attempt.
pub(crate) struct Authenticator {
    method: &'static str,
    source: Source,
}

enum Source {
    /// The same for all requests.
    Fixed(RequestAuth),
    Jwt(jwt::Minter),
    Token(Arc<token::Fetcher>),
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}([censored])", self.method)
    }
}

impl Authenticator {
    /// The most preferred credential that was given; `Err` where none was, or it cannot be sent.
    pub(crate) fn new(
        provider: &'static Provider,
        mut credentials: BTreeMap<&'static str, Credential>,
        base: &Url,
        token_url: Option<&str>,
    ) -> Result<Self, Error> {
        if provider.auth.is_empty() {
            return Ok(Self { method: "none", source: Source::Fixed(RequestAuth::Nothing) });
        }
        let given = provider
            .auth
            .iter()
            .find_map(|auth| credentials.remove(auth.method).map(|credential| (auth, credential)));
        let Some((auth, credential)) = given else {
            let methods: Vec<_> = provider
                .auth
                .iter()
                .map(|auth| {
                    let arguments = if auth.kind.takes_pair() { "id, secret" } else { "…" };
                    format!("`.{}({arguments})`", auth.method)
                })
                .collect();
            return Err(Error::configuration(format!(
                "no credential for {}: call {} on the builder",
                provider.title,
                methods.join(" or ")
            )));
        };
        let method = auth.method;
        let refuse = |part: &str, reason: &str| {
            Error::configuration(format!("the {part} given to `{method}` {reason}: copy it again"))
        };
        let pair = auth.kind.takes_pair();
        let secret = visible(credential.secret.expose_secret());
        let secret = secret.map_err(|reason| refuse("secret", reason))?.to_owned();
        let name = match pair {
            true => visible(&credential.name).map_err(|reason| refuse("name", reason))?.to_owned(),
            false => String::new(),
        };
        if matches!(auth.kind, AuthKind::Basic) && name.contains(':') {
            let reason = "holds a colon, at which a server would split it (RFC 7617)";
            return Err(refuse("name", reason));
        }
        let credential = Credential { name, secret: secret.into() };
        let secret = credential.secret.expose_secret();
        let header = |prefix: &str, text: &str| {
            secret_header(prefix, text).map_err(|reason| refuse("secret", reason))
        };
        let source = match auth.kind {
            AuthKind::Header { name, prefix } => {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                    Error::configuration(format!("`{name}` is no name of a header"))
                })?;
                Source::Fixed(RequestAuth::Header(name, header(prefix, secret)?))
            }
            AuthKind::Bearer => {
                Source::Fixed(RequestAuth::Header(AUTHORIZATION, header("Bearer ", secret)?))
            }
            AuthKind::Basic => {
                let pair = format!("{}:{secret}", credential.name);
                let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
                let value = header("Basic ", &encoded)?;
                Source::Fixed(RequestAuth::Header(AUTHORIZATION, value))
            }
            AuthKind::Cookie { name } => {
                let pair = super::query::pair(name, secret);
                Source::Fixed(RequestAuth::Cookie(header("", &pair)?))
            }
            AuthKind::Query { name } => {
                let pair = super::query::pair(name, secret);
                Source::Fixed(RequestAuth::Query(pair.into()))
            }
            AuthKind::JwtHs256 { prefix, key_id_header, claims, lifetime_seconds } => {
                let life = u64::from(lifetime_seconds.max(1));
                Source::Jwt(jwt::Minter::new(credential, prefix, key_id_header, claims, life))
            }
            AuthKind::ClientCredentials { token_url: documented, scopes } => {
                let url = place_of_tokens(provider, base, token_url, documented)?;
                Source::Token(Arc::new(token::Fetcher::new(credential, url, scopes)))
            }
        };
        Ok(Self { method, source })
    }

    /// Whether tokens come over https.
    pub(crate) fn speaks_tls(&self) -> bool {
        match &self.source {
            Source::Token(fetcher) => fetcher.speaks_tls(),
            Source::Fixed(_) | Source::Jwt(_) => false,
        }
    }

    /// The authentication of the next attempt; it fetches or signs a token where the last one is used up.
    pub(crate) async fn request_auth(
        &self,
        endpoint: &Arc<Endpoint>,
    ) -> Result<RequestAuth, Error> {
        match &self.source {
            Source::Fixed(ticket) => Ok(ticket.clone()),
            Source::Jwt(minter) => {
                let value = minter.header(&*endpoint.clock)?;
                Ok(RequestAuth::Header(AUTHORIZATION, value))
            }
            Source::Token(fetcher) => {
                let value = fetcher.header(endpoint).await?;
                Ok(RequestAuth::Header(AUTHORIZATION, value))
            }
        }
    }

    /// Forgets the one that the server refused. Returns whether another one can be made.
    pub(crate) fn renew(&self, refused: &RequestAuth) -> bool {
        match (&self.source, refused) {
            (Source::Jwt(minter), RequestAuth::Header(_, value)) => minter.forget(value),
            (Source::Token(fetcher), RequestAuth::Header(_, value)) => fetcher.forget(value),
            (Source::Fixed(_) | Source::Jwt(_) | Source::Token(_), _) => false,
        }
    }
}

/// Where tokens are fetched. A vendor's address that lies below its default server moves along with the base URL, so that
/// the secret goes to a sandbox where the calls do.
fn place_of_tokens(
    provider: &Provider,
    base: &Url,
    given: Option<&str>,
    documented: &str,
) -> Result<Url, Error> {
    if let Some(url) = given {
        return parse_safe_url("token URL", "token_url", url);
    }
    let base_text = base.as_str().trim_end_matches('/');
    if documented.starts_with('/') {
        return parse_safe_url("token URL", "token_url", &format!("{base_text}{documented}"));
    }
    let default = provider.servers.first().map(|url| url.trim_end_matches('/')).unwrap_or_default();
    let moved = documented
        .strip_prefix(default)
        .filter(|path| !default.is_empty() && path.starts_with('/'));
    if let Some(path) = moved {
        return parse_safe_url("token URL", "token_url", &format!("{base_text}{path}"));
    }
    let url = parse_safe_url("token URL", "token_url", documented)?;
    let same_server = Url::parse(default).is_ok_and(|default| default.origin() == base.origin());
    let same_place = Url::parse(default).is_ok_and(|default| default.origin() == url.origin());
    if same_place && !same_server {
        // The same server as the calls', at another path: keep the path, change the server.
        let text = format!("{}{}", base.origin().ascii_serialization(), url.path());
        return parse_safe_url("token URL", "token_url", &text);
    }
    Ok(url)
}
