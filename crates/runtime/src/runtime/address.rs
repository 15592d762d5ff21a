//! Addresses that a credential may be sent to: those that the document names, and those that the caller sets.

use std::collections::BTreeMap;

use url::{Host, Url};

use super::provider::{Provider, Server, ServerGroup};
use crate::Error;

/// What the paths of operations are put behind.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) url: Url,
    /// Without a slash at its end.
    pub(crate) text: String,
}

/// The base URLs of a provider's groups of servers.
#[derive(Debug)]
pub(crate) struct Bases {
    /// That of the document's own servers.
    pub(crate) first: Base,
    /// Those of the groups that paths and operations name, in the provider's order.
    others: Vec<Base>,
}

/// What a builder was given of addresses.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    /// Moves all groups that are not set apart.
    pub(crate) base: Option<String>,
    /// The environment variable that holds it, where no method set it.
    pub(crate) variable: Option<&'static str>,
    /// The base URLs of single groups, by the builder method.
    pub(crate) apart: BTreeMap<&'static str, String>,
    /// The values of variables in server URLs, by the builder method.
    pub(crate) variables: BTreeMap<&'static str, String>,
}

impl Bases {
    /// The base URLs, or why one of them cannot be.
    pub(crate) fn new(provider: &Provider, given: &Addresses) -> Result<Self, Error> {
        let mut others = Vec::new();
        for group in provider.groups {
            others.push(of_group(provider, group, given)?);
        }
        let used = provider.operations.iter().any(|it| it.server() == 0);
        let first = match (others.first(), used || provider.operations.is_empty()) {
            // No operation is called at the document's own servers, which may be unknown then.
            (Some(other), false) if given.base.is_none() && provider.servers.is_empty() => {
                other.clone()
            }
            _ => of_document(provider, given)?,
        };
        Ok(Self { first, others })
    }

    /// The base URL of a group, by its number; 0 is the document's own.
    pub(crate) fn of(&self, group: usize) -> &Base {
        group.checked_sub(1).and_then(|it| self.others.get(it)).unwrap_or(&self.first)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Base> {
        [&self.first].into_iter().chain(&self.others)
    }
}

fn base(method: &str, text: &str) -> Result<Base, Error> {
    base_from(&argument_of(method), text)
}

/// The base URL of all groups, as the program or the environment gives it.
fn base_of_all(text: &str, given: &Addresses) -> Result<Base, Error> {
    match given.variable {
        Some(name) => base_from(&format!("`{name}` in the environment"), text),
        None => base("base_url", text),
    }
}

fn base_from(place: &str, text: &str) -> Result<Base, Error> {
    let url = parse_safe_url("base URL", place, text)?;
    let text = url.as_str().trim_end_matches('/').to_owned();
    Ok(Base { url, text })
}

fn of_document(provider: &Provider, given: &Addresses) -> Result<Base, Error> {
    if let Some(text) = &given.base {
        return base_of_all(text, given);
    }
    let text = match (chosen(provider.own, given), provider.servers.first()) {
        (Some(server), _) => filled(server, given)?,
        (None, Some(url)) => (*url).to_owned(),
        (None, None) => {
            let title = provider.title;
            let text = format!("{title} has no default server: call `base_url`");
            return Err(Error::configuration(text));
        }
    };
    base("base_url", &text)
}

fn of_group(provider: &Provider, group: &ServerGroup, given: &Addresses) -> Result<Base, Error> {
    let method = group.method;
    if let Some(text) = given.apart.get(method) {
        return base(method, text);
    }
    if let Some(text) = &given.base {
        return base_of_all(text, given);
    }
    let server = chosen(group.servers, given).ok_or_else(|| {
        Error::configuration(format!(
            "some operations of {} have a server of their own, and no address of it is known: call `{method}`, or \
             `base_url` for all operations",
            provider.title
        ))
    })?;
    base(method, &filled(server, given)?)
}

/// The first server that has all of the variables that were set and that one of the group has.
fn chosen<'a>(servers: &'a [Server], given: &Addresses) -> Option<&'a Server> {
    let has = |server: &Server, method: &str| server.variables.iter().any(|it| it.method == method);
    let set = || given.variables.keys().filter(|it| servers.iter().any(|server| has(server, it)));
    servers.iter().find(|server| set().all(|it| has(server, it))).or(servers.first())
}

/// The address of a server with the values of its variables.
fn filled(server: &Server, given: &Addresses) -> Result<String, Error> {
    let mut url = server.url.to_owned();
    for variable in server.variables {
        let method = variable.method;
        let refuse = |text: String| Err(Error::configuration(text));
        let value = match (given.variables.get(method), variable.default) {
            (Some(given), _) => given.trim(),
            (None, Some(default)) => default,
            (None, None) => {
                return refuse(format!(
                    "the address `{}` needs a value for `{}`: call `.{method}(…)`, or `base_url`",
                    server.url, variable.name
                ));
            }
        };
        let placeholder = format!("{{{}}}", variable.name);
        let (allowed, at) = (variable.values, url.find(&placeholder));
        let documented = allowed.contains(&value) || Some(value) == variable.default;
        if !allowed.is_empty() && !documented {
            let allowed = allowed.join("`, `");
            return refuse(format!("`{method}` takes one of `{allowed}`"));
        }
        let host = url.find("://").map_or(0, |it| it + 3);
        let in_path = at.is_some_and(|at| url.get(host..at).is_some_and(|it| it.contains('/')));
        let fits = |c: char| {
            c.is_ascii_alphanumeric() || "-._~".contains(c) || (in_path && "/%@:+,=".contains(c))
        };
        if !documented && !value.chars().all(fits) {
            return refuse(format!(
                "the value given to `{method}` holds a character that would change the address `{}` beyond its place: \
                 correct it, or call `base_url`",
                server.url
            ));
        }
        url = url.replace(&placeholder, value);
    }
    Ok(url)
}

/// Where a person corrects what a method was given.
pub(crate) fn argument_of(method: &str) -> String {
    format!("the argument of `{method}`")
}

/// A URL that a credential may be sent to; `place` is where to correct it.
pub(crate) fn parse_safe_url(what: &str, place: &str, text: &str) -> Result<Url, Error> {
    let refuse =
        |reason: &str| Error::configuration(format!("the {what} {reason}; correct {place}"));
    let url = Url::parse(text.trim()).map_err(|_| refuse("is not an absolute URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(refuse("is neither https nor http"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(refuse("is http, which would show the credential to the network: use https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("holds a user name or password: use the methods for credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or fragment"));
    }
    Ok(url)
}

/// Whether a URL points to this machine, by its text alone: a name that resolves here may resolve elsewhere tomorrow.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
