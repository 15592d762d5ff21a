//! Answers that come piece by piece: JSON a line, or server-sent events.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::stream;

use super::answer::{Answer, Rest, read, report};
use super::transport;
use crate::error::Kind;
use crate::reading::de::Form;
use crate::reading::without_mark;
use crate::response::Meta;
use crate::{Error, Operation, Response};

/// Items, each as soon as it is there: of an answer that comes piece by piece, or of a list that is read page by page.
///
/// An item that cannot be read is delivered as an error, and the items after it follow. Any other error ends the stream: an
/// answer that is cut short, an item longer than `max_body_bytes`, and a silence as long as the deadline of a call. Nothing
/// is repeated by itself.
pub struct ItemStream<T> {
    items: Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>,
}

impl<T> ItemStream<T> {
    pub(super) fn new(items: impl Stream<Item = Result<T, Error>> + Send + 'static) -> Self {
        Self { items: Box::pin(items) }
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().items.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").finish_non_exhaustive()
    }
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<T> {
    /// Its type; `None` where the server names none.
    pub event: Option<String>,
    /// Its identifier, for the header `Last-Event-ID` of a request that goes on after it.
    pub id: Option<String>,
    /// What it carries.
    pub data: T,
}

impl Answer {
    /// The items of an answer that has one JSON value a line, of this form.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn lines<F, T>(self) -> Result<Response<ItemStream<T>>, Error>
    where
        F: for<'de> Form<'de, T> + 'static,
        T: Send + 'static,
    {
        Ok(self.stream(Lines::<F>(PhantomData)))
    }

    /// The events of an answer whose data is JSON of this form.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn events<F, T>(self) -> Result<Response<ItemStream<Event<T>>>, Error>
    where
        F: for<'de> Form<'de, T> + 'static,
        T: Send + 'static,
    {
        Ok(self.stream(JsonEvents::<F>(PhantomData)))
    }

    /// The events of an answer whose data is text.
    ///
    /// # Errors
    /// Never; it has the form of its siblings.
    pub fn text_events(self) -> Result<Response<ItemStream<Event<String>>>, Error> {
        Ok(self.stream(TextEvents))
    }

