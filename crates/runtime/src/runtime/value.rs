//! From typed values to what stands in a path, a query or a header.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::{self, Display};
use std::marker::PhantomData;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Error;
use crate::error::Kind;

/// What a builder method takes for a value that may be absent: the value, `Some` or `None` of it, a `&str`, or the builder of
/// a structure; for a list an array of any of these.
pub trait IntoOption<T> {
    /// The value, `None` where it is absent.
    ///
    /// # Errors
    /// Where a builder is given that lacks something, with what it lacks.
    fn into_option(self) -> Result<Option<T>, String>;
}

impl<T> IntoOption<T> for T {
    fn into_option(self) -> Result<Option<T>, String> {
        Ok(Some(self))
    }
}

impl<T> IntoOption<T> for Option<T> {
    fn into_option(self) -> Result<Option<T>, String> {
        Ok(self)
    }
}

impl IntoOption<String> for &str {
    fn into_option(self) -> Result<Option<String>, String> {
        Ok(Some(self.to_owned()))
    }
}

impl IntoOption<String> for Option<&str> {
    fn into_option(self) -> Result<Option<String>, String> {
        Ok(self.map(str::to_owned))
    }
}

impl IntoOption<String> for &String {
    fn into_option(self) -> Result<Option<String>, String> {
        Ok(Some(self.clone()))
    }
}

impl<T, B: IntoOption<T>, const N: usize> IntoOption<Vec<T>> for [B; N] {
    fn into_option(self) -> Result<Option<Vec<T>>, String> {
        let present = |it: Option<T>| it.ok_or_else(|| "an item of the list is absent".to_owned());
        let items = self.into_iter().map(|it| it.into_option().and_then(present));
        items.collect::<Result<_, _>>().map(Some)
    }
}

/// What a method of an operation's builder was given.
///
/// # Errors
/// Where it cannot be taken, with the reason.
pub fn taken<T>(value: impl TryInto<T, Error: Display>) -> Result<T, String> {
    value.try_into().map_err(|error| format!("the value cannot be taken: {error}"))
}

/// What keeps a builder from becoming what it makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// What must be given and was not, by its name on the wire.
    missing: Vec<&'static str>,
    /// Why a value that was given cannot be taken.
    unfit: Vec<String>,
}

impl Gaps {
    /// What was given for a property that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        value: Result<Option<T>, String>,
    ) -> Option<T> {
        let value = self.given(value)?;
        if value.is_none() {
            self.missing.push(name);
        }
        value
    }

    /// What was given for any other property.
    pub fn given<T>(&mut self, value: Result<T, String>) -> Option<T> {
        value.map_err(|reason| self.unfit.push(reason)).ok()
    }

    /// The names of what is missing, where that is all.
    ///
    /// # Errors
    /// With what else there is.
    pub(crate) fn only_missing(self) -> Result<Vec<&'static str>, String> {
        if self.unfit.is_empty() { Ok(self.missing) } else { Err(self.to_string()) }
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = (!self.missing.is_empty()).then(|| are_missing(&self.missing));
        let all: Vec<&str> = missing.iter().chain(&self.unfit).map(String::as_str).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for Gaps {}

impl From<Gaps> for Error {
    /// A structure that was not finished is a call that was not sent.
    fn from(gaps: Gaps) -> Self {
        Self::new(Kind::InvalidRequest, format!("not sent: {gaps}"))
    }
}

impl From<Infallible> for Gaps {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// That these are missing.
pub(crate) fn are_missing(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb} missing", names.join(", "))
}

/// What the method of a structure's builder was given for the field called `name`.
///
/// # Errors
/// Where it cannot be taken, with the field and the reason.
pub fn field<T>(name: &str, value: impl TryInto<T, Error: Display>) -> Result<T, String> {
    value.try_into().map_err(|error| unfit(name, &error))
}

/// The same for a field that may be absent.
///
/// # Errors
/// As [`field`].
pub fn optional<T>(name: &str, value: impl IntoOption<T>) -> Result<Option<T>, String> {
    value.into_option().map_err(|error| unfit(name, &error))
}

