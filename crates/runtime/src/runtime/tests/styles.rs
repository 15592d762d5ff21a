//! Values on the wire: the tables of styles of OpenAPI, and what they leave out. The keys of objects are in the order that
//! maps without one have, too.

use serde_json::{Value, json};

use super::builder;
use super::server::{Server, ok};
use crate::runtime::{Call, Constraints, Encoding, FilePart, Style};
use crate::{CallOptions, Error, Operation};

static COLORS: Operation = Operation::new("readColors", "GET", "/things/{color}");
static PLAIN: Operation = Operation::new("sendThing", "POST", "/things");
const ANY: &Constraints = &Constraints::ANY;
const FORM_DATA: &str = "multipart/form-data";

/// The request that a call becomes.
async fn sent(
    operation: &'static Operation,
    build: impl FnOnce(&mut Call) -> Result<(), Error>,
) -> Result<String, Error> {
    let server = Server::start(vec![ok("{}")]).await;
    let mut call = Call::new(&builder(&server.url).build().unwrap(), operation, CallOptions::new());
    build(&mut call)?;
    call.send().await?;
    Ok(server.requests().remove(0))
}

/// The values of the tables: an empty one, a single one, a list, an object.
fn value(kind: &str) -> Value {
    match kind {
        "empty" => json!(""),
        "string" => json!("blue"),
        "array" => json!(["blue", "black", "brown"]),
        "object" => json!({"B": 150, "G": 200, "R": 100}),
        "none" => json!([]),
        "special" => json!("a/b?c&d=e f+ä%2F"),
        "words" => json!(["a b", "c,d", ""]),
        "nested" => json!([["a"]]),
        "dots" => json!(".."),
        "dot" => json!("."),
        "segments" => json!("a/b c/d"),
        "climbs" => json!("a/../b"),
        "gap" => json!("a//b"),
        "hidden" => json!("a/b%2f.."),
        "slash" => json!(["x", "../y"]),
        "slashes" => json!(["a/b", "c"]),
        "address" => json!("https://a.example/"),
        "nothing" => json!("//"),
        other => panic!("no value `{other}`"),
    }
}

/// What a case expects in place of a refusal.
const REFUSED: &str = "refused";

