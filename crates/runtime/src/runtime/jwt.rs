//! Short-lived HS256 tokens, signed here.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::clock::Clock;
use crate::Error;
use crate::credential::{Credential, secret_header};
use crate::error::Kind;

/// Signs tokens and keeps the last one for most of its life.
pub(crate) struct Minter {
    credential: Credential,
    prefix: &'static str,
    key_id_header: &'static str,
    claims: &'static [(&'static str, &'static str)],
    lifetime: Duration,
    last: Mutex<Option<Token>>,
}

/// A token as the header that carries it.
struct Token {
    value: HeaderValue,
    /// When it was signed, by both clocks: one stands still while the machine is suspended, the other may be set back.
    signed: (Instant, SystemTime),
    /// Whether it has been sent before.
    used: bool,
}

impl Minter {
    pub(crate) fn new(
        credential: Credential,
        prefix: &'static str,
        key_id_header: &'static str,
        claims: &'static [(&'static str, &'static str)],
        lifetime_seconds: u64,
    ) -> Self {
        let lifetime = Duration::from_secs(lifetime_seconds);
        Self { credential, prefix, key_id_header, claims, lifetime, last: Mutex::new(None) }
    }

    /// The header with a token that lives for at least a fifth of its time.
    pub(crate) fn header(&self, clock: &dyn Clock) -> Result<HeaderValue, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (instant, now) = (clock.instant(), clock.now());
        let good = self.lifetime.mul_f64(0.8);
        if let Some(Token { value, signed, used }) = last.as_mut()
            && instant.saturating_duration_since(signed.0) < good
            && now.duration_since(signed.1).is_ok_and(|age| age < good)
        {
            *used = true;
            return Ok(value.clone());
        }
        let value = self.mint(now)?;
        *last = Some(Token { value: value.clone(), signed: (instant, now), used: false });
        Ok(value)
    }

    /// Forgets a token that was refused. `true` where another one may do better: it was signed for an earlier call and may
    /// have expired by the server's clock. A key that is wrong stays wrong however often it signs.
    pub(crate) fn forget(&self, refused: &HeaderValue) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match last.take_if(|token| token.value == refused) {
            Some(Token { used, .. }) => used,
            // Another call has done so already.
            None => true,
        }
    }

    fn mint(&self, now: SystemTime) -> Result<HeaderValue, Error> {
        let Self { credential, prefix, key_id_header, claims, lifetime, last: _ } = self;
        let failed = |error: jsonwebtoken::errors::Error| {
            Error::new(Kind::Credential, "the token cannot be signed").with_source(error)
        };
        // Where another crate enables another signer too, jsonwebtoken panics until one is named.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut body = Map::new();
        for (name, value) in *claims {
            body.insert((*name).to_owned(), Value::from(*value));
        }
        body.insert("iat".to_owned(), now.into());
        body.insert("exp".to_owned(), (now + lifetime.as_secs()).into());
        let mut header = Header::new(Algorithm::HS256);
        match *key_id_header {
            "kid" => header.kid = Some(credential.name.clone()),
            other => {
                header.extras.insert(other.to_owned(), credential.name.clone());
            }
        }
        let key = EncodingKey::from_secret(credential.secret.expose_secret().as_bytes());
        let token = jsonwebtoken::encode(&header, &body, &key).map_err(failed)?;
        secret_header(prefix, &token)
            .map_err(|reason| Error::new(Kind::Credential, format!("the signed token {reason}")))
    }
}
