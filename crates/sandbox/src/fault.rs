//! Faults on demand, and by chance from a seed.

use std::time::Duration;

use serde_json::Value as Json;

/// Something that goes wrong with a request.
///
/// Without further calls it hits the next request to any operation, once, before that request is
/// processed: nothing is changed on the server.
///
/// ```
/// use conversations::sandbox::Fault;
///
/// let busy = Fault::status(503).with_header("Retry-After", "1").for_operation("sendMessage").times(2);
/// let lost_answer = Fault::drop_connection().after_processing();
/// # let _ = (busy, lost_answer);
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) provider: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) skip: u32,
    pub(super) times: Option<u32>,
    pub(super) processed: bool,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<(String, Vec<u8>)>,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Status(u16),
    Delay(Duration),
    Drop,
    Reset,
    Truncate,
}

impl Kind {
    pub(super) fn name(self) -> String {
        match self {
            Self::Status(status) => format!("status {status}"),
            Self::Delay(time) => format!("delay {} ms", time.as_millis()),
            Self::Drop => "dropped connection".to_owned(),
            Self::Reset => "reset connection".to_owned(),
            Self::Truncate => "truncated body".to_owned(),
        }
    }
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            provider: None,
            operation: None,
            skip: 0,
            times: Some(1),
            processed: false,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Answers with this status, in the vendor's error shape.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status(status))
    }

    /// Waits before the request is processed, or, with [`after_processing`](Self::after_processing),
    /// before the answer leaves.
    pub fn delay(time: Duration) -> Self {
        Self::new(Kind::Delay(time))
    }

    /// Closes the connection without an answer.
    pub fn drop_connection() -> Self {
        Self::new(Kind::Drop)
    }

    /// Resets the connection (TCP RST) without an answer.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Processes the request, then sends half of the body that `Content-Length` promises and closes.
    pub fn truncate() -> Self {
        Self { processed: true, ..Self::new(Kind::Truncate) }
    }

    /// Only requests to this provider.
    #[must_use]
    pub fn for_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Only requests to this operation, by operationId. `token` names an OAuth token endpoint.
    #[must_use]
    pub fn for_operation(mut self, operation_id: impl Into<String>) -> Self {
        self.operation = Some(operation_id.into());
        self
    }

    /// Hits so many requests, then no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits every request until [`Sandbox::clear_faults`](super::Sandbox::clear_faults).
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// The request takes effect although its answer is this fault.
    #[must_use]
    pub fn after_processing(mut self) -> Self {
        self.processed = true;
        self
    }

    /// Adds a header to the answer of a status fault, such as `Retry-After` or `Location`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Replaces the body of a status fault by a JSON value.
    #[must_use]
    pub fn with_json(self, body: &Json) -> Self {
        self.with_body("application/json", body.to_string())
    }

    /// Replaces the body of a status fault, say by a proxy's HTML page.
    #[must_use]
    pub fn with_body(mut self, media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some((media_type.into(), body.into()));
        self
    }

    fn fits(&self, provider: &str, operation: Option<&str>) -> bool {
        self.provider.as_deref().is_none_or(|it| it == provider)
            && self.operation.as_deref().is_none_or(|it| Some(it) == operation)
    }
}

/// Faults by chance: a probability for each kind, drawn from a seed.
///
/// Whether a request took effect is never a guess: see
/// [`Recorded::processed`](super::Recorded::processed).
///
/// ```
/// use conversations::sandbox::{Fault, FaultPlan};
///
/// let plan = FaultPlan::seeded(7)
///     .with(0.05, Fault::status(503))
///     .with(0.02, Fault::drop_connection())
///     .with(0.02, Fault::drop_connection().after_processing());
/// # let _ = plan;
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan {
    random: fastrand::Rng,
    entries: Vec<(f64, Fault)>,
}

impl FaultPlan {
    /// A plan without faults; the same seed draws the same sequence.
    pub fn seeded(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), entries: Vec::new() }
    }

    /// Hits a matching request with this probability. The fault's `times` and `skip` do not count.
    #[must_use]
    pub fn with(mut self, probability: f64, fault: Fault) -> Self {
        self.entries.push((probability, fault));
        self
    }

    fn draw(&mut self, provider: &str, operation: Option<&str>) -> Option<Fault> {
        let mut at = self.random.f64();
        for (probability, fault) in &self.entries {
            if fault.fits(provider, operation) {
                if at < *probability {
                    return Some(fault.clone());
                }
                at -= probability;
            }
        }
        None
    }
}

/// Faults waiting for their request.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) faults: Vec<Fault>,
    pub(super) plan: Option<FaultPlan>,
}

impl Queue {
    /// The fault of this request, if it gets one. Injected faults come before the plan's.
    pub(super) fn take(&mut self, provider: &str, operation: Option<&str>) -> Option<Fault> {
        let mut hit = None;
        for fault in self.faults.iter_mut().filter(|it| it.fits(provider, operation)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                if *times == 0 {
                    continue;
                }
                *times -= 1;
            }
            hit = Some(fault.clone());
            break;
        }
        self.faults.retain(|it| it.times != Some(0));
        hit.or_else(|| self.plan.as_mut()?.draw(provider, operation))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultPlan, Queue};

    #[test]
    fn a_fault_waits_for_its_operation_and_ends() {
        let mut queue = Queue::default();
        queue.faults.push(Fault::status(503).for_operation("send").skip(1).times(2));
        let mut hits = |operation| queue.take("p", Some(operation)).is_some();
        assert_eq!(
            [hits("get"), hits("send"), hits("send"), hits("send"), hits("send")],
            [false, false, true, true, false]
        );
    }

    #[test]
    fn a_plan_repeats_itself() {
        let plan = || FaultPlan::seeded(3).with(0.3, Fault::status(500)).with(0.3, Fault::reset());
        let (mut one, mut two) = (plan(), plan());
        let draws: Vec<_> = (0..200).map(|_| one.draw("p", None).map(|it| it.kind)).collect();
        let again: Vec<_> = (0..200).map(|_| two.draw("p", None).map(|it| it.kind)).collect();
        assert_eq!(draws, again);
        let hits = draws.iter().flatten().count();
        assert!((80..160).contains(&hits), "{hits} of 200");
    }
}
