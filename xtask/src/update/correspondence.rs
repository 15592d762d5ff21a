//! Which part of the next document is which part of the present one.
//!
//! Operations are matched by verb and path shape; from there both documents are walked side by side, so
//! that a schema that goes by another name is still known by the place where it is used.

use conversations_document::{
    PathTemplate, Pointer,
    document::nearest,
    lookup::{self, Found, Property, keys, property},
    reference::{self, named_schema, reference_to, schema_pointer, target},
    servers,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that are walked at most; a document that refers to itself ends much earlier.
const MAX_NODES: usize = 200_000;

/// An operation as far as matching needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The verb in capitals.
    pub verb: String,
    /// The path template.
    pub path: String,
    /// Its JSON Pointer.
    pub pointer: Pointer,
    /// Its operationId.
    pub id: Option<String>,
    /// The path with every placeholder as `{}`, below the server's own path.
    shape: Vec<String>,
}

impl Operation {
    /// Whether a client calls both at the same address, but for the names of placeholders.
    pub(super) fn is_same_address(&self, other: &Self) -> bool {
        self.verb == other.verb && self.shape == other.shape
    }
}

/// The operations of a document, in its order.
pub fn operations(root: &Value) -> Vec<Operation> {
    // The path of the first server, which one document may put there and the other into every path.
    let server = ["/basePath", "/servers/0/url"].iter().find_map(|it| root.pointer(it)?.as_str());
    let base = server.map_or("", servers::path);
    let with_shape = |Found { verb, path, pointer, id }| {
        let shape = shape(&format!("{base}{path}"));
        Operation { verb, path, pointer, id, shape }
    };
    lookup::operations(root).into_iter().map(with_shape).collect()
}

