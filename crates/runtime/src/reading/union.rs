//! Which member of a union a JSON value is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::de::{AS_IT_IS, UNION};
use super::lenient::exactly;

/// A union of the document.
pub trait Union: Sized {
    /// What is known of its members.
    const CANDIDATES: &'static [Candidate];

    /// What the value's discriminator names.
    fn named(_: &Value) -> Named {
        Named::Unsaid
    }

    /// Reads a value as the member of this index.
    ///
    /// # Errors
    /// Where it is not of that member's type.
    fn read<'de, D: Deserializer<'de>>(member: usize, deserializer: D) -> Result<Self, D::Error>;

    /// Keeps a value that is none of the members.
    fn unknown(value: Value) -> Self;
}

/// What the discriminator of a value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The member of this index.
    Member(usize),
    /// Something that the document does not list: the value is none of the members.
    NoMember,
    /// Nothing, or there is no discriminator: what the value looks like decides.
    Unsaid,
}

/// Reads a union. The strict reader fails where a value seems to be a member but cannot be read as it, so that the lenient
/// one has its turn; a value that fits no member is kept as it is.
///
/// # Errors
/// As said, and where the value is not JSON.
pub fn union<'de, U: Union, D: Deserializer<'de>>(deserializer: D) -> Result<U, D::Error> {
    deserializer.deserialize_newtype_struct(UNION, OneOf(PhantomData))
}

/// What a union answers to an index that none of its members has.
///
/// # Errors
/// Always.
pub fn no_member<T, E: Error>() -> Result<T, E> {
    Err(E::custom("there is no such member"))
}

struct OneOf<U>(PhantomData<U>);

impl<'de, U: Union> Visitor<'de> for OneOf<U> {
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of several types")
    }

    /// Any reader but the lenient one.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<U, D::Error> {
        let value = Value::deserialize(deserializer)?;
        exactly(&value, self).ok_or_else(|| D::Error::custom("the value is not quite of its type"))
    }

    /// The lenient reader, which offers the value as often as it is asked for, and gives what an attempt reads only where it
    /// is better than all before.
    fn visit_seq<A: SeqAccess<'de>>(self, mut attempts: A) -> Result<U, A::Error> {
        let value = attempts.next_element::<Value>()?.unwrap_or_default();
        let named = U::named(&value);
        let members = match named {
            Named::Member(member) => vec![member],
            Named::NoMember => Vec::new(),
            Named::Unsaid => pick(&value, U::CANDIDATES).collect(),
        };
        let mut best = None;
        for member in members {
            let is_likely = named != Named::Unsaid
                || U::CANDIDATES.get(member).is_some_and(|it| it.is_likely(&value));
            let attempt = Member::<U> { member, is_likely, union: PhantomData };
            if let Ok(Some(read)) = attempts.next_element_seed(attempt) {
                best = Some(read);
            }
        }
        Ok(best.unwrap_or_else(|| U::unknown(value)))
    }
}

/// One attempt to read a value as a member.
struct Member<U> {
    member: usize,
    /// Whether what can be seen of the value speaks for the member; otherwise it must be one without further ado.
    is_likely: bool,
    union: PhantomData<U>,
}

impl<'de, U: Union> DeserializeSeed<'de> for Member<U> {
    type Value = U;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<U, D::Error> {
        match self.is_likely {
            true => U::read(self.member, deserializer),
            false => deserializer.deserialize_newtype_struct(AS_IT_IS, self),
        }
    }
}

impl<'de, U: Union> Visitor<'de> for Member<U> {
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of several types")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<U, D::Error> {
        U::read(self.member, deserializer)
    }
}

/// What is known of one member of a union.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    required: &'static [&'static str],
    known: &'static [&'static str],
    constants: &'static [(&'static str, &'static str)],
    kind: JsonKind,
}

/// The JSON type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonKind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Anything.
    Any,
}

