//! Every reference to a schema turned into one to a *named* schema: what is referred to by its place
//! deep in the document, by an anchor or by an `$id` gets a name and moves to the named schemas.

use super::{
    context::Context,
    normalize_refs::{local_definitions, spread_mappings, static_references},
    repair,
};
use crate::note::Done;
use crate::{
    grammar::{Dialect, Kind, each_child, kind_at, walk, walk_mut},
    identity,
    parts::{free_name, legal_name, section, wanted_name},
    pointer::Pointer,
    reference::{local, percent_decoded, reference_to, resolve_pointer},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// More rounds than this are not needed by any document: each makes the targets inside earlier
/// targets plain.
const ROUNDS: usize = 32;

/// Does all of it.
pub(crate) fn hoist(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    spread_mappings(cx, root, dialect);
    static_references(cx, root, dialect);
    identity::localize(root);
    share(cx, root, dialect);
    let mut renamed = legal_names(cx, root, dialect);
    local_definitions(cx, root, dialect);
    let mut moved = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut plan = Plan::default();
        for text in odd_references(root, dialect) {
            if round + 1 < ROUNDS {
                plan.add(root, dialect, &renamed, text);
            } else {
                plan.dangling.insert(text);
            }
        }
        if plan.is_empty() {
            break;
        }
        let names = plan.carry_out(cx, root, dialect);
        moved.extend(names.values().cloned());
        rewrite(cx, root, dialect, &plan, &names);
        renamed.extend(legal_names(cx, root, dialect));
    }
    break_alias_cycles(cx, root, dialect);
}

/// The place that a reference names, references on the way followed.
fn place(root: &Value, dialect: Dialect, renamed: &Names, text: &str) -> Option<Pointer> {
    let (base, fragment) = text.split_once('#').unwrap_or((text, ""));
    // Old documents refer to a named schema by its bare name.
    let start = match base {
        "" => Pointer::ROOT,
        name => Some(dialect.schemas().child(name)).filter(|it| root.pointer(it).is_some())?,
    };
    let fragment = percent_decoded(fragment);
    let pointer = renamed.follow(dialect, &format!("{start}{fragment}").into());
    (!pointer.is_empty()).then(|| resolve_pointer(root, &pointer)).flatten()
}

/// Components that had to get another name, old to new.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn extend(&mut self, other: Names) {
        self.0.extend(other.0);
    }

    fn follow(&self, dialect: Dialect, pointer: &Pointer) -> Pointer {
        let name = named_part(dialect, pointer).and_then(|name| Some((self.0.get(&name)?, name)));
        let moved = name.and_then(|(new, name)| {
            let home = dialect.schemas();
            pointer.moved(&home.child(name), &home.child(new))
        });
        moved.unwrap_or_else(|| pointer.clone())
    }
}

/// The name of the schema at or around `at`, where that is one of the named schemas.
fn named_part(dialect: Dialect, at: &Pointer) -> Option<String> {
    let home = dialect.schemas();
    at.moved(&home, "")?.tokens().into_iter().next()
}

/// Gives the schemas written inside shared responses, bodies and parameters the name of what they
/// are in, so that all who refer to it share one type.
fn share(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    let mut found: Vec<(Pointer, String)> = Vec::new();
    let shared: &[(Kind, &str, &str)] = match dialect {
        Dialect::OpenApi3 => &[
            (Kind::Response, "/components/responses", "Response"),
            (Kind::RequestBody, "/components/requestBodies", "Body"),
            (Kind::Parameter, "/components/parameters", "Parameter"),
            (Kind::Header, "/components/headers", "Header"),
        ],
        Dialect::Swagger2 => &[
            (Kind::Response2, "/responses", "Response"),
            (Kind::Parameter2, "/parameters", "Body"),
        ],
    };
    let taken = |name: &str| root.pointer(&dialect.schemas().child(name)).is_some();
    for (kind, home, suffix) in shared {
        let Some(entries) = root.pointer(home).and_then(Value::as_object) else { continue };
        for (name, node) in entries {
            let at = Pointer::from(*home).child(name);
            let mut wanted = legal_name(name);
            if taken(&wanted) && !wanted.ends_with(suffix) {
                wanted.push_str(suffix);
            }
            nearest_schemas(node, *kind, &at, &mut |schema, at| {
                if worth_a_name(schema) {
                    found.push((at.to_owned(), wanted.clone()));
                }
            });
        }
    }
    for (at, wanted) in found {
        let name = relocate(cx, root, dialect, &at, &wanted);
        cx.note(&at, Done::SharedSchemaNamed { name: name.to_string() });
    }
}

