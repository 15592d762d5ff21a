//! Path templates, as in `/things/{id}`.

/// A path with names in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathTemplate<'a>(pub &'a str);

impl<'a> PathTemplate<'a> {
    /// The names in braces, in order; a brace that does not pair names nothing.
    pub fn names(self) -> Vec<&'a str> {
        self.0.split('{').skip(1).filter_map(|it| it.split_once('}')).map(|it| it.0).collect()
    }

    /// [`PathTemplate::names`] where all braces pair and hold a name.
    pub fn checked(self) -> Option<Vec<&'a str>> {
        let mut names = Vec::new();
        let mut rest = self.0;
        while let Some(open) = rest.find(['{', '}']) {
            let inner = rest[open..].strip_prefix('{')?;
            let (name, after) = inner.split_once('}')?;
            if name.is_empty() || name.contains('{') {
                return None;
            }
            names.push(name);
            rest = after;
        }
        Some(names)
    }

    /// The path without its names, which say nothing on the wire: `/things/{}`.
    pub fn shape(self) -> String {
        let mut shape = String::new();
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('{') {
            shape.push_str(before);
            shape.push_str("{}");
            rest = after.split_once('}').map_or("", |it| it.1);
        }
        shape + rest
    }
}
