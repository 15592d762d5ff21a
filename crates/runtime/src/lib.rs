//! Support code for generated clients: what all of them share at run time.
//!
//! Applications use a provider module of `conversations`, or a crate that `cargo xtask generate --crate` wrote. Both
//! re-export the items of this page: one [`Error`] for every operation, [`Response`], the settings of retries
//! ([`RetryPolicy`], [`CallOptions`]), [`RateLimit`], [`Timestamp`], and what follows lists and keeps presence.
//!
//! The crate has no build script and knows no provider: a provider is data that the generator writes.

#[macro_use]
mod data;

mod credential;
mod error;
#[doc(hidden)]
pub mod events;
mod header;
mod operation;
mod rate_limit;
mod reading;
mod redact;
mod response;
mod retry;
#[doc(hidden)]
pub mod runtime;
mod timestamp;

pub use error::{Delivery, Error};
pub use events::{Incoming, ReceiveError, Received, WebhookSecret};
pub use header::Header;
pub use http::{HeaderMap, Method, StatusCode, Uri};
pub use operation::{
    Absent, CursorRule, Edge, FollowRule, IdempotencyKey, KeepAliveRule, KnownError, Location,
    Next, Operation, Paging, SuccessFlag,
};
pub use rate_limit::RateLimit;
pub use reading::Skipped;
pub use response::{Redirect, Response};
pub use retry::{CallOptions, RetryPolicy};
pub use runtime::follow::{Follow, FollowCursor};
pub use runtime::keep_alive::{KeepAlive, KeepAliveState};
pub use runtime::{
    Event, FilePart, Given, IntoNullable, IntoOption, ItemStream, Null, RawCall, null,
};
pub use secrecy::SecretString;
pub use timestamp::Timestamp;
