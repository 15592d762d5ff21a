//! Follow the new messages of a conversation and go on after a restart, without losing one or seeing one twice: where
//! the list stands is stored after each message.
//!
//! `cargo run --example follow_messages` needs no account: it starts the sandbox in this process, stops following, lets
//! messages arrive meanwhile, and resumes. With `SMOOCH_APP_ID`, `SMOOCH_USER_ID`, `SMOOCH_KEY_ID` and `SMOOCH_SECRET`
//! set it follows the real conversation until it is interrupted; start it again, and it goes on where it was.

use conversations::{FollowCursor, sandbox::Sandbox, smooch};
use futures_util::TryStreamExt;
use smooch::types::{Message, MessageType, Role};
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(key) = env::var("SMOOCH_KEY_ID") {
        let client = smooch::Client::builder().app_key(key, env::var("SMOOCH_SECRET")?).build()?;
        let (app, user) = (env::var("SMOOCH_APP_ID")?, env::var("SMOOCH_USER_ID")?);
        let file = env::var_os("CURSOR_FILE").map_or_else(|| "cursor.json".into(), PathBuf::from);
        println!("Following {user}; where it stands is kept in {}.", file.display());
        return follow(&client, &app, &user, &file, usize::MAX).await;
    }

    let sandbox = Sandbox::start().await?;
    let builder = smooch::Client::builder().app_key("app_sample", "any-secret-will-do");
    let client = builder.base_url(sandbox.base_url("smooch")).build()?;
    let (app, user) = ("5f0c2a9b7d31e84612a0c9f5", "customer-7");
    let file = env::temp_dir().join(format!("conversations-cursor-{}.json", std::process::id()));

    println!("1. Follow, and stop after two messages");
    follow(&client, app, user, &file, 2).await?;

    println!("\n2. Two messages arrive while nobody follows");
    for text in ["Are you still there?", "I am in front of your door."] {
        let post = client.post_message().app_id(app).user_id(user);
        post.body_map(|it| it.role(Role::AppUser).type_(MessageType::Text).text(text))
            .send()
            .await?;
    }

    println!("\n3. Resume");
    follow(&client, app, user, &file, 2).await?;
    fs::remove_file(&file)?;
    Ok(())
}

/// Prints messages as they appear, and ends after so many of them.
async fn follow(
    client: &smooch::Client,
    app: &str,
    user: &str,
    file: &Path,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    let mut messages =
        client.get_messages().app_id(app).user_id(user).follow().resume_from(load(file)?);
    for _ in 0..count {
        let Some(message) = messages.try_next().await? else { break };
        deal_with(&message);
        // Only now: a crash before this line shows the message again, one after it does not lose any.
        fs::write(file, serde_json::to_string(messages.cursor())?)?;
    }
    Ok(())
}

/// Where the list stood; the beginning when nothing is stored.
fn load(file: &Path) -> Result<FollowCursor, Box<dyn Error>> {
    if !file.exists() {
        return Ok(FollowCursor::default());
    }
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

fn deal_with(message: &Message) {
    let text = message.text.as_deref().unwrap_or("(no text)");
    match &message.role {
        Some(role) => println!("   {role}: {text}"),
        None => println!("   {text}"),
    }
}
