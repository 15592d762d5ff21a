//! What a call costs over the same call written by hand on reqwest and serde, in allocations of the caller's thread, and what
//! a long list holds.

use crate::server::{Reply, Server};
use conversations::{RetryPolicy, brevo, ultracart};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::{error::Error, pin::pin};
use tokio::runtime::{Builder, Runtime};

/// The most allocations that a call may take beyond those of hand-written code.
const MOST: u64 = 8;

const ANSWER: &str = r#"{"id":"FnX2vLAP7BjiDLdWf","type":"agent","text":"Good morning!","visitorId":"kZMvWhf8npAu3H6qd","agentId":"d9nKoegKSjmCtyK78","agentName":"Liz","createdAt":1470222622433,"isPushed":false}"#;

type Outcome = Result<(), Box<dyn Error>>;

#[test]
fn a_call_allocates_little_more_than_hand_written_code() -> Outcome {
    let message: Value = serde_json::from_str(ANSWER)?;
    // On a thread of its own, whose allocations do not count.
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let answer = Reply::status(200).json(&message);
    let server = elsewhere.block_on(Server::start(move |_| answer.clone()));
    let address = server.origin();
    let client = brevo::Client::builder()
        .api_key("any-key-will-do")
        .base_url(address)
        .retry(RetryPolicy::off())
        .build()?;
    let http = reqwest::Client::new();
    let url = format!("{address}/conversations/messages");
    let runtime = Builder::new_current_thread().enable_all().build()?;

    let ours = allocations(&runtime, async || {
        let message = client.send_message_as_agent().body_map(|message| {
            message
                .visitor_id("kZMvWhf8npAu3H6qd")
                .agent_id("d9nKoegKSjmCtyK78")
                .text("Good morning!")
        });
        message.send().await?;
        Ok(())
    })?;
    let by_hand = allocations(&runtime, async || {
        let message = json!({"visitorId": "kZMvWhf8npAu3H6qd", "agentId": "d9nKoegKSjmCtyK78", "text": "Good morning!"});
        let request = http.post(&url).header("content-type", "application/json");
        let request = request.body(serde_json::to_vec(&message)?);
        read(request).await
    })?;
    assert!(ours <= by_hand + MOST, "a send takes {ours}, by hand {by_hand}");

    let ours = allocations(&runtime, async || {
        client.get_message().message_id("FnX2vLAP7BjiDLdWf").send().await?;
        Ok(())
    })?;
    let by_hand =
        allocations(&runtime, async || read(http.get(format!("{url}/FnX2vLAP7BjiDLdWf"))).await)?;
    assert!(ours <= by_hand + MOST, "a read takes {ours}, by hand {by_hand}");
    Ok(())
}

#[test]
fn a_long_list_takes_the_memory_of_a_page() -> Outcome {
    const PAGE: usize = 200;
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // Another conversation at each place of an endless list, until the test has read enough.
    let server = elsewhere.block_on(Server::start(|request| {
        let offset = request.target.split(['?', '&']).find_map(|it| it.strip_prefix("_offset="));
        let offset: usize = offset.and_then(|it| it.parse().ok()).unwrap_or(0);
        let one =
            |it| format!(r#"{{"conversation_uuid":"conversation-{it}","message_count":{it}}}"#);
        let conversations: Vec<_> = (offset..offset + PAGE).map(one).collect();
        let text = format!(r#"{{"success":true,"conversations":[{}]}}"#, conversations.join(","));
        Reply::status(200).header("content-type", "application/json").body(text)
    }));
    let builder = ultracart::Client::builder().simple_key("any-key-will-do");
    let client = builder.base_url(server.origin()).retry(RetryPolicy::off()).build()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let peak = |pages: usize| {
        let mut read = Ok(0);
        let info = allocation_counter::measure(|| {
            let all = client.get_conversations().stream().take(pages * PAGE);
            read = runtime.block_on(all.try_fold(0, async |sum, _| Ok(sum + 1)));
        });
        assert_eq!(read.unwrap(), pages * PAGE);
        info.bytes_max
    };
    // The first pages fill caches and open the connection.
    peak(2);
    const PAGES: usize = 500;
    let (few, many) = (peak(5), peak(PAGES));
    // A number for each page is kept, in a table that doubles.
    let most = few + few / 4 + (PAGES * 32) as u64;
    assert!(many < most, "5 pages hold {few} bytes, {PAGES} pages {many}");
    Ok(())
}

/// Sends a request of hand-written code and reads the message that comes back.
async fn read(request: reqwest::RequestBuilder) -> Outcome {
    let request = request.header("api-key", "any-key-will-do").header("accept", "application/json");
    let answer = request.send().await?.error_for_status()?;
    serde_json::from_slice::<brevo::types::ConversationsMessage>(&answer.bytes().await?)?;
    Ok(())
}

/// The allocations of a call, the least of several: the first ones fill caches and open the connection, and on a busy
/// machine an answer comes in pieces.
fn allocations(runtime: &Runtime, call: impl AsyncFn() -> Outcome) -> Result<u64, Box<dyn Error>> {
    let mut least = u64::MAX;
    for _ in 0..50 {
        let mut outcome = Ok(());
        let info = allocation_counter::measure(|| outcome = runtime.block_on(pin!(call())));
        outcome?;
        least = least.min(info.count_total);
    }
    Ok(least)
}
