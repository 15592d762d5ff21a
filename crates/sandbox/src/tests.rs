//! The sandbox over loopback, with plain requests and a small document of its own.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conversations_runtime::runtime::{Auth, AuthKind, Provider, RateLimitHeaders, ResetUnit};
use conversations_runtime::{IdempotencyKey, Operation};
use hmac_sha256::HMAC;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Builder, Empty, Fault, FaultPlan};

type Sandbox = super::Sandbox<Empty>;

/// A document with everything that the checks look at.
fn notes() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Notes", "version": "1" },
        "servers": [{ "url": "https://api.example.com/v1" }],
        "security": [{ "key": [] }, { "signed": [] }],
        "components": {
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
                "signed": { "type": "http", "scheme": "bearer" }
            },
            "schemas": {
                "Note": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {
                        "id": { "type": "integer" },
                        "text": { "type": "string", "maxLength": 10 },
                        "token": { "type": "string", "format": "uuid" },
                        "at": { "type": "string", "format": "date-time", "x-conversations": { "timestamp": true } }
                    }
                },
                "Notes": { "type": "array", "items": { "$ref": "#/components/schemas/Note" } }
            }
        },
        "paths": {
            "/notes": {
                "get": {
                    "operationId": "listNotes",
                    // The first repeats the security scheme: without it a call lacks its credential.
                    "parameters": [
                        { "name": "x-key", "in": "header", "required": true, "schema": { "type": "string" } },
                        { "name": "_limit", "in": "query", "schema": { "type": "integer", "maximum": 5, "default": 2 } },
                        { "name": "tags", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } }
                    ],
                    "responses": { "200": {
                        "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Notes" } } }
                    } }
                },
                "post": {
                    "operationId": "addNote",
                    "requestBody": { "required": true, "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Note" } }
                    } },
                    "responses": { "201": {
                        "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Note" } } }
                    } }
                }
            },
            "/notes/first": {
                "get": { "operationId": "unscripted", "responses": { "200": {
                    "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Note" } } }
                } } }
            },
            "/notes/{id}": {
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer", "x-conversations": { "name": "noteId" } } }],
                "delete": { "operationId": "deleteNote", "responses": { "204": { "description": "" } } },
                "get": { "operationId": "badNote", "responses": { "200": {
                    "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Note" } } }
                } } }
            }
        }
    })
}

const ADD_NOTE: Operation =
    Operation::new("addNote", "POST", "/notes").with_idempotency_key(IdempotencyKey::body("token"));

const NOTES: Provider = Provider::new("notes")
    .with_operations(&[&ADD_NOTE])
    .with_headers(&[("X-Version", "7")])
    .with_auth(&[Auth::new(
        "client",
        AuthKind::ClientCredentials {
            token_url: "https://api.example.com/v1/oauth/token",
            scopes: &[],
        },
    )
    .with_scheme("signed")])
    .with_request_id(&["X-Request-Id"])
    .with_rate_limit(
        RateLimitHeaders::new()
            .with_limit("x-limit")
            .with_remaining("x-left")
            .with_reset("x-reset", ResetUnit::SecondsLeft),
    );

