//! The items of a page: found by a JSON Pointer, each kept as the text that it is until somebody asks for it.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::{Answer, decode, read_part};
use super::pointers::parts;
use crate::Error;
use crate::error::Kind;
use crate::reading::de::Plain;
use crate::reading::without_mark;
use crate::response::Meta;
use crate::{Absent, Delivery, Operation};

/// A page: its items, and what came along.
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    /// The value beside the items that was asked for.
    pub(crate) beside: Option<Value>,
    pub(crate) origin: Origin,
}

/// An item of a page: its place in the list of the answer, and its JSON.
pub(crate) struct Item {
    index: usize,
    text: Box<str>,
}

impl Item {
    pub(crate) fn of(index: usize, value: &Value) -> Self {
        Self { index, text: value.to_string().into() }
    }

    /// The values at some pointers in it.
    pub(crate) fn at<const N: usize>(&self, pointers: [Option<&str>; N]) -> [Option<Value>; N] {
        parts(self.text.as_bytes(), pointers).unwrap_or_else(|_| {
            let item = self.value();
            pointers.map(|pointer| item.pointer(pointer?).cloned())
        })
    }

    /// All that stands in it; null where nothing of it can be read.
    pub(crate) fn value(&self) -> Value {
        decode(self.text.as_bytes(), &http::HeaderMap::new()).unwrap_or_default()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.text.starts_with('{')
    }

    /// A hash of all that stands in it, for this process alone. In whichever order members come, they are the same.
    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint(&self.text, 16)
    }
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
        Self { items: Vec::new(), beside: None, origin }
    }
}

