//! Questions that several stages ask of an OpenAPI or Swagger document: its operations, their
//! parameters, what a reference stands for.

use crate::{
    method::Method,
    path::PathTemplate,
    pointer::Pointer,
    reference::{followed, percent_decoded},
    security::Carriers,
};
use serde_json::Value;

/// An operation and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The verb in upper case.
    pub verb: String,
    /// The path template.
    pub path: String,
    /// The operation's JSON Pointer.
    pub pointer: Pointer,
    /// Its operationId.
    pub id: Option<String>,
}

impl Found {
    /// Verb and path, as in `POST /path`.
    pub fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// `path`, `query`, `header`, `cookie`; in Swagger 2.0 also `body` and `formData`.
    pub location: String,
    /// Whether it must be there.
    pub required: bool,
    /// The JSON Pointer of its declaration, references followed.
    pub pointer: Pointer,
}

/// The path of a lowered document as its template and what every request has in its query.
pub fn split_query(path: &str) -> (&str, Vec<(String, String)>) {
    let path = PathTemplate(path).split_once('#').map_or(path, |(path, _)| path);
    let Some((template, query)) = PathTemplate(path).split_once('?') else {
        return (path, Vec::new());
    };
    let pairs = query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decoded(name), percent_decoded(value))
    });
    (template, pairs.collect())
}

/// The opposite of [`split_query`].
pub(crate) fn join_query(template: &str, query: &[(String, String)]) -> String {
    let mut path = template.to_owned();
    for (i, (name, value)) in query.iter().enumerate() {
        path.push(if i == 0 { '?' } else { '&' });
        for (part, text) in [("", name), ("=", value)] {
            path.push_str(part);
            for c in text.chars() {
                match c {
                    '%' => path.push_str("%25"),
                    '&' => path.push_str("%26"),
                    '=' => path.push_str("%3D"),
                    '#' => path.push_str("%23"),
                    other => path.push(other),
                }
            }
        }
    }
    path
}

/// Every operation of the document in its order.
pub fn operations(root: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(Value::Object(paths)) = root.get("paths") else { return found };
    for path in paths.keys().filter(|it| it.starts_with('/')) {
        let pointer = resolve(root, &Pointer::from("/paths").child(path));
        for verb in Method::ALL.map(Method::key) {
            let pointer = pointer.child(verb);
            if let Some(Value::Object(operation)) = root.pointer(&pointer) {
                let id = operation.get("operationId").and_then(Value::as_str).map(str::to_owned);
                found.push(Found { verb: verb.to_uppercase(), path: path.clone(), pointer, id });
            }
        }
    }
    found
}

/// The parameters of an operation, those of its path included unless it has its own. What is a credential is none.
pub fn parameters(root: &Value, operation: &Pointer) -> Vec<Parameter> {
    let carriers = Carriers::of(root);
    let mut found: Vec<Parameter> = Vec::new();
    for holder in [operation, &operation.parent()] {
        let list = holder.child("parameters");
        let count = root.pointer(&list).and_then(Value::as_array).map_or(0, Vec::len);
        for i in 0..count {
            let pointer = resolve(root, &list.child(i));
            let text = |key: &str| text(root, &pointer, key).unwrap_or_default().to_owned();
            let (name, location) = (text("name"), text("in"));
            let known = found.iter().any(|it| (&it.name, &it.location) == (&name, &location));
            if !known && !carriers.carries(&location, &name) {
                let required = pointer.child("required");
                let required = root.pointer(&required) == Some(&Value::Bool(true));
                found.push(Parameter { name, location, required, pointer });
            }
        }
    }
    found
}

/// Where the node at `pointer` really is, once its `$ref`s are followed, as [`followed`] does.
pub fn resolve(root: &Value, pointer: &Pointer) -> Pointer {
    match root.pointer(pointer) {
        Some(value) => followed(root, value, pointer.to_owned()).1,
        None => pointer.to_owned(),
    }
}

/// A text below a node.
pub fn text<'a>(root: &'a Value, pointer: &str, key: &str) -> Option<&'a str> {
    root.pointer(pointer)?.get(key)?.as_str()
}

