//! UltraCart Conversation: chats of a shop's agents with its customers, over the web and by text message.
//!
//! | | |
//! |---|---|
//! | send | not by these operations: agents write over UltraCart's websocket, whose protocol the vendor does not document; it calls this API internal |
//! | receive | `get_conversations().stream()`, and `get_conversation_messages().follow()` for new messages; there is no webhook for conversations. [`events::read_frame`] reads a frame of the agents' socket, whose use the vendor does not support; opening it is left to you |
//! | be present | `get_agent_keep_alive().keep_alive()` |
//!
//! The client is generated from `specs/ultracart/` at build time; this file is its door and holds no logic.
//! UltraCart forbids concurrent requests, so a client keeps one in flight unless it is set otherwise.
//!
//! ```no_run
//! # async fn run() -> Result<(), conversations::Error> {
//! let client = conversations::ultracart::Client::builder().simple_key("…").build()?;
//! let page = client.get_conversations().limit(20).send().await?;
//! println!("{} conversations", page.conversations.len());
//! # Ok(())
//! # }
//! ```
#![doc = include_str!(concat!(env!("OUT_DIR"), "/ultracart.md"))]

include!(concat!(env!("OUT_DIR"), "/ultracart.rs"));
