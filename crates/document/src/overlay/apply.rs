//! Applies an overlay, node by node, and keeps the origins true.

use super::{
    Action, Change, OverlayFile,
    target::{self, Found, Key},
};
use crate::{
    document::{Document, inside},
    fault::{Code, Fault, Faults, Result},
    load::{MAX_DEPTH, MAX_NODES, kind},
    origin::Origin,
    parts::weight,
    pointer::Pointer,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most nodes that one action may bring.
const MAX_BROUGHT: usize = 100_000;

/// Applies any overlay. An action that matches nothing is a fault, although the specification lets it
/// pass: it was written for something that is no longer there.
pub fn apply(document: Document, overlay: &OverlayFile) -> Result<Document> {
    let (document, found) = apply_all(document, overlay);
    Faults::check(found)?;
    Ok(document)
}

/// Applies what can be applied, and reports the rest: all that a new document makes stale at once.
pub fn apply_all(mut document: Document, overlay: &OverlayFile) -> (Document, Vec<Fault>) {
    let found = overlay
        .actions
        .iter()
        .filter_map(|it| apply_one(&mut document, it, overlay).err())
        .collect();
    (document, found)
}

/// Applies one action in place. After a fault the document is what it was.
pub fn apply_one(
    document: &mut Document,
    action: &Action,
    overlay: &OverlayFile,
) -> std::result::Result<(), Fault> {
    let fault = |key: &str, code: Box<Code>, help: String| {
        overlay.document.fault(&action.pointer.child(key), code, help)
    };
    let query = &action.target;
    let path = target::parse(query).map_err(|it| fault("target", it, String::new()))?;
    let found = target::find(&path, &document.root);
    if found.is_empty() {
        let code = Code::MatchesNothing { query: query.clone(), file: document.file.to_string() };
        let gone = "Where the vendor has mended it, delete the action.";
        return Err(fault(
            "target",
            code.into(),
            format!("{}. {gone}", target::hint(query, document)),
        ));
    }
    if overlay.minor == 0
        && let Some(leaf) = found.iter().find(|it| is_primitive(at(document, it)))
    {
        let (found, pointer) = (kind(at(document, leaf)), leaf.pointer());
        let code = Code::SelectsValue { query: query.clone(), found, pointer };
        let help = "version 1.0 selects objects and arrays only: target the one that holds it, or \
                    write `overlay: 1.1.0`";
        return Err(fault("target", code.into(), help.to_owned()));
    }
    let part = match &action.change {
        Change::Nothing => return Ok(()),
        Change::Remove => {
            return remove_all(document, found).map_err(|it| fault("target", it, String::new()));
        }
        Change::Update(value) => {
            let pointer = action.pointer.child("update");
            Part {
                value: value.clone(),
                origins: cut(&overlay.document.origins, &pointer),
                minor: overlay.minor,
            }
        }
        Change::Copy(source) => {
            let path = target::parse(source).map_err(|it| fault("copy", it, String::new()))?;
            let sources = target::find(&path, &document.root);
            let [one] = &sources[..] else {
                let code = Code::NotOneSource {
                    query: source.clone(),
                    found: sources.len(),
                    file: document.file.to_string(),
                };
                let help =
                    if sources.is_empty() { target::hint(source, document) } else { String::new() };
                return Err(fault("copy", code.into(), help));
            };
            Part {
                value: at(document, one).clone(),
                origins: cut(&document.origins, &one.pointer()),
                minor: overlay.minor,
            }
        }
    };
    let key = if matches!(action.change, Change::Copy(_)) { "copy" } else { "update" };
    same_shape(document, query, &found).map_err(|it| fault("target", it, String::new()))?;
    fits(document, &part, &found).map_err(|it| fault(key, it, String::new()))?;
    // Before anything is merged, so that nothing is merged by halves.
    let clash = found.iter().find_map(|node| part.clash(at(document, node), &node.pointer()));
    if let Some(it) = clash {
        let Clash { pointer, inside, ours, theirs } = it;
        let origin = document.origin(&pointer);
        let code = Code::Clash { ours, theirs, pointer, origin };
        let help = "remove the old value in an action before this one";
        let inside = if key == "update" { inside } else { Pointer::ROOT };
        let place = format!("{}/{key}{inside}", action.pointer);
        return Err(overlay.document.fault(&place, code, help));
    }
    for node in &found {
        let pointer = node.pointer();
        let Document { root, origins, .. } = document;
        if let Some(into) = root.pointer_mut(&pointer) {
            merge_into(into, &pointer, &part, origins);
        }
    }
    Ok(())
}

/// What goes into the document, with the origins of its nodes relative to itself.
struct Part {
    value: Value,
    origins: BTreeMap<Pointer, Origin>,
    minor: u8,
}

/// Two values that cannot be merged.
struct Clash {
    pointer: Pointer,
    inside: Pointer,
    ours: &'static str,
    theirs: &'static str,
}

impl Part {
    /// Where this cannot be merged into a node.
    fn clash(&self, into: &Value, pointer: &Pointer) -> Option<Clash> {
        match into {
            Value::Array(_) => None,
            _ => clash(into, &self.value, pointer, &Pointer::ROOT),
        }
    }
}

fn clash(into: &Value, value: &Value, pointer: &Pointer, inside: &Pointer) -> Option<Clash> {
    match (into, value) {
        (Value::Object(into), Value::Object(value)) => value.iter().find_map(|(key, value)| {
            clash(into.get(key)?, value, &pointer.child(key), &inside.child(key))
        }),
        (Value::Array(_), Value::Array(_)) => None,
        (into, value) if is_primitive(into) && is_primitive(value) => None,
        (into, value) => Some(Clash {
            pointer: pointer.to_owned(),
            inside: inside.to_owned(),
            ours: kind(value),
            theirs: kind(into),
        }),
    }
}

fn at<'a>(document: &'a Document, found: &Found) -> &'a Value {
    document.root.pointer(&found.pointer()).unwrap_or(&Value::Null)
}

