//! A document of several files, joined through `$ref`, as one.
//!
//! Named parts of other files (schemas, parameters, responses …) become shared parts of the main
//! document under a name made from theirs; what has no place among the shared parts, such as a path
//! item, is written out where it is used. Examples and other data stay as they are, whatever they hold.

mod compose;

pub use compose::compose;

use crate::{
    document::{Document, copy_origins},
    fault::{Code, Fault, Faults, Result},
    grammar::{Dialect, Field, Form, Kind, each_child_mut, walk_mut},
    origin::Origin,
    parts::{DEEPEST_COPIED, MOST_COPIED, free_name, legal_name, section, weight},
    pointer::Pointer,
    reference::{percent_decoded, reference, reference_to, resolve_pointer},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The files that `main` and those of `files` that it needs refer to and `files` does not hold:
/// paths relative to the folder of the main file, `/` between names, `.` and inner `..` taken out. A
/// path that begins with `../` leaves that folder; whether it may is the caller's to decide.
///
/// A caller reads what is named, adds it to `files` and asks again until nothing is named that it
/// could read. URLs and absolute paths are never named.
pub fn external_files(main: &Document, files: &BTreeMap<String, Document>) -> Vec<String> {
    let mut bundler = Bundler::new(main, files);
    let mut root = main.root.clone();
    bundler.run(&mut root);
    bundler.missing.into_iter().collect()
}

/// `main` with everything that it refers to in `files`, whose keys are as [`external_files`] names
/// them. A reference into a file that is not there stays as it is; lowering says what that means.
///
/// # Errors
/// Where a part that must be written out in its place contains itself.
pub fn bundle(main: Document, files: &BTreeMap<String, Document>) -> Result<Document> {
    let mut root = main.root.clone();
    let mut bundler = Bundler::new(&main, files);
    bundler.run(&mut root);
    let Bundler { origins, faults, .. } = bundler;
    Faults::check(faults)?;
    Ok(Document { file: main.file, root, origins })
}

/// How a reference begins that was made independent of the file it stood in.
const ABSOLUTE: &str = "bundle:";

/// A place in a file; the main file's name is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    file: String,
    pointer: Pointer,
}

