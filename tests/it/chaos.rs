//! Thousands of calls through a network that fails at random: no message twice, none lost, and the caller knows which.
#![allow(clippy::expect_used)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::calls;
use conversations::{Delivery, Error, RetryPolicy, brevo, smooch, smscx, ultracart};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Calls of each kind.
const CALLS: usize = 1_500;

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// It is carried out and answered.
    Fine,
    /// It is carried out and answered, and the connection closed, though nothing said so.
    FineThenClosed,
    /// The connection is reset before the request has been read.
    ResetUnread,
    /// The connection is reset, nothing has been done.
    ResetUndone,
    /// It is carried out, and the connection is reset before an answer.
    ResetDone,
    /// It is carried out, and half of the answer comes.
    CutShort,
    /// It is carried out, and the answer is not HTTP.
    Garbage,
    /// It is not carried out, by the vendor's own word.
    RateLimited,
    /// An error of this status; it has been carried out all the same.
    FailedDone(u16),
    /// An error of this status; nothing has been done.
    FailedUndone(u16),
}

const FATES: &[Fate] = &[
    Fate::Fine,
    Fate::Fine,
    Fate::FineThenClosed,
    Fate::ResetUnread,
    Fate::ResetUndone,
    Fate::ResetDone,
    Fate::CutShort,
    Fate::Garbage,
    Fate::RateLimited,
    Fate::FailedDone(500),
    Fate::FailedDone(504),
    Fate::FailedUndone(500),
    Fate::FailedUndone(502),
    Fate::FailedUndone(503),
    Fate::FailedDone(503),
    Fate::FailedUndone(520),
];

/// What the vendor has carried out: how often, by the tag of the call.
type Log = Arc<Mutex<HashMap<String, u32>>>;

struct Vendor {
    url: String,
    log: Log,
}

/// Starts a vendor that answers success with an operation's documented body.
async fn vendor(provider: &str, operation: &str, seed: u64) -> Vendor {
    let (_, body) = calls::success(provider, operation);
    let body: Arc<str> = body.expect("an operation with an answer").to_string().into();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let log = Log::default();
    let shared = Arc::clone(&log);
    tokio::spawn(async move {
        let mut random = fastrand::Rng::with_seed(seed);
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, Arc::clone(&shared), random.fork(), Arc::clone(&body)));
        }
    });
    Vendor { url, log }
}

async fn converse(
    mut stream: TcpStream,
    log: Log,
    mut random: fastrand::Rng,
    body: Arc<str>,
) -> std::io::Result<()> {
    loop {
        let fate = random.choice(FATES).copied().unwrap_or(Fate::Fine);
        if fate == Fate::ResetUnread {
            return reset(&stream);
        }
        let Some(tag) = read_tag(&mut stream).await? else { return Ok(()) };
        let done = match fate {
            Fate::Fine
            | Fate::FineThenClosed
            | Fate::ResetDone
            | Fate::CutShort
            | Fate::Garbage
            | Fate::FailedDone(_) => true,
            Fate::ResetUnread | Fate::ResetUndone | Fate::RateLimited | Fate::FailedUndone(_) => {
                false
            }
        };
        if done {
            *log.lock().expect("no panic").entry(tag).or_default() += 1;
        }
        let length = body.len();
        let success = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
        let answer = match fate {
            Fate::Fine | Fate::FineThenClosed => success,
            Fate::CutShort => cut(&success, length.div_ceil(2)),
            Fate::Garbage => "220 mail.example ESMTP\r\n".to_owned(),
            Fate::RateLimited => error(429),
            Fate::FailedDone(status) | Fate::FailedUndone(status) => error(status),
            Fate::ResetUnread | Fate::ResetUndone | Fate::ResetDone => return reset(&stream),
        };
        stream.write_all(answer.as_bytes()).await?;
        if matches!(fate, Fate::FineThenClosed | Fate::CutShort | Fate::Garbage) {
            return stream.shutdown().await;
        }
    }
}

/// Without so many bytes at the end, or a few more, where a character would be halved.
fn cut(answer: &str, bytes: usize) -> String {
    let mut end = answer.len() - bytes;
    while !answer.is_char_boundary(end) {
        end -= 1;
    }
    answer[..end].to_owned()
}

fn error(status: u16) -> String {
    // A wait is asked for, as some proxies do whatever became of the call.
    format!("HTTP/1.1 {status} Error\r\nRetry-After: 0\r\nContent-Length: 6\r\n\r\n<html>")
}

#[allow(deprecated)]
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_linger(Some(Duration::ZERO))
}

/// Reads a request and finds the tag of its call; `None` at the end of the connection.
async fn read_tag(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                let after = text.split("tag-").nth(1).unwrap_or_default();
                let tag = after.chars().take_while(char::is_ascii_digit).collect();
                return Ok(Some(tag));
            }
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}

/// Three attempts and no waits: the storm is to be over soon.
fn policy() -> RetryPolicy {
    RetryPolicy::default().initial_backoff(Duration::ZERO).budget(u32::MAX)
}

