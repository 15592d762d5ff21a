//! Time and chance, handed in so that tests need neither.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::time::{Duration, Instant, SystemTime};

use super::executor::Executor;

/// The clock, the sleep and the dice of a client.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// A clock that never goes back.
    fn instant(&self) -> Instant;
    /// The time of day.
    fn now(&self) -> SystemTime;
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>>;
    /// A number from 0 (inclusive) to 1 (exclusive).
    fn random(&self) -> f64;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Machine;

impl Clock for Machine {
    fn instant(&self) -> Instant {
        // Tokio's, so that it stands still where a test pauses it.
        tokio::time::Instant::now().into_std()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Ends at once where the runtime has no timers, and early where it ends.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        Box::pin(async move {
            if let Ok(executor) = Executor::current() {
                let mut sleep = pin!(async { tokio::time::sleep(duration).await });
                poll_fn(|context| executor.poll(sleep.as_mut(), context)).await;
            }
        })
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}
