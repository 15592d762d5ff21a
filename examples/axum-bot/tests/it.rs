//! The bot and the vendor's stand-in in one process.

#![allow(clippy::unwrap_used)]

use axum_bot::{Bot, router};
use conversations::{brevo::Client, sandbox::Sandbox};
use std::collections::BTreeSet;

#[tokio::test]
async fn it_answers_once_edits_and_deletes() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::builder().base_url(sandbox.base_url("brevo")).api_key("any").build();
    let bot =
        Bot { client: client.unwrap(), secret: "3cV9kQw7tZ".into(), seen: Default::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook/3cV9kQw7tZ", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(bot)).await });

    let visitor = sandbox.visitor("brevo").writes("Does the kettle come with a lid?");
    let delivered = visitor.twice().to(&hook).await.unwrap();
    assert_eq!(delivered.statuses, [Some(200), Some(200)]);
    sandbox.wait_for_accepted("brevo", "updateMessage", 1).await;
    sandbox.visitor("brevo").writes("Never mind").to(&hook).await.unwrap();
    sandbox.wait_for_accepted("brevo", "deleteMessage", 1).await;
    let guessed = hook.replace("3cV9", "guess");
    let refused = sandbox.visitor("brevo").writes("Hello").to(&guessed).await.unwrap();
    assert!(refused.statuses.iter().all(|it| *it == Some(401)));

    let state = sandbox.state("brevo");
    let messages = state["messages"].as_array().unwrap();
    let by_agent = messages.iter().filter(|it| it["type"] == "agent");
    let texts: BTreeSet<&str> = by_agent.filter_map(|it| it["text"].as_str()).collect();
    assert_eq!(texts, BTreeSet::from(["You wrote: Does the kettle come with a lid?"]));
    assert_eq!(sandbox.accepted("brevo", "sendMessageAsAgent"), 2);
    assert_eq!(sandbox.problems(), [""; 0]);
}
