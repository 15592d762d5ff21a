//! Which part of the next document is ours: the selection of `provider.yaml`, and how it follows what moves.

use std::collections::BTreeSet;

use conversations_codegen::provider::Provider;
use conversations_document::{
    Document,
    load::Text,
    lookup,
    select::{self, Selection},
};

use super::correspondence;
use super::repair::{self, NextSelection};
use crate::pipeline::{self, Joined};

/// The next document: joined, cut to what is ours, and of the family of OpenAPI 3. Where operations of ours moved to paths
/// that the selection does not match, or from paths that it names, the selection that follows them is returned as an edit.
/// The last of the three is whether the document is one file, and all of it ours.
pub(super) fn next(
    joined: &Joined,
    provider: &Provider,
    file: &Text,
    present: &Document,
) -> anyhow::Result<(Document, Option<NextSelection>, bool)> {
    joined.check_selection(&provider.select)?;
    let whole = joined.document.clone();
    let matched = correspondence::matched(&present.root, &whole.root);
    let moves: BTreeSet<(String, String)> =
        matched.into_iter().map(|(old, new)| (old.path, new.path)).collect();
    let (here, ours): (BTreeSet<String>, BTreeSet<String>) = moves.iter().cloned().unzip();
    let follow = |glob: &String| moved_glob(glob, &moves, present, &whole);
    // Those that none of the globs finds there.
    let others = |globs: &[String]| {
        let found = found_by(globs, &whole);
        ours.iter().filter(|it| !found.contains(*it)).cloned().collect::<Vec<_>>()
    };
    // What our selection says there, and the paths that should be selected instead.
    let (what, paths, tags) = match pipeline::cut(whole.clone(), &provider.select) {
        Err(error) if ours.is_empty() => return Err(error.into()),
        Err(error) => {
            let what = error.0.first().map(|it| it.code.to_string()).unwrap_or_default();
            let mut paths: Vec<_> = provider.select.paths.iter().filter_map(follow).collect();
            paths.extend(others(&paths));
            (what, paths, Vec::new())
        }
        Ok(document) => {
            let paths = document.root.get("paths");
            let left = |it: &String| paths.and_then(|paths| paths.get(it)).is_none();
            let left: BTreeSet<String> = ours.iter().filter(|it| left(it)).cloned().collect();
            let globs = provider.select.paths.iter();
            let mut paths: Vec<String> = globs
                .filter_map(|glob| match is_spent(glob, present, &here, &whole) {
                    // What another glob finds there needs none of its own.
                    true => follow(glob).filter(|it| {
                        found_by(std::slice::from_ref(it), &whole)
                            .iter()
                            .any(|it| left.contains(it))
                    }),
                    false => Some(glob.clone()),
                })
                .collect();
            paths.extend(others(&paths).into_iter().filter(|it| left.contains(it)));
            if paths == provider.select.paths || provider.select.paths.is_empty() {
                let (document, is_all) = joined.adopt(document)?;
                return Ok((document, None, is_all));
            }
            let what = match left.is_empty() {
                true => "the selection names paths that are no more",
                false => "the selection leaves out some of our operations",
            };
            (what.to_owned(), paths, provider.select.tags.clone())
        }
    };
    let selection = repair::selection(&what, paths, file);
    let select = Selection { paths: selection.paths.clone(), tags };
    let (document, is_all) = joined.adopt(pipeline::cut(whole, &select)?)?;
    Ok((document, Some(selection), is_all))
}

/// The glob that finds what this one found, where all of it moved in the same way, and nothing else.
fn moved_glob(
    glob: &str,
    moves: &BTreeSet<(String, String)>,
    present: &Document,
    next: &Document,
) -> Option<String> {
    let ours = found_by(&[glob.to_owned()], present);
    let moves: Vec<_> = moves.iter().filter(|(old, _)| ours.contains(old)).collect();
    let (from, to) = moves.first().map(|(old, new)| differing(old, new))?;
    if moves.iter().any(|(old, new)| differing(old, new) != (from, to)) {
        return None;
    }
    let rest = glob.strip_prefix(from).filter(|it| it.is_empty() || it.starts_with('/'))?;
    let glob = format!("{to}{rest}");
    let expected = moves.iter().map(|(_, new)| new.clone()).collect();
    (found_by(std::slice::from_ref(&glob), next) == expected).then_some(glob)
}

/// The beginnings of two paths up to where they end alike.
fn differing<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let is_value = |it: &str| it.starts_with('{');
    let alike = old
        .rsplit('/')
        .zip(new.rsplit('/'))
        .take_while(|(old, new)| old == new || (is_value(old) && is_value(new)));
    let (old_end, new_end) = alike.fold((0, 0), |(old_end, new_end), (old, new)| {
        (old_end + old.len() + 1, new_end + new.len() + 1)
    });
    let begin =
        |path: &'a str, end: usize| path.get(..path.len().saturating_sub(end)).unwrap_or_default();
    (begin(old, old_end), begin(new, new_end))
}

/// The paths of a document that globs find.
fn found_by(globs: &[String], document: &Document) -> BTreeSet<String> {
    let selection = Selection { paths: globs.to_vec(), tags: Vec::new() };
    if globs.is_empty() {
        return BTreeSet::new();
    }
    let found = pipeline::cut(document.clone(), &selection).map(|it| it.root).unwrap_or_default();
    let paths = lookup::keys(&found, "/paths").into_iter().filter(|it| it.starts_with('/'));
    paths.map(|it| it.to_string()).collect()
}

/// Whether a glob finds nothing in the next document because all that it finds in the present one is
/// there under other paths. `again` has the present paths of what is there again.
fn is_spent(glob: &str, present: &Document, again: &BTreeSet<String>, next: &Document) -> bool {
    let one = Selection { paths: vec![glob.to_owned()], tags: Vec::new() };
    if select::unmatched(&one, next, "", next).is_empty() {
        return false;
    }
    let found = pipeline::cut(present.clone(), &one);
    found.is_ok_and(|it| {
        lookup::keys(&it.root, "/paths").into_iter().all(|path| again.contains(path))
    })
}