    fn stream<T: Send + 'static>(
        self,
        items: impl Items<T> + Send + 'static,
    ) -> Response<ItemStream<T>> {
        let Self { operation, meta, body, rest, location: _ } = self;
        let pieces = Pieces {
            operation,
            meta: meta.clone(),
            buffer: BytesMut::from(&body[..]),
            most: rest.as_ref().map_or(usize::MAX, |rest| rest.most),
            rest,
            searched: 0,
            started: false,
        };
        let items = stream::unfold(Some((pieces, items)), |state| async move {
            let (mut pieces, mut items) = state?;
            match items.next(&mut pieces).await {
                Ok(Some(item)) => Some((item, Some((pieces, items)))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Response::new(ItemStream::new(items), meta)
    }
}

/// How items are found in lines.
trait Items<T> {
    /// The next item, or that it cannot be read; an error for the whole answer ends it.
    fn next(
        &mut self,
        pieces: &mut Pieces,
    ) -> impl Future<Output = Result<Option<Result<T, Error>>, Error>> + Send;
}

struct Lines<F>(PhantomData<fn() -> F>);

impl<F: for<'de> Form<'de, T>, T: Send> Items<T> for Lines<F> {
    async fn next(&mut self, pieces: &mut Pieces) -> Result<Option<Result<T, Error>>, Error> {
        while let Some(line) = pieces.line().await? {
            // JSON text sequences begin each value with a record separator.
            let line = line.strip_prefix(b"\x1e").unwrap_or(&line).trim_ascii();
            if !line.is_empty() {
                return Ok(Some(pieces.value::<F, T>(line)));
            }
        }
        Ok(None)
    }
}

struct JsonEvents<F>(PhantomData<fn() -> F>);

impl<F: for<'de> Form<'de, T>, T: Send> Items<Event<T>> for JsonEvents<F> {
    async fn next(
        &mut self,
        pieces: &mut Pieces,
    ) -> Result<Option<Result<Event<T>, Error>>, Error> {
        let Some(Event { event, id, data }) = pieces.event().await? else { return Ok(None) };
        match pieces.value::<F, T>(data.as_bytes()) {
            Ok(data) => Ok(Some(Ok(Event { event, id, data }))),
            // The mark by which servers of JSON events commonly say that there are no more.
            Err(_) if data == "[DONE]" => Ok(None),
            Err(error) => Ok(Some(Err(error))),
        }
    }
}

struct TextEvents;

impl Items<Event<String>> for TextEvents {
    async fn next(
        &mut self,
        pieces: &mut Pieces,
    ) -> Result<Option<Result<Event<String>, Error>>, Error> {
        Ok(pieces.event().await?.map(Ok))
    }
}

/// An answer on its way.
struct Pieces {
    operation: &'static Operation,
    meta: Box<Meta>,
    buffer: BytesMut,
    /// The longest item.
    most: usize,
    /// `None` once the answer has ended.
    rest: Option<Box<Rest>>,
    /// How much of the buffer holds no end of a line.
    searched: usize,
    started: bool,
}

impl Pieces {
    /// The next line without its line feed; what stands behind the last of them is a line too.
    async fn line(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let found = self.buffer.iter().skip(self.searched).position(|it| *it == b'\n');
            if let Some(found) = found {
                let mut line = self.buffer.split_to(self.searched + found + 1);
                line.truncate(self.searched + found);
                self.searched = 0;
                return Ok(Some(self.unmarked(line)));
            }
            self.searched = self.buffer.len();
            if self.rest.is_none() {
                let last = self.buffer.split();
                self.searched = 0;
                return Ok((!last.is_empty()).then(|| self.unmarked(last)));
            }
            self.receive().await?;
        }
    }

    /// A line, without the byte order mark that the first may have.
    fn unmarked(&mut self, line: BytesMut) -> Bytes {
        let line = line.freeze();
        match std::mem::replace(&mut self.started, true) {
            true => line,
            false => line.slice_ref(without_mark(&line)),
        }
    }

    /// Adds what comes next to the buffer.
    async fn receive(&mut self) -> Result<(), Error> {
        self.check_length(self.buffer.len())?;
        let Some(rest) = &mut self.rest else { return Ok(()) };
        let error = match tokio::time::timeout(rest.silence, rest.response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                self.buffer.extend_from_slice(&chunk);
                return Ok(());
            }
            Ok(Ok(None)) => {
                self.rest = None;
                return Ok(());
            }
            Ok(Err(error)) => {
                let kind = if error.is_timeout() { Kind::Timeout } else { Kind::Transport };
                Error::new(kind, "the answer was cut short").with_source(transport::cause(error))
            }
            Err(_) => Error::new(Kind::Timeout, "the answer did not go on in time"),
        };
        Err(self.fail(error, Bytes::new()))
    }

    /// `Err` where an item has become longer than one may be.
    fn check_length(&self, length: usize) -> Result<(), Error> {
        if length <= self.most {
            return Ok(());
        }
        let most = self.most;
        let text =
            format!("an item of the answer is longer than the {most} bytes of `max_body_bytes`");
        Err(self.fail(Error::new(Kind::TooLarge, text), Bytes::new()))
    }

    /// The next event, by the rules of the HTML standard; what stands at the end without a blank line counts too.
    async fn event(&mut self) -> Result<Option<Event<String>>, Error> {
        let (mut event, mut id, mut data) = (None, None, None::<String>);
        loop {
            let line = self.line().await?;
            let line = line.as_deref().map(|it| it.strip_suffix(b"\r").unwrap_or(it));
            let Some(line) = line.filter(|it| !it.is_empty()) else {
                if let Some(data) = data.take() {
                    return Ok(Some(Event { event, id, data }));
                }
                if line.is_none() {
                    return Ok(None);
                }
                event = None;
                continue;
            };
            let line = String::from_utf8_lossy(line);
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "event" => event = Some(value.to_owned()),
                "id" => id = Some(value.to_owned()),
                "data" => {
                    // The lines of an event are one item, however short each of them is.
                    self.check_length(data.as_ref().map_or(0, String::len) + value.len())?;
                    match &mut data {
                        Some(data) => {
                            data.push('\n');
                            data.push_str(value);
                        }
                        None => data = Some(value.to_owned()),
                    }
                }
                // Comments, which keep the connection open, and what concerns browsers.
                _ => {}
            }
        }
    }

    /// Reads an item, leniently where need be.
    fn value<F: for<'de> Form<'de, T>, T>(&self, text: &[u8]) -> Result<T, Error> {
        match read::<F, T>(text, &self.meta.headers) {
            Ok((value, skipped)) => {
                let censor = &self.meta.censor;
                let skipped: Vec<_> = skipped.into_iter().map(|it| it.censored(censor)).collect();
                report(self.operation, &skipped);
                Ok(value)
            }
            Err(error) => Err(self.fail(error, Bytes::copy_from_slice(text))),
        }
    }

    fn fail(&self, error: Error, body: Bytes) -> Error {
        let (operation, meta) = (self.operation, self.meta.clone());
        Answer { operation, location: None, meta, body, rest: None }.fail(error)
    }
}
