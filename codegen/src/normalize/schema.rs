//! From schemas to types: the part of JSON Schema that says what a value *is*.
//!
//! What a schema says about a value's length, range or pattern is the business of [`super::shape`];
//! nothing of that reaches the types, so that answers are read leniently.

use super::{
    plan::{Def, EnumDef, Field, StructDef, Ty, UnionDef, Variant},
    prose,
};
use crate::{
    document::{Document, child},
    names::{self, Scope},
    note::Note,
};
use serde_json::{Map, Value};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

/// Schemas nested deeper than this in one place are read as any JSON value.
const MAX_DEPTH: usize = 48;
/// Folding stops after so many schemas.
const MAX_FOLDS: u32 = 2_000_000;
/// Unions of more alternatives than this, once spread out, are read as any JSON value.
const MAX_VARIANTS: usize = 200;

/// Turns schemas into types and remembers what it has made.
pub(super) struct Typer<'a> {
    document: &'a Document,
    components: Map<String, Value>,
    pub(super) defs: BTreeMap<String, Def>,
    by_component: BTreeMap<String, Ty>,
    open: BTreeSet<String>,
    scope: Scope,
    depth: usize,
    /// Whether binary text is a file, as it is in a multipart body.
    files: bool,
    /// How many schemas may still be folded: a document that doubles at each level must not hang us.
    fuel: Cell<u32>,
    looks: RefCell<BTreeMap<String, Look>>,
    pub(super) notes: Vec<Note>,
}

/// What a schema looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Any,
    Null,
    Boolean,
    Int,
    Number,
    Text,
    Words,
    List,
    Object,
    Struct,
    Union,
}

