//! Lists of many pages, and servers that never end one.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::server::{Act, Server, answer, ok};
use super::{builder, call};
use crate::runtime::{Shape, Style, paging};
use crate::{CursorRule, Edge, Error, Operation, Paging};

static BY_OFFSET: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::offset("_offset", "_limit", "/things", 3));
static BY_CURSOR: Operation = Operation::new("listMessages", "GET", "/messages").with_paging(
    Paging::cursor("/messages", CursorRule::new("before", "/received", Edge::First))
        .with_more("/previous?")
        .with_exclusive(&["after"]),
);

/// The value of a query parameter in a request.
fn parameter(request: &str, name: &str) -> Option<u64> {
    let query = request.lines().next()?.split(['?', ' ']).nth(2)?;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))?.parse().ok())
}

async fn all(server: &Server, operation: &'static Operation) -> Vec<Result<Value, Error>> {
    let core = builder(&server.url).build().unwrap();
    paging::stream::<Value>(call(&core, operation)).take(100).collect().await
}

#[tokio::test]
async fn offsets_lead_through_all_pages() {
    // 7 items; the server gives at most 2 a page, whatever is asked for.
    let server = Server::answering(|request| {
        let from = parameter(request, "_offset").unwrap_or(0);
        let items: Vec<_> = (from..7).take(2).map(|n| json!({"n": n})).collect();
        ok(&json!({"things": items}).to_string())
    })
    .await;
    let items: Vec<_> = all(&server, &BY_OFFSET).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(items, (0..7).map(|n| json!({"n": n})).collect::<Vec<_>>());
    assert_eq!(server.requests().len(), 5);
    assert!(server.requests()[0].starts_with("GET /v1/things?_limit=3 "));
}

#[tokio::test]
async fn the_caller_may_begin_elsewhere() {
    let server = Server::answering(|request| {
        let from = parameter(request, "_offset").unwrap_or(0);
        let limit = parameter(request, "_limit").unwrap_or(0);
        let items: Vec<_> = (from..7).take(limit as usize).collect();
        ok(&json!({"things": items}).to_string())
    })
    .await;
    let core = builder(&server.url).build().unwrap();
    let mut call = call(&core, &BY_OFFSET).unwrap();
    call.query("_offset", Ok(4), Style::FORM, &Shape::ANY).unwrap();
    call.query("_limit", Ok(1), Style::FORM, &Shape::ANY).unwrap();
    let items: Vec<u64> = paging::stream::<u64>(Ok(call)).map(Result::unwrap).collect().await;
    assert_eq!(items, [4, 5, 6]);
}

#[tokio::test]
async fn cursors_lead_through_all_pages() {
    // Ten messages, three a page, newest page first; the cursor includes its own message.
    let server = Server::answering(|request| {
        let before = parameter(request, "before").unwrap_or(10);
        let first = before.saturating_sub(2).max(1);
        let items: Vec<_> = (first..=before).map(|n| json!({"received": n})).collect();
        let previous = if first > 1 { json!("there is more") } else { Value::Null };
        ok(&json!({"messages": items, "previous": previous}).to_string())
    })
    .await;
    let items = all(&server, &BY_CURSOR).await;
    let mut received: Vec<_> =
        items.iter().map(|item| item.as_ref().unwrap()["received"].as_u64().unwrap()).collect();
    received.sort_unstable();
    assert_eq!(received, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn lists_that_would_never_end_do() {
    let same = ok(r#"{"things":[1,2]}"#);
    let server = Server::start(vec![same]).await;
    assert_eq!(all(&server, &BY_OFFSET).await.len(), 2, "a server that ignores the offset");

    let mut count = 0;
    let server = Server::answering(move |_| {
        count += 1;
        ok(&json!({"messages": [{"received": 5, "n": count}], "previous": "x"}).to_string())
    })
    .await;
    let items = all(&server, &BY_CURSOR).await;
    assert_eq!(items.len(), 2, "{items:?}");
    let error = items[1].as_ref().unwrap_err();
    assert!(error.to_string().contains("cursor"), "{error}");
}

#[tokio::test]
async fn odd_pages_are_empty_pages_or_errors() {
    for body in ["", "null", "{}", r#"{"things":null}"#, r#"{"things":{}}"#, r#"{"things":[]}"#] {
        let server = Server::start(vec![ok(body)]).await;
        assert_eq!(all(&server, &BY_OFFSET).await.len(), 0, "{body}");
    }
    let fine = r#"{"things":[1,2]}"#;
    let cases: [(Act, usize, &str); 3] = [
        (answer(404, &[], ""), 1, "404"),
        (ok(r#"{"things":"none"}"#), 1, "at things"),
        (ok("<html>"), 1, "not JSON"),
    ];
    for (act, count, part) in cases {
        let server = Server::start(vec![ok(fine), act.clone()]).await;
        let items = all(&server, &BY_OFFSET).await;
        assert_eq!(items.len(), 2 + count, "{act:?}: {items:?}");
        let error = items.last().unwrap().as_ref().unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    let server = Server::start(vec![ok(r#"{"things":[1,"x"]}"#)]).await;
    let core = builder(&server.url).build().unwrap();
    let items: Vec<_> = paging::stream::<u32>(call(&core, &BY_OFFSET)).collect().await;
    let error = items[1].as_ref().unwrap_err();
    assert_eq!((items.len(), error.json_path()), (2, Some("things[1]")));
}

#[test]
fn streams_can_be_sent_and_moved() {
    fn check<T: Send + Unpin + 'static>(_: T) {}
    let core = builder("http://127.0.0.1:1").build().unwrap();
    check(paging::stream::<Value>(call(&core, &BY_OFFSET)));
    check(crate::runtime::follow::start::<Value>(call(&core, &BY_OFFSET)));
}
