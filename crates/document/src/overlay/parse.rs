//! Reads an overlay by the letter of the specification.

use super::{Action, Change, OverlayFile};
use crate::{
    document::Document,
    fault::{Code, Fault, Faults, Result},
    load,
    pointer::Pointer,
    suggest,
};
use serde_json::{Map, Value};

const ROOT: [&str; 4] = ["overlay", "info", "extends", "actions"];
const INFO: [&str; 3] = ["title", "version", "description"];
const ACTION: [&str; 5] = ["target", "description", "update", "copy", "remove"];

/// Reads an overlay.
pub fn parse(text: &load::Text) -> Result<OverlayFile> {
    let document = load::mapping(&text.file, &text.text)?;
    let mut reader = Reader { document: &document, found: Vec::new() };
    let minor = reader.version();
    reader.keys(&Pointer::ROOT, &ROOT);
    reader.keys(&"/info".into(), if minor == 0 { &INFO[..2] } else { &INFO });
    let title = reader.text(&"/info".into(), "title", true).unwrap_or_default();
    let version = reader.text(&"/info".into(), "version", true).unwrap_or_default();
    let extends = reader.text(&Pointer::ROOT, "extends", false);
    let actions = reader.actions(minor);
    Faults::check(reader.found)?;
    Ok(OverlayFile { minor, title, version, extends, actions, document })
}

struct Reader<'a> {
    document: &'a Document,
    found: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn version(&mut self) -> u8 {
        let version = self.text(&Pointer::ROOT, "overlay", true);
        let Some(version) = version else { return 1 };
        let parts: Vec<&str> = version.split('.').collect();
        match parts[..] {
            ["1", minor @ ("0" | "1"), patch] if patch.parse::<u32>().is_ok() => {
                u8::from(minor == "1")
            }
            _ => {
                let code = Code::UnknownVersion { of: "the overlay specification", version };
                self.fault("/overlay", code, "1.0.0 and 1.1.0 are known");
                1
            }
        }
    }

    fn actions(&mut self, minor: u8) -> Vec<Action> {
        let Some(actions) = self.document.root.get("actions") else {
            let code = Code::Missing { key: "actions".to_owned() };
            self.fault("", code, "an overlay has at least one");
            return Vec::new();
        };
        let key = "actions".to_owned();
        let code = match actions {
            Value::Array(list) if !list.is_empty() => {
                return (0..list.len()).filter_map(|i| self.action(i, minor)).collect();
            }
            Value::Array(_) => Code::Empty { key },
            other => Code::WrongKind { key, found: load::kind(other), wanted: "a list" },
        };
        self.fault("/actions", code, "write a list with at least one action");
        Vec::new()
    }

    fn action(&mut self, index: usize, minor: u8) -> Option<Action> {
        let pointer = Pointer::from("/actions").child(index);
        let map = self.keys(&pointer, &ACTION)?;
        let target = self.text(&pointer, "target", true)?;
        let description = self.text(&pointer, "description", false);
        let source = self.text(&pointer, "x-source", false);
        let copy = self.text(&pointer, "copy", false);
        if minor == 0 && map.contains_key("copy") {
            let code = Code::NewerKey { key: "copy", version: "1.1" };
            self.fault(&pointer.child("copy"), code, "write `overlay: 1.1.0`");
        }
        let remove = match map.get("remove") {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(other) => {
                let (key, found) = ("remove".to_owned(), load::kind(other));
                let code = Code::WrongKind { key, found, wanted: "a boolean" };
                self.fault(&pointer.child("remove"), code, "");
                false
            }
        };
        let change = match (remove, map.get("update"), copy) {
            (true, ..) => Change::Remove,
            (false, Some(update), None) => Change::Update(update.clone()),
            (false, None, Some(copy)) => Change::Copy(copy),
            (false, None, None) => Change::Nothing,
            (false, Some(_), Some(_)) => {
                let code = Code::NotTogether { keys: "`update` and `copy`" };
                self.fault(&pointer, code, "make it two actions, in the order you mean");
                Change::Nothing
            }
        };
        Some(Action { target, description, source, change, pointer })
    }

    /// The mapping at `pointer`, which must hold nothing but these keys and extensions.
    fn keys(&mut self, pointer: &Pointer, known: &[&str]) -> Option<&'a Map<String, Value>> {
        let document = self.document;
        let node = document.root.pointer(pointer);
        let Some(Value::Object(map)) = node else {
            let key = pointer.last();
            let code = match node {
                None => Code::Missing { key },
                Some(node) => Code::WrongKind { key, found: load::kind(node), wanted: "a mapping" },
            };
            self.fault(pointer, code, "");
            return None;
        };
        for key in map.keys().filter(|it| !known.contains(&it.as_str()) && !it.starts_with("x-")) {
            let help = suggest::known(key, "known keys:", known.iter().copied());
            let help = format!("{help}, and extensions that start with `x-`");
            self.fault(
                &pointer.child(key),
                Code::Unknown { what: "key", name: key.clone() },
                &help,
            );
        }
        Some(map)
    }

    fn text(&mut self, pointer: &Pointer, key: &str, required: bool) -> Option<String> {
        match self.document.root.pointer(pointer).and_then(|it| it.get(key)) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => {
                let (key, found) = (key.to_owned(), load::kind(other));
                let at = pointer.child(&key);
                self.fault(
                    &at,
                    Code::WrongKind { key, found, wanted: "a text" },
                    "put it in quotes",
                );
                None
            }
            None => {
                // A missing parent has its own fault.
                if required && self.document.root.pointer(pointer).is_some() {
                    self.fault(pointer, Code::Missing { key: key.to_owned() }, "");
                }
                None
            }
        }
    }

    fn fault(&mut self, pointer: &str, code: Code, help: &str) {
        self.found.push(self.document.fault(pointer, code, help));
    }
}
