//! Which path template, such as `/messages/{id}`, a path fits.

use std::collections::BTreeMap;

use conversations_document::path::{Part, PathTemplate};
use percent_encoding::percent_decode_str;

/// How templated a path is, segment by segment: the literal ones sort first.
pub(super) fn rank(template: &str) -> Vec<u8> {
    let rank = |segment| match PathTemplate(segment).parts()[..] {
        [Part::Name(_)] => 2,
        ref parts if parts.iter().any(|it| matches!(it, Part::Name(_))) => 1,
        _ => 0,
    };
    segments(template).map(rank).collect()
}

/// The values of the parameters of a template, decoded, when the path fits.
///
/// An empty segment never fits a parameter: a call that lost its identifier must not reach
/// another operation.
pub(super) fn matches(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let path = path.strip_prefix('/')?;
    if segments(template).count() != path.split('/').count() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (template, segment) in segments(template).zip(path.split('/')) {
        match_segment(&PathTemplate(template).parts(), segment, &mut values)?;
    }
    Some(values)
}

fn segments(template: &str) -> impl Iterator<Item = &str> {
    template.trim_start_matches('/').split('/')
}

fn match_segment(
    parts: &[Part<'_>],
    segment: &str,
    values: &mut BTreeMap<String, String>,
) -> Option<()> {
    let mut rest = segment;
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Text(literal) => {
                // What is encoded on the way is the same path.
                rest = match rest.strip_prefix(literal) {
                    Some(rest) => rest,
                    None if decode(rest)? == *literal => "",
                    None => return None,
                };
            }
            Part::Name(name) => {
                let end = match parts.peek() {
                    Some(Part::Text(literal)) => rest.rfind(literal)?,
                    _ => rest.len(),
                };
                if end == 0 {
                    return None;
                }
                values.insert((*name).to_owned(), decode(&rest[..end])?);
                rest = &rest[end..];
            }
        }
    }
    rest.is_empty().then_some(())
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::matches;

    #[test]
    fn a_parameter_is_decoded_and_never_empty() {
        let values = |path| matches("/messages/{id}", path);
        assert_eq!(values("/messages/a%2Fb").unwrap()["id"], "a/b");
        for path in ["/messages/", "/messages/a/b", "/messages"] {
            assert_eq!(values(path), None, "{path}");
        }
    }

    #[test]
    fn a_segment_may_hold_text_around_a_parameter() {
        let values = |path| matches("/calls/{sid}.json", path);
        assert_eq!(values("/calls/CA1.json").unwrap()["sid"], "CA1");
        assert_eq!(values("/calls/.json"), None);
    }
}
