//! A call on its way: parameters are checked and encoded as they are added, so that `send` can fail only on the network.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde_json::Value;

use super::body::{Encoding, Payload, form_text, parts};
use super::constraints::Constraints;
use super::core::Core;
use super::headers::FRAMING;
use super::segment;
use super::style::{Place, Style};
use super::value::{Gaps, are_missing, scalar};
use crate::{CallOptions, Error, Location, Operation};

/// One call of an operation. In a place of its own, since futures that hold it are moved about.
#[derive(Clone)]
pub struct Call(Box<Inner>);

/// What a call consists of.
#[derive(Clone)]
pub struct Inner {
    pub(crate) core: Core,
    pub(crate) operation: &'static Operation,
    pub(crate) options: CallOptions,
    pub(crate) method: Method,
    /// The path below the base URL, as far as its parameters are filled in.
    pub(crate) path: Vec<Piece>,
    pub(crate) query: Vec<(String, Vec<String>)>,
    pub(crate) headers: HeaderMap,
    pub(crate) cookies: Vec<String>,
    pub(crate) payload: Payload,
    /// The idempotency key, given or made.
    pub(crate) key: Option<String>,
    /// Whether the key stands in the body, for operations that take it there.
    pub(crate) key_in_body: bool,
    /// What must be given and was not.
    missing: Vec<&'static str>,
}

/// A part of a path: text of the template, or a parameter with its encoded value.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Cow<'static, str>),
    Parameter(&'static str, Option<String>),
}

impl Deref for Call {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl DerefMut for Call {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.0
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.id())
            .field("path", &self.operation.path())
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A call of an operation, to be filled with its parameters.
    #[must_use]
    pub fn new(core: &Core, operation: &'static Operation, options: CallOptions) -> Self {
        let method = Method::from_bytes(operation.method().as_bytes()).unwrap_or(Method::GET);
        let key = operation.idempotency_key().map(|_| {
            options
                .overrides()
                .idempotency_key
                .clone()
                .unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
        });
        Self(Box::new(Inner {
            core: core.clone(),
            operation,
            options,
            method,
            path: pieces(operation.path()),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            payload: Payload::None,
            key,
            key_in_body: false,
            missing: Vec::new(),
        }))
    }

