//! What a call becomes on the wire, and what is refused before.

use serde_json::{Value, json};

use super::server::{Server, ok};
use super::{READ, SEND, builder};
use crate::runtime::{Call, Constraints, Core, Encoding, FilePart, Style};
use crate::{CallOptions, Error, Operation};

const FORM_DATA: &str = "multipart/form-data";

fn offline() -> Core {
    builder("http://127.0.0.1:9").build().unwrap()
}

fn new(core: &Core, operation: &'static Operation) -> Call {
    Call::new(core, operation, CallOptions::new())
}

#[track_caller]
fn refused(result: Result<(), Error>, parts: &[&str]) {
    let error = result.unwrap_err();
    assert!(error.is_invalid_request() && error.attempts() == 0, "{error:?}");
    for part in parts {
        assert!(error.to_string().contains(part), "`{part}` in {error}");
    }
}

#[test]
fn unsafe_path_values_are_refused_by_name() {
    let core = offline();
    for value in ["", ".", "..", "a/b", "%2e%2e", "a\\b", "a\r\nb"] {
        let result = new(&core, &READ).path("id", Ok(value), Style::SIMPLE, &Constraints::ANY);
        refused(result, &["readThing", "`id`", "not sent"]);
    }
    let mut call = new(&core, &READ);
    call.path("id", Ok(None::<String>), Style::SIMPLE, &Constraints::ANY).unwrap();
    refused(call.complete().map(drop), &["readThing", "not sent: id is missing"]);
    let missing: Result<String, _> = Err("value was not set".to_owned());
    refused(
        new(&core, &READ).path("id", missing, Style::SIMPLE, &Constraints::ANY),
        &["value was not set"],
    );
}

#[tokio::test]
async fn a_path_without_its_value_is_not_sent() {
    let error = new(&offline(), &READ).send().await.unwrap_err();
    assert!(error.is_invalid_request(), "{error:?}");
}

static PERSON: Constraints = Constraints::ANY
    .with_required(&["name"])
    .with_alternatives(&[&["agentId"], &["email", "from"]])
    .with_properties(&[
        ("name", &Constraints::ANY.with_min_length(1).with_max_length(3)),
        ("age", &Constraints::ANY.with_minimum(0.0, true).with_maximum(150.0, false)),
        ("code", &Constraints::ANY.with_pattern("^[a-z]+$")),
        (
            "tags",
            &Constraints::ANY.with_max_items(2).with_items(&Constraints::ANY.with_max_length(2)),
        ),
        ("child", &PERSON),
    ]);

#[test]
fn rules_are_checked_before_sending() {
    let core = offline();
    let cases: [(Value, &[&str]); 10] = [
        (json!({"agentId": "a"}), &["`/name`", "required"]),
        (json!({"name": null, "agentId": "a"}), &["`/name`", "required"]),
        (json!({"name": "ä"}), &["`agentId`, or `email` and `from`"]),
        (json!({"name": "ä", "email": "e"}), &["agentId"]),
        (json!({"name": "", "agentId": "a"}), &["`/name`", "empty"]),
        (json!({"name": "abcd", "agentId": "a"}), &["`/name`", "4 characters", "at most 3"]),
        (json!({"name": "a", "agentId": "a", "age": 0}), &["`/age`", "greater than 0"]),
        (json!({"name": "a", "agentId": "a", "code": "A1"}), &["`/code`", "^[a-z]+$"]),
        (json!({"name": "a", "agentId": "a", "tags": ["ok", "long"]}), &["`/tags/1`"]),
        (json!({"name": "a", "agentId": "a", "child": {"agentId": "a"}}), &["`/child/name`"]),
    ];
    for (body, parts) in cases {
        let result = new(&core, &SEND).json("application/json", Ok(Some(&body)), &PERSON);
        refused(result, parts);
    }
    // Length counts characters, not bytes.
    let fine = json!({"name": "äöü", "email": "e", "from": "f", "age": 150, "code": null});
    assert!(new(&core, &SEND).json("application/json", Ok(Some(fine)), &PERSON).is_ok());
}

#[test]
fn values_never_stand_in_the_refusal() {
    let core = offline();
    let body = json!({"name": "private words", "agentId": "a"});
    let error = new(&core, &SEND).json("application/json", Ok(Some(body)), &PERSON).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("private words"), "{error:?}");
}