/// The outermost schemas inside a node.
fn nearest_schemas<'a>(
    node: &'a Value,
    kind: Kind,
    at: &Pointer,
    see: &mut dyn FnMut(&'a Value, &Pointer),
) {
    if kind == Kind::Schema {
        see(node, at);
        return;
    }
    each_child(node, kind, at, &mut |node, kind, at| nearest_schemas(node, kind, at, see));
}

/// Whether a schema becomes a type of its own.
fn worth_a_name(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else { return false };
    !object.contains_key("$ref")
        && ["properties", "enum", "oneOf", "anyOf", "allOf"]
            .iter()
            .any(|key| object.get(*key).is_some_and(|v| v.is_object() || v.is_array()))
}

/// Renames components whose name no reference can spell.
fn legal_names(cx: &mut Context, root: &mut Value, dialect: Dialect) -> Names {
    let mut names = Names::default();
    let Some(home) = dialect.home(Kind::Schema) else { return names };
    let Some(entries) = section_of(root, home) else { return names };
    if entries.keys().all(|name| *name == legal_name(name) || name == "$ref") {
        return names;
    }
    let mut taken: BTreeSet<String> = entries.keys().cloned().collect();
    let old = std::mem::take(entries);
    for (name, schema) in old {
        let legal = legal_name(&name);
        if legal == name || name == "$ref" {
            entries.insert(name, schema);
            continue;
        }
        let new = free_name(&legal, &|n| taken.contains(n));
        taken.insert(new.clone());
        entries.insert(new.clone(), schema);
        names.0.insert(name, new);
    }
    for (name, new) in &names.0 {
        let from = dialect.schemas().child(name);
        cx.copy_origins(&from, &dialect.schemas().child(new));
        cx.note(&from, Done::ComponentName { name: name.to_string(), new: new.to_string() });
    }
    names
}

fn section_of<'a>(root: &'a mut Value, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    path.iter().try_fold(root, |at, key| at.get_mut(*key))?.as_object_mut()
}

/// Every text that refers to a schema: references and the values of a discriminator's mapping.
fn each_reference<'a>(root: &'a Value, dialect: Dialect, see: &mut dyn FnMut(&'a str)) {
    walk(root, dialect.root(), &Pointer::ROOT, &mut |node, kind, _| {
        if kind == Kind::Schema {
            if let Some(text) = node.get("$ref").and_then(Value::as_str) {
                see(text);
            }
            let mapping = node.pointer("/discriminator/mapping").and_then(Value::as_object);
            for text in mapping.into_iter().flatten().filter_map(|(_, v)| v.as_str()) {
                see(text);
            }
        }
    });
}

/// The references that are not of the one form that later stages understand.
fn odd_references(root: &Value, dialect: Dialect) -> BTreeSet<String> {
    let mut odd = BTreeSet::new();
    each_reference(root, dialect, &mut |text| {
        if !is_plain(root, dialect, text) {
            odd.insert(text.to_owned());
        }
    });
    odd
}

fn is_plain(root: &Value, dialect: Dialect, text: &str) -> bool {
    let at = local(text).filter(|at| text == reference_to(at) && root.pointer(at).is_some());
    let name = at.and_then(|at| named(dialect, &at));
    name.is_some_and(|name| legal_name(&name) == name)
}

/// What one round does.
#[derive(Default)]
struct Plan {
    /// Reference to the place it names.
    places: BTreeMap<String, Pointer>,
    /// References that name nothing.
    dangling: BTreeSet<String>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.places.is_empty() && self.dangling.is_empty()
    }

    fn add(&mut self, root: &Value, dialect: Dialect, renamed: &Names, text: String) {
        let found = place(root, dialect, renamed, &text).filter(|at| {
            let schema = root.pointer(at).is_some_and(|v| v.is_object() || v.is_boolean());
            let kind = kind_at(root, dialect.root(), at);
            schema && kind.is_none_or(|kind| kind == Kind::Schema)
        });
        match found {
            Some(at) => {
                self.places.insert(text, at);
            }
            None => {
                self.dangling.insert(text);
            }
        }
    }

    /// Moves every target to the named schemas; the answer is the name by place.
    fn carry_out(
        &self,
        cx: &mut Context,
        root: &mut Value,
        dialect: Dialect,
    ) -> BTreeMap<Pointer, String> {
        let mut names = BTreeMap::new();
        let mut targets: Vec<&Pointer> = self.places.values().collect();
        // The innermost first, so that the outer ones move with the inner reference in them.
        targets.sort_by_key(|at| (std::cmp::Reverse(at.matches('/').count()), *at));
        targets.dedup();
        for at in targets {
            if let Some(name) = named(dialect, at) {
                names.insert(at.clone(), name);
                continue;
            }
            let in_place = kind_at(root, dialect.root(), at) == Some(Kind::Schema);
            let wanted = wanted_name(at);
            if in_place {
                let name = relocate(cx, root, dialect, at, &wanted);
                names.insert(at.clone(), name);
            } else if let Some(mut copy) = root.pointer(at).cloned() {
                // What stands outside of the known places is not checked yet.
                repair::check(cx, &mut copy, Kind::Schema, at);
                let name = put(root, dialect, &wanted, copy);
                cx.copy_origins(at, &dialect.schemas().child(&name));
                names.insert(at.clone(), name);
            }
        }
        names
    }
}

