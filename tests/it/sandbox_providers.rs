//! Each provider's stand-in, gone through as its users would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::{
    calls,
    folder::{built, generated},
};
use conversations::sandbox::Sandbox;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::OnceLock};

/// Calls one provider with a credential that is always the same.
struct Caller {
    sandbox: Sandbox,
    provider: &'static str,
    headers: Vec<(&'static str, &'static str)>,
}

/// One client for all, for reading the machine's certificates takes longer than a test. Connections
/// are not kept, since each test has a runtime of its own.
fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| Client::builder().pool_max_idle_per_host(0).build().unwrap())
}

impl Caller {
    async fn new(provider: &'static str, headers: &[(&'static str, &'static str)]) -> Self {
        let sandbox = Sandbox::builder().only(&[provider]).start().await.unwrap();
        Self { sandbox, provider, headers: headers.to_vec() }
    }

    /// Status, body (null when empty) of an answer to an operation with these path values.
    async fn call(&self, operation: &str, values: &[(&str, &str)], body: Value) -> (u16, Value) {
        self.asked(operation, values, &[], body).await
    }

    /// The same, without a body.
    async fn get(&self, operation: &str, values: &[(&str, &str)]) -> (u16, Value) {
        self.asked(operation, values, &[], Value::Null).await
    }

    /// The same, with query parameters by setter.
    async fn asked(
        &self,
        operation: &str,
        values: &[(&str, &str)],
        query: &[(&str, &str)],
        body: Value,
    ) -> (u16, Value) {
        let (verb, path, query) = self.line(operation, values, query);
        let query: Vec<String> = query.into_iter().collect();
        let target = format!("{path}?{}", query.join("&"));
        self.raw(verb.parse().unwrap(), target.trim_end_matches('?'), body).await
    }

    /// The verb, path and query of an operation, as the document has them now.
    fn line(
        &self,
        operation: &str,
        values: &[(&str, &str)],
        query: &[(&str, &str)],
    ) -> (String, String, BTreeSet<String>) {
        let value = |setter: &str| {
            let found = values.iter().find(|(name, _)| *name == setter);
            found.unwrap_or_else(|| panic!("{operation}: no value of {setter}")).1.to_owned()
        };
        calls::line(self.provider, operation, value, query)
    }

    /// What a success of an operation without an answer is.
    fn done(&self, operation: &str) -> (u16, Value) {
        (calls::silent(self.provider, operation), Value::Null)
    }

    /// The status of an operation's success.
    fn fine(&self, operation: &str) -> u16 {
        calls::success(self.provider, operation).0
    }

