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

/// Names of this length and more are shortened, so that one more letter fits.
const MAX_NAME: usize = 60;

/// What a shortened name may have, so that a number still fits behind it.
const ROOM: usize = 54;

/// The types, traits and variants that Rust's prelude brings into every module.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
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

    /// A name for each of `words`, in their order: `case` makes it, and a word that is such a name already has it before
    /// one that only leads to it.
    pub fn claim_all<'w>(
        &mut self,
        words: impl Iterator<Item = &'w str>,
        case: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let wanted: Vec<(&str, String)> = words.map(|it| (it, case(it))).collect();
        let mut out = vec![String::new(); wanted.len()];
        for exact in [true, false] {
            for (name, (word, wanted)) in out.iter_mut().zip(&wanted) {
                if (word == wanted) == exact {
                    *name = self.claim(wanted.clone());
                }
            }
        }
        out
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
    // One word, although it is written like two.
    fix(&words.replace("OAuth", "Oauth"), |it| it.to_snake_case(), "x")
}

/// `words` in Pascal case as a name that progenitor and typify leave alone.
pub fn pascal(words: &str) -> String {
    fix(words, |it| it.to_upper_camel_case(), "X")
}

/// The type that progenitor makes of a method's name; `None` where that is no name in Rust.
pub fn builder_type(method: &str) -> Option<String> {
    let name = method.to_upper_camel_case();
    (escape(&name) == name && is_identifier(&name)).then_some(name)
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

/// `words` in Pascal case as a name of a type: none of the prelude's, which the user's own code would no longer reach.
pub fn type_name(words: &str) -> String {
    let name = pascal(words);
    if PRELUDE.contains(&name.as_str()) { format!("{name}Type") } else { name }
}

/// `words` in Pascal case as the end of a longer name, which may begin with a digit.
pub fn ending(words: &str) -> String {
    let name = pascal(words);
    let is_digit = |it: &&str| it.starts_with(|c: char| c.is_ascii_digit());
    let digits = name.strip_prefix('X').filter(is_digit);
    match digits.filter(|_| !words.starts_with(['x', 'X'])) {
        Some(digits) => digits.to_owned(),
        None => name,
    }
}

/// `name` without what makes it too long: first what looks like a digest, then words from its middle.
fn shortened(name: String, case: impl Fn(&str) -> String) -> String {
    if name.chars().count() < MAX_NAME {
        return name;
    }
    let spelled = name.to_snake_case();
    let mut words: Vec<&str> = spelled.split('_').collect();
    let is_digest = |it: &&str| it.len() >= 20 && it.chars().all(|c| c.is_ascii_hexdigit());
    if words.iter().any(|it| !is_digest(it)) {
        words.retain(|it| !is_digest(it));
    }
    let length = |words: &[&str]| words.iter().map(|it| it.chars().count() + 1).sum::<usize>();
    while words.len() > 2 && length(&words) > ROOM {
        words.remove(words.len() / 2);
    }
    case(&words.join(" ").chars().take(ROOM).collect::<String>())
}

/// The upper-case form for statics.
pub fn shouting(words: &str) -> String {
    snake(words).to_uppercase()
}

fn fix(words: &str, case: impl Fn(&str) -> String, prefix: &str) -> String {
    // Symbols that carry meaning, so that `<`, `=` and `+1` don't all become the same name.
    let words = lower_plurals(words);
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
    let name = shortened(name, &case);
    if is_identifier(&name) {
        return name;
    }
    let prefixed = case(&format!("{prefix}{name}"));
    if is_identifier(&prefixed) { prefixed } else { prefix.to_owned() }
}

/// Whether a name, escaped, is one in Rust. Most are of letters and digits alone, and then need no parser.
fn is_identifier(name: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    name.starts_with(|it: char| it.is_ascii_alphabetic()) && name.bytes().all(is_plain)
        || syn::parse_str::<syn::Ident>(&escape(name)).is_ok()
}

/// The words with the plurals of acronyms as one word each: `userIDs` as `userIds`, of which case would make `user_i_ds`.
fn lower_plurals(words: &str) -> String {
    let chars: Vec<char> = words.chars().collect();
    let is_upper = |at: usize| chars.get(at).is_some_and(char::is_ascii_uppercase);
    let is_plural = |at: usize| {
        chars.get(at) == Some(&'s') && !chars.get(at + 1).is_some_and(char::is_ascii_lowercase)
    };
    let in_plural = |at: usize| {
        let end = (at..chars.len()).find(|it| !is_upper(*it)).unwrap_or(chars.len());
        is_plural(end)
    };
    let lowered = chars.iter().enumerate().map(|(at, c)| match at.checked_sub(1) {
        Some(before) if is_upper(before) && is_upper(at) && in_plural(at) => c.to_ascii_lowercase(),
        _ => *c,
    });
    lowered.collect()
}

/// Whether no two of them are the same.
pub(crate) fn are_distinct(words: &[String]) -> bool {
    words.iter().enumerate().all(|(i, word)| !words[..i].contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("getMessage", "get_message", "GetMessage"),
            ("_id", "id", "Id"),
            ("OAuth2", "oauth2", "OAuth2"),
            ("userIDs", "user_ids", "UserIds"),
            ("listURLsOfAPIs", "list_urls_of_apis", "ListUrlsOfApis"),
            ("DNSServer", "dns_server", "DnsServer"),
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
        let types = [("option", "OptionType"), ("Result", "ResultType"), ("optional", "Optional")];
        for (words, name) in types {
            assert_eq!(type_name(words), name);
        }
        for (words, name) in
            [("200", "200"), ("2XX", "2xx"), ("a bc", "ABc"), ("x1", "X1"), ("", "X")]
        {
            assert_eq!(ending(words), name, "{words}");
        }
        let digest = "f30d78c250ad1209aef755ddde02bb131e1749b705985f0e9f1b007c900b98e2";
        assert_eq!(pascal(&format!("{digest}.CardButton")), "CardButton");
        let long =
            "the_settings_of_each_channel_that_a_person_has_been_reached_by_in_the_past_year";
        assert_eq!(snake(long), "the_settings_of_each_channel_that_by_in_the_past_year");
        for words in [long.to_owned(), "x".repeat(100), digest.repeat(2), "ab1".repeat(40)] {
            let (s, p) = (snake(&words), pascal(&words));
            assert!(s.chars().count() <= 60 && p.chars().count() <= 60, "{s} {p}");
            assert_eq!((snake(&s), pascal(&p)), (s.clone(), p.clone()));
        }
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
        let names = scope.claim_all(["_links", "new", "links"].into_iter(), snake);
        assert_eq!(names, ["links_2", "new_3", "links"].map(str::to_owned).as_slice());
    }
}
