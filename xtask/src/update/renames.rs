//! Operations that are elsewhere now: a comparison by path would call each of them removed and added, and
//! say nothing of what else changed.

use super::correspondence::{self, Operation};
use conversations_codegen::surface::Surface;
use conversations_diff::{Change, Comparison, Reached, Rule, Site};
use conversations_document::{Document, Pointer};
use std::{collections::BTreeMap, sync::Arc};

/// The present document with its paths as the next one has them, and what was moved for it.
pub(super) struct Renames {
    /// The present document, its operations where the next one has them.
    pub(super) document: Document,
    /// Paths of the present document and what they are now.
    paths: BTreeMap<String, String>,
    /// Operations that clients reach under another address now, each with its counterpart.
    moved: Vec<(Operation, Operation)>,
}

/// Lines up the present document's paths with the next one's.
pub(super) fn renames(present: &Document, next: &Document) -> Renames {
    let matched = correspondence::matched(&present.root, &next.root);
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let mut torn: Vec<&str> = Vec::new();
    for (old, new) in &matched {
        if correspondence::shape(&old.path) == correspondence::shape(&new.path) {
            continue;
        }
        let to = paths.entry(old.path.clone()).or_insert_with(|| new.path.clone());
        // What one path held is in two now, or a part of it stayed.
        if *to != new.path {
            torn.push(&old.path);
        }
    }
    let known = |path: &str| present.root.pointer(&path_item(path)).is_some();
    paths.retain(|old, new| !torn.contains(&old.as_str()) && !known(new));
    let moved = matched
        .iter()
        .filter(|(old, new)| paths.contains_key(&old.path) && !old.is_same_address(new))
        .cloned()
        .collect();
    let mut out = Renames { document: present.clone(), paths, moved };
    out.rename();
    out
}

impl Renames {
    fn rename(&mut self) {
        let paths = std::mem::take(&mut self.paths);
        if let Some(items) = self.document.root.get_mut("paths").and_then(|it| it.as_object_mut()) {
            *items = std::mem::take(items)
                .into_iter()
                .map(|(path, item)| (paths.get(&path).cloned().unwrap_or(path), item))
                .collect();
        }
        self.paths = paths;
        self.document.origins = std::mem::take(&mut self.document.origins)
            .into_iter()
            .map(|(pointer, origin)| (self.pointer(pointer), origin))
            .collect();
    }

    /// A place of the present document as a place of the one that was lined up.
    fn pointer(&self, pointer: Pointer) -> Pointer {
        let path = match &pointer.tokens()[..] {
            [paths, path, ..] if paths == "paths" => path.clone(),
            _ => return pointer,
        };
        let new = self.paths.get(&path);
        let moved = new.and_then(|new| pointer.moved(&path_item(&path), &path_item(new)));
        moved.unwrap_or(pointer)
    }

    /// The surface of the present document's client, its operations where the next document has them.
    pub(super) fn surface(&self, surface: &Surface) -> Surface {
        let mut out = surface.clone();
        for operation in out.operations.values_mut() {
            if let Some(new) = self.paths.get(&operation.path) {
                operation.path.clone_from(new);
            }
        }
        for item in out.items.values_mut() {
            item.place = self.pointer(std::mem::take(&mut item.place));
        }
        out
    }

    /// Adds to a comparison of the documents that were lined up that clients must call another address.
    pub(super) fn said_in(
        &self,
        comparison: Comparison,
        present: &Document,
        next: &Document,
    ) -> Comparison {
        if self.moved.is_empty() {
            return comparison;
        }
        let line = |document: &Document, pointer: &str| {
            Some(document.origin(pointer).line).filter(|it| *it > 0)
        };
        let moved = self.moved.iter().map(|(old, new)| {
            let text = format!("has moved, without having been deprecated, from `{}`", old.path);
            let rule = Rule::ApiPathRemovedWithoutDeprecation;
            Change {
                rule,
                level: rule.level(),
                before: Some(old.path.clone().into()),
                after: Some(new.path.clone().into()),
                reach: [Reached {
                    operation: format!("{} {}", new.verb, new.path).into(),
                    operation_id: new.id.as_deref().map(Arc::from),
                    place: Arc::default(),
                }]
                .into(),
                pointer: new.pointer.clone(),
                base_line: line(present, &old.pointer),
                revision_line: line(next, &new.pointer),
                cause: text,
                file: next.file.to_string(),
                site: Site {
                    base: Some(self.pointer(old.pointer.clone())),
                    revision: Some(new.pointer.clone()),
                    ..Site::default()
                },
            }
        });
        Comparison::of(moved.chain(comparison.changes).collect())
    }
}

fn path_item(path: &str) -> Pointer {
    ["paths", path].into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;
    use conversations_diff::{Kind, Scope};
    use conversations_document::load::document;
    use serde_json::json;

    #[test]
    fn what_moved_is_compared_with_what_it_was() {
        let read = |path: &str, server: &str, ty: &str| {
            let operation = json!({"responses": {"200": {"description": "", "content": {"application/json": {
                "schema": {"type": "object", "properties": {"id": {"type": ty}}}}}}}});
            let value = json!({"openapi": "3.0.3", "info": {"title": "", "version": ""},
                "servers": [{"url": server}], "paths": {path: {"get": operation}}});
            document("openapi.json", &value.to_string()).unwrap()
        };
        let found = |next: &Document| {
            let present = read("/v1.1/messages/{id}", "https://api.example.com", "string");
            let moves = renames(&present, next);
            let today = jiff::civil::date(2026, 1, 31);
            let comparison = conversations_diff::compare(&moves.document, next, today);
            let comparison = moves.said_in(comparison, &present, next);
            comparison.changes.into_iter().map(|it| it.rule).collect::<Vec<_>>()
        };
        let next = read("/v2/messages/{messageId}", "https://api.example.com", "integer");
        assert_eq!(
            found(&next),
            [
                Rule::ApiPathRemovedWithoutDeprecation,
                Rule::At(Scope::ResponseProperty, Kind::TypeChanged)
            ]
        );
        // The version went from the path to the server: the address is what it was.
        let next = read("/messages/{id}", "https://api.example.com/v1.1", "integer");
        assert!(!found(&next).contains(&Rule::ApiPathRemovedWithoutDeprecation));
    }
}
