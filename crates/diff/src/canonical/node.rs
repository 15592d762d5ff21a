//! A schema in the making, with the places where its parts were written.

use conversations_document::{Pointer, document::nearest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A schema and the places of the parts that were written elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The schema.
    pub(super) value: Value,
    /// Where it was written.
    pub(super) at: Pointer,
    /// Where the parts below these relative pointers were written.
    pub(super) moves: BTreeMap<Pointer, Pointer>,
}

impl Node {
    /// A schema as it is written at `at`.
    pub(super) fn new(value: Value, at: &Pointer) -> Self {
        Self { value, at: at.clone(), moves: BTreeMap::new() }
    }

    /// Where the part at `relative` was written.
    pub(super) fn origin(&self, relative: &Pointer) -> Pointer {
        match nearest(&self.moves, relative) {
            Some((new, old)) => format!("{old}{}", &relative[new.len()..]),
            None => format!("{}{relative}", self.at),
        }
        .into()
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
        self.forget(&Pointer::ROOT.child(key));
        Some(value)
    }

    fn forget(&mut self, below: &str) {
        self.moves.retain(|it, _| it.moved(below, "").is_none());
    }

    /// The part at `relative` as a node of its own.
    pub(super) fn part(&self, relative: &Pointer) -> Option<Node> {
        let value = self.value.pointer(relative)?.clone();
        let mut part = Node::new(value, &self.origin(relative));
        let inside = |(at, old): (&Pointer, &Pointer)| Some((at.moved(relative, "")?, old.clone()));
        part.moves.extend(self.moves.iter().filter_map(inside).filter(|(at, _)| !at.is_empty()));
        Some(part)
    }

    /// Puts a node at `relative`; all objects above it are there.
    pub(super) fn put(&mut self, relative: &Pointer, part: Node) {
        self.forget(relative);
        let last = relative.last();
        let place = match self.value.pointer_mut(&relative.parent()) {
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
            self.moves.insert(relative.clone(), part.at);
        }
        for (pointer, old) in part.moves {
            self.moves.insert(format!("{relative}{pointer}").into(), old);
        }
    }

    /// Takes over the keyword `key` of another node.
    pub(super) fn take(&mut self, key: &str, from: &Node) {
        let relative = Pointer::ROOT.child(key);
        if let Some(part) = from.part(&relative) {
            self.put(&relative, part);
        }
    }

    /// Sets a keyword to a list of nodes.
    pub(super) fn insert_list(&mut self, key: &str, members: Vec<Node>) {
        self.remove(key);
        self.insert(key, json!([]));
        for (at, member) in members.into_iter().enumerate() {
            self.put(&Pointer::ROOT.child(key).child(at), member);
        }
    }

    /// The schemas that a keyword lists.
    pub(super) fn list(&self, key: &str) -> Vec<Node> {
        let count = self.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).filter_map(|at| self.part(&Pointer::ROOT.child(key).child(at))).collect()
    }

    /// Removes a keyword that holds a list of schemas, and gives these.
    pub(super) fn remove_list(&mut self, key: &str) -> Vec<Node> {
        let members = self.list(key);
        if self.get(key).is_some_and(Value::is_array) {
            self.remove(key);
        }
        members
    }
}
