//! New items of a list, polled. Where the stream stands is in `cursor`; this file asks, waits and delivers.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::address::is_loopback;
use super::call::Call;
pub use super::cursor::FollowCursor;
use super::cursor::{Mark, OVERLAP, moment};
use super::decide::may_pass;
use super::delivered::first_occurrences;
use super::items::{Item, Origin, Page, page};
use super::pace::{LONGEST_WAIT, at_least, backoff, idle, jittered, spaced};
use crate::error::Kind;
use crate::{Edge, Error, FollowRule, KnownError, Timestamp};

/// The longest wait after failures that no server asks for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(120);

/// So many answers in a row that are not the page that was asked for are reported: waiting may not mend them.
const UNREADABLE_IN_A_ROW: u32 = 4;

/// So many pages that bring nothing are read at once; then a wait comes before the next one.
const FRUITLESS_PAGES: u32 = 50;

/// New items of a conversation as they appear, each once, oldest first.
///
/// It polls: at the interval that the operation's `follow` names while items arrive, up to six times more slowly while none
/// do, and within the rate limit; [`every`](Self::every) sets another interval. Failures
/// that may pass (no connection, time-outs, 429, 5xx, answers that are not the list) are survived with growing waits; see
/// [`failures`](Self::failures). Other errors are delivered and end the stream.
///
/// After these errors it goes on, with the next call of `next`:
/// - an item that cannot be read;
/// - a wait of more than [`RetryPolicy::max_server_wait`](crate::RetryPolicy::max_server_wait) that a server asks for
///   ([`Error::retry_after`] has its length) or that the rate limit demands ([`Error::is_rate_limited`]). Whatever is asked
///   for, the next poll comes after an hour at most;
/// - the latest failure, where an hour has passed since the last success, or where four answers in a row were not the list.
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
    pending: VecDeque<(Result<T, Error>, Option<Mark>)>,
    step: Option<Step>,
    /// The runtime in which the step began; its timers and connections end with it.
    runtime: Option<tokio::runtime::Id>,
}

/// What the stream waits for.
enum Step {
    Pause(Pin<Box<dyn Future<Output = ()> + Send>>),
    Ask(Pin<Box<dyn Future<Output = Result<Page, Error>> + Send>>),
}

impl<T> std::fmt::Debug for Follow<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow")
            .field("cursor", &self.cursor)
            .field("pending", &self.pending.len())
            .field("failures", &self.failures())
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
        runtime: None,
    }
}

impl<T> Follow<T> {
    /// Goes on where a stream stood: what that one delivered is not delivered again, and nothing after it is left out.
    /// To be called before the stream is polled.
    pub fn resume_from(mut self, cursor: FollowCursor) -> Self {
        self.cursor = cursor;
        self
    }

    /// Leaves out what is there when the stream begins, on however many pages, unless it resumes from a cursor.
    pub fn only_new(mut self) -> Self {
        if let Ok(poller) = &mut self.poller {
            poller.only_new = true;
        }
        self
    }

    /// Waits this long between polls while items arrive, and up to six times as long while none do, in place of what the
    /// page of the operation's `follow` says. About a second at least, to spare the vendor, or 10 ms where the server is on this
    /// machine, as the sandbox is; the rate limit lengthens it where it has to.
    pub fn every(mut self, interval: Duration) -> Self {
        if let Ok(poller) = &mut self.poller {
            let call = &poller.call;
            let here = is_loopback(&call.core.shared.base_of(call.operation).url);
            poller.interval = at_least(interval, here);
        }
        self
    }

    /// Where the stream stands: behind the last item that it has delivered, or behind what its first poll found where
    /// [`only_new`](Self::only_new) leaves that out. Store it after each item, and when the program stops.
    #[must_use]
    pub fn cursor(&self) -> &FollowCursor {
        &self.cursor
    }

