//! A node of a tree as one of the known forms, with faults as data: serde says what it misses by calling the error type,
//! so that nothing has to be read out of a message.

use super::kind;
use crate::{
    document::Document,
    fault::{self, Code, Fault, Faults},
    pointer::Pointer,
    suggest,
};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor, value::BorrowedStrDeserializer};
use serde_json::{Map, Value, json, map};
use std::{fmt, iter::Enumerate, slice};

/// The node at `pointer` as a known form.
pub fn part<T: DeserializeOwned>(document: &Document, pointer: &str) -> Result<T, Fault> {
    let Some(node) = document.root.pointer(pointer) else {
        return Err(document.fault(pointer, Code::NothingHere, ""));
    };
    T::deserialize(Node(node)).map_err(|Problem { code, help, within }| {
        let mut at = within.iter().rev().fold(Pointer::from(pointer), |at, step| at.child(step));
        let code = match *code {
            // An unknown key is refused by what holds it.
            Code::Unknown { what: KEY, name } => {
                let inside = at.child(&name);
                if document.root.pointer(&inside).is_some() {
                    at = inside;
                }
                Code::Unknown { what: KEY, name }
            }
            Code::WrongKind { found, wanted, .. } => {
                Code::WrongKind { key: at.last(), found, wanted }
            }
            other => other,
        };
        document.fault(&at, code, help)
    })
}

/// The document as a known form, or all that is wrong with it: what serde refuses is replaced in a copy by something
/// that it takes, so that the rest is read and checked too.
pub(super) fn whole<T: DeserializeOwned>(
    document: &Document,
    check: impl FnOnce(&T, &Document) -> Vec<Fault>,
) -> fault::Result<T> {
    const MOST: usize = 50;
    let mut found: Vec<Fault> = Vec::new();
    let mut replaced: Vec<Pointer> = Vec::new();
    let mut read = part::<T>(document, "");
    let mut copy = None;
    loop {
        let fault = match read {
            Ok(form) => {
                let own = |it: &Fault| !replaced.iter().any(|at| it.pointer.is_within(at));
                found.extend(check(&form, document).into_iter().filter(own));
                return Faults::check(found).map(|()| form);
            }
            Err(fault) => fault,
        };
        let at = subject(&fault);
        // What was taken away, or stands there by another name, may be missed only once the rest is in order.
        let taken = replaced.iter().any(|it| at.is_within(it))
            || found.iter().any(|it| is_renamed(it, &fault));
        if !taken {
            found.push(fault);
        }
        let copy = copy.get_or_insert_with(|| document.clone());
        match replace::<T>(copy, at, !taken) {
            Some((at, next)) if replaced.len() < MOST => {
                replaced.push(at);
                read = next;
            }
            _ => return Err(Faults(found)),
        }
    }
}

/// Whether the key that `missing` misses is there, and misspelt.
fn is_renamed(unknown: &Fault, missing: &Fault) -> bool {
    match (&*unknown.code, &*missing.code) {
        (Code::Unknown { what: KEY, name }, Code::Missing { key }) => {
            unknown.pointer.parent() == missing.pointer && suggest::is_slip(name, key)
        }
        _ => false,
    }
}

/// The node that a fault of [`part`] is about.
fn subject(fault: &Fault) -> Pointer {
    match &*fault.code {
        Code::Missing { key } => fault.pointer.child(key),
        _ => fault.pointer.clone(),
    }
}

/// Takes the refused node away, or puts something in its place, or in that of a node around it; which, and what the form
/// reads then. Items of lists keep their indices.
fn replace<T: DeserializeOwned>(
    document: &mut Document,
    mut at: Pointer,
    may_go: bool,
) -> Option<(Pointer, Result<T, Fault>)> {
    let candidates = [
        None,
        Some(json!("")),
        Some(json!([])),
        Some(json!({})),
        Some(json!(1)),
        Some(json!(true)),
    ];
    while !at.is_empty() {
        let before = document.root.pointer(&at).cloned();
        for candidate in candidates.iter().skip(usize::from(!may_go)) {
            if put(&mut document.root, &at, candidate.clone()) {
                let read = part::<T>(document, "");
                if read.as_ref().err().is_none_or(|it| !subject(it).is_within(&at)) {
                    return Some((at, read));
                }
            }
        }
        put(&mut document.root, &at, before);
        at = at.parent();
    }
    None
}

/// Makes a member or an item something else, or takes a member away; whether that could be done.
fn put(root: &mut Value, at: &Pointer, value: Option<Value>) -> bool {
    match (root.pointer_mut(&at.parent()), value) {
        (Some(Value::Object(map)), Some(value)) => drop(map.insert(at.last(), value)),
        (Some(Value::Object(map)), None) => drop(map.shift_remove(&at.last())),
        (Some(Value::Array(list)), Some(value)) => {
            match at.last().parse().ok().and_then(|it: usize| list.get_mut(it)) {
                Some(item) => *item = value,
                None => return false,
            }
        }
        _ => return false,
    }
    true
}

