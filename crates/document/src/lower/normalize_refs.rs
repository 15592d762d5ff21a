//! References in forms that are not plain `$ref` in place of a schema, made plain.

use super::{context::Context, repair};
use crate::note::Done;
use crate::{
    grammar::{Dialect, Form, Kind, walk, walk_mut},
    identity,
    pointer::Pointer,
    reference::{reference_to, target},
};
use serde_json::Value;

/// Mappings of schemas that are themselves a reference, such as `properties: {$ref: …}`, written out.
pub(super) fn spread_mappings(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    // Mappings may hold each other; what is still a reference in the end holds itself.
    for round in 0..4 {
        let library = root.clone();
        let mut found = false;
        walk_mut(root, dialect.root(), &Pointer::ROOT, &mut |node, kind, at| {
            let Some(object) = node.as_object_mut() else { return };
            for crate::grammar::Field { key, form, .. } in kind.fields() {
                let mapping = object.get_mut(*key).and_then(Value::as_object_mut);
                let Some(entries) = mapping.filter(|_| *form == Form::Map(Kind::Schema)) else {
                    continue;
                };
                let Some(text) = entries.get("$ref").and_then(Value::as_str).map(str::to_owned)
                else {
                    continue;
                };
                found = true;
                entries.shift_remove("$ref");
                let at = at.child(key);
                let pointer = target(&library, &text);
                let target =
                    pointer.as_ref().and_then(|p| library.pointer(p)).and_then(Value::as_object);
                match target {
                    Some(target) if round < 3 => {
                        for (name, schema) in target {
                            let mut schema = schema.clone();
                            if name != "$ref" {
                                repair::check(cx, &mut schema, Kind::Schema, &at.child(name));
                            }
                            entries.entry(name.clone()).or_insert(schema);
                        }
                        cx.note(&at, Done::ReferenceResolved { reference: text.to_string() });
                    }
                    Some(_) => cx.note(&at, Done::ContainsItself { reference: text.to_string() }),
                    None => cx.note(&at, Done::Dangling { reference: text }),
                }
            }
        });
        if !found {
            return;
        }
    }
}

/// Dynamic references read as static ones, which is what they are without extending documents.
pub(super) fn static_references(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    identity::static_references(root, dialect, |at, key, target| {
        cx.note(at, Done::DynamicReference { key, target: target.to_owned() });
    });
}

/// `#/$defs/X` that leads nowhere from the root means the nearest `$defs` around it.
pub(super) fn local_definitions(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    let mut found: Vec<(Pointer, String)> = Vec::new();
    walk(root, dialect.root(), &Pointer::ROOT, &mut |node, kind, at| {
        let Some(text) = node.get("$ref").and_then(Value::as_str) else { return };
        let local = ["#/$defs/", "#/definitions/"].iter().any(|p| text.starts_with(p));
        if kind != Kind::Schema || !local || root.pointer(&text[1..]).is_some() {
            return;
        }
        let mut around: &str = at;
        loop {
            let pointer = format!("{around}{}", &text[1..]);
            if root.pointer(&pointer).is_some() {
                found.push((at.to_owned(), reference_to(&pointer)));
                return;
            }
            match around.rfind('/') {
                Some(cut) => around = &around[..cut],
                None => return,
            }
        }
    });
    for (at, to) in found {
        if let Some(node) = root.pointer_mut(&at) {
            cx.note(
                &at,
                Done::LocalReference {
                    reference: node["$ref"].as_str().unwrap_or_default().to_string(),
                    to: to.to_string(),
                },
            );
            node["$ref"] = Value::String(to);
        }
    }
}
