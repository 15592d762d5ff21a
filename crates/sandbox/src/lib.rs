//! A stateful stand-in for the vendors' servers, for tests and for trying things out.
//!
//! Every provider is mounted under its name, so that any client takes [`Sandbox::base_url`] as its
//! base URL. Requests are checked against the vendor's document and refused with the vendor's
//! statuses and error shape; what was sent can be read, edited and deleted; faults come on demand.
//! Nothing leaves the machine: the server listens on the loopback interface, unless [`Builder::host`] says otherwise.
//!
//! ```
//! use conversations::sandbox::{Fault, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start().await?;
//! for provider in sandbox.providers() {
//!     println!("{provider}: {}", sandbox.base_url(provider));
//! }
//! // The next request of whoever calls gets a 503 and changes nothing.
//! sandbox.inject(Fault::status(503).with_header("Retry-After", "1"));
//! # Ok(())
//! # }
//! ```
//!
//! The same server runs as a program, `conversations-sandbox`, for clients in other languages.
//! There, tests steer it over HTTP:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox` | base URLs and operations |
//! | `GET /_sandbox/health` | `200` as long as it serves |
//! | `GET /_sandbox/requests` | what arrived last, secrets censored; at most 64 MiB |
//! | `GET /_sandbox/state/<provider>` | the state |
//! | `GET /_sandbox/problems` | answers that did not fit the document |
//! | `POST /_sandbox/faults` | injects a fault: `{"status": 503, "operation": "…", "times": 2}`; instead of `status` one of `delay_ms`, `drop`, `reset`, `truncate`; also `provider`, `skip`, `always`, `after_processing`, `headers`, `body` |
//! | `DELETE /_sandbox/faults` | forgets all faults |
//! | `POST /_sandbox/<provider>/visitor` | a visitor writes, and the webhook is delivered: `{"to": "http://127.0.0.1:…", "text": "…"}`; also `secret`, `twice`, and what the provider's rule knows |
//! | `POST /_sandbox/reset` | back to the seed state |
//!
//! These are refused with 403 where `Host` is not an address of this machine, and where the request has an `Origin`, as
//! pages in a browser send it; [`Builder::allow_host`] and [`Builder::allow_origin`] allow more. A connection ends when it
//! is idle or its request's head takes longer than 120 s, a body 60 s, or when it
//! lets an answer wait for longer than 60 s in all.
//!
//! How a provider behaves is declared in `specs/<provider>/sandbox.yaml`, in the form that
//! `crates/sandbox/README.md` describes; the code here knows no
//! vendor.

mod answer;
mod basic;
mod builder;
mod call;
mod check;
mod clock;
mod control;
mod credentials;
mod document;
mod engine;
mod example;
mod fault;
mod form;
mod functions;
mod guard;
mod limit;
mod listen;
mod path;
mod process;
mod provider;
mod record;
mod schema;
mod scope;
mod script;
mod server;
mod shared;
mod template;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod token;
mod visitor;
mod wire;

use std::io;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conversations_document::fault::{self as document_fault, Code};
use conversations_document::load::{self, Text};
use serde_json::Value;
use tokio::sync::oneshot;

pub use builder::Builder;
pub use conversations_runtime::runtime::Provider as Client;
pub use fault::{Fault, FaultPlan};
pub use record::Recorded;
pub use visitor::{Delivered, Visitor};

use functions::{Identifiers, lock};
use provider::Provider;
use shared::Shared;

/// A provider, as a build script put it into a library.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedProvider {
    /// What its generated client knows of it; it is mounted under its name.
    pub client: &'static Client,
    /// The overlaid document, as JSON text.
    pub openapi: &'static str,
    /// `sandbox.yaml`, as JSON text; `{}` when there is none.
    pub sandbox: &'static str,
}

/// Checks the rules of a provider, `sandbox.yaml`, against its overlaid document.
///
/// # Errors
/// With what is wrong in the file, and the line.
pub fn check_rules(rules: &Text, openapi: Value) -> document_fault::Result<()> {
    let rules = load::document(&rules.file, &rules.text)?;
    // What the client knows says how calls behave, not which there are.
    let document = document::read(openapi, &Client::new("")).map_err(|error| {
        rules.fault("", Code::BadValue { error }, "the rules need a document that can be played")
    })?;
    let identifiers = Arc::new(Mutex::new(Identifiers::new(0)));
    script::read(rules, &document.path_names(), &identifiers)?;
    Ok(())
}

/// The providers that a library brings along, so that its sandbox mounts them without being asked.
pub trait Library: Send + Sync + 'static {
    /// In the order in which they are mounted.
    const PROVIDERS: &'static [EmbeddedProvider];
}

/// A library without providers: what is mounted is given to [`Builder::provider`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

impl Library for Empty {
    const PROVIDERS: &'static [EmbeddedProvider] = &[];
}