    /// How many polls have failed in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.poller.as_ref().map_or(0, |poller| poller.failures)
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for Follow<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some((item, mark)) = this.pending.pop_front() {
                if let Some(mark) = mark {
                    this.cursor.note(&mark);
                }
                return Poll::Ready(Some(item));
            }
            let poller = match &mut this.poller {
                Ok(poller) => poller,
                Err(error) => return Poll::Ready(error.take().map(Err)),
            };
            let runtime = tokio::runtime::Handle::try_current().ok().map(|handle| handle.id());
            if runtime != this.runtime {
                // Of a runtime that has ended, timers panic and connections are dead. A poll only reads: it begins anew, and
                // without a pause, so that the call reports what the new runtime lacks.
                this.step = Some(Step::Ask(poller.ask(&mut this.cursor)));
                this.runtime = runtime;
            }
            match &mut this.step {
                None => {
                    this.step = Some(match poller.pause() {
                        Some(pause) => Step::Pause(pause),
                        None => Step::Ask(poller.ask(&mut this.cursor)),
                    });
                }
                Some(Step::Pause(pause)) => {
                    if pause.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    this.step = Some(Step::Ask(poller.ask(&mut this.cursor)));
                }
                Some(Step::Ask(ask)) => {
                    let Poll::Ready(answer) = ask.as_mut().poll(context) else {
                        return Poll::Pending;
                    };
                    this.step = None;
                    let Found { items, origin, error, ends } =
                        poller.settle(answer, &mut this.cursor);
                    if let Some(origin) = origin {
                        let read = |(mark, item)| (origin.read(item), Some(mark));
                        this.pending.extend(items.into_iter().map(read));
                    }
                    if ends {
                        this.poller = Err(error);
                    } else {
                        this.pending.extend(error.map(|error| (Err(error), None)));
                    }
                }
            }
        }
    }
}

/// What comes of one poll.
#[derive(Default)]
struct Found {
    items: Vec<(Mark, Item)>,
    /// Where the items come from, if there are any.
    origin: Option<Origin>,
    error: Option<Error>,
    /// Whether the stream ends with the error.
    ends: bool,
}

/// What is needed for the next poll.
struct Poller {
    call: Call,
    rule: FollowRule,
    only_new: bool,
    /// The wait between polls that bring something.
    interval: Duration,
    /// What bears no later time is history that was not asked for, as long as the first poll goes through its pages.
    history: Option<Timestamp>,
    /// How long to wait before the next poll.
    wait: Duration,
    /// Polls in a row that brought nothing.
    idle: u32,
    failures: u32,
    /// Answers in a row that were not the list.
    unreadable: u32,
    /// Since when nothing has been heard of the polls.
    silent_since: Instant,
    /// What the last request asked from.
    asked: Option<Value>,
    /// Where the next request continues within one poll, when a page did not reach the end.
    from: Option<Value>,
    /// Pages in a row that were read at once and brought nothing.
    fruitless: u32,
    /// The items of the largest page so far: one that is smaller was not cut.
    largest: usize,
    /// The newest item, and since when it has been that.
    quiet: Option<(Value, Instant)>,
}

impl Poller {
    fn new(call: Call, rule: FollowRule) -> Self {
        let silent_since = call.core.shared.clock.instant();
        Self {
            call,
            rule,
            only_new: false,
            interval: Duration::from_secs(u64::from(rule.poll_seconds.max(1))),
            history: None,
            wait: Duration::ZERO,
            idle: 0,
            failures: 0,
            unreadable: 0,
            silent_since,
            asked: None,
            from: None,
            fruitless: 0,
            largest: 0,
            quiet: None,
        }
    }

