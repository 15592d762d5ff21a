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
