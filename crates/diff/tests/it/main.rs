//! The rules by example. Each file in `tests/cases/` is a list of changes to a schema, an operation or a
//! document with the findings they must lead to; a case says where its two schemas stand, and is
//! tried at each of these places.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
// Tests read the cases that the comparison itself may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use conversations_diff::{Change, Comparison, Level, Place, Policy, Rule, Scope, Step};
use conversations_document::{Document, load};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Any day does for what has no dates, and the cases have theirs far away from it.
fn compare(base: &Document, revision: &Document) -> Comparison {
    conversations_diff::compare(base, revision, jiff::civil::date(2026, 1, 31))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    name: String,
    #[serde(rename = "where")]
    places: Vec<String>,
    #[serde(default)]
    openapi: Option<String>,
    #[serde(default)]
    media: Option<String>,
    #[serde(default)]
    components: Map<String, Value>,
    base: Value,
    revision: Value,
    expect: Vec<String>,
}

/// The tree of a YAML or JSON text.
fn parse(text: &str) -> Value {
    load::document("example.yaml", text).map(|it| it.root).unwrap()
}

fn document(file: &str, root: Value) -> Document {
    Document { file: file.into(), root, origins: BTreeMap::new() }
}

/// A document that holds `part` at `place`.
fn around(case: &Case, place: &str, part: &Value) -> Document {
    let media = case.media.as_deref().unwrap_or("application/json");
    let object = |required: bool| {
        let required = if required { vec!["p"] } else { Vec::new() };
        json!({ "type": "object", "properties": { "p": part }, "required": required })
    };
    let body = |schema: Value| json!({ "content": { media: { "schema": schema } } });
    let parameter = |location: &str, required: bool, schema: Value| json!({ "parameters": [{ "name": "q", "in": location, "required": required, "schema": schema }] });
    let response = |answer: Value| json!({ "responses": { "200": answer } });
    let operation = match place {
        "request" => json!({ "requestBody": body(part.clone()) }),
        "request-property" => json!({ "requestBody": body(object(false)) }),
        "response" => response(body(part.clone())),
        "response-property" => response(body(object(false))),
        "required-response-property" => response(body(object(true))),
        "header" => response(json!({ "headers": { "H": { "schema": part } } })),
        "parameter" => parameter("query", false, part.clone()),
        "required-parameter" => parameter("query", true, part.clone()),
        "parameter-property" => parameter("query", false, object(false)),
        "header-parameter" => parameter("header", false, part.clone()),
        "header-parameter-property" => parameter("header", false, object(false)),
        "operation" => part.clone(),
        "callback" => json!({ "callbacks": { "on": { "{$request.body#/url}": {
            "post": { "requestBody": body(part.clone()) },
        } } } }),
        "callback-reply" => json!({ "callbacks": { "on": { "{$request.body#/url}": {
            "post": response(body(part.clone())),
        } } } }),
        "webhook" => Value::Null,
        "document" => Value::Null,
        other => panic!("{}: there is no place `{other}`", case.name),
    };
    let mut root = json!({
        "openapi": case.openapi.as_deref().unwrap_or("3.0.3"),
        "info": { "title": "Example", "version": "1" },
        "paths": { "/example": { "post": operation } },
        "components": { "schemas": case.components },
    });
    if place == "webhook" {
        root["webhooks"] = json!({ "on": { "post": { "requestBody": body(part.clone()) } } });
    }
    if place == "document" {
        let over = part.as_object().cloned().unwrap_or_default();
        root["paths"] = json!({});
        root.as_object_mut().into_iter().for_each(|root| root.extend(over.clone()));
    }
    document("example.yaml", root)
}

fn findings(base: &Document, revision: &Document) -> Vec<String> {
    let report = compare(base, revision);
    let mut found: Vec<_> =
        report.changes.iter().map(|it| format!("{} {}", it.level().name(), it.rule)).collect();
    found.sort();
    found
}

