//! Servers: the addresses that a document names, as a client can call them, and those that it gives relative to its own.

use crate::{
    document::Document,
    grammar::{Dialect, Kind, walk_mut},
    path::PathTemplate,
    pointer::Pointer,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address, without a trailing slash. Braces hold the names of its variables.
    pub url: String,
    /// When to take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The variables of the address by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Variable>,
}

/// A variable of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// What stands in the address unless a caller says otherwise; without it a caller must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it may be; empty where nothing says.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Server {
    /// The address with the defaults of its variables; one without stands there by its name.
    pub fn filled(&self) -> String {
        let mut url = self.url.clone();
        for (name, variable) in &self.variables {
            let value = variable.default.as_ref().unwrap_or(name);
            url = url.replace(&format!("{{{name}}}"), value);
        }
        url.trim_end_matches('/').to_owned()
    }
}

/// The path of an address, without a trailing slash; empty where it has none.
pub fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// The servers of a list in an OpenAPI 3.0 document that a client can call, each once, and the addresses of the others
/// with their places in the list. An address without a host is taken `beside` another server, where there is one.
pub fn callable(
    list: Option<&Value>,
    beside: Option<&Server>,
) -> (Vec<Server>, Vec<(usize, String)>) {
    let (mut out, mut others): (Vec<Server>, Vec<(usize, String)>) = Default::default();
    for (i, server) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let Some(written) = server.get("url").and_then(Value::as_str) else { continue };
        match read(written.trim(), server, beside) {
            Some(server) if out.iter().any(|it| it.url == server.url) => {}
            Some(server) => out.push(server),
            None => others.push((i, written.to_owned())),
        }
    }
    (out, others)
}

fn read(written: &str, server: &Value, beside: Option<&Server>) -> Option<Server> {
    // Some write a variable as a shell does.
    let mut url = written.replace("${", "{");
    if url.starts_with('/')
        && !url.starts_with("//")
        && let Some(beside) = beside
    {
        let path = beside.url.find("://").map_or(0, |it| it + 3);
        let host = beside.url.get(path..)?.find('/').map_or(beside.url.len(), |it| path + it);
        url = format!("{}{url}", beside.url.get(..host)?);
    }
    let mut variables = BTreeMap::new();
    let names = PathTemplate(&url).checked().map(|it| it.into_iter().map(str::to_owned).collect());
    let names: Vec<String> = names.unwrap_or_default();
    if names.is_empty() {
        // Braces that do not pair cannot stand in an address.
        url = url.replace(['{', '}'], "");
    }
    for name in names {
        // What an address takes from another server comes with its variables.
        let declared = server.get("variables").is_some_and(|it| it.get(&name).is_some());
        let taken = beside.filter(|_| !declared).and_then(|it| it.variables.get(&name).cloned());
        let mut variable = taken.unwrap_or_else(|| variable(server, &name));
        let placeholder = format!("{{{name}}}");
        if url.starts_with(&format!("{placeholder}://")) {
            // Credentials go over nothing but https, and a vendor that lists http serves https as well.
            let loopback = variable.default.as_deref().filter(|it| *it == "http");
            url = url.replacen(&placeholder, loopback.unwrap_or("https"), 1);
        }
        if !url.contains(&placeholder) {
            continue;
        }
        let whole = variable.default.as_ref().filter(|it| it.contains("://"));
        if let Some(whole) = whole.filter(|_| url.starts_with(&placeholder)) {
            url = url.replacen(&placeholder, whole, 1);
            continue;
        }
        let host = url.find("://").map_or(0, |it| it + 3);
        let at = url.find(&placeholder).unwrap_or_default();
        let in_path = url.get(host..at).is_some_and(|it| it.contains('/'));
        if !in_path && variable.default.as_deref() == Some("") {
            variable.default = None;
        }
        variables.insert(name, variable);
    }
    let described = server.get("description").and_then(Value::as_str);
    let description = described.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut out = Server { url, description, variables };
    let safe = absolute(&out.filled())?;
    out.url = match out.variables.is_empty() {
        true => safe,
        false => template(&out.url, safe.starts_with("http://")),
    };
    Some(out)
}

