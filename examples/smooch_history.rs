//! The history of a user of Smooch (Sunshine Conversations v1.1): read all of it, page by page, show that somebody types,
//! post a message, delete it again.
//!
//! `cargo run --example smooch_history` needs no account: it starts the sandbox in this process. With `SMOOCH_APP_ID`,
//! `SMOOCH_USER_ID`, `SMOOCH_KEY_ID` and `SMOOCH_SECRET` set it talks to the real API, and the user sees the message.

use conversations::{sandbox::Sandbox, smooch};
use futures_util::TryStreamExt;
use smooch::types::{ConversationActivityType, MessageType, Role};
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let (client, app, user, _sandbox) = match env::var("SMOOCH_KEY_ID") {
        Ok(key) => {
            // The key never leaves this machine: it signs a token of a few minutes for each call.
            let client =
                smooch::Client::builder().app_key(key, env::var("SMOOCH_SECRET")?).build()?;
            (client, env::var("SMOOCH_APP_ID")?, env::var("SMOOCH_USER_ID")?, None)
        }
        Err(_) => {
            let sandbox = Sandbox::start().await?;
            let builder = smooch::Client::builder().app_key("app_sample", "any-secret-will-do");
            let client = builder.base_url(sandbox.base_url("smooch")).build()?;
            let (app, user) = ("5f0c2a9b7d31e84612a0c9f5", "customer-1042");
            (client, app.to_owned(), user.to_owned(), Some(sandbox))
        }
    };
    println!("Talking to {}.\n", client.base_url());

    println!(
        "1. Read the whole history; the vendor gives a hundred messages at a time, the newest hundred first"
    );
    let mut history = client.get_messages().app_id(&app).user_id(&user).stream();
    let (mut count, mut first, mut last) = (0, None, None);
    while let Some(message) = history.try_next().await? {
        count += 1;
        if first.as_ref().is_none_or(|it: &smooch::types::Message| message.received < it.received) {
            first = Some(message.clone());
        }
        if last.as_ref().is_none_or(|it: &smooch::types::Message| message.received > it.received) {
            last = Some(message);
        }
    }
    println!("   {count} messages");
    for (which, message) in [("oldest", first), ("newest", last)] {
        if let Some(it) = message {
            println!("   {which}: {}", it.text.as_deref().unwrap_or("(no text)"));
        }
    }

    println!("\n2. Show that somebody types");
    client
        .conversation_activity()
        .app_id(&app)
        .user_id(&user)
        .body_map(|it| it.role(Role::AppMaker).type_(ConversationActivityType::TypingStart))
        .send()
        .await?;
    println!("   shown");

    println!("\n3. Post a message");
    let posted = client
        .post_message()
        .app_id(&app)
        .user_id(&user)
        .body_map(|it| it.role(Role::AppMaker).type_(MessageType::Text).text("Can I help?"))
        .send()
        .await?;
    let id = posted.message.id.clone();
    println!("   {} with the id {id}", posted.status());

    println!("\n4. Delete it");
    client.delete_message().app_id(&app).user_id(&user).message_id(&id).send().await?;
    // An empty id would name the whole history. It is refused before anything is sent.
    match client.delete_message().app_id(&app).user_id(&user).message_id("").send().await {
        Err(error) if error.is_invalid_request() => println!("   gone; without an id: {error}"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("an empty id was taken".into()),
    }

    println!("\n5. Everything is read now");
    client.reset_unread_count().app_id(&app).user_id(&user).send().await?;
    let page = client.get_messages().app_id(&app).user_id(&user).send().await?;
    let unread = page.conversation.as_ref().map_or(0, |it| it.unread_count);
    println!("   {unread} unread");
    Ok(())
}
