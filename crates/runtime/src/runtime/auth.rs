//! Credentials: kept censored, chosen by what an operation accepts, sent to the origins of its server only.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::ExposeSecret;
use url::Url;

use super::address::{argument_of, parse_safe_url};
use super::endpoint::Endpoint;
use super::headers::FRAMING;
use super::provider::{Auth, AuthKind, Provider};
use super::{jwt, token};
use crate::credential::{AuthPart, Credential, RequestAuth, secret_header, visible};
use crate::{Error, Operation};

/// What a builder was given to authenticate with.
pub(crate) struct Given {
    /// By the builder method.
    pub(crate) credentials: BTreeMap<&'static str, Credential>,
    /// By the header that carries them.
    pub(crate) headers: Vec<Credential>,
    /// Whether the caller had a hand in the HTTP client, which may then hold a certificate or headers of its own.
    pub(crate) by_http_client: bool,
    pub(crate) token_url: Option<String>,
    /// The environment variables that were looked at for credentials.
    pub(crate) looked_for: Vec<&'static [&'static str]>,
}

/// Authenticates each attempt.
pub(crate) struct Authenticator {
    /// What was given, in the provider's order of preference; headers come last.
    held: Vec<Held>,
    by_http_client: bool,
    /// What the requests of each operation carry, as far as it can be called. By address, since a raw call and an operation
    /// of the document may share a name.
    chosen: BTreeMap<usize, Chosen>,
}

/// A credential that was given.
struct Held {
    /// How it came: the builder method, and for a header its name.
    label: String,
    /// The entry of the provider that it serves; nothing for a header.
    auth: Option<&'static Auth>,
    source: Source,
}

enum Source {
    /// The same for all requests.
    Fixed(AuthPart),
    Jwt(jwt::Minter),
    Token(Arc<token::Fetcher>),
}

/// Which of the credentials the requests of an operation carry.
#[derive(Clone)]
pub(crate) struct Chosen {
    held: Vec<usize>,
    /// What they carry, where it is the same for all requests.
    fixed: Option<RequestAuth>,
}

impl Chosen {
    /// What all requests carry, where no token is fetched or signed.
    pub(crate) fn fixed(&self) -> Option<&RequestAuth> {
        self.fixed.as_ref()
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let labels: Vec<&str> = self.held.iter().map(|it| it.label.as_str()).collect();
        match labels.as_slice() {
            [] => f.write_str("none"),
            labels => write!(f, "{}([censored])", labels.join("([censored]), ")),
        }
    }
}

impl Authenticator {
    /// With all credentials that were given; `Err` where one cannot be sent, or where no operation can be called with
    /// them.
    pub(crate) fn new(
        provider: &'static Provider,
        given: Given,
        base: &Url,
    ) -> Result<Self, Error> {
        let Given { mut credentials, headers, by_http_client, token_url, looked_for } = given;
        let mut held = Vec::new();
        for auth in provider.auth {
            if let Some(credential) = credentials.remove(auth.method) {
                let source = source(provider, auth, credential, base, token_url.as_deref())?;
                held.push(Held { label: auth.method.to_owned(), auth: Some(auth), source });
            }
        }
        for credential in headers {
            let label = format!("header({})", credential.name);
            held.push(Held { label, auth: None, source: Source::Fixed(header(&credential)?) });
        }
        let mut made = Self { held, by_http_client, chosen: BTreeMap::new() };
        made.check(provider, &looked_for)?;
        for operation in provider.operations {
            if let Ok(held) = made.choose(provider, operation) {
                made.chosen.insert(std::ptr::from_ref(*operation).addr(), made.carried(held));
            }
        }
        Ok(made)
    }