impl Candidate {
    /// A member of this type.
    #[must_use]
    pub const fn new(kind: JsonKind) -> Self {
        Self { required: &[], known: &[], constants: &[], kind }
    }

    /// Properties that the member requires.
    #[must_use]
    pub const fn with_required(mut self, names: &'static [&'static str]) -> Self {
        self.required = names;
        self
    }

    /// All properties that the member knows.
    #[must_use]
    pub const fn with_known(mut self, names: &'static [&'static str]) -> Self {
        self.known = names;
        self
    }

    /// Values that distinguish the member from others, each at its JSON Pointer, such as `("/type", "image")`.
    #[must_use]
    pub const fn with_constants(
        mut self,
        constants: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.constants = constants;
        self
    }

    /// How well a value fits, greater is better: constants that agree, required properties that are there, few that are
    /// not known. `None` where the JSON type rules it out.
    fn fit(&self, value: &Value) -> Option<(i64, i64, i64)> {
        let same = match self.kind {
            JsonKind::Any => true,
            JsonKind::Object => value.is_object(),
            JsonKind::Array => value.is_array(),
            JsonKind::String => value.is_string(),
            JsonKind::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            JsonKind::Number => value.is_number(),
            JsonKind::Boolean => value.is_boolean(),
        };
        if !same {
            return None;
        }
        let Value::Object(fields) = value else {
            // A whole number is an integer before it is a number, and anything in particular before it is anything.
            let exact = match self.kind {
                JsonKind::Any => 0,
                JsonKind::Number => 1,
                JsonKind::Integer
                | JsonKind::Object
                | JsonKind::Array
                | JsonKind::String
                | JsonKind::Boolean => 2,
            };
            return Some((0, exact, 0));
        };
        let constants: i64 = self
            .constants
            .iter()
            .map(|(pointer, expected)| match value.pointer(pointer) {
                Some(Value::String(actual)) if actual == expected => 1,
                None | Some(Value::Null) => -1,
                Some(_) => -1000,
            })
            .sum();
        let missing = self.missing(fields).count() as i64;
        let known = fields.keys().filter(|key| self.known.contains(&key.as_str())).count() as i64;
        let unknown = fields.len() as i64 - known;
        Some((constants - 10 * missing, known + i64::from(self.kind != JsonKind::Any), -unknown))
    }

    /// The properties that the member requires and a value lacks.
    fn missing<'a>(&'a self, fields: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
        let present = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
        self.required.iter().copied().filter(move |name| !present(name))
    }

    /// Whether nothing that can be seen of a value speaks against this member: no other constant, no property missing.
    fn is_likely(&self, value: &Value) -> bool {
        let Value::Object(fields) = value else { return true };
        let other = |(pointer, expected): &(&str, &str)| {
            value.pointer(pointer).is_some_and(|actual| !actual.is_null() && actual != expected)
        };
        !self.constants.iter().any(other) && self.missing(fields).next().is_none()
    }
}

