//! The lines of a comparison of two surfaces, taken apart.

use conversations_codegen::surface::{Surface, SurfaceDiff};

/// The first or the second of two surfaces, as an index.
pub(super) const BASE: usize = 0;
/// See [`BASE`].
pub(super) const REVISION: usize = 1;

/// What an item is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role<'s> {
    /// A method of the client.
    Method(&'s str),
    /// A credential's method of the client's builder.
    Credential,
    /// A method of an operation's builder.
    Member { builder: &'s str, name: &'s str },
    /// The enum of an operation's answers, or one of its variants.
    Answer { builder: &'s str },
    /// A type.
    Type(&'s str),
    /// A field or a variant of a type.
    Part { owner: &'s str, name: &'s str },
}

/// The role of `item`.
pub(super) fn role(item: &str) -> Role<'_> {
    let (kind, rest) = item.split_once("::").unwrap_or((item, ""));
    match (kind, rest.split_once("::")) {
        ("Client", _) => Role::Method(rest),
        ("ClientBuilder", _) => Role::Credential,
        ("builder", Some((builder, name))) => Role::Member { builder, name },
        ("types", Some((owner, name))) => Role::Part { owner, name },
        ("types", None) => Role::Type(rest),
        _ => Role::Answer { builder: kind.strip_suffix("Answer").unwrap_or(kind) },
    }
}

/// A line of the comparison: an item that was removed, changed or added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'s> {
    /// The item's path.
    pub(super) item: &'s str,
    /// What it is.
    pub(super) role: Role<'s>,
    /// Its signature before and after.
    pub(super) signatures: [Option<&'s str>; 2],
}

impl<'s> Line<'s> {
    /// The surfaces that have the item.
    pub(super) fn sides(&self) -> impl Iterator<Item = usize> + use<'s> {
        let has = self.signatures.map(|it| it.is_some());
        [BASE, REVISION].into_iter().filter(move |side| has[*side])
    }

    /// The one surface that has the item, unless both have it.
    pub(super) fn only_side(&self) -> Option<usize> {
        match self.signatures {
            [Some(_), None] => Some(BASE),
            [None, Some(_)] => Some(REVISION),
            _ => None,
        }
    }
}

/// The lines of `diff` as reports write them, `added types::Pet: struct`, in the order of reports.
pub(super) fn written(diff: &SurfaceDiff) -> Vec<String> {
    let all = [("removed", &diff.removed), ("changed", &diff.changed), ("added", &diff.added)];
    all.iter().flat_map(|(kind, list)| list.iter().map(move |it| format!("{kind} {it}"))).collect()
}

/// The same lines taken apart, in the same order.
pub(super) fn lines<'s>(
    diff: &'s SurfaceDiff,
    base: &'s Surface,
    revision: &'s Surface,
) -> Vec<Line<'s>> {
    let all = diff.removed.iter().chain(&diff.changed).chain(&diff.added);
    all.map(|line| {
        let item = line.split_once(": ").map_or(line.as_str(), |(item, _)| item);
        let signature = |surface: &'s Surface| surface.items.get(item).map(String::as_str);
        Line { item, role: role(item), signatures: [signature(base), signature(revision)] }
    })
    .collect()
}

/// The types that a signature mentions. The words of an enum and the wire names of fields are none.
pub(super) fn mentioned(signature: &str) -> impl Iterator<Item = &str> {
    let types = if signature.starts_with('"') { "" } else { signature };
    bare(types)
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|it| it.starts_with(char::is_uppercase))
}

/// A field's type without its wire name.
pub(super) fn bare(signature: &str) -> &str {
    signature.split_once(" as \"").map_or(signature, |(it, _)| it)
}

/// In what two signatures differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facets {
    /// In what may be missing.
    pub(super) need: bool,
    /// In the type as such.
    pub(super) kind: bool,
}

/// Compares two signatures.
pub(super) fn facets(before: &str, after: &str) -> Facets {
    let bare = |it: &str| it.replace("Option<", "").replace(['?', '>'], "");
    let optional = |it: &str| it.matches("Option<").count() + it.matches('?').count();
    Facets { need: optional(before) != optional(after), kind: bare(before) != bare(after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_roles() {
        assert_eq!(role("Client::send"), Role::Method("send"));
        assert_eq!(role("ClientBuilder::key"), Role::Credential);
        assert_eq!(role("builder::Send::to"), Role::Member { builder: "Send", name: "to" });
        assert_eq!(role("SendAnswer::Ok"), Role::Answer { builder: "Send" });
        assert_eq!(role("types::Pet"), Role::Type("Pet"));
        assert_eq!(role("types::Pet::name"), Role::Part { owner: "Pet", name: "name" });
    }

    #[test]
    fn signatures_differ_in_need_or_kind() {
        let is = |before, after, need, kind| {
            assert_eq!(facets(before, after), Facets { need, kind }, "{before} {after}");
        };
        is("Option<String>", "String", true, false);
        is("fn(String? in query)", "fn(String in query)", true, false);
        is("Vec<String>", "Vec<i64>", false, true);
        is("Option<String>", "i64", true, true);
        let types: Vec<_> = mentioned("Option<PetKind> as \"PetType\"").collect();
        assert_eq!(types, ["Option", "PetKind"]);
        assert_eq!(mentioned("\"Cat\"").count(), 0);
    }
}
