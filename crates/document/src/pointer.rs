//! JSON Pointers (RFC 6901): where a node stands in a document.

use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, ops::Deref};

/// A JSON Pointer as it is written; the empty one is the whole document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const ROOT: Self = Self(String::new());

    /// The member `key` of the node, or its element of that index.
    pub fn child(&self, key: impl fmt::Display) -> Self {
        let mut pointer = format!("{}/{key}", self.0);
        let key = &pointer[self.0.len() + 1..];
        // Few keys have anything to escape, and every walk makes a pointer for each node.
        if key.contains('~') || key.contains('/') {
            let escaped = key.replace('~', "~0").replace('/', "~1");
            pointer.replace_range(self.0.len() + 1.., &escaped);
        }
        Self(pointer)
    }

    /// The node that holds this one; that of the root is the root.
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or(String::new(), |(up, _)| up.to_owned()))
    }

    /// The keys and indices on the way from the root.
    pub fn tokens(&self) -> Vec<String> {
        self.0.split('/').skip(1).map(unescaped).collect()
    }

    /// The last of the [tokens](Self::tokens), empty for the root.
    pub fn last(&self) -> String {
        self.tokens().pop().unwrap_or_default()
    }

    /// Whether the node is the one at `above` or inside of it.
    pub fn is_within(&self, above: &str) -> bool {
        self.0.strip_prefix(above).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    }

    /// The same node below `to` instead of `from`, where it is at or below `from`.
    pub fn moved(&self, from: &str, to: &str) -> Option<Self> {
        self.is_within(from).then(|| Self(format!("{to}{}", &self.0[from.len()..])))
    }
}

/// The key that a part of a JSON Pointer stands for.
pub fn unescaped(part: &str) -> String {
    match part.contains('~') {
        true => part.replace("~1", "/").replace("~0", "~"),
        false => part.to_owned(),
    }
}

impl<T: fmt::Display> FromIterator<T> for Pointer {
    fn from_iter<I: IntoIterator<Item = T>>(tokens: I) -> Self {
        tokens.into_iter().fold(Self::ROOT, |at, it| at.child(it))
    }
}

impl Deref for Pointer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Pointer {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for Pointer {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialEq<&str> for Pointer {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}
