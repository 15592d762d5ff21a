//! The tokio runtime that a call runs in: whether it has timers and sockets, and whether it still exists.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;

/// A runtime in which timers and sockets can be used.
#[derive(Clone)]
pub(crate) struct Executor {
    id: Id,
    /// Has a sender as long as the runtime exists.
    alive: watch::Receiver<()>,
}

impl Executor {
    /// The runtime of the caller. `Err` says what is missing and what to do.
    pub(crate) fn current() -> Result<Self, &'static str> {
        /// The runtime that was found fit last.
        static FIT: Mutex<Option<Executor>> = Mutex::new(None);
        let handle = Handle::try_current()
            .map_err(|_| "not sent: no tokio runtime runs here; call it from one")?;
        let mut fit = FIT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = fit.as_ref().filter(|it| it.id == handle.id()) {
            return Ok(known.clone());
        }
        // tokio says it by a panic and in no other way.
        if catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_err() {
            return Err("not sent: the tokio runtime has no timers; build it with `enable_all`");
        }
        if !has_sockets() {
            return Err("not sent: the tokio runtime has no I/O; build it with `enable_all`");
        }
        let (sender, alive) = watch::channel(());
        // One task for all calls of the runtime: it is dropped with the runtime, and ends by itself when nobody waits.
        handle.spawn(async move { sender.closed().await });
        Ok(fit.insert(Self { id: handle.id(), alive }).clone())
    }

    /// Polls a future as long as the runtime exists; `None` where that has ended. Timers and sockets panic when they are
    /// polled after their runtime. A runtime that ends wakes whoever waits for one of its timers, as every wait of a call
    /// does.
    pub(crate) fn poll<F: Future>(
        &self,
        future: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        match self.alive.has_changed() {
            Ok(_) => future.poll(context).map(Some),
            Err(_) => Poll::Ready(None),
        }
    }
}

fn has_sockets() -> bool {
    let socket = std::net::UdpSocket::bind(("127.0.0.1", 0));
    let Ok(socket) = socket.and_then(|it| it.set_nonblocking(true).map(|()| it)) else {
        // No socket to try it with, which is for the call itself to find out.
        return true;
    };
    catch_unwind(AssertUnwindSafe(|| drop(tokio::net::UdpSocket::from_std(socket)))).is_ok()
}
