//! Checks a request against its operation: parameters, constant headers, media type, body.

use std::collections::BTreeMap;

use bytes::Bytes;
use conversations_document::Pointer;
use conversations_runtime::runtime::Provider as Client;
use http::HeaderMap;
use minijinja::Value;
use serde_json::{Map, Value as Json, json};

use super::document::{Location, Operation, Parameter};
use super::form;
use super::schema::Schemas;

/// A request as it came, below the provider's mount.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The provider's base URL, for absolute links in answers.
    pub(super) base_url: String,
}

impl Incoming {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.header("cookie")?
            .split(';')
            .filter_map(|it| it.trim().split_once('='))
            .find(|(it, _)| *it == name)
            .map(|(_, value)| value)
    }
}

/// A request whose values are typed as the document says.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) path: Map<String, Json>,
    pub(super) query: Map<String, Json>,
    pub(super) headers: Map<String, Json>,
    pub(super) body: Option<Json>,
}

/// Why a request is not served: the name of an error and its arguments.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) status: u16,
    pub(super) message: String,
    pub(super) variables: BTreeMap<String, Value>,
}

impl Refusal {
    pub(super) fn new(error: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { error, status, message: message.into(), variables: BTreeMap::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }
}

/// One way in which a request breaks the document.
#[derive(Debug)]
struct Violation {
    location: Location,
    name: String,
    pointer: Pointer,
    why: String,
    value: Json,
    detail: String,
}

/// Types what fits, and says what does not.
pub(super) fn check(
    schemas: &Schemas,
    operation: &Operation,
    client: &Client,
    path: &BTreeMap<String, String>,
    incoming: &Incoming,
) -> (Checked, Option<Refusal>) {
    let raw = path.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
    let mut checked = Checked { path: raw, ..Checked::default() };
    let mut violations = Vec::new();
    for (name, value) in &incoming.query {
        checked.query.insert(name.clone(), Json::String(value.clone()));
    }
    for (name, value) in &incoming.headers {
        if let Ok(value) = value.to_str() {
            checked.headers.insert(name.as_str().to_owned(), Json::String(value.to_owned()));
        }
    }
    for parameter in &operation.parameters {
        parameter_value(schemas, parameter, path, incoming, &mut checked, &mut violations);
    }
    for (name, value) in client.headers() {
        let found = incoming.header(name);
        if found != Some(*value) {
            violations.push(Violation {
                location: Location::Header,
                name: (*name).to_owned(),
                pointer: Pointer::ROOT,
                why: if found.is_none() { "required" } else { "constant" }.to_owned(),
                value: found.map_or(Json::Null, Json::from),
                detail: format!("header {name} has to be `{value}`"),
            });
        }
    }
    if let Err(refusal) = body(schemas, operation, incoming, &mut checked, &mut violations) {
        return (checked, Some(refusal));
    }
    (checked, refusal(violations))
}

fn refusal(violations: Vec<Violation>) -> Option<Refusal> {
    let first = violations.first()?;
    let all: Json = violations
        .iter()
        .map(|it| {
            json!({ "where": it.location.name(), "name": it.name, "pointer": it.pointer, "why": it.why, "detail": it.detail })
        })
        .collect();
    Some(
        Refusal::new("invalid", 400, first.detail.clone())
            .with("where", first.location.name())
            .with("name", first.name.as_str())
            .with("pointer", &*first.pointer)
            .with("why", first.why.as_str())
            .with("detail", first.detail.as_str())
            .with("value", Value::from_serialize(&first.value))
            .with("violations", Value::from_serialize(&all)),
    )
}

fn parameter_value(
    schemas: &Schemas,
    parameter: &Parameter,
    path: &BTreeMap<String, String>,
    incoming: &Incoming,
    checked: &mut Checked,
    violations: &mut Vec<Violation>,
) {
    let name = &parameter.name;
    let texts: Vec<&str> = match parameter.location {
        Location::Path => path.get(name).map(String::as_str).into_iter().collect(),
        Location::Query => {
            incoming.query.iter().filter(|(it, _)| it == name).map(|(_, it)| it.as_str()).collect()
        }
        Location::Header => incoming.header(name).into_iter().collect(),
        Location::Cookie => incoming.cookie(name).into_iter().collect(),
        Location::Body => Vec::new(),
    };
    let key =
        if parameter.location == Location::Header { name.to_lowercase() } else { name.clone() };
    let target = match parameter.location {
        Location::Path => &mut checked.path,
        Location::Query => &mut checked.query,
        Location::Header | Location::Cookie | Location::Body => &mut checked.headers,
    };
    let Some(&first) = texts.first() else {
        let deep = format!("{name}[");
        let deep = incoming.query.iter().any(|(it, _)| it.starts_with(&deep));
        if let Some(default) = &parameter.default {
            target.insert(key, default.clone());
        } else if parameter.required && !deep {
            violations.push(Violation {
                location: parameter.location,
                name: name.clone(),
                pointer: Pointer::ROOT,
                why: "required".to_owned(),
                value: Json::Null,
                detail: format!("{} parameter {name} is missing", parameter.location.name()),
            });
        }
        return;
    };
    let candidates = if parameter.array {
        let texts: Vec<&str> =
            if parameter.explode { texts } else { first.split(parameter.delimiter).collect() };
        let strings = texts.iter().map(|it| json!(it)).collect();
        let scalars: Option<Json> = texts.iter().map(|it| scalar(it)).collect();
        [Some(strings), scalars]
    } else {
        [Some(json!(first)), scalar(first)]
    };
    let Some(pointer) = &parameter.schema else {
        target.insert(key, json!(first));
        return;
    };
    // The same digits are a number or a text; the schema says which.
    let mut complaints = Vec::new();
    for candidate in candidates.into_iter().flatten() {
        let misfits = schemas.misfits(pointer, &candidate);
        if misfits.is_empty() {
            target.insert(key, candidate);
            return;
        }
        let of_type = misfits.iter().any(|it| it.why == "type");
        complaints.push((of_type, candidate, misfits));
    }
    complaints.sort_by_key(|(of_type, ..)| *of_type);
    if let Some((_, value, misfits)) = complaints.into_iter().next() {
        for misfit in misfits {
            violations.push(Violation {
                location: parameter.location,
                name: name.clone(),
                pointer: Pointer::ROOT,
                why: misfit.why,
                value: value.clone(),
                detail: format!(
                    "{} parameter {name}: {}",
                    parameter.location.name(),
                    misfit.detail
                ),
            });
        }
    }
}

/// A text as the number or boolean that it spells.
fn scalar(text: &str) -> Option<Json> {
    match text {
        "true" => Some(json!(true)),
        "false" => Some(json!(false)),
        _ => match text.parse::<i64>() {
            Ok(number) => Some(json!(number)),
            Err(_) => text.parse::<f64>().ok().filter(|it| it.is_finite()).map(|it| json!(it)),
        },
    }
}

fn body(
    schemas: &Schemas,
    operation: &Operation,
    incoming: &Incoming,
    checked: &mut Checked,
    violations: &mut Vec<Violation>,
) -> Result<(), Refusal> {
    let Some(body) = &operation.body else { return Ok(()) };
    if incoming.body.is_empty() {
        if body.required {
            violations.push(Violation {
                location: Location::Body,
                name: "body".to_owned(),
                pointer: Pointer::ROOT,
                why: "required".to_owned(),
                value: Json::Null,
                detail: "the body is missing".to_owned(),
            });
        }
        return Ok(());
    }
    let full = incoming.header("content-type").unwrap_or_default();
    let media = full.split(';').next().unwrap_or_default().trim().to_lowercase();
    let Some(schema) = body.media.find(&media) else {
        let known: Vec<&str> = body.media.types.keys().map(String::as_str).collect();
        let message = format!("the media type `{media}` is not among {}", known.join(", "));
        return Err(Refusal::new("media_type", 415, message).with("media_type", media));
    };
    let value = match form::parse(&media, full, &incoming.body) {
        Ok(value) => value,
        Err(detail) => {
            let detail = format!("the body is not {media}: {detail}");
            return Err(Refusal::new("syntax", 400, detail.clone())
                .with("where", "body")
                .with("name", "body")
                .with("pointer", "")
                .with("why", "syntax")
                .with("detail", detail));
        }
    };
    let structured = form::is_json(&media);
    let value = match schema {
        Some(pointer) if !structured => typed(schemas, pointer, value),
        _ => value,
    };
    if let Some(pointer) = schema
        && (structured || value.is_object())
    {
        for misfit in schemas.misfits(pointer, &without_files(&value)) {
            let name = Some(misfit.pointer.last()).filter(|it| !it.is_empty());
            let name = name.unwrap_or_else(|| "body".to_owned());
            violations.push(Violation {
                location: Location::Body,
                detail: format!("{name}: {}", misfit.detail),
                name,
                value: value.pointer(&misfit.pointer).cloned().unwrap_or(Json::Null),
                pointer: misfit.pointer,
                why: misfit.why,
            });
        }
    }
    checked.body = Some(value);
    Ok(())
}

/// A form's texts as the numbers and booleans that their schemas ask for.
fn typed(schemas: &Schemas, pointer: &Pointer, mut form: Json) -> Json {
    for (name, value) in form.as_object_mut().into_iter().flatten() {
        let Some(property) = schemas.property(pointer, name) else { continue };
        let single = value.as_str().and_then(scalar);
        // What came once may be a list of one.
        let candidates = [single, Some(json!([value]))];
        if !schemas.misfits(&property, value).is_empty()
            && let Some(fitting) = candidates
                .into_iter()
                .flatten()
                .find(|it| schemas.misfits(&property, it).is_empty())
        {
            *value = fitting;
        }
    }
    form
}

/// A body as its schema sees it: a file of a multipart body is a text there.
fn without_files(value: &Json) -> std::borrow::Cow<'_, Json> {
    let is_file = |it: &Json| it.get("filename").is_some() && it.get("size").is_some();
    match value {
        Json::Object(members) if members.values().any(is_file) => {
            let texts = members.iter().map(|(name, it)| {
                let text = if is_file(it) { it["filename"].clone() } else { it.clone() };
                (name.clone(), text)
            });
            std::borrow::Cow::Owned(texts.collect())
        }
        _ => std::borrow::Cow::Borrowed(value),
    }
}
