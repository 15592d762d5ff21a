//! Short-lived HS256 tokens, signed here.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac_sha256::HMAC;
use http::HeaderValue;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

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
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut body = json!({});
        for (name, value) in *claims {
            body[*name] = Value::from(*value);
        }
        body["iat"] = now.into();
        body["exp"] = (now + lifetime.as_secs()).into();
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        header[*key_id_header] = Value::from(credential.name.as_str());
        let key = credential.secret.expose_secret().as_bytes();
        let token = sign(key, &header.to_string(), &body.to_string());
        secret_header(prefix, &token)
            .map_err(|reason| Error::new(Kind::Credential, format!("the signed token {reason}")))
    }
}

/// A token signed by HMAC with SHA-256 (RFC 7515 with the algorithm HS256 of RFC 7518, section 3.2).
fn sign(key: &[u8], header: &str, body: &str) -> String {
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(body));
    let signature = HMAC::mac(&token, key);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

#[cfg(test)]
#[test]
fn the_example_of_the_standard_is_signed_alike() {
    // RFC 7515, appendix A.1.
    let key =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = URL_SAFE_NO_PAD.decode(key).unwrap();
    let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
    let body = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(
        sign(&key, header, body),
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
}
