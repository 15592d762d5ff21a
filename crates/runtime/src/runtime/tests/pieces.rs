//! Answers that come piece by piece.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::server::{Act, Server, answer};
use super::{builder, call};
use crate::reading::de::Plain;
use crate::{Error, Event, Operation};

static FEED: Operation = Operation::new("feed", "GET", "/feed").with_streaming(true);

const HEAD: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

/// An item, or the name of the error in its place.
fn shown<T>(item: Result<T, Error>, value: impl Fn(T) -> Value) -> Value {
    match item {
        Ok(item) => value(item),
        Err(error) if error.is_decode() => json!("decode"),
        Err(error) => json!(error.to_string()),
    }
}

fn event<T: Into<Value>>(event: Event<T>) -> Value {
    json!([event.event, event.id, event.data.into()])
}

#[tokio::test]
async fn lines_are_items() {
    let cases = [
        ("{\"a\":1}\n{\"a\":2}\n", vec![json!({"a": 1}), json!({"a": 2})]),
        ("\u{feff}1\r\n\r\n \n2", vec![json!(1), json!(2)]),
        ("\u{1e}1\n\u{1e}2\n", vec![json!(1), json!(2)]),
        ("1\n<p>\n3\n", vec![json!(1), json!("decode"), json!(3)]),
        ("", vec![]),
    ];
    for (body, expected) in cases {
        let server = Server::start(vec![answer(200, &[], body)]).await;
        let core = builder(&server.url).build().unwrap();
        let response = call(&core, &FEED).unwrap().send().await.unwrap();
        let items = response.lines::<Plain, Value>().unwrap().into_inner();
        let found: Vec<Value> = items.map(|it| shown(it, |it| it)).collect().await;
        assert_eq!(found, expected, "{body:?}");
    }
}

#[tokio::test]
async fn events_carry_data() {
    let body = ": hello\n\ndata: {\"a\":\ndata: 1}\nid: 7\nevent: made\n\nevent: empty\n\ndata:2\r\n\r\n\
                data: {\n\nretry: 5\ndata: 3";
    let expected = vec![
        json!(["made", "7", {"a": 1}]),
        json!([null, null, 2]),
        json!("decode"),
        json!([null, null, 3]),
    ];
    let ended = format!("{body}\n\ndata: [DONE]\n\n");
    for body in [body, ended.as_str()] {
        let server = Server::start(vec![answer(200, &[], body)]).await;
        let core = builder(&server.url).build().unwrap();
        let response = call(&core, &FEED).unwrap().send().await.unwrap();
        let items = response.events::<Plain, Value>().unwrap().into_inner();
        let found: Vec<Value> = items.map(|it| shown(it, event)).collect().await;
        assert_eq!(found, expected);
    }
    let server =
        Server::start(vec![answer(200, &[], "data: a\ndata: b\n\ndata: [DONE]\n\n")]).await;
    let core = builder(&server.url).build().unwrap();
    let response = call(&core, &FEED).unwrap().send().await.unwrap();
    let items = response.text_events().unwrap().into_inner();
    let found: Vec<Value> = items.map(|it| shown(it, event)).collect().await;
    assert_eq!(found, [json!([null, null, "a\nb"]), json!([null, null, "[DONE]"])]);
}

#[tokio::test]
async fn an_item_is_there_before_the_answer_ends() {
    let server = Server::start(vec![Act::ReplyThenHang(format!("{HEAD}\r\n1\n2"))]).await;
    let core = builder(&server.url).build().unwrap();
    let response = call(&core, &FEED).unwrap().send().await.unwrap();
    let mut items = response.lines::<Plain, Value>().unwrap().into_inner();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn what_is_cut_short_or_endless_ends_with_an_error() {
    let cut = Act::Reply(format!("{HEAD}Content-Length: 100\r\n\r\n1\n2"));
    let endless = Act::ReplyThenFlood(format!("{HEAD}\r\n1\n\""));
    for (act, expected) in [(cut, "cut short"), (endless, "longer than")] {
        let server = Server::start(vec![act]).await;
        let core = builder(&server.url).max_body_bytes(10_000).build().unwrap();
        let response = call(&core, &FEED).unwrap().send().await.unwrap();
        let items = response.lines::<Plain, Value>().unwrap().into_inner();
        let found: Vec<_> = items.collect().await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(*found[0].as_ref().unwrap(), 1);
        let error = found[1].as_ref().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(200));
    }
}

#[tokio::test]
async fn a_refusal_has_its_body() {
    let server = Server::start(vec![answer(403, &[], r#"{"code":"no"}"#)]).await;
    let core = builder(&server.url).build().unwrap();
    let error = call(&core, &FEED).unwrap().send().await.unwrap_err();
    assert_eq!((error.code(), error.body()), (Some("no"), Some(&br#"{"code":"no"}"#[..])));
}

/// Short lines without an end make one long item.
#[tokio::test]
async fn an_event_is_bounded_whatever_its_lines() {
    let body = format!("data: 1\n\n{}", "data: some text\n".repeat(1_000));
    let server = Server::start(vec![Act::Reply(format!("{HEAD}\r\n{body}"))]).await;
    let core = builder(&server.url).max_body_bytes(5_000).build().unwrap();
    let response = call(&core, &FEED).unwrap().send().await.unwrap();
    let items = response.text_events().unwrap().into_inner();
    let found: Vec<_> = items.map(|it| it.map(|it| it.data)).collect().await;
    let [Ok(first), Err(error)] = &found[..] else { panic!("{found:?}") };
    assert!(first == "1" && error.to_string().contains("longer than"), "{error}");
}