#[tokio::test]
async fn paths_are_written_as_their_style_says() {
    let (simple, label, matrix) = (Style::SIMPLE, Style::LABEL, Style::MATRIX);
    let cases = [
        // The tables.
        (matrix, "string", ";color=blue"),
        (matrix, "array", ";color=blue,black,brown"),
        (matrix, "object", ";color=B,150,G,200,R,100"),
        (matrix.explode(true), "string", ";color=blue"),
        (matrix.explode(true), "array", ";color=blue;color=black;color=brown"),
        (matrix.explode(true), "object", ";B=150;G=200;R=100"),
        (label, "string", ".blue"),
        (label, "array", ".blue,black,brown"),
        (label, "object", ".B,150,G,200,R,100"),
        (label.explode(true), "string", ".blue"),
        (label.explode(true), "array", ".blue.black.brown"),
        (label.explode(true), "object", ".B=150.G=200.R=100"),
        (simple, "string", "blue"),
        (simple, "array", "blue,black,brown"),
        (simple, "object", "B,150,G,200,R,100"),
        (simple.explode(true), "string", "blue"),
        (simple.explode(true), "array", "blue,black,brown"),
        (simple.explode(true), "object", "B=150,G=200,R=100"),
        // The collection formats of Swagger 2.0.
        (Style::SPACE_DELIMITED, "array", "blue%20black%20brown"),
        (Style::TAB_DELIMITED, "array", "blue%09black%09brown"),
        (Style::PIPE_DELIMITED, "array", "blue%7Cblack%7Cbrown"),
        // What the tables leave out.
        (simple, "words", "a%20b,c%2Cd,"),
        (matrix.explode(true), "words", ";color=a%20b;color=c%2Cd;color"),
        // A value that is empty, or would leave its segment, is refused whatever its style.
        (matrix, "empty", REFUSED),
        (label, "empty", REFUSED),
        (simple, "empty", REFUSED),
        (simple, "none", REFUSED),
        (matrix, "none", REFUSED),
        (matrix, "dots", REFUSED),
        (label, "dot", REFUSED),
        (matrix.explode(true), "slash", REFUSED),
        (simple, "special", REFUSED),
        (simple.allow_reserved(), "special", REFUSED),
        (simple, "nested", REFUSED),
        // A value of several segments, of which each is held to the same.
        (simple.across_segments(), "segments", "a/b%20c/d"),
        (simple.across_segments(), "string", "blue"),
        (simple.across_segments(), "climbs", REFUSED),
        (simple.across_segments(), "gap", REFUSED),
        (simple.across_segments(), "hidden", REFUSED),
        (simple, "segments", REFUSED),
        (simple.with_slashes(), "segments", "a%2Fb%20c%2Fd"),
        (simple.with_slashes(), "address", "https%3A%2F%2Fa.example%2F"),
        (simple.with_slashes(), "slashes", "a%2Fb,c"),
        (simple.with_slashes(), "nothing", REFUSED),
        (simple.with_slashes(), "climbs", REFUSED),
        (simple.with_slashes(), "hidden", REFUSED),
    ];
    for (style, kind, expected) in cases {
        let request = sent(&COLORS, |call| call.path("color", Ok(value(kind)), style, ANY)).await;
        match request {
            Ok(request) => {
                let line = format!("GET /v1/things/{expected} HTTP/1.1\r\n");
                assert!(request.starts_with(&line), "{kind} as {style:?}: {request}");
            }
            Err(error) => {
                assert!(error.is_invalid_request(), "{error:?}");
                assert_eq!(expected, REFUSED, "{kind} as {style:?}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn queries_are_written_as_their_style_says() {
    let (form, deep) = (Style::FORM, Style::DEEP_OBJECT);
    let (space, pipe) = (Style::SPACE_DELIMITED, Style::PIPE_DELIMITED);
    let cases = [
        // The tables.
        (form.explode(false), "empty", "?color="),
        (form.explode(false), "string", "?color=blue"),
        (form.explode(false), "array", "?color=blue,black,brown"),
        (form.explode(false), "object", "?color=B,150,G,200,R,100"),
        (form, "empty", "?color="),
        (form, "string", "?color=blue"),
        (form, "array", "?color=blue&color=black&color=brown"),
        (form, "object", "?B=150&G=200&R=100"),
        (space, "array", "?color=blue%20black%20brown"),
        (space, "object", "?color=B%20150%20G%20200%20R%20100"),
        (pipe, "array", "?color=blue%7Cblack%7Cbrown"),
        (pipe, "object", "?color=B%7C150%7CG%7C200%7CR%7C100"),
        (deep, "object", "?color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100"),
        (deep, "array", "?color=blue&color=black&color=brown"),
        (deep, "nested", "?color%5B0%5D=a"),
        // The collection formats of Swagger 2.0.
        (Style::TAB_DELIMITED, "array", "?color=blue%09black%09brown"),
        // What the tables leave out.
        (form, "none", ""),
        (form.explode(false), "words", "?color=a%20b,c%2Cd,"),
        (form, "words", "?color=a%20b&color=c%2Cd&color="),
        (form, "special", "?color=a%2Fb%3Fc%26d%3De%20f%2B%C3%A4%252F"),
        // Neither another parameter, nor a space, nor a fragment comes of what is reserved.
        (form.allow_reserved(), "special", "?color=a/b?c%26d=e%20f%2B%C3%A4%2F"),
        (form.allow_reserved(), "words", "?color=a%20b&color=c,d&color="),
        (Style::JSON, "object", "?color=%7B%22B%22%3A150%2C%22G%22%3A200%2C%22R%22%3A100%7D"),
        (form, "nested", REFUSED),
        (pipe, "nested", REFUSED),
    ];
    for (style, kind, expected) in cases {
        let request = sent(&PLAIN, |call| call.query("color", Ok(value(kind)), style, ANY)).await;
        match request {
            Ok(request) => {
                let line = request.lines().next().unwrap_or_default();
                let query =
                    line.trim_start_matches("POST /v1/things").trim_end_matches(" HTTP/1.1");
                assert_eq!(query, expected, "{kind} as {style:?}");
            }
            Err(error) => assert_eq!(expected, REFUSED, "{kind} as {style:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn headers_and_cookies_are_written_as_their_style_says() {
    let simple = Style::SIMPLE;
    let headers = [
        (simple, "string", "blue"),
        (simple, "array", "blue,black,brown"),
        (simple, "object", "B,150,G,200,R,100"),
        (simple.explode(true), "object", "B=150,G=200,R=100"),
        (simple, "words", "a b,c,d,"),
        (Style::PIPE_DELIMITED, "array", "blue|black|brown"),
        (Style::SPACE_DELIMITED, "array", "blue black brown"),
        (Style::TAB_DELIMITED, "array", "blue\tblack\tbrown"),
        (Style::JSON, "array", "[\"blue\",\"black\",\"brown\"]"),
        (simple, "nested", REFUSED),
    ];
    for (style, kind, expected) in headers {
        let build = |call: &mut Call| call.header("X-Color", Ok(value(kind)), style, ANY);
        match sent(&PLAIN, build).await {
            Ok(request) => {
                let line = format!("x-color: {expected}\r\n");
                assert!(request.contains(&line), "{kind} as {style:?}: {request}");
            }
            Err(error) => assert_eq!(expected, REFUSED, "{kind} as {style:?}: {error}"),
        }
    }
    let cookies = [
        (Style::FORM, "empty", "color="),
        (Style::FORM, "string", "color=blue"),
        (Style::FORM, "array", "color=blue; color=black; color=brown"),
        (Style::FORM, "object", "B=150; G=200; R=100"),
        (Style::FORM.explode(false), "array", "color=blue,black,brown"),
        (Style::FORM.explode(false), "object", "color=B,150,G,200,R,100"),
        (Style::FORM, "special", "color=a%2Fb%3Fc%26d%3De%20f%2B%C3%A4%252F"),
        (Style::COOKIE, "special", "color=a/b?c&d=e%20f+%C3%A4%2F"),
        (Style::FORM, "nested", REFUSED),
    ];
    for (style, kind, expected) in cookies {
        let build = |call: &mut Call| call.cookie("color", Ok(value(kind)), style, ANY);
        match sent(&PLAIN, build).await {
            Ok(request) => {
                let line = format!("cookie: {expected}\r\n");
                assert!(request.contains(&line), "{kind} as {style:?}: {request}");
            }
            Err(error) => assert_eq!(expected, REFUSED, "{kind} as {style:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn forms_are_written_as_their_encoding_says() {
    let of = Encoding::of("f");
    let cases = [
        // What OpenAPI says where the document says nothing.
        (of, json!("a b"), "f=a%20b"),
        (of, json!([1, 2]), "f=1&f=2"),
        (of, json!({"k": 1}), "f=%7B%22k%22%3A1%7D"),
        (of, json!(null), ""),
        (of.with_style(Style::FORM.explode(false)), json!([1, 2]), "f=1,2"),
        (of.with_style(Style::PIPE_DELIMITED), json!([1, 2]), "f=1%7C2"),
        (of.with_style(Style::TAB_DELIMITED), json!([1, 2]), "f=1%092"),
        (of.with_style(Style::DEEP_OBJECT), json!({"k": {"l": 1}}), "f%5Bk%5D%5Bl%5D=1"),
        (of.with_style(Style::FORM), json!({"k": 1}), "k=1"),
        (of.with_style(Style::FORM.allow_reserved()), json!("a/b"), "f=a/b"),
        (of.with_content_type("application/json"), json!([1]), "f=%5B1%5D"),
        (of.with_content_type("application/json"), json!("a"), "f=%22a%22"),
    ];
    let media = "application/x-www-form-urlencoded";
    for (encoding, value, expected) in cases {
        let body = json!({"f": value});
        let request =
            sent(&PLAIN, |call| call.form(media, Ok(Some(&body)), &[encoding], ANY)).await.unwrap();
        let end = format!("\r\n\r\n{expected}");
        assert!(request.ends_with(&end), "{body} as {encoding:?}: {request}");
    }
    let nested = json!({"f": [[1]]});
    let encoding = of.with_style(Style::FORM.explode(false));
    let error = sent(&PLAIN, |call| call.form(media, Ok(Some(nested)), &[encoding], ANY)).await;
    assert!(error.unwrap_err().to_string().contains("`f` holds an array"));
}

#[tokio::test]
async fn parts_are_written_as_their_encoding_says() {
    let of = Encoding::of("f");
    let file = json!(FilePart::new("a.png", "image/png", "bytes"));
    let cases = [
        (of, json!("a"), vec!["\r\n\r\na\r\n"]),
        (of, json!([1, 2]), vec!["\r\n\r\n1\r\n", "\r\n\r\n2\r\n"]),
        (of, json!({"k": 1}), vec!["\r\nContent-Type: application/json\r\n\r\n{\"k\":1}\r\n"]),
        (
            of.with_content_type("text/html"),
            json!("<p>"),
            vec!["\r\nContent-Type: text/html\r\n\r\n<p>\r\n"],
        ),
        (
            of.with_content_type("application/json"),
            json!("a"),
            vec!["\r\nContent-Type: application/json\r\n\r\n\"a\"\r\n"],
        ),
        (of.with_style(Style::FORM.explode(false)), json!([1, 2]), vec!["\r\n\r\n1,2\r\n"]),
        (
            of.with_style(Style::DEEP_OBJECT),
            json!({"k": "ä"}),
            vec!["name=\"f[k]\"", "\r\n\r\nä\r\n"],
        ),
        (of.file(), file, vec!["filename=\"a.png\"", "Content-Type: image/png\r\n\r\nbytes\r\n"]),
        (
            of.file().with_content_type("text/csv"),
            json!("a,b"),
            vec!["filename=\"f\"", "Content-Type: text/csv\r\n\r\na,b\r\n"],
        ),
    ];
    for (encoding, value, expected) in cases {
        let body = json!({"f": value});
        let request =
            sent(&PLAIN, |call| call.multipart(FORM_DATA, Ok(Some(&body)), &[encoding], ANY))
                .await
                .unwrap();
        for part in expected {
            assert!(request.contains(part), "`{part}` for {body} as {encoding:?}: {request}");
        }
    }
    let body = json!({"f": "a", "g": "b"});
    let request = sent(&PLAIN, |call| {
        call.multipart(FORM_DATA, Ok(Some(body)), &[], ANY)?;
        call.part_header("f", "X-Part", Ok(7), Style::SIMPLE, ANY)?;
        call.part_header("absent", "X-Part", Ok(8), Style::SIMPLE, ANY)
    });
    let request = request.await.unwrap();
    let (first, second) = request.split_once("name=\"g\"").unwrap();
    assert!(first.to_lowercase().contains("x-part: 7\r\n"), "{request}");
    assert!(!second.to_lowercase().contains("x-part"), "{request}");
    assert!(!request.to_lowercase().contains("x-part: 8"), "{request}");
}
