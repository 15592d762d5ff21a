//! The client and its builder.

use super::rust::{doc, ident};
use crate::{
    names,
    normalize::{
        plan::{Choice, Plan, ServerGroup, VariablePlan},
        prose,
    },
    provider::{Auth, Credential, Provider, Server},
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

/// The client, its builder, and the values that its setters take.
pub(super) fn items(plan: &Plan, provider: &Provider) -> Vec<Item> {
    let mut out = client(plan, provider);
    out.extend(choices(plan));
    out
}

fn client(plan: &Plan, provider: &Provider) -> Vec<Item> {
    let title = &provider.title;
    let about = doc(&format!(
        "A client for {title}. Cheap to clone; clones share connections, rate limits and the retry budget."
    ));
    let about_builder = doc(&format!("Settings of a [`Client`] for {title}."));
    let servers = doc(&server_docs(&provider.servers));
    let methods = provider.auth.iter().map(auth_method);
    let mut default = default_docs(provider.servers.first());
    if !plan.groups.is_empty() {
        let apart: Vec<String> = plan.groups.iter().map(|it| format!("`{}`", it.method)).collect();
        default.push_str(&format!(
            " It moves all operations, those included whose servers are others, unless {} sets them apart.",
            apart.join(" or ")
        ));
    }
    let base = doc(&format!("The base URL. {default} Only https, except to loopback hosts."));
    let groups = plan.groups.iter().enumerate().map(|(i, it)| group_method(plan, i + 1, it));
    let variables = plan.variables.iter().map(variable_method);
    let header = header_method(plan, provider);
    let from_env = environment_method(provider);
    let fetches_tokens =
        provider.auth.iter().any(|it| it.credential == Credential::ClientCredentials);
    let token_url = fetches_tokens.then(|| quote! {
        /// Where tokens are fetched, instead of the vendor's address. Only https, except to loopback hosts.
        pub fn token_url(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.inner = self.inner.token_url(url);
            self
        }
    });
    let file: syn::File = parse_quote! {
        #about
        #[derive(Clone, Debug)]
        pub struct Client {
            core: ::conversations_runtime::runtime::Core,
        }
        impl Client {
            /// Starts a client: give it a credential, change what you need, build it.
            pub fn builder() -> ClientBuilder {
                ClientBuilder { inner: ::conversations_runtime::runtime::Builder::new(&PROVIDER) }
            }
            /// A client with the credentials that the environment has: [`ClientBuilder::from_env`], built.
            ///
            /// # Errors
            /// As [`ClientBuilder::build`].
            pub fn from_env() -> ::std::result::Result<Self, ::conversations_runtime::Error> {
                ClientBuilder::from_env().build()
            }
            /// The base URL that requests go to.
            pub fn base_url(&self) -> &str {
                self.core.base_url()
            }
            /// The state of the rate limit as of the last answer; `None` before the first answer.
            pub fn rate_limit(&self) -> ::std::option::Option<::conversations_runtime::RateLimit> {
                self.core.rate_limit()
            }
            /// A call that the document does not list, with the same credentials, limits and errors.
            ///
            /// `path` is taken below the base URL. Such a call is repeated like any other of its method; see
            /// [`RawCall`](::conversations_runtime::RawCall).
            pub fn request(&self, method: ::conversations_runtime::runtime::Method, path: &str) -> ::conversations_runtime::runtime::RawCall {
                self.core.request(method, path)
            }
        }
        #about_builder
        #[derive(Debug)]
        #[must_use = "a builder does nothing until it is built"]
        pub struct ClientBuilder {
            inner: ::conversations_runtime::runtime::Builder,
        }
        impl ClientBuilder {
            #from_env
            #(#methods)*
            #base
            ///
            #servers
            pub fn base_url(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.inner = self.inner.base_url(url);
                self
            }
            #(#groups)*
            #(#variables)*
            #header
            /// How long connecting may take. Default 5 seconds.
            pub fn connect_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.inner = self.inner.connect_timeout(timeout);
                self
            }
            /// How long one attempt may take, from connecting to the last byte. Default 30 seconds.
            pub fn attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.inner = self.inner.attempt_timeout(timeout);
                self
            }
            /// How long a whole call may take, waits and repetitions included. Default 60 seconds.
            pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.inner = self.inner.deadline(deadline);
                self
            }
            /// How failed calls are repeated. Default: up to 3 attempts, and only where nothing can be done twice.
            pub fn retry(mut self, policy: ::conversations_runtime::RetryPolicy) -> Self {
                self.inner = self.inner.retry(policy);
                self
            }
            /// The largest body that is read, in bytes. Default 8 MiB.
            pub fn max_body_bytes(mut self, bytes: usize) -> Self {
                self.inner = self.inner.max_body_bytes(bytes);
                self
            }
            /// How many requests may be in flight at once; further ones wait their turn. 0 lifts the bound. Default: what the vendor
            /// allows.
            pub fn concurrency(mut self, requests: usize) -> Self {
                self.inner = self.inner.concurrency(requests);
                self
            }
            /// Whether a call waits for the rate limit to reset instead of spending itself on a 429. Default: no.
            ///
            /// The call's deadline and `max_server_wait` of its policy bound the wait; beyond them it fails without being sent.
            pub fn wait_for_rate_limit(mut self, wait: bool) -> Self {
                self.inner = self.inner.wait_for_rate_limit(wait);
                self
            }
            /// The `User-Agent` header.
            pub fn user_agent(mut self, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.inner = self.inner.user_agent(value);
                self
            }
            /// Changes the `reqwest` client that is made for this client: proxies, certificates, an address family.
            ///
            /// The function gets a builder with this crate's settings and returns it with its own. It may be called again later:
            /// a connection on which an attempt timed out is left, together with the others of its pool. Redirects, referers and
            /// repetitions by `reqwest` itself stay off.
            pub fn configure_http(
                mut self,
                configure: impl Fn(::conversations_runtime::runtime::HttpClientBuilder) -> ::conversations_runtime::runtime::HttpClientBuilder
                    + ::std::marker::Send + ::std::marker::Sync + 'static,
            ) -> Self {
                self.inner = self.inner.configure_http(configure);
                self
            }
            /// Sends through a finished `reqwest` client, such as one that other parts of a program share. Else prefer
            /// [`configure_http`](Self::configure_http).
            ///
            /// Its redirect policy cannot be seen from here: build it with `redirect::Policy::none()` and `referer(false)`.
            /// An answer that came from another origin is refused. For HTTP/2 give it `http2_keep_alive_interval` and
            /// `http2_keep_alive_timeout`: a silent connection of a finished client can only be closed by itself.
            pub fn http_client(mut self, client: ::conversations_runtime::runtime::HttpClient) -> Self {
                self.inner = self.inner.http_client(client);
                self
            }
            #token_url
            /// Builds the client.
            ///
            /// # Errors
            /// Where no operation can be called with the credentials that were given, an address is not https (loopback
            /// excepted), or TLS cannot start.
            pub fn build(self) -> ::std::result::Result<Client, ::conversations_runtime::Error> {
                Ok(Client { core: self.inner.build()? })
            }
        }
    };
    file.items
}

