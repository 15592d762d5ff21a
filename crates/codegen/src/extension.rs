//! `x-conversations`: the one extension key that is ours, on operations and on schemas.

mod check;

pub use check::validate;

use conversations_document::{Document, Fault, Method, Pointer, fault, load};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// The extension's key. Every other key that starts like it is refused.
pub const KEY: &str = "x-conversations";

/// How an operation behaves; what the document leaves unsaid has its default filled in by verb.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationExtension {
    /// Repeating it does no harm.
    pub idempotent: bool,
    /// It costs money.
    pub billable: bool,
    /// The vendor's data differ after it.
    pub changes_state: bool,
    /// The vendor's own protection against doing it twice.
    pub idempotency_key: Option<IdempotencyKey>,
    /// How it hands out long lists.
    pub paging: Option<Paging>,
    /// It has to be repeated to keep something alive.
    pub keep_alive: Option<KeepAlive>,
    /// How to wait for what comes next.
    pub follow: Option<Follow>,
    /// A success status whose body may still report a failure.
    pub success_flag: Option<SuccessFlag>,
    /// Its success may come without the documented body.
    pub empty_answer: bool,
}

/// The vendor's own protection against doing something twice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdempotencyKey {
    /// Where the key goes.
    #[serde(rename = "in")]
    pub place: KeyPlace,
    /// The name of the property, header or query parameter.
    pub name: String,
    /// What the key looks like.
    pub format: KeyFormat,
    /// Whether somebody saw the vendor honour it. An unverified key never justifies a retry.
    pub verified: bool,
}

/// Where an idempotency key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    /// A property of the body.
    Body,
    /// A header.
    Header,
    /// A query parameter.
    Query,
}

/// What an idempotency key looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum KeyFormat {
    /// A random UUID.
    #[serde(rename = "uuid-v4")]
    UuidV4,
}

/// How an operation hands out long lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Paging {
    /// The JSON Pointer of the list in the response.
    pub items: String,
    /// What the vendor sends for a list without items, beside an empty list.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// How the next page is asked for. It refuses the keys that neither it nor this structure knows.
    #[serde(flatten)]
    pub style: PagingStyle,
}

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "style", rename_all = "lowercase", deny_unknown_fields)]
pub enum PagingStyle {
    /// Skip so many, give so many.
    Offset {
        /// The wire name of the parameter that skips.
        offset: String,
        /// The wire name of the parameter that limits.
        limit: String,
        /// The greatest limit that the vendor takes.
        #[serde(default)]
        max: Option<u32>,
    },
    /// Go on from an item of the page before.
    Cursor {
        /// What the next request sends.
        next: Next,
        /// The JSON Pointer of what says, when present and neither null, false nor empty, that there is more.
        #[serde(default)]
        more: Option<String>,
        /// Parameters that the vendor refuses beside the cursor.
        #[serde(default)]
        exclusive_with: Vec<String>,
    },
    /// Give the page of this number.
    Page {
        /// The wire name of the parameter for the number.
        page: String,
        /// The number of the first page.
        #[serde(default = "first_page")]
        first: u64,
    },
    /// Send back what the response says beside its items.
    Token {
        /// The wire name of the parameter.
        parameter: String,
        /// The JSON Pointer of the value in the response.
        #[serde(default)]
        from: Option<String>,
        /// The header of the response that has the value, in place of the pointer.
        #[serde(default)]
        header: Option<String>,
    },
    /// Call the URL that the response names, at the same origin.
    Link {
        /// The JSON Pointer of the URL in the response.
        #[serde(default)]
        from: Option<String>,
        /// The header of the response that has the URL, in place of the pointer; `Link` without either.
        #[serde(default)]
        header: Option<String>,
    },
}

fn first_page() -> u64 {
    1
}

/// What a vendor sends for a list without items, beside an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// Nothing where the list would stand.
    Missing,
    /// `null` where the list would stand.
    #[serde(rename = "null-value")]
    Null,
    /// `{}` where the list would stand.
    EmptyObject,
    /// An answer without a body.
    NoContent,
}

/// An error answer, known by its status and the vendor's code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownError {
    /// The status.
    pub status: u16,
    /// The vendor's code, where the provider's error shape has it.
    pub code: String,
}

