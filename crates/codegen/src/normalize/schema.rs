//! From schemas to types: the part of JSON Schema that says what a value *is*.
//!
//! What a schema says about a value's length, range or pattern is the business of [`super::constraints`];
//! nothing of that reaches the types, so that answers are read leniently.

mod parts;
mod union;

use super::{
    constraints::is_pattern,
    flatten::{Flattener, MAX_DEPTH, TypeKind, is_timestamp, says_secret, strings},
    plan::{Def, Direction, EnumDef, Field, NULLS_FIELD, StructDef, Ty, UnionDef},
    prose,
    reference::{behind, reference},
};
use crate::names::{self, Scope};
use conversations_document::note::{Done, Stage};
use conversations_document::{Document, Note, Pointer};
use parts::Parts;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Turns schemas into types and remembers what it has made.
pub(super) struct TypeResolver<'a> {
    document: &'a Document,
    pub(super) flattener: Flattener,
    pub(super) defs: BTreeMap<String, Def>,
    /// Where each of them is written, by JSON Pointer.
    pub(super) places: BTreeMap<String, Pointer>,
    by_component: BTreeMap<String, Ty>,
    open: BTreeSet<String>,
    scope: Scope,
    depth: usize,
    parts: Parts,
    pub(super) notes: Vec<Note>,
}

