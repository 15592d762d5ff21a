//! YAML 1.2 made readable for parsers of YAML 1.1, and numbers brought into the range that Rust has.

use crate::document::Document;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What YAML 1.2 takes for text, and the parsers for a line break or for nothing that a text may hold.
fn is_stumbled_over(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// The characters of a text that the parsers stumble over, each with the one that stands for it meanwhile.
#[derive(Debug, Default)]
pub(super) struct StandIns(Vec<(char, char)>);

impl StandIns {
    /// The text with a character that it does not have for each that the parsers stumble over.
    pub(super) fn hide(text: &str) -> (Cow<'_, str>, Self) {
        let mut present = Vec::new();
        for c in text.chars().filter(|it| is_stumbled_over(*it)) {
            if !present.contains(&c) {
                present.push(c);
            }
        }
        if present.is_empty() {
            return (Cow::Borrowed(text), Self::default());
        }
        // The private use area; a text that has all of it is left as it is.
        let free = ('\u{e000}'..='\u{f8ff}').filter(|it| !text.contains(*it));
        let pairs: Vec<(char, char)> = present.into_iter().zip(free).collect();
        let stand_in = |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |it| it.1);
        (Cow::Owned(text.chars().map(stand_in).collect()), Self(pairs))
    }

    /// The document with its own characters again, in keys, values and pointers.
    pub(super) fn restore(&self, document: Document) -> Document {
        if self.0.is_empty() {
            return document;
        }
        let Document { file, root, origins } = document;
        let origins =
            origins.into_iter().map(|(at, origin)| (self.text(&at).into(), origin)).collect();
        Document { file, root: self.value(root), origins }
    }

    fn text(&self, text: &str) -> String {
        let own = |c: char| self.0.iter().find(|(_, to)| *to == c).map_or(c, |it| it.0);
        text.chars().map(own).collect()
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(list) => list.into_iter().map(|it| self.value(it)).collect(),
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(key, it)| (self.text(&key), self.value(it)))
                    .collect::<Map<_, _>>(),
            ),
            other => other,
        }
    }
}

/// The text without the tabs that the parser refuses at the beginning of a line: a line of a block scalar is indented
/// as those around it, a blank line or a comment loses its tabs. Nothing where there are none.
pub(super) fn indent_tabs(text: &str) -> Option<String> {
    if !text.contains('\t') {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut changed = false;
    // The indentation of the line that opened the block scalar, and that of its text once it is known.
    let mut block: Option<(usize, Option<usize>)> = None;
    for line in text.split_inclusive('\n') {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let tab = line[spaces..].starts_with('\t');
        let words = line.trim_start_matches([' ', '\t']);
        let blank = words.trim().is_empty();
        if let Some((parent, inner)) = &mut block {
            let least = inner.unwrap_or(*parent + 1);
            if blank {
                let kept = if tab && spaces < least { words } else { line };
                changed |= kept.len() < line.len();
                out.push_str(kept);
                continue;
            }
            if tab && spaces < least {
                out.extend(std::iter::repeat_n(' ', least - spaces));
                changed = true;
            }
            if tab || spaces >= least {
                inner.get_or_insert(spaces.max(least));
                out.push_str(line);
                continue;
            }
        }
        if tab && (blank || words.starts_with('#')) {
            out.push_str(words);
            changed = true;
            continue;
        }
        block = opens_block(line).then_some((spaces, None));
        out.push_str(line);
    }
    changed.then_some(out)
}

/// Whether a line ends with the header of a block scalar: `|` or `>`, perhaps with indicators and a comment.
fn opens_block(line: &str) -> bool {
    let line = match line.rfind(" #") {
        Some(comment) => &line[..comment],
        None => line,
    };
    let Some(last) = line.split_whitespace().next_back() else { return false };
    let header = last.strip_prefix('|').or_else(|| last.strip_prefix('>'));
    header.is_some_and(|it| it.len() <= 2 && it.chars().all(|c| "+-123456789".contains(c)))
}

/// How a decimal or hexadecimal number is written that readers take, where they would refuse `token`: beyond 64 bits
/// as a float, beyond the largest float as that one. Nothing for what is not a number or can be read as it is.
pub(super) fn readable_number(token: &str) -> Option<String> {
    let digits = token.strip_prefix(['-', '+']).unwrap_or(token);
    if !digits.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
        return None;
    }
    let radix = [("0x", 16), ("0o", 8)].into_iter().find_map(|(prefix, radix)| {
        let rest = digits.strip_prefix(prefix)?;
        (!rest.is_empty() && rest.chars().all(|it| it.is_digit(radix))).then_some((rest, radix))
    });
    let float = match radix {
        Some((rest, radix)) if u64::from_str_radix(rest, radix).is_err() => rest
            .chars()
            .filter_map(|it| it.to_digit(radix))
            .fold(0.0, |sum: f64, digit| sum.mul_add(f64::from(radix), f64::from(digit))),
        Some(_) => return None,
        None if token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok() => return None,
        None => {
            let decimal = |it: char| it.is_ascii_digit() || ".eE+-".contains(it);
            let float = digits.chars().all(decimal).then(|| digits.parse::<f64>().ok())??;
            let whole = digits.bytes().all(|it| it.is_ascii_digit());
            if whole && digits.starts_with('0') {
                // A text to every reader, such as a number to dial.
                return None;
            }
            if float.is_finite() && !whole {
                return None;
            }
            float
        }
    };
    let sign = if token.starts_with('-') { "-" } else { "" };
    let written = format!("{:e}", float.min(f64::MAX));
    // YAML asks for a point.
    let point = if written.contains('.') { "" } else { ".0" };
    Some(format!("{sign}{}", written.replace('e', &format!("{point}e"))))
}

