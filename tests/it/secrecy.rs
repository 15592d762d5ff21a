//! Keys go to the origin that they were given for and nowhere else: to no redirect's target, into no output.

use crate::{
    calls,
    server::{Reply, Server},
};
use conversations::{Error, Response, RetryPolicy, brevo, smooch, smscx, ultracart};
use serde_json::json;
use std::{
    cell::Cell,
    error::Error as _,
    fmt::Debug,
    future::Future,
    io::Write,
    pin::Pin,
    sync::{Arc, Mutex},
};
use tracing_subscriber::{
    filter::DynFilterFn,
    fmt::{MakeWriter, format::FmtSpan},
    prelude::*,
};

/// What no output may hold. It is part of every credential here.
const SECRET: &str = "s3cr3t-0f-a-key";
/// What no output may hold either: a customer's words, and an identifier.
const WORDS: &str = "words-of-a-customer";

thread_local! {
    /// Whether what this thread traces is kept.
    static LISTENING: Cell<bool> = const { Cell::new(false) };
}

/// A call with one credential: all that printed, and its error.
type Calling = Pin<Box<dyn Future<Output = (String, Option<Error>)>>>;

struct Case {
    name: &'static str,
    call: fn(String) -> Calling,
}

macro_rules! case {
    ($provider:ident . $method:ident($($argument:expr),*), |$client:ident| $made:expr) => {
        Case {
            name: concat!(stringify!($provider), ".", stringify!($method)),
            call: |base| -> Calling {
                Box::pin(async move {
                    let builder = $provider::Client::builder().$method($($argument),*).base_url(base);
                    let builder = builder.retry(RetryPolicy::off());
                    let mut printed = format!("{builder:?}");
                    let $client = builder.build().expect("a client");
                    printed.push_str(&format!("{:?} {:#?}", $client, $client));
                    let call = $made;
                    (printed + &outcome(&call.clone().send().await), call.send().await.err())
                })
            },
        }
    };
}

/// Everything that a caller could print of an outcome but the value itself.
fn outcome<T: Debug>(result: &Result<Response<T>, Error>) -> String {
    match result {
        Ok(response) => format!("{:?}", response.frame()),
        Err(error) => {
            let mut printed = format!("{error} {error:?} {error:#?}");
            let mut cause = error.source();
            while let Some(inner) = cause {
                printed.push_str(&format!("{inner} {inner:?}"));
                cause = inner.source();
            }
            printed
        }
    }
}

/// The frame of a response, whose value is the caller's own business.
trait Frame {
    fn frame(&self) -> String;
}

impl<T> Frame for Response<T> {
    fn frame(&self) -> String {
        format!("{:?} {:?} {:?}", self.status(), self.request_id(), self.rate_limit())
    }
}

/// Every way to authenticate, with a call that carries a customer's words.
fn cases() -> Vec<Case> {
    const ID: &str = "0c0ffee0-0000-4000-8000-000000000001";
    vec![
        case!(brevo.api_key(SECRET), |c| c
            .send_message_as_agent()
            .body_map(|it| it.visitor_id(WORDS).agent_id("a").text(WORDS))),
        case!(smooch.jwt(SECRET), |c| c
            .post_message()
            .app_id("app")
            .user_id(WORDS)
            .body_map(|it| it.role("appMaker").type_("text").text(WORDS))),
        case!(smooch.app_key("key-id", SECRET), |c| c
            .get_messages()
            .app_id("app")
            .user_id(WORDS)
            .before(WORDS.to_owned())),
        case!(smooch.basic("key-id", SECRET), |c| c.delete_messages().app_id("app").user_id(WORDS)),
        case!(smscx.api_key(SECRET), |c| c
            .send_conversation_reply_sms()
            .conversation_id(ID)
            .body_map(|it| it.text(WORDS))),
        case!(smscx.bearer_token(SECRET), |c| c.get_conversation().conversation_id(ID)),
        case!(smscx.client_credentials("client-id", SECRET), |c| c.get_conversations_list()),
        case!(ultracart.simple_key(SECRET), |c| c.get_conversation().conversation_uuid(WORDS)),
        case!(ultracart.oauth_token(SECRET), |c| c
            .start_conversation()
            .body_map(|it| it.conversation_arn(WORDS))),
    ]
}

/// The forms in which a secret could show: as it is, and as HTTP Basic sends it.
fn leaks(text: &str) -> Vec<&'static str> {
    let basic = ["a2V5LWlk", "Y2xpZW50LWlk", "czNjcjN0", "M2NyM3Q", "zY3IzdC"];
    [SECRET, WORDS].into_iter().chain(basic).filter(|it| text.contains(it)).collect()
}