impl<'a> TypeResolver<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            flattener: Flattener::new(&document.root),
            defs: BTreeMap::new(),
            places: BTreeMap::new(),
            by_component: BTreeMap::new(),
            open: BTreeSet::new(),
            // Names that the generated modules use for themselves.
            scope: Scope::reserving(&[
                "Timestamp",
                "FilePart",
                "Nulls",
                "Unknown",
                "Self",
                "Client",
            ]),
            depth: 0,
            parts: Parts::Neither,
            notes: Vec::new(),
        }
    }

    /// Gives every named schema its Rust name before any inline one can take it, then types them all.
    pub(super) fn components(&mut self) {
        let all: Vec<(String, Value)> = self
            .flattener
            .components
            .iter()
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        // What becomes a type of its own is known by name before its inside is looked at, so that it
        // may lead back to itself. The rest are synonyms, and a synonym of itself says nothing.
        let declared =
            |schema: &Value| schema.pointer("/x-conversations/name").is_some_and(Value::is_string);
        // A name that was asked for goes before one that the document gives, and that before one that only follows from
        // the document's.
        let (asked, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(_, it)| declared(it));
        let (exact, rest): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(name, _)| names::type_name(name) == *name);
        let mut own = Vec::new();
        for (name, schema) in asked.into_iter().chain(exact).chain(rest) {
            let wanted = schema.pointer("/x-conversations/name").and_then(Value::as_str);
            let wanted = names::type_name(wanted.unwrap_or(name));
            let rust = self.scope.claim(wanted.clone());
            if rust != wanted {
                let at = Pointer::from("/components/schemas").child(name);
                self.note(&at, Done::SchemaName);
            }
            if self.makes_def(schema, name) {
                self.by_component.insert(name.clone(), Ty::Named(rust.clone()));
                own.push((name, schema, rust));
            }
        }
        for (name, schema, rust) in own {
            let at = self.place(name);
            self.note_lost(schema, &at);
            self.define(&rust, schema, name, &at);
        }
        for (name, _) in &all {
            self.component(name, &Pointer::from("/components/schemas").child(name));
        }
    }

    /// Where a named schema is written. A base stands in no document; its parent's discriminator asks for it.
    fn place(&self, name: &str) -> Pointer {
        match self.flattener.parents.of_base.get(name) {
            Some(parent) => {
                Pointer::from("/components/schemas").child(parent).child("discriminator")
            }
            None => Pointer::from("/components/schemas").child(name),
        }
    }

    /// The type of a schema; `hint` names what has to be named.
    pub(super) fn ty(&mut self, schema: &Value, hint: &str, pointer: &Pointer) -> Ty {
        if self.depth >= MAX_DEPTH {
            self.note(pointer, Done::Depth);
            return Ty::Any;
        }
        self.depth += 1;
        let ty = self.ty_inner(schema, hint, pointer);
        self.depth -= 1;
        ty
    }

    fn ty_inner(&mut self, schema: &Value, hint: &str, pointer: &Pointer) -> Ty {
        if let Some(name) = behind(schema)
            && !self.holds_file(schema, self.parts, 0)
        {
            return self.component(&name, pointer);
        }
        self.note_lost(schema, pointer);
        let schema = self.flattener.effective(schema, &mut Vec::new());
        if is_timestamp(&schema) {
            return Ty::Timestamp;
        }
        match self.kind(&schema) {
            TypeKind::Any | TypeKind::Null => Ty::Any,
            TypeKind::Boolean => Ty::Boolean,
            TypeKind::Integer => integer(&schema),
            TypeKind::Number => Ty::Number,
            TypeKind::String if self.is_file(&schema) => Ty::File,
            TypeKind::String => Ty::String,
            TypeKind::List => {
                let items = schema.get("items").cloned().unwrap_or(Value::Bool(true));
                let inner = self.held(&items, &format!("{hint}Item"), &pointer.child("items"));
                Ty::List(Box::new(inner))
            }
            TypeKind::Map => match schema.get("additionalProperties") {
                Some(values @ Value::Object(map)) if !map.is_empty() => {
                    let around = self.enter();
                    let inner = self.held(
                        values,
                        &format!("{hint}Value"),
                        &pointer.child("additionalProperties"),
                    );
                    self.parts = around;
                    if inner == Ty::Any { Ty::Object } else { Ty::Map(Box::new(inner)) }
                }
                _ => Ty::Object,
            },
            TypeKind::Enum | TypeKind::Struct => {
                let name = self.scope.claim(names::type_name(hint));
                self.define(&name, &schema, "", pointer);
                Ty::Named(name)
            }
            TypeKind::Union => {
                let variants = self.flattener.alternatives(&schema, &mut Vec::new());
                let is_file = |it: &Value| self.is_file(&self.flattener.flattened(it));
                match variants.as_slice() {
                    [] => Ty::Any,
                    [only] => self.ty(&only.schema, hint, pointer),
                    all if all.iter().all(|it| is_file(&it.schema)) => Ty::File,
                    _ => {
                        let name = self.scope.claim(names::type_name(hint));
                        self.define(&name, &schema, "", pointer);
                        Ty::Named(name)
                    }
                }
            }
        }
    }

    /// The type of what a list or map holds, in which a null must not spoil the rest.
    fn held(&mut self, schema: &Value, hint: &str, pointer: &Pointer) -> Ty {
        let ty = self.ty(schema, hint, pointer);
        if ty == Ty::Any || !self.flattener.nullable(schema, 0) {
            return ty;
        }
        Ty::Nullable(Box::new(ty))
    }

    fn component(&mut self, name: &str, pointer: &Pointer) -> Ty {
        if let Some(ty) = self.by_component.get(name) {
            return ty.clone();
        }
        let Some(schema) = self.flattener.components.get(name).cloned() else {
            self.note(pointer, Done::RefersToNothing);
            return Ty::Any;
        };
        if !self.open.insert(name.to_owned()) {
            self.note(pointer, Done::SynonymOfItself);
            return Ty::Any;
        }
        let at = Pointer::from("/components/schemas").child(name);
        let ty = self.ty(&schema, &names::pascal(name), &at);
        self.by_component.insert(name.to_owned(), ty.clone());
        ty
    }

    /// Whether a component becomes a type of its own rather than a synonym.
    fn makes_def(&self, schema: &Value, name: &str) -> bool {
        if behind(schema).is_some() {
            return false;
        }
        let schema = self.flattener.effective(schema, &mut vec![name.to_owned()]);
        if is_timestamp(&schema) {
            return false;
        }
        match self.flattener.type_kind(&schema, 0) {
            TypeKind::Enum | TypeKind::Struct => true,
            TypeKind::Union => {
                self.flattener.alternatives(&schema, &mut vec![name.to_owned()]).len() > 1
            }
            _ => false,
        }
    }

    /// Writes the definition called `name`.
    fn define(&mut self, name: &str, schema: &Value, component: &str, pointer: &Pointer) {
        let mut seen = Vec::new();
        if !component.is_empty() {
            seen.push(component.to_owned());
        }
        let schema = self.flattener.effective(schema, &mut seen.clone());
        let doc = described(&schema);
        let def = match self.kind(&schema) {
            TypeKind::Enum => {
                let values = self.flattener.enum_values(&schema, &mut seen);
                Def::Enum(EnumDef { doc, values: variants_of(values) })
            }
            TypeKind::Union => self.union(name, &schema, doc, &mut seen, pointer),
            _ => self.structure(name, &schema, doc, pointer),
        };
        self.defs.insert(name.to_owned(), def);
        self.places.insert(name.to_owned(), pointer.to_owned());
    }

    fn structure(&mut self, name: &str, schema: &Value, doc: String, pointer: &Pointer) -> Def {
        let around = self.enter();
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|it| it.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut properties =
            schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        // typify names the rest of an object `extra`, so a property of that name gives way.
        let mut scope = Scope::reserving(&["builder", NULLS_FIELD]);
        let extra = match schema.get("additionalProperties") {
            Some(Value::Object(map)) => {
                scope.claim("extra".to_owned());
                if map.is_empty() {
                    Some(Ty::Any)
                } else {
                    let values = Value::Object(map.clone());
                    Some(self.held(
                        &values,
                        &format!("{name}Extra"),
                        &pointer.child("additionalProperties"),
                    ))
                }
            }
            Some(Value::Bool(true)) => {
                scope.claim("extra".to_owned());
                Some(Ty::Any)
            }
            _ => None,
        };
        // What is required and nowhere described can be sent and read; a misspelt name must not fail an answer.
        let known = |it: &&str| extra.is_some() || properties.contains_key(*it);
        let (required, undescribed): (Vec<&str>, Vec<&str>) = required.into_iter().partition(known);
        if !undescribed.is_empty() {
            let names = undescribed.join(", ");
            self.note(&pointer.child("required"), Done::RequiredUndescribed { names });
        }
        properties.extend(undescribed.iter().map(|it| ((*it).to_owned(), json!({}))));
        let whole = says_secret(schema);
        let held = schema.get("additionalProperties");
        let secret_extra =
            whole || held.is_some_and(|it| self.flattener.secret(it, &mut BTreeSet::new(), 0));
        let mut fields = Vec::new();
        let wanted = |(wire, property): (&'_ String, &'_ Value)| {
            let asked = property.pointer("/x-conversations/name").and_then(Value::as_str);
            asked.unwrap_or(wire).to_owned()
        };
        let wanted: Vec<String> = properties.iter().map(wanted).collect();
        let own = scope.claim_all(wanted.iter().map(String::as_str), names::snake);
        for (((wire, property), wanted), own) in properties.iter().zip(&wanted).zip(own) {
            let at = pointer.child("properties").child(wire);
            let ext = property.get("x-conversations").cloned().unwrap_or_default();
            let ty = self.ty(property, &format!("{name}{}", names::ending(wire)), &at);
            if own != names::snake(wanted) {
                self.note(&at, Done::PropertyName);
            }
            fields.push(Field {
                wire: wire.clone(),
                name: own,
                required: required.contains(&wire.as_str()),
                nullable: self.flattener.nullable(property, 0),
                doc: described(property),
                deprecated: property.get("deprecated") == Some(&Value::Bool(true)),
                aliases: strings(ext.get("aliases")),
                accept_empty_object: strings(ext.get("accept"))
                    .iter()
                    .any(|it| it == "empty-object"),
                secret: whole || self.flattener.secret(property, &mut BTreeSet::new(), 0),
                only: self.direction(property),
                fixed: None,
                empty: property.get("default") == Some(&json!({})),
                ty,
            });
        }
        self.parts = around;
        Def::Struct(StructDef {
            doc,
            fields,
            extra,
            secret_extra,
            deprecated: schema.get("deprecated") == Some(&Value::Bool(true)),
            in_request: false,
        })
    }

    /// Notes what of a schema neither its type nor a rule holds.
    fn note_lost(&mut self, schema: &Value, pointer: &Pointer) {
        let pattern = schema.get("pattern").and_then(Value::as_str);
        if pattern.is_some_and(|it| !is_pattern(it)) {
            self.note(&pointer.child("pattern"), Done::PatternUnread);
        }
        for done in self.flattener.disagreements(schema) {
            self.note(pointer, done);
        }
    }

    pub(super) fn note(&mut self, pointer: &Pointer, done: Done) {
        let origin = self.document.origin(pointer);
        self.notes.push(Note { stage: Stage::Normalize, done, pointer: pointer.clone(), origin });
    }

    /// Marks what requests carry, and boxes what would contain itself.
    pub(super) fn finish(&mut self, request_roots: &[Ty], answer_roots: &[Ty]) {
        let (sent, received) = (self.reached(request_roots), self.reached(answer_roots));
        for (name, def) in &mut self.defs {
            let def = match def {
                Def::Struct(def) => def,
                Def::Union(def) => {
                    def.in_request = sent.contains(name);
                    continue;
                }
                Def::Enum(_) => continue,
            };
            def.in_request = sent.contains(name);
            for field in &mut def.fields {
                // What travels one way only may be missing on the other.
                match field.only {
                    Some(Direction::Answers) if def.in_request => field.required = false,
                    Some(Direction::Requests) if received.contains(name) => field.required = false,
                    _ => {}
                }
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
        self.fix_words();
    }

    /// Finds the properties that can be one word only, so that nobody has to set them.
    fn fix_words(&mut self) {
        let mut tags: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for def in self.defs.values() {
            let Def::Union(UnionDef { discriminator: Some(property), variants, .. }) = def else {
                continue;
            };
            for variant in variants {
                if let Ty::Named(name) = &variant.ty {
                    let known = tags.entry((name.clone(), property.clone())).or_default();
                    known.extend(variant.tags.iter().cloned());
                }
            }
        }
        let only = |words: &mut dyn Iterator<Item = &String>| {
            words.next().filter(|_| words.next().is_none()).cloned()
        };
        let enums = self.defs.iter().filter_map(|(name, def)| match def {
            Def::Enum(def) => {
                Some((name.clone(), only(&mut def.values.iter().map(|(word, _)| word))))
            }
            Def::Struct(_) | Def::Union(_) => None,
        });
        let enums: BTreeMap<String, Option<String>> = enums.collect();
        let undemanding: BTreeSet<String> = self
            .defs
            .iter()
            .filter(|(_, def)| matches!(def, Def::Struct(it) if it.fields.iter().all(|it| !it.required)))
            .map(|(name, _)| name.clone())
            .collect();
        for (name, def) in &mut self.defs {
            let Def::Struct(def) = def else { continue };
            for field in &mut def.fields {
                field.empty &= field.required
                    && !field.nullable
                    && matches!(&field.ty, Ty::Named(name) if undemanding.contains(name));
            }
            for field in def.fields.iter_mut().filter(|it| it.required && !it.nullable) {
                let tag = tags.get(&(name.clone(), field.wire.clone()));
                let tag = tag.and_then(|it| only(&mut it.iter()));
                field.fixed = match &field.ty {
                    Ty::String => tag,
                    Ty::Named(ty) => enums.get(ty).and_then(|it| tag.or_else(|| it.clone())),
                    _ => None,
                };
            }
        }
    }

    /// The named types that values of these types may hold.
    fn reached(&self, roots: &[Ty]) -> BTreeSet<String> {
        let mut todo: Vec<String> = roots.iter().flat_map(mentioned).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = todo.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.defs.get(&name) {
                Some(Def::Struct(def)) => {
                    todo.extend(def.fields.iter().flat_map(|it| mentioned(&it.ty)));
                    todo.extend(def.extra.iter().flat_map(mentioned));
                }
                Some(Def::Union(def)) => {
                    todo.extend(def.variants.iter().flat_map(|it| mentioned(&it.ty)));
                }
                Some(Def::Enum(_)) | None => {}
            }
        }
        seen
    }

    /// The one way that a property travels.
    fn direction(&self, property: &Value) -> Option<Direction> {
        let target = reference(property).and_then(|it| self.flattener.components.get(it));
        let says = |key: &str| {
            [Some(property), target]
                .into_iter()
                .flatten()
                .any(|it| it.get(key) == Some(&Value::Bool(true)))
        };
        match (says("readOnly"), says("writeOnly")) {
            (true, false) => Some(Direction::Answers),
            (false, true) => Some(Direction::Requests),
            _ => None,
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
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => mentioned(inner),
        _ => Vec::new(),
    }
}

/// The variants of an enum of these words.
pub(super) fn variants_of(words: Vec<String>) -> Vec<(String, String)> {
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

/// The type of an integer: that of its format, or a wider one where the schema lists or bounds what the format cannot hold.
fn integer(schema: &Value) -> Ty {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let listed: Vec<&Value> = listed.filter(|it| it.is_number()).collect();
    let bounds = ["minimum", "maximum"].map(|key| schema.get(key).and_then(Value::as_f64));
    let mut numbers =
        listed.iter().filter_map(|it| it.as_f64()).chain(bounds.into_iter().flatten());
    let is_short = numbers.all(|it| f64::from(i32::MIN) <= it && it <= f64::from(i32::MAX));
    let is_long = |it: &&Value| it.as_u64().is_some_and(|it| i64::try_from(it).is_err());
    let unsigned = listed.iter().all(|it| it.as_f64().is_some_and(|it| it >= 0.0));
    match schema.get("format").and_then(Value::as_str) {
        Some("int32") if is_short => Ty::Int32,
        Some("uint64") if unsigned => Ty::UInt64,
        _ if unsigned && listed.iter().any(is_long) => Ty::UInt64,
        _ => Ty::Int64,
    }
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

impl TypeResolver<'_> {
    /// Whether a value of the type is written as one text.
    pub(super) fn is_scalar(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Named(name) => match self.defs.get(name) {
                Some(Def::Enum(_)) => true,
                Some(Def::Union(def)) => def.variants.iter().all(|it| match &it.ty {
                    Ty::Named(name) => matches!(self.defs.get(name), Some(Def::Enum(_))),
                    other => self.is_scalar(other),
                }),
                Some(Def::Struct(_)) | None => false,
            },
            Ty::Boolean | Ty::Int32 | Ty::Int64 | Ty::UInt64 | Ty::Number => true,
            Ty::String | Ty::Timestamp => true,
            Ty::Any | Ty::Object | Ty::File | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) => false,
        }
    }

    /// Whether the type called `name` is a structure.
    pub(super) fn is_structure(&self, name: &str) -> bool {
        matches!(self.defs.get(name), Some(Def::Struct(_)))
    }
}
