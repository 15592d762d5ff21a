//! One call of every operation, as data: how it is made and what it must be on the wire.

use crate::folder::generated;
use conversations::{
    CallOptions, Error, RateLimit, Response, RetryPolicy, brevo, smooch, smscx, ultracart,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{future::Future, pin::Pin};

/// The secret of every client here. It must never stand in a URL.
pub(crate) const KEY: &str = "k3y-that-stays-in-its-header";
/// An identifier in the form that SMS.CX gives its own.
pub(crate) const UUID: &str = "0c0ffee0-0000-4000-8000-000000000001";
/// The idempotency key of every call that takes one.
pub(crate) const IDEMPOTENCY: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

/// A call of one operation.
#[derive(Clone)]
pub(crate) struct Call {
    /// The provider.
    pub(crate) provider: &'static str,
    /// The operationId.
    pub(crate) operation: &'static str,
    /// Verb and target below the base URL.
    pub(crate) line: &'static str,
    /// The JSON body.
    pub(crate) body: Option<Value>,
    /// Makes the call with these path values.
    pub(crate) make: fn(Clients, Paths, CallOptions) -> Calling,
}

/// The outcome of a call, whatever its type.
pub(crate) type Calling = Pin<Box<dyn Future<Output = Result<Seen, Error>> + Send>>;

/// What a caller sees of a response.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The status.
    pub(crate) status: u16,
    /// The typed value, written back as JSON.
    pub(crate) value: Value,
    /// The state of the rate limit.
    pub(crate) rate_limit: Option<RateLimit>,
    /// The vendor's identifier of the call.
    pub(crate) request_id: Option<String>,
    /// A header that every reply here carries.
    pub(crate) marker: Option<String>,
    /// The idempotency key that was sent.
    pub(crate) idempotency_key: Option<String>,
}

/// The values of path parameters: one of them may be replaced.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths(Option<(String, String)>);

impl Paths {
    /// One parameter gets another value than the usual one.
    pub(crate) fn with(name: &str, value: &str) -> Self {
        Self(Some((name.to_owned(), value.to_owned())))
    }

    fn get(&self, name: &str) -> String {
        match &self.0 {
            Some((replaced, value)) if replaced == name => value.clone(),
            _ => usual(name).to_owned(),
        }
    }
}

/// The usual value of a path parameter.
fn usual(name: &str) -> &'static str {
    match name {
        "messageId" => "m-1",
        "pushedMessageId" => "p-1",
        "appId" => "app_1",
        "userId" => "user~1",
        "conversationId" => UUID,
        "conversation_uuid" => "c-1",
        "queue_name" => "Order desk",
        "extension" => "jpg",
        other => {
            panic!("the path parameter `{other}` has no usual value: add one to tests/it/calls.rs")
        }
    }
}

fn seen<T: Serialize>(result: Result<Response<T>, Error>) -> Result<Seen, Error> {
    let response = result?;
    Ok(Seen {
        status: response.status().as_u16(),
        rate_limit: response.rate_limit(),
        request_id: response.request_id().map(str::to_owned),
        marker: response
            .headers()
            .get("x-marker")
            .and_then(|it| it.to_str().ok())
            .map(str::to_owned),
        idempotency_key: response.idempotency_key().map(str::to_owned),
        value: serde_json::to_value(response.into_inner()).expect("a typed value is JSON"),
    })
}

/// A client of each provider, with its first credential and without repetitions.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    /// Brevo, by its key.
    pub(crate) brevo: brevo::Client,
    /// Smooch, by a token made elsewhere.
    pub(crate) smooch: smooch::Client,
    /// SMS.CX, by its key.
    pub(crate) smscx: smscx::Client,
    /// UltraCart, by its simple key.
    pub(crate) ultracart: ultracart::Client,
}

impl Clients {
    /// Clients of one base URL.
    pub(crate) fn of(base: &str) -> Self {
        let off = RetryPolicy::off;
        let brevo = brevo::Client::builder().api_key(KEY).base_url(base).retry(off()).build();
        let smooch = smooch::Client::builder().jwt(KEY).base_url(base).retry(off()).build();
        let smscx = smscx::Client::builder().api_key(KEY).base_url(base).retry(off()).build();
        let ultracart =
            ultracart::Client::builder().simple_key(KEY).base_url(base).retry(off()).build();
        Self {
            brevo: brevo.expect("a client"),
            smooch: smooch.expect("a client"),
            smscx: smscx.expect("a client"),
            ultracart: ultracart.expect("a client"),
        }
    }
}

macro_rules! call {
    ($provider:ident $operation:literal, $line:literal, $body:expr, |$client:ident, $path:ident| $made:expr) => {
        Call {
            provider: stringify!($provider),
            operation: $operation,
            line: $line,
            body: $body,
            make: |clients, $path, options| -> Calling {
                Box::pin(async move {
                    let _ = &$path;
                    let $client = clients.$provider;
                    seen($made.options(options).send().await)
                })
            },
        }
    };
}

