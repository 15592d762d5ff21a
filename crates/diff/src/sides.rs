//! The paths and operations of both sides, as far as they are known to stand against each other.

use crate::findings::Cause;
use crate::view::{Side, Spot};
use conversations_document::{Method, PathTemplate};
use serde_json::Value;

/// One path of a document.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    /// As it is written.
    pub(crate) name: String,
    /// The path item, references followed.
    pub(crate) item: Spot<'a>,
}

impl<'a> Path<'a> {
    /// The operations by verb in capitals.
    pub(crate) fn operations(&self) -> Vec<(String, Spot<'a>)> {
        let known = Method::ALL.into_iter().map(Method::key);
        let known = known.filter_map(|it| Some((it.to_ascii_uppercase(), self.item.get(it)?)));
        // A method that has a key of its own may not be named there.
        let others = self.item.get("additionalOperations").map(|it| it.members());
        let others = others.into_iter().flatten().filter(|(name, _)| {
            Method::of_key(&name.to_ascii_lowercase()).is_none() && !name.starts_with("x-")
        });
        let others = others.map(|(name, spot)| (name.to_owned(), spot));
        known.chain(others).filter(|it| it.1.value.is_object()).collect()
    }

    /// The names in braces, in order.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        PathTemplate(&self.name).names()
    }

    pub(crate) fn shape(&self) -> String {
        PathTemplate(&self.name).shape()
    }
}

/// The paths below a key of the root, such as `paths`.
pub(crate) fn paths<'a>(side: &Side<'a>, key: &str) -> Vec<Path<'a>> {
    side.spot().get(key).map(|it| items(side, &it)).unwrap_or_default()
}

/// The path items of a mapping.
pub(crate) fn items<'a>(side: &Side<'a>, spot: &Spot<'a>) -> Vec<Path<'a>> {
    spot.members()
        .into_iter()
        .filter(|(name, spot)| spot.value.is_object() && !name.starts_with("x-"))
        .map(|(name, spot)| Path { name: name.to_owned(), item: side.resolve(spot) })
        .collect()
}

/// Whether a part of the address moved between the servers and the paths, and the whole addresses
/// stayed.
pub(crate) fn moved_into_servers(base: &Side<'_>, revision: &Side<'_>) -> bool {
    let url = |side: &Side<'_>| {
        let servers = side.spot().get("servers").map(|it| it.elements()).unwrap_or_default();
        servers
            .first()
            .and_then(|it| it.text("url"))
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned()
    };
    let (old, new) = (url(base), url(revision));
    let stays = |it: &Path<'_>| {
        let whole = format!("{old}{}", it.shape());
        paths(revision, "paths").iter().any(|other| format!("{new}{}", other.shape()) == whole)
    };
    old != new && paths(base, "paths").first().is_some_and(stays)
}

/// The two operations, and the paths that hold them.
#[derive(Debug, Clone)]
pub(crate) struct Sides<'a> {
    /// The operation of the base.
    pub(crate) base: Spot<'a>,
    /// The operation of the revision.
    pub(crate) revision: Spot<'a>,
    /// The path of the base.
    pub(crate) old: Path<'a>,
    /// The path of the revision.
    pub(crate) new: Path<'a>,
    /// Whether the vendor sends and the client answers, as for webhooks and callbacks.
    pub(crate) event: bool,
}

impl Sides<'_> {
    /// What the key `key` says in both, or the operations where it says nothing.
    pub(crate) fn cause(&self, key: &str) -> Cause {
        let at =
            |spot: &Spot<'_>| spot.get(key).map_or_else(|| spot.pointer.clone(), |it| it.pointer);
        Cause::both(at(&self.base), at(&self.revision))
    }

    /// The values of a key.
    pub(crate) fn values(&self, key: &str) -> (&Value, &Value) {
        (
            self.base.value.get(key).unwrap_or(&Value::Null),
            self.revision.value.get(key).unwrap_or(&Value::Null),
        )
    }
}
