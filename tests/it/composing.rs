//! How calls are composed: what must be given, what may be left out, and where a call may live.

use crate::server::{Reply, Server};
use conversations::{Error, ItemStream, brevo, sandbox::Sandbox, smooch, smscx, ultracart};
use smooch::types::{Action, Message, MessagePost, MessageType, Role};
use smscx::types::{ConversationReplyViberRequest, RichMedia};

fn brevo() -> brevo::Client {
    brevo::Client::builder().api_key("k").base_url("http://127.0.0.1:9").build().unwrap()
}

fn smooch() -> smooch::Client {
    smooch::Client::builder().jwt("k").base_url("http://127.0.0.1:9").build().unwrap()
}

fn smscx() -> smscx::Client {
    smscx::Client::builder().api_key("k").base_url("http://127.0.0.1:9").build().unwrap()
}

/// All that is missing is named at once, by its name on the wire, wherever it travels.
#[tokio::test]
async fn what_is_missing_is_said_once() {
    let (brevo, smooch, smscx) = (brevo(), smooch(), smscx());
    let id = "0c0ffee0-0000-4000-8000-000000000001";
    let cases: Vec<(Result<(), Error>, &str)> = vec![
        (
            brevo.send_message_as_agent().send().await.map(drop),
            "brevo sendMessageAsAgent: not sent: visitorId, text are missing",
        ),
        (
            brevo.send_message_as_agent().body_map(|it| it.text("Hi")).send().await.map(drop),
            "brevo sendMessageAsAgent: not sent: visitorId is missing",
        ),
        (
            brevo
                .send_message_as_agent()
                .body(brevo::types::SendMessage::builder().visitor_id("v"))
                .send()
                .await
                .map(drop),
            "brevo sendMessageAsAgent: not sent: text is missing",
        ),
        (
            brevo.update_message().send().await.map(drop),
            "brevo updateMessage: not sent: {placeholder}, text are missing",
        ),
        (
            brevo.get_message().send().await.map(drop),
            "brevo getMessage: not sent: {placeholder} is missing",
        ),
        (
            smooch.post_message().user_id("u").body_map(|it| it.text("Hi")).send().await.map(drop),
            "smooch PostMessage: not sent: appId, role, type are missing",
        ),
        (
            smscx.send_conversation_reply_viber().conversation_id(id).send().await.map(drop),
            "smscx SendConversationReplyViber: not sent: text is missing",
        ),
        // A structure alone, and one in another.
        (
            MessagePost::try_from(MessagePost::builder()).map(drop).map_err(Error::from),
            "not sent: role, type are missing",
        ),
        (
            smooch
                .post_message()
                .app_id("a")
                .user_id("u")
                .body_map(|it| {
                    it.role(Role::AppMaker)
                        .type_(MessageType::Text)
                        .actions([Action::builder().text("Yes")])
                })
                .send()
                .await
                .map(drop),
            "smooch PostMessage: not sent: the body: the value for `actions` cannot be taken: type is missing",
        ),
    ];
    for (outcome, expected) in cases {
        let error = outcome.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        // What a vendor calls the placeholder of a path, which the next revision may call otherwise.
        let path = error.operation().map_or("", |it| it.path());
        let placeholder = path.split(['{', '}']).nth(1).unwrap_or_default();
        assert_eq!(
            error.to_string().to_lowercase().replace("post /", ""),
            expected.replace("{placeholder}", placeholder).to_lowercase(),
            "{error}"
        );
    }
}

