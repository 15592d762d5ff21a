//! One vendor's stand-in: its document, its script and its state.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use conversations_document::{Document as Rules, servers};
use conversations_runtime::runtime::{AuthKind, Provider as Client};
use minijinja::Value;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::check::Refusal;
use super::clock::Clock;
use super::credentials::{Accepted, Tokens};
use super::document::{self, Document, Operation};
use super::engine::{self, State};
use super::functions::{Identifiers, lock};
use super::limit::Bucket;
use super::path::matches;
use super::schema::Schemas;
use super::scope::Scope;
use super::script::{self, Script, Window};

/// What the sandbox needs of a provider.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) client: &'static Client,
    pub(super) openapi: Json,
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
    pub(super) client: &'static Client,
    pub(super) document: Document,
    pub(super) schemas: Schemas,
    pub(super) script: Script,
    token_path: Option<String>,
    pub(super) settings: Settings,
    pub(super) identifiers: Arc<Mutex<Identifiers>>,
    pub(super) clock: Arc<Clock>,
    problems: Arc<Mutex<Vec<String>>>,
    check_answers: bool,
    pub(super) inner: Mutex<Inner>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

/// What changes while a provider is served.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: State,
    pub(super) tokens: Tokens,
    pub(super) bucket: Bucket,
    pub(super) answers: BTreeMap<(String, String), Answer>,
    pub(super) accepted: BTreeMap<String, u64>,
}

impl Inner {
    fn new(state: State, settings: &Settings, script: &Script) -> Self {
        Self {
            state,
            tokens: Tokens::default(),
            bucket: Bucket::new(settings.limit, script.rate_limit),
            answers: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }
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

impl Processed {
    pub(super) fn refused(answer: Answer) -> Self {
        Self { answer, accepted: false, replayed: false }
    }
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
        let client = source.client;
        let mut document = document::read(source.openapi.clone(), client)?;
        let paths = client.servers().iter().map(|it| servers::path(it).to_owned());
        document.base_paths.extend(paths.filter(|it| !it.is_empty()));
        let identifiers = Arc::new(Mutex::new(Identifiers::new(seed)));
        let (file, root) = ("sandbox.yaml".into(), source.sandbox.clone());
        let rules = Rules { file, root, origins: BTreeMap::new() };
        let script = script::read(rules, &document.path_names(), &identifiers).map_err(|it| {
            let help = if it.help.is_empty() { String::new() } else { format!("; {}", it.help) };
            format!("{}{}: {}{help}", it.file, it.pointer, it.code)
        })?;
        let provider = Self {
            client,
            schemas: Schemas::new(&document.root),
            token_path: token_path(client, &document),
            inner: Mutex::new(Inner::new(State::default(), &settings, &script)),
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
        *lock(&self.inner) = Inner::new(state, &self.settings, &self.script);
        self.peak.store(0, Ordering::SeqCst);
        Ok(())
    }

    /// Folder, module and mount.
    pub(super) fn name(&self) -> &str {
        self.client.name()
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
        InFlight {
            provider: self,
            crowded: self.client.concurrency().is_some_and(|most| now > most),
        }
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
            let Some(values) = matches(&operation.path, path) else { continue };
            // The first path that fits is the most literal one; another, looser one does not count.
            if *template.get_or_insert(&operation.path) != operation.path {
                continue;
            }
            if operation.method == method {
                return Route::Operation(operation, values);
            }
            allowed.push(operation.method.clone());
        }
        if allowed.is_empty() { Route::Unknown } else { Route::WrongMethod(allowed) }
    }

    /// Compares an answer with the document; what does not fit is a mistake of the script.
    pub(super) fn validate(&self, operation: &Operation, answer: &Answer) {
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
            (None, Some(_)) if answer.is_success() => {
                self.problem(format!("{at} without the body that the document declares"));
            }
            _ => {}
        }
    }

    pub(super) fn problem(&self, text: String) {
        let mut problems = lock(&self.problems);
        let text = format!("{}: {text}", self.name());
        // A loop over a bad rule says the same thing a thousand times.
        if problems.len() < 1000 && !problems.contains(&text) {
            problems.push(text);
        }
    }

    /// An error in the vendor's words.
    pub(super) fn render_error(&self, scope: &Arc<Scope>, refusal: Refusal) -> Answer {
        let scope = scope.with(refusal.variables);
        match engine::render_error(
            &self.script,
            refusal.error,
            refusal.status,
            &refusal.message,
            &scope,
        ) {
            Ok(rendered) => Answer::of(rendered.status, rendered.headers, rendered.body),
            Err(why) => {
                self.problem(format!("sandbox.yaml/errors/{}: {why}", refusal.error));
                Answer::of(500, Vec::new(), Some(json!({ "message": why })))
            }
        }
    }

    /// A syntax error that nobody worded is worded as an invalid request.
    pub(super) fn known(&self, mut refusal: Refusal) -> Refusal {
        if refusal.error == "syntax" && !self.script.errors.contains_key("syntax") {
            refusal.error = "invalid";
        }
        refusal
    }
}

/// The path of the token endpoint, below the provider's mount, where the provider has one.
fn token_path(client: &Client, document: &Document) -> Option<String> {
    let url = client.auth().iter().find_map(|it| match it.kind() {
        AuthKind::ClientCredentials { token_url, .. } => Some(token_url),
        _ => None,
    })?;
    let path = servers::path(url);
    let below = document.base_paths.iter().find_map(|base| path.strip_prefix(base.as_str()));
    Some(below.filter(|it| it.starts_with('/')).unwrap_or(path).to_owned())
}
