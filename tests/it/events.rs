//! Webhooks of every provider: the bodies in `events/` are verified, read, and written back as they came.
//!
//! The bodies have the members that the vendors document, with invented values.

use crate::server::{Reply, Server};
use conversations::sandbox::Sandbox;
use conversations::{ReceiveError, Received, Skipped, WebhookSecret};
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const SECRET: &str = "q8Zt3 kYw/7Lm2";
/// The same as it stands in an address.
const IN_ADDRESS: &str = "q8Zt3%20kYw%2F7Lm2";

/// A body, and what is received of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The body; what the client does not know stands in `and_more`.
    #[serde(default)]
    body: Value,
    /// The body as text, where it is not JSON.
    #[serde(default)]
    text: Option<String>,
    /// Whether what is written back is the body.
    #[serde(default = "yes")]
    whole: bool,
    /// The kinds of the events; `?` before one that is kept as unknown.
    #[serde(default)]
    events: Vec<String>,
    /// The keys of all events.
    #[serde(default)]
    keys: Option<Vec<String>>,
    /// The places that are left out.
    #[serde(default)]
    skipped: Vec<String>,
}

fn yes() -> bool {
    true
}

/// What was received, whatever the provider.
#[derive(Debug, Default)]
struct Seen {
    events: Vec<String>,
    keys: Vec<String>,
    skipped: Vec<Skipped>,
    written: Vec<Value>,
}

type Receive = fn(&Request<Vec<u8>>, &WebhookSecret) -> Result<Seen, ReceiveError>;

fn seen<E: Serialize>(received: Received<E>, name: fn(&E) -> String) -> Seen {
    let mut seen = Seen { skipped: received.skipped().to_vec(), ..Seen::default() };
    for incoming in received {
        seen.events.push(name(&incoming.event));
        seen.keys.extend_from_slice(incoming.keys());
        seen.written.push(serde_json::to_value(&incoming.event).unwrap());
    }
    seen
}

macro_rules! providers {
    ($($provider:ident: $place:expr),*) => {
        &[$((
            include_str!(concat!("events/", stringify!($provider), ".yaml")),
            stringify!($provider),
            $place,
            |request, secret| {
                use conversations::$provider::events::{Event, receive_request};
                receive_request(request, secret).map(|it| seen(it, |event| match event {
                    Event::Unknown { kind, .. } => format!("?{kind}"),
                    event => event.kind().to_owned(),
                }))
            },
        )),*]
    };
}

/// Where the secret of a provider's webhooks stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Address,
    Header(&'static str),
}

const PROVIDERS: &[(&str, &str, Place, Receive)] = providers![
    brevo: Place::Address,
    smooch: Place::Header("X-API-Key"),
    smscx: Place::Address
];

fn request(place: Place, secret: &str, body: Vec<u8>) -> Request<Vec<u8>> {
    let request = Request::post(match place {
        Place::Address => format!("https://bot.example/hook/{secret}"),
        Place::Header(_) => "/hook".to_owned(),
    });
    match place {
        Place::Address => request.body(body),
        Place::Header(name) => request.header(name, secret).body(body),
    }
    .unwrap()
}

fn given(place: Place) -> &'static str {
    match place {
        Place::Address => IN_ADDRESS,
        Place::Header(_) => SECRET,
    }
}

fn cases() -> impl Iterator<Item = (&'static str, Place, Receive, Case)> {
    PROVIDERS.iter().flat_map(|(text, provider, place, receive)| {
        let cases: Vec<Case> =
            serde_yaml::from_str(text).unwrap_or_else(|it| panic!("{provider}: {it}"));
        cases.into_iter().map(|case| (*provider, *place, *receive, case))
    })
}

