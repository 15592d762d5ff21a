//! Settings of a sandbox.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::io;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use conversations_runtime::runtime::Provider as Client;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use super::clock::Clock;
use super::fault::Queue;
use super::guard::Guard;
use super::listen::{Patience, listen};
use super::provider::{Provider, Settings, Source};
use super::script::Window;
use super::shared::Shared;
use super::{EmbeddedProvider, Empty, Library, Sandbox};

/// Settings of a [`Sandbox`], see [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct Builder<L: Library = Empty> {
    host: IpAddr,
    port: u16,
    guard: Guard,
    pub(super) patience: Patience,
    seed: u64,
    check_answers: bool,
    only: Option<Vec<String>>,
    extra: Vec<Source>,
    settings: BTreeMap<String, Settings>,
    library: PhantomData<L>,
}

impl<L: Library> Default for Builder<L> {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            guard: Guard::default(),
            patience: Patience::default(),
            seed: 1,
            check_answers: cfg!(debug_assertions),
            only: None,
            extra: Vec::new(),
            settings: BTreeMap::new(),
            library: PhantomData,
        }
    }
}

impl<L: Library> Builder<L> {
    /// The address to listen on. The default, 127.0.0.1, is reached from this machine only; 0.0.0.0 from everywhere, say in a
    /// container. There is no TLS, and any key is accepted unless [`accept`](Self::accept) says otherwise.
    #[must_use]
    pub fn host(mut self, address: impl Into<IpAddr>) -> Self {
        self.host = address.into();
        self
    }

    /// Takes control requests (`/_sandbox/…`) by this name in their `Host` header, beside the addresses of this machine;
    /// `*` is any. Without it a page whose name points to this machine could steer the sandbox.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.guard.hosts.push(name.into());
        self
    }

    /// Takes control requests (`/_sandbox/…`) from pages of this origin, such as `http://localhost:3000`; `*` is any.
    /// Without it no page steers the sandbox.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.guard.origins.push(origin.into());
        self
    }

    /// The port; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The seed of identifiers that the sandbox makes up: the same seed and the same calls give
    /// the same identifiers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether answers are compared with the document, see [`Sandbox::problems`].
    #[must_use]
    pub fn check_answers(mut self, check: bool) -> Self {
        self.check_answers = check;
        self
    }

    /// Mounts only these of the library's providers.
    #[must_use]
    pub fn only(mut self, providers: &[&str]) -> Self {
        self.only = Some(providers.iter().map(|&it| it.to_owned()).collect());
        self
    }

    /// Mounts a provider that the library does not know: what its client knows of it, such as the `PROVIDER` of a generated
    /// one, its OpenAPI 3.x document, and its `sandbox.yaml` as JSON, `null` for none.
    #[must_use]
    pub fn provider(mut self, client: &'static Client, openapi: Json, sandbox: Json) -> Self {
        self.extra.push(Source { client, openapi, sandbox });
        self
    }

    /// Accepts this key or token at a provider, and no longer just any.
    #[must_use]
    pub fn accept(mut self, provider: &str, secret: impl Into<String>) -> Self {
        self.of(provider).accepted.values.push(secret.into());
        self
    }

    /// Accepts bearer tokens signed with this secret (HS256) under this key identifier, and no
    /// longer just any.
    #[must_use]
    pub fn accept_signed(
        mut self,
        provider: &str,
        key_id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        self.of(provider).accepted.signing.insert(key_id.into(), secret.into());
        self
    }

    /// Issues tokens to this client of a provider's token endpoint, and no longer to just any.
    #[must_use]
    pub fn accept_client(
        mut self,
        provider: &str,
        id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        self.of(provider).accepted.clients.insert(id.into(), secret.into());
        self
    }

    /// Lets issued tokens live so many seconds.
    #[must_use]
    pub fn token_lifetime(mut self, provider: &str, seconds: u64) -> Self {
        self.of(provider).token_lifetime = Some(seconds);
        self
    }

    /// Answers 429 after so many calls within so many seconds. Without this the vendor's limit is
    /// sent in headers but never enforced.
    #[must_use]
    pub fn rate_limit(mut self, provider: &str, calls: u64, seconds: u64) -> Self {
        self.of(provider).limit = Some(Window { limit: calls, seconds: seconds.max(1) });
        self
    }

    fn of(&mut self, provider: &str) -> &mut Settings {
        self.settings.entry(provider.to_owned()).or_default()
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port cannot be had, a setting names an unknown provider, or a provider's files have
    /// a mistake; the message says where.
    pub async fn start(self) -> io::Result<Sandbox<L>> {
        let Self {
            host,
            port,
            guard,
            patience,
            seed,
            check_answers,
            only,
            extra,
            mut settings,
            library,
        } = self;
        let clock = Arc::new(Clock::default());
        let problems = Arc::new(Mutex::new(Vec::new()));
        let mut sources = Vec::new();
        for embedded in L::PROVIDERS {
            if only.as_ref().is_none_or(|it| it.iter().any(|it| it == embedded.client.name())) {
                sources.push(parse(embedded).map_err(|why| broken(embedded.client.name(), &why))?);
            }
        }
        sources.extend(extra);
        for name in settings.keys().chain(only.iter().flatten()) {
            if !sources.iter().any(|it| it.client.name() == name) {
                let known: Vec<&str> = L::PROVIDERS.iter().map(|it| it.client.name()).collect();
                let why = format!(
                    "there is no provider `{name}` in this build, which has [{}]; is its feature on?",
                    known.join(", ")
                );
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
        }
        let mut providers = Vec::new();
        for source in &sources {
            let settings = settings.remove(source.client.name()).unwrap_or_default();
            providers.push(
                Provider::load(source, settings, seed, &clock, &problems, check_answers)
                    .map_err(|why| broken(source.client.name(), &why))?,
            );
        }
        let address = SocketAddr::from((host, port));
        let listener = TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;
        let mut reached = listener.local_addr()?;
        if reached.ip().is_unspecified() {
            reached.set_ip(match host {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let origin = format!("http://{reached}");
        let shared = Arc::new(Shared {
            origin,
            providers,
            guard,
            faults: Mutex::new(Queue::default()),
            log: Mutex::default(),
            problems,
            clock,
            hasher: RandomState::new(),
            arrivals: watch::Sender::new(0),
            outcomes: watch::Sender::new(()),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(listen(listener, Arc::clone(&shared), patience, stopped));
        Ok(Sandbox { shared, stop: Some(stop), library })
    }
}

fn parse(embedded: &EmbeddedProvider) -> Result<Source, String> {
    let read = |what: &str, text: &str| {
        serde_json::from_str(text).map_err(|error| format!("{what}: {error}"))
    };
    Ok(Source {
        client: embedded.client,
        openapi: read("openapi", embedded.openapi)?,
        sandbox: read("sandbox", embedded.sandbox)?,
    })
}

fn broken(provider: &str, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("sandbox of {provider}: {why}"))
}
