//! What is known of a provider: data that the generator writes from its folder.

use http::Method;

use crate::Operation;
use crate::error::Refusal;
use crate::events::Rules;

/// A provider: where it lives, how it is authenticated, what its headers and error bodies mean.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Provider {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) servers: &'static [&'static str],
    /// The document's own servers where their addresses have variables.
    pub(crate) own: &'static [Server],
    /// The servers that paths and operations name, each list once.
    pub(crate) groups: &'static [ServerGroup],
    /// What is known of the operations; nothing where a provider is written by hand.
    pub(crate) operations: &'static [&'static Operation],
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) auth: &'static [Auth],
    pub(crate) error_code: &'static [&'static str],
    pub(crate) error_message: &'static [&'static str],
    pub(crate) error_codes: &'static [&'static str],
    pub(crate) unauthorized: Refused,
    pub(crate) forbidden: Refused,
    pub(crate) error_headers: &'static [&'static str],
    pub(crate) request_id: &'static [&'static str],
    pub(crate) rate_limit: RateLimitHeaders,
    pub(crate) unprocessed: &'static [u16],
    pub(crate) concurrency: Option<usize>,
    events: Option<Rules>,
    /// What stands for requests that no typed method has, by HTTP method; the last one for methods that are not listed.
    requests: [Operation; 8],
}

impl Provider {
    /// A provider of this name, with no server, no credential and 429 as the only status by which nothing was done.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            title: name,
            servers: &[],
            own: &[],
            groups: &[],
            operations: &[],
            headers: &[],
            auth: &[],
            error_code: &[],
            error_message: &[],
            error_codes: &[],
            unauthorized: Refused { statuses: &[401], codes: &[] },
            forbidden: Refused { statuses: &[403], codes: &[] },
            error_headers: &[],
            request_id: &[],
            rate_limit: RateLimitHeaders::new(),
            unprocessed: &[429],
            concurrency: None,
            events: None,
            requests: [
                request(name, "GET"),
                request(name, "HEAD"),
                request(name, "OPTIONS"),
                request(name, "PUT"),
                request(name, "DELETE"),
                request(name, "PATCH"),
                request(name, "POST"),
                request(name, ""),
            ],
        }
    }

    setters! {
        /// The name as people write it.
        with_title(title: &'static str) title = title;
        /// Base URLs; the first is the default.
        with_servers(urls: &'static [&'static str]) servers = urls;
        /// The document's own servers where their addresses have variables. The addresses with their defaults are among
        /// those of [`with_servers`](Self::with_servers).
        with_variable_servers(servers: &'static [Server]) own = servers;
        /// The servers that paths and operations name. An operation refers to them by number, from 1 on.
        with_server_groups(groups: &'static [ServerGroup]) groups = groups;
        /// All operations: a client is not built where none of them can be called with the credentials that it was given.
        with_operations(operations: &'static [&'static Operation]) operations = operations;
        /// Headers that every request carries, names and values.
        with_headers(headers: &'static [(&'static str, &'static str)]) headers = headers;
        /// Ways to authenticate, in order of preference.
        with_auth(auth: &'static [Auth]) auth = auth;
    }

    /// JSON pointers to the code and the message in an error body, each tried in order.
    #[must_use]
    pub const fn with_error(
        mut self,
        code: &'static [&'static str],
        message: &'static [&'static str],
    ) -> Self {
        self.error_code = code;
        self.error_message = message;
        self
    }

    setters! {
        /// The codes of errors that the vendor documents: an answer that has one where errors have theirs says that the call
        /// failed, whatever its status.
        with_error_codes(codes: &'static [&'static str]) error_codes = codes;
        /// Statuses and codes by which the vendor refuses the credential. A code outweighs a status.
        with_unauthorized(statuses: &'static [u16], codes: &'static [&'static str]) unauthorized = Refused { statuses, codes };
        /// Statuses and codes by which the vendor does not allow a call whose credential it accepts. A code outweighs a status.
        with_forbidden(statuses: &'static [u16], codes: &'static [&'static str]) forbidden = Refused { statuses, codes };
        /// Response headers whose text is the message where the body has none.
        with_error_headers(names: &'static [&'static str]) error_headers = names;
        /// Response headers that identify the call.
        with_request_id(names: &'static [&'static str]) request_id = names;
        /// The response headers of the rate limit.
        with_rate_limit(headers: RateLimitHeaders) rate_limit = headers;
        /// Statuses that say that nothing was done, so that any call may be repeated.
        with_unprocessed(statuses: &'static [u16]) unprocessed = statuses;
        /// Requests in flight per client.
        with_concurrency(requests: usize) concurrency = Some(requests);
        /// How the vendor's webhooks are told apart, verified and delivered.
        with_events(rules: Rules) events = Some(rules);
    }

    getters! {
        /// The provider's name, as its module and feature have it.
        name: &'static str;
        /// The provider's name as people write it.
        title: &'static str;
        /// Base URLs; the first is the default.
        servers: &'static [&'static str];
        /// Headers that every request carries, names and values.
        headers: &'static [(&'static str, &'static str)];
        /// Ways to authenticate, in order of preference.
        auth: &'static [Auth];
        /// Response headers that identify the call.
        request_id: &'static [&'static str];
        /// The response headers of the rate limit.
        rate_limit: RateLimitHeaders;
        /// Requests in flight per client, where the vendor bounds them.
        concurrency: Option<usize>;
        /// All operations, where they are known.
        operations: &'static [&'static Operation];
        /// How the vendor's webhooks are told apart, verified and delivered; `None` where it sends none.
        events: Option<Rules>;
    }
}

