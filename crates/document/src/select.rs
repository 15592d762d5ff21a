//! What of a larger document is ours: its operations by path or tag, and what they need.

use crate::{
    document::Document,
    fault::{Code, Fault, Faults, Result},
    grammar::{Dialect, Field, Form, Kind, kind_at, walk, walk_mut},
    method::Method,
    parts::{free_name, section, wanted_name},
    pointer::Pointer,
    reference::{local, reference, reference_to, resolve_pointer, target},
    suggest,
};
use glob::{MatchOptions, Pattern, PatternError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Which operations are ours: those whose path one of the globs matches and those that carry one of
/// the tags. With neither, everything is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// Globs over the path as the document writes it: `*` within a segment, `**` across segments;
    /// `/a/**` matches `/a` too. Everything but stars stands for itself: braces, brackets, `?`.
    pub paths: Vec<String>,
    /// Tags by name, of operations and of webhooks.
    pub tags: Vec<String>,
}

/// Leaves out every operation and webhook that is not selected, and every shared part and tag that only those
/// needed. A document that never mentions `security` keeps its security schemes.
///
/// # Errors
/// Where a glob is none or nothing is selected.
pub fn select(mut document: Document, selection: &Selection) -> Result<Document> {
    if selection.paths.is_empty() && selection.tags.is_empty() {
        return Ok(document);
    }
    let globs = compile(&document, &selection.paths)?;
    let dialect = Dialect::of(&document.root);
    let secured = mentions_security(&document.root);
    let written = known_parts(&document.root);
    let library = document.root.clone();
    let mut kept = 0_usize;
    if let Some(paths) = document.root.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|path, item| {
            if path.starts_with("x-") {
                return true;
            }
            if matches(&globs, path) {
                kept += 1;
                return true;
            }
            let operations = by_tag(&library, item, &selection.tags);
            kept += operations;
            operations > 0
        });
    }
    if kept == 0 {
        return Err(Faults::from(document.fault(
            "/paths",
            Code::NothingSelected,
            format!("the document has {written}; correct `paths` or `tags` of the selection"),
        )));
    }
    // What the vendor sends has no path to be selected by.
    if let Some(Value::Object(webhooks)) = document.root.get_mut("webhooks") {
        webhooks.retain(|_, item| by_tag(&library, item, &selection.tags) > 0);
        if webhooks.is_empty()
            && let Some(root) = document.root.as_object_mut()
        {
            root.shift_remove("webhooks");
        }
    }
    prune(&mut document.root, &library, dialect, secured, &[]);
    tags(&mut document.root);
    Ok(document)
}

/// The globs and tags of a selection, at `pointer` of `file`, that match nothing in the document.
pub fn unmatched(
    selection: &Selection,
    file: &Document,
    pointer: &str,
    document: &Document,
) -> Vec<Fault> {
    let (paths, tags) = selectable(&document.root);
    let mut found = Vec::new();
    if paths.is_empty() {
        return found;
    }
    let mut fault = |list: &str, i: usize, text: &str, known: &[&str]| {
        let at = format!("{pointer}/{list}/{i}");
        let code = Code::SelectsNothing { text: text.to_owned(), file: document.file.to_string() };
        let near = suggest::nearest(text, known.iter().copied(), 3);
        let help = match &near[..] {
            [] => format!("the document has {}", known_parts(&document.root)),
            near => format!("nearest: {}", suggest::quoted(near.iter().copied())),
        };
        found.push(file.fault(&at, code, help));
    };
    for (i, glob) in selection.paths.iter().enumerate() {
        // What is not a glob is reported by `select`.
        if compile(document, std::slice::from_ref(glob))
            .is_ok_and(|globs| !paths.iter().any(|path| matches(&globs, path)))
        {
            fault("paths", i, glob, &paths);
        }
    }
    for (i, tag) in selection.tags.iter().enumerate() {
        if !tags.contains(tag.as_str()) {
            fault("tags", i, tag, &tags.iter().copied().collect::<Vec<_>>());
        }
    }
    found
}

/// Leaves out every shared part that nothing refers to, as an overlay may leave it behind. Security schemes stay, and so do
/// the named schemas of `used` with what they refer to.
pub fn without_unused(mut document: Document, used: &[&str]) -> Document {
    let library = document.root.clone();
    let dialect = Dialect::of(&library);
    prune(&mut document.root, &library, dialect, false, used);
    document
}

/// Whether one of the globs matches the path, with a star for what is within a segment.
fn matches(globs: &[Pattern], path: &str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    globs.iter().any(|it| it.matches_with(path, options))
}

fn compile(document: &Document, paths: &[String]) -> Result<Vec<Pattern>> {
    let mut patterns = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        let base = path.strip_suffix("/**").filter(|base| !base.is_empty());
        for text in [Some(path.as_str()), base].into_iter().flatten() {
            match Pattern::new(&literal(text)) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => faults.push(bad_glob(document, path, &error)),
            }
        }
    }
    Faults::check(faults).map(|()| patterns)
}

