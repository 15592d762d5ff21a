//! Lists that grow while they are followed: nothing lost, nothing twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::server::{Act, Server, answer, ok};
use super::{Fake, builder, call_with};
use crate::runtime::{Builder, Constraints, Style, follow};
use crate::{
    CallOptions, CursorRule, Edge, Error, Follow, FollowCursor, FollowRule, KnownError, Operation,
    RetryPolicy,
};

static AFTER: Operation = Operation::new("listMessages", "GET", "/messages").with_follow(
    FollowRule::new("/messages", "/id", 5).with_cursor(CursorRule::new(
        "after",
        "/received",
        Edge::Last,
    )),
);
static NOT_YET: Operation = Operation::new("readConversation", "GET", "/conversation").with_follow(
    FollowRule::new("/messages", "/id", 5).with_not_yet(&[KnownError::new(404, "no_conversation")]),
);
static WHOLE: Operation = Operation::new("readConversation", "GET", "/conversation")
    .with_follow(FollowRule::new("/messages", "/id", 5));

/// The test's clock stands in October 2015; so do its messages.
const NOW: f64 = 1_445_412_480.0;

/// A vendor's list: messages by the time they bear, and the failures that come before each answer.
struct Vendor {
    /// The size of a page.
    page: usize,
    messages: Vec<(f64, u32)>,
    /// What appears with each further request.
    to_come: Vec<Vec<(f64, u32)>>,
    failures: Vec<Act>,
}

impl Default for Vendor {
    fn default() -> Self {
        Self { page: 3, messages: Vec::new(), to_come: Vec::new(), failures: Vec::new() }
    }
}

impl Vendor {
    fn answer(&mut self, request: &str) -> Act {
        if let Some(act) = self.failures.pop() {
            return act;
        }
        let after = request.split("after=").nth(1).and_then(|rest| rest.split([' ', '&']).next());
        let after: Option<f64> = after.map(|text| text.parse().unwrap());
        let mut listed: Vec<_> =
            self.messages.iter().filter(|(at, _)| after.is_none_or(|after| *at > after)).collect();
        listed.sort_by(|left, right| left.0.total_cmp(&right.0));
        let page: Vec<_> = match after {
            Some(_) => listed.into_iter().take(self.page).collect(),
            // Without a cursor the vendor gives the latest page.
            None => listed.iter().rev().take(self.page).rev().copied().collect(),
        };
        let page: Vec<_> = page.iter().map(|(at, id)| json!({"id": id, "received": at})).collect();
        if !self.to_come.is_empty() {
            let arrived = self.to_come.remove(0);
            self.messages.extend(arrived);
        }
        ok(&json!({"messages": page}).to_string())
    }
}

async fn serve(vendor: Vendor) -> (Server, Builder) {
    let vendor = Arc::new(Mutex::new(vendor));
    let server = Server::answering(move |request| vendor.lock().unwrap().answer(request)).await;
    let builder = builder(&server.url).retry(RetryPolicy::off());
    (server, builder)
}

fn followed(builder: Builder, from: Option<f64>) -> Follow<Value> {
    let core = builder.build().unwrap();
    let call = call_with(&core, &AFTER, CallOptions::new()).and_then(|mut call| {
        call.query("after", Ok(from), Style::FORM, &Constraints::ANY)?;
        Ok(call)
    });
    follow::start(call)
}

fn id(item: Option<Result<Value, Error>>) -> u32 {
    item.unwrap().unwrap()["id"].as_u64().unwrap() as u32
}

/// Follows until `count` items have come and so many further polls have brought none.
async fn ids(mut follow: Follow<Value>, count: usize) -> Vec<u32> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let item = tokio::time::timeout(std::time::Duration::from_secs(10), follow.next()).await;
        ids.push(id(item.unwrap_or_else(|_| panic!("only {ids:?} came; {follow:?}"))));
    }
    // A few polls more: what comes twice would come now.
    for _ in 0..200 {
        tokio::select! {
            biased;
            item = follow.next() => ids.push(id(item)),
            () = tokio::task::yield_now() => {}
        }
    }
    ids
}

