//! The SDK's list against the document: every kind of divergence, and every way to settle it wrongly.

use crate::vendored;
use conversations_codegen::{
    overlay::overlay,
    reconcile::{self, Findings, Kind},
};

const DOCUMENT: &str = "
openapi: 3.1.0
servers: [{ url: https://acme.test/v2 }]
security: [{ keyAuth: [] }]
paths:
  /things/{thingId}:
    parameters:
    - { name: thingId, in: path, required: true, schema: { type: string } }
    get:
      operationId: getThing
      parameters:
      - { name: _limit, in: query, schema: { type: integer } }
      - { name: X-App, in: header, schema: { type: string } }
      responses:
        '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
    put:
      operationId: putThing
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses:
        '204': { description: d }
components:
  schemas:
    Thing: { type: object, properties: { id: { type: string } } }
";

const HEAD: &str = "
sdk: { name: acme, language: rust, documented_at: Api.md }
operations:
";

/// The SDK's list that agrees with the document in everything but the unavoidable.
const SDK: &str = "
- name: get_thing
  method: GET
  path: /v2/things/{thing_id}
  parameters:
  - { name: thing_id, in: path, type: String, required: true }
  - { name: _limit, in: query, type: i32, required: false }
  - { name: x_app, in: unknown, type: String, required: false }
  returns: models::Thing
  content_type: null
  accept: application/json
  auth: [keyAuth]
- name: put_thing
  method: PUT
  path: /things/{thing_id}/
  parameters:
  - { name: thing_id, in: path, type: String, required: true }
  - { name: body, in: body, type: serde_json::Value, required: false }
  returns: null
  content_type: application/json; charset=utf-8
  accept: null
  auth: [keyAuth]
";

const STATUS: &str = "
- { about: success-status, operations: [put_thing], sdk: void, document: 204, take: document, reason: r, source: s }
";

fn findings(sdk: &str, decisions: &str, actions: &str) -> Findings {
    let decisions = match decisions.trim() {
        "" => String::new(),
        some => format!("decisions:\n{some}\n"),
    };
    let sdk = format!("{HEAD}{}\n{decisions}", sdk.trim());
    let overlay = match actions.trim() {
        "" => None,
        some => {
            Some(format!("overlay: 1.1.0\ninfo: {{ title: T, version: '1' }}\nactions:\n{some}\n"))
        }
    };
    let vendored = vendored(DOCUMENT, overlay.as_deref(), Some(&sdk));
    let overlaid = overlay_of(vendored);
    reconcile::findings(&overlaid)
}

fn overlay_of(
    vendored: conversations_codegen::load::Vendored,
) -> conversations_codegen::overlay::Overlaid {
    overlay(vendored).unwrap_or_else(|it| panic!("{it}"))
}

fn faults(findings: &Findings) -> String {
    let faults: Vec<String> = reconcile::faults(findings).iter().map(ToString::to_string).collect();
    faults.join("\n")
}

#[test]
fn what_agrees_is_matched() {
    let findings = findings(SDK, STATUS, "");
    assert_eq!(faults(&findings), "");
    let matched: Vec<(&str, &str)> = findings
        .matched
        .iter()
        .map(|it| (it.sdk_operation.as_str(), it.document_operation.as_str()))
        .collect();
    assert_eq!(
        matched,
        [("get_thing", "GET /things/{thingId}"), ("put_thing", "PUT /things/{thingId}")]
    );
}

#[test]
fn each_divergence_has_its_kind() {
    let cases = [
        ("name: get_thing", "name: fetch_thing", Kind::OperationId),
        ("/v2/things/{thing_id}\n", "/v2/things/{id}\n", Kind::PathParameterName),
        ("name: _limit", "name: limit", Kind::ParameterName),
        ("name: _limit", "name: size", Kind::ParameterName),
        ("  - { name: _limit, in: query, type: i32, required: false }\n", "", Kind::ParameterExtra),
        (
            "  returns: models",
            "  - { name: more, in: query, type: bool, required: false }\n  returns: models",
            Kind::ParameterMissing,
        ),
        ("type: i32, required: false", "type: i32, required: true", Kind::ParameterRequired),
        ("type: i32", "type: f32", Kind::ParameterType),
        ("type: serde_json::Value", "type: PutRequest", Kind::BodyType),
        (
            "  - { name: body, in: body, type: serde_json::Value, required: false }\n",
            "",
            Kind::BodyType,
        ),
        ("Value, required: false", "Value, required: true", Kind::BodyRequired),
        ("models::Thing", "Vec<models::Thing>", Kind::ReturnType),
        ("returns: models::Thing", "returns: null", Kind::ReturnType),
        ("returns: null", "returns: Thing", Kind::ReturnType),
        ("application/json; charset=utf-8", "text/plain", Kind::RequestMediaType),
        ("accept: application/json", "accept: application/json, text/csv", Kind::ResponseMediaType),
        ("auth: [keyAuth]\n- name: put", "auth: [other]\n- name: put", Kind::Auth),
    ];
    let mut all = Vec::new();
    for (what, instead, kind) in cases {
        let sdk = SDK.replacen(what, instead, 1);
        assert_ne!(sdk, SDK, "{what}");
        let findings = findings(&sdk, "", "");
        let rest: Vec<_> = findings
            .divergences
            .iter()
            .filter(|it| it.kind != Kind::SuccessStatus)
            .map(|it| {
                (
                    it.kind,
                    it.sdk.as_str(),
                    it.document.as_str(),
                    it.sdk_origin.line,
                    it.document_origin.line,
                )
            })
            .collect();
        assert_eq!(rest.len(), 1, "{what}: {rest:?}");
        assert_eq!(rest[0].0, kind, "{what}: {rest:?}");
        all.push(format!(
            "{}: sdk {} (line {}), document {} (line {})",
            kind, rest[0].1, rest[0].3, rest[0].2, rest[0].4
        ));
    }
    let unlisted = findings(SDK.split("- name: put").next().unwrap(), "", "");
    all.push(faults(&unlisted));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_not_settled_stops_the_build() {
    let sdk = SDK.replace("{thing_id}", "{id}").replace("/v2", "");
    insta::assert_snapshot!(faults(&findings(&sdk, "", "")));
    let vendored = vendored(DOCUMENT, None, Some(&format!("{HEAD}{}", sdk.trim())));
    assert!(reconcile::reconcile(overlay_of(vendored)).is_err());
}

#[test]
fn the_printed_decision_settles() {
    let sdk = SDK.replace("{thing_id}", "{id}").replace("/v2", "").replace("[keyAuth]", "[a, b]");
    let open = findings(&sdk, "", "");
    let printed: Vec<String> = reconcile::faults(&open)
        .iter()
        .map(|it| it.help.split_once('\n').unwrap().1.to_owned())
        .collect();
    let settled = findings(
        &sdk,
        &printed.join("\n").replace("  - about", "- about").replace("\n    ", "\n  "),
        "",
    );
    assert_eq!(faults(&settled), "");
}

#[test]
fn an_unknown_operation_is_settled_by_nothing() {
    let sdk = SDK.replace("method: PUT", "method: POST").replace("/v2/things", "/v2/thing");
    insta::assert_snapshot!(faults(&findings(&sdk, STATUS, "")));
}

#[test]
fn decisions_keep_their_word() {
    let decision =
        |about: &str, rest: &str| format!("- {{ about: {about}, reason: r, source: s, {rest} }}\n");
    let auth = SDK.replace("[keyAuth]", "[key]");
    let half = auth.replacen("[key]", "[keyAuth]", 1);
    let rename = "- { target: $.security, description: d, x-source: s, update: { key: [] } }\n\
                  - { target: '$.security[0]', description: d, x-source: s, remove: true }";
    let both = "- { target: $.security, description: d, x-source: s, update: { key: [] } }";
    let gone = "- { target: \"$.paths['/things/{thingId}'].put\", description: d, x-source: s, remove: true }";
    let all = "operations: all";
    let cases: Vec<(&str, &str, String, &str, bool)> = vec![
        (
            "the document, untouched",
            &auth,
            decision("auth", &format!("{all}, take: document")),
            "",
            true,
        ),
        (
            "the document, but overlaid",
            &auth,
            decision("auth", &format!("{all}, take: document")),
            rename,
            false,
        ),
        (
            "the SDK, brought in",
            &auth,
            decision("auth", &format!("{all}, take: sdk")),
            rename,
            true,
        ),
        (
            "the SDK, not brought in",
            &auth,
            decision("auth", &format!("{all}, take: sdk")),
            "",
            false,
        ),
        (
            "the overlay has both",
            &auth,
            decision("auth", &format!("{all}, take: overlay")),
            both,
            true,
        ),
        (
            "the overlay says nothing",
            &auth,
            decision("auth", &format!("{all}, take: overlay")),
            "",
            false,
        ),
        (
            "the overlay says what the SDK says",
            &auth,
            decision("auth", &format!("{all}, take: overlay")),
            rename,
            false,
        ),
        (
            "values that fit",
            &auth,
            decision("auth", &format!("{all}, sdk: [key], document: keyAuth, take: document")),
            "",
            true,
        ),
        (
            "a value that is no more",
            &auth,
            decision("auth", &format!("{all}, sdk: other, take: document")),
            "",
            false,
        ),
        ("stale", SDK, decision("auth", &format!("{all}, take: document")), "", false),
        (
            "stale for one",
            &half,
            decision("auth", "operations: [get_thing, put_thing], take: document"),
            "",
            false,
        ),
        (
            "no such operation",
            &auth,
            decision("auth", "operations: [get_thing, put_things], take: document"),
            "",
            false,
        ),
        ("no such kind", &auth, decision("author", &format!("{all}, take: document")), "", false),
        (
            "twice",
            &auth,
            decision("auth", &format!("{all}, take: document"))
                + &decision("auth", "operations: get_thing, take: document"),
            "",
            false,
        ),
        (
            "no reason",
            &auth,
            "- { about: auth, operations: all, take: document, reason: ' ', source: '' }\n"
                .to_owned(),
            "",
            false,
        ),
        (
            "the operation is gone",
            &auth,
            decision("auth", &format!("{all}, take: document")),
            gone,
            false,
        ),
    ];
    let mut all = Vec::new();
    for (name, sdk, decisions, actions, fine) in cases {
        let findings = findings(sdk, &format!("{}{}", STATUS.trim_start(), decisions), actions);
        let faults = faults(&findings);
        assert_eq!(faults.is_empty(), fine, "{name}: {faults}");
        if !fine {
            all.push(format!("{name}:\n{faults}"));
        }
    }
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn findings_are_printed() {
    let findings = findings(&SDK.replace("[keyAuth]", "[key]"), STATUS, "");
    insta::assert_snapshot!(reconcile::to_text(&findings));
    let json = reconcile::to_json(&findings);
    assert_eq!(json["matched"].as_array().unwrap().len(), 2);
    assert_eq!(json["divergences"][0]["about"], "auth");
    assert_eq!(json["divergences"][0]["decision"], serde_json::Value::Null);
    assert_eq!(json["divergences"][1]["decision"]["take"], "document");
    assert_eq!(json["faults"].as_array().unwrap().len(), 1);
}
