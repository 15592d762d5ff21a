//! An answer that is a result, and the reading of its body.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::value::texts;
use crate::error::Kind;
use crate::reading::de::{Form, Nullable, Plain};
use crate::reading::{self, Skipped, charset, unread_coding};
use crate::redact::Censor;
use crate::response::Meta;
use crate::{Delivery, Error, Operation, Redirect, Response};

/// The part of an answer that has not been read.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) response: reqwest::Response,
    /// The longest wait for what comes next.
    pub(crate) silence: Duration,
    /// The longest item.
    pub(crate) most: usize,
}

/// An answer of status 2xx, or a redirect that the document lists, whose body has been read but not decoded.
pub struct Answer {
    pub(crate) operation: &'static Operation,
    /// Where a redirect leads.
    pub(crate) location: Option<Box<Url>>,
    pub(crate) meta: Box<Meta>,
    pub(crate) body: Bytes,
    /// What comes behind the body, where the operation hands its answer over before its end.
    pub(crate) rest: Option<Box<Rest>>,
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

    /// The body as JSON of this form. Where a call that changes something is answered without the documented body, all that
    /// the value may lack is absent, and [`Response::skipped`] says that there was no body.
    ///
    /// # Errors
    /// Where it is not such JSON, however leniently read.
    pub fn json<F: for<'de> Form<'de, T>, T>(self) -> Result<Response<T>, Error> {
        // By itself, so that the value is moved as little as can be.
        if let Ok(value) = reading::strictly::<F, T>(&self.body) {
            return Ok(Response::new(value, self.meta));
        }
        let is_safe = matches!(self.operation.method(), "GET" | "HEAD");
        if !is_safe && self.body.iter().all(u8::is_ascii_whitespace) {
            let nothing = [&b"null"[..], b"{}"].into_iter();
            let mut absent = nothing.map(|text| read::<F, T>(text, &HeaderMap::new()));
            let Some((value, _)) = absent.find_map(Result::ok) else {
                let text = "the call was carried out, and its answer lacks the documented body";
                return Err(self.fail(Error::new(Kind::Decode, text)));
            };
            let skipped = vec![Skipped::new(String::new(), "the answer has no body".to_owned())];
            report(self.operation, &skipped);
            return Ok(Response::without(value, self.meta, skipped));
        }
        match read::<F, T>(&self.body, &self.meta.headers) {
            Ok((value, skipped)) => {
                let censor = &self.meta.censor;
                let skipped: Vec<_> = skipped.into_iter().map(|it| it.censored(censor)).collect();
                report(self.operation, &skipped);
                Ok(Response::without(value, self.meta, skipped))
            }
            Err(error) => Err(self.misread(error)),
        }
    }

    /// The body as JSON of this form; an empty body is an object without members, or any JSON value's null.
    ///
    /// # Errors
    /// Where there is a body that is not such JSON, however leniently read.
    pub fn json_or_empty<F: for<'de> Form<'de, T>, T: Default>(self) -> Result<Response<T>, Error> {
        match self.body.iter().all(u8::is_ascii_whitespace) {
            true => Ok(Response::new(T::default(), self.meta)),
            false => self.json::<F, T>(),
        }
    }

    /// The body as JSON of this form; an empty body and `null` are absent.
    ///
    /// # Errors
    /// Where there is a body that is not such JSON, however leniently read.
    pub fn json_optional<F: for<'de> Form<'de, T>, T>(self) -> Result<Response<Option<T>>, Error> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Response::new(None, self.meta));
        }
        self.json::<Nullable<F>, _>()
    }

    /// Where a redirect leads.
    ///
    /// # Errors
    /// Where it does not say so.
    pub fn redirect(mut self) -> Result<Response<Redirect>, Error> {
        match self.location.take() {
            Some(url) => Ok(Response::new(Redirect::new(*url), self.meta)),
            None => {
                let text = "the server redirects, and its `Location` is missing or is not a URL";
                Err(self.fail(Error::new(Kind::Decode, text)))
            }
        }
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
    /// Where the body is compressed: its text would be noise.
    pub fn text(self) -> Result<Response<String>, Error> {
        if let Some(coding) = unread_coding(&self.meta.headers).filter(|_| !self.is_empty()) {
            return Err(self.fail(Error::new(Kind::Decode, coding)));
        }
        let text = charset::text(&self.body, &self.meta.headers).into_owned();
        Ok(Response::new(text, self.meta))
    }

    /// Adds what is known of the answer to a failure to read all of it, and the vendor's code and message where it has a
    /// code: some servers answer a call that failed with a status of success.
    pub(crate) fn misread(self, error: Error) -> Error {
        let body: Value = decode(&self.body, &self.meta.headers).unwrap_or_default();
        let Meta { censor, words, .. } = &*self.meta;
        let found = |places: &[&'static str]| {
            let texts = texts(&body, places.iter().copied()).into_iter();
            texts.map(|text| censor.text(text)).collect::<Vec<_>>()
        };
        let codes = found(words.code);
        let message = found(words.message).into_iter().next().filter(|_| !codes.is_empty());
        self.fail(error.with_vendor(codes, message))
    }

    /// Adds what is known of the answer to a failure to read a part of it.
    pub(crate) fn fail(self, error: Error) -> Error {
        let meta = *self.meta;
        let Meta { status, headers, rate_limit, request_id, attempts, idempotency_key, .. } = meta;
        error
            .with_censor(meta.censor)
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

/// Reads JSON as [`read`] does, where nobody asks what was left out.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], headers: &HeaderMap) -> Result<T, Error> {
    read::<Plain, T>(body, headers).map(|(value, _)| value)
}

/// Reads JSON, strictly and where that fails leniently, and says what was left out.
///
/// # Errors
/// Where it is not JSON, or a required part cannot be read, with its place.
pub fn read<F: for<'de> Form<'de, T>, T>(
    body: &[u8],
    headers: &HeaderMap,
) -> Result<(T, Vec<Skipped>), Error> {
    reading::read::<F, T>(body, headers).map_err(Error::from)
}

/// Reads a part of an answer, such as an item of a page that stands at `path`: strictly, and where that fails leniently. What
/// was left out is reported.
pub(crate) fn read_part<T: DeserializeOwned>(
    part: &[u8],
    path: impl FnOnce() -> String,
    operation: &'static Operation,
    censor: Option<&Censor>,
) -> Result<T, Error> {
    let (value, skipped) = reading::read_below::<Plain, T>(part, &HeaderMap::new(), path)?;
    let censored = |it: Skipped| match censor {
        Some(censor) => it.censored(censor),
        None => it,
    };
    report(operation, &skipped.into_iter().map(censored).collect::<Vec<_>>());
    Ok(value)
}

/// Says in the trace what was left out of an answer; each place alone up to a number that a reader of logs can bear.
pub(crate) fn report(operation: &'static Operation, skipped: &[Skipped]) {
    const NAMED: usize = 16;
    let id = operation.id();
    for skipped in skipped.iter().take(NAMED) {
        let (path, reason) = (skipped.path(), skipped.reason());
        tracing::warn!(
            operation = id,
            path,
            reason,
            "a part of the answer cannot be read and was left out"
        );
    }
    if let Some(more) = skipped.len().checked_sub(NAMED).filter(|more| *more > 0) {
        tracing::warn!(
            operation = id,
            more,
            "further parts of the answer cannot be read and were left out"
        );
    }
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
