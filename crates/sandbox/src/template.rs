//! Templates of `sandbox.yaml`: any JSON value in which `= expr` is an expression, `{{ … }}` is
//! text with expressions, and `{$each: …}` is a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, Value};
use serde_json::Value as Json;

use super::scope::Scope;

/// A template, ready to be rendered.
#[derive(Clone, Debug)]
pub(super) enum Template {
    Literal(Value),
    Expression(String),
    Text(String),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
    Each { over: String, name: String, condition: Option<String>, value: Box<Template> },
}

/// Reads a template and compiles every expression in it once, so that a mistake shows on start.
pub(super) fn parse(env: &Environment<'_>, json: &Json, at: &str) -> Result<Template, String> {
    Ok(match json {
        Json::String(text) => parse_text(env, text, at)?,
        Json::Array(items) => Template::List(
            items
                .iter()
                .enumerate()
                .map(|(index, it)| parse(env, it, &format!("{at}/{index}")))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(members) if members.contains_key("$each") => {
            let text = |key: &str| match members.get(key) {
                None => Ok(None),
                Some(Json::String(text)) => Ok(Some(text.clone())),
                Some(_) => Err(format!("{at}/{key}: expected text")),
            };
            let allowed = ["$each", "as", "where", "value"];
            if let Some(key) = members.keys().find(|key| !allowed.contains(&key.as_str())) {
                return Err(format!(
                    "{at}: unknown key `{key}` beside `$each`; known are as, where, value"
                ));
            }
            let over = text("$each")?.unwrap_or_default();
            let condition = text("where")?;
            check_expression(env, &over, &format!("{at}/$each"))?;
            if let Some(condition) = &condition {
                check_expression(env, condition, &format!("{at}/where"))?;
            }
            let value = members.get("value").ok_or_else(|| {
                format!("{at}: `$each` needs `value`, the template of one element")
            })?;
            Template::Each {
                over,
                name: text("as")?.unwrap_or_else(|| "item".to_owned()),
                condition,
                value: Box::new(parse(env, value, &format!("{at}/value"))?),
            }
        }
        Json::Object(members) => Template::Object(
            members
                .iter()
                .map(|(key, it)| Ok((key.clone(), parse(env, it, &format!("{at}/{key}"))?)))
                .collect::<Result<_, String>>()?,
        ),
        literal => Template::Literal(Value::from_serialize(literal)),
    })
}

fn parse_text(env: &Environment<'_>, text: &str, at: &str) -> Result<Template, String> {
    if let Some(rest) = text.strip_prefix("==") {
        return Ok(Template::Literal(Value::from(format!("={rest}"))));
    }
    if let Some(expression) = text.strip_prefix('=') {
        let expression = expression.trim().to_owned();
        check_expression(env, &expression, at)?;
        return Ok(Template::Expression(expression));
    }
    if text.contains("{{") || text.contains("{%") {
        env.template_from_str(text).map_err(|error| format!("{at}: text `{text}`: {error}"))?;
        return Ok(Template::Text(text.to_owned()));
    }
    Ok(Template::Literal(Value::from(text)))
}

/// Compiles an expression only to see that it can be.
pub(super) fn check_expression(
    env: &Environment<'_>,
    source: &str,
    at: &str,
) -> Result<(), String> {
    env.compile_expression_owned(source.to_owned())
        .map(drop)
        .map_err(|error| format!("{at}: expression `{source}`: {error}"))
}

/// The value of an expression.
pub(super) fn evaluate(
    env: &Environment<'_>,
    source: &str,
    scope: &Arc<Scope>,
) -> Result<Value, String> {
    env.compile_expression_owned(source.to_owned())
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
    names: &[(String, Template)],
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
