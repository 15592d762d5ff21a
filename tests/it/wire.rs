//! Every operation of every provider on the wire: what goes out, what comes in, what becomes of a refusal.

use crate::{
    calls::{self, Call, Clients, IDEMPOTENCY, KEY, Parameter, Paths, Seen},
    folder::{document, generated},
    json::{aliases, plain, resolve},
    server::{Reply, Request, Server},
};
use conversations::{CallOptions, Error, RateLimit};
use conversations_codegen::surface::{Form, Kind, Type, type_path};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

#[test]
fn every_operation_has_a_call() {
    let listed: BTreeSet<_> = calls::all().iter().map(|it| (it.provider, it.operation)).collect();
    let mut documented = BTreeSet::new();
    for provider in called() {
        let operations = generated(provider).surface.operations.values();
        documented.extend(operations.map(|it| (provider, it.id.as_str())));
    }
    assert_eq!(listed, documented);
}

/// The providers that calls are written for. One that `new-provider` has just made is tested by what holds of all.
fn called() -> BTreeSet<&'static str> {
    calls::all().iter().map(|it| it.provider).collect()
}

#[tokio::test]
async fn requests_are_as_documented() {
    let bench = Bench::new().await;
    for call in calls::all() {
        let made = bench.send(&call, success(&call)).await;
        assert!(made.is_ok(), "{}: {made:?}", call.operation);
        let [request] = bench
            .server
            .take()
            .try_into()
            .unwrap_or_else(|it| panic!("{}: {it:?}", call.operation));
        let (verb, path, query) =
            calls::line(call.provider, call.operation, calls::usual_in_path, call.query);
        let (sent, asked) = request.target.split_once('?').unwrap_or((&request.target, ""));
        assert_eq!((&request.method, sent), (&verb, format!("{BASE}{path}").as_str()));
        let asked: BTreeSet<String> =
            asked.split('&').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        assert_eq!(asked, query, "{}", call.operation);
        check_headers(&call, &request);
        let body =
            (!request.body.is_empty()).then(|| serde_json::from_slice::<Value>(&request.body));
        let body = body.transpose().unwrap_or_else(|it| panic!("{}: {it}", call.operation));
        assert_eq!(body, call.body, "{}", call.operation);
    }
}

/// The header that carries the credential, by what document and provider say of the one that `Clients` take.
fn credential(provider: &str) -> (String, String) {
    let method = match provider {
        "smooch" => "jwt",
        "ultracart" => "simple_key",
        _ => "api_key",
    };
    let auth = generated(provider).provider.auth.iter().find(|it| it.method == method);
    let auth = auth.unwrap_or_else(|| panic!("{provider} has no {method}"));
    let scheme = &document(provider)["components"]["securitySchemes"][&auth.scheme];
    let scheme = resolve(document(provider), scheme);
    let bearer = scheme["type"] == "http";
    let name = if bearer { "authorization" } else { scheme["name"].as_str().expect("a header") };
    let prefix = auth.prefix.as_deref().unwrap_or(if bearer { "Bearer " } else { "" });
    (name.to_lowercase(), format!("{prefix}{KEY}"))
}

/// Exactly the headers that the document names, and what HTTP itself needs.
fn check_headers(call: &Call, request: &Request) {
    let operation = call.operation;
    let (name, value) = credential(call.provider);
    let words = ["host", "user-agent", "accept", "accept-encoding", &name].map(str::to_owned);
    let mut expected: BTreeSet<String> = words.into();
    assert_eq!(request.header(&name), Some(value.as_str()), "{operation}");
    for (name, value) in &generated(call.provider).provider.headers {
        expected.insert(name.to_lowercase());
        assert_eq!(request.header(&name.to_lowercase()), Some(value.as_str()), "{operation}");
    }
    if call.body.is_some() {
        expected.extend(["content-type", "content-length"].map(str::to_owned));
        assert_eq!(request.header("content-type"), Some("application/json"), "{operation}");
    } else if request.header("content-length") == Some("0") {
        // HTTP wants it where a verb usually has a body.
        expected.insert("content-length".to_owned());
    }
    let names = request.header_names();
    assert_eq!(names, expected.into_iter().collect::<Vec<_>>(), "{operation}");
    assert_eq!(request.header("accept-encoding"), Some("identity"), "{operation}");
    let accept = request.header("accept").expect("just seen");
    let (_, answer) = calls::success(call.provider, operation);
    let accepted = if answer.is_some() { "application/json" } else { "*/*" };
    assert!(accept == accepted || accept == "application/json", "{operation}: accept {accept}");
    let agent = request.header("user-agent").expect("just seen");
    assert!(agent.starts_with("conversations/"), "{operation}: {agent}");
    assert!(!request.target.contains(KEY), "{operation}: the key stands in {}", request.target);
}

