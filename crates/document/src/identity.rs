//! References by the `$id` of a schema, which JSON Schema resolves against the `$id` around them, as references by
//! place.

use crate::{
    document::Document,
    grammar::{Dialect, Kind, each_child},
    pointer::Pointer,
    reference::{percent_decoded, reference, reference_to},
};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// The address of a document that names none; nothing is ever fetched from it.
const UNNAMED: &str = "document:///";

/// Rewrites every reference that means a schema of this document by its `$id`, or by an `$anchor` below one, to where
/// that schema stands. What means none stays as it is.
pub(crate) fn localize(document: &mut Document) {
    let base = Url::parse(UNNAMED).ok();
    let own = document.root.get("$self").and_then(Value::as_str);
    let Some(base) = base.and_then(|base| match own {
        Some(own) => base.join(own).ok(),
        None => Some(base),
    }) else {
        return;
    };
    let kind = Dialect::of(&document.root).root();
    let mut places = Places { by_address: BTreeMap::new() };
    if own.is_some() {
        places.by_address.insert(base.to_string(), Pointer::ROOT);
    }
    places.collect(&document.root, kind, &Pointer::ROOT, &base);
    let mut found = Vec::new();
    places.resolve(&document.root, kind, &Pointer::ROOT, (&base, ""), &document.root, &mut found);
    for (at, target) in found {
        if let Some(node) = document.root.pointer_mut(&at) {
            node["$ref"] = Value::String(target);
        }
    }
}

/// Schemas by what identifies them: an address, with an anchor as its fragment.
struct Places {
    by_address: BTreeMap<String, Pointer>,
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
            }
        }
        each_child(node, kind, at, &mut |node, kind, at| self.collect(node, kind, at, base));
    }

    /// Adds each reference that means another place than it says, as its holder's pointer and that place.
    fn resolve(
        &self,
        node: &Value,
        kind: Kind,
        at: &Pointer,
        (base, base_at): (&Url, &str),
        root: &Value,
        out: &mut Vec<(Pointer, String)>,
    ) {
        let own = own_base(node, kind, base);
        let (base, base_at) = own.as_ref().map_or((base, base_at), |own| (own, at));
        let target = reference(node).filter(|_| kind == Kind::Schema);
        if let Some(target) = target.and_then(|text| self.target(text, base, base_at, root)) {
            out.push((at.to_owned(), reference_to(&target)));
        }
        each_child(node, kind, at, &mut |node, kind, at| {
            self.resolve(node, kind, at, (base, base_at), root, out);
        });
    }

    fn target(&self, text: &str, base: &Url, base_at: &str, root: &Value) -> Option<Pointer> {
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        let fragment = percent_decoded(fragment);
        if file.is_empty() && base_at.is_empty() {
            // Relative to the document itself, as it says.
            return None;
        }
        let mut address = base.join(file).ok()?;
        address.set_fragment(None);
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.by_address.get(&format!("{address}#{fragment}")).cloned();
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
