//! `new-provider`: a folder, a door and a feature, or nothing.

use crate::workspace::{Answer, Workspace};
use serde_json::{Value, json};
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
    let providers = xtask::root::providers(&workspace.root).unwrap();
    let lib = workspace.read("src/lib.rs");
    assert!(lib.contains("#[cfg(feature = \"acme\")]\npub mod acme;\n"));
    let modules = lib.lines().filter_map(|it| it.strip_prefix("pub mod ")?.strip_suffix(';'));
    let modules = modules.filter(|it| providers.iter().any(|own| own == it));
    assert!(modules.is_sorted(), "rustfmt sorts them: {lib}");
    let manifest = workspace.read("Cargo.toml");
    let (above, _) = manifest.split_once("\nacme = []\n").expect("the feature");
    let above = above.lines().last().and_then(|it| it.strip_suffix(" = []"));
    assert!(above.is_some_and(|it| providers.iter().any(|own| own == it)), "{manifest}");
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

/// Whatever the errors of a document look like, a client is made, and its folder says where they have code and message.
#[test]
fn errors_of_any_form_make_a_client() {
    let workspace = Workspace::new();
    let properties = |it: &str| format!("{{type: object, properties: {it}}}");
    let (text, list) = ("{type: string}", |it: &str| format!("{{type: array, items: {it}}}"));
    let cases = [
        (
            format!("{{fault: {}}}", properties(&format!("{{code: {text}, reason: {text}}}"))),
            "/fault/code",
            "/fault/reason",
        ),
        (
            format!(
                "{{errors: {}}}",
                list(&properties(&format!("{{code: {text}, detail: {text}}}")))
            ),
            "/errors/0/code",
            "/errors/0/detail",
        ),
        (format!("{{msg: {text}}}"), "", "/msg"),
        (format!("{{problem: {}}}", properties(&format!("{{why: {text}}}"))), "", ""),
    ];
    for (i, (body, code, message)) in cases.into_iter().enumerate() {
        let error = format!("content: {{application/json: {{schema: {}}}}}", properties(&body));
        let ok = "responses: {'200'";
        let document = DOCUMENT
            .replace(ok, &format!("responses: {{'400': {{description: no, {error}}}, '200'"));
        let name = format!("acme{i}");
        let from = workspace.beside(&format!("{name}.yaml"), &document);
        make(&workspace, &name, &from, None).fine();
        let provider: Value =
            serde_yaml::from_str(&workspace.read(&format!("specs/{name}/provider.yaml"))).unwrap();
        let said = |it: &str| provider["error"][it][0].as_str().unwrap_or_default().to_owned();
        assert_eq!((said("code").as_str(), said("message").as_str()), (code, message), "{body}");
        let why = provider["reasons"]["error"].as_str().unwrap_or_default();
        assert_eq!(why.contains("write here"), message.is_empty(), "{why}");
    }
}

