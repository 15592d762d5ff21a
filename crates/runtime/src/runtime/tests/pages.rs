//! Lists of many pages, and servers that never end one.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::server::{Act, Server, answer, ok};
use super::{builder, call};
use crate::runtime::{Constraints, Style, paging};
use crate::{Absent, CursorRule, Edge, Error, Next, Operation, Paging};

static BY_OFFSET: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::offset("_offset", "_limit", "/things", 3));
static BY_TIME: Operation =
    Operation::new("listHistory", "GET", "/messages").with_paging(Paging::cursor(
        "/messages",
        CursorRule::new("before", "/received", Edge::First).with_overlap(true),
    ));
static MAY_LACK_ITEMS: Operation = Operation::new("listThings", "GET", "/things").with_paging(
    Paging::offset("_offset", "_limit", "/things", 3).with_absent(&[
        Absent::Missing,
        Absent::Null,
        Absent::EmptyObject,
        Absent::NoContent,
    ]),
);
static BY_CURSOR: Operation = Operation::new("listMessages", "GET", "/messages").with_paging(
    Paging::cursor("/messages", CursorRule::new("before", "/received", Edge::First))
        .with_more("/previous?")
        .with_exclusive(&["after"]),
);

static BY_NUMBER: Operation =
    Operation::new("listThings", "GET", "/things").with_paging(Paging::page("page", 1, "/things"));
