//! Keywords of schemas that 3.0 says otherwise or not at all.

use super::{CONTENT_MEDIA_TYPE, context::Context, types::brief};
use crate::load::kind;
use crate::note::Done;
use crate::pointer::Pointer;
use crate::reference::{reference, schema_name};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeSet;

/// What identifies a schema or comments on it; references that used it are resolved by now.
const IDENTITY: [&str; 13] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
    "$self",
    "$dynamicRef",
    "$recursiveRef",
];

/// Keywords that 3.0 has no word for; values are then accepted that the document forbids.
const NO_WORD: [&str; 14] = [
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "contentSchema",
    "additionalItems",
];

/// A condition and what follows from it.
const CONDITIONS: [&str; 3] = ["if", "then", "else"];

/// Schemas that hold where a property is there.
const DEPENDENT: [&str; 2] = ["dependentSchemas", "dependencies"];

/// Keywords that count something.
const COUNTS: [&str; 6] =
    ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// Keywords that bound numbers.
const BOUNDS: [&str; 3] = ["minimum", "maximum", "multipleOf"];

/// Beyond it, about what an `i64` holds, a bound bounds nothing.
const LARGEST_WHOLE: f64 = 9.2e18;

/// Keywords that are true or false.
const FLAGS: [&str; 4] = ["readOnly", "writeOnly", "deprecated", "uniqueItems"];

/// Keywords that are texts and nothing without.
const TEXTS: [&str; 2] = ["format", "pattern"];

/// Formats that some write as a pattern.
const FORMATS: [&str; 6] = ["date", "date-time", "time", "email", "uri", "uuid"];

/// Takes identities, comments and definitions away.
pub(crate) fn identity(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    for key in IDENTITY {
        // `id` and `definitions` are old keywords; in place of anything else they are none.
        let is_keyword = match (key, object.get(key)) {
            (_, None) => false,
            ("id", Some(value)) => value.is_string(),
            ("definitions" | "$defs", Some(value)) => value.is_object(),
            _ => true,
        };
        if is_keyword {
            object.shift_remove(key);
            cx.note(at, Done::SchemaIdentity { key });
        }
    }
}

/// Repairs keywords whose value has another form than the keyword's.
pub(crate) fn forms(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    for key in COUNTS {
        repair(cx, object, key, at, |value| {
            let whole = number(value)?;
            (whole >= 0.0 && whole.fract() == 0.0 && whole < 1e15).then(|| json!(whole as u64))
        });
    }
    for key in BOUNDS {
        repair(cx, object, key, at, |value| {
            if let Some(bound) = value.as_f64().filter(|_| value.is_number()) {
                // What the largest number bounds is bounded anyway.
                return (bound.abs() < f64::MAX).then(|| value.clone());
            }
            value.as_str()?.trim().parse::<i64>().ok().map(Value::from).or_else(|| {
                Number::from_f64(value.as_str()?.trim().parse().ok()?).map(Value::Number)
            })
        });
    }
    for key in FLAGS {
        repair(cx, object, key, at, |value| match (value, value.as_str()) {
            (Value::Bool(_), _) => Some(value.clone()),
            (_, Some("true")) => Some(json!(true)),
            (_, Some("false")) => Some(json!(false)),
            _ => None,
        });
    }
    for key in TEXTS {
        repair(cx, object, key, at, |value| value.is_string().then(|| value.clone()));
    }
    pattern(cx, object, at);
    let integer = object.get("type").and_then(Value::as_str) == Some("integer");
    if integer {
        unsigned(cx, object, at);
    }
    for key in ["exclusiveMinimum", "exclusiveMaximum"] {
        let most = if integer { LARGEST_WHOLE } else { f64::MAX };
        repair(cx, object, key, at, |value| {
            let beyond = value.as_f64().is_some_and(|it| it.abs() >= most);
            (!beyond).then(|| value.clone())
        });
    }
    for key in BOUNDS.iter().filter(|_| integer) {
        repair(cx, object, key, at, |value| {
            let float = value.as_f64()?;
            if value.is_i64() {
                return Some(value.clone());
            }
            let whole = match *key {
                "minimum" => float.ceil(),
                "maximum" => float.floor(),
                _ if float.fract() == 0.0 => float,
                _ => return None,
            };
            (whole.abs() < LARGEST_WHOLE).then(|| json!(whole as i64))
        });
    }
}

