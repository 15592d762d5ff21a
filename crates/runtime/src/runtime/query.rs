//! Query parameters, in each style that OpenAPI knows.

use serde_json::{Map, Value};

use super::segment::encode_component;
use super::value::scalar;

/// How an array or an object is written in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    kind: Kind,
    explode: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Form,
    Space,
    Pipe,
    Tab,
    DeepObject,
    Json,
}

impl Style {
    /// `a=1&a=2`, the properties of an object each by its own name: `form` with `explode: true`, the default.
    pub const FORM: Self = Self { kind: Kind::Form, explode: true };
    /// `a=1,2`: `form` with `explode: false`.
    pub const FORM_JOINED: Self = Self { kind: Kind::Form, explode: false };
    /// `a=1%202`: `spaceDelimited`.
    pub const SPACE_DELIMITED: Self = Self { kind: Kind::Space, explode: false };
    /// `a=1%7C2`: `pipeDelimited`.
    pub const PIPE_DELIMITED: Self = Self { kind: Kind::Pipe, explode: false };
    /// `a=1%092`: `collectionFormat: tsv` of Swagger 2.0.
    pub const TAB_DELIMITED: Self = Self { kind: Kind::Tab, explode: false };
    /// `a[b]=1`: `deepObject`.
    pub const DEEP_OBJECT: Self = Self { kind: Kind::DeepObject, explode: true };
    /// The value as JSON text: `content: application/json`.
    pub const JSON: Self = Self { kind: Kind::Json, explode: false };
}

/// Writes one parameter as pieces of a query, each percent-encoded (`name=value`). `null` writes nothing.
pub(crate) fn write(name: &str, value: &Value, style: Style) -> Result<Vec<String>, String> {
    if style.kind == Kind::Json && !value.is_null() {
        return Ok(vec![pair(name, &value.to_string())]);
    }
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => write_items(name, items, style),
        Value::Object(fields) => write_fields(name, fields, style),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Ok(vec![pair(name, &text_of(value)?)])
        }
    }
}

fn write_items(name: &str, items: &[Value], style: Style) -> Result<Vec<String>, String> {
    let texts = items.iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let separator = match style.kind {
        Kind::Form | Kind::Json if !style.explode => ",",
        Kind::Space => "%20",
        Kind::Pipe => "%7C",
        Kind::Tab => "%09",
        Kind::Form | Kind::Json | Kind::DeepObject => {
            return Ok(texts.iter().map(|text| pair(name, text)).collect());
        }
    };
    let encoded: Vec<_> = texts.iter().map(|text| encode_component(text)).collect();
    Ok(vec![format!("{}={}", encode_component(name), encoded.join(separator))])
}

fn write_fields(
    name: &str,
    fields: &Map<String, Value>,
    style: Style,
) -> Result<Vec<String>, String> {
    let present = fields.iter().filter(|(_, value)| !value.is_null());
    match style.kind {
        Kind::DeepObject => {
            let mut out = Vec::new();
            for (key, value) in present {
                write_deep(&format!("{name}[{key}]"), value, &mut out);
            }
            Ok(out)
        }
        Kind::Form if style.explode => {
            let mut out = Vec::new();
            for (key, value) in present {
                match value {
                    Value::Array(items) => out.extend(write_items(key, items, style)?),
                    _ => out.push(pair(key, &text_of(value)?)),
                }
            }
            Ok(out)
        }
        Kind::Form | Kind::Space | Kind::Pipe | Kind::Tab | Kind::Json => {
            let mut flat = Vec::new();
            for (key, value) in present {
                flat.push(Value::String(key.clone()));
                flat.push(value.clone());
            }
            write_items(name, &flat, style)
        }
    }
}

/// Nested objects continue the brackets, as the servers that know this style read them.
pub(crate) fn write_deep(name: &str, value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                write_deep(&format!("{name}[{key}]"), value, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                write_deep(name, item, out);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push(pair(name, &scalar(value).unwrap_or_default()));
        }
    }
}

fn text_of(value: &Value) -> Result<String, String> {
    scalar(value).ok_or_else(|| {
        "holds an array or object inside another, which this query style cannot write".to_owned()
    })
}

pub(crate) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encode_component(name), encode_component(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Style, write};

    fn check(value: Value, style: Style, expected: &str) {
        let written = write("a", &value, style).map(|pieces| pieces.join("&"));
        assert_eq!(written.as_deref(), Ok(expected), "{value} in {style:?}");
    }

    #[test]
    fn each_style_writes_its_form() {
        let list = || json!(["x y", 2, true]);
        let object = || json!({"k": "v", "n": 1, "gone": null});
        check(json!("a&b=ä"), Style::FORM, "a=a%26b%3D%C3%A4");
        check(json!(null), Style::FORM, "");
        check(json!(""), Style::FORM, "a=");
        check(list(), Style::FORM, "a=x%20y&a=2&a=true");
        check(list(), Style::FORM_JOINED, "a=x%20y,2,true");
        check(list(), Style::SPACE_DELIMITED, "a=x%20y%202%20true");
        check(list(), Style::PIPE_DELIMITED, "a=x%20y%7C2%7Ctrue");
        check(object(), Style::FORM, "k=v&n=1");
        check(object(), Style::FORM_JOINED, "a=k,v,n,1");
        check(object(), Style::DEEP_OBJECT, "a%5Bk%5D=v&a%5Bn%5D=1");
        check(
            json!({"b": {"c": [1, 2]}}),
            Style::DEEP_OBJECT,
            "a%5Bb%5D%5Bc%5D=1&a%5Bb%5D%5Bc%5D=2",
        );
        check(json!({"b": 1}), Style::JSON, "a=%7B%22b%22%3A1%7D");
        check(json!([]), Style::FORM_JOINED, "");
        assert!(write("a", &json!([[1]]), Style::FORM).is_err());
    }
}