struct Bundler<'a> {
    main: &'a Document,
    /// The main file's name without folders, by which others refer back to it.
    main_name: &'a str,
    files: &'a BTreeMap<String, Document>,
    dialect: Dialect,
    /// Which shared part a target has become.
    names: BTreeMap<(Target, Kind), String>,
    /// Shared parts that are promised but not yet there.
    queue: Vec<(Target, Kind, String)>,
    /// Names that are promised, by the pointer of the mapping they are in.
    promised: BTreeSet<Pointer>,
    /// Targets being written out around the present node.
    active: Vec<Target>,
    /// The nodes copied so far.
    copied: usize,
    origins: BTreeMap<Pointer, Origin>,
    missing: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<'a> Bundler<'a> {
    fn new(main: &'a Document, files: &'a BTreeMap<String, Document>) -> Self {
        Self {
            main,
            main_name: main.file.rsplit('/').next().unwrap_or(&main.file),
            files,
            dialect: Dialect::of(&main.root),
            names: BTreeMap::new(),
            queue: Vec::new(),
            promised: BTreeSet::new(),
            active: Vec::new(),
            copied: 0,
            origins: main.origins.clone(),
            missing: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    fn run(&mut self, root: &mut Value) {
        self.adopt(root);
        self.visit(root, self.dialect.root(), &Pointer::ROOT);
        while let Some((target, kind, name)) = self.queue.pop() {
            let Some(home) = self.dialect.home(kind) else { continue };
            let at = Pointer::from_iter(home).child(&name);
            let Some(mut node) = self.copy(&target, kind, &at) else { continue };
            self.visit(&mut node, kind, &at);
            if let Some(entries) = section(root, home) {
                entries.insert(name, node);
            }
        }
    }

    /// A shared part of the main file that is nothing but a reference into another file is where
    /// that file's part belongs.
    fn adopt(&mut self, root: &mut Value) {
        for (kind, at) in self.dialect.homes().filter(|it| is_named(it.0)) {
            let Some(entries) = root.pointer_mut(&at).and_then(Value::as_object_mut) else {
                continue;
            };
            for (name, node) in entries.iter_mut() {
                let Some(text) =
                    reference(node).filter(|_| node.as_object().is_some_and(|o| o.len() == 1))
                else {
                    continue;
                };
                let text = text.to_owned();
                let Some(target) = self.target(&text).filter(|t| !t.file.is_empty()) else {
                    continue;
                };
                let key = (target.clone(), kind);
                if self.names.contains_key(&key) {
                    continue;
                }
                if let Some(copy) = self.copy(&target, kind, &at.child(name)) {
                    *node = copy;
                    self.names.insert(key, name.clone());
                }
            }
        }
    }

    fn document(&self, file: &str) -> Option<&'a Document> {
        if file.is_empty() { Some(self.main) } else { self.files.get(file) }
    }

    /// The place that a reference names, whether something is there or not.
    fn target(&mut self, text: &str) -> Option<Target> {
        let (base, text) = match text.strip_prefix(ABSOLUTE) {
            Some(rest) => return split(rest),
            None => ("", text),
        };
        self.resolve(base, text)
    }

    fn resolve(&mut self, base: &str, text: &str) -> Option<Target> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let pointer = Pointer::from(percent_decoded(fragment));
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        let file = if path.is_empty() {
            base.to_owned()
        } else {
            if path.contains("://") || path.starts_with('/') || path.contains('\\') {
                return None;
            }
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.known(
                seen_from(folder, &percent_decoded(path)),
                seen_from("", &percent_decoded(path)),
            )
        };
        let file = if file == self.main_name { String::new() } else { file };
        // Parts in files of their own often refer to the main document's parts as if they were in it.
        let at_home = |file: &str| {
            self.document(file).is_some_and(|d| resolve_pointer(&d.root, &pointer).is_some())
        };
        let file = if path.is_empty() && !file.is_empty() && !at_home(&file) && at_home("") {
            String::new()
        } else {
            file
        };
        Some(Target { file, pointer })
    }

    /// Some files name others as the main file sees them; that counts where nothing else is there.
    fn known(&mut self, file: String, from_main: String) -> String {
        if file == from_main || file == self.main_name || self.files.contains_key(&file) {
            return file;
        }
        self.missing.insert(file.clone());
        if self.files.contains_key(&from_main) {
            return from_main;
        }
        self.missing.insert(from_main);
        file
    }

    /// A copy of what is at `target`, its own references made independent of its file.
    fn copy(&mut self, target: &Target, kind: Kind, at: &Pointer) -> Option<Value> {
        let Some(document) = self.document(&target.file) else {
            self.missing.insert(target.file.clone());
            return None;
        };
        let pointer = resolve_pointer(&document.root, &target.pointer)?;
        let found = document.root.pointer(&pointer)?;
        let within = self.copied <= MOST_COPIED;
        self.copied = self.copied.saturating_add(weight(found));
        if self.copied > MOST_COPIED {
            if within {
                self.faults.push(document.fault(
                    &pointer,
                    Code::GrowingDocument { parts: "files are joined" },
                    "look for parts that refer to each other many times",
                ));
            }
            return None;
        }
        let mut node = found.clone();
        copy_origins(&mut self.origins, Some(&document.origins), &pointer, at);
        if !target.file.is_empty() {
            let base = target.file.clone();
            each_text(&mut node, kind, &mut |text, of_mapping| {
                let is_reference = !of_mapping || looks_like_reference(text);
                if text.starts_with(ABSOLUTE) || !is_reference {
                    return;
                }
                if let Some(target) = self.resolve(&base, text) {
                    *text = format!("{ABSOLUTE}{}#{}", target.file, target.pointer);
                }
            });
        }
        Some(node)
    }

    fn visit(&mut self, node: &mut Value, kind: Kind, at: &Pointer) {
        let mut entered = 0;
        while let Some(text) = reference(node).map(str::to_owned) {
            let Some(target) = self.target(&text) else { break };
            if is_named(kind) {
                let new = self.named(&target, kind, &text);
                node["$ref"] = Value::String(new);
                break;
            }
            if target.file.is_empty() && !text.starts_with(ABSOLUTE) {
                break;
            }
            if !self.write_out(node, target, kind, at, &text) {
                break;
            }
            entered += 1;
        }
        if kind == Kind::Schema {
            let mapping = node.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut);
            for (_, value) in mapping.into_iter().flatten() {
                let Some(text) =
                    value.as_str().filter(|t| looks_like_reference(t)).map(str::to_owned)
                else {
                    continue;
                };
                if let Some(target) = self.target(&text) {
                    *value = Value::String(self.named(&target, kind, &text));
                }
            }
        }
        self.containers(node, kind, at);
        each_child_mut(node, kind, at, &mut |node, kind, at| self.visit(node, kind, at));
        self.active.truncate(self.active.len().saturating_sub(entered));
    }

    /// The reference to the shared part that `target` is or becomes.
    fn named(&mut self, target: &Target, kind: Kind, text: &str) -> String {
        if target.file.is_empty() {
            return if text.starts_with(ABSOLUTE) {
                reference_to(&target.pointer)
            } else {
                text.to_owned()
            };
        }
        let Some(home) = self.dialect.home(kind) else { return text.to_owned() };
        let key = (target.clone(), kind);
        if let Some(name) = self.names.get(&key) {
            return reference_to(&Pointer::from_iter(home).child(name));
        }
        let there = match self.document(&target.file) {
            Some(document) => resolve_pointer(&document.root, &target.pointer).is_some(),
            None => {
                self.missing.insert(target.file.clone());
                false
            }
        };
        if !there {
            return if target.pointer.is_empty() {
                target.file.clone()
            } else {
                format!("{}#{}", target.file, target.pointer)
            };
        }
        let name = self.free(target, &Pointer::from_iter(home));
        self.names.insert(key, name.clone());
        self.queue.push((target.clone(), kind, name.clone()));
        reference_to(&Pointer::from_iter(home).child(&name))
    }

    fn free(&mut self, target: &Target, home: &Pointer) -> String {
        let entries = self.main.root.pointer(home).and_then(Value::as_object);
        let taken = |name: &str| {
            entries.is_some_and(|e| e.contains_key(name))
                || self.promised.contains(&home.child(name))
        };
        let stem = |part: &str| part.rsplit_once('.').map_or(part, |(stem, _)| stem).to_owned();
        let mut parts: Vec<&str> = target.file.split('/').filter(|p| *p != "..").collect();
        let last = parts.pop().unwrap_or("part");
        let short = match target.pointer.tokens().pop() {
            Some(token) => token,
            None => stem(last),
        };
        let short = legal_name(&short);
        // A second one of the name is named after where it comes from.
        let long = match (target.pointer.is_empty(), parts.last()) {
            (false, _) => format!("{}_{short}", legal_name(&stem(last))),
            (true, Some(folder)) => format!("{}_{short}", legal_name(folder)),
            (true, None) => short.clone(),
        };
        let name = if taken(&short) { free_name(&long, &taken) } else { short };
        self.promised.insert(home.child(&name));
        name
    }

    /// Puts the target in place of the reference; what stands beside it wins.
    fn write_out(
        &mut self,
        node: &mut Value,
        target: Target,
        kind: Kind,
        at: &Pointer,
        text: &str,
    ) -> bool {
        if self.active.contains(&target) || self.active.len() > DEEPEST_COPIED {
            let unknown = Origin { file: self.main.file.clone(), line: 0 };
            let origin = self.origins.get(at).unwrap_or(&unknown);
            let code = Code::CircularPart { kind: kind.noun() };
            let help = "take the reference out with an overlay action";
            self.faults.push(Fault::at(origin, at.to_owned(), code, help));
            return false;
        }
        let Some(copy) = self.copy(&target, kind, at) else {
            if text.starts_with(ABSOLUTE) {
                node["$ref"] = Value::String(format!("{}#{}", target.file, target.pointer));
            }
            return false;
        };
        let Value::Object(beside) = node.take() else { return false };
        let mut merged = copy.as_object().cloned().unwrap_or_default();
        merged.extend(beside.into_iter().filter(|(key, _)| key != "$ref"));
        if let Some(further) = reference(&copy) {
            merged.insert("$ref".to_owned(), Value::String(further.to_owned()));
        }
        *node = Value::Object(merged);
        self.active.push(target);
        true
    }

    /// Mappings of named nodes that are themselves a reference, such as `schemas: {$ref: …}`.
    fn containers(&mut self, node: &mut Value, kind: Kind, at: &Pointer) {
        let Some(object) = node.as_object_mut() else { return };
        for Field { key, form, .. } in kind.fields() {
            let Form::Map(inner) = form else { continue };
            let Some(entries) = object.get_mut(*key).and_then(Value::as_object_mut) else {
                continue;
            };
            let Some(text) = entries.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
                continue;
            };
            let Some(target) = self.target(&text) else { continue };
            if target.file.is_empty() {
                continue;
            }
            let Some(document) = self.document(&target.file) else {
                self.missing.insert(target.file.clone());
                continue;
            };
            let Some(pointer) = resolve_pointer(&document.root, &target.pointer) else { continue };
            let Some(found) = document.root.pointer(&pointer).and_then(Value::as_object) else {
                continue;
            };
            let names: Vec<String> = found.keys().filter(|name| *name != "$ref").cloned().collect();
            entries.shift_remove("$ref");
            let mut all = Map::new();
            for name in names {
                let target = Target { file: target.file.clone(), pointer: pointer.child(&name) };
                if let Some(copy) = self.copy(&target, *inner, &at.child(key).child(&name)) {
                    if is_named(*inner) {
                        self.names.entry((target, *inner)).or_insert_with(|| name.clone());
                    }
                    all.insert(name, copy);
                }
            }
            all.append(entries);
            *entries = all;
        }
    }
}

