//! Which operation of one surface is which of the other, and which of them a change is about.

use super::{
    lines::{BASE, REVISION},
    side::Side,
};
use conversations_codegen::surface::OperationSurface;
use conversations_diff::Change;
use conversations_document::{PathTemplate, Pointer};
use std::collections::HashMap;

/// What an operation of the revision may be called in the base.
type Naming<'n> = &'n dyn Fn(&OperationSurface) -> Option<String>;

/// The operations of both surfaces, numbered.
pub(super) struct Operations<'s> {
    /// The methods of each in the two surfaces.
    pub(super) methods: Vec<[Option<&'s str>; 2]>,
    by_method: [HashMap<&'s str, usize>; 2],
    by_name: HashMap<String, usize>,
}

impl<'s> Operations<'s> {
    /// Lines the operations up by verb and path, then by the shape of the path, then as the comparison of
    /// the contracts did where a path moved.
    pub(super) fn of(base: &Side<'s>, revision: &Side<'s>, changes: &[Change]) -> Self {
        let mut all = Self {
            methods: Vec::new(),
            by_method: [HashMap::new(), HashMap::new()],
            by_name: HashMap::new(),
        };
        for (method, operation) in &base.surface.operations {
            all.by_method[BASE].insert(method, all.methods.len());
            all.methods.push([Some(method.as_str()), None]);
            all.name(all.methods.len() - 1, operation);
        }
        let moved = moved(changes);
        let mut rest: Vec<(&'s String, &'s OperationSurface)> =
            revision.surface.operations.iter().collect();
        let names: [Naming<'_>; 3] =
            [&|it| Some(exact(&it.verb, &it.path)), &|it| Some(shape(&it.verb, &it.path)), &|it| {
                moved.get(&exact(&it.verb, &it.path)).cloned()
            }];
        for name in names {
            rest.retain(|(method, operation)| {
                let known = name(operation).and_then(|it| all.by_name.get(&it).copied());
                let free = known.filter(|at| all.methods[*at][REVISION].is_none());
                if let Some(at) = free {
                    all.methods[at][REVISION] = Some(method.as_str());
                    all.by_method[REVISION].insert(method, at);
                }
                free.is_none()
            });
        }
        for (method, operation) in rest {
            all.by_method[REVISION].insert(method, all.methods.len());
            all.methods.push([None, Some(method.as_str())]);
            all.name(all.methods.len() - 1, operation);
        }
        all
    }

    fn name(&mut self, at: usize, operation: &OperationSurface) {
        let OperationSurface { verb, path, .. } = operation;
        self.by_name.insert(exact(verb, path), at);
        self.by_name.entry(shape(verb, path)).or_insert(at);
    }

    /// The operation behind a method of one of the surfaces.
    pub(super) fn of_method(&self, side: usize, method: &str) -> Option<usize> {
        self.by_method[side].get(method).copied()
    }

    /// The operations that a change is about.
    pub(super) fn of_change(&self, change: &Change) -> Vec<usize> {
        let number = |operation: &str| {
            let exact = self.by_name.get(operation).copied();
            let (verb, path) = operation.split_once(' ')?;
            exact.or_else(|| self.by_name.get(&shape(verb, path)).copied())
        };
        change.operations().filter_map(number).collect()
    }

    /// Whether both surfaces have the operation.
    pub(super) fn stays(&self, at: usize) -> bool {
        self.methods.get(at).is_some_and(|it| it.iter().all(Option::is_some))
    }
}

fn exact(verb: &str, path: &str) -> String {
    format!("{verb} {path}")
}

/// Verb and path without the names of placeholders. The mark at the end distinguishes it from an exact path.
fn shape(verb: &str, path: &str) -> String {
    format!("{verb} {}{{", PathTemplate(path).shape())
}

/// Where the comparison of the contracts found an operation at another path: from the revision's to the
/// base's.
fn moved(changes: &[Change]) -> HashMap<String, String> {
    let operation = |place: &Option<Pointer>| {
        let keys = place.as_ref()?.tokens();
        let [paths, path, verb, ..] = &keys[..] else { return None };
        (paths == "paths").then(|| exact(&verb.to_ascii_uppercase(), path))
    };
    let pairs = changes
        .iter()
        .filter(|it| it.site.base != it.site.revision)
        .filter_map(|it| Some((operation(&it.site.revision)?, operation(&it.site.base)?)));
    pairs.filter(|(new, old)| new != old).collect()
}