#[tokio::test]
async fn redirects_are_refused_and_the_key_stays() {
    let mut count = 0;
    for case in cases() {
        for status in [300, 301, 302, 303, 305, 307, 308] {
            let other = Server::obedient().await;
            let target = format!("{}/elsewhere?token={SECRET}", other.origin());
            let server =
                Server::start(move |_| Reply::status(status).header("Location", &target)).await;
            let (_, error) = (case.call)(server.origin().to_owned()).await;
            let error = error.unwrap_or_else(|| panic!("{}: {status} is not an error", case.name));
            assert_eq!(other.take().len(), 0, "{}: {status} was followed", case.name);
            assert_eq!(server.take().len(), 2, "{}: two calls, one request each", case.name);
            let text = error.to_string();
            assert!(error.is_redirect(), "{}: {text}", case.name);
            assert!(text.contains(other.origin()), "{}: {text}", case.name);
            assert_eq!(leaks(&text), Vec::<&str>::new(), "{}: {text}", case.name);
            count += 1;
        }
    }
    println!("{count} redirects refused, no request elsewhere");
}

#[tokio::test]
async fn nothing_that_prints_holds_a_secret() {
    let traced = Sink::default();
    // For the whole process, since what a thread without a subscriber meets first is off for all of them; but only
    // this thread, on which the whole test runs, is listened to.
    let layer = tracing_subscriber::fmt::layer()
        .with_span_events(FmtSpan::FULL)
        .with_writer(traced.clone())
        .with_filter(DynFilterFn::new(|_, _| LISTENING.get()));
    tracing_subscriber::registry().with(layer).try_init().expect("no other test sets a subscriber");
    LISTENING.set(true);
    let replies = [
        Reply::status(200).header("Content-Type", "application/json").body("{}"),
        Reply::status(200).body("no JSON"),
        Reply::status(401).header("Content-Type", "application/json").body(sent_back()),
        Reply::status(404).header("Content-Type", "text/html").body(sent_back()),
        Reply::status(429).header("Retry-After", "9999").body(sent_back()),
        Reply::status(503)
            .header("UC-REST-ERROR", WORDS)
            .header("Set-Cookie", SECRET)
            .body(sent_back()),
        Reply::status(302).header("Location", &format!("https://example.com/{SECRET}?a={WORDS}")),
    ];
    let mut count = 0;
    for case in cases() {
        for reply in &replies {
            let (answer, token) = (reply.clone(), token_reply());
            let server = Server::start(move |request| {
                if request.target.ends_with("/oauth/token") {
                    token.clone()
                } else {
                    answer.clone()
                }
            })
            .await;
            check(&case, (case.call)(server.origin().to_owned()).await.0, reply.status);
            count += 1;
        }
        // Nobody listens there: the port of a server that is gone.
        let gone = Server::obedient().await.origin().to_owned();
        check(&case, (case.call)(gone).await.0, 0);
    }
    let traced = traced.text();
    assert!(traced.contains("conversations.call"), "nothing was traced");
    let lines: Vec<&str> = traced.lines().filter(|it| !leaks(it).is_empty()).collect();
    let own: Vec<&&str> = lines.iter().filter(|it| it.contains("conversations")).collect();
    assert!(own.is_empty(), "traced: {own:#?}");
    assert!(lines.is_empty(), "traced below: {lines:#?}");
    println!(
        "{count} outcomes printed and {} lines traced, no secret among them",
        traced.lines().count()
    );
}

fn check(case: &Case, printed: String, status: u16) {
    assert!(printed.len() > 100, "{}: {printed}", case.name);
    assert_eq!(leaks(&printed), Vec::<&str>::new(), "{} on {status}: {printed}", case.name);
}

/// An error body that repeats what was sent, as vendors' do.
fn sent_back() -> String {
    let text = format!("{WORDS} by {SECRET}");
    format!(
        r#"{{"code":"{text}","message":"{text}","error":{{"code":"{text}","description":"{text}","message":"{text}","user_message":"{text}"}}}}"#
    )
}

