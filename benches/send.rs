//! What a call costs on this side of the network: `cargo bench --bench send` sends a message to a server in this process
//! that answers at once, through the client and through hand-written reqwest and serde, and prints the time of a call with
//! one, 16 and 256 calls under way.
//!
//! The two take turns, and the fastest of many short batches counts, so that a busy machine slows both alike.

use conversations::{RetryPolicy, brevo, brevo::types::ConversationsMessage};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Calls of a batch, and how often each way has its turn.
const CALLS: usize = 512;
const TURNS: usize = 40;

const TEXT: &str = "Good morning! How can I help?";
const ANSWER: &str = r#"{"id":"FnX2vLAP7BjiDLdWf","type":"agent","text":"Good morning! How can I help?","visitorId":"kZMvWhf8npAu3H6qd","agentId":"d9nKoegKSjmCtyK78","agentName":"Liz","createdAt":1470222622433,"isPushed":false}"#;

fn main() -> Result<()> {
    let address = serve()?;
    let client = brevo::Client::builder()
        .api_key("any-key-will-do")
        .base_url(&address)
        .retry(RetryPolicy::off())
        .build()?;
    let plain =
        Plain { http: reqwest::Client::new(), url: format!("{address}/conversations/messages") };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;

    println!("{:<16} {:>14} {:>14} {:>8}", "calls under way", "client", "hand-written", "ratio");
    for under_way in [1, 16, 256] {
        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        for _ in 0..TURNS {
            ours = ours.min(runtime.block_on(batch(under_way, || send(&client)))?);
            theirs = theirs.min(runtime.block_on(batch(under_way, || plain.send()))?);
        }
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("{under_way:<16} {ours:>14.1?} {theirs:>14.1?} {ratio:>8.2}");
    }
    Ok(())
}

/// The mean time of a call.
async fn batch<F: Future<Output = Result<()>>>(
    under_way: usize,
    once: impl Fn() -> F,
) -> Result<Duration> {
    let start = Instant::now();
    stream::iter(0..CALLS).map(|_| once()).buffer_unordered(under_way).try_collect::<()>().await?;
    Ok(start.elapsed() / u32::try_from(CALLS)?)
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
        let answer = self
            .http
            .post(&self.url)
            .header("api-key", "any-key-will-do")
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(serde_json::to_vec(&body)?)
            .send()
            .await?
            .error_for_status()?;
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

/// Answers every request of every connection with the message; a thread each, which wait for nothing but their socket.
fn serve() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(connection));
        }
    });
    Ok(address)
}

fn answer_all(mut connection: TcpStream) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut requests = BufReader::new(connection.try_clone()?);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        body.resize(length, 0);
        requests.read_exact(&mut body)?;
        connection.write_all(answer.as_bytes())?;
    }
}
