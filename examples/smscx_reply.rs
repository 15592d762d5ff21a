//! Answer somebody who wrote to a number of SMS.CX: find the conversation, read it, answer by text message, see what it
//! cost, mark it as read.
//!
//! `cargo run --example smscx_reply` needs no account: it starts the sandbox in this process. With `SMSCX_API_KEY` and
//! `SMSCX_CONVERSATION_ID` set it talks to the real API, and **the answer is sent and billed**.

use conversations::{CallOptions, sandbox::Sandbox, smscx};
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let (client, chosen, _sandbox) = match env::var("SMSCX_API_KEY") {
        Ok(key) => {
            let chosen = env::var("SMSCX_CONVERSATION_ID").map_err(
                |_| "set SMSCX_CONVERSATION_ID to the conversation that may be answered",
            )?;
            (smscx::Client::builder().api_key(key).build()?, Some(chosen), None)
        }
        Err(_) => {
            let sandbox = Sandbox::start().await?;
            let builder = smscx::Client::builder().api_key("any-key-will-do");
            (builder.base_url(sandbox.base_url("smscx")).build()?, None, Some(sandbox))
        }
    };
    println!("Talking to {}.\n", client.base_url());

    println!("1. Who wrote?");
    let list = client.get_conversations_list().send().await?;
    for it in &list.data {
        println!(
            "   {} {} unread, {}: {}",
            it.phone_number, it.unread_messages, it.last_update, it.last_reply
        );
    }
    let unread = list.data.iter().find(|it| it.unread_messages > 0);
    let Some(id) = chosen.or_else(|| unread.map(|it| it.conversation_id.clone())) else {
        println!("   Nobody waits for an answer.");
        return Ok(());
    };

    println!("\n2. Read the conversation");
    show(&client, &id).await?;

    // One key per answer, to be stored with it: who repeats the call later gives the same one again. The vendor seems to
    // read it, but does not say that it keeps an answer from being sent and billed twice. So the client sends it and
    // nevertheless repeats the call by itself only where the first attempt certainly did nothing.
    println!("\n3. Answer by text message");
    let options = CallOptions::new().make_idempotency_key();
    let sent = client
        .send_conversation_reply_sms()
        .conversation_id(&id)
        .body_map(|it| it.text("Friday afternoon, between two and four."))
        .options(options)
        .send()
        .await?;
    println!(
        "   {} to {}: {} part(s), cost {:.2}, sent with the key {}",
        sent.data.status,
        sent.data.to,
        sent.info.total_parts,
        sent.info.total_cost,
        sent.idempotency_key().unwrap_or("(none)"),
    );

    println!("\n4. Mark it as read");
    client.mark_conversation_as_read().conversation_id(&id).send().await?;
    let list = client.get_conversations_list().send().await?;
    let left = list.data.iter().find(|it| it.conversation_id == id).map(|it| it.unread_messages);
    println!("   {} unread", left.unwrap_or_default());

    println!("\n5. The conversation now");
    show(&client, &id).await
}

/// Prints the messages of a conversation.
async fn show(client: &smscx::Client, id: &str) -> Result<(), Box<dyn Error>> {
    for it in &client.get_conversation().conversation_id(id).send().await?.data {
        let price = if it.cost > 0.0 { format!(" (cost {:.2})", it.cost) } else { String::new() };
        println!("   {} {} by {}: {}{price}", it.datetime, it.type_, it.channel, it.text);
    }
    Ok(())
}
