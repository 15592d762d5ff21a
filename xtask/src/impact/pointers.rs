//! JSON Pointers as places of items: which part of one is a name, and what lies above what.

use conversations_document::{Pointer, pointer::unescaped, reference::named_schema};

/// Keywords below which a name follows.
const HOLDERS: [&str; 15] = [
    "paths",
    "schemas",
    "definitions",
    "properties",
    "patternProperties",
    "dependentSchemas",
    "parameters",
    "responses",
    "requestBodies",
    "securitySchemes",
    "headers",
    "content",
    "callbacks",
    "$defs",
    "examples",
];

/// Keywords that say something about the schema which they stand in.
const WORDS: [&str; 12] = [
    "type",
    "format",
    "enum",
    "const",
    "required",
    "nullable",
    "oneOf",
    "anyOf",
    "allOf",
    "properties",
    "prefixItems",
    "additionalProperties",
];

/// Keywords whose elements the generator folds into the schema that has them.
const FOLDED: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The pointer without the steps into compositions, since the types of these stand at the composition.
pub(super) fn unfolded(pointer: &str) -> Pointer {
    let mut out = String::with_capacity(pointer.len());
    let mut skip = false;
    let steps: Vec<(&str, bool)> = steps(pointer).map(|(_, step, name)| (step, name)).collect();
    for (at, (step, name)) in steps.iter().enumerate() {
        let position = |it: &(&str, bool)| it.0.bytes().all(|it| it.is_ascii_digit());
        if skip {
            skip = false;
        } else if !name && FOLDED.contains(step) && steps.get(at + 1).is_some_and(position) {
            skip = true;
        } else {
            out.push('/');
            out.push_str(step);
        }
    }
    out.into()
}

/// The schema that a keyword speaks of, where the pointer ends in one.
pub(super) fn spoken_of(pointer: &str) -> Option<&str> {
    let (_, step, name) = steps(pointer).last()?;
    (!name && WORDS.contains(&step)).then(|| above(pointer))
}

/// The pointer one step up.
pub(super) fn above(pointer: &str) -> &str {
    pointer.rfind('/').map_or("", |cut| &pointer[..cut])
}

/// The places above a pointer, nearest first, with whether a property lies between.
pub(super) fn ancestors(pointer: &str) -> Vec<(&str, bool)> {
    let all: Vec<(usize, &str, bool)> = steps(pointer).collect();
    let mut out = Vec::with_capacity(all.len());
    let mut property = false;
    for (start, step, name) in all.into_iter().rev() {
        property |= !name && matches!(step, "properties" | "patternProperties");
        out.push((&pointer[..start], property));
    }
    out
}

/// The name of the property that a pointer leads to, as the document writes it.
pub(super) fn property(pointer: &str) -> Option<String> {
    let holder = above(pointer);
    let (_, step, name) = steps(holder).last()?;
    (!name && step == "properties").then(|| unescaped(&pointer[holder.len() + 1..]))
}

/// The name of the component that a pointer leads to, as the document writes it.
pub(super) fn schema(pointer: &str) -> Option<String> {
    named_schema(&pointer.into())
}

/// Each step with where its slash stands and whether it is a name.
fn steps(pointer: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut names = false;
    let mut start = 0;
    pointer.split('/').skip(1).map(move |step| {
        let at = start;
        start += step.len() + 1;
        let name = names;
        names = !name && HOLDERS.contains(&step);
        (at, step, name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_keywords() {
        let at = "/components/schemas/Pet/properties/type";
        assert_eq!(spoken_of(at), None);
        assert_eq!(spoken_of(&format!("{at}/type")), Some(at));
        assert_eq!(property(at).as_deref(), Some("type"));
        assert_eq!(property("/components/schemas/Pet/type"), None);
        assert_eq!(schema("/components/schemas/A~1B").as_deref(), Some("A/B"));
    }

    #[test]
    fn compositions_fold() {
        let folds = |from: &str, to: &str| assert_eq!(&*unfolded(from), to);
        folds(
            "/components/schemas/Pet/allOf/1/properties/a",
            "/components/schemas/Pet/properties/a",
        );
        folds("/components/schemas/allOf/oneOf", "/components/schemas/allOf/oneOf");
        folds("/components/schemas/oneOf/0", "/components/schemas/oneOf/0");
        folds("", "");
    }

    #[test]
    fn ancestors_tell_of_properties_between() {
        let found = ancestors("/components/schemas/P/properties/a/items");
        let expected = [
            ("/components/schemas/P/properties/a", false),
            ("/components/schemas/P/properties", false),
            ("/components/schemas/P", true),
            ("/components/schemas", true),
            ("/components", true),
            ("", true),
        ];
        assert_eq!(found, expected);
    }
}
