//! The escape hatch: any request below the base URL, with the client's credential, limits and retries.

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::body::{FilePart, Part};
use super::call::{Call, Piece};
use super::constraints::Constraints;
use super::core::Core;
use super::segment;
use super::send::sent;
use super::style::{Style, encode_component};
use crate::{CallOptions, Error, Response};

/// A request that no typed method has. Faults are kept until `send`.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct RawCall {
    call: Result<Call, Error>,
}

impl Core {
    /// A call of anything below the base URL, for what the typed methods do not have (yet).
    pub fn request(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(self, method, path)
    }
}

impl RawCall {
    pub(crate) fn new(core: &Core, method: Method, path: &str) -> Self {
        let operation = core.provider().request(&method);
        let mut call = Call::new(core, operation, CallOptions::new());
        call.method = method;
        let encoded = encode_path(path).map(|path| vec![Piece::Text(path.into())]);
        let call = match encoded {
            Ok(pieces) => {
                call.path = pieces;
                Ok(call)
            }
            Err(reason) => Err(call.refuse("path", "path", reason)),
        };
        Self { call }
    }

    /// Adds a query parameter; lists repeat its name, `None` is absent.
    pub fn query<T: Serialize>(self, name: &str, value: T) -> Self {
        self.and(|call| call.query(name, Ok(value), Style::FORM, &Constraints::ANY))
    }

    /// Adds a header. `Content-Type` replaces the one of the body; headers that follow from the call, such as
    /// `Content-Length`, `Transfer-Encoding`, `Host` and `Connection`, are refused.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.and(|call| call.header(name, Ok(value), Style::SIMPLE, &Constraints::ANY))
    }

    /// Sets a JSON body.
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        self.and(|call| call.json("application/json", Ok(Some(value)), &Constraints::ANY))
    }

    /// Sets a body of any media type.
    pub fn body(self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.and(|call| call.bytes(media_type, Ok(Some(body.into().into()))))
    }

    /// Adds a text to a multipart body (`multipart/form-data`). The first part replaces a body of another kind.
    pub fn part(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.with_part(Part::new(name.into(), text.into(), None))
    }

    /// Adds a file to a multipart body, as [`part`](Self::part) adds a text.
    pub fn file(self, name: impl Into<String>, file: FilePart) -> Self {
        self.with_part(Part::file(name.into(), file))
    }

    fn with_part(self, part: Part) -> Self {
        self.and(|call| {
            call.payload.add(part);
            Ok(())
        })
    }

    /// Says whether repeating the request does no harm. The default is what HTTP says of its method.
    pub fn idempotent(self, idempotent: bool) -> Self {
        self.and(|call| {
            call.options.overrides_mut().idempotent = Some(idempotent);
            Ok(())
        })
    }

    /// Settings of this call. They replace an earlier [`idempotent`](Self::idempotent).
    pub fn options(self, options: CallOptions) -> Self {
        self.and(|call| {
            call.options = options;
            Ok(())
        })
    }

    /// Sends the request and returns the body as it came. Dropping the future ends the call; a request that has left may take
    /// effect all the same.
    ///
    /// # Errors
    /// As every operation.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        sent(self.call, Answer::bytes).await
    }

    /// Sends the request and reads the answer as JSON.
    ///
    /// # Errors
    /// As every operation.
    pub async fn send_json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        sent(self.call, Answer::json::<super::de::Plain, T>).await
    }

    fn and(self, change: impl FnOnce(&mut Call) -> Result<(), Error>) -> Self {
        let call = self.call.and_then(|mut call| change(&mut call).map(|()| call));
        Self { call }
    }
}

/// Encodes a path segment by segment; percent-encoded text is taken as it is.
fn encode_path(path: &str) -> Result<String, &'static str> {
    if path.contains(['?', '#']) {
        return Err("has a query or fragment: use `query`");
    }
    let mut encoded = String::new();
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        let text = percent_encoding::percent_decode_str(part).decode_utf8();
        let text = text.map_err(|_| "is not UTF-8 when percent-decoded")?;
        encoded.push('/');
        segment::check(&text)?;
        encoded.push_str(&encode_component(&text));
    }
    Ok(encoded)
}
