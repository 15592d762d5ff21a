//! The second reading of an answer: a deserializer over a JSON value that leaves out what cannot be read.
//!
//! It reads what strict readers refuse but cannot be meant otherwise (`12.0` for a whole number, `"12"` for a number, `12` for
//! a text, `[]` for an empty object, `{}` and `{"0": …}` for a list), never reads a structure by position, and knows where
//! in the answer it is. A part that `de` reads as a [`SLOT`] is left out where it cannot be read, and the [`Reading`] notes
//! it. Every part is read once, however many cannot be: only unions read theirs once per alternative, and keep the reading
//! that takes the fewest liberties.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Number, Value};

use attempts::{Attempts, Once};

use super::Skipped;
use super::de::{AS_IT_IS, Form, SLOT, UNION};
use super::number::{EXACT, number};
use super::path::{OwnedStep, Path, Step, joined};

mod attempts;

/// Further places are not noted: what a hostile answer makes the client keep stays small.
const MAX_SKIPPED: usize = 256;

/// Reads a value in the given form, leaving out optional parts that cannot be read.
pub(crate) fn read<'de, F: Form<'de, T>, T>(
    value: &'de Value,
    reading: &Reading,
) -> Result<T, Failure> {
    F::read(Part { value, path: &Path::ROOT, reading })
}

/// Reads a union where nothing needs to be converted or left out.
pub(crate) fn exactly<'de, V: Visitor<'de>>(value: &'de Value, union: V) -> Option<V::Value> {
    let reading = Reading::default();
    let part = Part { value, path: &Path::ROOT, reading: &reading };
    let read = part.deserialize_newtype_struct(UNION, union).ok()?;
    (reading.liberties.get() == Liberties::default()).then_some(read)
}

/// What a reading has left out so far.
#[derive(Debug)]
pub(crate) struct Reading {
    skipped: RefCell<Vec<Skipped>>,
    liberties: Cell<Liberties>,
    /// The numbers that would be written otherwise than the server wrote them, by their paths.
    spellings: RefCell<HashMap<String, Box<str>>>,
    /// How many more attempts to read a union may take liberties: unions within unions could else cost a time that doubles
    /// with each level.
    attempts: Cell<usize>,
}

/// How far a reading departs from what was written; the lesser, the better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Liberties {
    left_out: usize,
    converted: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Reading {
    /// Of a text of this length.
    pub(crate) fn of(length: usize) -> Self {
        const LEAST: usize = 10_000;
        Self {
            skipped: RefCell::default(),
            liberties: Cell::default(),
            spellings: RefCell::default(),
            attempts: Cell::new(length.saturating_add(LEAST)),
        }
    }

    /// Notes how a number is written, as a text may be meant by it: `1.10` is another version than `1.1`.
    pub(super) fn spell(&self, path: &Path<'_>, number: &Number, word: &str) {
        const MOST: usize = 10_000;
        let mut spellings = self.spellings.borrow_mut();
        if spellings.len() < MOST && (!is_exact(number) || number.to_string() != word) {
            spellings.insert(path.to_string(), word.into());
        }
    }

    /// A number as the server wrote it; `None` where that is not known any more.
    fn spelling(&self, path: &Path<'_>, number: &Number) -> Option<String> {
        let spellings = self.spellings.borrow();
        let spelling = match spellings.is_empty() {
            true => None,
            false => spellings.get(&path.to_string()),
        };
        // Of two parts that share a path, such as members of one name, the number says which it is.
        let spelling = spelling.filter(|it| self::number(it).as_ref() == Some(number));
        let spelling = spelling.map(|it| it.to_string());
        spelling.or_else(|| is_exact(number).then(|| number.to_string()))
    }

    fn left_out(&self) {
        let Liberties { left_out, converted } = self.liberties.get();
        self.liberties.set(Liberties { left_out: left_out.saturating_add(1), converted });
    }

    fn converted(&self) {
        let Liberties { left_out, converted } = self.liberties.get();
        self.liberties.set(Liberties { left_out, converted: converted.saturating_add(1) });
    }

    /// Notes that the part at `path` was left out because of what stands at `below` it.
    pub(super) fn skip(&self, path: &Path<'_>, below: &[OwnedStep], reason: &str) {
        let mut skipped = self.skipped.borrow_mut();
        if skipped.len() < MAX_SKIPPED {
            let path = path.to_string();
            let reason = match below {
                [] => reason.to_owned(),
                _ => format!("{reason} at {}", joined(&path, below)),
            };
            skipped.push(Skipped::new(path, reason));
        }
    }

    pub(crate) fn into_skipped(self) -> Vec<Skipped> {
        let mut skipped = self.skipped.into_inner();
        // What was noted when the text was read may lie within what was left out later.
        let paths: Vec<_> = skipped.iter().map(|it| it.path().to_owned()).collect();
        skipped.retain(|it| !paths.iter().any(|path| it.is_below(path)));
        skipped
    }

    fn count(&self) -> usize {
        self.skipped.borrow().len()
    }

    /// Forgets what was noted within a part that is left out as a whole, or read in another way.
    fn forget_from(&self, count: usize) {
        self.skipped.borrow_mut().truncate(count);
    }

    fn forget(&self, notes: std::ops::Range<usize>) {
        self.skipped.borrow_mut().drain(notes);
    }
}