/// The same for a field that may be absent or null; a null is noted in `nulls` under its name on the wire.
///
/// # Errors
/// As [`field`].
pub fn nullable<T>(
    name: &str,
    nulls: &mut Result<Option<Nulls>, String>,
    wire: &'static str,
    value: impl IntoNullable<T>,
) -> Result<Option<T>, String> {
    Nulls::take(nulls, wire, value).map_err(|error| unfit(name, &error))
}

fn unfit(name: &str, error: &dyn Display) -> String {
    format!("the value for `{name}` cannot be taken: {error}")
}

/// What a builder method takes for a property that may be absent or null: what [`IntoOption`] takes, and [`null()`].
pub trait IntoNullable<T> {
    /// The value, or which of the two kinds of nothing it is.
    ///
    /// # Errors
    /// Where a builder is given that lacks something, with what it lacks.
    fn into_nullable(self) -> Result<Given<T>, String>;
}

/// What was given for a property that may be absent or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: the property is left out.
    Absent,
    /// An explicit null.
    Null,
    /// A value.
    Value(T),
}

impl<T> From<Option<T>> for Given<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// An explicit null, for properties that a request may leave out as well as set to null: `.nickname(null())`.
#[must_use]
pub fn null<T>() -> Null<T> {
    Null(PhantomData)
}

/// What [`null()`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null<T>(PhantomData<T>);

impl<T> IntoNullable<T> for Null<T> {
    fn into_nullable(self) -> Result<Given<T>, String> {
        Ok(Given::Null)
    }
}

impl<T> IntoNullable<T> for T {
    fn into_nullable(self) -> Result<Given<T>, String> {
        Ok(Given::Value(self))
    }
}

impl<T> IntoNullable<T> for Option<T> {
    fn into_nullable(self) -> Result<Given<T>, String> {
        Ok(self.into())
    }
}

impl<T, B: IntoOption<T>, const N: usize> IntoNullable<Vec<T>> for [B; N] {
    fn into_nullable(self) -> Result<Given<Vec<T>>, String> {
        self.into_option().map(Given::from)
    }
}

impl IntoNullable<String> for &str {
    fn into_nullable(self) -> Result<Given<String>, String> {
        self.into_option().map(Given::from)
    }
}

impl IntoNullable<String> for Option<&str> {
    fn into_nullable(self) -> Result<Given<String>, String> {
        self.into_option().map(Given::from)
    }
}

impl IntoNullable<String> for &String {
    fn into_nullable(self) -> Result<Given<String>, String> {
        self.into_option().map(Given::from)
    }
}

/// The optional properties of a request that are sent as null, by their names on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nulls(BTreeSet<&'static str>);

impl Nulls {
    /// Takes what a setter was given for the property called `name`: a null is noted in `nulls`, anything else ends it.
    ///
    /// # Errors
    /// Where a builder is given that lacks something, with what it lacks.
    fn take<T>(
        nulls: &mut Result<Option<Self>, String>,
        name: &'static str,
        value: impl IntoNullable<T>,
    ) -> Result<Option<T>, String> {
        let value = value.into_nullable()?;
        if let Ok(nulls) = nulls {
            let names = nulls.get_or_insert_default();
            match value {
                Given::Null => names.0.insert(name),
                Given::Absent | Given::Value(_) => names.0.remove(name),
            };
            if names.0.is_empty() {
                *nulls = None;
            }
        }
        Ok(match value {
            Given::Value(value) => Some(value),
            Given::Absent | Given::Null => None,
        })
    }
}

impl Serialize for Nulls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|name| (name, ())))
    }
}

/// A single value as text; `None` for an array or an object.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => {
            // A whole number is written as one, since servers that read integers know no `10.0`.
            let text = number.to_string();
            Some(text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned))
        }
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The texts, numbers and booleans that a body has at these places, without blank ones.
pub(crate) fn texts<'p>(body: &Value, pointers: impl Iterator<Item = &'p str>) -> Vec<String> {
    let found = pointers.filter_map(|pointer| scalar(body.pointer(pointer)?));
    found.filter(|text| !text.trim().is_empty()).collect()
}
