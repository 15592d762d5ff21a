//! The items of a page: found by a JSON pointer, read one by one.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, read_part};
use super::de::Plain;
use crate::Error;
use crate::error::Kind;
use crate::response::Meta;
use crate::{Delivery, Operation};

/// A page: its JSON, from which the items have been taken, and what came along.
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) rest: Value,
    pub(crate) origin: Origin,
}

/// Where items came from, for the error when one of them cannot be read.
#[derive(Clone)]
pub(crate) struct Origin {
    operation: &'static Operation,
    meta: Meta,
    pointer: &'static str,
}

/// Takes the items out of an answer. An empty body, and a list that is absent, `null` or `{}`, have none.
pub(crate) fn page(answer: Answer, pointer: &'static str) -> Result<Page, Error> {
    let operation = answer.operation;
    let origin = Origin { operation, meta: answer.meta.clone(), pointer };
    let body = answer.body.clone();
    let mut rest = answer.json_optional::<Plain, Value>()?.into_inner().unwrap_or_default();
    let items = match rest.pointer_mut(pointer).map(Value::take) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(fields)) if fields.is_empty() => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let text = "the answer has something else where the list of items was expected";
            let error = Error::new(Kind::Decode, text).with_json_path(Some(dotted(pointer)));
            return Err(origin.fail(error, body));
        }
    };
    Ok(Page { items, rest, origin })
}

impl Origin {
    /// Reads one item, leaving out optional parts that cannot be read; the error has the item as its body.
    pub(crate) fn read<T: DeserializeOwned>(&self, index: usize, item: Value) -> Result<T, Error> {
        let path = format!("{}[{index}]", dotted(self.pointer));
        read_part(&item, &path, self.operation)
            .map_err(|error| self.fail(error, item.to_string().into()))
    }

    fn fail(&self, error: Error, body: Bytes) -> Error {
        let Self { operation, meta, pointer: _ } = self;
        let answer = Answer { operation, meta: meta.clone(), body };
        answer.fail(error).with_delivery(Delivery::Yes)
    }

    /// An error about the sequence of pages.
    pub(crate) fn stalled(&self, text: &'static str) -> Error {
        self.fail(Error::new(Kind::Stalled, text), Bytes::new())
    }
}

/// A pointer as the path of an error: `/a/b` as `a.b`.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// A number that tells items apart, by all that stands in them.
pub(crate) fn fingerprint(item: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.to_string().hash(&mut hasher);
    hasher.finish()
}
