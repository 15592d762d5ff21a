//! `new-provider`: a folder, a door and a feature, or nothing.

use crate::workspace::{Answer, Workspace};
use std::path::PathBuf;
use xtask::new_provider::{Request, new_provider};

const DOCUMENT: &str = "\
openapi: 3.0.3
info: {title: Acme Chat, version: '7', description: 'Chats. And more.'}
servers: [{url: 'https://api.acme.example/v7'}]
security: [{key: []}]
paths:
  /messages/{messageId}:
    get:
      operationId: getMessage
      parameters: [{name: messageId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Message'}}}}}
  /other:
    get: {operationId: other, responses: {'204': {description: ok}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas: {Message: {type: object, properties: {id: {type: string}}}}
";

const PAGE: &str = "\
# \\MessagesApi

[**message_get**](M.md#message_get) | **GET** /messages/{id} | Get
[**gone**](M.md#gone) | **GET** /gone | Gone

## message_get

### Parameters

Name | Type | Description  | Required | Notes
**id** | **String** | Which | [required] |

### Return type

[**models::Note**](Note.md)

### Authorization

[key](../README.md#key)

### HTTP request headers

- **Content-Type**: Not defined
- **Accept**: application/json
";

fn make(workspace: &Workspace, name: &str, from: &str, sdk_doc: Option<&str>) -> Answer {
    let request = Request {
        name: name.to_owned(),
        from: from.to_owned(),
        sdk_doc: sdk_doc.map(PathBuf::from),
        select: vec!["/messages/**".to_owned()],
        today: "2026-01-31".to_owned(),
    };
    workspace.run(|place, out, err| new_provider(place, &request, out, err))
}

#[test]
fn a_provider_is_ready_to_build() {
    let workspace = Workspace::new();
    let from = workspace.beside("acme.yaml", DOCUMENT);
    let page = workspace.beside("MessagesApi.md", PAGE);
    let out = make(&workspace, "acme", &from, Some(&page)).fine();
    assert!(out.contains("cargo build --features acme"), "{out}");
    assert!(out.contains("does not have it: gone"), "{out}");
    let provider = workspace.read("specs/acme/provider.yaml");
    assert!(provider.contains("url: https://api.acme.example/v7"), "{provider}");
    let sdk = workspace.read("specs/acme/sdk.yaml");
    assert!(sdk.contains("name: message_get") && !sdk.contains("/gone"), "{sdk}");
    for about in ["operation-id", "path-parameter-name", "return-type"] {
        assert!(sdk.contains(&format!("about: {about}")), "{sdk}");
    }
    assert!(workspace.read("Cargo.toml").contains("\nacme = []\n"));
    assert!(workspace.read("src/lib.rs").contains("#[cfg(feature = \"acme\")]\npub mod acme;\n"));
    assert!(workspace.read("src/acme.rs").contains("/acme.rs\"));"));
    let page = workspace
        .run(|place, out, _| {
            xtask::surface::surface(place, Some("acme"), None, Default::default(), out)
        })
        .fine();
    assert!(
        page.contains("get_message    GET /messages/{messageId}    sdk: message_get"),
        "{page}"
    );
    assert!(page.contains("builder.key(secret)"), "{page}");
}

#[test]
fn what_cannot_be_made_leaves_no_trace() {
    let workspace = Workspace::new();
    let from = workspace.beside("acme.yaml", DOCUMENT);
    let broken = workspace.beside("broken.yaml", &DOCUMENT.replace("/messages/", "/notes/"));
    let before = workspace.tree();
    for (name, from, says) in [
        ("brevo", &from, "there already"),
        ("sandbox", &from, "something else"),
        ("type", &from, "cannot be a module"),
        ("../acme", &from, "cannot be a module"),
        ("Acme", &from, "cannot be a module"),
        ("acme", &"nowhere.yaml".to_owned(), "there is no file"),
        ("acme", &broken, "selection"),
    ] {
        let error = make(&workspace, name, from, None).error();
        assert!(error.contains(says), "{name}: {error}");
    }
    assert_eq!(workspace.tree(), before);
}

#[test]
fn a_name_that_something_else_has_is_refused_with_a_proposal() {
    let workspace = Workspace::new();
    let from = workspace.beside("acme.yaml", DOCUMENT);
    std::fs::create_dir_all(workspace.root.join("crates/codegen/src")).unwrap();
    let code = "//! A module such as `crate::parley`.\nconst ODD: &str = \"acme\";\n";
    workspace.write("crates/codegen/src/emit.rs", code);
    let before = workspace.tree();
    for (name, says) in [
        ("core", "to Rust; take the vendor's full name, such as `core_chat`"),
        ("std", "to Rust"),
        ("alloc", "to Rust"),
        ("self", "to Rust"),
        ("crate", "to Rust"),
        ("yield", "to Rust"),
        ("runtime", "to the library"),
        ("error", "to the library"),
        ("tests", "to Cargo"),
        ("native_tls", "to Cargo"),
        ("nul", "to Windows"),
        ("serde_json", "a package of that name"),
        ("Acme-Chat", "take `acme_chat`"),
        ("acme", "a word of crates/codegen/src/emit.rs:2"),
    ] {
        let error = make(&workspace, name, &from, None).error();
        assert!(error.contains(says), "{name}: {error}");
    }
    assert_eq!(workspace.tree(), before);
}

/// The names in the command's own help can be taken, or the first who tries it is refused.
#[test]
fn the_name_in_the_help_is_free() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let workspace = Workspace::new();
    let mut todo = vec![root.join("crates")];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let to = workspace.root.join(path.strip_prefix(root).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&path, to).unwrap();
        }
    }
    // Somebody may have made a provider of that name already.
    if !workspace.root.join("specs/parley").exists() {
        let from = workspace.beside("parley.yaml", DOCUMENT);
        make(&workspace, "parley", &from, None).fine();
    }
    let check = |fix| {
        workspace.run(|place, out, _| xtask::check::check(place, fix, "2026-01-31", out)).fine()
    };
    check(true);
    assert!(workspace.read("README.md").contains("- `parley`: `"));
    check(false);
}

/// The YAML blocks of the guide below a heading.
fn blocks(heading: &str) -> Vec<&'static str> {
    let guide = include_str!("../../../CONTRIBUTING.md");
    let section = guide.split_once(heading).unwrap().1.split("\n### ").next().unwrap();
    section.split("```yaml\n").skip(1).map(|it| it.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_of_the_guide_are_read() {
    use conversations_codegen::{extension, provider};
    let text = |it: &str| conversations_document::load::Text {
        file: "provider.yaml".to_owned(),
        text: it.to_owned(),
    };
    let blocks_of_provider = blocks("### `provider.yaml`");
    provider::provider(&text(blocks_of_provider[0])).unwrap_or_else(|it| panic!("{it}"));
    let ours = blocks("### `x-conversations`");
    let operation: serde_json::Value = serde_yaml::from_str(ours[0]).unwrap();
    let paging = operation["paging"].as_array().unwrap();
    let styles = paging.iter().map(|it| it["style"].as_str().unwrap());
    let styles: std::collections::BTreeSet<_> = styles.collect();
    assert_eq!(styles, ["cursor", "link", "offset", "page", "token"].into());
    for one in paging {
        serde_json::from_value::<extension::Paging>(one.clone()).unwrap();
    }
    serde_yaml::from_str::<extension::SchemaExtension>(ours[1]).unwrap();
    // The rest, as it stands on an operation.
    let mut operation = operation;
    operation.as_object_mut().unwrap().remove("paging");
    let root = serde_json::json!({"openapi": "3.0.3", "paths": {"/a": {"get": {"x-conversations": operation}}}});
    let document = conversations_document::load::document("a.json", &root.to_string()).unwrap();
    extension::operation(&document, "/paths/~1a/get").unwrap_or_else(|it| panic!("{it}"));
}

const SHOWS: &str = "\
openapi: 3.0.3
info: {title: Acme Desk, version: '1'}
servers: [{url: 'https://api.acme.example'}]
security: [{key: []}]
paths:
  /tickets:
    get:
      operationId: listTickets
      parameters: [{name: page_token, in: query, schema: {type: string}}]
      responses:
        '200':
          description: ok
          headers: {X-RateLimit-Remaining: {schema: {type: integer}}, X-RateLimit-Reset: {schema: {type: integer}}}
          content: {application/json: {schema: {type: object, properties: {
            items: {type: array, items: {$ref: '#/components/schemas/Ticket'}},
            meta: {type: object, properties: {next_page_token: {type: string}}}}}}}
        '400': {description: no, content: {application/json: {schema: {type: object, properties: {error: {type: object, properties: {code: {type: string}, detail: {type: string}}}}}}}}
    post:
      operationId: createTicket
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {subject: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}}
  /tickets/{ticketId}:
    parameters: [{name: ticketId, in: path, required: true, schema: {type: string}}]
    delete: {operationId: deleteTicket, responses: {'204': {description: gone}}}
  /pages:
    get:
      operationId: listPages
      parameters: [{name: page, in: query, schema: {type: integer, default: 0}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /offsets:
    get:
      operationId: listOffsets
      parameters: [{name: offset, in: query, schema: {type: integer}}, {name: limit, in: query, schema: {type: integer, maximum: 50}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /links:
    get:
      operationId: listLinks
      responses: {'200': {description: ok, headers: {Link: {schema: {type: string}}}, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /urls:
    get:
      operationId: listUrls
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {next: {type: string, format: uri}, data: {type: array, items: {type: string}}}}}}}}
  /plain:
    get:
      operationId: listPlain
      parameters: [{name: filter, in: query, schema: {type: string}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas: {Ticket: {type: object, properties: {id: {type: string}, subject: {type: string}}}}
";

#[test]
fn what_a_document_shows_is_guessed_and_said() {
    let workspace = Workspace::new();
    let from = workspace.beside("desk.yaml", SHOWS);
    let request = Request {
        name: "desk".to_owned(),
        from,
        sdk_doc: None,
        select: Vec::new(),
        today: "2026-01-31".to_owned(),
    };
    let out = workspace.run(|place, out, err| new_provider(place, &request, out, err)).fine();
    let yaml = |file: &str| -> serde_json::Value {
        serde_yaml::from_str(&workspace.read(&format!("specs/desk/{file}"))).unwrap()
    };
    let overlay = yaml("overlay.yaml");
    let said = |target: &str| {
        let mut actions = overlay["actions"].as_array().unwrap().iter();
        let action = actions.find(|it| it["target"] == target);
        action.map(|it| it["update"]["x-conversations"].clone()).unwrap_or_default()
    };
    let cases = [
        (
            "tickets",
            serde_json::json!({"style": "token", "parameter": "page_token", "from": "/meta/next_page_token", "items": "/items"}),
        ),
        ("pages", serde_json::json!({"style": "page", "page": "page", "first": 0, "items": ""})),
        (
            "offsets",
            serde_json::json!({"style": "offset", "offset": "offset", "limit": "limit", "max": 50, "items": ""}),
        ),
        ("links", serde_json::json!({"style": "link", "header": "Link", "items": ""})),
        ("urls", serde_json::json!({"style": "link", "from": "/next", "items": "/data"})),
        ("plain", serde_json::Value::Null),
    ];
    for (path, paging) in cases {
        assert_eq!(said(&format!("$.paths['/{path}'].get"))["paging"], paging, "{path}");
        let listed = out.contains(&format!("GET /{path}: "));
        assert_eq!(listed, !paging.is_null(), "{path} in {out}");
    }
    let key = &said("$.paths['/tickets'].post")["idempotency_key"];
    assert_eq!(key["name"], "Idempotency-Key");
    // Nobody has seen the vendor honour it.
    assert_eq!(key["verified"], false);
    let provider = yaml("provider.yaml");
    assert_eq!(provider["error"]["code"], serde_json::json!(["/error/code"]));
    assert_eq!(provider["error"]["message"], serde_json::json!(["/error/detail"]));
    assert_eq!(provider["rate_limit"]["reset"]["header"], "X-RateLimit-Reset");
    assert!(provider["reasons"]["rate_limit"].as_str().unwrap().contains("Guessed"), "{provider}");
    let sandbox = yaml("sandbox.yaml");
    let rules: Vec<&String> = sandbox["operations"].as_object().unwrap().keys().collect();
    assert_eq!(rules, ["listTickets", "createTicket", "deleteTicket"]);
}