/// All calls of all providers.
pub(crate) fn all() -> Vec<Call> {
    let mut all = brevo_calls();
    all.extend(smooch_calls());
    all.extend(smscx_calls());
    all.extend(ultracart_calls());
    all
}

fn brevo_calls() -> Vec<Call> {
    vec![
        call!(brevo "sendMessageAsAgent", "POST /conversations/messages",
            Some(json!({"visitorId": "v", "agentId": "a", "text": "Grüße \"1\""})),
            |c, p| c.send_message_as_agent()
                .body_map(|it| it.visitor_id("v").agent_id("a").text("Grüße \"1\""))),
        call!(brevo "getMessage", "GET /conversations/messages/m-1", None,
            |c, p| c.get_message().message_id(p.get("messageId"))),
        call!(brevo "updateMessage", "PUT /conversations/messages/m-1",
            Some(json!({"text": ""})),
            |c, p| c.update_message().message_id(p.get("messageId")).body_map(|it| it.text(""))),
        call!(brevo "deleteMessage", "DELETE /conversations/messages/m-1", None,
            |c, p| c.delete_message().message_id(p.get("messageId"))),
        call!(brevo "createAutomatedMessage", "POST /conversations/pushedMessages",
            Some(json!({"visitorId": "v", "text": "t", "groupId": "g"})),
            |c, p| c.create_automated_message()
                .body_map(|it| it.visitor_id("v").text("t").group_id("g".to_owned()))),
        call!(brevo "getAutomatedMessage", "GET /conversations/pushedMessages/p-1", None,
            |c, p| c.get_automated_message().pushed_message_id(p.get("pushedMessageId"))),
        call!(brevo "updateAutomatedMessage", "PUT /conversations/pushedMessages/p-1",
            Some(json!({"text": "new"})),
            |c, p| c.update_automated_message().pushed_message_id(p.get("pushedMessageId"))
                .body_map(|it| it.text("new"))),
        call!(brevo "deleteAutomatedMessage", "DELETE /conversations/pushedMessages/p-1", None,
            |c, p| c.delete_automated_message().pushed_message_id(p.get("pushedMessageId"))),
        call!(brevo "setAgentOnline", "POST /conversations/agentOnlinePing",
            Some(json!({"agentEmail": "a@example.com", "agentName": "A", "receivedFrom": "crm"})),
            |c, p| c.set_agent_online()
                .body_map(|it| it.agent_email("a@example.com").agent_name("A").received_from("crm"))),
    ]
}

fn smooch_calls() -> Vec<Call> {
    vec![
        call!(smooch "getMessages", "GET /v1.1/apps/app_1/appusers/user~1/messages?before=1582711324.483", None,
            |c, p| c.get_messages().app_id(p.get("appId")).user_id(p.get("userId"))
                .before("1582711324.483".to_owned())),
        call!(smooch "postMessage", "POST /v1.1/apps/app_1/appusers/user~1/messages",
            Some(json!({"role": "appMaker", "type": "text", "text": "Hi"})),
            |c, p| c.post_message().app_id(p.get("appId")).user_id(p.get("userId"))
                .body_map(|it| it.role("appMaker").type_("text").text("Hi"))),
        call!(smooch "deleteMessages", "DELETE /v1.1/apps/app_1/appusers/user~1/messages", None,
            |c, p| c.delete_messages().app_id(p.get("appId")).user_id(p.get("userId"))),
        call!(smooch "deleteMessage", "DELETE /v1.1/apps/app_1/appusers/user~1/messages/m-1", None,
            |c, p| c.delete_message().app_id(p.get("appId")).user_id(p.get("userId"))
                .message_id(p.get("messageId"))),
        call!(smooch "resetUnreadCount", "POST /v1.1/apps/app_1/appusers/user~1/conversation/read", None,
            |c, p| c.reset_unread_count().app_id(p.get("appId")).user_id(p.get("userId"))),
        call!(smooch "conversationActivity", "POST /v1.1/apps/app_1/appusers/user~1/conversation/activity",
            Some(json!({"role": "appMaker", "type": "typing:start"})),
            |c, p| c.conversation_activity().app_id(p.get("appId")).user_id(p.get("userId"))
                .body_map(|it| it.role("appMaker").type_("typing:start"))),
    ]
}

