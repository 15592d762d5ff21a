//! Rust items as a person reads them: what came or went as a whole is one line.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The lines without those that follow from another one: the fields of an added type from the type, the
/// methods of a removed builder from the client's method. That line counts them instead.
pub(super) fn folded(lines: &[String]) -> Vec<Cow<'_, str>> {
    let wholes: BTreeMap<String, usize> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((members(line)?, at))).collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut hidden: BTreeSet<usize> = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        let item = line.split_once(": ").map_or(line.as_str(), |(item, _)| item);
        let whole = item.rsplit_once("::").and_then(|(owner, _)| wholes.get(owner));
        if let Some(whole) = whole.filter(|it| **it != at) {
            *counts.entry(*whole).or_default() += 1;
            hidden.insert(at);
        }
    }
    let shown = lines.iter().enumerate().filter(|(at, _)| !hidden.contains(at));
    shown
        .map(|(at, line)| match counts.get(&at) {
            Some(count) => Cow::Owned(format!("{line} ({count} {})", noun(line, *count))),
            None => Cow::Borrowed(line.as_str()),
        })
        .collect()
}

/// What the lines of the members begin with, where a line is about a whole that came or went.
fn members(line: &str) -> Option<String> {
    let (kind, item) =
        line.split_once(' ').filter(|(kind, _)| matches!(*kind, "added" | "removed"))?;
    let (item, signature) = item.split_once(": ")?;
    match item.split_once("::") {
        Some(("Client", _)) => Some(format!("{kind} {}", signature.strip_prefix("fn() -> ")?)),
        Some(("types", own)) if !own.contains("::") => Some(format!("{kind} {item}")),
        None => Some(format!("{kind} {item}")),
        Some(_) => None,
    }
}

fn noun(line: &str, count: usize) -> &'static str {
    let signature = line.split_once(": ").map_or("", |(_, it)| it);
    match (signature, count) {
        ("struct", 1) => "field",
        ("struct", _) => "fields",
        (it, 1) if it.starts_with("fn") => "method of the builder",
        (it, _) if it.starts_with("fn") => "methods of the builder",
        (_, 1) => "variant",
        (_, _) => "variants",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_counted() {
        let lines = [
            "added Client::get_pet: fn() -> builder::GetPet",
            "added GetPetAnswer: enum",
            "added GetPetAnswer::Ok: Pet",
            "added builder::GetPet::id: fn(String in path)",
            "added builder::GetPet::send: fn() -> Response<GetPetAnswer>",
            "added types::Pet: struct",
            "added types::Pet::kind: Option<PetKind>",
            "added types::PetKind: enum, open",
            "changed types::Owner: struct -> enum, open",
            "removed types::Owner::name: String",
            "removed types::Pet::age: i64",
        ];
        let expected = [
            "added Client::get_pet: fn() -> builder::GetPet (2 methods of the builder)",
            "added GetPetAnswer: enum (1 variant)",
            "added types::Pet: struct (1 field)",
            "added types::PetKind: enum, open",
            "changed types::Owner: struct -> enum, open",
            "removed types::Owner::name: String",
            "removed types::Pet::age: i64",
        ];
        assert_eq!(folded(&lines.map(str::to_owned)), expected);
    }
}
