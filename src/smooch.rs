//! Smooch (Sunshine Conversations v1.1): messages between a business and the users of its app.
//!
//! | | |
//! |---|---|
//! | send | `post_message`, as the business or as the user; `conversation_activity` shows that somebody types |
//! | receive | `get_messages().stream()` for the history and `.follow()` for new messages; or by webhook: [`events::receive`] verifies and reads 21 triggers, by the secret that the vendor gave the webhook. A call of the vendor's that is not among these operations registers it |
//!
//! The client is generated from `specs/smooch/` at build time; this file is its door and holds no logic.
//!
//! ```no_run
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::smooch::Client::builder().app_key("act_…", "secret").build()?;
//! let page = client.get_messages().app_id("5f0c2a9b7d31e84612a0c9f5").user_id("customer-1042").send().await?;
//! println!("{} messages", page.messages.len());
//! # Ok(())
//! # }
//! ```
//!
//! A webhook has the secret that the vendor made for it in a header:
//!
//! ```
//! use conversations::{HeaderMap, ReceiveError, WebhookSecret, smooch::events::{self, Event}};
//!
//! fn hook(headers: &HeaderMap, body: &[u8], secret: &WebhookSecret) -> Result<(), ReceiveError> {
//!     for incoming in events::receive(headers, body, secret)? {
//!         match &incoming.event {
//!             Event::MessageAppUser(it) => println!("{} writes {} messages", it.app_user.id, it.messages.len()),
//!             Event::Unknown { kind, .. } => println!("{kind} is not known here"),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//! # let headers = [("x-api-key", "s3cret")].into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
//! # hook(&headers, br#"{"trigger": "message:appUser", "appUser": {"_id": "u"}, "messages": []}"#, &WebhookSecret::new("s3cret")).unwrap();
//! ```
#![doc = include_str!(concat!(env!("OUT_DIR"), "/smooch.md"))]

include!(concat!(env!("OUT_DIR"), "/smooch.rs"));
