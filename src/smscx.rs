//! SMS.CX Conversations: replies to customers by SMS, Viber and WhatsApp.
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

include!(concat!(env!("OUT_DIR"), "/smscx.rs"));
