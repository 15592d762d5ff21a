//! Each fault that a network or a server may have, as data.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::server::{Act, Server, answer, ok};
use super::{FLAGGED, Fake, KEYED, PAID, READ, SEND, UNVERIFIED, builder, call, call_with, send};
use crate::runtime::de::{self, Plain};
use crate::runtime::transport::provide_cryptography;
use crate::{CallOptions, Delivery, Error, Operation, RetryPolicy};

/// What is expected of a call against a script.
struct Expected {
    /// `Ok`, or the predicates that hold, by name.
    result: Result<(), &'static [&'static str]>,
    attempts: u32,
    /// Requests that the server has read.
    requests: usize,
    sent: Delivery,
    status: Option<u16>,
}

fn predicates(error: &Error) -> Vec<&'static str> {
    [
        ("timeout", error.is_timeout()),
        ("connect", error.is_connect()),
        ("retryable", error.is_retryable()),
        ("redirect", error.is_redirect()),
        ("decode", error.is_decode()),
        ("invalid", error.is_invalid_request()),
        ("unauthorized", error.is_unauthorized()),
        ("forbidden", error.is_forbidden()),
        ("missing", error.is_not_found()),
        ("limited", error.is_rate_limited()),
        ("large", error.is_too_large()),
    ]
    .into_iter()
    .filter_map(|(name, holds)| holds.then_some(name))
    .collect()
}

async fn check(name: &str, operation: &'static Operation, script: Vec<Act>, expected: Expected) {
    let silent = script.iter().any(|act| matches!(act, Act::ReplyThenHang(_) | Act::Repeat(_)));
    let server = Server::start(script).await;
    // Only what is silent makes a test wait.
    let patience = if silent { 100 } else { 10_000 };
    let core = builder(&server.url)
        .attempt_timeout(Duration::from_millis(patience))
        .max_body_bytes(100_000)
        .build()
        .unwrap();
    let result = send(&core, operation).await;
    let Expected { result: wanted, attempts, requests, sent, status } = expected;
    match (&result, wanted) {
        (Ok(response), Ok(())) => assert_eq!(response.attempts(), attempts, "{name}"),
        (Err(error), Err(wanted)) => {
            assert_eq!(predicates(error), wanted, "{name}: {error:?}");
            assert_eq!(error.attempts(), attempts, "{name}: {error:?}");
            assert_eq!(error.was_sent(), sent, "{name}: {error:?}");
            let [never, always] = [sent == Delivery::No, sent == Delivery::Maybe];
            assert!(!(never && error.may_have_taken_effect()), "{name}: {error:?}");
            assert!(!always || error.may_have_taken_effect(), "{name}: {error:?}");
            assert_eq!(error.status().map(|status| status.as_u16()), status, "{name}: {error:?}");
        }
        (result, _) => panic!("{name}: {result:?}"),
    }
    assert_eq!(server.requests().len(), requests, "{name}: requests");
}

fn succeeds(attempts: u32, requests: usize) -> Expected {
    Expected { result: Ok(()), attempts, requests, sent: Delivery::Yes, status: None }
}

