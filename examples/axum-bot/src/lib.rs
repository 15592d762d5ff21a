//! A bot for Brevo: it answers each message of a visitor at most once, however often the webhook comes. An answer that fails
//! is printed, for a person to look into.

use axum::{Router, body::Bytes, extract::OriginalUri, extract::State, http, routing::post};
use conversations::brevo::types::{ConversationsMessageType as Author, SendMessage, UpdateMessage};
use conversations::{Error, WebhookSecret, brevo::Client, brevo::events, brevo::events::Event};
use futures_util::TryFutureExt;

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
    pub seen: std::sync::Arc<tokio::sync::Mutex<std::collections::HashSet<String>>>,
}

type Reply = Result<(), http::StatusCode>;

/// The bot as a service.
pub fn router(bot: Bot) -> Router {
    Router::new().route("/hook/{secret}", post(hook)).with_state(bot)
}

async fn hook(bot: State<Bot>, uri: OriginalUri, headers: http::HeaderMap, body: Bytes) -> Reply {
    let received = events::receive(&uri, &headers, &body, &bot.secret).map_err(|it| it.status())?;
    for incoming in received {
        let Event::ConversationFragment(it) = incoming.event else { continue };
        for message in it.messages.into_iter().filter(|it| it.type_ == Some(Author::Visitor)) {
            let (Some(id), Some(text)) = (message.id, message.text) else { continue };
            if bot.seen.lock().await.insert(id) {
                let answer = answer(bot.client.clone(), it.visitor.id.clone(), text);
                tokio::spawn(answer.inspect_err(|error| eprintln!("no answer: {error}")));
            }
        }
    }
    Ok(())
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