/// All cases, file by file.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| -> Vec<Case> {
        let text = fs::read_to_string(path).unwrap();
        serde_json::from_value(parse(&text))
            .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    };
    files.iter().flat_map(|path| read(path)).collect()
}

#[test]
fn every_case_leads_to_its_findings() {
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let mut found = Vec::new();
        for place in &case.places {
            let (base, revision) =
                (around(case, place, &case.base), around(case, place, &case.revision));
            found.extend(findings(&base, &revision));
            let same = findings(&base, &around(case, place, &case.base));
            assert!(same.is_empty(), "{}: a document differs from itself: {same:?}", case.name);
        }
        found.sort();
        let mut expect = case.expect.clone();
        expect.sort();
        if found != expect {
            wrong.push(format!("{}\n  expected {expect:#?}\n  found {found:#?}", case.name));
        }
    }
    let count = cases.len();
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Schemas that allow the same values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spellings {
    name: String,
    openapi: Option<String>,
    media: Option<String>,
    #[serde(default)]
    components: Map<String, Value>,
    places: Option<Vec<String>>,
    spellings: Vec<Value>,
}

/// Two schemas, the second of which allows fewer values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Narrower {
    name: String,
    openapi: Option<String>,
    #[serde(default)]
    components: Map<String, Value>,
    wide: Value,
    narrow: Value,
    answer: Option<String>,
    /// What may not stand around it.
    #[serde(default)]
    except: Vec<String>,
}

/// The cases of one file beside the folder of rules.
fn listed<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    serde_json::from_value(parse(&fs::read_to_string(path).unwrap())).unwrap()
}

/// A case without expectations, to put a schema somewhere.
fn case(
    name: &str,
    openapi: Option<&String>,
    media: Option<&String>,
    components: &Map<String, Value>,
) -> Case {
    Case {
        name: name.to_owned(),
        places: Vec::new(),
        openapi: openapi.cloned(),
        media: media.cloned(),
        components: components.clone(),
        base: Value::Null,
        revision: Value::Null,
        expect: Vec::new(),
    }
}

fn worst(base: &Document, revision: &Document) -> Option<Level> {
    compare(base, revision).changes.iter().map(|it| it.level()).max()
}

