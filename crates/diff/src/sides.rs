//! The paths and operations of both sides, as far as they are known to stand against each other.

use crate::findings::Cause;
use crate::view::{Side, Spot};
use serde_json::Value;

const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

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
        METHODS
            .iter()
            .filter_map(|it| {
                let spot = self.item.get(it).filter(|spot| spot.value.is_object())?;
                Some((it.to_ascii_uppercase(), spot))
            })
            .collect()
    }

    /// The names in braces, in order.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        self.name.split('{').skip(1).filter_map(|it| it.split_once('}')).map(|it| it.0).collect()
    }

    pub(crate) fn shape(&self) -> String {
        let mut shape = String::new();
        let mut rest = self.name.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            shape.push_str(before);
            shape.push_str("{}");
            rest = after.split_once('}').map_or("", |it| it.1);
        }
        shape + rest
    }
}

/// The paths below a key of the root, such as `paths`.
pub(crate) fn paths<'a>(side: &Side<'a>, key: &str) -> Vec<Path<'a>> {
    let Some(spot) = side.spot().get(key) else { return Vec::new() };
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
