//! The HTTP client underneath: made from the settings, replaced when a connection of it went silent, and kept from
//! repeating requests by itself.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::settings::Settings;
use crate::Error;

#[cfg(not(feature = "http2"))]
mod http1;
#[cfg(feature = "http2")]
mod http2;

#[cfg(not(feature = "http2"))]
use http1 as protocol;
#[cfg(feature = "http2")]
use http2 as protocol;

pub(crate) use protocol::is_unprocessed;

/// Whether https can be spoken.
pub(crate) const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// What a user changes about the HTTP client that is made for a builder.
pub(crate) type Configure = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

/// How to make an HTTP client, as often as it is needed.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) user_agent: Option<String>,
    /// Whether a base URL names this machine.
    pub(crate) loopback: bool,
    /// Whether nothing is asked over TLS.
    pub(crate) plain: bool,
    pub(crate) configure: Option<Arc<Configure>>,
}

impl Recipe {
    pub(crate) fn new(
        settings: &Settings,
        user_agent: Option<String>,
        loopback: bool,
        plain: bool,
        configure: Option<Arc<Configure>>,
    ) -> Self {
        let Settings { connect_timeout, attempt_timeout, .. } = *settings;
        Self { connect_timeout, attempt_timeout, user_agent, loopback, plain, configure }
    }

    /// A client that follows nothing, refers to nothing, repeats nothing and keeps to https.
    fn make(&self) -> Result<reqwest::Client, Error> {
        let Self { connect_timeout, attempt_timeout, user_agent, loopback, plain, configure } =
            self;
        let agent = user_agent
            .clone()
            .unwrap_or_else(|| concat!("conversations/", env!("CARGO_PKG_VERSION")).into());
        provide_cryptography();
        let mut builder = reqwest::Client::builder()
            .user_agent(agent)
            // Many servers close idle connections after a minute: a request on a connection that is being closed is one
            // whose fate is unknown.
            .pool_idle_timeout(Duration::from_secs(20))
            .connect_timeout(*connect_timeout);
        builder = protocol::configure(builder, *attempt_timeout);
        if *loopback {
            // A proxy in the environment would get the key in clear text, and could not reach this machine anyway.
            builder = builder.no_proxy();
        }
        #[cfg(feature = "rustls")]
        {
            // Where both are built in, another crate's wish must not change what this one speaks.
            builder = builder.tls_backend_rustls();
        }
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if *plain {
            // Reading the machine's certificates takes longer than a whole test against a sandbox, and nothing needs them.
            builder = builder.tls_certs_only([]);
        }
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        let _ = plain;
        if let Some(configure) = configure {
            builder = configure(builder);
        }
        builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(!*loopback)
            .build()
            .map_err(|error| {
                Error::configuration("the HTTP client cannot be made from these settings")
                    .with_source(error.without_url())
            })
    }
}

/// Names `ring` to rustls, unless the program has named another one: without one, reqwest panics.
pub(crate) fn provide_cryptography() {
    #[cfg(all(feature = "rustls", not(feature = "aws-lc-rs")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails where another thread was faster, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// The HTTP client of all calls.
pub(crate) struct Http {
    current: Mutex<Lease>,
    /// `None` where the user gave a finished client, which cannot be made anew.
    recipe: Option<Recipe>,
    /// Whether the last answer came by HTTP/1, where a request that was given up takes its connection along.
    one_request_per_connection: AtomicBool,
}

/// A client as it was when an attempt began.
#[derive(Clone)]
pub(crate) struct Lease {
    pub(crate) client: reqwest::Client,
    number: u64,
}

impl Http {
    /// A client of the user's own.
    pub(crate) fn given(client: reqwest::Client) -> Self {
        Self::with(client, None)
    }

    /// A client made here.
    pub(crate) fn made(recipe: Recipe) -> Result<Self, Error> {
        Ok(Self::with(recipe.make()?, Some(recipe)))
    }

    fn with(client: reqwest::Client, recipe: Option<Recipe>) -> Self {
        let current = Mutex::new(Lease { client, number: 0 });
        Self { current, recipe, one_request_per_connection: AtomicBool::new(false) }
    }

    pub(crate) fn lease(&self) -> Lease {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes by which version of HTTP an answer came.
    pub(crate) fn note(&self, version: http::Version) {
        let single = version < http::Version::HTTP_2;
        self.one_request_per_connection.store(single, Ordering::Relaxed);
    }

    /// Leaves the connections of a client on which an attempt timed out. HTTP/2 would send the next attempt down the same
    /// one, however dead; requests that are under way on it end undisturbed.
    pub(crate) fn leave(&self, lease: &Lease) {
        let Some(recipe) = &self.recipe else { return };
        if self.one_request_per_connection.load(Ordering::Relaxed) {
            return;
        }
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // Of several attempts that time out together, the first has replaced the client.
        if current.number != lease.number {
            return;
        }
        match recipe.make() {
            Ok(client) => *current = Lease { client, number: lease.number + 1 },
            Err(error) => tracing::warn!(cause = %error, "the HTTP client is used on"),
        }
    }
}

/// Whether a connection has begun to send a request.
#[derive(Clone, Default)]
pub(crate) struct Begun(Arc<AtomicBool>);

impl Begun {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Makes the body of a request one that cannot be copied. reqwest repeats a request that an HTTP/2 server refused if it can
/// copy the body, and so would a client that a user gives; such an attempt would be missing in the count and the budget.
pub(crate) fn sent_once(request: &mut reqwest::Request) -> Begun {
    let begun = Begun::default();
    let body = request.body_mut().take().unwrap_or_else(|| Bytes::new().into());
    *request.body_mut() = Some(reqwest::Body::wrap(Once { body, begun: begun.clone() }));
    begun
}

/// A body that cannot be copied and shows when a connection asks for it.
struct Once {
    body: reqwest::Body,
    begun: Begun,
}

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        self.begun.set();
        Pin::new(&mut self.body).poll_frame(context)
    }

    /// A connection asks this first, to write the head of a request without a body.
    fn is_end_stream(&self) -> bool {
        self.begun.set();
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The cause of a failure without its URL, which may carry a credential, and without the text that a server may put into a
/// GOAWAY: the error of h2 prints it, whatever it repeats.
pub(crate) fn cause(error: reqwest::Error) -> Box<dyn std::error::Error + Send + Sync> {
    protocol::end_of_connection(&error).unwrap_or_else(|| Box::new(error.without_url()))
}

/// Why the machine's network made no connection, where it says so; the words are those of the standard library.
pub(crate) fn io_cause(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    use std::io::ErrorKind::*;
    let known = |kind: &std::io::ErrorKind| {
        let refused = matches!(kind, ConnectionRefused | ConnectionReset | PermissionDenied);
        refused || matches!(kind, HostUnreachable | NetworkUnreachable | NetworkDown | TimedOut)
    };
    let stated = cause_of::<std::io::Error>(error).map(std::io::Error::kind).filter(known);
    stated.or(error.is_timeout().then_some(TimedOut))
}

/// The first cause of this type.
fn cause_of<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref() {
            return Some(cause);
        }
        next = cause.source();
    }
    None
}
