//! How generated types are read, strictly and leniently.
//!
//! A structure reads its members by itself instead of by serde's derive, for three reasons: of equal names the last counts, a
//! documented name counts before its other spellings, and a list is never read by position. What may be absent is read as a
//! *slot*: the strict reader (any deserializer) fails with it, the lenient one (`lenient`) leaves it out and goes on.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde_json::{Map, Value};

use super::number::place;

/// As which newtype a slot is asked for. The lenient reader knows the name and offers the part once; to others it is a newtype.
pub(crate) const SLOT: &str = "$conversations::slot";

/// As which newtype a union is asked for: the lenient reader offers the part again and again.
pub(crate) const UNION: &str = "$conversations::union";

/// As which newtype a part is asked for that must be read as it is: the lenient reader converts nothing and leaves nothing out.
pub(crate) const AS_IT_IS: &str = "$conversations::as-it-is";

/// How a value of type `T` is read. Lists and maps have readers of their own, since each item is a slot.
pub trait Form<'de, T>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// Where it is not of the type.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// Reads a value in a form.
///
/// # Errors
/// Where it is not of the type.
pub fn read<'de, F: Form<'de, T>, T, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    F::read(deserializer)
}

/// As the type itself says.
#[derive(Debug)]
pub struct Plain;

/// A list of such values.
#[derive(Debug)]
pub struct List<F>(PhantomData<F>);

/// A list of such values, for which the vendor sends `{}` where it is empty.
#[derive(Debug)]
pub struct ListOrEmptyObject<F>(PhantomData<F>);

/// An object with such values under any names.
#[derive(Debug)]
pub struct Dictionary<F>(PhantomData<F>);

/// An object of which nothing is said, among others in a list. As a value of its own `null` would read as an empty one.
#[derive(Debug)]
pub struct FreeObject;

/// Such a value or `null`.
#[derive(Debug)]
pub struct Nullable<F>(PhantomData<F>);

/// Such a value; `null` is an empty one.
#[derive(Debug)]
pub struct NullAsEmpty<F>(PhantomData<F>);

impl<'de, T: Deserialize<'de>> Form<'de, T> for Plain {
    #[inline]
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

impl<'de, F: Form<'de, T>, T> Form<'de, Vec<T>> for List<F> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(As::<List<F>, Vec<T>>::NEW)
    }
}

impl<'de, F: Form<'de, T>, T> Form<'de, Vec<T>> for ListOrEmptyObject<F> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(As::<List<F>, Vec<T>>::NEW)
    }
}

impl<'de, F: Form<'de, T>, T> Form<'de, BTreeMap<String, T>> for Dictionary<F> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error> {
        deserializer.deserialize_map(As::<Self, BTreeMap<String, T>>::NEW)
    }
}

impl<'de> Form<'de, Map<String, Value>> for FreeObject {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
        let members = Nullable::<Plain>::read(deserializer)?;
        members.ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &"an object"))
    }
}

impl<'de, F: Form<'de, T>, T> Form<'de, Option<T>> for Nullable<F> {
    #[inline]
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(As::<Self, Option<T>>::NEW)
    }
}

impl<'de, F: Form<'de, T>, T: Default> Form<'de, T> for NullAsEmpty<F> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        Ok(Nullable::<F>::read(deserializer)?.unwrap_or_default())
    }
}

/// A form and its type as a seed and a visitor.
pub(crate) struct As<F, T>(PhantomData<(F, T)>);

impl<F, T> As<F, T> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<'de, F: Form<'de, T>, T> DeserializeSeed<'de> for As<F, T> {
    type Value = T;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        F::read(deserializer)
    }
}

impl<'de, F: Form<'de, T>, T> Visitor<'de> for As<List<F>, Vec<T>> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Slot::<F, T>::NEW)? {
            list.extend(item);
        }
        Ok(list)
    }

    /// An empty list as some servers write it, or one whose items they number, as PHP does with what is left of a list.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vec<T>, A::Error> {
        let mut items = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let Some(place) = place(&name) else {
                return Err(A::Error::invalid_type(Unexpected::Map, &self));
            };
            items.insert(place, members.next_value_seed(Slot::<F, T>::NEW)?);
        }
        Ok(items.into_values().flatten().collect())
    }
}

impl<'de, F: Form<'de, T>, T> Visitor<'de> for As<Dictionary<F>, BTreeMap<String, T>> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(name) = members.next_key()? {
            if let Some(value) = members.next_value_seed(Slot::<F, T>::NEW)? {
                map.insert(name, value);
            }
        }
        Ok(map)
    }
}

impl<'de, F: Form<'de, T>, T> Visitor<'de> for As<Nullable<F>, Option<T>> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        F::read(deserializer).map(Some)
    }
}

/// A part that can be left out: `None` where the lenient reader did so.
struct Slot<F, T>(PhantomData<(F, T)>);

impl<F, T> Slot<F, T> {
    const NEW: Self = Self(PhantomData);
}

