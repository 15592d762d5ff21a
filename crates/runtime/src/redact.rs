//! What a server sends back and an error prints, without the credentials that it may repeat.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::credential::{Credential, RequestAuth};

const CENSORED: &str = "[censored]";

/// Shorter secrets are found as whole words only: one of two letters would be a part of many words.
const LONG: usize = 8;

/// How often a text is percent-decoded in search of a secret; gateways encode what is encoded already.
const MOST_DECODINGS: usize = 3;

/// Replaces the credentials of a client in texts that a server sent.
pub(crate) struct Redactor {
    /// The secrets as they were given and in the forms of HTTP Basic.
    forms: Vec<SecretString>,
}

impl Redactor {
    /// For these credentials, whichever of them is sent.
    pub(crate) fn new<'c>(credentials: impl Iterator<Item = &'c Credential>) -> Self {
        let mut forms = Vec::new();
        for Credential { name, secret, variables: _ } in credentials {
            // As they are sent.
            let (name, secret) = (name.trim().to_owned(), secret.expose_secret().trim());
            if secret.is_empty() {
                continue;
            }
            // Padding is left out, so that the form is found with and without it.
            let mut encoded = vec![secret.to_owned()];
            if !name.is_empty() {
                encoded.push(format!("{name}:{secret}"));
                // RFC 6749, section 2.3.1: id and secret of a client are encoded before they are joined.
                let [name, secret] = [name.as_str(), secret]
                    .map(|it| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string());
                encoded.push(format!("{name}:{secret}"));
            }
            forms.push(SecretString::from(secret));
            for text in encoded {
                forms.push(STANDARD_NO_PAD.encode(&text).into());
                forms.push(URL_SAFE_NO_PAD.encode(&text).into());
            }
        }
        // The longest first, so that no part of it remains.
        forms.sort_by_key(|it| std::cmp::Reverse(it.expose_secret().len()));
        Self { forms }
    }

    /// The text without credentials and without what its request carried.
    fn redact(&self, auth: &RequestAuth, text: String) -> String {
        let forms = auth.tokens().chain(self.forms.iter().map(|it| it.expose_secret()));
        let forms: Vec<&str> = forms.collect();
        let mut seen = Cow::Borrowed(text.as_str());
        for _ in 0..=MOST_DECODINGS {
            if let Some(redacted) = without(&seen, &forms) {
                return redacted;
            }
            let decoded = percent_decode_str(&seen).decode_utf8_lossy().into_owned();
            if decoded == *seen {
                break;
            }
            seen = Cow::Owned(decoded);
        }
        text
    }
}

/// A redactor for the answer to one request, which knows what that request carried.
#[derive(Clone)]
pub(crate) struct Censor {
    redactor: Arc<Redactor>,
    auth: RequestAuth,
}

impl Censor {
    pub(crate) fn new(redactor: &Arc<Redactor>, auth: &RequestAuth) -> Self {
        Self { redactor: Arc::clone(redactor), auth: auth.clone() }
    }

    /// The text without credentials.
    pub(crate) fn text(&self, text: String) -> String {
        self.redactor.redact(&self.auth, text)
    }
}

/// The text with each of the secrets replaced; `None` where it holds none.
fn without(text: &str, secrets: &[&str]) -> Option<String> {
    let mut out: Option<String> = None;
    for secret in secrets {
        let text = out.as_deref().unwrap_or(text);
        let found: Vec<usize> = places(text, secret);
        if found.is_empty() {
            continue;
        }
        let mut redacted = String::with_capacity(text.len());
        let mut from = 0;
        for at in found {
            redacted.push_str(text.get(from..at).unwrap_or_default());
            redacted.push_str(CENSORED);
            from = at + secret.len();
        }
        redacted.push_str(text.get(from..).unwrap_or_default());
        out = Some(redacted);
    }
    out
}

/// Where the secret stands in the text, in whichever case: keys of hexadecimal digits are the same in both.
fn places(text: &str, secret: &str) -> Vec<usize> {
    if secret.is_empty() {
        return Vec::new();
    }
    let (text, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let part_of_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    let whole = |at: usize| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + secret.len()..).and_then(|it| it.chars().next());
        !part_of_word(before) && !part_of_word(after)
    };
    let found = text.match_indices(&secret).map(|(at, _)| at);
    found.filter(|at| secret.len() >= LONG || whole(*at)).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::{Credential, Redactor, RequestAuth};
    use crate::credential::AuthPart;

    #[test]
    fn every_form_of_a_credential_is_found() {
        let credential = |name: &str, secret: &str| Credential::given(name, secret.to_owned());
        let given =
            [credential("", "k+y/1234?=&"), credential("me", "pass>>>word?"), credential("", "ab")];
        let redactor = Redactor::new(given.iter());
        let value = HeaderValue::from_static("Bearer eyJhbGciOi.J9x.s1g");
        let auth = RequestAuth { parts: [AuthPart::Header(header::AUTHORIZATION, value)].into() };
        let cases = [
            ("nothing of the kind", None),
            ("100 % of about 3%zz", None),
            ("no k+y/1234?=& here", Some("no [censored] here")),
            ("K+Y/1234?=&k+y/1234?=&", Some("[censored][censored]")),
            ("key=k%2By%2f1234%3F%3D%26", Some("key=[censored]")),
            ("key=k%252By%252f1234%253F%253D%2526", Some("key=[censored]")),
            ("Basic bWU6cGFzcz4+PndvcmQ/", Some("Basic [censored]")),
            ("Basic bWU6cGFzcz4%2BPndvcmQ%2F", Some("Basic [censored]")),
            ("Basic bWU6cGFzcz4-PndvcmQ_", Some("Basic [censored]")),
            ("me:pass>>>word?", Some("me:[censored]")),
            // id and secret encoded first, then in base64.
            ("bWU6cGFzcyUzRSUzRSUzRXdvcmQlM0Y=", Some("[censored]=")),
            ("token eyJhbGciOi.J9x.s1g", Some("token [censored]")),
            // A short one is not looked for inside words.
            ("cabs and ab", Some("cabs and [censored]")),
            ("cabs", None),
            ("é ab é", Some("é [censored] é")),
        ];
        for (text, expected) in cases {
            let expected = expected.unwrap_or(text);
            assert_eq!(redactor.redact(&auth, text.to_owned()), expected, "{text}");
        }
    }
}
