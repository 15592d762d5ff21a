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
    let from = workspace.beside("parley.yaml", DOCUMENT);
    make(&workspace, "parley", &from, None).fine();
    let check = |fix| {
        workspace.run(|place, out, _| xtask::check::check(place, fix, "2026-01-31", out)).fine()
    };
    check(true);
    assert!(workspace.read("README.md").contains("- `parley`: `get_message`"));
    check(false);
}
