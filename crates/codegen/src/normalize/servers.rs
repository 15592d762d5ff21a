//! Which servers operations are called at: the document's own, and groups that paths and operations name instead.

use super::{
    plan::{Choice, ServerGroup, VariablePlan},
    schema::variants_of,
};
use crate::{
    names::{self, Scope},
    provider::{BUILDER_METHODS, Provider, Server},
};
use conversations_document::servers::{Variable, callable};
use serde_json::Value;
use std::collections::BTreeMap;

/// The groups met so far.
pub(super) struct Groups {
    /// The document's own servers, as it writes them.
    own: Vec<Server>,
    /// The others, each once, with the addresses that cannot be called.
    others: Vec<(Vec<Server>, Vec<String>)>,
}

impl Groups {
    pub(super) fn new(root: &Value) -> Self {
        Self { own: callable(root.get("servers"), None).0, others: Vec::new() }
    }

    /// The number of the group that an operation is called at; 0 is the document's own. Beside it what cannot be called.
    pub(super) fn of(&mut self, operation: &Value) -> (usize, Vec<(usize, String)>) {
        let Some(list) = operation.get("servers") else { return (0, Vec::new()) };
        let (servers, unknown) = callable(Some(list), self.own.first());
        if !servers.is_empty() && servers == self.own {
            return (0, unknown);
        }
        let addresses = unknown.iter().map(|it| it.1.clone()).collect();
        let group = (servers, addresses);
        let at = self.others.iter().position(|it| *it == group).unwrap_or_else(|| {
            self.others.push(group);
            self.others.len() - 1
        });
        (at + 1, unknown)
    }

    /// The groups and the variables of all addresses, with the builder methods that set them.
    pub(super) fn named(self, provider: &Provider) -> (Vec<ServerGroup>, Vec<VariablePlan>) {
        let mut taken = Scope::reserving(BUILDER_METHODS);
        for auth in &provider.auth {
            taken.claim(names::snake(&auth.method));
        }
        let mut variables: BTreeMap<String, VariablePlan> = BTreeMap::new();
        let servers = provider.servers.iter().chain(self.others.iter().flat_map(|it| &it.0));
        for (name, variable) in servers.flat_map(|it| &it.variables) {
            let known = variables.entry(name.clone()).or_insert_with(|| VariablePlan {
                name: name.clone(),
                method: taken.claim(names::snake(name)),
                variants: Vec::new(),
                choice: None,
            });
            if !known.variants.contains(variable) {
                known.variants.push(variable.clone());
            }
        }
        let mut types = Scope::default();
        for (name, variable) in &mut variables {
            let values = listed(&variable.variants);
            variable.choice = values.map(|values| Choice {
                name: types.claim(names::type_name(name)),
                values: variants_of(values),
            });
        }
        let own = provider.servers.first();
        let groups = self.others.into_iter().map(|(servers, _)| {
            let label = names::snake(&label(servers.first(), own));
            ServerGroup { method: taken.claim(format!("{label}_url")), servers }
        });
        (groups.collect(), variables.into_values().collect())
    }
}

/// The values of a variable that is always listed, and never asked for.
fn listed(variants: &[Variable]) -> Option<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    for Variable { default, values, description: _ } in variants {
        let default = default.as_ref().filter(|_| !values.is_empty())?;
        for value in values.iter().chain([default]) {
            if !out.contains(value) {
                out.push(value.clone());
            }
        }
    }
    Some(out)
}

/// What a person would call a group of servers: by what of its host distinguishes it from the document's own, else by its
/// description, else by its path.
fn label(server: Option<&Server>, own: Option<&Server>) -> String {
    /// A name and not a sentence.
    const SHORT: usize = 30;
    let Some(server) = server else { return "operations".to_owned() };
    let parts = |it: &Server| -> (Vec<String>, Vec<String>) {
        let rest = it.url.split_once("://").map_or(it.url.as_str(), |(_, rest)| rest).to_owned();
        let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
        let host = host.split(':').next().unwrap_or(host);
        let own = |it: &str, at: char| it.split(at).map(str::to_owned).collect();
        (own(host, '.'), own(path, '/'))
    };
    let (host, path) = parts(server);
    let (own_host, own_path) = own.map(parts).unwrap_or_default();
    let same = host.iter().rev().zip(own_host.iter().rev()).take_while(|(a, b)| a == b).count();
    // Of another domain the last part says nothing.
    let kept = host.len().saturating_sub(same.max(1));
    let plain = |it: &&String| !it.contains('{') && !it.is_empty() && *it != "www";
    let distinct: Vec<&str> = host.iter().take(kept).filter(plain).map(String::as_str).collect();
    if !distinct.is_empty() && host != own_host {
        return distinct.join("_").chars().take(SHORT).collect();
    }
    let described = server.description.as_deref().filter(|it| !it.is_empty() && it.len() <= SHORT);
    if let Some(text) = described {
        return text.to_owned();
    }
    let distinct: Vec<&str> =
        path.iter().filter(|it| !own_path.contains(it)).filter(plain).map(String::as_str).collect();
    match distinct.is_empty() {
        // The same host, and less of a path.
        true => "root".to_owned(),
        false => distinct.join("_").chars().take(SHORT).collect(),
    }
}
