//! A line broken in a provider's folder: the build says which one, why it cannot stand, and what to write.

use conversations_codegen::{generate, load::Sources};
use conversations_document::{Faults, load::Text};

/// The text of one file.
fn text<'a>(sources: &'a mut Sources, file: &str) -> &'a mut String {
    match file {
        "provider.yaml" => &mut sources.provider.text,
        "openapi.yaml" => &mut sources.openapi.text,
        "overlay.yaml" => &mut sources.overlay.as_mut().expect("an overlay").text,
        "sdk.yaml" => &mut sources.sdk.as_mut().expect("an SDK list").text,
        other => panic!("no folder has a {other}"),
    }
}

/// Replaces the first place of a text in one file of the folder, and builds.
fn broken(file: &str, from: &str, to: &str) -> Faults {
    let mut sources = small();
    let text = text(&mut sources, file);
    assert!(text.contains(from), "{file} holds no {from:?}");
    *text = text.replacen(from, to, 1);
    built(&sources)
}

/// Builds a document without an overlay or an SDK's list.
fn alone(document: &str) -> Faults {
    let mut sources = Sources { overlay: None, sdk: None, ..small() };
    *text(&mut sources, "openapi.yaml") = document.to_owned();
    built(&sources)
}

fn built(sources: &Sources) -> Faults {
    match generate(sources) {
        Ok(_) => panic!("the build succeeds"),
        Err(faults) => faults,
    }
}

const OPERATION: &str = "openapi: 3.1.0\ninfo: { title: x, version: '1' }\ncomponents: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key } } }\npaths:\n  /messages/x:\n    get:\n      operationId: x\n      responses:\n        '200':\n          description: x\n";

