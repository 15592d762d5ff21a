//! The forms of `provider.yaml`: what a vendor does that its OpenAPI document cannot say.

mod check;

use crate::names;
use conversations_document::{Document, fault, load};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) use check::check;

pub use conversations_document::{
    select::Selection,
    servers::{Server, Variable},
};

/// Everything `provider.yaml` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The name of the folder, the module and the Cargo feature.
    pub provider: String,
    /// The vendor's name for the API, as readers know it.
    pub title: String,
    /// One line for the documentation of the module.
    pub summary: String,
    /// Where the vendor documents the API.
    pub documentation: String,
    /// Where the next document is fetched.
    pub source: Source,
    /// What of a larger document is ours; empty means everything.
    #[serde(default)]
    pub select: Selection,
    /// Base URLs; the first is the default.
    pub servers: Vec<Server>,
    /// Constant headers that the vendor demands.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// One builder method each, in order of preference.
    #[serde(default)]
    pub auth: Vec<Auth>,
    /// Where an error body keeps its code and message.
    #[serde(default)]
    pub error: ErrorBody,
    /// The codes that the vendor documents, which become constants.
    #[serde(default)]
    pub error_codes: Vec<ErrorCode>,
    /// Response headers that name the request, in order of preference.
    #[serde(default)]
    pub request_id: Vec<String>,
    /// Response headers whose text is the message where the body has none.
    #[serde(default)]
    pub error_headers: Vec<String>,
    /// How the vendor reports its rate limit.
    #[serde(default)]
    pub rate_limit: Option<RateLimit>,
    /// Requests in flight per client; absent means unlimited.
    #[serde(default)]
    pub concurrency: Option<u32>,
    /// How the vendor's webhooks are read and verified, where the document has any.
    #[serde(default)]
    pub events: Option<Events>,
    /// One sentence with its source for each entry that is not obvious.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
}

impl Provider {
    /// The environment variables of a way to authenticate: by the method of a secret, by the parts of a pair, and by both
    /// where several pairs have the same parts.
    pub(crate) fn variables(&self, auth: &Auth) -> Vec<String> {
        let alike = self.auth.iter().filter(|it| it.credential == auth.credential).count();
        match auth.credential.pair() {
            None => vec![self.variable(&auth.method)],
            Some(parts) if alike == 1 => parts.iter().map(|it| self.variable(it)).collect(),
            Some(parts) => {
                parts.iter().map(|it| self.variable(&format!("{}_{it}", auth.method))).collect()
            }
        }
    }

    /// The environment variable of a setting.
    pub(crate) fn variable(&self, setting: &str) -> String {
        names::shouting(&format!("{}_{setting}", self.provider))
    }
}

impl Credential {
    /// What a credential of two parts calls them.
    pub(crate) fn pair(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Key | Self::Bearer => None,
            Self::Basic => Some(["username", "password"]),
            Self::ClientCredentials => Some(["client_id", "client_secret"]),
            Self::JwtHs256 => Some(["key_id", "secret"]),
        }
    }
}

impl ErrorCode {
    /// The name of the constant.
    pub fn constant(&self) -> String {
        names::shouting(self.name.as_ref().unwrap_or(&self.code))
    }
}

/// Where the vendor publishes the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The address, or nothing where the vendor publishes none.
    pub url: Option<String>,
    /// What a reader must know about the address, or why there is none.
    #[serde(default)]
    pub note: Option<String>,
}

/// One way to authenticate, which becomes one method of the client's builder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The name of the builder's method.
    pub method: String,
    /// The security scheme of the document that it serves.
    pub scheme: String,
    /// What the caller hands over.
    pub credential: Credential,
    /// What it is for and where the vendor gives it out, in a sentence or two.
    #[serde(default)]
    pub about: Option<String>,
    /// Text before the credential, for example `Bearer `.
    #[serde(default)]
    pub prefix: Option<String>,
    /// Where access tokens come from.
    #[serde(default)]
    pub token: Option<Token>,
    /// How the client mints its own tokens.
    #[serde(default)]
    pub jwt: Option<Jwt>,
}

/// What the caller hands over to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// A key, sent where the document's `apiKey` scheme says.
    Key,
    /// A bearer token.
    Bearer,
    /// A user name and a password.
    Basic,
    /// A client id and secret, exchanged for access tokens (RFC 6749, section 4.4).
    ClientCredentials,
    /// A key id and secret that sign short-lived tokens with HS256.
    JwtHs256,
}

/// Where access tokens come from, where the security scheme does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The token endpoint.
    pub url: String,
    /// The scopes to ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// The tokens that the client mints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// The header that holds the key's id.
    pub key_id_header: String,
    /// Constant claims.
    #[serde(default)]
    pub claims: BTreeMap<String, serde_json::Value>,
    /// How long one token lives; absent means that it never expires.
    #[serde(default)]
    pub lifetime_seconds: Option<u64>,
}

/// What an error body says: JSON Pointers, tried in order, and what a refusal means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// Where the machine-readable code is.
    #[serde(default)]
    pub code: Vec<String>,
    /// Where the text is.
    #[serde(default)]
    pub message: Vec<String>,
    /// By what the vendor refuses a credential.
    #[serde(default = "unauthorized")]
    pub unauthorized: Refusal,
    /// By what the vendor does not allow a call whose credential it accepts.
    #[serde(default = "forbidden")]
    pub forbidden: Refusal,
}

