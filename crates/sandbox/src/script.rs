//! `sandbox.yaml`, read and checked: every key, verb, expression and error name, so that a mistake
//! stops the sandbox on start and not in the middle of somebody's test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use conversations_document::{Document, Fault, Pointer, fault::Code, load, suggest};
use minijinja::Environment;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::functions::{self, Helper, Identifiers};
use super::template::{Expression, Names, Template};

/// How one provider's stand-in behaves.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Script {
    pub(super) state: Names,
    helpers: BTreeMap<String, Helper>,
    pub(super) headers: Names,
    pub(super) rate_limit: Option<Window>,
    pub(super) oauth: OAuth,
    pub(super) errors: BTreeMap<String, ErrorRule>,
    pub(super) operations: BTreeMap<String, Vec<Step>>,
    /// What happens when a visitor writes.
    pub(super) visitor: Vec<Step>,
    /// How every error looks: `errors.shape`.
    #[serde(skip)]
    pub(super) shape: Shape,
    #[serde(skip)]
    pub(super) env: Environment<'static>,
}

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    pub(super) limit: u64,
    #[serde(rename = "window_seconds")]
    pub(super) seconds: u64,
}

/// What the token endpoint answers.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OAuth {
    pub(super) expires_in: u64,
    pub(super) scopes: Vec<String>,
    #[serde(deserialize_with = "given")]
    pub(super) body: Option<Template>,
}

impl Default for OAuth {
    fn default() -> Self {
        Self { expires_in: 3600, scopes: Vec::new(), body: None }
    }
}

/// How an error looks on the wire.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) headers: Option<Names>,
    pub(super) body: Option<Template>,
}

/// One named error, or one of its cases. Members that are not known are variables of the shape.
#[derive(Debug, Default)]
pub(super) struct ErrorRule {
    pub(super) when: Option<Expression>,
    pub(super) status: Option<u16>,
    pub(super) members: Names,
    pub(super) cases: Vec<ErrorRule>,
    pub(super) shape: Shape,
}

/// One step of a rule.
#[derive(Debug, Deserialize)]
#[serde(try_from = "StepForm")]
pub(super) struct Step {
    pub(super) condition: Option<Expression>,
    pub(super) verb: Verb,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Verb {
    Let(Names),
    Find(Find),
    Select(Select),
    Require(Require),
    Insert(Insert),
    Update(Update),
    Remove(Remove),
    Set(Names),
    Respond(Respond),
    Fail(Failure),
}

/// A step as it is written: one verb, with `when` beside it or not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    when: Option<Expression>,
    r#let: Option<Names>,
    find: Option<Find>,
    select: Option<Select>,
    require: Option<Require>,
    insert: Option<Insert>,
    update: Option<Update>,
    remove: Option<Remove>,
    set: Option<Names>,
    respond: Option<Respond>,
    fail: Option<Failure>,
}

impl TryFrom<StepForm> for Step {
    type Error = &'static str;

