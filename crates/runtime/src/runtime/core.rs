//! What all clones of a client share, and the builder that makes it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::address::{Addresses, Bases, is_loopback};
use super::auth::{Authenticator, Given};
use super::clock::{Clock, Machine};
use super::endpoint::Endpoint;
use super::environment::{self, Variables};
use super::headers::Names;
use super::limits::Limits;
use super::provider::Provider;
use super::settings::Settings;
use super::transport::{Configure, Http, Recipe, TLS};
use crate::credential::Credential;
use crate::redact::Redactor;
use crate::{Error, RateLimit, RetryPolicy};

/// The shared inside of a client. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Core {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) auth: Authenticator,
    pub(crate) limits: Limits,
}

impl Deref for Shared {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("provider", &self.shared.provider.name)
            .field("base_url", &self.shared.base().text)
            .field("auth", &self.shared.auth)
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

impl Core {
    /// The provider's data.
    #[must_use]
    pub fn provider(&self) -> &'static Provider {
        self.shared.provider
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base().text
    }

    /// The state of the rate limit after the last answer, where the vendor sends it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.shared.limits.state()
    }
}

/// Collects the settings of a client.
pub struct Builder {
    provider: &'static Provider,
    addresses: Addresses,
    token_url: Option<String>,
    user_agent: Option<String>,
    http: Option<reqwest::Client>,
    configure: Option<Arc<Configure>>,
    credentials: BTreeMap<&'static str, Credential>,
    /// Credentials by the header that carries them, whatever the document says of it.
    headers: Vec<Credential>,
    /// The environment variables that were looked at for credentials.
    looked_for: Vec<&'static [&'static str]>,
    /// What is wrong with the environment, by the method whose call makes up for it.
    faults: Vec<(&'static str, String)>,
    settings: Settings,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers = self.headers.iter().map(|it| it.name.as_str());
        let credentials: Vec<_> = self.credentials.keys().copied().chain(headers).collect();
        f.debug_struct("ClientBuilder")
            .field("provider", &self.provider.name)
            .field("credentials", &credentials)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// A builder with the defaults.
    #[must_use]
    pub fn new(provider: &'static Provider) -> Self {
        Self {
            provider,
            addresses: Addresses::default(),
            token_url: None,
            user_agent: None,
            http: None,
            configure: None,
            credentials: BTreeMap::new(),
            headers: Vec::new(),
            looked_for: Vec::new(),
            faults: Vec::new(),
            settings: Settings {
                connect_timeout: Duration::from_secs(5),
                attempt_timeout: Duration::from_secs(30),
                deadline: Duration::from_secs(60),
                retry: RetryPolicy::default(),
                max_body_bytes: 8 * 1024 * 1024,
                concurrency: provider.concurrency,
                wait_for_rate_limit: false,
            },
            clock: Arc::new(Machine),
        }
    }

    /// The server and the path before the operations' paths. https only, except to loopback hosts.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.addresses.base = Some(url.into());
        self.addresses.variable = None;
        self
    }

    /// The base URL of the group of servers that has this builder method.
    #[must_use]
    pub fn group_url(mut self, method: &'static str, url: impl Into<String>) -> Self {
        self.addresses.apart.insert(method, url.into());
        self
    }

    /// The value of the server variable that has this builder method.
    #[must_use]
    pub fn server_variable(mut self, method: &'static str, value: impl Into<String>) -> Self {
        self.addresses.variables.insert(method, value.into());
        self
    }

    /// Where client-credential tokens are fetched, in place of the vendor's own address.
    #[must_use]
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = Some(url.into());
        self
    }

    /// The time to connect, TLS included. Default 5 s. It has no effect on a client given by
    /// [`http_client`](Self::http_client).
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// The time for one attempt, from connecting to the last byte of the body. Default 30 s.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// The time for a whole call, waits and repetitions included. Default 60 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// How calls are repeated.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// The longest body that is read, in bytes. Default 8 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_body_bytes = bytes;
        self
    }

    /// How many requests may be in flight at once; further ones wait their turn. 0 is unlimited. The default is what the
    /// vendor allows.
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.settings.concurrency = (requests > 0).then_some(requests);
        self
    }

    /// Whether calls wait while the vendor's rate limit is known to be used up, in place of being sent and refused. The
    /// deadline of the call bounds the wait. Default `false`.
    #[must_use]
    pub fn wait_for_rate_limit(mut self, wait: bool) -> Self {
        self.settings.wait_for_rate_limit = wait;
        self
    }

    /// The `User-Agent` header. Default `conversations/` and the version of this crate.
    #[must_use]
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = Some(text.into());
        self
    }

    /// Changes the HTTP client that is made for this client: a proxy, private certificates, an address family. The
    /// function gets a builder with this crate's settings and returns it with its own; it may be called again later, as a
    /// connection that went silent is left with all others of its pool. Redirects, referers and repetitions by reqwest
    /// itself stay off.
    #[must_use]
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }

    /// An HTTP client of your own, where [`configure_http`](Self::configure_http) is not enough: one that other parts of a
    /// program share.
    ///
    /// Its redirect policy should be `reqwest::redirect::Policy::none()`: with another the credential may reach whatever a
    /// redirect names, before this crate can see it. An answer that came by a redirect is refused afterwards. Its own
    /// timeouts apply beside those of this builder. For HTTP/2 it should have `http2_keep_alive_interval` and
    /// `http2_keep_alive_timeout`: this crate can leave a silent connection only of a client that it made itself.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// A single secret for the `auth` entry of this method.
    #[must_use]
    pub fn secret(mut self, method: &'static str, secret: impl Into<SecretString>) -> Self {
        self.credentials.insert(method, Credential::given(String::new(), secret));
        self
    }

    /// A pair of name and secret for the `auth` entry of this method.
    #[must_use]
    pub fn pair(
        mut self,
        method: &'static str,
        name: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        self.credentials.insert(method, Credential::given(name, secret));
        self
    }

    /// A credential in a header, where no other method sends what the server asks for.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        let name = name.into();
        self.headers.retain(|it| !it.name.eq_ignore_ascii_case(&name));
        self.headers.push(Credential::given(name, secret));
        self
    }

    /// Takes from the environment each credential and the base URL. An empty variable counts as unset; what is set later
    /// counts more.
    #[must_use]
    pub fn environment(
        self,
        credentials: &[(&'static str, &'static [&'static str])],
        base_url: &'static str,
    ) -> Self {
        self.variables(credentials, base_url, |name| std::env::var_os(name))
    }

    pub(super) fn variables(
        mut self,
        credentials: &[Variables],
        base_url: &'static str,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let found = environment::read(credentials, base_url, lookup);
        self.credentials.extend(found.credentials);
        if let Some(url) = found.base_url {
            self.addresses.base = Some(url);
            self.addresses.variable = Some(base_url);
        }
        self.looked_for = found.looked_for;
        self.faults = found.faults;
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// Where a credential is missing or cannot stand in a header, the base URL is unsafe or needs TLS that is not built in,
    /// or TLS cannot be set up.
    pub fn build(self) -> Result<Core, Error> {
        let name = self.provider.name;
        self.made().map_err(|error| error.with_provider(name))
    }

    fn made(self) -> Result<Core, Error> {
        let Self {
            provider,
            addresses,
            token_url,
            user_agent,
            http,
            configure,
            credentials,
            headers,
            looked_for,
            faults,
            settings,
            clock,
        } = self;
        let set = |method: &str| match method {
            "base_url" => addresses.base.is_some(),
            method => credentials.contains_key(method),
        };
        if let Some((_, fault)) = faults.into_iter().find(|(method, _)| !set(method)) {
            return Err(Error::configuration(fault));
        }
        let bases = Bases::new(provider, &addresses)?;
        let redactor = Arc::new(Redactor::new(credentials.values().chain(&headers)));
        let given = Given {
            credentials,
            headers,
            // A certificate, or headers that its owner set.
            by_http_client: http.is_some() || configure.is_some(),
            token_url,
            looked_for,
        };
        let auth = Authenticator::new(provider, given, &bases.first.url)?;
        let http = match http {
            Some(client) => Http::given(client),
            None => {
                let plain = bases.all().all(|it| it.url.scheme() == "http") && !auth.speaks_tls();
                if !plain && !TLS && configure.is_none() {
                    let text = "https needs TLS: switch on the feature `rustls` or `native-tls` of this crate, or give a \
                                client that has it to `http_client`";
                    return Err(Error::configuration(text));
                }
                let loopback = bases.all().any(|it| is_loopback(&it.url));
                Http::made(Recipe::new(&settings, user_agent, loopback, plain, configure))?
            }
        };
        let limits = Limits::new(&settings);
        let names = Names::of(provider);
        let endpoint = Endpoint { provider, bases, names, http, settings, redactor, clock };
        let shared = Shared { endpoint: Arc::new(endpoint), auth, limits };
        Ok(Core { shared: Arc::new(shared) })
    }
}