impl Default for ErrorBody {
    fn default() -> Self {
        let (code, message) = (Vec::new(), Vec::new());
        Self { code, message, unauthorized: unauthorized(), forbidden: forbidden() }
    }
}

/// Statuses and codes by which the vendor refuses a call for one reason. A code outweighs a status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Statuses that mean it, where no code of the body says otherwise.
    pub statuses: Vec<u16>,
    /// Declared codes that mean it, whatever the status.
    #[serde(default)]
    pub codes: Vec<String>,
}

/// A code that the vendor documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// The code as `error.code` finds it; a number is written as a text.
    pub code: String,
    /// The name of the constant in snake case, where the code itself is not one.
    #[serde(default)]
    pub name: Option<String>,
    /// What it means, in our words.
    pub meaning: String,
    /// The status that it comes with, where the source names one.
    #[serde(default)]
    pub status: Option<u16>,
    /// Where the vendor documents it.
    pub source: String,
}

/// The headers that carry the state of the rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// The header with the number of requests allowed.
    #[serde(default)]
    pub limit: Option<String>,
    /// The header with the number of requests left.
    #[serde(default)]
    pub remaining: Option<String>,
    /// The header that says when the count starts again.
    #[serde(default)]
    pub reset: Option<Reset>,
    /// Statuses by which the vendor says that nothing was done: any call is repeated after them. 429 where the file says
    /// nothing; another one needs a reason.
    #[serde(default = "unprocessed")]
    pub unprocessed: Vec<u16>,
}

/// When the count starts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// The header's name.
    pub header: String,
    /// What its value counts.
    pub unit: ResetUnit,
}

/// What the value of a reset header counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetUnit {
    /// Seconds from now.
    SecondsLeft,
    /// Milliseconds from now.
    MillisecondsLeft,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// A date as HTTP writes it.
    HttpDate,
}

fn unauthorized() -> Refusal {
    Refusal { statuses: vec![401], codes: Vec::new() }
}

fn forbidden() -> Refusal {
    Refusal { statuses: vec![403], codes: Vec::new() }
}

/// Too many requests. A 503 may come from a proxy after the vendor has done the work, so that it takes the vendor's word.
fn unprocessed() -> Vec<u16> {
    vec![429]
}

/// The statuses that blame the caller.
pub(crate) const CLIENT_ERROR: &str = "a client error, from 400 to 499";

/// What the vendor sends by itself: how it is told apart, verified and repeated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Where the body of a webhook says which event it is.
    #[serde(default)]
    pub kind: Option<String>,
    /// Where the body has its events, if it may have several of one kind.
    #[serde(default)]
    pub items: Option<String>,
    /// What proves that a webhook is the vendor's; a secret in the registered address where the file says nothing.
    #[serde(default)]
    pub verify: Verification,
    /// What identifies that which an event carries, so that a repeated delivery is recognised: the first of these lists of
    /// JSON Pointers that are all found. `*` stands for each item of a list, and the word `kind` for the event's kind.
    #[serde(default)]
    pub keys: Vec<Vec<String>>,
    /// How the vendor delivers.
    #[serde(default)]
    pub delivery: Delivery,
    /// The schema of the frames of a socket, which are read on their own.
    #[serde(default)]
    pub frame: Option<Frame>,
}

/// What proves that a webhook is the vendor's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// A secret that the user puts into the path or query of the address that the vendor calls.
    #[default]
    Address,
    /// The webhook's secret, in the header of this name.
    Header(String),
}

/// How the vendor delivers a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The statuses by which a receiver accepts an event; 200 to 299 where the file says nothing.
    #[serde(default)]
    pub accepted: Vec<u16>,
    /// When the vendor sends again: seconds after the first attempt. Empty where it does not, or no source says when.
    #[serde(default)]
    pub retry_after_seconds: Vec<u64>,
    /// The statuses after which the vendor does not send again.
    #[serde(default)]
    pub final_statuses: Vec<u16>,
}

/// The frames of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The named schema of a frame.
    pub schema: String,
    /// Whether the vendor supports the use of its socket by others.
    pub supported: bool,
}

/// Methods that a client's builder has anyway, so that no way to authenticate can be called so.
pub const BUILDER_METHODS: &[&str] = &[
    "attempt_timeout",
    "base_url",
    "build",
    "builder",
    "clone",
    "concurrency",
    "configure_http",
    "connect_timeout",
    "deadline",
    "fmt",
    "from_env",
    "header",
    "http_client",
    "max_body_bytes",
    "retry",
    "token_url",
    "user_agent",
    "wait_for_rate_limit",
];

/// The word among the parts of a key that stands for the event's kind.
pub const KEY_OF_KIND: &str = "kind";

/// Reads `provider.yaml`.
pub fn provider(text: &load::Text) -> fault::Result<Provider> {
    Ok(with_lines(text)?.0)
}

/// Reads `provider.yaml`, and gives it as a tree too, for its lines.
pub(crate) fn with_lines(text: &load::Text) -> fault::Result<(Provider, Document)> {
    load::checked(text, check::alone)
}
