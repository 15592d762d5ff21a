//! Bodies made from a schema: by the letter, in every way that a lenient reader must take, and broken.

use crate::json::resolve;
use fastrand::Rng;
use serde_json::{Map, Value, json};

/// A body, and what must be left of it once it went through its type.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// What the vendor sends.
    pub(crate) sent: Value,
    /// What the type keeps: all but fields that nobody knows.
    pub(crate) kept: Value,
}

impl Sample {
    fn same(value: Value) -> Self {
        Self { sent: value.clone(), kept: value }
    }
}

/// How a sample is drawn.
pub(crate) struct Draw<'a> {
    /// The document that the schema stands in.
    pub(crate) document: &'a Value,
    /// Chance decides.
    pub(crate) rng: Rng,
    /// Whether the vendor takes liberties: unknown words and fields, `null` for nothing.
    liberties: bool,
    /// The components that the drawing is inside of.
    open: Vec<String>,
}

impl<'a> Draw<'a> {
    /// By the letter but for liberties, and the same for the same seed.
    pub(crate) fn new(document: &'a Value, seed: u64) -> Self {
        Self { document, rng: Rng::with_seed(seed), liberties: true, open: Vec::new() }
    }

    /// A body that fits the schema, but for the liberties.
    pub(crate) fn sample(&mut self, schema: &Value) -> Sample {
        let entered = enter(schema, &mut self.open);
        if let Entered::Again = entered {
            return Sample::same(smallest(self.document, schema));
        }
        let sample = self.inside(resolve(self.document, schema));
        entered.leave(&mut self.open);
        sample
    }

    fn inside(&mut self, schema: &Value) -> Sample {
        if is_moment(schema) {
            return Sample::same(self.moment(schema));
        }
        if let Some(words) = words(schema) {
            return Sample::same(if self.liberty() {
                json!(format!("a word of next year {}", self.rng.u8(..)))
            } else {
                words[self.rng.usize(..words.len())].clone()
            });
        }
        match self.kind(schema).as_str() {
            "object" => self.object(schema),
            "array" => self.array(schema),
            "string" => Sample::same(json!(self.text())),
            "integer" => Sample::same(match schema.get("format").and_then(Value::as_str) {
                Some("int32") => json!(self.rng.i32(..)),
                _ => json!(self.rng.i64(..)),
            }),
            // Few digits, since text to binary and back is not what is tested.
            "number" => Sample::same(json!(f64::from(self.rng.i32(-1_000_000..1_000_000)) / 100.0)),
            "boolean" => Sample::same(json!(self.rng.bool())),
            "null" => Sample::same(Value::Null),
            _ => Sample::same(self.anything(2)),
        }
    }

    fn kind(&mut self, schema: &Value) -> String {
        match schema.get("type") {
            Some(Value::String(kind)) => kind.clone(),
            Some(Value::Array(kinds)) => {
                kinds[self.rng.usize(..kinds.len())].as_str().unwrap_or_default().to_owned()
            }
            _ => unsaid(schema).to_owned(),
        }
    }

