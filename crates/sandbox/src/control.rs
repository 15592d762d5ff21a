//! `/_sandbox/…`: what a test in another process does with the sandbox.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::fault::Fault;
use super::functions::lock;
use super::shared::{Shared, refusal};

/// A fault as it comes over HTTP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    status: Option<u16>,
    delay_ms: Option<u64>,
    drop: Option<bool>,
    reset: Option<bool>,
    truncate: Option<bool>,
    provider: Option<String>,
    operation: Option<String>,
    times: Option<u32>,
    always: Option<bool>,
    skip: Option<u32>,
    after_processing: Option<bool>,
    headers: Option<std::collections::BTreeMap<String, String>>,
    body: Option<Json>,
}

/// Serves a control request.
pub(super) fn answer(shared: &Shared, method: &str, path: &str, body: &[u8]) -> Answer {
    let below = path.strip_prefix("/_sandbox").unwrap_or_default().trim_matches('/');
    let ok = |json: Json| Answer::of(200, Vec::new(), Some(json));
    // The server leaves the body out by itself.
    let method = if method == "HEAD" { "GET" } else { method };
    match (method, below.split_once('/').map_or((below, ""), |it| it)) {
        ("GET", ("", "")) => ok(index(shared)),
        ("GET", ("health", "")) => ok(json!({ "status": "ok" })),
        ("GET", ("requests", "")) => ok(shared.log()),
        ("GET", ("problems", "")) => ok(json!(*lock(&shared.problems))),
        ("GET", ("state", name)) => match shared.provider(name) {
            Some(provider) => ok(provider.state()),
            None => refusal(404, format!("there is no provider `{name}`")),
        },
        ("POST", ("reset", "")) => match shared.reset() {
            Ok(()) => Answer::of(204, Vec::new(), None),
            Err(why) => refusal(500, why),
        },
        ("POST", ("faults", "")) => match serde_json::from_slice(body)
            .map_err(|error| error.to_string())
            .and_then(|asked| fault(shared, asked))
        {
            Ok(fault) => {
                lock(&shared.faults).faults.push(fault);
                Answer::of(204, Vec::new(), None)
            }
            Err(why) => refusal(400, why),
        },
        ("DELETE", ("faults", "")) => {
            *lock(&shared.faults) = super::fault::Queue::default();
            Answer::of(204, Vec::new(), None)
        }
        // A page that may call asks first; who may not was refused before.
        ("OPTIONS", _) => {
            let allowed = [
                ("access-control-allow-methods", "GET, POST, DELETE"),
                ("access-control-allow-headers", "content-type"),
            ];
            let allowed = allowed.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Answer::of(204, allowed.to_vec(), None)
        }
        _ => refusal(
            404,
            format!(
                "{method} {path} is not a control; there are GET /_sandbox, GET /_sandbox/health, GET /_sandbox/requests, GET /_sandbox/problems, GET /_sandbox/state/<provider>, POST and DELETE /_sandbox/faults, POST /_sandbox/<provider>/visitor, POST /_sandbox/reset"
            ),
        ),
    }
}

fn index(shared: &Shared) -> Json {
    let providers: Json = shared
        .providers
        .iter()
        .map(|it| {
            let mut operations: Vec<String> = it
                .document
                .operations
                .iter()
                .map(|it| format!("{} {} {}", it.id, it.method, it.path))
                .collect();
            operations.sort();
            (
                it.name().to_owned(),
                json!({ "base_url": shared.base_url(it.name()), "operations": operations }),
            )
        })
        .collect();
    json!({ "providers": providers })
}

fn fault(shared: &Shared, asked: Asked) -> Result<Fault, String> {
    let Asked {
        status,
        delay_ms,
        drop,
        reset,
        truncate,
        provider,
        operation,
        times,
        always,
        skip,
        after_processing,
        headers,
        body,
    } = asked;
    let kinds = [
        status.map(Fault::status),
        delay_ms.map(|it| Fault::delay(Duration::from_millis(it))),
        drop.filter(|it| *it).map(|_| Fault::drop_connection()),
        reset.filter(|it| *it).map(|_| Fault::reset()),
        truncate.filter(|it| *it).map(|_| Fault::truncate()),
    ];
    let mut kinds = kinds.into_iter().flatten();
    let (Some(mut fault), None) = (kinds.next(), kinds.next()) else {
        return Err(
            "a fault is one of `status`, `delay_ms`, `drop`, `reset`, `truncate`".to_owned()
        );
    };
    if let Some(status) = status
        && !(100..600).contains(&status)
    {
        return Err(format!("{status} is not an HTTP status"));
    }
    if let Some(provider) = provider {
        if shared.provider(&provider).is_none() {
            return Err(format!("there is no provider `{provider}`"));
        }
        fault = fault.for_provider(provider);
    }
    if let Some(operation) = operation {
        let mut hit = shared
            .providers
            .iter()
            .filter(|it| fault.provider.as_ref().is_none_or(|of| of == it.name()));
        // A fault for a misspelt operation would wait for ever, and the test behind it pass for nothing.
        if operation != "token"
            && !hit.any(|it| it.document.operations.iter().any(|it| it.id == operation))
        {
            return Err(format!("there is no operation `{operation}`; GET /_sandbox lists them"));
        }
        fault = fault.for_operation(operation);
    }
    if let Some(times) = times {
        fault = fault.times(times);
    }
    if always == Some(true) {
        fault = fault.always();
    }
    if after_processing == Some(true) {
        fault = fault.after_processing();
    }
    fault = fault.skip(skip.unwrap_or(0));
    for (name, value) in headers.unwrap_or_default() {
        fault = fault.with_header(name, value);
    }
    Ok(match body {
        None => fault,
        Some(Json::String(text)) => fault.with_body("text/plain", text),
        Some(json) => fault.with_json(&json),
    })
}
