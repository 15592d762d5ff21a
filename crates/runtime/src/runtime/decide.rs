//! Whether an attempt is followed by another: a decision without clock, sleep or network. The loop is in `send`.

use std::time::{Duration, Instant};

use super::limits::Budget;
use crate::{Operation, RetryPolicy};

/// How an attempt ended, as far as the decision is concerned. What is final (a redirect, a body of another form) does not
/// come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing of the call was processed: no connection, no token, or a connection that the server closed to it by the
    /// rules of HTTP/2. A token endpoint may ask for a wait.
    Unsent { wait: Option<Duration> },
    /// Bytes may have left and no whole answer came: reset, garbage, time over, body cut short.
    Broken,
    /// The server answered with an error status. `wait` is what it asks for.
    Status { status: u16, wait: Option<Duration> },
}

/// What is known of the call and of the attempt that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// How many attempts were made, this one included.
    pub(crate) number: u32,
    pub(crate) policy: &'a RetryPolicy,
    /// What the caller says of repeating, where he says anything.
    pub(crate) idempotent: Option<bool>,
    /// Whether an idempotency key was sent that the vendor is known to honour.
    pub(crate) keyed: bool,
    /// Whether the body can be sent again.
    pub(crate) replayable: bool,
    /// Statuses by which the vendor says that nothing was done.
    pub(crate) unprocessed: &'a [u16],
    /// The end of the whole call.
    pub(crate) deadline: Instant,
    /// From 0 (inclusive) to 1 (exclusive).
    pub(crate) random: f64,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Another attempt after this wait.
    Repeat { after: Duration },
    /// The error goes to the caller.
    Return { why: Why },
}

/// Why there is no other attempt; for the event in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The outcome would be the same, or the call could have its effect twice.
    NotRepeatable,
    /// The body was a stream.
    BodyGone,
    /// The policy allows no more attempts.
    Attempts,
    /// Too many calls of this client fail.
    Budget,
    /// The server asks for a longer wait than the policy honours.
    WaitTooLong,
    /// The wait would end after the deadline.
    Deadline,
}

/// Decides what follows an attempt.
pub(crate) fn decide(
    operation: &Operation,
    attempt: &Attempt<'_>,
    outcome: Outcome,
    budget: &Budget,
    now: Instant,
) -> Decision {
    let give_up = |why| Decision::Return { why };
    if !may_repeat(operation, attempt, outcome) {
        return give_up(Why::NotRepeatable);
    }
    if !attempt.replayable {
        return give_up(Why::BodyGone);
    }
    if attempt.number >= attempt.policy.max_attempts {
        return give_up(Why::Attempts);
    }
    let asked = match outcome {
        Outcome::Unsent { wait } | Outcome::Status { wait, status: _ } => wait,
        Outcome::Broken => None,
    };
    if asked.is_some_and(|wait| wait > attempt.policy.max_server_wait) {
        return give_up(Why::WaitTooLong);
    }
    if budget.tokens(now) < 1.0 {
        return give_up(Why::Budget);
    }
    let after = match asked {
        // Many clients get the same answer at the same time: the jitter comes on top, or they return as one.
        Some(wait) => wait.saturating_add(jitter(attempt, 1)),
        None => jitter(attempt, attempt.number),
    };
    match now.checked_add(after) {
        Some(at) if at < attempt.deadline => Decision::Repeat { after },
        Some(_) | None => give_up(Why::Deadline),
    }
}

/// Whether another attempt may succeed and cannot do the call's work twice, whatever policy and budget say.
pub(crate) fn may_repeat(operation: &Operation, attempt: &Attempt<'_>, outcome: Outcome) -> bool {
    // A billable call counts as repeatable only by its key: what is idempotent in effect may still be charged twice.
    let harmless = attempt.keyed
        || (attempt.idempotent.unwrap_or(operation.idempotent()) && !operation.billable())
        || (attempt.idempotent == Some(true));
    match outcome {
        Outcome::Unsent { .. } => true,
        Outcome::Broken => harmless,
        Outcome::Status { status, .. } if attempt.unprocessed.contains(&status) => true,
        Outcome::Status { status, .. } => harmless && may_pass(status),
    }
}

/// Whether a status concerns the moment and not the request: the same request may succeed later.
pub(crate) fn may_pass(status: u16) -> bool {
    match status {
        408 | 425 | 429 => true,
        // The server knows neither the method nor the version of HTTP, and will not learn them in a second.
        501 | 505 => false,
        // Proxies and content delivery networks have codes of their own, such as 520 to 530; and RFC 9110, section 15, has
        // clients read a status beyond 599 as a 5xx.
        500.. => true,
        _ => false,
    }
}

