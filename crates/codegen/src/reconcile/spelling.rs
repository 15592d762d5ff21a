//! How SDKs and documents spell types, brought to one form.

use conversations_document::{Document, Pointer, lookup};
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

/// A type, as far as both sides say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Integer,
    Number,
    Boolean,
    Bytes,
    List(Box<Type>),
    /// A mapping without a name.
    Inline,
    /// Something without a type, or one that has no single name.
    Any(String),
    /// A named type; the one that it stands for where that is no mapping.
    Named(String, Option<Box<Type>>),
}

/// Nothing, on either side.
pub(super) const VOID: &str = "void";
/// No body, no media type.
pub(super) const NONE: &str = "none";

impl Type {
    /// The type as an SDK's documentation spells it, whatever its language: no name means one thing in
    /// one language and another in the next.
    pub(super) fn of_sdk(text: &str) -> Self {
        let text = text.trim().trim_end_matches('?');
        let inside = |open: &str, close: char| {
            text.strip_prefix(open).and_then(|it| it.strip_suffix(close)).map(str::trim)
        };
        for (open, close) in [("Option<", '>'), ("Optional[", ']'), ("Nullable<", '>')] {
            if let Some(inner) = inside(open, close) {
                return Self::of_sdk(inner);
            }
        }
        for (open, close) in [
            ("Vec<", '>'),
            ("List<", '>'),
            ("Collection<", '>'),
            ("list[", ']'),
            ("List[", ']'),
            ("[", ']'),
        ] {
            if let Some(inner) = inside(open, close) {
                return Type::List(Box::new(Self::of_sdk(inner)));
            }
        }
        if let Some(inner) = text.strip_suffix("[]") {
            return Type::List(Box::new(Self::of_sdk(inner)));
        }
        if ["HashMap<", "BTreeMap<", "Dictionary<", "dict(", "Dict[", "dict["]
            .iter()
            .any(|it| text.contains(it))
        {
            return Type::Inline;
        }
        let last = text.rsplit(['.', ':']).next().unwrap_or(text);
        match last {
            "String" | "string" | "str" | "Uuid" | "UUID" | "Guid" | "DateTime"
            | "DateTimeOffset" | "datetime" | "date" | "NaiveDate" => Type::Text,
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "int" | "long"
            | "short" | "Int32" | "Int64" => Type::Integer,
            "f32" | "f64" | "float" | "double" | "decimal" | "Decimal" => Type::Number,
            "bool" | "boolean" | "Boolean" => Type::Boolean,
            "PathBuf" | "Stream" | "file" | "bytearray" | "bytes" => Type::Bytes,
            "Value" | "object" | "Object" | "dict" => Type::Inline,
            _ => Type::Named(last.to_owned(), None),
        }
    }

    /// The type of the schema at `pointer`.
    pub(super) fn of_schema(document: &Document, pointer: &Pointer) -> Self {
        Self::schema(document, pointer, 8)
    }

    fn schema(document: &Document, pointer: &Pointer, fuel: u8) -> Self {
        let target = lookup::resolve(&document.root, pointer);
        let own = Self::unnamed(document, &target, fuel);
        if target == *pointer {
            return match lookup::text(&document.root, pointer, "$ref") {
                // A reference that leads nowhere still has a name.
                Some(reference) => {
                    let name = reference.rsplit(['/', '#']).next().unwrap_or_default();
                    Type::Named(name.to_owned(), None)
                }
                None => own,
            };
        }
        let name = target.rsplit('/').next().unwrap_or_default().to_owned();
        match own {
            Type::Inline | Type::Any(_) => Type::Named(name, None),
            other => Type::Named(name, Some(Box::new(other))),
        }
    }

    fn unnamed(document: &Document, pointer: &Pointer, fuel: u8) -> Self {
        let Some(Value::Object(map)) = document.root.pointer(pointer) else {
            return Type::Any("any".to_owned());
        };
        let types: Vec<&str> = match map.get("type") {
            Some(Value::String(it)) => vec![it],
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).filter(|it| *it != "null").collect()
            }
            _ => Vec::new(),
        };
        let binary = map.get("format").and_then(Value::as_str) == Some("binary");
        match types[..] {
            ["string"] if binary => Type::Bytes,
            ["file"] => Type::Bytes,
            ["string"] => Type::Text,
            ["integer"] => Type::Integer,
            ["number"] => Type::Number,
            ["boolean"] => Type::Boolean,
            ["array"] if fuel > 0 => {
                Type::List(Box::new(Self::schema(document, &pointer.child("items"), fuel - 1)))
            }
            ["object"] => Type::Inline,
            [] if ["properties", "allOf", "additionalProperties"]
                .iter()
                .any(|it| map.contains_key(*it)) =>
            {
                // `allOf` around a single reference only adds words to it.
                match map.get("allOf").and_then(Value::as_array) {
                    Some(parts)
                        if parts.len() == 1 && !map.contains_key("properties") && fuel > 0 =>
                    {
                        Self::schema(document, &pointer.child("allOf").child("0"), fuel - 1)
                    }
                    _ => Type::Inline,
                }
            }
            [] if map.contains_key("oneOf") || map.contains_key("anyOf") => {
                Type::Any("inline union".to_owned())
            }
            [] => Type::Any("any".to_owned()),
            _ => Type::Any(types.join(" or ")),
        }
    }

    /// Whether an SDK's type, on the left, is what the document says.
    pub(super) fn agrees(&self, document: &Type) -> bool {
        match (self, document) {
            (Type::Named(ours, _), Type::Named(theirs, _)) if same_type_name(ours, theirs) => true,
            (_, Type::Named(_, Some(inner))) => self.agrees(inner),
            (Type::List(ours), Type::List(theirs)) => ours.agrees(theirs),
            (Type::Inline, Type::Inline) => true,
            (Type::Inline, Type::Any(what)) => what == "any",
            _ => self == document,
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Text => f.write_str("string"),
            Type::Integer => f.write_str("integer"),
            Type::Number => f.write_str("number"),
            Type::Boolean => f.write_str("boolean"),
            Type::Bytes => f.write_str("binary"),
            Type::List(of) => write!(f, "array of {of}"),
            Type::Inline => f.write_str("inline object"),
            Type::Any(what) => f.write_str(what),
            Type::Named(name, _) => f.write_str(name),
        }
    }
}

fn same_type_name(a: &str, b: &str) -> bool {
    a.to_upper_camel_case() == b.to_upper_camel_case()
}

/// `snake_case` that keeps the underscores a name begins with: they reach the wire.
pub(super) fn snake(name: &str) -> String {
    let rest = name.trim_start_matches('_');
    format!("{}{}", "_".repeat(name.len() - rest.len()), rest.to_snake_case())
}

/// Media types without their parameters, as a list that can be compared.
pub(super) fn media<'a>(types: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = types
        .into_iter()
        .flat_map(|it| it.split(','))
        .map(|it| it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .filter(|it| !it.is_empty())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// A list as one value of a finding.
pub(super) fn listed(items: &[String], none: &str) -> String {
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}