const DESK: &str = "\
openapi: 3.1.0
info: {title: Desk, version: '1'}
servers: [{url: 'https://api.desk.example/v1'}]
security: [{key: []}]
paths:
  /tickets:
    parameters: [{name: X-Key, in: header, required: true, schema: {type: string}}]
    get:
      operationId: listTickets
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, required: [tickets], properties: {
          tickets: {type: array, items: {$ref: '#/components/schemas/Ticket'}}, next_cursor: {type: [string, 'null']}}}}}}
        default: {$ref: '#/components/responses/Problem'}
    post:
      operationId: createTicket
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewTicket'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}}
  /tickets/{ticketId}:
    parameters: [{name: ticketId, in: path, required: true, schema: {type: string}}]
    get: {operationId: getTicket, responses: {'200': {$ref: '#/components/responses/Ticket'}, '404': {$ref: '#/components/responses/Problem'}}}
    patch:
      operationId: updateTicket
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {subject: {type: string}, priority: {type: integer}}}}}}
      responses: {'200': {$ref: '#/components/responses/Ticket'}}
    delete: {operationId: deleteTicket, responses: {'204': {description: gone}}}
  /tickets/{ticketId}/notes:
    parameters: [{name: ticketId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: listNotes
      responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}
    post:
      operationId: addNote
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /tickets/{ticketId}/notes/{noteId}:
    parameters:
      - {name: ticketId, in: path, required: true, schema: {type: string}}
      - {name: noteId, in: path, required: true, schema: {type: integer}}
    put:
      operationId: replaceNote
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
    delete: {operationId: deleteNote, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  responses:
    Ticket: {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}
    Problem: {description: no, content: {application/json: {schema: {type: object, properties: {code: {type: string}, message: {type: string}}}}}}
  schemas:
    NewTicket: {type: object, required: [subject], properties: {subject: {type: string}, priority: {type: integer}}}
    Ticket:
      allOf:
        - {$ref: '#/components/schemas/NewTicket'}
        - {type: object, required: [id, created_at], properties: {id: {type: string, format: uuid}, created_at: {type: string, format: date-time}, state: {type: string, enum: [open, closed]}}}
    Note: {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}
";

const DESK_CLIENT: conversations_sandbox::Client = conversations_sandbox::Client::new("desk");

/// Plays the parts of a provider's folder, with no Rust compiled for it.
struct Played {
    sandbox: conversations_sandbox::Sandbox,
}

impl Played {
    async fn start(workspace: &Workspace, name: &str) -> Self {
        let made = xtask::pipeline::provider(&workspace.root, name).unwrap();
        let rules = workspace.read(&format!("specs/{name}/sandbox.yaml"));
        let rules = serde_yaml::from_str(&rules).unwrap();
        let builder = conversations_sandbox::Sandbox::<conversations_sandbox::Empty>::builder();
        let builder = builder.provider(&DESK_CLIENT, made.document, rules).check_answers(true);
        Self { sandbox: builder.start().await.unwrap() }
    }

    /// One request on a connection of its own: the status and the JSON of the answer.
    async fn call(&self, line: &str, body: Value) -> (u16, Value) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = self.sandbox.origin().trim_start_matches("http://");
        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        let (method, path) = line.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} /desk{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Key: k\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}

#[tokio::test]
async fn the_sandbox_plays_a_new_provider_by_its_document_alone() {
    let workspace = Workspace::new();
    let request = Request {
        name: "desk".to_owned(),
        from: workspace.beside("desk.yaml", DESK),
        sdk_doc: None,
        select: Vec::new(),
        today: "2026-01-31".to_owned(),
    };
    workspace.run(|place, out, err| new_provider(place, &request, out, err)).fine();
    let desk = Played::start(&workspace, "desk").await;
    assert_eq!(
        desk.call("GET /tickets", Value::Null).await,
        (200, json!({"tickets": [], "next_cursor": null}))
    );

    let mut made = Vec::new();
    for at in 0..25 {
        let (status, ticket) =
            desk.call("POST /tickets", json!({"subject": format!("s{at}"), "priority": at})).await;
        assert_eq!(
            (status, &ticket["subject"], &ticket["state"]),
            (201, &json!(format!("s{at}")), &json!("open"))
        );
        made.push(ticket);
    }
    let (status, refusal) = desk.call("POST /tickets", json!({})).await;
    assert!((400..500).contains(&status) && refusal["message"].is_string(), "{status} {refusal}");
    let (_, first) = desk.call("GET /tickets", Value::Null).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, rest) = desk.call(&format!("GET /tickets?cursor={cursor}"), Value::Null).await;
    assert!(rest["next_cursor"].is_null(), "{rest}");
    let pages = [&first, &rest].map(|it| it["tickets"].as_array().unwrap().clone());
    assert_eq!(pages.concat(), made);

    let one = format!("/tickets/{}", made[3]["id"].as_str().unwrap());
    assert_eq!(desk.call(&format!("GET {one}"), Value::Null).await, (200, made[3].clone()));
    let (status, changed) = desk.call(&format!("PATCH {one}"), json!({"subject": "new"})).await;
    // What a change does not name stays.
    let mut expected = made[3].clone();
    expected["subject"] = json!("new");
    assert_eq!((status, &changed), (200, &expected));
    assert_eq!(desk.call(&format!("GET {one}"), Value::Null).await, (200, expected));

    let (status, note) = desk.call(&format!("POST {one}/notes"), json!({"text": "a"})).await;
    assert_eq!((status, &note), (201, &json!({"id": note["id"], "text": "a"})));
    assert_eq!(desk.call(&format!("GET {one}/notes"), Value::Null).await, (200, json!([note])));
    // Those of another ticket are its own.
    let other = format!("/tickets/{}", made[4]["id"].as_str().unwrap());
    assert_eq!(desk.call(&format!("GET {other}/notes"), Value::Null).await, (200, json!([])));
    let own = format!("{one}/notes/{}", note["id"]);
    let replaced = json!({"id": note["id"], "text": "b"});
    assert_eq!(
        desk.call(&format!("PUT {own}"), json!({"text": "b"})).await,
        (200, replaced.clone())
    );
    assert_eq!(desk.call(&format!("DELETE {own}"), Value::Null).await, (200, replaced));
    assert_eq!(desk.call(&format!("DELETE {own}"), Value::Null).await.0, 404);

    assert_eq!(desk.call(&format!("DELETE {one}"), Value::Null).await, (204, Value::Null));
    let (status, gone) = desk.call(&format!("GET {one}"), Value::Null).await;
    assert_eq!((status, &gone["code"]), (404, &json!("not_found")));
    // Every answer fits the document.
    assert_eq!(desk.sandbox.problems(), Vec::<String>::new());
}