async fn sent(build: impl FnOnce(&mut Call) -> Result<(), Error>) -> String {
    let server = Server::start(vec![ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    let mut call = new(&core, &SEND);
    build(&mut call).unwrap();
    call.send().await.unwrap();
    server.requests().remove(0)
}

#[tokio::test]
async fn parameters_stand_where_they_belong() {
    let request = sent(|call| {
        call.query("q", Ok("ä &"), Style::FORM, &Constraints::ANY)?;
        call.query("absent", Ok(None::<u8>), Style::FORM, &Constraints::ANY)?;
        call.query("list", Ok([1, 2]), Style::FORM.explode(false), &Constraints::ANY)?;
        call.header("X-App", Ok(Some(7)), Style::SIMPLE, &Constraints::ANY)?;
        call.cookie("c", Ok("v;w"), Style::FORM, &Constraints::ANY)
    })
    .await;
    assert!(
        request.starts_with("POST /v1/things?q=%C3%A4%20%26&list=1,2 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("x-app: 7\r\n"), "{request}");
    assert!(request.contains("cookie: c=v%3Bw\r\n"), "{request}");
    let core = offline();
    refused(
        new(&core, &SEND).header("X-App", Ok("a\nb"), Style::SIMPLE, &Constraints::ANY),
        &["X-App"],
    );
    refused(
        new(&core, &SEND).header("X App", Ok("a"), Style::SIMPLE, &Constraints::ANY),
        &["X App"],
    );
}

#[tokio::test]
async fn bodies_of_each_kind() {
    let request = sent(|call| {
        call.json("application/vnd.x+json", Ok(Some(json!({"b": 1}))), &Constraints::ANY)
    })
    .await;
    assert!(request.contains("content-type: application/vnd.x+json\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"b\":1}"), "{request}");

    let request = sent(|_| Ok(())).await;
    assert!(
        request.contains("content-length: 0\r\n") && !request.contains("content-type"),
        "{request}"
    );

    let form = json!({"a": "x y&", "l": [1, 2], "o": {"k": true}, "n": null});
    let media = "application/x-www-form-urlencoded";
    let request = sent(|call| call.form(media, Ok(Some(json!({}))), &[], &Constraints::ANY)).await;
    assert!(request.contains("content-length: 0\r\n") && request.contains(media), "{request}");
    let request = sent(|call| call.form(media, Ok(Some(form)), &[], &Constraints::ANY)).await;
    assert!(request.ends_with("\r\n\r\na=x%20y%26&l=1&l=2&o=%7B%22k%22%3Atrue%7D"), "{request}");

    let file = FilePart::new("a.bin", "image/png", vec![1, 2, 200]);
    let body = json!({"text": "hi", "file": file});
    let request = sent(|call| {
        call.multipart(FORM_DATA, Ok(Some(body)), &[Encoding::of("file").file()], &Constraints::ANY)
    })
    .await;
    assert!(request.contains("name=\"text\"\r\n\r\nhi\r\n"), "{request}");
    assert!(
        request.contains("filename=\"a.bin\"\r\n") && request.contains("image/png"),
        "{request}"
    );

    // A file is known as one also where no encoding speaks of it.
    let file = || FilePart::new("b.bin", "image/png", "bits");
    let body = json!({"mixed": [file(), "hi"], "rest": file()});
    let request =
        sent(|call| call.multipart(FORM_DATA, Ok(Some(body)), &[], &Constraints::ANY)).await;
    for part in ["name=\"mixed\"; filename", "name=\"mixed\"\r\n\r\nhi", "name=\"rest\"; filename"]
    {
        assert!(request.contains(part), "`{part}` in {request}");
    }

    // Parts of another kind keep its media type, with our boundary, and what describes a file precedes it.
    let body = json!({"data": file(), "meta": {"k": 1}});
    let media = "multipart/related; Boundary=x; type=\"application/json\"";
    let request = sent(|call| call.multipart(media, Ok(Some(body)), &[], &Constraints::ANY)).await;
    let related = "content-type: multipart/related; type=\"application/json\"; boundary=";
    assert!(request.contains(related), "{request}");
    assert!(request.find("name=\"meta\"") < request.find("name=\"data\""), "{request}");

    let body = json!({"meta": {"k": 1}});
    let request =
        sent(|call| call.multipart(FORM_DATA, Ok(Some(body)), &[], &Constraints::ANY)).await;
    let part = "name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"k\":1}\r\n";
    assert!(request.contains(part), "{request}");

    let request = sent(|call| {
        call.header("X-O", Ok(json!({"a": 1, "b": "x"})), Style::SIMPLE, &Constraints::ANY)?;
        call.cookie("c", Ok(json!([1, 2])), Style::FORM, &Constraints::ANY)
    })
    .await;
    assert!(
        request.contains("x-o: a,1,b,x\r\n") && request.contains("cookie: c=1; c=2\r\n"),
        "{request}"
    );

    let request = sent(|call| call.bytes("text/plain", Ok(Some("raw".into())))).await;
    assert!(request.ends_with("\r\n\r\nraw"), "{request}");
}

/// What a caller adds under the name of a documented property takes its place.
#[tokio::test]
async fn a_body_has_no_two_members_of_one_name() {
    #[derive(serde::Serialize)]
    struct Open {
        text: &'static str,
        #[serde(flatten)]
        others: Value,
    }
    for (others, written) in
        [(json!({}), r#"{"text":"own"}"#), (json!({"text": "other"}), r#"{"text":"other"}"#)]
    {
        let body = Open { text: "own", others };
        let request =
            sent(|call| call.json("application/json", Ok(Some(body)), &Constraints::ANY)).await;
        assert!(request.ends_with(&format!("\r\n\r\n{written}")), "{request}");
    }
}

#[tokio::test]
async fn anything_else_goes_by_the_escape_hatch() {
    let server = Server::start(vec![ok("{\"a\":1}")]).await;
    let core = builder(&server.url).build().unwrap();
    let raw = core.request(http::Method::PATCH, "/x/a%20b").query("l", [1, 2]).header("X-H", "v");
    let response = raw.json(&json!({"k": 1})).send_json::<Value>().await.unwrap();
    assert_eq!(response["a"], 1);
    let request = server.requests().remove(0);
    assert!(request.starts_with("PATCH /v1/x/a%20b?l=1&l=2 HTTP/1.1\r\n"), "{request}");
    for path in ["/a/../b", "/a//b", "/a/%2e%2e/b", "/a?x=1", "/a%2fb"] {
        let error = core.request(http::Method::GET, path).send().await.unwrap_err();
        assert!(error.is_invalid_request(), "{path}: {error:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

/// RFC 7578 wants names as they are, but for what would end them.
#[tokio::test]
async fn names_of_parts_are_escaped_as_in_html() {
    let cases = [
        ("a b", "name=\"a b\"\r\n"),
        ("Stra\u{df}e[0]", "name=\"Stra\u{df}e[0]\"\r\n"),
        ("a\"; b=\"c", "name=\"a%22; b=%22c\"\r\n"),
        ("a\r\nX-Y: 1", "name=\"a%0D%0AX-Y: 1\"\r\n"),
    ];
    for (name, written) in cases {
        let body = json!({ name: "text" });
        let request =
            sent(|call| call.multipart(FORM_DATA, Ok(Some(body)), &[], &Constraints::ANY)).await;
        assert!(request.contains(&format!("; {written}\r\ntext\r\n")), "{name:?}: {request}");

        let body = json!({ "file": FilePart::new(name, "a/b", "text") });
        let file = [Encoding::of("file").file()];
        let request =
            sent(|call| call.multipart(FORM_DATA, Ok(Some(body)), &file, &Constraints::ANY)).await;
        let expected = format!("name=\"file\"; file{written}Content-Type: a/b\r\n\r\ntext\r\n");
        assert!(request.contains(&expected), "{name:?}: {request}");
    }
}

/// A media type cannot add headers to its part.
#[tokio::test]
async fn parts_of_no_media_type_are_not_sent() {
    let core = builder("http://127.0.0.1:1").build().unwrap();
    for media in ["", "text", "a/b\r\nX-Y: 1"] {
        let raw = core.request(http::Method::POST, "/files");
        let error = raw.file("source", FilePart::new("a", media, "")).send().await.unwrap_err();
        assert!(error.to_string().contains("part `source` has no valid media type"), "{error}");
    }
}

#[tokio::test]
async fn files_go_by_the_escape_hatch() {
    let server = Server::start(vec![ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    let raw = core.request(http::Method::POST, "/files").part("access", "public");
    raw.file("source", FilePart::new("a.txt", "text/plain", "hello")).send().await.unwrap();
    let request = server.requests().remove(0);
    assert!(request.contains("content-type: multipart/form-data; boundary="), "{request}");
    for part in [
        "Content-Disposition: form-data; name=\"access\"\r\n\r\npublic\r\n",
        "Content-Disposition: form-data; name=\"source\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n",
    ] {
        assert!(request.contains(part), "{part} is not in {request}");
    }
}

#[tokio::test]
async fn headers_of_callers_replace_ours_or_are_refused() {
    let server = Server::start(vec![ok("{}")]).await;
    let core = builder(&server.url).build().unwrap();
    let raw = || core.request(http::Method::POST, "/x");
    let before = raw().header("Content-Type", "text/csv").json(&json!({"k": 1}));
    let after = raw().body("text/plain", "a,b").header("content-type", "text/csv");
    for call in [before, after] {
        call.send().await.unwrap();
        let request = server.requests().pop().unwrap();
        let lines = request.lines().filter(|line| line.starts_with("content-type"));
        assert_eq!(lines.collect::<Vec<_>>(), ["content-type: text/csv"], "{request}");
        assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    }
    let sent = server.requests().len();
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Host",
        "CONNECTION",
        "TE",
        "Upgrade",
        "Proxy-Connection",
    ] {
        let error = raw().header(name, "1").send().await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains(name), "{error}");
    }
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn numbers_that_json_cannot_write_are_refused() {
    let core = offline();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut call = new(&core, &SEND);
        refused(call.query("q", Ok(Some(bad)), Style::FORM, &Constraints::ANY), &["`q`", "NaN"]);
        refused(call.header("X-N", Ok(bad), Style::SIMPLE, &Constraints::ANY), &["X-N", "NaN"]);
        let body = std::collections::BTreeMap::from([("price", vec![1.0, bad])]);
        let result = call.json("application/json", Ok(Some(&body)), &Constraints::ANY);
        refused(result, &["the body", "/price/1", "NaN"]);
        refused(call.form("a/b", Ok(Some(&body)), &[], &Constraints::ANY), &["/price/1"]);
        let raw = core.request(http::Method::POST, "/x").json(&body);
        assert!(format!("{raw:?}").contains("NaN"), "{raw:?}");
    }
}

#[tokio::test]
async fn a_coding_that_is_not_read_is_named() {
    let cases = [("gzip", "(gzip)"), ("br, GZIP", "(br, GZIP)"), ("<b>secret</b>", "(something)")];
    for (coding, named) in cases {
        let headers = [("Content-Encoding", coding), ("Content-Type", "application/json")];
        let server = Server::start(vec![super::server::answer(200, &headers, "\u{1f}x")]).await;
        let core = builder(&server.url).build().unwrap();
        let error = super::send(&core, &SEND).await.unwrap_err();
        assert!(error.is_decode() && error.to_string().contains(named), "{coding}: {error}");
    }
    // As text it would be noise; as bytes it is what was asked for, and the header says what it is.
    let headers = [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")];
    let server = Server::start(vec![super::server::answer(200, &headers, "\u{1f}x")]).await;
    let core = builder(&server.url).build().unwrap();
    let answer = super::call(&core, &SEND).unwrap().send().await.unwrap();
    let error = answer.text().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("(gzip)"), "{error}");
    assert_eq!(error.body(), Some(&b"\x1fx"[..]));
    let answer = super::call(&core, &SEND).unwrap().send().await.unwrap();
    assert_eq!(answer.bytes().unwrap().headers()["content-encoding"], "gzip");
    for coding in ["identity", "", "Identity"] {
        let server =
            Server::start(vec![super::server::answer(200, &[("Content-Encoding", coding)], "{}")]);
        let server = server.await;
        super::send(&builder(&server.url).build().unwrap(), &SEND).await.unwrap();
    }
}

#[tokio::test]
async fn a_call_that_changes_something_may_be_answered_without_its_body() {
    #[derive(Debug, serde::Deserialize)]
    struct Optional {
        note: Option<String>,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Required {
        #[allow(dead_code)]
        id: String,
    }
    for (status, body) in [(200, ""), (201, ""), (202, " \n"), (204, "")] {
        let server = Server::start(vec![super::server::answer(status, &[], body)]).await;
        let core = builder(&server.url).build().unwrap();
        let sent = async || super::call(&core, &SEND).unwrap().send().await.unwrap();
        let answer = sent().await.json::<crate::runtime::de::Plain, Optional>().unwrap();
        assert_eq!(answer.note, None);
        assert_eq!(answer.skipped()[0].reason(), "the answer has no body");
        // What was carried out must not look as if it could be tried again.
        let error = sent().await.json::<crate::runtime::de::Plain, Required>().unwrap_err();
        assert!(error.is_decode() && !error.is_retryable(), "{error:?}");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        assert!(error.to_string().contains("was carried out"), "{error}");
        // Whoever asks and gets nothing was not answered.
        let answer = super::call(&core, &READ).unwrap().send().await.unwrap();
        assert!(answer.json::<crate::runtime::de::Plain, Optional>().is_err());
    }
}
