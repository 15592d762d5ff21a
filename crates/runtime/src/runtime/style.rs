//! How values are written outside of JSON: the styles of OpenAPI, the collection formats of Swagger 2.0.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::segment;
use super::value::scalar;

/// How the value of a parameter, or of a property of a form, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    kind: Kind,
    explode: bool,
    reserved: bool,
    /// What a slash in a path becomes; without it a value with one is refused.
    slash: Option<&'static str>,
    /// How a list inside the list is written; without it there is none.
    nested: Option<&'static Style>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Simple,
    Label,
    Matrix,
    Form,
    Space,
    Pipe,
    Tab,
    DeepObject,
    Cookie,
    Json,
}

/// Where a value is written, which decides how its characters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    /// The query, and a URL-encoded form.
    Query,
    Header,
    Cookie,
    /// A part of a multipart body; also the value itself, to look at.
    Part,
}

/// Everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What else may stand in a path segment.
const ENCODED_IN_SEGMENT: &AsciiSet = &ENCODED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What a reserved value keeps in a query: all reserved characters but those that would end it (`&`, `#`) or be read as
/// a space (`+`).
const ENCODED_IN_QUERY: &AsciiSet =
    &ENCODED_IN_SEGMENT.add(b'&').add(b'+').remove(b'/').remove(b'?').remove(b'[').remove(b']');

/// What cannot stand in the value of a cookie (RFC 6265).
const ENCODED_IN_COOKIE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

impl Style {
    /// `1,2`, an object as `k,v` or exploded `k=v`: `simple`, and `collectionFormat: csv` of Swagger 2.0.
    pub const SIMPLE: Self = Self::new(Kind::Simple, false);
    /// `.1,2`, exploded `.1.2`: `label`.
    pub const LABEL: Self = Self::new(Kind::Label, false);
    /// `;a=1,2`, exploded `;a=1;a=2`: `matrix`.
    pub const MATRIX: Self = Self::new(Kind::Matrix, false);
    /// `a=1&a=2`, the properties of an object each by its own name; not exploded `a=1,2`: `form`.
    pub const FORM: Self = Self::new(Kind::Form, true);
    /// `a=1%202`: `spaceDelimited`.
    pub const SPACE_DELIMITED: Self = Self::new(Kind::Space, false);
    /// `a=1%7C2`: `pipeDelimited`.
    pub const PIPE_DELIMITED: Self = Self::new(Kind::Pipe, false);
    /// `a=1%092`: `collectionFormat: tsv` of Swagger 2.0.
    pub const TAB_DELIMITED: Self = Self::new(Kind::Tab, false);
    /// `a[b]=1`: `deepObject`.
    pub const DEEP_OBJECT: Self = Self::new(Kind::DeepObject, true);
    /// As `form`, but only what cannot stand in a cookie is percent-encoded: `cookie` of OpenAPI 3.2.
    pub const COOKIE: Self = Self::new(Kind::Cookie, true);
    /// The value as JSON text: `content: application/json`.
    pub const JSON: Self = Self::new(Kind::Json, false);

    const fn new(kind: Kind, explode: bool) -> Self {
        Self { kind, explode, reserved: false, slash: None, nested: None }
    }

    /// The same style with `explode` as given.
    #[must_use]
    pub const fn explode(mut self, explode: bool) -> Self {
        self.explode = explode;
        self
    }

    /// The same style with `allowReserved`: reserved characters and percent-encoded ones stay as they are, but for
    /// those that would lead out of the value.
    #[must_use]
    pub const fn allow_reserved(mut self) -> Self {
        self.reserved = true;
        self
    }

    /// The same style for a value that may be several segments of a path: `{+name}`, `{path*}`, `{name=projects/*}`.
    #[must_use]
    pub const fn across_segments(mut self) -> Self {
        self.slash = Some("/");
        self
    }

    /// The same style for a value that may hold slashes inside of its segment, where the document shows or describes such.
    #[must_use]
    pub const fn with_slashes(mut self) -> Self {
        self.slash = Some("%2F");
        self
    }

    /// The same style for lists of lists, the inner ones of which are written in another: `collectionFormat` of items in
    /// Swagger 2.0.
    #[must_use]
    pub const fn with_nested(mut self, style: &'static Self) -> Self {
        self.nested = Some(style);
        self
    }

    /// Whether a single value stands as it is, without a prefix.
    pub(crate) fn is_simple(self) -> bool {
        self.kind == Kind::Simple
    }