/// Takes the items out of an answer, and the value at the pointer `beside` them; `null` among the items is left out. Anything
/// but a list is an error, unless the vendor sends it for a list without items: an answer that is cut or is not the vendor's
/// would pass for the end of the list.
pub(crate) fn page(
    answer: Answer,
    pointer: &'static str,
    absent: &[Absent],
    beside: Option<&str>,
) -> Result<Page, Error> {
    let operation = answer.operation;
    let origin = Origin { operation, meta: Some(answer.meta.clone()), pointer };
    let body = answer.body.clone();
    if let Some((items, beside)) = listed(&body, pointer, beside) {
        return Ok(Page { items, beside, origin });
    }
    let blank = body.iter().all(u8::is_ascii_whitespace);
    let (mut rest, skipped) = match blank {
        true => (Value::Null, HashSet::new()),
        false => {
            let answer = answer.json::<Plain, Value>()?;
            let skipped = answer.skipped().iter().map(|part| part.path().to_owned()).collect();
            (answer.into_inner(), skipped)
        }
    };
    let beside = beside.and_then(|beside| rest.pointer(beside).cloned());
    let list = rest.pointer_mut(pointer).filter(|_| !blank).map(Value::take);
    let (found, form) = match list {
        Some(Value::Array(items)) => {
            // An item that is `null` only because nothing of it could be read is an error, and its path distinguishes it from others.
            let list = dotted(pointer);
            let unread = |index| !skipped.is_empty() && skipped.contains(&item_path(&list, index));
            let items = items.into_iter().enumerate();
            let items = items.filter(|(index, item)| !item.is_null() || unread(*index));
            let items = items.map(|(index, item)| Item::of(index, &item));
            return Ok(Page { items: items.collect(), beside, origin });
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
        return Ok(Page { items: Vec::new(), beside, origin });
    }
    let text = format!("the answer has {found} where the list of items was expected");
    let path = Some(dotted(pointer)).filter(|path| !path.is_empty());
    let error = Error::new(Kind::Decode, text).with_json_path(path);
    Err(match origin.answer(body) {
        Some(answer) => answer.misread(error),
        None => origin.fail(error, Bytes::new()),
    })
}

/// The items of a body that is JSON by the letter, and the value beside them; `None` where it is not, or has no list.
fn listed(body: &[u8], pointer: &str, beside: Option<&str>) -> Option<(Vec<Item>, Option<Value>)> {
    let body = without_mark(body);
    let [list] = parts::<Vec<Box<RawValue>>, 1>(body, [Some(pointer)]).ok()?;
    let [beside] = match beside {
        Some(_) => parts(body, [beside]).ok()?,
        None => [None],
    };
    let items = list?.into_iter().enumerate().filter(|(_, item)| item.get() != "null");
    let items = items.map(|(index, item)| Item { index, text: item.into() });
    Some((items.collect(), beside))
}

impl Origin {
    /// Reads one item, leaving out optional parts that cannot be read; the error has the item as its body.
    pub(crate) fn read<T: DeserializeOwned>(&self, item: Item) -> Result<T, Error> {
        let Item { index, text } = item;
        if let Ok(item) = serde_json::from_str(&text) {
            return Ok(item);
        }
        let path = || item_path(&dotted(self.pointer), index);
        let censor = self.meta.as_ref().map(|meta| &meta.censor);
        let read = read_part(text.as_bytes(), path, self.operation, censor);
        read.map_err(|error| self.fail(error, String::from(text).into()))
    }

    fn fail(&self, error: Error, body: Bytes) -> Error {
        match self.answer(body) {
            Some(answer) => answer.fail(error),
            None => error.with_operation(self.operation).with_delivery(Delivery::Yes),
        }
    }

    fn answer(&self, body: Bytes) -> Option<Answer> {
        let Self { operation, meta, pointer: _ } = self;
        Some(Answer { operation, location: None, meta: meta.clone()?, body, rest: None })
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

/// A hash for this process alone.
pub(crate) fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A hash of JSON: of its text, but for the order of members so many levels deep.
fn fingerprint(text: &str, levels: usize) -> u64 {
    let Some(levels) = levels.checked_sub(1) else { return hash(text) };
    let parts = match text.as_bytes() {
        [b'{', ..] => {
            serde_json::Deserializer::from_str(text).deserialize_map(Members { levels }).ok()
        }
        [b'[', ..] => serde_json::from_str::<Vec<&RawValue>>(text).ok().map(|items| {
            let items = items.into_iter().map(|item| fingerprint(item.get(), levels));
            hash(items.collect::<Vec<_>>())
        }),
        _ => None,
    };
    parts.unwrap_or_else(|| hash(text))
}

/// Sums up the hashes of an object's members, so that no order changes anything.
struct Members {
    levels: usize,
}

impl<'de> Visitor<'de> for Members {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<u64, A::Error> {
        let mut sum = hash("object");
        while let Some(Name(mut hasher)) = members.next_key()? {
            match members.next_value::<&RawValue>()?.get() {
                part if part.starts_with(['{', '[']) => {
                    hasher.write_u64(fingerprint(part, self.levels));
                }
                part => hasher.write(part.as_bytes()),
            }
            sum = sum.wrapping_add(hasher.finish());
        }
        Ok(sum)
    }
}

/// A hasher that knows the name of a member.
struct Name(DefaultHasher);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(Self(DefaultHasher::new()))
    }
}

impl Visitor<'_> for Name {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(mut self, name: &str) -> Result<Self, E> {
        name.hash(&mut self.0);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Item;

    #[test]
    fn the_order_of_members_is_no_part_of_a_fingerprint() {
        let print = |text: &'static str| Item { index: 0, text: text.into() }.fingerprint();
        for (one, other, same) in [
            (
                r#"{"a":1,"b":{"c":[true,null],"d":"e"}}"#,
                r#"{ "b":{"d":"e","c":[true, null]}, "a":1 }"#,
                true,
            ),
            (r#"{"a":1,"b":2}"#, r#"{"a":2,"b":1}"#, false),
            (r#"{"a":{"b":1}}"#, r#"{"a":{},"b":1}"#, false),
            ("[1,2]", "[2,1]", false),
            ("[[1],2]", "[[1,2]]", false),
            ("[]", "{}", false),
            ("1", "\"1\"", false),
            ("1", "1.0", false),
            ("null", "false", false),
            // What no value can be.
            (r#"{"a":1e400}"#, r#"{"a":1e400}"#, true),
            (r#"{"a":1e400}"#, r#"{"a":2e400}"#, false),
        ] {
            assert_eq!(print(one) == print(other), same, "{one} and {other}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let item = Item { index: 0, text: deep.into() };
        assert_eq!(item.fingerprint(), item.fingerprint());
    }
}
