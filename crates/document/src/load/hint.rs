//! What mends a text that is not YAML, read off the lines around the place where the parser stopped.

/// A place in a text, its line and column counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl From<libyaml_safer::Mark> for Mark {
    fn from(mark: libyaml_safer::Mark) -> Self {
        let whole = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        Self { line: whole(mark.line), column: whole(mark.column) }
    }
}

/// What to write instead, empty where the lines do not show it. The parser stopped `at`, in what begins `from`.
pub(super) fn hint(text: &str, at: Mark, from: Option<Mark>) -> String {
    let line = text.lines().nth(at.line).unwrap_or_default();
    let indentation: String = line.chars().take_while(|it| it.is_whitespace()).collect();
    if indentation.contains('\t') {
        return "the line is indented by a tab, and YAML takes spaces only".to_owned();
    }
    if let Some((line, quote)) = unclosed_quote(text, at) {
        return format!(
            "is the text that begins with {quote} in line {} closed by a {quote}?",
            line + 1
        );
    }
    match line.chars().nth(at.column) {
        Some(':') => {
            let content = line.trim_start_matches(['-', ' ']);
            if let Some((key, value)) = content.split_once(": ").filter(|(key, _)| !key.is_empty())
            {
                let value = value.trim().replace('\'', "''");
                return format!(
                    "a text that holds a colon is written in quotes: `{key}: '{value}'`"
                );
            }
        }
        Some(bracket @ (']' | '}')) => {
            return format!(
                "nothing above opens this `{bracket}`; write it in quotes where it is a text"
            );
        }
        Some(mark @ ('@' | '`' | '%')) => {
            return format!("a text that begins with `{mark}` is written in quotes");
        }
        _ => {}
    }
    match from {
        Some(from)
            if from.line < at.line
                && from.column != at.column
                && indentation.len() == at.column =>
        {
            format!(
                "the line begins {} spaces in, and what it belongs to began {} spaces in, in line {}",
                at.column,
                from.column,
                from.line + 1
            )
        }
        _ => String::new(),
    }
}

/// The nearest text in quotes above `at` that goes on beyond its line and ends where the parser stopped, or never: its
/// line and its quote.
fn unclosed_quote(text: &str, at: Mark) -> Option<(usize, char)> {
    /// Texts in quotes that are longer than this many lines are meant so.
    const LINES: usize = 40;
    let lines: Vec<&str> = text.lines().collect();
    let last = at.line.min(lines.len().checked_sub(1)?);
    let (line, quote) = (last.saturating_sub(LINES)..=last)
        .rev()
        .find_map(|line| Some((line, open_at_the_end(lines.get(line)?)?)))?;
    let closing = (line + 1..lines.len()).find(|it| lines[*it].contains(quote));
    closing.is_none_or(|it| it >= last).then_some((line, quote))
}

/// The quote in which a line ends, where a text begins in it that does not end there.
fn open_at_the_end(line: &str) -> Option<char> {
    let mut before = ':';
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '#' && before == ' ' {
            return None;
        }
        if matches!(c, '\'' | '"') && matches!(before, ':' | '-' | '[' | '{' | ',' | ' ') {
            loop {
                match chars.next() {
                    None => return Some(c),
                    Some('\\') if c == '"' => {
                        chars.next();
                    }
                    Some(it) if it == c && c == '\'' && chars.peek() == Some(&c) => {
                        chars.next();
                    }

                    Some(it) if it == c => break,
                    Some(_) => {}
                }
            }
        }
        before = c;
    }
    None
}
