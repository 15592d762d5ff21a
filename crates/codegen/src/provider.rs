//! The forms of `provider.yaml`: what a vendor does that its OpenAPI document cannot say.

use crate::names;
use conversations_document::{
    Document, Fault, Pointer,
    fault::{self, Code},
    load, lookup, select, suggest,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    load::checked(text, alone)
}

/// What is wrong with the file, whatever the document says.
fn alone(provider: &Provider, file: &Document) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut fault = |pointer: &str, code: Code, help: &str| {
        found.push(file.fault(pointer, code, help));
    };
    let Provider { servers, auth, error, concurrency, source, events, .. } = provider;
    if servers.is_empty() {
        let help = "name at least one: `servers: [{url: https://…, description: Production}]`";
        fault("/servers", Code::NoServer, help);
    }
    for (i, Server { url, variables, description: _ }) in servers.iter().enumerate() {
        for name in conversations_document::path::PathTemplate(url).names() {
            if !variables.contains_key(name) {
                let help = format!("declare it: `variables: {{ {name}: {{ default: … }} }}`");
                let code = Code::UndeclaredVariable { name: name.to_owned() };
                fault(&format!("/servers/{i}/url"), code, &help);
            }
        }
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if !url.starts_with("https://") && !local.iter().any(|it| url.starts_with(it)) {
            fault(&format!("/servers/{i}/url"), Code::NotHttps, "write `https://…`");
        }
    }
    for (key, pointers) in [("code", &error.code), ("message", &error.message)] {
        for (i, pointer) in pointers.iter().enumerate() {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let help = format!("write `/{pointer}`");
                let code = Code::NotAPointer { text: pointer.clone() };
                fault(&format!("/error/{key}/{i}"), code, &help);
            }
        }
    }
    error_codes(provider, &mut fault);
    if let Some(it) = events {
        self::events(it, &mut fault);
    }
    if *concurrency == Some(0) {
        fault("/concurrency", Code::Zero, "write 1 or more");
    }
    if source.url.is_none() && source.note.as_ref().is_none_or(|it| it.trim().is_empty()) {
        fault("/source", Code::NoSource, "write `note: …`");
    }
    for (i, it) in auth.iter().enumerate() {
        let at = |key: &str| format!("/auth/{i}{key}");
        let name = || it.method.clone();
        let snake = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        if !it.method.starts_with(|it: char| it.is_ascii_lowercase())
            || !it.method.chars().all(snake)
        {
            fault(&at("/method"), Code::NotAName { name: name(), case: "snake_case" }, "");
        }
        if auth[..i].iter().any(|other| other.method == it.method) {
            let code = Code::Taken { name: name(), by: "another way to authenticate" };
            fault(&at("/method"), code, "name it after the scheme");
        }
        if BUILDER_METHODS.contains(&it.method.as_str()) {
            let code = Code::Taken { name: name(), by: "the builder of the client" };
            fault(&at("/method"), code, "name it after the scheme");
        }
        let minted = it.credential == Credential::JwtHs256;
        if it.jwt.is_some() != minted {
            let code = Code::OnlyWith { key: "jwt", with: "`credential: jwt-hs256`" };
            fault(&at(""), code, "say `jwt: { key_id_header: kid }`, or leave it out");
        }
        if it.token.is_some() && it.credential != Credential::ClientCredentials {
            let code = Code::OnlyWith { key: "token", with: "`credential: client-credentials`" };
            fault(&at("/token"), code, "leave it out");
        }
        let sent_as_is = minted || it.credential == Credential::Key;
        if it.prefix.is_some() && !sent_as_is {
            let with = "`credential: key` and `jwt-hs256`; the others have theirs";
            fault(&at("/prefix"), Code::OnlyWith { key: "prefix", with }, "leave it out");
        }
    }
    found
}

