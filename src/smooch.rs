//! Smooch (Sunshine Conversations v1.1): messages between a business and the users of its app.
//!
//! | | |
//! |---|---|
//! | send | `post_message`, as the business or as the user; `conversation_activity` shows that somebody types |
//! | receive | `get_messages().stream()` for the history and `.follow()` for new messages; the vendor's webhooks are not decoded here |
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
#![doc = include_str!(concat!(env!("OUT_DIR"), "/smooch.md"))]

include!(concat!(env!("OUT_DIR"), "/smooch.rs"));