    /// Whether some operation can be called, and whether some operation takes each header that was given.
    fn check(&self, provider: &Provider, looked_for: &[&[&str]]) -> Result<(), Error> {
        let operations = provider.operations;
        let nothing = self.held.is_empty();
        // A provider without a list of operations asks for a credential wherever it knows one.
        if operations.is_empty() {
            return match nothing && !provider.auth.is_empty() {
                true => Err(missing(provider, looked_for)),
                false => Ok(()),
            };
        }
        let mut carried: Vec<usize> = Vec::new();
        let mut refusal = None;
        let mut callable = false;
        for operation in operations {
            match self.choose(provider, operation) {
                Ok(chosen) => {
                    callable = true;
                    carried.extend(chosen);
                }
                Err(_) => refusal = refusal.or(Some(operation)),
            }
            if callable && nothing {
                return Ok(());
            }
        }
        if !callable {
            return Err(match refusal {
                Some(operation) if !nothing => Error::configuration(format!(
                    "no operation of {} can be called with the credentials given: `{}` needs {} on the builder",
                    provider.title,
                    operation.id(),
                    demands(provider, operation)
                )),
                _ => missing(provider, looked_for),
            });
        }
        let idle = self
            .held
            .iter()
            .enumerate()
            .find(|(at, it)| it.auth.is_none() && !carried.contains(at));
        match idle {
            Some((_, Held { label, .. })) => Err(Error::configuration(format!(
                "no operation of {} takes the credential `{label}`: each accepts only those of the builder's other \
                 methods. For a header that is not a credential call `configure_http`",
                provider.title
            ))),
            None => Ok(()),
        }
    }

    /// [`Self::choose`], found out once for each operation that the provider lists.
    pub(crate) fn chosen(
        &self,
        provider: &Provider,
        operation: &'static Operation,
    ) -> Result<Cow<'_, Chosen>, Error> {
        match self.chosen.get(&std::ptr::from_ref(operation).addr()) {
            Some(chosen) => Ok(Cow::Borrowed(chosen)),
            None => self.choose(provider, operation).map(|held| Cow::Owned(self.carried(held))),
        }
    }

    fn carried(&self, held: Vec<usize>) -> Chosen {
        let fixed = held.iter().map(|at| match &self.held.get(*at)?.source {
            Source::Fixed(part) => Some(part.clone()),
            Source::Jwt(_) | Source::Token(_) => None,
        });
        let fixed = fixed.collect::<Option<_>>().map(|parts| RequestAuth { parts });
        Chosen { held, fixed }
    }

    /// The credentials that an operation's requests carry: those of the alternative that is most preferred among what was
    /// given. `Err` where none can be met.
    fn choose(
        &self,
        provider: &Provider,
        operation: &'static Operation,
    ) -> Result<Vec<usize>, Error> {
        let Some(accepted) = operation.security() else {
            // Nothing says what is accepted: the most preferred one, and what the caller named a header for.
            let best = self.held.iter().position(|it| it.auth.is_some());
            let headers = self.held.iter().enumerate().filter(|(_, it)| it.auth.is_none());
            return Ok(best.into_iter().chain(headers.map(|(at, _)| at)).collect());
        };
        let met = accepted.iter().filter(|it| !it.is_empty()).filter_map(|alternative| {
            let mut chosen = Vec::new();
            for scheme in *alternative {
                chosen.extend(self.serving(provider, scheme)?);
            }
            chosen.sort_unstable();
            chosen.dedup();
            Some(chosen)
        });
        let anonymous = accepted.is_empty() || accepted.iter().any(|it| it.is_empty());
        // One that the HTTP client brings has no number, and comes after those that have.
        match met.min_by_key(|it| (it.is_empty(), it.clone())) {
            Some(chosen) => Ok(chosen),
            None if anonymous => Ok(Vec::new()),
            None => Err(Error::invalid_request(
                operation,
                format!(
                    "not sent: the operation needs a credential that the client was not given: call {} on the builder",
                    demands(provider, operation)
                ),
            )),
        }
    }

    /// The credentials that serve a scheme; nothing where none does.
    fn serving(&self, provider: &Provider, scheme: &str) -> Option<Vec<usize>> {
        let all = || self.held.iter().enumerate();
        let of = |it: &Held| it.auth.is_some_and(|auth| auth.scheme == scheme);
        if let Some((at, _)) = all().find(|(_, it)| of(it)) {
            return Some(vec![at]);
        }
        let mut spoken = provider.auth.iter().filter(|it| it.scheme == scheme).peekable();
        let headers = all().filter(|(_, it)| it.auth.is_none());
        if spoken.peek().is_none() {
            // Only the caller knows how it travels.
            let headers: Vec<usize> = headers.map(|(at, _)| at).collect();
            return (!headers.is_empty() || self.by_http_client).then_some(headers);
        }
        let names: Vec<&str> = spoken.filter_map(|it| it.kind.header()).collect();
        let mut same = headers.filter(|(_, it)| match &it.source {
            Source::Fixed(AuthPart::Header(name, _)) => {
                names.iter().any(|it| it.eq_ignore_ascii_case(name.as_str()))
            }
            _ => false,
        });
        same.next().map(|(at, _)| vec![at])
    }

    /// Whether tokens come over https.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.held.iter().any(|it| match &it.source {
            Source::Token(fetcher) => fetcher.speaks_tls(),
            Source::Fixed(_) | Source::Jwt(_) => false,
        })
    }

    /// The authentication of the next attempt; it fetches or signs a token where the last one is used up.
    pub(crate) async fn request_auth(
        &self,
        chosen: &Chosen,
        endpoint: &Arc<Endpoint>,
    ) -> Result<RequestAuth, Error> {
        let mut parts = Vec::with_capacity(chosen.held.len());
        for held in chosen.held.iter().filter_map(|at| self.held.get(*at)) {
            parts.push(match &held.source {
                Source::Fixed(part) => part.clone(),
                Source::Jwt(minter) => {
                    AuthPart::Header(AUTHORIZATION, minter.header(&*endpoint.clock)?)
                }
                Source::Token(fetcher) => {
                    AuthPart::Header(AUTHORIZATION, fetcher.header(endpoint).await?)
                }
            });
        }
        Ok(RequestAuth { parts: parts.into() })
    }

    /// Forgets those that the server refused. Returns whether others can be made.
    pub(crate) fn renew(&self, refused: &RequestAuth) -> bool {
        let mut renewed = false;
        for part in &*refused.parts {
            let AuthPart::Header(_, value) = part else { continue };
            for held in &self.held {
                renewed |= match &held.source {
                    Source::Jwt(minter) => minter.forget(value),
                    Source::Token(fetcher) => fetcher.forget(value),
                    Source::Fixed(_) => false,
                };
            }
        }
        renewed
    }
}

