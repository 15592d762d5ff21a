//! Each provider's stand-in, gone through as its users would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use conversations::sandbox::Sandbox;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::sync::OnceLock;

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

    /// Status, body (null when empty) of an answer.
    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.sandbox.base_url(self.provider));
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

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, Value::Null).await
    }

    /// Nothing that was answered broke the vendor's document.
    fn end(&self) {
        assert_eq!(self.sandbox.problems(), Vec::<String>::new());
    }
}

#[tokio::test]
#[cfg(feature = "brevo")]
async fn brevo_keeps_both_kinds_of_message() {
    let it = Caller::new("brevo", &[("api-key", "k")]).await;
    for (path, by_agent) in
        [("/conversations/messages", true), ("/conversations/pushedMessages", false)]
    {
        let message = json!({ "visitorId": "v", "text": "a < b", "agentId": "d9nKoegKSjmCtyK78" });
        let (status, sent) = it.call(Method::POST, path, message).await;
        assert_eq!(status, 200, "{sent}");
        assert_eq!(
            (&sent["text"], &sent["html"], &sent["agentName"], &sent["isPushed"]),
            (&json!("a < b"), &json!("a &lt; b"), &json!("Liz"), &json!(!by_agent))
        );
        assert!(sent["createdAt"].as_i64().unwrap() > 1_500_000_000_000);
        let one = format!("{path}/{}", sent["id"].as_str().unwrap());
        assert_eq!(it.get(&one).await, (200, sent.clone()));
        // A message of one kind is unknown to the calls of the other.
        let other = if by_agent {
            one.replace("messages", "pushedMessages")
        } else {
            one.replace("pushedMessages", "messages")
        };
        assert_eq!(it.get(&other).await.0, 404);
        let (status, edited) = it.call(Method::PUT, &one, json!({ "text": "c" })).await;
        assert_eq!((status, &edited["text"], &edited["id"]), (200, &json!("c"), &sent["id"]));
        assert_eq!(it.get(&one).await.1, edited);
        assert_eq!(it.call(Method::DELETE, &one, Value::Null).await, (204, Value::Null));
        let (status, gone) = it.call(Method::DELETE, &one, Value::Null).await;
        assert_eq!((status, &gone["code"]), (404, &json!("document_not_found")));
    }
    it.end();
}

#[tokio::test]
#[cfg(feature = "brevo")]
async fn brevo_knows_agents_and_refuses_in_its_own_words() {
    let it = Caller::new("brevo", &[("api-key", "k")]).await;
    let stranger =
        json!({ "agentEmail": "new@example.com", "agentName": "New", "receivedFrom": "test" });
    assert_eq!(
        it.call(Method::POST, "/conversations/agentOnlinePing", stranger).await,
        (201, Value::Null)
    );
    assert_eq!(it.sandbox.state("brevo")["agents"][1]["email"], "new@example.com");
    let half = json!({ "agentEmail": "new@example.com" });
    let (status, error) = it.call(Method::POST, "/conversations/agentOnlinePing", half).await;
    assert_eq!((status, &error["code"]), (400, &json!("missing_parameter")));
    let (status, error) = it
        .call(Method::POST, "/conversations/messages", json!({ "text": "t", "agentId": "a" }))
        .await;
    assert_eq!(
        (status, error),
        (400, json!({ "code": "missing_parameter", "message": "visitorId is missing" }))
    );
    let visitors = "/conversations/messages/v1sitorSa1dHe11oX";
    assert_eq!(it.get(visitors).await.1["type"], "visitor");
    let (status, error) = it.call(Method::PUT, visitors, json!({ "text": "x" })).await;
    assert_eq!((status, &error["code"]), (400, &json!("invalid_parameter")));
    let (status, error) = it.call(Method::PATCH, visitors, Value::Null).await;
    assert_eq!((status, &error["code"]), (405, &json!("method_not_allowed")));
    it.end();
    let keyless = Caller::new("brevo", &[]).await;
    assert_eq!(keyless.get(visitors).await.0, 401);
    keyless.end();
}

