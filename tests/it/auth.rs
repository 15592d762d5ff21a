//! Every way to authenticate, on the wire.

use crate::{
    calls,
    server::{Reply, Request, Server},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use conversations::{Error, RetryPolicy, smooch, smscx, ultracart};
use hmac_sha256::HMAC;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn fixed_credentials_stand_in_their_header() {
    let server = Server::obedient().await;
    let check = |name: &str, value: &str| {
        let [request] = server.take().try_into().expect("one request");
        let request: Request = request;
        assert_eq!(request.header(name), Some(value));
        let carrying = request.headers.iter().filter(|(_, it)| it.contains(value)).count();
        assert_eq!(carrying, 1, "{request:?}");
        request
    };
    let client = smooch::Client::builder().basic("key-id", "s%cret").base_url(server.origin());
    sent(client.build().expect("a client").delete_messages().app_id("a").user_id("u").send().await);
    check("authorization", &format!("Basic {}", STANDARD.encode("key-id:s%cret")));
    let client = smooch::Client::builder().jwt("t0ken").base_url(server.origin());
    sent(client.build().expect("a client").delete_messages().app_id("a").user_id("u").send().await);
    check("authorization", "Bearer t0ken");
    let client = ultracart::Client::builder().oauth_token("t0ken").base_url(server.origin());
    sent(client.build().expect("a client").get_agent_keep_alive().send().await);
    let request = check("authorization", "Bearer t0ken");
    assert_eq!(request.header("x-ultracart-simple-key"), None);
    assert_eq!(request.header("x-ultracart-api-version"), Some("2017-03-01"));
}

#[tokio::test]
async fn tokens_of_smooch_are_signed_and_short_lived() {
    let server = Server::obedient().await;
    let client = smooch::Client::builder()
        .app_key("app_key_1", "a secret of some length")
        .base_url(server.origin());
    let client = client.build().expect("a client");
    for _ in 0..3 {
        sent(client.delete_messages().app_id("a").user_id("u").send().await);
    }
    let tokens: Vec<String> = server
        .take()
        .iter()
        .map(|it| {
            it.header("authorization")
                .and_then(|it| it.strip_prefix("Bearer "))
                .expect("a token")
                .to_owned()
        })
        .collect();
    assert!(tokens.iter().all(|it| *it == tokens[0]), "a token is made for each call");
    let [header, claims, signature] =
        tokens[0].split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let part = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let parsed = |text: &str| serde_json::from_slice::<Value>(&part(text)).expect("JSON");
    let expected = HMAC::mac(format!("{header}.{claims}"), b"a secret of some length");
    assert_eq!(part(signature), expected);
    let (header, claims) = (parsed(header), parsed(claims));
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT", "kid": "app_key_1"}));
    assert_eq!(claims["scope"], "app");
    let now =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let expires = claims["exp"].as_u64().expect("an end");
    assert!((now + 200..=now + 300).contains(&expires), "{claims} at {now}");
}

/// Fetches a token, keeps it, and fetches another one when it is refused: once.
#[tokio::test]
async fn client_credentials_become_tokens() {
    let (_, list) = calls::success("smscx", "getConversationsList");
    let list = list.expect("an operation with an answer");
    let (verb, path, _) = calls::line("smscx", "getConversationsList", calls::usual_in_path, &[]);
    let call = format!("{verb} {path} Bearer token");
    let server = Server::start(move |request| {
        let refused = request.header("authorization") == Some("Bearer token-1");
        match request.target.as_str() {
            "/oauth/token" => {
                let number = TOKENS.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                Reply::status(200).json(&json!({"access_token": format!("token-{number}"), "token_type": "Bearer", "expires_in": 86400}))
            }
            _ if refused => Reply::status(401).json(&json!({"error": {"type": "invalid_client", "message": "expired"}})),
            _ => Reply::status(200).json(&list),
        }
    })
    .await;
    let client = smscx::Client::builder()
        .client_credentials("app 1", "s:cret")
        .base_url(server.origin())
        .retry(RetryPolicy::off())
        .deadline(Duration::from_secs(20))
        .build()
        .expect("a client");
    sent(client.get_conversations_list().send().await);
    sent(client.get_conversations_list().send().await);
    let seen = server.take();
    let lines: Vec<String> = seen
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it.method,
                it.target,
                it.header("authorization").unwrap_or_default()
            )
        })
        .collect();
    let pair = lines[0].strip_prefix("POST /oauth/token Basic ").expect("HTTP Basic");
    let pair = String::from_utf8(STANDARD.decode(pair).expect("base64")).expect("text");
    // RFC 6749 wants both parts encoded as in a form.
    assert_eq!(pair, "app+1:s%3Acret");
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(String::from_utf8_lossy(&seen[0].body), "grant_type=client_credentials");
    assert_eq!(
        lines[1..],
        [format!("{call}-1"), lines[2].clone(), format!("{call}-2"), format!("{call}-2"),]
    );
    assert!(lines[2].starts_with("POST /oauth/token "), "{lines:?}");
}

static TOKENS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[test]
fn a_client_without_a_credential_is_not_built() {
    let errors = [
        smooch::Client::builder().build().err(),
        smscx::Client::builder().build().err(),
        smscx::Client::builder().api_key(" ").build().err(),
        ultracart::Client::builder().simple_key("a\nb").build().err(),
        ultracart::Client::builder().simple_key("k").base_url("http://example.com").build().err(),
        smscx::Client::builder()
            .client_credentials("a", "b")
            .token_url("http://example.com")
            .build()
            .err(),
    ];
    for error in errors {
        let error = error.expect("no client");
        assert!(error.is_configuration(), "{error}");
        assert!(!error.to_string().contains("a\nb"), "{error}");
    }
}

fn sent<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        panic!("{error}");
    }
}
