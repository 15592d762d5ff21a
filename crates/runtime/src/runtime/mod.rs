//! Support code for generated clients. Not public API: names here change without notice.

mod address;
mod answer;
mod auth;
mod body;
mod call;
mod clock;
mod constraints;
mod core;
mod cursor;
mod decide;
mod delivered;
mod endpoint;
mod environment;
mod exchange;
mod executor;
mod flag;
mod headers;
mod items;
mod jwt;
mod limits;
mod macros;
mod pace;
mod pieces;
mod pointers;
mod provider;
mod raw;
mod request;
mod segment;
mod send;
mod settings;
mod style;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod value;

pub mod follow;
pub mod keep_alive;
pub mod paging;

pub use crate::events;
pub use crate::reading::{de, union};
pub use crate::{alternatives, builder, constructor, given, nullable, structures, words};
pub use answer::{Answer, read};
pub use body::{Encoding, FilePart};
pub use bytes::Bytes;
pub use call::Call;
pub use clock::Clock;
pub use constraints::Constraints;
pub use core::{Builder, Core};
pub use futures_core::Stream;
pub use http::{HeaderMap, Method, Request, StatusCode, Uri};
pub use pieces::{Event, ItemStream};
pub use provider::{
    Auth, AuthKind, Provider, RateLimitHeaders, ResetUnit, Server, ServerGroup, ServerVariable,
};
pub use raw::RawCall;
pub use reqwest::{Body, Client as HttpClient, ClientBuilder as HttpClientBuilder};
pub use secrecy::SecretString;
pub use send::sent;
pub use serde_json::Value;
pub use style::Style;
pub use value::{
    Gaps, Given, IntoNullable, IntoOption, Null, Nulls, field, null, nullable, optional, taken,
};