/// What is done with a credential.
fn source(
    provider: &Provider,
    auth: &'static Auth,
    credential: Credential,
    base: &Url,
    token_url: Option<&str>,
) -> Result<Source, Error> {
    let method = auth.method;
    // Of two variables, the first holds the name.
    let variables = credential.variables;
    let refuse = |part: &str, reason: &str| {
        let variable = if part == "name" { variables.first() } else { variables.last() };
        let given = match variable {
            Some(variable) => format!("in the environment variable `{variable}`"),
            None => format!("given to `{method}`"),
        };
        Error::configuration(format!("the {part} {given} {reason}: copy it again"))
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
    let credential = Credential { name, secret: secret.into(), variables };
    let secret = credential.secret.expose_secret();
    let header = |prefix: &str, text: &str| {
        secret_header(prefix, text).map_err(|reason| refuse("secret", reason))
    };
    Ok(match auth.kind {
        AuthKind::Header { name, prefix } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Error::configuration(format!("`{name}` is not a header name")))?;
            Source::Fixed(AuthPart::Header(name, header(prefix, secret)?))
        }
        AuthKind::Bearer => {
            Source::Fixed(AuthPart::Header(AUTHORIZATION, header("Bearer ", secret)?))
        }
        AuthKind::Basic => {
            let pair = format!("{}:{secret}", credential.name);
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            Source::Fixed(AuthPart::Header(AUTHORIZATION, header("Basic ", &encoded)?))
        }
        AuthKind::Cookie { name } => {
            let pair = super::style::pair(name, secret);
            Source::Fixed(AuthPart::Cookie(header("", &pair)?))
        }
        AuthKind::Query { name } => {
            let pair = super::style::pair(name, secret);
            Source::Fixed(AuthPart::Query(pair.into()))
        }
        AuthKind::JwtHs256 { prefix, key_id_header, claims, lifetime_seconds } => {
            let life = u64::from(lifetime_seconds.max(1));
            Source::Jwt(jwt::Minter::new(credential, prefix, key_id_header, claims, life))
        }
        AuthKind::ClientCredentials { token_url: documented, scopes } => {
            let url = place_of_tokens(provider, base, token_url, documented)?;
            Source::Token(Arc::new(token::Fetcher::new(credential, url, scopes)))
        }
    })
}

