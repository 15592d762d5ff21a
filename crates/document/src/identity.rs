//! References by the `$id` of a schema, which JSON Schema resolves against the `$id` around them, or by an anchor, as
//! references by place.

use crate::{
    grammar::{Dialect, Kind, each_child, walk_mut},
    pointer::Pointer,
    reference::{percent_decoded, reference_to},
};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// The address of a document that names none; nothing is ever fetched from it.
const UNNAMED: &str = "document:///";

/// The keywords whose target depends on which documents refer to theirs.
const DYNAMIC: [&str; 2] = ["$dynamicRef", "$recursiveRef"];

/// Rewrites every reference that means a schema of this document by its `$id` or an anchor to where that schema stands.
/// What means none stays as it is.
pub(crate) fn localize(root: &mut Value) {
    let found = by_identity(root);
    apply(root, found);
}

/// The document with every reference to a schema as a `$ref` to a place: those by `$id` and by anchor, and the dynamic
/// ones, which are static without extending documents. Nothing where all are.
pub fn plain_references(root: &Value) -> Option<Value> {
    if !has_identities(root) {
        return None;
    }
    let mut plain = root.clone();
    apply(&mut plain, by_identity(root));
    static_references(&mut plain, Dialect::of(root), |_, _, _| {});
    Some(plain)
}

/// Makes dynamic references static ones; each is handed to `made` with its place, keyword and target.
pub(crate) fn static_references(
    root: &mut Value,
    dialect: Dialect,
    mut made: impl FnMut(&Pointer, &'static str, &str),
) {
    walk_mut(root, dialect.root(), &Pointer::ROOT, &mut |node, kind, at| {
        let Some(object) = node.as_object_mut().filter(|_| kind == Kind::Schema) else { return };
        for key in DYNAMIC {
            let Some(target) = object.get(key).and_then(Value::as_str).map(str::to_owned) else {
                continue;
            };
            object.shift_remove(key);
            made(at, key, &target);
            object.entry("$ref").or_insert(Value::String(target));
        }
    });
}

fn has_identities(node: &Value) -> bool {
    match node {
        Value::Object(map) => {
            let named = |key: &str| ["$id", "$anchor", "$dynamicAnchor"].contains(&key);
            map.keys().any(|it| named(it) || DYNAMIC.contains(&it.as_str()))
                || map.values().any(has_identities)
        }
        Value::Array(list) => list.iter().any(has_identities),
        _ => false,
    }
}

/// A keyword of the schema at a pointer, and the reference that it is by place.
type Rewritten = (Pointer, &'static str, String);

fn apply(root: &mut Value, found: Vec<Rewritten>) {
    for (at, key, target) in found {
        if let Some(node) = root.pointer_mut(&at) {
            node[key] = Value::String(target);
        }
    }
}

fn by_identity(root: &Value) -> Vec<Rewritten> {
    let mut found = Vec::new();
    let base = Url::parse(UNNAMED).ok();
    let own = root.get("$self").and_then(Value::as_str);
    let Some(base) = base.and_then(|base| match own {
        Some(own) => base.join(own).ok(),
        None => Some(base),
    }) else {
        return found;
    };
    let kind = Dialect::of(root).root();
    let mut places = Places::default();
    if own.is_some() {
        places.by_address.insert(base.to_string(), Pointer::ROOT);
    }
    places.collect(root, kind, &Pointer::ROOT, &base);
    places.resolve(root, kind, &Pointer::ROOT, (&base, ""), root, &mut found);
    found
}

/// Schemas by what identifies them.
#[derive(Default)]
struct Places {
    /// An address, with an anchor as its fragment.
    by_address: BTreeMap<String, Pointer>,
    /// An anchor alone: authors write it for a schema whose address is another one, too.
    by_anchor: BTreeMap<String, Pointer>,
}

impl Places {
    fn collect(&mut self, node: &Value, kind: Kind, at: &Pointer, base: &Url) {
        let own = own_base(node, kind, base);
        if let Some(id) = &own {
            self.by_address.entry(id.to_string()).or_insert_with(|| at.to_owned());
        }
        let base = own.as_ref().unwrap_or(base);
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) =
                node.get(key).and_then(Value::as_str).filter(|_| kind == Kind::Schema)
            {
                let address = format!("{base}#{name}");
                self.by_address.entry(address).or_insert_with(|| at.to_owned());
                self.by_anchor.entry(name.to_owned()).or_insert_with(|| at.to_owned());
            }
        }
        each_child(node, kind, at, &mut |node, kind, at| self.collect(node, kind, at, base));
    }

    /// Adds each reference that means another place than it says.
    fn resolve(
        &self,
        node: &Value,
        kind: Kind,
        at: &Pointer,
        (base, base_at): (&Url, &str),
        root: &Value,
        out: &mut Vec<Rewritten>,
    ) {
        let own = own_base(node, kind, base);
        let (base, base_at) = own.as_ref().map_or((base, base_at), |own| (own, at));
        for key in ["$ref", "$dynamicRef"] {
            let text = node.get(key).and_then(Value::as_str).filter(|_| kind == Kind::Schema);
            if let Some(target) = text.and_then(|text| self.target(text, base, base_at, root)) {
                out.push((at.to_owned(), key, reference_to(&target)));
            }
        }
        each_child(node, kind, at, &mut |node, kind, at| {
            self.resolve(node, kind, at, (base, base_at), root, out);
        });
    }

    fn target(&self, text: &str, base: &Url, base_at: &str, root: &Value) -> Option<Pointer> {
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        let fragment = percent_decoded(fragment);
        let anchor = !fragment.is_empty() && !fragment.starts_with('/');
        if file.is_empty() && base_at.is_empty() && !anchor {
            // Relative to the document itself, as it says.
            return None;
        }
        let mut address = base.join(file).ok()?;
        address.set_fragment(None);
        if anchor {
            let own = self.by_address.get(&format!("{address}#{fragment}"));
            return own.or_else(|| self.by_anchor.get(&fragment)).cloned();
        }
        let start = self.by_address.get(address.as_str())?;
        let target = Pointer::from(format!("{start}{fragment}"));
        // Authors who give their components ids still write `#/components/schemas/…`.
        (fragment.is_empty() || root.pointer(&target).is_some()).then_some(target)
    }
}

/// The address that a schema gives itself.
fn own_base(node: &Value, kind: Kind, base: &Url) -> Option<Url> {
    let id = node.get("$id").and_then(Value::as_str).filter(|_| kind == Kind::Schema)?;
    let mut own = base.join(id).ok()?;
    own.set_fragment(None);
    Some(own)
}