fn fails(
    predicates: &'static [&'static str],
    attempts: u32,
    requests: usize,
    sent: Delivery,
    status: Option<u16>,
) -> Expected {
    Expected { result: Err(predicates), attempts, requests, sent, status }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn broken_connections() {
    let cases = [
        ("reset after the request", Act::ResetAfterRequest),
        ("reset in the head", Act::ReplyThenReset("HTTP/1.1 200 OK\r\nContent-".to_owned())),
        ("garbage", Act::Reply("SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned())),
        ("binary garbage", Act::Bytes(vec![0, 159, 146, 150, 255, 0, 13, 10, 13, 10])),
        ("nothing", Act::Reply(String::new())),
        ("half a head", Act::Reply("HTTP/1.1 200 OK\r\nContent-Type: appl".to_owned())),
        ("endless head", Act::ReplyThenFlood("HTTP/1.1 200 OK\r\nX-Long: ".to_owned())),
        ("silence", Act::ReplyThenHang(String::new())),
        ("endless hints", Act::Repeat("HTTP/1.1 103 Early Hints\r\n\r\n")),
    ];
    for (name, act) in cases {
        let silent = matches!(act, Act::ReplyThenHang(_) | Act::Repeat(_));
        let script = vec![act.clone(), ok("{}")];
        check(&format!("read, {name}"), &READ, script.clone(), succeeds(2, 2)).await;
        check(&format!("keyed, {name}"), &KEYED, script.clone(), succeeds(2, 2)).await;
        let kinds: &[_] = if silent { &["timeout"] } else { &[] };
        for operation in [&SEND, &PAID, &UNVERIFIED] {
            let expected = fails(kinds, 1, 1, Delivery::Maybe, None);
            check(&format!("{}, {name}", operation.id()), operation, script.clone(), expected)
                .await;
        }
        let kinds: &[_] = if silent { &["timeout", "retryable"] } else { &["retryable"] };
        let expected = fails(kinds, 3, 3, Delivery::Maybe, None);
        check(&format!("read, always {name}"), &READ, vec![act], expected).await;
    }
}

/// What comes behind an answer is not taken for the answer to the next call.
#[tokio::test]
async fn two_answers_at_once_are_one() {
    let one = |body: &str| format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len());
    let twice = Act::ReplyThenHang(one("1") + &one("\"of another\""));
    let server = Server::start(vec![twice, ok("2")]).await;
    let core = builder(&server.url).build().unwrap();
    for expected in [1, 2, 2] {
        assert_eq!(send(&core, &SEND).await.unwrap().into_inner(), expected);
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_at_once_doubles_nothing() {
    let script = vec![Act::ResetAtOnce, ok("{}")];
    check("read", &READ, script.clone(), succeeds(2, 1)).await;
    check("keyed", &KEYED, script.clone(), succeeds(2, 1)).await;
    for operation in [&SEND, &PAID, &UNVERIFIED] {
        let server = Server::start(script.clone()).await;
        let core = builder(&server.url).build().unwrap();
        // Which one it is depends on whether the reset is seen before the request is written.
        match send(&core, operation).await {
            Ok(response) => assert_eq!((response.attempts(), server.requests().len()), (2, 1)),
            Err(error) => {
                assert_eq!((error.attempts(), error.was_sent()), (1, Delivery::Maybe), "{error:?}");
                assert_eq!(server.requests().len(), 0);
            }
        }
    }
}

#[tokio::test]
async fn broken_bodies_of_success() {
    let cases = [
        (
            "reset in the body",
            Act::ReplyThenReset(format!("{HEAD}Content-Length: 100\r\n\r\n{{\"a\"")),
        ),
        (
            "body shorter than its length",
            Act::Reply(format!("{HEAD}Content-Length: 100\r\n\r\n{{\"a\"")),
        ),
        (
            "chunks cut short",
            Act::Reply(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"a\"\r\n")),
        ),
        (
            "chunk of no number",
            Act::Reply(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n")),
        ),
        (
            "body that stops",
            Act::ReplyThenHang(format!("{HEAD}Content-Length: 100\r\n\r\n{{\"a\"")),
        ),
    ];
    for (name, act) in cases {
        let kinds: &[_] = if matches!(act, Act::ReplyThenHang(_)) { &["timeout"] } else { &[] };
        check(name, &READ, vec![act.clone(), ok("{}")], succeeds(2, 2)).await;
        let expected = fails(kinds, 1, 1, Delivery::Yes, Some(200));
        check(name, &SEND, vec![act], expected).await;
    }
}

#[tokio::test]
async fn bodies_that_are_something_else() {
    let json = &[("Content-Type", "application/json")];
    let cases = [
        ("html", answer(200, &[("Content-Type", "text/html")], "<html>busy</html>")),
        ("empty", answer(200, json, "")),
        ("cut JSON with its length", answer(200, json, "{\"a\": [1,")),
        (
            "no content, and a length all the same",
            Act::Reply(
                "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"
                    .to_owned(),
            ),
        ),
        (
            "no content",
            Act::Reply("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned()),
        ),
    ];
    for (name, act) in cases {
        let status = if name.starts_with("no content") { 204 } else { 200 };
        let expected = fails(&["decode"], 1, 1, Delivery::Yes, Some(status));
        check(name, &READ, vec![act], expected).await;
    }
    let flood = Act::ReplyThenFlood(format!("{HEAD}\r\n\""));
    check("endless", &READ, vec![flood], fails(&["large"], 1, 1, Delivery::Yes, Some(200))).await;
    let huge = answer(200, json, &format!("\"{}\"", "x".repeat(200_000)));
    check("huge", &READ, vec![huge], fails(&["large"], 1, 1, Delivery::Yes, Some(200))).await;
}

#[tokio::test]
async fn bodies_that_are_fine_though_odd() {
    let cases = [
        ("HTTP/1.0", Act::Reply("HTTP/1.0 200 OK\r\n\r\n{\"a\":1}".to_owned())),
        ("no content type", Act::Reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned())),
        ("byte order mark", answer(200, &[], "\u{feff}{}")),
        ("text/plain", answer(200, &[("Content-Type", "text/plain")], "{}")),
        ("latin1", Act::Bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=ISO-8859-1\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\"\xe4\"".to_vec())),
        ("not UTF-8", Act::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\"\xff\xfe\x80\"".to_vec())),
        ("201", answer(201, &[], "{}")),
        ("chunked", Act::Reply(format!("{HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"))),
        ("trailers", Act::Reply(format!("{HEAD}Transfer-Encoding: chunked\r\nTrailer: x-sum\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n0\r\nx-sum: 1\r\n\r\n"))),
        ("hints before", Act::Reply(format!("HTTP/1.1 103 Early Hints\r\n\r\n{HEAD}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"))),
    ];
    for (name, act) in cases {
        check(name, &SEND, vec![act], succeeds(1, 1)).await;
    }
}

#[tokio::test]
async fn error_statuses() {
    for status in [500, 502, 503, 504, 408, 425, 520, 530] {
        let storm = vec![answer(status, &[], "<html>"), answer(status, &[], ""), ok("{}")];
        check("storm, read", &READ, storm.clone(), succeeds(3, 3)).await;
        check("storm, keyed", &KEYED, storm.clone(), succeeds(3, 3)).await;
        for operation in [&SEND, &PAID, &UNVERIFIED] {
            let expected = fails(&[], 1, 1, Delivery::Yes, Some(status));
            check("storm", operation, storm.clone(), expected).await;
        }
    }
    let script = vec![answer(429, &[("Retry-After", "3")], ""), ok("{}")];
    for operation in [&READ, &SEND, &PAID, &KEYED, &UNVERIFIED] {
        check("not processed", operation, script.clone(), succeeds(2, 2)).await;
    }
    // Carried out, and answered by 503 all the same: whatever wait it asks for, the call is not repeated.
    for wait in ["0", "3"] {
        let script = vec![answer(503, &[("Retry-After", wait)], ""), ok("{}")];
        for operation in [&SEND, &PAID, &UNVERIFIED] {
            let expected = fails(&[], 1, 1, Delivery::Yes, Some(503));
            check("503 after the work", operation, script.clone(), expected).await;
        }
        check("503, read", &READ, script, succeeds(2, 2)).await;
    }
    let statuses = [
        (400, false),
        (404, false),
        (409, false),
        (501, false),
        (505, false),
        (301, false),
        (303, true),
        (408, true),
        (425, true),
        (500, true),
        (502, true),
        (504, true),
        (520, true),
    ];
    for (status, effect) in statuses {
        let server = Server::start(vec![answer(status, &[], "")]).await;
        let error = send(&builder(&server.url).build().unwrap(), &SEND).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), effect, "{status}: {error:?}");
    }
    let cases: [(u16, &[&str]); 14] = [
        (402, &[]),
        (413, &[]),
        (421, &[]),
        (426, &[]),
        (431, &[]),
        (451, &[]),
        (400, &[]),
        (401, &["unauthorized"]),
        (403, &["forbidden"]),
        (404, &["missing"]),
        (409, &[]),
        (410, &["missing"]),
        (422, &[]),
        (501, &[]),
    ];
    for (status, kinds) in cases {
        let act = answer(status, &[], "{\"code\":\"x\"}");
        check("refused", &READ, vec![act], fails(kinds, 1, 1, Delivery::Yes, Some(status))).await;
    }
    let endless = Act::ReplyThenFlood("HTTP/1.1 404 Not Found\r\n\r\n".to_owned());
    check(
        "endless page",
        &READ,
        vec![endless],
        fails(&["missing"], 1, 1, Delivery::Yes, Some(404)),
    )
    .await;
    let hung =
        Act::ReplyThenHang("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nx".to_owned());
    check(
        "page that stops",
        &READ,
        vec![hung],
        fails(&["missing"], 1, 1, Delivery::Yes, Some(404)),
    )
    .await;
}

