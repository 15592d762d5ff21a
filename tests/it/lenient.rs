//! Whatever a vendor sends: a typed value or a typed error, and nothing lost that could be kept.
//!
//! `PROPTEST_CASES` sets the number of generated bodies per type; 32 by default.

use crate::{
    calls::{self, Clients, Paths},
    folder::{built, document},
    json::{aliases, escape, plain, resolve, text_of},
    samples::{Draw, Entered, enter, is_moment, largest, smallest, words},
    server::{Reply, Server},
    types::{self, Read, Type},
};
use conversations::Delivery;
use futures_util::StreamExt;
use proptest::{
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

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
    assert!(built().all(|provider| found.iter().any(|it| it.ty.provider == provider)));
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

/// What was read once, however leniently, goes through the strict reader and stays as it is.
fn reads_again(ty: &Type, text: &[u8]) -> Result<(), String> {
    let Ok(Read { value: once, skipped: _ }) = (ty.read)(text) else { return Ok(()) };
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

/// A documented field in the largest body of a schema.
struct Documented<'a> {
    /// Where it stands.
    at: String,
    schema: &'a Value,
    /// The nearest part around it, or itself, that may be left out.
    slot: Option<String>,
    aliases: Vec<String>,
}

/// The fields of a schema: all of its own, and of each component inside it one that is needed and one that is not, since
/// the others are looked at in the body of that component. Inside itself, a schema stands with the least that it needs, and
/// is not looked at.
fn documented<'a>(
    document: &'a Value,
    schema: &'a Value,
    at: &str,
    slot: Option<&str>,
    open: &mut Vec<String>,
) -> Vec<Documented<'a>> {
    let entered = enter(schema, open);
    let schema = resolve(document, schema);
    let mut found = Vec::new();
    if let Entered::Again = entered {
        return found;
    }
    if let Some(items) = schema.get("items") {
        let inside = format!("{at}/0");
        found.extend(documented(document, items, &inside, Some(&inside), open));
    }
    if let Some(values @ Value::Object(_)) = schema.get("additionalProperties") {
        let inside = format!("{at}/extra");
        found.extend(documented(document, values, &inside, Some(&inside), open));
    }
    let mut known = BTreeSet::new();
    for (name, property) in properties(schema) {
        if open.len() > 1 && !known.insert(is_needed(schema, name)) {
            continue;
        }
        let inside = format!("{at}/{}", escape(name));
        let slot = if is_needed(schema, name) { slot } else { Some(inside.as_str()) };
        let aliases = property.pointer("/x-conversations/aliases").and_then(Value::as_array);
        let aliases = aliases.into_iter().flatten().filter_map(Value::as_str);
        found.push(Documented {
            at: inside.clone(),
            schema: resolve(document, property),
            slot: slot.map(str::to_owned),
            aliases: aliases.map(str::to_owned).collect(),
        });
        found.extend(documented(document, property, &inside, slot, open));
    }
    entered.leave(open);
    found
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// Whether a structure cannot do without a property: it is required, and `null` is not allowed for it.
fn is_needed(schema: &Value, property: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    let kinds = schema["properties"][property]["type"].as_array();
    required.is_some_and(|it| it.contains(&json!(property)))
        && !kinds.is_some_and(|it| it.contains(&json!("null")))
}

/// The type that a schema has besides `null`; nothing where it has several, or any.
fn kind(schema: &Value) -> Option<&str> {
    let listed = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => Vec::from_iter(one.as_str()),
    };
    let kinds: Vec<&str> = listed.into_iter().filter(|it| *it != "null").collect();
    match kinds[..] {
        [kind] => Some(kind),
        [] if schema.get("properties").is_some() => Some("object"),
        [] if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

/// A pointer as `Skipped::path` and `Error::json_path` write it.
fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|it| it.replace("~1", "/").replace("~0", "~"));
    parts.fold(String::new(), |path, part| match part.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) if path.is_empty() => part,
        Err(_) => format!("{path}.{part}"),
    })
}

/// Takes a part out of a body: a member of an object, or an item of a list.
fn without(body: &Value, at: &str) -> Value {
    let mut body = body.clone();
    let (parent, name) = at.rsplit_once('/').expect("below the root");
    match body.pointer_mut(parent).expect("a parent") {
        Value::Array(items) => drop(items.remove(name.parse().expect("an index"))),
        _ => remove(&mut body, at),
    }
    body
}

