//! Typed clients for customer-conversation APIs, generated at build time from the vendors' OpenAPI documents.
//!
//! Each provider is a module with a `Client`, its `types` and one builder per operation. What they share stands here:
//! one [`Error`] for every operation, [`Response`], the settings of retries ([`RetryPolicy`], [`CallOptions`]),
//! [`RateLimit`] and [`Timestamp`]. [`reliability`] says what is repeated when, the defaults and how to change them; the
//! guides in `docs/guides/` show whole tasks.
//!
//! | to … | there is |
//! |---|---|
//! | call an operation | a method of the client, its setters, and `send()`, which returns a [`Response`] |
//! | read a long list, follow what is written next | `stream()` ([`ItemStream`]) and `follow()` ([`Follow`]) of an operation that lists |
//! | receive what the vendor sends | `events::receive` of the provider's module ([`Received`]) |
//! | keep an agent online | `keep_alive()` of the operation ([`KeepAlive`]) |
//! | know what went wrong | the predicates of [`Error`], and the provider's `error_codes` |
//! | set a deadline or a header for one call | `options()` of an operation ([`CallOptions`]) |
//! | call what has no method | `request()` of the client ([`RawCall`]) |
//! | test without an account | the module `sandbox`, by the feature of that name |
//!
//! ```no_run
//! # #[cfg(feature = "brevo")]
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::brevo::Client::builder().api_key("xkeysib-...").build()?;
//! let message = client.get_message().message_id("FnX2vLAP7BjiDLdWf").send().await?;
//! println!("{:?} by {:?}", message.text, message.type_);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `brevo`, `ultracart`, `smscx`, `smooch` | yes | the module of its name |
//! | `rustls` | yes | TLS by rustls, with the cryptography that your program has installed in it, else ring |
//! | `aws-lc-rs` | no | rustls with aws-lc-rs instead of ring |
//! | `native-tls` | no | TLS by the operating system's library |
//! | `http2` | yes | HTTP/2 where a server offers it; without the feature calls go by HTTP/1.1 |
//! | `chrono`, `time` | no | [`Timestamp`] from and to the types of the crate of its name |
//! | `sandbox` | no | the module `sandbox`: a stateful stand-in for the vendors' servers, in process, to test against |

// docs.rs alone has the toolchain that writes on each item which feature brings it.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc = include_str!("reliability.md")]
pub mod reliability {}
#[cfg(all(
    feature = "sandbox",
    feature = "brevo",
    feature = "smooch",
    feature = "smscx",
    feature = "ultracart"
))]
pub mod guides;
#[cfg(feature = "sandbox")]
pub mod sandbox;

#[cfg(feature = "brevo")]
pub mod brevo;
#[cfg(feature = "smooch")]
pub mod smooch;
#[cfg(feature = "smscx")]
pub mod smscx;
#[cfg(feature = "ultracart")]
pub mod ultracart;

#[doc(hidden)]
pub use conversations_runtime::runtime;
#[doc(inline)]
pub use conversations_runtime::{
    Absent, CallOptions, CursorRule, Delivery, Edge, Error, Event, FilePart, Follow, FollowCursor,
    FollowRule, Given, Header, HeaderMap, IdempotencyKey, Incoming, IntoNullable, IntoOption,
    ItemStream, KeepAlive, KeepAliveRule, KeepAliveState, KnownError, Location, Method, Next, Null,
    Operation, Paging, RateLimit, RawCall, ReceiveError, Received, Redirect, Response, RetryPolicy,
    SecretString, Skipped, StatusCode, SuccessFlag, Timestamp, Uri, WebhookSecret, null,
};

// The README's code is compiled as a documentation test.
#[cfg(all(doctest, feature = "brevo"))]
#[doc = include_str!("../README.md")]
struct Readme;