/// Where calls go by default.
fn default_docs(server: Option<&Server>) -> String {
    match server {
        None => "Must be set: the document does not say where the API is.".to_owned(),
        Some(server) if server.variables.values().any(|it| it.default.is_none()) => {
            format!("Default: `{}`, once its variables are set.", server.url)
        }
        Some(server) => format!("Default: `{}`.", server.filled()),
    }
}

/// The setter that sets a group of servers apart.
fn group_method(plan: &Plan, number: usize, group: &ServerGroup) -> TokenStream {
    /// More would be no help to anybody.
    const SHOWN: usize = 6;
    let (method, name) = (ident(&group.method), &group.method);
    let called: Vec<String> = plan
        .operations
        .iter()
        .filter(|it| it.server == number)
        .map(|it| format!("[`{0}`](Client::{0})", names::escape(&it.name)))
        .collect();
    let more = match called.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let shown: Vec<&str> = called.iter().take(SHOWN).map(String::as_str).collect();
    let default = default_docs(group.servers.first());
    let about = doc(&format!(
        "The base URL of the operations that have servers of their own: {}{more}. {default} Without it `base_url` moves \
         them too.",
        shown.join(", ")
    ));
    let servers = doc(&server_docs(&group.servers));
    quote! {
        #about
        ///
        #servers
        pub fn #method(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.inner = self.inner.group_url(#name, url);
            self
        }
    }
}

