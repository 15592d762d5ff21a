//! What is declared of operations and values and must not be lost in silence: whether a call may be repeated,
//! what it costs, how pages are asked for, what is secret. An edit that would lose any of it is for a person.

use super::{
    correspondence::{self, Correspondence, Operation, json_path},
    edits::{Change, Edit},
};
use conversations_codegen::extension;
use conversations_document::{
    Document, Fault, Pointer,
    fault::Code,
    grammar::{Kind, each_node},
    load::Text,
    overlay::{Action, Change as What},
    reference::target,
    suggest::quoted,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The declarations that protect somebody.
const PROTECTED: [&str; 9] = [
    "idempotent",
    "billable",
    "changes_state",
    "idempotency_key",
    "paging",
    "keep_alive",
    "follow",
    "success_flag",
    "secret",
];

/// The protecting declarations that an action makes.
pub(super) fn declared(action: &Action) -> Vec<&str> {
    let mut found = BTreeSet::new();
    if let What::Update(value) = &action.change {
        extensions(value, &mut |members| {
            found.extend(PROTECTED.iter().filter(|it| members.get(**it).is_some()));
        });
    }
    found.into_iter().copied().collect()
}

/// Calls `see` with every `x-conversations` in a node.
fn extensions<'a>(node: &'a Value, see: &mut impl FnMut(&'a Value)) {
    match node {
        Value::Object(members) => {
            for (key, inner) in members {
                if key == "x-conversations" {
                    see(inner);
                } else {
                    extensions(inner, see);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| extensions(it, see)),
        _ => {}
    }
}

/// The edits for behaviours that our overlay declares and the next document does not bear out, such as a
/// parameter by whose name pages are asked for.
pub(super) fn unfounded(next: &Document, text: &Text, pairs: &Correspondence) -> Vec<Edit> {
    let faults = extension::validate(next).into_iter().filter(|it| it.file == text.file);
    faults.map(|it| follow(&it, text, pairs)).collect()
}

/// The edit for such a fault; a placeholder that goes by another name is followed.
fn follow(fault: &Fault, text: &Text, pairs: &Correspondence) -> Edit {
    let mut edit = Edit::of(fault, None);
    let line = fault.line.map(|it| it as usize);
    let old = line.and_then(|it| text.text.lines().nth(it.checked_sub(1)?));
    let (Some(line), Some(old)) = (line, old) else { return edit };
    let Code::NoParameter { name, .. } = &*fault.code else { return edit };
    for (from, to) in pairs.placeholders().filter(|it| it.0 == name) {
        let new = old.replace(&format!(": {from}"), &format!(": {to}"));
        if new != old && old.matches(&format!(": {from}")).count() == 1 {
            edit.advice = format!("the document calls it `{to}` now: write `{}`", new.trim());
            edit.change = Some(Change { from: line, to: line + 1, text: new + "\n" });
            break;
        }
    }
    edit
}

/// The edits for what is declared of the operations of the present client and values and the next one would not be.
pub(super) fn lost(
    present: &Document,
    next: &Document,
    pairs: &Correspondence,
    overlay: &str,
) -> Vec<Edit> {
    let edit = |what: String, advice: String| Edit {
        set_aside: None,
        file: overlay.to_owned(),
        line: None,
        what,
        advice,
        change: None,
    };
    let mut out = Vec::new();
    for (old, new) in pairs.operations() {
        let gone = undeclared(present, old, next, new);
        if gone.is_empty() {
            continue;
        }
        let said = present.root.pointer(&old.pointer.child("x-conversations"));
        let mut said = said.cloned().unwrap_or_else(|| json!({}));
        // What nobody declared is so by the verb.
        for (name, value) in gone.iter().filter_map(|it| it.split_once(": ")) {
            if said.get(name).is_none() {
                said[name] = json!(value == "true");
            }
        }
        let said = serde_yaml::to_string(&said).unwrap_or_default();
        let said: String = said.lines().map(|it| format!("\n        {it}")).collect();
        out.push(edit(
            format!(
                "{} {} is {} {} now, and {} would be declared of it no more",
                old.verb,
                old.path,
                new.verb,
                new.path,
                quoted(gone)
            ),
            format!(
                "say in an action what is true of the operation as it is; so far it is\n  - target: {}\n    update:\n      x-conversations:{said}",
                json_path(&new.pointer)
            ),
        ));
    }
    for (name, place) in no_longer_secret(&present.root, &next.root, pairs) {
        out.push(edit(
            format!("`{name}` at {place} was secret, and would be printed"),
            format!(
                "add an action with `x-conversations: {{ secret: true }}` for {}",
                json_path(&place)
            ),
        ));
    }
    out
}

/// The protecting declarations that only the present operation has.
fn undeclared(
    present: &Document,
    old: &Operation,
    next: &Document,
    new: &Operation,
) -> Vec<&'static str> {
    let before = extension::operation(present, &old.pointer);
    let after = extension::operation(next, &new.pointer);
    let (Ok(before), Ok(after)) = (before, after) else { return Vec::new() };
    [
        ("idempotent: false", !before.idempotent && after.idempotent),
        ("billable", before.billable && !after.billable),
        ("changes_state: true", before.changes_state && !after.changes_state),
        ("idempotency_key", before.idempotency_key.is_some() && after.idempotency_key.is_none()),
        ("paging", before.paging.is_some() && after.paging.is_none()),
        ("keep_alive", before.keep_alive.is_some() && after.keep_alive.is_none()),
        ("follow", before.follow.is_some() && after.follow.is_none()),
        ("success_flag", before.success_flag.is_some() && after.success_flag.is_none()),
    ]
    .into_iter()
    .filter(|(_, lost)| *lost)
    .map(|(name, _)| name)
    .collect()
}

/// Properties that are secret in the present document and not where the next one has them: name and place.
fn no_longer_secret(
    present: &Value,
    next: &Value,
    pairs: &Correspondence,
) -> Vec<(String, Pointer)> {
    let (before, after) = (secrets(present), secrets(next));
    let mut out = BTreeSet::new();
    for (place, secret) in before.iter().filter(|(_, it)| **it) {
        let name = place.last();
        // Where it is now by its surroundings, or else whatever has its name.
        let mut places = pairs.counterparts(place);
        places.retain(|it| after.contains_key(it));
        if places.is_empty() {
            places = after.keys().filter(|it| it.last() == name).cloned().collect();
        }
        let open = |it: &Pointer| after.get(it) != Some(secret);
        out.extend(places.into_iter().filter(open).map(|it| (name.clone(), it)));
    }
    // What had the name and was no secret before is none of ours.
    out.retain(|(_, place)| before.get(place) != Some(&false));
    out.into_iter().collect()
}

/// Every property of a schema, and whether it is secret.
fn secrets(root: &Value) -> BTreeMap<Pointer, bool> {
    let mut out = BTreeMap::new();
    each_node(root, &mut |node, kind, at| {
        let properties = node.get("properties").filter(|_| kind == Kind::Schema);
        for (name, schema) in properties.and_then(Value::as_object).into_iter().flatten() {
            out.insert(at.child("properties").child(name), is_secret(root, schema));
        }
    });
    out
}

/// Whether a property is secret, by itself or by what it refers to.
fn is_secret(root: &Value, schema: &Value) -> bool {
    let own = |it: &Value| it.pointer("/x-conversations/secret") == Some(&Value::Bool(true));
    let target = correspondence::reference(schema).and_then(|it| target(root, it));
    own(schema) || target.and_then(|it| root.pointer(&it)).is_some_and(own)
}
