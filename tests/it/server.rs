//! A loopback server that writes down every byte of what arrives and gives the answers that a test sets.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A request as it stood on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The verb.
    pub(crate) method: String,
    /// The target, path and query, exactly as sent.
    pub(crate) target: String,
    /// The headers in order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The names of the headers, sorted.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// What the server answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The headers beside the length of the body.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// The server. It stops when dropped.
pub(crate) struct Server {
    origin: String,
    seen: Arc<Mutex<Vec<Request>>>,
    reply: Arc<Mutex<Reply>>,
    accepting: JoinHandle<()>,
}

type Answering = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

impl Server {
    /// Starts on a free port and answers each request by itself.
    pub(crate) async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(Arc::new(answer), Arc::default()).await
    }

    /// Starts on a free port and answers what [`reply`](Self::reply) says, at first 204.
    pub(crate) async fn obedient() -> Self {
        let reply = Arc::new(Mutex::new(Reply::status(204)));
        let said = Arc::clone(&reply);
        Self::serve(
            Arc::new(move |_| said.lock().expect("no test panics with the lock").clone()),
            reply,
        )
        .await
    }

    async fn serve(answer: Answering, reply: Arc<Mutex<Reply>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { origin, seen, reply, accepting }
    }

    /// Sets what an obedient server answers from now on.
    pub(crate) fn reply(&self, reply: Reply) {
        *self.reply.lock().expect("no test panics with the lock") = reply;
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// What arrived since the last call.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.seen.lock().expect("no test panics with the lock"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves one connection until the client closes it.
async fn converse(mut stream: TcpStream, log: Arc<Mutex<Vec<Request>>>, answer: Answering) {
    let mut buffer = Vec::new();
    while let Some(request) = receive(&mut stream, &mut buffer).await {
        let reply = answer(&request);
        log.lock().expect("no test panics with the lock").push(request);
        let mut head = format!("HTTP/1.1 {} Told\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if reply.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
        }
        head.push_str("\r\n");
        let bytes = [head.into_bytes(), reply.body].concat();
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// The next request of a connection; `None` where the client closed it.
async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        match buffer.windows(4).position(|it| it == b"\r\n\r\n") {
            Some(end) => break end + 4,
            None => more(stream, buffer).await?,
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end);
    let mut lines = head.lines();
    let mut line = lines.next()?.split(' ');
    let (method, target) = (line.next()?.to_owned(), line.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|it| it.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    let body = buffer.drain(..length).collect();
    Some(Request { method, target, headers, body })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(buffer).await.ok()?;
    (read > 0).then_some(())
}
