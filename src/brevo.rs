//! Brevo Conversations: messages that agents and automations send to the visitors of a site.
//!
//! | | |
//! |---|---|
//! | send | `send_message_as_agent` for an agent, `create_automated_message` for an automation; both kinds can be read again, edited and deleted by their id |
//! | receive | by webhook only, which is where a `visitorId` comes from: [`events::receive`] verifies and reads the three events. Register an address with a secret of your own in the vendor's settings, Conversations, Integrations, Webhooks |
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
//!
//! What visitors write comes by webhook, to an address with a secret that you chose:
//!
//! ```
//! use conversations::{HeaderMap, ReceiveError, Uri, WebhookSecret, brevo::events::{self, Event}};
//!
//! fn hook(uri: &Uri, headers: &HeaderMap, body: &[u8], secret: &WebhookSecret) -> Result<(), ReceiveError> {
//!     for incoming in events::receive(uri, headers, body, secret)? {
//!         if let Event::ConversationFragment(fragment) = &incoming.event {
//!             println!("{} new messages of {}", fragment.messages.len(), fragment.visitor.id);
//!         }
//!     }
//!     Ok(())
//! }
//! # let uri = "https://bot.example/hook/f3Yk0qZ1x8".parse().unwrap();
//! # let body = br#"{"eventName": "conversationFragment", "conversationId": "c", "messages": [], "visitor": {"id": "v"}}"#;
//! # hook(&uri, &HeaderMap::new(), body, &WebhookSecret::new("f3Yk0qZ1x8")).unwrap();
//! ```
#![doc = include_str!(concat!(env!("OUT_DIR"), "/brevo.md"))]

include!(concat!(env!("OUT_DIR"), "/brevo.rs"));