/// JSON text with the numbers that no float holds as the largest float.
pub(super) fn readable_json(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut from, mut quoted, mut escaped, mut start) = (0, false, false, None);
    for (at, byte) in text.bytes().enumerate().chain([(text.len(), b' ')]) {
        let numeric = !quoted && (byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        match (numeric, start) {
            (true, None) => start = Some(at),
            (false, Some(begin)) => {
                start = None;
                let new =
                    text.get(begin..at).filter(|it| it.contains(['e', 'E']) || it.len() > 300);
                if let Some(new) = new.and_then(readable_number) {
                    out.push_str(&text[from..begin]);
                    out.push_str(&new);
                    from = at;
                }
            }
            _ => {}
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_into_range() {
        let cases = [
            ("1", None),
            ("18446744073709551615", None),
            ("-9223372036854775808", None),
            ("18446744073709551616", Some("1.8446744073709552e19")),
            ("-9223372036854775809", Some("-9.223372036854776e18")),
            ("100000000000000000000", Some("1.0e20")),
            ("0xFFFFFFFFFFFFFFFFF", Some("2.9514790517935283e20")),
            ("0x1F", None),
            ("1e400", Some("1.7976931348623157e308")),
            ("-1.5E+999", Some("-1.7976931348623157e308")),
            ("1e-400", None),
            ("0049123456789012345678901", None),
            ("1.2.3", None),
            ("2024-01-01", None),
            ("abc", None),
            (".inf", None),
            ("", None),
        ];
        for (token, want) in cases {
            assert_eq!(readable_number(token).as_deref(), want, "{token}");
        }
    }

    #[test]
    fn only_block_scalars_are_indented() {
        let cases = [
            ("a: |\n  x\n\ty\n  z\n", Some("a: |\n  x\n  \ty\n  z\n")),
            ("a:\n  b: >-\n    x\n  \ty\nc: 1\n", Some("a:\n  b: >-\n    x\n    \ty\nc: 1\n")),
            ("- |2 # why\n  x\n\ty\n", Some("- |2 # why\n  x\n  \ty\n")),
            ("a: |\n\tx\n", Some("a: |\n \tx\n")),
            ("a: 1\n\tb: 2\n", None),
            ("a: |\n  x\nb:\n\tc\n", None),
            ("a:\n\t\n\t# why\n  b: 1\n", Some("a:\n\n# why\n  b: 1\n")),
            ("a: |\n  x\n\t\n  y\n", Some("a: |\n  x\n\n  y\n")),
        ];
        for (text, want) in cases {
            assert_eq!(indent_tabs(text).as_deref(), want, "{text:?}");
        }
    }
}