/// Why a part cannot be read, in words that quote nothing of the answer, and where below the part that was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    /// From the innermost outwards.
    steps: Vec<OwnedStep>,
    /// Whether nothing else was to be expected.
    expected: bool,
}

impl Failure {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), steps: Vec::new(), expected: false }
    }

    fn within(mut self, step: Step<'_>) -> Self {
        self.steps.push(step.to_owned());
        self
    }

    /// The path to what cannot be read, below the given one; `None` where both are empty.
    pub(crate) fn path_below(&self, root: &str) -> Option<String> {
        Some(joined(root, &self.steps)).filter(|path| !path.is_empty())
    }

    /// The same with `*` for names of maps, which may be a customer's words.
    pub(crate) fn place_below(&self, root: &str) -> Option<String> {
        let hidden = |step: &OwnedStep| match step {
            OwnedStep::Name(name) => OwnedStep::Name(name.clone()),
            OwnedStep::Key(_) => OwnedStep::Name("*".into()),
            OwnedStep::Index(index) => OwnedStep::Index(*index),
        };
        let steps: Vec<_> = self.steps.iter().map(hidden).collect();
        Some(joined(root, &steps)).filter(|place| !place.is_empty())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

// Whatever reports a failure, nothing of the answer gets into its text: it may be a customer's words.
impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new("a value that its type refuses")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(format!("{} where {expected} was expected", kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(format!("{} that is not {expected}", kind(found)))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(format!("`{name}` is missing"))
    }
}

/// What was found, without its value.
fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        Unexpected::Bytes(_)
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => "something else",
    }
}

/// A part of the answer that is being read.
#[derive(Clone, Copy)]
struct Part<'de, 'r> {
    value: &'de Value,
    path: &'r Path<'r>,
    reading: &'r Reading,
}

impl<'de> Part<'de, '_> {
    fn list<V: Visitor<'de>>(self, items: &'de [Value], visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(Items { items: items.iter().enumerate(), within: self })
    }

    /// The number that this part is, or that its text says.
    fn number(self) -> Option<Cow<'de, Number>> {
        match self.value {
            Value::Number(number) => Some(Cow::Borrowed(number)),
            Value::String(text) => {
                self.reading.converted();
                number(text.trim_ascii()).map(Cow::Owned)
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn whole<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        const END: f64 = 9_223_372_036_854_775_808.0;
        let Some(number) = self.number() else { return self.refused("a whole number") };
        match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) if float.fract() == 0.0 && (-END..END).contains(&float) => {
                self.reading.converted();
                visitor.visit_i64(float as i64)
            }
            Some(_) | None => visit_number(&number, visitor),
        }
    }

    fn any_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.number() {
            Some(number) => visit_number(&number, visitor),
            None => self.refused("a number"),
        }
    }

    /// A text, or a number as the server wrote it.
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let text = match self.value {
            Value::Number(number) => self.reading.spelling(self.path, number),
            _ => None,
        };
        let Some(text) = text else { return self.deserialize_any(visitor) };
        self.reading.converted();
        visitor.visit_string(text)
    }

    fn flag<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let word = match self.value {
            Value::String(text) => text.trim_ascii().to_ascii_lowercase(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let flag = match word.as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return self.deserialize_any(visitor),
        };
        self.reading.converted();
        visitor.visit_bool(flag)
    }

    fn refused<T>(self, expected: &str) -> Result<T, Failure> {
        match self.deserialize_any(NoValue(expected))? {}
    }
}

