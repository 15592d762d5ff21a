//! Keep an agent of Brevo Conversations online for as long as the program runs: the vendor counts an agent as available
//! for two minutes after each call, so the call is repeated until its handle is dropped.
//!
//! `cargo run --example keep_agent_online` needs no account: it starts the sandbox in this process and stops after the
//! first call. With `BREVO_API_KEY` and `BREVO_AGENT_ID` set it goes on until it is interrupted.

use conversations::{KeepAliveState, brevo, sandbox::Sandbox};
use std::{env, error::Error, time::SystemTime};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let (client, agent, sandbox) = match env::var("BREVO_API_KEY") {
        Ok(key) => {
            (brevo::Client::builder().api_key(key).build()?, env::var("BREVO_AGENT_ID")?, None)
        }
        Err(_) => {
            let sandbox = Sandbox::start().await?;
            let builder = brevo::Client::builder().api_key("any-key-will-do");
            let client = builder.base_url(sandbox.base_url("brevo")).build()?;
            (client, "d9nKoegKSjmCtyK78".to_owned(), Some(sandbox))
        }
    };
    println!("Talking to {}.\n", client.base_url());

    // A task of its own; the program does other things meanwhile.
    let mut presence =
        client.set_agent_online().body_map(|it| it.agent_id(agent.as_str())).keep_alive();
    loop {
        let state = presence.changed().await;
        let left = state.lapses_at().and_then(|at| at.duration_since(SystemTime::now()).ok());
        let left = left.unwrap_or_default().as_secs();
        match state {
            KeepAliveState::Alive { calls, .. } => {
                println!("{agent} is online for {left} s at least ({calls} calls so far).")
            }
            KeepAliveState::Failing { failures, error, .. } => {
                println!("{failures} calls failed in a row, {left} s are left: {error}")
            }
            KeepAliveState::Stopped { error, .. } => return Err(error.to_string().into()),
            _ => {}
        }
        if sandbox.is_some() {
            break;
        }
    }
    presence.stop();
    println!("No more calls are made; the agent goes offline when the time is over.");
    Ok(())
}