/// Whether a part of this kind in another file becomes a shared part of the main document.
fn is_named(kind: Kind) -> bool {
    !matches!(kind, Kind::PathItem | Kind::SecurityScheme | Kind::MediaType)
        && kind.home().is_some()
}

fn looks_like_reference(text: &str) -> bool {
    text.contains('#')
        || text.contains('/')
        || [".yaml", ".yml", ".json"].iter().any(|end| text.ends_with(end))
}

/// Every reference in a node of a known kind, to change it, with whether it is a value of a discriminator's mapping,
/// which may be a name as well.
fn each_text(node: &mut Value, kind: Kind, see: &mut dyn FnMut(&mut String, bool)) {
    let mut change = |value: Option<&mut Value>, of_mapping| {
        if let Some(Value::String(text)) = value {
            see(text, of_mapping);
        }
    };
    walk_mut(node, kind, &Pointer::ROOT, &mut |node, kind, _| {
        change(node.get_mut("$ref"), false);
        if kind == Kind::Schema {
            let mapping = node.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut);
            for (_, value) in mapping.into_iter().flatten() {
                change(Some(value), true);
            }
        }
        for Field { key, form, .. } in kind.fields() {
            if matches!(form, Form::Map(_)) {
                change(node.get_mut(*key).and_then(|entries| entries.get_mut("$ref")), false);
            }
        }
    });
}

fn split(text: &str) -> Option<Target> {
    let (file, pointer) = text.split_once('#')?;
    Some(Target { file: file.to_owned(), pointer: pointer.into() })
}

/// `path` as seen from `folder`.
fn seen_from(folder: &str, path: &str) -> String {
    tidy(&format!("{folder}/{path}")).trim_start_matches('/').to_owned()
}

/// A path without `.` and inner `..`.
pub fn tidy(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, out.last()) {
            ("..", Some(last)) if !matches!(*last, ".." | "") => drop(out.pop()),
            (".", _) | ("", Some(_)) => {}
            _ => out.push(part),
        }
    }
    out.join("/")
}
