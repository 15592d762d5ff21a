//! The crate `brevo` 1.0: the nine calls of its `conversations_api`, unmodified but for the base path.

use brevo::apis::configuration::{ApiKey, Configuration};
use brevo::apis::{Error, conversations_api as api};
use brevo::models;
use serde_json::json;
use std::collections::BTreeMap;
use std::{env, fmt, process::ExitCode};

const VISITOR: &str = "kZMvWhf8npAu3H6qd";
const AGENT: &str = "d9nKoegKSjmCtyK78";

#[tokio::main]
async fn main() -> ExitCode {
    let origin = env::var("SANDBOX").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let at = Configuration {
        base_path: format!("{origin}/brevo"),
        api_key: Some(ApiKey { prefix: None, key: "any-key-will-do".to_owned() }),
        ..Configuration::new()
    };
    let mut trial = Trial::default();
    println!("crate brevo against {}", at.base_path);

    let ping = models::ConversationsAgentOnlinePingPostRequest {
        agent_id: Some(Some(json!(AGENT))),
        ..Default::default()
    };
    trial.note("agent_online_ping_post", api::conversations_agent_online_ping_post(&at, ping).await, |()| true);

    let message = models::ConversationsMessagesPostRequest {
        visitor_id: Some(json!(VISITOR)),
        text: Some(json!("Good morning!")),
        agent_id: Some(Some(json!(AGENT))),
        ..Default::default()
    };
    let sent = api::conversations_messages_post(&at, message).await;
    let id = trial
        .note("messages_post", sent, |m| m.agent_name.as_deref() == Some("Liz"))
        .and_then(|m| m.id)
        .unwrap_or_default();
    let read = api::conversations_messages_id_get(&at, &id).await;
    trial.note("messages_id_get", read, |m| m.created_at.is_some() && m.visitor_id.as_deref() == Some(VISITOR));
    let text = models::ConversationsMessagesIdPutRequest::new("Good evening!".to_owned());
    let edited = api::conversations_messages_id_put(&at, &id, text).await;
    trial.note("messages_id_put", edited, |m| m.text.as_deref() == Some("Good evening!"));
    trial.note("messages_id_delete", api::conversations_messages_id_delete(&at, &id).await, |()| true);
    match api::conversations_messages_id_get(&at, &id).await {
        Err(Error::ResponseError(answer)) if answer.status == 404 => {
            println!("  ok     messages_id_get is refused with 404 afterwards")
        }
        other => {
            trial.note("messages_id_get", other, |_| false);
        }
    }

    let push = models::ConversationsPushedMessagesPostRequest {
        visitor_id: Some(json!(VISITOR)),
        text: Some(json!("It is on its way.")),
        ..Default::default()
    };
    let pushed = api::conversations_pushed_messages_post(&at, push).await;
    let id = trial
        .note("pushed_messages_post", pushed, |m| m.is_pushed == Some(true))
        .and_then(|m| m.id)
        .unwrap_or_default();
    let read = api::conversations_pushed_messages_id_get(&at, &id).await;
    trial.note("pushed_messages_id_get", read, |m| m.text.as_deref() == Some("It is on its way."));
    let text = models::ConversationsMessagesIdPutRequest::new("It is here.".to_owned());
    let edited = api::conversations_pushed_messages_id_put(&at, &id, text).await;
    trial.note("pushed_messages_id_put", edited, |m| m.text.as_deref() == Some("It is here."));
    let deleted = api::conversations_pushed_messages_id_delete(&at, &id).await;
    trial.note("pushed_messages_id_delete", deleted, |()| true);

    trial.finish()
}

/// Which calls were completed.
#[derive(Default)]
struct Trial {
    calls: BTreeMap<&'static str, bool>,
}

impl Trial {
    fn note<T: fmt::Debug + Clone, E: fmt::Debug>(
        &mut self,
        call: &'static str,
        answer: Result<T, Error<E>>,
        check: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let good = matches!(&answer, Ok(value) if check(value));
        if good {
            println!("  ok     {call}");
        } else {
            println!("  FAILED {call}: {answer:?}");
        }
        *self.calls.entry(call).or_insert(true) &= good;
        answer.ok()
    }

    fn finish(&self) -> ExitCode {
        let done = self.calls.values().filter(|good| **good).count();
        println!("crate brevo: {done} of 9 documented calls completed");
        if done == 9 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
