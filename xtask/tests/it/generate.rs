//! `generate` and `diff` on documents of their own.

use crate::workspace::Workspace;
use jiff::civil::Date;
use xtask::{Outcome, compare, generate, report::Format};

pub(crate) const TODAY: Date = jiff::civil::date(2026, 1, 31);

const MAIN: &str = "\
swagger: '2.0'
info: {title: Split Chat, version: '1'}
host: chat.example
basePath: /v1
securityDefinitions: {basic: {type: basic}}
paths:
  /messages:
    get:
      operationId: listMessages
      responses: {200: {description: ok, schema: {type: array, items: {$ref: '../shared/message.yaml'}}}}
";

#[test]
fn a_document_of_many_files_becomes_a_crate() {
    let workspace = Workspace::new();
    let spec = workspace.beside("project/api/main.yaml", MAIN);
    workspace.beside(
        "project/shared/message.yaml",
        "type: object\nproperties: {author: {$ref: 'user.yaml#/User'}}\n",
    );
    workspace.beside(
        "project/shared/user.yaml",
        "User: {type: object, properties: {name: {type: string}}}\n",
    );
    let request = generate::Request { spec, krate: Some("made".into()), ..Default::default() };
    workspace.run(|place, out, err| generate::generate(place, &request, out, err)).fine();
    let read = |file: &str| workspace.read(&format!("../made/{file}"));
    assert!(read("Cargo.toml").contains("name = \"split-chat-client\""));
    assert!(read("Cargo.toml").contains("[workspace]"));
    let client = read("src/client.rs");
    for part in [
        "pub fn list_messages",
        "pub struct Message",
        "pub struct User",
        "https://chat.example/v1",
        "pub fn basic",
    ] {
        assert!(client.contains(part), "no {part}");
    }
}

#[test]
fn bad_documents_are_located() {
    let workspace = Workspace::new();
    for (text, says) in [
        ("openapi: 3.0.0\n\tpaths: {}\n", "bad.yaml"),
        ("openapi: 4.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n", "bad.yaml:1 at /openapi"),
        ("- a\n- b\n", "not an OpenAPI document"),
        (
            "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses: {'200': {$ref: '/etc/passwd'}}\n",
            "bad.yaml:6",
        ),
    ] {
        let spec = workspace.beside("bad.yaml", text);
        let request = generate::Request { spec, ..Default::default() };
        let error =
            workspace.run(|place, out, err| generate::generate(place, &request, out, err)).error();
        assert!(error.contains(says), "{error}");
    }
}

const TINY: &str =
    "openapi: 3.0.3\ninfo: {title: Tiny, version: '1'}\nservers: [{url: 'https://tiny.example'}]\n";

/// The client of a document, and what is said of it.
fn client(workspace: &Workspace, text: &str, select: &[&str]) -> (String, String) {
    let spec = workspace.beside("tiny.yaml", text);
    let select = select.iter().map(|it| (*it).to_owned()).collect();
    let file = Some("tiny.rs".into());
    let request = generate::Request { spec, select, file, ..Default::default() };
    let said =
        workspace.run(|place, out, err| generate::generate(place, &request, out, err)).fine();
    (workspace.read("../tiny.rs"), said)
}

#[test]
fn a_fixed_query_tells_operations_apart_and_is_sent() {
    let workspace = Workspace::new();
    let paths = "paths:
  /xml?comp=list: {get: {operationId: listIt, responses: {'204': {description: ok}}}}
  /xml?comp=a%20b&flag: {get: {operationId: getIt, responses: {'204': {description: ok}}}}
  /file/{id}: {put: {operationId: putFile, responses: {'204': {description: ok}}}}
  /file/{id}#share: {put: {operationId: shareFile, responses: {'204': {description: ok}}}}
";
    let (client, _) = client(&workspace, &format!("{TINY}{paths}"), &[]);
    let flat = client.split_whitespace().collect::<String>();
    for part in [
        r#"Operation::new("listIt","GET","/xml",)"#,
        r#"Operation::new("getIt","GET","/xml",)"#,
        r#"Operation::new("putFile","PUT","/file/{id}",)"#,
        r#"Operation::new("shareFile","PUT","/file/{id}",)"#,
        r#"call.query("comp",Ok("list"),"#,
        r#"call.query("comp",Ok("ab"),"#,
        r#"call.query("flag",Ok(""),"#,
    ] {
        assert!(flat.contains(part), "no {part} in {client}");
    }
}

