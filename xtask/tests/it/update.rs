//! `update-spec`: first update, no change, breaking change, bad input, and everything that must not leave a trace.

use crate::{
    server::{serve, whole},
    workspace::Workspace,
};
use conversations_diff::Level;
use serde_json::{Value, json};
use xtask::{
    Outcome,
    update::{self, Request},
};

const OVERLAY: &str = "specs/acme/overlay.yaml";
const OPENAPI: &str = "specs/acme/openapi.yaml";
const SNAPSHOT: &str = "tests/it/snapshots/it__surface__acme.snap";

fn from(file: &str) -> Request {
    Request { from: Some(file.to_owned()), ..Request::default() }
}

/// A document of the provider with an optional property more.
fn grown(workspace: &Workspace) -> String {
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["components"]["schemas"]["Message"]["properties"]["mood"] =
        serde_json::json!({"type": "string", "description": "How it was meant."});
    serde_yaml::to_string(&document).unwrap()
}

#[test]
fn an_identical_document_in_other_clothes_changes_nothing() {
    let workspace = Workspace::small();
    let before = workspace.tree();
    let document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    // serde_json sorts nothing here, so reverse the order of the top.
    let reversed: serde_json::Map<String, Value> =
        document.as_object().unwrap().clone().into_iter().rev().collect();
    let file = workspace.beside("next.json", &serde_json::to_string(&reversed).unwrap());
    let out = workspace.update(&["acme"], &from(&file)).fine();
    assert!(out.contains("nothing changed"), "{out}");
    assert_eq!(workspace.tree(), before);
}

#[test]
fn an_addition_is_written_once_and_accepted_once() {
    let workspace = Workspace::small();
    let file = workspace.beside("next.yaml", &grown(&workspace));
    let before = workspace.tree();
    let out = workspace.update(&["acme"], &Request { dry_run: true, ..from(&file) }).fine();
    assert!(out.contains("mood") && out.contains("nothing was written"), "{out}");
    assert_eq!(workspace.tree(), before);

    let summary = Some("summary.md".into());
    workspace.update(&["acme"], &Request { summary, ..from(&file) }).fine();
    assert!(workspace.read(OPENAPI).contains("mood"));
    assert!(workspace.read("specs/acme/source.yaml").contains("origin: next.yaml"));
    assert!(workspace.read("specs/acme/CHANGELOG.md").contains("## 2026-01-31"));
    assert!(!workspace.read(SNAPSHOT).contains("mood"));
    assert!(workspace.read(&format!("{SNAPSHOT}.new")).contains("mood: Option<String>"));
    assert!(workspace.read("../summary.md").contains("## `acme`"));
    let after = workspace.tree();

    let out = workspace.update(&["acme"], &from(&file)).fine();
    assert!(out.contains("nothing changed"), "{out}");
    assert_eq!(workspace.tree(), after);
}

/// The vendored documents themselves, whichever revisions they are.
#[test]
fn every_provider_takes_its_next_document() {
    let workspace = Workspace::new();
    for name in xtask::root::providers(&workspace.root).unwrap() {
        let openapi = format!("specs/{name}/openapi.yaml");
        let mut document: Value = serde_yaml::from_str(&workspace.read(&openapi)).unwrap();
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        for schema in schemas.values_mut().filter_map(|it| it.get_mut("properties")) {
            schema["mood"] = serde_json::json!({"type": "string"});
        }
        let file = workspace.beside("next.yaml", &serde_yaml::to_string(&document).unwrap());
        let request = Request { accept: true, ..from(&file) };
        let out = workspace.update(&[&name], &request).fine();
        assert!(out.contains(&format!("wrote {openapi}")), "{out}");
        let snapshot = workspace.read(&format!("tests/it/snapshots/it__surface__{name}.snap"));
        assert!(snapshot.contains("mood: Option<String>"), "{snapshot}");
        let out = workspace.update(&[&name], &request).fine();
        assert!(out.contains("nothing changed"), "{out}");
    }
}

#[test]
fn accepting_takes_the_snapshot() {
    let workspace = Workspace::small();
    let file = workspace.beside("next.yaml", &grown(&workspace));
    workspace.update(&["acme"], &Request { accept: true, ..from(&file) }).fine();
    assert!(workspace.read(SNAPSHOT).contains("mood: Option<String>"));
    assert!(!workspace.root.join(format!("{SNAPSHOT}.new")).exists());
}