/// Full jitter: anything from nothing to the bound, which doubles with each attempt.
fn jitter(attempt: &Attempt<'_>, number: u32) -> Duration {
    let RetryPolicy { initial_backoff, max_backoff, .. } = attempt.policy;
    let doubled = 2_u32.saturating_pow(number.saturating_sub(1));
    let bound = initial_backoff.saturating_mul(doubled).min(*max_backoff);
    bound.mul_f64(attempt.random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Attempt, Decision, Outcome, Why, decide};
    use crate::runtime::limits::Budget;
    use crate::{Operation, RetryPolicy};

    const READ: Operation = Operation::new("read", "GET", "/");
    const SEND: Operation = Operation::new("send", "POST", "/");
    const PAID: Operation = Operation::new("paid", "POST", "/").with_billable(true);

    /// One decision: the operation, what differs from a first attempt in the middle of its range, and what follows.
    fn check(
        operation: &Operation,
        outcome: Outcome,
        change: impl FnOnce(&mut Attempt<'_>, &mut Budget),
        expected: Result<u64, Why>,
    ) {
        let now = Instant::now();
        let policy = RetryPolicy::default();
        let mut attempt = Attempt {
            number: 1,
            policy: &policy,
            idempotent: None,
            keyed: false,
            replayable: true,
            unprocessed: &[429],
            deadline: now + Duration::from_secs(60),
            random: 0.5,
        };
        let mut budget = Budget::new(20);
        change(&mut attempt, &mut budget);
        let expected = match expected {
            Ok(milliseconds) => Decision::Repeat { after: Duration::from_millis(milliseconds) },
            Err(why) => Decision::Return { why },
        };
        let decision = decide(operation, &attempt, outcome, &budget, now);
        assert_eq!(decision, expected, "{} {outcome:?} {attempt:?}", operation.id());
    }

    fn as_is(_: &mut Attempt<'_>, _: &mut Budget) {}

    fn status(status: u16) -> Outcome {
        Outcome::Status { status, wait: None }
    }

    fn asks(status: u16, seconds: u64) -> Outcome {
        Outcome::Status { status, wait: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn what_never_left_is_repeated_for_every_operation() {
        for operation in [READ, SEND, PAID] {
            check(&operation, Outcome::Unsent { wait: None }, as_is, Ok(250));
            check(&operation, status(429), as_is, Ok(250));
            let declared = |attempt: &mut Attempt<'_>, _: &mut Budget| attempt.unprocessed = &[503];
            check(&operation, asks(503, 7), declared, Ok(7_250));
        }
        // A wait that the server asks for says nothing about what it has done.
        for operation in [SEND, PAID] {
            for asked in [0, 7] {
                check(&operation, asks(503, asked), as_is, Err(Why::NotRepeatable));
            }
        }
        check(&READ, asks(503, 7), as_is, Ok(7_250));
    }

    #[test]
    fn what_may_have_left_is_repeated_only_where_it_does_no_harm() {
        let statuses = [
            408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 525, 526, 527, 530, 599,
            999,
        ];
        for outcome in statuses.map(status).into_iter().chain([Outcome::Broken]) {
            check(&READ, outcome, as_is, Ok(250));
            check(&SEND, outcome, as_is, Err(Why::NotRepeatable));
            check(&PAID, outcome, as_is, Err(Why::NotRepeatable));
            check(&SEND, outcome, |attempt, _| attempt.keyed = true, Ok(250));
            check(&PAID, outcome, |attempt, _| attempt.keyed = true, Ok(250));
            check(&SEND, outcome, |attempt, _| attempt.idempotent = Some(true), Ok(250));
            let no = |attempt: &mut Attempt<'_>, _: &mut Budget| attempt.idempotent = Some(false);
            check(&READ, outcome, no, Err(Why::NotRepeatable));
        }
        let paid_read = READ.with_billable(true);
        check(&paid_read, Outcome::Broken, as_is, Err(Why::NotRepeatable));
        let none = |attempt: &mut Attempt<'_>, _: &mut Budget| attempt.unprocessed = &[];
        check(&SEND, status(503), none, Err(Why::NotRepeatable));
    }

    #[test]
    fn faults_of_the_request_are_never_repeated() {
        for code in [101, 400, 401, 403, 404, 405, 409, 410, 413, 422, 423, 499, 501, 505] {
            check(&READ, status(code), as_is, Err(Why::NotRepeatable));
        }
    }

    #[test]
    fn waits_double_up_to_their_bound() {
        for (number, milliseconds) in [(1, 250), (2, 500), (5, 4_000), (6, 4_000), (60, 4_000)] {
            let policy = RetryPolicy::default().max_attempts(100);
            let now = Instant::now();
            let attempt = Attempt {
                number,
                policy: &policy,
                idempotent: None,
                keyed: false,
                replayable: true,
                unprocessed: &[],
                deadline: now + Duration::from_secs(60),
                random: 0.5,
            };
            let decision = decide(&READ, &attempt, Outcome::Broken, &Budget::new(1), now);
            let after = Duration::from_millis(milliseconds);
            assert_eq!(decision, Decision::Repeat { after }, "attempt {number}");
        }
    }

    #[test]
    fn each_bound_ends_the_repetition() {
        let broken = Outcome::Broken;
        check(&READ, broken, |attempt, _| attempt.number = 3, Err(Why::Attempts));
        check(&READ, broken, |attempt, _| attempt.replayable = false, Err(Why::BodyGone));
        check(&READ, broken, |_, budget| *budget = Budget::new(0), Err(Why::Budget));
        check(&READ, asks(429, 121), as_is, Err(Why::WaitTooLong));
        check(&READ, asks(429, 61), as_is, Err(Why::Deadline));
        let longer = |attempt: &mut Attempt<'_>, _: &mut Budget| {
            attempt.deadline += Duration::from_secs(600);
        };
        check(&READ, asks(429, 120), longer, Ok(120_250));
    }

    #[test]
    fn the_budget_fills_with_time_and_success() {
        let now = Instant::now();
        let mut budget = Budget::new(2);
        budget.take(now);
        budget.take(now);
        assert!(budget.tokens(now) < 1.0);
        assert!(budget.tokens(now + Duration::from_secs(5)) >= 1.0);
        for _ in 0..5 {
            budget.reward(now);
        }
        assert!((budget.tokens(now) - 1.0).abs() < 1e-9);
        assert!((budget.tokens(now + Duration::from_secs(3600)) - 2.0).abs() < 1e-9);
    }
}
