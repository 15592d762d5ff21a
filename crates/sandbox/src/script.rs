//! `sandbox.yaml`, read and checked: every key, verb, expression and error name, so that a mistake
//! stops the sandbox on start and not in the middle of somebody's test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use minijinja::Environment;
use serde_json::{Map, Value as Json};

use super::functions::{self, Helper, Identifiers};
use super::template::{self, Template};

/// How one provider's stand-in behaves.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) env: Environment<'static>,
    pub(super) state: Vec<(String, Template)>,
    pub(super) headers: Vec<(String, Template)>,
    pub(super) rate_limit: Option<Window>,
    pub(super) oauth: OAuth,
    pub(super) shape: Constraints,
    pub(super) errors: BTreeMap<String, ErrorRule>,
    pub(super) operations: BTreeMap<String, Vec<Step>>,
}

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) limit: u64,
    pub(super) seconds: u64,
}

/// What the token endpoint answers.
#[derive(Debug)]
pub(super) struct OAuth {
    pub(super) expires_in: u64,
    pub(super) scopes: Vec<String>,
    pub(super) body: Option<Template>,
}

/// How an error looks on the wire.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints {
    pub(super) headers: Option<Vec<(String, Template)>>,
    pub(super) body: Option<Template>,
}

/// One named error.
#[derive(Debug, Default)]
pub(super) struct ErrorRule {
    pub(super) status: Option<u16>,
    pub(super) members: Vec<(String, Template)>,
    pub(super) cases: Vec<(String, ErrorRule)>,
    pub(super) shape: Constraints,
}

/// One step of a rule.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) condition: Option<String>,
    pub(super) verb: Verb,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Verb {
    Let(Vec<(String, Template)>),
    Find {
        collection: String,
        condition: String,
        name: String,
        or: Option<Failure>,
    },
    Select {
        source: Source,
        condition: Option<String>,
        by: Option<String>,
        descending: bool,
        name: String,
    },
    Require {
        that: String,
        or: Failure,
    },
    Insert {
        into: String,
        value: Template,
        name: Option<String>,
    },
    Update {
        collection: String,
        condition: Option<String>,
        set: Vec<(String, Template)>,
        name: Option<String>,
    },
    Remove {
        from: String,
        condition: Option<String>,
        or: Option<Failure>,
    },
    Set(Vec<(String, Template)>),
    Respond {
        status: Option<Template>,
        headers: Vec<(String, Template)>,
        body: Option<Template>,
    },
    Fail(Failure),
}

/// Where `select` looks.
#[derive(Debug)]
pub(super) enum Source {
    Collection(String),
    Expression(String),
}

/// The name of an error and what it is told.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) variables: Vec<(String, Template)>,
}

/// Errors that the server itself raises; the others are named by rules.
pub(super) const SERVER_ERRORS: [&str; 14] = [
    "unauthorized",
    "forbidden",
    "unknown_path",
    "wrong_method",
    "media_type",
    "syntax",
    "invalid",
    "rate_limited",
    "injected",
    "internal",
    "invalid_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_request",
];

/// Reads a script. `operations` are the operationIds of the document, each with the names of its path values.
pub(super) fn read(
    json: &Json,
    operations: &BTreeMap<String, BTreeSet<String>>,
    identifiers: &Arc<Mutex<Identifiers>>,
) -> Result<Script, String> {
    let mut env = functions::environment(identifiers);
    let empty = Map::new();
    let root = object_or(json, "", &empty)?;
    known(
        root,
        "",
        &["state", "helpers", "headers", "rate_limit", "oauth", "errors", "operations"],
    )?;

    // Helpers may call each other, so all names exist before the first body is read.
    let helpers_json = member(root, "helpers", "", &empty)?;
    let placeholders = helpers_json.keys().map(|name| (name.clone(), placeholder())).collect();
    functions::add_helpers(&mut env, &placeholders);
    let helpers = helpers_json
        .iter()
        .map(|(name, it)| Ok((name.clone(), helper(&env, it, &format!("/helpers/{name}"))?)))
        .collect::<Result<BTreeMap<_, _>, String>>()?;
    functions::add_helpers(&mut env, &helpers);

    // Helpers and errors serve several operations.
    let names = operations.values().flatten().cloned().collect();
    for part in ["helpers", "headers", "errors"] {
        path_values(root.get(part).unwrap_or(&Json::Null), &format!("/{part}"), &names)?;
    }

    let reader = Reader { env: &env };
    let state = reader.named(member(root, "state", "", &empty)?, "/state")?;
    let headers = reader.named(member(root, "headers", "", &empty)?, "/headers")?;
    let rate_limit = root.get("rate_limit").map(window).transpose()?;
    let oauth = reader.oauth(member(root, "oauth", "", &empty)?)?;
    let (shape, errors) = reader.errors(member(root, "errors", "", &empty)?)?;
    let mut rules = BTreeMap::new();
    for (id, steps) in member(root, "operations", "", &empty)? {
        let at = format!("/operations/{id}");
        let Some(names) = operations.get(id) else {
            let known: Vec<&str> = operations.keys().map(String::as_str).collect();
            return Err(format!(
                "{at}: the document has no operation of this id; it has {}",
                known.join(", ")
            ));
        };
        path_values(steps, &at, names)?;
        rules.insert(id.clone(), reader.steps(steps, &at)?);
    }
    for (id, steps) in &rules {
        for step in steps {
            if let Some(failure) = failure_of(&step.verb)
                && !errors.contains_key(&failure.error)
                && !SERVER_ERRORS.contains(&failure.error.as_str())
            {
                return Err(format!(
                    "/operations/{id}: the error `{}` is not declared; add it under `errors`",
                    failure.error
                ));
            }
        }
    }
    Ok(Script { state, headers, rate_limit, oauth, shape, errors, operations: rules, env })
}

