//! Typed clients for customer-conversation APIs, generated at build time from the vendors' OpenAPI documents.
//!
//! Each provider is a module with a `Client`, its `types` and one builder per operation. What they share stands here:
//! one [`Error`] for every operation, [`Response`], the settings of retries ([`RetryPolicy`], [`CallOptions`]),
//! [`RateLimit`] and [`Timestamp`]. [`reliability`] tells what is repeated when, the defaults and how to change them.
//!
//! ```no_run
//! # #[cfg(feature = "brevo")]
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::brevo::Client::builder().api_key("xkeysib-…").build()?;
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
//! | `rustls` | yes | TLS by rustls |
//! | `native-tls` | no | TLS by the operating system's library |
//! | `sandbox` | no | the module `sandbox`: a stateful stand-in for the vendors' servers, in process, to test against |

// Generated code spells every path `::conversations::…`, inside this crate as in others.
extern crate self as conversations;

mod error;
mod operation;
mod rate_limit;
mod response;
mod retry;
#[doc = include_str!("reliability.md")]
pub mod reliability {}
#[doc(hidden)]
pub mod runtime;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod timestamp;

#[cfg(feature = "brevo")]
pub mod brevo;
#[cfg(feature = "smooch")]
pub mod smooch;
#[cfg(feature = "smscx")]
pub mod smscx;
#[cfg(feature = "ultracart")]
pub mod ultracart;

pub use error::{Delivery, Error};
pub use operation::{
    Absent, CursorRule, Edge, FollowRule, IdempotencyKey, KeepAliveRule, KnownError, Location,
    Operation, Paging, SuccessFlag,
};
pub use rate_limit::RateLimit;
pub use response::Response;
pub use retry::{CallOptions, RetryPolicy};
pub use runtime::FilePart;
pub use runtime::follow::{Follow, FollowCursor};
pub use runtime::keep_alive::{KeepAlive, KeepAliveState};
pub use secrecy::SecretString;
pub use timestamp::Timestamp;

// The README's code is compiled as a documentation test.
#[cfg(all(doctest, feature = "brevo"))]
#[doc = include_str!("../README.md")]
struct Readme;
