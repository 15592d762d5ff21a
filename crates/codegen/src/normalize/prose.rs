//! Descriptions as rustdoc can take them.
//!
//! Vendors write CommonMark with HTML, bare addresses, indented samples and fences of any language.
//! In rustdoc these would become broken links, warnings and, worst, doc tests that get compiled.

/// `text` as a doc comment that renders and never compiles.
pub(crate) fn doc(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut fenced = false;
    for line in text.trim().lines() {
        let line = line.trim_end();
        let bare = line.trim_start();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            out.push_str(if fenced { "```" } else { "```text" });
            fenced = !fenced;
        } else if fenced {
            out.push_str(line);
        } else {
            // Four spaces would open a code block.
            let indent = line.len() - bare.len();
            out.push_str(&" ".repeat(if starts_item(bare) { indent.min(3) } else { 0 }));
            prose(bare, &mut out);
        }
        out.push('\n');
    }
    if fenced {
        out.push_str("```\n");
    }
    out.truncate(out.trim_end().len());
    out
}

/// The first sentence or line of `text`, on one line.
pub(super) fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().trim().to_owned()
}

fn starts_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ")
}

fn prose(line: &str, out: &mut String) {
    let mut code = false;
    let ticks = line.matches('`').count();
    for word in line.split_inclusive(' ') {
        let core = word.trim_end();
        if !code && (core.starts_with("https://") || core.starts_with("http://")) {
            let end =
                core.trim_end_matches(['.', ',', ')', ';', ':', '`', '"', '\'', '>', ']', '}']);
            let plain = end.chars().all(|c| c.is_ascii_graphic() && !"<>`[]{}|\\^".contains(c));
            if plain && !end.is_empty() {
                out.push('<');
                out.push_str(end);
                out.push('>');
                escape(&word[end.len()..], &mut code, ticks, out);
                continue;
            }
        }
        escape(word, &mut code, ticks, out);
    }
}

fn escape(word: &str, code: &mut bool, ticks: usize, out: &mut String) {
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // An odd backtick would swallow the rest of the paragraph.
            '`' if ticks % 2 == 1 => out.push('\''),
            '`' => {
                *code = !*code;
                out.push('`');
            }
            _ if *code => out.push(c),
            '<' | '[' | ']' | '>' => {
                out.push('\\');
                out.push(c);
            }
            'h' if out.ends_with(|it: char| !it.is_alphanumeric() && it != '<')
                && (word.contains("http://") || word.contains("https://")) =>
            {
                // An address inside a word, such as one in brackets: code keeps it from being a bare link.
                let rest: String = std::iter::once(c).chain(chars.clone()).collect();
                if rest.starts_with("http://") || rest.starts_with("https://") {
                    let end = rest
                        .find(|it: char| !it.is_ascii_graphic() || "<>`[]{}|\\^\"'),;".contains(it))
                        .unwrap_or(rest.len());
                    out.push('<');
                    out.push_str(&rest[..end]);
                    out.push('>');
                    for _ in 0..rest[..end].chars().count() - 1 {
                        chars.next();
                    }
                } else {
                    out.push(c);
                }
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs() {
        let cases = [
            ("see https://a.example/x.", "see <https://a.example/x>."),
            ("a [link](https://a.example/x) here", "a \\[link\\](<https://a.example/x>) here"),
            ("<b>bold</b>", "\\<b\\>bold\\</b\\>"),
            ("    let x = 1;", "let x = 1;"),
            ("```rust\nfoo()\n```", "```text\nfoo()\n```"),
            ("`a<b>` c", "`a<b>` c"),
            ("one ` tick", "one ' tick"),
            ("```\nopen", "```text\nopen\n```"),
        ];
        for (input, expect) in cases {
            assert_eq!(doc(input), expect, "{input}");
        }
    }
}
