//! A bot for Brevo: it answers each message of a visitor once, however often the webhook comes.

use axum::extract::{OriginalUri, State};
use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use conversations::brevo::types::ConversationsMessageType as Author;
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
            if bot.seen.lock().await.insert(message.id.unwrap_or_default()) {
                let text = message.text.unwrap_or_default();
                tokio::spawn(answer(bot.client.clone(), it.visitor.id.clone(), text));
            }
        }
    }
    StatusCode::OK
}

async fn answer(client: Client, visitor: String, text: String) -> Result<(), Error> {
    let say = client.send_message_as_agent();
    let sent = say.body_map(|it| it.visitor_id(visitor).agent_id(AGENT).text("…")).send().await?;
    let id = sent.into_inner().id.unwrap_or_default();
    if text == "Never mind" {
        return client.delete_message().message_id(id).send().await.map(drop);
    }
    let edit = client.update_message().message_id(id);
    edit.body_map(|it| it.text(format!("You wrote: {text}"))).send().await.map(drop)
}
