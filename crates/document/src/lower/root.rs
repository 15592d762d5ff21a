//! The document around its operations and schemas: version, metadata, servers, security, and what a
//! client has no use for.

use super::{context::Context, webhooks};
use crate::note::Done;
use crate::{
    grammar::{Field, Kind, walk_mut},
    path::PathTemplate,
    pointer::Pointer,
    version::Version,
};
use serde_json::{Map, Value, json};

/// Root keywords of newer versions that say nothing to a client.
const NEWER: [&str; 3] = ["jsonSchemaDialect", "$self", "$schema"];

/// The fields without which the 3.0 reader refuses a node, with what to put there; `None` takes the
/// whole node away instead.
const NEEDED: &[(Kind, &str, Option<&str>)] = &[
    (Kind::Info, "title", Some("")),
    (Kind::Info, "version", Some("")),
    (Kind::Response, "description", Some("")),
    (Kind::Tag, "name", None),
    (Kind::Server, "url", None),
];

/// Security schemes that 3.0 knows, with the fields each needs.
const SCHEMES: &[(&str, &[&str])] = &[
    ("apiKey", &["name", "in"]),
    ("http", &["scheme"]),
    ("oauth2", &["flows"]),
    ("openIdConnect", &["openIdConnectUrl"]),
];

/// OAuth flows that 3.0 knows, with the URLs each needs.
const FLOWS: &[(&str, &[&str])] = &[
    ("implicit", &["authorizationUrl"]),
    ("password", &["tokenUrl"]),
    ("clientCredentials", &["tokenUrl"]),
    ("authorizationCode", &["authorizationUrl", "tokenUrl"]),
];

/// Brings the root to 3.0 once all references are resolved.
pub(crate) fn lower(cx: &mut Context, root: &mut Value) {
    let version = Version::of(root);
    if let Some(object) = root.as_object_mut() {
        note_version(cx, object, version);
        for key in NEWER {
            if object.shift_remove(key).is_some() {
                cx.note(&Pointer::ROOT.child(key), Done::RootKeyword { key: key.to_string() });
            }
        }
        webhooks::lower(cx, object);
        for (key, empty) in [("info", json!({})), ("paths", json!({}))] {
            if !object.contains_key(key) {
                cx.note("", Done::Missing { key, value: empty.to_string() });
                object.insert(key.to_owned(), empty);
            }
        }
        components(cx, object);
        security(cx, object, &Pointer::ROOT);
        external_docs(cx, object, &Pointer::ROOT);
    }
    needed(cx, root);
}

fn note_version(cx: &mut Context, object: &mut Map<String, Value>, version: Option<Version>) {
    let written =
        object.get("openapi").map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
    let written = written.unwrap_or_default();
    if version != Some(Version::OpenApi30) {
        cx.note("/openapi", Done::OpenapiVersion { written: written.to_string() });
    }
    object.insert("openapi".to_owned(), json!("3.0.3"));
}

fn components(cx: &mut Context, object: &mut Map<String, Value>) {
    let holder = object.entry("components").or_insert_with(|| json!({}));
    let Some(holder) = holder.as_object_mut() else { return };
    holder.entry("schemas").or_insert_with(|| json!({}));
    let Some(schemes) = holder.get_mut("securitySchemes").and_then(Value::as_object_mut) else {
        return;
    };
    let home = Pointer::from("/components/securitySchemes");
    schemes.retain(|name, scheme| {
        if name == "$ref" {
            return false;
        }
        let at = home.child(name);
        if scheme.get("type").is_some_and(|it| it == "mutualTLS") {
            cx.certificates.insert(name.clone());
            cx.note(&at, Done::Certificate { name: name.clone() });
            return false;
        }
        let problem = scheme_problem(name, scheme);
        let fits = problem.is_none();
        if let Some(done) = problem {
            cx.note(&at, done);
        }
        fits
    });
    for (name, scheme) in schemes.iter_mut() {
        let at = home.child(name).child("flows");
        let Some(flows) = scheme.get_mut("flows").and_then(Value::as_object_mut) else { continue };
        flows.retain(|flow, body| {
            let needs = FLOWS.iter().find(|(known, _)| known == flow).map(|(_, needs)| *needs);
            let fits = needs.is_some_and(|needs| {
                body.is_object()
                    && needs.iter().all(|key| body.get(*key).is_some_and(Value::is_string))
            });
            if !fits && !flow.starts_with("x-") {
                cx.note(&at.child(flow), Done::Flow { flow: flow.to_string() });
            }
            if fits {
                scopes(cx, body, &at.child(flow));
            }
            fits || flow.starts_with("x-")
        });
    }
}

/// Scopes are names with descriptions.
fn scopes(cx: &mut Context, flow: &mut Value, at: &Pointer) {
    match flow.get_mut("scopes").and_then(Value::as_object_mut) {
        Some(scopes) => {
            for (name, text) in scopes.iter_mut().filter(|(_, text)| !text.is_string()) {
                *text = json!("");
                cx.note(at, Done::ScopeWithoutDescription { name: name.to_string() });
            }
        }
        None => {
            flow["scopes"] = json!({});
            cx.note(at, Done::Missing { key: "scopes", value: "{}".to_owned() });
        }
    }
    let odd = flow.get("refreshUrl").is_some_and(|url| !url.is_string());
    if let Some(object) = flow.as_object_mut().filter(|_| odd) {
        object.shift_remove("refreshUrl");
        cx.note(at, Done::NotText { key: "refreshUrl" });
    }
}

