//! What is known of an operation: data that the generator writes from the documents and the run-time obeys.

/// One operation of a provider, with the behaviours that decide how it may be called.
///
/// ```
/// use conversations::{IdempotencyKey, Operation};
///
/// static REPLY: Operation = Operation::new("reply", "POST", "/conversations/{id}/reply")
///     .with_billable(true)
///     .with_idempotency_key(IdempotencyKey::body("idempotencyId").with_verified(true));
/// assert!(!REPLY.idempotent() && REPLY.billable());
/// assert_eq!(REPLY.path(), "/conversations/{id}/reply");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    provider: Option<&'static str>,
    id: &'static str,
    sdk_name: Option<&'static str>,
    method: &'static str,
    path: &'static str,
    accept: Option<&'static str>,
    idempotent: bool,
    billable: bool,
    changes_state: bool,
    idempotency_key: Option<IdempotencyKey>,
    paging: Option<Paging>,
    keep_alive: Option<KeepAliveRule>,
    follow: Option<FollowRule>,
    success_flag: Option<SuccessFlag>,
    redirects: &'static [u16],
    streaming: bool,
    security: Option<&'static [&'static [&'static str]]>,
    server: usize,
}

impl Operation {
    /// An operation with the properties that HTTP gives its method: GET, HEAD, OPTIONS, TRACE change nothing, they and
    /// PUT and DELETE may be repeated. `path` is the template below the base URL, such as `/messages/{id}`.
    #[must_use]
    pub const fn new(id: &'static str, method: &'static str, path: &'static str) -> Self {
        let safe = matches!(method.as_bytes(), b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE");
        let repeatable = safe || matches!(method.as_bytes(), b"PUT" | b"DELETE");
        Self {
            provider: None,
            id,
            sdk_name: None,
            method,
            path,
            accept: None,
            idempotent: repeatable,
            billable: false,
            changes_state: !safe,
            idempotency_key: None,
            paging: None,
            keep_alive: None,
            follow: None,
            success_flag: None,
            redirects: &[],
            streaming: false,
            security: None,
            server: 0,
        }
    }

    setters! {
        /// Sets the name of the provider that the operation belongs to.
        with_provider(name: &'static str) provider = Some(name);
        /// Sets the name that the vendor's SDK gives the operation.
        with_sdk_name(name: &'static str) sdk_name = Some(name);
        /// Sets the `Accept` header that the operation sends.
        with_accept(media_types: &'static str) accept = Some(media_types);
        /// Says whether repeating the call does no harm.
        with_idempotent(idempotent: bool) idempotent = idempotent;
        /// Says whether the call costs money.
        with_billable(billable: bool) billable = billable;
        /// Says whether the call changes something on the server.
        with_changes_state(changes_state: bool) changes_state = changes_state;
        /// Declares where the vendor takes an idempotency key.
        with_idempotency_key(key: IdempotencyKey) idempotency_key = Some(key);
        /// Declares how the operation's list is read page by page.
        with_paging(paging: Paging) paging = Some(paging);
        /// Declares that the operation must be repeated for its effect to last.
        with_keep_alive(rule: KeepAliveRule) keep_alive = Some(rule);
        /// Declares that the operation can be polled for new items.
        with_follow(rule: FollowRule) follow = Some(rule);
        /// Declares the value that turns an answer of status 2xx into an error.
        with_success_flag(flag: SuccessFlag) success_flag = Some(flag);
        /// Names the redirects that the document lists as results. They are not followed.
        with_redirects(statuses: &'static [u16]) redirects = statuses;
        /// Says whether the answer comes piece by piece and is handed over before its end.
        with_streaming(streaming: bool) streaming = streaming;
        /// Says which credentials the operation accepts: alternatives, each the security schemes that it takes together. An
        /// empty alternative allows a call without a credential, and so does an empty list.
        with_security(accepted: &'static [&'static [&'static str]]) security = Some(accepted);
        /// Sets which of the provider's groups of servers the operation is called at; 0 is the document's own servers.
        with_server(group: usize) server = group;
    }

    /// The security schemes that the operation accepts, by the document's names: alternatives, each the schemes that it
    /// takes together. Nothing where the document does not say what any operation accepts.
    #[must_use]
    pub const fn security(&self) -> Option<&'static [&'static [&'static str]]> {
        self.security
    }

    /// Which of the provider's groups of servers it is called at.
    pub(crate) const fn server(&self) -> usize {
        self.server
    }

    getters! {
        /// The name of the provider that the operation belongs to, as its module has it.
        provider: Option<&'static str>;
        /// The operationId, as in the document.
        id: &'static str;
        /// The name in the vendor's SDK, where one is known.
        sdk_name: Option<&'static str>;
        /// The HTTP method, in capitals.
        method: &'static str;
        /// The path template below the base URL.
        path: &'static str;
        /// The `Accept` header, `None` for none.
        accept: Option<&'static str>;
        /// Whether repeating the call does no harm.
        idempotent: bool;
        /// Whether the call costs money.
        billable: bool;
        /// Whether the call changes something on the server.
        changes_state: bool;
        /// Where the vendor takes an idempotency key.
        idempotency_key: Option<&IdempotencyKey>, as_ref;
        /// How the list is read page by page.
        paging: Option<&Paging>, as_ref;
        /// How often the call must be repeated for its effect to last.
        keep_alive: Option<&KeepAliveRule>, as_ref;
        /// How the operation is polled for new items.
        follow: Option<&FollowRule>, as_ref;
        /// The value that turns an answer of status 2xx into an error.
        success_flag: Option<&SuccessFlag>, as_ref;
        /// The redirects that are results.
        redirects: &'static [u16];
        /// Whether the answer comes piece by piece and is handed over before its end.
        streaming: bool;
    }
}

/// Where in a request something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A property of the JSON or form body.
    Body,
    /// A request header.
    Header,
    /// A query parameter.
    Query,
}

/// An idempotency key: the vendor carries out calls with the same key once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdempotencyKey {
    /// Where the key is sent.
    pub location: Location,
    /// The property, header or query name.
    pub name: &'static str,
    /// Whether the vendor is known to honour it. A key that is not verified is sent, but justifies no repetition.
    pub verified: bool,
}

impl IdempotencyKey {
    /// A key in a property of the body.
    #[must_use]
    pub const fn body(name: &'static str) -> Self {
        Self { location: Location::Body, name, verified: false }
    }

    /// A key in a header.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self { location: Location::Header, name, verified: false }
    }

    /// A key in the query.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self { location: Location::Query, name, verified: false }
    }

    /// Says whether the vendor is known to honour the key.
    #[must_use]
    pub const fn with_verified(mut self, verified: bool) -> Self {
        self.verified = verified;
        self
    }
}

/// How a list is read page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paging {
    /// By counting: `offset` items are skipped, at most `limit` come.
    #[non_exhaustive]
    Offset {
        /// The query parameter that counts the items to skip.
        offset: &'static str,
        /// The query parameter for the size of a page.
        limit: &'static str,
        /// JSON pointer to the items in the answer.
        items: &'static str,
        /// The largest page that the vendor gives.
        max: u32,
        /// What the vendor sends for a list without items, beside an empty list.
        absent: &'static [Absent],
    },
    /// By a value of the first or last item of the page before.
    #[non_exhaustive]
    Cursor {
        /// JSON pointer to the items in the answer.
        items: &'static str,
        /// What the next request sends.
        next: CursorRule,
        /// JSON pointer to a value whose absence, `null`, `false` or emptiness marks the last page.
        more: Option<&'static str>,
        /// Query parameters that may not stand beside the cursor.
        exclusive_with: &'static [&'static str],
        /// What the vendor sends for a list without items, beside an empty list.
        absent: &'static [Absent],
    },
    /// By the number of the page.
    #[non_exhaustive]
    Page {
        /// JSON pointer to the items in the answer.
        items: &'static str,
        /// The query parameter for the number.
        page: &'static str,
        /// The number of the first page.
        first: u64,
        /// What the vendor sends for a list without items, beside an empty list.
        absent: &'static [Absent],
    },
    /// By a value of the answer, beside the items, which the next request sends back.
    #[non_exhaustive]
    Token {
        /// JSON pointer to the items in the answer.
        items: &'static str,
        /// The query parameter that takes the value.
        parameter: &'static str,
        /// Where the answer has the value; without one the list ends.
        from: Next,
        /// What the vendor sends for a list without items, beside an empty list.
        absent: &'static [Absent],
    },
    /// By the URL of the next page, which is called only at the origin of the operation.
    #[non_exhaustive]
    Link {
        /// JSON pointer to the items in the answer.
        items: &'static str,
        /// Where the answer has the URL; without one the list ends. The header `Link` is read as RFC 8288 says, others are
        /// the URL itself.
        from: Next,
        /// What the vendor sends for a list without items, beside an empty list.
        absent: &'static [Absent],
    },
}

/// Where an answer says how to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// In the body, by JSON pointer.
    Body(&'static str),
    /// In a header.
    Header(&'static str),
}

impl Paging {
    /// Paging by the number of the page.
    #[must_use]
    pub const fn page(page: &'static str, first: u64, items: &'static str) -> Self {
        Self::Page { items, page, first, absent: &[] }
    }

    /// Paging by a value of the answer.
    #[must_use]
    pub const fn token(parameter: &'static str, from: Next, items: &'static str) -> Self {
        Self::Token { items, parameter, from, absent: &[] }
    }

    /// Paging by the URL of the next page.
    #[must_use]
    pub const fn link(from: Next, items: &'static str) -> Self {
        Self::Link { items, from, absent: &[] }
    }

    /// JSON pointer to the items in the answer, and what the vendor sends in place of an empty list.
    pub(crate) const fn list(&self) -> (&'static str, &'static [Absent]) {
        match self {
            Self::Offset { items, absent, .. }
            | Self::Cursor { items, absent, .. }
            | Self::Page { items, absent, .. }
            | Self::Token { items, absent, .. }
            | Self::Link { items, absent, .. } => (items, absent),
        }
    }

    /// JSON pointer to what the answer says beside the items of whether and how the list goes on.
    pub(crate) fn beside(&self) -> Option<&'static str> {
        match self {
            Self::Cursor { more, .. } => more.map(|more| more.trim_end_matches('?')),
            Self::Token { from: Next::Body(pointer), .. }
            | Self::Link { from: Next::Body(pointer), .. } => Some(pointer),
            Self::Offset { .. } | Self::Page { .. } | Self::Token { .. } | Self::Link { .. } => {
                None
            }
        }
    }

    /// Paging by counting.
    #[must_use]
    pub const fn offset(
        offset: &'static str,
        limit: &'static str,
        items: &'static str,
        max: u32,
    ) -> Self {
        Self::Offset { offset, limit, items, max, absent: &[] }
    }

    /// Paging by a value of the page before.
    #[must_use]
    pub const fn cursor(items: &'static str, next: CursorRule) -> Self {
        Self::Cursor { items, next, more: None, exclusive_with: &[], absent: &[] }
    }

    /// Sets the pointer whose absence marks the last page (cursor paging only).
    #[must_use]
    pub const fn with_more(mut self, pointer: &'static str) -> Self {
        if let Self::Cursor { more, .. } = &mut self {
            *more = Some(pointer);
        }
        self
    }

    /// Names the query parameters that are dropped once a cursor is sent (cursor paging only).
    #[must_use]
    pub const fn with_exclusive(mut self, names: &'static [&'static str]) -> Self {
        if let Self::Cursor { exclusive_with, .. } = &mut self {
            *exclusive_with = names;
        }
        self
    }