/// The glob with all but its stars standing for itself: a path may hold brackets and a query.
fn literal(glob: &str) -> String {
    let mut out = String::with_capacity(glob.len());
    for c in glob.chars() {
        match c {
            '[' | ']' | '?' => out.extend(['[', c, ']']),
            other => out.push(other),
        }
    }
    out
}

fn bad_glob(document: &Document, path: &str, error: &PatternError) -> Fault {
    Fault::of_file(
        &document.file,
        Code::BadGlob { glob: path.to_owned(), error: error.msg.to_owned() },
        "write `*` for one segment and `**` for any number of them",
    )
}

/// What there is to select, for the message that nothing was.
fn known_parts(root: &Value) -> String {
    let (paths, tags) = selectable(root);
    let list = |all: Vec<&str>| {
        let more =
            if all.len() > 8 { format!(" and {} more", all.len() - 8) } else { String::new() };
        let first = all.into_iter().take(8).collect::<Vec<_>>().join("`, `");
        format!("`{first}`{more}")
    };
    match (paths.is_empty(), tags.is_empty()) {
        (true, _) => "no paths".to_owned(),
        (false, true) => format!("the paths {}", list(paths)),
        (false, false) => {
            format!("the paths {} and the tags {}", list(paths), list(tags.into_iter().collect()))
        }
    }
}

