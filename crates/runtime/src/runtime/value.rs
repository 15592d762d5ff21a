//! From typed values to what stands in a path, a query or a header.

use serde_json::Value;

/// What a builder method takes for a value that may be absent: the value, `Some` or `None` of it, or a `&str`.
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

/// A value in the `simple` style of OpenAPI: items separated by commas, each name of an object before its
/// value. `None` for what is nested deeper, which no style can say.
pub(crate) fn simple(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => {
            items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| scalar(value).map(|text| format!("{name},{text}")))
            .collect::<Option<Vec<_>>>()
            .map(|texts| texts.join(",")),
        one => scalar(one),
    }
}

/// A single value as text; `None` for an array or an object.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The texts, numbers and booleans that a body has at these places, without blank ones.
pub(crate) fn texts<'p>(body: &Value, pointers: impl Iterator<Item = &'p str>) -> Vec<String> {
    let found = pointers.filter_map(|pointer| scalar(body.pointer(pointer)?));
    found.filter(|text| !text.trim().is_empty()).collect()
}
