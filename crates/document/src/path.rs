//! Path templates, as in `/things/{id}`.

/// A path with names in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathTemplate<'a>(pub &'a str);

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// What stands in the path as it is.
    Text(&'a str),
    /// A name in braces.
    Name(&'a str),
}

impl<'a> PathTemplate<'a> {
    /// Texts and names in their order; a brace that does not pair is text.
    pub fn parts(self) -> Vec<Part<'a>> {
        let (mut parts, mut rest) = (Vec::new(), self.0);
        while let Some((before, inner)) = rest.split_once('{') {
            let Some((name, after)) = inner.split_once('}') else { break };
            parts.extend(Some(Part::Text(before)).filter(|_| !before.is_empty()));
            parts.push(Part::Name(name));
            rest = after;
        }
        parts.extend(Some(Part::Text(rest)).filter(|_| !rest.is_empty()));
        parts
    }

    /// The names in braces, in order; a brace that does not pair names nothing.
    pub fn names(self) -> Vec<&'a str> {
        let name = |it| match it {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        };
        self.parts().into_iter().filter_map(name).collect()
    }

    /// [`PathTemplate::names`] where all braces pair and hold a name.
    pub fn checked(self) -> Option<Vec<&'a str>> {
        let fits = |it: &Part<'_>| match it {
            Part::Text(text) => !text.contains(['{', '}']),
            Part::Name(name) => !name.is_empty() && !name.contains('{'),
        };
        self.parts().iter().all(fits).then(|| self.names())
    }

    /// What stands before and after the first such character outside of names. The brace of `{?a,b}` is not one of a name:
    /// RFC 6570 writes a query so.
    pub fn split_once(self, at: char) -> Option<(&'a str, &'a str)> {
        let mut in_name = false;
        let (found, _) = self.0.char_indices().find(|&(i, c)| {
            match c {
                '{' => in_name = self.0[i..].contains('}') && !self.0[i..].starts_with("{?"),
                '}' => in_name = false,
                _ => {}
            }
            c == at && !in_name
        })?;
        Some((&self.0[..found], &self.0[found + at.len_utf8()..]))
    }

    /// The path without its names, which say nothing on the wire: `/things/{}`.
    pub fn shape(self) -> String {
        let text = |it| match it {
            Part::Text(text) => text,
            Part::Name(_) => "{}",
        };
        self.parts().into_iter().map(text).collect()
    }
}

/// The name of a placeholder, without what other kinds of template than OpenAPI's write in the same braces: an operator of
/// RFC 6570 (`+name`, `name*`), the `name=projects/*` of Google's APIs, the regular expression of a router (`name:.+`).
pub fn variable(placeholder: &str) -> &str {
    let name = placeholder.split_once('=').map_or(placeholder, |(name, _)| name);
    let is_pattern = |it: &str| it.contains(['.', '*', '+', '\\', '[', '^', '(']) || it == "path";
    let name = match name.split_once(':') {
        Some((name, pattern)) if is_pattern(pattern.trim()) => name,
        _ => name,
    };
    let bare = name.trim_start_matches(['+', '*']).trim_end_matches('*').trim();
    if bare.is_empty() { placeholder } else { bare }
}

/// Whether what stands in the braces says that a value may be of several segments.
pub fn spans_segments(placeholder: &str) -> bool {
    let rest = placeholder.strip_prefix(variable(placeholder)).unwrap_or_default().trim();
    match (rest.strip_prefix(':').map(str::trim), rest.strip_prefix('=')) {
        (Some(pattern), _) => {
            [".*", ".+"].iter().any(|it| pattern.starts_with(it)) || pattern == "path"
        }
        (_, Some(pattern)) => pattern.contains('/') || pattern.contains("**"),
        _ => placeholder.starts_with(['+', '*']) || placeholder.ends_with('*'),
    }
}

#[cfg(test)]
mod tests {
    use super::{spans_segments, variable};

    #[test]
    fn placeholders_of_other_templates_have_a_name_and_may_span_segments() {
        let cases = [
            ("id", "id", false),
            ("urn:id", "urn:id", false),
            ("x#y", "x#y", false),
            ("*", "*", true),
            ("+name", "name", true),
            ("path*", "path", true),
            ("**path", "path", true),
            ("name=projects/*", "name", true),
            ("name=**", "name", true),
            ("name=*", "name", false),
            ("id:[0-9]+", "id", false),
            ("id: \\d+", "id", false),
            ("rest:.+", "rest", true),
            ("rest:path", "rest", true),
            ("ä:.*", "ä", true),
        ];
        for (placeholder, name, spans) in cases {
            assert_eq!(
                (variable(placeholder), spans_segments(placeholder)),
                (name, spans),
                "{placeholder}"
            );
        }
    }
}