    fn object(&mut self, schema: &Value) -> Sample {
        let (mut sent, mut kept) = (Map::new(), Map::new());
        let open = match schema.get("additionalProperties") {
            Some(Value::Bool(open)) => *open,
            Some(_) => true,
            // An object of which nothing is said is one of any members.
            None => schema.get("properties").is_none(),
        };
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|it| it.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            if !required.contains(&name.as_str()) {
                match self.rng.u8(..6) {
                    0 | 1 => continue,
                    2 if self.liberties => {
                        sent.insert(name.clone(), Value::Null);
                        continue;
                    }
                    _ => {}
                }
            }
            let sample = self.sample(property);
            let spelling =
                if self.liberties { self.spelling(name, property) } else { name.clone() };
            sent.insert(spelling, sample.sent);
            kept.insert(name.clone(), sample.kept);
        }
        if open {
            for _ in 0..self.rng.usize(..3) {
                let name = format!("extra {}", self.rng.u8(..));
                let value = match schema.get("additionalProperties") {
                    Some(inner @ Value::Object(_)) => self.sample(inner).kept,
                    _ => self.something(),
                };
                sent.insert(name.clone(), value.clone());
                kept.insert(name, value);
            }
        } else if self.liberty() {
            sent.insert("field of next year".to_owned(), self.anything(2));
        }
        Sample { sent: Value::Object(sent), kept: Value::Object(kept) }
    }

    fn spelling(&mut self, name: &str, property: &Value) -> String {
        let aliases = property.pointer("/x-conversations/aliases").and_then(Value::as_array);
        match aliases {
            Some(aliases) if self.rng.bool() => {
                aliases[self.rng.usize(..aliases.len())].as_str().unwrap_or(name).to_owned()
            }
            _ => name.to_owned(),
        }
    }

    fn array(&mut self, schema: &Value) -> Sample {
        let accepted = schema.pointer("/x-conversations/accept").and_then(Value::as_array);
        if accepted.is_some_and(|it| it.contains(&json!("empty-object"))) && self.liberty() {
            return Sample { sent: json!({}), kept: json!([]) };
        }
        let any = json!({});
        let items = schema.get("items").unwrap_or(&any);
        let all: Vec<Sample> = (0..self.rng.usize(..3)).map(|_| self.sample(items)).collect();
        let (sent, kept): (Vec<_>, Vec<_>) = all.into_iter().map(|it| (it.sent, it.kept)).unzip();
        Sample { sent: json!(sent), kept: json!(kept) }
    }

    fn moment(&mut self, schema: &Value) -> Value {
        let words = [
            json!("2024-05-01T10:00:00Z"),
            json!("2024-05-01T10:00:00.123+02:00"),
            json!("2024-05-01 10:00:00"),
            json!("Wed, 01 May 2024 10:00:00 GMT"),
            json!(1_714_557_600),
            json!(1_714_557_600_123_i64),
            json!(1_714_557_600.25),
        ];
        let wanted = self.kind(schema);
        let fits = |it: &Value| self.liberties || it.is_string() == (wanted == "string");
        let fitting: Vec<&Value> = words.iter().filter(|it| fits(it)).collect();
        fitting[self.rng.usize(..fitting.len())].clone()
    }

    /// Whether the vendor takes a liberty here.
    fn liberty(&mut self) -> bool {
        self.liberties && self.rng.u8(..3) == 0
    }

    fn text(&mut self) -> String {
        match self.rng.u8(..8) {
            0 => String::new(),
            1 => "\u{0}\u{7f}\"\\\n\u{2028}\u{feff}".to_owned(),
            2 => "Grüße, 你好, 🙂".to_owned(),
            3 => "x".repeat(self.rng.usize(..300)),
            _ => (0..self.rng.usize(..12)).map(|_| self.rng.char(..)).collect(),
        }
    }

    /// Any JSON but `null`, `[]` and `{}`, which a reader may take for nothing.
    fn something(&mut self) -> Value {
        match self.rng.u8(..3) {
            0 => json!(self.text()),
            1 => json!(self.rng.bool()),
            _ => json!([self.rng.i32(..)]),
        }
    }

    /// Any JSON.
    pub(crate) fn anything(&mut self, depth: usize) -> Value {
        match self.rng.u8(..if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => json!(self.rng.i64(..)),
            3 => json!(self.rng.u64(..)),
            4 => json!(f64::from_bits(self.rng.u64(..))),
            5 => json!(self.text()),
            6 => (0..self.rng.usize(..4)).map(|_| self.anything(depth - 1)).collect(),
            _ => {
                let members =
                    (0..self.rng.usize(..4)).map(|_| (self.text(), self.anything(depth - 1)));
                Value::Object(members.collect())
            }
        }
    }

    /// A body of which some places hold something else than they should.
    pub(crate) fn broken(&mut self, value: &mut Value) {
        if self.rng.u8(..8) == 0 {
            *value = self.anything(2);
            return;
        }
        match value {
            Value::Object(members) => {
                if let Some(name) = members.keys().nth(self.rng.usize(..8)).cloned()
                    && self.rng.u8(..3) == 0
                {
                    members.remove(&name);
                }
                members.values_mut().for_each(|it| self.broken(it));
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.broken(it)),
            _ => {}
        }
    }
}

