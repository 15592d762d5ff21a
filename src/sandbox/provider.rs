//! One vendor's stand-in: its document, its script and its state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use minijinja::Value;
use serde_json::{Map, Value as Json, json};

use super::answer::Answer;
use super::check::{self, Checked, Incoming, Refusal};
use super::clock::Clock;
use super::credentials::{self, Accepted, Credential, Tokens};
use super::document::{self, Document, Operation, Place};
use super::engine::{self, Outcome, State};
use super::example;
use super::functions::{Identifiers, lock};
use super::limit::{Bucket, LimitHeaders};
use super::schema::Schemas;
use super::scope::Scope;
use super::script::{self, Script, Window};
use super::token;

/// The three documents of a provider, parsed.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) openapi: Json,
    pub(super) provider: Json,
    pub(super) sandbox: Json,
}

/// What a user of the sandbox asked of a provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) accepted: Accepted,
    pub(super) limit: Option<Window>,
    pub(super) token_lifetime: Option<u64>,
}

/// A provider being served.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) document: Document,
    schemas: Schemas,
    pub(super) script: Script,
    constants: BTreeMap<String, String>,
    prefixes: BTreeMap<String, String>,
    limit_headers: Option<LimitHeaders>,
    request_id: Vec<String>,
    token_path: Option<String>,
    concurrency: Option<usize>,
    pub(super) settings: Settings,
    pub(super) identifiers: Arc<Mutex<Identifiers>>,
    clock: Arc<Clock>,
    problems: Arc<Mutex<Vec<String>>>,
    check_answers: bool,
    inner: Mutex<Inner>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

/// What changes while a provider is served.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: State,
    pub(super) tokens: Tokens,
    bucket: Bucket,
    answers: BTreeMap<(String, String), Answer>,
    accepted: BTreeMap<String, u64>,
}

/// Where a request belongs.
#[derive(Debug)]
pub(super) enum Route<'a> {
    Operation(&'a Operation, BTreeMap<String, String>),
    Token,
    WrongMethod(Vec<String>),
    Unknown,
}

impl Route<'_> {
    /// The operationId, or the name that faults know the token endpoint by.
    pub(super) fn operation_id(&self) -> Option<&str> {
        match self {
            Self::Operation(operation, _) => Some(&operation.id),
            Self::Token => Some("token"),
            Self::WrongMethod(_) | Self::Unknown => None,
        }
    }
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Processed {
    pub(super) answer: Answer,
    pub(super) accepted: bool,
    pub(super) replayed: bool,
}

