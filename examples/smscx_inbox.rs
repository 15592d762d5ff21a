//! Follow a whole inbox of SMS.CX: each conversation of the list by itself, new ones as they begin, and each of them from
//! where it stood after a restart.
//!
//! `cargo run --example smscx_inbox` needs no account: it starts the sandbox in this process, where somebody new writes
//! while nobody follows. With `SMSCX_API_KEY` set it follows the real inbox until it is interrupted.

use conversations::{FollowCursor, sandbox::Sandbox, smscx};
use futures_util::StreamExt;
use smscx::types::DataConversation;
use std::collections::{BTreeMap, BTreeSet};
use std::{env, error::Error, time::Duration};
use tokio::{sync::mpsc, task::JoinSet};

/// Where each conversation stands, by its id: a table of your database.
type Cursors = BTreeMap<String, FollowCursor>;

/// What comes of a conversation: its id, a message, and where the conversation stands behind that.
type New = (String, Result<DataConversation, conversations::Error>, FollowCursor);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut cursors = Cursors::new();
    if let Ok(key) = env::var("SMSCX_API_KEY") {
        let client = smscx::Client::builder().api_key(key).build()?;
        return follow(&client, &mut cursors, Duration::from_secs(30), |_| false).await;
    }
    let sandbox = Sandbox::start().await?;
    let builder = smscx::Client::builder().api_key("any-key-will-do");
    let client = builder.base_url(sandbox.base_url("smscx")).build()?;
    let quickly = Duration::from_millis(20);

    println!("1. Follow, and stop after a message");
    follow(&client, &mut cursors, quickly, |_| true).await?;

    println!("\n2. Somebody new writes while nobody follows");
    let text = "Do you ship abroad?";
    sandbox.visitor("smscx").with("from", "+447700900456").writes(text).unannounced()?;

    println!("\n3. Go on, up to that message");
    follow(&client, &mut cursors, quickly, |it| it.text == text).await
}

/// Prints the messages of all conversations as they appear, until one is enough.
async fn follow(
    client: &smscx::Client,
    cursors: &mut Cursors,
    interval: Duration,
    enough: impl Fn(&DataConversation) -> bool,
) -> Result<(), Box<dyn Error>> {
    let (sender, mut arrived) = mpsc::channel(16);
    let mut followed = BTreeSet::new();
    // Those who follow end with it.
    let mut tasks = JoinSet::new();
    let mut round = tokio::time::interval(interval);
    loop {
        tokio::select! {
            _ = round.tick() => {
                for it in client.get_conversations_list().send().await?.into_inner().data {
                    let id = it.conversation_id;
                    if followed.insert(id.clone()) {
                        let from = cursors.get(&id).cloned().unwrap_or_default();
                        tasks.spawn(follow_one(client.clone(), id, from, interval, sender.clone()));
                    }
                }
            }
            Some(new) = arrived.recv() => {
                let (id, message, cursor) = new;
                // The conversation goes on after an item that cannot be read, and after a long wait for the rate limit.
                let Ok(message) = message.inspect_err(|error| eprintln!("   {id}: {error}")) else {
                    cursors.insert(id, cursor);
                    continue;
                };
                println!("   {} {} by {}: {}", message.datetime, message.type_, message.channel, message.text);
                // Only now that it has been dealt with: a crash before shows it again, one after loses none.
                cursors.insert(id, cursor);
                if enough(&message) {
                    return Ok(());
                }
            }
        }
    }
}

async fn follow_one(
    client: smscx::Client,
    id: String,
    from: FollowCursor,
    interval: Duration,
    sender: mpsc::Sender<New>,
) {
    let follow = client.get_conversation().conversation_id(&id).follow();
    let mut messages = follow.resume_from(from).every(interval);
    while let Some(message) = messages.next().await {
        let new = (id.clone(), message, messages.cursor().clone());
        if sender.send(new).await.is_err() {
            return;
        }
    }
}