/// Patterns that no text matches which is meant: the name of a format, and a regular expression as programs write it.
fn pattern(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(written) = object.get("pattern").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    let (key, value) = ("pattern".to_owned(), json!(written).to_string());
    let literal = written.strip_prefix("/^").and_then(|it| it.rsplit_once('/'));
    let literal = literal.filter(|(_, flags)| flags.chars().all(|it| "dgimsuvy".contains(it)));
    if FORMATS.contains(&written.as_str()) {
        object.shift_remove("pattern");
        object.entry("format").or_insert_with(|| json!(written));
        cx.note(at, Done::KeywordReadAs { key, value, new: format!("format: {written}") });
    } else if literal.map_or(written.starts_with("/^"), |(_, flags)| flags.contains('i')) {
        object.shift_remove("pattern");
        cx.note(&at.child("pattern"), Done::Unchecked { key: "pattern" });
    } else if let Some((inside, _)) = literal {
        let new = json!(format!("^{inside}"));
        cx.note(at, Done::KeywordReadAs { key, value, new: new.to_string() });
        object.insert("pattern".to_owned(), new);
    }
}

/// Bounds from zero to more than an `i64` holds become the format of such numbers; 3.0 takes no such bound of an integer.
fn unsigned(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let bound = |key: &str| object.get(key).and_then(Value::as_f64);
    let from_zero = bound("minimum").is_some_and(|it| it >= 0.0);
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    let beyond = most.is_some_and(|it| it >= LARGEST_WHOLE);
    let format = object.get("format").and_then(Value::as_str);
    if from_zero && beyond && matches!(format, None | Some("int64")) {
        object.insert("format".to_owned(), json!("uint64"));
        cx.note(at, Done::Unsigned);
    }
    // The format says as much as this bound does.
    if object.get("format").is_some_and(|it| it == "uint64")
        && object.get("maximum").and_then(Value::as_u64) == Some(u64::MAX)
    {
        object.shift_remove("maximum");
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Puts `read`'s answer in place of the keyword's value, or takes the keyword away.
fn repair(
    cx: &mut Context,
    object: &mut Map<String, Value>,
    key: &str,
    at: &Pointer,
    read: impl Fn(&Value) -> Option<Value>,
) {
    let Some(value) = object.get(key) else { return };
    match read(value) {
        Some(new) if new == *value => {}
        Some(new) => {
            cx.note(
                at,
                Done::KeywordReadAs {
                    key: key.to_string(),
                    value: brief(value),
                    new: new.to_string(),
                },
            );
            object.insert(key.to_owned(), new);
        }
        None => {
            let empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
            let (name, value) = (key.to_owned(), brief(value));
            let done = match empty {
                true => Done::KeywordEmpty { key: name, value },
                false => Done::KeywordUnusable { key: name, value },
            };
            cx.note(at, done);
            object.shift_remove(key);
        }
    }
}

/// Numeric exclusive bounds as a bound and a flag.
pub(crate) fn exclusive_bounds(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    for (key, bound, tighter) in [
        ("exclusiveMinimum", "minimum", f64::ge as fn(&f64, &f64) -> bool),
        ("exclusiveMaximum", "maximum", f64::le),
    ] {
        let Some(value) = object.get(key).cloned() else { continue };
        match &value {
            Value::Bool(flag) => {
                if *flag && !object.contains_key(bound) {
                    object.shift_remove(key);
                    cx.note(at, Done::FlagWithoutBound { key, bound });
                }
            }
            Value::Number(limit) => {
                let own = object.get(bound).and_then(Value::as_f64);
                let wins = own.is_none_or(|own| tighter(&limit.as_f64().unwrap_or(own), &own));
                if wins {
                    object.insert(bound.to_owned(), value.clone());
                    object.insert(key.to_owned(), json!(true));
                } else {
                    object.shift_remove(key);
                }
                cx.note(at, Done::ExclusiveBound { key, value: value.to_string() });
            }
            other => {
                cx.note(at, Done::BoundForm { key, found: kind(other) });
                object.shift_remove(key);
            }
        }
    }
    integer_bounds(object);
}

/// A bound that came from an exclusive one is whole where the type is.
fn integer_bounds(object: &mut Map<String, Value>) {
    if object.get("type").and_then(Value::as_str) != Some("integer") {
        return;
    }
    for (bound, flag) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let Some(value) = object.get(bound).filter(|v| v.is_f64()).and_then(Value::as_f64) else {
            continue;
        };
        // `> 0.5` among whole numbers is `>= 1`.
        if value.fract() != 0.0 {
            object.shift_remove(flag);
        }
        let whole = if bound == "minimum" { value.ceil() } else { value.floor() };
        object.insert(bound.to_owned(), json!(whole as i64));
    }
}

/// The first of several examples.
pub(crate) fn examples(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(examples) = object.shift_remove("examples") else { return };
    let first = match examples {
        Value::Array(list) => list.into_iter().next(),
        Value::Object(map) => {
            map.into_iter().next().map(|(_, v)| v.get("value").cloned().unwrap_or(v))
        }
        other => Some(other),
    };
    if let Some(first) = first {
        object.entry("example").or_insert(first);
    }
    cx.note(at, Done::SchemaExamples);
}

/// How a text holds bytes.
pub(crate) fn content(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let encoding = object.shift_remove("contentEncoding");
    let media = object.shift_remove("contentMediaType");
    if encoding.is_none() && media.is_none() {
        return;
    }
    let said = media.as_ref().and_then(Value::as_str).map(str::to_owned);
    let format = match encoding.as_ref().and_then(Value::as_str) {
        Some("base64") => Some("byte"),
        Some("binary") => Some("binary"),
        None if media.is_some() => {
            let media = media.as_ref().and_then(Value::as_str).unwrap_or_default();
            let text =
                media.starts_with("text/") || media.contains("json") || media.contains("xml");
            (!text).then_some("binary")
        }
        _ => None,
    };
    // The media type of a file is that of the file.
    if format != Some("binary") {
        let media = said.unwrap_or_else(|| "application/octet-stream".to_owned());
        object.insert(CONTENT_MEDIA_TYPE.to_owned(), json!(media));
    }
    if let Some(format) = format {
        object.entry("type").or_insert_with(|| json!("string"));
        object.insert("format".to_owned(), json!(format));
        cx.note(at, Done::ContentEncoding { format });
    } else {
        let words = encoding.or(media).map(|v| brief(&v)).unwrap_or_default();
        cx.note(at, Done::ContentOfText { of: words.to_string() });
    }
}

/// Lists whose members differ by position become lists of a union.
pub(crate) fn tuples(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let prefixed = object.get("prefixItems").is_some_and(Value::is_array);
    let prefix = match object.shift_remove("prefixItems") {
        Some(Value::Array(list)) => Some((list, object.shift_remove("items"))),
        _ => match object.get("items") {
            Some(Value::Array(_)) => {
                let rest = object.shift_remove("additionalItems");
                match object.shift_remove("items") {
                    Some(Value::Array(list)) => Some((list, rest)),
                    _ => None,
                }
            }
            _ => None,
        },
    };
    let Some((members, rest)) = prefix else {
        if object.get("items") == Some(&Value::Bool(false)) {
            object.insert("items".to_owned(), json!({}));
            object.insert("maxItems".to_owned(), json!(0));
            cx.note(at, Done::ItemsFalse);
        }
        return;
    };
    if !prefixed && !object.contains_key("type") {
        // Nothing says that the value is a list at all, and authors who write this mean other things.
        cx.note(at, Done::ItemsWithoutType);
        return;
    }
    let count = members.len();
    if rest == Some(Value::Bool(false)) {
        object.entry("maxItems").or_insert_with(|| json!(count));
    }
    let mut kinds: Vec<Value> = Vec::new();
    for member in members.into_iter().chain(rest.filter(|r| !r.is_boolean())) {
        if !kinds.contains(&member) {
            kinds.push(member);
        }
    }
    let items = match kinds.len() {
        0 => json!({}),
        1 => kinds.pop().unwrap_or_default(),
        _ => json!({ "oneOf": kinds }),
    };
    object.insert("items".to_owned(), items);
    object.entry("type").or_insert_with(|| json!("array"));
    cx.note(at, Done::MembersJoined);
}

/// Free keys by pattern as free keys of any name.
pub(crate) fn pattern_properties(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(patterns) = object.shift_remove("patternProperties") else { return };
    let Some(patterns) = patterns.as_object().filter(|p| !p.is_empty()) else { return };
    let written: Vec<&str> = patterns.keys().map(String::as_str).collect();
    let written = written.join("`, `");
    let others = object.get("additionalProperties");
    let closed = matches!(others, None | Some(Value::Bool(false)));
    let mut kinds: Vec<&Value> = others.filter(|it| it.is_object()).into_iter().collect();
    for schema in patterns.values() {
        if !kinds.contains(&schema) {
            kinds.push(schema);
        }
    }
    let open = others.is_none();
    if closed || others.is_some_and(Value::is_object) {
        let values = match &kinds[..] {
            [only] => (*only).clone(),
            several => json!({ "oneOf": several }),
        };
        object.insert("additionalProperties".to_owned(), values);
        object.entry("type").or_insert_with(|| json!("object"));
        let pattern = written.to_string();
        cx.note(
            at,
            match open {
                true => Done::PatternForAll { pattern },
                false => Done::PatternUnchecked { pattern },
            },
        );
    } else {
        cx.note(at, Done::PatternAnyValue { pattern: written.to_string() });
    }
}

/// Whether what a schema says holds under a condition.
pub(crate) fn is_conditional(schema: &Value) -> bool {
    CONDITIONS.iter().chain(&DEPENDENT).any(|key| schema.get(*key).is_some())
}

/// Keywords without a counterpart.
pub(crate) fn without_word(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let (mut more, mut others) = (Map::new(), false);
    for key in NO_WORD {
        let Some(value) = object.shift_remove(key) else { continue };
        cx.note(&at.child(key), Done::Unchecked { key });
        let mut described = Described { named: &cx.named, seen: BTreeSet::new(), out: &mut more };
        if CONDITIONS.contains(&key) {
            let schema = described.target(&value).unwrap_or(&value);
            others |= schema.as_object().is_some_and(|it| !speaks_of_objects(it));
            described.add(&value);
        } else if DEPENDENT.contains(&key) {
            value.as_object().into_iter().flatten().for_each(|(_, it)| described.add(it));
        }
        // What further keys hold is still to be sent and read.
        if key == "unevaluatedProperties" && value.is_object() {
            object.entry("additionalProperties").or_insert(value);
        }
    }
    // What only a condition describes is still to be sent and read.
    if !more.is_empty() && speaks_of_objects(object) && (!others || object.contains_key("type")) {
        let own = object.entry("properties").or_insert_with(|| json!({}));
        if let Some(own) = own.as_object_mut() {
            for (name, property) in more {
                own.entry(name).or_insert(property);
            }
        }
    }
}

/// Gathers the properties that conditions and their consequences describe.
struct Described<'a> {
    named: &'a Map<String, Value>,
    /// The named schemas that were looked at.
    seen: BTreeSet<&'a str>,
    out: &'a mut Map<String, Value>,
}