/// The keys below a node, where it is a mapping.
pub fn keys<'a>(root: &'a Value, pointer: &str) -> Vec<&'a str> {
    match root.pointer(pointer) {
        Some(Value::Object(map)) => map.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What looking for a property found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// Its schema, by JSON Pointer.
    Here(Pointer),
    /// The schema names its properties, and this is not one of them. The names it has.
    Missing(Vec<String>),
    /// The schema does not say enough to decide.
    Unknown,
}

/// The property of a schema, references and `allOf` followed.
pub fn property(root: &Value, schema: &Pointer, name: &str) -> Property {
    find_property(root, schema, name, 16)
}

fn find_property(root: &Value, schema: &Pointer, name: &str, fuel: u8) -> Property {
    let at = resolve(root, schema);
    let Some(Value::Object(map)) = root.pointer(&at) else { return Property::Unknown };
    if fuel == 0 || ["anyOf", "oneOf", "$ref"].iter().any(|it| map.contains_key(*it)) {
        return Property::Unknown;
    }
    if map.get("items").is_some() && name.bytes().all(|it| it.is_ascii_digit()) {
        return Property::Here(at.child("items"));
    }
    let properties = at.child("properties");
    let mut names: Vec<String> = keys(root, &properties).into_iter().map(str::to_owned).collect();
    if names.iter().any(|it| it == name) {
        return Property::Here(properties.child(name));
    }
    let parts = map.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
    for i in 0..parts {
        match find_property(root, &at.child("allOf").child(i), name, fuel - 1) {
            Property::Missing(more) => names.extend(more),
            other => return other,
        }
    }
    if names.is_empty() { Property::Unknown } else { Property::Missing(names) }
}

/// The schemas of an operation's successful answers.
pub fn success_schemas(root: &Value, operation: &Pointer) -> Vec<Pointer> {
    answer_schemas(root, operation, |status| status.starts_with('2'))
}

/// The schemas of an operation's answers that report an error.
pub fn error_schemas(root: &Value, operation: &Pointer) -> Vec<Pointer> {
    answer_schemas(root, operation, |status| status.starts_with(['4', '5']) || status == "default")
}

fn answer_schemas(root: &Value, operation: &Pointer, of: fn(&str) -> bool) -> Vec<Pointer> {
    let responses = operation.child("responses");
    let mut found = Vec::new();
    for status in keys(root, &responses).into_iter().filter(|it| of(it)) {
        let response = resolve(root, &responses.child(status));
        found.extend(schemas(root, &response));
    }
    found
}

/// Where a pointer leads in these schemas, references followed. A schema that does not say enough is left out; it is an
/// error, with the key and the names that there are, only where all that say enough lack the key.
pub fn leads(
    root: &Value,
    pointer: &str,
    from: Vec<Pointer>,
) -> Result<Vec<Pointer>, (String, Vec<String>)> {
    let mut schemas = from;
    for key in Pointer::from(pointer).tokens() {
        let (mut next, mut missing, mut unknown) = (Vec::new(), None, false);
        for schema in &schemas {
            match property(root, schema, &key) {
                Property::Here(it) => next.push(it),
                Property::Missing(names) => missing = Some(names),
                Property::Unknown => unknown = true,
            }
        }
        match missing {
            Some(names) if next.is_empty() && !unknown => return Err((key, names)),
            _ => schemas = next,
        }
    }
    Ok(schemas.iter().map(|it| resolve(root, it)).collect())
}

/// The schemas of a request body's or an answer's media types.
pub fn schemas(root: &Value, holder: &Pointer) -> Vec<Pointer> {
    let content = holder.child("content");
    let mut found: Vec<Pointer> = keys(root, &content)
        .into_iter()
        .map(|media| content.child(media).child("schema"))
        .collect();
    // Swagger 2.0 has the schema in the answer itself.
    found.push(holder.child("schema"));
    found.retain(|it| root.pointer(it).is_some());
    found
}

/// The schemas of an operation's request body.
pub fn body_schemas(root: &Value, operation: &Pointer) -> Vec<Pointer> {
    let mut found = schemas(root, &resolve(root, &operation.child("requestBody")));
    for parameter in parameters(root, operation).iter().filter(|it| it.location == "body") {
        found.extend(schemas(root, &parameter.pointer));
    }
    found
}