#[test]
fn a_breaking_change_can_be_refused() {
    let workspace = Workspace::small();
    let text = workspace
        .read(OPENAPI)
        .replace("/chats/ping:", "/chats/pings:")
        .replace("operationId: setOnline\n", "operationId: ping\n");
    let file = workspace.beside("next.yaml", &text);
    let before = workspace.tree();
    // The overlay speaks of the path as well, so this is stale before it is refused.
    let answer = workspace.update(&["acme"], &from(&file));
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    assert!(answer.out.contains("specs/acme/overlay.yaml:"), "{}", answer.out);
    assert!(answer.out.contains("gone: POST /chats/ping"), "{}", answer.out);
    assert_eq!(workspace.tree(), before);

    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["components"]["schemas"]["SendMessage"]["properties"]["text"]["maxLength"] = 3.into();
    let file = workspace.beside("next.yaml", &serde_yaml::to_string(&document).unwrap());
    let request = Request { fail_on: Some(Level::Warning), ..from(&file) };
    let answer = workspace.update(&["acme"], &request);
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    assert_eq!(workspace.tree(), before);
}

/// The document with a parameter that each message needs.
fn demanding(workspace: &Workspace) -> String {
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["paths"]["/chats/messages"]["post"]["parameters"] =
        json!([{"name": "locale", "in": "query", "required": true, "schema": {"type": "string"}}]);
    serde_yaml::to_string(&document).unwrap()
}

#[test]
fn a_call_that_would_fail_is_written_only_where_that_is_allowed_by_name() {
    let workspace = Workspace::small();
    let file = workspace.beside("next.yaml", &demanding(&workspace));
    let before = workspace.tree();
    let summary = Some("summary.md".into());
    let request = Request { summary, apply_edits: true, ..from(&file) };
    let answer = workspace.update(&["acme"], &request);
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    let cause = "--allow-breaking new-required-request-parameter";
    assert!(answer.out.contains(cause), "{}", answer.out);
    assert!(
        answer.out.contains("`builder::SendMessage::locale` must be set now"),
        "{}",
        answer.out
    );
    assert!(workspace.read("../summary.md").contains(cause));
    assert_eq!(workspace.tree(), before);
    for (allowed, outcome) in [
        ("another-cause", Outcome::Fails),
        ("builder::SendMessage::locale", Outcome::Fine),
        ("new-required-request-parameter", Outcome::Fine),
    ] {
        let workspace = Workspace::small();
        let file = workspace.beside("next.yaml", &demanding(&workspace));
        let allow_breaking = vec![allowed.to_owned()];
        let request = Request { allow_breaking, apply_edits: true, ..from(&file) };
        let answer = workspace.update(&["acme"], &request);
        assert_eq!(answer.outcome, Ok(outcome), "{allowed}: {}", answer.out);
    }
}

#[test]
fn a_client_without_a_credential_that_the_server_takes_is_not_written() {
    let workspace = Workspace::small();
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["components"]["securitySchemes"]["token"] =
        json!({"type": "http", "scheme": "bearer"});
    document["paths"]["/chats/ping"]["post"]["security"] = json!([{"token": []}]);
    let file = workspace.beside("next.json", &document.to_string());
    let request = Request { apply_edits: true, ..from(&file) };
    let answer = workspace.update(&["acme"], &request);
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    assert!(answer.out.contains("`Client::set_online` asks for a credential"), "{}", answer.out);
}

#[test]
fn a_break_is_accepted_only_where_its_cause_is_named() {
    let breaking = |workspace: &Workspace| {
        let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
        document["components"]["schemas"]["Message"]["properties"]["id"]["type"] = json!("integer");
        workspace.beside("next.json", &document.to_string())
    };
    let workspace = Workspace::small();
    let file = breaking(&workspace);
    let before = workspace.tree();
    let answer = workspace.update(&["acme"], &Request { accept: true, ..from(&file) });
    assert_eq!(answer.outcome, Ok(Outcome::Fails), "{}", answer.out);
    let cause = "response-property-type-changed";
    assert!(answer.out.contains(&format!("--allow-breaking {cause}")), "{}", answer.out);
    assert!(answer.out.contains("`types::Message::id` has another signature"), "{}", answer.out);
    // One change of a schema, with all operations that it reaches.
    let reached = "      POST /chats/messages, GET /chats/messages/{messageId} `id` in the body";
    assert!(answer.out.contains(reached), "{}", answer.out);
    assert_eq!(workspace.tree(), before);
    let allow_breaking = vec![cause.to_owned()];
    let request = Request { accept: true, allow_breaking, ..from(&file) };
    workspace.update(&["acme"], &request).fine();
    assert!(workspace.read(SNAPSHOT).contains("id: Option<i64>"));
    // A pending snapshot is for a person to look at.
    let workspace = Workspace::small();
    let file = breaking(&workspace);
    workspace.update(&["acme"], &from(&file)).fine();
    assert!(!workspace.read(SNAPSHOT).contains("id: Option<i64>"));
}

