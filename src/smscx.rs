//! SMS.CX Conversations: replies to customers by SMS, Viber and WhatsApp.
//!
//! | | |
//! |---|---|
//! | send | `send_conversation_reply_sms`, `…_viber` and `…_whatsapp`, into a conversation that exists |
//! | receive | `get_conversations_list`, and `get_conversation().follow()` for new messages; or by callback: [`events::receive`] verifies and reads text messages, states of delivery and more. Give the vendor's dashboard an address with a secret of your own, and answer 200 |
//!
//! The client is generated from `specs/smscx/` at build time; this file is its door and holds no logic.
//! Replies cost money: they are never repeated once they may have been carried out.
//!
//! ```no_run
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::smscx::Client::builder().api_key("…").build()?;
//! let list = client.get_conversations_list().send().await?;
//! println!("{list:?}");
//! # Ok(())
//! # }
//! ```
//!
//! A reply by Viber or WhatsApp is refused where the contact has not written within 24 hours. The key is the right one then:
//!
//! ```
//! use conversations::smscx::error_codes;
//!
//! fn wait_for_the_contact(error: &conversations::Error) -> bool {
//!     error.has_code(error_codes::VIBER_WINDOW_CLOSED) || error.has_code(error_codes::WHATSAPP_WINDOW_CLOSED)
//! }
//! # let _ = wait_for_the_contact;
//! ```
#![doc = include_str!(concat!(env!("OUT_DIR"), "/smscx.md"))]

include!(concat!(env!("OUT_DIR"), "/smscx.rs"));
