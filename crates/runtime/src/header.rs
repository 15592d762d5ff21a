//! Headers of answers with the types that a document gives them.

use std::fmt;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A header of answers with the type that a document gives it; a client's module `headers` lists those of its document.
pub struct Header<T> {
    name: &'static str,
    read: fn(&HeaderMap, &str) -> Option<T>,
}

impl<T: DeserializeOwned> Header<T> {
    /// A header of one value.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, read: value::<T> }
    }
}

impl<T: DeserializeOwned> Header<Vec<T>> {
    /// A header of values separated by commas; those that cannot be read are left out.
    #[must_use]
    pub const fn list(name: &'static str) -> Self {
        Self { name, read: list::<T> }
    }
}

impl<T> Header<T> {
    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its value among these headers; `None` where it is absent or of another form.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap) -> Option<T> {
        (self.read)(headers, self.name)
    }
}

impl<T> fmt::Debug for Header<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").field("name", &self.name).finish_non_exhaustive()
    }
}

fn value<T: DeserializeOwned>(headers: &HeaderMap, name: &str) -> Option<T> {
    typed(headers.get(name)?.to_str().ok()?.trim())
}

fn list<T: DeserializeOwned>(headers: &HeaderMap, name: &str) -> Option<Vec<T>> {
    let texts = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
    let items = texts.flat_map(|it| it.split(',')).map(str::trim).filter(|it| !it.is_empty());
    headers.contains_key(name).then(|| items.filter_map(typed).collect())
}

/// Text that is such a value, or its JSON.
fn typed<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(Value::from(text)).or_else(|_| serde_json::from_str(text)).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde_json::{Value, json};

    use super::Header;

    #[test]
    fn headers_have_types() {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("n", " 7 "), ("t", "7"), ("l", "1, 2,x"), ("l", "3"), ("j", "{\"a\":1}")]
        {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        assert_eq!(Header::<i64>::new("N").of(&headers), Some(7));
        assert_eq!(Header::<String>::new("t").of(&headers).as_deref(), Some("7"));
        assert_eq!(Header::<Vec<u64>>::list("l").of(&headers), Some(vec![1, 2, 3]));
        assert_eq!(Header::<Value>::new("t").of(&headers), Some(json!("7")));
        assert_eq!(Header::<Vec<u64>>::list("absent").of(&headers), None);
        assert_eq!(Header::<bool>::new("n").of(&headers), None);
        let object = Header::<std::collections::BTreeMap<String, u8>>::new("j").of(&headers);
        assert_eq!(object, Some([("a".to_owned(), 1)].into()));
    }
}