/// A document that repeats the header of the key, describes what was an empty answer, and no longer says of bodies that
/// they must be there.
#[test]
fn what_a_document_adds_or_leaves_out_in_passing_breaks_no_call() {
    let workspace = Workspace::small();
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    let key =
        json!({"name": "X-Key", "in": "header", "required": true, "schema": {"type": "string"}});
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut().filter(|it| it.is_object()) {
            operation["parameters"] = json!([key]);
            if let Some(body) = operation.get_mut("requestBody") {
                body.as_object_mut().unwrap().shift_remove("required");
            }
        }
    }
    document["paths"]["/chats/ping"]["post"]["responses"] = json!({"201": {"description": "Done",
        "content": {"application/json": {"schema": {"type": "object", "required": ["ok"],
            "properties": {"ok": {"type": "boolean"}}}}}}});
    let file = workspace.beside("next.json", &document.to_string());
    let request = Request { apply_edits: true, ..from(&file) };
    let out = workspace.update(&["acme"], &request).fine();
    assert!(out.contains("an empty answer") && out.contains("the body required"), "{out}");
    let page = workspace.read(&format!("{SNAPSHOT}.new"));
    assert!(page.contains(".body(SendMessage, application/json)"), "{page}");
    assert!(page.contains(".send() -> Option<SetOnlineResponse201>"), "{page}");
    assert!(!page.contains("x_key"), "{page}");
}