/// What says that a call was refused for one of the two reasons.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused {
    statuses: &'static [u16],
    codes: &'static [&'static str],
}

impl Provider {
    /// Whom an answer of this status, with these codes in its body, blames. The first code that says something wins.
    pub(crate) fn refusal(&self, status: u16, codes: &[String]) -> Option<Refusal> {
        let kinds =
            [(&self.unauthorized, Refusal::Unauthorized), (&self.forbidden, Refusal::Forbidden)];
        let by_code = |code: &String| {
            kinds.iter().find(|(it, _)| it.codes.contains(&code.as_str())).map(|(_, kind)| *kind)
        };
        let by_status =
            || kinds.iter().find(|(it, _)| it.statuses.contains(&status)).map(|(_, kind)| *kind);
        codes.iter().find_map(by_code).or_else(by_status)
    }

    /// The operation that stands for requests of this method. What is not known to be repeatable is not.
    pub(crate) fn request(&'static self, method: &Method) -> &'static Operation {
        let [.., other] = &self.requests;
        self.requests.iter().find(|it| it.method() == method.as_str()).unwrap_or(other)
    }
}

const fn request(provider: &'static str, method: &'static str) -> Operation {
    Operation::new("request", method, "").with_provider(provider)
}

/// Servers that paths or operations name in place of the document's.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ServerGroup {
    pub(crate) method: &'static str,
    pub(crate) servers: &'static [Server],
}

impl ServerGroup {
    /// The builder method `method` sets their base URL apart; the first of `servers` is the default.
    #[must_use]
    pub const fn new(method: &'static str, servers: &'static [Server]) -> Self {
        Self { method, servers }
    }
}

/// A server whose address may have variables.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Server {
    pub(crate) url: &'static str,
    pub(crate) variables: &'static [ServerVariable],
}

impl Server {
    /// The address, with the variables' names in braces.
    #[must_use]
    pub const fn new(url: &'static str, variables: &'static [ServerVariable]) -> Self {
        Self { url, variables }
    }
}

/// A variable of a server's address.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ServerVariable {
    pub(crate) method: &'static str,
    pub(crate) name: &'static str,
    pub(crate) default: Option<&'static str>,
    /// What it may be; empty where the document does not say.
    pub(crate) values: &'static [&'static str],
}

impl ServerVariable {
    /// The builder method `method` sets the variable `name`. Without a default it must be set.
    #[must_use]
    pub const fn new(
        method: &'static str,
        name: &'static str,
        default: Option<&'static str>,
        values: &'static [&'static str],
    ) -> Self {
        Self { method, name, default, values }
    }
}

/// One way to authenticate: the builder method that takes the secret, and what is done with it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Auth {
    pub(crate) method: &'static str,
    pub(crate) kind: AuthKind,
    /// The document's security scheme that it serves; empty where operations do not say what they accept.
    pub(crate) scheme: &'static str,
}

