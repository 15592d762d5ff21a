//! Documents from the network: https only but loopback, one host, bounded in size and time.

use anyhow::{Context as _, bail};
use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    header,
    redirect::Policy,
};
use std::{
    io::Read as _,
    sync::OnceLock,
    time::{Duration, Instant},
};
use url::{Host, Url, form_urlencoded};

/// The largest file that is taken.
pub const MAX_BYTES: u64 = 64 << 20;
/// The longest that a document may take, all of its files together.
const LIMIT: Duration = Duration::from_secs(120);
/// The longest that a server may say nothing.
const SILENCE: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

/// Words by which the key of a query says that its value is a secret. The address of a document ends up in files
/// that are committed, and in messages.
const CREDENTIALS: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "apitoken",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "clientsecret",
    "credential",
    "credentials",
    "idtoken",
    "jwt",
    "key",
    "pass",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "sas",
    "secret",
    "session",
    "sessionid",
    "sig",
    "signature",
    "subscriptionkey",
    "token",
];

/// The fetching of one document: its files share a client and the time that they may take.
#[derive(Debug)]
pub struct Session {
    limit: Duration,
    deadline: Instant,
    /// Made when the first file is asked for: most documents are files of this machine.
    client: OnceLock<Client>,
}

impl Default for Session {
    fn default() -> Self {
        Self::within(LIMIT)
    }
}

impl Session {
    /// One that may take so long from now on.
    pub fn within(limit: Duration) -> Self {
        Self { limit, deadline: Instant::now() + limit, client: OnceLock::new() }
    }

    fn client(&self) -> anyhow::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // Fails where it is known already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("conversations-xtask/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("cannot start an HTTP client")?;
        Ok(self.client.get_or_init(|| client))
    }

    /// What is left of the time, unless it is over.
    pub(crate) fn left(&self) -> anyhow::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!(
                "the document took longer than {:?}; try again later, or download it and name the file",
                self.limit
            );
        }
        Ok(left)
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The server says that the file is the one that we have.
    NotModified,
    /// The file.
    Text {
        /// What it holds.
        text: String,
        /// The server's name for this revision of it.
        etag: Option<String>,
        /// Where it was in the end, redirects followed.
        url: Url,
    },
}

/// Whether an argument is an address and not a file.
pub fn is_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// The scheme of an address that is none of ours, such as `ftp://…`.
pub fn foreign_scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let named = scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it));
    (named && !scheme.is_empty() && !is_url(text)).then_some(scheme)
}

/// The address, if it is one that we are willing to ask.
pub fn check(text: &str) -> anyhow::Result<Url> {
    // An address that cannot be read is shown without what may be secret in it.
    let url = Url::parse(text).with_context(|| match text.contains(['@', '?', '#']) {
        true => "what was given is not an address".to_owned(),
        false => format!("`{text}` is not an address"),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it holds a password.
        bail!("the address holds credentials, which would end up in files and logs; take them out");
    }
    if let Some(key) = secret_key(&url) {
        // Not shown either, but for the key.
        bail!(
            "the query of the address has `{key}`, which looks like a credential and would end up in files and logs; take it out, or download the document and name the file"
        );
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        scheme => {
            bail!(
                "`{url}` is {scheme}, and only https is asked (http for this machine only); give an https address or a path"
            )
        }
    }
}

/// The first key of the query, or of the fragment, that says that its value is a secret.
fn secret_key(url: &Url) -> Option<String> {
    let texts = [url.query(), url.fragment()].into_iter().flatten();
    let mut keys = texts
        .flat_map(|it| form_urlencoded::parse(it.as_bytes()))
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, _)| key.into_owned());
    keys.find(|key| {
        let key = key.to_ascii_lowercase();
        let mut words: Vec<String> =
            key.split(|it: char| !it.is_ascii_alphanumeric()).map(str::to_owned).collect();
        words.push(words.concat());
        words.iter().any(|it| CREDENTIALS.contains(&it.as_str()))
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A file could not be had from the network, and why. Commands end with an exit code of its own.
#[derive(Debug)]
pub struct Failed(String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Asks for a file; with `etag` only if it is another one by now.
///
/// # Errors
/// With [`Failed`].
pub fn fetch(url: &Url, etag: Option<&str>, session: &Session) -> anyhow::Result<Fetched> {
    ask(url, etag, session).map_err(|why| Failed(format!("{why:#}")).into())
}

fn ask(url: &Url, etag: Option<&str>, session: &Session) -> anyhow::Result<Fetched> {
    let mut at = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let left = session.left().with_context(|| format!("cannot fetch {at}"))?;
        let mut request = session
            .client()?
            .get(at.clone())
            .timeout(left.min(SILENCE))
            .header(
                header::ACCEPT,
                "application/yaml, application/json, text/yaml, text/plain, */*;q=0.5",
            )
            .header(header::ACCEPT_ENCODING, "identity");
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let response = request
            .send()
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("cannot fetch {at}"))?;
        if response.status() == StatusCode::NOT_MODIFIED && etag.is_some() {
            return Ok(Fetched::NotModified);
        }
        if response.status().is_redirection() {
            at = next(&at, &response)?;
            continue;
        }
        if !response.status().is_success() {
            let status = response.status();
            bail!("cannot fetch {at}: the server answered {status}; {}", remedy(status));
        }
        return read(at, response, session);
    }
    bail!("cannot fetch {url}: more than {MAX_REDIRECTS} redirects")
}

/// What to do about an answer that is no document.
fn remedy(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 | 407 => {
            "it wants a login, and none is sent: download the document and name the file"
        }
        404 | 410 => {
            "the document may have moved: look for its new address, or download it and name the file"
        }
        429 | 500.. => "try again later, or download the document and name the file",
        _ => "download the document and name the file",
    }
}

