//! What a list costs on this side of the network: `cargo bench --bench lists` reads a page of 200 conversations, goes through
//! a list of many such pages with `stream`, and follows a conversation in which 20 messages arrive each second, through the
//! client and through hand-written reqwest and serde.

use conversations::{RetryPolicy, smooch, ultracart};
use futures_util::{StreamExt as _, TryStreamExt as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

mod side_by_side;
use side_by_side::{Result, SideBySide, plain, serve};

/// Conversations of a page, and pages of a turn.
const PAGE: u32 = 200;
const PAGES: u32 = 10;

/// Messages of a second, seconds between two polls, and messages of a page.
const ARRIVE: u64 = 20;
const POLL: u64 = 5;
const MOST: u64 = 100;

fn main() -> Result<()> {
    let bench = SideBySide::new()?;

    let address = serve(|target| conversations(parameter(target, "_offset")))?;
    let builder = ultracart::Client::builder().simple_key("any-key-will-do").base_url(&address);
    let client = builder.retry(RetryPolicy::off()).build()?;
    // After the client, which names the cryptography of TLS to reqwest.
    let plain = plain()?;
    let page = async |offset: u32| -> Result<ultracart::types::ConversationsResponse> {
        let url = format!("{address}/conversation/conversations?_limit={PAGE}&_offset={offset}");
        let request = plain.get(url).header("x-ultracart-simple-key", "any-key-will-do");
        let answer = request.header("accept", "application/json").send().await?;
        Ok(serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?)
    };
    bench.compare(
        "a page of 200",
        PAGES,
        async || {
            for offset in 0..PAGES {
                let call = client.get_conversations().limit(200).offset(i64::from(offset * PAGE));
                arrived(call.send().await?.conversations.len(), PAGE)?;
            }
            Ok(())
        },
        async || {
            for offset in 0..PAGES {
                arrived(page(offset * PAGE).await?.conversations.len(), PAGE)?;
            }
            Ok(())
        },
    )?;
    bench.compare(
        "an item of stream()",
        PAGE * PAGES,
        async || {
            let all = client.get_conversations().stream().take((PAGE * PAGES) as usize);
            arrived(all.try_fold(0, async |sum, _| Ok(sum + 1)).await?, PAGE * PAGES)
        },
        async || {
            let mut sum = 0;
            for offset in 0..PAGES {
                sum += page(offset * PAGE).await?.conversations.len();
            }
            arrived(sum, PAGE * PAGES)
        },
    )?;

    let followed = serve(arriving())?;
    let builder = smooch::Client::builder().jwt("any.token.will-do").base_url(&followed);
    let client = builder.retry(RetryPolicy::off()).build()?;
    let follow = client.get_messages().app_id("app").user_id("user").follow();
    let follow = Mutex::new(follow.every(Duration::from_millis(10)));
    let polled = serve(arriving())?;
    let newest = AtomicU64::new(0);
    bench.compare(
        "a second of follow()",
        u32::try_from(POLL)?,
        async || {
            let mut follow = follow.lock().await;
            for _ in 0..ARRIVE * POLL {
                follow.try_next().await?.ok_or("the stream has ended")?;
            }
            Ok(())
        },
        async || {
            let after = newest.fetch_add(POLL, Ordering::Relaxed);
            let url = format!("{polled}/v1.1/apps/app/appusers/user/messages?after={after}");
            let request = plain.get(url).header("authorization", "Bearer any.token.will-do");
            let answer = request.header("accept", "application/json").send().await?;
            let answer = answer.error_for_status()?.bytes().await?;
            let page: smooch::types::GetMessagesResponse = serde_json::from_slice(&answer)?;
            arrived(page.messages.len(), (ARRIVE * POLL) as u32)
        },
    )
}

/// A bench that measures how fast an error comes back would be fast and wrong.
fn arrived(count: usize, expected: u32) -> Result<()> {
    match count == expected as usize {
        true => Ok(()),
        false => Err(format!("{count} items came where {expected} were expected").into()),
    }
}

fn parameter(target: &str, name: &str) -> u64 {
    let pairs = target.split(['?', '&']).filter_map(|it| it.split_once('='));
    let value =
        pairs.filter(|(it, _)| *it == name).find_map(|(_, value)| value.parse::<f64>().ok());
    value.unwrap_or(0.0) as u64
}

/// A page of an endless list.
fn conversations(offset: u64) -> String {
    let one = |it| {
        format!(
            r#"{{"conversation_uuid":"0d8f2d5e-{it}","conversation_arn":"arn:uc:conversation:{it}","closed":false,"last_conversation_message_body":"Where is my parcel? I have been waiting for it since Monday.","last_message_dts":"2024-05-01T09:30:00+00:00","merchant_id":"SHOP","message_count":{it},"participants":[],"start_dts":"2024-05-01T09:00:00+00:00","visible":true}}"#
        )
    };
    let items: Vec<_> = (offset..offset + u64::from(PAGE)).map(one).collect();
    format!(r#"{{"success":true,"conversations":[{}]}}"#, items.join(","))
}

/// A conversation in which messages arrive. Its time goes on by the seconds between two polls whenever a page has shown
/// all that there is.
fn arriving() -> impl Fn(&str) -> String + Clone + Send + 'static {
    const BEGIN: u64 = 1_600_000_000;
    let now = Arc::new(AtomicU64::new(BEGIN + POLL));
    move |target| {
        // Bounds are seconds from the beginning, or Unix times as the items have them.
        let after = match parameter(target, "after") {
            after if after < BEGIN => BEGIN + after,
            after => after,
        };
        let until = now.load(Ordering::Relaxed);
        let first = (after - BEGIN) * ARRIVE;
        let last = ((until - BEGIN) * ARRIVE).min(first + MOST);
        if last == (until - BEGIN) * ARRIVE {
            now.fetch_add(POLL, Ordering::Relaxed);
        }
        let one = |it: u64| {
            let received = BEGIN as f64 + it as f64 / ARRIVE as f64;
            format!(
                r#"{{"_id":"5f0c2a9b7d31e84612a0{it:08}","type":"text","role":"appUser","authorId":"customer-7","name":"Ada","received":{received:.3},"source":{{"type":"web"}},"text":"Where is my parcel? I have been waiting for it since Monday."}}"#
            )
        };
        let items: Vec<_> = (first..last).map(one).collect();
        format!(r#"{{"messages":[{}]}}"#, items.join(","))
    }
}
