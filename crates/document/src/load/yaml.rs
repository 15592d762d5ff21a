//! YAML text: the outline gives lines and limits, serde_yaml reads the values.
//!
//! Two readers, because each lacks what the other has: serde_yaml gives no positions and expands
//! aliases before anybody can count them, the outline's parser leaves scalars as text. The outline comes
//! first, so serde_yaml only sees what is within the limits.

use super::{
    outline::{Content, Key, Outline, outline},
    prepare::StandIns,
};
use crate::{
    document::Document,
    fault::{Code, Fault},
    origin::Origin,
    pointer::Pointer,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, rc::Rc, sync::Arc};

pub(super) fn read(file: &str, text: &str) -> Result<Document, Fault> {
    let (text, stand_ins) = StandIns::hide(text);
    let (outline, text) = outline(file, text)?;
    let values: serde_yaml::Value = serde_yaml::from_str(&text).map_err(|error| {
        let code = Code::Unreadable { format: "YAML", error: error.to_string() };
        let fault = Fault::of_file(file, code, "");
        match error.location() {
            Some(at) => {
                fault.shown_in(&text, at.line().saturating_sub(1), at.column().saturating_sub(1))
            }
            None => fault,
        }
    })?;
    let file: Arc<str> = file.into();
    let mut tree = Tree { file: file.clone(), origins: BTreeMap::new() };
    let root = tree.value(&values, &outline, outline.line, &Pointer::ROOT)?;
    Ok(stand_ins.restore(Document { file, root, origins: tree.origins }))
}

/// Walks the values and their outline in step.
struct Tree {
    file: Arc<str>,
    origins: BTreeMap<Pointer, Origin>,
}

impl Tree {
    fn value(
        &mut self,
        value: &serde_yaml::Value,
        outline: &Outline,
        line: u32,
        pointer: &Pointer,
    ) -> Result<Value, Fault> {
        self.origins.insert(pointer.to_owned(), Origin { file: self.file.clone(), line });
        use serde_yaml::Value as Yaml;
        Ok(match (value, &outline.content) {
            (Yaml::Tagged(tagged), _) => return self.value(&tagged.value, outline, line, pointer),
            (Yaml::Mapping(values), Content::Mapping(entries)) => {
                let mut map = Map::new();
                self.explicit(&mut map, values, entries, pointer)?;
                self.merged(&mut map, values, entries, pointer)?;
                Value::Object(map)
            }
            (Yaml::Sequence(values), Content::List(items)) => {
                let mut list = Vec::with_capacity(values.len());
                for (i, (value, item)) in values.iter().zip(items).enumerate() {
                    list.push(self.value(value, item, item.line, &pointer.child(i))?);
                }
                Value::Array(list)
            }
            (Yaml::Null, _) => Value::Null,
            (Yaml::Bool(it), _) => Value::Bool(*it),
            (Yaml::String(it), _) => Value::String(it.clone()),
            (Yaml::Number(it), _) => number(it),
            (Yaml::Mapping(_) | Yaml::Sequence(_), _) => {
                return Err(self.fault(line, pointer, Code::TwoReadings));
            }
        })
    }

    fn explicit(
        &mut self,
        map: &mut Map<String, Value>,
        values: &serde_yaml::Mapping,
        entries: &[(Key, Rc<Outline>)],
        pointer: &Pointer,
    ) -> Result<(), Fault> {
        for ((_, value), (key, outline)) in values.iter().zip(entries) {
            if !key.merge && !map.contains_key(&key.text) {
                let at = pointer.child(&key.text);
                map.insert(key.text.clone(), self.value(value, outline, key.line, &at)?);
            }
        }
        Ok(())
    }

    /// What `<<` brings: never a key that is there already, and of several mappings the first wins.
    fn merged(
        &mut self,
        map: &mut Map<String, Value>,
        values: &serde_yaml::Mapping,
        entries: &[(Key, Rc<Outline>)],
        pointer: &Pointer,
    ) -> Result<(), Fault> {
        for ((_, value), (key, outline)) in values.iter().zip(entries) {
            if !key.merge {
                continue;
            }
            let sources: Vec<_> = match (value, &outline.content) {
                (serde_yaml::Value::Sequence(values), Content::List(items)) => {
                    values.iter().zip(items.iter().map(|it| &**it)).collect()
                }
                _ => vec![(value, &**outline)],
            };
            for source in sources {
                let (serde_yaml::Value::Mapping(values), Content::Mapping(entries)) =
                    (source.0, &source.1.content)
                else {
                    return Err(self.fault(key.line, pointer, Code::MergeOfNoMapping));
                };
                self.explicit(map, values, entries, pointer)?;
                self.merged(map, values, entries, pointer)?;
            }
        }
        Ok(())
    }

    fn fault(&self, line: u32, pointer: &Pointer, code: Code) -> Fault {
        Fault::at(&Origin { file: self.file.clone(), line }, pointer.clone(), code, "")
    }
}

/// A number as JSON has it. What is infinite is the largest number; what is none is nothing.
fn number(number: &serde_yaml::Number) -> Value {
    let whole = number.as_u64().map(Value::from).or_else(|| number.as_i64().map(Value::from));
    let float = || number.as_f64().filter(|it| !it.is_nan());
    whole.or_else(|| float().map(|it| it.clamp(f64::MIN, f64::MAX).into())).unwrap_or(Value::Null)
}