/// The segments of a path without the names in braces.
pub(super) fn shape(path: &str) -> Vec<String> {
    let shape = PathTemplate(path).shape();
    shape.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The operations of `base`, each with its counterpart in `revision`.
pub fn matched(base: &Value, revision: &Value) -> Vec<(Operation, Operation)> {
    let (before, after) = (operations(base), operations(revision));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut out: Vec<Option<usize>> = vec![None; before.len()];
    // The same shape first; then the longest common end, where only one comes into question, since a
    // version or a prefix may have moved into the path.
    let steps = [
        Likeness::Same,
        Likeness::Path,
        Likeness::Version,
        Likeness::End,
        Likeness::Name,
        Likeness::NameAlone,
    ];
    for step in steps {
        for (i, old) in before.iter().enumerate() {
            if out[i].is_some() {
                continue;
            }
            let fits = |new: &Operation| {
                let named = new.id.is_some() && new.id == old.id;
                (new.verb == old.verb || matches!(step, Likeness::NameAlone))
                    && match step {
                        Likeness::Name | Likeness::NameAlone => named,
                        Likeness::Same => new.shape == old.shape,
                        Likeness::Path => shape(&new.path) == shape(&old.path),
                        Likeness::Version => unversioned(&new.shape) == unversioned(&old.shape),
                        Likeness::End => {
                            ends_alike(&unversioned(&new.shape), &unversioned(&old.shape))
                        }
                    }
            };
            let found: Vec<usize> =
                (0..after.len()).filter(|at| !taken.contains(at) && fits(&after[*at])).collect();
            if let [one] = found[..] {
                taken.insert(one);
                out[i] = Some(one);
            }
        }
    }
    before
        .into_iter()
        .zip(out)
        .filter_map(|(old, at)| Some((old, after.get(at?)?.clone())))
        .collect()
}

/// The operations of `base` that are not among those of `matched`.
pub(super) fn vanished(base: &Value, matched: &[(Operation, Operation)]) -> Vec<Operation> {
    let gone = operations(base).into_iter();
    gone.filter(|it| !matched.iter().any(|(old, _)| old == it)).collect()
}

/// How alike two paths must be.
#[derive(Clone, Copy)]
enum Likeness {
    /// But for the names of placeholders.
    Same,
    /// But for what the server's address says besides.
    Path,
    /// But for the version as well.
    Version,
    /// One is the end of the other.
    End,
    /// Both have one operationId.
    Name,
    /// Both have one operationId, whatever the verb.
    NameAlone,
}

/// The segments without those that are only a version, such as `v1.1`.
fn unversioned(shape: &[String]) -> Vec<String> {
    let version = |it: &String| {
        it.strip_prefix('v').is_some_and(|it| {
            !it.is_empty() && it.chars().all(|it| it.is_ascii_digit() || it == '.')
        })
    };
    shape.iter().filter(|it| !version(it)).cloned().collect()
}

/// Whether the shorter path is the end of the longer one, by two segments at least.
fn ends_alike(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= 2 && long.ends_with(short)
}

/// Where each part of the present document is in the next one, as far as it was found.
#[derive(Debug, Clone, Default)]
pub struct Correspondence {
    to: BTreeMap<Pointer, Pointer>,
    both: BTreeSet<(Pointer, Pointer)>,
    operations: Vec<(Operation, Operation)>,
    /// Paths, and within each the names of its placeholders.
    paths: BTreeMap<String, (String, Vec<(String, String)>)>,
}

impl Correspondence {
    /// The operations of the present document with their counterparts.
    pub fn operations(&self) -> &[(Operation, Operation)] {
        &self.operations
    }

    /// Every two parts that were met in the same place. A shared part may have met several.
    pub fn both(&self) -> impl Iterator<Item = (&Pointer, &Pointer)> {
        self.both.iter().map(|(from, to)| (from, to))
    }

    /// Placeholders of paths that are called otherwise now: before and after.
    pub fn placeholders(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.paths.values().flat_map(|(_, it)| it);
        all.filter(|(old, new)| old != new).map(|(old, new)| (old.as_str(), new.as_str()))
    }

    /// Where an operation of the present document is in the next one, whatever its placeholders are called:
    /// verb and path.
    pub fn operation(&self, verb: &str, path: &str) -> Option<(&str, &str)> {
        let wanted = shape(path);
        let fits = |it: &Operation| it.verb.eq_ignore_ascii_case(verb) && shape(&it.path) == wanted;
        let (_, new) = self.operations.iter().find(|(old, _)| fits(old))?;
        Some((&new.verb, &new.path))
    }

    /// A query with the paths that it spells, the placeholders in them, and the references to named schemas, as
    /// the next document has them.
    pub fn renamed(&self, query: &str) -> String {
        let mut out = query.to_owned();
        for (old, new) in &self.to {
            if old != new
                && let (Some(from), Some(to)) = (named_schema(old), named_schema(new))
            {
                let quoted = |it: &Pointer| format!("'{}'", reference_to(it));
                out = with_schema(&out.replace(&quoted(old), &quoted(new)), &from, &to);
            }
        }
        for (old, (new, placeholders)) in &self.paths {
            let (from, to) = (format!("'{old}'"), format!("'{new}'"));
            if !out.contains(&from) {
                continue;
            }
            out = out.replace(&from, &to);
            for (old, new) in placeholders {
                out = out.replace(&format!("'{old}'"), &format!("'{new}'"));
            }
        }
        out
    }

    /// Where the node at `pointer` of the present document is in the next one: itself or below the
    /// nearest ancestor whose place is known.
    pub fn counterpart(&self, pointer: &Pointer) -> Option<Pointer> {
        let (above, to) = nearest(&self.to, pointer)?;
        pointer.moved(above, to)
    }

    /// Every place where the node at `pointer` of the present document is in the next one.
    pub(super) fn counterparts(&self, pointer: &Pointer) -> Vec<Pointer> {
        let Some((above, _)) = nearest(&self.to, pointer) else { return Vec::new() };
        let met = self.both.range((Pointer::from(above), Pointer::ROOT)..);
        let met = met.take_while(|(from, _)| **from == *above);
        met.filter_map(|(_, to)| pointer.moved(above, to)).collect()
    }
}

/// A query that spells the schema `from` below `$.components.schemas` with `to` in its place.
fn with_schema(query: &str, from: &str, to: &str) -> String {
    const HOME: &str = "$.components.schemas";
    let Some(rest) = query.strip_prefix(HOME) else { return query.to_owned() };
    if let Some(own) = rest.strip_prefix('.') {
        let end = own.find(['.', '[']).unwrap_or(own.len());
        if &own[..end] == from {
            return format!("{}{}", json_path(&schema_pointer(to)), &own[end..]);
        }
    } else if let Some((list, tail)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
        let quoted = list.split(',').all(|it| it.trim().starts_with('\''));
        if quoted {
            let list = list.replace(&format!("'{from}'"), &format!("'{to}'"));
            return format!("{HOME}[{list}]{tail}");
        }
    }
    query.to_owned()
}

/// Walks both documents side by side.
pub fn correspondence(base: &Value, revision: &Value) -> Correspondence {
    let mut walk = Walk { base, revision, out: Correspondence::default(), seen: BTreeSet::new() };
    let operations = matched(base, revision);
    for (old, new) in &operations {
        let names = |path: &str| -> Vec<String> {
            PathTemplate(path).names().into_iter().map(str::to_owned).collect()
        };
        let placeholders =
            names(&old.path).into_iter().rev().zip(names(&new.path).into_iter().rev());
        walk.out.paths.insert(old.path.clone(), (new.path.clone(), placeholders.collect()));
        let (from, to) = (old.pointer.parent(), new.pointer.parent());
        walk.out.to.insert(from.clone(), to.clone());
        // Parameters of the path item count for each of its operations.
        walk.parameters(&[&from, &old.pointer], &[&to, &new.pointer]);
        walk.node(&old.pointer, &new.pointer);
    }
    walk.out.operations = operations;
    for section in ["/components/securitySchemes", "/servers", "/info"] {
        walk.node(&section.into(), &section.into());
    }
    walk.out
}

struct Walk<'a> {
    base: &'a Value,
    revision: &'a Value,
    out: Correspondence,
    seen: BTreeSet<(Pointer, Pointer)>,
}

