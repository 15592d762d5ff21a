//! What a provider answers to a request.

use minijinja::Value;

use super::answer::Answer;
use super::call::Call;
use super::check::{Incoming, Refusal};
use super::engine::{self, State};
use super::functions::lock;
use super::limit;
use super::provider::{Inner, Processed, Provider, Route};
use super::token;

impl Provider {
    /// Serves a request.
    pub(super) fn process(
        &self,
        route: &Route<'_>,
        incoming: &Incoming,
        crowded: bool,
    ) -> Processed {
        let mut inner = lock(&self.inner);
        let mut call = Call::new(self, route, incoming);
        let mut processed = match route {
            Route::Token => {
                let scope = call.scope(&State::default());
                let answer = token::answer(self, &mut inner, &scope, incoming, call.now);
                Processed { accepted: answer.is_success(), answer, replayed: false }
            }
            Route::Operation(operation, path) => call.serve(operation, path, &mut inner, crowded),
            Route::WrongMethod(allowed) => {
                let allowed_text = allowed.join(", ");
                let message =
                    format!("{} is not allowed here, but {allowed_text}", incoming.method);
                let refusal = Refusal::new("wrong_method", 405, message)
                    .with("allowed", Value::from_serialize(allowed));
                Processed::refused(
                    call.refuse(&inner.state, refusal).with_header("allow", allowed_text),
                )
            }
            Route::Unknown => {
                let message = format!("there is nothing at {}", incoming.path);
                let refusal = Refusal::new("unknown_path", 404, message);
                Processed::refused(call.refuse(&inner.state, refusal))
            }
        };
        self.dress(&call, &mut inner, &mut processed.answer);
        if let Route::Operation(operation, _) = route {
            self.validate(operation, &processed.answer);
            if processed.accepted && !processed.replayed {
                *inner.accepted.entry(operation.id.clone()).or_default() += 1;
            }
        }
        processed
    }

    /// The answer of an injected status, worded like the vendor's errors.
    pub(super) fn injected(&self, route: &Route<'_>, incoming: &Incoming, status: u16) -> Answer {
        let mut inner = lock(&self.inner);
        let call = Call::new(self, route, incoming);
        let refusal =
            Refusal::new("injected", status, "a fault was injected").with("status", status);
        let mut answer = call.refuse(&inner.state, refusal);
        answer.status = status;
        self.dress(&call, &mut inner, &mut answer);
        answer
    }

    /// Adds what every answer carries.
    fn dress(&self, call: &Call<'_>, inner: &mut Inner, answer: &mut Answer) {
        match engine::texts(&self.script.env, &self.script.headers, &call.scope(&inner.state)) {
            Ok(headers) => headers
                .into_iter()
                .for_each(|(name, value)| answer.set_default_header(&name, value)),
            Err(why) => self.problem(format!("sandbox.yaml/headers: {why}")),
        }
        for name in self.client.request_id() {
            let id = lock(&self.identifiers).uuid();
            answer.set_default_header(name, id);
        }
        for (name, value) in limit::headers(self.client.rate_limit(), &inner.bucket, call.now) {
            answer.set_default_header(name, value);
        }
    }
}