#[tokio::test]
async fn answers_decode_to_their_types() {
    let bench = Bench::new().await;
    for call in calls::all() {
        let (status, example) = calls::success(call.provider, call.operation);
        let seen = bench.send(&call, success(&call)).await;
        let seen = seen.unwrap_or_else(|it| panic!("{}: {it:?}", call.operation));
        check_meta(&call, &seen, status);
        let aliases = aliases(document(call.provider));
        let expected = example.unwrap_or(Value::Null);
        assert_eq!(plain(&seen.value, &aliases), plain(&expected, &aliases), "{}", call.operation);
    }
}

/// No vendor means a structure by the position of its members in a list.
#[tokio::test]
async fn a_list_is_no_structure() {
    let bench = Bench::new().await;
    let mut refused = 0;
    for call in calls::all() {
        let (status, example) = calls::success(call.provider, call.operation);
        if !example.is_some_and(|it| it.is_object()) {
            continue;
        }
        let reply =
            with_limits(call.provider, Reply::status(status)).json(&serde_json::json!(["x"]));
        let Err(error) = bench.send(&call, reply).await else {
            panic!("{}: a list was read as an object", call.operation)
        };
        assert!(error.is_decode(), "{}: {error:?}", call.operation);
        refused += 1;
    }
    let mut structures = 0;
    for provider in called() {
        let surface = &generated(provider).surface;
        let is_structure = |name: &str| {
            let found = surface.items.get(&type_path(name)).map(|it| &it.kind);
            matches!(found, Some(Kind::Type { form: Form::Struct, .. }))
        };
        let answers = surface.operations.values().map(|it| it.answer.without_options());
        let is_object = |it: &Type| match it {
            Type::Own(name) => is_structure(name),
            Type::Of(name, _) => name == "Map",
            _ => false,
        };
        structures += answers.filter(|it| is_object(it)).count();
    }
    assert_eq!(refused, structures, "operations that answer with an object");
}

fn check_meta(call: &Call, seen: &Seen, status: u16) {
    let operation = call.operation;
    assert_eq!(seen.status, status, "{operation}");
    assert_eq!(seen.marker.as_deref(), Some("here"), "{operation}");
    let request_id = (call.provider == "smscx").then_some("r-1");
    assert_eq!(seen.request_id.as_deref(), request_id, "{operation}");
    check_rate_limit(call, seen.rate_limit);
    let keyed = call.body.as_ref().is_some_and(|it| it.get("idempotencyId").is_some());
    assert_eq!(seen.idempotency_key.as_deref(), keyed.then_some(IDEMPOTENCY), "{operation}");
}

/// 42 of 100 left, and 17 seconds to go, in whatever way the vendor says so.
fn check_rate_limit(call: &Call, state: Option<RateLimit>) {
    if !matches!(call.provider, "brevo" | "smscx") {
        assert_eq!(state, None, "{}", call.operation);
        return;
    }
    let state = state.unwrap_or_else(|| panic!("{}: no rate limit", call.operation));
    assert_eq!((state.limit, state.remaining), (Some(100), Some(42)), "{}", call.operation);
    let left = state.resets_in(SystemTime::now()).expect("a moment to come");
    assert!(
        left <= Duration::from_secs(17) && left > Duration::from_secs(7),
        "{}: {left:?}",
        call.operation
    );
}

#[tokio::test]
async fn any_2xx_is_success() {
    let bench = Bench::new().await;
    for call in calls::all() {
        for status in [200, 201, 202, 204, 226] {
            let mut reply = success(&call);
            let empty = calls::success(call.provider, call.operation).1.is_none();
            if status == 204 && !empty {
                continue;
            }
            reply.status = status;
            let seen = bench.send(&call, reply).await;
            assert_eq!(seen.map(|it| it.status).ok(), Some(status), "{}", call.operation);
        }
    }
}