/// Every kind of break, with the place that the message must name.
#[test]
fn every_break_is_located() {
    let bomb = "openapi: 3.1.0\ninfo: { title: x, version: '1' }\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]\npaths: {}\n";
    let schema = |reference: &str| {
        format!(
            "{OPERATION}          content: {{ application/json: {{ schema: {{ $ref: '{reference}' }} }} }}\n"
        )
    };
    let deep = format!("openapi: 3.1.0\nx: {}{}\n", "[".repeat(500), "]".repeat(500));
    let cases: Vec<(&str, Faults, &str, &[&str])> = vec![
        (
            "a target without a match",
            broken("overlay.yaml", "target: $.", "target: $.nowhere."),
            "overlay.yaml",
            &["match"],
        ),
        (
            "a name that is not the folder's",
            broken("provider.yaml", "provider: acme", "provider: amce"),
            "provider.yaml",
            &["`amce`", "`acme`", "provider: acme"],
        ),
        (
            "a target that is no JSONPath",
            broken("overlay.yaml", "target: $.", "target: $..["),
            "overlay.yaml",
            &[],
        ),
        (
            "an action without a reason",
            broken("overlay.yaml", "    description: ", "    x-note: "),
            "overlay.yaml",
            &["description"],
        ),
        (
            "an unknown behaviour",
            broken("overlay.yaml", "idempotent: true", "idempotant: true"),
            "overlay.yaml",
            &["idempotant", "idempotent"],
        ),
        (
            "a behaviour of a wrong type",
            broken("overlay.yaml", "idempotent: true", "idempotent: often"),
            "overlay.yaml",
            &["idempotent"],
        ),
        (
            "an unknown setting",
            broken("provider.yaml", "rate_limit:", "rate_limits:"),
            "provider.yaml",
            &["rate_limits", "rate_limit"],
        ),
        (
            "an unknown unit",
            broken("provider.yaml", "unit: seconds-left", "unit: seconds"),
            "provider.yaml",
            &["seconds-left"],
        ),
        (
            "a code that gives no constant its name",
            broken("provider.yaml", "code: gone", "code: '17'"),
            "provider.yaml",
            &["`17`", "`name`"],
        ),
        (
            "a name that cannot name a constant",
            broken("provider.yaml", "code: gone", "code: gone, name: GoneAway"),
            "provider.yaml",
            &["`gone_away`"],
        ),
        (
            "a code twice",
            broken(
                "provider.yaml",
                "[{ code: gone,",
                "[{ code: gone, meaning: m, source: s }, { code: gone,",
            ),
            "provider.yaml",
            &["taken by an entry before"],
        ),
        (
            "a code without a meaning",
            broken("provider.yaml", "meaning: It is not there any more.", "meaning: ' '"),
            "provider.yaml",
            &["meaning"],
        ),
        (
            "a code without a source",
            broken("provider.yaml", ", source: the page of errors", ""),
            "provider.yaml",
            &["source"],
        ),
        (
            "a code that comes with no status",
            broken("provider.yaml", "code: gone", "code: gone, status: 7"),
            "provider.yaml",
            &["status"],
        ),
        (
            "codes without a place",
            broken("provider.yaml", "code: [/code]", "code: []"),
            "provider.yaml",
            &["error_codes"],
        ),
        (
            "a refusal by a code that is not declared",
            broken("provider.yaml", "codes: []", "codes: [absent]"),
            "provider.yaml",
            &["`absent`", "`gone`"],
        ),
        (
            "a refusal by a status of success",
            broken("provider.yaml", "statuses: [403]", "statuses: [204]"),
            "provider.yaml",
            &["400 to 499"],
        ),
        (
            "a status of both refusals",
            broken("provider.yaml", "statuses: [403]", "statuses: [401, 403]"),
            "provider.yaml",
            &["unauthorized"],
        ),
        (
            "a refusal without statuses",
            broken("provider.yaml", "statuses: [403], ", ""),
            "provider.yaml",
            &["statuses"],
        ),
        (
            "a scheme that the document lacks",
            broken("provider.yaml", "scheme: key", "scheme: keys"),
            "provider.yaml",
            &["`key`"],
        ),
        (
            "an SDK path that the document lacks",
            broken("sdk.yaml", "path: /messages/", "path: /message/"),
            "sdk.yaml",
            &["/messages/{id}"],
        ),
        (
            "an SDK verb that the document lacks",
            broken("sdk.yaml", "method: DELETE", "method: PATCH"),
            "sdk.yaml",
            &["PATCH"],
        ),
        (
            "a decision that settles nothing",
            broken("sdk.yaml", "about: path-parameter-name", "about: parameter-name"),
            "sdk.yaml",
            &[],
        ),
        (
            "a decision about an unknown kind",
            broken("sdk.yaml", "about: path-parameter-name", "about: path-name"),
            "sdk.yaml",
            &["path-parameter-name"],
        ),
        (
            "a divergence without a decision",
            broken("sdk.yaml", "returns: null", "returns: Ping"),
            "sdk.yaml",
            &["Ping", "decisions:", "reason:"],
        ),
        (
            "a decision without a reason",
            broken("sdk.yaml", "    reason: ", "    because: "),
            "sdk.yaml",
            &["because", "reason"],
        ),
        (
            "a reference out of the folder",
            alone(&schema("../other.yaml#/A")),
            "openapi.yaml",
            &["../other.yaml"],
        ),
        (
            "a reference to a network",
            alone(&schema("http://example.com/a.yaml#/A")),
            "openapi.yaml",
            &["example.com"],
        ),
        ("an alias bomb", alone(bomb), "openapi.yaml", &["alias"]),
        ("a nesting without end", alone(&deep), "openapi.yaml", &["deep"]),
        ("broken YAML", broken("openapi.yaml", "paths:", "paths: ]"), "openapi.yaml", &[]),
        (
            "a key twice",
            broken("openapi.yaml", "paths:", "info: {}\npaths:"),
            "openapi.yaml",
            &["info"],
        ),
        ("no OpenAPI document", alone("hello: world\n"), "openapi.yaml", &["openapi"]),
        ("an empty file", alone("\n"), "openapi.yaml", &["empty"]),
        (
            "an unknown version",
            broken("openapi.yaml", "openapi: 3.1.0", "openapi: 4.0.0"),
            "openapi.yaml",
            &["3.1"],
        ),
    ];
    for (what, faults, file, words) in &cases {
        for fault in &faults.0 {
            let shown = fault.to_string();
            assert!(fault.file.starts_with("specs/acme/"), "{what}: {shown}");
            assert!(!fault.code.to_string().is_empty(), "{what}: {shown}");
        }
        let all = faults.to_string();
        let hit = faults.0.iter().find(|it| it.file.ends_with(file));
        let hit = hit.unwrap_or_else(|| panic!("{what}: {file} is not named\n{all}"));
        let lineless = ["an empty file", "a scheme that the document lacks"];
        assert!(
            hit.line.is_some() || lineless.contains(what),
            "{what}: no line
{all}"
        );
        for word in *words {
            assert!(all.contains(word), "{what}: `{word}` is not said\n{all}");
        }
    }
    println!("{} breaks, each located", cases.len());
}