    fn try_from(form: StepForm) -> Result<Self, Self::Error> {
        let verbs = [
            form.r#let.map(Verb::Let),
            form.find.map(Verb::Find),
            form.select.map(Verb::Select),
            form.require.map(Verb::Require),
            form.insert.map(Verb::Insert),
            form.update.map(Verb::Update),
            form.remove.map(Verb::Remove),
            form.set.map(Verb::Set),
            form.respond.map(Verb::Respond),
            form.fail.map(Verb::Fail),
        ];
        let mut verbs = verbs.into_iter().flatten();
        match (verbs.next(), verbs.next()) {
            (Some(verb), None) => Ok(Self { condition: form.when, verb }),
            _ => Err("a step is one verb, with `when` beside it or not"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Find {
    #[serde(rename = "in")]
    pub(super) collection: String,
    #[serde(rename = "where")]
    pub(super) condition: Expression,
    #[serde(rename = "as")]
    pub(super) name: String,
    pub(super) or: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Select {
    #[serde(rename = "in")]
    pub(super) source: Source,
    #[serde(rename = "where")]
    pub(super) condition: Option<Expression>,
    pub(super) by: Option<Expression>,
    #[serde(default)]
    pub(super) descending: bool,
    #[serde(rename = "as")]
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Require {
    pub(super) that: Expression,
    pub(super) or: Failure,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Insert {
    pub(super) into: String,
    pub(super) value: Template,
    #[serde(rename = "as")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    #[serde(rename = "in")]
    pub(super) collection: String,
    #[serde(rename = "where")]
    pub(super) condition: Option<Expression>,
    pub(super) set: Names,
    #[serde(rename = "as")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remove {
    pub(super) from: String,
    #[serde(rename = "where")]
    pub(super) condition: Option<Expression>,
    pub(super) or: Option<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Respond {
    #[serde(deserialize_with = "given")]
    pub(super) status: Option<Template>,
    pub(super) headers: Names,
    #[serde(deserialize_with = "given")]
    pub(super) body: Option<Template>,
}

/// Where `select` looks: a list of the state, or what an expression gives after a `=`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Source {
    Collection(String),
    Expression(Expression),
}

impl TryFrom<String> for Source {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Ok(match text.strip_prefix('=') {
            Some(expression) => Self::Expression(Expression::parse(expression)?),
            None => Self::Collection(text),
        })
    }
}

/// The name of an error and its arguments.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) variables: Names,
}

/// A key that is there has a value, if only null.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Template>, D::Error> {
    Template::deserialize(from).map(Some)
}

impl<'de> Deserialize<'de> for Failure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Failure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an error, or an object with `error`")
            }

            fn visit_str<E>(self, name: &str) -> Result<Failure, E> {
                Ok(Failure { error: name.to_owned(), variables: Names::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Failure, A::Error> {
                let (mut error, mut variables) = (None, Names::new());
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "error" => error = Some(map.next_value()?),
                        _ => drop(variables.insert(key, map.next_value()?)),
                    }
                }
                let why = "`error` is missing, the name of an entry under `errors`";
                Ok(Failure { error: error.ok_or_else(|| A::Error::custom(why))?, variables })
            }
        }
        from.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for ErrorRule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = ErrorRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ErrorRule, A::Error> {
                let mut rule = ErrorRule::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "when" => rule.when = Some(map.next_value()?),
                        "status" => rule.status = Some(map.next_value::<Status>()?.0),
                        "headers" => rule.shape.headers = Some(map.next_value()?),
                        "body" => rule.shape.body = Some(map.next_value()?),
                        "cases" => rule.cases = map.next_value()?,
                        _ => drop(rule.members.insert(key, map.next_value()?)),
                    }
                }
                Ok(rule)
            }
        }
        from.deserialize_map(Form)
    }
}

#[derive(Deserialize)]
#[serde(try_from = "u64")]
struct Status(u16);

impl TryFrom<u64> for Status {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        let status = u16::try_from(number).ok().filter(|it| (100..600).contains(it));
        status.map(Self).ok_or("expected an HTTP status, a number from 100 to 599")
    }
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

/// Reads a script, whose keys may have no value. `operations` are the operationIds of the document, each with the names of its path values.
pub(super) fn read(
    mut document: Document,
    operations: &BTreeMap<String, BTreeSet<String>>,
    identifiers: &Arc<Mutex<Identifiers>>,
) -> Result<Script, Fault> {
    match &mut document.root {
        // A key without a value says nothing.
        Json::Object(members) => members.retain(|_, it| !it.is_null()),
        it @ Json::Null => *it = Json::Object(Default::default()),
        _ => {}
    }
    let mut script: Script = load::part(&document, "")?;
    script.env = functions::environment(identifiers);
    functions::add_helpers(&mut script.env, &script.helpers);
    if let Some(window) = &mut script.rate_limit {
        window.seconds = window.seconds.max(1);
    }
    let bad = |at: &Pointer, error: &str, help: String| {
        document.fault(at, Code::BadValue { error: error.to_owned() }, help)
    };
    let errors = Pointer::from("/errors");
    if let Some(rule) = script.errors.remove("shape") {
        let known = "known keys are `headers`, `body`".to_owned();
        script.shape = only_shape(rule).ok_or_else(|| {
            bad(&errors.child("shape"), "the shape of errors has other keys", known)
        })?;
    }
    for (name, rule) in &script.errors {
        let at = errors.child(name);
        if let Some(case) = rule.cases.iter().position(|it| it.when.is_none()) {
            let key = "when".to_owned();
            return Err(document.fault(&at.child("cases").child(case), Code::Missing { key }, ""));
        }
        if rule.when.is_some() || rule.cases.iter().any(|it| !it.cases.is_empty()) {
            let what = "only a case has `when`, and none has cases";
            return Err(bad(&at, what, String::new()));
        }
    }

    // Helpers and errors serve several operations.
    let names = operations.values().flatten().cloned().collect();
    for part in ["helpers", "headers", "errors"] {
        path_values(&document, &Pointer::ROOT.child(part), &names)?;
    }
    for (id, steps) in &script.operations {
        let at = Pointer::from("/operations").child(id);
        let Some(names) = operations.get(id) else {
            let help =
                suggest::known(id, "the document has", operations.keys().map(String::as_str));
            let code = Code::UnknownOperation { name: id.clone() };
            return Err(document.fault(&at, code, help));
        };
        path_values(&document, &at, names)?;
        declared(&script, steps, &document, &at)?;
    }
    let at = Pointer::ROOT.child("visitor");
    path_values(&document, &at, &BTreeSet::new())?;
    declared(&script, &script.visitor, &document, &at)?;
    Ok(script)
}