fn is_primitive(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn same_shape(
    document: &Document,
    query: &str,
    found: &[Found],
) -> std::result::Result<(), Box<Code>> {
    let shape = |it: &Found| {
        let node = at(document, it);
        (node.is_object(), node.is_array())
    };
    match found.iter().find(|it| shape(it) != shape(&found[0])) {
        None => Ok(()),
        Some(other) => Err(Box::new(Code::MixedTargets {
            query: query.to_owned(),
            one: kind(at(document, &found[0])),
            at: found[0].pointer(),
            other: kind(at(document, other)),
            other_at: other.pointer(),
        })),
    }
}

/// Copies of copies grow without end; the document after the action must stay one that could be loaded.
fn fits(document: &Document, part: &Part, found: &[Found]) -> std::result::Result<(), Box<Code>> {
    let added = part.origins.len().max(weight(&part.value)).saturating_mul(found.len());
    let depth = found.iter().map(|it| it.keys.len()).max().unwrap_or(0) + height(&part.value);
    if added > MAX_BROUGHT {
        return Err(Code::LargeAction { most: MAX_BROUGHT }.into());
    }
    if document.origins.len().saturating_add(added) > MAX_NODES {
        return Err(Code::LargeResult { most: MAX_NODES }.into());
    }
    if depth > MAX_DEPTH {
        return Err(Code::DeepResult { most: MAX_DEPTH }.into());
    }
    Ok(())
}

fn height(value: &Value) -> usize {
    1 + match value {
        Value::Object(map) => map.values().map(height).max().unwrap_or(0),
        Value::Array(list) => list.iter().map(height).max().unwrap_or(0),
        _ => 0,
    }
}

/// The rules of the specification for one selected node.
fn merge_into(
    into: &mut Value,
    pointer: &Pointer,
    part: &Part,
    origins: &mut BTreeMap<Pointer, Origin>,
) {
    match (&mut *into, &part.value) {
        // Version 1.0 knows no concatenation: what it gives is the entry to append.
        (Value::Array(list), Value::Array(more)) if part.minor > 0 => {
            concatenate(list, more, pointer, &Pointer::ROOT, part, origins);
        }
        (Value::Array(list), entry) => {
            place(part, &Pointer::ROOT, &pointer.child(list.len()), origins);
            list.push(entry.clone());
        }
        _ => merge(into, &part.value, pointer, &Pointer::ROOT, part, origins),
    }
}

fn merge(
    into: &mut Value,
    value: &Value,
    pointer: &Pointer,
    inside: &Pointer,
    part: &Part,
    origins: &mut BTreeMap<Pointer, Origin>,
) {
    match (into, value) {
        (Value::Object(into), Value::Object(value)) => {
            for (key, value) in value {
                let (at, from) = (pointer.child(key), inside.child(key));
                match into.get_mut(key) {
                    Some(into) => merge(into, value, &at, &from, part, origins),
                    None => {
                        place(part, &from, &at, origins);
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(into), Value::Array(value)) => {
            concatenate(into, value, pointer, inside, part, origins);
        }
        (into, value) if is_primitive(into) && is_primitive(value) => {
            place(part, inside, pointer, origins);
            *into = value.clone();
        }
        // A clash, which is looked for before.
        _ => {}
    }
}

fn concatenate(
    into: &mut Vec<Value>,
    more: &[Value],
    pointer: &Pointer,
    inside: &Pointer,
    part: &Part,
    origins: &mut BTreeMap<Pointer, Origin>,
) {
    for (i, value) in more.iter().enumerate() {
        let at = pointer.child(into.len());
        place(part, &inside.child(i), &at, origins);
        into.push(value.clone());
    }
}

/// Gives the node at `pointer` the origins of the part's node at `inside`, and so for all below.
fn place(
    part: &Part,
    inside: &Pointer,
    pointer: &Pointer,
    origins: &mut BTreeMap<Pointer, Origin>,
) {
    for (below, origin) in cut(&part.origins, inside) {
        origins.insert(format!("{pointer}{below}").into(), origin);
    }
}

/// The origins at and below `pointer`, relative to it.
fn cut(origins: &BTreeMap<Pointer, Origin>, pointer: &Pointer) -> BTreeMap<Pointer, Origin> {
    let relative =
        |(at, origin): (&Pointer, &Origin)| Some((at.moved(pointer, "")?, origin.clone()));
    inside(origins, pointer).filter_map(relative).collect()
}

/// Takes nodes out, the last of a list first, so that no index is wrong when its turn comes.
fn remove_all(
    document: &mut Document,
    mut found: Vec<Found>,
) -> std::result::Result<(), Box<Code>> {
    found.sort();
    for node in found.iter().rev() {
        let pointer = node.pointer();
        let Some(last) = node.keys.last() else {
            return Err(Code::RemovedRoot.into());
        };
        let above = pointer.parent();
        match (document.root.pointer_mut(&above), last) {
            (Some(Value::Object(map)), Key::Name(name)) => {
                map.shift_remove(name);
                forget(&mut document.origins, &pointer);
            }
            (Some(Value::Array(list)), Key::Index(index)) if *index < list.len() => {
                list.remove(*index);
                let length = list.len();
                forget(&mut document.origins, &pointer);
                for later in *index..length {
                    let old = above.child(later + 1);
                    let moved = cut(&document.origins, &old);
                    forget(&mut document.origins, &old);
                    let new = above.child(later);
                    document.origins.extend(
                        moved
                            .into_iter()
                            .map(|(below, origin)| (format!("{new}{below}").into(), origin)),
                    );
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn forget(origins: &mut BTreeMap<Pointer, Origin>, pointer: &Pointer) {
    let gone: Vec<Pointer> = inside(origins, pointer).map(|(at, _)| at.clone()).collect();
    for at in gone {
        origins.remove(&at);
    }
}