static BY_TOKEN: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::token("cursor", Next::Body("/meta/next"), "/things"));
static BY_TOKEN_HEADER: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::token("cursor", Next::Header("X-Next"), "/things"));
static BY_LINK: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::link(Next::Body("/next"), "/things"));
static BY_LINK_HEADER: Operation = Operation::new("listThings", "GET", "/things")
    .with_paging(Paging::link(Next::Header("Link"), "/things"));

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
    call.query("_offset", Ok(4), Style::FORM, &Constraints::ANY).unwrap();
    call.query("_limit", Ok(1), Style::FORM, &Constraints::ANY).unwrap();
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
async fn pages_that_cannot_be_the_last_do_not_end_the_list() {
    let message = |received: Value| json!({"received": received, "n": 1});
    let page = |received: Value, more: Value| {
        ok(&json!({"messages": [message(received)], "previous": more}).to_string())
    };
    // Pages, and a part of the error that ends the list.
    let cases: [(&'static Operation, Vec<Act>, &str); 9] = [
        // A full page for whatever offset, and then the same one.
        (&BY_OFFSET, vec![ok(r#"{"things":[1,2,3]}"#)], "full and the same"),
        (&BY_OFFSET, vec![ok(r#"{"things":[{"n":1},{"n":2},{"n":3}]}"#)], "full and the same"),
        // More is promised, and nothing new comes.
        (&BY_CURSOR, vec![page(json!(5), json!("x"))], "says that another one follows"),
        (
            &BY_CURSOR,
            vec![page(json!(5), json!("x")), ok(r#"{"messages":[],"previous":true}"#)],
            "says that another one follows",
        ),
        (
            &BY_CURSOR,
            vec![ok(r#"{"messages":[],"previous":"x"}"#)],
            "says that another one follows",
        ),
        // Cursors that name no place: the first page would come again.
        (&BY_CURSOR, vec![page(json!(""), json!("x"))], "no cursor"),
        (&BY_CURSOR, vec![page(json!(" "), json!("x"))], "no cursor"),
        (&BY_CURSOR, vec![page(json!({"at": 5}), json!("x"))], "no cursor"),
        (&BY_TIME, vec![page(json!(null), json!(null))], "no cursor"),
    ];
    for (operation, script, part) in cases {
        let server = Server::start(script.clone()).await;
        let items = all(&server, operation).await;
        let error = items.last().unwrap().as_ref().unwrap_err();
        assert!(error.to_string().contains(part), "{script:?}: {error}");
        assert!(items.iter().rev().skip(1).all(Result::is_ok), "{script:?}: {items:?}");
    }
}

#[tokio::test]
async fn only_a_list_or_a_declared_absence_is_a_page() {
    let fine = r#"{"things":[1,2]}"#;
    // An answer, what its error says, and whether it can be declared to stand for an empty list.
    let cases: [(Act, &str, bool); 14] = [
        (ok(r#"{"things":[]}"#), "", true),
        (ok(r#"{"things":[null]}"#), "", true),
        (ok(""), "no body where the list of items was expected", true),
        (answer(204, &[], ""), "no body", true),
        (ok("null"), "nothing", true),
        (ok("{}"), "nothing where the list of items was expected at things", true),
        (ok(r#"{"things":null}"#), "null where the list of items was expected", true),
        (ok(r#"{"things":{}}"#), "an empty object", true),
        (ok(r#"{"things":{"n":1}}"#), "an object", false),
        (
            ok(r#"{"things":"none"}"#),
            "a text where the list of items was expected at things",
            false,
        ),
        (ok(r#"{"things":0}"#), "a number", false),
        (ok(r#""busy""#), "nothing", true),
        (ok("<html>"), "JSON", false),
        (answer(404, &[], ""), "404", false),
    ];
    for (act, part, declarable) in cases {
        for operation in [&BY_OFFSET, &MAY_LACK_ITEMS] {
            let server = Server::start(vec![ok(fine), act.clone()]).await;
            let items = all(&server, operation).await;
            let fails = !(part.is_empty() || declarable && operation == &MAY_LACK_ITEMS);
            assert_eq!(items.len(), 2 + usize::from(fails), "{act:?}: {items:?}");
            if let Err(error) = items.last().unwrap() {
                assert!(error.to_string().contains(part), "{error}");
            }
        }
    }
    for body in [r#"{"error":{"code":"x"}}"#, "[1,2]"] {
        let server = Server::start(vec![ok(fine), ok(body)]).await;
        assert!(all(&server, &BY_OFFSET).await[2].as_ref().unwrap_err().is_decode(), "{body}");
    }
}

#[tokio::test]
async fn an_item_that_cannot_be_read_does_not_end_the_list() {
    let page = r#"{"things":[1,"x",null,3]}"#;
    let server =
        Server::start(vec![ok(page), ok(r#"{"things":[4]}"#), ok(r#"{"things":[]}"#)]).await;
    let core = builder(&server.url).build().unwrap();
    let items: Vec<_> = paging::stream::<u32>(call(&core, &BY_OFFSET)).collect().await;
    let error = items[1].as_ref().unwrap_err();
    assert_eq!((items.len(), error.json_path()), (4, Some("things[1]")));
    let read: Vec<_> = items.into_iter().filter_map(Result::ok).collect();
    assert_eq!(read, [1, 3, 4], "and null is no item");
}

#[tokio::test]
async fn one_message_that_is_hardly_json_takes_no_other_along() {
    #[derive(Debug, serde::Deserialize)]
    struct Message {
        n: u32,
    }
    let deep = format!("{}1{}", "[".repeat(130), "]".repeat(130));
    let cases = [
        (r#"{"n":2,"text":"cut \ud83d"}"#.to_owned(), true),
        (r#"{"n":2,"far":1e400}"#.to_owned(), true),
        (format!(r#"{{"n":2,"deep":{deep}}}"#), true),
        (deep, false),
        (r#""cut \ud83d""#.to_owned(), false),
        ("1e400".to_owned(), false),
    ];
    for (message, readable) in cases {
        let page = format!(r#"{{"things":[{{"n":1}},{message},{{"n":3}}]}}"#);
        let server = Server::start(vec![ok(&page), ok(r#"{"things":[]}"#)]).await;
        let core = builder(&server.url).build().unwrap();
        let items: Vec<_> =
            paging::stream::<Message>(call(&core, &BY_OFFSET)).take(9).collect().await;
        let read: Vec<_> = items.iter().map(|it| it.as_ref().ok().map(|it| it.n)).collect();
        assert_eq!(read, [Some(1), readable.then_some(2), Some(3)], "{message}");
    }
}

#[tokio::test]
async fn pages_in_a_circle_end_with_an_error() {
    for (operation, name) in [(&BY_OFFSET, "things"), (&BY_CURSOR, "messages")] {
        for circle in 2..5_u64 {
            let mut count = 0;
            let server = Server::answering(move |_| {
                let n = count % circle;
                count += 1;
                let items = [json!({"received": 10 * n, "n": n}), json!({"received": 10 * n + 1})];
                ok(&json!({name: items, "previous": "x"}).to_string())
            })
            .await;
            let items = all(&server, operation).await;
            assert_eq!(items.len() as u64, 2 * circle + 1, "{items:?}");
            let error = items.last().unwrap().as_ref().unwrap_err();
            assert!(error.to_string().contains("circle"), "{error}");
        }
    }
}

/// A history of messages by time, the latest `size` before the bound, which it excludes.
async fn history(times: Vec<f64>, size: usize) -> Server {
    Server::answering(move |request| {
        let before = request.split("before=").nth(1).and_then(|rest| rest.split([' ', '&']).next());
        let before = before.map_or(f64::MAX, |text| text.parse().unwrap());
        let all = times.iter().enumerate().filter(|(_, at)| **at < before);
        let all: Vec<_> = all.map(|(n, at)| json!({"n": n, "received": at})).collect();
        ok(&json!({"messages": all[all.len().saturating_sub(size)..]}).to_string())
    })
    .await
}

#[tokio::test]
async fn messages_of_one_moment_at_the_border_of_pages_are_not_lost() {
    const AT: f64 = 1_445_412_480.25;
    let offsets: [(&[i32], usize); 5] = [
        (&[0, 1, 2, 3, 4, 5, 6], 0),
        (&[0, 1, 2, 2, 3, 4, 5], 0),
        (&[0, 1, 1, 2, 2, 3, 3, 4, 4], 0),
        (&[0, 0, 1, 1, 2, 3, 4, 4], 0),
        // Four of one moment, and pages of three: one cannot be had, and that is said.
        (&[0, 1, 2, 2, 2, 2, 3, 4, 5], 1),
    ];
    for (offsets, hidden) in offsets {
        let times: Vec<_> = offsets.iter().map(|n| AT + f64::from(*n)).collect();
        let server = history(times, 3).await;
        let items = all(&server, &BY_TIME).await;
        let errors = items.iter().filter_map(|item| item.as_ref().err());
        let errors: Vec<_> = errors.map(ToString::to_string).collect();
        assert_eq!(errors.len(), hidden, "{errors:?}");
        let mut read: Vec<_> =
            items.into_iter().filter_map(Result::ok).map(|it| it["n"].as_u64().unwrap()).collect();
        read.sort_unstable();
        let count = read.len();
        read.dedup();
        assert_eq!(
            (read.len(), count),
            (offsets.len() - hidden, offsets.len() - hidden),
            "{read:?}"
        );
    }
}

#[tokio::test]
async fn arrivals_between_counted_pages_bring_nothing_twice() {
    let mut added = 0;
    let server = Server::answering(move |request| {
        let from = parameter(request, "_offset").unwrap_or(0) as usize;
        // Newest first; with each request one more has arrived.
        let items: Vec<_> = (0..9 + added).rev().map(|n| json!({"n": n})).collect();
        added += 1;
        ok(&json!({"things": items.into_iter().skip(from).take(3).collect::<Vec<_>>()}).to_string())
    })
    .await;
    let items = all(&server, &BY_OFFSET).await;
    let read: Vec<_> = items.into_iter().map(|it| it.unwrap()["n"].as_u64().unwrap()).collect();
    assert_eq!(read, (0..9).rev().collect::<Vec<_>>());
}

#[test]
fn streams_can_be_sent_and_moved() {
    fn check<T: Send + Unpin + 'static>(_: T) {}
    let core = builder("http://127.0.0.1:1").build().unwrap();
    check(paging::stream::<Value>(call(&core, &BY_OFFSET)));
    check(crate::runtime::follow::start::<Value>(call(&core, &BY_OFFSET)));
}

/// A server of five things, two a page, that says how to go on in the way of each of these operations.
fn says_next(request: &str, next: &str) -> Act {
    let by_number = parameter(request, "page").unwrap_or(1);
    let from = parameter(request, "cursor").unwrap_or((by_number - 1) * 2);
    let things: Vec<u64> = (from..5).take(2).collect();
    let more = (from + 2 < 5).then(|| next.replace("{}", &(from + 2).to_string()));
    let body = json!({"things": things, "meta": {"next": more}, "next": more}).to_string();
    let header = more.unwrap_or_default();
    let link = format!("</v1/first>; rel=first, <{header}>; rel=\"next\"");
    let mut headers = vec![("Content-Type", "application/json")];
    if !header.is_empty() {
        headers.extend([("X-Next", header.as_str()), ("Link", link.as_str())]);
    }
    answer(200, &headers, &body)
}

#[tokio::test]
async fn answers_say_how_to_go_on() {
    let cases: [(&'static Operation, &'static str); 6] = [
        (&BY_NUMBER, ""),
        (&BY_TOKEN, "{}"),
        (&BY_TOKEN_HEADER, "{}"),
        (&BY_LINK, "/v1/things?cursor={}"),
        // Relative to the page before.
        (&BY_LINK, "?cursor={}"),
        (&BY_LINK_HEADER, "/v1/things?cursor={}"),
    ];
    for (operation, next) in cases {
        let server = Server::answering(move |request| says_next(request, next)).await;
        let items = all(&server, operation).await;
        let items: Vec<Value> = items.into_iter().map(Result::unwrap).collect();
        assert_eq!(items, (0..5).map(Value::from).collect::<Vec<_>>(), "{operation:?} {next}");
        for request in server.requests() {
            assert!(request.contains(super::SECRET), "{request}");
        }
    }
}

#[tokio::test]
async fn a_page_without_items_does_not_end_what_says_that_it_goes_on() {
    let server = Server::answering(|request| match parameter(request, "cursor") {
        None => ok(r#"{"things": [1], "meta": {"next": 1}}"#),
        Some(1) => ok(r#"{"things": [], "meta": {"next": 2}}"#),
        Some(_) => ok(r#"{"things": [1], "meta": {"next": ""}}"#),
    })
    .await;
    let items = all(&server, &BY_TOKEN).await;
    assert_eq!(items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [json!(1), json!(1)]);
}

#[tokio::test]
async fn pages_that_lead_astray_end_with_an_error() {
    let cases: [(&'static Operation, &'static str, &str); 5] = [
        (&BY_LINK, "https://elsewhere.example/v1/things?cursor={}", "another host"),
        (&BY_LINK, "/v2/things?cursor={}", "out of the base URL"),
        (&BY_LINK_HEADER, "//elsewhere.example/v1/things?cursor={}", "another host"),
        (&BY_LINK, "/v1/things?cursor=0", "in a circle"),
        (&BY_TOKEN, "0", "in a circle"),
    ];
    for (operation, next, says) in cases {
        let server = Server::answering(move |request| says_next(request, next)).await;
        let mut items = all(&server, operation).await;
        let error = items.pop().unwrap().unwrap_err().to_string();
        assert!(error.contains(says), "{next}: {error}");
        assert!(server.requests().len() <= 2);
    }
    // A server that does not look at the number.
    let server = Server::start(vec![ok(r#"{"things":[1,2]}"#)]).await;
    let items = all(&server, &BY_NUMBER).await;
    assert!(items.last().unwrap().as_ref().unwrap_err().to_string().contains("the same"));
}