fn notes_sandbox() -> Value {
    json!({
        "state": { "notes": [{ "$each": "range(3)", "as": "i", "value": { "id": "= serial('note')", "text": "seed {{ i }}" } }], "paid": 0 },
        "helpers": { "shown": { "of": ["note"], "value": { "id": "= note.id", "text": "= note.text", "at": "= note.at" } } },
        "headers": { "x-served-by": "= 'sandbox'" },
        "rate_limit": { "limit": 50, "window_seconds": 60 },
        "oauth": { "expires_in": 60, "scopes": ["notes"] },
        "errors": {
            "shape": { "headers": { "x-error": "= message" }, "body": { "error": { "code": "= code", "message": "= message", "where": "= where", "pointer": "= pointer" } } },
            "unauthorized": { "code": "= why" },
            "invalid": { "code": "invalid", "message": "= detail", "cases": [
                { "when": "pointer == '/text' and why == 'maxLength'", "status": 422, "code": "too_long" }
            ] },
            "wrong_method": { "code": "verb" },
            "unknown_path": { "code": "path" },
            "injected": { "code": "= 'down' if status >= 500 else 'up'" },
            "gone": { "status": 404, "code": "gone", "message": "no note {{ request.path.id }}" }
        },
        "operations": {
            "listNotes": [
                { "select": { "in": "notes", "by": "item.id", "descending": true, "as": "found" } },
                { "respond": { "body": "= found[:request.query._limit] | each('shown')" } }
            ],
            "addNote": [
                { "set": { "paid": "= state.paid + 1" } },
                { "insert": { "into": "notes", "as": "note", "value": { "id": "= serial('note')", "text": "= request.body.text", "at": "= now" } } },
                { "respond": { "status": 201, "body": "= shown(note)" } }
            ],
            "deleteNote": [
                { "remove": { "from": "notes", "where": "item.id == request.path.note_id", "or": "gone" } },
                // The document has no body here, so there is none.
                { "respond": { "body": "= request.url" } }
            ],
            "badNote": [{ "respond": { "body": { "id": "seven" } } }]
        }
    })
}

fn builder() -> Builder {
    Sandbox::builder().only(&[]).provider(&NOTES, notes(), notes_sandbox())
}

async fn sandbox() -> Sandbox {
    builder().start().await.unwrap()
}

/// A request with everything in order; `path` is below the mount.
fn call(sandbox: &Sandbox, method: Method, path: &str) -> reqwest::RequestBuilder {
    bare(sandbox, method, path).header("x-key", "k").header("x-version", "7")
}

/// One client for all, for reading the machine's certificates takes longer than a test. Connections
/// are not kept, since each test has a runtime of its own.
fn client() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap()
    })
}

fn bare(sandbox: &Sandbox, method: Method, path: &str) -> reqwest::RequestBuilder {
    client().request(method, format!("{}{path}", sandbox.base_url("notes")))
}

fn json_body(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

async fn code(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, json_of(response).await["error"]["code"].clone())
}