/// The smallest folder in which all can go wrong.
fn small() -> Sources {
    let text = |file: &str, lines: &[&str]| Text {
        file: format!("specs/acme/{file}"),
        text: lines.iter().map(|it| format!("{it}\n")).collect(),
    };
    Sources {
        provider: text(
            "provider.yaml",
            &[
                "provider: acme",
                "title: Acme",
                "summary: Conversations of Acme",
                "documentation: https://acme.example",
                "source: { url: null, note: written by hand }",
                "servers: [{ url: 'https://api.acme.example', description: Production }]",
                "auth: [{ method: api_key, scheme: key, credential: key }]",
                "error: { code: [/code], message: [/message], forbidden: { statuses: [403], codes: [] } }",
                "error_codes: [{ code: gone, meaning: It is not there any more., source: the page of errors }]",
                "rate_limit:",
                "  { limit: X-Limit, remaining: X-Left, reset: { header: X-Reset, unit: seconds-left } }",
            ],
        ),
        openapi: text(
            "openapi.yaml",
            &[
                "openapi: 3.1.0",
                "info: { title: Acme, version: '1' }",
                "paths:",
                "  /messages/{id}:",
                "    delete:",
                "      operationId: delete_message",
                "      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]",
                "      responses:",
                "        '204': { description: gone }",
                "        '404':",
                "          description: unknown",
                "          content:",
                "            application/json:",
                "              schema: { type: object, properties: { code: { type: string }, message: { type: string } } }",
                "components:",
                "  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }",
                "security: [{ key: [] }]",
            ],
        ),
        overlay: Some(text(
            "overlay.yaml",
            &[
                "overlay: 1.1.0",
                "info: { title: Acme as it is, version: '1' }",
                "extends: openapi.yaml",
                "actions:",
                "  - target: $.paths['/messages/{id}'].delete",
                "    description: A second deletion finds nothing and does no harm.",
                "    x-source: tried",
                "    update: { x-conversations: { idempotent: true } }",
            ],
        )),
        sdk: Some(text(
            "sdk.yaml",
            &[
                "sdk: { name: acme, language: rust, generator: x, documented_at: x, api_version: '1' }",
                "operations:",
                "  - name: delete_message",
                "    method: DELETE",
                "    path: /messages/{message_id}",
                "    parameters: [{ name: message_id, in: path, type: String, required: true }]",
                "    returns: null",
                "    content_type: null",
                "    accept: application/json",
                "    auth: [key]",
                "decisions:",
                "  - about: path-parameter-name",
                "    operations: [delete_message]",
                "    take: document",
                "    reason: It never reaches the wire.",
                "    source: none",
                "  - about: success-status",
                "    operations: [delete_message]",
                "    take: document",
                "    reason: The list names no status.",
                "    source: none",
            ],
        )),
    }
}

