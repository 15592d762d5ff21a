//! Which specification a document follows: the one place that says which versions are read.

use crate::{
    document::Document,
    fault::{Code, Result},
    pointer::Pointer,
};
use serde_json::Value;

/// A version of the specification, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
    /// OpenAPI 3.2.
    OpenApi32,
}

/// The keys that state a version, and what they may begin with.
const KNOWN: [(&str, &str, Version); 4] = [
    ("openapi", "3.0", Version::OpenApi30),
    ("openapi", "3.1", Version::OpenApi31),
    ("openapi", "3.2", Version::OpenApi32),
    ("swagger", "2.0", Version::Swagger2),
];

impl Version {
    /// The version that a document states; `None` where it states none, or one that is not read.
    pub fn of(root: &Value) -> Option<Self> {
        let key = key(root)?;
        let text = match &root[key] {
            Value::String(text) => text.trim().to_owned(),
            // `openapi: 3.0` and `swagger: 2` are numbers to YAML, and everybody knows what is meant.
            Value::Number(number) => format!("{:.1}", number.as_f64()?),
            _ => return None,
        };
        let is = |known: &str| {
            text.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        KNOWN.into_iter().find(|it| it.0 == key && is(it.1)).map(|it| it.2)
    }

    /// [`Version::of`], or what is wrong with what the document states.
    pub fn check(document: &Document) -> Result<Self> {
        let Some(key) = key(&document.root) else {
            let help =
                "name the document itself, not a file that it refers to or a page that shows it";
            return Err(document.fault("", Code::NoVersion, help).into());
        };
        Self::of(&document.root).ok_or_else(|| {
            let version = document.root[key].to_string();
            let help = "`swagger: '2.0'`, `openapi: 3.0.x`, `3.1.x` and `3.2.x` are read";
            let code = Code::UnknownVersion { of: "the specification", version };
            document.fault(&Pointer::ROOT.child(key), code, help).into()
        })
    }
}

/// The key that states the version.
fn key(root: &Value) -> Option<&'static str> {
    ["openapi", "swagger"].into_iter().find(|it| root.get(it).is_some())
}
