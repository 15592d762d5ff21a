//! New items of a list, polled. Where the stream stands is in `cursor`; this file asks, waits and delivers.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
pub use super::cursor::FollowCursor;
use super::cursor::{Mark, OVERLAP};
use super::items::{Origin, Page, page};
use super::pace::{backoff, idle, jittered, spaced};
use crate::error::Kind;
use crate::{Edge, Error, FollowRule};

/// The longest wait after failures.
const LONGEST_BACKOFF: Duration = Duration::from_secs(120);

/// New items of a conversation as they appear, each once, oldest first.
///
/// It polls: quickly while items arrive, up to six times more slowly while none do, and within the rate limit. Failures
/// that may pass (no connection, time-outs, 429, 5xx, answers that are no JSON) are survived with growing waits; see
/// [`failures`](Self::failures). Other errors are delivered and end the stream. An item that cannot be read is delivered as
/// an error, and the stream goes on.
///
/// It begins with what the call itself asks for: give its parameter for the starting point, or [`only_new`](Self::only_new)
/// to leave out what is there already. To go on after a restart, store [`cursor`](Self::cursor) when an item has been dealt
/// with, and hand it to [`resume_from`](Self::resume_from).
///
/// ```no_run
/// # use conversations::{Follow, FollowCursor};
/// # fn load() -> FollowCursor { FollowCursor::default() }
/// # fn store(_: &str) {}
/// # async fn example(follow: Follow<serde_json::Value>) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt;
///
/// let mut messages = follow.resume_from(load());
/// while let Some(message) = messages.next().await {
///     println!("{}", message?);
///     store(&serde_json::to_string(messages.cursor())?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Follow<T> {
    poller: Result<Box<Poller>, Option<Error>>,
    cursor: FollowCursor,
    pending: VecDeque<(Result<T, Error>, Mark)>,
    step: Option<Pin<Box<dyn Future<Output = Step> + Send>>>,
    failures: u32,
}

impl<T> std::fmt::Debug for Follow<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow")
            .field("cursor", &self.cursor)
            .field("pending", &self.pending.len())
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

// Nothing in it is pinned but the future, which is boxed.
impl<T> Unpin for Follow<T> {}

/// Starts following. Nothing is sent before the stream is polled.
pub fn start<T: DeserializeOwned + Send + 'static>(call: Result<Call, Error>) -> Follow<T> {
    let poller = call.and_then(|call| match call.operation.follow() {
        Some(rule) => Ok(Box::new(Poller::new(call, *rule))),
        None => {
            let text = "not sent: the operation declares no way to be followed";
            Err(Error::new(Kind::InvalidRequest, text).with_operation(call.operation))
        }
    });
    Follow {
        poller: poller.map_err(Some),
        cursor: FollowCursor::default(),
        pending: VecDeque::new(),
        step: None,
        failures: 0,
    }
}

impl<T> Follow<T> {
    /// Goes on where a stream stood: what that one delivered is not delivered again, and nothing after it is left out.
    /// To be called before the stream is polled.
    pub fn resume_from(mut self, cursor: FollowCursor) -> Self {
        self.cursor = cursor;
        self
    }

    /// Leaves out what the first poll finds, unless the stream resumes from a cursor.
    pub fn only_new(mut self) -> Self {
        if let Ok(poller) = &mut self.poller {
            poller.only_new = true;
        }
        self
    }

    /// Where the stream stands after the last item that it has delivered.
    #[must_use]
    pub fn cursor(&self) -> &FollowCursor {
        &self.cursor
    }

    /// How many polls have failed in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for Follow<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some((item, mark)) = this.pending.pop_front() {
                this.cursor.note(&mark);
                return Poll::Ready(Some(item));
            }
            let Some(step) = &mut this.step else {
                match &mut this.poller {
                    Err(error) => return Poll::Ready(error.take().map(Err)),
                    Ok(poller) => {
                        this.step = Some(Box::pin(poller.clone().step(this.cursor.clone())));
                    }
                }
                continue;
            };
            let Poll::Ready(Step { poller, cursor, found }) = step.as_mut().poll(context) else {
                return Poll::Pending;
            };
            this.step = None;
            this.failures = poller.failures;
            this.poller = Ok(poller);
            this.cursor = cursor;
            match found {
                Found::Nothing => {}
                Found::Items(items, origin) => {
                    let read = |(index, item, mark)| (origin.read(index, item), mark);
                    this.pending.extend(items.into_iter().map(read));
                }
                Found::End(error) => this.poller = Err(Some(error)),
            }
        }
    }
}

/// What comes of one poll, the poller for the next, and where the stream stands before the items that were found.
struct Step {
    poller: Box<Poller>,
    cursor: FollowCursor,
    found: Found,
}

enum Found {
    Nothing,
    Items(Vec<(usize, Value, Mark)>, Box<Origin>),
    End(Error),
}

/// What is needed for the next poll.
#[derive(Clone)]
struct Poller {
    call: Call,
    rule: FollowRule,
    only_new: bool,
    /// How long to wait before the next poll.
    wait: Duration,
    /// Polls in a row that brought nothing.
    idle: u32,
    failures: u32,
    /// Where the next request continues within one poll, when a page did not reach the end.
    from: Option<Value>,
    /// The items of the largest page so far: one that is smaller was not cut.
    largest: usize,
    /// The newest item, and since when it has been that.
    quiet: Option<(Value, Instant)>,
}