/// Where a redirect leads, if it stays on the host.
fn next(at: &Url, response: &Response) -> anyhow::Result<Url> {
    let to = response.headers().get(header::LOCATION).and_then(|it| it.to_str().ok());
    let Some(to) = to else {
        bail!("cannot fetch {at}: the server answered {} and no address", response.status());
    };
    let next =
        at.join(to).with_context(|| format!("cannot fetch {at}: it redirects to no address"))?;
    let next = check(next.as_str()).with_context(|| format!("cannot fetch {at}: it redirects"))?;
    if next.host() != at.host() || next.port_or_known_default() != at.port_or_known_default() {
        bail!(
            "cannot fetch {at}: it redirects to another host, {}; if that is right, write the new address into provider.yaml",
            next.host_str().unwrap_or_default()
        );
    }
    Ok(next)
}

fn read(at: Url, response: Response, session: &Session) -> anyhow::Result<Fetched> {
    let length = response.content_length();
    if length.is_some_and(|it| it > MAX_BYTES) {
        bail!("cannot fetch {at}: it has more than {MAX_BYTES} bytes");
    }
    let header = |name| response.headers().get(name).and_then(|it| it.to_str().ok());
    let encoding = header(header::CONTENT_ENCODING).filter(|it| *it != "identity");
    if let Some(encoding) = encoding {
        bail!(
            "cannot fetch {at}: it is sent compressed ({encoding}), which was not asked for; download it, unpack it and name the file"
        );
    }
    let chunked = response.headers().contains_key(header::TRANSFER_ENCODING);
    if length.is_none() && !chunked && response.version() < reqwest::Version::HTTP_2 {
        // Half a YAML file reads like a whole one, so its length must be known.
        bail!(
            "cannot fetch {at}: the server does not say how long the file is, so half of one would pass for all"
        );
    }
    let etag = header(header::ETAG).map(str::to_owned);
    let bytes = body(response, session).with_context(|| format!("cannot fetch {at}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("cannot fetch {at}: it has more than {MAX_BYTES} bytes");
    }
    if length.is_some_and(|it| it != bytes.len() as u64) {
        bail!("cannot fetch {at}: the file is shorter than the server said");
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bail!("{at} is a gzip file; download it, unpack it and name the file");
    }
    let text = String::from_utf8(bytes).ok().with_context(|| {
        format!("{at} is not UTF-8 text; download it, save it as UTF-8 and name the file")
    })?;
    Ok(Fetched::Text { text, etag, url: at })
}

/// The body, a bit more than [`MAX_BYTES`] of it at most. A server that sends a byte now and then is never silent,
/// so the clock is looked at after each read.
fn body(response: Response, session: &Session) -> anyhow::Result<Vec<u8>> {
    let mut body = response.take(MAX_BYTES + 1);
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = body.read(&mut buffer);
        // Before the error of the read, which may be that the time is over.
        session.left()?;
        match read.context("the connection broke before the end")? {
            0 => return Ok(bytes),
            n => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}
