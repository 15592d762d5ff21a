//! Request bodies that can be sent more than once, and those that cannot.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::style::{Place, Style, pair};
use super::value::{IntoOption, scalar};

/// A file of a multipart body.
///
/// ```
/// use conversations::FilePart;
///
/// let part = FilePart::new("note.txt", "text/plain", "hello");
/// assert_eq!(part.bytes(), b"hello");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FilePart {
    file_name: String,
    media_type: String,
    bytes: Bytes,
}

impl FilePart {
    /// A file with its name, its media type and its bytes.
    pub fn new(
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) -> Self {
        Self { file_name: file_name.into(), media_type: media_type.into(), bytes: bytes.into() }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A file as a part that the document says nothing of, or that may be anything.
impl From<FilePart> for Value {
    fn from(file: FilePart) -> Self {
        serde_json::to_value(file).unwrap_or_default()
    }
}

impl IntoOption<Value> for FilePart {
    fn into_option(self) -> Result<Option<Value>, String> {
        Ok(Some(self.into()))
    }
}

impl std::fmt::Debug for FilePart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilePart")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// How a file travels inside the JSON value from which a multipart body is made: one character per byte, under a key that no
/// document has.
#[derive(Serialize, Deserialize)]
struct Carried {
    #[serde(rename = "\0file_name")]
    file_name: String,
    media_type: String,
    data: String,
}

impl Serialize for FilePart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Carried {
            file_name: self.file_name.clone(),
            media_type: self.media_type.clone(),
            data: self.bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FilePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Carried { file_name, media_type, data } = Carried::deserialize(deserializer)?;
        let bytes: Result<Vec<u8>, _> = data.chars().map(|c| u8::try_from(u32::from(c))).collect();
        let bytes = bytes.map_err(serde::de::Error::custom)?;
        Ok(Self { file_name, media_type, bytes: bytes.into() })
    }
}

/// Whether a value is a [`Carried`] file.
fn is_carried(value: &Value) -> bool {
    value.as_object().is_some_and(|it| it.keys().any(|key| key.starts_with('\0')))
}

/// What a request carries.
#[derive(Clone, Default)]
pub(crate) enum Payload {
    #[default]
    None,
    /// Bytes of a media type; sending them again costs nothing.
    Bytes(HeaderValue, Bytes),
    /// The media type of a multipart body and its parts, put together for each attempt.
    Parts(String, Vec<Part>),
    /// A stream that can be sent once.
    Once(HeaderValue, Arc<Mutex<Option<reqwest::Body>>>),
}

/// One part of a multipart body.
#[derive(Clone)]
pub(crate) struct Part {
    name: String,
    bytes: Bytes,
    media_type: Option<String>,
    file_name: Option<String>,
    headers: HeaderMap,
}

impl Part {
    pub(crate) fn file(name: String, file: FilePart) -> Self {
        Self {
            name,
            bytes: file.bytes,
            media_type: Some(file.media_type),
            file_name: Some(file.file_name),
            headers: HeaderMap::new(),
        }
    }

    pub(crate) fn new(name: String, text: String, media_type: Option<&str>) -> Self {
        Self {
            name,
            bytes: text.into(),
            media_type: media_type.map(str::to_owned),
            file_name: None,
            headers: HeaderMap::new(),
        }
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    pub(crate) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Writes the part below its boundary, names as the HTML standard escapes them.
    fn write(&self, body: &mut Vec<u8>) -> Result<(), String> {
        let escape = |it: &str| it.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escape(&self.name));
        if let Some(name) = &self.file_name {
            head += &format!("; filename=\"{}\"", escape(name));
        }
        if let Some(media) = &self.media_type {
            if !media.contains('/') || HeaderValue::from_str(media).is_err() {
                return Err(format!("part `{}` has no valid media type", self.name));
            }
            head += &format!("\r\nContent-Type: {media}");
        }
        body.extend_from_slice(head.as_bytes());
        for (name, value) in &self.headers {
            body.extend_from_slice(format!("\r\n{name}: ").as_bytes());
            body.extend_from_slice(value.as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&self.bytes);
        Ok(())
    }
}

/// How a property of a form is written, where the document says more of it than its type does: `encoding` of OpenAPI.
#[derive(Debug, Clone, Copy)]
pub struct Encoding {
    name: &'static str,
    style: Option<Style>,
    content_type: Option<&'static str>,
    file: bool,
}

impl Encoding {
    /// Of the property of this name.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self { name, style: None, content_type: None, file: false }
    }

    /// In this style.
    #[must_use]
    pub const fn with_style(mut self, style: Style) -> Self {
        self.style = Some(style);
        self
    }

    /// As this media type.
    #[must_use]
    pub const fn with_content_type(mut self, media: &'static str) -> Self {
        self.content_type = Some(media);
        self
    }

    /// As a file: the property is a [`FilePart`], a list of such, or text.
    #[must_use]
    pub const fn file(mut self) -> Self {
        self.file = true;
        self
    }
}

impl Payload {
    /// A body of any kind; in-memory ones can be repeated.
    pub(crate) fn of_body(media: HeaderValue, body: reqwest::Body) -> Self {
        match body.as_bytes() {
            Some(bytes) => Self::Bytes(media, Bytes::copy_from_slice(bytes)),
            None => Self::Once(media, Arc::new(Mutex::new(Some(body)))),
        }
    }

