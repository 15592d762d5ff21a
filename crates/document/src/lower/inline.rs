//! Every reference that is not to a schema replaced by what it refers to, as later stages follow
//! references to schemas only.

use super::{context::Context, repair};
use crate::note::{Done, Names};
use crate::{
    fault::Code as Fault,
    grammar::{Dialect, Kind, each_child_mut, kind_at},
    parts::{DEEPEST_COPIED, MOST_COPIED, weight},
    pointer::Pointer,
    reference::{reference, target},
};
use serde_json::{Map, Value, json};

/// Resolves the references everywhere but in the shared parts, which nothing refers to afterwards.
pub(crate) fn inline(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    let library = root.clone();
    drop_shared(cx, root, dialect);
    let mut work = Work { cx, library: &library, dialect, active: Vec::new(), copied: 0 };
    work.visit(root, dialect.root(), &Pointer::ROOT);
}

/// The shared parts have served once every use of them is written out.
fn drop_shared(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    let (at, keep): (&str, &[&str]) = match dialect {
        Dialect::Swagger2 => ("", &[]),
        Dialect::OpenApi3 => ("/components", &["schemas", "securitySchemes"]),
    };
    let Some(holder) = root.pointer_mut(at).and_then(Value::as_object_mut) else { return };
    let gone: Vec<String> = holder
        .keys()
        .filter(|key| match dialect {
            Dialect::Swagger2 => ["parameters", "responses", "components"].contains(&key.as_str()),
            Dialect::OpenApi3 => !keep.contains(&key.as_str()) && !key.starts_with("x-"),
        })
        .cloned()
        .collect();
    for key in gone {
        holder.shift_remove(&key);
        cx.note(&Pointer::from(at).child(&key), Done::ComponentsTakenIn { key: key.to_string() });
    }
}

struct Work<'a> {
    cx: &'a mut Context,
    library: &'a Value,
    dialect: Dialect,
    /// The targets around the present node, against references that contain themselves.
    active: Vec<Pointer>,
    /// The nodes written out so far.
    copied: usize,
}

