//! Reading a document from a file: a stand-in until the generator's `load` is here.

use anyhow::{Context, bail};
use conversations_codegen::document::Document;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fs, path::Path};

/// Reads YAML or JSON.
pub fn read(path: &Path) -> anyhow::Result<Document> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; is it a file in UTF-8?", path.display()))?;
    let root =
        parse(&text).with_context(|| format!("{} is neither YAML nor JSON", path.display()))?;
    if !root.is_object() || (root.get("openapi").is_none() && root.get("swagger").is_none()) {
        bail!("{} has neither `openapi` nor `swagger` at its top", path.display());
    }
    Ok(Document { file: path.display().to_string().into(), root, origins: BTreeMap::new() })
}

/// A tree from YAML or JSON text.
pub fn parse(text: &str) -> anyhow::Result<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    Ok(convert(serde_yaml::from_str(text)?))
}

fn convert(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(it) => Value::Bool(it),
        Yaml::Number(it) => serde_json::to_value(it).unwrap_or(Value::Null),
        Yaml::String(it) => Value::String(it),
        Yaml::Sequence(it) => it.into_iter().map(convert).collect(),
        Yaml::Mapping(it) => {
            let entries = it.into_iter().map(|(key, value)| {
                let key = match key {
                    Yaml::String(key) => key,
                    Yaml::Null => "null".to_owned(),
                    other => serde_yaml::to_string(&other).unwrap_or_default().trim().to_owned(),
                };
                (key, convert(value))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(it) => convert(it.value),
    }
}
