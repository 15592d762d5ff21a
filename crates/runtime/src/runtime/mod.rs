//! What generated clients stand on. Not for you: names here change without notice; use the provider modules.

mod answer;
mod auth;
mod body;
mod call;
mod clock;
mod core;
mod cursor;
pub mod de;
mod decide;
mod exchange;
mod executor;
mod finite;
mod headers;
mod items;
mod jwt;
mod lenient;
mod limits;
mod pace;
mod provider;
mod query;
mod raw;
mod redact;
mod repair;
mod request;
mod segment;
mod send;
mod shape;
#[cfg(test)]
mod tests;
mod token;
mod transport;
pub mod union;
mod value;

pub mod follow;
pub mod keep_alive;
pub mod paging;

pub(crate) use answer::decode;
pub use answer::{Answer, read};
pub use body::FilePart;
pub use bytes::Bytes;
pub use call::Call;
pub use clock::Clock;
pub use core::{Builder, Core};
pub use futures_core::Stream;
pub use http::{HeaderMap, Method, StatusCode};
pub use provider::{Auth, AuthKind, Provider, RateLimitHeaders, ResetUnit};
pub use query::Style;
pub use raw::RawCall;
pub(crate) use redact::Censor;
pub use reqwest::{Body, Client as HttpClient, ClientBuilder as HttpClientBuilder};
pub use secrecy::SecretString;
pub use serde_json::Value;
pub use shape::Shape;
pub use value::IntoOption;