    /// The wait before the next poll, if there is one.
    fn pause(&self) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        (!self.wait.is_zero()).then(|| self.call.core.shared.clock.sleep(self.wait))
    }

    fn ask(
        &mut self,
        cursor: &mut FollowCursor,
    ) -> Pin<Box<dyn Future<Output = Result<Page, Error>> + Send>> {
        let mut call = self.call.clone();
        let clock = &self.call.core.shared.clock;
        let now = clock.now().into();
        cursor.forget(&now);
        self.asked = self.rule.cursor.and(self.from.clone()).or_else(|| match &self.quiet {
            // Nothing that belongs before the newest item can still appear.
            Some((newest, since)) if clock.instant() >= *since + 2 * OVERLAP => {
                Some(newest.clone())
            }
            Some(_) | None => cursor.position(&now),
        });
        let set = match (self.rule.cursor, &self.asked) {
            (Some(rule), Some(from)) => call.set_parameter(rule.parameter, from),
            (None, _) | (_, None) => Ok(()),
        };
        let rule = self.rule;
        Box::pin(async move {
            set?;
            let operation = call.operation;
            match call.send().await {
                Ok(answer) => page(answer, rule.items, rule.absent, None),
                Err(error) if rule.not_yet.iter().any(|it| is_known(&error, *it)) => {
                    Ok(Page::empty(operation, rule.items))
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Says what is new in an answer, and when and from where to ask next.
    fn settle(&mut self, answer: Result<Page, Error>, cursor: &mut FollowCursor) -> Found {
        let error = match answer {
            Ok(page) => {
                self.failures = 0;
                self.unreadable = 0;
                self.silent_since = self.call.core.shared.clock.instant();
                return self.sift(page, cursor);
            }
            Err(error) if passes(&error) => error,
            Err(error) => return Found { error: Some(error), ends: true, ..Found::default() },
        };
        let shared = &self.call.core.shared;
        let (now, random) = (shared.clock.instant(), shared.clock.random());
        self.failures = self.failures.saturating_add(1);
        self.unreadable = if error.is_decode() { self.unreadable + 1 } else { 0 };
        let asked = error.retry_after();
        self.wait = backoff(self.failures, asked, LONGEST_BACKOFF, random);
        tracing::info!(failures = self.failures, cause = %error, "a poll failed; another one follows");
        let reported = asked.is_some_and(|asked| asked > self.patience())
            || self.unreadable >= UNREADABLE_IN_A_ROW
            || now.saturating_duration_since(self.silent_since) >= LONGEST_WAIT;
        if reported {
            self.unreadable = 0;
            self.silent_since = now;
        }
        Found { error: Some(error).filter(|_| reported), ..Found::default() }
    }

    /// The longest wait that is not reported.
    fn patience(&self) -> Duration {
        let policy = self.call.options.overrides().retry.as_ref();
        policy.unwrap_or(&self.call.core.shared.settings.retry).max_server_wait
    }

    /// Says what is new in a page, and when and from where to ask next.
    fn sift(&mut self, found: Page, cursor: &mut FollowCursor) -> Found {
        let Page { items, beside: _, origin } = found;
        let count = items.len();
        let now: Timestamp = self.call.core.shared.clock.now().into();
        let marked = items.into_iter().map(|item| (Mark::of(&item, &self.rule), item));
        let mut items: Vec<_> = marked.collect();
        // Delivered oldest first, whatever the order on the wire.
        match self.rule.cursor.map(|rule| rule.of) {
            Some(_) if items.iter().all(|(mark, _)| mark.moment().is_some()) => {
                items.sort_by(|(one, _), (other, _)| one.moment().cmp(&other.moment()));
            }
            Some(Edge::First) => items.reverse(),
            Some(Edge::Last) | None => {}
        }
        for (place, (mark, _)) in items.iter_mut().enumerate() {
            mark.place = place;
        }
        let marks = || items.iter().map(|(mark, _)| mark);
        let begins = !cursor.has_begun();
        let mut restart = None;
        if begins {
            let asked_from = self
                .rule
                .cursor
                .and_then(|rule| Some((self.call.parameter(rule.parameter)?, rule.inclusive)));
            let from_past = asked_from.is_some();
            cursor.begin(asked_from, marks());
            if self.only_new {
                let newest = marks().filter_map(Mark::moment).max().cloned();
                // Pages from the past run up to the present; the latest page may lack what stands before it.
                self.history = if from_past { newest.max(Some(now.clone())) } else { newest };
                for mark in marks() {
                    let ahead = mark.moment().is_some_and(|at| Some(at) > self.history.as_ref());
                    if !ahead {
                        cursor.note(mark);
                    }
                }
                restart = if from_past { None } else { cursor.position(&now) };
            }
        }
        if self.rule.cursor.is_none() {
            cursor.arrange(marks());
        }
        let page_end = cursor.boundary(marks());
        let reached = cursor.reached_by(marks(), &now);
        let mut brought = false;
        let mut news = Vec::new();
        let first = first_occurrences(marks().map(|mark| mark.identity));
        for ((mark, item), first) in items.into_iter().zip(first) {
            if !first || !cursor.is_new(&mark) {
                continue;
            }
            brought = true;
            let history = self.history.as_ref();
            if history.is_some_and(|until| mark.moment().is_none_or(|at| at <= until)) {
                cursor.note(&mark);
            } else {
                news.push((mark, item));
            }
        }
        // More may lie behind a page that brought something, that ends before what is known already, or that is as large
        // as pages get.
        let full = count > 1 && count >= self.largest;
        self.largest = self.largest.max(count);
        let goes_on = self.rule.cursor.is_some() && (brought || begins || !reached || full);
        if self.quiet.as_ref().map(|(newest, _)| newest) != cursor.newest_value() {
            let since = self.call.core.shared.clock.instant();
            self.quiet = cursor.newest_value().map(|newest| (newest.clone(), since));
        }
        let onward = page_end.filter(|end| goes_on && self.is_onward(end, brought));
        self.from = restart.or(onward);
        self.fruitless = if brought { 0 } else { self.fruitless.saturating_add(1) };
        if self.from.is_none() {
            self.history = None;
        }
        let mut error = None;
        if self.from.is_some() && self.fruitless < FRUITLESS_PAGES {
            self.wait = Duration::ZERO;
        } else {
            self.fruitless = 0;
            error = self.rest(news.is_empty());
        }
        let origin = Some(origin).filter(|_| !news.is_empty());
        Found { items: news, origin, error, ends: false }
    }

    /// Whether a position lies beyond what the last request asked from. Servers that answer in turn from different states
    /// would else be asked for ever.
    fn is_onward(&self, position: &Value, brought: bool) -> bool {
        match (&self.asked, self.asked.as_ref().and_then(moment), moment(position)) {
            (None, _, _) => true,
            (Some(_), Some(asked), Some(position)) => position > asked,
            (Some(asked), None, _) | (Some(asked), _, None) => brought && asked != position,
        }
    }

    /// Sets the wait before the next poll; an error where it is longer than the caller need bear in silence.
    fn rest(&mut self, nothing: bool) -> Option<Error> {
        self.idle = if nothing { self.idle.saturating_add(1) } else { 0 };
        let shared = &self.call.core.shared;
        let wished = idle(self.interval, self.idle.saturating_sub(1));
        let limit = self.call.core.rate_limit();
        let asked = spaced(wished, limit, shared.clock.now());
        let longest = wished.max(LONGEST_WAIT);
        self.wait = jittered(asked.min(longest), shared.clock.random());
        (asked > wished && asked > self.patience()).then(|| {
            let text = "the rate limit leaves no room for the next poll for a while";
            Error::new(Kind::RateLimited, text)
                .with_operation(self.call.operation)
                .with_retry_after(Some(asked))
                .with_rate_limit(limit)
                .with_retryable(true)
        })
    }
}

/// Whether the cause of an error may pass by itself.
fn passes(error: &Error) -> bool {
    match error.kind() {
        Kind::Connect | Kind::Timeout | Kind::Transport | Kind::RateLimited => true,
        // What is not the list comes from a proxy in front of the vendor, or from a server that is behind.
        Kind::Decode => true,
        // A poll has time: even a proxy that does not know the method now may be replaced.
        Kind::Status => {
            error.status().is_some_and(|it| may_pass(it.as_u16()) || it.as_u16() >= 500)
        }
        Kind::Credential => error.is_retryable(),
        Kind::Configuration
        | Kind::InvalidRequest
        | Kind::Redirect
        | Kind::TooLarge
        | Kind::Stalled => false,
    }
}

/// Whether an error is the one that a document declares.
fn is_known(error: &Error, KnownError { status, code }: KnownError) -> bool {
    error.status().is_some_and(|found| found.as_u16() == status) && error.has_code(code)
}