#[tokio::test]
async fn refused_connections_are_repeated_and_nothing_was_sent() {
    let closed = Server::start(vec![ok("{}")]).await.url.clone();
    tokio::task::yield_now().await;
    let clock = Fake::new();
    let core = builder(&closed).clock(clock.clone()).build().unwrap();
    for operation in [&READ, &SEND, &PAID] {
        let error = send(&core, operation).await.unwrap_err();
        assert_eq!(predicates(&error), ["connect", "retryable"], "{error:?}");
        assert_eq!((error.attempts(), error.was_sent()), (3, Delivery::No));
        let origin = closed.parse::<url::Url>().unwrap().origin().ascii_serialization();
        let text = format!(": no connection to {origin} came about (connection refused) after 3");
        assert!(error.to_string().contains(&text), "{error}");
    }
    assert_eq!(clock.slept().len(), 6);
}

#[tokio::test]
async fn a_failure_of_tls_is_one_to_connect() {
    let server = Server::start(vec![Act::Speak("HTTP/1.1 400 This is not TLS\r\n\r\n")]).await;
    let core = builder(&server.url.replace("http:", "https:")).build().unwrap();
    let error = send(&core, &PAID).await.unwrap_err();
    assert_eq!(predicates(&error), ["connect", "retryable"], "{error:?}");
    assert_eq!((error.attempts(), error.was_sent()), (3, Delivery::No));
    assert!(!server.requests().concat().contains(super::SECRET));
}

