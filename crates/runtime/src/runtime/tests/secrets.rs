//! No secret, payload or query in anything that prints.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::server::{Act, Server, answer, ok};
use super::{READ, SECRET, SEND, TINY, call, send};
use crate::runtime::de::{Dictionary, Form, Plain};
use crate::runtime::{Builder, Constraints, Style};
use crate::{CallOptions, RetryPolicy};

/// Collects what a subscriber writes.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_that_prints_holds_a_secret() {
    let sink = Sink::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(sink.clone())
        .finish();
    // For all threads: what other tests trace meanwhile must not hold the secret either.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let leaky = [("Set-Cookie", SECRET), ("Location", SECRET), ("X-Request-Id", "r-7")];
    let body = format!(r#"{{"code":"{SECRET} and more","message":"{SECRET}"}}"#);
    let script = vec![
        answer(503, &leaky, &body),
        Act::ResetAfterRequest,
        answer(400, &leaky, &body),
        answer(302, &leaky, &body),
        answer(200, &leaky, &body),
    ];
    let mut printed = String::new();
    for method in ["api_key", "query_key", "bearer", "basic", "app_key"] {
        let server = Server::start(script.clone()).await;
        let builder = Builder::new(&TINY).base_url(&server.url).retry(RetryPolicy::off());
        let builder = match method {
            "basic" | "app_key" => builder.pair(method, "name", SECRET),
            _ => builder.secret(method, SECRET),
        };
        printed += &format!("{builder:?}");
        let core = builder.build().unwrap();
        printed += &format!("{core:?}");
        for _ in 0..5 {
            let mut one = call(&core, &READ).unwrap();
            one.query("q", Ok(SECRET), Style::FORM, &Constraints::ANY).unwrap();
            printed += &format!("{one:?}");
            match one.send().await {
                Ok(answer) => {
                    printed += &format!("{answer:?}");
                    let response = answer.json::<Plain, u8>();
                    printed += &format!("{response:?}");
                }
                Err(error) => {
                    printed += &format!("{error} {error:?} {error:#?}");
                    let mut cause = std::error::Error::source(&error);
                    while let Some(it) = cause {
                        printed += &format!("{it} {it:?}");
                        cause = it.source();
                    }
                }
            }
        }
    }
    let traced = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = traced.lines().filter(|line| line.contains("conversations")).collect();
    assert!(ours.iter().any(|line| line.contains("operation=\"readThing\"")), "{traced}");
    assert!(ours.iter().any(|line| line.contains("path=\"/things/{id}\"")), "{traced}");
    for (name, text) in [("printed", &printed), ("traced", &traced)] {
        let at = text.find(SECRET);
        let around = at.map(|at| &text[at.saturating_sub(200)..(at + 60).min(text.len())]);
        assert_eq!(around, None, "{name}");
    }
    assert!(!printed.contains("set-cookie"), "{printed}");
}

/// Every place of an answer from which something is printed, with a credential in it.
#[tokio::test]
async fn what_is_named_of_an_answer_holds_no_secret() {
    let sink = Sink::default();
    let subscriber = tracing_subscriber::fmt().with_writer(sink.clone()).finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let long = "x".repeat(50);
    let json = [("Content-Type", "application/json")];
    let bodies: [(Act, usize); 6] = [
        (answer(200, &json, &format!(r#"{{"{SECRET}":"x","b":1}}"#)), 1),
        (answer(200, &json, &format!(r#"{{"a {SECRET}":["x",{{}}],"b":{{"{SECRET}":[2]}}}}"#)), 2),
        // Cut, it would hold a part of the secret, which nothing recognises any more.
        (answer(200, &json, &format!(r#"{{"{long}{SECRET}":"x"}}"#)), 1),
        (answer(200, &json, &format!(r#"{{"a":{{"{SECRET}":1e400}},"b":2}}"#)), 1),
        (answer(200, &[("Content-Type", &format!("text/{SECRET}"))], "<p>"), 0),
        (answer(200, &[("Content-Encoding", "short-k3y")], "<p>"), 0),
    ];
    for (act, skipped) in bodies {
        let secret = if format!("{act:?}").contains(SECRET) { SECRET } else { "short-k3y" };
        let server = Server::start(vec![act.clone()]).await;
        let core = Builder::new(&TINY).base_url(&server.url).secret("api_key", secret);
        let core = core.build().unwrap();
        let answer = call(&core, &READ).unwrap().send().await.unwrap();
        let read = answer.json::<Dictionary<Plain>, std::collections::BTreeMap<String, u32>>();
        let printed = match &read {
            Ok(response) => {
                assert_eq!(response.skipped().len(), skipped, "{act:?}");
                let texts = response.skipped().iter().map(|it| format!("{it} {}", it.path()));
                format!("{:?} {}", response.skipped(), texts.collect::<String>())
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!printed.contains(&secret[..secret.len().min(12)]), "{printed}");
    }
    // A part that is left out because of what stands below it, and a required one.
    type Nested = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u32>>;
    let body = format!(r#"{{"b":{{"{SECRET}":"x"}}}}"#);
    let server = Server::start(vec![answer(200, &json, &body)]).await;
    let core = Builder::new(&TINY).base_url(&server.url).secret("api_key", SECRET).build().unwrap();
    let answered = async || call(&core, &READ).unwrap().send().await.unwrap();
    let response = answered().await.json::<Dictionary<Plain>, Nested>().unwrap();
    assert_eq!(response.skipped()[0].path(), "b");
    assert!(response.skipped()[0].reason().ends_with("at b.[censored]"), "{response:?}");
    let error = answered().await.json::<Plain, Nested>().unwrap_err();
    assert_eq!(error.json_path(), Some("b.[censored]"));
    assert!(
        error.to_string().ends_with("text where a whole number was expected at *.*"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    // An item of a list, whose place is the list's and its own.
    static LIST: crate::Operation = crate::Operation::new("listThings", "GET", "/things")
        .with_paging(crate::Paging::offset("_offset", "_limit", "/things", 3));
    let page = format!(r#"{{"things":[{{"{SECRET}":"x"}}]}}"#);
    let server = Server::start(vec![ok(&page), ok(r#"{"things":[]}"#)]).await;
    let core = Builder::new(&TINY).base_url(&server.url).secret("api_key", SECRET).build().unwrap();
    let items = crate::runtime::paging::stream::<Numbers>(call(&core, &LIST));
    let items: Vec<_> = futures_util::StreamExt::collect(items).await;
    assert!(matches!(items.as_slice(), [Ok(_)]), "{items:?}");
    let traced = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let named = traced.lines().filter(|line| line.contains("left out")).count();
    assert!(named >= 6, "{traced}");
    let part = &SECRET[..12];
    assert!(!traced.contains(part) && traced.contains("things[0].[censored]"), "{traced}");
}

/// A map with any names.
#[derive(Debug)]
struct Numbers;

impl<'de> serde::Deserialize<'de> for Numbers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read: Result<std::collections::BTreeMap<String, u32>, _> =
            <Dictionary<Plain> as Form<'de, _>>::read(deserializer);
        read.map(|_| Self)
    }
}

#[tokio::test]
async fn the_cause_is_not_printed_twice() {
    let server = Server::start(vec![Act::ResetAfterRequest, ok("{}")]).await;
    let core = Builder::new(&TINY).base_url(&server.url).secret("api_key", SECRET).build().unwrap();
    let error = send(&core, &SEND).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(!error.to_string().contains(&cause), "{error}: {cause}");
    let _ = CallOptions::new();
}
