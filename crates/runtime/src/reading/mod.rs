//! The reading of JSON answers: strictly first, and where that fails a second time, leniently.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;

pub(crate) use charset::without_mark;
use de::Form;
use lenient::{Failure, Reading};
use repair::{Broken, parse};

use crate::redact::Censor;

pub(crate) mod charset;
pub mod de;
pub(crate) mod lenient;
pub(crate) mod number;
mod path;
mod repair;
pub mod union;

/// A part of an answer that could not be read and was left out; see [`Response::skipped`](crate::Response::skipped).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    path: String,
    reason: String,
}

impl Skipped {
    pub(crate) fn new(path: String, reason: String) -> Self {
        Self { path, reason }
    }

    /// The same where the answer was part of a larger one.
    pub(crate) fn below(self, path: &str) -> Self {
        let joins = path.is_empty() || self.path.is_empty() || self.path.starts_with('[');
        let dot = if joins { "" } else { "." };
        Self { path: format!("{path}{dot}{}", self.path), reason: self.reason }
    }

    /// The same without credentials: keys of a map stand in it as the server wrote them.
    pub(crate) fn censored(self, censor: &Censor) -> Self {
        Self { path: censor.text(self.path), reason: censor.text(self.reason) }
    }

    /// Whether the part lies within the one at `path`.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|below| below.starts_with(['.', '[']))
    }

    /// The place of the part, such as `messages[3].createdAt`, with the names on the wire.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Why it could not be read, such as `text where a whole number was expected`. It quotes nothing of the answer.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason } = self;
        write!(f, "{path}: {reason}")
    }
}

/// Why a body cannot be read.
pub(crate) struct Misread {
    pub(crate) what: Cow<'static, str>,
    /// The place of the part, where it is JSON of another form.
    pub(crate) path: Option<String>,
    /// The same as it may be printed.
    pub(crate) place: Option<String>,
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

impl Misread {
    /// JSON of which a required part below `root` cannot be read.
    pub(crate) fn of(failure: Failure, root: &str) -> Self {
        let path = failure.path_below(root);
        let what = format!("the answer is JSON of another form than documented: {failure}").into();
        Self { what, path, place: failure.place_below(root), source: Box::new(failure) }
    }
}

/// Reads JSON by the letter.
///
/// # Errors
/// Where it is not JSON of this form.
#[inline]
pub(crate) fn strictly<F: for<'de> Form<'de, T>, T>(body: &[u8]) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_slice(without_mark(body));
    let value = F::read(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Reads JSON, strictly and where that fails leniently, and says what was left out.
///
/// # Errors
/// Where it is not JSON, or a required part cannot be read, with its place.
pub(crate) fn read<F: for<'de> Form<'de, T>, T>(
    body: &[u8],
    headers: &HeaderMap,
) -> Result<(T, Vec<Skipped>), Misread> {
    read_below::<F, T>(body, headers, String::new)
}

/// Reads JSON as [`read`] does where it is a part of an answer, with the path to it.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_below<F: for<'de> Form<'de, T>, T>(
    body: &[u8],
    headers: &HeaderMap,
    root: impl FnOnce() -> String,
) -> Result<(T, Vec<Skipped>), Misread> {
    let strict = match strictly::<F, T>(body) {
        Ok(value) => return Ok((value, Vec::new())),
        Err(error) => error,
    };
    let text = charset::text(body, headers);
    let reading = Reading::of(text.len());
    let broken = match parse(&text, &reading) {
        Ok(value) => match lenient::read::<F, T>(&value, &reading) {
            Ok(read) => {
                let root = root();
                let skipped = reading.into_skipped().into_iter().map(|it| it.below(&root));
                return Ok((read, skipped.collect()));
            }
            Err(failure) => return Err(Misread::of(failure, &root())),
        },
        Err(broken) => broken,
    };
    let media = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.map(|media| media.split(';').next().unwrap_or_default().trim());
    let found = if let Some(coding) = unread_coding(headers) {
        coding
    } else if text.trim_ascii().is_empty() {
        "the answer has no body where JSON was expected".to_owned()
    } else if let Some(media) = media.filter(|media| !media.to_ascii_lowercase().contains("json")) {
        let plain = media.chars().all(|c| c.is_ascii_alphanumeric() || "/+-.".contains(c));
        format!("the answer is {} where JSON was expected", if plain { media } else { "something" })
    } else {
        match broken {
            Broken::End => "the answer is JSON that ends early".to_owned(),
            Broken::Syntax => "the answer is not JSON".to_owned(),
        }
    };
    Err(Misread {
        what: found.into(),
        path: None,
        place: None,
        source: Box::new(Position::of(&strict)),
    })
}

/// Says by which codings a body was compressed though `identity` was asked for; `None` where it can be read as it is.
pub(crate) fn unread_coding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(http::header::CONTENT_ENCODING);
    let text: Vec<_> = values.iter().map(|it| String::from_utf8_lossy(it.as_bytes())).collect();
    let codings = text.iter().flat_map(|text| text.split(',')).map(str::trim);
    let unread = codings.filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("identity"));
    // A coding is a short word; anything else may be text that must not print.
    let plain =
        |it: &str| it.len() <= 20 && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let names: Vec<_> = unread.map(|it| if plain(it) { it } else { "something" }).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!(
            "the answer is encoded ({names}), though it was asked for as it is; ask the vendor or a proxy on the way to send `identity`"
        )
    })
}

/// Where a body ceases to be JSON. The error of serde_json itself quotes values of the body, which may be a customer's words.
#[derive(Debug)]
struct Position {
    line: usize,
    column: usize,
}

impl Position {
    fn of(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, column } = self;
        write!(f, "not JSON at line {line}, column {column}")
    }
}

impl std::error::Error for Position {}
