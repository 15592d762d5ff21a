//! What each part of an OpenAPI or Swagger document is and where its parts are: one table, on which
//! every walk through a document stands.

mod table;

pub use table::Kind;
pub(crate) use table::{Field, Form, KINDS, Loss, Use};

use crate::{pointer::Pointer, version::Version};
use serde_json::Value;

use Form::{Data, List, Loose, One};
use Kind::*;

/// Whether a keyword of a schema describes it, and says nothing about values.
pub fn describes(key: &str) -> bool {
    matches!(key, "title" | "description" | "summary" | "example" | "examples" | "externalDocs")
        || matches!(key, "$comment" | "xml" | "$defs" | "definitions")
        || matches!(key, "$id" | "$schema" | "$anchor" | "$dynamicAnchor")
}

/// Whether a keyword of a schema says something about values, if anything, and neither restricts nor names them.
pub fn annotates(key: &str) -> bool {
    describes(key) || matches!(key, "default" | "deprecated" | "readOnly" | "writeOnly")
}

/// How a keyword of a schema holds other schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subschemas {
    /// One schema.
    One,
    /// A schema for each name.
    Named,
    /// A schema for each position of a list.
    Ordered,
    /// Several schemas for the same value, in any order.
    Combined,
}

/// How a keyword of a schema holds other schemas; `None` where it holds none.
pub fn subschemas(key: &str) -> Option<Subschemas> {
    Schema.field(key).and_then(held)
}

fn held(field: &Field) -> Option<Subschemas> {
    match field.form {
        One(Schema) => Some(Subschemas::One),
        Form::Map(Schema) => Some(Subschemas::Named),
        List(Schema) if field.key == "prefixItems" => Some(Subschemas::Ordered),
        List(Schema) => Some(Subschemas::Combined),
        _ => None,
    }
}

/// Whether a keyword of a schema decides on the type of its values in Rust.
pub fn gives_type(key: &str) -> bool {
    let read = |key| Schema.field(key).is_some_and(|it| matches!(it.used, Use::Consumed(_)));
    matches!(key, "type" | "enum" | "const")
        || subschemas(key).is_some() && read(key) && !describes(key)
}

/// The keywords that hold schemas in this way and restrict values by them.
pub fn applicators(how: Subschemas) -> impl Iterator<Item = &'static str> {
    let fields = Schema.fields().iter().filter(move |it| held(it) == Some(how));
    fields.map(|it| it.key).filter(|key| !describes(key))
}

impl Kind {
    /// The field of this name.
    pub(crate) fn field(self, key: &str) -> Option<&'static Field> {
        self.fields().iter().find(|it| it.key == key)
    }

    fn has(self, key: &str) -> bool {
        self.field(key).is_some() || self.others().is_some()
    }

    /// The kind that Swagger 2.0 has in its place.
    pub(crate) fn former(self) -> Option<Kind> {
        Some(match self {
            Root3 => Root2,
            PathItem => PathItem2,
            Operation => Operation2,
            Parameter => Parameter2,
            Response => Response2,
            Header => Header2,
            _ => return None,
        })
    }

    /// What every field that is neither listed nor an extension holds, where that is a node.
    pub(crate) fn others(self) -> Option<Kind> {
        match self {
            Paths | Callback => Some(PathItem),
            Paths2 => Some(PathItem2),
            Responses => Some(Response),
            Responses2 => Some(Response2),
            _ => None,
        }
    }
}

/// Which of the two families of documents one is; it decides where schemas live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0, 3.1 and 3.2.
    OpenApi3,
}

impl Dialect {
    /// Tells the family by the root's version key.
    pub(crate) fn of(root: &Value) -> Self {
        match Version::of(root) {
            Some(Version::Swagger2) => Self::Swagger2,
            _ => Self::OpenApi3,
        }
    }

    /// The kind of the root.
    pub(crate) fn root(self) -> Kind {
        match self {
            Self::Swagger2 => Root2,
            Self::OpenApi3 => Root3,
        }
    }

