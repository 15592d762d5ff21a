//! Lists read page by page, as the operation declares.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};

use futures_util::stream;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::cursor::moment;
use super::items::{Item, Origin, Page, hash, page};
use super::pieces::ItemStream;
use super::request::go_to;
use super::style::Style;
use super::value::scalar;
use crate::error::Kind;
use crate::{CursorRule, Edge, Error, Next, Paging};

/// Why pages that come again are not asked for for ever.
const CIRCLE: &str = "the page is the same as one before the last: the pages repeat in a circle";

/// So many pages without items follow each other at most.
const MOST_BLANK: usize = 100;

/// What an overlap cannot mend.
const HIDDEN: &str =
    "a page is full of items of one moment: the vendor's paging hides further ones of that moment";

/// The items of all pages, in the order in which the vendor lists them. One page is in memory at a time, and a number for
/// each page before it.
///
/// An item that cannot be read is delivered as an error, and the items after it follow. An error of a page ends the stream: a
/// call that fails, an answer without the list, and pages that lead back to an earlier one.
///
/// The list ends at an empty page or at one with nothing new; a page that is merely short does not end it, for servers may
/// give fewer items than asked for.
pub fn stream<T: DeserializeOwned + Send + 'static>(call: Result<Call, Error>) -> ItemStream<T> {
    let state = call.and_then(Pager::new);
    ItemStream::new(stream::unfold(Some(state), |state| async {
        let mut pager = match state? {
            Ok(pager) => pager,
            Err(error) => return Some((Err(error), None)),
        };
        match pager.next().await {
            Ok(Some(item)) => Some((item, Some(Ok(pager)))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// The state between two items.
struct Pager {
    call: Call,
    paging: &'static Paging,
    items: VecDeque<Item>,
    origin: Option<Origin>,
    /// An error that the items of the page before it do not end.
    notice: Option<Error>,
    /// Fingerprints of the last page: a page that holds nothing else brings nothing new.
    last: HashSet<u64>,
    /// Fingerprints of the cursors that were sent or, where pages are counted, of the pages that came: to meet one again means
    /// to go in a circle.
    visited: HashSet<u64>,
    /// The cursor to go on from where an overlapping request brings nothing new.
    border: Option<Value>,
    /// Which way the times of the list run, once a page has shown it: 1 where pages become older.
    direction: Option<i64>,
    /// The items of the largest page so far: one that is smaller was not cut.
    largest: usize,
    /// The items before the next page, or where pages are numbered its number.
    skipped: u64,
    /// Pages without items since the last that had some.
    blank: usize,
    done: bool,
}

impl Pager {
    fn new(mut call: Call) -> Result<Self, Error> {
        let Some(paging) = call.operation.paging() else {
            let text = "not sent: the operation declares no pages";
            return Err(Error::new(Kind::InvalidRequest, text).with_operation(call.operation));
        };
        let mut skipped = 0;
        let number = |name: &str| call.query_text(name).and_then(|text| text.parse().ok());
        match paging {
            Paging::Offset { offset, limit, items: _, max, absent: _ } => {
                skipped = number(offset).unwrap_or(0);
                if call.query_text(limit).is_none() {
                    call.set_query(limit, &Value::from(*max), Style::FORM)?;
                }
            }
            Paging::Page { page, first, .. } => skipped = number(page).unwrap_or(*first),
            Paging::Cursor { .. } | Paging::Token { .. } | Paging::Link { .. } => {}
        }
        Ok(Self {
            call,
            paging,
            items: VecDeque::new(),
            origin: None,
            notice: None,
            last: HashSet::new(),
            visited: HashSet::new(),
            border: None,
            direction: None,
            largest: 0,
            skipped,
            blank: 0,
            done: false,
        })
    }

    /// The next item, or that it cannot be read; an error for the whole list ends it.
    async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Result<T, Error>>, Error> {
        loop {
            if let (Some(item), Some(origin)) = (self.items.pop_front(), &self.origin) {
                return Ok(Some(origin.read(item)));
            }
            if let Some(notice) = self.notice.take() {
                return Ok(Some(Err(notice)));
            }
            if self.done {
                return Ok(None);
            }
            self.fetch().await?;
        }
    }

    /// Reads the next page and prepares the call for the one after it.
    async fn fetch(&mut self) -> Result<(), Error> {
        let (pointer, absent) = self.paging.list();
        let answer = self.call.clone().send().await?;
        let Page { items, beside, origin } = page(answer, pointer, absent, self.paging.beside())?;
        let prints: Vec<_> = items.iter().map(Item::fingerprint).collect();
        let full = items.len() > 1 && items.len() >= self.largest;
        self.largest = self.largest.max(items.len());
        // Where the answer says how to go on, a page without items does not end the list.
        let says_next = matches!(self.paging, Paging::Token { .. } | Paging::Link { .. });
        if !says_next && prints.iter().all(|print| self.last.contains(print)) {
            return self.leave(&items, beside.as_ref(), full, &origin);
        }
        match self.paging {
            Paging::Offset { offset, .. } => {
                if !self.visited.insert(hash(&prints)) {
                    return Err(origin.stalled(CIRCLE));
                }
                self.skipped += items.len() as u64;
                self.call.set_query(offset, &Value::from(self.skipped), Style::FORM)?;
            }
            Paging::Page { page, .. } => {
                if !self.visited.insert(hash(&prints)) {
                    return Err(origin.stalled(CIRCLE));
                }
                self.skipped += 1;
                self.call.set_query(page, &Value::from(self.skipped), Style::FORM)?;
            }
            Paging::Token { parameter, from, .. } => match self.next_of(*from, beside, &origin)? {
                Some(value) => self.call.set_parameter(parameter, &value)?,
                None => self.done = true,
            },
            Paging::Link { from, .. } => match self.next_of(*from, beside, &origin)? {
                Some(value) => {
                    let url = scalar(&value).unwrap_or_default();
                    go_to(&mut self.call, &url).map_err(|reason| origin.stalled(reason))?;
                }
                None => self.done = true,
            },
            Paging::Cursor { next, more, exclusive_with, items: _, absent: _ } => {
                if more.is_some() && !promises_more(beside.as_ref()) {
                    self.done = true;
                } else {
                    self.advance(*next, exclusive_with, &items, full, &origin)?;
                }
            }
        }
        let by_cursor = matches!(self.paging, Paging::Cursor { .. });
        // What a cursor includes comes again, and so does what an arrival before it has moved into the next page; of mere
        // values nobody knows whether they are the same item.
        let again =
            |item: &Item, print: &u64| (by_cursor || item.is_object()) && self.last.contains(print);
        self.blank = if items.is_empty() { self.blank + 1 } else { 0 };
        if self.blank > MOST_BLANK {
            return Err(origin.stalled("too many pages without items follow each other"));
        }
        let fresh = items.into_iter().zip(&prints);
        self.items =
            fresh.filter(|(item, print)| !again(item, print)).map(|(item, _)| item).collect();
        self.last = prints.into_iter().collect();
        self.origin = Some(origin);
        Ok(())
    }

    /// Goes on from a page that brings nothing new: it ends the list, unless it overlaps with the one before by more items of
    /// one moment than a page holds. A page that cannot be the end is an error: there is more, and no way to it.
    fn leave(
        &mut self,
        items: &[Item],
        beside: Option<&Value>,
        full: bool,
        origin: &Origin,
    ) -> Result<(), Error> {
        match (self.paging, self.border.take().filter(|_| full)) {
            (Paging::Cursor { next, .. }, Some(border)) => {
                self.notice = Some(origin.stalled(HIDDEN));
                return self.call.set_parameter(next.parameter, &border);
            }
            (Paging::Cursor { more: Some(_), .. }, None) if promises_more(beside) => {
                return Err(origin.stalled(
                    "the page brings nothing new, though it says that another one follows",
                ));
            }
            (Paging::Offset { limit, max, .. }, _) => {
                let limit = self.call.query_text(limit).and_then(|text| text.parse().ok());
                if !items.is_empty() && items.len() as u64 >= limit.unwrap_or(u64::from(*max)) {
                    return Err(origin.stalled(
                        "the page is full and the same as the one before, though a later one was asked for",
                    ));
                }
            }
            // A number that is not looked at gives the same page again; behind the last page some give that one.
            (Paging::Page { .. }, _) if full => {
                return Err(origin.stalled(
                    "the page is full and the same as the one before, though a later one was asked for",
                ));
            }
            (Paging::Page { .. } | Paging::Token { .. } | Paging::Link { .. }, _)
            | (Paging::Cursor { .. }, None) => {}
        }
        self.done = true;
        Ok(())
    }

    /// What the answer says of the next page, which must not have been asked for before.
    fn next_of(
        &mut self,
        from: Next,
        beside: Option<Value>,
        origin: &Origin,
    ) -> Result<Option<Value>, Error> {
        let value = match from {
            Next::Body(_) => beside,
            Next::Header(name) => {
                let headers = origin.headers().into_iter().flat_map(|it| it.get_all(name));
                let mut texts = headers.filter_map(|it| it.to_str().ok());
                let text = match name.eq_ignore_ascii_case("link") {
                    true => texts.find_map(next_link),
                    false => texts.next(),
                };
                text.map(Value::from)
            }
        };
        let names_a_page = |it: &Value| {
            *it != Value::Bool(false) && scalar(it).is_some_and(|text| !text.trim().is_empty())
        };
        let Some(value) = value.filter(names_a_page) else { return Ok(None) };
        if !self.visited.insert(hash(&value)) {
            return Err(origin.stalled(
                "the page leads to one that was asked for before: the pages repeat in a circle",
            ));
        }
        Ok(Some(value))
    }

    /// Sets the cursor for the next page.
    fn advance(
        &mut self,
        rule: CursorRule,
        exclusive_with: &[&str],
        items: &[Item],
        full: bool,
        origin: &Origin,
    ) -> Result<(), Error> {
        let (edge, other) = match rule.of {
            Edge::First => (items.first(), items.last()),
            Edge::Last => (items.last(), items.first()),
        };
        let [edge, other] = [edge, other].map(|item| {
            let [value] = item?.at([Some(rule.from)]);
            value
        });
        // An empty one would ask for the first page again.
        let names_a_place = |value: &Value| scalar(value).is_some_and(|it| !it.trim().is_empty());
        let Some(value) = edge.filter(names_a_place) else {
            return Err(
                origin.stalled("the page has no cursor from which the next one could be asked for")
            );
        };
        if self.border.as_ref() == Some(&value) {
            // The page that overlaps by one moment has brought new items of it, and ends with it again.
            self.border = None;
            self.notice = full.then(|| origin.stalled(HIDDEN));
            return self.call.set_parameter(rule.parameter, &value);
        }
        if !self.visited.insert(hash(&value)) {
            return Err(origin.stalled(
                "the page leads to a cursor that was asked for before: the pages repeat in a circle",
            ));
        }
        let at = moment(&value).filter(|_| rule.overlap);
        self.direction = match at
            .as_ref()
            .zip(other.as_ref().and_then(moment))
            .map(|(at, other)| at.cmp(&other))
        {
            Some(Ordering::Less) => Some(1),
            Some(Ordering::Greater) => Some(-1),
            Some(Ordering::Equal) | None => self.direction,
        };
        let overlapping = at.zip(self.direction).map(|(at, direction)| at.step(direction));
        self.call.query.retain(|(name, _)| !exclusive_with.contains(&name.as_str()));
        self.call.set_parameter(rule.parameter, overlapping.as_ref().unwrap_or(&value))?;
        self.border = overlapping.is_some().then_some(value);
        Ok(())
    }
}

/// The target of `rel="next"` in a header `Link` (RFC 8288).
fn next_link(header: &str) -> Option<&str> {
    apart(header, ',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next =
            apart(parameters, ';').filter_map(|it| it.split_once('=')).any(|(name, value)| {
                let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel")
                    && relations.any(|it| it.eq_ignore_ascii_case("next"))
            });
        is_next.then(|| target.trim())
    })
}

/// The parts of a header between separators that stand neither in quotes nor in a URL.
fn apart(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped, mut in_url) = (false, false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !in_url => quoted = !quoted,
            '<' if !quoted => in_url = true,
            '>' if !quoted => in_url = false,
            _ => {}
        }
        c == separator && !quoted && !in_url
    })
}

/// Whether the value that a page has beside its items says that another one follows.
fn promises_more(beside: Option<&Value>) -> bool {
    match beside {
        None | Some(Value::Null) => false,
        Some(Value::Bool(more)) => *more,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::next_link;

    #[test]
    fn the_next_link_is_found_among_others() {
        let cases = [
            ("<https://a/?page=2>; rel=\"next\"", Some("https://a/?page=2")),
            ("</1>; rel=prev, </3>; rel=next", Some("/3")),
            (
                "</1>; title=\"a, <b>; rel=next\"; rel=prev, </3?a=1,2>; rel=\"last next\"",
                Some("/3?a=1,2"),
            ),
            ("</1>; REL=\"Next\"", Some("/1")),
            ("</1>; rel=last", None),
            ("", None),
            ("nonsense", None),
        ];
        for (header, expected) in cases {
            assert_eq!(next_link(header), expected, "{header}");
        }
    }
}