impl Work<'_> {
    fn visit(&mut self, node: &mut Value, kind: Kind, at: &Pointer) {
        if kind == Kind::Schema {
            return;
        }
        let mut entered = 0;
        while let Some(text) = reference(node).map(str::to_owned) {
            match self.target(&text, kind) {
                Ok(pointer) => {
                    self.cx.copy_origins(&pointer, at);
                    let mut target = self.library.pointer(&pointer).cloned().unwrap_or_default();
                    if !self.affordable(&target, at) {
                        return;
                    }
                    if kind_at(self.library, self.dialect.root(), &pointer).is_none() {
                        // What stands outside of the known places is not checked yet.
                        repair::check(self.cx, &mut target, kind, at);
                    }
                    self.merge(node, target, kind, at, &text);
                    self.active.push(pointer);
                    entered += 1;
                }
                Err(unusable) => {
                    let (reference, instead) = (text, instead(kind));
                    let done = match unusable {
                        Unusable::Circular => Done::CircularPart { reference, instead },
                        Unusable::Dangling => Done::DanglingPart { reference, instead },
                    };
                    self.cx.note(at, done);
                    *node = stand_in(kind);
                }
            }
        }
        self.mappings(node, kind, at);
        // What stands in for a part of a list or mapping that could not be found goes away.
        each_child_mut(node, kind, at, &mut |node, kind, at| self.visit(node, kind, at));
        drop_gone(node, kind);
        self.active.truncate(self.active.len().saturating_sub(entered));
    }

    fn target(&self, text: &str, kind: Kind) -> Result<Pointer, Unusable> {
        let pointer = target(self.library, text).ok_or(Unusable::Dangling)?;
        if self.active.contains(&pointer) || self.active.len() > DEEPEST_COPIED {
            return Err(Unusable::Circular);
        }
        let is_mapping = self.library.pointer(&pointer).is_some_and(Value::is_object);
        let there = kind_at(self.library, self.dialect.root(), &pointer);
        if pointer.is_empty() || !is_mapping || there.is_some_and(|there| there != kind) {
            return Err(Unusable::Dangling);
        }
        Ok(pointer)
    }

    /// Whether the document may still grow by this much; the first time that it may not is a fault.
    fn affordable(&mut self, target: &Value, at: &Pointer) -> bool {
        let within = self.copied <= MOST_COPIED;
        self.copied = self.copied.saturating_add(weight(target));
        if within && self.copied > MOST_COPIED {
            self.cx.fault(
                at,
                Fault::GrowingDocument { parts: "references are written out" },
                "look for shared parts that refer to each other many times and take some references out with the overlay",
            );
        }
        self.copied <= MOST_COPIED
    }

    /// The target with what stands beside the reference, which wins where the specification lets it.
    fn merge(&mut self, node: &mut Value, target: Value, kind: Kind, at: &Pointer, text: &str) {
        let siblings = match node.take() {
            Value::Object(mut object) => {
                object.shift_remove("$ref");
                object
            }
            _ => Map::new(),
        };
        *node = target;
        let Some(object) = node.as_object_mut() else { return };
        let mut ignored = Vec::new();
        for (key, value) in siblings {
            let wins = matches!(kind, Kind::PathItem | Kind::PathItem2)
                || key == "description"
                || key == "summary"
                || key.starts_with("x-");
            if wins {
                object.insert(key, value);
            } else if object.get(&key) != Some(&value) {
                ignored.push(key);
            }
        }
        self.cx.note(at, Done::PartResolved { noun: kind.noun(), reference: text.to_string() });
        if !ignored.is_empty() {
            let (ignored, noun) = (Names(ignored), kind.noun());
            self.cx.note(at, Done::SiblingsIgnored { ignored, noun });
        }
    }

    /// Mappings that are themselves a reference, such as `headers: {$ref: …}`.
    fn mappings(&mut self, node: &mut Value, kind: Kind, at: &Pointer) {
        let Some(object) = node.as_object_mut() else { return };
        for crate::grammar::Field { key, form, .. } in kind.fields() {
            let crate::grammar::Form::Map(inner) = form else { continue };
            if *inner == Kind::Schema {
                continue;
            }
            let Some(entries) = object.get_mut(*key) else { continue };
            let Some(text) = reference(entries).map(str::to_owned) else { continue };
            let at = at.child(key);
            let Some(own) = entries.as_object_mut() else { continue };
            own.shift_remove("$ref");
            let found = target(self.library, &text);
            let target =
                found.as_ref().and_then(|p| self.library.pointer(p)).and_then(Value::as_object);
            let (Some(pointer), Some(target)) = (&found, target) else {
                self.cx.note(&at, Done::DanglingMap { reference: text });
                continue;
            };
            self.cx.copy_origins(pointer, &at);
            for (name, node) in target.iter().filter(|(name, _)| *name != "$ref") {
                if !own.contains_key(name) {
                    let mut node = node.clone();
                    repair::check(self.cx, &mut node, *inner, &at.child(name));
                    own.insert(name.clone(), node);
                }
            }
            self.cx.note(&at, Done::ReferenceResolved { reference: text.to_string() });
        }
    }
}

/// Why a reference cannot be written out.
enum Unusable {
    /// It contains itself.
    Circular,
    /// It leads to nothing of the kind.
    Dangling,
}

/// The key that marks a stand-in until the list or mapping around it lets it go.
const GONE: &str = "x-conversations-lower-gone";

fn stand_in(kind: Kind) -> Value {
    match kind {
        Kind::Response | Kind::Response2 => json!({ "description": "" }),
        Kind::RequestBody => json!({ "content": { "application/json": { "schema": {} } } }),
        Kind::MediaType => json!({ "schema": {} }),
        Kind::Paths | Kind::Paths2 | Kind::Responses | Kind::Responses2 | Kind::Components => {
            json!({})
        }
        _ => json!({ GONE: true }),
    }
}

fn instead(kind: Kind) -> &'static str {
    match kind {
        Kind::Response | Kind::Response2 => "nothing is known of this response's body",
        Kind::RequestBody | Kind::MediaType => "anything is accepted as this body",
        _ => "it is left out",
    }
}

fn is_gone(value: &Value) -> bool {
    value.get(GONE).is_some()
}

fn drop_gone(node: &mut Value, kind: Kind) {
    let Some(object) = node.as_object_mut() else { return };
    object.retain(|_, value| !is_gone(value));
    for crate::grammar::Field { key, .. } in kind.fields() {
        match object.get_mut(*key) {
            Some(Value::Array(list)) => list.retain(|value| !is_gone(value)),
            Some(Value::Object(entries)) => entries.retain(|_, value| !is_gone(value)),
            _ => {}
        }
    }
}
