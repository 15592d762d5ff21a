//! Each key of a document is accounted for: what nobody reads is noted, and what no specification knows is noted with
//! the nearest word that one does.

use super::context::Context;
use crate::note::Done;
use crate::{
    grammar::{Dialect, Form, Kind, Loss, Use},
    pointer::Pointer,
    suggest,
};
use serde_json::{Map, Value};

/// Keys of a reference, which may stand in place of most nodes.
const OF_REFERENCES: [&str; 3] = ["$ref", "summary", "description"];

/// Goes through the document as it is written.
pub(crate) fn account(cx: &mut Context, root: &Value, dialect: Dialect) {
    node(cx, root, dialect.root(), &Pointer::ROOT);
}

fn node(cx: &mut Context, value: &Value, kind: Kind, at: &Pointer) {
    let Some(object) = value.as_object() else { return };
    for (key, value) in object.iter().filter(|(key, _)| !key.starts_with("x-")) {
        let inside = at.child(key);
        match (kind.field(key), kind.others()) {
            (Some(field), _) => match field.used {
                Use::Lost(loss, words) if says_something(value) => {
                    let key = field.key;
                    let done = match loss {
                        Loss::Sent => Done::NotSent { key, words },
                        Loss::Checked => Done::NotChecked { key, words },
                    };
                    cx.note(&inside, done);
                }
                Use::Consumed(_) | Use::Holds => parts(cx, value, field.form, &inside),
                Use::Lost(..) | Use::Noted(_) | Use::Silent => {}
            },
            (None, Some(inner)) => node(cx, value, inner, &inside),
            (None, None) => {
                let reference = object.contains_key("$ref");
                if !(reference && OF_REFERENCES.contains(&key.as_str())) {
                    unknown(cx, object, key, kind, &inside);
                }
            }
        }
    }
}

/// Empty mappings, lists and `false` ask for nothing.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    }
}

fn parts(cx: &mut Context, value: &Value, form: Form, at: &Pointer) {
    match (form, value) {
        (Form::One(kind) | Form::Loose(kind), Value::Object(_)) => node(cx, value, kind, at),
        (Form::One(kind) | Form::List(kind), Value::Array(list)) => {
            for (i, value) in list.iter().enumerate() {
                node(cx, value, kind, &at.child(i));
            }
        }
        (Form::Map(kind), Value::Object(entries)) => {
            for (name, value) in entries.iter().filter(|(name, _)| *name != "$ref") {
                node(cx, value, kind, &at.child(name));
            }
        }
        _ => {}
    }
}

fn unknown(cx: &mut Context, object: &Map<String, Value>, key: &str, kind: Kind, at: &Pointer) {
    let known = kind.fields().iter().map(|it| it.key);
    // A word that is there already is not the one that was meant.
    let free = known.filter(|it| !object.contains_key(*it));
    match suggest::nearest(key, free, 1)[..] {
        [meant] if suggest::is_slip(key, meant) => cx.note(
            at,
            Done::Misspelt { noun: kind.noun(), key: key.to_string(), meant: meant.to_string() },
        ),
        // The other way, OpenAPI 3's words in Swagger 2.0 are mostly read as they are meant.
        _ if kind.former().is_some_and(|it| it.field(key).is_some()) => {
            cx.note(at, Done::KeyOfSwagger2 { key: key.to_string(), noun: kind.noun() })
        }
        _ => cx.note(at, Done::ForeignKey { noun: kind.noun(), key: key.to_string() }),
    }
}