#[test]
fn what_is_spelt_otherwise_is_no_change() {
    let mut wrong = Vec::new();
    for it in listed::<Spellings>("spellings.yaml") {
        let case = case(&it.name, it.openapi.as_ref(), it.media.as_ref(), &it.components);
        let all = ["request", "response", "response-property", "webhook", "callback-reply"];
        let places = it.places.unwrap_or_else(|| all.map(str::to_owned).to_vec());
        for place in places.iter().map(String::as_str) {
            for (at, base) in it.spellings.iter().enumerate() {
                for (to, revision) in it.spellings.iter().enumerate() {
                    let (base, revision) =
                        (around(&case, place, base), around(&case, place, revision));
                    if worst(&base, &revision) > Some(Level::Info) {
                        let found = findings(&base, &revision);
                        wrong.push(format!("{} in {place}, {at} to {to}: {found:?}", it.name));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What may stand around a schema without changing what its changes mean.
const AROUND: [&str; 7] =
    ["", "property", "items", "additional", "part", "alternative", "open alternative"];

fn surrounded(by: &str, schema: &Value) -> Value {
    let object = |p: &Value| json!({ "type": "object", "properties": { "p": p } });
    let kind = |name: &str, p: &Value| {
        json!({
            "type": "object", "required": ["kind"], "properties": { "kind": { "enum": [name] }, "p": p },
        })
    };
    match by {
        "property" => object(schema),
        "items" => json!({ "type": "array", "items": schema }),
        "additional" => json!({ "type": "object", "additionalProperties": schema }),
        "part" => {
            json!({ "allOf": [object(schema), { "properties": { "q": { "type": "string" } } }] })
        }
        "alternative" => {
            json!({ "oneOf": [kind("a", schema), kind("b", &json!({ "type": "string" }))] })
        }
        // The other one does not refuse `p`, and is about something else.
        "open alternative" => {
            json!({ "anyOf": [object(schema), { "type": "object", "properties": { "q": { "type": "string" } } }] })
        }
        _ => schema.clone(),
    }
}

#[test]
fn a_request_may_not_narrow_and_an_answer_not_widen() {
    let mut wrong = Vec::new();
    for (number, it) in listed::<Narrower>("narrower.yaml").into_iter().enumerate() {
        let case = case(&it.name, it.openapi.as_ref(), None, &it.components);
        let mut check =
            |place: &str, by: &str, back: bool, fits: &dyn Fn(Option<Level>) -> bool| {
                if it.except.iter().any(|it| it == by) {
                    return;
                }
                let (from, to) = if back { (&it.narrow, &it.wide) } else { (&it.wide, &it.narrow) };
                let at = |schema: &Value| around(&case, place, &surrounded(by, schema));
                let (base, revision) = (at(from), at(to));
                if !fits(worst(&base, &revision)) {
                    let found = findings(&base, &revision);
                    let way = if back { "back" } else { "there" };
                    wrong.push(format!("{} in {place} {by}, {way}: {found:?}", it.name));
                }
            };
        // The other places take turns with what stands around, since they are read by the same walk.
        let turns = |place: &str| match place {
            "request" | "response" => AROUND.to_vec(),
            _ => vec![AROUND[number % AROUND.len()], AROUND[(number + 3) % AROUND.len()]],
        };
        // Who sends a webhook receives its reply.
        for place in ["request", "request-property", "callback-reply"] {
            for around in turns(place) {
                check(place, around, false, &|it| it == Some(Level::Error));
                check(place, around, true, &|it| it.is_some() && it < Some(Level::Error));
            }
        }
        for place in ["response", "response-property", "webhook", "callback"] {
            for around in turns(place) {
                check(place, around, false, &|it| it.is_some() && it < Some(Level::Error));
                let level = it.answer.as_deref().unwrap_or("error");
                check(place, around, true, &|it| it.is_some_and(|it| it.name() == level));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Puts something odd into some nodes of a tree. The same seed does the same.
fn spoil(value: &mut Value, seed: &mut u64) {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    if (*seed >> 33).is_multiple_of(24) {
        *value = match (*seed >> 40) % 8 {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1.5),
            3 => json!("object"),
            4 => json!([]),
            5 => json!({}),
            6 => json!({ "$ref": "#/components/schemas/Named" }),
            _ => json!({ "$ref": "#/paths/~1example/post" }),
        };
    }
    match value {
        Value::Array(list) => list.iter_mut().for_each(|it| spoil(it, seed)),
        Value::Object(map) => map.values_mut().for_each(|it| spoil(it, seed)),
        _ => {}
    }
}

#[test]
fn no_spoilt_document_is_a_reason_to_stop() {
    let mut seed = 7;
    for case in cases() {
        for place in &case.places {
            for _ in 0..8 {
                let mut base = around(&case, place, &case.base);
                let mut revision = around(&case, place, &case.revision);
                spoil(&mut base.root, &mut seed);
                spoil(&mut revision.root, &mut seed);
                compare(&base, &revision);
            }
        }
    }
}

#[test]
fn the_operation_decides_how_early_an_end_is_announced() {
    let at = |deprecated: bool| {
        let property =
            json!({ "type": "string", "deprecated": deprecated, "x-stability-level": "draft" });
        let operation = |level: &str| {
            json!({ "post": {
                "x-stability-level": level,
                "parameters": [{ "name": "q", "in": "query", "deprecated": deprecated, "schema": {} }],
                "requestBody": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Sent" },
                } } },
            } })
        };
        let root = json!({
            "openapi": "3.0.3",
            "paths": { "/beta": operation("beta"), "/stable": operation("stable") },
            "components": { "schemas": {
                "Sent": { "type": "object", "properties": { "p": property } },
            } },
        });
        document("example.yaml", root)
    };
    let policy = Policy { notice_stable: 30, ..jiff::civil::date(2026, 1, 31).into() };
    let report = conversations_diff::compare(&at(false), &at(true), policy);
    let mut found: Vec<_> =
        report.changes.iter().map(|it| format!("{} {}", it.operation(), it.rule)).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "POST /beta request-parameter-deprecated",
            "POST /beta request-property-deprecated",
            "POST /stable request-parameter-deprecated-sunset-missing",
            "POST /stable request-property-deprecated-sunset-missing",
        ]
    );
}

/// A document with one operation that answers with `schema`.
fn answering(schema: &Value, components: &Value) -> Document {
    let content = json!({ "application/json": { "schema": schema } });
    let root = json!({
        "openapi": "3.0.3",
        "paths": { "/example": { "get": { "responses": { "200": { "content": content } } } } },
        "components": { "schemas": components },
    });
    document("example.yaml", root)
}

#[test]
fn a_circle_of_references_ends() {
    let list = |kind: &str| {
        json!({
            "Node": { "type": "object", "properties": {
                "value": { "type": kind },
                "next": { "$ref": "#/components/schemas/Node" },
                "others": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
                "either": { "oneOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "string" }] },
            } },
            "Self": { "$ref": "#/components/schemas/Self" },
        })
    };
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let (base, revision) = (answering(&node, &list("string")), answering(&node, &list("integer")));
    assert_eq!(findings(&base, &revision), ["error response-property-type-changed"]);
    let own = json!({ "$ref": "#/components/schemas/Self" });
    let (base, revision) = (answering(&own, &list("string")), answering(&own, &list("integer")));
    assert_eq!(findings(&base, &revision), [""; 0]);
}

#[test]
fn a_change_behind_a_circle_is_seen_from_every_operation() {
    // Whichever of the two is reached first, the change stands below the other as well.
    let components = |kind: &str| {
        json!({
            "A": { "properties": { "b": { "$ref": "#/components/schemas/B" } } },
            "B": { "properties": { "a": { "$ref": "#/components/schemas/A" }, "c": { "type": kind } } },
        })
    };
    let root = |kind: &str| {
        let answer = |name: &str| {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            json!({ "responses": { "200": { "content": { "application/json": { "schema": schema } } } } })
        };
        document(
            "example.yaml",
            json!({
                "openapi": "3.0.3",
                "paths": { "/a": { "get": answer("A") }, "/b": { "get": answer("B") } },
                "components": { "schemas": components(kind) },
            }),
        )
    };
    let report = compare(&root("string"), &root("integer"));
    let operations: Vec<_> = report.changes.iter().flat_map(|it| it.operations()).collect();
    assert_eq!(operations, ["GET /a", "GET /b"]);
}

/// However many operations reach a schema, and however many schemas an operation, what changed is found once.
#[test]
fn a_change_is_found_once_with_all_that_it_reaches() {
    let root = |count: usize, kind: &str| {
        let schema = |at: usize| json!({ "$ref": format!("#/components/schemas/S{at}") });
        let next = |at: usize| json!({ "properties": { "a": { "type": kind }, "next": schema((at + 1) % count) } });
        let named: Map<String, Value> = (0..count).map(|at| (format!("S{at}"), next(at))).collect();
        let answer = |at: usize| json!({ "get": { "responses": { "200": { "content": { "application/json": { "schema": schema(at) } } } } } });
        let paths: Map<String, Value> =
            (0..count).map(|at| (format!("/{at}"), answer(at))).collect();
        document(
            "ring.yaml",
            json!({ "openapi": "3.0.3", "paths": paths, "components": { "schemas": named } }),
        )
    };
    for count in [2, 20, 40] {
        let report = compare(&root(count, "string"), &root(count, "integer"));
        assert_eq!(report.changes.len(), count);
        for change in &report.changes {
            assert_eq!(change.operations().count(), count, "{}", change.text());
        }
    }
}

/// A number below `count`. The same seed does the same.
fn random(seed: &mut u64, count: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % count
}

/// Any schema, no more than `depth` levels deep, which may refer to one of the components `S0` to `S2`.
fn any_schema(seed: &mut u64, depth: u64) -> Value {
    let kind = if depth == 0 { 0 } else { random(seed, 10) };
    let below = |seed: &mut u64| any_schema(seed, depth - 1);
    match kind {
        0..=2 => match random(seed, 9) {
            0 => json!({ "type": "string" }),
            1 => json!({ "type": "string", "maxLength": 5 }),
            2 => json!({ "type": "integer" }),
            3 => json!({ "type": "integer", "minimum": 1 }),
            4 => json!({ "type": "string", "enum": ["a", "b"] }),
            5 => json!({ "type": "string", "nullable": true }),
            at => json!({ "$ref": format!("#/components/schemas/S{}", at - 6) }),
        },
        3 | 4 => json!({ "type": "array", "items": below(seed) }),
        5 => {
            let key = ["anyOf", "allOf", "oneOf"][usize::try_from(random(seed, 3)).unwrap()];
            let parts: Vec<_> = (0..=random(seed, 2)).map(|_| below(seed)).collect();
            json!({ key: parts })
        }
        _ => {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for name in ["x", "y", "z"].iter().take(1 + usize::try_from(random(seed, 3)).unwrap()) {
                properties.insert((*name).to_owned(), below(seed));
                required.extend((random(seed, 5) < 2).then_some(*name));
            }
            json!({ "type": "object", "properties": properties, "required": required })
        }
    }
}

/// Whatever other operations meet a change of a shared schema, at whatever places: what is found in an operation is what is
/// found where the documents have this operation alone.
#[test]
fn what_is_found_in_an_operation_depends_on_no_other() {
    let content =
        |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
    let operation = |seed: &mut u64| {
        json!({ "post": {
            "parameters": [{ "name": "q", "in": "query", "schema": any_schema(seed, 1) }],
            "requestBody": content(any_schema(seed, 2)),
            "responses": { "200": content(any_schema(seed, 2)) },
        } })
    };
    let root = |paths: &Map<String, Value>, schemas: &Map<String, Value>| {
        let root = json!({
            "openapi": "3.0.3", "paths": paths, "components": { "schemas": schemas },
        });
        document("random.yaml", root)
    };
    let found = |report: &Comparison, path: &str| {
        let mut all = Vec::new();
        for change in &report.changes {
            for it in change.reach.iter().filter(|it| it.operation.ends_with(path)) {
                let (level, text) = (change.level().name(), change.text_in(it));
                all.push(format!("{level} {} at {}: {text}", change.rule, change.pointer));
            }
        }
        all.sort();
        all
    };
    let (mut wrong, mut shared) = (Vec::new(), 0);
    for start in 0..50_u64 {
        let seed = &mut start.wrapping_mul(7_919);
        let property = |seed: &mut u64| any_schema(seed, 1);
        let schema = |seed: &mut u64| json!({ "type": "object", "properties": { "p": property(seed), "q": property(seed) } });
        let old: Map<String, Value> = (0..3).map(|at| (format!("S{at}"), schema(seed))).collect();
        let mut new = old.clone();
        for schema in new.values_mut() {
            if random(seed, 5) < 3 {
                let name = ["p", "q"][usize::from(random(seed, 2) == 0)];
                schema["properties"][name] = property(seed);
            }
            if random(seed, 5) == 0 {
                schema["required"] = json!(["q"]);
            }
        }
        let paths: Map<String, Value> =
            (0..4).map(|at| (format!("/{at}"), operation(seed))).collect();
        let whole = compare(&root(&paths, &old), &root(&paths, &new));
        shared += whole.changes.iter().filter(|it| it.reach.len() > 1).count();
        for (path, operation) in &paths {
            let one = Map::from_iter([(path.clone(), operation.clone())]);
            let alone = compare(&root(&one, &old), &root(&one, &new));
            let (among, alone) = (found(&whole, path), found(&alone, path));
            if among != alone {
                wrong
                    .push(format!("{start} {path}\n  among others {among:#?}\n  alone {alone:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(shared > 0, "no change reaches more than one operation");
}

#[test]
fn a_long_chain_of_references_does_not_exhaust_the_stack() {
    let chain = |last: &str| {
        let mut all = Map::new();
        for at in 0..20_000 {
            let next = format!("#/components/schemas/S{}", at + 1);
            all.insert(format!("S{at}"), json!({ "properties": { "p": { "$ref": next } } }));
        }
        all.insert("S20000".to_owned(), json!({ "type": last }));
        Value::Object(all)
    };
    let first = json!({ "$ref": "#/components/schemas/S0" });
    let (base, revision) =
        (answering(&first, &chain("string")), answering(&first, &chain("integer")));
    assert_eq!(findings(&base, &revision), ["error response-property-type-changed"]);
}

#[test]
fn a_property_with_the_name_of_a_keyword_is_a_property() {
    let place = |step| Place { within: "the request body".into(), steps: vec![step] };
    let cases = [
        (Step::Keyword("items", None), "items", true),
        (Step::Property("items".into()), "items", false),
        (Step::Keyword("oneOf", Some("1".into())), "oneOf[1]", true),
        (Step::Property("oneOf[1]".into()), "oneOf[1]", false),
    ];
    for (step, shown, is_root) in cases {
        let place = place(step);
        assert_eq!(place.to_string(), format!("`{shown}` in the request body"));
        assert_eq!(place.is_root(), is_root, "{place:?}");
    }
}

#[test]
fn what_is_no_schema_is_no_reason_to_stop() {
    let odd = [
        json!(null),
        json!(true),
        json!(false),
        json!(7),
        json!("text"),
        json!([]),
        json!({ "$ref": 7 }),
        json!({ "$ref": "#/components/schemas/Missing" }),
        json!({ "$ref": "other.yaml#/A" }),
        json!({ "$ref": "#/%zz/%e2%82" }),
        json!({ "type": { "a": 1 }, "enum": 5, "properties": [], "required": "all", "items": [1] }),
        json!({ "allOf": {}, "oneOf": [null, 1, true], "anyOf": "x", "not": [] }),
        json!({ "maximum": "ten", "multipleOf": 0, "minLength": -1, "exclusiveMaximum": "x" }),
    ];
    for base in &odd {
        for revision in &odd {
            let (base, revision) = (answering(base, &json!({})), answering(revision, &json!([])));
            compare(&base, &revision);
            compare(&document("a", base.root["paths"].clone()), &revision);
        }
        let whole = |part: &Value| {
            document(
                "a",
                json!({
                    "openapi": part, "servers": part, "security": [part, { "a": part }],
                    "paths": { "/a": { "get": part, "parameters": part, "put": {
                        "parameters": [part, { "name": "q", "in": part }], "responses": part,
                        "requestBody": part, "callbacks": part, "tags": part, "x-sunset": part,
                    } }, "/b": part },
                    "components": part, "webhooks": part,
                }),
            )
        };
        for revision in &odd {
            compare(&whole(base), &whole(revision));
        }
    }
}

#[test]
fn spelling_is_no_change() {
    let base = r#"
openapi: 3.0.3
paths:
  /a/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        200:
          description: Fine.
          content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}
components:
  schemas:
    A: {type: object, required: [a, b], properties: {a: {type: integer, maximum: 5, exclusiveMaximum: true}, b: {type: string, nullable: true}}}
"#;
    let revision = r##"{"components": {"schemas": {"A": {"properties": {
        "b": {"type": ["null", "string"]}, "a": {"exclusiveMaximum": 5.0, "type": "integer"}},
        "required": ["b", "a"], "type": ["object"], "description": "New words."}}},
      "paths": {"/a/{key}": {"parameters": [{"schema": {"type": "string"}, "required": true,
        "in": "path", "name": "key"}], "get": {"responses": {"200": {"content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
      "openapi": "3.1.0"}"##;
    let base = document("base.yaml", parse(base));
    let revision = document("revision.json", parse(revision));
    assert_eq!(findings(&base, &revision), [""; 0]);
    assert_eq!(findings(&revision, &base), [""; 0]);
}

#[test]
fn swagger_is_compared_with_openapi() {
    let swagger = r#"
swagger: '2.0'
host: api.example.com
basePath: /v1
consumes: [application/json]
produces: [application/json]
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
paths:
  /a:
    parameters: [{$ref: '#/parameters/Limit'}]
    post:
      parameters:
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/A'}}
        - {name: ids, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses: {'200': {description: Fine., schema: {$ref: '#/definitions/A'}}}
  /b:
    post:
      consumes: [multipart/form-data]
      parameters: [{name: file, in: formData, required: true, type: file}]
      responses: {'204': {description: Fine.}}
  /c:
    post:
      consumes: [application/x-www-form-urlencoded]
      produces: [application/pdf]
      parameters:
        - {name: one, in: formData, type: array, items: {type: string}}
        - {name: many, in: formData, type: array, items: {type: string}, collectionFormat: multi}
      responses: {'200': {description: Fine., schema: {type: file}}}
definitions:
  A: {type: object, properties: {a: {type: string, x-nullable: true}}}
securityDefinitions: {key: {type: apiKey, name: k, in: header}, basic: {type: basic}}
"#;
    let openapi = r#"
openapi: 3.0.3
servers: [{url: 'https://api.example.com/v1'}]
paths:
  /a:
    post:
      parameters:
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
        - {name: limit, in: query, schema: {type: integer, maximum: 10}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
  /b:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}
      responses: {'204': {description: Fine.}}
  /c:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {one: {type: array, items: {type: string}}, many: {type: array, items: {type: string}}}}
            encoding: {one: {explode: false}}
      responses: {'200': {content: {application/pdf: {schema: {type: string, format: binary}}}}}
components:
  schemas: {A: {type: object, properties: {a: {type: string, nullable: true}}}}
  securitySchemes: {key: {type: apiKey, name: k, in: header}, basic: {type: http, scheme: basic}}
"#;
    let old = document("swagger.yaml", parse(swagger));
    let new = document("openapi.yaml", parse(openapi));
    assert_eq!(findings(&old, &new), [""; 0]);
    // Pointers are those of the file, not of the lifted tree.
    let stricter = swagger.replace("x-nullable: true", "x-nullable: false");
    let report = compare(&old, &document("swagger.yaml", parse(&stricter)));
    let pointers: Vec<_> = report.changes.iter().map(|it| &*it.pointer).collect();
    assert_eq!(pointers, ["/definitions/A/properties/a/nullable"; 2]);
}

/// Pairs of documents with the verdict of another tool.
#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations-diff -- --ignored"]
fn verdicts_agree_with_the_reference() {
    let folder = std::env::var_os("CONVERSATIONS_REFERENCE");
    let folder = folder.expect("CONVERSATIONS_REFERENCE names the folder that holds diff-cases");
    let folder = Path::new(&folder).join("diff-cases");
    let reasons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let reasons = fs::read_to_string(reasons).unwrap();
    let mut unexplained = Vec::new();
    let (mut cases, mut agreed, mut expected, mut found) = (0, 0, 0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let read = |name: &str| fs::read_to_string(path.join(name)).unwrap();
        let tree = |name: &str| document(name, parse(&read(name)));
        let want: Value = serde_json::from_str(&read("expected.json")).unwrap();
        let report = compare(&tree("base.yaml"), &tree("revision.yaml"));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Where the page gives a reason, the verdict departs on purpose.
        if reasons.contains(&format!("`{name}`")) {
            continue;
        }
        cases += 1;
        if want["breaking"] == json!(report.breaking) {
            agreed += 1;
        } else {
            unexplained.push(name);
        }
        for change in want["changes"].as_array().into_iter().flatten() {
            if change["level"] == json!("ERR") {
                expected += 1;
                let is = |it: &Change| json!(it.rule) == change["id"] && it.level() == Level::Error;
                found += usize::from(report.changes.iter().any(is));
            }
        }
    }
    println!("verdicts {agreed} of {cases}, errors by id {found} of {expected}");
    assert!(unexplained.is_empty(), "docs/rules.md gives no reason for {unexplained:?}");
    assert!(found * 100 >= expected * 97, "errors found by id: {found} of {expected}");
}

/// A change of a schema, and the ends of the ids that it and its reverse lead to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Happening {
    there: Option<String>,
    back: Option<String>,
    openapi: Option<String>,
    media: Option<String>,
    /// The places where it has another name.
    #[serde(default)]
    except: Vec<String>,
    base: Value,
    revision: Value,
}

/// The place of `around` for the places that rules name, and the schema there.
fn placed(scope: Scope, schema: &Value) -> (&'static str, Value) {
    let hidden = |flag: &str| {
        let mut schema = schema.clone();
        schema.as_object_mut().into_iter().for_each(|it| {
            it.insert(flag.to_owned(), json!(true));
        });
        schema
    };
    match scope {
        Scope::RequestBody => ("request", schema.clone()),
        Scope::RequestProperty => ("request-property", schema.clone()),
        Scope::RequestReadOnlyProperty => ("request-property", hidden("readOnly")),
        Scope::RequestParameter => ("header-parameter", schema.clone()),
        Scope::RequestParameterProperty => ("parameter-property", schema.clone()),
        Scope::ResponseBody => ("response", schema.clone()),
        Scope::ResponseProperty => ("response-property", schema.clone()),
        Scope::ResponseWriteOnlyProperty => ("response-property", hidden("writeOnly")),
        Scope::ResponseHeader => ("header", schema.clone()),
        Scope::ResponseHeaderProperty => ("header", surrounded("property", schema)),
    }
}

#[test]
fn what_happens_to_a_schema_is_found_at_every_place() {
    let mut wrong = Vec::new();
    for it in listed::<Happening>("kinds.yaml") {
        let case = case("", it.openapi.as_ref(), it.media.as_ref(), &Map::new());
        for (kind, from, to) in
            [(&it.there, &it.base, &it.revision), (&it.back, &it.revision, &it.base)]
        {
            let Some(kind) = kind else { continue };
            let named = |rule: &Rule| matches!(rule, Rule::At(_, it) if it.id() == kind);
            assert!(Rule::all().any(|it| named(&it)), "no rule ends in {kind}");
            for rule in Rule::all().filter(named) {
                let Rule::At(scope, _) = rule else { continue };
                if it.except.iter().any(|it| it == scope.name()) {
                    continue;
                }
                let ((place, from), (_, to)) = (placed(scope, from), placed(scope, to));
                let found =
                    compare(&around(&case, place, &from), &around(&case, place, &to)).changes;
                if !found.iter().any(|it| it.rule == rule) {
                    let found: Vec<_> = found.iter().map(|it| it.rule.id()).collect();
                    wrong.push(format!("{rule}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} rules:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_of_the_reference_has_an_example() {
    let mut known = BTreeSet::new();
    for case in cases() {
        for place in &case.places {
            let (base, revision) =
                (around(&case, place, &case.base), around(&case, place, &case.revision));
            for (from, to) in [(&base, &revision), (&revision, &base)] {
                known.extend(compare(from, to).changes.into_iter().map(|it| it.rule.id()));
            }
        }
    }
    for it in listed::<Happening>("kinds.yaml") {
        let kinds = [it.there, it.back].into_iter().flatten();
        let exempt = |scope: Scope| it.except.iter().any(|it| it == scope.name());
        known.extend(kinds.flat_map(|kind| {
            Rule::all()
                .filter(
                    |it| matches!(it, Rule::At(scope, of) if of.id() == kind && !exempt(*scope)),
                )
                .map(Rule::id)
                .collect::<Vec<_>>()
        }));
    }
    // Only an option asks for sunsets; the tests of the program have it.
    let asked = |it: &Rule| it.is_reference() && !it.id().ends_with("-sunset-missing");
    let missing: Vec<_> =
        Rule::all().filter(asked).map(Rule::id).filter(|it| !known.contains(it)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
