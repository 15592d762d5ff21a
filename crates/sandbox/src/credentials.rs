//! Who is asking: the security schemes of the document, what the sandbox was told to accept, and
//! the tokens that it issued itself.

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value as Json;

use super::basic::basic;
use super::check::Incoming;
use super::document::{Document, Operation};

/// What a provider's stand-in takes as proof.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepted {
    /// Keys and bearer tokens. Empty: any that is not empty.
    pub(super) values: Vec<String>,
    /// Signing secrets by key identifier. Empty: signatures are not looked at.
    pub(super) signing: BTreeMap<String, String>,
    /// Client secrets by client identifier, for the token endpoint. Empty: any.
    pub(super) clients: BTreeMap<String, String>,
}

/// Tokens that the token endpoint has issued.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) issued: BTreeMap<String, Issued>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) expires_at: i64,
    pub(super) scopes: Vec<String>,
}

/// A credential that was found good.
#[derive(Debug, Default)]
pub(super) struct Credential {
    pub(super) scheme: Option<String>,
    pub(super) claims: Option<Json>,
    pub(super) scopes: Option<Vec<String>>,
}

/// Why none was.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Refused {
    Missing,
    Unknown,
    Expired,
    Signature,
}

impl Refused {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Signature => "signature",
        }
    }
}

/// Tries the operation's alternatives in order.
pub(super) fn authorize(
    document: &Document,
    operation: &Operation,
    prefixes: &BTreeMap<String, String>,
    accepted: &Accepted,
    tokens: &Tokens,
    now: i64,
    incoming: &Incoming,
) -> Result<Credential, Refused> {
    let mut worst = Refused::Missing;
    if operation.security.is_empty() {
        return Ok(Credential::default());
    }
    for alternative in &operation.security {
        let mut credential = Credential::default();
        let mut refused = None;
        for scheme in alternative {
            let prefix = prefixes.get(scheme).map(String::as_str);
            match present(document, scheme, prefix, incoming)
                .ok_or(Refused::Missing)
                .and_then(|value| verify(&value, accepted, tokens, now, &mut credential))
            {
                Ok(()) => credential.scheme = Some(scheme.clone()),
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            None => return Ok(credential),
            Some(why) => worst = worst.max(why),
        }
    }
    Err(worst)
}

/// The credential of a scheme, without its prefix, when it is there and not empty.
fn present(
    document: &Document,
    scheme: &str,
    prefix: Option<&str>,
    incoming: &Incoming,
) -> Option<String> {
    let scheme = document.scheme(scheme)?;
    let text = |key: &str| scheme.get(key).and_then(Json::as_str);
    let (value, prefix) = match text("type")? {
        "apiKey" => {
            let name = text("name")?;
            let value = match text("in")? {
                "query" => incoming.query(name),
                "cookie" => incoming.cookie(name),
                _ => incoming.header(name),
            }?;
            // Whoever declares a bearer token as an API key sends the word with it.
            (
                value,
                prefix.unwrap_or(if name.eq_ignore_ascii_case("authorization") {
                    "Bearer "
                } else {
                    ""
                }),
            )
        }
        "http" if text("scheme").is_some_and(|it| it.eq_ignore_ascii_case("basic")) => {
            let value = incoming.header("authorization")?;
            let pair = basic(value).filter(|(id, secret)| !id.is_empty() && !secret.is_empty())?;
            return Some(format!("{}:{}", pair.0, pair.1));
        }
        kind => {
            // Digest, HOBA and the like are recognised by their name; what they say is not looked at.
            let name = text("scheme").filter(|_| kind == "http").unwrap_or("Bearer");
            let (word, value) = incoming.header("authorization")?.split_once(' ')?;
            if !word.eq_ignore_ascii_case(name) {
                return None;
            }
            (value, "")
        }
    };
    let value = if starts_with(value, prefix) { &value[prefix.len()..] } else { value };
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}

fn verify(
    value: &str,
    accepted: &Accepted,
    tokens: &Tokens,
    now: i64,
    credential: &mut Credential,
) -> Result<(), Refused> {
    if let Some(issued) = tokens.issued.get(value) {
        credential.scopes = Some(issued.scopes.clone());
        return if issued.expires_at > now { Ok(()) } else { Err(Refused::Expired) };
    }
    // HTTP Basic with the identifier and the secret that sign tokens elsewhere.
    if let Some((id, secret)) = value.split_once(':')
        && let Some(known) = accepted.signing.get(id)
    {
        return if known == secret { Ok(()) } else { Err(Refused::Unknown) };
    }
    let looks_signed = value.split('.').count() == 3;
    if looks_signed {
        credential.claims =
            jsonwebtoken::dangerous::insecure_decode::<Json>(value).ok().map(|it| it.claims);
        if !accepted.signing.is_empty() {
            return signature(value, &accepted.signing);
        }
    }
    let listed = accepted.values.iter().any(|it| it == value);
    let anything = accepted.values.is_empty() && accepted.signing.is_empty();
    if listed || anything { Ok(()) } else { Err(Refused::Unknown) }
}

fn signature(token: &str, keys: &BTreeMap<String, String>) -> Result<(), Refused> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Signature)?;
    let secret = header.kid.as_ref().and_then(|kid| keys.get(kid)).ok_or(Refused::Unknown)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    match jsonwebtoken::decode::<Json>(
        token,
        &DecodingKey::from_secret(secret.as_bytes()),
        &validation,
    ) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            jsonwebtoken::errors::ErrorKind::ExpiredSignature => Err(Refused::Expired),
            _ => Err(Refused::Signature),
        },
    }
}
