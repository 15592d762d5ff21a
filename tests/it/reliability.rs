//! The proof of "not lost, not twice": many sends of each kind while everything goes wrong by chance, and the server's
//! log as witness.
//!
//! `CONVERSATIONS_SENDS` sets the sends of each kind; 200 by default.

use conversations::{
    CallOptions, Delivery, Error, Response, RetryPolicy, brevo,
    sandbox::{Fault, FaultPlan, Recorded, Sandbox},
    smooch, smscx, ultracart,
};
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// What became of a send, as its caller knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It was done.
    Done,
    /// Nothing left the machine.
    NotSent,
    /// It may have been done.
    Unknown,
    /// The server answered, with an error or with something unreadable.
    Answered,
}

type Sending = Pin<Box<dyn Future<Output = (Verdict, u32)> + Send>>;

/// A kind of send.
struct Kind {
    provider: &'static str,
    operation: &'static str,
    /// Where the marker stands in the body.
    marker: &'static str,
    /// Whether the call may be carried out more than once.
    repeatable: bool,
    send: Box<dyn Fn(String) -> Sending + Send + Sync>,
}

fn verdict<T>(result: Result<Response<T>, Error>) -> (Verdict, u32) {
    match result {
        Ok(response) => (Verdict::Done, response.attempts()),
        Err(error) => {
            let verdict = match error.was_sent() {
                Delivery::No => Verdict::NotSent,
                Delivery::Maybe => Verdict::Unknown,
                _ => Verdict::Answered,
            };
            (verdict, error.attempts())
        }
    }
}

macro_rules! kind {
    ($provider:literal $operation:literal at $marker:literal, $client:expr, |$c:ident, $text:ident| $made:expr) => {
        kind!($provider $operation at $marker, false, $client, |$c, $text| $made)
    };
    ($provider:literal $operation:literal at $marker:literal, $repeatable:literal, $client:expr, |$c:ident, $text:ident| $made:expr) => {{
        let client = $client.clone();
        Kind {
            provider: $provider,
            operation: $operation,
            marker: $marker,
            repeatable: $repeatable,
            send: Box::new(move |$text| {
                let $c = client.clone();
                Box::pin(async move { verdict($made.send().await) })
            }),
        }
    }};
}

/// Waits of a millisecond or two, and no end of repetitions over all calls.
fn policy() -> RetryPolicy {
    RetryPolicy::default()
        .initial_backoff(Duration::from_millis(1))
        .max_backoff(Duration::from_millis(2))
        .budget(1_000_000)
}

/// A conversation that the sandbox of SMS.CX knows, and that is open to every channel.
const OPEN: &str = "5b0f6c1e-2d47-4a93-8e15-90c4d7a6b321";

fn kinds(sandbox: &Sandbox) -> Result<Vec<Kind>, Error> {
    let url = |provider| sandbox.base_url(provider);
    let brevo =
        brevo::Client::builder().api_key("k").base_url(url("brevo")).retry(policy()).build()?;
    let smooch = smooch::Client::builder()
        .app_key("id", "secret")
        .base_url(url("smooch"))
        .retry(policy())
        .build()?;
    let smscx =
        smscx::Client::builder().api_key("k").base_url(url("smscx")).retry(policy()).build()?;
    let ultracart = ultracart::Client::builder()
        .simple_key("k")
        .base_url(url("ultracart"))
        .retry(policy())
        .build()?;
    Ok(vec![
        kind!("brevo" "sendMessageAsAgent" at "/text", brevo, |c, text| c
            .send_message_as_agent()
            .body_map(|it| it.visitor_id("v").agent_id("a").text(text))),
        kind!("brevo" "createAutomatedMessage" at "/text", brevo, |c, text| c
            .create_automated_message()
            .body_map(|it| it.visitor_id("v").text(text))),
        kind!("smooch" "postMessage" at "/text", smooch, |c, text| c
            .post_message()
            .app_id("app")
            .user_id("user")
            .body_map(|it| it.role("appMaker").type_("text").text(text))),
        kind!("smscx" "sendConversationReplySms" at "/text", smscx, |c, text| c
            .send_conversation_reply_sms()
            .conversation_id(OPEN)
            .body_map(|it| it.text(text))),
        kind!("smscx" "sendConversationReplyViber" at "/text", smscx, |c, text| c
            .send_conversation_reply_viber()
            .conversation_id(OPEN)
            .body_map(|it| it.text(text).rich_media(smscx::types::RichMedia::builder()))),
        kind!("smscx" "sendConversationReplyWhatsapp" at "/text", smscx, |c, text| c
            .send_conversation_reply_whatsapp()
            .conversation_id(OPEN)
            .body_map(|it| it.text(text).rich_media(smscx::types::RichMedia::builder()))),
        // The caller vouches for the vendor's idempotency key, and the key holds what he says.
        kind!("smscx" "sendConversationReplySms" at "/text", smscx, |c, text| c
            .send_conversation_reply_sms()
            .conversation_id(OPEN)
            .options(CallOptions::new().idempotent(true))
            .body_map(|it| it.text(text))),
        // Repeated whenever it fails, since doing it twice does no harm.
        kind!("brevo" "setAgentOnline" at "/agentId", true, brevo, |c, text| c
            .set_agent_online()
            .body_map(|it| it.agent_id(text))),
        kind!("ultracart" "startConversation" at "/conversation_arn", ultracart, |c, text| c
            .start_conversation()
            .body_map(|it| it.conversation_arn(text))),
    ])
}

