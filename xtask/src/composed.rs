//! Several documents as one: an API that is described in a file for each of its parts.

use crate::{input::Input, pipeline};
use anyhow::{Context as _, bail};
use conversations_document::{
    Document, Method, Pointer, Version,
    reference::{local, reference_to},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path};

/// The documents behind a pattern of file names, joined in the order of the names.
pub fn read(pattern: &str, cwd: &Path) -> anyhow::Result<Document> {
    let whole = cwd.join(pattern);
    let whole = whole.to_str().context("the pattern is not Unicode text")?;
    let files = glob::glob(whole).with_context(|| format!("`{pattern}` is not a pattern"))?;
    let mut names = Vec::new();
    for file in files {
        let file = file?;
        let shown = file.strip_prefix(cwd).unwrap_or(&file);
        names.push(shown.to_str().context("a file's name is not Unicode text")?.to_owned());
    }
    let mut documents = names.iter().map(|it| pipeline::read(&Input::parse(it, cwd)?));
    let Some(first) = documents.next() else { bail!("no file matches `{pattern}`") };
    let mut joined = first?;
    for (at, next) in documents.enumerate() {
        join(&mut joined, next?, at + 2)?;
    }
    Ok(joined)
}

/// Lays the document `next`, the `number`th, into `whole`.
fn join(whole: &mut Document, mut next: Document, number: usize) -> anyhow::Result<()> {
    let file = next.file.clone();
    for it in [&*whole, &next] {
        if Version::of(&it.root).is_none_or(|it| it < Version::OpenApi30) {
            bail!("{}: only OpenAPI 3 documents can be compared together", it.file);
        }
    }
    for key in ["servers", "security"] {
        if whole.root.get(key) != next.root.get(key) {
            push_down(&mut whole.root, key);
            push_down(&mut next.root, key);
        }
    }
    let renamed = renamed(&whole.root, &next.root, number);
    rename(&mut next.root, &renamed);
    for (pointer, origin) in next.origins {
        let old = renamed.iter().find(|(old, _)| is_at_or_below(&pointer, old));
        let pointer = match old {
            Some((old, new)) => format!("{new}{}", &pointer[old.len()..]).into(),
            None => pointer,
        };
        whole.origins.entry(pointer).or_insert(origin);
    }
    let Value::Object(parts) = next.root else { return Ok(()) };
    for (key, part) in parts {
        match key.as_str() {
            "paths" | "webhooks" | "components" => {
                let renamed = |at: &str| {
                    let at = renamed.iter().find(|it| it.0 == at)?;
                    at.1.rsplit('/').next().map(conversations_document::pointer::unescaped)
                };
                merge(&mut whole.root, &key, part, &renamed)
                    .with_context(|| format!("{} and {file} cannot be joined", whole.file))?;
            }
            _ => {}
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

/// The components of `next` that need another name, by pointer: those of a name that `whole` has, unless
/// all of these say the same in both.
fn renamed(whole: &Value, next: &Value, number: usize) -> BTreeMap<String, String> {
    let sections = next.get("components").and_then(Value::as_object).into_iter().flatten();
    let mut all = BTreeMap::new();
    let mut differ = false;
    for (section, members) in sections.filter(|it| it.0 != "securitySchemes") {
        let there = whole.get("components").and_then(|it| it.get(section));
        for (name, value) in members.as_object().into_iter().flatten() {
            let Some(other) = there.and_then(|it| it.get(name)) else { continue };
            differ |= other != value;
            let at = String::from(Pointer::from(&format!("/components/{section}")).child(name));
            all.insert(at.clone(), format!("{at}.{number}"));
        }
    }
    if differ { all } else { BTreeMap::new() }
}

fn is_at_or_below(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// Lets references and the values of discriminators lead to the new names.
fn rename(value: &mut Value, renamed: &BTreeMap<String, String>) {
    let follow = |text: &mut String| {
        // A discriminator may name a schema without its place.
        let pointer = local(text)
            .unwrap_or_else(|| Pointer::from("/components/schemas").child(text.as_str()));
        if let Some((old, new)) = renamed.iter().find(|(old, _)| is_at_or_below(&pointer, old)) {
            *text = reference_to(&format!("{new}{}", &pointer[old.len()..]));
        }
    };
    match value {
        Value::Array(list) => list.iter_mut().for_each(|it| rename(it, renamed)),
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$ref" | "operationRef", Value::String(text)) => follow(text),
                    ("mapping", Value::Object(kinds)) => {
                        for kind in kinds.values_mut() {
                            match kind {
                                Value::String(text) => follow(text),
                                other => rename(other, renamed),
                            }
                        }
                    }
                    (_, value) => rename(value, renamed),
                }
            }
        }
        _ => {}
    }
}

/// Lays the paths, webhooks or components of one document beside those of another.
fn merge(
    root: &mut Value,
    key: &str,
    part: Value,
    renamed: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<()> {
    let (Some(root), Value::Object(part)) = (root.as_object_mut(), part) else { return Ok(()) };
    let whole = root.entry(key).or_insert_with(|| json!({}));
    let Some(whole) = whole.as_object_mut() else { return Ok(()) };
    for (name, members) in part {
        let Value::Object(members) = members else { continue };
        let there = whole.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        let Some(there) = there.as_object_mut() else { continue };
        for (member, value) in members {
            let at = String::from(Pointer::from(&format!("/{key}/{name}")).child(&member));
            let member = renamed(&at).unwrap_or(member);
            match there.get(&member) {
                Some(other) if *other != value => {
                    bail!("both describe `{member}` of `{name}`, and not in the same way");
                }
                _ => drop(there.insert(member, value)),
            }
        }
    }
    Ok(())
}