#[tokio::test]
async fn refusals_keep_everything() {
    let bench = Bench::new().await;
    for call in calls::all() {
        let operation = call.operation;
        for (status, headers, body, code, message) in refusals(call.provider) {
            let reply =
                with_limits(call.provider, Reply { status, headers: vec![], body: body.into() });
            let reply =
                headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value));
            let error = bench.send(&call, reply).await.err();
            let error = error.unwrap_or_else(|| panic!("{operation}: {status} is not an error"));
            assert_eq!(error.status().map(|it| it.as_u16()), Some(status), "{operation}");
            assert_eq!((error.code(), error.message()), (code, message), "{operation}: {body}");
            assert_eq!(error.body(), Some(body.as_bytes()), "{operation}");
            assert_eq!(error.headers()["x-marker"], "here", "{operation}");
            assert_eq!(error.operation().map(|it| it.id()), Some(operation));
            let request_id = (call.provider == "smscx").then_some("r-1");
            assert_eq!(error.request_id(), request_id, "{operation}");
            check_rate_limit(
                &call,
                error.rate_limit().filter(|_| status != 429).or_else(|| usual_rate_limit(&call)),
            );
            check_verdicts(call.provider, &error, status);
            let shown = format!("{error} {error:?}");
            for private in [KEY, "words of a customer", "127.0.0.1"] {
                assert!(!shown.contains(private), "{operation} prints {private}: {shown}");
            }
            assert_eq!(bench.server.take().len(), 1, "{operation}: tried again");
        }
    }
}

/// A 429 knows more than its headers say; its state is looked at elsewhere.
fn usual_rate_limit(call: &Call) -> Option<RateLimit> {
    let mut state = RateLimit::default();
    state.limit = Some(100);
    state.remaining = Some(42);
    state.resets_at = Some(SystemTime::now() + Duration::from_secs(15));
    matches!(call.provider, "brevo" | "smscx").then_some(state)
}

fn check_verdicts(provider: &str, error: &Error, status: u16) {
    let said = [
        ("unauthorized", error.is_unauthorized()),
        ("forbidden", error.is_forbidden()),
        ("not found", error.is_not_found()),
        ("rate limited", error.is_rate_limited()),
        ("timeout", error.is_timeout()),
        ("connect", error.is_connect()),
        ("decode", error.is_decode()),
        ("redirect", error.is_redirect()),
        ("invalid", error.is_invalid_request()),
    ];
    let said: Vec<&str> = said.into_iter().filter(|(_, yes)| *yes).map(|(name, _)| name).collect();
    let folder = &generated(provider).provider.error;
    let expected: &[&str] = match status {
        _ if folder.unauthorized.statuses.contains(&status) => &["unauthorized"],
        _ if folder.forbidden.statuses.contains(&status) => &["forbidden"],
        404 | 410 => &["not found"],
        429 => &["rate limited"],
        _ => &[],
    };
    assert_eq!(said, expected, "{status}");
}

