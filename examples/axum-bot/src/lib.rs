//! A bot for Brevo: it answers each message of a visitor once, however often the webhook comes.

use axum::extract::{OriginalUri, State};
use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use conversations::brevo::types::{ConversationsMessageType as Author, SendMessage, UpdateMessage};
use conversations::brevo::{Client, events, events::Event};
use conversations::{Error, WebhookSecret};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::Mutex;

/// In whose name the bot answers.
pub const AGENT: &str = "d9nKoegKSjmCtyK78";

/// What the bot is made of. A bot of several processes keeps in a database what it has seen.
#[derive(Clone, Debug)]
pub struct Bot {
    /// Sends the answers.
    pub client: Client,
    /// Stands in the address that is registered with the vendor: `https://…/hook/<secret>`.
    pub secret: WebhookSecret,
    /// The messages that were answered.
    pub seen: Arc<Mutex<HashSet<String>>>,
}

/// The bot as a service.
pub fn router(bot: Bot) -> Router {
    Router::new().route("/hook/{secret}", post(hook)).with_state(bot)
}

async fn hook(bot: State<Bot>, uri: OriginalUri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let received = match events::receive(&uri, &headers, &body, &bot.secret) {
        Ok(received) => received,
        Err(error) => return error.status(),
    };
    for incoming in received {
        let Event::ConversationFragment(it) = incoming.event else { continue };
        for message in it.messages.into_iter().filter(|it| it.type_ == Some(Author::Visitor)) {
            let (Some(id), Some(text)) = (message.id, message.text) else { continue };
            let (Bot { client, seen, .. }, visitor) = (bot.0.clone(), it.visitor.id.clone());
            if seen.lock().await.insert(id.clone()) {
                tokio::spawn(async move {
                    if let Err(error) = answer(client, visitor, text).await {
                        eprintln!("message {id} has no answer: {error}");
                    }
                });
            }
        }
    }
    StatusCode::OK
}

async fn answer(client: Client, visitor: String, text: String) -> Result<(), Error> {
    let greeting = client.send_message_as_agent().body(SendMessage::new(visitor, "…"));
    let sent = greeting.body_map(|it| it.agent_id(AGENT)).send().await?;
    let id = sent.into_inner().id.unwrap_or_default();
    if text == "Never mind" {
        return client.delete_message().message_id(id).send().await.map(drop);
    }
    let said = UpdateMessage::new(format!("You wrote: {text}"));
    client.update_message().message_id(id).body(said).send().await.map(drop)
}