impl Walk<'_> {
    fn node(&mut self, from: &Pointer, to: &Pointer) {
        let mut todo = vec![(from.clone(), to.clone())];
        while let Some((from, to)) = todo.pop() {
            if self.seen.len() > MAX_NODES || !self.seen.insert((from.clone(), to.clone())) {
                continue;
            }
            let (Some(old), Some(new)) = (self.base.pointer(&from), self.revision.pointer(&to))
            else {
                continue;
            };
            // The first place where a shared part was met decides; a walk from one place is as good
            // as from another.
            self.out.to.entry(from.clone()).or_insert_with(|| to.clone());
            self.out.both.insert((from.clone(), to.clone()));
            let (from, old) = resolve(self.base, from, old);
            let (to, new) = resolve(self.revision, to, new);
            self.out.to.entry(from.clone()).or_insert_with(|| to.clone());
            self.out.both.insert((from.clone(), to.clone()));
            match (old, new) {
                (Value::Object(old), Value::Object(new)) => {
                    todo.extend(children(&from, old, &to, new));
                    todo.extend(self.split_or_joined(&from, &to));
                }
                (Value::Array(old), Value::Array(new)) => {
                    let both = old.len().min(new.len());
                    todo.extend((0..both).map(|i| (from.child(i), to.child(i))));
                }
                _ => {}
            }
        }
    }

    /// The properties that one of two schemas has itself and the other one in a part of its `allOf`.
    fn split_or_joined(&self, from: &Pointer, to: &Pointer) -> Vec<(Pointer, Pointer)> {
        let own = |root, at: &Pointer| keys(root, &at.child("properties"));
        let here = |it| match it {
            Property::Here(at) => Some(at),
            Property::Missing(_) | Property::Unknown => None,
        };
        let (old, new) = (own(self.base, from), own(self.revision, to));
        let split = old.iter().filter(|it| !new.contains(it)).filter_map(|name| {
            let part = here(property(self.revision, to, name))?;
            Some((from.child("properties").child(name), part))
        });
        let joined = new.iter().filter(|it| !old.contains(it)).filter_map(|name| {
            let part = here(property(self.base, from, name))?;
            Some((part, to.child("properties").child(name)))
        });
        split.chain(joined).collect()
    }

    fn parameters(&mut self, from: &[&Pointer], to: &[&Pointer]) {
        let list = |root: &Value, holders: &[&Pointer]| {
            let mut out: Vec<(String, String, Pointer)> = Vec::new();
            for holder in holders {
                let at = holder.child("parameters");
                let all = root.pointer(&at).and_then(Value::as_array).map_or(0, Vec::len);
                for i in 0..all {
                    let pointer = at.child(i);
                    let Some(node) = root.pointer(&pointer) else { continue };
                    let (_, node) = resolve(root, pointer.clone(), node);
                    let text =
                        |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
                    out.push((text("in").to_owned(), text("name").to_owned(), pointer));
                }
            }
            out
        };
        let (old, new) = (list(self.base, from), list(self.revision, to));
        // Path parameters by their place in the path, whatever they are called.
        let placeholders = |all: &[(String, String, Pointer)], holder: &Pointer| {
            PathTemplate(&holder.last())
                .names()
                .iter()
                .map(|name| {
                    all.iter().find(|it| it.0 == "path" && it.1 == **name).map(|it| it.2.clone())
                })
                .collect::<Vec<_>>()
        };
        let old_path = placeholders(&old, from[0]);
        let new_path = placeholders(&new, to[0]);
        // From the end, since a prefix may have come or gone.
        for (old, new) in old_path.iter().rev().zip(new_path.iter().rev()) {
            if let (Some(old), Some(new)) = (old, new) {
                self.node(old, new);
            }
        }
        for (place, name, pointer) in old.iter().filter(|it| it.0 != "path") {
            if let Some(other) = new.iter().find(|it| it.0 == *place && it.1 == *name) {
                self.node(pointer, &other.2);
            }
        }
    }
}

