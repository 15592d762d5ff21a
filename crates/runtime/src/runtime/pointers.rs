//! Parts of a JSON text by their JSON Pointers, without values of what stands beside them: it may be a long list.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::events::unescaped;

/// The parts at some pointers, such as their text; of equal names the last counts.
///
/// # Errors
/// Where the text is not JSON by the letter, a pointer leads through something else than objects, or a part is of another
/// form.
pub(crate) fn parts<'t, P: Deserialize<'t>, const N: usize>(
    text: &'t [u8],
    pointers: [Option<&str>; N],
) -> Result<[Option<P>; N], serde_json::Error> {
    let mut found = [const { None }; N];
    for (pointer, found) in pointers.iter().zip(&mut found) {
        if *pointer == Some("") {
            *found = Some(serde_json::from_slice(text)?);
        }
    }
    let wanted = pointers.map(|pointer| {
        let pointer = pointer?.strip_prefix('/')?;
        Some(pointer.split_at(pointer.find('/').unwrap_or(pointer.len())))
    });
    if wanted.iter().any(Option::is_some) {
        let mut strict = serde_json::Deserializer::from_slice(text);
        strict.deserialize_map(Parts { wanted, found: &mut found })?;
        strict.end()?;
    }
    Ok(found)
}

/// Takes parts out of an object: each wanted one has its first token, and the pointer from there on.
struct Parts<'f, 'p, P, const N: usize> {
    wanted: [Option<(&'p str, &'p str)>; N],
    found: &'f mut [Option<P>; N],
}

impl<'t, P: Deserialize<'t>, const N: usize> Visitor<'t> for Parts<'_, '_, P, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(named) = members.next_key_seed(Named(&self.wanted))? {
            let of_name = self.wanted.iter().zip(self.found.iter_mut()).zip(named);
            let of_name = of_name
                .filter(|(_, named)| *named)
                .map(|((wanted, found), _)| (wanted.map_or("", |(_, below)| below), found));
            let mut of_name: Vec<_> = of_name.collect();
            match of_name.as_mut_slice() {
                [] => {
                    members.next_value::<IgnoredAny>()?;
                }
                [("", found)] => **found = Some(members.next_value()?),
                several => {
                    let text = members.next_value::<&RawValue>()?.get().as_bytes();
                    for (below, found) in several {
                        [**found] = parts(text, [Some(below)]).map_err(A::Error::custom)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Which of the wanted parts a name leads to.
struct Named<'w, 'p, const N: usize>(&'w [Option<(&'p str, &'p str)>; N]);

impl<'t, const N: usize> DeserializeSeed<'t> for Named<'_, '_, N> {
    type Value = [bool; N];

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<[bool; N], D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<const N: usize> Visitor<'_> for Named<'_, '_, N> {
    type Value = [bool; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, met: &str) -> Result<[bool; N], E> {
        Ok(self.0.map(|wanted| wanted.is_some_and(|(token, _)| unescaped(token) == met)))
    }
}

#[cfg(test)]
mod tests {
    use super::{RawValue, parts};

    #[test]
    fn parts_are_found_as_they_stand_in_the_text() {
        let text =
            r#"{"a": {"b": [1, 2 ], "c": "x\ud83d"}, "n/~": null, "a/b": 1, "e": 1, "\u0065": 2}"#;
        type Two<'t> = [Option<&'t str>; 2];
        let cases: [(Two<'_>, Two<'_>); 7] = [
            ([Some("/a/b"), Some("/a/c")], [Some("[1, 2 ]"), Some(r#""x\ud83d""#)]),
            (
                [Some("/a"), Some("/a/b")],
                [Some(r#"{"b": [1, 2 ], "c": "x\ud83d"}"#), Some("[1, 2 ]")],
            ),
            ([Some("/n~1~0"), None], [Some("null"), None]),
            ([Some("/a~1b"), Some("/e")], [Some("1"), Some("2")]),
            ([Some("/absent"), Some("/a/absent/too")], [None, None]),
            ([Some(""), Some("no pointer")], [Some(text), None]),
            ([None, None], [None, None]),
        ];
        for (pointers, expected) in cases {
            let found = parts::<&RawValue, 2>(text.as_bytes(), pointers).ok();
            let found = found.map(|parts| parts.map(|part| part.map(RawValue::get)));
            assert_eq!(found, Some(expected), "{pointers:?}");
        }
        for text in
            ["", "[1]", "1", r#"{"a":1"#, r#"{"a":1}}"#, r#"{"a":[1]}"#, "{\"a\":\"\u{1}\"}"]
        {
            let found = parts::<&RawValue, 1>(text.as_bytes(), [Some("/a/0")]);
            assert!(found.is_err(), "{text}: {found:?}");
        }
        assert!(parts::<&RawValue, 1>(b"{\"a\":\"\xff\"}", [Some("/a")]).is_err(), "not UTF-8");
    }
}