const KEY: &str = "key";

/// What serde found wrong, and the steps to it from the inside out.
#[derive(Debug)]
struct Problem {
    code: Box<Code>,
    help: String,
    within: Vec<String>,
}

impl Problem {
    fn unknown(what: &'static str, name: &str, known: &'static [&'static str]) -> Self {
        let help = match known {
            [] => format!("no {what} is known here"),
            _ => suggest::known(name, &format!("known {what}s:"), known.iter().copied()),
        };
        Self { help, ..Code::Unknown { what, name: name.to_owned() }.into() }
    }

    fn within(mut self, step: impl fmt::Display) -> Self {
        self.within.push(step.to_string());
        self
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code: code.into(), help: String::new(), within: Vec::new() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.code, out)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Code::BadValue { error: message.to_string() }.into()
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(KEY, field, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown("value", variant, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Code::Missing { key: field.to_owned() }.into()
    }
}

/// A node that gives itself to serde.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl Node<'_> {
    fn is_not<T>(self, wanted: &'static str) -> Result<T, Problem> {
        Err(Code::WrongKind { key: String::new(), found: kind(self.0), wanted }.into())
    }
}

/// Methods that ask for a value of one kind. Each calls the one method of its visitor that takes this kind: by way of
/// `deserialize_any` all others would be compiled for every form.
macro_rules! of_kind {
    ($($method:ident($($argument:ident: $type:ty),*) $wanted:literal $node:pat => $visit:ident($given:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Problem> {
            $(let _ = $argument;)*
            match self.0 {
                $node => visitor.$visit($given),
                _ => self.is_not($wanted),
            }
        }
    )*};
}

/// Methods that ask for a number.
macro_rules! number {
    ($($method:ident $wanted:literal $as:ident $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            match self.0.$as() {
                Some(it) => visitor.$visit(it),
                None => self.is_not($wanted),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Node<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Number(it) => match (it.as_u64(), it.as_i64(), it.as_f64()) {
                (Some(it), ..) => visitor.visit_u64(it),
                (_, Some(it), _) => visitor.visit_i64(it),
                (.., it) => visitor.visit_f64(it.unwrap_or(f64::MAX)),
            },
            Value::String(it) => visitor.visit_borrowed_str(it),
            Value::Array(list) => visitor.visit_seq(Items(list.iter().enumerate())),
            Value::Object(map) => visitor.visit_map(Members::of(map)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Object(map) => {
                visitor.visit_enum(de::value::MapAccessDeserializer::new(Members::of(map)))
            }
            Value::String(it) => visitor.visit_enum(BorrowedStrDeserializer::new(it)),
            _ => self.is_not("a text"),
        }
    }

    of_kind! {
        deserialize_bool() "a boolean" Value::Bool(it) => visit_bool(*it);
        deserialize_str() "a text" Value::String(it) => visit_borrowed_str(it);
        deserialize_string() "a text" Value::String(it) => visit_borrowed_str(it);
        deserialize_seq() "a list" Value::Array(list) => visit_seq(Items(list.iter().enumerate()));
        deserialize_map() "a mapping" Value::Object(map) => visit_map(Members::of(map));
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
            "a mapping" Value::Object(map) => visit_map(Members::of(map));
    }

    number! {
        deserialize_u8 "a whole number from zero up" as_u64 visit_u64;
        deserialize_u16 "a whole number from zero up" as_u64 visit_u64;
        deserialize_u32 "a whole number from zero up" as_u64 visit_u64;
        deserialize_u64 "a whole number from zero up" as_u64 visit_u64;
        deserialize_i32 "a whole number" as_i64 visit_i64;
        deserialize_i64 "a whole number" as_i64 visit_i64;
        deserialize_f64 "a number" as_f64 visit_f64;
    }

    serde::forward_to_deserialize_any! {
        i8 i16 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The items of a list, each with its index.
struct Items<'a>(Enumerate<slice::Iter<'a, Value>>);

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Problem> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Node(item)).map(Some).map_err(|it| it.within(index))
    }
}

/// The members of a mapping, and the one whose key was read last.
struct Members<'a> {
    rest: map::Iter<'a>,
    last: Option<(&'a String, &'a Value)>,
}

impl<'a> Members<'a> {
    fn of(map: &'a Map<String, Value>) -> Self {
        Self { rest: map.iter(), last: None }
    }
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Problem;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Problem> {
        self.last = self.rest.next();
        let Some((key, _)) = self.last else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        let Some((key, value)) = self.last else { return Err(Code::NothingHere.into()) };
        seed.deserialize(Node(value)).map_err(|it| it.within(key))
    }
}