fn variable(server: &Value, name: &str) -> Variable {
    let declared = server.get("variables").and_then(|it| it.get(name));
    let text = |value: &Value| match value {
        Value::String(it) => Some(it.clone()),
        Value::Number(it) => Some(it.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        _ => None,
    };
    let get = |key: &str| declared.and_then(|it| it.get(key));
    let values = get("enum").and_then(Value::as_array).into_iter().flatten();
    let values: Vec<String> = values.filter_map(text).collect();
    let default = get("default").and_then(text).or_else(|| values.first().cloned());
    let description = get("description").and_then(text).filter(|it| !it.trim().is_empty());
    Variable { default, values, description }
}

/// An address with variables, made safe as [`absolute`] does it with one that has none.
fn template(url: &str, http: bool) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.trim_start_matches('/').split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or(host);
    let scheme = if http { "http" } else { "https" };
    format!("{scheme}://{host}{}", path.trim_end_matches('/'))
}

/// The address with a scheme and a host, https unless it is this machine, without a trailing slash; nothing where it
/// is relative or of another kind.
fn absolute(url: &str) -> Option<String> {
    if is_relative(url) {
        return None;
    }
    let url = match url {
        it if it.starts_with("//") => format!("https:{it}"),
        it if it.contains("://") => it.to_owned(),
        it => format!("https://{it}"),
    };
    let mut parsed = Url::parse(&url).ok()?;
    let local = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if parsed.scheme() == "http" && !local {
        let _ = parsed.set_scheme("https");
    }
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return None;
    }
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.set_query(None);
    parsed.set_fragment(None);
    Some(parsed.as_str().trim_end_matches('/').to_owned())
}

/// Whether a server's URL has neither scheme nor host, so that it only means something beside the document's own.
pub fn is_relative(url: &str) -> bool {
    let url = url.trim();
    let first = url.split('/').next().unwrap_or(url);
    // `api.example.com/v1` lacks a scheme but means a host; a variable may stand for all of it.
    let host = first.contains([':', '{']) || first.contains('.') && !first.starts_with('.');
    !(host || url.starts_with("//") || first == "localhost")
}

/// Whether a server's URL names a protocol other than HTTP.
pub fn is_foreign(url: &str) -> bool {
    let scheme = url.trim().split_once("://").map(|it| it.0.to_ascii_lowercase());
    scheme.is_some_and(|it| !matches!(it.as_str(), "http" | "https") && !it.contains('{'))
}

/// Makes the addresses of servers absolute, for a document that was fetched: `join` resolves one against the
/// document's address. Without a server OpenAPI 3 means `/`, and Swagger 2.0 the host of the document.
pub fn resolve(document: &mut Document, join: &dyn Fn(&str) -> Option<String>) {
    let dialect = Dialect::of(&document.root);
    let Some(root) = document.root.as_object_mut() else { return };
    match dialect {
        Dialect::Swagger2 => host(root, join),
        Dialect::OpenApi3 => {
            let named =
                root.get("servers").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
            if let Some(url) = join("/").filter(|_| !named) {
                root.insert("servers".to_owned(), json!([{ "url": url }]));
            }
        }
    }
    walk_mut(&mut document.root, dialect.root(), &Pointer::ROOT, &mut |node, kind, _| {
        if kind != Kind::Server {
            return;
        }
        let url = node.get("url").and_then(Value::as_str).filter(|it| is_relative(it));
        if let Some(url) = url.and_then(join) {
            node["url"] = Value::String(url);
        }
    });
}

fn host(root: &mut Map<String, Value>, join: &dyn Fn(&str) -> Option<String>) {
    let named = root.get("host").and_then(Value::as_str).is_some_and(|it| !it.trim().is_empty());
    if named {
        return;
    }
    let Some(url) = join("/") else { return };
    let Some((scheme, host)) = url.split_once("://") else { return };
    let host = host.split('/').next().unwrap_or(host);
    root.insert("host".to_owned(), json!(host));
    root.entry("schemes").or_insert_with(|| json!([scheme]));
}