/// One request being handled; ends when dropped.
#[derive(Debug)]
pub(super) struct InFlight<'a> {
    provider: &'a Provider,
    /// More requests at once than the vendor allows.
    pub(super) crowded: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.provider.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Provider {
    pub(super) fn load(
        source: &Source,
        settings: Settings,
        seed: u64,
        clock: &Arc<Clock>,
        problems: &Arc<Mutex<Vec<String>>>,
        check_answers: bool,
    ) -> Result<Self, String> {
        let config = &source.provider;
        let mut document = document::read(source.openapi.clone())?;
        let servers = config.get("servers").and_then(Json::as_array).into_iter().flatten();
        document.base_paths.extend(
            servers
                .filter_map(|it| it.get("url").and_then(Json::as_str))
                .map(document::base_path)
                .filter(|it| !it.is_empty()),
        );
        let ids: BTreeSet<String> = document.operations.iter().map(|it| it.id.clone()).collect();
        let identifiers = Arc::new(Mutex::new(Identifiers::new(seed)));
        let script = script::read(&source.sandbox, &ids, &identifiers)
            .map_err(|why| format!("sandbox.yaml{why}"))?;
        let constants = config.get("headers").and_then(Json::as_object).into_iter().flatten();
        let auth = || config.get("auth").and_then(Json::as_array).into_iter().flatten();
        let prefixes = auth()
            .filter_map(|it| {
                let text = |key: &str| it.get(key).and_then(Json::as_str).map(str::to_owned);
                Some((text("scheme")?, text("prefix")?))
            })
            .collect();
        let request_id = config.get("request_id").and_then(Json::as_array).into_iter().flatten();
        let provider = Self {
            name: source.name.clone(),
            schemas: Schemas::new(&document.root),
            constants: constants
                .filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned())))
                .collect(),
            prefixes,
            limit_headers: config.get("rate_limit").and_then(LimitHeaders::read),
            request_id: request_id.filter_map(|it| it.as_str().map(str::to_owned)).collect(),
            token_path: token::path(&document, auth()),
            concurrency: config
                .get("concurrency")
                .and_then(Json::as_u64)
                .and_then(|it| usize::try_from(it).ok()),
            inner: Mutex::new(Inner {
                state: State::default(),
                tokens: Tokens::default(),
                bucket: Bucket::new(settings.limit, script.rate_limit),
                answers: BTreeMap::new(),
                accepted: BTreeMap::new(),
            }),
            document,
            script,
            settings,
            identifiers,
            clock: Arc::clone(clock),
            problems: Arc::clone(problems),
            check_answers,
            in_flight: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        };
        provider.reset()?;
        Ok(provider)
    }

    /// Back to the seed state; issued tokens, counters and remembered answers are gone.
    pub(super) fn reset(&self) -> Result<(), String> {
        let scope =
            Scope::new(BTreeMap::from([("now".to_owned(), Value::from(self.clock.tick()))]));
        let state =
            State::seed(&self.script, &scope).map_err(|why| format!("sandbox.yaml{why}"))?;
        let bucket = Bucket::new(self.settings.limit, self.script.rate_limit);
        *lock(&self.inner) = Inner {
            state,
            tokens: Tokens::default(),
            bucket,
            answers: BTreeMap::new(),
            accepted: BTreeMap::new(),
        };
        self.peak.store(0, Ordering::SeqCst);
        Ok(())
    }

    pub(super) fn state(&self) -> Json {
        lock(&self.inner).state.to_json()
    }

    pub(super) fn set_state(&self, name: &str, value: &Json) {
        lock(&self.inner).state.0.insert(name.to_owned(), Value::from_serialize(value));
    }

    pub(super) fn accepted(&self, operation_id: &str) -> u64 {
        lock(&self.inner).accepted.get(operation_id).copied().unwrap_or(0)
    }

    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }

    /// Every token issued so far is expired from now on.
    pub(super) fn expire_tokens(&self) {
        lock(&self.inner).tokens.issued.values_mut().for_each(|it| it.expires_at = 0);
    }

    pub(super) fn enter(&self) -> InFlight<'_> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        InFlight { provider: self, crowded: self.concurrency.is_some_and(|most| now > most) }
    }

    /// Finds the operation of a path below the mount, with or without the vendor's base path.
    pub(super) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let direct = self.route_exact(method, path);
        if !matches!(direct, Route::Unknown) {
            return direct;
        }
        self.document
            .base_paths
            .iter()
            .filter_map(|base| {
                path.strip_prefix(base.as_str()).filter(|rest| rest.starts_with('/'))
            })
            .map(|rest| self.route_exact(method, rest))
            .find(|it| !matches!(it, Route::Unknown))
            .unwrap_or(Route::Unknown)
    }

    fn route_exact(&self, method: &str, path: &str) -> Route<'_> {
        if self.token_path.as_deref() == Some(path) {
            return if method == "POST" {
                Route::Token
            } else {
                Route::WrongMethod(vec!["POST".to_owned()])
            };
        }
        let mut template: Option<&str> = None;
        let mut allowed = Vec::new();
        for operation in &self.document.operations {
            let Some(values) = operation.path.matches(path) else { continue };
            // The first path that fits is the most literal one; another, looser one does not count.
            if *template.get_or_insert(&operation.path.text) != operation.path.text {
                continue;
            }
            if operation.method == method {
                return Route::Operation(operation, values);
            }
            allowed.push(operation.method.clone());
        }
        if allowed.is_empty() { Route::Unknown } else { Route::WrongMethod(allowed) }
    }

    /// Serves a request.
    pub(super) fn process(
        &self,
        route: &Route<'_>,
        incoming: &Incoming,
        crowded: bool,
    ) -> Processed {
        let now = self.clock.tick();
        let mut inner = lock(&self.inner);
        let mut call = Call {
            provider: self,
            incoming,
            operation: route.operation_id(),
            now,
            checked: Checked::default(),
            credential: Credential::default(),
        };
        let (answer, accepted, replayed) = match route {
            Route::Token => (
                token::answer(self, &mut inner, &call.scope(&State::default()), incoming, now),
                true,
                false,
            ),
            Route::Operation(operation, path) => {
                call.operation(operation, path, &mut inner, crowded)
            }
            Route::WrongMethod(allowed) => {
                let message =
                    format!("{} is not allowed here, but {}", incoming.method, allowed.join(", "));
                let refusal = Refusal::new("wrong_method", 405, message)
                    .tell("allowed", Value::from_serialize(allowed));
                let answer =
                    call.refuse(&inner.state, refusal).with_header("allow", allowed.join(", "));
                (answer, false, false)
            }
            Route::Unknown => {
                let message = format!("there is nothing at {}", incoming.path);
                (
                    call.refuse(&inner.state, Refusal::new("unknown_path", 404, message)),
                    false,
                    false,
                )
            }
        };
        let answer = self.dress(&call, &mut inner, answer);
        if let Route::Operation(operation, _) = route {
            self.validate(operation, &answer);
            if accepted && answer.is_success() && !replayed {
                *inner.accepted.entry(operation.id.clone()).or_default() += 1;
            }
        }
        Processed { answer, accepted, replayed }
    }

    /// The answer of an injected status, worded like the vendor's errors.
    pub(super) fn injected(&self, route: &Route<'_>, incoming: &Incoming, status: u16) -> Answer {
        let now = self.clock.tick();
        let mut inner = lock(&self.inner);
        let call = Call {
            provider: self,
            incoming,
            operation: route.operation_id(),
            now,
            checked: Checked::default(),
            credential: Credential::default(),
        };
        let refusal =
            Refusal::new("injected", status, "a fault was injected").tell("status", status);
        let mut answer = call.refuse(&inner.state, refusal);
        answer.status = status;
        self.dress(&call, &mut inner, answer)
    }

    /// Adds what every answer carries.
    fn dress(&self, call: &Call<'_>, inner: &mut Inner, mut answer: Answer) -> Answer {
        match engine::texts(&self.script.env, &self.script.headers, &call.scope(&inner.state)) {
            Ok(headers) => headers
                .into_iter()
                .for_each(|(name, value)| answer.set_default_header(&name, value)),
            Err(why) => self.problem(format!("sandbox.yaml/headers: {why}")),
        }
        for name in &self.request_id {
            let id = lock(&self.identifiers).uuid();
            answer.set_default_header(name, id);
        }
        if let Some(headers) = &self.limit_headers {
            for (name, value) in headers.of(&inner.bucket, call.now) {
                answer.set_default_header(&name, value);
            }
        }
        answer
    }

    /// Compares an answer with the document; what does not fit is a mistake of the script.
    fn validate(&self, operation: &Operation, answer: &Answer) {
        if !self.check_answers {
            return;
        }
        let at = format!("{} answers {}", operation.id, answer.status);
        let Some(media) = operation.response(answer.status) else {
            if answer.is_success() {
                self.problem(format!("{at}, which the document does not declare"));
            }
            return;
        };
        let schema = media.json().and_then(|(_, schema)| schema);
        match (&answer.json, schema) {
            (Some(body), Some(pointer)) => {
                for misfit in self.schemas.misfits(pointer, body) {
                    self.problem(format!(
                        "{at}: body{}: {} ({})",
                        misfit.pointer, misfit.detail, misfit.why
                    ));
                }
            }
            (Some(_), None) if answer.is_success() && media.types.is_empty() => {
                self.problem(format!("{at} with a body, which the document does not declare"));
            }
            (None, Some(_)) if answer.is_success() => {
                self.problem(format!("{at} without the body that the document declares"));
            }
            _ => {}
        }
    }

    pub(super) fn problem(&self, text: String) {
        let mut problems = lock(&self.problems);
        let text = format!("{}: {text}", self.name);
        // A loop over a bad rule says the same thing a thousand times.
        if problems.len() < 1000 && !problems.contains(&text) {
            problems.push(text);
        }
    }

    /// An error in the vendor's words.
    pub(super) fn word(&self, scope: &Arc<Scope>, refusal: Refusal) -> Answer {
        let scope = scope.with(refusal.variables);
        match engine::word(&self.script, refusal.error, refusal.status, &refusal.message, &scope) {
            Ok(rendered) => Answer::of(rendered.status, rendered.headers, rendered.body),
            Err(why) => {
                self.problem(format!("sandbox.yaml/errors/{}: {why}", refusal.error));
                Answer::of(500, Vec::new(), Some(json!({ "message": why })))
            }
        }
    }
}