impl<'de, F: Form<'de, T>, T> DeserializeSeed<'de> for Slot<F, T> {
    type Value = Option<T>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_newtype_struct(SLOT, self)
    }
}

impl<'de, F: Form<'de, T>, T> Visitor<'de> for Slot<F, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    /// Any reader but the lenient one.
    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        F::read(deserializer).map(Some)
    }

    /// The lenient reader, which notes a failure by itself.
    fn visit_seq<A: SeqAccess<'de>>(self, mut part: A) -> Result<Option<T>, A::Error> {
        Ok(part.next_element_seed(As::<F, T>::NEW).ok().flatten())
    }
}

/// Reads the word of an open enum.
///
/// # Errors
/// Where it is not a text.
pub fn word<'de, W: for<'w> From<&'w str>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<W, D::Error> {
    struct Word<W>(PhantomData<W>);

    impl<W: for<'w> From<&'w str>> Visitor<'_> for Word<W> {
        type Value = W;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, word: &str) -> Result<W, E> {
            Ok(W::from(word))
        }
    }

    deserializer.deserialize_string(Word(PhantomData))
}

/// A structure of the document.
pub trait Structure<'de>: Sized {
    /// Whether members that it does not name are kept.
    const OPEN: bool;

    /// The number of the member that has this name or spelling, [`UNKNOWN`] where there is none.
    fn number(name: &str) -> usize;

    /// Reads the members.
    ///
    /// # Errors
    /// Where a required member is missing, or one cannot be read.
    fn read<A: MapAccess<'de>>(members: Members<A, Self>) -> Result<Self, A::Error>;
}

/// The number of a member that the document does not name.
pub const UNKNOWN: usize = usize::MAX;

/// Reads a structure.
///
/// # Errors
/// Where it is not an object, a required member is missing, or one cannot be read.
#[inline]
pub fn structure<'de, T: Structure<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Structure<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        #[inline]
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::read(Members { map, unknown: String::new(), structure: PhantomData })
        }
    }

    deserializer.deserialize_struct("", &[], Object(PhantomData))
}

/// The members of a structure as they come.
#[derive(Debug)]
pub struct Members<A, T> {
    map: A,
    /// The name of the present member, where the structure keeps those that it does not name.
    unknown: String,
    structure: PhantomData<T>,
}

impl<'de, A: MapAccess<'de>, T: Structure<'de>> Members<A, T> {
    /// The number of the next member.
    ///
    /// # Errors
    /// Where the text is not JSON.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<usize>, A::Error> {
        self.map.next_key_seed(Name::<T> { unknown: &mut self.unknown, structure: PhantomData })
    }

    /// Reads the value of the present member; it is `None` where it is `null` or was left out.
    ///
    /// # Errors
    /// Where it cannot be read, but for the lenient reader.
    // One copy per type: inlined, a structure of thirty members would become slower and ten times as large.
    #[inline(never)]
    pub fn optional<F: Form<'de, V>, V>(&mut self, into: &mut Option<V>) -> Result<(), A::Error> {
        let seed = Slot::<Nullable<F>, Option<V>>::NEW;
        *into = self.map.next_value_seed(seed)?.flatten();
        Ok(())
    }

    /// Reads the value of the present member.
    ///
    /// # Errors
    /// Where it cannot be read.
    #[inline(never)]
    pub fn required<F: Form<'de, V>, V>(&mut self, into: &mut Option<V>) -> Result<(), A::Error> {
        *into = Some(self.map.next_value_seed(As::<F, V>::NEW)?);
        Ok(())
    }

    /// Leaves out the present member.
    ///
    /// # Errors
    /// Where the text is not JSON.
    pub fn ignore(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    /// Adds the present member, which the structure does not name, to those that it keeps.
    ///
    /// # Errors
    /// Where it cannot be read, but for the lenient reader.
    pub fn keep<F: Form<'de, V>, V>(
        &mut self,
        others: &mut impl Extend<(String, V)>,
    ) -> Result<(), A::Error> {
        let name = std::mem::take(&mut self.unknown);
        let value = self.map.next_value_seed(Slot::<F, V>::NEW)?;
        others.extend(value.map(|value| (name, value)));
        Ok(())
    }

    /// A member that must have come.
    ///
    /// # Errors
    /// Where it did not.
    pub fn demand<V>(&self, value: Option<V>, name: &'static str) -> Result<V, A::Error> {
        value.ok_or_else(|| A::Error::missing_field(name))
    }
}

/// The number of a name.
struct Name<'m, T> {
    unknown: &'m mut String,
    structure: PhantomData<T>,
}

impl<'de, T: Structure<'de>> DeserializeSeed<'de> for Name<'_, T> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, T: Structure<'de>> Visitor<'de> for Name<'_, T> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let number = T::number(name);
        if T::OPEN && number == UNKNOWN {
            name.clone_into(self.unknown);
        }
        Ok(number)
    }
}
