//! A credential as a builder was given it, and as a request carries it.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use secrecy::SecretString;

/// What a builder method was given.
pub(crate) struct Credential {
    /// Empty for a single secret.
    pub(crate) name: String,
    pub(crate) secret: SecretString,
    /// The environment variables that hold it; none where a method was called.
    pub(crate) variables: &'static [&'static str],
}

impl Credential {
    /// As a builder method was given it.
    pub(crate) fn given(name: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self { name: name.into(), secret: secret.into(), variables: &[] }
    }
}

/// What a request carries of its credentials; those of several schemes where an operation asks for them together.
#[derive(Clone, Default)]
pub(crate) struct RequestAuth {
    pub(crate) parts: Arc<[AuthPart]>,
}

/// What a request carries of one credential. The header's value is marked sensitive, so that nothing prints it.
#[derive(Clone)]
pub(crate) enum AuthPart {
    Header(HeaderName, HeaderValue),
    Cookie(HeaderValue),
    /// A piece of the query, percent-encoded.
    Query(SecretString),
}

impl RequestAuth {
    /// The secrets of headers, without the word for their kind: one may be a token that no caller ever saw.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            AuthPart::Header(_, value) => value.to_str().ok()?.rsplit(' ').next(),
            AuthPart::Cookie(_) | AuthPart::Query(_) => None,
        })
    }
}

/// What a credential is after trimming: visible ASCII, as RFC 6749 has it for secrets (`VSCHAR`) and as fits into a header
/// of every server. `Err` says what is wrong, and not by which character: it would be a part of the secret.
pub(crate) fn visible(text: &str) -> Result<&str, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("is empty")
    } else if text.chars().all(|c| matches!(c, ' '..='~')) {
        Ok(text)
    } else {
        Err("holds a character beyond visible ASCII, which cannot stand in a header")
    }
}

/// A header value that does not print. `Err` says what is wrong with the secret.
pub(crate) fn secret_header(prefix: &str, secret: &str) -> Result<HeaderValue, &'static str> {
    let text = format!("{prefix}{}", visible(secret)?);
    let mut value = HeaderValue::from_str(&text).map_err(|_| "cannot stand in a header")?;
    value.set_sensitive(true);
    Ok(value)
}