/// The same without members that are null, which says the same as their absence.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let said = map.iter().filter(|(_, it)| !it.is_null());
            said.map(|(name, it)| (name.clone(), without_nulls(it))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

/// What is wrong with what was received.
fn wrong(place: Place, receive: Receive, case: &Case) -> Result<(), String> {
    let body = case.text.clone().unwrap_or_else(|| case.body.to_string());
    let request = request(place, given(place), body.into_bytes());
    let seen = receive(&request, &SECRET.into()).map_err(|it| it.to_string())?;
    let Seen { events, keys, skipped, written } = &seen;
    let places: Vec<&str> = skipped.iter().map(Skipped::path).collect();
    let as_said = *events == case.events
        && places == case.skipped
        && case.keys.as_ref().is_none_or(|it| it == keys)
        && keys.len() >= events.len()
        && (!case.whole || *written == [without_nulls(&case.body)]);
    if as_said { Ok(()) } else { Err(format!("{seen:#?}")) }
}

#[test]
fn bodies_are_read_and_written_back() {
    let mut faults = Vec::new();
    for (provider, place, receive, case) in cases() {
        if let Err(fault) = wrong(place, receive, &case) {
            faults.push(format!("{provider}: {}: {fault}", case.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn frames_of_a_socket_are_read() {
    use conversations::ultracart::{events, types};
    let frame = r#"{"type": "event", "event_type": "new message", "conversation_uuid": "0F1E", "more": 1,
        "event_new_message": {"conversation_uuid": "0F1E", "medium": "websocket", "closed": "maybe",
            "last_conversation_message_body": "Is the oak desk in stock?"}}"#;
    let (frame, skipped): (events::Frame, _) = events::read_frame(frame).unwrap();
    assert_eq!(frame.event_type, Some(types::ConversationWebsocketMessageEventType::NewMessage));
    let summary = frame.event_new_message.unwrap();
    assert_eq!(
        summary.last_conversation_message_body.as_deref(),
        Some("Is the oak desk in stock?")
    );
    let places: Vec<&str> = skipped.iter().map(Skipped::path).collect();
    assert_eq!(places, ["event_new_message.closed"]);
    assert_eq!(events::read_frame("{}").unwrap().0, events::Frame::default());
    assert!(events::read_frame("ping").unwrap_err().is_unreadable());
}

#[test]
fn every_kind_of_event_has_a_body() {
    for (text, provider, _, _) in PROVIDERS {
        let cases: Vec<Case> = serde_yaml::from_str(text).unwrap();
        let surface = &crate::folder::generated(provider).surface;
        for item in surface.items.values() {
            let conversations_codegen::surface::Kind::Event { word, .. } = &item.kind else {
                continue;
            };
            let has = |it: &Case| it.events.contains(word);
            assert!(cases.iter().any(has), "{provider}: no body for `{word}`");
        }
    }
}

#[test]
fn only_what_has_the_secret_is_received() {
    for (_, provider, place, receive) in PROVIDERS {
        let body = || b"{}".to_vec();
        let secret = WebhookSecret::from(SECRET);
        for wrong in ["", "q8Zt3", "q8Zt3%20kYw%2F7Lm2x", "other"] {
            let error = receive(&request(*place, wrong, body()), &secret).unwrap_err();
            assert!(error.is_unauthorized(), "{provider}: {wrong}");
            assert_eq!(error.status(), 401);
            let text = format!("{error} {error:?} {secret:?}");
            assert!(!text.contains(SECRET) && !text.contains("q8Zt3"), "{text}");
        }
        // A secret that is missing from the settings must not let everybody in.
        let none = WebhookSecret::from("");
        assert!(receive(&request(*place, "", body()), &none).unwrap_err().is_unauthorized());
        let either = WebhookSecret::from("new").or(SECRET);
        assert!(receive(&request(*place, given(*place), body()), &either).is_ok(), "{provider}");
        let bad =
            receive(&request(*place, given(*place), b"Hello {".to_vec()), &secret).unwrap_err();
        assert!(bad.is_unreadable() && bad.status() == 400, "{provider}: {bad}");
        assert!(!format!("{bad} {bad:?}").contains("Hello"), "{bad:?}");
        if let Place::Address = place {
            let query =
                Request::post(format!("/hook?a=b&token={IN_ADDRESS}")).body(body()).unwrap();
            assert!(receive(&query, &secret).is_ok(), "{provider}");
        }
    }
}

/// A receiver that answers with these statuses, the last of them for ever.
async fn receiver(statuses: &'static [u16]) -> Server {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |_| {
        let index = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::status(statuses[index.min(statuses.len() - 1)])
    })
    .await
}

#[tokio::test]
async fn the_sandbox_delivers_what_a_visitor_writes() {
    let sandbox = Sandbox::start().await.unwrap();
    for (_, provider, place, receive) in PROVIDERS {
        let server = receiver(&[200]).await;
        let path = match place {
            Place::Address => format!("/hook/{IN_ADDRESS}"),
            Place::Header(_) => "/hook".to_owned(),
        };
        let visitor = sandbox.visitor(provider).writes("Is anybody there?").secret(SECRET);
        let delivered = visitor.to(&format!("{}{path}", server.origin())).await.unwrap();
        assert_eq!(delivered.statuses, [Some(200)], "{provider}");
        let arrived = server.take().remove(0);
        let mut request = Request::post(&arrived.target);
        for (name, value) in &arrived.headers {
            request = request.header(name, value);
        }
        let seen = receive(&request.body(arrived.body).unwrap(), &SECRET.into()).unwrap();
        assert_eq!((seen.events.len(), seen.skipped.len()), (1, 0), "{provider}");
        assert!(!seen.events[0].starts_with('?'), "{provider}: {:?}", seen.events);
        assert_eq!(seen.written, [delivered.body], "{provider}");
        let state = sandbox.state(provider).to_string();
        assert!(state.contains("Is anybody there?"), "{provider}");
    }
    assert_eq!(sandbox.problems(), [""; 0]);
}

#[tokio::test]
async fn a_visitor_who_is_not_announced_is_found_by_polling() {
    let sandbox = Sandbox::start().await.unwrap();
    for (_, provider, _, _) in PROVIDERS {
        let body = sandbox.visitor(provider).writes("Is anybody there?").unannounced().unwrap();
        assert!(body.to_string().contains("Is anybody there?"), "{provider}: {body}");
        assert!(sandbox.state(provider).to_string().contains("Is anybody there?"), "{provider}");
    }
    let error = sandbox.visitor("ultracart").writes("Hello").unannounced().unwrap_err();
    assert!(error.to_string().contains("no `visitor`"), "{error}");
    assert_eq!(sandbox.problems(), [""; 0]);
}

#[tokio::test]
async fn the_sandbox_delivers_again_as_the_vendor_does() {
    let sandbox = Sandbox::start().await.unwrap();
    let cases: &[(&str, &[u16], bool, &[u16])] = &[
        ("brevo", &[200], false, &[200]),
        ("brevo", &[200], true, &[200, 200]),
        ("brevo", &[503, 429, 200], false, &[503, 429, 200]),
        ("brevo", &[500], false, &[500, 500, 500, 500, 500]),
        ("smooch", &[500, 202], false, &[500, 202]),
        // A status after which the vendor gives up.
        ("smooch", &[500, 401, 200], false, &[500, 401]),
        // No source says when this vendor sends again; 204 does not accept.
        ("smscx", &[204], false, &[204]),
    ];
    for (provider, statuses, twice, expect) in cases {
        let server = receiver(statuses).await;
        let visitor = sandbox.visitor(provider).writes("Hello");
        let visitor = if *twice { visitor.twice() } else { visitor };
        let delivered = visitor.to(server.origin()).await.unwrap();
        let seen: Vec<u16> = delivered.statuses.into_iter().flatten().collect();
        assert_eq!(seen, *expect, "{provider} {statuses:?}");
        let bodies: Vec<Vec<u8>> = server.take().into_iter().map(|it| it.body).collect();
        assert!(
            bodies.windows(2).all(|it| it[0] == it[1]),
            "{provider}: the same body comes again"
        );
    }
}

#[tokio::test]
async fn the_sandbox_delivers_on_this_machine_only() {
    let sandbox = Sandbox::start().await.unwrap();
    for url in
        ["http://example.com/hook", "https://127.0.0.1/", "http://127.0.0.1.example.com", "hook"]
    {
        assert!(sandbox.visitor("brevo").writes("Hello").to(url).await.is_err(), "{url}");
    }
    for (provider, why) in [("ultracart", "no `visitor`"), ("acme", "no provider")] {
        let error =
            sandbox.visitor(provider).writes("Hello").to("http://localhost:9").await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let server = receiver(&[200]).await;
    let control = format!("{}/_sandbox/brevo/visitor", sandbox.origin());
    let body =
        format!(r#"{{"to": "{}/hook/x", "text": "Hello", "visitorId": "v1"}}"#, server.origin());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let answer = client.post(&control).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["statuses"], serde_json::json!([200]));
    assert_eq!(answer["body"]["visitor"]["id"], "v1");
    let refused = client.post(&control).body(r#"{"text": "Hello"}"#).send().await.unwrap();
    assert_eq!(refused.status(), 400);
}
