//! Followed conversations over restarts: each message once, whatever the vendor has for a cursor.

use crate::json::text_of;
use conversations::{
    Follow, FollowCursor, RetryPolicy,
    sandbox::{Fault, Sandbox},
    smooch, smscx, ultracart,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

/// Never waits long, so that a test over many faults stays short.
fn quick() -> RetryPolicy {
    RetryPolicy::default()
        .initial_backoff(Duration::from_millis(1))
        .max_backoff(Duration::from_millis(2))
}

struct Bench {
    sandbox: Sandbox,
    smooch: smooch::Client,
    smscx: smscx::Client,
    ultracart: ultracart::Client,
}

impl Bench {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.expect("a sandbox");
        let url = |provider| sandbox.base_url(provider);
        let smooch = smooch::Client::builder()
            .app_key("id", "secret")
            .base_url(url("smooch"))
            .retry(quick());
        let smscx = smscx::Client::builder().api_key("k").base_url(url("smscx")).retry(quick());
        let ultracart =
            ultracart::Client::builder().simple_key("k").base_url(url("ultracart")).retry(quick());
        let (smooch, smscx, ultracart) = (smooch.build(), smscx.build(), ultracart.build());
        Self {
            smooch: smooch.expect("a client"),
            smscx: smscx.expect("a client"),
            ultracart: ultracart.expect("a client"),
            sandbox,
        }
    }

    async fn post(&self, text: &str) {
        let call = self.smooch.post_message().app_id("app").user_id("user");
        let made = call.body_map(|it| it.role("appMaker").type_("text").text(text)).send().await;
        made.expect("a message");
    }
}

/// Takes so many items, stores the cursor as text after each, and forgets the stream, as a restart does.
async fn run<T: DeserializeOwned + Send + 'static>(
    follow: Follow<T>,
    stored: &mut String,
    items: usize,
) -> Vec<T> {
    let cursor: FollowCursor = serde_json::from_str(stored).expect("a cursor");
    let mut follow = follow.resume_from(cursor);
    let mut found = Vec::new();
    for _ in 0..items {
        found.push(follow.next().await.expect("no end").expect("no error"));
        *stored = serde_json::to_string(follow.cursor()).expect("JSON");
    }
    found
}

fn beginning() -> String {
    serde_json::to_string(&FollowCursor::default()).expect("JSON")
}

#[tokio::test]
async fn smooch_messages_come_once_over_restarts() {
    let bench = Bench::new().await;
    let mut stored = beginning();
    let mut seen = Vec::new();
    let mut posted = 0;
    // Each time a few are posted, and fewer or as many are taken before the next restart.
    for (post, take) in [(3, 1), (0, 1), (4, 3), (2, 4), (120, 60), (0, 60)] {
        for _ in 0..post {
            bench.post(&format!("message {posted}")).await;
            posted += 1;
        }
        bench.sandbox.inject(Fault::truncate().for_operation("getMessages"));
        let follow = bench.smooch.get_messages().app_id("app").user_id("user").follow();
        seen.extend(run(follow, &mut stored, take).await);
    }
    let texts: Vec<_> = seen.iter().map(|it| text_of(it, "text")).collect();
    let expected: Vec<_> = (0..posted).map(|it| format!("message {it}")).collect();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn ultracart_messages_come_once_over_restarts() {
    let bench = Bench::new().await;
    let uuid = "3f0a4c52-8f0e-4a0b-9d38-0d2f6b1c7a11";
    let mut stored = beginning();
    let mut seen = Vec::new();
    let mut messages = Vec::new();
    // Several within one millisecond: the bound of `since` is part of what it asks for.
    for (number, at) in [1_000, 2_000, 2_000, 2_000, 3_000, 3_000, 4_000].into_iter().enumerate() {
        messages.push(json!({"conversation": uuid, "uuid": format!("m-{number}"), "type": "message", "at": 1_700_000_000_000_i64 + at, "arn": "a", "name": "A", "body": format!("{number}")}));
        bench.sandbox.set_state("ultracart", "messages", &json!(messages));
        let follow =
            bench.ultracart.get_conversation_messages().conversation_uuid(uuid).since(0).follow();
        seen.extend(run(follow, &mut stored, 1).await);
    }
    let bodies: Vec<_> = seen.iter().map(|it| text_of(it, "body")).collect();
    assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn smscx_messages_come_once_over_restarts() {
    const OPEN: &str = "5b0f6c1e-2d47-4a93-8e15-90c4d7a6b321";
    let bench = Bench::new().await;
    let mut stored = beginning();
    let old = bench
        .smscx
        .get_conversation()
        .conversation_id(OPEN)
        .send()
        .await
        .expect("a conversation")
        .data
        .len();
    let mut seen =
        run(bench.smscx.get_conversation().conversation_id(OPEN).follow(), &mut stored, old).await;
    for number in 0..3 {
        let call = bench.smscx.send_conversation_reply_sms().conversation_id(OPEN);
        call.body_map(|it| it.text(format!("reply {number}"))).send().await.expect("a reply");
        seen.extend(
            run(bench.smscx.get_conversation().conversation_id(OPEN).follow(), &mut stored, 1)
                .await,
        );
    }
    let ids: BTreeSet<_> = seen.iter().map(|it| text_of(it, "msgId")).collect();
    assert_eq!((seen.len(), ids.len()), (old + 3, old + 3));
    assert_eq!(seen.last().map(|it| text_of(it, "text")).as_deref(), Some("reply 2"));
}
