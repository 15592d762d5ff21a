//! One canonical form for the many spellings of a schema, so that two documents are compared by the
//! values that they allow: `allOf` merged, compositions of one part and of constants or types written
//! as plain keywords, `null`, bounds and binary data in one spelling, keywords without effect left out.
//!
//! `node` is a schema with the places that its parts were written at, `keywords` tidies the keywords of
//! one schema, `merge` joins two that apply together, `union` rewrites alternatives. The result is a
//! tree of the same shape as the document, and the way from its pointers back to the document's.

mod keywords;
mod merge;
mod node;
mod union;

use crate::view::{Side, Spot, is_annotation, says_nothing};
use conversations_document::{
    Pointer,
    document::Moves,
    grammar::{Kind, Position, Subschemas, subschemas},
};
use node::Node;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where the canonical form of a named schema keeps the references that it extends. Any other one has it, empty, where
/// its discriminator is that of a part.
pub(crate) const EXTENDS: &str = "x-canonical-extends";

/// How many references may be expanded inside of each other before a composition stays as it is.
const MAX_DEPTH: usize = 48;

/// How many nodes may be copied per document: merging hostile compositions could grow without bound.
const BUDGET: usize = 2_000_000;

/// `root` with every schema in its canonical form, and the way back to its own pointers; nothing where
/// all schemas are in that form already.
pub(crate) fn of(root: &Value) -> Option<(Value, Moves)> {
    let mut canon =
        Canon { side: Side::of(root), budget: BUDGET, open: Vec::new(), known: BTreeMap::new() };
    let mut out = root.clone();
    let mut moves = Moves::default();
    canon.walk(&mut out, Position::root(root), &Pointer::ROOT, "", &mut moves);
    (out != *root).then_some((out, moves))
}

struct Canon<'a> {
    side: Side<'a>,
    budget: usize,
    /// The targets that are being expanded, to end at circles.
    open: Vec<Pointer>,
    /// The canonical forms of targets that need no circle cut.
    known: BTreeMap<Pointer, Node>,
}

