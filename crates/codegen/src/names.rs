//! Rust names for the words of a document, each unique where it is used.

use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::BTreeSet;

/// Words that Rust keeps for itself; a name that is one of them gets a trailing underscore.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The names that one scope has given out.
#[derive(Debug, Default, Clone)]
pub struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    /// A scope in which the given names are spoken for from the start.
    pub fn reserving(names: &[&str]) -> Self {
        Self { taken: names.iter().map(|it| (*it).to_owned()).collect() }
    }

    /// Whether nobody has claimed `name`.
    pub fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name)
    }

    /// `wanted` where it is free, else `wanted` with the first free number from 2 on.
    ///
    /// The number is appended bare to Pascal case and behind an underscore to snake case, so that the
    /// result stays what a second conversion would make of it.
    pub fn claim(&mut self, wanted: String) -> String {
        let separator = if wanted.starts_with(char::is_uppercase) { "" } else { "_" };
        let mut name = wanted.clone();
        let mut n = 1_u32;
        while !self.taken.insert(name.clone()) {
            n += 1;
            name = format!("{wanted}{separator}{n}");
        }
        name
    }
}

/// `words` in snake case as a name that progenitor and typify leave alone; not yet escaped.
pub fn snake(words: &str) -> String {
    fix(words, |it| it.to_snake_case(), "x")
}

/// `words` in Pascal case as a name that progenitor and typify leave alone.
pub fn pascal(words: &str) -> String {
    fix(words, |it| it.to_upper_camel_case(), "X")
}

/// The type that progenitor makes of a method's name; `None` where that is no name in Rust.
pub fn builder_type(method: &str) -> Option<String> {
    let name = method.to_upper_camel_case();
    syn::parse_str::<syn::Ident>(&name).is_ok().then_some(name)
}

/// `name` with a trailing underscore where it is a keyword.
pub fn escape(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// The name in snake case that progenitor and typify derive from `words`, escaped; `None` where the two differ, or where
/// the rule is not worth repeating.
pub fn derived(words: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:~ ".contains(c);
    if words.is_empty() || !words.chars().all(plain) {
        return None;
    }
    let split = words.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-");
    let name = split.to_snake_case();
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| escape(&name))
}

/// The upper-case form for statics.
pub fn shouting(words: &str) -> String {
    snake(words).to_uppercase()
}

fn fix(words: &str, case: impl Fn(&str) -> String, prefix: &str) -> String {
    // Symbols that carry meaning, so that `<`, `=` and `+1` don't all become the same name.
    let mut spelled = String::with_capacity(words.len());
    for (i, c) in words.chars().enumerate() {
        match c {
            '\'' => {}
            '+' => spelled.push_str(" plus "),
            '-' if i == 0 => spelled.push_str(" minus "),
            '<' => spelled.push_str(" less "),
            '>' => spelled.push_str(" greater "),
            '=' => spelled.push_str(" equal "),
            '!' => spelled.push_str(" not "),
            '*' => spelled.push_str(" star "),
            '%' => spelled.push_str(" percent "),
            '&' => spelled.push_str(" and "),
            '@' => spelled.push_str(" at "),
            '#' => spelled.push_str(" hash "),
            '$' => spelled.push_str(" dollar "),
            c if c.is_ascii_alphanumeric() => spelled.push(c),
            c if !c.is_ascii() && c.is_alphanumeric() => spelled.push(c),
            _ => spelled.push(' '),
        }
    }
    let mut name = case(spelled.trim());
    for _ in 0..3 {
        let again = case(&name);
        if again == name {
            break;
        }
        name = again;
    }
    // Only letters of the Unicode identifier classes survive; the rest would not parse as Rust.
    let name: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    if syn::parse_str::<syn::Ident>(&escape(&name)).is_ok() {
        return name;
    }
    let prefixed = case(&format!("{prefix}{name}"));
    if syn::parse_str::<syn::Ident>(&escape(&prefixed)).is_ok() {
        prefixed
    } else {
        prefix.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("getMessage", "get_message", "GetMessage"),
            ("_id", "id", "Id"),
            ("NO COVERAGE", "no_coverage", "NoCoverage"),
            ("2fa", "x2fa", "X2fa"),
            ("", "x", "X"),
            ("<=", "less_equal", "LessEqual"),
            ("+1", "plus_1", "Plus1"),
            ("type", "type", "Type"),
            ("日本", "日本", "日本"),
            ("a.b/c", "a_b_c", "Abc"),
        ];
        for (words, s, p) in cases {
            assert_eq!((snake(words).as_str(), pascal(words).as_str()), (s, p), "{words}");
        }
        assert_eq!(escape("type"), "type_");
    }

    #[test]
    fn derived_names_are_those_of_progenitor() {
        let cases = [
            ("messageId", Some("message_id")),
            ("X-App.Id", Some("x_app_id")),
            ("type", Some("type_")),
            // Progenitor and typify prefix a digit differently.
            ("2fa", None),
            ("_", None),
            ("+1", None),
            ("größe", None),
        ];
        for (words, name) in cases {
            assert_eq!(derived(words).as_deref(), name, "{words}");
        }
    }

    #[test]
    fn claims_are_unique() {
        let mut scope = Scope::reserving(&["new"]);
        assert_eq!(scope.claim("new".into()), "new_2");
        assert_eq!(scope.claim("Foo".into()), "Foo");
        assert_eq!(scope.claim("Foo".into()), "Foo2");
    }
}
