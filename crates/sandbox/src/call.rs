//! One request on its way: who asks, whether it fits the document, what the script makes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversations_runtime::{IdempotencyKey, Location};
use minijinja::Value;
use serde_json::{Map, Value as Json, json};

use super::answer::Answer;
use super::check::{self, Checked, Incoming, Refusal};
use super::credentials::{self, Credential};
use super::document::Operation;
use super::engine::{self, Outcome, State};
use super::example;
use super::provider::{Inner, Processed, Provider, Route};
use super::scope::Scope;

/// One request on its way through a provider.
pub(super) struct Call<'a> {
    provider: &'a Provider,
    incoming: &'a Incoming,
    operation: Option<&'a str>,
    pub(super) now: i64,
    checked: Checked,
    credential: Credential,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        provider: &'a Provider,
        route: &'a Route<'_>,
        incoming: &'a Incoming,
    ) -> Self {
        Self {
            provider,
            incoming,
            operation: route.operation_id(),
            now: provider.clock.tick(),
            checked: Checked::default(),
            credential: Credential::default(),
        }
    }

    /// What expressions see.
    pub(super) fn scope(&self, state: &State) -> Arc<Scope> {
        let mut request = Map::new();
        request.insert("method".to_owned(), json!(self.incoming.method));
        request.insert("operation".to_owned(), json!(self.operation));
        let url = format!("{}{}", self.incoming.base_url, self.incoming.path);
        request.insert("url".to_owned(), json!(url));
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

    pub(super) fn refuse(&self, state: &State, refusal: Refusal) -> Answer {
        self.provider.render_error(&self.scope(state), refusal)
    }

    /// Credential, limit, document, rule: in this order.
    pub(super) fn serve(
        &mut self,
        operation: &Operation,
        path: &BTreeMap<String, String>,
        inner: &mut Inner,
        crowded: bool,
    ) -> Processed {
        let provider = self.provider;
        // Wording of an early refusal may quote the path.
        let raw = path.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
        self.checked.path = operation.named(raw);
        let authorized = credentials::authorize(
            &provider.document,
            operation,
            provider.client,
            &provider.settings.accepted,
            &inner.tokens,
            self.now,
            self.incoming,
        );
        match authorized {
            Ok(credential) => self.credential = credential,
            Err(why) => {
                let refusal = Refusal::new("unauthorized", 401, "a valid credential is needed")
                    .with("why", why.name());
                return Processed::refused(self.refuse(&inner.state, refusal));
            }
        }
        if crowded || !inner.bucket.take(self.now) {
            let message = if crowded { "too many requests at once" } else { "too many requests" };
            let refusal = Refusal::new("rate_limited", 429, message)
                .with("resets_in", inner.bucket.seconds_left(self.now))
                .with("why", if crowded { "concurrent" } else { "limit" });
            return Processed::refused(self.refuse(&inner.state, refusal));
        }
        let (checked, refusal) =
            check::check(&provider.schemas, operation, provider.client, path, self.incoming);
        self.checked = Checked { path: operation.named(checked.path), ..checked };
        if let Some(refusal) = refusal {
            return Processed::refused(self.refuse(&inner.state, provider.known(refusal)));
        }
        let key = self.idempotency_key(operation).map(|key| (operation.id.clone(), key));
        if let Some(known) = key.as_ref().and_then(|key| inner.answers.get(key)) {
            return Processed { answer: known.clone(), accepted: true, replayed: true };
        }
        let answer = self.run(operation, inner);
        if let Some(key) = key
            && answer.is_success()
        {
            inner.answers.insert(key, answer.clone());
        }
        Processed { accepted: answer.is_success(), answer, replayed: false }
    }

    fn run(&self, operation: &Operation, inner: &mut Inner) -> Answer {
        let provider = self.provider;
        let scope = self.scope(&State::default());
        let steps = provider.script.operations.get(&operation.id).map_or(&[][..], Vec::as_slice);
        match engine::run(&provider.script.env, steps, &mut inner.state, &scope) {
            Ok(Outcome::Respond { status, headers, body }) => {
                let status = status.unwrap_or_else(|| operation.success_with(body.is_some()));
                // A rule outlives the document it was written for: where the next one has no body, there is none.
                let empty = operation.response(status).is_some_and(|it| it.types.is_empty());
                Answer::of(status, headers, body.filter(|_| !empty))
            }
            Ok(Outcome::Fail { error, variables }) => {
                let scope = self.scope(&inner.state).with(variables);
                match engine::render_error(
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
        self.refuse(state, Refusal::new("internal", 500, why.clone()).with("detail", why))
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
        let IdempotencyKey { location, name, .. } = operation.idempotency_key?;
        let value = match location {
            Location::Body => self.checked.body.as_ref()?.get(name)?,
            Location::Query => self.checked.query.get(name)?,
            Location::Header => self.checked.headers.get(&name.to_lowercase())?,
            _ => return None,
        };
        value.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
    }
}