type Refusal = (
    u16,
    &'static [(&'static str, &'static str)],
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

/// Refusals as the vendor writes them, and as proxies do.
fn refusals(provider: &str) -> Vec<Refusal> {
    let mut all: Vec<Refusal> = vec![
        (
            503,
            &[("Content-Type", "text/html")],
            "<html>busy: words of a customer</html>",
            None,
            None,
        ),
        (500, &[], "", None, None),
        (400, &[("Content-Type", "application/json")], "{\"code\": ", None, None),
        (429, &[("Content-Type", "application/json")], "[]", None, None),
    ];
    all.extend(match provider {
        "brevo" => [
            (404, &[][..], r#"{"code":"document_not_found","message":"words of a customer"}"#, Some("document_not_found"), Some("words of a customer")),
            (401, &[], r#"{"message":"Key not found","code":"unauthorized"}"#, Some("unauthorized"), Some("Key not found")),
        ],
        "smooch" => [
            (404, &[][..], r#"{"error":{"code":"user_not_found","description":"words of a customer"}}"#, Some("user_not_found"), Some("words of a customer")),
            (403, &[], r#"{"errors":[{"code":"forbidden","title":"Not yours"}]}"#, Some("forbidden"), Some("Not yours")),
        ],
        "smscx" => [
            (404, &[][..], r#"{"error":{"type":"not_found","code":1180,"message":"words of a customer"}}"#, Some("1180"), Some("words of a customer")),
            (401, &[], r#"{"error":{"type":"invalid_api_key","message":"No"}}"#, Some("invalid_api_key"), Some("No")),
        ],
        "ultracart" => [
            (410, &[][..], r#"{"success":false,"error":{"error_code":"410","user_message":"words of a customer"}}"#, Some("410"), Some("words of a customer")),
            (400, &[("UC-REST-ERROR", "No such queue")], "", None, Some("No such queue")),
        ],
        other => panic!("{other} has no refusals in tests/it/wire.rs"),
    });
    all
}

/// Status 200 and yet a refusal, where the vendor does such a thing.
#[tokio::test]
async fn a_success_that_says_it_failed_is_an_error() {
    let body = r#"{"success":false,"error":{"error_code":"400","user_message":"No such medium"}}"#;
    let bench = Bench::new().await;
    let mut flagged = 0;
    for call in calls::all() {
        let (_, _, node) = calls::documented(call.provider, call.operation);
        if node.pointer("/x-conversations/success_flag").is_none() {
            continue;
        }
        flagged += 1;
        let reply = Reply::status(200).header("Content-Type", "application/json").body(body);
        let error = bench.send(&call, reply).await.err();
        let error = error.unwrap_or_else(|| panic!("{}: no error", call.operation));
        assert_eq!(error.status().map(|it| it.as_u16()), Some(200));
        assert_eq!((error.code(), error.message()), (Some("400"), Some("No such medium")));
    }
    assert!(flagged > 0, "no operation declares a flag of success");
}

/// The base path that the clients here are given.
const BASE: &str = "/base/v9";

/// An obedient server, and clients of a base path on it, as a vendor's `/v3` or the sandbox's mount is one.
struct Bench {
    server: Server,
    clients: Clients,
}

impl Bench {
    async fn new() -> Self {
        let server = Server::obedient().await;
        let clients = Clients::of(&format!("{}{BASE}/", server.origin()));
        Self { server, clients }
    }

    /// Sends a call that is answered like this.
    async fn send(&self, call: &Call, reply: Reply) -> Result<Seen, Error> {
        self.send_to(call, reply, Paths::default()).await
    }

    async fn send_to(&self, call: &Call, reply: Reply, paths: Paths) -> Result<Seen, Error> {
        self.server.reply(reply);
        (call.make)(self.clients.clone(), paths, calls::options()).await
    }
}

fn success(call: &Call) -> Reply {
    let (status, example) = calls::success(call.provider, call.operation);
    let reply = with_limits(call.provider, Reply::status(status));
    match example {
        None => reply,
        Some(example) => reply.json(&example),
    }
}

/// With what each vendor says in headers of any answer.
fn with_limits(provider: &str, reply: Reply) -> Reply {
    let reply = reply.header("X-Marker", "here");
    let soon = SystemTime::now() + Duration::from_secs(17);
    let soon =
        soon.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs().to_string();
    match provider {
        "brevo" => reply
            .header("x-sib-ratelimit-limit", "100")
            .header("x-sib-ratelimit-remaining", "42")
            .header("x-sib-ratelimit-reset", "17"),
        "smscx" => reply
            .header("X-Rate-Limit-Limit", "100")
            .header("X-Rate-Limit-Remaining", "42")
            .header("X-Rate-Limit-Reset", &soon)
            .header("X-Request-Id", "r-1"),
        _ => reply,
    }
}

/// Values that would leave their path segment, or name another one.
const HOSTILE: [&str; 14] = [
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "%2e%2e",
    "%2E",
    "..%2f",
    "%252e%252e",
    "/",
    "../..",
    " ",
    "a\nb",
    "..;v=1",
];

#[tokio::test]
async fn hostile_path_values_are_refused_before_sending() {
    let bench = Bench::new().await;
    let mut cases = 0;
    for call in calls::all() {
        for it in text_parameters(&call) {
            for value in HOSTILE {
                let made =
                    bench.send_to(&call, Reply::status(204), Paths::with(&it.setter, value)).await;
                let error =
                    made.err().unwrap_or_else(|| panic!("{}: {value:?} was sent", call.operation));
                assert!(error.is_invalid_request(), "{}: {error}", call.operation);
                assert!(
                    error.to_string().contains(&format!("`{}`", it.wire)),
                    "{}: {error}",
                    call.operation
                );
                cases += 1;
            }
        }
    }
    assert_eq!(bench.server.take().len(), 0, "something was sent");
    println!("{cases} hostile path values refused, none sent");
    let mut setters = 0;
    for provider in called() {
        let operations = generated(provider).surface.operations.values();
        let texts = operations
            .flat_map(|it| &it.setters)
            .filter(|(_, it)| it.to_string() == "String in path");
        setters += texts.count();
    }
    assert!(setters > 0);
    assert_eq!(cases, HOSTILE.len() * setters, "path parameters that take text");
}

#[tokio::test]
async fn path_values_are_encoded_or_refused() {
    let values = [
        ("a bü?#", "a%20b%C3%BC%3F%23"),
        ("a&b=c+d", "a%26b%3Dc%2Bd"),
        ("+49 30;x@y:z", "%2B49%2030%3Bx%40y%3Az"),
        ("100%", "100%25"),
        ("...", "..."),
    ];
    let bench = Bench::new().await;
    let mut sent_as_they_are = 0;
    for call in calls::all() {
        for it in text_parameters(&call) {
            for (value, encoded) in values {
                let made =
                    bench.send_to(&call, success(&call), Paths::with(&it.setter, value)).await;
                match made {
                    // The document may narrow an identifier down to a form that such a value does not have.
                    Err(error) => {
                        let rules = ["format", "pattern", "enum", "minLength", "maxLength"];
                        let narrowed = rules.iter().any(|rule| it.schema.get(rule).is_some());
                        assert!(
                            narrowed && error.is_invalid_request(),
                            "{}: {error}",
                            call.operation
                        );
                        assert_eq!(bench.server.take().len(), 0);
                    }
                    Ok(_) => {
                        sent_as_they_are += 1;
                        let value = |setter: &str| match setter == it.setter {
                            true => encoded.to_owned(),
                            false => calls::usual_in_path(setter),
                        };
                        let (_, path, _) = calls::line(call.provider, call.operation, value, &[]);
                        let [request] = bench.server.take().try_into().expect("one request");
                        let sent = request.target.split('?').next().unwrap_or_default();
                        assert_eq!(sent, format!("{BASE}{path}"), "{}", call.operation);
                    }
                }
            }
        }
    }
    assert!(sent_as_they_are > 0, "no value was taken");
}

/// The path parameters that take text; a number cannot leave its segment.
fn text_parameters(call: &Call) -> Vec<Parameter> {
    let operations = &generated(call.provider).surface.operations;
    let operation = operations.values().find(|it| it.id == call.operation).expect("an operation");
    let text = |name: &str| {
        operation.setters.iter().any(|(own, it)| own == name && it.to_string() == "String in path")
    };
    let mut found = calls::parameters(call.provider, call.operation, "path");
    found.retain(|it| text(&it.setter));
    found
}

/// The key that no caller gave is a UUID of version 4, another one for each call.
#[tokio::test]
async fn made_idempotency_keys_are_uuids() {
    let bench = Bench::new().await;
    let (mut keys, mut made) = (BTreeSet::new(), 0);
    for call in calls::all() {
        if call.body.as_ref().and_then(|it| it.get("idempotencyId")).is_none() {
            continue;
        }
        for _ in 0..2 {
            bench.server.reply(success(&call));
            let answer =
                (call.make)(bench.clients.clone(), Paths::default(), CallOptions::new()).await;
            made += 1;
            let told =
                answer.unwrap_or_else(|it| panic!("{}: {it:?}", call.operation)).idempotency_key;
            let [request] = bench.server.take().try_into().expect("one request");
            let body: Value = serde_json::from_slice(&request.body).expect("JSON");
            let key = body["idempotencyId"].as_str().expect("a key").to_owned();
            assert_eq!((key.len(), key.as_bytes()[14]), (36, b'4'), "{key}");
            assert_eq!(told.as_deref(), Some(key.as_str()), "the caller gets another key");
            keys.insert(key);
        }
    }
    assert!(made > 0);
    assert_eq!(keys.len(), made, "keys are shared by calls");
}
