//! What a call costs on this side of the network: `cargo bench --bench send` sends a message to a server in this process
//! that answers at once, and reads one, through the client and through hand-written reqwest and serde, with one, 16 and 256
//! calls under way.

use conversations::{RetryPolicy, brevo, brevo::types::ConversationsMessage};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

mod side_by_side;
use side_by_side::{Result, SideBySide, plain, serve};

/// Calls of a turn.
const CALLS: u32 = 1024;

const TEXT: &str = "Good morning! How can I help?";
const ANSWER: &str = r#"{"id":"FnX2vLAP7BjiDLdWf","type":"agent","text":"Good morning! How can I help?","visitorId":"kZMvWhf8npAu3H6qd","agentId":"d9nKoegKSjmCtyK78","agentName":"Liz","createdAt":1470222622433,"isPushed":false}"#;

fn main() -> Result<()> {
    let address = serve(|_| ANSWER.to_owned())?;
    let client = brevo::Client::builder()
        .api_key("any-key-will-do")
        .base_url(&address)
        .retry(RetryPolicy::off())
        .build()?;
    let plain = Plain { http: plain()?, url: format!("{address}/conversations/messages") };
    let bench = SideBySide::new()?;
    for under_way in [1, 16, 256] {
        bench.compare(
            &format!("send, {under_way} under way"),
            CALLS,
            async || all(under_way, || send(&client)).await,
            async || all(under_way, || plain.send()).await,
        )?;
        bench.compare(
            &format!("read, {under_way} under way"),
            CALLS,
            async || all(under_way, || read(&client)).await,
            async || all(under_way, || plain.read()).await,
        )?;
    }
    Ok(())
}

async fn all<F: Future<Output = Result<()>>>(under_way: usize, once: impl Fn() -> F) -> Result<()> {
    stream::iter(0..CALLS).map(|_| once()).buffer_unordered(under_way).try_collect::<()>().await
}

async fn send(client: &brevo::Client) -> Result<()> {
    let sent = client
        .send_message_as_agent()
        .body_map(|body| {
            body.visitor_id("kZMvWhf8npAu3H6qd").agent_id("d9nKoegKSjmCtyK78").text(TEXT)
        })
        .send()
        .await?;
    arrived(&sent)
}

async fn read(client: &brevo::Client) -> Result<()> {
    arrived(&client.get_message().message_id("FnX2vLAP7BjiDLdWf").send().await?.into_inner())
}

/// What a program has that does without a library: a client of reqwest, the address, and types for serde.
struct Plain {
    http: reqwest::Client,
    url: String,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    visitor_id: &'a str,
    agent_id: &'a str,
    text: &'a str,
}

impl Plain {
    async fn send(&self) -> Result<()> {
        let body =
            Body { visitor_id: "kZMvWhf8npAu3H6qd", agent_id: "d9nKoegKSjmCtyK78", text: TEXT };
        let request = self.http.post(&self.url).header("content-type", "application/json");
        self.answered(request.body(serde_json::to_vec(&body)?)).await
    }

    async fn read(&self) -> Result<()> {
        self.answered(self.http.get(format!("{}/{}", self.url, "FnX2vLAP7BjiDLdWf"))).await
    }

    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<()> {
        let request = request.header("api-key", "any-key-will-do");
        let request = request.header("accept", "application/json");
        let answer = request.send().await?.error_for_status()?;
        arrived(&serde_json::from_slice(&answer.bytes().await?)?)
    }
}

/// A bench that measures how fast an error comes back would be fast and wrong.
fn arrived(message: &ConversationsMessage) -> Result<()> {
    match message.text.as_deref() {
        Some(TEXT) => Ok(()),
        other => Err(format!("the answer has another text: {other:?}").into()),
    }
}