#[test]
fn selections_are_literal_but_for_stars() {
    let workspace = Workspace::new();
    let paths = ["/items[0]/x", "/items0/x", "/q?a=1", "/q?b=1", "/u/{id}", "/u/{id}/p", "/w/!x"];
    let list: String = paths
        .iter()
        .enumerate()
        .map(|(i, it)| {
            format!("  '{it}': {{get: {{operationId: op{i}, responses: {{'204': {{description: ok}}}}}}}}\n")
        })
        .collect();
    let cases: [(&str, &[usize]); 7] = [
        ("/items[0]/x", &[0]),
        ("/items*/x", &[0, 1]),
        ("/q?a=1", &[2]),
        ("/q*", &[2, 3]),
        ("/u/{id}", &[4]),
        ("/u/**", &[4, 5]),
        ("/w/!x", &[6]),
    ];
    for (glob, want) in cases {
        let (client, _) = client(&workspace, &format!("{TINY}paths:\n{list}"), &[glob]);
        for (i, path) in paths.iter().enumerate() {
            let there = client.contains(&format!("\"op{i}\""));
            assert_eq!(there, want.contains(&i), "{glob} and {path}");
        }
    }
}

#[test]
fn a_server_without_a_host_is_asked_for() {
    let workspace = Workspace::new();
    let paths = "paths: {/a: {get: {operationId: a, responses: {'204': {description: ok}}}}}\n";
    for servers in ["servers: [{url: /api/v2}]\n", "servers: [{url: ../v2}]\n", ""] {
        let head = TINY.rsplit_once("servers").unwrap().0;
        let (client, said) = client(&workspace, &format!("{head}{servers}{paths}"), &[]);
        assert!(!client.contains("localhost"), "{servers}");
        assert!(client.contains("with_servers(&[])"), "{servers}");
        assert!(client.contains("Must be set"), "{servers}");
        assert!(said.contains("callers must set `base_url`"), "{said}");
    }
    let (client, said) = client(&workspace, &format!("{TINY}{paths}"), &[]);
    assert!(client.contains("https://tiny.example") && said.contains("0 losses"), "{said}");
}

#[test]
fn references_climb_to_the_repository_and_no_further() {
    let workspace = Workspace::new();
    let api = |target: &str| {
        format!(
            "{TINY}paths:\n  /x: {{get: {{operationId: getX, responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{$ref: '{target}'}}}}}}}}}}}}}}\n"
        )
    };
    let types = "A: {type: object, properties: {deepField: {type: string}}}\n";
    workspace.beside("outside.yaml", types);
    workspace.beside("repo/common/types.yaml", types);
    workspace.beside("repo/.git/HEAD", "ref: refs/heads/main\n");
    workspace.beside("loose/common/types.yaml", types);
    let fix = "overlay: 1.0.0\ninfo: {title: Fix, version: '1'}\nactions: [{target: $.info, update: {title: Tinier}}]\n";
    workspace.beside("loose/fix.yaml", fix);
    let cases = [
        ("repo/s/r/m/stable/v1/api.yaml", "../../../../../common/types.yaml#/A", None, true),
        ("repo/s/r/m/stable/v1/api.yaml", "../../../../../../outside.yaml#/A", None, false),
        ("loose/s/r/m/stable/v1/api.yaml", "../../../../../common/types.yaml#/A", None, false),
        (
            "loose/s/r/m/stable/v1/api.yaml",
            "../../../../../common/types.yaml#/A",
            Some("loose/fix.yaml"),
            true,
        ),
        ("loose/s/api.yaml", "../../outside.yaml#/A", Some("loose/fix.yaml"), false),
    ];
    for (file, target, overlay, is_read) in cases {
        let spec = workspace.beside(file, &api(target));
        let overlays = overlay.into_iter().map(Into::into).collect();
        let request = generate::Request { spec, overlays, ..Default::default() };
        let answer = workspace.run(|place, out, err| generate::generate(place, &request, out, err));
        let read = answer.outcome.is_ok() && answer.out.contains("deep_field");
        assert_eq!(read, is_read, "{file} {target}: {:?}", answer.outcome);
    }
}

