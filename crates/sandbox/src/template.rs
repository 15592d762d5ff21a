//! Templates of `sandbox.yaml`: any JSON value in which `= expr` is an expression, `{{ … }}` is
//! text with expressions, and `{$each: …}` is a list.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::{Environment, Value};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::scope::Scope;

/// Templates by name, in the order in which they are written.
pub(super) type Names = IndexMap<String, Template>;

/// A template, ready to be rendered.
#[derive(Clone, Debug)]
pub(super) enum Template {
    Literal(Value),
    Expression(Expression),
    Text(String),
    List(Vec<Template>),
    Object(Names),
    Each { over: Expression, name: String, condition: Option<Expression>, value: Box<Template> },
}

/// An expression that compiles, so that a mistake shows on start.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Expression(pub(super) String);

/// An expression as YAML has it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an expression (text)")]
enum Written {
    Text(String),
    Constant(bool),
}

impl TryFrom<Written> for Expression {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Text(text) if text.trim_start().starts_with('=') => {
                Err("an expression here is written without the leading `=`".to_owned())
            }
            Written::Text(text) => Self::parse(&text),
            Written::Constant(value) => Ok(Self(value.to_string())),
        }
    }
}

impl Expression {
    /// Compiles a text only to see that it can be.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match Environment::empty().compile_expression(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!("expression `{text}`: {error}")),
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Template;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a template")
            }

            fn visit_unit<E>(self) -> Result<Template, E> {
                Ok(Template::Literal(Value::from(())))
            }

            fn visit_bool<E>(self, it: bool) -> Result<Template, E> {
                Ok(Template::Literal(Value::from(it)))
            }

            fn visit_u64<E>(self, it: u64) -> Result<Template, E> {
                Ok(Template::Literal(Value::from(it)))
            }

            fn visit_i64<E>(self, it: i64) -> Result<Template, E> {
                Ok(Template::Literal(Value::from(it)))
            }

            fn visit_f64<E>(self, it: f64) -> Result<Template, E> {
                Ok(Template::Literal(Value::from(it)))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Template, E> {
                Template::of_text(text).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Template, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Template::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Template, A::Error> {
                let mut members = Names::new();
                while let Some((key, value)) = map.next_entry()? {
                    members.insert(key, value);
                }
                match members.contains_key("$each") {
                    true => Template::each(members).map_err(A::Error::custom),
                    false => Ok(Template::Object(members)),
                }
            }
        }
        from.deserialize_any(Form)
    }
}

impl Template {
    fn of_text(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("==") {
            return Ok(Self::Literal(Value::from(format!("={rest}"))));
        }
        if let Some(expression) = text.strip_prefix('=') {
            return Ok(Self::Expression(Expression::parse(expression)?));
        }
        if text.contains("{{") || text.contains("{%") {
            let parsed = Environment::empty().template_from_str(text).map(drop);
            parsed.map_err(|error| format!("text `{text}`: {error}"))?;
            return Ok(Self::Text(text.to_owned()));
        }
        Ok(Self::Literal(Value::from(text)))
    }

    /// `$each` with what stands beside it.
    fn each(mut members: Names) -> Result<Self, String> {
        let mut text = |key: &str| match members.shift_remove(key) {
            None => Ok(None),
            Some(Self::Literal(it)) if it.as_str().is_some() => Ok(Some(it.to_string())),
            Some(_) => Err(format!("`{key}` beside `$each`: expected text")),
        };
        let over = Expression::parse(&text("$each")?.unwrap_or_default())?;
        let condition = text("where")?.map(|it| Expression::parse(&it)).transpose()?;
        let name = text("as")?.unwrap_or_else(|| "item".to_owned());
        let value = members.shift_remove("value");
        let value = value.ok_or("`$each` needs `value`, the template of one element")?;
        match members.keys().next() {
            None => Ok(Self::Each { over, name, condition, value: Box::new(value) }),
            Some(key) => {
                Err(format!("unknown key `{key}` beside `$each`; known are as, where, value"))
            }
        }
    }
}

/// The value of an expression.
pub(super) fn evaluate(
    env: &Environment<'_>,
    Expression(source): &Expression,
    scope: &Arc<Scope>,
) -> Result<Value, String> {
    env.compile_expression(source)
        .and_then(|it| it.eval(Value::from_dyn_object(Arc::clone(scope))))
        .map_err(|error| format!("expression `{source}`: {}", chain(&error)))
}

/// The value of a template; undefined where an expression has none.
pub(super) fn render(
    env: &Environment<'_>,
    template: &Template,
    scope: &Arc<Scope>,
) -> Result<Value, String> {
    match template {
        Template::Literal(value) => Ok(value.clone()),
        Template::Expression(source) => evaluate(env, source, scope),
        Template::Text(source) => env
            .render_str(source, Value::from_dyn_object(Arc::clone(scope)))
            .map(Value::from)
            .map_err(|error| format!("text `{source}`: {}", chain(&error))),
        Template::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                let value = render(env, item, scope)?;
                match item {
                    Template::Each { .. } => list.extend(elements(&value)),
                    _ if value.is_undefined() => {}
                    _ => list.push(value),
                }
            }
            Ok(Value::from(list))
        }
        Template::Object(members) => {
            let mut values: Vec<(String, Value)> = Vec::with_capacity(members.len());
            for (key, member) in members {
                let value = render(env, member, scope)?;
                if !value.is_undefined() {
                    values.push((key.clone(), value));
                }
            }
            Ok(values.into_iter().collect())
        }
        Template::Each { over, name, condition, value } => {
            let over = evaluate(env, over, scope)?;
            let mut list = Vec::new();
            for element in elements(&over) {
                let scope = scope.with_one(name, element);
                if let Some(condition) = condition
                    && !evaluate(env, condition, &scope)?.is_true()
                {
                    continue;
                }
                let value = render(env, value, &scope)?;
                if !value.is_undefined() {
                    list.push(value);
                }
            }
            Ok(Value::from(list))
        }
    }
}

/// The elements of a list; none of anything else.
pub(super) fn elements(value: &Value) -> Vec<Value> {
    value.try_iter().map(Iterator::collect).unwrap_or_default()
}

/// A value as JSON, `None` when it is undefined.
pub(super) fn json(value: &Value) -> Option<Json> {
    if value.is_undefined() {
        return None;
    }
    serde_json::to_value(value).ok()
}

/// Named templates rendered one after the other, each seeing the ones before.
pub(super) fn render_names(
    env: &Environment<'_>,
    names: &Names,
    scope: &Arc<Scope>,
) -> Result<BTreeMap<String, Value>, String> {
    let mut values = BTreeMap::new();
    for (name, template) in names {
        let value = render(env, template, &scope.with(values.clone()))?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// An error of the expression engine with its causes, on one line.
pub(super) fn chain(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(it) = cause {
        text.push_str(": ");
        text.push_str(&it.to_string());
        cause = it.source();
    }
    text
}
