//! `x-conversations`: what is read, and what is refused where.

use conversations_codegen::extension;
use conversations_document::{Document, load};

const OPERATION: &str = "/paths/~1a~1{id}/get";

/// A document with the extension of its one GET.
fn document(on_operation: &str, on_schema: &str) -> Document {
    loaded(&text(on_operation, on_schema))
}

fn loaded(text: &str) -> Document {
    load::openapi("d.yaml", text).unwrap_or_else(|it| panic!("{text}\n{it}"))
}

fn text(on_operation: &str, on_schema: &str) -> String {
    format!(
        "
openapi: 3.1.0
paths:
  /a/{{id}}:
    parameters:
    - {{ name: id, in: path, required: true, schema: {{ type: string }} }}
    get:
      parameters:
      - {{ $ref: '#/components/parameters/Limit' }}
      - {{ name: before, in: query, schema: {{ type: number }} }}
      requestBody: {{ content: {{ application/json: {{ schema: {{ properties: {{ key: {{ type: string }} }} }} }} }} }}
      responses:
        '200': {{ $ref: '#/components/responses/Page' }}
      {on_operation}
components:
  parameters:
    Limit: {{ name: limit, in: query, schema: {{ type: integer }} }}
  responses:
    Page: {{ description: d, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Page' }} }} }} }}
  schemas:
    Page:
      allOf:
      - properties: {{ total: {{ type: integer }}, items: {{ type: array, items: {{ $ref: '#/components/schemas/Item' }} }} }}
      - properties: {{ more: {{ type: boolean }} }}
    Item:
      type: object
      properties:
        id:
          type: string
          {on_schema}
        at: {{ type: number }}
"
    )
}

#[test]
fn defaults_go_by_the_verb() {
    let text = "{openapi: 3.1.0, paths: {/a: {get: {}, put: {}, post: {}, patch: {}, delete: {}}}}";
    let document = load::openapi("d.yaml", text).unwrap();
    let cases = [
        ("get", true, false),
        ("put", true, true),
        ("delete", true, true),
        ("post", false, true),
        ("patch", false, true),
    ];
    for (verb, idempotent, changes) in cases {
        let it = extension::operation(&document, &format!("/paths/~1a/{verb}")).unwrap();
        assert_eq!((it.idempotent, it.changes_state, it.billable), (idempotent, changes, false));
    }
}

#[test]
fn everything_that_is_right_is_read() {
    let on_operation = "x-conversations:
        idempotent: false
        billable: true
        changes_state: true
        idempotency_key: { in: body, name: key, format: uuid-v4, verified: true }
        paging: { style: cursor, items: /items, next: { parameter: before, from: /at, of: first, overlap: true }, more: /more, exclusive_with: [limit], absent: [missing, null-value, empty-object, no-content] }
        keep_alive: { period_seconds: 60, lapses_seconds: 120 }
        follow: { items: /items, id: /id, cursor: { parameter: id, from: /id, of: last, inclusive: true }, poll_seconds: 5, absent: [missing], not_yet: [{ status: 404, code: none }] }
        success_flag: { pointer: /more, failed_when: false }
        empty_answer: true";
    let on_schema =
        "x-conversations: { timestamp: true, aliases: [ID], secret: true, name: identity }";
    let document = document(on_operation, on_schema);
    let faults = extension::validate(&document);
    assert!(faults.is_empty(), "{faults:?}");
    let operation = extension::operation(&document, OPERATION).unwrap();
    assert!(!operation.idempotent && operation.billable && operation.changes_state);
    let schema = extension::schema(&document, "/components/schemas/Item/properties/id").unwrap();
    assert_eq!(schema.name.as_deref(), Some("identity"));
    assert!(schema.timestamp && schema.secret);
    let none = extension::schema(&document, "/components/schemas/Item").unwrap();
    assert_eq!(none, extension::SchemaExtension::default());
}

#[test]
fn everything_that_is_wrong_is_refused_in_its_line() {
    let on_operation = [
        "x-conversations: { idempotnt: true }",
        "x-conversations: { billable: 'yes' }",
        "x-conversations: true",
        "x-conversations-paging: {}",
        "x-conversation: {}\n      x-conversationss: {}",
        "x-conversations: { timestamp: true }",
        "x-conversations: { idempotency_key: { in: body, name: kee, format: uuid-v4, verified: true } }",
        "x-conversations: { idempotency_key: { in: header, name: X-Key, format: uuid-v5, verified: true } }",
        "x-conversations: { idempotency_key: { in: header, name: X-Key, format: uuid-v4, verified: true } }",
        "x-conversations: { paging: { style: keyset, items: /items } }",
        "x-conversations: { paging: { style: offset, offset: _offset, limit: limit, items: /total, max: 0 } }",
        "x-conversations: { paging: { style: offset, offset: before, limit: limit, items: items } }",
        "x-conversations: { paging: { style: cursor, items: /itms, next: { parameter: id, from: /at, of: first } } }",
        "x-conversations: { paging: { style: cursor, items: /items, next: { parameter: before, from: /when, of: middle } } }",
        "x-conversations: { paging: { style: cursor, items: /items, next: { parameter: before, from: /when, of: last } } }",
        "x-conversations: { keep_alive: { period_seconds: 60, lapses_seconds: 60 } }",
        "x-conversations: { follow: { items: /items, id: /_id, poll_seconds: 0 } }",
        "x-conversations: { follow: { items: /items, id: /id, poll_seconds: 5, absent: [empty], not_yet: [] } }",
        "x-conversations: { follow: { items: /items, id: /id, poll_seconds: 5, not_yet: [{ status: 404 }] } }",
        "x-conversations: { follow: { items: /items, id: /id, poll_seconds: 5, not_yet: [{ status: 503, code: '' }] } }",
        "x-conversations: { success_flag: { pointer: /success, failed_when: false } }",
        "x-conversations: { paging: { items: /items } }",
        "x-conversations: { paging: { style: page, page: limit } }",
        "x-conversations: { paging: { style: page, page: limit, items: /items, offset: before } }",
        "x-conversations: { paging: { style: token, parameter: limit, items: /items } }",
        "x-conversations: { paging: { style: link, from: /more, header: Link, items: /items } }",
    ];
    let on_schema = [
        "x-conversations: { secrets: true }",
        "x-conversations: { billable: true }",
        "x-conversations: { aliases: [id, ID, ID] }",
        "x-conversations: { accept: [empty-object] }",
        "x-conversations: { accept: [null-object] }",
        "x-conversations: { name: HTTPId }",
    ];
    let cases = on_operation.iter().map(|it| (*it, document(it, "")));
    let cases = cases.chain(on_schema.iter().map(|it| (*it, document("", it))));
    let all: Vec<String> = cases
        .map(|(case, document)| {
            let faults = extension::validate(&document);
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!(
                "{case}\n{}",
                if faults.is_empty() { "nothing".to_owned() } else { faults.join("\n") }
            )
        })
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

/// A vendor may no longer say what a list looks like; the declaration is what cannot stand then.
#[test]
fn lists_need_an_answer_with_content() {
    let declared = "x-conversations: { paging: { style: page, page: limit, items: /items }, follow: { items: /items, id: /id, poll_seconds: 5 } }";
    let text = text(declared, "");
    let (before, content) = text.split_once("{ description: d, ").expect("the answer");
    let (_, after) = content.split_once('\n').expect("a line");
    let faults = extension::validate(&loaded(&format!("{before}{{ description: d }}\n{after}")));
    let faults: Vec<String> = faults.iter().map(|it| format!("{it}")).collect();
    assert!(
        faults.len() == 2
            && faults[0].contains("/get/x-conversations/paging/items: ")
            && faults[1].contains("/get/x-conversations/follow/items: "),
        "{faults:#?}"
    );
}

#[test]
fn a_secret_has_an_effect_or_is_refused() {
    let secret = "x-conversations: { secret: true }";
    let key = format!("{{ type: string, {secret} }}");
    let list = format!("{{ type: array, items: {key} }}");
    let object = "{ properties: { a: { $ref: '#/components/schemas/S' } } }";
    let direct = "{ $ref: '#/components/schemas/S' }";
    // The schemas called `S` and `T`, that of the answer, that of a parameter, and whether all is well.
    let cases = [
        (key.clone(), "{}", object.to_owned(), "{}", true),
        (list.clone(), "{}", object.to_owned(), "{}", true),
        (
            key.clone(),
            "{ type: array, items: { $ref: '#/components/schemas/S' } }",
            "{ properties: { a: { $ref: '#/components/schemas/T' } } }".to_owned(),
            "{}",
            true,
        ),
        (format!("{{ properties: {{ b: {{}} }}, {secret} }}"), "{}", direct.to_owned(), "{}", true),
        (format!("{{ properties: {{ b: {list} }} }}"), "{}", direct.to_owned(), "{}", true),
        ("{}".to_owned(), "{}", format!("{{ properties: {{ b: {key} }} }}"), "{}", true),
        // It refers to itself, and nothing prints it.
        (
            format!("{{ type: array, items: {direct}, {secret} }}"),
            "{}",
            object.to_owned(),
            "{}",
            true,
        ),
        (key.clone(), "{}", direct.to_owned(), "{}", false),
        (list.clone(), "{}", direct.to_owned(), "{}", false),
        (key.clone(), "{}", object.to_owned(), direct, false),
        (
            key.clone(),
            "{ type: array, items: { $ref: '#/components/schemas/S' } }",
            "{ $ref: '#/components/schemas/T' }".to_owned(),
            "{}",
            false,
        ),
        ("{}".to_owned(), "{}", key.clone(), "{}", false),
        ("{}".to_owned(), "{}", list.clone(), "{}", false),
        ("{}".to_owned(), "{}", "{}".to_owned(), &key, false),
    ];
    for (s, t, answer, parameter, fine) in cases {
        let text = format!(
            "
openapi: 3.1.0
paths:
  /a:
    get:
      parameters: [{{ name: q, in: query, schema: {parameter} }}]
      responses: {{ '200': {{ description: d, content: {{ application/json: {{ schema: {answer} }} }} }} }}
components: {{ schemas: {{ S: {s}, T: {t} }} }}
"
        );
        let document = load::openapi("d.yaml", &text).unwrap();
        let faults: Vec<_> =
            extension::validate(&document).iter().map(ToString::to_string).collect();
        assert_eq!(faults.is_empty(), fine, "{text}{faults:?}");
        assert!(fine || faults.concat().contains("keep this value from printing"), "{faults:?}");
    }
}

#[test]
fn nowhere_else() {
    let text = "
openapi: 3.1.0
x-conversations: {}
info: { x-conversations: {} }
paths:
  /a: { x-conversations: {}, get: { responses: { '200': { x-conversations: {}, content: { a/b: { example: { x-conversations: {} } } } } } } }
components:
  schemas:
    A: { properties: { x-conversations: { type: string } }, not: { x-conversations: { timestamp: yes } } }
";
    let document = load::openapi("d.yaml", text).unwrap();
    let faults: Vec<String> =
        extension::validate(&document).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"));
}
