//! Every type of every provider by name, so that bodies can be read into it and written back.
//!
//! The table is written by `build.rs`, so that the types of a document's next revision stand in it by themselves.

use crate::{
    folder::{built, document, generated},
    json::{at, resolve},
};
use conversations::{Error, Skipped, runtime};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A type, and how a body goes through it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    /// The provider.
    pub(crate) provider: &'static str,
    /// The name in the provider's `types`.
    pub(crate) name: &'static str,
    /// The component of the document that it was made of; an inline schema is none.
    pub(crate) component: Option<&'static str>,
    /// Reads a body into the type, strictly, and writes the value back.
    pub(crate) through: fn(&[u8]) -> Result<Value, String>,
    /// Reads a body as that of an answer.
    pub(crate) read: fn(&[u8]) -> Result<Read, Error>,
}

/// What reading an answer gave.
#[derive(Debug)]
pub(crate) struct Read {
    /// The value, written back.
    pub(crate) value: Value,
    /// What was left out.
    pub(crate) skipped: Vec<Skipped>,
}

fn read<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Read, Error> {
    let (value, skipped) = runtime::read::<runtime::de::Plain, T>(body, &Default::default())?;
    let value = serde_json::to_value(value).expect("a typed value is JSON");
    Ok(Read { value, skipped })
}

fn through<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Value, String> {
    let value: T = serde_json::from_slice(body).map_err(|it| it.to_string())?;
    Ok(serde_json::to_value(value).expect("a typed value is JSON"))
}

macro_rules! types {
    ($($provider:ident { $($component:expr => $name:ident,)* })*) => {
        &[$($(Type {
            provider: stringify!($provider),
            name: stringify!($name),
            component: $component,
            through: through::<conversations::$provider::types::$name>,
            read: read::<conversations::$provider::types::$name>,
        },)*)*]
    };
}

/// All types, sorted by provider and name.
pub(crate) const ALL: &[Type] = include!(concat!(env!("OUT_DIR"), "/provider_types.rs"));

impl Type {
    /// The schema that the type was made of, where the document has it in a place of its own.
    pub(crate) fn schema(&self) -> Option<&'static Value> {
        at(document(self.provider), self.place())
    }

    /// The pointer to that schema.
    fn place(&self) -> &'static str {
        &generated(self.provider).surface.items[&format!("types::{}", self.name)].place
    }
}

/// The type that a component of the document became; a component that is a list or a text became none.
pub(crate) fn of_component(provider: &str, component: &str) -> Option<Type> {
    ALL.iter().find(|it| it.provider == provider && it.component == Some(component)).copied()
}

/// Reads a body into the type of a schema, which stands at a pointer, and writes the value back. Of a list or a map
/// that has no type of its own, each member goes through its own.
pub(crate) fn through_schema(
    provider: &str,
    pointer: &str,
    schema: &Value,
    body: &Value,
) -> Result<Value, String> {
    let reference = schema.get("$ref").and_then(Value::as_str).map(|it| it.trim_start_matches('#'));
    let place = reference.unwrap_or(pointer);
    if let Some(ty) = ALL.iter().find(|it| it.provider == provider && it.place() == place) {
        return (ty.through)(body.to_string().as_bytes());
    }
    let schema = resolve(document(provider), schema);
    let inside = |part: &str, body: &Value| {
        through_schema(provider, &format!("{place}/{part}"), &schema[part], body)
    };
    match body {
        Value::Array(items) if schema.get("items").is_some() => {
            items.iter().map(|it| inside("items", it)).collect()
        }
        Value::Object(members) if schema.get("additionalProperties").is_some() => {
            let members = members
                .iter()
                .map(|(name, it)| Ok((name.clone(), inside("additionalProperties", it)?)));
            members.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        Value::Object(_) if schema.get("properties").is_some() => {
            Err(format!("no type is made of the schema at {place}"))
        }
        scalar => Ok(scalar.clone()),
    }
}

/// No public type of the generated source is missing in the table, inline ones included.
#[test]
fn every_type_is_listed() {
    let listed: BTreeSet<_> = ALL.iter().map(|it| (it.provider, it.name)).collect();
    let mut public = BTreeSet::new();
    for provider in built() {
        let source = &generated(provider).source;
        let (_, types) = source.split_once("\npub mod types {\n").expect("the module of types");
        let types = types.lines().take_while(|it| *it != "}");
        let names = types.filter_map(|it| {
            it.strip_prefix("    pub struct ").or_else(|| it.strip_prefix("    pub enum "))
        });
        let end = |it: char| !it.is_alphanumeric() && it != '_';
        public.extend(names.filter_map(|it| it.split(end).next()).map(|it| (provider, it)));
    }
    assert_eq!(listed, public);
    assert!(built().all(|provider| public.iter().any(|it| it.0 == provider)));
}

/// The table knows each component under the name that the document gives it.
#[test]
fn components_are_known_by_their_names() {
    for ty in ALL {
        if let Some(component) = ty.component {
            let components = &document(ty.provider)["components"]["schemas"];
            assert!(components.get(component).is_some(), "{ty:?}");
            assert_eq!(of_component(ty.provider, component).map(|it| it.name), Some(ty.name));
        }
    }
    // A component with members has a type, whatever its name.
    for provider in built() {
        let components = document(provider)["components"]["schemas"].as_object();
        for (name, schema) in components.expect("components") {
            let named = of_component(provider, name).is_some();
            assert!(named || schema.get("properties").is_none(), "{provider}: {name}");
        }
    }
}