/// Refuses a step that fails with an error, or looks into a list of the state, which is not declared.
fn declared(
    script: &Script,
    steps: &[Step],
    document: &Document,
    at: &Pointer,
) -> Result<(), Fault> {
    let errors = script.errors.keys().map(String::as_str).chain(SERVER_ERRORS).collect::<Vec<_>>();
    let set = script.operations.values().flatten().chain(&script.visitor);
    let set = set.filter_map(|it| if let Verb::Set(names) = &it.verb { Some(names) } else { None });
    let lists = script.state.keys().chain(set.flat_map(Names::keys)).map(String::as_str);
    let lists = lists.collect::<Vec<_>>();
    for (i, step) in steps.iter().enumerate() {
        let named = [
            ("error", "errors", &errors, failure_of(&step.verb).map(|it| &it.error)),
            ("list", "state", &lists, list_of(&step.verb)),
        ];
        for (what, place, known, name) in named {
            let Some(name) = name.filter(|it| !known.contains(&it.as_str())) else { continue };
            let meant = suggest::nearest(name, known.iter().copied(), 1);
            let meant = meant.first().map(|it| format!("did you mean `{it}`? "));
            let help = format!("{}add it under `{place}`", meant.unwrap_or_default());
            let code = Code::BadValue { error: format!("the {what} `{name}` is not declared") };
            return Err(document.fault(&at.child(i), code, help));
        }
    }
    Ok(())
}

/// The rule of `errors.shape`, which is none of an error's own.
fn only_shape(rule: ErrorRule) -> Option<Shape> {
    let ErrorRule { when: None, status: None, members, cases, shape } = rule else { return None };
    (members.is_empty() && cases.is_empty()).then_some(shape)
}

/// Refuses a path value that no parameter has: it would be undefined, and the rule find nothing for ever.
fn path_values(document: &Document, at: &Pointer, names: &BTreeSet<String>) -> Result<(), Fault> {
    match document.root.pointer(at) {
        Some(Json::String(text)) => {
            for rest in text.split("request.path").skip(1) {
                let opened = [".", "['", "[\""].iter().find_map(|it| rest.strip_prefix(it));
                let Some(rest) = opened else { continue };
                let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_');
                let name = &rest[..end.unwrap_or(rest.len())];
                if !names.contains(name) {
                    let code =
                        Code::NoParameter { name: name.to_owned(), places: "path".to_owned() };
                    let known = names.iter().map(String::as_str);
                    let help = match names.is_empty() {
                        true => "there are none".to_owned(),
                        false => suggest::known(name, "there are", known),
                    };
                    return Err(document.fault(at, code, help));
                }
            }
            Ok(())
        }
        Some(Json::Array(items)) => {
            (0..items.len()).try_for_each(|i| path_values(document, &at.child(i), names))
        }
        Some(Json::Object(members)) => {
            members.keys().try_for_each(|key| path_values(document, &at.child(key), names))
        }
        _ => Ok(()),
    }
}

/// The list of the state that a step looks into.
fn list_of(verb: &Verb) -> Option<&String> {
    match verb {
        Verb::Find(Find { collection, .. })
        | Verb::Update(Update { collection, .. })
        | Verb::Select(Select { source: Source::Collection(collection), .. }) => Some(collection),
        Verb::Insert(Insert { into, .. }) => Some(into),
        Verb::Remove(Remove { from, .. }) => Some(from),
        Verb::Select(_) | Verb::Let(_) | Verb::Require(_) | Verb::Set(_) => None,
        Verb::Respond(_) | Verb::Fail(_) => None,
    }
}

fn failure_of(verb: &Verb) -> Option<&Failure> {
    match verb {
        Verb::Find(Find { or, .. }) | Verb::Remove(Remove { or, .. }) => or.as_ref(),
        Verb::Require(Require { or, .. }) | Verb::Fail(or) => Some(or),
        _ => None,
    }
}
