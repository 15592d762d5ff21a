//! Runs rules against the state.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object};
use minijinja::{Environment, Value};
use serde_json::Value as Json;

use super::scope::Scope;
use super::script::{
    ErrorRule, Failure, Find, Insert, Remove, Require, Respond, Script, Select, Shape, Source,
    Step, Update, Verb,
};
use super::template::{self, Expression, Names, elements, evaluate, json, render, render_names};

/// The state of one provider: collections and plain values by name.
#[derive(Clone, Debug, Default)]
pub(super) struct State(pub(super) BTreeMap<String, Value>);

impl State {
    /// The state as a rule starts with it.
    pub(super) fn seed(script: &Script, scope: &Arc<Scope>) -> Result<Self, String> {
        let mut state = Self::default();
        for (name, seed) in &script.state {
            let scope = scope.with_one("state", state.view());
            let value =
                render(&script.env, seed, &scope).map_err(|why| format!("/state/{name}: {why}"))?;
            state.0.insert(name.clone(), value);
        }
        Ok(state)
    }

    /// What expressions see under `state`.
    pub(super) fn view(&self) -> Value {
        Value::from_object(View(self.0.clone()))
    }

    pub(super) fn to_json(&self) -> Json {
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), json(value).unwrap_or(Json::Null)))
            .collect()
    }

    fn list(&self, name: &str) -> Result<Vec<Value>, String> {
        match self.0.get(name) {
            Some(value) if value.kind() == minijinja::value::ValueKind::Seq => Ok(elements(value)),
            _ => Err(format!(
                "the state has no list `{name}`; seed it under `state`, `{name}: []` will do"
            )),
        }
    }
}

/// The state under its name, cheap to hand out: values are shared.
#[derive(Debug)]
struct View(BTreeMap<String, Value>);

impl Object for View {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().cloned().map(Value::from).collect())
    }
}

/// What a rule came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// An answer; without a status the operation's first declared success.
    Respond { status: Option<u16>, headers: Vec<(String, String)>, body: Option<Json> },
    /// An error by name, with its arguments.
    Fail { error: String, variables: BTreeMap<String, Value> },
    /// The rule ended without either.
    Default,
}

/// Runs the steps of a rule. `Err` is a mistake in the rule.
pub(super) fn run(
    env: &Environment<'_>,
    steps: &[Step],
    state: &mut State,
    scope: &Arc<Scope>,
) -> Result<Outcome, String> {
    let mut run = Run { env, state, names: BTreeMap::new(), outer: scope };
    for (index, step) in steps.iter().enumerate() {
        match run.step(step).map_err(|why| format!("step {}: {why}", index + 1))? {
            Some(outcome) => return Ok(outcome),
            None => continue,
        }
    }
    Ok(Outcome::Default)
}

struct Run<'a> {
    env: &'a Environment<'a>,
    state: &'a mut State,
    names: BTreeMap<String, Value>,
    outer: &'a Arc<Scope>,
}

