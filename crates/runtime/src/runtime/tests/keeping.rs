//! Calls that are repeated while their handle lives.

use std::time::Duration;

use super::server::{Act, Server, answer, ok};
use super::{Fake, builder, call};
use crate::runtime::keep_alive;
use crate::{KeepAliveRule, KeepAliveState, Operation, RetryPolicy};

static PING: Operation = Operation::new("ping", "POST", "/ping")
    .with_idempotent(true)
    .with_keep_alive(KeepAliveRule::new(60, 120));

/// The waits of the first calls against a script.
async fn waits(script: Vec<Act>, count: usize) -> Vec<u64> {
    let server = Server::start(script).await;
    let clock = Fake::ending_after(count);
    let core = builder(&server.url).retry(RetryPolicy::off()).clock(clock.clone()).build().unwrap();
    let mut handle = keep_alive::start(call(&core, &PING));
    while clock.slept().len() < count {
        let _ = tokio::time::timeout(Duration::from_secs(5), handle.changed()).await.unwrap();
    }
    clock.slept().iter().map(Duration::as_secs).collect()
}

#[tokio::test]
async fn it_repeats_at_its_period_and_survives_failures() {
    assert_eq!(waits(vec![ok("")], 3).await, [57, 57, 57]);
    let script = vec![
        ok(""),
        answer(500, &[], ""),
        Act::ResetAfterRequest,
        answer(429, &[("Retry-After", "90")], ""),
        answer(201, &[], ""),
    ];
    assert_eq!(waits(script, 5).await, [57, 0, 1, 90, 57]);
}

#[tokio::test]
async fn it_slows_down_where_the_limit_is_tight() {
    let tight = answer(200, &[("x-limit", "100"), ("x-remaining", "80"), ("x-reset", "3600")], "");
    // 80 calls in an hour, half of them for this: one in 90 seconds, within the 96 that are safe.
    assert_eq!(waits(vec![tight], 1).await, [85]);
    let tighter = answer(200, &[("x-remaining", "2"), ("x-reset", "3600")], "");
    assert_eq!(waits(vec![tighter], 1).await, [91], "but not so that the effect lapses");
}

#[tokio::test]
async fn its_state_can_be_seen() {
    let server = Server::start(vec![ok(""), answer(401, &[], "")]).await;
    let core = builder(&server.url).clock(Fake::ending_after(2)).build().unwrap();
    let mut handle = keep_alive::start(call(&core, &PING));
    assert!(matches!(handle.state(), KeepAliveState::Starting));
    let state = handle.changed().await;
    assert!(matches!(state, KeepAliveState::Alive { calls: 1, .. }), "{state:?}");
    let lapses_at = state.lapses_at();
    let state = handle.changed().await;
    match &state {
        KeepAliveState::Failing { failures: 1, error, .. } => assert!(error.is_unauthorized()),
        other => panic!("{other:?}"),
    }
    assert_eq!(state.lapses_at(), lapses_at);
}

#[tokio::test]
async fn it_stops_when_dropped() {
    let server = Server::start(vec![ok("")]).await;
    let core = builder(&server.url).clock(Fake::ending_after(1)).build().unwrap();
    let mut handle = keep_alive::start(call(&core, &PING));
    handle.changed().await;
    let mut states = handle.state.clone();
    drop(handle);
    while states.changed().await.is_ok() {}
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_server_keeps_it_waiting_for_longer_than_an_hour() {
    for asked in ["99999999999", "31536000", "3601"] {
        let script = vec![answer(429, &[("Retry-After", asked)], ""), ok("")];
        assert_eq!(waits(script, 2).await, [3_600, 57], "{asked}");
    }
    // The reset of a success, in a future that nobody waits for.
    let script = vec![answer(200, &[("x-remaining", "0"), ("x-reset", "99999999999")], "")];
    assert_eq!(waits(script, 1).await, [91]);
}

#[test]
fn when_its_runtime_has_ended_it_says_so_once() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let mut handle = first.block_on(async {
        let server = Server::start(vec![ok("")]).await;
        let core = builder(&server.url).clock(Fake::ending_after(0)).build().unwrap();
        let mut handle = keep_alive::start(call(&core, &PING));
        assert!(matches!(handle.changed().await, KeepAliveState::Alive { .. }));
        handle
    });
    drop(first);
    let has_ended = |state: KeepAliveState| match state {
        KeepAliveState::Stopped { error } => error.to_string().contains("has ended"),
        _ => false,
    };
    assert!(has_ended(handle.state()));
    runtime().block_on(async {
        assert!(has_ended(handle.changed().await));
        let mut again = std::pin::pin!(handle.changed());
        let polled = std::future::poll_fn(|it| std::task::Poll::Ready(again.as_mut().poll(it)));
        assert!(polled.await.is_pending(), "the end is reported once");
    });
    assert!(has_ended(handle.state()));
}

#[test]
fn in_a_runtime_without_timers_it_stops_and_says_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let core = builder("http://127.0.0.1:1").build().unwrap();
        let mut handle = keep_alive::start(call(&core, &PING));
        match handle.changed().await {
            KeepAliveState::Stopped { error } => {
                assert!(error.to_string().contains("timers"), "{error}");
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn without_a_runtime_it_says_so() {
    let core = builder("http://127.0.0.1:1").build().unwrap();
    let handle = keep_alive::start(call(&core, &PING));
    match handle.state() {
        KeepAliveState::Stopped { error } => {
            assert!(error.to_string().contains("tokio"), "{error}")
        }
        other => panic!("{other:?}"),
    }
}