/// Refuses a path value that no parameter has: it would be undefined, and the rule find nothing for ever.
fn path_values(json: &Json, at: &str, names: &BTreeSet<String>) -> Result<(), String> {
    match json {
        Json::String(text) => {
            for rest in text.split("request.path.").skip(1) {
                let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_');
                let name = &rest[..end.unwrap_or(rest.len())];
                if !names.contains(name) {
                    let known: Vec<&str> = names.iter().map(String::as_str).collect();
                    return Err(format!(
                        "{at}: no path parameter is called `{name}`; there are {}",
                        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                    ));
                }
            }
            Ok(())
        }
        Json::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, it)| path_values(it, &format!("{at}/{index}"), names)),
        Json::Object(members) => {
            members.iter().try_for_each(|(key, it)| path_values(it, &format!("{at}/{key}"), names))
        }
        _ => Ok(()),
    }
}

fn failure_of(verb: &Verb) -> Option<&Failure> {
    match verb {
        Verb::Find { or, .. } | Verb::Remove { or, .. } => or.as_ref(),
        Verb::Require { or, .. } | Verb::Fail(or) => Some(or),
        Verb::Let(_)
        | Verb::Select { .. }
        | Verb::Insert { .. }
        | Verb::Update { .. }
        | Verb::Set(_)
        | Verb::Respond { .. } => None,
    }
}

fn placeholder() -> Helper {
    Helper { parameters: Vec::new(), value: Template::Literal(minijinja::Value::UNDEFINED) }
}

