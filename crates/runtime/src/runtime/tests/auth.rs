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
        (|it| it.secret("query_key", "a b&c"), "GET /v1/things/1?key=a%20b%26c HTTP".to_owned()),
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
    let cases = [
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
