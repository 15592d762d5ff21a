//! What vendors send by themselves: verified, read as leniently as answers, and identified, so that what comes twice is
//! recognised. Which event is which type is generated; what this module does holds for all of them.

mod identity;
mod secret;

pub use secret::WebhookSecret;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, StatusCode, Uri};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::Skipped;
use crate::reading::de::{Form, Plain};
use crate::reading::lenient::{self, Reading};
use crate::reading::number::place;
use crate::reading::{self, Misread};
pub(crate) use identity::{digest, unescaped};
use identity::{keys, tokens};
use secret::parts_of;

/// What a vendor delivered by one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Received<E> {
    events: Vec<Incoming<E>>,
    skipped: Vec<Skipped>,
}

impl<E> Received<E> {
    /// The events, in the order of the body. Most vendors send one at a time.
    pub fn events(&self) -> &[Incoming<E>] {
        &self.events
    }

    /// The parts of the body that could not be read and were left out, at most 256 of them. An event of which a required
    /// part cannot be read is kept as an unknown one, and its place stands here.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }
}

impl<E> IntoIterator for Received<E> {
    type Item = Incoming<E>;
    type IntoIter = std::vec::IntoIter<Incoming<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.events.into_iter()
    }
}

/// An event, with what identifies it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Incoming<E> {
    /// The event.
    pub event: E,
    keys: Vec<String>,
}

impl<E> Incoming<E> {
    /// What identifies that which the event carries: a key for each message, or one for the whole. Vendors deliver again
    /// what was not accepted in time, so that the same key is the same message again. Never empty.
    ///
    /// ```
    /// # use std::collections::HashSet;
    /// # fn note<E>(incoming: &conversations::Incoming<E>, seen: &mut HashSet<String>) {
    /// let is_new = incoming.keys().iter().fold(false, |new, key| seen.insert(key.clone()) || new);
    /// # }
    /// ```
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

/// Why nothing was received. It holds neither the secret nor anything of the body.
#[derive(Debug)]
pub struct ReceiveError {
    kind: Kind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug)]
enum Kind {
    Unauthorized,
    Unreadable(Cow<'static, str>),
}

impl ReceiveError {
    const UNAUTHORIZED: Self = Self { kind: Kind::Unauthorized, source: None };

    /// Whether the request lacks the secret: it is not the vendor's, or the secret was changed.
    ///
    /// **Troubleshooting:** compare the address, or the secret of the webhook, that is registered with the vendor. Behind a
    /// router that strips a part of the path, hand over the address as it was called.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.kind, Kind::Unauthorized)
    }

    /// Whether the request has the secret, and its body is not JSON.
    ///
    /// **Troubleshooting:** hand over the bytes of the body as they arrived.
    pub fn is_unreadable(&self) -> bool {
        !self.is_unauthorized()
    }

    /// The status to answer with: 401 or 400. Some vendors do not deliver again after either.
    pub fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Unreadable(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Unauthorized => f.write_str(
                "the webhook does not have the secret; compare it with the one that is registered with the vendor",
            ),
            Kind::Unreadable(what) => write!(f, "the webhook cannot be read: {what}"),
        }
    }
}

impl std::error::Error for ReceiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}

impl From<Misread> for ReceiveError {
    fn from(misread: Misread) -> Self {
        let Misread { what, path: _, place: _, source } = misread;
        Self { kind: Kind::Unreadable(what), source: Some(source) }
    }
}

/// How a vendor's events are told apart, verified and identified.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Rules {
    kind: &'static str,
    items: Option<&'static str>,
    header: Option<&'static str>,
    keys: &'static [&'static [&'static str]],
    delivery: Delivery,
}

impl Rules {
    /// The JSON Pointer of the word that says which event a body is; the secret stands in the address.
    #[must_use]
    pub const fn new(kind: &'static str) -> Self {
        let delivery = Delivery { accepted: &[], retry_after_seconds: &[], final_statuses: &[] };
        Self { kind, items: None, header: None, keys: &[], delivery }
    }