/// A name server that never answers.
struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn time_that_is_over_before_anything_was_sent_leaves_no_doubt() {
    let core = || {
        let core = builder("http://localhost:1");
        core.configure_http(|http| http.dns_resolver(std::sync::Arc::new(NoNames)))
    };
    let hasty = core().attempt_timeout(Duration::from_millis(20)).build().unwrap();
    for operation in [&READ, &SEND, &PAID] {
        let error = send(&hasty, operation).await.unwrap_err();
        assert_eq!(predicates(&error), ["timeout", "retryable"], "{error:?}");
        assert_eq!((error.attempts(), error.was_sent()), (3, Delivery::No), "{error:?}");
    }
    let options = CallOptions::new().deadline(Duration::from_millis(20));
    let core = core().build().unwrap();
    let error = call_with(&core, &PAID, options).unwrap().send().await.unwrap_err();
    assert_eq!((error.attempts(), error.was_sent()), (1, Delivery::No), "{error:?}");
    assert_eq!(predicates(&error), ["timeout", "retryable"], "{error:?}");
}

#[tokio::test]
async fn waits_follow_the_server() {
    let cases: [(&[(&str, &str)], Option<u64>); 9] = [
        (&[("Retry-After", "-3")], Some(250)),
        (&[("Retry-After", "2"), ("Retry-After", "9")], Some(9_250)),
        (&[("Retry-After", "7")], Some(7_250)),
        (&[("Retry-After", "Wed, 21 Oct 2015 07:28:30 GMT")], Some(30_250)),
        (&[("Retry-After", "0")], Some(250)),
        (&[("x-reset", "12")], Some(12_250)),
        (&[("x-reset", "12"), ("Retry-After", "5")], Some(5_250)),
        (&[("Retry-After", "sometime")], Some(250)),
        (&[("Retry-After", "61")], None),
    ];
    for (headers, milliseconds) in cases {
        let server = Server::start(vec![answer(429, headers, ""), ok("{}")]).await;
        let clock = Fake::new();
        let core = builder(&server.url).clock(clock.clone()).build().unwrap();
        let result = send(&core, &SEND).await;
        let slept: Vec<_> = milliseconds.into_iter().map(Duration::from_millis).collect();
        assert_eq!(clock.slept(), slept, "{headers:?}");
        match (result, milliseconds) {
            (Ok(_), Some(_)) => {}
            (Err(error), None) => {
                assert!(error.is_rate_limited() && error.is_retryable());
                assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
            }
            (result, _) => panic!("{headers:?}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn an_attempt_that_may_have_arrived_stays_in_mind() {
    // The first attempt breaks, the second is refused with a status that alone would be harmless.
    let script = vec![Act::ResetAfterRequest, answer(404, &[], "")];
    let server = Server::start(script).await;
    let core = builder(&server.url).build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert_eq!((error.attempts(), error.was_sent()), (2, Delivery::Yes));
    assert!(error.may_have_taken_effect(), "{error:?}");
}

#[tokio::test]
async fn an_answer_to_an_earlier_attempt_is_none_to_the_call() {
    let wait = || answer(429, &[("Retry-After", "1")], "");
    let busy = || answer(500, &[], "");
    // What an answer to an earlier attempt says is over; what a call may have done is not.
    let cases = [
        (&SEND, vec![wait(), Act::ResetAfterRequest], 2, Delivery::Maybe),
        (&PAID, vec![wait(), wait(), Act::ResetAfterRequest], 3, Delivery::Maybe),
        (&SEND, vec![wait(), busy()], 2, Delivery::Yes),
        (&KEYED, vec![busy(), Act::ResetAfterRequest], 3, Delivery::Maybe),
        (&KEYED, vec![Act::ResetAfterRequest, wait(), wait()], 3, Delivery::Yes),
    ];
    for (operation, script, attempts, sent) in cases {
        let server = Server::start(script.clone()).await;
        let core = builder(&server.url).build().unwrap();
        let error = send(&core, operation).await.unwrap_err();
        assert_eq!((error.attempts(), error.was_sent()), (attempts, sent), "{script:?}");
    }
    // No connection after an answer: nothing was done after 429, and something perhaps after 500.
    for (first, operation, sent) in
        [(wait(), &SEND, Delivery::No), (busy(), &KEYED, Delivery::Maybe)]
    {
        let asked = Arc::new(AtomicBool::new(false));
        let server = Server::start(vec![first]).await;
        // From the second request on no name has an address.
        let names = FirstOnly { asked: asked.clone() };
        let url = server.url.replace("127.0.0.1", "localhost");
        let core =
            builder(&url).configure_http(move |http| http.dns_resolver(Arc::new(names.clone())));
        let error = send(&core.build().unwrap(), operation).await.unwrap_err();
        assert!(error.is_connect() && error.attempts() == 3, "{error:?}");
        assert_eq!(error.was_sent(), sent, "{error:?}");
        assert!(error.is_retryable() && asked.load(Ordering::Relaxed));
    }
}

/// Finds the server once.
#[derive(Clone)]
struct FirstOnly {
    asked: Arc<AtomicBool>,
}

impl reqwest::dns::Resolve for FirstOnly {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let again = self.asked.swap(true, Ordering::Relaxed);
        Box::pin(async move {
            if again {
                return Err("no such name".into());
            }
            let found = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            Ok(Box::new(std::iter::once(found)) as reqwest::dns::Addrs)
        })
    }
}

#[tokio::test]
async fn an_empty_idempotency_key_is_refused() {
    let server = Server::start(vec![Act::ResetAfterRequest, ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    for operation in [&KEYED, &UNVERIFIED] {
        for key in ["", " "] {
            let options = CallOptions::new().idempotency_key(key);
            let error = call_with(&core, operation, options).unwrap().send().await.unwrap_err();
            assert_eq!(predicates(&error), ["invalid"], "{key:?}: {error:?}");
        }
    }
    // An operation that takes none ignores it.
    let options = CallOptions::new().idempotency_key("");
    let error = call_with(&core, &SEND, options).unwrap().send().await.unwrap_err();
    assert_eq!(error.was_sent(), Delivery::Maybe, "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn retries_can_be_turned_off_and_bounded() {
    let server = Server::start(vec![answer(500, &[], "")]).await;
    let core = builder(&server.url).retry(RetryPolicy::off()).build().unwrap();
    assert_eq!(send(&core, &READ).await.unwrap_err().attempts(), 1);
    let options = CallOptions::new().retry(RetryPolicy::default().max_attempts(5));
    let result = call_with(&core, &READ, options).unwrap().send().await;
    assert_eq!(result.unwrap_err().attempts(), 5);
    let options = CallOptions::new().deadline(Duration::from_millis(200));
    let core = builder(&server.url).build().unwrap();
    let error = call_with(&core, &READ, options).unwrap().send().await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.is_retryable()),
        (1, true),
        "the wait would pass the deadline"
    );
}

#[tokio::test]
async fn the_budget_stops_a_storm() {
    let server = Server::start(vec![answer(500, &[], "")]).await;
    let policy = RetryPolicy::default().budget(4);
    let core = builder(&server.url).retry(policy).build().unwrap();
    let mut attempts = 0;
    for _ in 0..10 {
        attempts += send(&core, &READ).await.unwrap_err().attempts();
    }
    assert_eq!(attempts, 14, "10 calls and the 4 repetitions that were saved up");
}

#[tokio::test]
async fn the_key_is_the_same_over_all_attempts() {
    let server = Server::start(vec![Act::ResetAfterRequest, answer(502, &[], ""), ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    let response = send(&core, &KEYED).await.unwrap();
    let made = response.idempotency_key().unwrap().to_owned();
    assert_eq!(made.len(), 36);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.contains(&format!("\"once\":\"{made}\""))));

    let options = CallOptions::new().idempotency_key("mine");
    let response = call_with(&core, &KEYED, options).unwrap().send().await.unwrap();
    assert_eq!(response.meta.idempotency_key.as_deref(), Some("mine"));
    assert!(server.requests().last().unwrap().contains("\"once\":\"mine\""));

    let server = Server::start(vec![ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    send(&core, &UNVERIFIED).await.unwrap();
    assert!(server.requests()[0].to_lowercase().contains("idempotency-key: "));
}

#[tokio::test]
async fn redirects_are_refused_and_the_key_stays() {
    for status in [301, 302, 303, 307, 308] {
        let other = Server::start(vec![ok("{}")]).await;
        let target = format!("{}/things?token={}", other.url, super::SECRET);
        let server = Server::start(vec![answer(status, &[("Location", &target)], "")]).await;
        let core = builder(&server.url).build().unwrap();
        for operation in [&READ, &SEND, &PAID] {
            let error = send(&core, operation).await.unwrap_err();
            assert_eq!(predicates(&error), ["redirect"], "{error:?}");
            let origin = other.url.trim_end_matches("/v1");
            assert!(error.to_string().contains(origin), "{error}");
            assert!(!error.to_string().contains(super::SECRET), "{error}");
        }
        assert_eq!(other.requests(), Vec::<String>::new(), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_that_the_document_lists_is_a_result() {
    static MOVED: Operation =
        Operation::new("movedThing", "GET", "/things/{id}").with_redirects(&[302]);
    let cases = [
        (302, Some("/files/7?sig=abc"), Some("/files/7?sig=abc")),
        (302, Some("../other"), Some("/v1/other")),
        (302, None, None),
        (302, Some("http://["), None),
        (307, Some("/files/7"), None),
    ];
    for (status, target, leads_to) in cases {
        let headers: Vec<_> = target.iter().map(|it| ("Location", *it)).collect();
        let server = Server::start(vec![answer(status, &headers, "")]).await;
        let core = builder(&server.url).build().unwrap();
        let result = match call(&core, &MOVED).unwrap().send().await {
            Ok(answer) => answer.redirect(),
            Err(error) => Err(error),
        };
        let origin = server.url.trim_end_matches("/v1");
        let expected = leads_to.map(|it| format!("{origin}{it}"));
        let found = result.as_ref().ok().map(|it| it.location().to_owned());
        assert_eq!(found, expected, "{status} {target:?} {result:?}");
        assert_eq!(server.requests().len(), 1);
        // A link to a file is as good as the file.
        assert!(!format!("{result:?}").contains("abc"), "{result:?}");
    }
}

#[tokio::test]
async fn a_call_that_writes_may_be_answered_with_nothing() {
    use crate::reading::de::Dictionary;
    use std::collections::BTreeMap;

    let get = |body| async move {
        let server = Server::start(vec![answer(201, &[], body)]).await;
        let core = builder(&server.url).build().unwrap();
        call(&core, &SEND).unwrap().send().await.unwrap()
    };
    type Names = BTreeMap<String, String>;
    let empty = get("").await.json_or_empty::<Dictionary<Plain>, Names>().unwrap();
    assert!(empty.is_empty());
    let value = get(" \n").await.json_or_empty::<Plain, serde_json::Value>().unwrap();
    assert_eq!(*value, serde_json::Value::Null);
    let read = get(r#"{"a":"b"}"#).await.json_or_empty::<Dictionary<Plain>, Names>().unwrap();
    assert_eq!(read["a"], "b");
    let other = get("<p>").await.json_or_empty::<Dictionary<Plain>, Names>();
    assert!(other.unwrap_err().is_decode());
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_found_out() {
    let other = Server::start(vec![ok("{}")]).await;
    let server = Server::start(vec![answer(302, &[("Location", &other.url)], "")]).await;
    provide_cryptography();
    let core = builder(&server.url).http_client(reqwest::Client::new()).build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert!(error.is_redirect(), "{error:?}");
}

#[tokio::test]
async fn errors_keep_what_the_server_said() {
    let headers = [
        ("X-Request-Id", "r-1"),
        ("x-limit", "100"),
        ("x-remaining", "0"),
        ("x-reset", "30"),
        ("Content-Type", "application/json"),
    ];
    let body = r#"{"error":{"code":"too_many","text":"calm down"}}"#;
    let server = Server::start(vec![answer(429, &headers, body)]).await;
    let core = builder(&server.url).retry(RetryPolicy::off()).build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert_eq!(error.code(), Some("too_many"));
    assert_eq!(error.message(), Some("calm down"));
    assert_eq!(error.request_id(), Some("r-1"));
    assert_eq!(error.body(), Some(body.as_bytes()));
    assert_eq!(error.headers().get("x-limit").unwrap(), "100");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(error.body_as::<serde_json::Value>().unwrap()["error"]["code"], "too_many");
    assert!(error.body_as::<u32>().unwrap_err().is_decode());
    let state = error.rate_limit().unwrap();
    assert_eq!((state.limit, state.remaining), (Some(100), Some(0)));
    assert_eq!(core.rate_limit(), Some(state));
    assert_eq!(
        error.to_string(),
        "readThing: the server answered 429 Too Many Requests (too_many)"
    );

    let server = Server::start(vec![answer(500, &[("X-Error", "went wrong")], "<html>")]).await;
    let core = builder(&server.url).retry(RetryPolicy::off()).build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (None, Some("went wrong")));
    assert_eq!(error.body(), Some(&b"<html>"[..]));
}

#[tokio::test]
async fn what_stands_before_a_server_has_a_message_too() {
    let cases = [
        (r#"{"title":"Bad","detail":"the path is wrong","status":400}"#, Some("the path is wrong")),
        (r#"{"title":"Bad"}"#, Some("Bad")),
        (r#"{"error":"invalid_token","error_description":"it ended"}"#, Some("it ended")),
        (r#"{"error":"no route"}"#, Some("no route")),
        (r#"{"errors":[{"title":"no such field"}]}"#, Some("no such field")),
        (r#"{"errors":["too long"]}"#, Some("too long")),
        (r#"{"fault":{"faultstring":"quota"}}"#, Some("quota")),
        // What the provider declares comes first.
        (r#"{"detail":"other","error":{"text":"ours"}}"#, Some("ours")),
        (r#"{"error":true,"detail":7,"title":" "}"#, None),
        ("<p>", None),
    ];
    for (body, message) in cases {
        let server = Server::start(vec![answer(400, &[], body)]).await;
        let core = builder(&server.url).build().unwrap();
        let error = send(&core, &READ).await.unwrap_err();
        assert_eq!(error.message(), message, "{body}");
    }
}

#[tokio::test]
async fn a_success_that_says_it_failed_is_an_error() {
    let failed = ok(r#"{"success":false,"error":{"code":"no_such"}}"#);
    let server = Server::start(vec![failed, ok(r#"{"success":true}"#)]).await;
    let core = builder(&server.url).build().unwrap();
    let error = send(&core, &FLAGGED).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.code()), (200, Some("no_such")));
    assert!(send(&core, &FLAGGED).await.is_ok());
}

#[tokio::test]
async fn the_place_of_a_decode_failure_is_named() {
    #[derive(Debug, serde::Deserialize)]
    struct Page {
        #[serde(rename = "items")]
        _items: Vec<Item>,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Item {
        #[serde(rename = "n")]
        _n: u32,
    }
    let server = Server::start(vec![ok(r#"{"items":[{"n":1},{"n":"private words"}]}"#)]).await;
    let core = builder(&server.url).build().unwrap();
    let answer = super::call(&core, &READ).unwrap().send().await.unwrap();
    let error = answer.json::<Plain, Page>().unwrap_err();
    assert_eq!(error.json_path(), Some("items[1].n"));
    assert!(!format!("{error} {error:?}").contains("private words"));
}

#[tokio::test]
async fn a_documented_code_in_a_success_is_an_error() {
    let cases = [
        (r#"{"code":"no_such","message":"\ud83d"}"#, Some("no_such")),
        (r#"{"error":{"code":7}}"#, Some("7")),
        // Some servers give a success a code, too.
        (r#"{"code":"success","message":"sent"}"#, None),
        (r#"{"thing":{"code":"no_such"}}"#, None),
        (r#"[{"code":"no_such"}]"#, None),
        ("{}", None),
    ];
    for (body, code) in cases {
        let server = Server::start(vec![ok(body)]).await;
        let core = builder(&server.url).build().unwrap();
        let error = send(&core, &SEND).await.err();
        assert_eq!(error.as_ref().map(Error::code), code.map(Some), "{body}");
        let undone = error.is_none_or(|it| !it.may_have_taken_effect() && it.attempts() == 1);
        assert!(undone, "{body}");
    }
}

#[tokio::test]
async fn a_failure_that_passes_for_a_success_has_its_code() {
    let cases = [
        (r#"{"code":"other","message":"gone"}"#, (Some("other"), Some("gone"))),
        (r#"{"code":"other","text":"\ud83d"}"#, (Some("other"), None)),
        // The words of an answer without a code may be a customer's.
        (r#"{"message":"hello"}"#, (None, None)),
        ("<p>", (None, None)),
    ];
    for (body, expected) in cases {
        let server = Server::start(vec![ok(body)]).await;
        let core = builder(&server.url).build().unwrap();
        let answer = super::call(&core, &READ).unwrap().send().await.unwrap();
        let error = answer.json::<Plain, Vec<u8>>().unwrap_err();
        assert!(error.is_decode(), "{body}: {error}");
        assert_eq!((error.code(), error.message()), expected, "{body}");
    }
}

#[tokio::test]
async fn a_list_is_never_read_by_position() {
    #[derive(Debug, PartialEq)]
    struct Message {
        id: Option<String>,
    }
    impl<'de> serde::Deserialize<'de> for Message {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            de::structure(deserializer)
        }
    }
    impl<'de> de::Structure<'de> for Message {
        const OPEN: bool = false;
        fn number(name: &str) -> usize {
            if name == "id" { 0 } else { de::UNKNOWN }
        }
        fn read<A: serde::de::MapAccess<'de>>(
            mut members: de::Members<A, Self>,
        ) -> Result<Self, A::Error> {
            let mut id = None;
            while let Some(number) = members.next()? {
                match number {
                    0 => members.optional::<Plain, _>(&mut id)?,
                    _ => members.ignore()?,
                }
            }
            Ok(Self { id })
        }
    }
    let read = async |body: &str| {
        let server = Server::start(vec![ok(body)]).await;
        let core = builder(&server.url).build().unwrap();
        let answer = super::call(&core, &READ).unwrap().send().await.unwrap();
        answer.json::<Plain, Message>()
    };
    let body = r#"["by position"]"#;
    let error = read(body).await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    assert_eq!(error.status().unwrap().as_u16(), 200);
    assert_eq!(error.body(), Some(body.as_bytes()));
    // An empty list is how some languages write an empty object.
    assert_eq!(read(" [ ]").await.unwrap().into_inner(), Message { id: None });
    let id = Some("m".to_owned());
    assert_eq!(read("\u{feff} {\"id\":\"m\"}").await.unwrap().into_inner(), Message { id });
}