#[tokio::test]
async fn what_appears_is_delivered_once_and_in_order() {
    let vendor = Vendor {
        messages: (1..=8).map(|n| (NOW - 500.0 + f64::from(n), n)).collect(),
        to_come: vec![
            vec![],
            vec![(NOW - 400.0, 9)],
            vec![],
            vec![],
            vec![(NOW, 10), (NOW + 0.25, 11)],
        ],
        ..Vendor::default()
    };
    let (_server, builder) = serve(vendor).await;
    let ids = ids(followed(builder, Some(NOW - 500.0)), 11).await;
    assert_eq!(ids, (1..=11).collect::<Vec<_>>());
}

#[tokio::test]
async fn equal_times_and_late_arrivals_are_not_lost() {
    let at = NOW - 30.0;
    let vendor = Vendor {
        messages: vec![(at, 1)],
        to_come: vec![
            vec![(at, 2)],
            vec![(at, 3), (at + 1.0, 4)],
            // A slower machine of the vendor: half a minute behind.
            vec![(at - 29.5, 5)],
            vec![(at + 1.0, 6), (at + 1.5, 7), (at + 1.5, 8)],
        ],
        ..Vendor::default()
    };
    let (_server, builder) = serve(vendor).await;
    let mut ids = ids(followed(builder, None), 8).await;
    ids.sort_unstable();
    assert_eq!(ids, (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn history_that_was_not_asked_for_stays_away() {
    let messages: Vec<_> = (1..=20).map(|n| (NOW - 20.0 + f64::from(n), n)).collect();
    let vendor = Vendor { messages: messages.clone(), ..Vendor::default() };
    let (_server, builder) = serve(vendor).await;
    assert_eq!(ids(followed(builder, Some(NOW - 5.0)), 5).await, [16, 17, 18, 19, 20]);

    let vendor = Vendor {
        messages: vec![(NOW - 9.0, 1)],
        to_come: vec![vec![(NOW, 2)]],
        ..Vendor::default()
    };
    let (_server, builder) = serve(vendor).await;
    assert_eq!(ids(followed(builder, None).only_new(), 1).await, [2]);
}

#[tokio::test]
async fn one_message_from_the_future_hides_no_other() {
    let vendor = Vendor {
        messages: vec![(NOW + 1e8, 1)],
        to_come: vec![vec![(NOW, 2)], vec![(NOW + 1.0, 3)]],
        ..Vendor::default()
    };
    let (_server, builder) = serve(vendor).await;
    let mut ids = ids(followed(builder, Some(NOW - 5.0)), 3).await;
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3]);
}

#[tokio::test]
async fn failures_are_survived() {
    let failures = vec![
        answer(500, &[], ""),
        Act::ResetAfterRequest,
        answer(429, &[("Retry-After", "30")], ""),
        ok("<html>busy</html>"),
        answer(503, &[], "<html>"),
    ];
    let vendor = Vendor { messages: vec![(NOW, 1)], failures, ..Vendor::default() };
    let (_server, builder) = serve(vendor).await;
    let clock = Fake::ending_after(40);
    assert_eq!(ids(followed(builder.clock(clock.clone()), None), 1).await, [1]);
    let waits: Vec<_> = clock.slept().iter().take(5).map(|wait| wait.as_secs_f64()).collect();
    assert_eq!(waits, [0.75, 1.5, 30.0, 6.0, 12.0]);
}

#[tokio::test]
async fn every_status_of_a_server_in_trouble_is_survived() {
    for status in [408, 425, 429, 500, 501, 505, 511, 520, 530, 599, 600, 999] {
        let failures = vec![answer(status, &[], "")];
        let vendor = Vendor { messages: vec![(NOW, 1)], failures, ..Vendor::default() };
        let (_server, builder) = serve(vendor).await;
        assert_eq!(id(followed(builder, None).next().await), 1, "{status}");
    }
}

#[tokio::test]
async fn what_cannot_pass_ends_the_stream() {
    for status in [400, 401, 403, 404] {
        let vendor = Vendor { failures: vec![answer(status, &[], "")], ..Vendor::default() };
        let (_server, builder) = serve(vendor).await;
        let mut follow = followed(builder, None);
        assert_eq!(follow.next().await.unwrap().unwrap_err().status().unwrap().as_u16(), status);
        assert!(follow.next().await.is_none());
    }
}

#[tokio::test]
async fn restarts_lose_nothing_and_repeat_nothing() {
    // Pseudo-random, but the same in each run: times that repeat and lag, and a restart after every third item.
    let mut random = 7_u64;
    let mut next = move |below: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut to_come = Vec::new();
    let mut count = 0;
    for second in 0..200 {
        let arrived = next(4);
        let message = |_| {
            count += 1;
            (NOW - 1_000.0 + f64::from(second) - next(20) as f64, count)
        };
        to_come.push((0..arrived).map(message).collect::<Vec<_>>());
    }
    let vendor = Vendor { page: 20, to_come, ..Vendor::default() };
    let (_server, builder) = serve(vendor).await;
    let core = builder.build().unwrap();
    let start = || {
        let mut call = call_with(&core, &AFTER, CallOptions::new()).unwrap();
        call.query("after", Ok(NOW - 1_100.0), Style::FORM, &Constraints::ANY).unwrap();
        follow::start::<Value>(Ok(call))
    };
    let mut seen = BTreeSet::new();
    let mut stored: Option<String> = None;
    let mut delivered = 0;
    while seen.len() < count as usize {
        let mut follow = start();
        if let Some(text) = &stored {
            follow = follow.resume_from(serde_json::from_str(text).unwrap());
        }
        for _ in 0..3 {
            let item =
                tokio::time::timeout(std::time::Duration::from_secs(10), follow.next()).await;
            let item = id(item.unwrap_or_else(|_| panic!("{} of {count} came", seen.len())));
            delivered += 1;
            assert!(seen.insert(item), "{item} came twice");
            stored = Some(serde_json::to_string(follow.cursor()).unwrap());
            if seen.len() == count as usize {
                break;
            }
        }
    }
    assert_eq!(delivered, count);
    assert!(stored.unwrap().len() < 20_000, "the cursor stays small");
}

#[tokio::test]
async fn lists_without_a_cursor_are_told_apart_by_identity() {
    let mut count = 0;
    let server = Server::answering(move |_| {
        count += 1;
        let messages: Vec<_> =
            (1..=(count / 2).min(4)).map(|n| json!({"id": n, "text": "x"})).collect();
        ok(&json!({"messages": messages}).to_string())
    })
    .await;
    let core = builder(&server.url).build().unwrap();
    let follow = follow::start(call_with(&core, &WHOLE, CallOptions::new()));
    assert_eq!(ids(follow, 4).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_an_error_and_the_next_one_comes() {
    let server =
        Server::start(vec![ok(r#"{"messages":[{"id":1},{"id":"x","n":2},{"id":3}]}"#)]).await;
    #[derive(Debug, serde::Deserialize)]
    struct Item {
        id: u32,
    }
    let core = builder(&server.url).build().unwrap();
    let mut follow = follow::start::<Item>(call_with(&core, &WHOLE, CallOptions::new()));
    assert_eq!(follow.next().await.unwrap().unwrap().id, 1);
    let error = follow.next().await.unwrap().unwrap_err();
    assert_eq!(error.json_path(), Some("messages[1].id"));
    assert_eq!(follow.next().await.unwrap().unwrap().id, 3);
}

/// Follows `WHOLE` or an operation like it.
fn whole(builder: Builder, operation: &'static Operation) -> Follow<Value> {
    let core = builder.retry(RetryPolicy::off()).build().unwrap();
    follow::start(call_with(&core, operation, CallOptions::new()))
}

#[tokio::test]
async fn no_server_keeps_it_waiting_unheard() {
    let gone =
        |seconds| answer(200, &[("x-remaining", "0"), ("x-reset", seconds)], r#"{"messages":[]}"#);
    let cases = [
        (answer(429, &[("Retry-After", "99999999999")], ""), 3_600),
        (answer(503, &[("Retry-After", "31536000")], ""), 3_600),
        (answer(429, &[("Retry-After", "121")], ""), 121),
        (gone("99999999999"), 3_420),
        (gone("31536000"), 3_420),
        (gone("1800"), 1_710),
    ];
    for (act, wait) in cases {
        let server = Server::start(vec![act.clone(), ok(r#"{"messages":[{"id":1}]}"#)]).await;
        let clock = Fake::ending_after(1);
        let mut follow = whole(builder(&server.url).clock(clock.clone()), &WHOLE);
        let error = follow.next().await.unwrap().unwrap_err();
        assert!(error.retry_after().unwrap().as_secs() >= 121, "{act:?}: {error:?}");
        assert!(clock.slept().is_empty(), "the caller hears of it before the wait");
        assert_eq!(id(follow.next().await), 1);
        assert_eq!(
            clock.slept().iter().map(|it| it.as_secs()).collect::<Vec<_>>(),
            [wait],
            "{act:?}"
        );
    }
}

#[tokio::test]
async fn answers_without_the_list_are_reported_and_survived() {
    for body in ["{}", "", r#"{"messages":null}"#, r#"{"error":{"code":"x"}}"#, "[]", "<html>"] {
        let script = vec![ok(body), ok(body), ok(body), ok(body), ok(r#"{"messages":[{"id":1}]}"#)];
        let server = Server::start(script).await;
        let mut follow = whole(builder(&server.url), &WHOLE);
        let error = follow.next().await.unwrap().unwrap_err();
        assert!(error.is_decode(), "{body}: {error}");
        assert_eq!((follow.failures(), server.requests().len()), (4, 4), "{body}");
        assert_eq!(id(follow.next().await), 1, "{body}");
        assert_eq!(follow.failures(), 0);
    }
}

#[tokio::test]
async fn an_outage_is_reported_each_hour() {
    let server = Server::start(vec![answer(500, &[], "")]).await;
    let clock = Fake::new();
    let mut follow = whole(builder(&server.url).clock(clock.clone()), &WHOLE);
    for hours in 1..4 {
        assert_eq!(follow.next().await.unwrap().unwrap_err().status().unwrap(), 500);
        let passed = clock.slept().iter().map(|it| it.as_secs()).sum::<u64>();
        assert!((3_600 * hours..3_900 * hours).contains(&passed), "{passed} s");
    }
}

#[tokio::test]
async fn what_does_not_exist_yet_is_an_empty_list() {
    let missing = |status, code: &str| answer(status, &[], &json!({"code": code}).to_string());
    let not_yet = missing(404, "no_conversation");
    // Where the vendor writes two codes, either may be the one that is declared.
    let second = r#"{"code":"4040","error":{"code":"no_conversation"}}"#;
    let second = answer(404, &[], second);
    let script = vec![not_yet.clone(), not_yet, second, ok(r#"{"messages":[{"id":1}]}"#)];
    let server = Server::start(script).await;
    assert_eq!(id(whole(builder(&server.url), &NOT_YET).next().await), 1);
    for other in
        [missing(404, "no_application"), missing(400, "no_conversation"), answer(404, &[], "")]
    {
        let server = Server::start(vec![other.clone(), ok(r#"{"messages":[{"id":1}]}"#)]).await;
        let mut follow = whole(builder(&server.url), &NOT_YET);
        assert!(follow.next().await.unwrap().is_err(), "{other:?}");
        assert!(follow.next().await.is_none(), "{other:?}");
    }
    // All that comes later is new.
    let script = vec![missing(404, "no_conversation"), ok(r#"{"messages":[{"id":1}]}"#)];
    let server = Server::start(script).await;
    assert_eq!(id(whole(builder(&server.url), &NOT_YET).only_new().next().await), 1);
}

#[tokio::test]
async fn servers_of_different_states_are_asked_at_the_usual_pace() {
    let pages: [[f64; 3]; 2] = [[10.0, 11.0, 12.0], [20.0, 21.0, 22.0]];
    for ignores_cursor in [false, true] {
        let mut count = 0;
        let server = Server::answering(move |request| {
            let after =
                request.split("after=").nth(1).and_then(|rest| rest.split([' ', '&']).next());
            let after: f64 = after.map_or(f64::MIN, |text| text.parse().unwrap());
            let page = pages[count % 2].map(|at| NOW - 30.0 + at);
            count += 1;
            let page = page.iter().filter(|at| ignores_cursor || **at > after);
            let page: Vec<_> =
                page.map(|at| json!({"id": at.to_string(), "received": at})).collect();
            ok(&json!({"messages": page}).to_string())
        })
        .await;
        let clock = Fake::ending_after(40);
        let mut follow = followed(builder(&server.url).clock(clock.clone()), None);
        for _ in 0..6 {
            follow.next().await.unwrap().unwrap();
        }
        while clock.slept().len() < 40 {
            tokio::select! {
                biased;
                item = follow.next() => panic!("{item:?} came twice"),
                () = tokio::task::yield_now() => {}
            }
        }
        let requests = server.requests().len();
        assert!(requests <= 3 * 40 + 6, "{requests} requests between 40 waits");
    }
}

#[tokio::test]
async fn pages_that_lead_on_and_bring_nothing_are_not_read_without_a_wait() {
    // The same two messages, dated anew on each page.
    let server = Server::answering(|request| {
        let after = request.split("after=").nth(1).and_then(|rest| rest.split([' ', '&']).next());
        let after: f64 = after.map_or(NOW - 100_000.0, |text| text.parse().unwrap());
        let page = [1, 2].map(|id| json!({"id": id, "received": after + f64::from(id)}));
        ok(&json!({"messages": page}).to_string())
    })
    .await;
    let clock = Fake::ending_after(1);
    let mut follow = followed(builder(&server.url).clock(clock.clone()), Some(NOW - 100_000.0));
    for _ in 0..2 {
        follow.next().await.unwrap().unwrap();
    }
    while clock.slept().is_empty() && server.requests().len() < 200 {
        tokio::select! {
            biased;
            item = follow.next() => panic!("{item:?} came twice"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert!(!clock.slept().is_empty() && server.requests().len() < 100);
}

#[tokio::test]
async fn long_lists_without_a_cursor_are_followed_exactly() {
    const N: usize = 12_000;
    let count = Arc::new(Mutex::new(N));
    let shown = count.clone();
    let server = Server::answering(move |_| {
        let messages: Vec<_> = (0..*shown.lock().unwrap()).map(|n| json!({"id": n})).collect();
        ok(&json!({"messages": messages}).to_string())
    })
    .await;
    let mut follow = whole(builder(&server.url), &WHOLE);
    for n in 0..N {
        assert_eq!(id(follow.next().await) as usize, n);
    }
    for _ in 0..2 {
        *count.lock().unwrap() += 1;
        assert_eq!(
            id(follow.next().await) as usize,
            *count.lock().unwrap() - 1,
            "only what is new"
        );
        let stored = serde_json::to_string(follow.cursor()).unwrap();
        assert!(stored.len() < 40_000, "{} bytes", stored.len());
        follow = whole(builder(&server.url), &WHOLE);
        follow = follow.resume_from(serde_json::from_str(&stored).unwrap());
    }
}

#[tokio::test]
async fn history_on_many_pages_stays_away_from_whoever_wants_new_messages_only() {
    // Two pages and more within the minute that polls look back.
    let messages: Vec<_> = (1..=20).map(|n| (NOW - 21.0 + f64::from(n), n)).collect();
    let late = (NOW - 5.5, 21);
    for from in [None, Some(NOW - 10_000.0)] {
        let vendor = Vendor {
            messages: messages.clone(),
            to_come: vec![vec![]; 12].into_iter().chain([vec![(NOW + 1.0, 22), late]]).collect(),
            ..Vendor::default()
        };
        let (_server, builder) = serve(vendor).await;
        let mut ids = ids(followed(builder, from).only_new(), 2).await;
        ids.sort_unstable();
        assert_eq!(ids, [21, 22], "from {from:?}");
    }
}

#[tokio::test]
async fn a_server_that_repeats_old_messages_brings_none_twice() {
    // It ignores the cursor, and its messages are older than what the stream remembers one by one.
    let mut count = 0;
    let server = Server::answering(move |_| {
        count += 1;
        let messages: Vec<_> = (0..100 + count / 4)
            .map(|n| json!({"id": n, "received": NOW - 10_000.0 + 90.0 * f64::from(n)}))
            .collect();
        ok(&json!({"messages": messages}).to_string())
    })
    .await;
    let ids = ids(followed(builder(&server.url).retry(RetryPolicy::off()), None), 105).await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn it_goes_on_in_another_runtime() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers = runtime();
    let server = servers.block_on(Server::start(vec![
        ok(r#"{"messages":[{"id":1}]}"#),
        ok(r#"{"messages":[{"id":1},{"id":2}]}"#),
    ]));
    let url = server.url.clone();
    let stop = Arc::new(tokio::sync::Notify::new());
    let stopped = stop.clone();
    let thread = std::thread::spawn(move || servers.block_on(stopped.notified()));
    let core = Builder::new(&super::TINY).base_url(&url).secret("api_key", super::SECRET);
    let mut follow: Follow<Value> =
        follow::start(call_with(&core.build().unwrap(), &WHOLE, CallOptions::new()));
    let first = runtime();
    assert_eq!(id(first.block_on(follow.next())), 1);
    // It waits for its next poll when the runtime goes.
    let waiting = std::future::poll_fn(|it| std::task::Poll::Ready(follow.poll_next_unpin(it)));
    assert!(first.block_on(waiting).is_pending());
    drop(first);
    assert_eq!(id(runtime().block_on(follow.next())), 2);
    // What the next one lacks is reported, and ends the stream.
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = bare.block_on(follow.next()).unwrap().unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(bare.block_on(follow.next()).is_none());
    stop.notify_one();
    thread.join().unwrap();
}

#[test]
fn without_a_runtime_an_error_ends_it() {
    let core = builder("http://127.0.0.1:1").build().unwrap();
    let mut follow: Follow<Value> = follow::start(call_with(&core, &WHOLE, CallOptions::new()));
    let next =
        |follow: &mut Follow<Value>| futures_util::FutureExt::now_or_never(follow.next()).unwrap();
    assert!(next(&mut follow).unwrap().unwrap_err().is_configuration());
    assert!(next(&mut follow).is_none());
}

#[test]
fn cursors_of_earlier_versions_are_read() {
    let stored = format!(
        r#"{{"begun":true,"floor":{},"above_floor":false,"newest":{},"seen":[{{"id":"1","at":{0}}},{{"id":"2"}}]}}"#,
        NOW - 60.0,
        NOW
    );
    let cursor: FollowCursor = serde_json::from_str(&stored).unwrap();
    let again: FollowCursor =
        serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    assert_eq!(cursor, again);
    let rule = FollowRule::new("/messages", "/id", 5);
    for (id, new) in [(1, false), (2, false), (3, true)] {
        let item = crate::runtime::items::Item::of(0, &json!({"id": id}));
        let mark = crate::runtime::cursor::Mark::of(&item, &rule);
        assert_eq!(again.is_new(&mark), new, "{id}");
    }
}

#[test]
fn what_is_no_cursor_is_refused() {
    for stored in [r#"{"messages":7}"#, r#"{"recent":"x"}"#, r#"{"pieces":"AAAAAAAAAAE"}"#] {
        assert!(serde_json::from_str::<FollowCursor>(stored).is_err(), "{stored}");
    }
}

#[tokio::test]
async fn the_interval_can_be_set() {
    let vendor = Vendor { messages: vec![(1.0, 1)], ..Vendor::default() };
    let clock = Fake::ending_after(3);
    let (_server, builder) = serve(vendor).await;
    let mut follow = followed(builder.clock(clock.clone()), None).every(Duration::from_millis(40));
    assert_eq!(id(follow.next().await), 1);
    let idle = tokio::time::timeout(Duration::from_secs(1), follow.next()).await;
    assert!(idle.is_err(), "{idle:?}");
    // Jittered by a twentieth, and more slowly while nothing comes.
    assert!(clock.slept().contains(&Duration::from_millis(38)), "{:?}", clock.slept());
    assert!(
        clock.slept().iter().all(|it| *it <= Duration::from_millis(240)),
        "{:?}",
        clock.slept()
    );
}
