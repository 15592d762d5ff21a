//! The run-time against a raw loopback server, with a provider written by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::type_complexity)]

mod auth;
mod faults;
mod following;
#[cfg(feature = "http2")]
mod http2;
mod keeping;
mod pages;
mod pieces;
mod requests;
mod secrets;
mod security;
mod server;
mod settings;
mod styles;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::*;
use crate::{CallOptions, Error, IdempotencyKey, Operation, Response, SuccessFlag};

/// What must never be printed.
pub(crate) const SECRET: &str = "k3y-that-must-not-print";

pub(crate) static TINY: Provider = Provider::new("tiny")
    .with_title("Tiny")
    .with_servers(&["https://api.tiny.example/v1"])
    .with_headers(&[("X-Tiny-Version", "7")])
    .with_auth(&[
        Auth::new("api_key", AuthKind::Header { name: "api-key", prefix: "" }),
        Auth::new("query_key", AuthKind::Query { name: "key" }),
        Auth::new("bearer", AuthKind::Bearer),
        Auth::new("basic", AuthKind::Basic),
        Auth::new(
            "oauth",
            AuthKind::ClientCredentials {
                token_url: "https://api.tiny.example/v1/oauth",
                scopes: &["read", "write"],
            },
        ),
        Auth::new(
            "app_key",
            AuthKind::JwtHs256 {
                prefix: "Bearer ",
                key_id_header: "kid",
                claims: &[("scope", "app")],
                lifetime_seconds: 300,
            },
        ),
    ])
    .with_error(&["/code", "/error/code"], &["/message", "/error/text"])
    .with_error_codes(&["no_such", "7"])
    .with_error_headers(&["X-Error"])
    .with_unauthorized(&[401], &["token_expired"])
    .with_request_id(&["X-Request-Id"])
    .with_rate_limit(
        RateLimitHeaders::new()
            .with_limit("x-limit")
            .with_remaining("x-remaining")
            .with_reset("x-reset", ResetUnit::SecondsLeft),
    );

pub(crate) static READ: Operation = Operation::new("readThing", "GET", "/things/{id}");
pub(crate) static SEND: Operation = Operation::new("sendThing", "POST", "/things");
pub(crate) static PAID: Operation =
    Operation::new("paidThing", "POST", "/paid").with_billable(true);
pub(crate) static KEYED: Operation = Operation::new("keyedThing", "POST", "/keyed")
    .with_billable(true)
    .with_idempotency_key(IdempotencyKey::body("once").with_verified(true));
pub(crate) static UNVERIFIED: Operation = Operation::new("unverifiedThing", "POST", "/keyed")
    .with_idempotency_key(IdempotencyKey::header("Idempotency-Key"));
pub(crate) static FLAGGED: Operation = Operation::new("flaggedThing", "GET", "/flagged")
    .with_success_flag(SuccessFlag::new("/success", false));

/// A clock on which sleeping takes no time but is noted.
#[derive(Debug)]
pub(crate) struct Fake {
    start: Instant,
    slept: Mutex<Vec<Duration>>,
    /// How long the machine was suspended: the time of day went on, the other clock did not.
    suspended: Mutex<Duration>,
    /// After so many sleeps, the next one does not end.
    most: usize,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Self::ending_after(usize::MAX)
    }

    pub(crate) fn ending_after(sleeps: usize) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            slept: Mutex::default(),
            suspended: Mutex::default(),
            most: sleeps,
        })
    }

    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }

    pub(crate) fn suspend(&self, time: Duration) {
        *self.suspended.lock().unwrap() += time;
    }

    fn passed(&self) -> Duration {
        self.slept.lock().unwrap().iter().sum()
    }
}

impl Clock for Fake {
    fn instant(&self) -> Instant {
        self.start + self.passed()
    }

    fn now(&self) -> SystemTime {
        // 2015-10-21T07:28:00Z.
        let suspended = *self.suspended.lock().unwrap();
        UNIX_EPOCH + Duration::from_secs(1_445_412_480) + self.passed() + suspended
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut slept = self.slept.lock().unwrap();
        if slept.len() >= self.most {
            return Box::pin(std::future::pending());
        }
        slept.push(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn random(&self) -> f64 {
        0.5
    }
}

/// A builder for a client of a server at this URL, with a key and a clock that does not wait.
pub(crate) fn builder(url: &str) -> Builder {
    Builder::new(&TINY).base_url(url).secret("api_key", SECRET).clock(Fake::new())
}

/// A call of an operation without parameters, but for the id of `READ`.
pub(crate) fn call(core: &Core, operation: &'static Operation) -> Result<Call, Error> {
    call_with(core, operation, CallOptions::new())
}

pub(crate) fn call_with(
    core: &Core,
    operation: &'static Operation,
    options: CallOptions,
) -> Result<Call, Error> {
    let mut call = Call::new(core, operation, options);
    if operation.path().contains("{id}") {
        call.path("id", Ok("1"), Style::SIMPLE, &Constraints::ANY)?;
    }
    if operation.method() == "POST" {
        call.json("application/json", Ok(Some(json!({"text": "hello"}))), &Constraints::ANY)?;
    }
    Ok(call)
}

pub(crate) async fn send(
    core: &Core,
    operation: &'static Operation,
) -> Result<Response<Value>, Error> {
    call(core, operation)?.send().await?.json::<crate::runtime::de::Plain, _>()
}
