//! Whether a schema allows one value.

use super::{MAX_DEPTH, strictest};
use crate::view::{Schema, Side, Spot, is_annotation, same};
use crate::vocabulary::type_of;
use regex::RegexBuilder;
use serde_json::Value;

/// Above this number bounds are not tried value by value.
const MAX_NUMBERS: u8 = 100;

/// Above this size a pattern is not read: to read and match it would cost too much.
const MAX_PATTERN: usize = 1 << 17;

/// The values that a schema lists, or those that a boolean or a whole number between two close bounds can have.
pub(super) fn values(schema: &Schema<'_>) -> Option<Vec<Value>> {
    let few = || match schema.types().as_slice() {
        ["boolean"] => Some(vec![true.into(), false.into()]),
        ["integer"] => {
            let (least, most) = (strictest(schema, false)?.0.ceil(), strictest(schema, true)?.0);
            let numbers = (0..MAX_NUMBERS).map(|it| least + f64::from(it));
            let all = || numbers.take_while(|it| *it <= most).map(Value::from).collect();
            (most - least < f64::from(MAX_NUMBERS)).then(all)
        }
        _ => None,
    };
    schema.listed().map(<[Value]>::to_vec).or_else(few)
}

/// Whether a schema allows a value; nothing where that cannot be said.
pub(super) fn allows(
    side: &Side<'_>,
    schema: &Schema<'_>,
    value: &Value,
    depth: usize,
) -> Option<bool> {
    if depth > MAX_DEPTH {
        return None;
    }
    // What is nullable in its canonical form allows null whatever else it says of its values.
    if value.is_null() && schema.nullable() {
        let refused = schema.spot("not").map(|it| allows(side, &side.schema(it), value, depth + 1));
        return refused
            .unwrap_or(Some(false))
            .filter(|_| schema.get("allOf").is_none())
            .map(|it| !it);
    }
    if schema.at.value == &Value::Bool(false) {
        return Some(false);
    }
    let mut known = true;
    for key in schema.keywords() {
        match allowed_by(side, schema, key, value, depth) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

fn allowed_by(
    side: &Side<'_>,
    schema: &Schema<'_>,
    key: &str,
    value: &Value,
    depth: usize,
) -> Option<bool> {
    let inside = |it: Spot<'_>, value: &Value| allows(side, &side.schema(it), value, depth + 1);
    let how_many = |key: &str| {
        let alternatives = schema.list(key).into_iter().map(|it| inside(it, value));
        alternatives.collect::<Option<Vec<_>>>().map(|it| it.into_iter().filter(|it| *it).count())
    };
    let spoken = match value {
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Null => "null",
        Value::Bool(_) => "boolean",
    };
    let of_type = |kind: &str| match kind {
        "integer" => value.as_f64().is_some_and(|it| it.fract() == 0.0),
        kind => kind == spoken,
    };
    match key {
        "type" => Some(schema.written_types().into_iter().any(of_type)),
        "enum" | "const" => Some(
            schema.listed()?.iter().any(|it| same(it, value))
                || value.is_null() && schema.nullable(),
        ),
        "allOf" => {
            let all: Option<Vec<_>> =
                schema.list(key).into_iter().map(|it| inside(it, value)).collect();
            all.map(|it| it.into_iter().all(|it| it))
        }
        "anyOf" => how_many(key).map(|it| it > 0),
        "oneOf" => how_many(key).map(|it| it == 1),
        "not" => inside(schema.spot(key)?, value).map(|it| !it),
        "if" => {
            let asked = if inside(schema.spot(key)?, value)? { "then" } else { "else" };
            schema.spot(asked).map_or(Some(true), |it| inside(it, value))
        }
        "then" | "else" => Some(true),
        key if is_annotation(key) => Some(true),
        "format" | "nullable" | "default" | "deprecated" | "discriminator" | "readOnly"
        | "writeOnly" => Some(true),
        key if type_of(key).is_some_and(|it| it != spoken) => Some(true),
        "minLength" | "maxLength" => {
            #[allow(clippy::cast_precision_loss)] // no text of a document is so long
            let length = value.as_str()?.chars().count() as f64;
            let limit = schema.number(key)?;
            Some(if key == "minLength" { length >= limit } else { length <= limit })
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
            let (number, upper) = (value.as_f64()?, key.ends_with("aximum"));
            let (limit, exclusive) = strictest(schema, upper)?;
            Some(number == limit && !exclusive || number != limit && (number < limit) == upper)
        }
        "pattern" => matches(schema.get(key)?.as_str()?, value.as_str()?),
        "multipleOf" => {
            let times = value.as_f64()? / schema.number(key)?;
            // 0.3 is not quite three times 0.1.
            Some((times - times.round()).abs() < 1e-9)
        }
        _ => None,
    }
}

/// Whether a pattern matches a text; unknown where this dialect of patterns and that of ECMAScript may differ: in texts outside
/// of ASCII, in sets within sets of characters, and in the bounds of words.
fn matches(pattern: &str, text: &str) -> Option<bool> {
    let differs = ["[[", "&&", "--", "~~", r"\<", r"\>"];
    if differs.into_iter().any(|it| pattern.contains(it)) {
        return None;
    }
    let pattern = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().ok()?;
    text.is_ascii().then(|| pattern.is_match(text))
}
