//! JSONPath targets: where they lead, and how far they get where they lead nowhere.

use crate::{document::Document, fault::Code, pointer::Pointer, suggest};
use serde_json::Value;
use serde_json_path::JsonPath;

/// Longer queries are nobody's, and the parser follows parentheses on the stack.
const LONGEST: usize = 1000;

/// A node that a query found, with the keys that lead to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) keys: Vec<Key>,
}

/// One step on the way to a node. Indexes sort as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Name(String),
    Index(usize),
}

impl Found {
    pub(super) fn pointer(&self) -> Pointer {
        self.keys.iter().fold(Pointer::ROOT, |pointer, key| match key {
            Key::Name(name) => pointer.child(name),
            Key::Index(index) => pointer.child(index),
        })
    }
}

/// Reads a query.
pub(super) fn parse(query: &str) -> Result<JsonPath, Box<Code>> {
    if query.len() > LONGEST {
        return Err(Code::LongQuery { most: LONGEST }.into());
    }
    JsonPath::parse(query).map_err(|error| {
        let at = query.char_indices().nth(error.position()).map_or("", |(at, _)| &query[at..]);
        let place = if at.is_empty() { "at its end".to_owned() } else { format!("before `{at}`") };
        let error = format!("{} {place}", error.message());
        Code::BadQuery { query: query.to_owned(), error }.into()
    })
}

/// Everything that a query finds, in the document's order and each node once.
pub(super) fn find(path: &JsonPath, root: &Value) -> Vec<Found> {
    let mut seen = std::collections::BTreeSet::new();
    let all = path.query_located(root);
    let found = all.locations().map(|location| Found {
        keys: location
            .iter()
            .map(|it| match (it.as_name(), it.as_index()) {
                (Some(name), _) => Key::Name(name.to_owned()),
                (None, index) => Key::Index(index.unwrap_or_default()),
            })
            .collect(),
    });
    found.filter(|it| seen.insert(it.clone())).collect()
}

/// What to say about a query that finds nothing: the part of it that still does, and what is there.
pub(super) fn hint(query: &str, document: &Document) -> String {
    for cut in boundaries(query).into_iter().rev() {
        let (prefix, rest) = query.split_at(cut);
        let Some(found) = parse(prefix).ok().map(|it| find(&it, &document.root)) else { continue };
        let Some(first) = found.first() else { continue };
        let pointer = first.pointer();
        let origin = document.origin(&pointer);
        let many = match found.len() {
            1 => format!("at {}:{}", origin.file, origin.line),
            n => format!("{n} nodes, the first at {}:{}", origin.file, origin.line),
        };
        let node = document.root.pointer(&pointer).unwrap_or(&Value::Null);
        return format!(
            "`{prefix}` still matches ({many}); from there `{rest}` leads nowhere: {}",
            inside(node, rest)
        );
    }
    "not even its beginning matches".to_owned()
}

/// What a node has to offer, nearest first.
fn inside(node: &Value, rest: &str) -> String {
    const MOST: usize = 12;
    match node {
        Value::Object(map) => {
            let wanted = rest.trim_matches(['.', '[', ']', '\'', '"']);
            let keys: Vec<&str> = map.keys().map(String::as_str).collect();
            match &suggest::nearest(wanted, keys.iter().copied(), 3)[..] {
                [] if keys.is_empty() => "it is an empty mapping".to_owned(),
                [] => {
                    let more = if keys.len() > MOST { ", …" } else { "" };
                    format!("it has {}{more}", suggest::quoted(keys.into_iter().take(MOST)))
                }
                near => format!("did you mean {}?", suggest::quoted(near.iter().copied())),
            }
        }
        Value::Array(list) => format!("it is a list of {}", list.len()),
        other => format!("it is {}", crate::load::kind(other)),
    }
}

/// Where a query can be cut into two: before every segment but the first.
fn boundaries(query: &str) -> Vec<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    let mut cuts = Vec::new();
    let mut last = ' ';
    for (at, it) in query.char_indices() {
        match (quote, it) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == it => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(it),
            (None, '[') => {
                // In `..[` the brackets belong to the dots.
                if depth == 0 && last != '.' {
                    cuts.push(at);
                }
                depth += 1;
            }
            (None, ']') => depth = depth.saturating_sub(1),
            (None, '.') if depth == 0 && last != '.' => cuts.push(at),
            _ => {}
        }
        last = it;
    }
    cuts
}
