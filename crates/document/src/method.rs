//! The HTTP methods that a path item may hold.

use crate::version::Version;

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `get`
    Get,
    /// `put`
    Put,
    /// `post`
    Post,
    /// `delete`
    Delete,
    /// `options`
    Options,
    /// `head`
    Head,
    /// `patch`
    Patch,
    /// `trace`
    Trace,
    /// `query`
    Query,
}

impl Method {
    /// Every method, in the order of the specification.
    pub const ALL: [Self; 9] = [
        Self::Get,
        Self::Put,
        Self::Post,
        Self::Delete,
        Self::Options,
        Self::Head,
        Self::Patch,
        Self::Trace,
        Self::Query,
    ];

    /// The key of a path item.
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
            Self::Query => "query",
        }
    }

    /// The method that a path item calls `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == key)
    }

    /// The keys that documents of a version have for methods, in the order of the specification.
    pub fn keys(version: Version) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |it| it.since() <= version).map(Self::key)
    }

    /// The version of the specification that brought it.
    fn since(self) -> Version {
        match self {
            Self::Trace => Version::OpenApi30,
            Self::Query => Version::OpenApi32,
            _ => Version::Swagger2,
        }
    }

    /// Whether it changes nothing at the server (RFC 9110, section 9.2.1).
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace | Self::Query)
    }

    /// Whether doing it twice is doing it once (RFC 9110, section 9.2.2).
    pub fn is_idempotent(self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }
}