impl<'a> Typer<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let components = document
            .root
            .pointer("/components/schemas")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        Self {
            document,
            components,
            defs: BTreeMap::new(),
            by_component: BTreeMap::new(),
            open: BTreeSet::new(),
            // Names that the generated modules use for themselves.
            scope: Scope::reserving(&[
                "Error",
                "Timestamp",
                "FilePart",
                "Unknown",
                "Self",
                "Client",
            ]),
            depth: 0,
            files: false,
            fuel: Cell::new(MAX_FOLDS),
            looks: RefCell::new(BTreeMap::new()),
            notes: Vec::new(),
        }
    }

    /// Gives every named schema its Rust name before any inline one can take it, then types them all.
    pub(super) fn components(&mut self) {
        let all: Vec<(String, Value)> =
            self.components.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
        // What becomes a type of its own is known by name before its inside is looked at, so that it
        // may lead back to itself. The rest are synonyms, and a synonym of itself says nothing.
        let mut own = Vec::new();
        for (name, schema) in &all {
            let rust = self.scope.claim(names::pascal(name));
            if rust != names::pascal(name) {
                let at = child("/components/schemas", name);
                self.note(
                    "schema-name",
                    &at,
                    "two schemas would share a Rust name; numbered",
                    false,
                );
            }
            if self.makes_def(schema, name) {
                self.by_component.insert(name.clone(), Ty::Named(rust.clone()));
                own.push((name, schema, rust));
            }
        }
        for (name, schema, rust) in own {
            self.define(&rust, schema, name, &child("/components/schemas", name));
        }
        for (name, _) in &all {
            self.component(name, &child("/components/schemas", name));
        }
    }

    /// The type of a schema; `hint` names what has to be named.
    pub(super) fn ty(&mut self, schema: &Value, hint: &str, pointer: &str) -> Ty {
        if self.depth >= MAX_DEPTH {
            self.note("depth", pointer, "nested too deep to type; read as any JSON value", true);
            return Ty::Any;
        }
        self.depth += 1;
        let ty = self.ty_inner(schema, hint, pointer);
        self.depth -= 1;
        ty
    }

    fn ty_inner(&mut self, schema: &Value, hint: &str, pointer: &str) -> Ty {
        if let Some(name) = reference(schema) {
            return self.component(name, pointer);
        }
        if let Some(name) = wrapped_reference(schema) {
            return self.component(&name, pointer);
        }
        let schema = self.effective(schema, &mut Vec::new());
        if is_timestamp(&schema) {
            return Ty::Timestamp;
        }
        match self.look(&schema, 0) {
            Look::Any | Look::Null => Ty::Any,
            Look::Boolean => Ty::Boolean,
            Look::Int if schema.get("format").and_then(Value::as_str) == Some("int32") => Ty::Int32,
            Look::Int => Ty::Int64,
            Look::Number => Ty::Number,
            Look::Text if self.files && is_binary(&schema) => Ty::File,
            Look::Text => Ty::String,
            Look::List => {
                let items = schema.get("items").cloned().unwrap_or(Value::Bool(true));
                let inner = self.ty(&items, &format!("{hint}Item"), &child(pointer, "items"));
                Ty::List(Box::new(inner))
            }
            Look::Object => match schema.get("additionalProperties") {
                Some(values @ Value::Object(map)) if !map.is_empty() => {
                    let inner = self.ty(
                        values,
                        &format!("{hint}Value"),
                        &child(pointer, "additionalProperties"),
                    );
                    if inner == Ty::Any { Ty::Object } else { Ty::Map(Box::new(inner)) }
                }
                _ => Ty::Object,
            },
            Look::Words | Look::Struct => {
                let name = self.scope.claim(names::pascal(hint));
                self.define(&name, &schema, "", pointer);
                Ty::Named(name)
            }
            Look::Union => {
                let variants = self.alternatives(&schema, &mut Vec::new());
                match variants.as_slice() {
                    [] => Ty::Any,
                    [only] => self.ty(&only.clone(), hint, pointer),
                    _ => {
                        let name = self.scope.claim(names::pascal(hint));
                        self.define(&name, &schema, "", pointer);
                        Ty::Named(name)
                    }
                }
            }
        }
    }

    fn component(&mut self, name: &str, pointer: &str) -> Ty {
        if let Some(ty) = self.by_component.get(name) {
            return ty.clone();
        }
        let Some(schema) = self.components.get(name).cloned() else {
            self.note(
                "dangling-reference",
                pointer,
                "refers to nothing; read as any JSON value",
                true,
            );
            return Ty::Any;
        };
        if !self.open.insert(name.to_owned()) {
            self.note("synonym-of-itself", pointer, "means itself; read as any JSON value", true);
            return Ty::Any;
        }
        let at = child("/components/schemas", name);
        let ty = self.ty(&schema, &names::pascal(name), &at);
        self.by_component.insert(name.to_owned(), ty.clone());
        ty
    }

    /// Whether a component becomes a type of its own rather than a synonym.
    fn makes_def(&self, schema: &Value, name: &str) -> bool {
        if reference(schema).is_some() || wrapped_reference(schema).is_some() {
            return false;
        }
        let schema = self.effective(schema, &mut vec![name.to_owned()]);
        if is_timestamp(&schema) {
            return false;
        }
        match self.look(&schema, 0) {
            Look::Words | Look::Struct => true,
            Look::Union => self.alternatives(&schema, &mut vec![name.to_owned()]).len() > 1,
            _ => false,
        }
    }

    /// Writes the definition called `name`.
    fn define(&mut self, name: &str, schema: &Value, component: &str, pointer: &str) {
        let mut seen = Vec::new();
        if !component.is_empty() {
            seen.push(component.to_owned());
        }
        let schema = self.effective(schema, &mut seen.clone());
        let doc = described(&schema);
        let def = match self.look(&schema, 0) {
            Look::Words => {
                let mut words = Vec::new();
                self.words(&schema, &mut words, &mut seen);
                Def::Enum(EnumDef { doc, values: variants_of(words) })
            }
            Look::Union => self.union(name, &schema, doc, &mut seen, pointer),
            _ => self.structure(name, &schema, doc, pointer),
        };
        self.defs.insert(name.to_owned(), def);
    }

    fn structure(&mut self, name: &str, schema: &Value, doc: String, pointer: &str) -> Def {
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|it| it.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        // typify names the rest of an object `extra`, so a property of that name gives way.
        let mut scope = Scope::reserving(&["builder"]);
        let extra = match schema.get("additionalProperties") {
            Some(Value::Object(map)) => {
                scope = Scope::reserving(&["builder", "extra"]);
                if map.is_empty() {
                    Some(Ty::Any)
                } else {
                    let values = Value::Object(map.clone());
                    Some(self.ty(
                        &values,
                        &format!("{name}Extra"),
                        &child(pointer, "additionalProperties"),
                    ))
                }
            }
            Some(Value::Bool(true)) => {
                scope = Scope::reserving(&["builder", "extra"]);
                Some(Ty::Any)
            }
            _ => None,
        };
        let mut fields = Vec::new();
        for (wire, property) in properties {
            let at = child(&child(pointer, "properties"), wire);
            let ext = property.get("x-conversations").cloned().unwrap_or_default();
            let wanted = ext.get("name").and_then(Value::as_str).unwrap_or(wire);
            let ty = self.ty(property, &format!("{name}{}", names::pascal(wire)), &at);
            let own = scope.claim(names::snake(wanted));
            if own != names::snake(wanted) {
                self.note(
                    "property-name",
                    &at,
                    "two properties would share a Rust name; numbered",
                    false,
                );
            }
            fields.push(Field {
                wire: wire.clone(),
                name: own,
                required: required.contains(wire.as_str()),
                nullable: self.nullable(property, 0),
                doc: described(property),
                deprecated: property.get("deprecated") == Some(&Value::Bool(true)),
                aliases: strings(ext.get("aliases")),
                accept_empty_object: strings(ext.get("accept"))
                    .iter()
                    .any(|it| it == "empty-object"),
                secret: ext.get("secret") == Some(&Value::Bool(true)),
                ty,
            });
        }
        Def::Struct(StructDef {
            doc,
            fields,
            extra,
            deprecated: schema.get("deprecated") == Some(&Value::Bool(true)),
            in_request: false,
        })
    }

    fn union(
        &mut self,
        name: &str,
        schema: &Value,
        doc: String,
        seen: &mut Vec<String>,
        pointer: &str,
    ) -> Def {
        let alternatives = self.alternatives(schema, seen);
        let discriminator = schema
            .pointer("/discriminator/propertyName")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mapping = schema
            .pointer("/discriminator/mapping")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut scope = Scope::reserving(&["Unknown"]);
        let mut variants: Vec<Variant> = Vec::new();
        for (i, alternative) in alternatives.iter().enumerate().take(MAX_VARIANTS) {
            let component = reference(alternative)
                .map(str::to_owned)
                .or_else(|| wrapped_reference(alternative));
            let wanted = match (&component, self.look(alternative, 0)) {
                (Some(component), _) => names::pascal(component),
                (None, Look::Boolean) => "Boolean".to_owned(),
                (None, Look::Int) => "Integer".to_owned(),
                (None, Look::Number) => "Number".to_owned(),
                (None, Look::Text | Look::Words) => "Text".to_owned(),
                (None, Look::List) => "List".to_owned(),
                (None, _) => alternative
                    .get("title")
                    .and_then(Value::as_str)
                    .map_or_else(|| format!("Variant{}", i + 1), names::pascal),
            };
            let ty = self.ty(alternative, &format!("{name}{wanted}"), pointer);
            if variants.iter().any(|it| it.ty == ty) {
                continue;
            }
            let mut tags: Vec<String> = mapping
                .iter()
                .filter(|(_, target)| {
                    let target = target.as_str().unwrap_or_default();
                    component
                        .as_deref()
                        .is_some_and(|it| target == it || target.rsplit('/').next() == Some(it))
                })
                .map(|(tag, _)| tag.clone())
                .collect();
            if tags.is_empty() && mapping.is_empty() {
                tags.extend(component.clone());
            }
            variants.push(Variant { name: scope.claim(wanted), ty, tags, boxed: false });
        }
        Def::Union(UnionDef { doc, discriminator, variants })
    }

    /// The alternatives of a union, nulls dropped and common properties spread over them.
    fn alternatives(&self, schema: &Value, seen: &mut Vec<String>) -> Vec<Value> {
        let mut out = Vec::new();
        for key in ["oneOf", "anyOf"] {
            let Some(list) = schema.get(key).and_then(Value::as_array) else { continue };
            for part in list {
                if is_rule_only(part) || self.look(part, 0) == Look::Null {
                    continue;
                }
                if schema
                    .get("properties")
                    .is_some_and(|it| it.as_object().is_some_and(|it| !it.is_empty()))
                {
                    let mut whole = schema.as_object().cloned().unwrap_or_default();
                    for gone in ["oneOf", "anyOf", "discriminator", "description", "title"] {
                        whole.remove(gone);
                    }
                    let mut part = self.effective(part, seen);
                    if let Some(part) = part.as_object_mut() {
                        merge(part, &Value::Object(whole));
                    }
                    out.push(part);
                } else {
                    out.push(part.clone());
                }
            }
            if !out.is_empty() {
                break;
            }
        }
        out
    }

    /// `schema` with every `allOf` folded into it.
    fn effective(&self, schema: &Value, seen: &mut Vec<String>) -> Value {
        let Some(map) = schema.as_object() else { return Value::Object(Map::new()) };
        let Some(left) = self.fuel.get().checked_sub(1) else { return Value::Object(Map::new()) };
        self.fuel.set(left);
        if let Some(name) = reference(schema) {
            if seen.iter().any(|it| it == name) || seen.len() > MAX_DEPTH {
                return Value::Object(Map::new());
            }
            let Some(target) = self.components.get(name) else { return Value::Object(Map::new()) };
            seen.push(name.to_owned());
            let mut whole = self.effective(target, seen);
            // A base that lists its heirs must not make an heir a union with itself.
            let leads_back = ["oneOf", "anyOf"].iter().any(|key| {
                whole.get(*key).and_then(Value::as_array).is_some_and(|it| {
                    it.iter().any(|it| reference(it).is_some_and(|it| seen.iter().any(|s| s == it)))
                })
            });
            if let Some(whole) = whole.as_object_mut() {
                if leads_back {
                    whole.remove("oneOf");
                    whole.remove("anyOf");
                }
                whole.remove("discriminator");
                whole.remove("nullable");
                whole.remove("title");
            }
            return whole;
        }
        let Some(parts) = map.get("allOf").and_then(Value::as_array) else { return schema.clone() };
        let mut whole = map.clone();
        whole.remove("allOf");
        for part in parts {
            let depth = seen.len();
            let part = self.effective(part, seen);
            // Siblings may share a base; only what encloses a schema counts as seen.
            seen.truncate(depth);
            merge(&mut whole, &part);
        }
        Value::Object(whole)
    }

    fn look(&self, schema: &Value, depth: usize) -> Look {
        let Some(map) = schema.as_object() else { return Look::Any };
        if depth > MAX_DEPTH {
            return Look::Any;
        }
        if let Some(name) = reference(schema) {
            if let Some(look) = self.looks.borrow().get(name) {
                return *look;
            }
            self.looks.borrow_mut().insert(name.to_owned(), Look::Any);
            let look = self.components.get(name).map_or(Look::Any, |it| self.look(it, depth + 1));
            self.looks.borrow_mut().insert(name.to_owned(), look);
            return look;
        }
        if map.contains_key("allOf") {
            let whole = self.effective(schema, &mut Vec::new());
            if whole.get("allOf").is_some() {
                return Look::Any;
            }
            return self.look(&whole, depth + 1);
        }
        let ty = map.get("type").and_then(Value::as_str).unwrap_or_default();
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            let texts = values.iter().filter(|it| it.is_string()).count();
            let others = values.iter().filter(|it| !it.is_string() && !it.is_null()).count();
            if texts > 0 && others == 0 && matches!(ty, "" | "string") {
                return Look::Words;
            }
            if ty.is_empty() && others > 0 {
                let all = |f: fn(&Value) -> bool| values.iter().filter(|it| !it.is_null()).all(f);
                if all(Value::is_i64) {
                    return Look::Int;
                }
                if all(Value::is_number) {
                    return Look::Number;
                }
                if all(Value::is_boolean) {
                    return Look::Boolean;
                }
                return Look::Any;
            }
        }
        for key in ["oneOf", "anyOf"] {
            let Some(list) = map.get(key).and_then(Value::as_array) else { continue };
            let looks: Vec<Look> = list
                .iter()
                .filter(|it| !is_rule_only(it))
                .map(|it| self.look(it, depth + 1))
                .filter(|it| *it != Look::Null)
                .collect();
            if looks.is_empty() {
                continue;
            }
            let has_properties =
                map.get("properties").and_then(Value::as_object).is_some_and(|it| !it.is_empty());
            let only = |set: &[Look]| looks.iter().all(|it| set.contains(it));
            return if has_properties {
                if looks.iter().all(|it| matches!(it, Look::Struct | Look::Object | Look::Union))
                    && looks.len() > 1
                {
                    Look::Union
                } else {
                    Look::Struct
                }
            } else if only(&[Look::Text]) {
                Look::Text
            } else if only(&[Look::Text, Look::Words]) {
                Look::Words
            } else if only(&[Look::Int]) {
                Look::Int
            } else if only(&[Look::Int, Look::Number]) {
                Look::Number
            } else if only(&[Look::Boolean]) {
                Look::Boolean
            } else if only(&[Look::Object]) {
                Look::Object
            } else if looks.contains(&Look::Any) {
                Look::Any
            } else {
                Look::Union
            };
        }
        let properties =
            map.get("properties").and_then(Value::as_object).is_some_and(|it| !it.is_empty());
        match ty {
            "boolean" => Look::Boolean,
            "integer" => Look::Int,
            "number" => Look::Number,
            "string" => Look::Text,
            "array" => Look::List,
            "null" => Look::Null,
            "object" if properties => Look::Struct,
            "object" => Look::Object,
            _ if properties => Look::Struct,
            _ if map.contains_key("items") => Look::List,
            _ if map.contains_key("additionalProperties") => Look::Object,
            _ if map.get("format").and_then(Value::as_str) == Some("date-time") => Look::Text,
            _ => Look::Any,
        }
    }

    fn words(&self, schema: &Value, out: &mut Vec<String>, seen: &mut Vec<String>) {
        let fuel = self.fuel.get();
        if seen.len() > MAX_DEPTH || fuel == 0 {
            return;
        }
        self.fuel.set(fuel - 1);
        let schema = match reference(schema) {
            Some(_) => &self.effective(schema, seen),
            None => schema,
        };
        for word in strings(schema.get("enum")) {
            if !out.contains(&word) {
                out.push(word);
            }
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for part in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                let depth = seen.len();
                seen.push(String::new());
                self.words(part, out, seen);
                seen.truncate(depth);
            }
        }
    }

    /// Whether null is a value of the schema.
    fn nullable(&self, schema: &Value, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if schema.get("nullable") == Some(&Value::Bool(true)) {
            return true;
        }
        if let Some(name) =
            reference(schema).map(str::to_owned).or_else(|| wrapped_reference(schema))
        {
            return self.components.get(&name).is_some_and(|it| self.nullable(it, depth + 1));
        }
        ["oneOf", "anyOf"].iter().any(|key| {
            schema.get(*key).and_then(Value::as_array).is_some_and(|it| {
                it.iter().any(|it| {
                    it.get("type").and_then(Value::as_str) == Some("null")
                        || it.get("nullable") == Some(&Value::Bool(true))
                })
            })
        })
    }

    pub(super) fn note(&mut self, rule: &'static str, pointer: &str, what: &str, loss: bool) {
        let origin = self.document.origin(pointer);
        self.notes.push(Note {
            stage: "normalize",
            rule,
            pointer: pointer.to_owned(),
            origin: format!("{}:{}", origin.file, origin.line),
            what: what.to_owned(),
            limit: None,
            loss,
        });
    }

    /// Marks what requests carry, and boxes what would contain itself.
    pub(super) fn finish(&mut self, request_roots: &[Ty]) {
        let mut todo: Vec<String> = request_roots.iter().flat_map(mentioned).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = todo.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.defs.get_mut(&name) {
                Some(Def::Struct(def)) => {
                    def.in_request = true;
                    todo.extend(def.fields.iter().flat_map(|it| mentioned(&it.ty)));
                    todo.extend(def.extra.iter().flat_map(mentioned));
                }
                Some(Def::Union(def)) => {
                    todo.extend(def.variants.iter().flat_map(|it| mentioned(&it.ty)));
                }
                Some(Def::Enum(_)) | None => {}
            }
        }
        let unions: Vec<String> = self
            .defs
            .iter()
            .filter(|(_, def)| matches!(def, Def::Union(_)))
            .map(|(name, _)| name.clone())
            .collect();
        for name in unions {
            let Some(Def::Union(def)) = self.defs.get(&name) else { continue };
            let boxed: Vec<bool> =
                def.variants.iter().map(|it| self.leads_to(&it.ty, &name)).collect();
            if let Some(Def::Union(def)) = self.defs.get_mut(&name) {
                for (variant, boxed) in def.variants.iter_mut().zip(boxed) {
                    variant.boxed = boxed;
                }
            }
        }
    }

    /// Whether a value of `ty` holds a `target` without a list or map between.
    fn leads_to(&self, ty: &Ty, target: &str) -> bool {
        let mut todo: Vec<&str> = match ty {
            Ty::Named(name) => vec![name],
            _ => return false,
        };
        let mut seen = BTreeSet::new();
        while let Some(name) = todo.pop() {
            if name == target {
                return true;
            }
            if !seen.insert(name) {
                continue;
            }
            match self.defs.get(name) {
                Some(Def::Struct(def)) => {
                    for field in &def.fields {
                        if let Ty::Named(it) = &field.ty {
                            todo.push(it);
                        }
                    }
                }
                Some(Def::Union(def)) => {
                    for variant in &def.variants {
                        if let Ty::Named(it) = &variant.ty {
                            todo.push(it);
                        }
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// The named types that a type mentions.
fn mentioned(ty: &Ty) -> Vec<String> {
    match ty {
        Ty::Named(name) => vec![name.clone()],
        Ty::List(inner) | Ty::Map(inner) => mentioned(inner),
        _ => Vec::new(),
    }
}

/// The component that a bare reference names.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

/// The component behind an `allOf` of one reference whose siblings only annotate.
fn wrapped_reference(schema: &Value) -> Option<String> {
    let map = schema.as_object()?;
    for key in ["allOf", "oneOf", "anyOf"] {
        let Some(parts) = map.get(key).and_then(Value::as_array) else { continue };
        let real: Vec<&Value> = parts
            .iter()
            .filter(|it| it.get("type").and_then(Value::as_str) != Some("null"))
            .filter(|it| {
                // A part that only annotates adds nothing to the type.
                !it.as_object().is_some_and(|it| {
                    it.keys().all(|it| {
                        matches!(
                            it.as_str(),
                            "description" | "title" | "example" | "nullable" | "deprecated"
                        )
                    })
                })
            })
            .collect();
        let [only] = real.as_slice() else { return None };
        let annotates = |it: &String| {
            it == key
                || matches!(
                    it.as_str(),
                    "description"
                        | "title"
                        | "example"
                        | "examples"
                        | "nullable"
                        | "readOnly"
                        | "writeOnly"
                        | "deprecated"
                        | "default"
                        | "externalDocs"
                        | "xml"
                        | "type"
                )
                || (it.starts_with("x-") && it != "x-conversations")
        };
        if !map.keys().all(annotates) {
            return None;
        }
        return reference(only).map(str::to_owned);
    }
    None
}

/// An `anyOf` part such as `{required: [a, b]}`, which is a rule and not a type.
pub(super) fn is_rule_only(part: &Value) -> bool {
    part.as_object().is_some_and(|it| {
        !it.is_empty()
            && it.contains_key("required")
            && it
                .keys()
                .all(|it| matches!(it.as_str(), "required" | "description" | "title" | "not"))
    })
}

fn is_timestamp(schema: &Value) -> bool {
    if schema.pointer("/x-conversations/timestamp") == Some(&Value::Bool(true)) {
        return true;
    }
    schema.get("format").and_then(Value::as_str) == Some("date-time")
        && matches!(schema.get("type").and_then(Value::as_str), None | Some("string"))
        && schema.get("enum").is_none()
}

pub(super) fn is_binary(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
        && schema.get("type").and_then(Value::as_str) == Some("string")
}

/// Adds to `whole` what `part` says and `whole` does not.
fn merge(whole: &mut Map<String, Value>, part: &Value) {
    let Some(part) = part.as_object() else { return };
    for (key, value) in part {
        match (key.as_str(), whole.get_mut(key), value) {
            ("properties", Some(Value::Object(have)), Value::Object(more)) => {
                for (name, property) in more {
                    match have.get_mut(name) {
                        // An heir often repeats a property only to describe or mark it; the base's type holds.
                        Some(own) if says_nothing(own) => {
                            let mut merged = property.clone();
                            if let (Some(merged), Some(own)) =
                                (merged.as_object_mut(), own.as_object())
                            {
                                if merged.contains_key("$ref") {
                                    continue;
                                }
                                merged.extend(own.clone());
                            }
                            *own = merged;
                        }
                        Some(_) => {}
                        None => {
                            have.insert(name.clone(), property.clone());
                        }
                    }
                }
            }
            ("required", Some(Value::Array(have)), Value::Array(more)) => {
                for name in more {
                    if !have.contains(name) {
                        have.push(name.clone());
                    }
                }
            }
            ("x-conversations", Some(Value::Object(have)), Value::Object(more)) => {
                for (name, setting) in more {
                    have.entry(name.clone()).or_insert_with(|| setting.clone());
                }
            }
            (_, Some(_), _) => {}
            // What a part says of null or of its own name does not hold for the whole.
            ("nullable" | "title" | "discriminator" | "deprecated", None, _) => {}
            (_, None, _) => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
}

fn says_nothing(schema: &Value) -> bool {
    schema.as_object().is_some_and(|it| {
        !["$ref", "type", "properties", "items", "allOf", "oneOf", "anyOf", "enum"]
            .iter()
            .any(|key| it.contains_key(*key))
    })
}

fn variants_of(words: Vec<String>) -> Vec<(String, String)> {
    let mut scope = Scope::reserving(&["Self"]);
    let mut out = Vec::new();
    for word in words {
        let mut name = if word.is_empty() { "Empty".to_owned() } else { names::pascal(&word) };
        if name == "Unknown" {
            // `Unknown` itself holds what the document does not list.
            name = "UnknownValue".to_owned();
        }
        out.push((word, scope.claim(name)));
    }
    out
}

/// What a schema says of itself, with its default, as rustdoc can take it.
fn described(schema: &Value) -> String {
    let mut text = schema
        .get("description")
        .or_else(|| schema.get("title"))
        .and_then(Value::as_str)
        .map(prose::doc)
        .unwrap_or_default();
    if let Some(default) = schema.get("default").filter(|it| !it.is_null()) {
        let shown = default.to_string();
        if shown.len() <= 60 && !shown.contains('`') {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&format!("The vendor's default: `{shown}`."));
        }
    }
    text
}

pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .map(|it| it.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}

impl Typer<'_> {
    /// `schema` with references and `allOf` folded in.
    pub(super) fn folded(&self, schema: &Value) -> Value {
        self.effective(schema, &mut Vec::new())
    }

    /// The type of a multipart body, in which binary text is a file.
    ///
    /// It is always a type of its own: the same schema elsewhere would be JSON and hold no files.
    pub(super) fn multipart(&mut self, schema: &Value, hint: &str, pointer: &str) -> Ty {
        let schema = self.folded(schema);
        self.files = true;
        let ty = self.ty(&schema, hint, pointer);
        self.files = false;
        ty
    }

    /// Whether the type called `name` is a structure.
    pub(super) fn is_structure(&self, name: &str) -> bool {
        matches!(self.defs.get(name), Some(Def::Struct(_)))
    }
}
