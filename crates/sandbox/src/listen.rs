//! Accepts connections and gives each an end: by its client, by its silence, or by the sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::server::serve;
use super::shared::Shared;
use super::wire::Stream;

/// How long a client may take. A connection beyond it ends, so that forgotten ones do not pile up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the end of an answer, or from connecting, to the end of the next request's head. It is longer than clients keep
    /// idle connections for the next call.
    pub(super) head: Duration,
    /// From the end of a head to the end of its body.
    pub(super) body: Duration,
    /// From where an answer has to wait for its client to the end of that answer.
    pub(super) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(120),
            body: Duration::from_secs(60),
            answer: Duration::from_secs(60),
        }
    }
}

/// Serves until `stopped`; then takes no more connections and ends those that are idle.
pub(super) async fn listen(
    listener: TcpListener,
    shared: Arc<Shared>,
    patience: Patience,
    mut stopped: oneshot::Receiver<()>,
) {
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Dropped without a word is stopped as well.
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => converse(stream, &shared, patience, &connections),
            // One client gone is nothing; without file handles there will be some again.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    connections.shutdown().await;
}

fn converse(
    stream: TcpStream,
    shared: &Arc<Shared>,
    patience: Patience,
    connections: &GracefulShutdown,
) {
    // Small answers must not wait for an acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().ok().map(|it: SocketAddr| it.ip());
    let (stream, connection) = Stream::new(stream, patience.answer);
    let shared = Arc::clone(shared);
    let service = service_fn(move |request| {
        connection.begin();
        serve(Arc::clone(&shared), connection.clone(), local, patience.body, request)
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .serve_connection(TokioIo::new(stream), service);
    let watched = connections.watch(conversation);
    tokio::spawn(async move {
        // What a client breaks is its own affair.
        let _ = watched.await;
    });
}
