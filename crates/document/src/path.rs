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
            let Some(end) = closing(inner) else { break };
            parts.extend(Some(Part::Text(before)).filter(|_| !before.is_empty()));
            parts.push(Part::Name(&inner[..end]));
            rest = &inner[end + 1..];
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
            // A regular expression that follows a name counts in braces.
            Part::Name(name) => !name.is_empty() && !variable(name).contains('{'),
        };
        self.parts().iter().all(fits).then(|| self.names())
    }

    /// What stands before and after the first such character outside of names. The brace of `{?a,b}` is not one of a name:
    /// RFC 6570 writes a query so.
    pub fn split_once(self, at: char) -> Option<(&'a str, &'a str)> {
        let mut depth = 0_usize;
        let (found, _) = self.0.char_indices().find(|&(i, c)| {
            let names = || self.0[i..].contains('}') && !self.0[i..].starts_with("{?");
            match c {
                '{' if depth > 0 || names() => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == at && depth == 0
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

/// Where the brace ends whose inside this text begins with.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 1_usize;
    inner.find(|c: char| {
        depth = match c {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        };
        depth == 0
    })
}

/// The name of a placeholder, without what other kinds of template than OpenAPI's write in the same braces: an operator of
/// RFC 6570 (`+name`, `name*`), the `name=projects/*` of Google's APIs, the regular expression of a router (`name:.+`).
pub fn variable(placeholder: &str) -> &str {
    let name = placeholder.split_once('=').map_or(placeholder, |(name, _)| name);
    let is_pattern =
        |it: &str| it.contains(['.', '*', '+', '\\', '[', '^', '(', '{']) || it == "path";
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
    use super::{PathTemplate, spans_segments, variable};

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
            ("id:[0-9]{3}", "id", false),
        ];
        for (placeholder, name, spans) in cases {
            assert_eq!(
                (variable(placeholder), spans_segments(placeholder)),
                (name, spans),
                "{placeholder}"
            );
        }
    }

    #[test]
    fn braces_of_a_regular_expression_are_part_of_the_placeholder() {
        let cases = [
            ("/a/{id:[0-9]{3}}/b", Some(vec!["id:[0-9]{3}"])),
            ("/{x:(a{1,2}|b{3})}-{y}", Some(vec!["x:(a{1,2}|b{3})", "y"])),
            ("/{a{b}}", None),
            ("/{a/{b}", None),
            ("/{a}}", None),
            ("/{}", None),
        ];
        for (path, names) in cases {
            assert_eq!(PathTemplate(path).checked(), names, "{path}");
        }
        let split = PathTemplate("/{id:[a-z]{3}[0-9]?}/b?c=d").split_once('?');
        assert_eq!(split, Some(("/{id:[a-z]{3}[0-9]?}/b", "c=d")));
    }
}