    /// Names what the vendor sends for a list without items, beside an empty list.
    #[must_use]
    pub const fn with_absent(mut self, forms: &'static [Absent]) -> Self {
        match &mut self {
            Self::Offset { absent, .. }
            | Self::Cursor { absent, .. }
            | Self::Page { absent, .. }
            | Self::Token { absent, .. }
            | Self::Link { absent, .. } => *absent = forms,
        }
        self
    }
}

/// What a vendor sends for a list without items, beside an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// Nothing where the list would stand.
    Missing,
    /// `null` where the list would stand.
    Null,
    /// `{}` where the list would stand.
    EmptyObject,
    /// An answer without a body.
    NoContent,
}

/// An error answer, known by its status and the vendor's code; both must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownError {
    /// The HTTP status.
    pub status: u16,
    /// The vendor's error code.
    pub code: &'static str,
}

impl KnownError {
    /// An answer of this status and code.
    #[must_use]
    pub const fn new(status: u16, code: &'static str) -> Self {
        Self { status, code }
    }
}

/// Which end of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edge {
    /// The first item.
    First,
    /// The last item.
    Last,
}

/// A cursor: the parameter that carries it and the value that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CursorRule {
    /// The query or path parameter.
    pub parameter: &'static str,
    /// JSON pointer to the value inside an item.
    pub from: &'static str,
    /// The item that gives the value.
    pub of: Edge,
    /// Whether an item that equals the cursor is delivered again.
    pub inclusive: bool,
    /// Whether a page overlaps with the one before by the moment at their border (paging by a time only). Else items that
    /// bear the same time as the last one of a page are lost.
    pub overlap: bool,
}