/// The name of the schema at `at`, where that is the place of a named schema.
fn named(dialect: Dialect, at: &Pointer) -> Option<String> {
    (at.parent() == dialect.schemas()).then(|| at.last())
}

/// Moves the schema at `at` to the named schemas and leaves a reference to it.
fn relocate(
    cx: &mut Context,
    root: &mut Value,
    dialect: Dialect,
    at: &Pointer,
    wanted: &str,
) -> String {
    let Some(place) = root.pointer_mut(at) else { return wanted.to_owned() };
    let schema = std::mem::take(place);
    let name = put(root, dialect, wanted, schema);
    if let Some(place) = root.pointer_mut(at) {
        *place = json!({ "$ref": reference_to(&dialect.schemas().child(&name)) });
    }
    cx.copy_origins(at, &dialect.schemas().child(&name));
    name
}

fn put(root: &mut Value, dialect: Dialect, wanted: &str, schema: Value) -> String {
    let home = dialect.home(Kind::Schema).unwrap_or(&["components", "schemas"]);
    let Some(entries) = section(root, home) else { return wanted.to_owned() };
    let name = free_name(wanted, &|n| entries.contains_key(n));
    entries.insert(name.clone(), schema);
    name
}

/// Spells every odd reference as the plan found, and takes those that lead nowhere away.
fn rewrite(
    cx: &mut Context,
    root: &mut Value,
    dialect: Dialect,
    plan: &Plan,
    names: &BTreeMap<Pointer, String>,
) {
    let spelled = |text: &str| {
        let name = plan.places.get(text).and_then(|at| names.get(at))?;
        Some(reference_to(&dialect.schemas().child(legal_name(name))))
    };
    walk_mut(root, dialect.root(), &Pointer::ROOT, &mut |node, kind, at| {
        let Some(object) = node.as_object_mut().filter(|_| kind == Kind::Schema) else { return };
        if let Some(text) = object.get("$ref").and_then(Value::as_str).map(str::to_owned) {
            if let Some(new) = spelled(&text) {
                if new != text {
                    let reference = text.clone();
                    let done = match text.contains("$defs/") {
                        true => Done::LocalDefinitions { reference, new: new.clone() },
                        false => Done::DeepReference { reference, new: new.clone() },
                    };
                    cx.note(at, done);
                    object.insert("$ref".to_owned(), Value::String(new));
                }
            } else if plan.dangling.contains(&text) {
                object.shift_remove("$ref");
                cx.note(at, Done::DanglingSchema { reference: text.to_string() });
            }
        }
        let mapping = object.get_mut("discriminator").and_then(|d| d.get_mut("mapping"));
        if let Some(mapping) = mapping.and_then(Value::as_object_mut) {
            mapping.retain(|value, target| {
                let Some(text) = target.as_str().map(str::to_owned) else { return false };
                if let Some(new) = spelled(&text) {
                    if new != text {
                        cx.note(
                            at,
                            Done::DeepMapping { reference: text.to_string(), new: new.to_string() },
                        );
                        *target = Value::String(new);
                    }
                } else if plan.dangling.contains(&text) {
                    cx.note(
                        at,
                        Done::DanglingMapping {
                            reference: text.to_string(),
                            value: value.to_string(),
                        },
                    );
                    return false;
                }
                true
            });
        }
    });
}

/// A named schema that is, through nothing but references, itself says nothing.
fn break_alias_cycles(cx: &mut Context, root: &mut Value, dialect: Dialect) {
    let Some(home) = dialect.home(Kind::Schema) else { return };
    let Some(entries) = section_of(root, home) else { return };
    let alias = |schema: &Value| -> Option<String> {
        let target = schema.get("$ref")?.as_str()?;
        target.rsplit('/').next().map(str::to_owned)
    };
    let names: Vec<String> = entries.keys().cloned().collect();
    for name in names {
        let mut seen = BTreeSet::from([name.clone()]);
        let mut at = name.clone();
        while let Some(next) = entries.get(&at).and_then(alias) {
            if next == name {
                entries.insert(name.clone(), json!({}));
                cx.note(
                    &dialect.schemas().child(&name),
                    Done::CircularName { name: name.to_string() },
                );
                break;
            }
            if !seen.insert(next.clone()) {
                break;
            }
            at = next;
        }
    }
}
