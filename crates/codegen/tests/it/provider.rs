//! `provider.yaml` and `sdk.yaml`: every key is known, and what it says fits the document.

use crate::text;
use conversations_codegen::{
    load::{Sources, load},
    overlay::overlay,
};

const OPENAPI: &str = "
openapi: 3.1.0
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
    token: { type: http, scheme: bearer }
    user: { type: http, scheme: basic }
";

fn provider(rest: &str) -> Result<(), String> {
    let provider = format!(
        "provider: acme\ntitle: Acme\nsummary: s\ndocumentation: https://acme.test\nsource: {{ url: null, note: n }}\n\
         servers: [{{ url: https://acme.test }}]\n{rest}"
    );
    let sources = Sources {
        provider: text("provider.yaml", &provider),
        openapi: text("openapi.yaml", OPENAPI),
        overlay: None,
        sdk: None,
    };
    let vendored = load(&sources).map_err(|it| it.to_string())?;
    overlay(vendored).map(drop).map_err(|it| it.to_string())
}

#[test]
fn what_a_provider_may_say() {
    let cases = [
        "auth: [{ method: key, scheme: key, credential: key, prefix: 'Bearer ' }]",
        "auth: [{ method: user, scheme: user, credential: basic }]",
        "auth: [{ method: token, scheme: token, credential: bearer }]",
        "auth: [{ method: app, scheme: token, credential: client-credentials, token: { url: https://acme.test/token } }]",
        "auth: [{ method: app, scheme: key, credential: jwt-hs256, jwt: { key_id_header: kid } }]",
        "rate_limit: { reset: { header: X-Reset, unit: http-date } }",
        "events: { kind: /event, items: /data, verify: { header: X-Secret }, keys: [[kind, /id], ['/all/*/id']], delivery: { accepted: [200], retry_after_seconds: [60], final_statuses: [410] } }",
        "events: { verify: address }",
        "headers: { X-Version: '1' }\nconcurrency: 1\nselect: { tags: [a] }",
    ];
    for case in cases {
        provider(case).unwrap_or_else(|it| panic!("{case}: {it}"));
    }
}

#[test]
fn what_a_provider_may_not_say() {
    let cases = [
        "titel: Acme",
        "concurrency: -1",
        "concurrency: 0",
        "error: { code: code }",
        "error: { codes: [/code] }",
        "rate_limit: { reset: { header: X-Reset, unit: seconds } }",
        "rate_limit: { reset: X-Reset }",
        "headers: { X-Version: 1 }",
        "events: { kinds: /event }",
        "events: { kind: event, items: data, keys: [[kind], [id]], verify: { header: 'X Secret' } }",
        "events: { items: /data, delivery: { accepted: [20], final_statuses: [600] } }",
        "events: { verify: nothing }",
        "events: { frame: { schema: Frame, supported: false } }",
        "auth: [{ method: Key, scheme: kee, credential: key }]",
        "auth: [{ method: key, scheme: kee, credential: key }]",
        "auth: [{ method: key, scheme: token, credential: key }]",
        "auth: [{ method: key, scheme: key, credential: secret }]",
        "auth: [{ method: app, scheme: token, credential: client-credentials }]",
        "auth: [{ method: app, scheme: token, credential: bearer, token: { url: u }, prefix: Bearer }]",
        "auth: [{ method: a, scheme: key, credential: jwt-hs256 }, { method: a, scheme: key, credential: key }]",
    ];
    let all: Vec<String> =
        cases.iter().map(|it| format!("{it}\n{}", provider(it).expect_err(it))).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn what_an_sdk_list_may_not_say() {
    let cases = [
        "sdk: { name: a, language: go, documented_at: d }\noperations: []",
        "sdk: { name: a, language: rust }\noperations: []",
        "sdk: { name: a, language: rust, documented_at: d }",
        "sdk: { name: a, language: rust, documented_at: d }\noperations:\n- { name: n, method: GET, path: /p, parameter: [] }",
        "sdk: { name: a, language: rust, documented_at: d }\noperations:\n- name: n\n  method: GET\n  path: /p\n  parameters:\n  - { name: p, in: form, type: t, required: true }",
        "sdk: { name: a, language: rust, documented_at: d }\noperations: []\ndecisions:\n- { about: auth, operations: all, take: both, reason: r, source: s }",
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|it| match conversations_codegen::sdk::sdk(&text("sdk.yaml", it)) {
            Ok(_) => panic!("{it}"),
            Err(faults) => format!("{it}\n{faults}"),
        })
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}
