//! The secret of a webhook, and what of a request may be it.

use std::borrow::Cow;
use std::fmt;

use hmac_sha256::Hash;
use http::Uri;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};

/// The secret by which a receiver knows the vendor's webhooks from anybody else's.
///
/// Whether it stands in a header or in the address that you registered, the module `events` of each provider says. It never
/// prints, and is compared in constant time. An empty one fits nothing.
///
/// ```
/// use conversations::WebhookSecret;
///
/// let secret = WebhookSecret::new("f3Yk0qZ1x8");
/// // While the vendor changes from an old secret to a new one, both are accepted.
/// let both = WebhookSecret::new("new-f3Yk0qZ1x8").or("old-Qm4Tz7");
/// assert_eq!(format!("{both:?}"), "WebhookSecret(..)");
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    accepted: Vec<SecretString>,
}

impl WebhookSecret {
    /// Accepts this secret.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self { accepted: vec![secret.into()] }
    }

    /// Accepts another one as well: secrets change without an outage.
    #[must_use]
    pub fn or(mut self, secret: impl Into<SecretString>) -> Self {
        self.accepted.push(secret.into());
        self
    }

    /// Whether one of the texts is an accepted secret. Digests are compared, so that the time shows no length either; each
    /// text is compared with each secret, whatever the result of others.
    pub(super) fn is_among<'t>(&self, texts: impl Iterator<Item = Cow<'t, [u8]>>) -> bool {
        let mut found = false;
        for text in texts {
            let given = Hash::hash(&text);
            for secret in &self.accepted {
                let secret = secret.expose_secret();
                // `&` and `|=` look at both sides always.
                found |= Hash::verify(secret, &given) & !secret.is_empty();
            }
        }
        found
    }
}

impl From<&str> for WebhookSecret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl From<String> for WebhookSecret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<SecretString> for WebhookSecret {
    fn from(secret: SecretString) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// What of an address may be the secret: each segment of the path, each value of the query, and a query without a name.
pub(super) fn parts_of(uri: &Uri) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let segments = uri.path().split('/');
    let pairs = uri.query().unwrap_or_default().split('&');
    let values = pairs.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    segments.chain(values).map(|it| percent_decode_str(it).into())
}
