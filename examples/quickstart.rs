//! The main job from end to end: send, read, edit and delete messages through Brevo Conversations.
//!
//! `cargo run --example quickstart` needs no account: it starts the sandbox in this process. With
//! `BREVO_API_KEY` set it talks to the real API instead, in the name of `BREVO_AGENT_ID` to `BREVO_VISITOR_ID`.

use brevo::types::{SendMessage, UpdateMessage};
use conversations::{brevo, sandbox::Sandbox};
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let (client, _sandbox) = match env::var("BREVO_API_KEY") {
        Ok(key) => {
            println!("Talking to {}.\n", brevo::PROVIDER.servers()[0]);
            (brevo::Client::builder().api_key(key).build()?, None)
        }
        Err(_) => {
            let sandbox = Sandbox::start().await?;
            println!(
                "Talking to the sandbox at {}; set BREVO_API_KEY for the real API.\n",
                sandbox.base_url("brevo")
            );
            let client = brevo::Client::builder()
                .api_key("any-key-will-do")
                .base_url(sandbox.base_url("brevo"))
                .build()?;
            (client, Some(sandbox))
        }
    };
    let agent = env::var("BREVO_AGENT_ID").unwrap_or_else(|_| "d9nKoegKSjmCtyK78".to_owned());
    let visitor = env::var("BREVO_VISITOR_ID").unwrap_or_else(|_| "kZMvWhf8npAu3H6qd".to_owned());

    println!("1. Mark the agent as online");
    client.set_agent_online().body_map(|ping| ping.agent_id(agent.as_str())).send().await?;
    println!("   {agent} counts as available for the next two minutes\n");

    println!("2. Send a message as an agent");
    let sent = client
        .send_message_as_agent()
        .body(SendMessage::new(&visitor, "Good morning! How can I help?"))
        .body_map(|message| message.agent_id(&agent))
        .send()
        .await?;
    show(&sent);
    let id = sent.id.clone().ok_or("the answer has no id")?;

    println!("3. Read it");
    show(&*client.get_message().message_id(&id).send().await?);

    println!("4. Edit it");
    let edited = client
        .update_message()
        .message_id(&id)
        .body(UpdateMessage::new("Good morning! What can I do for you?"))
        .send()
        .await?;
    show(&edited);

    println!("5. Delete it");
    client.delete_message().message_id(&id).send().await?;
    match client.get_message().message_id(&id).send().await {
        Err(error) if error.is_not_found() => println!("   gone: the API answers {error}\n"),
        Err(error) => return Err(error.into()),
        Ok(_) => println!("   still there, says the API\n"),
    }

    println!("6. Send an automated message");
    let pushed = client
        .create_automated_message()
        .body_map(|message| {
            message.visitor_id(visitor.as_str()).text("Your order has left our warehouse.")
        })
        .send()
        .await?;
    show(&pushed);
    let id = pushed.id.clone().ok_or("the answer has no id")?;

    println!("7. Read, edit and delete it");
    show(&*client.get_automated_message().pushed_message_id(&id).send().await?);
    let edited = client
        .update_automated_message()
        .pushed_message_id(&id)
        .body_map(|message| message.text("Your order will arrive tomorrow."))
        .send()
        .await?;
    show(&edited);
    client.delete_automated_message().pushed_message_id(&id).send().await?;
    println!("   gone\n");

    println!("Done.");
    Ok(())
}

fn show(message: &brevo::types::ConversationsMessage) {
    let kind = match message.is_pushed {
        Some(true) => "automated message",
        _ => "message",
    };
    println!(
        "   {kind} {} to {}: {:?}\n",
        message.id.as_deref().unwrap_or("without id"),
        message.visitor_id.as_deref().unwrap_or("nobody"),
        message.text.as_deref().unwrap_or_default(),
    );
}