fn helper(env: &Environment<'_>, json: &Json, at: &str) -> Result<Helper, String> {
    let members = object(json, at)?;
    known(members, at, &["of", "value"])?;
    let parameters = match members.get("of") {
        None => Vec::new(),
        Some(Json::Array(names)) => names
            .iter()
            .map(|it| {
                it.as_str().map(str::to_owned).ok_or_else(|| format!("{at}/of: expected names"))
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(format!("{at}/of: expected a list of parameter names")),
    };
    let value = members.get("value").ok_or_else(|| format!("{at}: a helper needs `value`"))?;
    Ok(Helper { parameters, value: template::parse(env, value, &format!("{at}/value"))? })
}

fn window(json: &Json) -> Result<Window, String> {
    let members = object(json, "/rate_limit")?;
    known(members, "/rate_limit", &["limit", "window_seconds"])?;
    let number = |key: &str| {
        members
            .get(key)
            .and_then(Json::as_u64)
            .ok_or_else(|| format!("/rate_limit/{key}: expected a whole number"))
    };
    Ok(Window { limit: number("limit")?, seconds: number("window_seconds")?.max(1) })
}

/// Reads steps and errors with the environment that knows the helpers.
struct Reader<'a> {
    env: &'a Environment<'static>,
}

impl Reader<'_> {
    fn named(
        &self,
        members: &Map<String, Json>,
        at: &str,
    ) -> Result<Vec<(String, Template)>, String> {
        members
            .iter()
            .map(|(name, it)| {
                Ok((name.clone(), template::parse(self.env, it, &format!("{at}/{name}"))?))
            })
            .collect()
    }

    fn expression(
        &self,
        members: &Map<String, Json>,
        key: &str,
        at: &str,
    ) -> Result<Option<String>, String> {
        let source = match members.get(key) {
            None => return Ok(None),
            Some(Json::String(source)) => source.trim().to_owned(),
            Some(Json::Bool(value)) => value.to_string(),
            Some(_) => return Err(format!("{at}/{key}: expected an expression (text)")),
        };
        if source.starts_with('=') {
            return Err(format!(
                "{at}/{key}: an expression here is written without the leading `=`"
            ));
        }
        template::check_expression(self.env, &source, &format!("{at}/{key}"))?;
        Ok(Some(source))
    }

    fn required(&self, members: &Map<String, Json>, key: &str, at: &str) -> Result<String, String> {
        self.expression(members, key, at)?.ok_or_else(|| format!("{at}: `{key}` is missing"))
    }

    fn failure(&self, json: &Json, at: &str) -> Result<Failure, String> {
        match json {
            Json::String(name) => Ok(Failure { error: name.clone(), variables: Vec::new() }),
            Json::Object(members) => {
                let error = text(members, "error", at)?.ok_or_else(|| {
                    format!("{at}: `error` is missing, the name of an entry under `errors`")
                })?;
                let mut variables = self.named(members, at)?;
                variables.retain(|(name, _)| name != "error");
                Ok(Failure { error, variables })
            }
            _ => Err(format!("{at}: expected the name of an error, or an object with `error`")),
        }
    }

    fn oauth(&self, members: &Map<String, Json>) -> Result<OAuth, String> {
        known(members, "/oauth", &["expires_in", "scopes", "body"])?;
        let scopes = match members.get("scopes") {
            None => Vec::new(),
            Some(Json::Array(scopes)) => {
                scopes.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
            }
            Some(_) => return Err("/oauth/scopes: expected a list".to_owned()),
        };
        let body = members
            .get("body")
            .map(|it| template::parse(self.env, it, "/oauth/body"))
            .transpose()?;
        let expires_in = members.get("expires_in").and_then(Json::as_u64).unwrap_or(3600);
        Ok(OAuth { expires_in, scopes, body })
    }

    fn errors(
        &self,
        members: &Map<String, Json>,
    ) -> Result<(Constraints, BTreeMap<String, ErrorRule>), String> {
        let mut shape = Constraints::default();
        let mut errors = BTreeMap::new();
        for (name, json) in members {
            let at = format!("/errors/{name}");
            if name == "shape" {
                known(object(json, &at)?, &at, &["headers", "body"])?;
                shape = self.error(json, &at)?.shape;
            } else {
                errors.insert(name.clone(), self.error(json, &at)?);
            }
        }
        Ok((shape, errors))
    }

    fn error(&self, json: &Json, at: &str) -> Result<ErrorRule, String> {
        let mut rule = ErrorRule::default();
        for (key, it) in object(json, at)? {
            let here = format!("{at}/{key}");
            match key.as_str() {
                "status" => {
                    let status = it.as_u64().and_then(|it| u16::try_from(it).ok());
                    rule.status =
                        Some(status.filter(|it| (100..600).contains(it)).ok_or_else(|| {
                            format!("{here}: expected an HTTP status, a number from 100 to 599")
                        })?);
                }
                "headers" => rule.shape.headers = Some(self.named(object(it, &here)?, &here)?),
                "body" => rule.shape.body = Some(template::parse(self.env, it, &here)?),
                "cases" => {
                    let cases = it.as_array().ok_or_else(|| format!("{here}: expected a list"))?;
                    for (index, case) in cases.iter().enumerate() {
                        let here = format!("{here}/{index}");
                        let mut members = object(case, &here)?.clone();
                        let condition = self.required(&members, "when", &here)?;
                        members.remove("when");
                        rule.cases.push((condition, self.error(&Json::Object(members), &here)?));
                    }
                }
                _ => rule.members.push((key.clone(), template::parse(self.env, it, &here)?)),
            }
        }
        Ok(rule)
    }

    fn steps(&self, json: &Json, at: &str) -> Result<Vec<Step>, String> {
        let steps = json.as_array().ok_or_else(|| format!("{at}: expected a list of steps"))?;
        steps
            .iter()
            .enumerate()
            .map(|(index, it)| self.step(it, &format!("{at}/{index}")))
            .collect()
    }

    fn step(&self, json: &Json, at: &str) -> Result<Step, String> {
        let members = object(json, at)?;
        let condition = self.expression(members, "when", at)?;
        let mut verbs = members.iter().filter(|(key, _)| *key != "when");
        let (Some((verb, arguments)), None) = (verbs.next(), verbs.next()) else {
            return Err(format!("{at}: a step is one verb, with `when` beside it or not"));
        };
        let at = format!("{at}/{verb}");
        Ok(Step { condition, verb: self.verb(verb, arguments, &at)? })
    }

    fn verb(&self, verb: &str, json: &Json, at: &str) -> Result<Verb, String> {
        if verb == "fail" {
            return Ok(Verb::Fail(self.failure(json, at)?));
        }
        let members = object(json, at)?;
        let or = |key: &str| {
            members.get(key).map(|it| self.failure(it, &format!("{at}/{key}"))).transpose()
        };
        let needed =
            |key: &str| text(members, key, at)?.ok_or_else(|| format!("{at}: `{key}` is missing"));
        Ok(match verb {
            "let" => Verb::Let(self.named(members, at)?),
            "set" => Verb::Set(self.named(members, at)?),
            "find" => {
                known(members, at, &["in", "where", "as", "or"])?;
                Verb::Find {
                    collection: needed("in")?,
                    condition: self.required(members, "where", at)?,
                    name: needed("as")?,
                    or: or("or")?,
                }
            }
            "select" => {
                known(members, at, &["in", "where", "by", "descending", "as"])?;
                let source = needed("in")?;
                let source = match source.strip_prefix('=') {
                    Some(expression) => {
                        template::check_expression(
                            self.env,
                            expression.trim(),
                            &format!("{at}/in"),
                        )?;
                        Source::Expression(expression.trim().to_owned())
                    }
                    None => Source::Collection(source),
                };
                Verb::Select {
                    source,
                    condition: self.expression(members, "where", at)?,
                    by: self.expression(members, "by", at)?,
                    descending: members.get("descending").and_then(Json::as_bool).unwrap_or(false),
                    name: needed("as")?,
                }
            }
            "require" => {
                known(members, at, &["that", "or"])?;
                Verb::Require {
                    that: self.required(members, "that", at)?,
                    or: or("or")?
                        .ok_or_else(|| format!("{at}: `or` is missing, the error to answer"))?,
                }
            }
            "insert" => {
                known(members, at, &["into", "value", "as"])?;
                let value =
                    members.get("value").ok_or_else(|| format!("{at}: `value` is missing"))?;
                Verb::Insert {
                    into: needed("into")?,
                    value: template::parse(self.env, value, &format!("{at}/value"))?,
                    name: text(members, "as", at)?,
                }
            }
            "update" => {
                known(members, at, &["in", "where", "set", "as"])?;
                let set = members.get("set").ok_or_else(|| format!("{at}: `set` is missing"))?;
                Verb::Update {
                    collection: needed("in")?,
                    condition: self.expression(members, "where", at)?,
                    set: self.named(object(set, &format!("{at}/set"))?, &format!("{at}/set"))?,
                    name: text(members, "as", at)?,
                }
            }
            "remove" => {
                known(members, at, &["from", "where", "or"])?;
                Verb::Remove {
                    from: needed("from")?,
                    condition: self.expression(members, "where", at)?,
                    or: or("or")?,
                }
            }
            "respond" => {
                known(members, at, &["status", "headers", "body"])?;
                let parsed = |key: &str| {
                    members
                        .get(key)
                        .map(|it| template::parse(self.env, it, &format!("{at}/{key}")))
                        .transpose()
                };
                let headers = match members.get("headers") {
                    None => Vec::new(),
                    Some(it) => {
                        self.named(object(it, &format!("{at}/headers"))?, &format!("{at}/headers"))?
                    }
                };
                Verb::Respond { status: parsed("status")?, headers, body: parsed("body")? }
            }
            other => {
                return Err(format!(
                    "{at}: unknown verb `{other}`; known are let, find, select, require, insert, update, remove, set, respond, fail"
                ));
            }
        })
    }
}

fn object<'a>(json: &'a Json, at: &str) -> Result<&'a Map<String, Json>, String> {
    json.as_object().ok_or_else(|| format!("{at}: expected an object"))
}

fn object_or<'a>(
    json: &'a Json,
    at: &str,
    empty: &'a Map<String, Json>,
) -> Result<&'a Map<String, Json>, String> {
    if json.is_null() { Ok(empty) } else { object(json, at) }
}

fn member<'a>(
    members: &'a Map<String, Json>,
    key: &str,
    at: &str,
    empty: &'a Map<String, Json>,
) -> Result<&'a Map<String, Json>, String> {
    members.get(key).map_or(Ok(empty), |it| object_or(it, &format!("{at}/{key}"), empty))
}

fn text(members: &Map<String, Json>, key: &str, at: &str) -> Result<Option<String>, String> {
    match members.get(key) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{at}/{key}: expected text")),
    }
}

fn known(members: &Map<String, Json>, at: &str, keys: &[&str]) -> Result<(), String> {
    match members.keys().find(|key| !keys.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(format!("{at}/{key}: unknown key; known are {}", keys.join(", "))),
    }
}
