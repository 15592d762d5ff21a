//! Writes pairs of documents whose comparison is measured: `cargo bench -p conversations-diff --bench pairs -- SHAPE
//! OPERATIONS SCHEMAS FOLDER`. It compares nothing itself, so that any tool can be timed with what it writes.
//!
//! In the revision each schema has another type of one property and one property more. The shapes differ in how many
//! schemas an operation reaches: `own` one, `hub` all through one schema, `ring` all through its own one, each of which
//! leads to the next.

#![allow(clippy::disallowed_methods)] // The comparison writes nothing; this program does nothing else.

use serde_json::{Map, Value, json};
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let [shape, operations, schemas, folder] = &words[..] else {
        println!("nothing written: give SHAPE (own, hub or ring), OPERATIONS, SCHEMAS and FOLDER");
        return Ok(());
    };
    let (operations, schemas) = (operations.parse()?, schemas.parse()?);
    fs::create_dir_all(folder)?;
    for (name, revised) in [("base.json", false), ("revision.json", true)] {
        let file = Path::new(folder).join(name);
        fs::write(&file, document(shape, operations, schemas, revised).to_string())?;
        println!("{}", file.display());
    }
    Ok(())
}

fn document(shape: &str, operations: usize, schemas: usize, revised: bool) -> Value {
    let reference = |name: String| json!({ "$ref": format!("#/components/schemas/{name}") });
    let own = |at: usize| format!("S{}", at % schemas.max(1));
    let mut named = Map::new();
    for at in 0..schemas {
        let mut properties = Map::new();
        for field in 0..5 {
            let kind = if revised && field == 0 { "integer" } else { "string" };
            properties.insert(format!("f{field}"), json!({ "type": kind }));
        }
        if revised {
            properties.insert("added".to_owned(), json!({ "type": "string" }));
        }
        if shape == "ring" {
            properties.insert("next".to_owned(), reference(own(at + 1)));
        }
        named.insert(own(at), json!({ "type": "object", "properties": properties }));
    }
    if shape == "hub" {
        let all: Map<String, Value> =
            (0..schemas).map(|at| (format!("s{at}"), reference(own(at)))).collect();
        named.insert("Hub".to_owned(), json!({ "type": "object", "properties": all }));
    }
    let root = |at: usize| if shape == "hub" { "Hub".to_owned() } else { own(at) };
    let paths: Map<String, Value> = (0..operations)
        .map(|at| {
            let content = json!({ "application/json": { "schema": reference(root(at)) } });
            let answer = json!({ "200": { "description": "", "content": content } });
            let get = json!({ "operationId": format!("get{at}"), "responses": answer });
            (format!("/operations/{at}"), json!({ "get": get }))
        })
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Pairs", "version": "1" },
        "paths": paths,
        "components": { "schemas": named },
    })
}
