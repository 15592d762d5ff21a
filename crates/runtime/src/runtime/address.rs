//! Addresses that a credential may be sent to.

use url::{Host, Url};

use super::provider::Provider;
use crate::Error;

/// The base URL, or why it cannot be one.
pub(crate) fn parse_base(provider: &Provider, given: Option<&str>) -> Result<Url, Error> {
    let title = provider.title;
    let text = given.or(provider.servers.first().copied()).ok_or_else(|| {
        Error::configuration(format!("{title} has no default server: call `base_url`"))
    })?;
    parse_safe_url("base URL", "base_url", text)
}

/// A URL that a credential may be sent to.
pub(crate) fn parse_safe_url(what: &str, method: &str, text: &str) -> Result<Url, Error> {
    let refuse = |reason: &str| {
        Error::configuration(format!("the {what} {reason}; correct the argument of `{method}`"))
    };
    let url = Url::parse(text.trim()).map_err(|_| refuse("is no absolute URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(refuse("is neither https nor http"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(refuse("is http, which would show the credential to the network: use https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("holds a user name or password: use the methods for credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or fragment"));
    }
    Ok(url)
}

/// Whether a URL points to this machine, by its text alone: a name that resolves here may resolve elsewhere tomorrow.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
