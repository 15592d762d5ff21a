//! Brevo Conversations: messages that agents and automations send to the visitors of a site.
//!
//! | | |
//! |---|---|
//! | send | `send_message_as_agent` for an agent, `create_automated_message` for an automation; both kinds can be read again, edited and deleted by their id |
//! | receive | not by these operations: Brevo announces what visitors write, and their `visitorId`, by its webhook only |
//! | be present | `set_agent_online().keep_alive()` |
//!
//! The client is generated from `specs/brevo/` at build time; this file is its door and holds no logic.
//!
//! ```no_run
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::brevo::Client::builder().api_key("xkeysib-...").build()?;
//! let sent = client
//!     .send_message_as_agent()
//!     .body_map(|message| message.visitor_id("kZMvWhf8npAu3H6qd").agent_id("d9nKoegKSjmCtyK78").text("Hello!"))
//!     .send()
//!     .await?;
//! println!("sent {:?}", sent.id);
//! # Ok(())
//! # }
//! ```
#![doc = include_str!(concat!(env!("OUT_DIR"), "/brevo.md"))]

include!(concat!(env!("OUT_DIR"), "/brevo.rs"));