fn smscx_calls() -> Vec<Call> {
    let rich = json!({"text": "Hi", "richMedia": {}, "idempotencyId": IDEMPOTENCY});
    vec![
        call!(smscx "getConversationsList", "GET /conversations", None,
            |c, p| c.get_conversations_list()),
        call!(smscx "getConversation", "GET /conversations/0c0ffee0-0000-4000-8000-000000000001", None,
            |c, p| c.get_conversation().conversation_id(p.get("conversationId"))),
        call!(smscx "markConversationAsRead", "GET /conversations/0c0ffee0-0000-4000-8000-000000000001/read", None,
            |c, p| c.mark_conversation_as_read().conversation_id(p.get("conversationId"))),
        call!(smscx "sendConversationReplySms", "POST /conversations/0c0ffee0-0000-4000-8000-000000000001/sms",
            Some(json!({"text": "Hi", "idempotencyId": IDEMPOTENCY})),
            |c, p| c.send_conversation_reply_sms().conversation_id(p.get("conversationId"))
                .body_map(|it| it.text("Hi"))),
        call!(smscx "sendConversationReplyViber", "POST /conversations/0c0ffee0-0000-4000-8000-000000000001/viber",
            Some(rich.clone()),
            |c, p| c.send_conversation_reply_viber().conversation_id(p.get("conversationId"))
                .body_map(|it| it.text("Hi").rich_media(smscx::types::RichMedia::builder()))),
        call!(smscx "sendConversationReplyWhatsapp", "POST /conversations/0c0ffee0-0000-4000-8000-000000000001/whatsapp",
            Some(rich),
            |c, p| c.send_conversation_reply_whatsapp().conversation_id(p.get("conversationId"))
                .body_map(|it| it.text("Hi").rich_media(smscx::types::RichMedia::builder()))),
    ]
}

fn ultracart_calls() -> Vec<Call> {
    vec![
        call!(ultracart "getAgentKeepAlive", "GET /conversation/agent/keepalive", None,
            |c, p| c.get_agent_keep_alive()),
        call!(ultracart "getAgentWebsocketAuthorization", "PUT /conversation/agent/auth", None,
            |c, p| c.get_agent_websocket_authorization()),
        // `_limit` and `_offset` here, `limit` in the two calls below.
        call!(ultracart "getConversations", "GET /conversation/conversations?medium=sms&_limit=200&_offset=400", None,
            |c, p| c.get_conversations().medium("sms").limit(200).offset(400)),
        call!(ultracart "startConversation", "PUT /conversation/conversations",
        Some(json!({"add_conversation_participant_arns": ["arn:1"], "conversation_arn": "arn:2"})),
        |c, p| c.start_conversation().body_map(|it| {
            it.add_conversation_participant_arns(vec!["arn:1".to_owned()]).conversation_arn("arn:2")
        })),
        call!(ultracart "getConversation", "GET /conversation/conversations/c-1?limit=5", None,
            |c, p| c.get_conversation().conversation_uuid(p.get("conversation_uuid")).limit(5)),
        call!(ultracart "getConversationMessages", "GET /conversation/conversations/c-1/messages/1583020800000?limit=5", None,
            |c, p| c.get_conversation_messages().conversation_uuid(p.get("conversation_uuid"))
                .since(1_583_020_800_000_i64).limit(5)),
        call!(ultracart "joinConversation", "PUT /conversation/conversations/c-1/join", None,
            |c, p| c.join_conversation().conversation_uuid(p.get("conversation_uuid"))),
        call!(ultracart "leaveConversation", "DELETE /conversation/conversations/c-1/leave", None,
            |c, p| c.leave_conversation().conversation_uuid(p.get("conversation_uuid"))),
        call!(ultracart "getConversationWebchatQueueStatuses", "GET /conversation/conversations/queues/statuses", None,
            |c, p| c.get_conversation_webchat_queue_statuses()),
        call!(ultracart "updateConversationWebchatQueueStatus",
            "PUT /conversation/conversations/queues/Order%20desk/status",
            Some(json!({"agent_status": "busy"})),
            |c, p| c.update_conversation_webchat_queue_status().queue_name(p.get("queue_name"))
                .body_map(|it| it.agent_status("busy"))),
        call!(ultracart "getConversationMultimediaUploadUrl", "GET /conversation/upload_url/jpg", None,
            |c, p| c.get_conversation_multimedia_upload_url().extension(p.get("extension"))),
    ]
}

/// The options that every call here is made with.
pub(crate) fn options() -> CallOptions {
    CallOptions::new().idempotency_key(IDEMPOTENCY)
}

/// The operation in the document: path template, verb, node.
pub(crate) fn documented(
    provider: &str,
    operation: &str,
) -> (&'static str, &'static str, &'static Value) {
    let paths = generated(provider).document["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for (verb, node) in item.as_object().expect("a path item") {
            if node.get("operationId").and_then(Value::as_str) == Some(operation) {
                return (path, verb, node);
            }
        }
    }
    panic!("{provider} has no operation `{operation}`")
}