/// The paths of a document and the tags of its operations.
fn selectable(root: &Value) -> (Vec<&str>, BTreeSet<&str>) {
    let paths = root.get("paths").and_then(Value::as_object);
    let paths = paths.into_iter().flatten().map(|(path, _)| path.as_str()).collect();
    let tags = operations(root)
        .filter_map(|operation| operation.get("tags")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    (paths, tags)
}

fn operations(root: &Value) -> impl Iterator<Item = &Value> {
    let paths = root.get("paths").and_then(Value::as_object);
    paths
        .into_iter()
        .flatten()
        .flat_map(|(_, item)| Method::ALL.into_iter().filter_map(|it| item.get(it.key())))
}

/// Keeps the operations of an item that carry one of the tags; how many those are.
fn by_tag(library: &Value, item: &mut Value, wanted: &[String]) -> usize {
    if wanted.is_empty() {
        return 0;
    }
    let target = reference(item).and_then(|text| target(library, text));
    let mut chosen = match target.and_then(|at| library.pointer(&at)) {
        Some(found) => {
            let mut merged = found.as_object().cloned().unwrap_or_default();
            let beside = item.as_object().cloned().unwrap_or_default();
            merged.extend(beside.into_iter().filter(|(key, _)| key != "$ref"));
            merged
        }
        None => item.as_object().cloned().unwrap_or_default(),
    };
    let mut count = 0;
    chosen.retain(|key, operation| {
        if Method::of_key(key).is_none() {
            return true;
        }
        let tags = operation.get("tags").and_then(Value::as_array);
        let carries = tags
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .any(|t| wanted.iter().any(|w| w == t));
        count += usize::from(carries);
        carries
    });
    if count > 0 {
        *item = Value::Object(chosen);
    }
    count
}

fn mentions_security(root: &Value) -> bool {
    root.get("security").is_some() || operations(root).any(|o| o.get("security").is_some())
}

/// The mappings of shared parts, as pointers, each with the kind of its parts.
fn homes(dialect: Dialect) -> impl Iterator<Item = (Kind, Pointer)> {
    dialect.homes().filter(|it| it.0 != Kind::SecurityScheme)
}

/// Leaves out the shared parts that nothing kept refers to, directly or through others; the schemas of `used` are kept.
fn prune(root: &mut Value, library: &Value, dialect: Dialect, secured: bool, used: &[&str]) {
    let mut needed: BTreeSet<Pointer> = BTreeSet::new();
    let mut rescued: BTreeMap<Pointer, Kind> = BTreeMap::new();
    let schema = |name: &&str| reference_to(&dialect.schemas().child(name));
    let mut todo: Vec<String> = used.iter().map(schema).collect();
    // What is not shared is kept and asks for what it refers to.
    let mut outside = root.clone();
    for (_, home) in homes(dialect) {
        if let Some(entries) = outside.pointer_mut(&home).and_then(Value::as_object_mut) {
            entries.clear();
        }
    }
    references(&outside, dialect.root(), &mut todo);
    while let Some(text) = todo.pop() {
        let Some((at, shared)) = place(library, dialect, &text) else { continue };
        let kind = match shared {
            Some(kind) => Some(kind).filter(|_| needed.insert(at.clone())),
            // A reference into an operation that is not kept keeps what it names.
            None if root.pointer(&at).is_none() && !rescued.contains_key(&at) => {
                let kind = kind_at(library, dialect.root(), &at).unwrap_or(Kind::Schema);
                rescued.insert(at.clone(), kind);
                Some(kind)
            }
            _ => None,
        };
        if let (Some(node), Some(kind)) = (library.pointer(&at), kind) {
            references(node, kind, &mut todo);
        }
    }
    for (_, home) in homes(dialect) {
        if let Some(entries) = root.pointer_mut(&home).and_then(Value::as_object_mut) {
            entries.retain(|name, _| name.starts_with("x-") || needed.contains(&home.child(name)));
        }
    }
    rescue(root, library, dialect, &rescued);
    if secured {
        security(root, dialect);
    }
}

/// Makes what is still referred to inside left-out operations a shared part.
fn rescue(root: &mut Value, library: &Value, dialect: Dialect, places: &BTreeMap<Pointer, Kind>) {
    let mut spelled: BTreeMap<Pointer, String> = BTreeMap::new();
    for (at, kind) in places {
        let (Some(home), Some(node)) = (dialect.home(*kind), library.pointer(at).cloned()) else {
            continue;
        };
        let Some(entries) = section(root, home) else { continue };
        let name = free_name(&wanted_name(at), &|n| entries.contains_key(n));
        entries.insert(name.clone(), node);
        let pointer = Pointer::from_iter(home).child(&name);
        spelled.insert(at.clone(), reference_to(&pointer));
    }
    if spelled.is_empty() {
        return;
    }
    walk_mut(root, dialect.root(), &Pointer::ROOT, &mut |node, _, _| {
        let Some(text) = node.get("$ref").and_then(Value::as_str) else { return };
        let new = place(library, dialect, text).and_then(|(at, _)| spelled.get(&at));
        if let Some(new) = new {
            node["$ref"] = Value::String(new.clone());
        }
    });
}

/// Where a reference leads: the shared part with its kind, or another place without.
fn place(library: &Value, dialect: Dialect, text: &str) -> Option<(Pointer, Option<Kind>)> {
    let named = |text: &str| {
        let at = dialect.schemas().child(text);
        library.pointer(&at).map(|_| at)
    };
    let at = match local(text) {
        // The first step decides which part is kept, whatever is on the way deeper.
        Some(pointer) => resolve_pointer(library, &pointer).unwrap_or(pointer),
        None => named(text)?,
    };
    for (kind, home) in homes(dialect) {
        if let Some(rest) = at.strip_prefix(&*home).and_then(|rest| rest.strip_prefix('/')) {
            let name = rest.split('/').next().unwrap_or(rest);
            return Some((format!("{home}/{name}").into(), Some(kind)));
        }
    }
    Some((at, None))
}

/// Adds every reference in a node to `out`.
fn references(node: &Value, kind: Kind, out: &mut Vec<String>) {
    walk(node, kind, &Pointer::ROOT, &mut |node, kind, _| {
        if let Some(text) = node.get("$ref").and_then(Value::as_str) {
            out.push(text.to_owned());
        }
        if kind == Kind::Schema {
            let mapping = node.pointer("/discriminator/mapping").and_then(Value::as_object);
            out.extend(
                mapping.into_iter().flatten().filter_map(|(_, v)| v.as_str()).map(str::to_owned),
            );
        }
        for Field { key, form, .. } in kind.fields() {
            if matches!(form, Form::Map(_)) {
                let text = node.get(*key).and_then(|entries| entries.get("$ref"));
                out.extend(text.and_then(Value::as_str).map(str::to_owned));
            }
        }
    });
}

/// Leaves out the security schemes that no kept requirement names.
fn security(root: &mut Value, dialect: Dialect) {
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut add = |requirements: Option<&Value>| {
        for requirement in requirements.and_then(Value::as_array).into_iter().flatten() {
            named.extend(
                requirement.as_object().into_iter().flatten().map(|(name, _)| name.clone()),
            );
        }
    };
    add(root.get("security"));
    for operation in operations(root) {
        add(operation.get("security"));
    }
    let items = root.pointer("/components/pathItems").and_then(Value::as_object);
    for (_, item) in items.into_iter().flatten() {
        for operation in Method::ALL.into_iter().filter_map(|it| item.get(it.key())) {
            add(operation.get("security"));
        }
    }
    let at = match dialect {
        Dialect::Swagger2 => "/securityDefinitions",
        Dialect::OpenApi3 => "/components/securitySchemes",
    };
    if let Some(schemes) = root.pointer_mut(at).and_then(Value::as_object_mut) {
        schemes.retain(|name, _| named.contains(name));
    }
}

/// Leaves out the descriptions of tags that no kept operation carries.
fn tags(root: &mut Value) {
    let carried: BTreeSet<String> = operations(root)
        .filter_map(|operation| operation.get("tags")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if let Some(list) = root.get_mut("tags").and_then(Value::as_array_mut) {
        list.retain(|tag| {
            tag.get("name").and_then(Value::as_str).is_some_and(|n| carried.contains(n))
        });
    }
}