#[test]
fn the_summary_says_what_is_lost_worst_first() {
    let workspace = Workspace::new();
    let paths = "paths:
  /a:
    get:
      operationId: a
      servers: [{url: 'ftp://other.example'}]
      parameters: [{name: p, in: paht, schema: {type: string}}]
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: object, not: {type: string}}}}
  /b: {get: {operationId: b, responses: {'200': {description: ok, content: {application/json: {schema: {type: object, not: {type: integer}}}}}}}}
";
    let (_, said) = client(&workspace, &format!("{TINY}{paths}"), &[]);
    let at = |part: &str| said.find(part).unwrap_or_else(|| panic!("no {part} in {said}"));
    assert!(at("2 operations") < at("The client went to one file, tiny.rs"));
    assert!(at("calls that cannot be made") < at("did you mean `path`?"));
    assert!(at("is of another protocol than HTTP") > at("calls that cannot be made"));
    // Two places of one cause.
    assert_eq!(said.matches("what the schema excludes is not checked").count(), 1, "{said}");
    assert!(said.contains("and 1 place more"), "{said}");
}

#[test]
fn a_crate_explains_itself() {
    let workspace = Workspace::new();
    let paths = "paths:
  /b: {post: {operationId: addB, requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}, responses: {'204': {description: ok}}}}
  /a/{id}: {get: {operationId: getA, security: [{key: []}], parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: n, in: query, required: true, schema: {type: integer}}], responses: {'204': {description: ok}}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
";
    let head = TINY.replace("version: '1'", "version: '1', license: {name: CC-BY-4.0}");
    let spec = workspace.beside("tiny.yaml", &format!("{head}{paths}"));
    let request = generate::Request { spec, krate: Some("made".into()), ..Default::default() };
    workspace.run(|place, out, err| generate::generate(place, &request, out, err)).fine();
    let read = |file: &str| workspace.read(&format!("../made/{file}"));
    let example = read("examples/first_call.rs");
    for part in [
        "use tiny_client::Client;",
        ".get_a()",
        ".id(\"…\")",
        ".n(1)",
        ".key(std::env::var(\"KEY\")?)",
    ] {
        assert!(example.contains(part), "no {part} in {example}");
    }
    assert!(read("README.md").contains(&example));
    assert!(read("NOTICE.md").contains("CC-BY-4.0"));
}

#[test]
fn a_comparison_joins_the_contract_with_rust() {
    let workspace = Workspace::new();
    let base = workspace.beside(
        "base.yaml",
        &MAIN.replace("type: array, items: {$ref: '../shared/message.yaml'}", "type: string"),
    );
    let revision = workspace.beside(
        "revision.yaml",
        &MAIN.replace("type: array, items: {$ref: '../shared/message.yaml'}", "type: integer"),
    );
    let run = |fail_on| {
        workspace.run(|place, out, err| {
            let options =
                compare::Options { format: Some(Format::Json), fail_on, ..Default::default() };
            compare::diff(place, [&base, &revision], &options, TODAY, out, err)
        })
    };
    let answer = run(Some(compare::FailOn::Error));
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    let report: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(report["semver"], "major");
    assert_eq!(
        report["rust"]["changed"][0],
        "builder::ListMessages::send: fn() -> Response<String> -> fn() -> Response<i64>"
    );
    assert_eq!(report["changes"][0]["rust"].as_array().unwrap().len(), 1, "{report:#}");
    run(None).fine();
}
