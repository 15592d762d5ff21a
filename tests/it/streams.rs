//! Lists, followed conversations and presence of each provider, against its stand-in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use crate::json::text_of;
use conversations::sandbox::{Fault, Sandbox};
use conversations::{FollowCursor, KeepAliveState, RetryPolicy, brevo, smooch, smscx, ultracart};
use futures_util::{StreamExt, TryStreamExt};

const APP: &str = "5f0c2a9b7d31e84612a0c9f5";

/// Repetitions without waits.
fn hasty() -> RetryPolicy {
    RetryPolicy::default().initial_backoff(Duration::ZERO)
}

fn smooch(sandbox: &Sandbox) -> smooch::Client {
    let builder = smooch::Client::builder().app_key("app_sample", "any-secret-will-do");
    builder.base_url(sandbox.base_url("smooch")).retry(hasty()).build().unwrap()
}

fn ultracart(sandbox: &Sandbox) -> ultracart::Client {
    let builder = ultracart::Client::builder().simple_key("key").retry(hasty());
    builder.base_url(sandbox.base_url("ultracart")).build().unwrap()
}

#[tokio::test]
async fn a_long_history_is_read_whole_and_through_failures() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::status(503).for_provider("smooch").skip(1));
    sandbox.inject(Fault::truncate().for_provider("smooch").skip(2));
    let client = smooch(&sandbox);
    let history = client.get_messages().app_id(APP).user_id("customer-1042").stream();
    let texts: Vec<_> = history.map_ok(|it| text_of(&it, "text")).try_collect().await.unwrap();
    assert_eq!(texts.len(), 250);
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 250, "no message comes twice");
}

#[tokio::test]
async fn pages_of_conversations_are_put_together() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = ultracart(&sandbox);
    for _ in 0..7 {
        let call = client.start_conversation();
        let arns = vec!["arn:example:participant/customer-9".to_owned()];
        call.body_map(|it| it.add_conversation_participant_arns(arns)).send().await.unwrap();
    }
    let list = client.get_conversations().limit(2).stream();
    let found: Vec<_> =
        list.map_ok(|it| text_of(&it, "conversation_uuid")).try_collect().await.unwrap();
    assert_eq!(found.len(), 9);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 9, "no conversation comes twice");
    assert_eq!(sandbox.most_in_flight("ultracart"), 1);
}

#[tokio::test]
async fn an_error_ends_a_list() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = smooch(&sandbox);
    sandbox.inject(Fault::status(403).for_provider("smooch").skip(1).always());
    let history = client.get_messages().app_id(APP).user_id("customer-1042").stream();
    let items: Vec<_> = history.collect().await;
    assert_eq!(items.iter().filter(|it| it.is_err()).count(), 1);
    assert!(items.last().unwrap().as_ref().unwrap_err().is_forbidden());
    assert!(items.len() > 1);
}

#[tokio::test]
async fn messages_come_once_each_over_restarts() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = smooch(&sandbox);
    let mut stored = serde_json::to_string(&FollowCursor::default()).unwrap();
    let mut seen = Vec::new();
    for round in 0..20 {
        let post = client.post_message().app_id(APP).user_id("customer-7");
        let text = format!("message {round}");
        post.body_map(|it| it.role("appMaker").type_("text").text(text)).send().await.unwrap();
        // At the start two messages are there already.
        let expected = if round == 0 { 3 } else { 1 };
        let follow = client.get_messages().app_id(APP).user_id("customer-7").follow();
        let mut follow = follow.resume_from(serde_json::from_str(&stored).unwrap());
        for _ in 0..expected {
            let message = follow.try_next().await.unwrap().unwrap();
            seen.push(text_of(&message, "_id"));
            stored = serde_json::to_string(follow.cursor()).unwrap();
        }
    }
    assert_eq!(seen.len(), 22);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 22, "no message comes twice");
}

#[tokio::test]
async fn conversations_without_a_cursor_are_followed_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = smscx::Client::builder().api_key("key").retry(hasty());
    let client = builder.base_url(sandbox.base_url("smscx")).build().unwrap();
    let list = client.get_conversations_list().send().await.unwrap();
    let id = text_of(list.data.first().unwrap(), "conversationId");
    let before = client.get_conversation().conversation_id(id.clone()).send().await.unwrap();
    let before = before.data.len();
    assert!(before > 0);

    let follow = client.get_conversation().conversation_id(id.clone()).follow();
    let first: Vec<_> = follow.take(before).try_collect().await.unwrap();
    let ids: BTreeSet<_> = first.iter().map(|it| text_of(it, "msgId")).collect();
    assert_eq!(ids.len(), before);
}

#[tokio::test]
async fn a_conversation_that_does_not_exist_yet_is_an_empty_list_to_followers() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = smooch(&sandbox);
    let call = client.get_messages().app_id(APP).user_id("nobody-yet");
    let error = call.send().await.unwrap_err();
    let rule = smooch::operations::GET_MESSAGES.follow().unwrap();
    let found = (error.status().map(|status| status.as_u16()), error.code());
    assert!(rule.not_yet.iter().any(|it| (Some(it.status), Some(it.code)) == found), "{found:?}");
}

#[tokio::test]
async fn messages_since_a_moment_are_followed() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = ultracart(&sandbox);
    let uuid = "3f0a4c52-8f0e-4a0b-9d38-0d2f6b1c7a11";
    let follow = client.get_conversation_messages().conversation_uuid(uuid).since(0_i64).follow();
    let bodies: Vec<_> =
        follow.take(2).map_ok(|it| text_of(&it, "body")).try_collect().await.unwrap();
    assert_eq!(bodies.len(), 2);
    assert_ne!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn presence_is_kept_and_can_be_seen() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = brevo::Client::builder().api_key("key").retry(hasty());
    let client = builder.base_url(sandbox.base_url("brevo")).build().unwrap();
    let call = client
        .set_agent_online()
        .body_map(|it| it.agent_email("a@example.com").agent_name("A").received_from("crm"));
    let mut presence = call.keep_alive();
    assert!(matches!(presence.changed().await, KeepAliveState::Alive { calls: 1, .. }));
    assert_eq!(sandbox.accepted("brevo", "setAgentOnline"), 1);
    drop(presence);

    let mut presence = ultracart(&sandbox).get_agent_keep_alive().keep_alive();
    assert!(matches!(presence.changed().await, KeepAliveState::Alive { calls: 1, .. }));

    // What is refused before sending never starts.
    let call = client.set_agent_online().body_map(|it| it.agent_name("A"));
    match call.keep_alive().state() {
        KeepAliveState::Stopped { error, .. } => assert!(error.is_invalid_request(), "{error:?}"),
        other => panic!("{other:?}"),
    }
}