/// What a maintainer reads.
#[test]
fn messages_say_what_to_write() {
    let whole = generate(&small());
    assert!(whole.is_ok(), "{}", whole.err().map(|it| it.to_string()).unwrap_or_default());
    let breaks = [
        ("openapi.yaml", "{ type: string }", "{ type: strnig }"),
        ("openapi.yaml", "{ type: string }", "{ $ref: '#/components/schemas/Id' }"),
        ("openapi.yaml", "[{ key: [] }]", "[{ kye: [] }]"),
        ("openapi.yaml", "paths:", "\tpaths:"),
        ("openapi.yaml", "openapi: 3.1.0", "openapi: '3.1.0"),
        ("openapi.yaml", "    delete:", "    summary: one: two\n    delete:"),
        ("openapi.yaml", "openapi: 3.1.0", "openapi: \"3.1.0"),
        ("openapi.yaml", "    delete:", "    summary: @acme\n    delete:"),
        ("openapi.yaml", "      operationId:", "     operationId:"),
        ("openapi.yaml", "paths:", "paths: ]"),
        ("openapi.yaml", "openapi: 3.1.0", "{\"openapi\": \"3.1.0\",}\n"),
        ("overlay.yaml", "].delete", "].patch"),
        ("overlay.yaml", "idempotent", "idempotant"),
        ("provider.yaml", "summary", "summery"),
        ("provider.yaml", "servers:", "select: { paths: [/message/**], tags: [] }\nservers:"),
        ("provider.yaml", "message: [/message]", "message: [/mesage]"),
        ("sdk.yaml", "path: /messages", "path: /message"),
        ("sdk.yaml", "returns: null", "returns: Gone"),
        ("sdk.yaml", "about: path-parameter-name", "about: parameter-name"),
    ];
    let mut page = String::new();
    for (file, from, to) in breaks {
        let mut sources = small();
        let text = text(&mut sources, file);
        *text = text.replacen(from, to, 1);
        page.push_str(&format!("## {file}: {from} ▶ {to}\n{}\n\n", built(&sources)));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("messages", page));
}

/// Every line of `provider.yaml` that is wrong is named, whatever is wrong with the others.
#[test]
fn faults_of_a_file_come_together() {
    let mut sources = small();
    let provider = text(&mut sources, "provider.yaml");
    for (from, to) in [
        ("title: Acme", "tilte: Acme"),
        ("summary: Conversations of Acme", "summary: [Conversations]"),
        ("source: { url: null", "source: { uri: null"),
        ("https://api.acme.example", "http://api.acme.example"),
        ("credential: key", "credential: kee"),
        ("code: gone", "code: '17'"),
        ("unit: seconds-left", "unit: seconds"),
    ] {
        assert!(provider.contains(from), "{from}");
        *provider = provider.replacen(from, to, 1);
    }
    let faults = built(&sources);
    let found: Vec<String> =
        faults.0.iter().map(|it| format!("{}: {}", it.pointer, it.code)).collect();
    for expected in [
        "/tilte: the key `tilte` is unknown here",
        "/summary: `summary` is a list, not a text",
        "/source/uri: the key `uri` is unknown here",
        "/servers/0/url: a server is reached by https",
        "/auth/0/credential: the value `kee` is unknown here",
        "/error_codes/0/code: `17` is not a Rust name",
        "/rate_limit/reset/unit: the value `seconds` is unknown here",
    ] {
        assert!(found.iter().any(|it| it.starts_with(expected)), "{expected}\n{found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

/// All faults of a folder come at once.
#[test]
fn faults_come_together() {
    let mut sources = small();
    let provider = text(&mut sources, "provider.yaml");
    *provider = provider.replacen("rate_limit:", "rate_limits:", 1);
    let overlay = text(&mut sources, "overlay.yaml");
    *overlay = overlay.replacen("  - target:", "  - targets:", 1);
    let sdk = text(&mut sources, "sdk.yaml");
    *sdk = sdk.replacen("about:", "concerning:", 1);
    let faults = built(&sources).to_string();
    for file in ["provider.yaml:", "overlay.yaml:", "sdk.yaml:"] {
        assert!(faults.contains(file), "{file} is missing\n{faults}");
    }
}