/// The setter of a variable in server addresses.
fn variable_method(variable: &VariablePlan) -> TokenStream {
    let (method, name) = (ident(&variable.method), &variable.method);
    let listed = |texts: Vec<&String>| {
        let mut shown: Vec<String> = texts.into_iter().map(|it| format!("`{it}`")).collect();
        shown.dedup();
        shown.join(", ")
    };
    let mut about = format!("Sets `{}` in the address of the server.", variable.name);
    for text in variable.variants.iter().filter_map(|it| it.description.as_ref()).take(1) {
        about.push_str(&format!(" {}", prose::doc(text)));
    }
    let values = listed(variable.variants.iter().flat_map(|it| &it.values).collect());
    let differ = variable.variants.iter().any(|it| it.values != variable.variants[0].values);
    if variable.choice.is_none() && !values.is_empty() {
        about.push_str(&format!("\n\nOne of {values}; `build` refuses others."));
    } else if differ {
        about
            .push_str("\n\n`build` refuses a value that the server which is called does not have.");
    }
    match listed(variable.variants.iter().filter_map(|it| it.default.as_ref()).collect()).as_str() {
        "" => about.push_str("\n\nIt must be set, or the base URL as a whole."),
        default => {
            about.push_str(&format!("\n\nDefault: {default}. A base URL that is set counts more."))
        }
    }
    let about = doc(&about);
    let (takes, value) = match &variable.choice {
        Some(choice) => {
            let own = ident(&choice.name);
            (quote!(servers::#own), quote!(value.as_str()))
        }
        None => (quote!(impl ::std::convert::Into<::std::string::String>), quote!(value)),
    };
    quote! {
        #about
        pub fn #method(mut self, value: #takes) -> Self {
            self.inner = self.inner.server_variable(#name, #value);
            self
        }
    }
}

/// The enums of variables in server addresses; nothing where there are none.
fn choices(plan: &Plan) -> Option<Item> {
    let mut enums = Vec::new();
    for variable in &plan.variables {
        let Some(Choice { name, values }) = &variable.choice else { continue };
        let (own, method) = (ident(name), names::escape(&variable.method));
        let about = doc(&format!(
            "What [`{method}`](super::ClientBuilder::{method}) takes. What is not listed is reached by `base_url`."
        ));
        let words: Vec<&str> = values.iter().map(|(word, _)| word.as_str()).collect();
        let docs = words.iter().map(|word| doc(&format!("`{}`", word.replace('`', "'"))));
        let variants: Vec<_> = values.iter().map(|(_, variant)| ident(variant)).collect();
        enums.push(quote! {
            #about
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #own { #(#docs #variants,)* }
            impl #own {
                /// All values, in the order of the document.
                pub const ALL: &'static [Self] = &[#(Self::#variants),*];
                /// The value as it stands in the address.
                pub const fn as_str(self) -> &'static str {
                    match self { #(Self::#variants => #words,)* }
                }
            }
        });
    }
    (!enums.is_empty()).then(|| {
        parse_quote! {
            /// The values of variables in the addresses of servers.
            pub mod servers { #(#enums)* }
        }
    })
}

/// The way for credentials that no other setter takes.
fn header_method(plan: &Plan, provider: &Provider) -> TokenStream {
    let unspoken = unspoken(plan, provider);
    let when = match unspoken.as_slice() {
        [] if provider.auth.is_empty() => {
            "The document names no security scheme: it goes along with every call.".to_owned()
        }
        [] => {
            "It stands for the credential whose header it is, where an operation accepts that one."
                .to_owned()
        }
        names => {
            let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
            format!(
                "It goes along with the operations that accept {}, for which there is no other method. Where a scheme \
                 asks for a certificate, [`configure_http`](Self::configure_http) takes it.",
                names.join(", ")
            )
        }
    };
    let about = doc(&format!(
        "Authenticates with a header of this name and value, both as the server asks for them. {when} It is kept like every \
         credential: it never prints, and goes to the servers of those operations only."
    ));
    quote! {
        #about
        pub fn header(
            mut self,
            name: impl ::std::convert::Into<::std::string::String>,
            secret: impl ::std::convert::Into<::std::string::String>,
        ) -> Self {
            self.inner = self.inner.header(name, secret.into());
            self
        }
    }
}

/// The schemes that operations accept and no other method of the builder serves.
pub(crate) fn unspoken<'a>(plan: &'a Plan, provider: &Provider) -> Vec<&'a str> {
    let accepted = plan.operations.iter().flat_map(|it| &it.security).flatten().flatten();
    let mut names: Vec<&str> = accepted
        .map(|(name, _)| name.as_str())
        .filter(|name| provider.auth.iter().all(|it| it.scheme != *name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn server_docs(servers: &[Server]) -> String {
    if servers.len() < 2 {
        return String::new();
    }
    let mut text = String::from("The vendor's servers:\n");
    for server in servers {
        text.push_str(&format!(
            "- `{}` {}\n",
            server.url,
            server.description.as_deref().unwrap_or_default()
        ));
    }
    text
}

fn auth_method(auth: &Auth) -> TokenStream {
    let method = ident(&names::snake(&auth.method));
    let name = &auth.method;
    let scheme = &auth.scheme;
    let about = match auth.credential {
        Credential::Key => "Authenticates with a key",
        Credential::Bearer => "Authenticates with a bearer token",
        Credential::Basic => "Authenticates with a user name and password",
        Credential::ClientCredentials => {
            "Authenticates with a client id and secret, which are exchanged for tokens that are kept and renewed"
        }
        Credential::JwtHs256 => {
            "Authenticates with short-lived tokens that the client signs with a key id and secret"
        }
    };
    let more = auth.about.as_ref().map(|it| format!(" {}", prose::doc(it))).unwrap_or_default();
    let about = doc(&format!("{about} (the document's scheme `{scheme}`).{more} It never prints."));
    match auth.credential.pair() {
        None => quote! {
            #about
            pub fn #method(mut self, secret: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.inner = self.inner.secret(#name, secret.into());
                self
            }
        },
        Some([first, second]) => {
            let (first, second) = (ident(first), ident(second));
            quote! {
                #about
                pub fn #method(
                    mut self,
                    #first: impl ::std::convert::Into<::std::string::String>,
                    #second: impl ::std::convert::Into<::std::string::String>,
                ) -> Self {
                    self.inner = self.inner.pair(#name, #first, #second.into());
                    self
                }
            }
        }
    }
}

/// The credentials that the builder takes from the environment.
fn environment_method(provider: &Provider) -> TokenStream {
    let base = provider.variable("base_url");
    let lookups = provider.auth.iter().map(|auth| (&auth.method, provider.variables(auth)));
    let listed: Vec<String> = lookups
        .clone()
        .map(|(method, names)| {
            let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
            format!("| `{method}` | {} |", names.join(", "))
        })
        .collect();
    let about = doc(&format!(
        "Starts with what the environment has; an empty variable counts as unset, and a method called afterwards counts more.\n\n\
         | in place of | variables |\n|---|---|\n{}| `base_url` | `{base}` |\n\n\
         [`build`](Self::build) says which variables are missing.",
        listed.iter().map(|it| format!("{it}\n")).collect::<String>()
    ));
    let lookups = lookups.map(|(method, names)| quote!((#method, &[#(#names),*])));
    quote! {
        #about
        pub fn from_env() -> Self {
            Self { inner: Client::builder().inner.environment(&[#(#lookups),*], #base) }
        }
    }
}
