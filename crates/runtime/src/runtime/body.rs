//! Request bodies that can be sent more than once, and those that cannot.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::query::write_deep;
use super::value::scalar;

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

impl std::fmt::Debug for FilePart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilePart")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// How a file travels inside the JSON value from which a multipart body is made: one character per byte.
#[derive(Serialize, Deserialize)]
struct Carried {
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

/// What a request carries.
#[derive(Clone, Default)]
pub(crate) enum Payload {
    #[default]
    None,
    /// Bytes of a media type; sending them again costs nothing.
    Bytes(String, Bytes),
    /// The parts of a multipart body, put together for each attempt.
    Parts(Vec<Part>),
    /// A stream that can be sent once.
    Once(String, Arc<Mutex<Option<reqwest::Body>>>),
}

/// One part of a multipart body.
#[derive(Clone)]
pub(crate) enum Part {
    Text(String, String),
    /// A name and a JSON text.
    Json(String, String),
    File(String, FilePart),
}

impl Payload {
    /// A body of any kind; in-memory ones can be repeated.
    pub(crate) fn of_body(media: &str, body: reqwest::Body) -> Self {
        match body.as_bytes() {
            Some(bytes) => Self::Bytes(media.to_owned(), Bytes::copy_from_slice(bytes)),
            None => Self::Once(media.to_owned(), Arc::new(Mutex::new(Some(body)))),
        }
    }

    /// Whether the payload can be sent (again).
    pub(crate) fn available(&self) -> bool {
        match self {
            Self::None | Self::Bytes(..) | Self::Parts(_) => true,
            Self::Once(_, body) => body.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }

    /// Puts the payload on a request. `Err` says what cannot be sent.
    pub(crate) fn attach(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder, String> {
        let content_type = http::header::CONTENT_TYPE;
        match self {
            Self::None => Ok(request),
            Self::Bytes(media, bytes) => {
                Ok(request.header(content_type, media).body(bytes.clone()))
            }
            Self::Once(media, body) => {
                let taken = body.lock().unwrap_or_else(PoisonError::into_inner).take();
                let body = taken.ok_or("the body is a stream that has been sent already")?;
                Ok(request.header(content_type, media).body(body))
            }
            Self::Parts(parts) => {
                let mut form = reqwest::multipart::Form::new();
                for part in parts {
                    form = match part {
                        Part::Text(name, text) => form.text(name.clone(), text.clone()),
                        // What OpenAPI says of an object within a form, where the document says nothing else.
                        Part::Json(name, text) => {
                            let part = reqwest::multipart::Part::text(text.clone())
                                .mime_str("application/json")
                                .map_err(|error| error.to_string())?;
                            form.part(name.clone(), part)
                        }
                        Part::File(name, file) => {
                            let length = file.bytes.len() as u64;
                            let body = reqwest::Body::from(file.bytes.clone());
                            let part = reqwest::multipart::Part::stream_with_length(body, length)
                                .file_name(file.file_name.clone())
                                .mime_str(&file.media_type)
                                .map_err(|_| format!("part `{name}` has no valid media type"))?;
                            form.part(name.clone(), part)
                        }
                    };
                }
                Ok(request.multipart(form))
            }
        }
    }
}

/// A form body (`application/x-www-form-urlencoded`): lists repeat their name, objects continue it in brackets.
pub(crate) fn form_text(value: &Value) -> Result<String, String> {
    let Value::Object(fields) = value else {
        return Err("a form body must be an object".to_owned());
    };
    let mut pieces = Vec::new();
    for (name, value) in fields {
        write_deep(name, value, &mut pieces);
    }
    Ok(pieces.join("&"))
}

/// The parts of a multipart body; the properties named in `files` are files.
pub(crate) fn parts(value: &Value, files: &[&str]) -> Result<Vec<Part>, String> {
    let Value::Object(fields) = value else {
        return Err("a multipart body must be an object".to_owned());
    };
    let mut parts = Vec::new();
    for (name, value) in fields {
        let several = match value {
            Value::Null => continue,
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for one in several {
            parts.push(if files.contains(&name.as_str()) {
                Part::File(name.clone(), file(name, one)?)
            } else {
                match scalar(one) {
                    Some(text) => Part::Text(name.clone(), text),
                    None => Part::Json(name.clone(), one.to_string()),
                }
            });
        }
    }
    Ok(parts)
}

fn file(name: &str, value: &Value) -> Result<FilePart, String> {
    match value {
        // A file given as text has no name of its own; servers want one to see a file at all.
        Value::String(text) => {
            Ok(FilePart::new(name, "application/octet-stream", text.clone().into_bytes()))
        }
        other => FilePart::deserialize(other).map_err(|_| format!("part `{name}` is not a file")),
    }
}
