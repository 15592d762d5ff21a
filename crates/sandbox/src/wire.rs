//! Connections that can be cut: what a handler alone cannot do to its client.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

const ALIVE: u8 = 0;
const CUT: u8 = 1;
const RESET: u8 = 2;

/// A handler's hold on the connection that its request came over.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    /// How it ends.
    end: AtomicU8,
    /// How many requests have come over it.
    requests: AtomicU64,
}

impl Connection {
    /// Another request has come: its answer has its own time.
    pub(super) fn begin(&self) {
        self.0.requests.fetch_add(1, Ordering::SeqCst);
    }

    fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::SeqCst)
    }

    /// Nothing more is written; the connection closes.
    pub(super) fn cut(&self) {
        self.0.end.store(CUT, Ordering::SeqCst);
    }

    /// The same, with a TCP reset.
    pub(super) fn reset(&self) {
        self.0.end.store(RESET, Ordering::SeqCst);
    }
}

/// A stream that fails to write once its connection is cut, and where its client takes too long for an answer.
#[derive(Debug)]
pub(super) struct Stream {
    inner: TcpStream,
    connection: Connection,
    patience: Duration,
    /// The request whose answer has had to wait for its client, and the end of the patience with that.
    slow: Option<(u64, Pin<Box<Sleep>>)>,
}

impl Stream {
    /// The stream, and what cuts it.
    pub(super) fn new(inner: TcpStream, patience: Duration) -> (Self, Connection) {
        let connection = Connection::default();
        (Self { inner, connection: connection.clone(), patience, slow: None }, connection)
    }

    fn alive(&self) -> io::Result<()> {
        match self.connection.0.end.load(Ordering::SeqCst) {
            ALIVE => Ok(()),
            how => {
                if how == RESET {
                    self.inner.set_zero_linger()?;
                }
                Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by an injected fault"))
            }
        }
    }

    /// Passes on what a write came to, or ends the wait for a slow client. What it takes meanwhile gains it no time: one
    /// byte a minute would keep a connection for ever.
    fn bounded<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let request = self.connection.requests();
        self.slow.take_if(|(slow, _)| *slow != request);
        let patience = self.patience;
        let begin = || (request, Box::pin(tokio::time::sleep(patience)));
        let (_, end) = self.slow.get_or_insert_with(begin);
        end.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.bounded(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.bounded(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::Stream;

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_left() -> std::io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (accepted, _) = listener.accept().await?;
        let (mut stream, _connection) = Stream::new(accepted, Duration::from_millis(10));
        let error = loop {
            // Until the buffers of both ends are full.
            if let Err(error) = stream.write_all(&[0; 1 << 16]).await {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        drop(client);
        Ok(())
    }

    #[tokio::test]
    async fn a_client_that_takes_little_is_left_too_and_the_next_answer_has_its_own_time()
    -> std::io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let mut client = TcpStream::connect(listener.local_addr()?).await?;
        let (accepted, _) = listener.accept().await?;
        let (mut stream, connection) = Stream::new(accepted, Duration::from_millis(100));
        let mut buffer = vec![0; 1 << 16];
        for _ in 0..2 {
            connection.begin();
            // More of the answer is there than the client takes, and it takes some all the time.
            let endless = async {
                loop {
                    if let Err(error) = stream.write_all(&[0; 1 << 16]).await {
                        break error;
                    }
                }
            };
            let error = tokio::select! {
                error = endless => error,
                error = async {
                    loop {
                        if let Err(error) = client.read_exact(&mut buffer[..1 << 10]).await {
                            break error;
                        }
                    }
                } => error,
            };
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
            connection.begin();
            // What is still there is taken meanwhile.
            let rest =
                async { while client.read(&mut buffer).await.is_ok_and(|taken| taken > 0) {} };
            tokio::select! {
                next = stream.write_all(b"x") => next?,
                () = rest => {}
            }
        }
        Ok(())
    }
}
