//! What a builder accepts, and what its bounds do.

use std::time::Duration;

use super::server::{Act, Server, answer, ok};
use super::{Fake, READ, SECRET, TINY, builder, call_with, send};
use crate::runtime::{Builder, Core};
use crate::{CallOptions, Delivery};

#[test]
fn unsafe_base_urls_are_refused() {
    let cases = [
        ("http://api.example.com", "https"),
        ("http://localhost.example.com", "https"),
        ("ftp://127.0.0.1", "neither https nor http"),
        ("api.example.com", "no absolute URL"),
        ("https://user@api.example.com", "user name"),
        ("https://user:pw@api.example.com", "user name"),
        ("https://api.example.com/?a=b", "query"),
        ("https://api.example.com/#a", "fragment"),
        ("", "no absolute URL"),
    ];
    for (url, part) in cases {
        let error = builder(url).build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(part), "{url}: {error}");
        assert!(error.to_string().contains("base_url"), "{url}: {error}");
    }
    for url in [
        "https://api.example.com/v3/",
        "http://127.0.0.1:1/x",
        "http://localhost:1",
        "http://[::1]:1",
    ] {
        let core = builder(url).build().unwrap();
        assert_eq!(core.base_url(), url.trim_end_matches('/'));
    }
}

#[test]
fn a_missing_credential_names_the_methods() {
    let error = Builder::new(&TINY).build().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`.api_key(…)`") && text.contains("`.app_key(id, secret)`"), "{text}");
    let error = Builder::new(&TINY).secret("api_key", " ").build().unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
    let error = Builder::new(&TINY).secret("api_key", "secret\nline").build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret\nline"), "{error:?}");
    assert!(error.to_string().contains("header"), "{error}");
}

#[test]
fn clients_are_cheap_to_share() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Core>();
    fn future<T: Send>(_: T) {}
    let core = builder("http://127.0.0.1:1").build().unwrap();
    future(send(&core, &READ));
}

#[tokio::test]
async fn requests_wait_their_turn() {
    let server = Server::start(vec![Act::ReplyThenHang(String::new())]).await;
    let core = builder(&server.url).concurrency(1).build().unwrap();
    let brief = CallOptions::new().deadline(Duration::from_millis(50));
    let first = send(&core, &READ);
    let second = async {
        // Begins once the first has reached the server.
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        call_with(&core, &READ, brief).unwrap().send().await
    };
    tokio::select! {
        first = first => panic!("{first:?}"),
        second = second => {
            let error = second.unwrap_err();
            assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
            assert_eq!((error.attempts(), error.was_sent()), (0, Delivery::No), "{error:?}");
        }
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_gate_waits_for_the_window() {
    let used_up = answer(200, &[("x-remaining", "0"), ("x-reset", "20")], "{}");
    let server = Server::start(vec![used_up.clone(), ok("{}")]).await;
    let clock = Fake::new();
    let core = builder(&server.url).clock(clock.clone()).wait_for_rate_limit(true).build().unwrap();
    send(&core, &READ).await.unwrap();
    assert!(core.rate_limit().unwrap().is_exhausted());
    send(&core, &READ).await.unwrap();
    assert_eq!(clock.slept(), [Duration::from_millis(20_125)]);

    let server =
        Server::start(vec![answer(200, &[("x-remaining", "0"), ("x-reset", "90")], "{}")]).await;
    let core = builder(&server.url).wait_for_rate_limit(true).build().unwrap();
    send(&core, &READ).await.unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert!(error.is_rate_limited() && error.attempts() == 0, "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    assert_eq!(server.requests().len(), 1);

    let server = Server::start(vec![used_up]).await;
    let core = builder(&server.url).build().unwrap();
    send(&core, &READ).await.unwrap();
    send(&core, &READ).await.unwrap();
    assert_eq!(server.requests().len(), 2, "without the gate nothing waits");
}

#[tokio::test]
async fn a_password_in_debug_is_not_found() {
    let builder = builder("http://127.0.0.1:1").pair("basic", "me", SECRET);
    assert!(!format!("{builder:?}").contains(SECRET));
    let core = builder.build().unwrap();
    assert!(!format!("{core:?}").contains(SECRET));
}

#[test]
fn without_a_runtime_a_call_is_an_error() {
    let core = builder("http://127.0.0.1:1").build().unwrap();
    let mut future = Box::pin(send(&core, &READ));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => assert!(error.is_configuration(), "{error:?}"),
        other => panic!("{other:?}"),
    }
}