impl CursorRule {
    /// `parameter` takes the value at `from` of the item at the edge `of`; items that equal it are not sent again.
    #[must_use]
    pub const fn new(parameter: &'static str, from: &'static str, of: Edge) -> Self {
        Self { parameter, from, of, inclusive: false, overlap: false }
    }

    /// Says whether an item that equals the cursor is delivered again.
    #[must_use]
    pub const fn with_inclusive(mut self, inclusive: bool) -> Self {
        self.inclusive = inclusive;
        self
    }

    /// Says whether a page overlaps with the one before by the moment at their border.
    #[must_use]
    pub const fn with_overlap(mut self, overlap: bool) -> Self {
        self.overlap = overlap;
        self
    }
}

/// How often a call must be repeated for its effect to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeepAliveRule {
    /// Seconds between two calls, as the vendor advises.
    pub period_seconds: u32,
    /// Seconds after which the effect of one call is gone.
    pub lapses_seconds: u32,
}

impl KeepAliveRule {
    /// Repeats every `period_seconds`; the effect is gone after `lapses_seconds`.
    #[must_use]
    pub const fn new(period_seconds: u32, lapses_seconds: u32) -> Self {
        Self { period_seconds, lapses_seconds }
    }
}

/// How an operation is polled for new items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowRule {
    /// JSON pointer to the items in the answer.
    pub items: &'static str,
    /// JSON pointer to the identity inside an item.
    pub id: &'static str,
    /// What the next request sends; `None` where each poll reads everything.
    pub cursor: Option<CursorRule>,
    /// Seconds between two polls while items arrive.
    pub poll_seconds: u32,
    /// What the vendor sends for a list without items, beside an empty list.
    pub absent: &'static [Absent],
    /// The errors that the vendor answers as long as what holds the list does not exist; they stand for an empty list.
    pub not_yet: &'static [KnownError],
}

impl FollowRule {
    /// Polls every `poll_seconds` and distinguishes items by the value at `id`.
    #[must_use]
    pub const fn new(items: &'static str, id: &'static str, poll_seconds: u32) -> Self {
        Self { items, id, cursor: None, poll_seconds, absent: &[], not_yet: &[] }
    }

    setters! {
        /// Asks only for what is newer than the cursor.
        with_cursor(cursor: CursorRule) cursor = Some(cursor);
        /// Names what the vendor sends for a list without items, beside an empty list.
        with_absent(forms: &'static [Absent]) absent = forms;
        /// Names the errors that stand for a list that does not exist yet.
        with_not_yet(errors: &'static [KnownError]) not_yet = errors;
    }
}

/// A value in an answer of status 2xx that says that the call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuccessFlag {
    /// JSON pointer to the value.
    pub pointer: &'static str,
    /// The value that means failure.
    pub failed_when: bool,
}

impl SuccessFlag {
    /// The call failed when the value at `pointer` is `failed_when`.
    #[must_use]
    pub const fn new(pointer: &'static str, failed_when: bool) -> Self {
        Self { pointer, failed_when }
    }
}
