//! Path templates such as `/messages/{id}`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// A path template, cut into segments.
#[derive(Debug)]
pub(super) struct PathTemplate {
    pub(super) text: String,
    segments: Vec<Vec<Part>>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Parameter(String),
}

impl PathTemplate {
    pub(super) fn parse(text: &str) -> Self {
        let segments = text.trim_start_matches('/').split('/').map(parse_segment).collect();
        Self { text: text.to_owned(), segments }
    }

    /// Sorts literal before templated, segment by segment.
    pub(super) fn rank(&self) -> Vec<u8> {
        self.segments
            .iter()
            .map(|parts| match parts.as_slice() {
                [Part::Parameter(_)] => 2,
                parts if parts.iter().any(|it| matches!(it, Part::Parameter(_))) => 1,
                _ => 0,
            })
            .collect()
    }

    /// The values of the parameters, decoded, when the path fits.
    ///
    /// An empty segment never fits a parameter: a call that lost its identifier must not reach
    /// another operation.
    pub(super) fn matches(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let path = path.strip_prefix('/')?;
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut values = BTreeMap::new();
        for (parts, segment) in self.segments.iter().zip(segments) {
            match_segment(parts, segment, &mut values)?;
        }
        Some(values)
    }
}

fn parse_segment(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        if open > 0 {
            parts.push(Part::Literal(rest[..open].to_owned()));
        }
        parts.push(Part::Parameter(rest[open + 1..open + length].to_owned()));
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    parts
}

fn match_segment(
    parts: &[Part],
    segment: &str,
    values: &mut BTreeMap<String, String>,
) -> Option<()> {
    let mut rest = segment;
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Literal(literal) => {
                // What is encoded on the way is the same path.
                rest = match rest.strip_prefix(literal.as_str()) {
                    Some(rest) => rest,
                    None if decode(rest)? == *literal => "",
                    None => return None,
                };
            }
            Part::Parameter(name) => {
                let end = match parts.peek() {
                    Some(Part::Literal(literal)) => rest.rfind(literal.as_str())?,
                    _ => rest.len(),
                };
                if end == 0 {
                    return None;
                }
                values.insert(name.clone(), decode(&rest[..end])?);
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
    use super::PathTemplate;

    #[test]
    fn a_parameter_is_decoded_and_never_empty() {
        let template = PathTemplate::parse("/messages/{id}");
        assert_eq!(template.matches("/messages/a%2Fb").unwrap()["id"], "a/b");
        assert!(template.matches("/messages/").is_none());
        assert!(template.matches("/messages/a/b").is_none());
        assert!(template.matches("/messages").is_none());
    }

    #[test]
    fn a_segment_may_hold_text_around_a_parameter() {
        let template = PathTemplate::parse("/calls/{sid}.json");
        assert_eq!(template.matches("/calls/CA1.json").unwrap()["sid"], "CA1");
        assert!(template.matches("/calls/.json").is_none());
    }
}