/// Takes no value: each is an error that says what was expected.
struct NoValue<'e>(&'e str);

impl<'de> Visitor<'de> for NoValue<'_> {
    type Value = Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether no other number is written as this one.
fn is_exact(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|it| it.abs() < EXACT)
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Failure> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), _, _) => visitor.visit_u64(number),
        (None, Some(number), _) => visitor.visit_i64(number),
        (None, None, Some(number)) => visitor.visit_f64(number),
        (None, None, None) => Err(Failure::new("the number is out of range")),
    }
}

/// The methods that ask for a value of one kind.
macro_rules! read_as {
    ($kind:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.$kind(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Part<'de, '_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => self.list(items, visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    read_as! { whole:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    read_as! { any_number: deserialize_f32 deserialize_f64 }
    read_as! { text: deserialize_str deserialize_string }
    read_as! { flag: deserialize_bool }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match name {
            SLOT => visitor.visit_seq(Once(self)),
            UNION => {
                let mut attempts = Attempts::of(self);
                let read = visitor.visit_seq(&mut attempts)?;
                attempts.conclude();
                Ok(read)
            }
            AS_IT_IS => {
                let before = self.reading.liberties.get();
                let read = visitor.visit_newtype_struct(self);
                let is_exact = self.reading.liberties.get() == before;
                let failure = || Failure::new("a value of another type");
                let read = if is_exact { read } else { Err(failure()) };
                read.map_err(|failure| Failure { expected: true, ..failure })
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.value {
            Value::Object(members) => {
                visitor.visit_map(Members::of(Some(members), Step::Key, self))
            }
            Value::Array(items) if items.is_empty() => {
                self.reading.converted();
                visitor.visit_map(Members::of(None, Step::Key, self))
            }
            // A structure that serde derived would take its items for members.
            Value::Array(_) => Err(serde::de::Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.value {
            Value::Object(members) => {
                visitor.visit_map(Members::of(Some(members), Step::Name, self))
            }
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        // The error of serde_json quotes the value.
        self.value
            .deserialize_enum(name, variants, visitor)
            .map_err(|_| Failure::new("none of the documented variants"))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.value.is_object() {
            self.reading.converted();
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

/// The items of a list.
struct Items<'de, 'r> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
    within: Part<'de, 'r>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let Some((index, value)) = self.items.next() else { return Ok(None) };
        let step = Step::Index(index);
        let path = self.within.path.child(step);
        let part = Part { value, path: &path, reading: self.within.reading };
        seed.deserialize(part).map(Some).map_err(|failure| failure.within(step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of an object; an empty list has none.
struct Members<'de, 'r> {
    members: Option<serde_json::map::Iter<'de>>,
    value: Option<(&'de str, &'de Value)>,
    /// Whether the names are those of a structure or of a map.
    step: fn(&'de str) -> Step<'de>,
    within: Part<'de, 'r>,
}

impl<'de, 'r> Members<'de, 'r> {
    fn of(
        members: Option<&'de serde_json::Map<String, Value>>,
        step: fn(&'de str) -> Step<'de>,
        within: Part<'de, 'r>,
    ) -> Self {
        Self { members: members.map(serde_json::Map::iter), value: None, step, within }
    }
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = Failure;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let member = self.members.as_mut().and_then(Iterator::next);
        let Some((name, value)) = member else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let Some((name, value)) = self.value.take() else {
            return Err(Failure::new("a value was asked for before its name"));
        };
        let step = (self.step)(name);
        let path = self.within.path.child(step);
        let part = Part { value, path: &path, reading: self.within.reading };
        seed.deserialize(part).map_err(|failure| failure.within(step))
    }
}
