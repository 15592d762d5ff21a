//! Who is refused and why: the words of the vendors, as an error passes them on.

use crate::{
    folder::{generated, providers},
    server::{Reply, Server},
};
use conversations::{Error, brevo, smooch, smscx, ultracart};

/// The error of a call of this provider that is answered with this status and body.
async fn refused(provider: &str, status: u16, body: &'static str) -> Error {
    const ID: &str = "0c0ffee0-0000-4000-8000-000000000001";
    let server = Server::start(move |_| {
        Reply::status(status).header("Content-Type", "application/json").body(body)
    })
    .await;
    let base = server.origin();
    let error = match provider {
        "brevo" => {
            let client = brevo::Client::builder().api_key("key-of-a-user").base_url(base);
            client.build().expect("a client").get_message().message_id("m").send().await.err()
        }
        "smooch" => {
            let client = smooch::Client::builder().jwt("key-of-a-user").base_url(base);
            let client = client.build().expect("a client");
            client.get_messages().app_id("a").user_id("u").send().await.err()
        }
        "smscx" => {
            let client = smscx::Client::builder().api_key("key-of-a-user").base_url(base);
            let client = client.build().expect("a client");
            client.get_conversation().conversation_id(ID).send().await.err()
        }
        "ultracart" => {
            let client = ultracart::Client::builder().simple_key("key-of-a-user").base_url(base);
            client
                .build()
                .expect("a client")
                .get_conversation()
                .conversation_uuid(ID)
                .send()
                .await
                .err()
        }
        other => panic!("{other} has no call in tests/it/refusals.rs"),
    };
    error.unwrap_or_else(|| panic!("{provider}: {status} is not an error"))
}

/// What an error is said to be.
fn verdict(error: &Error) -> &'static str {
    match (error.is_unauthorized(), error.is_forbidden(), error.is_not_found()) {
        (true, false, false) => "unauthorized",
        (false, true, false) => "forbidden",
        (false, false, true) => "not found",
        (false, false, false) => "",
        several => panic!("{error}: {several:?}"),
    }
}

#[tokio::test]
async fn a_refusal_blames_the_key_or_the_call() {
    let nothing = "{}";
    let cases: &[(&str, u16, &str, &str)] = &[
        ("brevo", 401, nothing, "unauthorized"),
        ("brevo", 403, nothing, "forbidden"),
        ("brevo", 410, nothing, "not found"),
        ("brevo", 400, r#"{"code":"unauthorized","message":"x"}"#, "unauthorized"),
        ("brevo", 403, r#"{"code":"unauthorized","message":"x"}"#, "unauthorized"),
        ("brevo", 403, r#"{"code":"permission_denied","message":"x"}"#, "forbidden"),
        ("brevo", 400, r#"{"code":"invalid_parameter","message":"x"}"#, ""),
        ("smooch", 401, "", "unauthorized"),
        ("smooch", 403, r#"{"error":{"code":"forbidden"}}"#, "forbidden"),
        (
            "smscx",
            403,
            r#"{"error":{"type":"access_denied","code":1182,"message":"x"}}"#,
            "forbidden",
        ),
        (
            "smscx",
            400,
            r#"{"error":{"type":"access_denied","code":1182,"message":"x"}}"#,
            "forbidden",
        ),
        ("smscx", 403, r#"{"error":{"type":"invalid_api_key","code":401}}"#, "unauthorized"),
        ("smscx", 400, r#"{"error":{"type":"insufficient_credit","code":400}}"#, ""),
        ("smscx", 404, r#"{"error":{"type":"not_found","code":1180}}"#, "not found"),
        // The vendor has disabled the application; nothing is gone.
        ("ultracart", 410, nothing, "forbidden"),
        ("ultracart", 404, nothing, "not found"),
        ("ultracart", 401, "<html>", "unauthorized"),
    ];
    for (provider, status, body, expected) in cases {
        let error = refused(provider, *status, body).await;
        assert_eq!(verdict(&error), *expected, "{provider} {status} {body}");
    }
}

#[tokio::test]
async fn an_error_begins_with_its_provider_and_operation() {
    for provider in ["brevo", "smooch", "smscx", "ultracart"] {
        let error = refused(provider, 404, "{}").await;
        let operation = error.operation().expect("an operation");
        assert_eq!((error.provider(), operation.provider()), (Some(provider), Some(provider)));
        let shown = error.to_string();
        assert!(shown.starts_with(&format!("{provider} {}: ", operation.id())), "{shown}");
    }
    let error = smscx::Client::builder().build().expect_err("no credential");
    assert_eq!(error.provider(), Some("smscx"));
    assert!(error.to_string().starts_with("smscx: "), "{error}");
    let server = Server::start(|_| Reply::status(404)).await;
    let client = brevo::Client::builder().api_key("k").base_url(server.origin()).build();
    let client = client.expect("a client");
    let error = client.request(http_method("PROPFIND"), "/x").send().await.expect_err("a 404");
    assert_eq!(error.provider(), Some("brevo"));
    assert!(error.to_string().starts_with("brevo request: "), "{error}");
    let error = client.get_message().message_id("").send().await.expect_err("no identifier");
    assert!(error.to_string().starts_with("brevo getMessage: "), "{error}");
}

fn http_method(name: &str) -> reqwest::Method {
    reqwest::Method::from_bytes(name.as_bytes()).expect("a method")
}

#[tokio::test]
async fn both_of_two_codes_are_found() {
    use smscx::error_codes::{ACCESS_DENIED, VIBER_WINDOW_CLOSED, WHATSAPP_WINDOW_CLOSED};
    let body = r#"{"error":{"type":"access_denied","code":1182,"message":"x"}}"#;
    let error = refused("smscx", 403, body).await;
    assert_eq!(error.code(), Some(WHATSAPP_WINDOW_CLOSED));
    assert!(error.has_code(WHATSAPP_WINDOW_CLOSED) && error.has_code(ACCESS_DENIED));
    assert!(!error.has_code(VIBER_WINDOW_CLOSED));
}

/// A constant is of use only where the places of `error.code` can hold it, and where it says something.
#[test]
fn each_provider_names_its_documented_codes() {
    for provider in providers() {
        let folder = &generated(provider).provider;
        let page = generated(provider).surface.page();
        for code in &folder.error_codes {
            let line = format!("{} = {:?}\n", code.constant(), code.code);
            assert!(page.contains(&line), "{provider}: the surface lacks {line}");
            assert!(code.meaning.ends_with('.'), "{provider}: {}", code.meaning);
        }
    }
}
