//! How long the client's own work takes: decoding an answer, and preparing a call. `cargo bench` prints a line for each;
//! `cargo bench --profile dev` spares the optimised build, and suffices to compare.
//!
//! A stopwatch and no statistics: next to a call over a network these times are small, and the question is whether a change
//! of the generator makes them ten times as long.

use conversations::brevo::{self, types::ConversationsMessage};
use conversations::runtime::{Builder, Call, Constraints, Core, Style};
use conversations::{CallOptions, Error};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Messages in the list that is decoded.
const MESSAGES: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_string(&vec![message(); MESSAGES])?;
    let decode = || serde_json::from_str::<Vec<ConversationsMessage>>(black_box(&text));
    // A bench that measures how fast an error comes back would be fast and wrong.
    if decode()?.len() != MESSAGES {
        return Err("the list was not decoded".into());
    }
    measure(&format!("decode {MESSAGES} messages ({} bytes)", text.len()), || drop(decode()));

    let core = Builder::new(&brevo::PROVIDER).secret("api_key", "any-key-will-do").build()?;
    prepare(&core)?;
    measure("prepare a call with a path value and a body", || drop(prepare(black_box(&core))));
    Ok(())
}

/// What a generated `send` does before it sends.
fn prepare(core: &Core) -> Result<Call, Error> {
    let operation = &brevo::operations::UPDATE_MESSAGE;
    let mut call = Call::new(core, operation, CallOptions::new());
    // What the document calls its one placeholder.
    let name = operation.path().split(['{', '}']).nth(1).unwrap_or_default();
    call.path(name, Ok::<_, String>("FnX2vLAP7BjiDLdWf"), Style::SIMPLE, &Constraints::ANY)?;
    let body = brevo::types::UpdateMessage::builder().text("Good morning! What can I do for you?");
    let body = brevo::types::UpdateMessage::try_from(body).map_err(|error| error.to_string());
    call.json("application/json", body.map(Some), &Constraints::ANY)?;
    Ok(call)
}

/// A message as the vendor sends it, with a field that no document knows.
fn message() -> serde_json::Value {
    serde_json::json!({
        "id": "FnX2vLAP7BjiDLdWf",
        "type": "agent",
        "text": "Good morning! What can I do for you?",
        "visitorId": "kZMvWhf8npAu3H6qd",
        "agentId": "d9nKoegKSjmCtyK78",
        "agentName": "Liz",
        "createdAt": 1_470_222_622_433_u64,
        "isPushed": false,
        "receivedFrom": "a shop",
        "somethingNew": { "deep": [1, 2, 3] }
    })
}

/// Repeats for a second after a short run to warm up, and prints the mean of the fastest of ten batches.
fn measure(what: &str, mut once: impl FnMut()) {
    let mut run = |time: Duration| {
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < time {
            once();
            count += 1;
        }
        start.elapsed() / count.max(1)
    };
    run(Duration::from_millis(100));
    let best = (0..10).map(|_| run(Duration::from_millis(100))).min();
    println!("{what:<48} {:>12?}", best.unwrap_or_default());
}