#[tokio::test]
#[cfg(feature = "ultracart")]
async fn ultracart_starts_joins_lists_reads_and_leaves() {
    let it = Caller::new(
        "ultracart",
        &[("x-ultracart-simple-key", "k"), ("x-ultracart-api-version", "2017-03-01")],
    )
    .await;
    let all = "/conversation/conversations";
    let mut last = String::new();
    for _ in 0..3 {
        let (status, started) =
            it.call(Method::PUT, all, json!({ "add_conversation_participant_arns": ["arn:example:participant/customer-9"] })).await;
        assert_eq!(status, 200, "{started}");
        last = started["conversation"]["conversation_uuid"].as_str().unwrap().to_owned();
    }
    let (_, page) = it.get(&format!("{all}?_limit=2")).await;
    let set = &page["metadata"]["result_set"];
    assert_eq!(
        (&set["more"], &set["next_offset"], &set["total_records"]),
        (&json!(true), &json!(2), &json!(5))
    );
    assert_eq!(page["conversations"][0]["conversation_uuid"], json!(last));
    let (_, page) = it.get(&format!("{all}?_limit=2&_offset=4&medium=sms")).await;
    assert_eq!(page["conversations"], json!([]));
    let (status, error) = it.get(&format!("{all}?_limit=201")).await;
    assert_eq!((status, &error["success"]), (400, &json!(false)));

    let one = format!("{all}/3f0a4c52-8f0e-4a0b-9d38-0d2f6b1c7a11");
    assert_eq!(it.call(Method::PUT, &format!("{one}/join"), Value::Null).await, (204, Value::Null));
    let (_, since) = it.get(&format!("{one}/messages/0")).await;
    let messages = since["conversation_messages"].as_array().unwrap().clone();
    assert_eq!(messages.len(), 3);
    let epoch = messages[2]["message_epoch"].as_i64().unwrap();
    let (_, later) = it.get(&format!("{one}/messages/{epoch}?limit=1")).await;
    assert_eq!(later["conversation_messages"], json!([messages[2]]));
    assert_eq!(it.get(&one).await.1["conversation"]["participants"].as_array().unwrap().len(), 2);
    assert_eq!(
        it.call(Method::DELETE, &format!("{one}/leave"), Value::Null).await,
        (204, Value::Null)
    );
    assert_eq!(it.call(Method::DELETE, &format!("{one}/leave"), Value::Null).await.0, 400);

    let queues = "/conversation/conversations/queues/statuses";
    assert_eq!(it.get(queues).await.1["queue_statuses"][0]["agent_available_count"], 1);
    let busy = json!({ "agent_status": "busy" });
    assert_eq!(
        it.call(Method::PUT, "/conversation/conversations/queues/Sales/status", busy).await.0,
        204
    );
    assert_eq!(it.get(queues).await.1["queue_statuses"][0]["agent_busy_count"], 1);

    let auth = it.call(Method::PUT, "/conversation/agent/auth", Value::Null).await.1;
    assert!(auth["agent_auth"]["jwt"].as_str().unwrap().starts_with("sandbox."));
    assert_eq!(it.get("/conversation/agent/keepalive").await, (204, Value::Null));
    assert_eq!(it.get("/rest/v2/conversation/upload_url/png").await.0, 200);
    it.end();
    let versionless = Caller::new("ultracart", &[("x-ultracart-simple-key", "k")]).await;
    assert_eq!(versionless.get(all).await.0, 400);
}

