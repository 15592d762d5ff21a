//! All that a running sandbox is, as its server and its control routes share it.

use std::collections::hash_map::RandomState;
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::answer::Answer;
use super::clock::Clock;
use super::fault::Queue;
use super::functions::lock;
use super::guard::Guard;
use super::provider::Provider;
use super::record::{Log, Recorded};

/// All that a running sandbox is.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) origin: String,
    pub(super) providers: Vec<Provider>,
    pub(super) faults: Mutex<Queue>,
    pub(super) guard: Guard,
    pub(super) log: Mutex<Log>,
    pub(super) problems: Arc<Mutex<Vec<String>>>,
    pub(super) clock: Arc<Clock>,
    pub(super) hasher: RandomState,
    /// How many requests have arrived, those that the log has forgotten included.
    pub(super) arrivals: watch::Sender<usize>,
    /// Told whenever something became of a request.
    pub(super) outcomes: watch::Sender<()>,
}

impl Shared {
    pub(super) fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|it| it.name() == name)
    }

    pub(super) fn base_url(&self, provider: &str) -> String {
        format!("{}/{provider}", self.origin)
    }

    pub(super) fn reset(&self) -> Result<(), String> {
        lock(&self.log).clear();
        self.arrivals.send_replace(0);
        *lock(&self.faults) = Queue::default();
        lock(&self.problems).clear();
        self.providers.iter().try_for_each(Provider::reset)
    }

    /// Logs a request on arrival, so that one whose client goes away is in the log as well.
    pub(super) fn record(&self, recorded: Recorded) -> usize {
        let mut log = lock(&self.log);
        let serial = log.push(recorded);
        self.arrivals.send_replace(log.arrived());
        serial
    }

    /// The log as JSON.
    pub(super) fn log(&self) -> Json {
        serde_json::to_value(lock(&self.log).entries()).unwrap_or(Json::Null)
    }

    /// Adds to the log what became of a request.
    pub(super) fn amend(&self, serial: usize, change: impl FnOnce(&mut Recorded)) {
        if let Some(recorded) = lock(&self.log).find(serial) {
            change(recorded);
        }
        self.outcomes.send_replace(());
    }
}

/// An answer of the sandbox itself.
pub(super) fn refusal(status: u16, message: String) -> Answer {
    Answer::of(status, Vec::new(), Some(json!({ "message": message })))
}
