//! The items of a page: found by a JSON pointer, read one by one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, read_part};
use crate::Error;
use crate::error::Kind;
use crate::reading::de::Plain;
use crate::response::Meta;
use crate::{Absent, Delivery, Operation};

/// A page: its JSON, from which the items have been taken, and what came along.
pub(crate) struct Page {
    /// The items, each with its place in the list of the answer.
    pub(crate) items: Vec<(usize, Value)>,
    pub(crate) rest: Value,
    pub(crate) origin: Origin,
}

/// Where items came from, for the error when one of them cannot be read.
#[derive(Clone)]
pub(crate) struct Origin {
    operation: &'static Operation,
    /// `None` for the page that stands for an answer of another kind.
    meta: Option<Box<Meta>>,
    pointer: &'static str,
}

impl Page {
    /// The page of a list that does not exist yet.
    pub(crate) fn empty(operation: &'static Operation, pointer: &'static str) -> Self {
        let origin = Origin { operation, meta: None, pointer };
        Self { items: Vec::new(), rest: Value::Null, origin }
    }
}

/// Takes the items out of an answer; `null` among them is left out. Anything but a list is an error, unless the vendor sends
/// it for a list without items: an answer that is cut or is not the vendor's would pass for the end of the list.
pub(crate) fn page(
    answer: Answer,
    pointer: &'static str,
    absent: &[Absent],
) -> Result<Page, Error> {
    let operation = answer.operation;
    let origin = Origin { operation, meta: Some(answer.meta.clone()), pointer };
    let body = answer.body.clone();
    let blank = body.iter().all(u8::is_ascii_whitespace);
    let (mut rest, skipped) = match blank {
        true => (Value::Null, HashSet::new()),
        false => {
            let answer = answer.json::<Plain, Value>()?;
            let skipped = answer.skipped().iter().map(|part| part.path().to_owned()).collect();
            (answer.into_inner(), skipped)
        }
    };
    let list = rest.pointer_mut(pointer).filter(|_| !blank).map(Value::take);
    let (found, form) = match list {
        Some(Value::Array(items)) => {
            // An item that is `null` only because nothing of it could be read is an error, and its path distinguishes it from others.
            let list = dotted(pointer);
            let unread = |index| !skipped.is_empty() && skipped.contains(&item_path(&list, index));
            let items = items.into_iter().enumerate();
            let items = items.filter(|(index, item)| !item.is_null() || unread(*index)).collect();
            return Ok(Page { items, rest, origin });
        }
        None if blank => ("no body", Some(Absent::NoContent)),
        None => ("nothing", Some(Absent::Missing)),
        Some(Value::Null) => ("null", Some(Absent::Null)),
        Some(Value::Object(fields)) if fields.is_empty() => {
            ("an empty object", Some(Absent::EmptyObject))
        }
        Some(Value::Object(_)) => ("an object", None),
        Some(Value::String(_)) => ("a text", None),
        Some(Value::Number(_)) => ("a number", None),
        Some(Value::Bool(_)) => ("true or false", None),
    };
    if form.is_some_and(|form| absent.contains(&form)) {
        return Ok(Page { items: Vec::new(), rest, origin });
    }
    let text = format!("the answer has {found} where the list of items was expected");
    let path = Some(dotted(pointer)).filter(|path| !path.is_empty());
    Err(origin.fail(Error::new(Kind::Decode, text).with_json_path(path), body))
}

impl Origin {
    /// Reads one item, leaving out optional parts that cannot be read; the error has the item as its body.
    pub(crate) fn read<T: DeserializeOwned>(&self, index: usize, item: Value) -> Result<T, Error> {
        let path = item_path(&dotted(self.pointer), index);
        let censor = self.meta.as_ref().map(|meta| &meta.censor);
        read_part(&item, &path, self.operation, censor)
            .map_err(|error| self.fail(error, item.to_string().into()))
    }

    fn fail(&self, error: Error, body: Bytes) -> Error {
        let Self { operation, meta, pointer: _ } = self;
        match meta.clone() {
            Some(meta) => Answer { operation, location: None, meta, body, rest: None }.fail(error),
            None => error.with_operation(operation),
        }
        .with_delivery(Delivery::Yes)
    }

    /// Headers of the answer.
    pub(crate) fn headers(&self) -> Option<&http::HeaderMap> {
        self.meta.as_ref().map(|it| &it.headers)
    }

    /// An error of the sequence of pages.
    pub(crate) fn stalled(&self, text: &'static str) -> Error {
        self.fail(Error::new(Kind::Stalled, text), Bytes::new())
    }
}

/// A pointer as the path of an error: `/a/b` as `a.b`.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// The path of an item of a list.
fn item_path(list: &str, index: usize) -> String {
    format!("{list}[{index}]")
}

/// A hash of all that stands in an item, for this process alone.
pub(crate) fn fingerprint(item: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.hash(&mut hasher);
    hasher.finish()
}
