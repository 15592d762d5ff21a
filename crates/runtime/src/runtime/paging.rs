//! Lists read page by page, as the operation declares.

use std::collections::{HashSet, VecDeque};

use futures_core::Stream;
use futures_util::stream;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::items::{Origin, Page, fingerprint, page};
use super::query::Style;
use crate::error::Kind;
use crate::{CursorRule, Edge, Error, Paging};

/// The items of all pages, in the order in which the vendor lists them. One page is in memory at a time. The first error
/// ends the stream.
///
/// The list ends at an empty page or at one with nothing new; a page that is merely short does not end it, for servers may
/// give fewer items than asked for.
pub fn stream<T: DeserializeOwned + Send + 'static>(
    call: Result<Call, Error>,
) -> impl Stream<Item = Result<T, Error>> + Send + Unpin + 'static {
    let state = call.and_then(Pager::new);
    Box::pin(stream::unfold(Some(state), |state| async {
        let mut pager = match state? {
            Ok(pager) => pager,
            Err(error) => return Some((Err(error), None)),
        };
        match pager.next().await {
            Ok(Some(item)) => Some((Ok(item), Some(Ok(pager)))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// The state between two items.
struct Pager {
    call: Call,
    paging: &'static Paging,
    items: VecDeque<(usize, Value)>,
    origin: Option<Origin>,
    /// Fingerprints of the last page: a page that holds nothing else brings nothing new.
    last: HashSet<u64>,
    /// The cursor that the next request sends, where it has been sent already: pages that move no cursor never end.
    cursor: Option<Value>,
    skipped: u64,
    done: bool,
}

impl Pager {
    fn new(mut call: Call) -> Result<Self, Error> {
        let Some(paging) = call.operation.paging() else {
            let text = "not sent: the operation declares no pages";
            return Err(Error::new(Kind::InvalidRequest, text).with_operation(call.operation));
        };
        let mut skipped = 0;
        match paging {
            Paging::Offset { offset, limit, items: _, max } => {
                skipped = call.query_text(offset).and_then(|text| text.parse().ok()).unwrap_or(0);
                if call.query_text(limit).is_none() {
                    call.set_query(limit, &Value::from(*max), Style::FORM)?;
                }
            }
            Paging::Cursor { .. } => {}
        }
        let (items, last) = (VecDeque::new(), HashSet::new());
        Ok(Self { call, paging, items, origin: None, last, cursor: None, skipped, done: false })
    }

    async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Error> {
        loop {
            if let (Some((index, item)), Some(origin)) = (self.items.pop_front(), &self.origin) {
                return origin.read(index, item).map(Some);
            }
            if self.done {
                return Ok(None);
            }
            self.fetch().await?;
        }
    }

    /// Reads the next page and prepares the call for the one after it.
    async fn fetch(&mut self) -> Result<(), Error> {
        let (Paging::Offset { items: pointer, .. } | Paging::Cursor { items: pointer, .. }) =
            self.paging;
        let answer = self.call.clone().send().await?;
        let Page { items, rest, origin } = page(answer, pointer)?;
        let prints: Vec<_> = items.iter().map(fingerprint).collect();
        let news = prints.iter().any(|print| !self.last.contains(print));
        if !news {
            self.done = true;
            return Ok(());
        }
        match self.paging {
            Paging::Offset { offset, .. } => {
                self.skipped += items.len() as u64;
                self.call.set_query(offset, &Value::from(self.skipped), Style::FORM)?;
            }
            Paging::Cursor { next, more, exclusive_with, items: _ } => {
                if more.is_some_and(|pointer| !promises_more(&rest, pointer)) {
                    self.done = true;
                } else {
                    self.advance(*next, exclusive_with, &items, &origin)?;
                }
            }
        }
        let by_cursor = matches!(self.paging, Paging::Cursor { .. });
        // A cursor that includes its own item delivers it again.
        let again = |print: &u64| by_cursor && self.last.contains(print);
        let fresh = items.into_iter().zip(&prints).enumerate();
        self.items = fresh
            .filter(|(_, (_, print))| !again(print))
            .map(|(index, (item, _))| (index, item))
            .collect();
        self.last = prints.into_iter().collect();
        self.origin = Some(origin);
        Ok(())
    }

    /// Sets the cursor for the next page.
    fn advance(
        &mut self,
        rule: CursorRule,
        exclusive_with: &[&str],
        items: &[Value],
        origin: &Origin,
    ) -> Result<(), Error> {
        let edge = match rule.of {
            Edge::First => items.first(),
            Edge::Last => items.last(),
        };
        let value = edge.and_then(|item| item.pointer(rule.from)).filter(|value| !value.is_null());
        let Some(value) = value else {
            return Err(
                origin.stalled("the page has no cursor from which the next one could be asked for")
            );
        };
        if self.cursor.as_ref() == Some(value) {
            return Err(origin.stalled(
                "the page brings new items but not a new cursor, so that it cannot be left",
            ));
        }
        self.cursor = Some(value.clone());
        self.call.query.retain(|(name, _)| !exclusive_with.contains(&name.as_str()));
        self.call.set_parameter(rule.parameter, value)
    }
}

/// Whether a page says that another one follows.
fn promises_more(rest: &Value, pointer: &str) -> bool {
    match rest.pointer(pointer.trim_end_matches('?')) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(more)) => *more,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => true,
    }
}