impl Poller {
    fn new(call: Call, rule: FollowRule) -> Self {
        let wait = Duration::ZERO;
        Self {
            call,
            rule,
            only_new: false,
            wait,
            idle: 0,
            failures: 0,
            from: None,
            largest: 0,
            quiet: None,
        }
    }

    async fn step(mut self: Box<Self>, mut cursor: FollowCursor) -> Step {
        let clock = self.call.core.shared.clock.clone();
        if !self.wait.is_zero() {
            clock.sleep(self.wait).await;
        }
        cursor.forget(&clock.now().into());
        let found = match self.ask(&cursor).await {
            Ok(page) => {
                self.failures = 0;
                self.sift(page, &mut cursor)
            }
            Err(error) if passes(&error) => {
                self.failures = self.failures.saturating_add(1);
                let asked = error.retry_after();
                self.wait = backoff(self.failures, asked, LONGEST_BACKOFF, clock.random());
                tracing::info!(failures = self.failures, cause = %error, "a poll failed; another one follows");
                Found::Nothing
            }
            Err(error) => Found::End(error),
        };
        Step { poller: self, cursor, found }
    }

    async fn ask(&self, cursor: &FollowCursor) -> Result<Page, Error> {
        let mut call = self.call.clone();
        let clock = self.call.core.shared.clock.clone();
        let now = clock.now().into();
        if let Some(rule) = self.rule.cursor
            && let Some(from) = self.from.clone().or_else(|| match &self.quiet {
                // Nothing that belongs before the newest item can still appear.
                Some((newest, since)) if clock.instant() >= *since + 2 * OVERLAP => {
                    Some(newest.clone())
                }
                Some(_) | None => cursor.position(&now),
            })
        {
            call.set_parameter(rule.parameter, &from)?;
        }
        page(call.send().await?, self.rule.items)
    }

    /// Tells what is new in a page, and when and from where to ask next.
    fn sift(&mut self, found: Page, cursor: &mut FollowCursor) -> Found {
        let Page { items, rest: _, origin } = found;
        let count = items.len();
        let mut marked: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| {
                let mark = Mark::of(&item, &self.rule);
                (index, item, mark)
            })
            .collect();
        if self.rule.cursor.is_some_and(|rule| rule.of == Edge::First) {
            // Newest first on the wire; delivered oldest first.
            marked.reverse();
        }
        if !cursor.has_begun() {
            let asked_from = self
                .rule
                .cursor
                .and_then(|rule| Some((self.call.parameter(rule.parameter)?, rule.inclusive)));
            cursor.begin(asked_from, marked.iter().map(|(_, _, mark)| mark));
            if self.only_new {
                for (_, _, mark) in &marked {
                    cursor.note(mark);
                }
            }
        }
        let now = self.call.core.shared.clock.now().into();
        let page_end = cursor.boundary(marked.iter().map(|(_, _, mark)| mark));
        let reached = cursor.reached_by(marked.iter().map(|(_, _, mark)| mark), &now);
        let mut news = Vec::new();
        for (index, item, mark) in marked {
            if cursor.is_new(&mark)
                && !news.iter().any(|(_, _, other): &(_, _, Mark)| other.same(&mark))
            {
                news.push((index, item, mark));
            }
        }
        // More may lie behind a page that brought something, that ends before what is known already, or that is as large
        // as pages get.
        let full = count > 1 && count >= self.largest;
        self.largest = self.largest.max(count);
        let goes_on = self.rule.cursor.is_some() && (!news.is_empty() || !reached || full);
        if self.quiet.as_ref().map(|(newest, _)| newest) != cursor.newest_value() {
            let since = self.call.core.shared.clock.instant();
            self.quiet = cursor.newest_value().map(|newest| (newest.clone(), since));
        }
        let advances = page_end.is_some() && page_end != self.from;
        self.from = page_end.filter(|_| goes_on && advances);
        self.wait = if self.from.is_some() { Duration::ZERO } else { self.pause(news.is_empty()) };
        if news.is_empty() { Found::Nothing } else { Found::Items(news, Box::new(origin)) }
    }

    /// The wait before the next poll.
    fn pause(&mut self, nothing: bool) -> Duration {
        self.idle = if nothing { self.idle.saturating_add(1) } else { 0 };
        let shared = &self.call.core.shared;
        let wished = Duration::from_secs(u64::from(self.rule.poll_seconds.max(1)));
        let wait = idle(wished, self.idle.saturating_sub(1));
        let wait = spaced(wait, self.call.core.rate_limit(), shared.clock.now());
        jittered(wait, shared.clock.random())
    }
}

/// Whether the cause of an error may pass by itself.
fn passes(error: &Error) -> bool {
    match error.kind() {
        Kind::Connect | Kind::Timeout | Kind::Transport | Kind::Held => true,
        // A page that is no JSON comes from a proxy in front of the vendor.
        Kind::Decode => error.json_path().is_none(),
        Kind::Status => error.status().is_some_and(|status| {
            status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
        }),
        Kind::Credential => error.is_retryable(),
        Kind::Configuration
        | Kind::InvalidRequest
        | Kind::Redirect
        | Kind::TooLarge
        | Kind::Stalled => false,
    }
}