fn token_reply() -> Reply {
    let body =
        format!(r#"{{"access_token":"{SECRET}-issued","token_type":"Bearer","expires_in":3600}}"#);
    Reply::status(200).header("Content-Type", "application/json").body(body)
}

/// What a server repeats of the credential that it was sent, in any form, is censored wherever an error shows it.
#[tokio::test]
async fn a_credential_that_a_server_repeats_is_censored() {
    type Form = (&'static str, fn(&str) -> String);
    let forms: [Form; 5] = [
        ("as it came", str::to_owned),
        ("in a sentence", |it| format!("no such key: '{it}'.")),
        ("in capitals", str::to_uppercase),
        ("percent-encoded", |it| it.bytes().map(|it| format!("%{it:02x}")).collect()),
        ("encoded twice", |it| it.bytes().map(|it| format!("%25{it:02X}")).collect()),
    ];
    let mut count = 0;
    for case in cases() {
        for (form, write) in forms {
            for status in [200, 302, 400, 401, 503] {
                let sent: Arc<Mutex<Vec<String>>> = Arc::default();
                let seen = Arc::clone(&sent);
                let server = Server::start(move |request| {
                    if request.target.ends_with("/oauth/token") && status != 401 {
                        return token_reply();
                    }
                    let names = ["api-key", "x-api-key", "x-ultracart-simple-key", "authorization"];
                    let credential = names.iter().find_map(|it| request.header(it));
                    let credential = credential.expect("a credential").rsplit(' ').next();
                    let credential = credential.expect("a word").to_owned();
                    let text = write(&credential);
                    seen.lock().expect("no panic with the lock").push(credential);
                    let codes = json!({ "code": text, "type": text, "description": text, "message": text, "error_code": text, "user_message": text });
                    let body = json!({ "code": text, "message": text, "error": codes, text.as_str(): 1, "messages": { text.as_str(): 1 } });
                    Reply::status(status)
                        .header("X-Request-Id", &text)
                        .header("UC-REST-ERROR", &text)
                        .header("Location", &format!("https://{}.example/", text.replace('%', "-")))
                        .json(&body)
                })
                .await;
                let (printed, error) = (case.call)(server.origin().to_owned()).await;
                let mut printed = printed;
                if let Some(error) = &error {
                    let said =
                        [error.code(), error.message(), error.request_id(), error.json_path()];
                    printed.push_str(&format!("{error} {error:?} {said:?}"));
                }
                let sent = sent.lock().expect("no panic with the lock").clone();
                assert!(!sent.is_empty(), "{} sent nothing", case.name);
                let printed = printed.to_lowercase();
                for secret in sent.iter().map(String::as_str).chain([SECRET]) {
                    for hidden in [secret.to_owned(), write(secret)] {
                        let hidden = hidden.to_lowercase();
                        let what = format!("{}, {form}, {status}", case.name);
                        assert!(!printed.contains(&hidden), "{what}: {hidden} in {printed}");
                    }
                }
                count += 1;
            }
        }
    }
    println!("{count} answers that repeat a credential, none shown");
}

/// Values that the document marks as secret stay out of `Debug`, though the caller can read them.
#[tokio::test]
async fn secret_values_of_answers_do_not_print() {
    // What the document shows, with the secret in its places.
    let with = |operation: &str, pointer: &str| {
        let (_, body) = calls::success("ultracart", operation);
        let mut body = body.expect("an operation with an answer");
        let place =
            body.pointer_mut(pointer).unwrap_or_else(|| panic!("{operation}: no {pointer}"));
        *place = format!("https://example.com/?{SECRET}").into();
        Reply::status(200).json(&body)
    };
    let mut auth = with("getAgentWebsocketAuthorization", "/agent_auth/jwt");
    let mut body: serde_json::Value = serde_json::from_slice(&auth.body).expect("JSON");
    body["agent_auth"]["websocket_url"] = format!("wss://example.com/{SECRET}?jwt={SECRET}").into();
    auth.body = body.to_string().into_bytes();
    let url = with("getConversationMultimediaUploadUrl", "/conversation_multimedia_upload_url/url");
    let server = Server::start(
        move |request| {
            if request.method == "PUT" { auth.clone() } else { url.clone() }
        },
    )
    .await;
    let client = ultracart::Client::builder()
        .simple_key("k")
        .base_url(server.origin())
        .build()
        .expect("a client");
    let auth = client.get_agent_websocket_authorization().send().await.expect("an answer");
    let read = serde_json::to_string(&*auth).expect("a typed value is JSON");
    assert!(read.contains(SECRET), "{read}");
    let url = client
        .get_conversation_multimedia_upload_url()
        .extension("jpg")
        .send()
        .await
        .expect("an answer");
    let printed = format!("{auth:?} {auth:#?} {url:?} {:?}", url.clone().into_inner());
    assert!(!printed.contains(SECRET), "{printed}");
    assert!(printed.contains("merchant_id"), "{printed}");
}

/// Collects what a subscriber writes.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic with the lock")).into_owned()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic with the lock").extend_from_slice(bytes);
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
