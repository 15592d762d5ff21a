//! The tokio runtime that a call runs in: whether it has timers and sockets, and whether it still exists.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::runtime::{Handle, Id};
use tokio::task::JoinHandle;

/// Whether timers and sockets can be used here. `Err` says what is missing and what to do.
pub(crate) fn check() -> Result<(), &'static str> {
    /// The runtime that was found fit last.
    static FIT: Mutex<Option<Id>> = Mutex::new(None);
    let handle = Handle::try_current()
        .map_err(|_| "not sent: no tokio runtime runs here; call it from one")?;
    let mut fit = FIT.lock().unwrap_or_else(PoisonError::into_inner);
    if *fit == Some(handle.id()) {
        return Ok(());
    }
    // tokio says it by a panic and in no other way.
    if catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_err() {
        return Err("not sent: the tokio runtime has no timers; build it with `enable_all`");
    }
    if !has_sockets() {
        return Err("not sent: the tokio runtime has no I/O; build it with `enable_all`");
    }
    *fit = Some(handle.id());
    Ok(())
}

fn has_sockets() -> bool {
    let socket = std::net::UdpSocket::bind(("127.0.0.1", 0));
    let Ok(socket) = socket.and_then(|it| it.set_nonblocking(true).map(|()| it)) else {
        // No socket to try it with, which is for the call itself to find out.
        return true;
    };
    catch_unwind(AssertUnwindSafe(|| drop(tokio::net::UdpSocket::from_std(socket)))).is_ok()
}

/// Runs a future as long as the runtime exists in which it is polled first; `None` where that has ended. Timers and sockets
/// panic when they are polled after their runtime.
pub(crate) async fn while_it_lasts<F: Future>(future: F) -> Option<F::Output> {
    // It never ends by itself: its handle is ready once the runtime has dropped it.
    let mut task = Task(tokio::spawn(pending()));
    match select(&mut task.0, pin!(future)).await {
        Either::Left(_) => None,
        Either::Right((output, _)) => Some(output),
    }
}

/// A task that ends with its handle.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