impl Run<'_> {
    fn scope(&self) -> Arc<Scope> {
        self.outer.with_one("state", self.state.view()).with(self.names.clone())
    }

    fn bind(&mut self, name: Option<&String>, value: Value) {
        if let Some(name) = name {
            self.names.insert(name.clone(), value);
        }
    }

    fn fail(&self, failure: &Failure) -> Result<Option<Outcome>, String> {
        let mut variables = self.names.clone();
        variables.extend(render_names(self.env, &failure.variables, &self.scope())?);
        Ok(Some(Outcome::Fail { error: failure.error.clone(), variables }))
    }

    fn step(&mut self, step: &Step) -> Result<Option<Outcome>, String> {
        let scope = self.scope();
        if let Some(condition) = &step.condition
            && !evaluate(self.env, condition, &scope)?.is_true()
        {
            return Ok(None);
        }
        match &step.verb {
            Verb::Let(names) => {
                for (name, value) in render_names(self.env, names, &scope)? {
                    self.names.insert(name, value);
                }
            }
            Verb::Set(names) => {
                let values = render_names(self.env, names, &scope)?;
                self.state.0.extend(values);
            }
            Verb::Find(Find { collection, condition, name, or }) => {
                let matches = Matches::new(self.env, Some(condition))?;
                let mut found = Value::UNDEFINED;
                for item in self.state.list(collection)? {
                    if matches.holds(&scope, &item)? {
                        found = item;
                        break;
                    }
                }
                if found.is_undefined()
                    && let Some(or) = or
                {
                    return self.fail(or);
                }
                self.names.insert(name.clone(), found);
            }
            Verb::Select(Select { source, condition, by, descending, name }) => {
                let items = match source {
                    Source::Collection(collection) => self.state.list(collection)?,
                    Source::Expression(expression) => {
                        elements(&evaluate(self.env, expression, &scope)?)
                    }
                };
                let found =
                    self.select(&scope, items, condition.as_ref(), by.as_ref(), *descending)?;
                self.names.insert(name.clone(), Value::from(found));
            }
            Verb::Require(Require { that, or }) => {
                if !evaluate(self.env, that, &scope)?.is_true() {
                    return self.fail(or);
                }
            }
            Verb::Insert(Insert { into, value, name }) => {
                let value = render(self.env, value, &scope)?;
                let mut list = self.state.list(into)?;
                list.push(value.clone());
                self.state.0.insert(into.clone(), Value::from(list));
                self.bind(name.as_ref(), value);
            }
            Verb::Update(Update { collection, condition, set, name }) => {
                let matches = Matches::new(self.env, condition.as_ref())?;
                let mut list = self.state.list(collection)?;
                let mut last = Value::UNDEFINED;
                for item in &mut list {
                    if matches.holds(&scope, item)? {
                        let members =
                            render_names(self.env, set, &scope.with_one("item", item.clone()))?;
                        *item = changed(item, members);
                        last = item.clone();
                    }
                }
                self.state.0.insert(collection.clone(), Value::from(list));
                self.bind(name.as_ref(), last);
            }
            Verb::Remove(Remove { from, condition, or }) => {
                let matches = Matches::new(self.env, condition.as_ref())?;
                let list = self.state.list(from)?;
                let before = list.len();
                let mut kept = Vec::with_capacity(before);
                for item in list {
                    if !matches.holds(&scope, &item)? {
                        kept.push(item);
                    }
                }
                let removed = before - kept.len();
                self.state.0.insert(from.clone(), Value::from(kept));
                if removed == 0
                    && let Some(or) = or
                {
                    return self.fail(or);
                }
            }
            Verb::Respond(Respond { status, headers, body }) => {
                let status = match status {
                    None => None,
                    Some(status) => Some(status_of(&render(self.env, status, &scope)?)?),
                };
                let headers = texts(self.env, headers, &scope)?;
                let body = match body {
                    None => None,
                    Some(body) => json(&render(self.env, body, &scope)?),
                };
                return Ok(Some(Outcome::Respond { status, headers, body }));
            }
            Verb::Fail(failure) => return self.fail(failure),
        }
        Ok(None)
    }

    fn select(
        &self,
        scope: &Arc<Scope>,
        items: Vec<Value>,
        condition: Option<&Expression>,
        by: Option<&Expression>,
        descending: bool,
    ) -> Result<Vec<Value>, String> {
        let matches = Matches::new(self.env, condition)?;
        let mut found = Vec::new();
        for item in items {
            if matches.holds(scope, &item)? {
                let key = match by {
                    None => Value::UNDEFINED,
                    Some(by) => evaluate(self.env, by, &scope.with_one("item", item.clone()))?,
                };
                found.push((key, item));
            }
        }
        found.sort_by(|(left, _), (right, _)| {
            let order = left.partial_cmp(right).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        });
        Ok(found.into_iter().map(|(_, item)| item).collect())
    }
}

/// A condition compiled once for a whole collection.
struct Matches<'env>(Option<minijinja::Expression<'env, 'env>>, String);

