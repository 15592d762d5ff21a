//! Every way to authenticate, as the server sees it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use super::server::{Act, Server, answer, ok};
use super::{Fake, READ, SECRET, SEND, TINY, send};
use crate::runtime::{Builder, Clock};

fn bare(url: &str) -> Builder {
    Builder::new(&TINY).base_url(url).clock(Fake::new())
}

#[tokio::test]
async fn each_scheme_puts_its_credential_where_it_belongs() {
    let cases: [(fn(Builder) -> Builder, String); 4] = [
        (|it| it.secret("api_key", SECRET), format!("api-key: {SECRET}\r\n")),
        (|it| it.secret("bearer", SECRET), format!("authorization: Bearer {SECRET}\r\n")),
        (|it| it.secret("query_key", " a b&c\n"), "GET /v1/things/1?key=a%20b%26c HTTP".to_owned()),
        (|it| it.pair("basic", "me", "pw"), "authorization: Basic bWU6cHc=\r\n".to_owned()),
    ];
    for (credential, expected) in cases {
        let server = Server::start(vec![ok("{}")]).await;
        let core = credential(bare(&server.url)).build().unwrap();
        send(&core, &READ).await.unwrap();
        let request = &server.requests()[0];
        assert!(request.contains(&expected), "{expected} in {request}");
        assert!(request.contains("x-tiny-version: 7\r\n"), "{request}");
        for absent in ["referer:", "api-version:", "cookie:"] {
            assert!(!request.to_lowercase().contains(absent), "{absent} in {request}");
        }
    }
}

