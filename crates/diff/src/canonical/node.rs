//! A schema in the making, with the places where its parts were written.

use conversations_document::document::{child, keys, parent};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A schema and the places of the parts that were written elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The schema.
    pub(super) value: Value,
    /// Where it was written.
    pub(super) at: String,
    /// Where the parts below these relative pointers were written.
    pub(super) moves: BTreeMap<String, String>,
}

impl Node {
    /// A schema as it is written at `at`.
    pub(super) fn new(value: Value, at: &str) -> Self {
        Self { value, at: at.to_owned(), moves: BTreeMap::new() }
    }

    /// Where the part at `relative` was written.
    pub(super) fn origin(&self, relative: &str) -> String {
        let mut at = relative;
        loop {
            if let Some(old) = self.moves.get(at) {
                return format!("{old}{}", &relative[at.len()..]);
            }
            if at.is_empty() {
                return format!("{}{relative}", self.at);
            }
            at = parent(at);
        }
    }

    /// The value of a keyword.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.value.get(key)
    }

    /// Sets a keyword that was written where the schema is.
    pub(super) fn insert(&mut self, key: &str, value: Value) {
        if let Some(map) = self.value.as_object_mut() {
            map.insert(key.to_owned(), value);
        }
    }

    /// Removes a keyword.
    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        let value = self.value.as_object_mut()?.shift_remove(key)?;
        self.forget(&child("", key));
        Some(value)
    }

    fn forget(&mut self, below: &str) {
        let inside = |it: &str| {
            it.strip_prefix(below).is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        self.moves.retain(|it, _| !inside(it));
    }

    /// The part at `relative` as a node of its own.
    pub(super) fn part(&self, relative: &str) -> Option<Node> {
        let value = self.value.pointer(relative)?.clone();
        let mut part = Node::new(value, &self.origin(relative));
        let inner = format!("{relative}/");
        for (pointer, old) in self.moves.range(inner.clone()..) {
            if !pointer.starts_with(&inner) {
                break;
            }
            part.moves.insert(pointer[relative.len()..].to_owned(), old.clone());
        }
        Some(part)
    }

    /// Puts a node at `relative`; all objects above it are there.
    pub(super) fn put(&mut self, relative: &str, part: Node) {
        self.forget(relative);
        let last = keys(relative).pop().unwrap_or_default();
        let place = match self.value.pointer_mut(parent(relative)) {
            Some(Value::Object(map)) => map.entry(last).or_insert(Value::Null),
            Some(Value::Array(list)) => {
                list.push(Value::Null);
                let Some(place) = list.last_mut() else { return };
                place
            }
            _ => return,
        };
        *place = part.value;
        if part.at != self.origin(relative) {
            self.moves.insert(relative.to_owned(), part.at);
        }
        for (pointer, old) in part.moves {
            self.moves.insert(format!("{relative}{pointer}"), old);
        }
    }

    /// Takes over the keyword `key` of another node.
    pub(super) fn take(&mut self, key: &str, from: &Node) {
        let relative = child("", key);
        if let Some(part) = from.part(&relative) {
            self.put(&relative, part);
        }
    }

    /// Sets a keyword to a list of nodes.
    pub(super) fn insert_list(&mut self, key: &str, members: Vec<Node>) {
        self.remove(key);
        self.insert(key, json!([]));
        for (at, member) in members.into_iter().enumerate() {
            self.put(&format!("{}/{at}", child("", key)), member);
        }
    }

    /// Removes a keyword that holds a list of schemas, and gives these.
    pub(super) fn remove_list(&mut self, key: &str) -> Vec<Node> {
        let count = self.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        let members =
            (0..count).filter_map(|at| self.part(&format!("{}/{at}", child("", key)))).collect();
        if self.get(key).is_some_and(Value::is_array) {
            self.remove(key);
        }
        members
    }
}
