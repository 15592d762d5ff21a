//! Lenient readings for fields of answers, for `#[serde(deserialize_with = "…")]`.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// Reads `null` as the type's default. Use with `#[serde(default)]`, which covers absence only.
///
/// # Errors
/// Where the value is neither `null` nor of the type.
pub fn null_to_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a list; `null` and `{}`, which some vendors send for an empty one, too.
///
/// # Errors
/// Where the value is something else.
pub fn list_or_empty_object<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(optional_list_or_empty_object(deserializer)?.unwrap_or_default())
}

/// Reads a list that may be absent: `null` is absent, `{}` is an empty list.
///
/// # Errors
/// Where the value is something else.
pub fn optional_list_or_empty_object<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Object(fields) if fields.is_empty() => Ok(Some(Vec::new())),
        other => serde_json::from_value(other).map(Some).map_err(D::Error::custom),
    }
}

/// Reads an object; `null` and `[]`, which some vendors send for an empty one, as the default.
///
/// # Errors
/// Where the value is something else.
pub fn object_or_empty_list<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(T::default()),
        Value::Array(items) if items.is_empty() => Ok(T::default()),
        other => serde_json::from_value(other).map_err(D::Error::custom),
    }
}

/// Reads a moment that may be absent: `null`, an empty text and a date of zeros are absent.
///
/// # Errors
/// Where the value is something else that names no moment.
pub fn optional_timestamp<'de, D>(deserializer: D) -> Result<Option<crate::Timestamp>, D::Error>
where
    D: Deserializer<'de>,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if is_blank_date(&text) => Ok(None),
        other => serde_json::from_value(other).map(Some).map_err(D::Error::custom),
    }
}

/// Whether a text holds nothing but zeros and the letters and signs between the parts of a date.
fn is_blank_date(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '0' | 'T' | 'Z' | '-' | ':' | '.' | '+' | ' '))
        && (text.is_empty() || text.trim().is_empty() || text.len() >= 10)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use crate::Timestamp;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default, deserialize_with = "super::null_to_default")]
        count: u32,
        #[serde(default, deserialize_with = "super::list_or_empty_object")]
        list: Vec<String>,
        #[serde(default, deserialize_with = "super::optional_timestamp")]
        at: Option<Timestamp>,
    }

    #[test]
    fn what_vendors_send_for_nothing_reads_as_nothing() {
        let nothing = Sample { count: 0, list: vec![], at: None };
        for text in [
            json!({}),
            json!({"count": null, "list": null, "at": null}),
            json!({"list": {}, "at": ""}),
            json!({"list": [], "at": "0000-00-00 00:00:00"}),
        ] {
            assert_eq!(
                serde_json::from_value::<Sample>(text.clone()).ok().as_ref(),
                Some(&nothing),
                "{text}"
            );
        }
        assert!(serde_json::from_value::<Sample>(json!({"list": {"a": 1}})).is_err());
        assert!(serde_json::from_value::<Sample>(json!({"at": "soon"})).is_err());
    }
}