impl Auth {
    /// The builder method `method` takes a secret for this kind of authentication.
    #[must_use]
    pub const fn new(method: &'static str, kind: AuthKind) -> Self {
        Self { method, kind, scheme: "" }
    }

    /// Sets the document's security scheme that it serves.
    #[must_use]
    pub const fn with_scheme(mut self, name: &'static str) -> Self {
        self.scheme = name;
        self
    }

    /// What is done with the secret.
    #[must_use]
    pub const fn kind(&self) -> AuthKind {
        self.kind
    }

    /// The document's security scheme that it serves; empty where operations do not say what they accept.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        self.scheme
    }
}

/// What is done with a secret.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AuthKind {
    /// The secret stands in a header, after a prefix that may be empty.
    Header {
        /// The header's name.
        name: &'static str,
        /// What stands before the secret, such as `Bearer `.
        prefix: &'static str,
    },
    /// The secret stands in a query parameter.
    Query {
        /// The parameter's name.
        name: &'static str,
    },
    /// The secret stands in a cookie.
    Cookie {
        /// The cookie's name.
        name: &'static str,
    },
    /// The secret is a bearer token in `Authorization`.
    Bearer,
    /// A pair of name and secret in `Authorization`.
    Basic,
    /// A pair of client id and secret, exchanged for bearer tokens (RFC 6749, section 4.4).
    ClientCredentials {
        /// Where tokens are fetched. A path below the base URL may stand for the whole.
        token_url: &'static str,
        /// The scopes asked for.
        scopes: &'static [&'static str],
    },
    /// A pair of key id and secret that signs short-lived HS256 tokens.
    JwtHs256 {
        /// What stands before the token in `Authorization`, such as `Bearer `.
        prefix: &'static str,
        /// The field of the token's header that names the key, such as `kid`.
        key_id_header: &'static str,
        /// The claims beside `iat` and `exp`.
        claims: &'static [(&'static str, &'static str)],
        /// The life of a token in seconds.
        lifetime_seconds: u32,
    },
}

impl AuthKind {
    /// The header that carries the credential, where one does.
    pub(crate) const fn header(self) -> Option<&'static str> {
        match self {
            Self::Header { name, .. } => Some(name),
            Self::Query { .. } | Self::Cookie { .. } => None,
            Self::Bearer | Self::Basic | Self::ClientCredentials { .. } | Self::JwtHs256 { .. } => {
                Some("authorization")
            }
        }
    }

    /// Whether the credential is a pair of name and secret.
    pub(crate) const fn takes_pair(self) -> bool {
        match self {
            Self::Basic | Self::ClientCredentials { .. } | Self::JwtHs256 { .. } => true,
            Self::Header { .. } | Self::Query { .. } | Self::Cookie { .. } | Self::Bearer => false,
        }
    }
}

/// The response headers that carry the state of the rate limit; each may be absent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RateLimitHeaders {
    pub(crate) limit: Option<&'static str>,
    pub(crate) remaining: Option<&'static str>,
    pub(crate) reset: Option<(&'static str, ResetUnit)>,
}

impl RateLimitHeaders {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self { limit: None, remaining: None, reset: None }
    }

    setters! {
        /// The header with the calls per window.
        with_limit(name: &'static str) limit = Some(name);
        /// The header with the calls left in the window.
        with_remaining(name: &'static str) remaining = Some(name);
        /// The header that says when the window starts anew, and its unit.
        with_reset(name: &'static str, unit: ResetUnit) reset = Some((name, unit));
    }

    getters! {
        /// The header with the calls per window.
        limit: Option<&'static str>;
        /// The header with the calls left in the window.
        remaining: Option<&'static str>;
        /// The header that says when the window starts anew, and its unit.
        reset: Option<(&'static str, ResetUnit)>;
    }
}

impl Default for RateLimitHeaders {
    fn default() -> Self {
        Self::new()
    }
}

/// What the number in a reset header means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetUnit {
    /// Seconds from now.
    SecondsLeft,
    /// Milliseconds from now.
    MillisecondsLeft,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// A date, as `Retry-After` writes it.
    HttpDate,
}