impl Canon<'_> {
    /// Rewrites the schemas below `value`, which stands at `at` under the key `key`.
    fn walk(
        &mut self,
        value: &mut Value,
        position: Position,
        at: &Pointer,
        key: &str,
        moves: &mut Moves,
    ) {
        match position {
            Position::Data => {}
            Position::Node(Kind::Schema) => self.replace(value, at, moves),
            Position::Node(Kind::MediaType) => {
                self.members(value, position, at, moves);
                self.media(value, key, at, moves);
            }
            _ => self.members(value, position, at, moves),
        }
    }

    fn members(&mut self, value: &mut Value, position: Position, at: &Pointer, moves: &mut Moves) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    self.walk(value, position.child(key), &at.child(key), key, moves);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter_mut().enumerate() {
                    let key = index.to_string();
                    self.walk(value, position.child(&key), &at.child(&key), &key, moves);
                }
            }
            _ => {}
        }
    }

    fn replace(&mut self, value: &mut Value, at: &Pointer, moves: &mut Moves) {
        let node = self.schema(value, at);
        for (new, old) in &node.moves {
            moves.add(format!("{at}{new}").into(), old.clone());
        }
        if node.at != *at {
            moves.add(at.to_owned(), node.at);
        }
        let named = at.strip_prefix("/components/schemas/").is_some_and(|it| !it.contains('/'));
        let parents = if named { extended(value) } else { Vec::new() };
        *value = node.value;
        if !parents.is_empty() && value.is_object() {
            value[EXTENDS] = Value::Array(parents);
        }
    }

    /// Files: OpenAPI 3.0 writes `type: string, format: binary`, 3.1 an empty schema, or none.
    fn media(&mut self, value: &mut Value, name: &str, at: &Pointer, moves: &mut Moves) {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(map) = value.as_object_mut() else { return };
        if name.starts_with("multipart/") {
            let Some(schema) = map.get_mut("schema") else { return };
            let pointer = at.child("schema");
            let written = Node::new(schema.clone(), &pointer);
            let Some(mut node) = self.expand(&written) else { return };
            let mut found = false;
            let properties = node.value.get_mut("properties").and_then(Value::as_object_mut);
            for (_, property) in properties.into_iter().flatten() {
                let items = property.get("items").is_some_and(says_nothing);
                if items
                    || property.get("type") == Some(&json!("array"))
                        && property.get("items").is_none()
                {
                    property["items"] = json!({ "type": "string", "format": "binary" });
                    found = true;
                } else if says_nothing(property) {
                    *property = json!({ "type": "string", "format": "binary" });
                    found = true;
                }
            }
            if found {
                *schema = node.value;
                if node.at != pointer {
                    moves.add(pointer.clone(), node.at);
                }
                for (new, old) in node.moves {
                    moves.add(format!("{pointer}{new}").into(), old);
                }
            }
        } else if is_binary(&name) {
            let plain = |it: &Value| {
                says_nothing(it)
                    || it.get("format") == Some(&json!("binary"))
                        && it.as_object().is_some_and(|it| {
                            it.keys().all(|key| {
                                matches!(key.as_str(), "type" | "format") || is_annotation(key)
                            })
                        })
            };
            if map.get("schema").is_some_and(plain) {
                map.shift_remove("schema");
            }
        }
    }

    /// The canonical form of the schema `value`, written at `at`.
    fn schema(&mut self, value: &Value, at: &Pointer) -> Node {
        let map = match value {
            Value::Object(map) => map,
            Value::Bool(true) => return Node::new(json!({}), at),
            Value::Bool(false) => return Node::new(json!({ "not": {} }), at),
            _ => return Node::new(value.clone(), at),
        };
        if map.get("$ref").is_some_and(Value::is_string) {
            let beside = |key: &String| key != "$ref" && !is_annotation(key);
            if !self.side.siblings || !map.keys().any(beside) {
                let mut map = map.clone();
                map.retain(|key, _| !beside(key));
                return Node::new(map.into(), at);
            }
        }
        if self.budget == 0 || self.open.len() > MAX_DEPTH {
            return Node::new(value.clone(), at);
        }
        let mut node = self.parts(map, at);
        keywords::unlisted_null(&mut node);
        self.refused_null(&mut node);
        keywords::tidy(&mut node);
        let mut parts: Vec<Node> = node.remove_list("allOf");
        parts.extend(keywords::unconditional(&mut node));
        if let Some(Value::String(target)) = node.remove("$ref") {
            parts.insert(0, Node::new(json!({ "$ref": target }), at));
        }
        // A bare wrapping stands for what it wraps.
        if let [part] = parts.as_slice()
            && node.value.as_object().is_some_and(|it| it.keys().all(|key| is_plain_word(key)))
        {
            return part.clone();
        }
        // `nullable` beside parts is how OpenAPI 3.0 says that what these describe may be null. In a list of types, null is
        // refused by parts that name others.
        let said = map.get("nullable") == Some(&Value::Bool(true));
        let nullable = !parts.is_empty()
            && (said || keywords::types(&node.value).is_empty())
            && node.remove("nullable") == Some(Value::Bool(true));
        let mut rest = Vec::new();
        let mut expanded = Vec::new();
        for part in parts {
            match self.expand(&part) {
                Some(part) => expanded.push(part),
                None => rest.push(part),
            }
        }
        // The order of the parts says nothing: what refuses other properties is asked last, in an order of its own.
        expanded.sort_by_cached_key(|it| merge::closes(it).then(|| it.value.to_string()));
        for part in expanded {
            rest.extend(self.merge(&mut node, part));
        }
        if nullable {
            node.insert("nullable", Value::Bool(true));
        }
        let mut node = self.finish(node, rest);
        let key = "discriminator";
        if map.get(key).is_none() && node.get(key).is_some() {
            node.insert(EXTENDS, json!([]));
        }
        node
    }

    /// Removes `null` from a list of types beside alternatives of which none allows it.
    fn refused_null(&mut self, node: &mut Node) {
        let types = keywords::types(&node.value);
        if types.len() < 2 || !types.iter().any(|it| it == "null") {
            return;
        }
        let refuses = |it: Node| {
            let types = keywords::types(&it.value);
            !types.is_empty() && !types.contains(&"null".to_owned()) && it.get("nullable").is_none()
        };
        let refused = ["anyOf", "oneOf"].into_iter().any(|key| {
            let members = node.list(key);
            !members.is_empty() && members.iter().all(|it| self.expand(it).is_some_and(refuses))
        });
        if refused {
            keywords::set_types(node, types.into_iter().filter(|it| it != "null").collect());
        }
    }

    /// Puts back what could not be merged, and brings the alternatives into their form.
    fn finish(&mut self, mut node: Node, rest: Vec<Node>) -> Node {
        keywords::tidy(&mut node);
        let rest: Vec<_> = rest.into_iter().filter(|it| !says_nothing(&it.value)).collect();
        if !rest.is_empty() {
            node.insert_list("allOf", rest);
        }
        for key in ["anyOf", "oneOf"] {
            node = self.union(node, key);
        }
        keywords::tidy(&mut node);
        node
    }

    /// The keywords of a schema, with every schema inside in its canonical form.
    fn parts(&mut self, map: &Map<String, Value>, at: &Pointer) -> Node {
        let mut node = Node::new(json!({}), at);
        for (key, value) in map {
            let below = Pointer::ROOT.child(key);
            let here = at.child(key);
            // Whether anything else is allowed stays a question of yes or no.
            let others = ["additionalProperties", "unevaluatedProperties", "unevaluatedItems"];
            let schema = value.is_object() || value.is_boolean() && !others.contains(&key.as_str());
            if subschemas(key) == Some(Subschemas::One) && schema {
                let mut inner = self.schema(value, &here);
                // A name for "anything" is written as anything, and one for nothing as nothing.
                let named = value.get("$ref").and_then(Value::as_str);
                let named = named.and_then(|it| self.side.target(it));
                let named = named.map(|it| self.side.resolve(it).value);
                if named.is_some_and(keywords::allows_all) {
                    inner.value = json!({});
                }
                let refused = keywords::refuses_all(named.unwrap_or(&inner.value));
                if refused && others.contains(&key.as_str()) {
                    inner.value = json!(false);
                }
                node.put(&below, inner);
            } else if subschemas(key) == Some(Subschemas::Named)
                && let Some(members) = value.as_object()
            {
                node.insert(key, json!({}));
                for (name, member) in members {
                    let inner = self.schema(member, &here.child(name));
                    if key != "dependentSchemas" || !says_nothing(&inner.value) {
                        node.put(&below.child(name), inner);
                    }
                }
            } else if let Some(Subschemas::Combined | Subschemas::Ordered) = subschemas(key)
                && let Some(members) = value.as_array()
            {
                let members = members.iter().enumerate();
                let members = members.map(|(n, it)| self.schema(it, &here.child(n))).collect();
                node.insert_list(key, members);
            } else {
                node.insert(key, value.clone());
            }
        }
        node
    }

    /// The canonical form of what a schema refers to, or the schema itself where it refers to nothing.
    /// Nothing where the reference leads nowhere or in a circle.
    fn expand(&mut self, node: &Node) -> Option<Node> {
        let mut node = node.clone();
        for _ in 0..MAX_DEPTH {
            let Some(written) = node.value.get("$ref").and_then(Value::as_str) else {
                return Some(node);
            };
            let target = self.side.target(written)?;
            node = self.target(&target)?;
        }
        None
    }

    fn target(&mut self, target: &Spot<'_>) -> Option<Node> {
        if let Some(node) = self.known.get(&target.pointer) {
            self.budget = self.budget.checked_sub(size(&node.value))?;
            return Some(node.clone());
        }
        if self.open.contains(&target.pointer) || self.open.len() > MAX_DEPTH {
            return None;
        }
        self.budget = self.budget.checked_sub(size(target.value))?;
        self.open.push(target.pointer.clone());
        let node = self.schema(target.value, &target.pointer);
        self.open.pop();
        // Inside of another expansion a circle may have been cut that is none from outside.
        if self.open.is_empty() {
            self.known.insert(target.pointer.clone(), node.clone());
        }
        Some(node)
    }
}

/// The references that a schema extends: those among its parts, also where it is wrapped.
fn extended(value: &Value) -> Vec<Value> {
    let list = |key: &str| value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let wrapped = ["oneOf", "anyOf"].into_iter().map(list).filter(|it| it.len() == 1).flatten();
    let parts = list("allOf").iter().chain(wrapped);
    parts
        .flat_map(|it| match it.get("$ref") {
            Some(reference) => vec![reference.clone()],
            None => extended(it),
        })
        .collect()
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// A keyword that is only for reading.
fn is_plain_word(key: &str) -> bool {
    is_annotation(key) && !key.starts_with("x-")
}

fn is_binary(name: &str) -> bool {
    let family = ["image/", "audio/", "video/", "font/"].iter().any(|it| name.starts_with(it));
    let known = ["application/octet-stream", "application/pdf", "application/zip"];
    family && !name.ends_with("+xml") || known.contains(&name)
}