/// What is wrong with the declaration of events.
fn events(events: &Events, fault: &mut impl FnMut(&str, Code, &str)) {
    let Events { kind, items, verify, keys, delivery, frame: _ } = events;
    let mut pointers: Vec<(String, &String)> = Vec::new();
    pointers.extend(kind.iter().map(|it| ("kind".to_owned(), it)));
    pointers.extend(items.iter().map(|it| ("items".to_owned(), it)));
    for (i, key) in keys.iter().enumerate() {
        let parts = key.iter().enumerate().filter(|(_, it)| *it != KEY_OF_KIND);
        pointers.extend(parts.map(|(j, it)| (format!("keys/{i}/{j}"), it)));
        if key.iter().all(|it| it == KEY_OF_KIND) {
            let help = "name what identifies the content: `[kind, /message/id]`";
            fault(&format!("/events/keys/{i}"), Code::AlikeEvents, help);
        }
    }
    for (at, text) in pointers.into_iter().filter(|(_, it)| !it.is_empty() && !it.starts_with('/'))
    {
        let help = format!("write `/{text}`");
        fault(&format!("/events/{at}"), Code::NotAPointer { text: text.clone() }, &help);
    }
    if items.is_some() && kind.is_none() {
        let help = "say where the body says which event it is: `kind: /event`";
        fault("/events/items", Code::OnlyWith { key: "items", with: "`kind`" }, help);
    }
    if let Verification::Header(name) = verify
        && (name.is_empty()
            || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_'))
    {
        fault("/events/verify/header", Code::NotAHeader { name: name.clone() }, "");
    }
    for (key, statuses) in
        [("accepted", &delivery.accepted), ("final_statuses", &delivery.final_statuses)]
    {
        for (i, status) in statuses.iter().enumerate() {
            if !(100..600).contains(status) {
                let at = format!("/events/delivery/{key}/{i}");
                let code = Code::NotAStatus { status: *status, of: "any answer" };
                fault(&at, code, "write 100 to 599");
            }
        }
    }
}

/// What is wrong with the declared codes, and with what they are said to mean.
fn error_codes(provider: &Provider, fault: &mut impl FnMut(&str, Code, &str)) {
    let Provider { error_codes, error, .. } = provider;
    if error.code.is_empty() && !error_codes.is_empty() {
        let help = "say where a body has its code: `error: { code: [/code] }`";
        fault("/error_codes", Code::CodesNowhere, help);
    }
    let constants: Vec<String> = error_codes.iter().map(ErrorCode::constant).collect();
    for (i, it) in error_codes.iter().enumerate() {
        let ErrorCode { code, name, meaning, status, source } = it;
        let at = |key: &str| format!("/error_codes/{i}/{key}");
        for (key, text) in [("code", code), ("meaning", meaning), ("source", source)] {
            if text.trim().is_empty() {
                fault(&at(key), Code::Empty { key: key.to_owned() }, "");
            }
        }
        match name {
            Some(name) if names::snake(name) != *name || !name.is_ascii() => {
                let help = format!("write `{}`", names::snake(name));
                let code = Code::NotAName { name: name.clone(), case: "snake_case" };
                fault(&at("name"), code, &help);
            }
            None if names::snake(code) != *code || !code.is_ascii() => {
                let code = Code::NotAName { name: code.clone(), case: "snake_case" };
                fault(&at("code"), code, "add a `name` in snake_case");
            }
            Some(_) | None => {}
        }
        if constants[..i].contains(&constants[i]) {
            let code = Code::Taken { name: constants[i].clone(), by: "another code" };
            fault(&at("code"), code, "give one of them another `name`");
        }
        if error_codes[..i].iter().any(|other| other.code == *code) {
            let code = Code::Taken { name: code.clone(), by: "an entry before" };
            fault(&at("code"), code, "");
        }
        if let Some(status) = status.filter(|it| !(100..600).contains(it)) {
            let code = Code::NotAStatus { status, of: "any answer" };
            fault(&at("status"), code, "write 100 to 599, or leave it out");
        }
    }
    let kinds = [("unauthorized", &error.unauthorized), ("forbidden", &error.forbidden)];
    for (kind, Refusal { statuses, codes }) in kinds {
        for (i, status) in statuses.iter().enumerate() {
            if !(400..500).contains(status) {
                let code = Code::NotAStatus { status: *status, of: CLIENT_ERROR };
                fault(&format!("/error/{kind}/statuses/{i}"), code, "");
            }
        }
        for (i, code) in codes.iter().enumerate() {
            if !error_codes.iter().any(|it| it.code == *code) {
                let known = suggest::quoted(error_codes.iter().map(|it| it.code.as_str()));
                let help = format!("declare it under `error_codes`, which has {known}");
                let code = Code::UndeclaredCode { code: code.clone() };
                fault(&format!("/error/{kind}/codes/{i}"), code, &help);
            }
        }
    }
    let Refusal { statuses, codes } = &error.forbidden;
    let Refusal { statuses: others, codes: other_codes } = &error.unauthorized;
    let statuses = statuses.iter().map(|it| (it.to_string(), others.contains(it))).enumerate();
    let codes = codes.iter().map(|it| (it.clone(), other_codes.contains(it))).enumerate();
    let all = statuses.map(|it| ("statuses", it)).chain(codes.map(|it| ("codes", it)));
    for (key, (i, (name, taken))) in all {
        if taken {
            let code = Code::Taken { name, by: "`unauthorized`" };
            fault(&format!("/error/forbidden/{key}/{i}"), code, "leave it in one of the two");
        }
    }
}

/// What of `provider.yaml` the document does not bear out, as the vendor wrote it and after its overlay.
pub(crate) fn check(
    provider: &Provider,
    file: &Document,
    vendored: &Document,
    document: &Document,
) -> Vec<Fault> {
    let holder = match document.root.get("swagger") {
        Some(_) => "/securityDefinitions",
        None => "/components/securitySchemes",
    };
    let mut found = select::unmatched(&provider.select, file, "/select", vendored);
    found.extend(error_pointers(&provider.error, file, document));
    if let Some(frame) = provider.events.as_ref().and_then(|it| it.frame.as_ref()) {
        let names = lookup::keys(&document.root, "/components/schemas");
        if !names.contains(&frame.schema.as_str()) {
            let code =
                Code::NoSchema { file: document.file.to_string(), schema: frame.schema.clone() };
            let help = match &suggest::nearest(&frame.schema, names, 3)[..] {
                [] => String::new(),
                near => format!("did you mean {}?", suggest::quoted(near.iter().copied())),
            };
            found.push(file.fault("/events/frame/schema", code, help));
        }
    }
    for (i, auth) in provider.auth.iter().enumerate() {
        let names = lookup::keys(&document.root, holder);
        let Auth { scheme, credential, token, .. } = auth;
        if !names.contains(&scheme.as_str()) {
            let code = Code::NoScheme { file: document.file.to_string(), scheme: scheme.clone() };
            let help = format!("it has {}", suggest::quoted(names));
            found.push(file.fault(&format!("/auth/{i}/scheme"), code, help));
            continue;
        }
        let pointer = lookup::resolve(&document.root, &Pointer::from(holder).child(scheme));
        let text = |key: &str| lookup::text(&document.root, &pointer, key).unwrap_or_default();
        let (kind, http) = (text("type"), text("scheme").to_ascii_lowercase());
        let bearer = kind == "http" && http == "bearer";
        let tokens = ["oauth2", "openIdConnect"].contains(&kind) || bearer;
        let fits = match credential {
            Credential::Key => kind == "apiKey",
            Credential::Bearer => tokens,
            Credential::Basic => kind == "basic" || (kind == "http" && http == "basic"),
            Credential::ClientCredentials => tokens,
            Credential::JwtHs256 => kind == "apiKey" || bearer,
        };
        let origin = document.origin(&pointer);
        if !fits {
            let scheme = format!("{kind} {http}").trim().to_owned();
            let code = Code::SchemeMismatch { scheme, origin: origin.clone() };
            found.push(file.fault(&format!("/auth/{i}/credential"), code, ""));
        }
        let flows = pointer.child("flows").child("clientCredentials").child("tokenUrl");
        let said = document.root.pointer(&flows).is_some() || !text("tokenUrl").is_empty();
        if *credential == Credential::ClientCredentials && token.is_none() && !said {
            let help = "write `token: { url: https://…, scopes: [] }`";
            found.push(file.fault(&format!("/auth/{i}"), Code::NoTokenUrl { origin }, help));
        }
    }
    found
}

/// Pointers into error bodies, where all of a list lead nowhere in those that the document has. Some may be of errors that
/// the document leaves out.
fn error_pointers(error: &ErrorBody, file: &Document, document: &Document) -> Vec<Fault> {
    let root = &document.root;
    // Most operations answer errors by one schema, which is looked at once.
    let schemas: BTreeSet<Pointer> = lookup::operations(root)
        .iter()
        .flat_map(|it| lookup::error_schemas(root, &it.pointer))
        .map(|it| lookup::resolve(root, &it))
        .collect();
    let mut found = Vec::new();
    for (list, pointers) in [("code", &error.code), ("message", &error.message)] {
        let led = |it: &String| lookup::leads(root, it, schemas.iter().cloned().collect());
        let led: Vec<_> = pointers.iter().map(led).collect();
        if led.iter().any(Result::is_ok) {
            continue;
        }
        for (i, (pointer, led)) in pointers.iter().zip(led).enumerate() {
            let Err((name, names)) = led else { continue };
            let help = suggest::known(&name, "there is", names.iter().map(String::as_str));
            let whose = "the error body of the document";
            let code = Code::PointsNowhere { whose, name, pointer: pointer.clone() };
            found.push(file.fault(&format!("/error/{list}/{i}"), code, help));
        }
    }
    found
}
