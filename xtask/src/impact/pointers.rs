//! JSON Pointers as places of items: which part of one is a name, and what lies above what.

use conversations_document::{
    Pointer,
    grammar::{Position, Subschemas, subschemas},
    pointer::unescaped,
    reference::named_schema,
};

/// The pointer without the steps into compositions, since the types of these stand at the composition.
pub(super) fn unfolded(pointer: &str) -> Pointer {
    let mut out = String::with_capacity(pointer.len());
    let mut steps = Position::steps(pointer).peekable();
    while let Some((_, step, at)) = steps.next() {
        let combines = at.is_keyword(step) && subschemas(step) == Some(Subschemas::Combined);
        if combines && steps.next_if(|it| is_index(it.1)).is_some() {
            continue;
        }
        out.push('/');
        out.push_str(step);
    }
    out.into()
}

fn is_index(token: &str) -> bool {
    token.bytes().all(|it| it.is_ascii_digit())
}

/// The schema that a keyword speaks of, where the pointer ends in one. A keyword with one schema of its own leads to that.
pub(super) fn spoken_of(pointer: &str) -> Option<&str> {
    let (_, step, at) = Position::steps(pointer).last()?;
    let own = subschemas(step) == Some(Subschemas::One) && step != "additionalProperties";
    (at.is_keyword(step) && !own).then(|| above(pointer))
}

/// The pointer one step up.
pub(super) fn above(pointer: &str) -> &str {
    pointer.rfind('/').map_or("", |cut| &pointer[..cut])
}

/// The places above a pointer, nearest first, with whether a property lies between.
pub(super) fn ancestors(pointer: &str) -> Vec<(&str, bool)> {
    let all: Vec<_> = Position::steps(pointer).collect();
    let mut out = Vec::with_capacity(all.len());
    let mut property = false;
    for (start, step, at) in all.into_iter().rev() {
        property |= at.is_keyword(step) && matches!(step, "properties" | "patternProperties");
        out.push((&pointer[..start], property));
    }
    out
}

/// The name of the property that a pointer leads to, as the document writes it.
pub(super) fn property(pointer: &str) -> Option<String> {
    let holder = above(pointer);
    let (_, step, at) = Position::steps(holder).last()?;
    (step == "properties" && at.is_keyword(step)).then(|| unescaped(&pointer[holder.len() + 1..]))
}

/// The name of the component that a pointer leads to, as the document writes it.
pub(super) fn schema(pointer: &str) -> Option<String> {
    named_schema(&pointer.into())
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
