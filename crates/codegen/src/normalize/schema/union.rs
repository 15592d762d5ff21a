//! Unions: the alternatives of a schema, their names, and what tells them apart in a value.

use super::TypeResolver;
use crate::{
    names::{self, Scope},
    normalize::{
        flatten::{TypeKind, strings},
        plan::{Def, Ty, UnionDef, Variant},
        reference::reference,
    },
};
use conversations_document::{Pointer, note::Done};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Of unions of more alternatives than this the last are kept as any JSON value.
const MAX_VARIANTS: usize = 1000;

impl TypeResolver<'_> {
    pub(super) fn union(
        &mut self,
        name: &str,
        schema: &Value,
        doc: String,
        seen: &mut Vec<String>,
        pointer: &Pointer,
    ) -> Def {
        let alternatives = self.flattener.alternatives(schema, seen);
        let (components, alternatives): (Vec<_>, Vec<_>) =
            alternatives.into_iter().map(|it| (it.component, it.schema)).unzip();
        let discriminator = schema
            .pointer("/discriminator/propertyName")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mapping = schema
            .pointer("/discriminator/mapping")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let said: Vec<Vec<String>> = match &discriminator {
            Some(property) => alternatives.iter().map(|it| self.said(it, property)).collect(),
            None => Vec::new(),
        };
        let mut scope = Scope::reserving(&["Unknown"]);
        let mut variants: Vec<Variant> = Vec::new();
        let mut base = None;
        let words = self.telling(&alternatives);
        if alternatives.len() > MAX_VARIANTS {
            self.note(pointer, Done::Variants);
        }
        let named = components.into_iter().zip(&alternatives);
        for (i, (component, alternative)) in named.enumerate().take(MAX_VARIANTS) {
            let parent =
                component.as_ref().and_then(|it| self.flattener.parents.of_base.get(it)).cloned();
            let is_base = parent.is_some() && i == 0;
            let wanted = match (&component, self.flattener.type_kind(alternative, 0)) {
                _ if is_base => "Base".to_owned(),
                (Some(component), _) => names::pascal(parent.as_ref().unwrap_or(component)),
                (None, _) if self.is_file(alternative) => "File".to_owned(),
                (None, TypeKind::Boolean) => "Boolean".to_owned(),
                (None, TypeKind::Integer) => "Integer".to_owned(),
                (None, TypeKind::Number) => "Number".to_owned(),
                (None, TypeKind::String | TypeKind::Enum) => "Text".to_owned(),
                (None, TypeKind::List) => "List".to_owned(),
                (None, _) => alternative
                    .get("title")
                    .and_then(Value::as_str)
                    .or_else(|| words.get(i).map(String::as_str).filter(|it| !it.is_empty()))
                    .map_or_else(String::new, names::pascal),
            };
            let wanted = match wanted.is_empty() {
                true if self.flattener.type_kind(alternative, 0) == TypeKind::Map => {
                    "Object".to_owned()
                }
                true => {
                    self.note(pointer, Done::VariantName);
                    format!("Variant{}", i + 1)
                }
                false => wanted,
            };
            let ty = self.ty(alternative, &format!("{name}{wanted}"), pointer);
            if variants.iter().any(|it| it.ty == ty) {
                continue;
            }
            // A parent without properties has no base: what no child is stays as it came.
            if is_base && !matches!(ty, Ty::Named(_)) {
                continue;
            }
            let named = parent.or(component);
            let mut tags: Vec<String> = mapping
                .iter()
                .filter(|(_, target)| {
                    let target = target.as_str().unwrap_or_default();
                    named
                        .as_deref()
                        .is_some_and(|it| target == it || target.rsplit('/').next() == Some(it))
                })
                .map(|(tag, _)| tag.clone())
                .collect();
            // A word that only this alternative lists names it as well as a mapping does.
            for word in said.get(i).into_iter().flatten().filter(|_| !is_base) {
                let others = said.iter().enumerate().filter(|(other, _)| *other != i);
                let alone = said.get(i).is_some_and(|it| it.len() == 1);
                // One that says no other word is meant before those that list all that there are.
                let shared = others
                    .map(|(_, it)| it)
                    .any(|it| it.contains(word) && (!alone || it.len() == 1));
                if !shared && !mapping.contains_key(word) && !tags.contains(word) {
                    tags.push(word.clone());
                }
            }
            if tags.is_empty() && discriminator.is_some() {
                tags.extend(named.filter(|it| !mapping.contains_key(it)));
            }
            if is_base {
                base = Some(variants.len());
            }
            variants.push(Variant { name: scope.claim(wanted), ty, tags, boxed: false });
        }
        Def::Union(UnionDef { doc, discriminator, variants, base, in_request: false })
    }

    /// The word of each alternative: where all of them have one property that says one word each, no two the same, that
    /// word; else the property that no other alternative has. Empty where there is none.
    fn telling(&self, alternatives: &[Value]) -> Vec<String> {
        let wholes: Vec<Value> =
            alternatives.iter().map(|it| self.flattener.flattened(it)).collect();
        let first = wholes.first().and_then(|it| it.get("properties")).and_then(Value::as_object);
        let words = first.into_iter().flatten().find_map(|(property, _)| {
            let words = wholes.iter().map(|it| {
                let own = it.get("properties")?.get(property)?;
                let mut words = self.flattener.enum_values(own, &mut Vec::new());
                (words.len() == 1).then(|| words.pop()).flatten()
            });
            let words = words.collect::<Option<Vec<String>>>()?;
            names::are_distinct(&words).then_some(words)
        });
        words.unwrap_or_else(|| own_properties(&wholes))
    }

    /// The words that an alternative itself says its discriminator may be: those that it lists, its default, and for
    /// a choice those of its own alternatives.
    fn said(&self, alternative: &Value, property: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo = vec![alternative.clone()];
        while let Some(part) = todo.pop() {
            if let Some(name) = reference(&part) {
                if !seen.insert(name.to_owned()) {
                    continue;
                }
                let component = self.flattener.components.get(name);
                if let Some(inner) =
                    component.filter(|_| self.flattener.type_kind(&part, 0) == TypeKind::Union)
                {
                    let mapping =
                        inner.pointer("/discriminator/mapping").and_then(Value::as_object);
                    if inner.pointer("/discriminator/propertyName").is_some_and(|it| it == property)
                    {
                        out.extend(mapping.into_iter().flatten().map(|(tag, _)| tag.clone()));
                    }
                    out.push(declared(inner).map_or_else(|| name.to_owned(), str::to_owned));
                    let members = self.flattener.alternatives(inner, &mut vec![name.to_owned()]);
                    out.extend(members.iter().filter_map(|it| it.component.clone()));
                    todo.extend(members.into_iter().map(|it| it.schema));
                    continue;
                }
            }
            // What a child itself says of the property is more than what it inherits.
            let own =
                reference(&part).and_then(|it| self.flattener.components.get(it)).unwrap_or(&part);
            if let Some(word) = declared(own) {
                out.push(word.to_owned());
                continue;
            }
            let parts = own.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let words = |it: &Value| {
                let Some(own) = it.get("properties").and_then(|it| it.get(property)) else {
                    return Vec::new();
                };
                let mut words = self.flattener.enum_values(own, &mut Vec::new());
                if words.is_empty() {
                    words.extend(own.get("default").and_then(Value::as_str).map(str::to_owned));
                }
                words
            };
            let said = parts.chain([own]).map(words).find(|it| !it.is_empty());
            out.extend(said.unwrap_or_else(|| words(&self.flattener.flattened(&part))));
        }
        out
    }
}

/// The word of the discriminator that a schema itself declares by the extension that generators for Swagger 2.0, which
/// has no mapping, agree on but for a part of its name.
fn declared(schema: &Value) -> Option<&str> {
    let mut keys = schema.as_object()?.iter();
    keys.find(|(key, _)| key.starts_with("x-") && key.ends_with("discriminator-value"))?.1.as_str()
}

/// For each of several structures a property that no other has, one that it requires first.
fn own_properties(wholes: &[Value]) -> Vec<String> {
    let properties = |it: &Value| -> Vec<String> {
        let properties = it.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let all: Vec<Vec<String>> = wholes.iter().map(properties).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for name in all.iter().flatten() {
        *uses.entry(name).or_default() += 1;
    }
    let own = wholes.iter().zip(&all).map(|(whole, names)| {
        let required = strings(whole.get("required"));
        let alone = || names.iter().filter(|it| uses.get(it.as_str()) == Some(&1));
        alone().find(|it| required.contains(it)).or_else(|| alone().next())
    });
    own.map(|it| it.cloned().unwrap_or_default()).collect()
}