    /// Where named nodes of `kind` live in this family, as keys from the root.
    pub(crate) fn home(self, kind: Kind) -> Option<&'static [&'static str]> {
        match (self, kind) {
            (Self::Swagger2, Schema) => Some(&["definitions"]),
            (Self::Swagger2, SecurityScheme) => Some(&["securityDefinitions"]),
            _ => kind.home(),
        }
    }

    /// Where this family keeps nodes for references, each place with the kind of its nodes.
    pub(crate) fn homes(self) -> impl Iterator<Item = (Kind, Pointer)> {
        let own = move |home: &&[&str]| (self == Self::Swagger2) == (home.len() == 1);
        KINDS.iter().filter_map(move |kind| {
            Some((*kind, Pointer::from_iter(self.home(*kind).filter(own)?)))
        })
    }

    /// The pointer of the named schemas' mapping.
    pub(crate) fn schemas(self) -> Pointer {
        Pointer::from_iter(self.home(Schema).unwrap_or_default())
    }
}

/// Whether a key of a free mapping names a node: a mapping's own `$ref` does not.
fn names_node(key: &str, value: &Value) -> bool {
    !(key == "$ref" && value.is_string())
}

/// Whether a list in this field is a list of nodes: `items` was one in older JSON Schema.
fn lists(form: Form, key: &str) -> bool {
    matches!(form, List(_)) || matches!(form, One(_)) && key == "items"
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// Defines a function that shows every node directly inside one, to be read or to be changed.
macro_rules! each_child {
    ($(#[$about:meta])* $name:ident $(<$life:lifetime>)?, $value:ty, $members:ident, $each:ident) => {
        $(#[$about])*
        pub(crate) fn $name $(<$life>)?(
            value: $value,
            kind: Kind,
            at: &Pointer,
            see: &mut dyn FnMut($value, Kind, &Pointer),
        ) {
            let Some(object) = value.$members() else { return };
            for (key, field) in object {
                let form = kind.field(key).map(|it| it.form);
                let form = match (form, kind.others()) {
                    (Some(form), _) => form,
                    (None, Some(kind)) if !is_extension(key) && names_node(key, field) => One(kind),
                    _ => continue,
                };
                let at = at.child(key);
                match (form, field) {
                    (form, Value::Array(list)) if lists(form, key) => {
                        let inner = form.kind().unwrap_or(kind);
                        for (index, node) in list.$each().enumerate() {
                            see(node, inner, &at.child(index));
                        }
                    }
                    (One(inner), node) => see(node, inner, &at),
                    (Form::Map(inner), Value::Object(entries)) => {
                        for (name, node) in entries.$each().filter(|(k, v)| names_node(k, v)) {
                            see(node, inner, &at.child(name));
                        }
                    }
                    _ => {}
                }
            }
        }
    };
}

each_child! {
    /// Calls `see` with every node directly inside `value`.
    each_child<'a>, &'a Value, as_object, iter
}
each_child! {
    /// Calls `see` with every node directly inside `value`, to change it.
    each_child_mut, &mut Value, as_object_mut, iter_mut
}

/// Calls `see` with `value` and every node inside it, outer ones first.
pub(crate) fn walk<'a>(
    value: &'a Value,
    kind: Kind,
    at: &Pointer,
    see: &mut dyn FnMut(&'a Value, Kind, &Pointer),
) {
    see(value, kind, at);
    each_child(value, kind, at, &mut |node, kind, at| walk(node, kind, at, see));
}

/// Calls `see` with `value` and every node inside it, outer ones first, to change them.
pub(crate) fn walk_mut(
    value: &mut Value,
    kind: Kind,
    at: &Pointer,
    see: &mut dyn FnMut(&mut Value, Kind, &Pointer),
) {
    see(value, kind, at);
    each_child_mut(value, kind, at, &mut |node, kind, at| walk_mut(node, kind, at, see));
}

/// Shows every node of a document, outer ones first.
pub fn each_node(root: &Value, see: &mut dyn FnMut(&Value, Kind, &Pointer)) {
    walk(root, Dialect::of(root).root(), &Pointer::ROOT, see);
}

/// What the node at `pointer` is, where the grammar says so.
pub(crate) fn kind_at(root: &Value, kind: Kind, pointer: &Pointer) -> Option<Kind> {
    let (mut value, mut kind, mut inside) = (root, kind, false);
    for token in pointer.tokens() {
        value = match value {
            Value::Array(list) => list.get(token.parse::<usize>().ok()?)?,
            other => other.get(&token)?,
        };
        if inside {
            inside = false;
            continue;
        }
        let form = kind.field(&token).map(|it| it.form);
        (kind, inside) = match (form, kind.others()) {
            (Some(List(kind) | Form::Map(kind)), _) => (kind, true),
            (Some(One(kind)), _) => (kind, token == "items" && value.is_array()),
            (None, Some(kind)) if !is_extension(&token) => (kind, false),
            _ => return None,
        };
    }
    (!inside).then_some(kind)
}

/// What a position in a document holds, for walks that look at everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// One node.
    Node(Kind),
    /// A mapping or list of nodes.
    Nodes(Kind),
    /// Somebody's data: samples, defaults, other people's extensions. Nothing in it is OpenAPI.
    Data,
    /// Anything else.
    Other,
}

impl Position {
    /// The way of a pointer into a document of any version: each of its tokens, escaped as it is written, with where its
    /// slash stands and with the position that has the token as a key.
    pub fn steps(pointer: &str) -> impl Iterator<Item = (usize, &str, Self)> {
        let (mut at, mut start) = (Self::Node(Root3), 0);
        pointer.split('/').skip(1).map(move |token| {
            // Only the keys show the version here.
            if let Self::Node(kind) = at
                && !kind.has(token)
                && let Some(former) = kind.former().filter(|it| it.has(token))
            {
                at = Self::Node(former);
            }
            let step = (start, token, at);
            start += token.len() + 1;
            at = at.child(token);
            step
        })
    }

    /// Whether `key` is a free name here, an index or data, and not a keyword.
    pub fn names(self, key: &str) -> bool {
        match self {
            Self::Nodes(_) | Self::Data => true,
            Self::Node(kind) => kind.field(key).is_none() && kind.others().is_some(),
            Self::Other => false,
        }
    }

    /// Whether `key` is a keyword of a schema here.
    pub fn is_keyword(self, key: &str) -> bool {
        self == Self::Node(Schema) && Schema.field(key).is_some()
    }

    /// The root of a document; of a file that does not say what it is, everything counts.
    pub fn root(root: &Value) -> Self {
        match ["openapi", "swagger"].iter().any(|it| root.get(it).is_some()) {
            true => Self::Node(Dialect::of(root).root()),
            false => Self::Other,
        }
    }

    /// What the child under `key` is; a list's children have their index as key.
    pub fn child(self, key: &str) -> Self {
        let of = |kind| if kind == Example { Self::Data } else { Self::Node(kind) };
        match self {
            Self::Data => Self::Data,
            Self::Nodes(kind) => Self::Node(kind),
            _ if is_extension(key) => Self::Data,
            Self::Other => Self::Other,
            Self::Node(kind) => match (kind.field(key).map(|it| it.form), kind.others()) {
                (Some(One(kind) | Loose(kind)), _) | (None, Some(kind)) => of(kind),
                (Some(List(kind) | Form::Map(kind)), _) if kind == Example => Self::Data,
                (Some(List(kind) | Form::Map(kind)), _) => Self::Nodes(kind),
                (Some(Data), _) => Self::Data,
                // The list form of `items`, which OpenAPI 3.0 never had and JSON Schema once did.
                (None, None) if kind == Schema && key.bytes().all(|it| it.is_ascii_digit()) => {
                    Self::Node(Schema)
                }
                _ => Self::Other,
            },
        }
    }
}