fn scheme_problem(name: &str, scheme: &Value) -> Option<Done> {
    let kind = scheme.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, needs)) = SCHEMES.iter().find(|(known, _)| *known == kind) else {
        return Some(Done::SchemeType { name: name.to_owned(), kind: kind.to_owned() });
    };
    let fits = |key: &str| match (key, scheme.get(key)) {
        ("flows", Some(value)) => value.is_object(),
        ("in", Some(value)) => ["query", "header", "cookie"].iter().any(|place| value == place),
        (_, Some(value)) => value.is_string(),
        (_, None) => false,
    };
    let key = needs.iter().find(|key| !fits(key))?;
    Some(Done::SchemeWithout { name: name.to_owned(), key })
}

/// Security requirements in the form of a list of mappings.
pub(crate) fn security(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let Some(value) = object.get_mut("security") else { return };
    let at = at.child("security");
    if let Value::Object(one) = value {
        let one = std::mem::take(one);
        *value = if one.is_empty() { json!([]) } else { json!([one]) };
        cx.note(&at, Done::RequirementAlone);
    }
    let Some(list) = value.as_array_mut() else {
        cx.note(&at, Done::SecurityForm);
        object.shift_remove("security");
        return;
    };
    list.retain_mut(|requirement| {
        let Some(schemes) = requirement.as_object_mut() else {
            cx.note(&at, Done::RequirementForm);
            return false;
        };
        schemes.retain(|name, _| !cx.certificates.contains(name));
        for (_, scopes) in schemes.iter_mut() {
            let texts = scopes.as_array().is_some_and(|l| l.iter().all(Value::is_string));
            if !texts {
                *scopes = json!([]);
                cx.note(&at, Done::ScopesForm);
            }
        }
        true
    });
}

/// Links to further reading, which are worth no failure.
pub(crate) fn external_docs(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let bad = object
        .get("externalDocs")
        .is_some_and(|docs| !docs.get("url").is_some_and(Value::is_string));
    if bad {
        object.shift_remove("externalDocs");
        cx.note(&at.child("externalDocs"), Done::DocumentationWithoutUrl);
    }
}

/// Puts what every node of its kind needs, or takes the node away, all over the document.
fn needed(cx: &mut Context, root: &mut Value) {
    walk_mut(root, Kind::Root3, &Pointer::ROOT, &mut |node, kind, at| {
        let Some(object) = node.as_object_mut() else { return };
        for (_, key, filling) in
            NEEDED.iter().filter(|(k, _, filling)| *k == kind && filling.is_some())
        {
            if !object.contains_key(*key) {
                object.insert((*key).to_owned(), json!(filling));
                cx.note(at, Done::MissingText { key });
            }
        }
        for (inner, key, _) in NEEDED.iter().filter(|(_, _, filling)| filling.is_none()) {
            for Field { key: field, form, .. } in kind.fields() {
                if *form != crate::grammar::Form::List(*inner) {
                    continue;
                }
                let Some(list) = object.get_mut(*field).and_then(Value::as_array_mut) else {
                    continue;
                };
                let before = list.len();
                list.retain(|entry| entry.get(*key).is_some_and(Value::is_string));
                if list.len() < before {
                    cx.note(&at.child(field), Done::NodeWithout { noun: inner.noun(), key });
                }
            }
        }
        if matches!(kind, Kind::Tag | Kind::Operation | Kind::Schema) {
            external_docs(cx, object, at);
        }
        match kind {
            Kind::Info => info(cx, object, at),
            Kind::Server => server(cx, object, at),
            Kind::Header => header(cx, object, at),
            Kind::Response if object.shift_remove("links").is_some() => {
                cx.note(&at.child("links"), Done::Links);
            }
            Kind::MediaType if object.shift_remove("itemSchema").is_some() => {
                cx.note(at, Done::ItemSchema);
            }
            _ => {}
        }
    });
}

fn info(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    for (key, needs) in [("contact", None), ("license", Some("name"))] {
        let Some(value) = object.get(key) else { continue };
        let plain = value.as_object().is_some_and(|o| {
            o.iter().all(|(k, v)| v.is_string() || k.starts_with("x-"))
                && needs.is_none_or(|needed| o.contains_key(needed))
        });
        if !plain {
            object.shift_remove(key);
            cx.note(&at.child(key), Done::IllFormed { key });
        }
    }
}

fn header(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    match (object.contains_key("schema"), object.contains_key("content")) {
        (false, false) => {
            object.insert("schema".to_owned(), json!({ "type": "string" }));
            cx.note(at, Done::TextHeader);
        }
        (true, true) => {
            object.shift_remove("content");
            cx.note(at, Done::ContentBesideSchema);
        }
        _ => {}
    }
    if object.get("style").is_some_and(|style| style != "simple") {
        object.shift_remove("style");
        cx.note(at, Done::HeaderStyle);
    }
}

fn server(cx: &mut Context, object: &mut Map<String, Value>, at: &Pointer) {
    let written = object.get("url").and_then(Value::as_str).unwrap_or_default();
    if ['?', '#'].into_iter().any(|it| PathTemplate(written).split_once(it).is_some()) {
        cx.note(&at.child("url"), Done::ServerQuery { written: written.to_owned() });
    }
    let variables = object.get_mut("variables").and_then(Value::as_object_mut);
    for (name, variable) in variables.into_iter().flatten() {
        let Some(variable) = variable.as_object_mut().filter(|v| !v.contains_key("default")) else {
            continue;
        };
        let first = variable.get("enum").and_then(|values| values.get(0)).cloned();
        let text = first.unwrap_or_else(|| json!(""));
        let at = at.child("variables").child(name);
        cx.note(&at, Done::VariableDefault { text: text.to_string() });
        variable.insert("default".to_owned(), text);
    }
}
