//! From webhooks to the events of a client: which word of a body says which event it is, and what each carries.

use super::{
    flatten::TypeKind,
    media::{Class, class, preference},
    plan::{Def, EventPlan, EventsPlan, Ty},
    prose,
    reference::reference,
    schema::TypeResolver,
};
use crate::{
    names::{self, Scope},
    provider::Events,
};
use conversations_document::{
    Document, Method, Pointer, Version, note::Done, reference::to_schema,
};
use serde_json::{Map, Value};

/// A webhook of the document.
struct Hook<'d> {
    name: &'d str,
    operation: &'d Value,
    schema: &'d Value,
    /// Where the operation and the schema are written.
    pointer: Pointer,
    schema_at: Pointer,
}

/// The events of a document. `declared` says where a body has its kind and its items; without it, a property says the
/// kind whose words differ from webhook to webhook.
pub(super) fn plan(
    document: &Document,
    declared: Option<&Events>,
    resolver: &mut TypeResolver<'_>,
) -> EventsPlan {
    let none = Events::default();
    let declared = declared.unwrap_or(&none);
    let frame = declared.frame.as_ref().map(|it| {
        let at = Pointer::from("/components/schemas").child(&it.schema);
        resolver.ty(&to_schema(&it.schema), &it.schema, &at)
    });
    let hooks = hooks(document, resolver);
    let mut out = EventsPlan { frame, ..EventsPlan::default() };
    if hooks.is_empty() {
        return out;
    }
    let mut scope = Scope::reserving(&["Unknown", "Self"]);
    if let Some(kind) = declared.kind.clone().or_else(|| property_of_kinds(&hooks, resolver)) {
        for hook in &hooks {
            let mut kinds = words_at(resolver, hook.schema, &kind);
            if kinds.is_empty() {
                kinds.push(hook.name.to_owned());
            }
            let alone = without_property(hook.schema, &kind);
            let (schema, at) = match &declared.items {
                Some(items) => match item_at(resolver, hook.schema, items) {
                    Some(item) => (item, hook.schema_at.clone()),
                    None => {
                        let (name, items) = (hook.name.to_owned(), items.clone());
                        resolver.note(&hook.pointer, Done::NoListOfEvents { name, items });
                        continue;
                    }
                },
                None => (alone, hook.schema_at.clone()),
            };
            let ty = resolver.ty(&schema, &names::pascal(hook.name), &at);
            out.add(kinds, ty, hook, &mut scope);
        }
        out.kind = kind;
        return out;
    }
    // One webhook for all events, whose body is a choice by discriminator.
    if let [hook] = &hooks[..]
        && resolver.flattener.type_kind(hook.schema, 0) == TypeKind::Union
        && let Ty::Named(name) =
            resolver.ty(hook.schema, &names::pascal(hook.name), &hook.schema_at)
        && let Some(Def::Union(union)) = resolver.defs.get(&name)
        && let Some(property) = &union.discriminator
    {
        out.kind = Pointer::ROOT.child(property).to_string();
        for variant in union.variants.iter().filter(|it| !it.tags.is_empty()) {
            out.add(variant.tags.clone(), variant.ty.clone(), hook, &mut scope);
        }
        return out;
    }
    for hook in &hooks {
        resolver.note(&hook.pointer, Done::KindUnknown { name: hook.name.to_owned() });
    }
    out
}

impl EventsPlan {
    fn add(&mut self, kinds: Vec<String>, ty: Ty, hook: &Hook<'_>, scope: &mut Scope) {
        let text = |key: &str| hook.operation.get(key).and_then(Value::as_str).map(prose::doc);
        let doc: Vec<String> = ["summary", "description"].into_iter().filter_map(text).collect();
        for kind in kinds {
            if self.events.iter().any(|it| it.kind == kind) {
                continue;
            }
            self.events.push(EventPlan {
                name: scope.claim(names::pascal(&kind)),
                kind,
                ty: ty.clone(),
                doc: doc.join("\n\n"),
                deprecated: hook.operation.get("deprecated") == Some(&Value::Bool(true)),
                pointer: hook.pointer.clone(),
            });
        }
    }

    /// The types that events carry.
    pub(super) fn types(&self) -> impl Iterator<Item = Ty> {
        self.events.iter().map(|it| it.ty.clone()).chain(self.frame.clone())
    }
}