/// Two schemas that Rust gives one name: which of them is the first must not be the order of the document.
#[test]
fn types_of_one_name_keep_theirs_in_whatever_order_they_come() {
    let workspace = Workspace::small();
    let ordered = |names: &[&str]| {
        let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
        for name in names {
            let property = json!({name.to_lowercase(): {"type": "string"}});
            document["components"]["schemas"][name] =
                json!({"type": "object", "properties": property});
            document["paths"][format!("/chats/{name}")] = json!({"get": {
                "operationId": format!("read{}", name.len()),
                "responses": {"200": {"description": "Found", "content": {"application/json":
                    {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}}}});
        }
        document
    };
    let take = |document: Value| {
        let file = workspace.beside("next.json", &document.to_string());
        let request = Request { accept: true, apply_edits: true, ..from(&file) };
        workspace.update(&["acme"], &request).fine();
        let page = workspace.read(SNAPSHOT);
        let (_, types) = page.split_once("## Types").unwrap();
        types.to_owned()
    };
    let before = take(ordered(&["error_model", "errorModel"]));
    assert!(before.contains("struct ErrorModel2"), "{before}");
    let after = take(ordered(&["ERROR__MODEL", "errorModel", "error_model"]));
    for part in before.split("\n\n").filter(|it| it.contains("ErrorModel")) {
        assert!(after.contains(part.trim()), "{part}\nis not in\n{after}");
    }
}

/// The overlay's own additions are not part of what the vendor changed.
#[test]
fn what_our_overlay_says_is_not_compared_as_the_vendors() {
    let workspace = Workspace::small();
    let overlay = "specs/acme/overlay.yaml";
    let more = "  - target: $.components.schemas.Message.properties.text\n    description: Of what kind.\n    x-source: ours\n    update: { enum: [a, b], maxLength: 1 }\n";
    let text = workspace.read(overlay);
    let (head, actions) = text.split_once("actions:\n").unwrap();
    workspace.write(overlay, &format!("{head}actions:\n{more}{actions}"));
    let file = workspace.beside("next.yaml", &grown(&workspace));
    let out = workspace.update(&["acme"], &from(&file)).fine();
    assert!(out.contains("not breaking on the wire: 0 errors, 0 warnings"), "{out}");
}

/// What the vendor's document says at last, and our overlay said before, changes nothing.
#[test]
fn what_our_overlay_said_before_is_not_news() {
    let workspace = Workspace::small();
    let mut overlay: Value = serde_yaml::from_str(&workspace.read(OVERLAY)).unwrap();
    let action = json!({"target": "$.components.schemas.Message.properties.text", "description": "No longer texts.",
        "x-source": "ours", "update": {"type": "integer"}});
    overlay["actions"].as_array_mut().unwrap().push(action);
    workspace.write(OVERLAY, &serde_yaml::to_string(&overlay).unwrap());
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["components"]["schemas"]["Message"]["properties"]["text"]["type"] = json!("integer");
    document["paths"]["/elsewhere"] = json!({"get": {"responses": {"204": {"description": ""}}}});
    let file = workspace.beside("next.json", &document.to_string());
    let out = workspace.update(&["acme"], &Request { dry_run: true, ..from(&file) }).fine();
    assert!(out.contains("Nothing new under our overlay"), "{out}");
    assert!(!out.contains("Breaks on the wire"), "{out}");
    assert!(out.contains("1 operation outside of `select`"), "{out}");
    // Without the action it breaks.
    overlay["actions"].as_array_mut().unwrap().pop();
    workspace.write(OVERLAY, &serde_yaml::to_string(&overlay).unwrap());
    let out = workspace.update(&["acme"], &Request { dry_run: true, ..from(&file) }).out;
    assert!(out.contains("Breaks on the wire"), "{out}");
}

/// What our overlay takes out of one operation is still news of another one that has the same schema, and the other way
/// round: the schema of each message stands in both, at different places.
#[test]
fn an_action_on_one_operation_hides_no_change_of_another() {
    let reply = json!({"post": {"operationId": "reply", "requestBody": {"required": true, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/SendMessage"}}}}, "responses": {"204": {"description": "Sent"}}}});
    let quoted = json!({"type": "object", "properties": {"x": {"$ref": "#/components/schemas/SendMessage"}}});
    let send = "$.paths['/chats/messages'].post.requestBody.content['application/json'].schema";
    let narrower = |document: &mut Value| {
        document["components"]["schemas"]["SendMessage"]["properties"]["text"]["maxLength"] =
            json!(3);
    };
    for (takes_out, breaks) in [
        (vec![format!("{send}.properties.x")], vec!["/chats/reply"]),
        (vec!["$.paths['/chats/reply'].post.requestBody".to_owned()], vec!["/chats/messages"]),
        (vec![], vec!["/chats/messages", "/chats/reply"]),
        (
            vec![
                format!("{send}.properties.x"),
                "$.paths['/chats/reply'].post.requestBody".to_owned(),
            ],
            vec![],
        ),
    ] {
        let workspace = Workspace::small();
        let sdk = json!({"sdk": {"name": "acme", "language": "rust", "documented_at": "none"}, "operations": [],
            "decisions": [{"about": "operation-unlisted", "operations": "all", "take": "document", "reason": "None is listed.",
                "source": "none"}]});
        workspace.write("specs/acme/sdk.yaml", &sdk.to_string());
        let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
        document["paths"]["/chats/reply"] = reply.clone();
        let content = &mut document["paths"]["/chats/messages"]["post"]["requestBody"]["content"];
        content["application/json"]["schema"] = quoted.clone();
        workspace.write(OPENAPI, &document.to_string());
        let mut overlay: Value = serde_yaml::from_str(&workspace.read(OVERLAY)).unwrap();
        let action = |target: &String| json!({"target": target, "description": "Not read.", "x-source": "tried", "remove": true});
        overlay["actions"].as_array_mut().unwrap().extend(takes_out.iter().map(action));
        workspace.write(OVERLAY, &serde_yaml::to_string(&overlay).unwrap());
        narrower(&mut document);
        let file = workspace.beside("next.json", &document.to_string());
        let request = Request { dry_run: true, fail_on: Some(Level::Error), ..from(&file) };
        let answer = workspace.update(&["acme"], &request);
        let expected = if breaks.is_empty() { Outcome::Fine } else { Outcome::Fails };
        assert_eq!(answer.outcome, Ok(expected), "{takes_out:?}: {}", answer.out);
        let page = answer.out.split("Nothing new under our overlay").next().unwrap();
        for operation in ["/chats/messages", "/chats/reply"] {
            let said = page.contains(&format!("POST {operation}"));
            assert_eq!(
                said,
                breaks.contains(&operation),
                "{takes_out:?}: {operation}: {}",
                answer.out
            );
        }
    }
}

#[test]
fn an_action_that_has_lost_its_target_waits_for_a_person() {
    let workspace = Workspace::small();
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["info"]["contact"] = json!({"name": "Acme"});
    workspace.write(OPENAPI, &document.to_string());
    let mut overlay: Value = serde_yaml::from_str(&workspace.read(OVERLAY)).unwrap();
    let action = json!({"target": "$.info.contact", "description": "Where to ask.", "x-source": "ours",
        "update": {"url": "https://example.com/help"}});
    overlay["actions"].as_array_mut().unwrap().push(action.clone());
    workspace.write(OVERLAY, &serde_yaml::to_string(&overlay).unwrap());
    document["info"].as_object_mut().unwrap().remove("contact");
    let file = workspace.beside("next.json", &document.to_string());
    let answer = workspace.update(&["acme"], &from(&file));
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    let request = Request { apply_edits: true, ..from(&file) };
    let out = workspace.update(&["acme"], &request).fine();
    assert!(out.contains("Said so far: Where to ask."), "{out}");
    let after: Value = serde_yaml::from_str(&workspace.read(OVERLAY)).unwrap();
    assert!(!after["actions"].as_array().unwrap().contains(&action), "{after}");
    assert_eq!(after["x-undecided"][0]["action"], action, "{after}");
    let now = after["x-undecided"][0]["now"].as_str().unwrap();
    assert!(now.contains("`$.info.contact` matches nothing"), "{now}");
}

#[test]
fn what_people_decided_is_theirs_to_decide_again() {
    let workspace = Workspace::small();
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    document["paths"]["/chats/messages/{messageId}"]["get"]["operationId"] = json!("fetchMessage");
    let file = workspace.beside("next.json", &document.to_string());
    let request = Request { accept: true, apply_edits: true, ..from(&file) };
    let out = workspace.update(&["acme"], &request).fine();
    assert!(out.contains("Said so far: take document. The name that the others have."), "{out}");
    let sdk: Value = serde_yaml::from_str(&workspace.read("specs/acme/sdk.yaml")).unwrap();
    let kept = &sdk["undecided"][0]["decision"];
    assert_eq!(kept["reason"], "The name that the others have.", "{sdk}");
    let about = |it: &&Value| it["about"] == "operation-id";
    let proposed = sdk["decisions"].as_array().unwrap().iter().find(about).unwrap();
    let saw = "The SDK's list says `message_get`, the document says `fetchMessage`.";
    assert_eq!(proposed["reason"], saw, "{sdk}");
}

#[test]
fn the_readme_is_written_along() {
    let workspace = Workspace::small();
    let page = "# Chats\n\n<!-- operations: written by `cargo xtask check --fix` -->\n\n- `acme`: `get_message`\n\n<!-- end of operations -->\n";
    workspace.write("README.md", page);
    workspace.write("Cargo.toml", "[features]\nacme = []\nemca = []\n");
    let mut document: Value = serde_yaml::from_str(&workspace.read(OPENAPI)).unwrap();
    let delete = document["paths"]["/chats/messages/{messageId}"]["delete"].clone();
    document["paths"]["/chats/all"] = json!({"delete": delete});
    document["paths"]["/chats/all"]["delete"]["operationId"] = json!("deleteAll");
    let file = workspace.beside("next.json", &document.to_string());
    workspace.update(&["acme"], &Request { apply_edits: true, ..from(&file) }).fine();
    let page = workspace.read("README.md");
    assert!(page.contains("- `acme`: `delete_all`, `delete_message`"), "{page}");
}

#[test]
fn the_network_has_an_exit_code_of_its_own() {
    let workspace = Workspace::small();
    let server = serve(vec![("/broken", whole("openapi: ["))]);
    for (path, code) in [("none", 3), ("broken", 2)] {
        let url = format!("{server}/{path}");
        let request = Request { today: "2026-01-31".to_owned(), ..from(&url) };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let names = ["acme".to_owned()];
        let error =
            update::update_spec(&workspace.workspace(), &names, &request, &mut out, &mut err);
        assert_eq!(xtask::code(&error.unwrap_err()), code, "{path}");
    }
}

#[test]
fn what_moved_is_followed_where_that_is_asked() {
    let workspace = Workspace::small();
    let text = workspace
        .read(OPENAPI)
        .replace("{messageId}", "{id}")
        .replace("name: messageId", "name: id")
        .replace("operationId: getMessage\n", "operationId: fetchMessage\n");
    let file = workspace.beside("next.yaml", &text);
    let answer = workspace.update(&["acme"], &from(&file));
    assert_eq!(answer.outcome, Ok(Outcome::Stale), "{}", answer.out);
    assert!(
        answer.out.contains("  get_message: the document calls the operation `fetchMessage`\n"),
        "{}",
        answer.out
    );
    let request = Request { accept: true, apply_edits: true, ..from(&file) };
    workspace.update(&["acme"], &request).fine();
    let snapshot = workspace.read(SNAPSHOT);
    assert!(snapshot.contains("get_message    GET /chats/messages/{id}"), "{snapshot}");
    assert!(snapshot.contains(".message_id(String in path)"), "{snapshot}");
    assert!(!snapshot.contains("fetch_message"), "{snapshot}");
    let overlay = workspace.read("specs/acme/overlay.yaml");
    assert!(overlay.contains("Keeps the name of the method `get_message`"), "{overlay}");
    // What was taken is what a second look finds.
    let out = workspace.update(&["acme"], &request).fine();
    assert!(out.contains("nothing changed"), "{out}");
}

/// An operation that goes leaves rules of the sandbox behind, which `check` would refuse.
#[test]
fn rules_of_the_sandbox_that_do_not_fit_are_named() {
    let workspace = Workspace::small();
    workspace.write("specs/acme/sandbox.yaml", "operations:\n  setOnline:\n    - respond: {}\n");
    let next = workspace.read(OPENAPI);
    let (before, rest) = next.split_once("  /chats/ping:\n").expect("the operation");
    let (_, after) = rest.split_once("components:\n").expect("what follows");
    let file = workspace.beside("next.yaml", &format!("{before}components:\n{after}"));
    let request = Request { summary: Some("summary.md".into()), ..from(&file) };
    let answer = workspace.update(&["acme"], &request);
    for text in [answer.out, workspace.read("../summary.md")] {
        assert!(
            text.contains("- specs/acme/sandbox.yaml:2 at /operations/setOnline: no operation is called `setOnline`"),
            "{text}"
        );
    }
}

/// A path that moves out of what is selected is added to the selection, and taken out when it moves back.
#[test]
fn the_selection_follows_what_moves() {
    const PROVIDER: &str = "specs/acme/provider.yaml";
    let workspace = Workspace::small();
    let (document, provider) = (workspace.read(OPENAPI), workspace.read(PROVIDER));
    let moved = workspace.beside(
        "moved.yaml",
        &document.replace("  /chats/messages/{messageId}:", "  /talks/messages/{messageId}:"),
    );
    let back = workspace.beside("back.yaml", &document);
    let request = |file| Request {
        accept: true,
        apply_edits: true,
        allow_breaking: vec!["api-path-removed-without-deprecation".to_owned()],
        ..from(file)
    };
    workspace.update(&["acme"], &request(&moved)).fine();
    let selection = r#"paths: ["/chats/**", "/talks/messages/{messageId}"]"#;
    assert!(workspace.read(PROVIDER).contains(selection), "{}", workspace.read(PROVIDER));
    workspace.update(&["acme"], &request(&back)).fine();
    assert_eq!(workspace.read(PROVIDER), provider);
}

#[test]
fn bad_input_is_located_and_leaves_no_trace() {
    let workspace = Workspace::small();
    let before = workspace.tree();
    for (text, says) in [
        ("openapi: 3.0.0\npaths: [\n", "next.yaml:"),
        ("title: no document\n", "not an OpenAPI document"),
        (
            "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /other:\n    get: {}\n",
            "selection",
        ),
    ] {
        let file = workspace.beside("next.yaml", text);
        let error = workspace.update(&["acme"], &from(&file)).error();
        assert!(error.contains(says), "{error}");
    }
    assert!(
        workspace.update(&["nobody"], &from("next.yaml")).error().contains("no provider `nobody`")
    );
    assert!(workspace.update(&["acme", "emca"], &from("next.yaml")).error().contains("--from"));
    assert!(workspace.update(&["emca"], &Request::default()).error().contains("--from"));
    assert_eq!(workspace.tree(), before);
}

#[test]
fn a_download_is_whole_or_refused() {
    let workspace = Workspace::small();
    let before = workspace.tree();
    let text = grown(&workspace);
    let half = whole(&text)[..text.len() / 2].to_owned();
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{text}");
    let away = "HTTP/1.1 302 Found\r\nlocation: https://example.com/next.yaml\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let here =
        "HTTP/1.1 302 Found\r\nlocation: /whole\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let server = serve(vec![
        ("/half", half),
        ("/endless", endless),
        ("/away", away.to_owned()),
        ("/here", here.to_owned()),
        ("/whole", whole(&text)),
    ]);
    for (path, says) in [
        ("/half", "before the end"),
        ("/endless", "how long"),
        ("/away", "another host"),
        ("/none", "404"),
    ] {
        let error = workspace.update(&["acme"], &from(&format!("{server}{path}"))).error();
        assert!(error.contains(says), "{path}: {error}");
    }
    assert!(workspace.update(&["acme"], &from("http://example.com/x")).error().contains("https"));
    let error = workspace.update(&["acme"], &from("https://user:secret@example.com/x")).error();
    assert!(error.contains("credentials") && !error.contains("secret"), "{error}");
    assert_eq!(workspace.tree(), before);

    let request = from(&format!("{server}/here"));
    workspace.update(&["acme"], &request).fine();
    assert!(workspace.read("specs/acme/source.yaml").contains("etag"));
    let after = workspace.tree();
    let out = workspace.update(&["acme"], &request).fine();
    assert!(out.contains("the server says"), "{out}");
    assert_eq!(workspace.tree(), after);
}

#[test]
fn two_providers_are_written_together_or_not_at_all() {
    let workspace = Workspace::small();
    let acme = grown(&workspace);
    let mut document: Value =
        serde_yaml::from_str(&workspace.read("specs/emca/openapi.yaml")).unwrap();
    document["info"]["version"] = "9.9.9".into();
    let emca = serde_yaml::to_string(&document).unwrap();
    let server = serve(vec![
        ("/acme", whole(&acme)),
        ("/emca", whole(&emca)),
        ("/broken", whole("openapi: [")),
    ]);
    let point = |provider: &str, path: &str| {
        let file = format!("specs/{provider}/provider.yaml");
        let mut yaml: Value = serde_yaml::from_str(&workspace.read(&file)).unwrap();
        yaml["source"]["url"] = format!("{server}{path}").into();
        workspace.write(&file, &serde_yaml::to_string(&yaml).unwrap());
    };
    point("acme", "/acme");
    point("emca", "/broken");
    let before = workspace.tree();
    let error = workspace.update(&["acme", "emca"], &Request::default()).error();
    assert!(error.contains("emca") && error.contains("nothing was written"), "{error}");
    assert_eq!(workspace.tree(), before);
    point("emca", "/emca");
    workspace.update(&["acme", "emca"], &Request::default()).fine();
    assert!(workspace.read(OPENAPI).contains("mood"));
    assert!(workspace.read("specs/emca/source.yaml").contains("9.9.9"));
}

#[test]
fn an_update_that_was_killed_is_undone_by_the_next() {
    let workspace = Workspace::small();
    let before = workspace.tree();
    let text = workspace.read(OPENAPI);
    // As a kill between two files leaves it: the journal, and one new file in place.
    let folder = workspace.root.join(".xtask");
    std::fs::create_dir_all(&folder).unwrap();
    let journal = json!({OPENAPI: {"old": text, "new": "the next"}}).to_string();
    std::fs::write(folder.join("journal.json"), journal).unwrap();
    workspace.write(OPENAPI, "the next");
    let killed = workspace.tree();
    // A dry run writes nothing, not even to undo.
    let answer = workspace.update(&["emca"], &Request { dry_run: true, ..from(OPENAPI) });
    assert!(answer.out.contains("still to be undone"), "{}", answer.out);
    assert_eq!(workspace.tree(), killed);
    let file = workspace.beside("next.yaml", &text);
    let out = workspace.update(&["acme"], &from(&file)).fine();
    assert!(out.contains("undone") && out.contains("nothing changed"), "{out}");
    assert_eq!(workspace.tree(), before);
}