/// Before the work, after the work, in the middle of the answer: about three requests in ten go wrong.
fn chaos(seed: u64) -> FaultPlan {
    FaultPlan::seeded(seed)
        .with(0.04, Fault::status(503))
        .with(0.03, Fault::status(503).after_processing().with_header("Retry-After", "0"))
        .with(0.04, Fault::status(429).with_header("Retry-After", "0"))
        .with(0.03, Fault::status(500))
        .with(0.03, Fault::status(500).after_processing())
        .with(0.03, Fault::status(503).after_processing().with_body("text/html", "<p>busy</p>"))
        .with(0.03, Fault::drop_connection())
        .with(0.03, Fault::drop_connection().after_processing())
        .with(0.03, Fault::reset())
        .with(0.03, Fault::reset().after_processing())
        .with(0.03, Fault::truncate())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_twice_and_nothing_is_lost() {
    let sends: usize =
        std::env::var("CONVERSATIONS_SENDS").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
    let start = Instant::now();
    let sandbox = Sandbox::builder().check_answers(false).start().await.expect("a sandbox");
    sandbox.set_state("smscx", "credit", &serde_json::json!(1_000_000_000));
    let mut total = Figures::default();
    for (seed, kind) in kinds(&sandbox).expect("clients").into_iter().enumerate() {
        let Kind { provider, operation, marker, repeatable, send } = kind;
        let (seen, accepted) = (sandbox.requests().len(), sandbox.accepted(provider, operation));
        sandbox.set_fault_plan(chaos(seed as u64));
        let verdicts = send_all(Arc::new(send), sends).await;
        sandbox.clear_faults();
        let log = sandbox.requests().split_off(seen);
        let mut figures = witness(&verdicts, &log, marker, operation);
        assert_eq!(
            sandbox.accepted(provider, operation) - accepted,
            figures.effects,
            "{operation}"
        );
        if repeatable {
            // Twice is fine here; failing for a fault of a moment is not.
            assert!(figures.repeated * 6 > figures.sends, "{operation}: {figures}");
            figures.duplicates = 0;
        }
        println!("{provider:9} {operation:30} {figures}");
        total.add(&figures);
    }
    assert!(sandbox.problems().is_empty(), "{:?}", sandbox.problems());
    println!("{:40} {total}, {:?}", "together", start.elapsed());
    assert_eq!((total.duplicates, total.lost, total.misled), (0, 0, 0));
    assert!(total.unknown > 0 && total.repeated > 0, "nothing went wrong: {total}");
}

/// Sends so many, sixteen at a time, each with a text of its own.
async fn send_all(
    send: Arc<Box<dyn Fn(String) -> Sending + Send + Sync>>,
    sends: usize,
) -> BTreeMap<String, (Verdict, u32)> {
    let mut tasks = JoinSet::new();
    for lane in 0..16 {
        let send = Arc::clone(&send);
        tasks.spawn(async move {
            let mut done = Vec::new();
            for number in (lane..sends).step_by(16) {
                let text = format!("message {number}");
                done.push((text.clone(), send(text).await));
            }
            done
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// What the log says against what the callers know.
fn witness(
    verdicts: &BTreeMap<String, (Verdict, u32)>,
    log: &[Recorded],
    marker: &str,
    operation: &str,
) -> Figures {
    let mut effects: BTreeMap<&str, u64> = BTreeMap::new();
    let mut figures = Figures::default();
    for record in log {
        figures.requests += 1;
        let text =
            record.body.as_ref().and_then(|it| it.pointer(marker)).and_then(|it| it.as_str());
        let text =
            text.unwrap_or_else(|| panic!("{operation}: a request without a marker: {record:?}"));
        // An answer from memory, for a known idempotency key, is not a second effect.
        if record.processed && !record.replayed {
            *effects.entry(text).or_default() += 1;
        }
    }
    for (text, (verdict, attempts)) in verdicts {
        let effects = effects.get(text.as_str()).copied().unwrap_or_default();
        figures.sends += 1;
        figures.effects += effects;
        figures.repeated += u64::from(*attempts > 1);
        figures.duplicates += u64::from(effects > 1);
        match verdict {
            Verdict::Done => figures.lost += u64::from(effects == 0),
            Verdict::NotSent => figures.misled += u64::from(effects > 0),
            Verdict::Unknown => figures.unknown += 1,
            Verdict::Answered => figures.answered += 1,
        }
    }
    figures
}

#[derive(Debug, Default)]
struct Figures {
    sends: u64,
    requests: u64,
    effects: u64,
    repeated: u64,
    duplicates: u64,
    lost: u64,
    misled: u64,
    unknown: u64,
    answered: u64,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        let Self {
            sends,
            requests,
            effects,
            repeated,
            duplicates,
            lost,
            misled,
            unknown,
            answered,
        } = other;
        self.sends += sends;
        self.requests += requests;
        self.effects += effects;
        self.repeated += repeated;
        self.duplicates += duplicates;
        self.lost += lost;
        self.misled += misled;
        self.unknown += unknown;
        self.answered += answered;
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            sends,
            requests,
            effects,
            repeated,
            duplicates,
            lost,
            misled,
            unknown,
            answered,
        } = self;
        write!(
            f,
            "{sends} sends, {requests} requests, {effects} effects, {repeated} repeated, duplicates {duplicates}, lost {lost}"
        )?;
        write!(f, ", misled {misled}, unknown to the caller {unknown}, refused {answered}")
    }
}
