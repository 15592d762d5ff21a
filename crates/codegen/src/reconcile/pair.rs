//! Lines up the operations of an SDK's list with those of a document, by verb and path shape.

use crate::{provider::Provider, sdk::SdkOperation};
use conversations_document::{
    Document, PathTemplate,
    lookup::{self, Found},
};
use serde_json::Value;

/// A document's operations by shape.
pub(super) struct Index {
    pub(super) operations: Vec<Found>,
    bases: Vec<String>,
}

impl Index {
    pub(super) fn new(document: &Document, provider: &Provider) -> Self {
        let servers = document.root.get("servers").and_then(Value::as_array);
        let mut bases: Vec<String> = servers
            .into_iter()
            .flatten()
            .filter_map(|it| it.get("url")?.as_str())
            .chain(provider.servers.iter().map(|it| it.url.as_str()))
            .chain(lookup::text(&document.root, "", "basePath"))
            .map(base)
            .filter(|it| !it.is_empty())
            .collect();
        bases.sort();
        bases.dedup();
        Self { operations: lookup::operations(&document.root), bases }
    }

    /// The operation of the same verb and shape; the base path of a server may be in either path.
    pub(super) fn find(&self, verb: &str, path: &str) -> Option<&Found> {
        let same_verb = || self.operations.iter().filter(|it| it.verb.eq_ignore_ascii_case(verb));
        let wanted = shape(path);
        same_verb().find(|it| shape(&it.path) == wanted).or_else(|| {
            self.bases.iter().find_map(|base| {
                same_verb().find(|it| {
                    format!("{base}{}", shape(&it.path)) == wanted
                        || shape(&it.path) == format!("{base}{wanted}")
                })
            })
        })
    }

    /// The operations nearest to one that was not found.
    pub(super) fn near(&self, operation: &SdkOperation) -> Vec<&Found> {
        let wanted = shape(&operation.path);
        // The right path with another verb says most.
        let mut near: Vec<&Found> =
            self.operations.iter().filter(|it| shape(&it.path) == wanted).collect();
        let names: Vec<(String, &Found)> = self
            .operations
            .iter()
            .map(|it| (format!("{} {}", it.verb, shape(&it.path)), it))
            .collect();
        let name = format!("{} {wanted}", operation.method);
        for found in
            conversations_document::suggest::nearest(&name, names.iter().map(|it| it.0.as_str()), 3)
        {
            for (_, it) in names.iter().filter(|it| it.0 == found) {
                if !near.contains(it) {
                    near.push(it);
                }
            }
        }
        near.truncate(3);
        near
    }
}

/// A path with every placeholder empty and no slash at its end.
pub(super) fn shape(path: &str) -> String {
    PathTemplate(path.trim_end_matches('/')).shape()
}

/// The path of a server's address.
fn base(url: &str) -> String {
    let rest =
        url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    shape(rest.split(['?', '#']).next().unwrap_or_default())
}