    async fn raw(&self, method: Method, target: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{target}", self.sandbox.base_url(self.provider));
        let mut request = client().request(method, url);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.unwrap();
        (
            status,
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() },
        )
    }

    /// Nothing that was answered broke the vendor's document.
    fn end(&self) {
        assert_eq!(self.sandbox.problems(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn every_provider_is_mounted() {
    let sandbox = Sandbox::start().await.unwrap();
    let mounted: Vec<&str> = sandbox.providers().collect();
    assert_eq!(mounted, built().collect::<Vec<_>>());
}

#[tokio::test]
async fn brevo_keeps_both_kinds_of_message() {
    let it = Caller::new("brevo", &[("api-key", "k")]).await;
    let agents = ["sendMessageAsAgent", "getMessage", "updateMessage", "deleteMessage"];
    let pushed = [
        "createAutomatedMessage",
        "getAutomatedMessage",
        "updateAutomatedMessage",
        "deleteAutomatedMessage",
    ];
    for ([send, get, update, delete], other, setter, others, by_agent) in [
        (agents, pushed[1], "message_id", "pushed_message_id", true),
        (pushed, agents[1], "pushed_message_id", "message_id", false),
    ] {
        let message = json!({ "visitorId": "v", "text": "a < b", "agentId": "d9nKoegKSjmCtyK78" });
        let (status, sent) = it.call(send, &[], message).await;
        assert_eq!(status, it.fine(send), "{sent}");
        assert_eq!(
            (&sent["text"], &sent["html"], &sent["agentName"], &sent["isPushed"]),
            (&json!("a < b"), &json!("a &lt; b"), &json!("Liz"), &json!(!by_agent))
        );
        assert!(sent["createdAt"].as_i64().unwrap() > 1_500_000_000_000);
        let id = sent["id"].as_str().unwrap();
        let one = [(setter, id)];
        assert_eq!(it.get(get, &one).await, (it.fine(get), sent.clone()));
        // A message of one kind is unknown to the calls of the other.
        assert_eq!(it.get(other, &[(others, id)]).await.0, 404);
        let (status, edited) = it.call(update, &one, json!({ "text": "c" })).await;
        assert_eq!(
            (status, &edited["text"], &edited["id"]),
            (it.fine(update), &json!("c"), &sent["id"])
        );
        assert_eq!(it.get(get, &one).await.1, edited);
        assert_eq!(it.get(delete, &one).await, it.done(delete));
        let (status, gone) = it.get(delete, &one).await;
        assert_eq!((status, &gone["code"]), (404, &json!("document_not_found")));
    }
    it.end();
}

#[tokio::test]
async fn brevo_knows_agents_and_refuses_in_its_own_words() {
    let it = Caller::new("brevo", &[("api-key", "k")]).await;
    let stranger =
        json!({ "agentEmail": "new@example.com", "agentName": "New", "receivedFrom": "test" });
    assert_eq!(it.call("setAgentOnline", &[], stranger).await, it.done("setAgentOnline"));
    assert_eq!(it.sandbox.state("brevo")["agents"][1]["email"], "new@example.com");
    let half = json!({ "agentEmail": "new@example.com" });
    let (status, error) = it.call("setAgentOnline", &[], half).await;
    assert_eq!((status, &error["code"]), (400, &json!("missing_parameter")));
    let (status, error) =
        it.call("sendMessageAsAgent", &[], json!({ "text": "t", "agentId": "a" })).await;
    assert_eq!(
        (status, error),
        (400, json!({ "code": "missing_parameter", "message": "visitorId is missing" }))
    );
    let visitors = [("message_id", "v1sitorSa1dHe11oX")];
    assert_eq!(it.get("getMessage", &visitors).await.1["type"], "visitor");
    let (status, error) = it.call("updateMessage", &visitors, json!({ "text": "x" })).await;
    assert_eq!((status, &error["code"]), (400, &json!("invalid_parameter")));
    let (_, path, _) = it.line("getMessage", &visitors, &[]);
    let (status, error) = it.raw(Method::PATCH, &path, Value::Null).await;
    assert_eq!((status, &error["code"]), (405, &json!("method_not_allowed")));
    it.end();
    let keyless = Caller::new("brevo", &[]).await;
    assert_eq!(keyless.get("getMessage", &visitors).await.0, 401);
    keyless.end();
}

#[tokio::test]
async fn ultracart_starts_joins_lists_reads_and_leaves() {
    let it = Caller::new(
        "ultracart",
        &[("x-ultracart-simple-key", "k"), ("x-ultracart-api-version", "2017-03-01")],
    )
    .await;
    let list =
        |query: &'static [(&str, &str)]| it.asked("getConversations", &[], query, Value::Null);
    let mut last = String::new();
    for _ in 0..3 {
        let arns =
            json!({ "add_conversation_participant_arns": ["arn:example:participant/customer-9"] });
        let (status, started) = it.call("startConversation", &[], arns).await;
        assert_eq!(status, it.fine("startConversation"), "{started}");
        last = started["conversation"]["conversation_uuid"].as_str().unwrap().to_owned();
    }
    let (_, page) = list(&[("limit", "2")]).await;
    let set = &page["metadata"]["result_set"];
    assert_eq!(
        (&set["more"], &set["next_offset"], &set["total_records"]),
        (&json!(true), &json!(2), &json!(5))
    );
    assert_eq!(page["conversations"][0]["conversation_uuid"], json!(last));
    let (_, page) = list(&[("limit", "2"), ("offset", "4"), ("medium", "sms")]).await;
    assert_eq!(page["conversations"], json!([]));
    let (status, error) = list(&[("limit", "many")]).await;
    assert_eq!((status, &error["success"]), (400, &json!(false)));

    let one = ("conversation_uuid", "3f0a4c52-8f0e-4a0b-9d38-0d2f6b1c7a11");
    assert_eq!(it.get("joinConversation", &[one]).await, it.done("joinConversation"));
    let messages = "getConversationMessages";
    let (_, since) = it.get(messages, &[one, ("since", "0")]).await;
    let all = since["conversation_messages"].as_array().unwrap().clone();
    assert_eq!(all.len(), 3);
    let epoch = all[2]["message_epoch"].as_i64().unwrap().to_string();
    let since = [one, ("since", epoch.as_str())];
    let (_, later) = it.asked(messages, &since, &[("limit", "1")], Value::Null).await;
    assert_eq!(later["conversation_messages"], json!([all[2]]));
    let (_, whole) = it.get("getConversation", &[one]).await;
    assert_eq!(whole["conversation"]["participants"].as_array().unwrap().len(), 2);
    assert_eq!(it.get("leaveConversation", &[one]).await, it.done("leaveConversation"));
    assert_eq!(it.get("leaveConversation", &[one]).await.0, 400);

    let queues = "getConversationWebchatQueueStatuses";
    assert_eq!(it.get(queues, &[]).await.1["queue_statuses"][0]["agent_available_count"], 1);
    let update = "updateConversationWebchatQueueStatus";
    let busy = json!({ "agent_status": "busy" });
    assert_eq!(it.call(update, &[("queue_name", "Sales")], busy).await, it.done(update));
    assert_eq!(it.get(queues, &[]).await.1["queue_statuses"][0]["agent_busy_count"], 1);

    let (_, auth) = it.get("getAgentWebsocketAuthorization", &[]).await;
    assert!(auth["agent_auth"]["jwt"].as_str().unwrap().starts_with("sandbox."));
    assert_eq!(it.get("getAgentKeepAlive", &[]).await, it.done("getAgentKeepAlive"));
    // The vendor's base path is taken too.
    let url = "getConversationMultimediaUploadUrl";
    let (verb, path, _) = it.line(url, &[("extension", "png")], &[]);
    let server = &generated("ultracart").provider.servers[0].url;
    let base = url::Url::parse(server).unwrap().path().trim_end_matches('/').to_owned();
    let (status, _) = it.raw(verb.parse().unwrap(), &format!("{base}{path}"), Value::Null).await;
    assert_eq!(status, it.fine(url), "{base}{path}");
    it.end();
    let versionless = Caller::new("ultracart", &[("x-ultracart-simple-key", "k")]).await;
    assert_eq!(versionless.get("getConversations", &[]).await.0, 400);
}

#[tokio::test]
async fn smscx_replies_cost_and_reading_clears_the_counter() {
    let it = Caller::new("smscx", &[("x-api-key", "k")]).await;
    let one = [("conversation_id", "5b0f6c1e-2d47-4a93-8e15-90c4d7a6b321")];
    let (list, read) = ("getConversationsList", "markConversationAsRead");
    assert_eq!(it.get(list, &[]).await.1["data"][0]["unreadMessages"], 2);
    assert_eq!(it.get(read, &one).await.0, it.fine(read));
    assert_eq!(it.get(list, &[]).await.1["data"][0]["unreadMessages"], 0);
    let before = it.get("getConversation", &one).await.1["data"].as_array().unwrap().len();
    let media = json!({ "imageUrl": "https://example.com/i.png", "buttonCaption": "b", "targetUrl": "https://example.com/" });
    let (sms, viber) = ("sendConversationReplySms", "sendConversationReplyViber");
    for (operation, body) in [
        (sms, json!({ "text": "hi", "idempotencyId": "6a8f1c2e-0a0b-4c4d-8e8f-101112131415" })),
        (viber, json!({ "text": "hi", "richMedia": media })),
        (
            "sendConversationReplyWhatsapp",
            json!({ "text": "hi", "richMedia": { "imageUrl": "https://example.com/i.png" } }),
        ),
    ] {
        let (status, answer) = it.call(operation, &one, body.clone()).await;
        assert_eq!(status, it.fine(operation), "{answer}");
        if operation == sms {
            let again = it.call(operation, &one, body).await;
            assert_eq!(again, (status, answer));
        }
    }
    assert_eq!(it.sandbox.accepted("smscx", sms), 1);
    assert_eq!(it.sandbox.state("smscx")["credit"], 200 - 5 - 3 - 3);
    let after = it.get("getConversation", &one).await.1["data"].as_array().unwrap().len();
    assert_eq!(after, before + 3);

    let code = |answer: (u16, Value)| (answer.0, answer.1["error"]["code"].clone());
    assert_eq!(code(it.call(sms, &one, json!({})).await), (400, json!(1801)));
    let long = json!({ "text": "x".repeat(100_000), "richMedia": {} });
    assert_eq!(code(it.call(viber, &one, long).await), (400, json!(1811)));
    let odd = json!({ "text": "x", "idempotencyId": "y" });
    assert_eq!(code(it.call(sms, &one, odd).await), (400, json!(1111)));
    let unknown = [("conversation_id", "00000000-0000-4000-8000-000000000000")];
    assert_eq!(code(it.get("getConversation", &unknown).await), (404, json!(1180)));
    let (_, path, _) = it.line("getConversation", &one, &[]);
    assert_eq!(code(it.raw(Method::DELETE, &path, Value::Null).await), (405, json!(405)));
    it.end();
}

#[tokio::test]
async fn smooch_pages_by_time_and_forgets_on_demand() {
    let it = Caller::new("smooch", &[("authorization", "Basic aWQ6c2VjcmV0")]).await;
    let app = ("app_id", "5f0c2a9b7d31e84612a0c9f5");
    let known = [app, ("user_id", "customer-1042")];
    let ids = |page: &[Value]| -> Vec<String> {
        page.iter().map(|it| it["_id"].as_str().unwrap().to_owned()).collect()
    };

    // Backwards from the newest, then forwards again, without losing or doubling one of 250.
    let mut seen: Vec<String> = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let query: Vec<_> = before.iter().map(|it| ("before", it.as_str())).collect();
        let (status, page) = it.asked("getMessages", &known, &query, Value::Null).await;
        assert_eq!(status, it.fine("getMessages"), "{page}");
        let page = page["messages"].as_array().unwrap().clone();
        let Some(first) = page.first() else { break };
        before = Some(first["received"].to_string());
        seen.splice(0..0, ids(&page));
    }
    assert_eq!(seen.len(), 250);
    let mut again: Vec<String> = Vec::new();
    let mut after = "0".to_owned();
    let next = loop {
        let query = [("after", after.as_str())];
        let (_, page) = it.asked("getMessages", &known, &query, Value::Null).await;
        let messages = page["messages"].as_array().unwrap();
        again.extend(ids(messages));
        assert_eq!(page["next"].is_string(), again.len() < 250);
        if again.len() >= 250 {
            break after;
        }
        after = messages.last().unwrap()["received"].to_string();
        // The link to the next page is that of the next call.
        let (_, path, _) = it.line("getMessages", &known, &[]);
        let url = format!("{}{path}?after={after}", it.sandbox.base_url("smooch"));
        assert_eq!(page["next"], url);
    };
    assert_ne!(next, "0");
    assert_eq!(again, seen);
    let both = [("before", "1"), ("after", "2")];
    assert_eq!(it.asked("getMessages", &known, &both, Value::Null).await.0, 400);

    let new = [app, ("user_id", "some%20one")];
    assert_eq!(it.get("getMessages", &new).await.0, 404);
    let text = json!({ "role": "appMaker", "type": "text", "text": "hi" });
    let (status, posted) = it.call("postMessage", &new, text).await;
    let unread = &posted["conversation"]["unreadCount"];
    assert_eq!((status, unread), (it.fine("postMessage"), &json!(1)), "{posted}");
    assert!(posted["message"]["received"].is_f64() || posted["message"]["received"].is_i64());
    assert_eq!(it.get("resetUnreadCount", &new).await, it.done("resetUnreadCount"));
    let (_, page) = it.get("getMessages", &new).await;
    assert_eq!(page["conversation"]["unreadCount"], 0);
    let typing = json!({ "role": "appMaker", "type": "typing:start" });
    let (status, _) = it.call("conversationActivity", &new, typing).await;
    assert_eq!(status, it.fine("conversationActivity"));
    let one = [new[0], new[1], ("message_id", posted["message"]["_id"].as_str().unwrap())];
    assert_eq!(it.get("deleteMessage", &one).await, it.done("deleteMessage"));
    assert_eq!(it.get("deleteMessage", &one).await.0, 404);
    assert_eq!(it.get("deleteMessages", &new).await, it.done("deleteMessages"));
    assert_eq!(it.get("getMessages", &new).await.1["messages"], json!([]));
    it.end();
}
