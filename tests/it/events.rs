//! Webhooks of every provider: the bodies in `events/` are verified, read, and written back as they came.
//!
//! The bodies have the members that the vendors document, with invented values.

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
        && (!case.whole || *written == std::slice::from_ref(&case.body));
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
