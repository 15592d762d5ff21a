//! Several documents as one: an API that is described in a document for each of its parts.

use super::each_text;
use crate::{
    document::Document,
    fault::{Code, Fault, Result},
    grammar::Dialect,
    method::Method,
    pointer::Pointer,
    reference::{local, reference_to},
    version::Version,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Lays the document `next`, the `number`th, into `whole`. Where components of one name differ, those of `next` get its
/// number.
///
/// # Errors
/// Where one of the two is not OpenAPI 3, or both describe an operation and not in the same way.
pub fn compose(whole: &mut Document, mut next: Document, number: usize) -> Result<()> {
    for it in [&*whole, &next] {
        if Version::of(&it.root).is_none_or(|it| it < Version::OpenApi30) {
            let help = "convert it to OpenAPI 3, or compare it alone";
            return Err(Fault::of_file(&it.file, Code::NotOpenApi3, help).into());
        }
    }
    for key in ["servers", "security"] {
        if whole.root.get(key) != next.root.get(key) {
            push_down(&mut whole.root, key);
            push_down(&mut next.root, key);
        }
    }
    let dialect = Dialect::OpenApi3;
    let renamed = renamed(&whole.root, &next.root, number);
    let moved = |at: &Pointer| renamed.iter().find_map(|(old, new)| at.moved(old, new));
    each_text(&mut next.root, dialect.root(), &mut |text, _| {
        // A discriminator may name a schema without its place.
        let at = local(text).unwrap_or_else(|| dialect.schemas().child(&*text));
        if let Some(new) = moved(&at) {
            *text = reference_to(&new);
        }
    });
    for (pointer, origin) in &next.origins {
        let pointer = moved(pointer).unwrap_or_else(|| pointer.clone());
        whole.origins.entry(pointer).or_insert_with(|| origin.clone());
    }
    let Value::Object(parts) = next.root.take() else { return Ok(()) };
    for (key, part) in parts {
        if matches!(key.as_str(), "paths" | "webhooks" | "components") {
            let found = merge(&mut whole.root, &Pointer::ROOT.child(&key), part, &moved);
            found.map_err(|(at, code)| {
                next.fault(&at, code, "give one of them another name, or describe it once")
            })?;
        }
    }
    Ok(())
}

/// Says at each operation what its document says for all.
fn push_down(root: &mut Value, key: &str) {
    let common = root.as_object_mut().and_then(|it| it.shift_remove(key));
    // Without servers an address is relative to the document, and without security everybody is let in.
    let common = common.unwrap_or_else(|| match key {
        "servers" => json!([{ "url": "/" }]),
        _ => json!([]),
    });
    let items = root.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for item in items.filter_map(|(_, it)| it.as_object_mut()) {
        let own = item.get(key).cloned();
        for (_, operation) in item.iter_mut().filter(|(key, _)| Method::of_key(key).is_some()) {
            let Some(operation) = operation.as_object_mut() else { continue };
            operation.entry(key).or_insert_with(|| own.clone().unwrap_or_else(|| common.clone()));
        }
    }
}

/// The components of `next` that need another name, with it: those of a name that `whole` has, unless
/// all of these say the same in both.
fn renamed(whole: &Value, next: &Value, number: usize) -> BTreeMap<Pointer, Pointer> {
    let sections = next.get("components").and_then(Value::as_object).into_iter().flatten();
    let mut all = BTreeMap::new();
    let mut differ = false;
    for (section, members) in sections.filter(|it| it.0 != "securitySchemes") {
        let there = whole.get("components").and_then(|it| it.get(section));
        let home = Pointer::from_iter(["components", section]);
        for (name, value) in members.as_object().into_iter().flatten() {
            let Some(other) = there.and_then(|it| it.get(name)) else { continue };
            differ |= other != value;
            all.insert(home.child(name), home.child(format!("{name}.{number}")));
        }
    }
    if differ { all } else { BTreeMap::new() }
}

/// Lays the paths, webhooks or components of one document beside those of another.
fn merge(
    root: &mut Value,
    at: &Pointer,
    part: Value,
    moved: &dyn Fn(&Pointer) -> Option<Pointer>,
) -> std::result::Result<(), (Pointer, Box<Code>)> {
    let (Some(root), Value::Object(part)) = (root.as_object_mut(), part) else { return Ok(()) };
    let whole = root.entry(at.last()).or_insert_with(|| json!({}));
    let Some(whole) = whole.as_object_mut() else { return Ok(()) };
    for (name, members) in part {
        let Value::Object(members) = members else { continue };
        let at = at.child(&name);
        let there = whole.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        let Some(there) = there.as_object_mut() else { continue };
        for (member, value) in members {
            let at = at.child(&member);
            let member = moved(&at).map_or(member, |it| it.last());
            match there.get(&member) {
                Some(other) if *other != value => {
                    return Err((at, Code::DescribedTwice { name: member, of: name }.into()));
                }
                _ => drop(there.insert(member, value)),
            }
        }
    }
    Ok(())
}
