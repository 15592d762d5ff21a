//! An answer of status 2xx, and the reading of its body.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::Kind;
use crate::response::Meta;
use crate::{Delivery, Error, Operation, Response};

/// An answer of status 2xx whose body has been read but not decoded.
pub struct Answer {
    pub(crate) operation: &'static Operation,
    pub(crate) meta: Meta,
    pub(crate) body: Bytes,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("operation", &self.operation.id())
            .field("status", &self.meta.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The status, for operations whose type depends on it.
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        self.meta.status
    }

    /// Whether there is no body.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Where it is no JSON of this type.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        match decode(&self.body, &self.meta.headers) {
            Ok(value) => Ok(Response::new(value, self.meta)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The body as a JSON object. A list is refused: a derived structure would read it by position.
    ///
    /// # Errors
    /// Where it is no JSON of this type.
    pub fn json_object<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let first = without_mark(&self.body).iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            let text = "the answer is a JSON list where an object was expected";
            return Err(self.fail(Error::new(Kind::Decode, text)));
        }
        self.json()
    }

    /// The body as JSON; an empty body and `null` are absent.
    ///
    /// # Errors
    /// Where there is a body that is no JSON of this type.
    pub fn json_optional<T: DeserializeOwned>(self) -> Result<Response<Option<T>>, Error> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Response::new(None, self.meta));
        }
        self.json()
    }

    /// No value: whatever body there is, it is ignored.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn empty(self) -> Result<Response<()>, Error> {
        Ok(Response::new((), self.meta))
    }

    /// The body as it came.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        Ok(Response::new(self.body, self.meta))
    }

    /// The body as text, by the charset of its content type; bytes that are none become U+FFFD.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn text(self) -> Result<Response<String>, Error> {
        let text = match is_latin1(&self.meta.headers) {
            true => latin1(&self.body),
            false => String::from_utf8_lossy(without_mark(&self.body)).into_owned(),
        };
        Ok(Response::new(text, self.meta))
    }

    /// Adds what is known of the answer to a failure to read it.
    pub(crate) fn fail(self, error: Error) -> Error {
        let Meta { status, headers, rate_limit, request_id, attempts, idempotency_key } = self.meta;
        error
            .with_operation(self.operation)
            .with_answer(status, headers)
            .with_body(self.body)
            .with_rate_limit(rate_limit)
            .with_request_id(request_id)
            .with_attempts(attempts)
            .with_idempotency_key(idempotency_key)
            .with_delivery(Delivery::Yes)
    }
}

/// Reads JSON; an error names the place and what was found instead.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], headers: &HeaderMap) -> Result<T, Error> {
    let body = without_mark(body);
    let quick = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if is_latin1(headers)
        && std::str::from_utf8(body).is_err()
        && let Ok(value) = serde_json::from_str(&latin1(body))
    {
        return Ok(value);
    }
    let media = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.map(|media| media.split(';').next().unwrap_or_default().trim());
    let found = if body.iter().all(u8::is_ascii_whitespace) {
        "the answer has no body where JSON was expected".to_owned()
    } else if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        "the answer is JSON of another form than documented".to_owned()
    } else if let Some(media) = media.filter(|media| !media.to_ascii_lowercase().contains("json")) {
        let plain = media.chars().all(|c| c.is_ascii_alphanumeric() || "/+-.".contains(c));
        format!("the answer is {} where JSON was expected", if plain { media } else { "something" })
    } else if quick.is_eof() {
        "the answer is JSON that ends early".to_owned()
    } else {
        "the answer is no JSON".to_owned()
    };
    Err(Error::new(Kind::Decode, found)
        .with_json_path(path_of::<T>(body))
        .with_source(Plain::of(&quick)))
}

/// The place where decoding fails, found by decoding once more with a tracker.
fn path_of<T: DeserializeOwned>(body: &[u8]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let error = serde_path_to_error::deserialize::<_, T>(&mut reader).err()?;
    // Text that is no JSON, or ends early, has no place of the document that would be wrong.
    if !error.inner().is_data() {
        return None;
    }
    let path = error.path().to_string();
    (path != ".").then_some(path)
}

/// Where and in what class decoding failed. The error of serde_json itself quotes values of the body, which may be a
/// customer's words.
#[derive(Debug)]
struct Plain {
    class: &'static str,
    line: usize,
    column: usize,
}

impl Plain {
    fn of(error: &serde_json::Error) -> Self {
        let class = match error.classify() {
            serde_json::error::Category::Io => "reading failed",
            serde_json::error::Category::Syntax => "syntax error",
            serde_json::error::Category::Data => "a value of another type or a missing property",
            serde_json::error::Category::Eof => "unexpected end",
        };
        Self { class, line: error.line(), column: error.column() }
    }
}

impl std::fmt::Display for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { class, line, column } = self;
        write!(f, "{class} at line {line}, column {column}")
    }
}

impl std::error::Error for Plain {}

/// The body without the byte order mark that some servers put before UTF-8.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn is_latin1(headers: &HeaderMap) -> bool {
    let media = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().to_ascii_lowercase();
    ["iso-8859-1", "latin1", "windows-1252"].iter().any(|charset| media.contains(charset))
}

fn latin1(body: &[u8]) -> String {
    body.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::decode;

    #[test]
    fn only_a_wrong_value_has_a_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Thing {
            #[allow(dead_code)]
            n: u32,
        }
        for (body, path) in
            [(r#"{"n":"x"}"#, Some("n")), (r#"{"n":1"#, None), (r#"{"n":"#, None), ("<p>", None)]
        {
            let error = decode::<Thing>(body.as_bytes(), &HeaderMap::new()).map(|_| ()).err();
            let found = error.as_ref().map(|error| error.json_path().map(str::to_owned));
            assert_eq!(found, Some(path.map(str::to_owned)), "{body}");
        }
    }
}
