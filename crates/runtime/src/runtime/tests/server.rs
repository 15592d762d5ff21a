//! A TCP server on loopback that does what a script says, connection by connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a connection.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Resets it before reading.
    ResetAtOnce,
    /// Writes this without reading, closes.
    Speak(&'static str),
    /// Reads the request, then resets.
    ResetAfterRequest,
    /// Reads the request, writes this, closes.
    Reply(String),
    /// Reads the request, writes this, resets.
    ReplyThenReset(String),
    /// Reads the request, writes this, keeps the connection open and silent.
    ReplyThenHang(String),
    /// Reads the request, writes this, then the same bytes without end.
    ReplyThenFlood(String),
    /// Reads the request, writes this without end.
    Repeat(&'static str),
    /// Reads the request, waits for the word, then does the other.
    ReplyWhen(tokio::sync::watch::Receiver<bool>, Box<Act>),
    /// Reads the request and answers with the bytes.
    Bytes(Vec<u8>),
}

/// An answer with a body and its length.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Act {
    let mut text =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    Act::Reply(format!("{text}\r\n{body}"))
}

/// A JSON answer of status 200.
pub(crate) fn ok(body: &str) -> Act {
    answer(200, &[("Content-Type", "application/json")], body)
}

/// A running server: its address and what it has received.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts a server that does one act per connection and repeats the last.
    pub(crate) async fn start(script: Vec<Act>) -> Self {
        let mut script = script.into_iter();
        let mut act = script.next().unwrap();
        let next = move || {
            let now = act.clone();
            act = script.next().unwrap_or_else(|| now.clone());
            now
        };
        Self::run(Arc::new(Mutex::new(Next::Script(Box::new(next))))).await
    }

    /// Starts a server that decides by the request what to do.
    pub(crate) async fn answering(answer: impl FnMut(&str) -> Act + Send + 'static) -> Self {
        Self::run(Arc::new(Mutex::new(Next::Answer(Box::new(answer))))).await
    }

    async fn run(next: Arc<Mutex<Next>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let log = log.clone();
                let next = next.clone();
                let act = match &mut *next.lock().unwrap() {
                    Next::Script(script) => Some(script()),
                    Next::Answer(_) => None,
                };
                tokio::spawn(async move {
                    let _ = serve(stream, act, &next, &log).await;
                });
            }
        });
        Self { url, requests, task }
    }

    /// The requests so far, heads and bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Where the acts come from.
enum Next {
    Script(Box<dyn FnMut() -> Act + Send>),
    Answer(Box<dyn FnMut(&str) -> Act + Send>),
}

async fn serve(
    mut stream: TcpStream,
    act: Option<Act>,
    next: &Mutex<Next>,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if matches!(act, Some(Act::ResetAtOnce)) {
        return reset(stream);
    }
    if let Some(Act::Speak(text)) = act {
        stream.write_all(text.as_bytes()).await?;
        return stream.shutdown().await;
    }
    let request = read_request(&mut stream).await?;
    let act = act.unwrap_or_else(|| match &mut *next.lock().unwrap() {
        Next::Answer(answer) => answer(&request),
        Next::Script(script) => script(),
    });
    log.lock().unwrap().push(request);
    let act = match act {
        Act::ReplyWhen(mut word, act) => {
            let _ = word.wait_for(|given| *given).await;
            *act
        }
        act => act,
    };
    match act {
        Act::ReplyWhen(..) => Ok(()),
        Act::ResetAtOnce | Act::Speak(_) | Act::ResetAfterRequest => reset(stream),
        Act::Reply(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.shutdown().await
        }
        Act::Bytes(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Act::ReplyThenReset(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await?;
            // The client reads what came before it sees the reset only if it has arrived.
            tokio::task::yield_now().await;
            reset(stream)
        }
        Act::ReplyThenHang(text) => {
            stream.write_all(text.as_bytes()).await?;
            let mut sink = [0; 64];
            while stream.read(&mut sink).await? > 0 {}
            Ok(())
        }
        Act::Repeat(text) => loop {
            stream.write_all(text.as_bytes()).await?;
        },
        Act::ReplyThenFlood(text) => {
            stream.write_all(text.as_bytes()).await?;
            loop {
                stream.write_all(&[b'x'; 8192]).await?;
            }
        }
    }
}

#[allow(deprecated)]
fn reset(stream: TcpStream) -> std::io::Result<()> {
    stream.set_linger(Some(std::time::Duration::ZERO))
}

/// Reads a head and as much of a body as it announces.
async fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
            let done = if chunked {
                body.ends_with("0\r\n\r\n")
            } else {
                body.len() >= length.unwrap_or(0)
            };
            if done {
                return Ok(text);
            }
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(text);
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}
