//! Who is asking: the security schemes of the document, what the sandbox is set to accept, and
//! the tokens that it issued itself.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conversations_runtime::runtime::{AuthKind, Provider as Client};
use hmac_sha256::HMAC;
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
    client: &Client,
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
            match present(document, scheme, prefix(client, scheme), incoming)
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

/// What the client writes before the credential of a scheme.
fn prefix(client: &Client, scheme: &str) -> Option<&'static str> {
    let auth = client.auth().iter().find(|it| it.scheme() == scheme)?;
    match auth.kind() {
        AuthKind::Header { prefix, .. } | AuthKind::JwtHs256 { prefix, .. } => Some(prefix),
        _ => None,
    }
    .filter(|it| !it.is_empty())
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
    if value.split('.').count() == 3 {
        credential.claims = value.split('.').nth(1).and_then(json_part);
        if !accepted.signing.is_empty() {
            return signature(value, &accepted.signing, now);
        }
    }
    let listed = accepted.values.iter().any(|it| it == value);
    let anything = accepted.values.is_empty() && accepted.signing.is_empty();
    if listed || anything { Ok(()) } else { Err(Refused::Unknown) }
}

/// A token of RFC 7519, signed by HS256; `now` is in milliseconds, as the sandbox counts.
fn signature(token: &str, keys: &BTreeMap<String, String>, now: i64) -> Result<(), Refused> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Signature)?;
    let (header, claims) = signed.split_once('.').ok_or(Refused::Signature)?;
    let header = json_part(header).ok_or(Refused::Signature)?;
    let claims = json_part(claims).ok_or(Refused::Signature)?;
    let secret = header["kid"].as_str().and_then(|kid| keys.get(kid)).ok_or(Refused::Unknown)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Signature)?;
    let signature = signature.try_into().map_err(|_| Refused::Signature)?;
    if header["alg"] != "HS256" || !HMAC::verify(signed, secret, &signature) {
        return Err(Refused::Signature);
    }
    match claims.get("exp").map(Json::as_f64) {
        None => Ok(()),
        Some(Some(end)) if end * 1000.0 > now as f64 => Ok(()),
        Some(_) => Err(Refused::Expired),
    }
}

/// The JSON of a part of a token.
fn json_part(text: &str) -> Option<Json> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