/// What must be given are arguments, in the order of the document; the rest stays open.
#[test]
fn few_required_things_are_arguments() {
    let json = |it: &dyn erased::Json| it.json();
    let mut message = brevo::types::SendMessage::new("v", String::from("Hi"));
    message.agent_id = Some("a".to_owned());
    assert_eq!(json(&message), r#"{"agentId":"a","text":"Hi","visitorId":"v"}"#);
    let message = MessagePost::new("appMaker", MessageType::Text);
    assert_eq!(json(&message), r#"{"role":"appMaker","type":"text"}"#);
    // A default of the document needs no argument.
    let reply = ConversationReplyViberRequest::new("Hi");
    assert_eq!(json(&reply), r#"{"richMedia":{},"text":"Hi"}"#);
    let built = ConversationReplyViberRequest::builder().text("Hi");
    assert_eq!(ConversationReplyViberRequest::try_from(built).unwrap(), reply);
    assert_eq!(RichMedia::default(), RichMedia::try_from(RichMedia::builder()).unwrap());
}

mod erased {
    pub(super) trait Json {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(&serde_json::to_value(self).unwrap()).unwrap()
        }
    }
}

/// A list takes builders, texts and values alike.
#[test]
fn lists_take_arrays_of_builders() {
    let action = || Action::builder().type_("reply").text("Yes").payload("YES");
    let post = MessagePost::builder().role(Role::AppMaker).type_(MessageType::Text);
    let post = MessagePost::try_from(post.text("Do you?").actions([action(), action()])).unwrap();
    assert_eq!(post.actions.map(|it| it.len()), Some(2));
}

/// A call owns its client, so that it may outlive the variable that holds it.
#[tokio::test]
async fn a_call_can_be_spawned() {
    fn spawned<F: Future<Output: Send> + Send + 'static>(
        call: F,
    ) -> tokio::task::JoinHandle<F::Output> {
        tokio::spawn(call)
    }
    let server = Server::start(|_| {
        Reply::status(200).header("Content-Type", "application/json").body(r#"{"id":"m"}"#)
    })
    .await;
    let call = {
        let client = brevo::Client::builder().api_key("k").base_url(server.origin());
        client.build().unwrap().get_message().message_id("m")
    };
    let message = spawned(call.clone().send()).await.unwrap().unwrap();
    assert_eq!(message.id.as_deref(), Some("m"));
    assert!(spawned(call.send()).await.unwrap().is_ok());
}

/// What reads pages has a name, so that it can be kept.
#[test]
fn a_stream_can_be_held() {
    struct Inbox {
        messages: ItemStream<Message>,
    }
    let inbox = Inbox { messages: smooch().get_messages().app_id("a").user_id("u").stream() };
    assert!(format!("{:?}", inbox.messages).contains("ItemStream"));
}

/// Each provider's operations with the call that the page of each shows, as functions of a client.
macro_rules! calls {
    ($($provider:ident { $($method:ident($client:ident) { $($call:tt)* })* })*) => {
        $(pub(crate) mod $provider {
            #[allow(unused_imports)]
            use conversations::{Error, $provider::{Client, types}};

            pub(crate) const ALL: &[(&str, bool)] =
                &[$((stringify!($method), !stringify!($($call)*).is_empty())),*];

            #[allow(unused_variables)]
            pub(crate) async fn call(method: &str, client: &Client) -> Result<(), Error> {
                $(if method == stringify!($method) {
                    let $client = client;
                    $($call)*
                    return Ok(());
                })*
                panic!("{method} has no call")
            }
        })*
    };
}

mod documented {
    // The macro is above, so that it is in scope.
    include!(concat!(env!("OUT_DIR"), "/provider_calls.rs"));
}

/// The call that an operation's page shows is one that the vendor takes: against the sandbox it fails only where what it
/// names is not there.
#[tokio::test]
async fn each_operation_shows_a_call_that_works() {
    let mut faults = Vec::new();
    macro_rules! check {
        ($provider:ident, $builder:expr) => {
            for (method, shown) in documented::$provider::ALL {
                let sandbox = Sandbox::start().await.unwrap();
                let client = $builder.base_url(sandbox.base_url(stringify!($provider)));
                let client = client.build().unwrap();
                let name = format!("{}.{method}", stringify!($provider));
                if !shown {
                    faults.push(format!("{name} shows no call"));
                    continue;
                }
                match documented::$provider::call(method, &client).await {
                    Ok(()) => println!("{name}: done"),
                    Err(error) if error.is_not_found() => println!("{name}: {error}"),
                    Err(error) => faults.push(format!("{name}: {error}")),
                }
            }
        };
    }
    check!(brevo, brevo::Client::builder().api_key("k"));
    check!(smooch, smooch::Client::builder().jwt("k"));
    check!(smscx, smscx::Client::builder().api_key("k"));
    check!(ultracart, ultracart::Client::builder().simple_key("k"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