/// Puts a text in the place of a value; it need not be JSON.
fn with_raw(body: &Value, at: &str, raw: &[u8]) -> Vec<u8> {
    let mut body = body.clone();
    *body.pointer_mut(at).expect("a place") = json!("@here@");
    let text = body.to_string();
    let (before, after) = text.split_once("\"@here@\"").expect("the mark");
    [before.as_bytes(), raw, after.as_bytes()].concat()
}

/// What a reader must make of a text in the place of a field.
enum Makes {
    /// This value, and nothing is left out.
    Value(Value),
    /// The field is left out, or the nearest part around it that may be; where there is none, it is an error.
    Nothing,
}

/// What vendors send instead of what they document, at each documented field of each type of each client.
#[test]
fn each_oddity_at_each_documented_field() {
    let mut counts = BTreeMap::new();
    for Component { ty, document, schema, aliases } in components() {
        let large = largest(document, schema);
        let fields = documented(document, schema, "", None, &mut Vec::new());
        for (turn, field) in fields.into_iter().enumerate() {
            for (what, raw, makes) in unexpected(&field, &large, turn) {
                *counts.entry(what).or_insert(0) += 1;
                let raw_text = String::from_utf8_lossy(&raw).into_owned();
                let place = format!("{}::{}: {} {what} {raw_text}", ty.provider, ty.name, field.at);
                let read = (ty.read)(&with_raw(&large, &field.at, &raw));
                let (kept, skipped) = match (makes, &field.slot) {
                    (Makes::Value(value), _) => {
                        let mut kept = large.clone();
                        *kept.pointer_mut(&field.at).expect("a place") = value;
                        (kept, None)
                    }
                    (Makes::Nothing, Some(slot)) => (without(&large, slot), Some(dotted(slot))),
                    (Makes::Nothing, None) => {
                        let error = read.expect_err(&place);
                        // A structure of which a part is missing is itself what cannot be read.
                        let path = error.json_path().unwrap_or_default().to_owned();
                        assert!(error.is_decode() && path == dotted(&field.at), "{place}: {path}");
                        continue;
                    }
                };
                let read = read.unwrap_or_else(|it| panic!("{place}: {it}"));
                assert_eq!(plain(&read.value, &aliases), plain(&kept, &aliases), "{place}");
                let paths: Vec<&str> = read.skipped.iter().map(|it| it.path()).collect();
                assert_eq!(paths, Vec::from_iter(skipped.as_deref()), "{place}");
            }
        }
    }
    println!("{counts:?}");
    for kind in ODDITIES {
        assert!(counts.contains_key(kind), "{kind} was tried nowhere: {counts:?}");
    }
}

/// The kinds of unexpected; each must be tried somewhere.
const ODDITIES: &[&str] = &[
    "of another type",
    "repeated",
    "nested too deeply",
    "both spellings",
    "not a moment",
    "a moment in another spelling",
    "half a pair",
    "not UTF-8",
    "a number for a text",
    "a text for a number",
    "a text or number for a boolean",
    "whole with a point",
    "whole with an exponent",
    "out of range",
    "{} for a list",
    "numbered items for a list",
    "null item",
    "[] for an object",
    "list for an object",
];