#[tokio::test]
async fn what_is_sent_can_be_listed_and_deleted_once() {
    let sandbox = sandbox().await;
    let added = json_body(call(&sandbox, Method::POST, "/notes"), &json!({ "text": "hi" }))
        .send()
        .await
        .unwrap();
    assert_eq!(added.status(), StatusCode::CREATED);
    assert_eq!(added.headers()["x-served-by"], "sandbox");
    assert_eq!(added.headers()["x-limit"], "50");
    assert_eq!(added.headers()["x-left"], "49");
    assert_eq!(added.headers()["x-reset"], "60");
    assert!(added.headers().contains_key("x-request-id"));
    let added = json_of(added).await;
    assert_eq!(added["id"], 4);

    let listed = json_of(call(&sandbox, Method::GET, "/notes").send().await.unwrap()).await;
    assert_eq!(listed, json!([added, { "id": 3, "text": "seed 2" }]));

    let deleted = call(&sandbox, Method::DELETE, "/notes/4").send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let again = call(&sandbox, Method::DELETE, "/notes/4").send().await.unwrap();
    assert_eq!(again.headers()["x-error"], "no note 4");
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    assert_eq!(json_of(again).await["error"]["code"], "gone");

    assert_eq!(sandbox.accepted("notes", "addNote"), 1);
    assert_eq!(sandbox.accepted("notes", "deleteNote"), 1);
    assert_eq!(sandbox.problems(), Vec::<String>::new());
    sandbox.reset();
    assert_eq!(sandbox.state("notes")["paid"], 0);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_vendors_base_path_is_taken_too() {
    let sandbox = sandbox().await;
    let listed = call(&sandbox, Method::GET, "/v1/notes").send().await.unwrap();
    assert_eq!(listed.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_that_break_the_document_are_refused_in_the_vendors_shape() {
    let sandbox = sandbox().await;
    let post = |body: Value| json_body(call(&sandbox, Method::POST, "/notes"), &body);
    let get = |path: &str| call(&sandbox, Method::GET, path);
    assert_eq!(code(get("/nowhere")).await, (404, json!("path")));
    assert_eq!(code(call(&sandbox, Method::DELETE, "/notes/")).await, (404, json!("path")));
    assert_eq!(code(call(&sandbox, Method::PUT, "/notes")).await, (405, json!("verb")));
    assert_eq!(code(bare(&sandbox, Method::GET, "/notes")).await, (401, json!("missing")));
    assert_eq!(
        code(bare(&sandbox, Method::GET, "/notes").header("x-key", "")).await,
        (401, json!("missing"))
    );
    assert_eq!(
        code(bare(&sandbox, Method::GET, "/notes").header("x-key", "k")).await,
        (400, json!("invalid"))
    );
    assert_eq!(code(get("/notes?_limit=6")).await, (400, json!("invalid")));
    assert_eq!(code(get("/notes?_limit=many")).await, (400, json!("invalid")));
    assert_eq!(code(get("/notes/seven")).await, (400, json!("invalid")));
    assert_eq!(code(post(json!({}))).await, (400, json!("invalid")));
    assert_eq!(code(post(json!({ "text": 7 }))).await, (400, json!("invalid")));
    assert_eq!(code(post(json!({ "text": "hi", "token": "no" }))).await, (400, json!("invalid")));
    assert_eq!(code(post(json!({ "text": "longer than ten" }))).await, (422, json!("too_long")));
    assert_eq!(code(call(&sandbox, Method::POST, "/notes")).await, (400, json!("invalid")));
    let broken =
        call(&sandbox, Method::POST, "/notes").header("content-type", "application/json").body("{");
    assert_eq!(code(broken).await, (400, json!("invalid")));
    let xml =
        call(&sandbox, Method::POST, "/notes").header("content-type", "text/xml").body("<a/>");
    assert_eq!(xml.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    // Fields that nobody knows are tolerated where the schema does.
    let unknown = post(json!({ "text": "hi", "more": true })).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::CREATED);
    assert_eq!(sandbox.problems(), Vec::<String>::new());

    let missing = post(json!({})).send().await.unwrap();
    let error = &json_of(missing).await["error"];
    assert_eq!((&error["where"], &error["pointer"]), (&json!("body"), &json!("/text")));
}

#[tokio::test]
async fn a_known_idempotency_key_has_one_effect() {
    let sandbox = sandbox().await;
    let body = json!({ "text": "hi", "token": "6a8f1c2e-0a0b-4c4d-8e8f-101112131415" });
    let send = || json_body(call(&sandbox, Method::POST, "/notes"), &body).send();
    let (first, second) =
        (json_of(send().await.unwrap()).await, json_of(send().await.unwrap()).await);
    assert_eq!(first, second);
    assert_eq!(sandbox.accepted("notes", "addNote"), 1);
    assert_eq!(sandbox.state("notes")["paid"], 1);
    let log = sandbox.requests();
    assert_eq!((log[0].replayed, log[1].replayed), (false, true));
}

#[tokio::test]
async fn an_operation_without_a_rule_answers_what_fits_and_a_bad_rule_is_told() {
    let sandbox = sandbox().await;
    let value = json_of(call(&sandbox, Method::GET, "/notes/first").send().await.unwrap()).await;
    assert_eq!(value, json!({ "text": "text" }));
    assert_eq!(sandbox.problems(), Vec::<String>::new());
    call(&sandbox, Method::GET, "/notes/1").send().await.unwrap();
    let problems = sandbox.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("notes: badNote answers 200: body/"), "{problems:?}");
}

#[tokio::test]
async fn faults_say_whether_the_request_took_effect() {
    let sandbox = sandbox().await;
    let post =
        || json_body(call(&sandbox, Method::POST, "/notes"), &json!({ "text": "hi" })).send();

    sandbox.inject(Fault::status(503).with_header("Retry-After", "1").for_operation("addNote"));
    let busy = post().await.unwrap();
    assert_eq!(
        (busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()),
        (503, "1")
    );
    assert_eq!(json_of(busy).await["error"]["code"], "down");
    sandbox.inject(Fault::status(502).with_body("text/html", "<h1>proxy</h1>").after_processing());
    assert_eq!(post().await.unwrap().text().await.unwrap(), "<h1>proxy</h1>");
    sandbox.inject(Fault::drop_connection());
    assert!(post().await.unwrap_err().is_request());
    sandbox.inject(Fault::reset().after_processing());
    assert!(post().await.unwrap_err().is_request());
    sandbox.inject(Fault::truncate());
    let half = post().await.unwrap();
    assert_eq!(half.status(), StatusCode::CREATED);
    assert!(half.bytes().await.is_err());
    assert_eq!(post().await.unwrap().status(), StatusCode::CREATED);

    let log = sandbox.requests();
    let outcomes: Vec<_> =
        log.iter().map(|it| (it.status, it.processed, it.fault.as_deref())).collect();
    assert_eq!(
        outcomes,
        [
            (Some(503), false, Some("status 503")),
            (Some(502), true, Some("status 502")),
            (None, false, Some("dropped connection")),
            (None, true, Some("reset connection")),
            (Some(201), true, Some("truncated body")),
            (Some(201), true, None),
        ]
    );
    assert_eq!(sandbox.accepted("notes", "addNote"), 4);
    assert_eq!(sandbox.state("notes")["notes"].as_array().unwrap().len(), 3 + 4);
}

#[tokio::test]
async fn a_delayed_answer_has_taken_effect_before_it_leaves() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::delay(Duration::from_secs(3600)).after_processing());
    let request = json_body(call(&sandbox, Method::POST, "/notes"), &json!({ "text": "hi" }));
    let waiting = tokio::spawn(request.send());
    while sandbox.accepted("notes", "addNote") == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_fault_plan_keeps_its_books() {
    let sandbox = sandbox().await;
    sandbox.set_fault_plan(
        FaultPlan::seeded(11)
            .with(0.2, Fault::status(500))
            .with(0.2, Fault::status(500).after_processing())
            .with(0.1, Fault::drop_connection())
            .with(0.1, Fault::drop_connection().after_processing()),
    );
    for _ in 0..60 {
        let _ = json_body(call(&sandbox, Method::POST, "/notes"), &json!({ "text": "hi" }))
            .send()
            .await;
    }
    let processed = sandbox.requests().iter().filter(|it| it.processed).count();
    assert!((10..60).contains(&processed));
    assert_eq!(sandbox.accepted("notes", "addNote"), processed as u64);
    assert_eq!(sandbox.state("notes")["notes"].as_array().unwrap().len(), 3 + processed);
}

#[tokio::test]
async fn the_log_holds_no_secret() {
    let sandbox = builder().accept("notes", "s3cret").start().await.unwrap();
    let request = bare(&sandbox, Method::GET, "/notes").header("x-version", "7");
    assert_eq!(request.header("x-key", "s3cret").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(code(call(&sandbox, Method::GET, "/notes")).await, (401, json!("unknown")));
    let log = sandbox.requests();
    assert!(!format!("{log:?}").contains("s3cret"));
    assert_eq!(log[0].header("X-Key"), Some("[censored]"));
    assert!(log[0].held_secret("x-key", "s3cret"));
    assert!(!log[0].held_secret("x-key", "other"));
}

#[tokio::test]
async fn an_asked_rate_limit_is_enforced_until_its_window_ends() {
    let sandbox = builder().rate_limit("notes", 2, 10).start().await.unwrap();
    let get = || async { call(&sandbox, Method::GET, "/notes").send().await.unwrap() };
    assert_eq!(get().await.headers()["x-left"], "1");
    assert_eq!(get().await.headers()["x-left"], "0");
    let refused = get().await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["x-reset"]),
        (429, &"10".parse().unwrap())
    );
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(get().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn tokens_are_issued_accepted_and_expire() {
    let sandbox = builder().accept_client("notes", "id", "secret").start().await.unwrap();
    let token = |form: &'static str| {
        bare(&sandbox, Method::POST, "/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
    };
    let wrong = token("grant_type=client_credentials&client_id=id&client_secret=no").await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(json_of(wrong).await["error"], "invalid_client");
    let basic = bare(&sandbox, Method::POST, "/v1/oauth/token")
        .basic_auth("id", Some("secret"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials&scope=other");
    assert_eq!(json_of(basic.send().await.unwrap()).await["error"], "invalid_scope");
    let issued = json_of(
        token("grant_type=client_credentials&client_id=id&client_secret=secret").await.unwrap(),
    )
    .await;
    assert_eq!(
        (&issued["token_type"], &issued["expires_in"], &issued["scope"]),
        (&json!("Bearer"), &json!(60), &json!("notes"))
    );

    let access = issued["access_token"].as_str().unwrap();
    let get = || bare(&sandbox, Method::GET, "/notes").header("x-version", "7").bearer_auth(access);
    assert_eq!(get().send().await.unwrap().status(), StatusCode::OK);
    sandbox.advance(Duration::from_secs(61));
    assert_eq!(code(get()).await, (401, json!("expired")));
    let log = sandbox.requests();
    assert!(!format!("{log:?}").contains(access));
    assert!(log[0].held_secret("client_secret", "no"));
}

#[tokio::test]
async fn signatures_are_checked_when_the_secret_is_known() {
    let sandbox = builder().accept_signed("notes", "kid1", "shared").start().await.unwrap();
    let sign = |kid: &str, secret: &str, exp: i64| {
        let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let header = part(json!({ "alg": "HS256", "typ": "JWT", "kid": kid }));
        let signed = format!("{header}.{}", part(json!({ "scope": "app", "exp": exp })));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(HMAC::mac(&signed, secret)))
    };
    let get = |token: String| {
        bare(&sandbox, Method::GET, "/notes").header("x-version", "7").bearer_auth(token)
    };
    let far = 4_000_000_000;
    assert_eq!(get(sign("kid1", "shared", far)).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(code(get(sign("kid1", "other", far))).await, (401, json!("signature")));
    assert_eq!(code(get(sign("kid2", "shared", far))).await, (401, json!("unknown")));
    assert_eq!(code(get(sign("kid1", "shared", 1))).await, (401, json!("expired")));
    assert_eq!(code(get("plain".to_owned())).await, (401, json!("unknown")));
}

#[tokio::test]
async fn another_process_steers_it_over_http() {
    let sandbox = sandbox().await;
    let control = |method, path: &str, body: Value| {
        client()
            .request(method, format!("{}/_sandbox{path}", sandbox.origin()))
            .body(body.to_string())
            .send()
    };
    let index = json_of(control(Method::GET, "", Value::Null).await.unwrap()).await;
    assert_eq!(index["providers"]["notes"]["base_url"], sandbox.base_url("notes"));
    let fault = json!({ "status": 500, "operation": "listNotes", "times": 1 });
    assert_eq!(
        control(Method::POST, "/faults", fault).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        control(Method::POST, "/faults", json!({ "stats": 1 })).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    for misspelt in [
        json!({ "status": 500, "operation": "listNote" }),
        json!({ "status": 500, "provider": "note" }),
    ] {
        let status = control(Method::POST, "/faults", misspelt).await.unwrap().status();
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(
        control(Method::POST, "/faults", json!({})).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(code(call(&sandbox, Method::GET, "/notes")).await, (500, json!("down")));
    let log = json_of(control(Method::GET, "/requests", Value::Null).await.unwrap()).await;
    assert_eq!(log[0]["operation_id"], "listNotes");
    let state = json_of(control(Method::GET, "/state/notes", Value::Null).await.unwrap()).await;
    assert_eq!(state["paid"], 0);
    assert_eq!(
        control(Method::POST, "/reset", Value::Null).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        control(Method::GET, "/elsewhere", Value::Null).await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_mistake_in_a_script_stops_the_start_and_says_where() {
    let cases = [
        (json!({ "sate": {} }), "/sate: the key `sate` is unknown here; did you mean `state`?"),
        (
            json!({ "operations": { "nope": [] } }),
            "/operations/nope: no operation is called `nope`; the document has `addNote`",
        ),
        (
            json!({ "operations": { "addNote": [{ "insrt": {} }] } }),
            "/operations/addNote/0/insrt: the key `insrt` is unknown here; did you mean `insert`?",
        ),
        (
            json!({ "operations": { "addNote": [{ "fail": "nope" }] } }),
            "the error `nope` is not declared",
        ),
        (
            json!({ "state": { "notes": [] }, "operations": { "addNote": [{ "insert": { "into": "note", "value": 1 } }] } }),
            "/operations/addNote/0: the list `note` is not declared; did you mean `notes`? add it under `state`",
        ),
        (
            json!({ "operations": { "addNote": [{ "require": { "that": "1 +", "or": "gone" } }] } }),
            "/operations/addNote/0/require/that: expression `1 +`",
        ),
        (
            json!({ "operations": { "addNote": [{ "respond": { "body": { "a": "= (" } } }] } }),
            "/operations/addNote/0/respond/body/a",
        ),
        (json!({ "helpers": { "a": { "value": "{{ 1 " } } }), "/helpers/a/value"),
        (
            json!({ "operations": { "addNote": [{ "fail": "syntax", "let": {} }] } }),
            "/operations/addNote/0: a step is one verb",
        ),
        (
            json!({ "operations": { "addNote": [{ "insert": { "value": 1 } }] } }),
            "/operations/addNote/0/insert: `into` is missing",
        ),
        (
            json!({ "operations": { "addNote": [{ "fail": { "error": "syntax", "why": "= (" } }] } }),
            "/operations/addNote/0/fail/why: expression `(`",
        ),
        (
            json!({ "errors": { "x": { "cases": [{ "status": 400, "code": "= (" }] } } }),
            "/errors/x/cases/0/code: expression `(`",
        ),
        (
            json!({ "errors": { "x": { "cases": [{ "status": 400 }] } } }),
            "/errors/x/cases/0: `when` is missing",
        ),
        (
            json!({ "errors": { "shape": { "status": 400 } } }),
            "/errors/shape: the shape of errors has other keys; known keys",
        ),
        (json!({ "state": { "a": "= nothing()" } }), "/state/a"),
        (json!({ "errors": { "x": { "status": 99 } } }), "/errors/x/status"),
        (
            json!({ "state": { "notes": [] }, "operations": { "deleteNote": [{ "remove": { "from": "notes", "where": "item.id == request.path.noteId" } }] } }),
            "/operations/deleteNote/0/remove/where: the operation has no path parameter `noteId`; did you mean `note_id`? there are `id`, `note_id`",
        ),
        // Of another operation.
        (
            json!({ "operations": { "addNote": [{ "respond": { "body": "{{ request.path.id }}" } }] } }),
            "/operations/addNote/0/respond/body: the operation has no path parameter `id`; there are none",
        ),
        (
            json!({ "operations": { "addNote": [{ "respond": { "body": "= request.path['id']" } }] } }),
            "/operations/addNote/0/respond/body: the operation has no path parameter `id`",
        ),
        (
            json!({ "errors": { "x": { "message": "= request.path.nothing" } } }),
            "/errors/x/message: the operation has no path parameter",
        ),
    ];
    for (script, expected) in cases {
        let builder = Sandbox::builder().only(&[]).provider(&NOTES, notes(), script);
        let error = builder.start().await.unwrap_err().to_string();
        assert!(error.contains("sandbox of notes: sandbox.yaml/"), "{error}");
        assert!(error.contains(expected), "{error} should hold {expected}");
    }
    let unknown = Sandbox::builder().only(&[]).accept("nobody", "k").start().await.unwrap_err();
    assert!(unknown.to_string().contains("no provider `nobody`"));
}

/// The setters that rules know path values by are those of the generated client.
#[test]
fn path_values_are_called_like_the_setters() {
    for name in [
        "messageId",
        "conversation_uuid",
        "_limit",
        "X-Request-Id",
        "userID",
        "HTTPCode",
        "page2Size",
        "e.mail",
        "ÄnderungsNr",
    ] {
        let setter = heck::ToSnakeCase::to_snake_case(name);
        assert_eq!(setter, conversations_codegen::names::snake(name));
    }
}

#[tokio::test]
async fn a_rule_sees_the_called_url_and_both_names_of_a_path_value() {
    let rule = "= [request.url, request.path.id, request.path.note_id]";
    let script = json!({ "operations": { "badNote": [{ "respond": { "body": rule } }] } });
    let builder = Sandbox::builder().only(&[]).provider(&NOTES, notes(), script);
    let sandbox = builder.start().await.unwrap();
    let answer = call(&sandbox, Method::GET, "/v1/notes/7?a=b").send().await.unwrap();
    let url = format!("{}/v1/notes/7", sandbox.base_url("notes"));
    assert_eq!(json_of(answer).await, json!([url, 7, 7]));
}

#[tokio::test]
async fn an_answer_without_a_body_has_a_status_that_is_declared_without_one() {
    let mut document = notes();
    let content =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Note" } } });
    let pointer = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .find_map(|(path, item)| item.get("delete").map(|_| path.clone()));
    let delete = &mut document["paths"][pointer.unwrap()]["delete"];
    delete["responses"]["201"] = json!({ "description": "", "content": content });
    let script = json!({ "operations": { "deleteNote": [{ "respond": {} }] } });
    let builder = Sandbox::builder().only(&[]).provider(&NOTES, document, script);
    let sandbox = builder.start().await.unwrap();
    let answer = call(&sandbox, Method::DELETE, "/v1/notes/7").send().await.unwrap();
    assert_eq!(answer.status(), 204);
}

#[tokio::test]
async fn requests_at_once_are_counted_and_refused_where_the_vendor_forbids_them() {
    const ONE_AT_A_TIME: Provider = NOTES.with_concurrency(1);
    let sandbox = Sandbox::builder()
        .only(&[])
        .provider(&ONE_AT_A_TIME, notes(), notes_sandbox())
        .start()
        .await
        .unwrap();
    sandbox.inject(Fault::delay(Duration::from_secs(3600)));
    let waiting = tokio::spawn(call(&sandbox, Method::GET, "/notes").send());
    sandbox.wait_for_requests(1).await;
    let second = call(&sandbox, Method::GET, "/notes").send().await.unwrap();
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sandbox.most_in_flight("notes"), 2);
    let log = sandbox.requests();
    assert_eq!((log[0].status, log[1].status), (None, Some(429)));
    waiting.abort();
}

#[tokio::test]
async fn a_form_is_typed_by_its_schema_and_checked() {
    let mut document = notes();
    document["paths"]["/form"]["post"] = json!({
        "operationId": "sendForm",
        "requestBody": { "required": true, "content": { "application/x-www-form-urlencoded": { "schema": {
            "type": "object",
            "required": ["to"],
            "properties": {
                "to": { "type": "array", "items": { "type": "string" } },
                "count": { "type": "integer", "maximum": 9 },
                "text": { "type": "string" }
            }
        } } } },
        "responses": { "200": { "description": "", "content": { "application/json": {} } } }
    });
    let script =
        json!({ "operations": { "sendForm": [{ "respond": { "body": "= request.body" } }] } });
    let sandbox =
        Sandbox::builder().only(&[]).provider(&NOTES, document, script).start().await.unwrap();
    let send = |form: &'static str| {
        call(&sandbox, Method::POST, "/form")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
    };
    let answer = json_of(send("to=a&count=7&text=8").await.unwrap()).await;
    assert_eq!(answer, json!({ "to": ["a"], "count": 7, "text": "8" }));
    for broken in ["count=7", "to=a&count=10", "to=a&count=x"] {
        assert_eq!(send(broken).await.unwrap().status(), StatusCode::BAD_REQUEST, "{broken}");
    }
}

/// What the sandbox answers to these bytes, until it closes the connection.
async fn raw(sandbox: &Sandbox, bytes: &str) -> String {
    let address = sandbox.origin().strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // Far more than it takes; without an end this would be a test that hangs.
    tokio::time::timeout(Duration::from_secs(60), read)
        .await
        .expect("the connection ends")
        .unwrap();
    String::from_utf8(answer).unwrap()
}

/// The status of the first answer to these bytes.
async fn status_of(sandbox: &Sandbox, bytes: &str) -> String {
    raw(sandbox, bytes).await.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_target_without_a_path_is_answered() {
    let sandbox = sandbox().await;
    for line in ["CONNECT example.com:443 HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT / HTTP/1.1"] {
        let asked = format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let status = status_of(&sandbox, &asked).await;
        assert!(status.starts_with('4'), "{line}: {status}");
    }
    let listed = call(&sandbox, Method::GET, "/notes").send().await.unwrap();
    assert_eq!(listed.status(), StatusCode::OK, "it serves on");
}

#[tokio::test]
async fn health_is_told_to_whoever_may_ask() {
    let sandbox = sandbox().await;
    let get =
        |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{more}\r\n");
    let local = "Host: localhost\r\n";
    let answer = raw(&sandbox, &get("/_sandbox/health", local)).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"status":"ok"}"#),
        "{answer}"
    );
    let head = get("/_sandbox/health", local).replace("GET", "HEAD");
    let answer = raw(&sandbox, &head).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    for path in ["/", "/_sandbox", "/_sandbox/health", "/_sandbox/requests", "/_sandbox/nothing"] {
        for foreign in ["Host: evil.example\r\n", "Host: localhost\r\nOrigin: null\r\n", ""] {
            assert_eq!(status_of(&sandbox, &get(path, foreign)).await, "403", "{path} {foreign}");
        }
    }
}

#[tokio::test]
async fn a_foreign_request_steers_nothing() {
    let sandbox = sandbox().await;
    let fault = r#"{"status":503,"always":true}"#;
    let post = |more: &str| {
        let length = fault.len();
        format!(
            "POST /_sandbox/faults HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n{fault}"
        )
    };
    for foreign in [
        "Host: evil.example\r\n",
        "Host: localhost\r\nOrigin: https://evil.example\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\n",
    ] {
        assert_eq!(status_of(&sandbox, &post(foreign)).await, "403", "{foreign}");
    }
    let listed = call(&sandbox, Method::GET, "/notes").send().await.unwrap();
    assert_eq!(listed.status(), StatusCode::OK);
    assert_eq!(status_of(&sandbox, &post("Host: localhost\r\n")).await, "204");
    let listed = call(&sandbox, Method::GET, "/notes").send().await.unwrap();
    assert_eq!(listed.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_page_that_is_allowed_may_read_what_it_is_told() {
    let open =
        Sandbox::builder().only(&[]).allow_host("sandbox").allow_origin("https://app.example");
    let sandbox = open.start().await.unwrap();
    let ask = |verb: &str, origin: &str| {
        format!(
            "{verb} /_sandbox HTTP/1.1\r\nHost: sandbox:1\r\nConnection: close\r\nOrigin: {origin}\r\n\r\n"
        )
    };
    let answer = raw(&sandbox, &ask("GET", "https://app.example")).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 200 "), "{answer}");
    assert!(answer.contains("access-control-allow-origin: https://app.example\r\n"), "{answer}");
    let answer = raw(&sandbox, &ask("OPTIONS", "https://app.example")).await;
    assert!(answer.contains("access-control-allow-methods"), "{answer}");
    assert_eq!(status_of(&sandbox, &ask("GET", "https://evil.example")).await, "403");
}

#[tokio::test]
async fn slow_and_idle_connections_end() {
    let short = Duration::from_millis(50);
    let mut builder = Sandbox::builder().only(&[]);
    builder.patience.head = short;
    let sandbox = builder.start().await.unwrap();
    // Half a head, nothing at all, and nothing more after an answer.
    raw(&sandbox, "GET /_sandbox HTTP/1.1\r\nHost: loc").await;
    raw(&sandbox, "").await;
    let idle = raw(&sandbox, "GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(idle.starts_with("HTTP/1.1 200 "), "{idle}");

    let mut builder = Sandbox::builder().only(&[]);
    builder.patience.body = short;
    let sandbox = builder.start().await.unwrap();
    let half = "POST /_sandbox/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    let answer = raw(&sandbox, half).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_sandbox_for_other_machines_is_reached_by_this_one() {
    let sandbox =
        Sandbox::builder().only(&[]).host(std::net::Ipv4Addr::UNSPECIFIED).start().await.unwrap();
    assert!(sandbox.origin().starts_with("http://127.0.0.1:"), "{}", sandbox.origin());
    let asked = "GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(status_of(&sandbox, asked).await, "200");
}