/// One request on its way through a provider.
struct Call<'a> {
    provider: &'a Provider,
    incoming: &'a Incoming,
    operation: Option<&'a str>,
    now: i64,
    checked: Checked,
    credential: Credential,
}

impl Call<'_> {
    fn scope(&self, state: &State) -> Arc<Scope> {
        let mut request = Map::new();
        request.insert("method".to_owned(), json!(self.incoming.method));
        request.insert("operation".to_owned(), json!(self.operation));
        request.insert("path".to_owned(), Json::Object(self.checked.path.clone()));
        request.insert("query".to_owned(), Json::Object(self.checked.query.clone()));
        request.insert("headers".to_owned(), Json::Object(self.checked.headers.clone()));
        if let Some(body) = &self.checked.body {
            request.insert("body".to_owned(), body.clone());
        }
        let mut credential = Map::new();
        let Credential { scheme, claims, scopes } = &self.credential;
        credential.insert("scheme".to_owned(), json!(scheme));
        if let Some(claims) = claims {
            credential.insert("claims".to_owned(), claims.clone());
        }
        if let Some(scopes) = scopes {
            credential.insert("scopes".to_owned(), json!(scopes));
        }
        Scope::new(BTreeMap::from([
            ("request".to_owned(), Value::from_serialize(&request)),
            ("credential".to_owned(), Value::from_serialize(&credential)),
            ("now".to_owned(), Value::from(self.now)),
            ("base_url".to_owned(), Value::from(self.incoming.base_url.as_str())),
            ("state".to_owned(), state.view()),
        ]))
    }

    fn refuse(&self, state: &State, refusal: Refusal) -> Answer {
        self.provider.word(&self.scope(state), refusal)
    }

    fn operation(
        &mut self,
        operation: &Operation,
        path: &BTreeMap<String, String>,
        inner: &mut Inner,
        crowded: bool,
    ) -> (Answer, bool, bool) {
        let provider = self.provider;
        // Wording of an early refusal may quote the path.
        self.checked.path = path.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
        let authorized = credentials::authorize(
            &provider.document,
            operation,
            &provider.prefixes,
            &provider.settings.accepted,
            &inner.tokens,
            self.now,
            self.incoming,
        );
        match authorized {
            Ok(credential) => self.credential = credential,
            Err(why) => {
                let refusal = Refusal::new("unauthorized", 401, "a valid credential is needed")
                    .tell("why", why.name());
                return (self.refuse(&inner.state, refusal), false, false);
            }
        }
        if crowded || !inner.bucket.take(self.now) {
            let message = if crowded { "too many requests at once" } else { "too many requests" };
            let refusal = Refusal::new("rate_limited", 429, message)
                .tell("resets_in", inner.bucket.seconds_left(self.now))
                .tell("why", if crowded { "concurrent" } else { "limit" });
            return (self.refuse(&inner.state, refusal), false, false);
        }
        match check::check(&provider.schemas, operation, &provider.constants, path, self.incoming) {
            Ok(checked) => self.checked = checked,
            Err((checked, refusal)) => {
                self.checked = checked;
                let refusal = provider.known(refusal);
                return (self.refuse(&inner.state, refusal), false, false);
            }
        }
        let key = self.idempotency_key(operation).map(|key| (operation.id.clone(), key));
        if let Some(known) = key.as_ref().and_then(|key| inner.answers.get(key)) {
            return (known.clone(), true, true);
        }
        let answer = self.run(operation, inner);
        if let Some(key) = key
            && answer.is_success()
        {
            inner.answers.insert(key, answer.clone());
        }
        let accepted = answer.is_success();
        (answer, accepted, false)
    }

    fn run(&self, operation: &Operation, inner: &mut Inner) -> Answer {
        let provider = self.provider;
        let scope = self.scope(&State::default());
        let steps = provider.script.operations.get(&operation.id).map_or(&[][..], Vec::as_slice);
        match engine::run(&provider.script.env, steps, &mut inner.state, &scope) {
            Ok(Outcome::Respond { status, headers, body }) => {
                Answer::of(status.unwrap_or_else(|| operation.success().0), headers, body)
            }
            Ok(Outcome::Fail { error, variables }) => {
                let scope = self.scope(&inner.state).with(variables);
                match engine::word(
                    &provider.script,
                    &error,
                    400,
                    &format!("the request fails: {error}"),
                    &scope,
                ) {
                    Ok(rendered) => Answer::of(rendered.status, rendered.headers, rendered.body),
                    Err(why) => {
                        self.internal(&inner.state, format!("sandbox.yaml/errors/{error}: {why}"))
                    }
                }
            }
            Ok(Outcome::Default) => self.unscripted(operation),
            Err(why) => self
                .internal(&inner.state, format!("sandbox.yaml/operations/{}: {why}", operation.id)),
        }
    }

    fn internal(&self, state: &State, why: String) -> Answer {
        self.provider.problem(why.clone());
        self.refuse(state, Refusal::new("internal", 500, why.clone()).tell("detail", why))
    }

    /// The document's example, or the smallest value of the schema.
    fn unscripted(&self, operation: &Operation) -> Answer {
        let (status, media) = operation.success();
        let body = media.and_then(|media| {
            let schema = media.json().and_then(|(_, schema)| schema);
            media
                .example
                .clone()
                .or_else(|| schema.map(|it| example::value(&self.provider.document.root, it)))
        });
        Answer::of(status, Vec::new(), body)
    }

    fn idempotency_key(&self, operation: &Operation) -> Option<String> {
        let (place, name) = operation.idempotency_key.as_ref()?;
        let value = match place {
            Place::Body => self.checked.body.as_ref()?.get(name)?,
            Place::Query => self.checked.query.get(name)?,
            Place::Header => self.checked.headers.get(&name.to_lowercase())?,
            Place::Path | Place::Cookie => return None,
        };
        value.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
    }
}

impl Provider {
    /// A syntax error that nobody worded is worded as an invalid request.
    fn known(&self, mut refusal: Refusal) -> Refusal {
        if refusal.error == "syntax" && !self.script.errors.contains_key("syntax") {
            refusal.error = "invalid";
        }
        refusal
    }
}
