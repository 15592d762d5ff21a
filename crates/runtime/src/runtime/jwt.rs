//! Short-lived HS256 tokens, signed here.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::auth::{Credential, secret_header};
use super::clock::Clock;
use crate::Error;
use crate::error::Kind;

/// Signs tokens and keeps the last one for most of its life.
pub(crate) struct Minter {
    credential: Credential,
    prefix: &'static str,
    key_id_header: &'static str,
    claims: &'static [(&'static str, &'static str)],
    lifetime: Duration,
    last: Mutex<Option<(HeaderValue, Instant)>>,
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
        if let Some((value, renew_at)) = last.as_ref()
            && clock.instant() < *renew_at
        {
            return Ok(value.clone());
        }
        let value = self.mint(clock)?;
        *last = Some((value.clone(), clock.instant() + self.lifetime.mul_f64(0.8)));
        Ok(value)
    }

    /// Forgets a token that was refused; `true`, for another can be signed.
    pub(crate) fn forget(&self, refused: &HeaderValue) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.take_if(|(value, _)| value == refused);
        // A key that is wrong stays wrong however often it signs; only age can be cured.
        false
    }

    fn mint(&self, clock: &dyn Clock) -> Result<HeaderValue, Error> {
        let Self { credential, prefix, key_id_header, claims, lifetime, last: _ } = self;
        let failed = |error: jsonwebtoken::errors::Error| {
            Error::new(Kind::Credential, "the token cannot be signed").with_source(error)
        };
        // Where another crate enables another signer too, jsonwebtoken panics until one is named.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let now = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
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
        secret_header("the client's builder", prefix, &token)
    }
}