/// What the next request sends to go on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// The wire name of the parameter.
    pub parameter: String,
    /// The JSON Pointer of the value inside the item.
    pub from: String,
    /// Which item of the page.
    pub of: End,
    /// Whether to ask for the moment at the border of two pages twice; only for a cursor that is a time.
    #[serde(default)]
    pub overlap: bool,
}

/// One end of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// The first item.
    First,
    /// The last item.
    Last,
}

/// How often an operation has to be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepAlive {
    /// Seconds from one call to the next.
    pub period_seconds: u64,
    /// Seconds after which the vendor gives up.
    pub lapses_seconds: u64,
}

/// How to wait for what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// The JSON Pointer of the list in the response.
    pub items: String,
    /// The JSON Pointer of an item's identity inside the item.
    pub id: String,
    /// Where to go on; absent means that every poll reads everything and the ids seen decide.
    #[serde(default)]
    pub cursor: Option<Cursor>,
    /// Seconds between polls.
    pub poll_seconds: u64,
    /// What the vendor sends for a list without items, beside an empty list.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// The errors that the vendor answers as long as what holds the list does not exist.
    #[serde(default)]
    pub not_yet: Vec<KnownError>,
}

/// Where the next poll goes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The wire name of the path or query parameter.
    pub parameter: String,
    /// The JSON Pointer of the value inside the item.
    pub from: String,
    /// Which item of the page.
    pub of: End,
    /// Whether the item at the cursor comes again.
    #[serde(default)]
    pub inclusive: bool,
}

/// A success status whose body may still report a failure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessFlag {
    /// The JSON Pointer of the flag in the response.
    pub pointer: String,
    /// The value that means failure.
    pub failed_when: Value,
}

/// How a schema is read, printed and named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchemaExtension {
    /// Read as a timestamp, whatever its spelling on the wire.
    pub timestamp: bool,
    /// Other wire spellings that are read into the property.
    pub aliases: Vec<String>,
    /// Other forms that are read as this one.
    pub accept: Vec<Accept>,
    /// The value never prints.
    pub secret: bool,
    /// The Rust name of the property, parameter or, at a named schema, of the type.
    pub name: Option<String>,
}

/// A form that is read although the schema does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// `{}` is read as an empty list.
    EmptyObject,
}

/// What may be written on an operation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Behaviour {
    idempotent: Option<bool>,
    billable: bool,
    changes_state: Option<bool>,
    idempotency_key: Option<IdempotencyKey>,
    paging: Option<Paging>,
    keep_alive: Option<KeepAlive>,
    follow: Option<Follow>,
    success_flag: Option<SuccessFlag>,
    empty_answer: bool,
}

/// The extension of the operation at `pointer`, with defaults by verb where it has none.
pub fn operation(document: &Document, pointer: &str) -> fault::Result<OperationExtension> {
    let behaviour: Behaviour = read(document, pointer)?;
    let method = Method::of_key(pointer.rsplit('/').next().unwrap_or_default());
    let safe = method.is_some_and(Method::is_safe);
    let idempotent = method.is_some_and(Method::is_idempotent);
    let Behaviour {
        idempotent: declared,
        billable,
        changes_state,
        idempotency_key,
        paging,
        keep_alive,
        follow,
        success_flag,
        empty_answer,
    } = behaviour;
    Ok(OperationExtension {
        idempotent: declared.unwrap_or(idempotent),
        billable,
        changes_state: changes_state.unwrap_or(!safe),
        idempotency_key,
        paging,
        keep_alive,
        follow,
        success_flag,
        empty_answer,
    })
}

/// The extension of the schema at `pointer`; the default where it has none.
pub fn schema(document: &Document, pointer: &str) -> fault::Result<SchemaExtension> {
    Ok(read(document, pointer)?)
}

fn read<T: Default + DeserializeOwned>(document: &Document, holder: &str) -> Result<T, Fault> {
    let pointer = Pointer::from(holder).child(KEY);
    match document.root.pointer(&pointer) {
        None => Ok(T::default()),
        Some(_) => load::part(document, &pointer),
    }
}