#[tokio::test]
#[cfg(feature = "smscx")]
async fn smscx_replies_cost_and_reading_clears_the_counter() {
    let it = Caller::new("smscx", &[("x-api-key", "k")]).await;
    let one = "/conversations/5b0f6c1e-2d47-4a93-8e15-90c4d7a6b321";
    assert_eq!(it.get("/conversations").await.1["data"][0]["unreadMessages"], 2);
    assert_eq!(it.get(&format!("{one}/read")).await.0, 200);
    assert_eq!(it.get("/conversations").await.1["data"][0]["unreadMessages"], 0);
    let before = it.get(one).await.1["data"].as_array().unwrap().len();
    let media = json!({ "imageUrl": "https://example.com/i.png", "buttonCaption": "b", "targetUrl": "https://example.com/" });
    for (channel, body) in [
        ("sms", json!({ "text": "hi", "idempotencyId": "6a8f1c2e-0a0b-4c4d-8e8f-101112131415" })),
        ("viber", json!({ "text": "hi", "richMedia": media })),
        (
            "whatsapp",
            json!({ "text": "hi", "richMedia": { "imageUrl": "https://example.com/i.png" } }),
        ),
    ] {
        let (status, answer) =
            it.call(Method::POST, &format!("{one}/{channel}"), body.clone()).await;
        assert_eq!(status, 200, "{answer}");
        if channel == "sms" {
            let again = it.call(Method::POST, &format!("{one}/{channel}"), body).await;
            assert_eq!(again, (200, answer));
        }
    }
    assert_eq!(it.sandbox.accepted("smscx", "sendConversationReplySms"), 1);
    assert_eq!(it.sandbox.state("smscx")["credit"], 200 - 5 - 3 - 3);
    assert_eq!(it.get(one).await.1["data"].as_array().unwrap().len(), before + 3);

    let code = |answer: (u16, Value)| (answer.0, answer.1["error"]["code"].clone());
    let sms = format!("{one}/sms");
    assert_eq!(code(it.call(Method::POST, &sms, json!({})).await), (400, json!(1801)));
    assert_eq!(
        code(
            it.call(
                Method::POST,
                &format!("{one}/viber"),
                json!({ "text": "x".repeat(1001), "richMedia": {} })
            )
            .await
        ),
        (400, json!(1811))
    );
    assert_eq!(
        code(it.call(Method::POST, &sms, json!({ "text": "x", "idempotencyId": "y" })).await),
        (400, json!(1111))
    );
    let unknown = "/conversations/00000000-0000-4000-8000-000000000000";
    assert_eq!(code(it.get(unknown).await), (404, json!(1180)));
    assert_eq!(code(it.call(Method::DELETE, one, Value::Null).await), (405, json!(405)));
    it.end();
}

#[tokio::test]
#[cfg(feature = "smooch")]
async fn smooch_pages_by_time_and_forgets_on_demand() {
    let it = Caller::new("smooch", &[("authorization", "Basic aWQ6c2VjcmV0")]).await;
    let user = |name: &str| format!("/v1.1/apps/5f0c2a9b7d31e84612a0c9f5/appusers/{name}");
    let all = format!("{}/messages", user("customer-1042"));

    // Backwards from the newest, then forwards again, without losing or doubling one of 250.
    let mut seen: Vec<String> = Vec::new();
    let mut query = String::new();
    loop {
        let (status, page) = it.get(&format!("{all}{query}")).await;
        assert_eq!(status, 200, "{page}");
        let page = page["messages"].as_array().unwrap().clone();
        let Some(first) = page.first() else { break };
        query = format!("?before={}", first["received"]);
        seen.splice(0..0, page.iter().map(|it| it["_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 250);
    let mut again: Vec<String> = Vec::new();
    let mut query = "?after=0".to_owned();
    loop {
        let (_, page) = it.get(&format!("{all}{query}")).await;
        let messages = page["messages"].as_array().unwrap();
        again.extend(messages.iter().map(|it| it["_id"].as_str().unwrap().to_owned()));
        assert_eq!(page["next"].is_string(), again.len() < 250);
        if again.len() >= 250 {
            break;
        }
        query = format!("?after={}", messages.last().unwrap()["received"]);
    }
    assert_eq!(again, seen);
    assert_eq!(it.get(&format!("{all}?before=1&after=2")).await.0, 400);

    let new = format!("{}/messages", user("some%20one"));
    assert_eq!(it.get(&new).await.0, 404);
    let text = json!({ "role": "appMaker", "type": "text", "text": "hi" });
    let (status, posted) = it.call(Method::POST, &new, text).await;
    assert_eq!((status, &posted["conversation"]["unreadCount"]), (201, &json!(1)), "{posted}");
    assert!(posted["message"]["received"].is_f64() || posted["message"]["received"].is_i64());
    let conversation = user("some%20one") + "/conversation";
    assert_eq!(it.call(Method::POST, &format!("{conversation}/read"), Value::Null).await.0, 200);
    let typing = json!({ "role": "appMaker", "type": "typing:start" });
    let (status, activity) =
        it.call(Method::POST, &format!("{conversation}/activity"), typing).await;
    assert_eq!((status, &activity["conversation"]["unreadCount"]), (200, &json!(0)));
    let one = format!("{new}/{}", posted["message"]["_id"].as_str().unwrap());
    assert_eq!(it.call(Method::DELETE, &one, Value::Null).await.0, 200);
    assert_eq!(it.call(Method::DELETE, &one, Value::Null).await.0, 404);
    assert_eq!(it.call(Method::DELETE, &all, Value::Null).await.0, 200);
    assert_eq!(it.get(&all).await.1["messages"], json!([]));
    it.end();
}