/// A running sandbox. It stops when dropped.
pub struct Sandbox<L: Library = Empty> {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    library: PhantomData<L>,
}

impl<L: Library> std::fmt::Debug for Sandbox<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl<L: Library> Sandbox<L> {
    /// Starts a sandbox of all providers on a free port.
    ///
    /// # Errors
    ///
    /// When no port can be had. Or when a provider's `sandbox.yaml` has a mistake; the message says
    /// where.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A sandbox with other settings than the defaults.
    pub fn builder() -> Builder<L> {
        Builder::default()
    }

    /// The base URL that a client of this provider takes: `http://127.0.0.1:N/<provider>`.
    pub fn base_url(&self, provider: &str) -> String {
        self.shared.base_url(provider)
    }

    /// Scheme, host and port: `http://127.0.0.1:N`.
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// The names of the mounted providers.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.shared.providers.iter().map(Provider::name)
    }

    /// What arrived since the start or the last [`reset`](Self::reset), in order. Of more than 64 MiB the oldest are
    /// forgotten.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.shared.log).entries().iter().cloned().collect()
    }

    /// Waits until so many requests have arrived since the start or the last
    /// [`reset`](Self::reset), for clients that send by themselves. Arrived is not yet answered.
    pub async fn wait_for_requests(&self, count: usize) {
        let mut arrivals = self.shared.arrivals.subscribe();
        // The sender lives as long as the sandbox, so this never fails.
        let _ = arrivals.wait_for(|it| *it >= count).await;
    }

    /// The state of a provider, as its `sandbox.yaml` names it; null for an unknown provider.
    pub fn state(&self, provider: &str) -> Value {
        self.shared.provider(provider).map_or(Value::Null, Provider::state)
    }

    /// Replaces one value of a provider's state, say to begin a test with a thousand messages.
    pub fn set_state(&self, provider: &str, name: &str, value: &Value) {
        if let Some(provider) = self.shared.provider(provider) {
            provider.set_state(name, value);
        }
    }

    /// How many calls of an operation took effect. A call that was answered from memory because of
    /// its idempotency key does not count again.
    pub fn accepted(&self, provider: &str, operation_id: &str) -> u64 {
        self.shared.provider(provider).map_or(0, |it| it.accepted(operation_id))
    }

    /// Waits until so many calls of an operation took effect since the start or the last [`reset`](Self::reset), for a bot
    /// that answers by itself. It waits for as long as they don't come, as for an operation that does not exist.
    pub async fn wait_for_accepted(&self, provider: &str, operation_id: &str, count: u64) {
        let mut outcomes = self.shared.outcomes.subscribe();
        // The sender lives as long as the sandbox, so this never fails.
        let _ = outcomes.wait_for(|()| self.accepted(provider, operation_id) >= count).await;
    }

    /// The most requests that were at this provider at one moment.
    pub fn most_in_flight(&self, provider: &str) -> usize {
        self.shared.provider(provider).map_or(0, Provider::peak)
    }

    /// A visitor who writes to the vendor's customers: the message is kept in the state, and arrives as a webhook.
    ///
    /// ```no_run
    /// # async fn test(bot: &str) -> std::io::Result<()> {
    /// use conversations::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let delivered = sandbox.visitor("acme").writes("Is anybody there?").to(bot).await?;
    /// assert_eq!(delivered.statuses, [Some(200)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn visitor(&self, provider: &str) -> Visitor<'_> {
        Visitor::new(&self.shared, provider)
    }

    /// Makes something go wrong. Faults wait in the order of their injection.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).faults.push(fault);
    }

    /// Makes things go wrong by chance, beside what is injected.
    pub fn set_fault_plan(&self, plan: FaultPlan) {
        lock(&self.shared.faults).plan = Some(plan);
    }

    /// Forgets all faults and the plan.
    pub fn clear_faults(&self) {
        *lock(&self.shared.faults) = fault::Queue::default();
    }

    /// Expires every OAuth token that this provider has issued.
    pub fn expire_tokens(&self, provider: &str) {
        if let Some(provider) = self.shared.provider(provider) {
            provider.expire_tokens();
        }
    }

    /// Moves the sandbox's clock forward: windows of rate limits end, tokens expire, agents go
    /// offline, without anybody waiting.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Back to the beginning: seed state, no faults, empty log.
    pub fn reset(&self) {
        if let Err(why) = self.shared.reset() {
            lock(&self.shared.problems).push(why);
        }
    }

    /// Answers that did not fit the vendor's document, and rules that failed to run. Anything in
    /// here is a mistake in a `sandbox.yaml`. Looked for in debug builds, unless
    /// [`Builder::check_answers`] says otherwise.
    pub fn problems(&self) -> Vec<String> {
        lock(&self.shared.problems).clone()
    }
}

impl<L: Library> Drop for Sandbox<L> {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may be gone with its runtime already.
            let _ = stop.send(());
        }
    }
}
