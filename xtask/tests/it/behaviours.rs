//! What our overlay declares of operations and secrets survives whatever a vendor does to names, verbs and paths,
//! or is asked for: nothing of it goes in silence.

use crate::workspace::Workspace;
use serde_json::{Value, json};
use xtask::{Outcome, update::Request};

const OVERLAY: &str = "specs/acme/overlay.yaml";

/// What these changes break, which is not the point here.
const ALLOWED: [&str; 4] = [
    "api-path-removed-without-deprecation",
    "api-removed-without-deprecation",
    "response-property-became-optional",
    "request-property-removed",
];

/// The small workspace, in which a message costs money and is not sent twice, and a ping's answer holds a token.
fn guarded() -> Workspace {
    let workspace = Workspace::small();
    let mut overlay: Value = serde_yaml::from_str(&workspace.read(OVERLAY)).unwrap();
    let more = json!([
        {
            "target": "$.paths['/chats/messages'].post",
            "description": "Each message is paid for.",
            "x-source": "the price list",
            "update": {"x-conversations": {"idempotent": false, "billable": true}},
        },
        {
            "target": "$.components.schemas.Message.properties.text",
            "description": "What visitors write is nobody's business.",
            "x-source": "ours",
            "update": {"x-conversations": {"secret": true}},
        },
    ]);
    overlay["actions"].as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    workspace.write(OVERLAY, &serde_yaml::to_string(&overlay).unwrap());
    workspace
}

/// What a vendor does to a document.
type Change = fn(&mut Value);

fn moved(document: &mut Value, from: &str, to: &str) {
    let taken =
        |node: &mut Value, key: &str| node.as_object_mut().unwrap().shift_remove(key).unwrap();
    let (holder, old) = from.rsplit_once('|').unwrap();
    let (place, new) = to.rsplit_once('|').unwrap();
    let at = |path: &str| {
        path.split('|').fold(String::new(), |it, key| format!("{it}/{}", key.replace('/', "~1")))
    };
    let value = taken(document.pointer_mut(&at(holder)).unwrap(), old);
    document.pointer_mut(&at(place)).unwrap()[new] = value;
}

/// What a vendor does, and whether a machine can follow it: then the declarations hold, else it asks.
#[test]
fn no_declaration_goes_in_silence() {
    let cases: [(&str, Change, bool); 9] = [
        (
            "the path has another name",
            |it| moved(it, "paths|/chats/messages", "paths|/chats/texts"),
            true,
        ),
        (
            "the whole is elsewhere",
            |it| {
                let paths = it["paths"].as_object().unwrap();
                let paths = paths.iter().map(|(path, item)| (format!("/v2{path}"), item.clone()));
                it["paths"] = Value::Object(paths.collect());
            },
            true,
        ),
        (
            "the verb is another",
            |it| moved(it, "paths|/chats/messages|post", "paths|/chats/messages|put"),
            true,
        ),
        (
            "names changed hands",
            |it| {
                it["paths"]["/chats/messages"]["post"]["operationId"] = json!("setOnline");
                it["paths"]["/chats/ping"]["post"]["operationId"] = json!("sendMessage");
            },
            true,
        ),
        (
            "the schema has another name",
            |it| {
                let text = it.to_string().replace("schemas/Message\"", "schemas/Note\"");
                *it = serde_json::from_str(&text).unwrap();
                moved(it, "components|schemas|Message", "components|schemas|Note");
            },
            true,
        ),
        (
            "the schema is written out",
            |it| {
                let schema = it["components"]["schemas"]["Message"].clone();
                let here =
                    "/paths/~1chats~1messages/post/responses/200/content/application~1json/schema";
                *it.pointer_mut(here).unwrap() = schema;
            },
            true,
        ),
        (
            "the secret has another name",
            |it| {
                moved(
                    it,
                    "components|schemas|Message|properties|text",
                    "components|schemas|Message|properties|words",
                );
            },
            false,
        ),
        (
            "the secret is in a part",
            |it| {
                it["components"]["schemas"]["Words"] = json!({"type": "object", "properties": {}});
                moved(
                    it,
                    "components|schemas|Message|properties|text",
                    "components|schemas|Words|properties|text",
                );
                let rest = it["components"]["schemas"]["Message"].clone();
                it["components"]["schemas"]["Message"] =
                    json!({"allOf": [{"$ref": "#/components/schemas/Words"}, rest]});
            },
            true,
        ),
        (
            "both path and name are others",
            |it| {
                it["paths"]["/chats/messages"]["post"]["operationId"] = json!("write");
                moved(it, "paths|/chats/messages", "paths|/chats/texts");
            },
            // Nothing says that it is the same: it went with all that was said of it, and a new one came.
            true,
        ),
    ];
    for (what, change, follows) in cases {
        let workspace = guarded();
        let mut document: Value =
            serde_yaml::from_str(&workspace.read("specs/acme/openapi.yaml")).unwrap();
        change(&mut document);
        let file = workspace.beside("next.json", &document.to_string());
        let request = Request {
            from: Some(file),
            accept: true,
            apply_edits: true,
            allow_breaking: ALLOWED.map(str::to_owned).to_vec(),
            ..Request::default()
        };
        let answer = workspace.update(&["acme"], &request);
        if !follows {
            assert_eq!(answer.outcome, Ok(Outcome::Stale), "{what}: {}", answer.out);
            assert!(answer.out.contains("secret"), "{what}: {}", answer.out);
            continue;
        }
        assert_eq!(answer.outcome, Ok(Outcome::Fine), "{what}: {}", answer.out);
        let page = workspace.read("tests/it/snapshots/it__surface__acme.snap");
        assert!(workspace.read(OVERLAY).contains("secret: true"), "{what}");
        let operation = page.split("\n\n").find(|it| it.starts_with("send_message "));
        match operation {
            Some(operation) => {
                assert!(operation.contains("billable"), "{what}: {operation}");
                let repeats = operation.contains(" PUT ") && !operation.contains("not idempotent");
                assert!(!repeats && !operation.contains("    idempotent"), "{what}: {operation}");
            }
            None => {
                assert!(answer.out.contains("gone: POST /chats/messages"), "{what}: {}", answer.out)
            }
        }
    }
}