/// The indices of the candidates that a value may be, the best fit first. Candidates of another JSON type are left out.
/// Of two that fit alike the earlier comes first.
pub fn pick(value: &Value, candidates: &[Candidate]) -> impl Iterator<Item = usize> + use<> {
    let mut fits: Vec<_> = candidates
        .iter()
        .enumerate()
        .filter_map(|(index, candidate)| candidate.fit(value).map(|fit| (fit, index)))
        .collect();
    fits.sort_by(|(left, i), (right, j)| right.cmp(left).then(i.cmp(j)));
    fits.into_iter().map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer};
    use serde_json::{Value, json};

    use super::{Candidate, JsonKind, Named, Union, pick, union};
    use crate::reading::de::{Form, List, Plain};
    use crate::reading::lenient;

    /// Two animals distinguished by `species`, and where `BASE` says so what all animals have.
    #[derive(Debug, PartialEq)]
    enum Animal<const BASE: bool> {
        Base(BTreeMap<String, Value>),
        Dog(BTreeMap<String, Value>),
        Fishes(u8),
        Unknown(Value),
    }

    impl<const BASE: bool> Union for Animal<BASE> {
        const CANDIDATES: &'static [Candidate] = &[
            Candidate::new(JsonKind::Object),
            Candidate::new(JsonKind::Object).with_known(&["species", "bark"]),
            Candidate::new(JsonKind::Any),
        ];
        fn named(value: &Value) -> Named {
            match value.get("species").and_then(Value::as_str) {
                Some("Dog") => Named::Member(1),
                Some("Fishes") => Named::Member(2),
                Some(_) if BASE => Named::Member(0),
                Some(_) => Named::NoMember,
                None => Named::Unsaid,
            }
        }
        fn read<'de, D: Deserializer<'de>>(member: usize, from: D) -> Result<Self, D::Error> {
            match member {
                0 => Deserialize::deserialize(from).map(Self::Base),
                1 => Deserialize::deserialize(from).map(Self::Dog),
                _ => Deserialize::deserialize(from).map(Self::Fishes),
            }
        }
        fn unknown(value: Value) -> Self {
            Self::Unknown(value)
        }
    }

    impl<'de, const BASE: bool> Deserialize<'de> for Animal<BASE> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            union(deserializer)
        }
    }

    #[test]
    fn what_the_discriminator_names_decides() {
        fn read<const BASE: bool>(value: &Value) -> (Animal<BASE>, Animal<BASE>) {
            let strict = serde_json::from_value(value.clone());
            let lenient = lenient::read::<Plain, _>(value, &lenient::Reading::default());
            let unread = |_| Animal::Unknown(Value::Null);
            // The strict reader leaves to the lenient one what is not quite of its type.
            let lenient = lenient.unwrap_or_else(unread);
            (strict.unwrap_or(Animal::Unknown(value.clone())), lenient)
        }
        fn same<const BASE: bool>(value: &Value, expected: Animal<BASE>) {
            let (strict, lenient) = read(value);
            assert_eq!(strict, expected, "{value}");
            assert_eq!(lenient, expected, "{value}");
        }
        let fields = |value: &Value| {
            let fields = value.as_object().cloned().unwrap_or_default();
            fields.into_iter().collect::<BTreeMap<_, _>>()
        };
        let dog = json!({"species": "Dog", "bark": true});
        same(&dog, Animal::<false>::Dog(fields(&dog)));
        let silent = json!({"bark": true});
        same(&silent, Animal::<false>::Dog(fields(&silent)));
        // Other kinds are not dogs, however much they look like one.
        let fish = json!({"species": "Fish", "bark": false, "fins": 2});
        same(&fish, Animal::<false>::Unknown(fish.clone()));
        same(&fish, Animal::<true>::Base(fields(&fish)));
        // What cannot be read as what it is named is nothing else either.
        let fishes = json!({"species": "Fishes", "bark": true});
        same(&fishes, Animal::<true>::Unknown(fishes.clone()));
    }

    /// Several types that look alike, and themselves in a list or an object.
    #[derive(Debug, PartialEq)]
    enum Alike {
        Numbers(Vec<u8>),
        Texts(Vec<String>),
        Left(BTreeMap<String, Self>),
        Right(BTreeMap<String, Self>),
        Byte(u8),
        Unknown(Value),
    }

    impl Union for Alike {
        const CANDIDATES: &'static [Candidate] = &[
            Candidate::new(JsonKind::Array),
            Candidate::new(JsonKind::Array),
            Candidate::new(JsonKind::Object),
            Candidate::new(JsonKind::Object),
            Candidate::new(JsonKind::Integer),
        ];
        fn read<'de, D: Deserializer<'de>>(member: usize, from: D) -> Result<Self, D::Error> {
            match member {
                0 => List::<Plain>::read(from).map(Self::Numbers),
                1 => List::<Plain>::read(from).map(Self::Texts),
                2 => Deserialize::deserialize(from).map(Self::Left),
                3 => Deserialize::deserialize(from).map(Self::Right),
                _ => Deserialize::deserialize(from).map(Self::Byte),
            }
        }
        fn unknown(value: Value) -> Self {
            Self::Unknown(value)
        }
    }

    impl<'de> Deserialize<'de> for Alike {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            union(deserializer)
        }
    }

    #[test]
    fn the_member_with_the_fewest_liberties_wins() {
        let numbers = |list: &[u8]| Alike::Numbers(list.to_vec());
        let texts = |list: &[&str]| Alike::Texts(list.iter().map(|it| (*it).to_owned()).collect());
        let cases = [
            (json!([1, 2]), numbers(&[1, 2]), 0),
            (json!(["1", "2"]), texts(&["1", "2"]), 0),
            (json!([1, "2", "3"]), texts(&["1", "2", "3"]), 0),
            (json!([1, 2, "3"]), numbers(&[1, 2, 3]), 0),
            // Of two that need the same, the first; what is converted comes before what is left out.
            (json!([1, "2"]), numbers(&[1, 2]), 0),
            (json!([1, "x"]), texts(&["1", "x"]), 0),
            (json!([1, "x", [], [], 3]), texts(&["1", "x", "3"]), 2),
            (json!([1, [], {}]), numbers(&[1]), 2),
        ];
        for (value, expected, skipped) in cases {
            let reading = lenient::Reading::default();
            let read = lenient::read::<Plain, Alike>(&value, &reading).ok();
            assert_eq!(read.as_ref(), Some(&expected), "{value}");
            assert_eq!(reading.into_skipped().len(), skipped, "{value}");
            let strict = serde_json::from_value::<Alike>(value.clone());
            let plain = value.as_array().is_some_and(|list| {
                list.iter().all(Value::is_string) || list.iter().all(Value::is_number)
            });
            assert_eq!(strict.is_ok(), plain, "{value}");
        }
    }

    #[test]
    fn unions_in_unions_end() {
        let mut value = json!(300);
        for _ in 0..100 {
            value = json!({ "in": value });
        }
        assert!(serde_json::from_value::<Alike>(value.clone()).is_err());
        assert!(lenient::read::<Plain, Alike>(&value, &lenient::Reading::default()).is_ok());
    }

    #[test]
    fn the_best_fit_comes_first() {
        static MEMBERS: &[Candidate] = &[
            Candidate::new(JsonKind::Object)
                .with_required(&["type", "text"])
                .with_known(&["type", "text"])
                .with_constants(&[("/type", "text")]),
            Candidate::new(JsonKind::Object)
                .with_required(&["type", "mediaUrl"])
                .with_known(&["type", "text", "mediaUrl"])
                .with_constants(&[("/type", "image")]),
            Candidate::new(JsonKind::String),
            Candidate::new(JsonKind::Number),
            Candidate::new(JsonKind::Integer),
        ];
        let first = |value: Value| pick(&value, MEMBERS).next();
        assert_eq!(first(json!({"type": "text", "text": "x"})), Some(0));
        assert_eq!(first(json!({"type": "image", "text": "x", "mediaUrl": "u"})), Some(1));
        assert_eq!(first(json!({"mediaUrl": "u"})), Some(1), "the constant may be missing");
        assert_eq!(first(json!("x")), Some(2));
        assert_eq!(first(json!(1)), Some(4));
        assert_eq!(first(json!(1.5)), Some(3));
        assert_eq!(first(json!([])), None);
        static EVENTS: &[Candidate] = &[
            Candidate::new(JsonKind::Object).with_constants(&[("/event/kind", "made")]),
            Candidate::new(JsonKind::Object).with_constants(&[("/event/kind", "gone")]),
        ];
        let gone = json!({"event": {"kind": "gone"}});
        assert_eq!(pick(&gone, EVENTS).next(), Some(1), "the constant is further in");
    }
}