#[tokio::test]
async fn minted_tokens_carry_key_id_claims_and_life() {
    let server = Server::start(vec![ok("{}")]).await;
    let clock = Fake::new();
    let core =
        bare(&server.url).clock(clock.clone()).pair("app_key", "key-1", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    send(&core, &READ).await.unwrap();
    let token = |index: usize| {
        let request = server.requests()[index].clone();
        request.split("authorization: Bearer ").nth(1).unwrap().lines().next().unwrap().to_owned()
    };
    assert_eq!(token(0), token(1), "a token is used again");
    let parts: Vec<_> = token(0).split('.').map(str::to_owned).collect();
    let read = |part: &str| -> Value {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    assert_eq!(read(&parts[0]), json!({"typ": "JWT", "alg": "HS256", "kid": "key-1"}));
    let claims = read(&parts[1]);
    assert_eq!(claims["scope"], "app");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 300);
    clock.sleep(Duration::from_secs(250)).await;
    send(&core, &READ).await.unwrap();
    assert_ne!(token(1), token(2), "an old token is replaced");
}

const TOKEN: &str = r#"{"access_token":"tok-1","token_type":"bearer","expires_in":3600}"#;

#[tokio::test]
async fn tokens_are_fetched_once_kept_and_renewed() {
    let json = [("Content-Type", "application/json")];
    let second = TOKEN.replace("tok-1", "tok-2");
    let script = vec![
        answer(200, &json, TOKEN),
        ok("{}"),
        ok("{}"),
        answer(401, &[], ""),
        answer(200, &json, &second),
        ok("{}"),
    ];
    let server = Server::start(script).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    send(&core, &READ).await.unwrap();
    let response = send(&core, &SEND).await.unwrap();
    assert_eq!(response.attempts(), 2, "a refused token is replaced, for any operation");
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /v1/oauth HTTP"), "{}", requests[0]);
    assert!(requests[0].contains("grant_type=client_credentials"), "{}", requests[0]);
    assert!(requests[0].contains("scope=read+write"), "{}", requests[0]);
    assert!(requests[2].contains("authorization: Bearer tok-1"), "{}", requests[2]);
    assert!(requests[5].contains("authorization: Bearer tok-2"), "{}", requests[5]);
    assert_eq!(requests.len(), 6);
}

#[tokio::test]
async fn one_fetch_serves_calls_at_the_same_time() {
    let script = vec![answer(200, &[("Content-Type", "application/json")], TOKEN), ok("{}")];
    let server = Server::start(script).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    let calls = (0..8).map(|_| send(&core, &READ));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(server.requests().iter().filter(|it| it.starts_with("POST")).count(), 1);
}

#[tokio::test]
async fn a_token_that_does_not_come_is_an_error_without_the_secret() {
    let refusal = |status: u16, code: &str| {
        let body = format!(r#"{{"error":"{code}"}}"#);
        answer(status, &[("Content-Type", "application/json")], &body)
    };
    let gzip = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")];
    let cases = [
        // Some servers refuse with a status of success.
        (refusal(200, "invalid_client"), "unauthorized", 1),
        (refusal(200, SECRET), "", 1),
        (ok("{}"), "", 1),
        (ok(r#"{"access_token":""}"#), "", 1),
        (ok(r#"{"access_token":null}"#), "", 1),
        (answer(200, &gzip, "\u{1f}x"), "", 1),
        (refusal(401, "invalid_client"), "unauthorized", 1),
        (refusal(400, "invalid_client"), "unauthorized", 1),
        (refusal(401, SECRET), "unauthorized", 1),
        (refusal(400, "invalid_scope"), "forbidden", 1),
        (refusal(400, "invalid_request"), "", 1),
        // Nobody has looked at the credential.
        (answer(200, &[], "<html>"), "", 1),
        (answer(302, &[("Location", "http://127.0.0.1:1/")], ""), "redirect", 1),
        (answer(500, &[], ""), "", 3),
        (Act::ResetAfterRequest, "", 3),
    ];
    for (act, verdict, attempts) in cases {
        let server = Server::start(vec![act.clone()]).await;
        let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
        let error = send(&core, &SEND).await.unwrap_err();
        let verdicts = [
            ("unauthorized", error.is_unauthorized()),
            ("forbidden", error.is_forbidden()),
            ("redirect", error.is_redirect()),
        ];
        let said: Vec<_> = verdicts.iter().filter_map(|(it, yes)| yes.then_some(*it)).collect();
        assert_eq!(said.join(" "), verdict, "{act:?}: {error:?}");
        assert_eq!(error.attempts(), attempts, "{act:?}: {error:?}");
        assert_eq!(error.was_sent(), crate::Delivery::No);
        assert!(!format!("{error:?} {error} {:?}", error.code()).contains(SECRET));
    }
}

#[tokio::test]
async fn a_token_is_taken_from_whatever_success() {
    let json = [("Content-Type", "application/json")];
    let marked = format!("\u{feff}{TOKEN}");
    let answers = [
        answer(201, &json, TOKEN),
        answer(203, &json, TOKEN),
        answer(200, &[], TOKEN),
        answer(200, &[("Content-Type", "text/plain; charset=utf-8")], TOKEN),
        answer(200, &[("Content-Type", "text/html")], TOKEN),
        answer(200, &json, &marked),
        answer(200, &json, r#"{"access_token":"tok-1","error":null,"code":0}"#),
        answer(200, &[("Content-Encoding", "identity")], TOKEN),
    ];
    for act in answers {
        let server = Server::start(vec![act.clone(), ok("{}")]).await;
        let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
        send(&core, &SEND).await.unwrap();
        assert!(server.requests()[1].contains("authorization: Bearer tok-1"), "{act:?}");
    }
    let server = Server::start(vec![answer(200, &[("Content-Encoding", "gzip")], "\u{1f}x")]).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    let error = send(&core, &SEND).await.unwrap_err();
    assert!(error.to_string().contains("(gzip)"), "{error}");
}

#[tokio::test]
async fn a_refusal_in_the_vendors_own_form_is_read_and_the_body_tried() {
    let json = [("Content-Type", "application/json"), ("X-Id", "7")];
    let refusal = || answer(401, &json, r#"{"error":{"type":"invalid_client"}}"#);
    let server = Server::start(vec![refusal(), answer(200, &json, TOKEN), ok("{}")]).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    assert!(server.requests()[1].contains("client_id=id"), "{}", server.requests()[1]);

    let server = Server::start(vec![refusal(), refusal()]).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert_eq!(error.status().map(|it| it.as_u16()), Some(401));
    assert_eq!(error.headers()["x-id"], "7");
    assert!(error.body().is_some_and(|body| body.starts_with(b"{")));
}

#[tokio::test]
async fn a_token_address_of_the_vendor_moves_with_the_base_url() {
    // Had it not moved, the fetch would go to a host that does not exist.
    let script = vec![answer(200, &[("Content-Type", "application/json")], TOKEN), ok("{}")];
    let server = Server::start(script).await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    let elsewhere =
        Server::start(vec![answer(200, &[("Content-Type", "application/json")], TOKEN)]).await;
    let server = Server::start(vec![ok("{}")]).await;
    let url = format!("{}/token", elsewhere.url);
    let core = bare(&server.url).token_url(url).pair("oauth", "id", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    assert!(elsewhere.requests()[0].starts_with("POST /v1/token"));
}

#[test]
fn the_preferred_credential_is_used() {
    let core =
        bare("http://127.0.0.1:1").secret("bearer", "b").secret("api_key", "a").build().unwrap();
    assert!(format!("{core:?}").contains("api_key([censored])"), "{core:?}");
    let _: Arc<dyn Clock> = Fake::new();
}

/// A server whose token endpoint says `life` and whose operations succeed.
async fn server_with_life(life: &'static str) -> Server {
    Server::answering(move |request| {
        let token = format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{life}}}"#);
        ok(if request.contains("/oauth") { &token } else { "{}" })
    })
    .await
}

fn fetches(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.contains("/oauth")).count()
}

#[tokio::test]
async fn lives_of_tokens_are_read_in_any_form_and_never_overflow() {
    // The life as it is sent, and a time after which the token is (not) fetched anew.
    let cases = [
        ("3600", 3_000, 3_590),
        ("\"3600\"", 3_000, 3_590),
        ("3600.7", 3_000, 3_590),
        ("\" 3600.5 \"", 3_000, 3_590),
        ("9223372036854775807", 3_000_000, 40_000_000),
        ("1e300", 3_000_000, 40_000_000),
        ("\"99999999999999999999999999\"", 3_000_000, 40_000_000),
        ("null", 200, 299),
        ("-1", 200, 299),
        ("0", 200, 299),
        ("\"never\"", 200, 299),
        ("\"NaN\"", 200, 299),
        ("{}", 200, 299),
    ];
    for (life, kept, renewed) in cases {
        let server = server_with_life(life).await;
        let clock = Fake::new();
        let core = bare(&server.url).clock(clock.clone()).pair("oauth", "id", SECRET);
        let core = core.build().unwrap();
        send(&core, &READ).await.unwrap();
        for (seconds, expected) in [(kept, 1), (renewed - kept, 2)] {
            clock.sleep(Duration::from_secs(seconds)).await;
            send(&core, &READ).await.unwrap();
            assert_eq!(fetches(&server), expected, "{life} after {seconds} s more");
        }
    }
}

#[tokio::test]
async fn a_fetch_outlives_the_calls_that_wait_for_it() {
    let (token_may_come, wait) = tokio::sync::watch::channel(false);
    let server = Server::answering(move |request| {
        if request.contains("/oauth") {
            return Act::ReplyWhen(wait.clone(), Box::new(ok(TOKEN)));
        }
        ok("{}")
    })
    .await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    // Cancelled, and with deadlines that are over before the token comes.
    for _ in 0..10 {
        let call = send(&core, &READ);
        assert!(tokio::time::timeout(Duration::from_millis(2), call).await.is_err());
        let options = crate::CallOptions::new().deadline(Duration::from_millis(2));
        let error = super::call_with(&core, &READ, options).unwrap().send().await.unwrap_err();
        assert!(error.is_timeout() && error.was_sent() == crate::Delivery::No, "{error:?}");
    }
    token_may_come.send_replace(true);
    send(&core, &READ).await.unwrap();
    assert_eq!(fetches(&server), 1);
}

#[tokio::test]
async fn a_refused_token_is_forgotten_while_another_call_waits_for_the_next() {
    let (never, wait) = tokio::sync::watch::channel(false);
    let mut tokens = 0;
    let server = Server::answering(move |request| {
        if request.contains("/oauth") {
            tokens += 1;
            let hangs = Act::ReplyWhen(wait.clone(), Box::new(ok(TOKEN)));
            return if tokens == 1 { ok(TOKEN) } else { hangs };
        }
        answer(401, &[], "")
    })
    .await;
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    let patient = send(&core, &READ);
    let hasty = async {
        let options = crate::CallOptions::new().deadline(Duration::from_millis(300));
        super::call_with(&core, &READ, options).unwrap().send().await
    };
    // The deadline holds although the other call began the fetch that hangs.
    tokio::select! {
        patient = patient => panic!("{patient:?}"),
        hasty = hasty => assert!(hasty.unwrap_err().is_timeout()),
    }
    drop(never);
}

#[tokio::test]
async fn a_token_that_is_refused_again_and_again_is_renewed_once() {
    // By its status, and by a code that the provider declares.
    for (status, body) in [(401, ""), (403, r#"{"code":"token_expired"}"#)] {
        let server = Server::answering(move |it| {
            if it.contains("/oauth") { ok(TOKEN) } else { answer(status, &[], body) }
        });
        let server = server.await;
        let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
        // More would follow for ever.
        let call = tokio::time::timeout(Duration::from_secs(20), send(&core, &SEND));
        let error = call.await.unwrap().unwrap_err();
        assert!(error.is_unauthorized() && error.attempts() == 2, "{error:?}");
        assert_eq!((server.requests().len(), fetches(&server)), (4, 2), "{status}");
    }
}

#[test]
fn a_fetch_that_ended_with_its_runtime_is_begun_anew() {
    let (_never, wait) = tokio::sync::watch::channel(false);
    let mut tokens = 0;
    let answering = move |request: &str| {
        if request.contains("/oauth") {
            tokens += 1;
            let hangs = Act::ReplyWhen(wait.clone(), Box::new(ok(TOKEN)));
            return if tokens == 1 { hangs } else { ok(TOKEN) };
        }
        ok("{}")
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = servers.block_on(Server::answering(answering));
    let core = bare(&server.url).pair("oauth", "id", SECRET).build().unwrap();
    let first = runtime();
    first.block_on(async {
        let call = send(&core, &READ);
        let asked = async {
            while server.requests().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { it = call => panic!("{it:?}"), () = asked => {} }
    });
    drop(first);
    runtime().block_on(send(&core, &READ)).unwrap();
    assert_eq!(fetches(&server), 2);
}

#[tokio::test]
async fn a_signed_token_is_signed_anew_once_where_age_may_be_the_fault() {
    let clock = Fake::new();
    let script = vec![ok("{}"), answer(401, &[], ""), ok("{}"), answer(401, &[], "")];
    let server = Server::start(script).await;
    let core =
        bare(&server.url).clock(clock.clone()).pair("app_key", "key-1", SECRET).build().unwrap();
    send(&core, &SEND).await.unwrap();
    // The machine's clock may be behind the server's.
    clock.sleep(Duration::from_secs(100)).await;
    let response = send(&core, &SEND).await.unwrap();
    assert_eq!((response.attempts(), server.requests().len()), (2, 3));
    // Refused again and again: once more, not for ever; and a fresh token at once.
    for requests in [5, 6] {
        let error = send(&core, &SEND).await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 401);
        assert_eq!(server.requests().len(), requests);
    }
}

#[tokio::test]
async fn a_suspended_machine_does_not_send_an_expired_token() {
    let server = Server::start(vec![ok("{}")]).await;
    let clock = Fake::new();
    let core =
        bare(&server.url).clock(clock.clone()).pair("app_key", "key-1", SECRET).build().unwrap();
    send(&core, &READ).await.unwrap();
    clock.suspend(Duration::from_secs(1_000));
    send(&core, &READ).await.unwrap();
    let requests = server.requests();
    let token = |index: usize| {
        requests[index].lines().find(|line| line.starts_with("authorization")).unwrap()
    };
    assert_ne!(token(0), token(1));
}

#[test]
fn every_credential_is_visible_ascii() {
    let make: [fn(Builder, &str) -> Builder; 9] = [
        |it, text| it.secret("api_key", text),
        |it, text| it.secret("query_key", text),
        |it, text| it.secret("bearer", text),
        |it, text| it.pair("basic", "me", text),
        |it, text| it.pair("basic", text, "pw"),
        |it, text| it.pair("oauth", "me", text),
        |it, text| it.pair("oauth", text, "pw"),
        |it, text| it.pair("app_key", "me", text),
        |it, text| it.pair("app_key", text, "pw"),
    ];
    for make in make {
        for bad in [
            "",
            " \t\n",
            "a\tb",
            "kéy",
            "k\ney",
            "k\u{0}ey",
            "\u{feff}key",
            "k\u{200b}y",
            "k\u{7f}",
        ] {
            let error = make(bare("http://127.0.0.1:1"), bad).build().unwrap_err();
            assert!(error.is_configuration(), "{error:?}");
            assert!(bad.trim().is_empty() || !format!("{error:?}").contains(bad), "{error:?}");
        }
        make(bare("http://127.0.0.1:1"), " key~! 2\r\n").build().unwrap();
    }
    let error = bare("http://127.0.0.1:1").pair("basic", "a:b", "pw").build().unwrap_err();
    assert!(error.to_string().contains("colon"), "{error}");
    bare("http://127.0.0.1:1").pair("basic", "a", "p:w").build().unwrap();
}
