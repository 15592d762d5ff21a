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