/// The webhooks whose bodies are JSON; others leave a note.
fn hooks<'d>(document: &'d Document, resolver: &mut TypeResolver<'_>) -> Vec<Hook<'d>> {
    let mut out = Vec::new();
    let hooks = document.root.get("webhooks").and_then(Value::as_object);
    for (name, item) in hooks.into_iter().flatten() {
        for method in Method::keys(Version::OpenApi30) {
            let Some(operation) = item.get(method) else { continue };
            let pointer = Pointer::from("/webhooks").child(name).child(method);
            let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
            let json =
                content.into_iter().flatten().filter(|it| matches!(class(it.0), Class::Json));
            let Some((media, body)) = json.min_by_key(|it| preference(it.0)) else {
                resolver.note(&pointer, Done::WebhookNotJson { name: name.clone() });
                continue;
            };
            let schema = body.get("schema").unwrap_or(&Value::Bool(true));
            let schema_at =
                pointer.child("requestBody").child("content").child(media).child("schema");
            out.push(Hook { name, operation, schema, pointer, schema_at });
        }
    }
    out
}

/// The first property that says in every webhook's body which it is. That of a single webhook must know one word only:
/// a list of words may be anything.
fn property_of_kinds(hooks: &[Hook<'_>], resolver: &TypeResolver<'_>) -> Option<String> {
    let first = resolver.flattener.flattened(hooks.first()?.schema);
    let properties = first.get("properties").and_then(Value::as_object)?;
    let pointers = properties.keys().map(|it| Pointer::ROOT.child(it).to_string());
    pointers.into_iter().find(|pointer| {
        let words: Vec<Vec<String>> =
            hooks.iter().map(|it| words_at(resolver, it.schema, pointer)).collect();
        let enough = words.iter().all(|it| !it.is_empty() && (hooks.len() > 1 || it.len() == 1));
        enough && names::are_distinct(&words.concat())
    })
}

/// The schema of the property at `pointer` of what `schema` describes.
fn property_at(resolver: &TypeResolver<'_>, schema: &Value, pointer: &str) -> Option<Value> {
    Pointer::from(pointer).tokens().into_iter().try_fold(schema.clone(), |schema, token| {
        resolver.flattener.flattened(&schema).get("properties")?.get(&token).cloned()
    })
}

/// The words that the property at `pointer` may have.
fn words_at(resolver: &TypeResolver<'_>, schema: &Value, pointer: &str) -> Vec<String> {
    let property = property_at(resolver, schema, pointer);
    let values = property.map(|it| resolver.flattener.enum_values(&it, &mut Vec::new()));
    values.unwrap_or_default()
}

/// What the list at `pointer` holds.
fn item_at(resolver: &TypeResolver<'_>, schema: &Value, pointer: &str) -> Option<Value> {
    let list = resolver.flattener.flattened(&property_at(resolver, schema, pointer)?);
    list.get("items").cloned()
}

/// The schema without the property that only says the kind, where that stands in the schema itself: the variant says it.
fn without_property(schema: &Value, pointer: &str) -> Value {
    let tokens = Pointer::from(pointer).tokens();
    let ([property], Some(map)) = (&tokens[..], schema.as_object()) else { return schema.clone() };
    if reference(schema).is_some() {
        return schema.clone();
    }
    let mut out = stripped(map, property);
    if let Some(parts) = out.get_mut("allOf").and_then(Value::as_array_mut) {
        for part in parts.iter_mut() {
            if let Some(map) = part.as_object().filter(|_| reference(part).is_none()) {
                *part = Value::Object(stripped(map, property));
            }
        }
        parts.retain(|it| it.as_object().is_none_or(|it| !it.is_empty()));
    }
    Value::Object(out)
}

/// An object's schema without a property, and without what then says nothing.
fn stripped(map: &Map<String, Value>, property: &str) -> Map<String, Value> {
    let mut out = map.clone();
    if let Some(properties) = out.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove(property);
    }
    if let Some(required) = out.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|it| it != property);
    }
    let is_empty = |it: &Value| {
        it.as_object().is_some_and(Map::is_empty) || it.as_array().is_some_and(Vec::is_empty)
    };
    out.retain(|key, value| {
        !(["properties", "required"].contains(&key.as_str()) && is_empty(value))
    });
    // Beside a reference, and in a part of its own, the type alone adds nothing.
    let says = |key: &String| key != "type";
    if map.contains_key("properties") && !out.keys().any(says) || out.contains_key("allOf") {
        out.remove("type");
    }
    out
}
