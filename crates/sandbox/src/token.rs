//! The token endpoint of OAuth 2.0 client credentials (RFC 6749, section 4.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::basic::basic;
use super::check::{Incoming, Refusal};
use super::credentials::Issued;
use super::form;
use super::functions::lock;
use super::provider::{Inner, Provider};
use super::scope::Scope;
use super::template::{json, render};

/// Issues a token, or says why not.
pub(super) fn answer(
    provider: &Provider,
    inner: &mut Inner,
    scope: &Arc<Scope>,
    incoming: &Incoming,
    now: i64,
) -> Answer {
    match issue(provider, inner, scope, incoming, now) {
        Ok(body) => {
            Answer::of(200, vec![("cache-control".to_owned(), "no-store".to_owned())], Some(body))
        }
        Err(refusal) if provider.script.errors.contains_key(refusal.error) => {
            provider.render_error(scope, refusal)
        }
        Err(refusal) => {
            let body = json!({ "error": refusal.error, "error_description": refusal.message });
            Answer::of(refusal.status, Vec::new(), Some(body))
        }
    }
}

fn issue(
    provider: &Provider,
    inner: &mut Inner,
    scope: &Arc<Scope>,
    incoming: &Incoming,
    now: i64,
) -> Result<Json, Refusal> {
    let content_type = incoming.header("content-type").unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    if media != "application/x-www-form-urlencoded" {
        return Err(Refusal::new("invalid_request", 400, "send application/x-www-form-urlencoded"));
    }
    let form = form::parse(&media, content_type, &incoming.body)
        .map_err(|why| Refusal::new("invalid_request", 400, why))?;
    let field = |name: &str| form.get(name).and_then(Json::as_str).filter(|it| !it.is_empty());
    let (id, secret) = incoming
        .header("authorization")
        .and_then(basic)
        .or_else(|| Some((field("client_id")?.to_owned(), field("client_secret")?.to_owned())))
        .filter(|(id, secret)| !id.is_empty() && !secret.is_empty())
        .ok_or_else(|| {
            Refusal::new("invalid_client", 401, "client identifier and secret are missing")
        })?;
    let clients = &provider.settings.accepted.clients;
    if !clients.is_empty() && clients.get(&id) != Some(&secret) {
        return Err(Refusal::new("invalid_client", 401, "unknown client, or another secret"));
    }
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(other) => {
            return Err(Refusal::new(
                "unsupported_grant_type",
                400,
                format!("`{other}` is not supported"),
            ));
        }
        None => return Err(Refusal::new("invalid_request", 400, "grant_type is missing")),
    }
    let offered = &provider.script.oauth.scopes;
    let scopes: Vec<String> = match field("scope") {
        None => offered.clone(),
        Some(asked) => asked.split_whitespace().map(str::to_owned).collect(),
    };
    if let Some(unknown) = scopes.iter().find(|it| !offered.is_empty() && !offered.contains(it)) {
        return Err(Refusal::new("invalid_scope", 400, format!("there is no scope `{unknown}`")));
    }
    let token = format!("sandbox-{}", lock(&provider.identifiers).uuid());
    let lifetime = provider.settings.token_lifetime.unwrap_or(provider.script.oauth.expires_in);
    let expires_at = now + i64::try_from(lifetime).unwrap_or(i64::MAX / 4000) * 1000;
    let scope_text = scopes.join(" ");
    inner.tokens.issued.insert(token.clone(), Issued { expires_at, scopes });
    let body = match &provider.script.oauth.body {
        None => {
            json!({ "access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": scope_text })
        }
        Some(body) => {
            let scope = scope.with(BTreeMap::from([
                ("token".to_owned(), Value::from(token)),
                ("expires_in".to_owned(), Value::from(lifetime)),
                ("scope".to_owned(), Value::from(scope_text)),
            ]));
            let rendered = render(&provider.script.env, body, &scope).map_err(|why| {
                provider.problem(format!("sandbox.yaml/oauth/body: {why}"));
                Refusal::new("invalid_request", 500, why)
            })?;
            json(&rendered).unwrap_or(Json::Null)
        }
    };
    Ok(body)
}
