//! How a vendor delivers webhooks.

use serde::Deserialize;
use serde_json::Value as Json;

/// How a provider delivers, as its `provider.yaml` declares it under `events`.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub(super) kind: String,
    pub(super) header: Option<String>,
    accepted: Vec<u16>,
    pub(super) retry_after_seconds: Vec<u64>,
    pub(super) final_statuses: Vec<u16>,
}

impl Delivery {
    pub(super) fn read(events: &Json) -> Self {
        fn list<T: for<'de> Deserialize<'de>>(list: Option<&Json>) -> Vec<T> {
            list.and_then(|it| Vec::deserialize(it).ok()).unwrap_or_default()
        }
        let text = |at: &str| events.pointer(at).and_then(Json::as_str).map(str::to_owned);
        Self {
            kind: text("/kind").unwrap_or_default(),
            header: text("/verify/header"),
            accepted: list(events.pointer("/delivery/accepted")),
            retry_after_seconds: list(events.pointer("/delivery/retry_after_seconds")),
            final_statuses: list(events.pointer("/delivery/final_statuses")),
        }
    }

    pub(super) fn accepts(&self, status: u16) -> bool {
        match self.accepted.is_empty() {
            true => (200..300).contains(&status),
            false => self.accepted.contains(&status),
        }
    }
}