impl<'a> Described<'a> {
    /// The schema that one refers to.
    fn target(&self, schema: &Value) -> Option<&'a Value> {
        self.named.get(reference(schema).and_then(schema_name)?)
    }

    /// Adds the properties whose types a schema describes, without what is asked of them, which holds under the condition
    /// only. One of which two say different things may be anything.
    fn add(&mut self, schema: &Value) {
        if let Some(name) = reference(schema).and_then(schema_name)
            && let Some((name, target)) = self.named.get_key_value(name)
            && self.seen.insert(name)
        {
            self.add(target);
        }
        if !schema.as_object().is_some_and(speaks_of_objects) {
            return;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let Some(mut property) = property.as_object().cloned() else { continue };
            property.retain(|key, _| !is_rule(key));
            let says_type = ["type", "$ref", "properties", "items", "allOf", "oneOf", "anyOf"];
            if !says_type.iter().any(|it| property.contains_key(*it)) {
                continue;
            }
            let property = Value::Object(property);
            let known = self.out.entry(name).or_insert_with(|| property.clone());
            if *known != property {
                *known = json!({});
            }
        }
        for key in CONDITIONS {
            schema.get(key).into_iter().for_each(|it| self.add(it));
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = schema.get(key).and_then(Value::as_array).into_iter().flatten();
            parts.for_each(|it| self.add(it));
        }
    }
}