impl<'env> Matches<'env> {
    fn new(env: &'env Environment<'env>, condition: Option<&Expression>) -> Result<Self, String> {
        let Some(Expression(condition)) = condition else { return Ok(Self(None, String::new())) };
        let expression = env
            .compile_expression_owned(condition.clone())
            .map_err(|error| format!("expression `{condition}`: {error}"))?;
        Ok(Self(Some(expression), condition.clone()))
    }

    fn holds(&self, scope: &Arc<Scope>, item: &Value) -> Result<bool, String> {
        let Some(expression) = &self.0 else { return Ok(true) };
        let scope = scope.with_one("item", item.clone());
        expression
            .eval(Value::from_dyn_object(scope))
            .map(|value| value.is_true())
            .map_err(|error| format!("expression `{}`: {}", self.1, template::chain(&error)))
    }
}

fn changed(item: &Value, members: BTreeMap<String, Value>) -> Value {
    let mut result: Vec<(Value, Value)> = elements(item)
        .into_iter()
        .map(|key| {
            let value = item.get_item(&key).unwrap_or(Value::UNDEFINED);
            (key, value)
        })
        .collect();
    for (key, value) in members {
        if value.is_undefined() {
            continue;
        }
        match result.iter_mut().find(|(it, _)| it.as_str() == Some(&key)) {
            Some(member) => member.1 = value,
            None => result.push((Value::from(key), value)),
        }
    }
    result.into_iter().collect()
}

fn status_of(value: &Value) -> Result<u16, String> {
    u16::try_from(value.clone())
        .ok()
        .filter(|it| (100..600).contains(it))
        .ok_or_else(|| format!("`{value}` is not an HTTP status"))
}

/// Header templates as text; undefined ones are left out.
pub(super) fn texts(
    env: &Environment<'_>,
    headers: &Names,
    scope: &Arc<Scope>,
) -> Result<Vec<(String, String)>, String> {
    let mut texts = Vec::new();
    for (name, value) in headers {
        let value = render(env, value, scope).map_err(|why| format!("header {name}: {why}"))?;
        if !value.is_undefined() {
            texts.push((name.clone(), value.to_string()));
        }
    }
    Ok(texts)
}

/// An error on its way to the wire.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Json>,
}

/// Words an error the vendor's way.
///
/// `fallback` is the status of an error that nobody declared, `message` the sentence where the
/// declaration has none.
pub(super) fn render_error(
    script: &Script,
    error: &str,
    fallback: u16,
    message: &str,
    scope: &Arc<Scope>,
) -> Result<Rendered, String> {
    let empty = ErrorRule::default();
    let rule = script.errors.get(error).unwrap_or(&empty);
    let mut layers = vec![rule];
    let asking = scope.with_one("status", Value::from(rule.status.unwrap_or(fallback)));
    for case in &rule.cases {
        if let Some(condition) = &case.when
            && evaluate(&script.env, condition, &asking)?.is_true()
        {
            layers.push(case);
            break;
        }
    }
    let status = layers.iter().rev().find_map(|it| it.status).unwrap_or(fallback);
    // `status` is an input of the injected error, so every member may read it.
    let scope = scope.with(BTreeMap::from([
        ("status".to_owned(), Value::from(status)),
        ("message".to_owned(), Value::from(message)),
    ]));
    let mut members = BTreeMap::new();
    for layer in &layers {
        for (name, member) in &layer.members {
            members.insert(name.clone(), render(&script.env, member, &scope)?);
        }
    }
    let scope = scope.with(members);
    let shapes: Vec<&Shape> =
        layers.iter().rev().map(|it| &it.shape).chain([&script.shape]).collect();
    let headers = match shapes.iter().find_map(|it| it.headers.as_ref()) {
        None => Vec::new(),
        Some(headers) => texts(&script.env, headers, &scope)?,
    };
    let body = match shapes.iter().find_map(|it| it.body.as_ref()) {
        Some(body) => json(&render(&script.env, body, &scope)?),
        None => Some(serde_json::json!({ "message": message })),
    };
    Ok(Rendered { status, headers, body })
}
