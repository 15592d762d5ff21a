//! Our generated client of Brevo against a mock server that validates requests by the vendor's document.
//!
//! `cargo run -- http://127.0.0.1:4010`. Prism names what it minds in the header `sl-violations`, also where it answers
//! with 200, so each answer's headers are looked at.

use conversations::{Error, Response, brevo};
use std::{env, fmt, process::ExitCode};

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let base = env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:4010".to_owned());
    let client = brevo::Client::builder().api_key("any-key-will-do").base_url(&base).build()?;
    println!("nine calls against {base}");
    let done = [
        note("setAgentOnline", client.set_agent_online().body_map(|b| b.agent_id("agent")).send().await),
        note(
            "sendMessageAsAgent",
            client
                .send_message_as_agent()
                .body_map(|b| b.visitor_id("visitor").agent_id("agent").text("Good morning!"))
                .send()
                .await,
        ),
        note("getMessage", client.get_message().message_id("one").send().await),
        note(
            "updateMessage",
            client.update_message().message_id("one").body_map(|b| b.text("Good evening!")).send().await,
        ),
        note("deleteMessage", client.delete_message().message_id("one").send().await),
        note(
            "createAutomatedMessage",
            client
                .create_automated_message()
                .body_map(|b| b.visitor_id("visitor").text("On its way."))
                .send()
                .await,
        ),
        note("getAutomatedMessage", client.get_automated_message().pushed_message_id("two").send().await),
        note(
            "updateAutomatedMessage",
            client
                .update_automated_message()
                .pushed_message_id("two")
                .body_map(|b| b.text("Here."))
                .send()
                .await,
        ),
        note("deleteAutomatedMessage", client.delete_automated_message().pushed_message_id("two").send().await),
    ];
    let count = done.iter().filter(|done| **done).count();
    println!("{count} of {} calls accepted and decoded", done.len());
    Ok(if count == done.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn note<T: fmt::Debug>(operation: &str, answer: Result<Response<T>, Error>) -> bool {
    match answer {
        Ok(answer) => match answer.headers().get("sl-violations") {
            None => {
                println!("  ok     {operation} {} {:?}", answer.status(), answer.into_inner());
                true
            }
            Some(violations) => {
                println!("  FAILED {operation}: {violations:?}");
                false
            }
        },
        Err(error) => {
            println!("  FAILED {operation}: {error}; {:?}", error.body());
            false
        }
    }
}