/// What moves away and back again leaves our own files as they were, with no second copy of an action and nothing to decide.
#[test]
fn what_moves_back_leaves_nothing_behind() {
    let cases: [(&str, Change); 5] = [
        ("schemas that are written out", |it| {
            let schemas = it["components"]["schemas"].take();
            for name in ["Message", "SendMessage"] {
                let reference = json!({"$ref": format!("#/components/schemas/{name}")});
                let text =
                    it.to_string().replace(&reference.to_string(), &schemas[name].to_string());
                *it = serde_json::from_str(&text).unwrap();
            }
            let mut schemas = schemas;
            schemas.as_object_mut().unwrap().retain(|name, _| !name.ends_with("Message"));
            it["components"]["schemas"] = schemas;
        }),
        ("a placeholder of another name", |it| {
            let text = it["paths"].to_string().replace("messageId", "id");
            it["paths"] = serde_json::from_str(&text).unwrap();
        }),
        ("the whole", |it| {
            let paths = it["paths"].as_object().unwrap();
            let paths = paths.iter().map(|(path, item)| (format!("/v2{path}"), item.clone()));
            it["paths"] = Value::Object(paths.collect());
        }),
        ("one of several operations that an action names", |it| {
            moved(it, "paths|/chats/messages|post", "paths|/chats/messages|patch")
        }),
        ("one of several schemas that an action names", |it| {
            let schema = it["components"]["schemas"]["Message"].clone();
            it["components"]["schemas"]["Message"] = json!({"allOf": [schema]});
        }),
    ];
    for (what, change) in cases {
        let workspace = Workspace::small();
        let actions = "  - target: $.paths['/chats/messages', '/chats/ping'].post
    description: Both cost nothing.
    x-source: the price list
    update: { x-conversations: { billable: false } }
  - target: $.components.schemas['Message', 'SendMessage'].properties.text
    description: What it says, in any language.
    x-source: ours
    update: { description: 'What it says, in any language.' }
  - target: $.components.schemas['Message', 'SendMessage'].properties.text.maxLength
    description: Nothing is too long.
    x-source: ours
    remove: true
";
        workspace.write(OVERLAY, &format!("{}{actions}", workspace.read(OVERLAY)));
        let openapi = workspace.read("specs/acme/openapi.yaml");
        let openapi =
            openapi.replace("text: { type: string,", "text: { type: string, maxLength: 9,");
        workspace.write("specs/acme/openapi.yaml", &openapi);
        let files = || {
            [OVERLAY, "specs/acme/sdk.yaml", "specs/acme/provider.yaml"]
                .map(|it| serde_yaml::from_str::<Value>(&workspace.read(it)).unwrap())
        };
        let before = files();
        let mut document: Value = serde_yaml::from_str(&openapi).unwrap();
        change(&mut document);
        for (name, text) in [("next.json", document.to_string()), ("back.yaml", openapi)] {
            let from = Some(workspace.beside(name, &text));
            let request = Request { from, apply_edits: true, ..Request::default() };
            let answer = workspace.update(&["acme"], &request);
            assert_eq!(answer.outcome, Ok(Outcome::Fine), "{what}: {}", answer.out);
        }
        assert_eq!(files(), before, "{what}");
    }
}