/// A header that the caller named.
fn header(credential: &Credential) -> Result<AuthPart, Error> {
    let name = credential.name.trim();
    let parsed = HeaderName::from_bytes(name.as_bytes());
    let parsed = parsed.ok().filter(|it| !FRAMING.contains(it)).ok_or_else(|| {
        Error::configuration(format!("`header` cannot set `{name}`: name a header for credentials"))
    })?;
    let value = secret_header("", credential.secret.expose_secret()).map_err(|reason| {
        Error::configuration(format!(
            "the secret given to `header` for `{name}` {reason}: copy it again"
        ))
    })?;
    Ok(AuthPart::Header(parsed, value))
}

/// The builder methods that serve a scheme, as one would call them.
fn methods(provider: &Provider, scheme: &str) -> Vec<String> {
    let spoken = provider.auth.iter().filter(|it| it.scheme == scheme);
    let mut out: Vec<String> = spoken.map(call_of).collect();
    if out.is_empty() {
        out.push(format!("`.header(name, secret)` for the scheme `{scheme}`"));
    }
    out
}

fn call_of(auth: &Auth) -> String {
    let arguments = if auth.kind.takes_pair() { "id, secret" } else { "…" };
    format!("`.{}({arguments})`", auth.method)
}

/// Nothing was given, and all operations ask for something.
fn missing(provider: &Provider, looked_for: &[&[&str]]) -> Error {
    let mut calls: Vec<String> = provider.auth.iter().map(call_of).collect();
    let accepted = provider.operations.iter().filter_map(|it| it.security()).flatten();
    let mut schemes = accepted.flat_map(|it| it.iter());
    if schemes.any(|scheme| provider.auth.iter().all(|it| it.scheme != *scheme)) {
        calls.push("`.header(name, secret)`".to_owned());
    }
    let environment = match looked_for {
        [] => String::new(),
        variables => {
            let variables: Vec<String> = variables.iter().map(|it| it.join(" and ")).collect();
            format!(", or set {} in the environment", variables.join(", or "))
        }
    };
    Error::configuration(format!(
        "no credential for {}: call {} on the builder{environment}",
        provider.title,
        calls.join(" or ")
    ))
}

/// The builder methods whose credentials an operation accepts, as one would call them.
fn demands(provider: &Provider, operation: &Operation) -> String {
    let accepted = operation.security().unwrap_or_default().iter();
    let alternatives: Vec<String> = accepted
        .filter(|it| !it.is_empty())
        .map(|alternative| {
            let several = alternative.len() > 1;
            let schemes: Vec<String> = alternative
                .iter()
                .map(|scheme| match methods(provider, scheme) {
                    methods if several && methods.len() > 1 => {
                        format!("({})", methods.join(" or "))
                    }
                    methods => methods.join(" or "),
                })
                .collect();
            schemes.join(" and ")
        })
        .collect();
    alternatives.join(", or ")
}

/// Where tokens are fetched. A vendor's address that lies below its default server moves along with the base URL, so that
/// the secret goes to a sandbox where the calls do.
fn place_of_tokens(
    provider: &Provider,
    base: &Url,
    given: Option<&str>,
    documented: &str,
) -> Result<Url, Error> {
    let place = &argument_of("token_url");
    if let Some(url) = given {
        return parse_safe_url("token URL", place, url);
    }
    let base_text = base.as_str().trim_end_matches('/');
    if documented.starts_with('/') {
        return parse_safe_url("token URL", place, &format!("{base_text}{documented}"));
    }
    let default = provider.servers.first().map(|url| url.trim_end_matches('/')).unwrap_or_default();
    let moved = documented
        .strip_prefix(default)
        .filter(|path| !default.is_empty() && path.starts_with('/'));
    if let Some(path) = moved {
        return parse_safe_url("token URL", place, &format!("{base_text}{path}"));
    }
    let url = parse_safe_url("token URL", place, documented)?;
    let same_server = Url::parse(default).is_ok_and(|default| default.origin() == base.origin());
    let same_place = Url::parse(default).is_ok_and(|default| default.origin() == url.origin());
    if same_place && !same_server {
        // The same server as the calls', at another path: keep the path, change the server.
        let text = format!("{}{}", base.origin().ascii_serialization(), url.path());
        return parse_safe_url("token URL", place, &text);
    }
    Ok(url)
}