/// The kind of a schema that does not say it.
fn unsaid(schema: &Value) -> &'static str {
    match schema {
        it if it.get("properties").is_some() => "object",
        it if it.get("items").is_some() => "array",
        _ => "",
    }
}

/// Whether a schema is that of a moment.
pub(crate) fn is_moment(schema: &Value) -> bool {
    let declared = schema.pointer("/x-conversations/timestamp").and_then(Value::as_bool);
    declared.unwrap_or(schema.get("format") == Some(&json!("date-time")))
}

/// The words that a schema lists.
pub(crate) fn words(schema: &Value) -> Option<Vec<&Value>> {
    let words = schema.get("enum")?.as_array()?;
    let words: Vec<&Value> = words.iter().filter(|it| it.is_string()).collect();
    (!words.is_empty()).then_some(words)
}

/// What came of looking at a schema by way of a reference.
pub(crate) enum Entered {
    /// It stands in its place.
    Inline,
    /// It is a component, and is being looked at from now on.
    Component,
    /// It is a component that is being looked at: a schema inside itself.
    Again,
}

/// Looks at a schema, knowing which components are being looked at.
pub(crate) fn enter(schema: &Value, open: &mut Vec<String>) -> Entered {
    match schema.get("$ref").and_then(Value::as_str) {
        None => Entered::Inline,
        Some(name) if open.iter().any(|it| it == name) => Entered::Again,
        Some(name) => {
            open.push(name.to_owned());
            Entered::Component
        }
    }
}

impl Entered {
    /// The schema has been looked at.
    pub(crate) fn leave(self, open: &mut Vec<String>) {
        if let Self::Component = self {
            open.pop();
        }
    }
}

/// The smallest body of a schema: what is required and nothing else.
pub(crate) fn smallest(document: &Value, schema: &Value) -> Value {
    full(document, schema, false, &mut Vec::new())
}

/// A body with everything that a schema names.
pub(crate) fn largest(document: &Value, schema: &Value) -> Value {
    full(document, schema, true, &mut Vec::new())
}

fn full(document: &Value, schema: &Value, optional: bool, open: &mut Vec<String>) -> Value {
    let entered = enter(schema, open);
    let optional = optional && !matches!(entered, Entered::Again);
    let value = full_inside(document, resolve(document, schema), optional, open);
    entered.leave(open);
    value
}

fn full_inside(document: &Value, schema: &Value, optional: bool, open: &mut Vec<String>) -> Value {
    if is_moment(schema) {
        return json!("2024-05-01T10:00:00Z");
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words[0].clone();
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds[0].as_str().unwrap_or_default(),
        _ => unsaid(schema),
    };
    match kind {
        "object" => {
            let required = schema.get("required").and_then(Value::as_array);
            let wanted =
                |name: &str| optional || required.is_some_and(|it| it.contains(&json!(name)));
            let properties =
                schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let mut members = Map::new();
            for (name, property) in properties.filter(|(name, _)| wanted(name)) {
                members.insert(name.clone(), full(document, property, optional, open));
            }
            if optional && let Some(inner @ Value::Object(_)) = schema.get("additionalProperties") {
                members.insert("extra".to_owned(), full(document, inner, optional, open));
            } else if optional && schema.get("additionalProperties") == Some(&json!(true)) {
                members.insert("extra".to_owned(), json!("more"));
            }
            Value::Object(members)
        }
        "array" if optional => json!([full(document, &schema["items"], optional, open)]),
        "array" => json!([]),
        "integer" => json!(7),
        "number" => json!(1.25),
        "boolean" => json!(true),
        "string" => json!("text"),
        _ => json!({"any": "thing"}),
    }
}

/// A schema inside itself ends, however it is looked at.
#[test]
fn samples_of_recursive_schemas_end() {
    let document = json!({"A": {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "inner": {"$ref": "#/A"}, "list": {"items": {"$ref": "#/A"}},
    }}});
    let schema = json!({"$ref": "#/A"});
    let inner = json!({"id": "text"});
    let large = json!({"id": "text", "inner": inner, "list": [inner]});
    assert_eq!(largest(&document, &schema), large);
    for seed in 0..100 {
        let sample = Draw::new(&document, seed).sample(&schema);
        assert!(sample.kept.is_object());
    }
}