/// What became of the calls of one kind.
#[derive(Debug, Default)]
struct Figures {
    calls: usize,
    succeeded: usize,
    repeated: usize,
    refused: usize,
    unknown: usize,
    dropped: usize,
    duplicates: usize,
    lost: usize,
}

/// Makes the calls, sixteen at a time, and compares what the callers know with what the vendor has done.
async fn storm<T>(
    name: &str,
    repeatable: bool,
    vendor: Vendor,
    send: impl AsyncFn(String) -> Result<conversations::Response<T>, Error>,
) {
    // Every eighth caller stops waiting, some of them before anything is sent, some in the middle, some never.
    let calls = (0..CALLS).map(|number| {
        let send = &send;
        async move {
            let call = send(format!("tag-{number}"));
            let result = match number % 8 {
                0 => tokio::time::timeout(Duration::from_micros(number as u64), call).await.ok(),
                _ => Some(call.await),
            };
            (number, result)
        }
    });
    let results: Vec<_> = futures_util::stream::iter(calls).buffer_unordered(16).collect().await;
    let log = vendor.log.lock().expect("no panic");
    let mut figures = Figures { calls: results.len(), ..Figures::default() };
    for (number, result) in results {
        let done = log.get(&number.to_string()).copied().unwrap_or(0);
        match &result {
            None => figures.dropped += 1,
            Some(Ok(response)) => {
                figures.succeeded += 1;
                figures.repeated += usize::from(response.attempts() > 1);
                figures.lost += usize::from(done == 0);
            }
            Some(Err(error)) => {
                figures.repeated += usize::from(error.attempts() > 1);
                let effect = error.may_have_taken_effect();
                assert!(effect || done == 0, "{name} {number}: {error:?}");
                match error.was_sent() {
                    Delivery::No => figures.refused += 1,
                    _ => figures.unknown += 1,
                }
                let success = error.status().is_some_and(|status| status.is_success());
                assert!(!success || done > 0, "{name} {number}: {error:?}");
                let retried = error.is_retryable() && !repeatable;
                assert!(!retried || done == 0, "{name} {number} is not to be repeated: {error:?}");
            }
        }
        if !repeatable {
            figures.duplicates += usize::from(done > 1);
        }
    }
    let Figures { calls, succeeded, repeated, refused, unknown, dropped, duplicates, lost } =
        &figures;
    println!(
        "{name}: {calls} calls, {succeeded} succeeded, {repeated} took several attempts, {refused} were not sent, \
         {unknown} reported as perhaps carried out, {dropped} dropped by their callers; {duplicates} duplicates, {lost} lost"
    );
    assert_eq!((figures.duplicates, figures.lost), (0, 0), "{name}: {figures:?}");
    assert!(figures.dropped > 0, "{name}: {figures:?}");
    assert!(figures.succeeded > CALLS / 10, "{name}: {figures:?}");
    // How often a connection is closed before a call leaves by it is a matter of the machine's speed.
    assert!(figures.repeated > CALLS / 50, "{name}: nothing was repeated: {figures:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_is_sent_twice_and_none_is_lost() {
    let server = vendor("brevo", "sendMessageAsAgent", 1).await;
    let client = brevo::Client::builder().api_key("k").base_url(&server.url).retry(policy());
    let client = client.build().expect("a client");
    storm("brevo message, not repeatable", false, server, async |tag| {
        let call = client.send_message_as_agent();
        call.body_map(|it| it.visitor_id("v").agent_id("a").text(tag)).send().await
    })
    .await;

    let server = vendor("brevo", "updateMessage", 2).await;
    let client = brevo::Client::builder().api_key("k").base_url(&server.url).retry(policy());
    let client = client.build().expect("a client");
    storm("brevo edit, repeatable", true, server, async |tag| {
        client.update_message().message_id("m").body_map(|it| it.text(tag)).send().await
    })
    .await;

    let server = vendor("smooch", "postMessage", 3).await;
    let client = smooch::Client::builder().jwt("k").base_url(&server.url).retry(policy());
    let client = client.build().expect("a client");
    storm("smooch message, not repeatable", false, server, async |tag| {
        let call = client.post_message().app_id("a").user_id("u");
        call.body_map(|it| it.role("appMaker").type_("text").text(tag)).send().await
    })
    .await;

    let server = vendor("smscx", "sendConversationReplySms", 4).await;
    let client = smscx::Client::builder().api_key("k").base_url(&server.url).retry(policy());
    let client = client.build().expect("a client");
    storm("smscx reply, billed", false, server, async |tag| {
        let id = "0c0ffee0-0000-4000-8000-000000000001";
        let call = client.send_conversation_reply_sms().conversation_id(id);
        call.body_map(|it| it.text(tag)).send().await
    })
    .await;

    let server = vendor("ultracart", "startConversation", 5).await;
    let client = ultracart::Client::builder().simple_key("k").base_url(&server.url).retry(policy());
    let client = client.build().expect("a client");
    storm("ultracart conversation, one at a time", false, server, async |tag| {
        let call = client.start_conversation();
        call.body_map(|it| it.conversation_arn(tag)).send().await
    })
    .await;
}
