//! An agent's day at a web-chat queue of UltraCart: look at the queues, start a conversation, join the one that waits,
//! read what was written, list all, leave.
//!
//! `cargo run --example ultracart_queue` needs no account: it starts the sandbox in this process. With
//! `ULTRACART_SIMPLE_KEY` set it talks to the real API, where it starts a conversation without participants.

use conversations::{Timestamp, sandbox::Sandbox, ultracart};
use futures_util::TryStreamExt;
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let (client, _sandbox) = match env::var("ULTRACART_SIMPLE_KEY") {
        Ok(key) => (ultracart::Client::builder().simple_key(key).build()?, None),
        Err(_) => {
            let sandbox = Sandbox::start().await?;
            let builder = ultracart::Client::builder().simple_key("any-key-will-do");
            (builder.base_url(sandbox.base_url("ultracart")).build()?, Some(sandbox))
        }
    };
    println!("Talking to {}.\n", client.base_url());

    println!("1. Who waits in which queue?");
    for queue in &client.get_conversation_webchat_queue_statuses().send().await?.queue_statuses {
        println!(
            "   {}: {} of {} agents available, {} customers waiting",
            queue.queue_name.as_deref().unwrap_or("(no name)"),
            queue.agent_available_count.unwrap_or_default(),
            queue.agent_count.unwrap_or_default(),
            queue.customer_waiting_count.unwrap_or_default(),
        );
    }

    println!("\n2. Start a conversation");
    let request = client.start_conversation();
    let started =
        request.body_map(|it| it.add_conversation_participant_arns(Vec::new())).send().await?;
    let started = started.into_inner().conversation.and_then(|it| it.conversation_uuid);
    println!("   {}", started.as_deref().unwrap_or("the answer has no id"));

    // `stream()` asks for one page after the other; `limit` is the size of a page, not of the list.
    println!("\n3. All conversations, page by page");
    let mut conversations = client.get_conversations().limit(2).stream();
    let mut waiting = None;
    while let Some(it) = conversations.try_next().await? {
        let unread = it.unread_messages == Some(true);
        println!(
            "   {} {} messages{}: {}",
            it.conversation_uuid.as_deref().unwrap_or("(no id)"),
            it.message_count.unwrap_or_default(),
            if unread { ", some unread" } else { "" },
            it.last_conversation_message_body.as_deref().unwrap_or("(nothing written yet)"),
        );
        if unread && waiting.is_none() {
            waiting = it.conversation_uuid;
        }
    }
    let Some(uuid) = waiting.or(started) else {
        println!("   There is none to join.");
        return Ok(());
    };

    println!("\n4. Join {uuid}");
    client.join_conversation().conversation_uuid(&uuid).send().await?;
    println!("   joined");

    println!("\n5. Read what was written within the last day");
    let since = Timestamp::now().unix_milliseconds() - 24 * 60 * 60 * 1000;
    let read = client.get_conversation_messages().conversation_uuid(&uuid).since(since);
    for message in &read.send().await?.conversation_messages {
        println!(
            "   {}: {}",
            message.author_conversation_participant_name.as_deref().unwrap_or("(somebody)"),
            message.body.as_deref().unwrap_or_default(),
        );
    }

    println!("\n6. Leave it");
    client.leave_conversation().conversation_uuid(&uuid).send().await?;
    println!("   left");
    Ok(())
}