    /// What was given for something that a call must have; [`complete`](Self::complete) reports what was not.
    ///
    /// # Errors
    /// Those of `value`.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        value: Result<Option<T>, String>,
    ) -> Result<Option<T>, String> {
        if let Ok(None) = value {
            self.missing.push(name);
        }
        value
    }

    /// The body that was composed; what it lacks is reported by [`complete`](Self::complete).
    ///
    /// # Errors
    /// Where a value that it was given cannot be taken.
    pub fn composed<T: TryFrom<B, Error = Gaps>, B>(
        &mut self,
        body: Result<B, Gaps>,
    ) -> Result<Option<T>, String> {
        match body.and_then(T::try_from) {
            Ok(body) => Ok(Some(body)),
            Err(gaps) => {
                self.missing.extend(gaps.only_missing()?);
                Ok(None)
            }
        }
    }

    /// The call with all that it must have.
    ///
    /// # Errors
    /// With the names of all that was not given.
    pub fn complete(self) -> Result<Self, Error> {
        let unfilled = self.path.iter().filter_map(|it| match it {
            Piece::Parameter(name, None) => Some(*name),
            Piece::Parameter(..) | Piece::Text(_) => None,
        });
        let missing: Vec<&str> = unfilled.chain(self.missing.iter().copied()).collect();
        if missing.is_empty() {
            return Ok(self);
        }
        let text = format!("not sent: {}", are_missing(&missing));
        Err(Error::invalid_request(self.operation, text))
    }

    /// Fills in a path parameter, where there is a value.
    ///
    /// # Errors
    /// Where the value breaks a rule, or would leave its path segment.
    pub fn path<T: Serialize>(
        &mut self,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        match self.checked("path parameter", name, value, constraints)? {
            Value::Null => Ok(()),
            value => self.set_path(name, &value, style),
        }
    }

    /// Adds a query parameter; `null` (`None`) is absent.
    ///
    /// # Errors
    /// Where the value breaks a rule.
    pub fn query<T: Serialize>(
        &mut self,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        let value = self.checked("query parameter", name, value, constraints)?;
        self.set_query(name, &value, style)
    }

    /// Adds a header; `null` (`None`) is absent.
    ///
    /// # Errors
    /// Where the value breaks a rule, or cannot stand in a header.
    pub fn header<T: Serialize>(
        &mut self,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        if let Some((parsed, value)) = self.header_of(name, value, style, constraints)? {
            if FRAMING.contains(&parsed) {
                let reason =
                    "says how a message is framed or where it goes, which follows from the call";
                return Err(self.refuse("header", name, reason));
            }
            self.headers.insert(parsed, value);
        }
        Ok(())
    }

    /// Adds a header to a part of the multipart body, where the body has the part; `null` (`None`) is absent.
    ///
    /// # Errors
    /// As [`header`](Self::header).
    pub fn part_header<T: Serialize>(
        &mut self,
        part: &str,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        if let (Some((name, value)), Payload::Parts(_, parts)) =
            (self.header_of(name, value, style, constraints)?, &mut self.payload)
        {
            for part in parts.iter_mut().filter(|it| it.is_named(part)) {
                part.add_header(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn header_of<T: Serialize>(
        &self,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        let value = self.checked("header", name, value, constraints)?;
        if value.is_null() {
            return Ok(None);
        }
        let text = style
            .text(Place::Header, name, &value)
            .map_err(|reason| self.refuse("header", name, &reason))?;
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text)) {
            (Ok(name), Ok(value)) => Ok(Some((name, value))),
            (Err(_), _) | (_, Err(_)) => {
                Err(self.refuse("header", name, "holds what cannot stand in a header"))
            }
        }
    }

    /// Adds a cookie; `null` (`None`) is absent.
    ///
    /// # Errors
    /// Where the value breaks a rule.
    pub fn cookie<T: Serialize>(
        &mut self,
        name: &str,
        value: Result<T, String>,
        style: Style,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        let value = self.checked("cookie", name, value, constraints)?;
        let pieces = style
            .pieces(Place::Cookie, name, &value)
            .map_err(|reason| self.refuse("cookie", name, &reason))?;
        self.cookies.extend(pieces);
        Ok(())
    }

    /// Sets a JSON body, where there is one.
    ///
    /// # Errors
    /// Where the body breaks a rule; the message has the place as a JSON pointer.
    pub fn json<T: Serialize>(
        &mut self,
        media: &str,
        value: Result<Option<T>, String>,
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        let value = match value {
            Ok(Some(value)) if !self.takes_key_in_body() => {
                if !self.check_body(&value, constraints)? {
                    return self.set_json(media, &value);
                }
                // Of two members of one name the last counts, as in a value.
                Ok(Some(value))
            }
            value => value,
        };
        match self.body_value(value, constraints)? {
            Some(value) => self.set_json(media, &value),
            None => Ok(()),
        }
    }

    /// Sets a form body, where there is one.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn form<T: Serialize>(
        &mut self,
        media: &str,
        value: Result<Option<T>, String>,
        encodings: &[Encoding],
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        let Some(value) = self.body_value(value, constraints)? else { return Ok(()) };
        let text = form_text(&value, encodings).map_err(|reason| self.refuse_body("", &reason))?;
        self.payload = Payload::Bytes(self.media(media)?, text.into());
        Ok(())
    }

    /// Sets a multipart body, where there is one.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn multipart<T: Serialize>(
        &mut self,
        media: &str,
        value: Result<Option<T>, String>,
        encodings: &[Encoding],
        constraints: &'static Constraints,
    ) -> Result<(), Error> {
        let Some(value) = self.body_value(value, constraints)? else { return Ok(()) };
        let parts = parts(&value, encodings).map_err(|reason| self.refuse_body("", &reason))?;
        self.payload = Payload::Parts(media.to_owned(), parts);
        Ok(())
    }

    /// Sets a body of bytes, where there is one. A stream is sent once: such a call is repeated only where no connection came
    /// about.
    ///
    /// # Errors
    /// Those of `value`.
    pub fn bytes(
        &mut self,
        media: &str,
        value: Result<Option<reqwest::Body>, String>,
    ) -> Result<(), Error> {
        if let Some(body) = value.map_err(|reason| self.refuse_body("", &reason))? {
            self.payload = Payload::of_body(self.media(media)?, body);
        }
        Ok(())
    }

    /// The value as JSON, after its rules.
    fn checked<T: Serialize>(
        &self,
        place: &str,
        name: &str,
        value: Result<T, String>,
        constraints: &'static Constraints,
    ) -> Result<Value, Error> {
        let refuse = |reason: &str| self.refuse(place, name, reason);
        let value = value.map_err(|reason| refuse(&reason))?;
        constraints.check(&value).map_err(|violation| refuse(&violation.rule))?;
        serde_json::to_value(value).map_err(|error| refuse(&unwritten(&error)))
    }

    fn body_value<T: Serialize>(
        &mut self,
        value: Result<Option<T>, String>,
        constraints: &'static Constraints,
    ) -> Result<Option<Value>, Error> {
        let Some(value) = value.map_err(|reason| self.refuse_body("", &reason))? else {
            return Ok(None);
        };
        // What is no number would be null as a value.
        self.check_body(&value, &Constraints::ANY)?;
        let value = serde_json::to_value(value);
        let mut value = value.map_err(|error| self.refuse_body("", &unwritten(&error)))?;
        let in_body = self.takes_key_in_body();
        let Inner { key, key_in_body, options, operation, .. } = &mut *self.0;
        let name = operation.idempotency_key().filter(|_| in_body).map(|rule| rule.name);
        if let (Some(name), Some(key), Value::Object(fields)) = (name, key, &mut value) {
            let slot = fields.entry(name).or_insert(Value::Null);
            match slot.as_str() {
                // A key in the options is explicit; one made here only fills a gap.
                Some(given)
                    if !given.is_empty() && options.overrides().idempotency_key.is_none() =>
                {
                    *key = given.to_owned();
                }
                Some(_) | None => *slot = Value::String(key.clone()),
            }
            *key_in_body = true;
        }
        self.check_body(&value, constraints)?;
        Ok(Some(value))
    }

    fn takes_key_in_body(&self) -> bool {
        self.operation.idempotency_key().is_some_and(|rule| rule.location == Location::Body)
    }

    /// Whether an object of a body that breaks no rule may have two members of one name.
    fn check_body<T: Serialize>(
        &self,
        value: &T,
        constraints: &'static Constraints,
    ) -> Result<bool, Error> {
        let checked = constraints.check(value);
        checked.map_err(|violation| self.refuse_body(&violation.pointer, &violation.rule))
    }

    fn set_json<T: Serialize>(&mut self, media: &str, value: &T) -> Result<(), Error> {
        let bytes =
            serde_json::to_vec(value).map_err(|error| self.refuse_body("", &unwritten(&error)))?;
        self.payload = Payload::Bytes(self.media(media)?, bytes.into());
        Ok(())
    }

    fn media(&self, media: &str) -> Result<HeaderValue, Error> {
        let refuse = |_| self.refuse_body("", "its media type cannot stand in a header");
        HeaderValue::from_str(media).map_err(refuse)
    }

    /// The idempotency key that goes along with the call.
    pub(crate) fn sent_key(&self) -> Option<&str> {
        let rule = self.operation.idempotency_key()?;
        match rule.location {
            Location::Body if !self.key_in_body => None,
            Location::Body | Location::Header | Location::Query => self.key.as_deref(),
        }
    }

    pub(crate) fn set_path(
        &mut self,
        name: &str,
        value: &Value,
        style: Style,
    ) -> Result<(), Error> {
        let refuse = |reason: &str| self.refuse("path parameter", name, reason);
        let encoded = match scalar(value).filter(|_| style.is_simple()) {
            Some(text) => {
                style.check_path(&text).map_err(refuse)?;
                style.path_text(&text)
            }
            None => self.structured_path(name, value, style)?,
        };
        for piece in &mut self.path {
            match piece {
                Piece::Parameter(parameter, slot) if *parameter == name => {
                    *slot = Some(encoded.clone());
                }
                Piece::Parameter(..) | Piece::Text(_) => {}
            }
        }
        Ok(())
    }

    /// A value of several parts, or with a prefix, as a path has it; each part alone must stay in its segment, too.
    fn structured_path(&self, name: &str, value: &Value, style: Style) -> Result<String, Error> {
        let refuse = |reason: &str| self.refuse("path parameter", name, reason);
        let plain = style.with_commas();
        let pairs = plain.pairs(Place::Part, name, value).map_err(|it| refuse(&it))?;
        for (name, _) in &pairs {
            segment::check(name).map_err(refuse)?;
        }
        let values: Vec<_> = pairs.iter().map(|(_, value)| value.as_str()).collect();
        style.check_path(&values.join(",")).map_err(refuse)?;
        // A label begins with a dot.
        let whole = plain.text(Place::Part, name, value).map_err(|it| refuse(&it))?;
        style.check_path(whole.trim_start_matches(';')).map_err(refuse)?;
        style.text(Place::Path, name, value).map_err(|it| refuse(&it))
    }

    pub(crate) fn set_query(
        &mut self,
        name: &str,
        value: &Value,
        style: Style,
    ) -> Result<(), Error> {
        let written = style
            .pieces(Place::Query, name, value)
            .map_err(|reason| self.refuse("query parameter", name, &reason))?;
        self.query.retain(|(earlier, _)| earlier != name);
        if !written.is_empty() {
            self.query.push((name.to_owned(), written));
        }
        Ok(())
    }

    /// Sets a parameter of the path or, where the path has none of this name, of the query.
    pub(crate) fn set_parameter(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let in_path = self
            .path
            .iter()
            .any(|piece| matches!(piece, Piece::Parameter(parameter, _) if *parameter == name));
        if in_path {
            self.set_path(name, value, Style::SIMPLE)
        } else {
            self.set_query(name, value, Style::FORM)
        }
    }

    /// The value of a parameter of path or query that was set, as a number where it is one.
    pub(crate) fn parameter(&self, name: &str) -> Option<Value> {
        let in_path = self.path.iter().find_map(|piece| match piece {
            Piece::Parameter(parameter, Some(encoded)) if *parameter == name => {
                percent_encoding::percent_decode_str(encoded).decode_utf8().ok().map(String::from)
            }
            Piece::Parameter(..) | Piece::Text(_) => None,
        });
        let text = in_path.or_else(|| self.query_text(name))?;
        let number = serde_json::from_str(&text).ok().map(Value::Number);
        Some(number.unwrap_or(Value::String(text)))
    }

    /// The decoded text of a query parameter that was set, where it is a single one.
    pub(crate) fn query_text(&self, name: &str) -> Option<String> {
        let (_, pieces) = self.query.iter().find(|(earlier, _)| earlier == name)?;
        let [piece] = pieces.as_slice() else { return None };
        let (_, value) = piece.split_once('=')?;
        percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
    }

    pub(crate) fn refuse(&self, place: &str, name: &str, reason: &str) -> Error {
        Error::invalid_request(self.operation, format!("not sent: {place} `{name}`: {reason}"))
    }

    fn refuse_body(&self, pointer: &str, reason: &str) -> Error {
        let place = match pointer {
            "" => "the body".to_owned(),
            pointer => format!("`{pointer}` in the body"),
        };
        Error::invalid_request(self.operation, format!("not sent: {place}: {reason}"))
    }
}

fn unwritten(error: &serde_json::Error) -> String {
    format!("cannot be written: {error}")
}

/// Splits a path template at its parameters. One may hold a regular expression that counts in braces.
fn pieces(template: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let mut depth = 1_usize;
        let closes = |c: char| {
            depth = match c {
                '{' => depth + 1,
                '}' => depth - 1,
                _ => depth,
            };
            depth == 0
        };
        let Some(end) = after.find(closes) else { break };
        let (name, tail) = (&after[..end], &after[end + 1..]);
        if !text.is_empty() {
            pieces.push(Piece::Text(text.into()));
        }
        pieces.push(Piece::Parameter(name, None));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn braces_of_a_regular_expression_are_part_of_the_placeholder() {
        let text = |it| match it {
            Piece::Text(text) => text.to_string(),
            Piece::Parameter(name, _) => format!("<{name}>"),
        };
        let found: Vec<String> = pieces("/a/{id:[0-9]{3}}/b/{c}").into_iter().map(text).collect();
        assert_eq!(found, ["/a/", "<id:[0-9]{3}>", "/b/", "<c>"]);
    }
}
