//! From typed values to JSON, without the numbers that it cannot write. serde_json writes NaN and infinity as `null`, which a server would read as absence.

use std::fmt::Display;

use serde::ser::{self, Serialize, Serializer};
use serde_json::Value;

/// Where a value holds a number that is not finite, as a JSON pointer.
fn not_finite<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    match value.serialize(Walk) {
        Err(Stop::NotFinite(pointer)) => Some(pointer),
        // What cannot be serialized at all is said by the serializer that writes it.
        Err(Stop::Failed) | Ok(()) => None,
    }
}

/// A value as JSON; `Null` stands for absence.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Value, String> {
    if let Some(pointer) = not_finite(value) {
        let place = if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") };
        return Err(format!("holds NaN or infinity{place}, which JSON cannot write"));
    }
    serde_json::to_value(value).map_err(|error| format!("cannot be written: {error}"))
}

/// Serializes into nothing.
struct Walk;

/// Why a walk ends early.
#[derive(Debug)]
enum Stop {
    NotFinite(String),
    Failed,
}

impl Stop {
    /// The same fault, seen from the container: its pointer begins with the name or index there.
    fn below(self, token: &dyn Display) -> Self {
        match self {
            Self::NotFinite(rest) => Self::NotFinite(format!("/{token}{rest}")),
            Self::Failed => Self::Failed,
        }
    }
}

impl Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the walk ended early")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: Display>(_: T) -> Self {
        Self::Failed
    }
}

fn finite(is_finite: bool) -> Result<(), Stop> {
    if is_finite { Ok(()) } else { Err(Stop::NotFinite(String::new())) }
}

/// A list, a map or a structure on the walk.
#[derive(Default)]
struct Items {
    count: usize,
    key: String,
}

impl Items {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let at = self.count;
        self.count += 1;
        value.serialize(Walk).map_err(|stop| stop.below(&at))
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        value.serialize(Walk).map_err(|stop| stop.below(&name))
    }
}

/// Methods that accept a value without looking at it.
macro_rules! accept {
    ($($name:ident($($value:ty),*)),* $(,)?) => {
        $(fn $name(self, $(_: $value),*) -> Result<(), Stop> {
            Ok(())
        })*
    };
}

/// Methods that begin a container.
macro_rules! begin {
    ($($name:ident($($value:ty),*)),* $(,)?) => {
        $(fn $name(self, $(_: $value),*) -> Result<Items, Stop> {
            Ok(Items::default())
        })*
    };
}

impl Serializer for Walk {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Items;
    type SerializeStruct = Items;
    type SerializeStructVariant = Items;

    accept! {
        serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128),
        serialize_none(), serialize_unit(), serialize_unit_struct(&'static str),
        serialize_unit_variant(&'static str, u32, &'static str),
    }

    begin! {
        serialize_seq(Option<usize>), serialize_tuple(usize), serialize_tuple_struct(&'static str, usize),
        serialize_tuple_variant(&'static str, u32, &'static str, usize), serialize_map(Option<usize>),
        serialize_struct(&'static str, usize),
        serialize_struct_variant(&'static str, u32, &'static str, usize),
    }

    fn serialize_f32(self, number: f32) -> Result<(), Stop> {
        finite(number.is_finite())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Stop> {
        finite(number.is_finite())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        value.serialize(self).map_err(|stop| stop.below(&variant))
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), Stop> {
        Ok(())
    }
}

/// The containers whose items have a place and no name.
macro_rules! lists {
    ($($list:ident::$item:ident),*) => {
        $(impl ser::$list for Items {
            type Ok = ();
            type Error = Stop;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.item(value)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
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
        $(impl ser::$structure for Items {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Stop> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
            }
        })*
    };
}

structures! { SerializeStruct, SerializeStructVariant }

impl ser::SerializeMap for Items {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        let key = serde_json::to_value(key).ok();
        self.key = key.as_ref().and_then(super::value::scalar).unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::not_finite;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        amount: Option<f64>,
        list: Vec<f32>,
        map: BTreeMap<&'static str, (u8, f64)>,
    }

    #[test]
    fn every_number_is_looked_at() {
        let thing = |amount, list: &[f32], entry: f64| Thing {
            name: "n",
            amount,
            list: list.to_vec(),
            map: BTreeMap::from([("k", (1, entry))]),
        };
        let cases = [
            (thing(None, &[], 0.0), None),
            (thing(Some(-1.5e300), &[1.0], f64::MIN), None),
            (thing(Some(f64::NAN), &[], 0.0), Some("/amount")),
            (thing(None, &[0.0, f32::INFINITY], 0.0), Some("/list/1")),
            (thing(None, &[], f64::NEG_INFINITY), Some("/map/k/1")),
        ];
        for (thing, expected) in cases {
            assert_eq!(not_finite(&thing).as_deref(), expected, "{}", thing.name);
        }
        assert_eq!(not_finite(&f64::NAN).as_deref(), Some(""));
    }
}
