//! Documents from the network: https only but loopback, one host, bounded in size and time.

use anyhow::{Context as _, bail};
use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    header,
    redirect::Policy,
};
use std::{io::Read as _, time::Duration};
use url::{Host, Url};

/// The largest file that is taken.
pub const MAX_BYTES: u64 = 64 << 20;
/// The longest that one file may take.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

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
    },
}

/// Whether an argument is an address and not a file.
pub fn is_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// The address, if it is one that we are willing to ask.
pub fn check(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("`{text}` is no address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it holds a password.
        bail!("the address holds credentials, which would end up in files and logs; take them out");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        scheme => {
            bail!("`{url}` is {scheme}, and only https is asked (http for this machine only)")
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Asks for a file; with `etag` only if it is another one by now.
pub fn fetch(url: &Url, etag: Option<&str>) -> anyhow::Result<Fetched> {
    let client = Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .user_agent(concat!("conversations-xtask/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("cannot start an HTTP client")?;
    let mut at = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let mut request = client.get(at.clone()).header(
            header::ACCEPT,
            "application/yaml, application/json, text/yaml, text/plain, */*;q=0.5",
        );
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
            bail!("cannot fetch {at}: the server answered {}", response.status());
        }
        return read(&at, response);
    }
    bail!("cannot fetch {url}: more than {MAX_REDIRECTS} redirects")
}

/// Where a redirect leads, if it stays on the host.
fn next(at: &Url, response: &Response) -> anyhow::Result<Url> {
    let to = response.headers().get(header::LOCATION).and_then(|it| it.to_str().ok());
    let Some(to) = to else {
        bail!("cannot fetch {at}: the server answered {} and no address", response.status());
    };
    let next = at.join(to).with_context(|| format!("cannot fetch {at}: it redirects to `{to}`"))?;
    let next = check(next.as_str()).with_context(|| format!("cannot fetch {at}: it redirects"))?;
    if next.host() != at.host() || next.port_or_known_default() != at.port_or_known_default() {
        bail!(
            "cannot fetch {at}: it redirects to another host, {}; if that is right, write the new address into provider.yaml",
            next.host_str().unwrap_or_default()
        );
    }
    Ok(next)
}

fn read(at: &Url, response: Response) -> anyhow::Result<Fetched> {
    let length = response.content_length();
    if length.is_some_and(|it| it > MAX_BYTES) {
        bail!("cannot fetch {at}: it has more than {MAX_BYTES} bytes");
    }
    let chunked = response.headers().contains_key(header::TRANSFER_ENCODING);
    if length.is_none() && !chunked && response.version() < reqwest::Version::HTTP_2 {
        // Half a YAML file reads like a whole one, so its length must be known.
        bail!(
            "cannot fetch {at}: the server does not say how long the file is, so half of one would pass for all"
        );
    }
    let etag = response.headers().get(header::ETAG).and_then(|it| it.to_str().ok());
    let etag = etag.map(str::to_owned);
    let mut bytes = Vec::new();
    response
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot fetch {at}: the connection broke before the end"))?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("cannot fetch {at}: it has more than {MAX_BYTES} bytes");
    }
    if length.is_some_and(|it| it != bytes.len() as u64) {
        bail!("cannot fetch {at}: the file is shorter than the server said");
    }
    let text = String::from_utf8(bytes).ok().with_context(|| format!("{at} is not UTF-8 text"))?;
    Ok(Fetched::Text { text, etag })
}