    /// Checks that a text in a path leads nowhere else.
    pub(crate) fn check_path(self, text: &str) -> Result<(), &'static str> {
        let Some(slash) = self.slash else { return segment::check(text) };
        // A slash inside of a segment does not end it, so that nothing need stand between two, as in `https://`.
        let gaps = slash != "/" && text.bytes().any(|it| it != b'/');
        text.split('/').filter(|it| !(gaps && it.is_empty())).try_for_each(segment::check)
    }

    /// A text as it stands in a path.
    pub(crate) fn path_text(self, text: &str) -> String {
        let pieces = text.split('/').map(|it| self.encode(Place::Path, it));
        pieces.collect::<Vec<_>>().join(self.slash.unwrap_or("%2F"))
    }

    /// The same style with commas in place of another delimiter, to look at what is between them.
    pub(crate) fn with_commas(self) -> Self {
        static COMMAS: Style = Style::SIMPLE.with_nested(&COMMAS);
        let nested = self.nested.map(|_| &COMMAS);
        match self.kind {
            Kind::Space | Kind::Pipe | Kind::Tab => Self { kind: Kind::Simple, nested, ..self },
            _ => Self { nested, ..self },
        }
    }

    /// Writes one value as pieces `name=value`, for a query, a form or cookies. `null` and an empty list write nothing.
    pub(crate) fn pieces(
        self,
        place: Place,
        name: &str,
        value: &Value,
    ) -> Result<Vec<String>, String> {
        let pairs = self.pairs(place, name, value)?;
        Ok(pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    /// Writes one value as a whole, for a path or a header.
    pub(crate) fn text(self, place: Place, name: &str, value: &Value) -> Result<String, String> {
        let named = value.is_object() && self.explode;
        let (prefix, separator) = match self.kind {
            Kind::Matrix => (";", ";"),
            Kind::Label => (".", "."),
            _ => ("", ","),
        };
        let pairs = self.pairs(place, name, value)?.into_iter();
        let texts = pairs.map(|(name, value)| match self.kind {
            Kind::Matrix if value.is_empty() => name,
            Kind::Matrix => format!("{name}={value}"),
            _ if named => format!("{name}={value}"),
            _ => value,
        });
        Ok(format!("{prefix}{}", texts.collect::<Vec<_>>().join(separator)))
    }

    /// The value taken apart as the style does, each part with its name.
    pub(crate) fn pairs(
        self,
        place: Place,
        name: &str,
        value: &Value,
    ) -> Result<Vec<(String, String)>, String> {
        let mut out = Vec::new();
        match (self.kind, value) {
            (_, Value::Null) => {}
            (Kind::Json, value) => out.push((name.to_owned(), value.to_string())),
            (Kind::DeepObject, value) => in_brackets(name, value, &mut out),
            (_, Value::Array(items)) if self.explode => {
                let name = encode_name(place, name);
                let items = items.iter().map(|item| Ok((name.clone(), self.item(place, item)?)));
                return items.collect();
            }
            (_, Value::Object(fields)) if self.explode => {
                for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                    let list = value.as_array().filter(|_| self.kind == Kind::Form);
                    for one in list.map_or(std::slice::from_ref(value), Vec::as_slice) {
                        out.push((key.clone(), text_of(one)?));
                    }
                }
            }
            (_, Value::Array(_) | Value::Object(_)) => {
                let mut texts = Vec::new();
                for item in value.as_array().into_iter().flatten() {
                    texts.push(self.item(place, item)?);
                }
                let fields = value.as_object().into_iter().flatten();
                for (key, value) in fields.filter(|(_, value)| !value.is_null()) {
                    texts.push(self.encode(place, key));
                    texts.push(self.encode(place, &text_of(value)?));
                }
                if !texts.is_empty() {
                    let name = encode_name(place, name);
                    return Ok(vec![(name, texts.join(&self.delimiter(place)))]);
                }
            }
            (_, one) => out.push((name.to_owned(), text_of(one)?)),
        }
        let encoded =
            |(name, text): (String, String)| (encode_name(place, &name), self.encode(place, &text));
        Ok(out.into_iter().map(encoded).collect())
    }

    /// One item of a list, which may be a list itself.
    fn item(self, place: Place, item: &Value) -> Result<String, String> {
        match (self.nested, item) {
            (Some(style), Value::Array(items)) => {
                let items = items.iter().map(|it| style.item(place, it));
                Ok(items.collect::<Result<Vec<_>, _>>()?.join(&style.delimiter(place)))
            }
            _ => Ok(self.encode(place, &text_of(item)?)),
        }
    }

    /// What separates the items of a value that does not explode.
    fn delimiter(self, place: Place) -> String {
        let delimiter = match self.kind {
            Kind::Space => " ",
            Kind::Pipe => "|",
            Kind::Tab => "\t",
            _ => return ",".to_owned(),
        };
        Self::FORM.encode(place, delimiter)
    }

    pub(crate) fn encode(self, place: Place, text: &str) -> String {
        let set = match (place, self.kind, self.reserved) {
            (Place::Header | Place::Part, ..) => return text.to_owned(),
            (Place::Cookie, Kind::Cookie, _) => ENCODED_IN_COOKIE,
            (Place::Path, _, true) => ENCODED_IN_SEGMENT,
            (Place::Query, _, true) => ENCODED_IN_QUERY,
            (Place::Path | Place::Query | Place::Cookie, ..) => ENCODED,
        };
        let encoded = Cow::from(utf8_percent_encode(text, set)).into_owned();
        match self.reserved {
            true => keep_triples(&encoded),
            false => encoded,
        }
    }
}

/// Takes back the encoding of what was percent-encoded before.
fn keep_triples(encoded: &str) -> String {
    let is_triple = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    };
    // Only the first part has no percent sign before it.
    let mut parts = encoded.split("%25");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(if is_triple(part) { "%" } else { "%25" });
        out.push_str(part);
    }
    out
}

fn encode_name(place: Place, name: &str) -> String {
    match place {
        Place::Header | Place::Part => name.to_owned(),
        Place::Path | Place::Query | Place::Cookie => encode_component(name),
    }
}

/// Nested objects continue the brackets, as the servers that know this style read them.
fn in_brackets(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                in_brackets(&format!("{name}[{key}]"), value, out);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                // Of what is structured itself the index says which parts belong together.
                let indexed = format!("{name}[{i}]");
                let is_single = scalar(item).is_some();
                in_brackets(if is_single { name } else { &indexed }, item, out);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push((name.to_owned(), scalar(value).unwrap_or_default()));
        }
    }
}

fn text_of(value: &Value) -> Result<String, String> {
    scalar(value).ok_or_else(|| {
        "holds an array or object inside another, which this style cannot write".to_owned()
    })
}

/// Percent-encodes all but unreserved characters.
pub(crate) fn encode_component(value: &str) -> String {
    Cow::from(utf8_percent_encode(value, ENCODED)).into_owned()
}

/// A name and a text as a piece of a query.
pub(crate) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encode_component(name), encode_component(value))
}
