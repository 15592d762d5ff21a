//! Whatever a vendor sends: a typed value or a typed error, and nothing lost that could be kept.
//!
//! `PROPTEST_CASES` sets the number of generated bodies per type; 32 by default.

use crate::{
    calls::{self, Clients, Paths},
    folder::{PROVIDERS, document},
    json::{aliases, escape, plain, resolve},
    samples::{Draw, Entered, enter, is_moment, largest, smallest, words},
    server::{Reply, Server},
    types::{self, Type},
};
use conversations::Delivery;
use proptest::{
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Instant};

/// A type with the schema that it was made of.
struct Component {
    ty: Type,
    document: &'static Value,
    schema: &'static Value,
    aliases: BTreeMap<String, String>,
}

/// All types whose schema the document has in a place of its own.
fn components() -> Vec<Component> {
    let found: Vec<Component> = types::ALL
        .iter()
        .filter_map(|ty| {
            let document = document(ty.provider);
            Some(Component { ty: *ty, document, schema: ty.schema()?, aliases: aliases(document) })
        })
        .collect();
    let seen =
        |ty: &Type| found.iter().any(|it| (it.ty.provider, it.ty.name) == (ty.provider, ty.name));
    assert!(types::ALL.iter().all(|ty| ty.component.is_none() || seen(ty)), "a component is lost");
    assert!(PROVIDERS.iter().all(|provider| found.iter().any(|it| it.ty.provider == *provider)));
    found
}

#[test]
fn what_a_lenient_reader_takes_comes_back_unchanged() {
    generate("lenient bodies", |component, seed| {
        let Component { ty, document, schema, aliases } = component;
        let mut draw = Draw::new(document, seed);
        let sample = draw.sample(schema);
        let through = (ty.through)(sample.sent.to_string().as_bytes())
            .map_err(|error| format!("refused: {error}\n{:#}", sample.sent))?;
        let (through, kept) = (plain(&through, aliases), plain(&sample.kept, aliases));
        if through != kept {
            return Err(format!(
                "changed\nsent {:#}\nkept {through:#}\nwant {kept:#}",
                sample.sent
            ));
        }
        Ok(())
    });
}

#[test]
fn broken_bodies_are_values_or_errors() {
    generate("broken bodies", |component, seed| {
        let Component { ty, document, schema, aliases: _ } = component;
        let mut draw = Draw::new(document, seed);
        let mut body = draw.sample(schema).sent;
        draw.broken(&mut body);
        let mut text = body.to_string().into_bytes();
        match draw.rng.u8(..8) {
            0 => text.truncate(draw.rng.usize(..=text.len())),
            1 if !text.is_empty() => {
                let at = draw.rng.usize(..text.len());
                text[at] = draw.rng.u8(..);
            }
            _ => {}
        }
        reads_again(ty, &text)
    });
}

/// What went through once goes through again and stays as it is.
fn reads_again(ty: &Type, text: &[u8]) -> Result<(), String> {
    let Ok(once) = (ty.through)(text) else { return Ok(()) };
    let twice =
        (ty.through)(once.to_string().as_bytes()).map_err(|error| format!("{error}\n{once:#}"))?;
    let none = Default::default();
    if plain(&once, &none) == plain(&twice, &none) {
        Ok(())
    } else {
        Err(format!("{once:#}\n{twice:#}"))
    }
}