fn is_rule(key: &str) -> bool {
    let names = ["pattern", "enum", "const", "uniqueItems", "default"];
    let kinds = [&COUNTS[..], &BOUNDS, &["exclusiveMinimum", "exclusiveMaximum"], &names];
    kinds.iter().any(|it| it.contains(&key))
}

/// Whether a value may be an object, as far as the schema itself says.
fn speaks_of_objects(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|it| it == "object"),
        _ => true,
    }
}

/// The discriminator as 3.0 writes it.
pub(crate) fn discriminator(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(value) = object.get_mut("discriminator") else { return };
    let at = at.child("discriminator");
    if let Some(name) = value.as_str().map(str::to_owned) {
        cx.note(&at, Done::Discriminator { name: name.to_string() });
        *value = json!({ "propertyName": name });
        return;
    }
    let named = value.get("propertyName").is_some_and(Value::is_string);
    let Some(inner) = value.as_object_mut().filter(|_| named) else {
        cx.note(&at, Done::DiscriminatorWithoutProperty);
        object.shift_remove("discriminator");
        return;
    };
    if inner.shift_remove("defaultMapping").is_some() {
        cx.note(&at, Done::DefaultMapping);
    }
    let usable = |m: &Value| m.as_object().is_some_and(|m| m.values().all(Value::is_string));
    if inner.get("mapping").is_some_and(|m| !usable(m)) {
        inner.shift_remove("mapping");
        cx.note(&at, Done::MappingForm);
    }
}