    /// Adds a part to a multipart body, which a payload of another kind gives way to.
    pub(crate) fn add(&mut self, part: Part) {
        match self {
            Self::Parts(_, parts) => parts.push(part),
            other => *other = Self::Parts("multipart/form-data".to_owned(), vec![part]),
        }
    }

    /// Whether the payload can be sent (again).
    pub(crate) fn available(&self) -> bool {
        match self {
            Self::None | Self::Bytes(..) | Self::Parts(..) => true,
            Self::Once(_, body) => body.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }

    /// The body for one request, with its media type. `Err` says what cannot be sent.
    pub(crate) fn body(&self) -> Result<Option<(HeaderValue, reqwest::Body)>, String> {
        Ok(Some(match self {
            Self::None => return Ok(None),
            Self::Bytes(media, bytes) => (media.clone(), bytes.clone().into()),
            Self::Once(media, body) => {
                let taken = body.lock().unwrap_or_else(PoisonError::into_inner).take();
                let body = taken.ok_or("the body is a stream that has been sent already")?;
                (media.clone(), body)
            }
            Self::Parts(media, parts) => {
                let (media, body) = multipart(media, parts)?;
                (HeaderValue::try_from(media).map_err(|error| error.to_string())?, body.into())
            }
        }))
    }
}

/// A multipart body as RFC 7578 has it, and its media type with the boundary. reqwest's own writes a name that holds a space
/// or a quote in a way that this RFC forbids.
fn multipart(media: &str, parts: &[Part]) -> Result<(String, Vec<u8>), String> {
    // By chance, so that no part holds it.
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        part.write(&mut body)?;
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let is_boundary = |it: &str| it.trim_start().to_ascii_lowercase().starts_with("boundary");
    let kept: Vec<&str> = media.split(';').filter(|it| !is_boundary(it)).collect();
    Ok((format!("{}; boundary={boundary}", kept.join(";")), body))
}

/// The properties of a form that are there, each with what the document says of it.
fn fields<'a>(
    value: &'a Value,
    encodings: &[Encoding],
) -> Result<Vec<(&'a String, &'a Value, Encoding)>, String> {
    let Value::Object(fields) = value else {
        return Err("a form must be an object".to_owned());
    };
    let encoding = |name: &str| {
        encodings.iter().copied().find(|it| it.name == name).unwrap_or(Encoding::of(""))
    };
    let present = fields.iter().filter(|(_, value)| !value.is_null());
    Ok(present.map(|(name, value)| (name, value, encoding(name))).collect())
}

fn is_json(media: &str) -> bool {
    media.ends_with("/json") || media.ends_with("+json")
}

/// A form body (`application/x-www-form-urlencoded`). Where the document says nothing else, lists repeat their name, and
/// what is structured is JSON.
pub(crate) fn form_text(value: &Value, encodings: &[Encoding]) -> Result<String, String> {
    let mut pieces = Vec::new();
    for (name, value, encoding) in fields(value, encodings)? {
        match (encoding.style, encoding.content_type) {
            (Some(style), _) => {
                let written = style.pieces(Place::Query, name, value);
                pieces.extend(written.map_err(|reason| format!("`{name}` {reason}"))?);
            }
            (None, Some(media)) if is_json(media) => pieces.push(pair(name, &value.to_string())),
            (None, _) => {
                for one in each(value) {
                    pieces.push(pair(name, &scalar(one).unwrap_or_else(|| one.to_string())));
                }
            }
        }
    }
    Ok(pieces.join("&"))
}

/// The parts of a multipart body. Where the document says nothing else, each item of a list is a part, text is text, and
/// what is structured is JSON. Files come last, since servers that read a body as it arrives want to know all else by then.
pub(crate) fn parts(value: &Value, encodings: &[Encoding]) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    for (name, value, encoding) in fields(value, encodings)? {
        let media = encoding.content_type;
        let is_file = |it: &Value| encoding.file || is_carried(it);
        if let Some(style) = encoding.style
            && !each(value).iter().any(is_file)
        {
            let written = style.pairs(Place::Part, name, value);
            let written = written.map_err(|reason| format!("`{name}` {reason}"))?;
            parts.extend(written.into_iter().map(|(name, text)| Part::new(name, text, media)));
            continue;
        }
        for one in each(value) {
            parts.push(match scalar(one) {
                _ if is_file(one) => file(name, one, media)?,
                Some(_) if media.is_some_and(is_json) => {
                    Part::new(name.clone(), one.to_string(), media)
                }
                Some(text) => Part::new(name.clone(), text, media),
                None => {
                    Part::new(name.clone(), one.to_string(), media.or(Some("application/json")))
                }
            });
        }
    }
    parts.sort_by_key(|it| it.file_name.is_some());
    Ok(parts)
}

/// The items of a list, or the one value.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn file(name: &str, value: &Value, media: Option<&str>) -> Result<Part, String> {
    let file = match value {
        // A file given as text has no name of its own; servers want one to see a file at all.
        Value::String(text) => {
            let media = media.unwrap_or("application/octet-stream");
            FilePart::new(name, media, text.clone().into_bytes())
        }
        other => {
            FilePart::deserialize(other).map_err(|_| format!("part `{name}` is not a file"))?
        }
    };
    Ok(Part::file(name.to_owned(), file))
}