/// Each kind of unexpected at one field; the types that it is not of take turns.
fn unexpected(
    field: &Documented<'_>,
    body: &Value,
    turn: usize,
) -> Vec<(&'static str, Vec<u8>, Makes)> {
    let schema = field.schema;
    let value = body.pointer(&field.at).expect("a place");
    let mut found = Vec::new();
    let mut add = |what, raw: &[u8], makes| found.push((what, raw.to_vec(), makes));
    let (_, name) = field.at.rsplit_once('/').expect("inside an object");
    let name = json!(name.replace("~1", "/").replace("~0", "~"));
    let others: &[&str] = match kind(schema) {
        _ if is_moment(schema) => &["true"],
        // A value of any type, or of several, is kept as it came.
        None => &[],
        Some("string") => &["true", "[1]", r#"{"odd":1}"#],
        Some("object") => &["5", r#""odd""#],
        Some("integer") => &["1.5", "true", r#""1.5""#, r#"{"odd":1}"#],
        Some(_) => &["\"odd\"", r#"{"odd":1}"#],
    };
    if let Some(other) = others.get(turn % others.len().max(1)) {
        add("of another type", other.as_bytes(), Makes::Nothing);
        let repeated = format!("{other},{name}:{value}");
        add("repeated", repeated.as_bytes(), Makes::Value(value.clone()));
    }
    for alias in &field.aliases {
        if value.is_string() {
            let both = format!("{value},{}:\"other\"", json!(alias));
            add("both spellings", both.as_bytes(), Makes::Value(value.clone()));
        }
        let both = format!("{value},{}:{value}", json!(alias));
        add("both spellings", both.as_bytes(), Makes::Value(value.clone()));
    }
    if !others.is_empty() && kind(schema) != Some("array") {
        let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
        add("nested too deeply", deep.as_bytes(), Makes::Nothing);
    }
    if is_moment(schema) {
        let blank = "\"\"";
        for moment in [
            blank,
            "\"0000-00-00 00:00:00\"",
            "\"never\"",
            "{}",
            "[]",
            "9007199254740993000",
            "1e400",
        ] {
            add("not a moment", moment.as_bytes(), Makes::Nothing);
        }
        for moment in [
            json!("2024-05-01T10:00:00.123456789123Z"),
            json!("2024-05-01 10:00:00 UTC"),
            json!(1_714_557_600_123_456_i64),
        ] {
            let raw = moment.to_string();
            add("a moment in another spelling", raw.as_bytes(), Makes::Value(moment));
        }
        return found;
    }
    match kind(schema) {
        Some("string") => {
            let text = json!("cut \u{fffd}");
            add("half a pair", br#""cut \ud83d""#, Makes::Value(text.clone()));
            add("not UTF-8", b"\"cut \xff\"", Makes::Value(text));
            add("a number for a text", b"40712345678", Makes::Value(json!("40712345678")));
            add("a number for a text", b"-1.25", Makes::Value(json!("-1.25")));
            for number in ["1.10", "1e3", "123456789012345678901234567890"] {
                add("a number for a text", number.as_bytes(), Makes::Value(json!(number)));
            }
        }
        Some("boolean") => {
            for (raw, flag) in
                [("\"true\"", true), ("\"False\"", false), ("1", true), ("\"0\"", false)]
            {
                add("a text or number for a boolean", raw.as_bytes(), Makes::Value(json!(flag)));
            }
            add("of another type", b"2", Makes::Nothing);
        }
        Some("integer") => {
            add("a text for a number", b"\" 12 \"", Makes::Value(json!(12)));
            add("a text for a number", b"\"12.0\"", Makes::Value(json!(12)));
            add("whole with a point", b"12.0", Makes::Value(json!(12)));
            add("whole with an exponent", b"1e1", Makes::Value(json!(10)));
            add("out of range", b"1e400", Makes::Nothing);
        }
        Some("number") => {
            add("a text for a number", b"\"-0.25\"", Makes::Value(json!(-0.25)));
            add("out of range", b"1e400", Makes::Nothing);
        }
        Some("array") => {
            add("{} for a list", b"{}", Makes::Value(json!([])));
            let numbered = format!(r#"{{"10":{},"2":{}}}"#, value[0], value[0]);
            let items = json!([value[0], value[0]]);
            add("numbered items for a list", numbered.as_bytes(), Makes::Value(items));
            let twice = numbered.replace("10", "02");
            add("of another type", twice.as_bytes(), Makes::Nothing);
            let items = &schema["items"];
            if kind(items).is_some() || items.get("$ref").is_some() {
                add("null item", b"[null,null]", Makes::Value(json!([])));
            }
        }
        Some("object") => {
            // An empty object lacks what the structure needs.
            if !properties(schema).any(|(name, _)| is_needed(schema, name)) {
                add("[] for an object", b"[]", Makes::Value(json!({})));
            }
            add("list for an object", br#"["a","b"]"#, Makes::Nothing);
        }
        _ => {}
    }
    found
}

/// What the document does not name cannot be in the way, whatever it is.
#[test]
fn unknown_members_are_never_in_the_way() {
    let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
    for Component { ty, document, schema, aliases } in components() {
        let large = largest(document, schema);
        let text = large.to_string();
        let Some(open) = text.strip_suffix('}') else { continue };
        let comma = if open == "{" { "" } else { "," };
        for odd in ["1e400", &deep, "\"\\ud83d\"", "[null]"] {
            // The broken name makes it the lenient reader's turn.
            let body = format!("{open}{comma}\"next year\":{odd},\"\\ud83d\":null}}");
            let read = (ty.read)(body.as_bytes());
            let read = read.unwrap_or_else(|it| panic!("{}::{}: {it}", ty.provider, ty.name));
            let mut value = read.value;
            // Where further members are documented, it is one of them.
            value.as_object_mut().map(|members| members.remove("next year"));
            assert_eq!(
                plain(&value, &aliases),
                plain(&large, &aliases),
                "{}::{}: {odd}",
                ty.provider,
                ty.name
            );
        }
    }
}

/// A hostile answer costs time in proportion to its length: each of these is read within the time of a few passes, or the
/// test does not end.
#[test]
fn hostile_answers_are_read_in_one_pass() {
    const MANY: usize = 200_000;
    let ty = types::ALL.iter().find(|it| it.name == "ConversationsMessage").expect("a message");
    let list = |item: &str| format!("[{}]", vec![item; MANY].join(","));
    let bodies = [
        format!(r#"{{"attachments":{}}}"#, list("5")),
        format!(r#"{{"attachments":{}}}"#, list(r#"{"size":"x","name":5}"#)),
        format!(r#"{{"source":{}}}"#, list("1e400")),
        format!("{{{}\"id\":true}}", r#""id":{"a":1},"#.repeat(MANY)),
        format!(r#"{{"text":"{}"}}"#, r"\ud83d".repeat(MANY)),
        format!(r#"{{"{}":1e400,"id":true}}"#, "long".repeat(MANY)),
        format!(r#"{{"source":{}"#, "[".repeat(MANY * 10)),
        format!(r#"{{"source":{}{},"id":true}}"#, "[".repeat(MANY), "]".repeat(MANY)),
    ];
    for body in bodies {
        match (ty.read)(body.as_bytes()) {
            Ok(read) => {
                assert!((1..1000).contains(&read.skipped.len()) || body.contains(r"\ud83d"));
                assert!(read.skipped.iter().all(|it| it.path().len() < 1000));
            }
            Err(error) => assert!(error.is_decode(), "{error}"),
        }
    }
}

/// The caller of a client sees what was read, and what was left out; so does whoever reads a list.
#[tokio::test]
async fn a_caller_gets_what_arrived() {
    let server = Server::obedient().await;
    let clients = Clients::of(server.origin());
    let reply = |body: &str| {
        server.reply(Reply::status(200).header("Content-Type", "application/json").body(body));
    };
    let message = async |body: &str| {
        reply(body);
        clients.brevo.get_message().message_id("m").send().await.expect(body)
    };
    let read = message(
        r#"{"id":"m","attachments":[{"name":"a","filename":"b","link":"l","url":"u"},null]}"#,
    )
    .await;
    let [file] = &read.attachments[..] else { panic!("{read:?}") };
    assert_eq!((file.name.as_deref(), file.link.as_deref()), (Some("a"), Some("l")));
    assert!(read.skipped().is_empty(), "{read:?}");
    let read = message(r#"{"attachments":{"10":{"name":"b"},"2":{"name":"a"}}}"#).await;
    let names: Vec<_> = read.attachments.iter().filter_map(|it| it.name.as_deref()).collect();
    assert_eq!(names, ["a", "b"]);
    let read =
        message(r#"{"id":"n","id":"m","text":"cut \ud83d","integrations":[],"cc":[null]}"#).await;
    assert_eq!((read.id.as_deref(), read.text.as_deref()), (Some("m"), Some("cut \u{fffd}")));
    assert!(read.skipped().is_empty(), "{read:?}");
    let read = message(r#"{"id":"m","createdAt":"never","file":["a","b"],"text":"x"}"#).await;
    assert_eq!((read.created_at.is_none(), read.file.is_none()), (true, true));
    let paths: Vec<&str> = read.skipped().iter().map(|it| it.path()).collect();
    assert_eq!((paths, read.text.as_deref()), (vec!["createdAt", "file"], Some("x")));

    // One item of a list may be odd without harm to the others.
    let item = largest(document("smooch"), &json!({"$ref": "#/components/schemas/Message"}));
    let odd =
        String::from_utf8(with_raw(&item, "/text", br#""\ud83d","odd":1e400"#)).expect("text");
    reply(&format!(r#"{{"messages":[{odd},{item}]}}"#));
    let history = clients.smooch.get_messages().app_id("a").user_id("u").stream();
    let found: Vec<_> = history.take(2).collect().await;
    let texts: Vec<String> =
        found.iter().map(|it| text_of(it.as_ref().expect("read"), "text")).collect();
    assert_eq!(texts, ["\u{fffd}", "text"]);
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