    setters! {
        /// The JSON Pointer of the list of events in a body.
        with_items(pointer: &'static str) items = Some(pointer);
        /// The header with the secret.
        with_header(name: &'static str) header = Some(name);
        /// What identifies the content of an event: the first list whose parts are all found counts. A part is a JSON Pointer,
        /// in which `*` stands for each item of a list, or `kind`.
        with_keys(keys: &'static [&'static [&'static str]]) keys = keys;
        /// How the vendor delivers: the statuses that accept an event, 200 to 299 where there are none; when it sends again, in
        /// seconds after the first attempt; the statuses after which it does not.
        with_delivery(accepted: &'static [u16], retry_after_seconds: &'static [u64], final_statuses: &'static [u16]) delivery = Delivery { accepted, retry_after_seconds, final_statuses };
    }

    getters! {
        /// The JSON Pointer of the word that says which event a body is.
        kind: &'static str;
        /// The header with the secret; without one the secret stands in the address.
        header: Option<&'static str>;
        /// How the vendor delivers.
        delivery: Delivery;
    }
}

/// How a vendor delivers an event.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Delivery {
    accepted: &'static [u16],
    /// When the vendor sends again: seconds after the first attempt.
    pub retry_after_seconds: &'static [u64],
    /// The statuses after which the vendor does not send again.
    pub final_statuses: &'static [u16],
}

impl Delivery {
    /// Whether a receiver accepts an event by this status.
    #[must_use]
    pub fn accepts(&self, status: u16) -> bool {
        match self.accepted {
            [] => (200..300).contains(&status),
            accepted => accepted.contains(&status),
        }
    }
}

/// The events of a client.
pub trait Events: Sized {
    /// What holds for all of them.
    const RULES: Rules;

    /// The event of this kind; `None` where there is no such kind, or the payload cannot be read.
    fn read(kind: &str, payload: &Payload<'_>) -> Option<Self>;

    /// Keeps what is none of the known events.
    fn unknown(kind: String, payload: Value) -> Self;
}

/// What an event carries, to be read.
#[derive(Debug)]
pub struct Payload<'v> {
    value: &'v Value,
    path: String,
    skipped: RefCell<Vec<Skipped>>,
}

impl Payload<'_> {
    /// Reads it, strictly and where that fails leniently, and notes what was left out.
    pub fn read<F: for<'de> Form<'de, T>, T>(&self) -> Option<T> {
        if let Ok(value) = F::read(self.value) {
            return Some(value);
        }
        let reading = Reading::default();
        let read = lenient::read::<F, T>(self.value, &reading);
        let mut skipped = self.skipped.borrow_mut();
        match read {
            Ok(value) => {
                let below = |it: Skipped| match self.path.as_str() {
                    "" => it,
                    path => it.below(path),
                };
                skipped.extend(reading.into_skipped().into_iter().map(below));
                Some(value)
            }
            Err(failure) => {
                let path = failure.path_below(&self.path).unwrap_or_default();
                skipped.push(Skipped::new(path, failure.to_string()));
                None
            }
        }
    }
}

/// Verifies by the secret in a header, and reads.
///
/// # Errors
/// Where the header lacks the secret, or the body is not JSON.
pub fn receive<E: Events>(
    uri: Option<&Uri>,
    headers: &HeaderMap,
    body: &[u8],
    secret: &WebhookSecret,
) -> Result<Received<E>, ReceiveError> {
    let verified = match (E::RULES.header, uri) {
        (Some(name), _) => {
            let values = headers.get_all(name).iter();
            secret.is_among(values.map(|it| it.as_bytes().into()))
        }
        (None, Some(uri)) => secret.is_among(parts_of(uri)),
        (None, None) => false,
    };
    if !verified {
        return Err(ReceiveError::UNAUTHORIZED);
    }
    let (body, mut skipped) = reading::read::<Plain, Value>(body, headers)?;
    let mut events = Vec::new();
    // A vendor that sends one event in a body today may send a list of them tomorrow.
    match body {
        Value::Array(bodies) => {
            for (index, body) in bodies.into_iter().enumerate() {
                read_body(body, &format!("[{index}]"), &mut events, &mut skipped);
            }
        }
        body => read_body(body, "", &mut events, &mut skipped),
    }
    report(&skipped);
    Ok(Received { events, skipped })
}

/// Reads one frame of a socket. Who sends it, the connection has proved.
///
/// # Errors
/// Where it is not JSON, or a required part cannot be read.
pub fn read_frame<F: for<'de> Form<'de, T>, T>(
    frame: &[u8],
) -> Result<(T, Vec<Skipped>), ReceiveError> {
    let (value, skipped) = reading::read::<F, T>(frame, &HeaderMap::new())?;
    report(&skipped);
    Ok((value, skipped))
}

/// Writes an event as the body that [`receive`] reads it from.
///
/// # Errors
/// Where the payload cannot be written as JSON.
pub fn serialize<E: Events, S: Serializer>(
    kind: &str,
    payload: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Rules { kind: kind_at, items, .. } = E::RULES;
    let payload = serde_json::to_value(payload).map_err(S::Error::custom)?;
    let mut body = match items {
        None => payload,
        Some(items) => {
            let mut body = Value::Object(Map::new());
            insert(&mut body, items, Value::Array(vec![payload]));
            body
        }
    };
    if !kind.is_empty() {
        insert(&mut body, kind_at, Value::from(kind));
    }
    body.serialize(serializer)
}

/// Writes an event that nobody knows: as the body that it is, or around it the body that it was in.
///
/// # Errors
/// Where the payload cannot be written as JSON.
pub fn serialize_unknown<E: Events, S: Serializer>(
    kind: &str,
    payload: &Value,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match E::RULES.items.is_some() && payload.pointer(E::RULES.kind).is_none() {
        true => serialize::<E, S>(kind, payload, serializer),
        false => payload.serialize(serializer),
    }
}

/// Puts a value at a pointer, through objects that are made on the way.
fn insert(body: &mut Value, pointer: &str, value: Value) {
    let mut here = body;
    for name in tokens(pointer) {
        let Value::Object(map) = here else { return };
        here = map.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    *here = value;
}

/// The events of one body.
fn read_body<E: Events>(
    body: Value,
    path: &str,
    events: &mut Vec<Incoming<E>>,
    skipped: &mut Vec<Skipped>,
) {
    let kind = match body.pointer(E::RULES.kind) {
        Some(Value::String(kind)) => kind.clone(),
        _ => String::new(),
    };
    let Some(pointer) = E::RULES.items else {
        return events.push(read_event(&kind, &body, path.to_owned(), skipped));
    };
    match body.pointer(pointer).map(|it| (it, listed(it))) {
        Some((_, Some(items))) => {
            let list = tokens(pointer).collect::<Vec<_>>().join(".");
            for (index, item) in items.into_iter().enumerate().filter(|(_, it)| !it.is_null()) {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{list}[{index}]");
                events.push(read_event(&kind, item, path, skipped));
            }
        }
        Some((item @ Value::Object(_), None)) => {
            events.push(read_event(&kind, item, path.to_owned(), skipped));
        }
        // Without its list the body itself is all that there is to keep.
        Some(_) | None => events.push(unknown(kind, body)),
    }
}

/// The items of a list, also of one whose items a server numbers.
fn listed(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(map) if !map.is_empty() => {
            let numbered = map.iter().map(|(name, it)| Some((place(name)?, it)));
            let numbered: BTreeMap<_, _> = numbered.collect::<Option<_>>()?;
            Some(numbered.into_values().collect())
        }
        _ => None,
    }
}

fn read_event<E: Events>(
    kind: &str,
    value: &Value,
    path: String,
    skipped: &mut Vec<Skipped>,
) -> Incoming<E> {
    let payload = Payload { value, path, skipped: RefCell::default() };
    let event = E::read(kind, &payload);
    skipped.extend(payload.skipped.into_inner());
    let event = event.unwrap_or_else(|| E::unknown(kind.to_owned(), value.clone()));
    Incoming { event, keys: keys(E::RULES.keys, kind, value) }
}

fn unknown<E: Events>(kind: String, body: Value) -> Incoming<E> {
    let keys = vec![digest(&body)];
    Incoming { event: E::unknown(kind, body), keys }
}

/// Says in the trace what was left out, without anything of the body.
fn report(skipped: &[Skipped]) {
    for skipped in skipped.iter().take(16) {
        let (path, reason) = (skipped.path(), skipped.reason());
        tracing::warn!(path, reason, "a part of a webhook cannot be read and was left out");
    }
}
