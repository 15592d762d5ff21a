//! The walk over a value that is checked: a serializer that writes nothing.

use std::cell::Cell;
use std::fmt;

use serde::ser::{self, Serialize, Serializer};
use serde_json::Value;

use super::{Constraints, Violation};
use crate::runtime::value::scalar;

/// Checks what is serialized into it. It returns whether there is a value, other than null.
#[derive(Clone, Copy)]
pub(super) struct Check<'c> {
    pub(super) rules: &'c Constraints,
    /// Whether a structure with members beyond its own has come, one of which may have the name of an own one.
    pub(super) open: &'c Cell<bool>,
}

/// Why a check ends early: a broken rule, or that the value cannot be serialized.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Option<Violation>);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the check ended early")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self(Some(violation))
    }
}

impl Stop {
    fn below(self, segment: &str) -> Self {
        Self(self.0.map(|violation| violation.below(segment)))
    }
}

impl<'c> Check<'c> {
    fn by(self, rules: &'c Constraints) -> Self {
        Self { rules, ..self }
    }

    /// Checks a value by these rules and those that they refer to.
    pub(super) fn all<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Stop> {
        let present = value.serialize(self)?;
        for rules in self.rules.all_of {
            self.by(rules).all(value)?;
        }
        let mut first = Ok(present);
        for rules in self.rules.any_of {
            match self.by(rules).all(value) {
                Ok(_) => return Ok(present),
                Err(stop) => first = first.and(Err(stop)),
            }
        }
        first
    }

    fn number(self, number: f64) -> Result<bool, Stop> {
        if !number.is_finite() {
            let rule = "is NaN or infinite, which JSON cannot write".to_owned();
            return Err(Violation::here(rule).into());
        }
        self.rules.check_number(number)?;
        Ok(true)
    }

    fn fields(self) -> Fields<'c> {
        Fields { check: self, present: Vec::new(), count: 0, key: String::new(), first: None }
    }

    fn items(self) -> Items<'c> {
        Items { check: self, count: 0, earlier: Vec::new(), first: None }
    }
}

/// A list on the way.
pub(super) struct Items<'c> {
    check: Check<'c>,
    count: u64,
    /// The items so far, where no two may be alike.
    earlier: Vec<Value>,
    /// The first broken rule of an item; those of the list come before it.
    first: Option<Stop>,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let Check { rules, .. } = self.check;
        let index = self.count;
        self.count += 1;
        let by = self.check.by(rules.items.unwrap_or(&Constraints::ANY));
        let mut broken = by.all(value).err().map(|stop| stop.below(&index.to_string()));
        if rules.unique_items {
            let value = serde_json::to_value(value).map_err(|_| Stop(None))?;
            if self.earlier.contains(&value) {
                let repeated = format!("repeats an item at index {index}");
                broken = Some(Violation::here(repeated).into());
            }
            self.earlier.push(value);
        }
        self.first = self.first.take().or(broken);
        Ok(())
    }

    fn finish(self) -> Result<bool, Stop> {
        self.check.rules.check_count(self.count)?;
        self.first.map_or(Ok(true), Err)
    }
}

/// An object on the way.
pub(super) struct Fields<'c> {
    check: Check<'c>,
    /// Which of the names that the rules speak of are there.
    present: Vec<&'static str>,
    count: u64,
    /// The name of the present member of a map.
    key: String,
    /// The first broken rule of a member; those of the object come before it.
    first: Option<Stop>,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        let Check { rules, .. } = self.check;
        self.count += 1;
        let own = rules.properties.iter().find(|(property, _)| *property == name);
        let own = own.map(|(_, rules)| *rules).or(rules.values);
        let checked = self.check.by(own.unwrap_or(&Constraints::ANY)).all(value);
        if !matches!(checked, Ok(false)) {
            let named = rules.required.iter().chain(rules.alternatives.iter().copied().flatten());
            self.present.extend(named.copied().find(|it| *it == name));
        }
        if let Err(stop) = checked {
            self.first.get_or_insert_with(|| stop.below(name));
        }
        Ok(())
    }

    fn finish(self) -> Result<bool, Stop> {
        self.check.rules.check_names(&self.present, self.count)?;
        self.first.map_or(Ok(true), Err)
    }
}

/// Methods for numbers.
macro_rules! numbers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, number: $type) -> Result<bool, Stop> {
            self.number(number as f64)
        })*
    };
}

/// Methods that begin a list or an object.
macro_rules! begin {
    ($($name:ident($($type:ty),*) -> $container:ident = $begin:ident),* $(,)?) => {
        $(fn $name(self, $(_: $type),*) -> Result<$container<'c>, Stop> {
            Ok(self.$begin())
        })*
    };
}

impl<'c> Serializer for Check<'c> {
    type Ok = bool;
    type Error = Stop;
    type SerializeSeq = Items<'c>;
    type SerializeTuple = Items<'c>;
    type SerializeTupleStruct = Items<'c>;
    type SerializeTupleVariant = Items<'c>;
    type SerializeMap = Fields<'c>;
    type SerializeStruct = Fields<'c>;
    type SerializeStructVariant = Fields<'c>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32
    }

    begin! {
        serialize_seq(Option<usize>) -> Items = items,
        serialize_tuple(usize) -> Items = items,
        serialize_tuple_struct(&'static str, usize) -> Items = items,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Items = items,
        serialize_struct(&'static str, usize) -> Fields = fields,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Fields = fields,
    }

    fn serialize_f64(self, number: f64) -> Result<bool, Stop> {
        self.number(number)
    }

    fn serialize_bool(self, _: bool) -> Result<bool, Stop> {
        Ok(true)
    }

    fn serialize_char(self, character: char) -> Result<bool, Stop> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<bool, Stop> {
        self.rules.check_text(text)?;
        Ok(true)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<bool, Stop> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<bool, Stop> {
        Ok(false)
    }

    fn serialize_unit(self) -> Result<bool, Stop> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, Stop> {
        Ok(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Stop> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool, Stop> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<bool, Stop> {
        let mut fields = self.fields();
        fields.field(variant, value)?;
        fields.finish()
    }

    /// A structure with further members is the only one that does not say how many members it has.
    fn serialize_map(self, length: Option<usize>) -> Result<Fields<'c>, Stop> {
        self.open.set(self.open.get() || length.is_none());
        Ok(self.fields())
    }
}

/// The containers whose items have a place and no name.
macro_rules! lists {
    ($($list:ident::$item:ident),*) => {
        $(impl ser::$list for Items<'_> {
            type Ok = bool;
            type Error = Stop;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.item(value)
            }

            fn end(self) -> Result<bool, Stop> {
                self.finish()
            }
        })*
    };
}

lists! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field
}

/// The containers whose fields have names in Rust.
macro_rules! structures {
    ($($structure:ident),*) => {
        $(impl ser::$structure for Fields<'_> {
            type Ok = bool;
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Stop> {
                self.field(name, value)
            }

            fn end(self) -> Result<bool, Stop> {
                self.finish()
            }
        })*
    };
}

structures! { SerializeStruct, SerializeStructVariant }

impl ser::SerializeMap for Fields<'_> {
    type Ok = bool;
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        let key = serde_json::to_value(key).ok();
        self.key = key.as_ref().and_then(scalar).unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<bool, Stop> {
        self.finish()
    }
}