#[test]
fn arbitrary_json_is_a_value_or_an_error() {
    let (cases, start) = (cases(), Instant::now());
    let mut runner = runner(cases);
    let result = runner.run(&json_values(), |value| {
        let text = value.to_string();
        for ty in types::ALL {
            reads_again(ty, text.as_bytes()).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    result.unwrap_or_else(|it| panic!("{it}"));
    println!(
        "arbitrary JSON: {} types × {cases}, no panic, {:?}",
        types::ALL.len(),
        start.elapsed()
    );
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let names = prop_oneof![
        ".{0,6}".prop_map(String::from),
        prop_oneof![
            Just("id"),
            Just("data"),
            Just("text"),
            Just("error"),
            Just("messages"),
            Just("success")
        ]
        .prop_map(String::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

/// Runs a check for every component, each with as many seeds as asked for, and prints the figures.
fn generate(what: &str, check: fn(&Component, u64) -> Result<(), String>) {
    let (cases, start) = (cases(), Instant::now());
    let all = components();
    for component in &all {
        let mut runner = runner(cases);
        let result = runner.run(&any::<u64>().no_shrink(), |seed| {
            check(component, seed).map_err(TestCaseError::fail)
        });
        result.unwrap_or_else(|it| {
            panic!("{what}: {}::{}: {it}", component.ty.provider, component.ty.name)
        });
    }
    println!("{what}: {} types × {cases}, no panic, {:?}", all.len(), start.elapsed());
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(32)
}

/// The same bodies at every run: what fails once fails again, and no file of failures is kept.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_240_501),
        ..Config::default()
    })
}

/// Each liberty alone, at each place of each type: no chance involved.
#[test]
fn each_liberty_at_each_place() {
    let mut counts = [0; 6];
    for Component { ty, document, schema, aliases } in components() {
        let holds = |sent: &Value, kept: &Value, what: &str| {
            let through = (ty.through)(sent.to_string().as_bytes());
            let through = through.unwrap_or_else(|it| {
                panic!("{}::{}: {what}: {it}\n{sent:#}", ty.provider, ty.name)
            });
            assert_eq!(
                plain(&through, &aliases),
                plain(kept, &aliases),
                "{}::{}: {what}",
                ty.provider,
                ty.name
            );
        };
        let (small, large) = (smallest(document, schema), largest(document, schema));
        holds(&small, &small, "nothing but what is required");
        holds(&large, &large, "everything");
        for place in places(document, schema, "", &mut Vec::new()) {
            match place {
                Place::Optional(at) => {
                    let mut gone = large.clone();
                    remove(&mut gone, &at);
                    holds(&gone, &gone, &format!("{at} missing"));
                    let mut null = large.clone();
                    *null.pointer_mut(&at).expect("a place") = Value::Null;
                    holds(&null, &null, &format!("{at} null"));
                    counts[0] += 1;
                }
                Place::Word(at) => {
                    let mut new = large.clone();
                    *new.pointer_mut(&at).expect("a place") = json!("a word of next year");
                    holds(&new, &new, &format!("{at} unknown word"));
                    counts[1] += 1;
                }
                Place::Object(at) => {
                    for unknown in [json!(1), json!({"a": [null]}), json!("text")] {
                        let mut more = large.clone();
                        let members = more.pointer_mut(&at).and_then(Value::as_object_mut);
                        members
                            .expect("an object")
                            .insert("field of next year".to_owned(), unknown);
                        holds(&more, &large, &format!("{at} unknown field"));
                    }
                    counts[2] += 1;
                }
                Place::Alias(at, alias) => {
                    let mut other = large.clone();
                    let value = other.pointer(&at).cloned().expect("a place");
                    remove(&mut other, &at);
                    let (parent, _) = at.rsplit_once('/').expect("inside an object");
                    let members = other.pointer_mut(parent).and_then(Value::as_object_mut);
                    members.expect("an object").insert(alias.clone(), value);
                    holds(&other, &large, &format!("{at} as {alias}"));
                    counts[3] += 1;
                }
                Place::Moment(at) => {
                    for moment in [
                        json!("2024-05-01 10:00:00"),
                        json!(1_714_557_600_123_i64),
                        json!(1_714_557_600.25),
                    ] {
                        let mut other = large.clone();
                        *other.pointer_mut(&at).expect("a place") = moment;
                        holds(&other, &other, &format!("{at} another spelling"));
                    }
                    counts[4] += 1;
                }
                Place::EmptyObject(at) => {
                    let mut other = large.clone();
                    *other.pointer_mut(&at).expect("a place") = json!({});
                    holds(&other, &other, &format!("{at} {{}} for []"));
                    counts[5] += 1;
                }
            }
        }
    }
    let [optional, words, objects, aliases, moments, empty] = counts;
    println!(
        "{optional} optional places, {words} words, {objects} objects, {aliases} aliases, {moments} moments, {empty} empty objects"
    );
    assert!(counts.iter().all(|it| *it > 0), "{counts:?}");
}

/// A place inside the largest body of a schema where a vendor may take a liberty.
enum Place {
    /// May be missing or null.
    Optional(String),
    /// Holds one of several words.
    Word(String),
    /// An object without a say on further fields.
    Object(String),
    /// Has another spelling.
    Alias(String, String),
    /// Holds a moment.
    Moment(String),
    /// A list for which an empty object may come.
    EmptyObject(String),
}

fn places(document: &Value, schema: &Value, at: &str, open: &mut Vec<String>) -> Vec<Place> {
    let entered = enter(schema, open);
    let schema = resolve(document, schema);
    let mut found = Vec::new();
    if is_moment(schema) {
        found.push(Place::Moment(at.to_owned()));
    }
    if words(schema).is_some() {
        found.push(Place::Word(at.to_owned()));
    }
    if schema.pointer("/x-conversations/accept") == Some(&json!(["empty-object"])) {
        found.push(Place::EmptyObject(at.to_owned()));
    }
    // Inside itself, a schema stands with the least that it needs.
    if let Entered::Again = entered {
        return found;
    }
    if let Some(items) = schema.get("items") {
        found.extend(places(document, items, &format!("{at}/0"), open));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema.get("additionalProperties").is_none() {
            found.push(Place::Object(at.to_owned()));
        }
        let required = schema.get("required").and_then(Value::as_array);
        for (name, property) in properties {
            let inside = format!("{at}/{}", escape(name));
            if !required.is_some_and(|it| it.contains(&json!(name))) {
                found.push(Place::Optional(inside.clone()));
            }
            let aliases = property.pointer("/x-conversations/aliases").and_then(Value::as_array);
            for alias in aliases.into_iter().flatten().filter_map(Value::as_str) {
                found.push(Place::Alias(inside.clone(), alias.to_owned()));
            }
            found.extend(places(document, property, &inside, open));
        }
    }
    entered.leave(open);
    found
}

fn remove(value: &mut Value, at: &str) {
    let (parent, name) = at.rsplit_once('/').expect("inside an object");
    let members = value.pointer_mut(parent).and_then(Value::as_object_mut);
    members.expect("an object").remove(&name.replace("~1", "/").replace("~0", "~"));
}

/// The same through the whole client: a value, or an error that keeps status and body and says where reading failed.
#[tokio::test]
async fn strange_answers_are_typed_errors() {
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let mut strange: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "0",
        "\"x\"",
        "[]",
        "{}",
        "[1]",
        "{",
        "{\"a\":",
        "<html>",
        "\u{feff}{}",
        "{\"a\":1e999}",
        "{\"a\":1,\"a\":2}",
        "{}{}",
        "NaN",
        &deep,
    ]
    .iter()
    .map(|it| it.as_bytes().to_vec())
    .collect();
    strange.push(vec![0xff, 0xfe, b'{', 0, b'}', 0]);
    strange.push(b"{\"text\":\"\xc3\x28\"}".to_vec());
    let server = Server::obedient().await;
    let clients = Clients::of(server.origin());
    let (mut values, mut errors) = (0, 0);
    for call in calls::all() {
        let mut draw = Draw::new(&Value::Null, 7);
        let drawn = (0..20).map(|_| draw.anything(4).to_string().into_bytes());
        for body in strange.iter().cloned().chain(drawn) {
            server.reply(
                Reply::status(200).header("Content-Type", "application/json").body(body.clone()),
            );
            match (call.make)(clients.clone(), Paths::default(), calls::options()).await {
                Ok(_) => values += 1,
                Err(error) => {
                    let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                    assert!(error.is_decode(), "{} on {shown}: {error}", call.operation);
                    assert_eq!(
                        error.status().map(|it| it.as_u16()),
                        Some(200),
                        "{}",
                        call.operation
                    );
                    assert_eq!(error.body(), Some(body.as_slice()), "{}", call.operation);
                    assert_eq!(error.was_sent(), Delivery::Yes, "{}", call.operation);
                    errors += 1;
                }
            }
        }
    }
    println!("{values} strange answers are values, {errors} are errors of decoding");
    assert!(values > 0 && errors > 0);
}
