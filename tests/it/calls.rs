//! One call of every operation, as data: how it is made and what it must be on the wire.

use crate::{
    folder::{document, generated, providers},
    json::{examples, resolve},
    samples::largest,
};
use conversations::{
    CallOptions, Error, RateLimit, Response, RetryPolicy, brevo, smooch, smscx, ultracart,
};
use conversations_codegen::{names, surface::Travels};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, future::Future, pin::Pin};

/// The secret of every client here. It must never stand in a URL.
pub(crate) const KEY: &str = "k3y-that-stays-in-its-header";
/// An identifier in the form that SMS.CX gives its own.
pub(crate) const UUID: &str = "0c0ffee0-0000-4000-8000-000000000001";
/// The idempotency key of every call that takes one.
pub(crate) const IDEMPOTENCY: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

/// The moment from which messages are asked for.
const SINCE: &str = "1583020800000";

/// A call of one operation.
#[derive(Clone)]
pub(crate) struct Call {
    /// The provider.
    pub(crate) provider: &'static str,
    /// The operationId.
    pub(crate) operation: &'static str,
    /// The values of query parameters, by setter.
    pub(crate) query: &'static [(&'static str, &'static str)],
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

/// The values of path parameters, by setter: one of them may be replaced.
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

/// The usual value of a path parameter, by its setter.
fn usual(name: &str) -> &'static str {
    match name {
        "message_id" => "m-1",
        "pushed_message_id" => "p-1",
        "app_id" => "app_1",
        "user_id" => "user~1",
        "conversation_id" => UUID,
        "conversation_uuid" => "c-1",
        "queue_name" => "Order desk",
        "extension" => "jpg",
        "since" => SINCE,
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
    ($provider:ident $operation:literal, $query:expr, $body:expr, |$client:ident, $path:ident| $made:expr) => {
        Call {
            provider: stringify!($provider),
            operation: $operation,
            query: &$query,
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
        call!(brevo "sendMessageAsAgent", [],
            Some(json!({"visitorId": "v", "agentId": "a", "text": "Grüße \"1\""})),
            |c, p| c.send_message_as_agent()
                .body_map(|it| it.visitor_id("v").agent_id("a").text("Grüße \"1\""))),
        call!(brevo "getMessage", [], None,
            |c, p| c.get_message().message_id(p.get("message_id"))),
        call!(brevo "updateMessage", [],
            Some(json!({"text": ""})),
            |c, p| c.update_message().message_id(p.get("message_id")).body_map(|it| it.text(""))),
        call!(brevo "deleteMessage", [], None,
            |c, p| c.delete_message().message_id(p.get("message_id"))),
        call!(brevo "createAutomatedMessage", [],
            Some(json!({"visitorId": "v", "text": "t", "groupId": "g"})),
            |c, p| c.create_automated_message()
                .body_map(|it| it.visitor_id("v").text("t").group_id("g".to_owned()))),
        call!(brevo "getAutomatedMessage", [], None,
            |c, p| c.get_automated_message().pushed_message_id(p.get("pushed_message_id"))),
        call!(brevo "updateAutomatedMessage", [],
            Some(json!({"text": "new"})),
            |c, p| c.update_automated_message().pushed_message_id(p.get("pushed_message_id"))
                .body_map(|it| it.text("new"))),
        call!(brevo "deleteAutomatedMessage", [], None,
            |c, p| c.delete_automated_message().pushed_message_id(p.get("pushed_message_id"))),
        call!(brevo "setVisitorGroupAssignment", [],
            Some(json!({"groupId": null, "visitorId": "v"})),
            |c, p| c.set_visitor_group_assignment()
                .body_map(|it| it.group_id(None::<String>).visitor_id("v"))),
        call!(brevo "setAgentOnline", [],
            Some(json!({"agentEmail": "a@example.com", "agentName": "A", "receivedFrom": "crm"})),
            |c, p| c.set_agent_online()
                .body_map(|it| it.agent_email("a@example.com").agent_name("A").received_from("crm"))),
    ]
}

fn smooch_calls() -> Vec<Call> {
    vec![
        call!(smooch "getMessages", [("before", "1582711324.483")], None,
            |c, p| c.get_messages().app_id(p.get("app_id")).user_id(p.get("user_id"))
                .before("1582711324.483".to_owned())),
        call!(smooch "postMessage", [],
            Some(json!({"role": "appMaker", "type": "text", "text": "Hi"})),
            |c, p| c.post_message().app_id(p.get("app_id")).user_id(p.get("user_id"))
                .body_map(|it| it.role("appMaker").type_("text").text("Hi"))),
        call!(smooch "deleteMessages", [], None,
            |c, p| c.delete_messages().app_id(p.get("app_id")).user_id(p.get("user_id"))),
        call!(smooch "deleteMessage", [], None,
            |c, p| c.delete_message().app_id(p.get("app_id")).user_id(p.get("user_id"))
                .message_id(p.get("message_id"))),
        call!(smooch "resetUnreadCount", [], None,
            |c, p| c.reset_unread_count().app_id(p.get("app_id")).user_id(p.get("user_id"))),
        call!(smooch "conversationActivity", [],
            Some(json!({"role": "appMaker", "type": "typing:start"})),
            |c, p| c.conversation_activity().app_id(p.get("app_id")).user_id(p.get("user_id"))
                .body_map(|it| it.role("appMaker").type_("typing:start"))),
    ]
}

fn smscx_calls() -> Vec<Call> {
    let rich = json!({"text": "Hi", "richMedia": {}, "idempotencyId": IDEMPOTENCY});
    vec![
        call!(smscx "getConversationsList", [], None,
            |c, p| c.get_conversations_list()),
        call!(smscx "getConversation", [], None,
            |c, p| c.get_conversation().conversation_id(p.get("conversation_id"))),
        call!(smscx "markConversationAsRead", [], None,
            |c, p| c.mark_conversation_as_read().conversation_id(p.get("conversation_id"))),
        call!(smscx "sendConversationReplySms", [],
            Some(json!({"text": "Hi", "idempotencyId": IDEMPOTENCY})),
            |c, p| c.send_conversation_reply_sms().conversation_id(p.get("conversation_id"))
                .body_map(|it| it.text("Hi"))),
        call!(smscx "sendConversationReplyViber", [],
            Some(rich.clone()),
            |c, p| c.send_conversation_reply_viber().conversation_id(p.get("conversation_id"))
                .body_map(|it| it.text("Hi").rich_media(smscx::types::RichMedia::builder()))),
        call!(smscx "sendConversationReplyWhatsapp", [],
            Some(rich),
            |c, p| c.send_conversation_reply_whatsapp().conversation_id(p.get("conversation_id"))
                .body_map(|it| it.text("Hi").rich_media(smscx::types::RichMedia::builder()))),
    ]
}

fn ultracart_calls() -> Vec<Call> {
    vec![
        call!(ultracart "getAgentKeepAlive", [], None,
            |c, p| c.get_agent_keep_alive()),
        call!(ultracart "getAgentWebsocketAuthorization", [], None,
            |c, p| c.get_agent_websocket_authorization()),
        call!(ultracart "getConversations", [("medium", "sms"), ("limit", "200"), ("offset", "400")], None,
            |c, p| c.get_conversations().medium("sms").limit(200).offset(400)),
        call!(ultracart "startConversation", [],
        Some(json!({"add_conversation_participant_arns": ["arn:1"], "conversation_arn": "arn:2"})),
        |c, p| c.start_conversation().body_map(|it| {
            it.add_conversation_participant_arns(vec!["arn:1".to_owned()]).conversation_arn("arn:2")
        })),
        call!(ultracart "getConversation", [("limit", "5")], None,
            |c, p| c.get_conversation().conversation_uuid(p.get("conversation_uuid")).limit(5)),
        call!(ultracart "getConversationMessages", [("limit", "5")], None,
            |c, p| c.get_conversation_messages().conversation_uuid(p.get("conversation_uuid"))
                .since(SINCE.parse::<i64>().expect("a number")).limit(5)),
        call!(ultracart "joinConversation", [], None,
            |c, p| c.join_conversation().conversation_uuid(p.get("conversation_uuid"))),
        call!(ultracart "leaveConversation", [], None,
            |c, p| c.leave_conversation().conversation_uuid(p.get("conversation_uuid"))),
        call!(ultracart "getConversationWebchatQueueStatuses", [], None,
            |c, p| c.get_conversation_webchat_queue_statuses()),
        call!(ultracart "updateConversationWebchatQueueStatus", [],
            Some(json!({"agent_status": "busy"})),
            |c, p| c.update_conversation_webchat_queue_status().queue_name(p.get("queue_name"))
                .body_map(|it| it.agent_status("busy"))),
        call!(ultracart "getConversationMultimediaUploadUrl", [], None,
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
    let paths = document(provider)["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for (verb, node) in item.as_object().expect("a path item") {
            if node.get("operationId").and_then(Value::as_str) == Some(operation) {
                return (path, verb, node);
            }
        }
    }
    panic!("{provider} has no operation `{operation}`")
}

/// What the document calls a parameter, what the client calls its setter, and its schema.
pub(crate) struct Parameter {
    /// The name on the wire.
    pub(crate) wire: &'static str,
    /// The name in Rust.
    pub(crate) setter: String,
    /// What its values must be.
    pub(crate) schema: &'static Value,
}

/// The parameters of an operation in one place, such as `path`.
pub(crate) fn parameters(provider: &str, operation: &str, place: &str) -> Vec<Parameter> {
    let document = document(provider);
    let (path, _, node) = documented(provider, operation);
    let lists = [&document["paths"][path], node].map(|it| it.get("parameters"));
    let all = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    let all = all.map(|it| resolve(document, it)).filter(|it| it["in"] == place);
    all.map(|it| {
        let wire = it["name"].as_str().expect("a name");
        let chosen = it
            .pointer("/x-conversations/name")
            .or_else(|| it.pointer("/schema/x-conversations/name"));
        let name = chosen.and_then(Value::as_str).unwrap_or(wire);
        let schema = resolve(document, it.get("schema").unwrap_or(&Value::Null));
        Parameter { wire, setter: names::escape(&names::snake(name)), schema }
    })
    .collect()
}

/// Verb, target and query below the base URL, as the document has them: an operation's path with values by setter.
/// A query has no order.
pub(crate) fn line(
    provider: &str,
    operation: &str,
    value: impl Fn(&str) -> String,
    query: &[(&str, &str)],
) -> (String, String, BTreeSet<String>) {
    let (template, verb, _) = documented(provider, operation);
    let path =
        parameters(provider, operation, "path").iter().fold(template.to_owned(), |path, it| {
            path.replace(&format!("{{{}}}", it.wire), &value(&it.setter))
        });
    let known = parameters(provider, operation, "query");
    let wire = |setter: &str| {
        let found = known.iter().find(|it| it.setter == setter);
        found.unwrap_or_else(|| panic!("{operation} has no query parameter {setter}")).wire
    };
    let query = query.iter().map(|(setter, value)| format!("{}={value}", wire(setter))).collect();
    (verb.to_uppercase(), path, query)
}

/// The usual value of a path parameter, as it stands in a path.
pub(crate) fn usual_in_path(setter: &str) -> String {
    usual(setter).replace(' ', "%20")
}

/// The lowest success that the document declares without a body, or else the lowest of all.
pub(crate) fn silent(provider: &str, operation: &str) -> u16 {
    let (_, _, node) = documented(provider, operation);
    let responses = node["responses"].as_object().expect("responses");
    let empty = responses.iter().filter(|(it, response)| {
        it.starts_with('2') && resolve(document(provider), response).get("content").is_none()
    });
    let lowest = empty.filter_map(|(it, _)| it.parse().ok()).min();
    lowest.unwrap_or_else(|| success(provider, operation).0)
}

/// The lowest success that the document declares: status, and the example of its body, or what would be one.
pub(crate) fn success(provider: &str, operation: &str) -> (u16, Option<Value>) {
    let document = document(provider);
    let (_, _, node) = documented(provider, operation);
    let responses = node["responses"].as_object().expect("responses");
    let declared = responses.iter().filter(|(it, _)| it.starts_with('2')).min_by_key(|(it, _)| *it);
    let (status, response) =
        declared.or_else(|| responses.get_key_value("default")).expect("a success");
    let content = resolve(document, response).get("content").and_then(Value::as_object);
    let json = content.into_iter().flatten().find(|(it, _)| it.starts_with("application/json"));
    let body = json.map(|(_, media)| match examples(document, media).first() {
        Some((_, example)) => (*example).clone(),
        None => largest(document, &media["schema"]),
    });
    let otherwise = if body.is_some() { 200 } else { 204 };
    (status.parse().unwrap_or(otherwise), body)
}

/// The setters that the tests find in the documents are those of the generated clients.
#[test]
fn parameters_are_found_by_their_setters() {
    for provider in providers() {
        for operation in generated(provider).surface.operations.values() {
            for place in ["path", "query"] {
                let found = parameters(provider, &operation.id, place);
                let found: BTreeSet<_> = found.iter().map(|it| it.setter.as_str()).collect();
                let travels = Travels::In(place);
                let setters = operation.setters.iter().filter(|(_, it)| it.travels == travels);
                let setters: BTreeSet<_> = setters.map(|(name, _)| name.as_str()).collect();
                assert_eq!(found, setters, "{provider} {}", operation.id);
            }
        }
    }
}