fn children(
    from: &Pointer,
    old: &Map<String, Value>,
    to: &Pointer,
    new: &Map<String, Value>,
) -> Vec<(Pointer, Pointer)> {
    let mut out = Vec::new();
    for key in old.keys().filter(|it| *it != "parameters") {
        if new.contains_key(key) {
            out.push((from.child(key), to.child(key)));
        }
    }
    let last = from.last();
    if last == "responses" {
        let success = |map: &Map<String, Value>| {
            let all: Vec<String> = map.keys().filter(|it| it.starts_with('2')).cloned().collect();
            all
        };
        if let ([a], [b]) = (&success(old)[..], &success(new)[..])
            && a != b
        {
            out.push((from.child(a), to.child(b)));
        }
    }
    if last == "content"
        && let (Some(a), Some(b), 1, 1) =
            (old.keys().next(), new.keys().next(), old.len(), new.len())
        && a != b
    {
        out.push((from.child(a), to.child(b)));
    }
    out
}

fn resolve<'a>(root: &'a Value, mut pointer: Pointer, mut node: &'a Value) -> (Pointer, &'a Value) {
    for _ in 0..20 {
        let Some(at) = reference(node).and_then(|it| target(root, it)) else { break };
        let Some(found) = root.pointer(&at) else { break };
        (pointer, node) = (at, found);
    }
    (pointer, node)
}

/// What a node refers to, by itself or as the one part of an `allOf`, which makes room for words beside it.
pub(super) fn reference(node: &Value) -> Option<&str> {
    reference::reference(node).or_else(|| {
        match node.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) if node.get("properties").is_none() => reference::reference(only),
            _ => None,
        }
    })
}

/// A JSON Pointer as a JSONPath, as an overlay's author would write it.
pub fn json_path(pointer: &str) -> String {
    let mut out = String::from("$");
    for key in Pointer::from(pointer).tokens() {
        let plain = key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && key.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        if plain {
            out.push('.');
            out.push_str(&key);
        } else if !key.is_empty() && key.bytes().all(|it| it.is_ascii_digit()) && key.len() < 3 {
            out.push_str(&format!("[{key}]"));
        } else {
            out.push_str(&format!("['{}']", key.replace('\\', "\\\\").replace('\'', "\\'")));
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_match_by_verb_and_shape() {
        let base = json!({
            "servers": [{"url": "https://api.example.com/v1"}],
            "paths": {
                "/messages/{messageId}": {"get": {"operationId": "getMessage"}, "delete": {}},
                "/messages": {"post": {}},
                "/gone": {"get": {}},
            },
        });
        let revision = json!({
            "servers": [{"url": "https://api.example.com"}],
            "paths": {
                "/v1/messages": {"post": {}},
                "/v1/messages/{id}": {"get": {}, "delete": {}},
                "/v1/other/{id}": {"get": {}},
            },
        });
        let found: Vec<String> = matched(&base, &revision)
            .iter()
            .map(|(old, new)| format!("{} {} = {}", old.verb, old.path, new.path))
            .collect();
        assert_eq!(
            found,
            [
                "GET /messages/{messageId} = /v1/messages/{id}",
                "DELETE /messages/{messageId} = /v1/messages/{id}",
                "POST /messages = /v1/messages",
            ]
        );
    }

    #[test]
    fn parts_are_found_where_they_are_used() {
        let document = |id: &str, model: &str| {
            json!({
                "paths": {format!("/m/{{{id}}}"): {
                    "parameters": [{"name": id, "in": "path"}],
                    "get": {"responses": {"200": {"content": {"application/json": {
                        "schema": {"$ref": format!("#/components/schemas/{model}")}}}}}},
                }},
                "components": {"schemas": {model: {"properties": {"id": {"type": "string"}}}}},
            })
        };
        let pairs =
            correspondence(&document("messageId", "Message"), &document("id", "MessageResponse"));
        for (from, to) in [
            (
                "/components/schemas/Message/properties/id",
                Some("/components/schemas/MessageResponse/properties/id"),
            ),
            ("/paths/~1m~1{messageId}/get", Some("/paths/~1m~1{id}/get")),
            (
                "/paths/~1m~1{messageId}/parameters/0/name",
                Some("/paths/~1m~1{id}/parameters/0/name"),
            ),
            ("/components/schemas/Other", None),
        ] {
            assert_eq!(pairs.counterpart(&from.into()).as_deref(), to, "{from}");
        }
    }

    #[test]
    fn paths_read_as_an_author_writes_them() {
        assert_eq!(
            json_path("/paths/~1m~1{id}/get/parameters/0/x-y"),
            "$.paths['/m/{id}'].get.parameters[0]['x-y']"
        );
    }
}
