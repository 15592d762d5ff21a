//! What a builder accepts, and what its bounds do.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use super::server::{Act, Server, answer, ok};
use super::{Fake, READ, SECRET, TINY, builder, call_with, send};
use crate::runtime::{Builder, Clock, Core};
use crate::{CallOptions, Delivery};

#[test]
fn unsafe_base_urls_are_refused() {
    let cases = [
        ("http://api.example.com", "https"),
        ("http://localhost.example.com", "https"),
        ("ftp://127.0.0.1", "neither https nor http"),
        ("api.example.com", "not an absolute URL"),
        ("https://user@api.example.com", "user name"),
        ("https://user:pw@api.example.com", "user name"),
        ("https://api.example.com/?a=b", "query"),
        ("https://api.example.com/#a", "fragment"),
        ("", "not an absolute URL"),
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

/// While it waits for its token, its turn, the window or its answer: what a call holds goes back with it.
#[tokio::test]
async fn a_call_that_is_dropped_anywhere_holds_up_no_other() {
    let mut calls = 0;
    let server = Server::answering(move |request| {
        calls += usize::from(!request.contains("/oauth"));
        match request {
            it if it.contains("/oauth") => ok(r#"{"access_token":"t","expires_in":3600}"#),
            _ if calls % 2 == 1 => answer(429, &[("x-remaining", "0"), ("x-reset", "1")], ""),
            _ => ok("{}"),
        }
    })
    .await;
    let mut finished = false;
    for polls in 1.. {
        let builder = Builder::new(&TINY).base_url(&server.url).clock(Fake::new());
        let builder = builder.pair("oauth", "id", SECRET).concurrency(1);
        let core = builder.wait_for_rate_limit(true).build().unwrap();
        let mut call = Box::pin(send(&core, &READ));
        for _ in 0..polls {
            finished = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
            if finished {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        let next = send(&core, &READ).await;
        assert!(next.is_ok(), "dropped after {polls} polls: {next:?}");
        if finished {
            break;
        }
    }
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

#[test]
fn a_runtime_without_timers_or_sockets_is_an_error() {
    use tokio::runtime::Builder;
    let core = builder("http://127.0.0.1:1").build().unwrap();
    let runtimes = [
        (Builder::new_current_thread().enable_io().build().unwrap(), "timers"),
        (Builder::new_current_thread().enable_time().build().unwrap(), "I/O"),
        (Builder::new_current_thread().build().unwrap(), "timers"),
    ];
    for (runtime, missing) in runtimes {
        for core in [&core, &plain_clock("http://127.0.0.1:1").build().unwrap()] {
            let error = runtime.block_on(send(core, &READ)).unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains(missing), "{error:?}");
            assert_eq!(error.was_sent(), Delivery::No);
        }
    }
}

fn plain_clock(url: &str) -> Builder {
    Builder::new(&TINY).base_url(url).secret("api_key", SECRET)
}

/// Polls calls in each state in one runtime, and again when that has ended.
#[test]
fn a_call_polled_after_its_runtime_ended_is_an_error() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let silent = servers.block_on(Server::start(vec![Act::ReplyThenHang(String::new())]));
    let refusing = servers.block_on(Server::start(vec![answer(429, &[("Retry-After", "20")], "")]));
    for (server, sent) in [(&silent, Delivery::Maybe), (&refusing, Delivery::Maybe)] {
        let core = plain_clock(&server.url).build().unwrap();
        let mut call = Box::pin(send(&core, &READ));
        let first = runtime();
        first.block_on(async {
            let asked = async {
                while server.requests().is_empty() {
                    tokio::task::yield_now().await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            tokio::select! { it = &mut call => panic!("{it:?}"), () = asked => {} }
        });
        drop(first);
        let error = runtime().block_on(call).unwrap_err();
        assert_eq!((error.attempts(), error.was_sent()), (1, sent), "{error:?}");
        assert!(error.to_string().contains("runtime"), "{error}");
        // The client itself is as good as before.
        let error = runtime().block_on(async {
            let hasty = CallOptions::new().deadline(Duration::from_millis(50));
            call_with(&core, &READ, hasty).unwrap().send().await.unwrap_err()
        });
        assert!(!error.is_configuration(), "{error:?}");
    }
}

/// What an answer says of the window, and the wait that a call reports.
#[tokio::test]
async fn the_gate_opens_again_whatever_a_server_said() {
    let cases: [(u16, &[(&str, &str)]); 6] = [
        (429, &[("Retry-After", "99999999999")]),
        (429, &[("Retry-After", "31536000")]),
        (429, &[("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")]),
        (429, &[("x-reset", "99999999999")]),
        (200, &[("x-remaining", "0"), ("x-reset", "31536000")]),
        (200, &[("x-remaining", "0"), ("x-reset", "1e300")]),
    ];
    for (status, headers) in cases {
        let server = Server::start(vec![answer(status, headers, "{}"), ok("{}")]).await;
        let clock = Fake::new();
        let core = builder(&server.url).clock(clock.clone()).wait_for_rate_limit(true);
        let core = core.deadline(Duration::from_secs(1_000_000)).build().unwrap();
        let first = send(&core, &READ).await;
        assert_eq!(first.is_ok(), status == 200, "{headers:?}: {first:?}");
        let error = send(&core, &READ).await.unwrap_err();
        assert!(error.is_rate_limited() && error.is_retryable(), "{headers:?}: {error:?}");
        assert!(error.to_string().contains("max_server_wait"), "{error}");
        assert!(error.retry_after() > Some(Duration::from_secs(120)), "{headers:?}: {error:?}");
        assert_eq!((error.was_sent(), server.requests().len()), (Delivery::No, 1));
        assert_eq!(clock.slept(), [Duration::ZERO; 0]);
        clock.sleep(Duration::from_secs(120)).await;
        send(&core, &READ).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_not_sent_gives_its_place_back() {
    let window = [("x-remaining", "50"), ("x-reset", "60")];
    let server = Server::start(vec![answer(200, &window, "{}"), Act::ReplyThenHang(String::new())]);
    let server = server.await;
    let core = builder(&server.url).concurrency(1).wait_for_rate_limit(true).build().unwrap();
    let left = || core.rate_limit().unwrap().remaining;
    send(&core, &READ).await.unwrap();
    assert_eq!(left(), Some(50));
    let in_flight = send(&core, &READ);
    let others = async {
        while server.requests().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(left(), Some(49));
        // They wait for their turn, and are dropped there.
        let mut calls: Vec<_> = (0..60).map(|_| Box::pin(send(&core, &READ))).collect();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for call in &mut calls[..30] {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(left(), Some(19));
        drop(calls);
        assert_eq!(left(), Some(49));
    };
    tokio::select! { it = in_flight => panic!("{it:?}"), () = others => {} }
    assert_eq!(
        left(),
        Some(49),
        "what was sent is counted, also where nobody waits for the answer"
    );
}

#[tokio::test]
async fn a_place_goes_back_to_its_own_window_only() {
    let window = |left| answer(200, &[("x-remaining", left), ("x-reset", "60")], "{}");
    let server = Server::start(vec![window("50"), window("5")]).await;
    let core = builder(&server.url).concurrency(1).wait_for_rate_limit(true).build().unwrap();
    let left = || core.rate_limit().unwrap().remaining;
    send(&core, &READ).await.unwrap();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let (mut first, mut second) = (Box::pin(send(&core, &READ)), Box::pin(send(&core, &READ)));
    // Both have a place; the second one waits for its turn.
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(left(), Some(48));
    first.await.unwrap();
    drop(second);
    assert_eq!(left(), Some(5), "what the server counts now has nothing to do with it");
}

#[tokio::test]
async fn calls_without_a_connection_give_their_place_back() {
    // A server that says a window, and is gone when the next calls come.
    let server = Server::start(vec![answer(200, &[("x-remaining", "5"), ("x-reset", "60")], "{}")]);
    let server = server.await;
    let core = builder(&server.url).wait_for_rate_limit(true).build().unwrap();
    send(&core, &READ).await.unwrap();
    drop(server);
    tokio::task::yield_now().await;
    for _ in 0..10 {
        assert!(send(&core, &READ).await.unwrap_err().is_connect());
    }
    assert_eq!(core.rate_limit().unwrap().remaining, Some(5));
}

#[test]
fn the_environment_fills_what_was_not_set() {
    const VARIABLES: &[(&str, &[&str])] =
        &[("api_key", &["TINY_API_KEY"]), ("app_key", &["TINY_KEY_ID", "TINY_SECRET"])];
    /// The variables that are set, and what comes of `build`.
    const CASES: &[(&[(&str, &str)], Result<&str, &str>)] = &[
        (&[("TINY_API_KEY", "k")], Ok("https://api.tiny.example/v1")),
        (
            &[("TINY_API_KEY", "k"), ("TINY_BASE_URL", "http://localhost:2/v")],
            Ok("http://localhost:2/v"),
        ),
        (&[("TINY_KEY_ID", "k"), ("TINY_SECRET", "s")], Ok("https://api.tiny.example/v1")),
        (&[("TINY_KEY_ID", "k")], Err("lacks `TINY_SECRET`")),
        (&[("TINY_KEY_ID", "k"), ("TINY_SECRET", "")], Err("lacks `TINY_SECRET`")),
        (&[], Err("TINY_API_KEY, or TINY_KEY_ID and TINY_SECRET")),
        (&[("TINY_API_KEY", "k"), ("TINY_BASE_URL", "http://example.com")], Err("https")),
        (
            &[("TINY_API_KEY", "k"), ("TINY_BASE_URL", "localhost:80")],
            Err("correct `TINY_BASE_URL`"),
        ),
        (&[("TINY_API_KEY", " ")], Err("in the environment variable `TINY_API_KEY` is empty")),
        (&[("TINY_KEY_ID", " "), ("TINY_SECRET", "s")], Err("variable `TINY_KEY_ID` is empty")),
        (&[("TINY_KEY_ID", "k"), ("TINY_SECRET", " ")], Err("variable `TINY_SECRET` is empty")),
    ];
    for (set, expected) in CASES {
        let lookup =
            |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| value.into());
        let built = Builder::new(&TINY).variables(VARIABLES, "TINY_BASE_URL", lookup).build();
        match (built, expected) {
            (Ok(core), Ok(base)) => assert_eq!(core.base_url(), *base, "{set:?}"),
            (Err(error), Err(part)) => {
                assert!(error.is_configuration() && error.to_string().contains(part), "{error}");
            }
            (built, _) => panic!("{set:?}: {built:?}"),
        }
    }
    // What the program says afterwards counts more, also where the environment is at fault.
    let half = |name: &str| (name == "TINY_KEY_ID").then(|| "k".into());
    let said = Builder::new(&TINY).variables(VARIABLES, "TINY_BASE_URL", half);
    let core = said.pair("app_key", "id", "secret").base_url("http://localhost:3").build().unwrap();
    assert_eq!(core.base_url(), "http://localhost:3");
    let wrong = Builder::new(&TINY).variables(VARIABLES, "TINY_BASE_URL", |_| Some("x".into()));
    let error = wrong.secret("api_key", " ").base_url("ftp://x").build().unwrap_err().to_string();
    assert!(error.contains("the argument of `base_url`"), "{error}");
}

#[test]
fn https_needs_tls() {
    let built = Builder::new(&TINY).secret("api_key", SECRET).build();
    match (built, cfg!(any(feature = "rustls", feature = "native-tls"))) {
        (Ok(_), true) => {}
        (Err(error), false) => {
            assert!(error.is_configuration() && error.to_string().contains("`rustls`"), "{error}");
        }
        (built, tls) => panic!("{tls}: {built:?}"),
    }
}

#[tokio::test]
async fn a_call_takes_headers_and_parameters_of_its_own() {
    let server = Server::start(vec![ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    let options = CallOptions::new().header("X-Trace", "t-1").query("page", "2&3");
    assert!(!format!("{options:?}").contains("t-1"), "{options:?}");
    call_with(&core, &READ, options).unwrap().send().await.unwrap();
    let seen = server.requests();
    assert!(seen[0].contains("page=2%263"), "{}", seen[0]);
    assert!(seen[0].to_lowercase().contains("x-trace: t-1"), "{}", seen[0]);
    for framing in ["Host", "Content-Length"] {
        let options = CallOptions::new().header(framing, "1");
        let error = call_with(&core, &READ, options).unwrap().send().await;
        assert!(error.is_err_and(|it| it.is_invalid_request() && it.was_sent() == Delivery::No));
    }
}
