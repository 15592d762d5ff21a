//! What is wrong with a `provider.yaml`, by itself and beside the document.

use super::{
    Auth, BUILDER_METHODS, CLIENT_ERROR, Credential, ErrorBody, ErrorCode, Events, KEY_OF_KIND,
    Provider, Refusal, Server, Verification,
};
use crate::names;
use conversations_document::{Document, Fault, Pointer, fault::Code, lookup, select, suggest};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is wrong with the file, whatever the document says.
pub(super) fn alone(provider: &Provider, file: &Document) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut fault = |pointer: &str, code: Code, help: &str| {
        found.push(file.fault(pointer, code, help));
    };
    let Provider { servers, auth, error, concurrency, source, events, .. } = provider;
    if servers.is_empty() {
        let help = "name at least one: `servers: [{url: https://…, description: Production}]`";
        fault("/servers", Code::NoServer, help);
    }
    for (i, Server { url, variables, description: _ }) in servers.iter().enumerate() {
        for name in conversations_document::path::PathTemplate(url).names() {
            if !variables.contains_key(name) {
                let help = format!("declare it: `variables: {{ {name}: {{ default: … }} }}`");
                let code = Code::UndeclaredVariable { name: name.to_owned() };
                fault(&format!("/servers/{i}/url"), code, &help);
            }
        }
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if !url.starts_with("https://") && !local.iter().any(|it| url.starts_with(it)) {
            fault(&format!("/servers/{i}/url"), Code::NotHttps, "write `https://…`");
        }
    }
    for (key, pointers) in [("code", &error.code), ("message", &error.message)] {
        for (i, pointer) in pointers.iter().enumerate() {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let help = format!("write `/{pointer}`");
                let code = Code::NotAPointer { text: pointer.clone() };
                fault(&format!("/error/{key}/{i}"), code, &help);
            }
        }
    }
    error_codes(provider, &mut fault);
    if let Some(it) = events {
        self::events(it, &mut fault);
    }
    if *concurrency == Some(0) {
        fault("/concurrency", Code::Zero, "write 1 or more");
    }
    if source.url.is_none() && source.note.as_ref().is_none_or(|it| it.trim().is_empty()) {
        fault("/source", Code::NoSource, "write `note: …`");
    }
    for (i, it) in auth.iter().enumerate() {
        let at = |key: &str| format!("/auth/{i}{key}");
        let name = || it.method.clone();
        let snake = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        if !it.method.starts_with(|it: char| it.is_ascii_lowercase())
            || !it.method.chars().all(snake)
        {
            let help = format!("write `{}`", names::snake(&it.method));
            fault(&at("/method"), Code::NotAName { name: name(), case: "snake_case" }, &help);
        }
        if auth[..i].iter().any(|other| other.method == it.method) {
            let code = Code::Taken { name: name(), by: "another way to authenticate" };
            fault(&at("/method"), code, "name it after the scheme");
        }
        if BUILDER_METHODS.contains(&it.method.as_str()) {
            let code = Code::Taken { name: name(), by: "the builder of the client" };
            fault(&at("/method"), code, "name it after the scheme");
        }
        let minted = it.credential == Credential::JwtHs256;
        if it.jwt.is_some() != minted {
            let code = Code::OnlyWith { key: "jwt", with: "`credential: jwt-hs256`" };
            fault(&at(""), code, "say `jwt: { key_id_header: kid }`, or leave it out");
        }
        if it.token.is_some() && it.credential != Credential::ClientCredentials {
            let code = Code::OnlyWith { key: "token", with: "`credential: client-credentials`" };
            fault(&at("/token"), code, "leave it out");
        }
        let sent_as_is = minted || it.credential == Credential::Key;
        if it.prefix.is_some() && !sent_as_is {
            let with = "`credential: key` and `jwt-hs256`; the others have theirs";
            fault(&at("/prefix"), Code::OnlyWith { key: "prefix", with }, "leave it out");
        }
    }
    found
}

/// What is wrong with the declaration of events.
fn events(events: &Events, fault: &mut impl FnMut(&str, Code, &str)) {
    let Events { kind, items, verify, keys, delivery, frame: _ } = events;
    let mut pointers: Vec<(String, &String)> = Vec::new();
    pointers.extend(kind.iter().map(|it| ("kind".to_owned(), it)));
    pointers.extend(items.iter().map(|it| ("items".to_owned(), it)));
    for (i, key) in keys.iter().enumerate() {
        let parts = key.iter().enumerate().filter(|(_, it)| *it != KEY_OF_KIND);
        pointers.extend(parts.map(|(j, it)| (format!("keys/{i}/{j}"), it)));
        if key.iter().all(|it| it == KEY_OF_KIND) {
            let help = "name what identifies the content: `[kind, /message/id]`";
            fault(&format!("/events/keys/{i}"), Code::AlikeEvents, help);
        }
    }
    for (at, text) in pointers.into_iter().filter(|(_, it)| !it.is_empty() && !it.starts_with('/'))
    {
        let help = format!("write `/{text}`");
        fault(&format!("/events/{at}"), Code::NotAPointer { text: text.clone() }, &help);
    }
    if items.is_some() && kind.is_none() {
        let help = "say where the body says which event it is: `kind: /event`";
        fault("/events/items", Code::OnlyWith { key: "items", with: "`kind`" }, help);
    }
    if let Verification::Header(name) = verify
        && (name.is_empty()
            || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_'))
    {
        fault("/events/verify/header", Code::NotAHeader { name: name.clone() }, "");
    }
    for (key, statuses) in
        [("accepted", &delivery.accepted), ("final_statuses", &delivery.final_statuses)]
    {
        for (i, status) in statuses.iter().enumerate() {
            if !(100..600).contains(status) {
                let at = format!("/events/delivery/{key}/{i}");
                let code = Code::NotAStatus { status: *status, of: "any answer" };
                fault(&at, code, "write 100 to 599");
            }
        }
    }
}

/// What is wrong with the declared codes, and with what they are said to mean.
fn error_codes(provider: &Provider, fault: &mut impl FnMut(&str, Code, &str)) {
    let Provider { error_codes, error, .. } = provider;
    if error.code.is_empty() && !error_codes.is_empty() {
        let help = "say where a body has its code: `error: { code: [/code] }`";
        fault("/error_codes", Code::CodesNowhere, help);
    }
    let constants: Vec<String> = error_codes.iter().map(ErrorCode::constant).collect();
    for (i, it) in error_codes.iter().enumerate() {
        let ErrorCode { code, name, meaning, status, source } = it;
        let at = |key: &str| format!("/error_codes/{i}/{key}");
        for (key, text) in [("code", code), ("meaning", meaning), ("source", source)] {
            if text.trim().is_empty() {
                fault(&at(key), Code::Empty { key: key.to_owned() }, "");
            }
        }
        match name {
            Some(name) if names::snake(name) != *name || !name.is_ascii() => {
                let help = format!("write `{}`", names::snake(name));
                let code = Code::NotAName { name: name.clone(), case: "snake_case" };
                fault(&at("name"), code, &help);
            }
            None if names::snake(code) != *code || !code.is_ascii() => {
                let code = Code::NotAName { name: code.clone(), case: "snake_case" };
                fault(&at("code"), code, "add a `name` in snake_case");
            }
            Some(_) | None => {}
        }
        if constants[..i].contains(&constants[i]) {
            let code = Code::Taken { name: constants[i].clone(), by: "another code" };
            fault(&at("code"), code, "give one of them another `name`");
        }
        if error_codes[..i].iter().any(|other| other.code == *code) {
            let code = Code::Taken { name: code.clone(), by: "an entry before" };
            fault(&at("code"), code, "");
        }
        if let Some(status) = status.filter(|it| !(100..600).contains(it)) {
            let code = Code::NotAStatus { status, of: "any answer" };
            fault(&at("status"), code, "write 100 to 599, or leave it out");
        }
    }
    let kinds = [("unauthorized", &error.unauthorized), ("forbidden", &error.forbidden)];
    for (kind, Refusal { statuses, codes }) in kinds {
        for (i, status) in statuses.iter().enumerate() {
            if !(400..500).contains(status) {
                let code = Code::NotAStatus { status: *status, of: CLIENT_ERROR };
                fault(&format!("/error/{kind}/statuses/{i}"), code, "");
            }
        }
        for (i, code) in codes.iter().enumerate() {
            if !error_codes.iter().any(|it| it.code == *code) {
                let known = suggest::quoted(error_codes.iter().map(|it| it.code.as_str()));
                let help = format!("declare it under `error_codes`, which has {known}");
                let code = Code::UndeclaredCode { code: code.clone() };
                fault(&format!("/error/{kind}/codes/{i}"), code, &help);
            }
        }
    }
    let Refusal { statuses, codes } = &error.forbidden;
    let Refusal { statuses: others, codes: other_codes } = &error.unauthorized;
    let statuses = statuses.iter().map(|it| (it.to_string(), others.contains(it))).enumerate();
    let codes = codes.iter().map(|it| (it.clone(), other_codes.contains(it))).enumerate();
    let all = statuses.map(|it| ("statuses", it)).chain(codes.map(|it| ("codes", it)));
    for (key, (i, (name, taken))) in all {
        if taken {
            let code = Code::Taken { name, by: "`unauthorized`" };
            fault(&format!("/error/forbidden/{key}/{i}"), code, "leave it in one of the two");
        }
    }
}

/// What of `provider.yaml` the document does not bear out, as the vendor wrote it and after its overlay.
pub(crate) fn check(
    provider: &Provider,
    file: &Document,
    vendored: &Document,
    document: &Document,
) -> Vec<Fault> {
    let holder = match document.root.get("swagger") {
        Some(_) => "/securityDefinitions",
        None => "/components/securitySchemes",
    };
    let mut found = select::unmatched(&provider.select, file, "/select", vendored);
    found.extend(error_pointers(&provider.error, file, document));
    if let Some(frame) = provider.events.as_ref().and_then(|it| it.frame.as_ref()) {
        let names = lookup::keys(&document.root, "/components/schemas");
        if !names.contains(&frame.schema.as_str()) {
            let code =
                Code::NoSchema { file: document.file.to_string(), schema: frame.schema.clone() };
            let help = match &suggest::nearest(&frame.schema, names, 3)[..] {
                [] => String::new(),
                near => format!("did you mean {}?", suggest::quoted(near.iter().copied())),
            };
            found.push(file.fault("/events/frame/schema", code, help));
        }
    }
    for (i, auth) in provider.auth.iter().enumerate() {
        let names = lookup::keys(&document.root, holder);
        let Auth { scheme, credential, token, .. } = auth;
        if !names.contains(&scheme.as_str()) {
            let code = Code::NoScheme { file: document.file.to_string(), scheme: scheme.clone() };
            let help = format!("it has {}", suggest::quoted(names));
            found.push(file.fault(&format!("/auth/{i}/scheme"), code, help));
            continue;
        }
        let pointer = lookup::resolve(&document.root, &Pointer::from(holder).child(scheme));
        let text = |key: &str| lookup::text(&document.root, &pointer, key).unwrap_or_default();
        let (kind, http) = (text("type"), text("scheme").to_ascii_lowercase());
        let fitting = fitting(kind, &http);
        let origin = document.origin(&pointer);
        if !fitting.contains(credential) {
            let scheme = format!("{kind} {http}").trim().to_owned();
            let code = Code::SchemeMismatch { scheme, origin: origin.clone() };
            let words = json!(fitting);
            let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
            let help = match fitting {
                [] => "name another scheme; no credential fits this one".to_owned(),
                _ => format!("what fits is {}", suggest::quoted(words)),
            };
            found.push(file.fault(&format!("/auth/{i}/credential"), code, help));
        }
        let flows = pointer.child("flows").child("clientCredentials").child("tokenUrl");
        let said = document.root.pointer(&flows).is_some() || !text("tokenUrl").is_empty();
        if *credential == Credential::ClientCredentials && token.is_none() && !said {
            let help = "write `token: { url: https://…, scopes: [] }`";
            found.push(file.fault(&format!("/auth/{i}"), Code::NoTokenUrl { origin }, help));
        }
    }
    found
}

/// The credentials that a security scheme of this `type`, and of this HTTP `scheme`, takes.
fn fitting(kind: &str, http: &str) -> &'static [Credential] {
    use Credential::{Basic, Bearer, ClientCredentials, JwtHs256, Key};
    match (kind, http) {
        ("apiKey", _) => &[Key, JwtHs256],
        ("http", "bearer") => &[Bearer, ClientCredentials, JwtHs256],
        ("oauth2" | "openIdConnect", _) => &[Bearer, ClientCredentials],
        ("basic", _) | ("http", "basic") => &[Basic],
        _ => &[],
    }
}

/// Pointers into error bodies, where all of a list lead nowhere in those that the document has. Some may be of errors that
/// the document leaves out.
fn error_pointers(error: &ErrorBody, file: &Document, document: &Document) -> Vec<Fault> {
    let root = &document.root;
    // Most operations answer errors by one schema, which is looked at once.
    let schemas: BTreeSet<Pointer> = lookup::operations(root)
        .iter()
        .flat_map(|it| lookup::error_schemas(root, &it.pointer))
        .map(|it| lookup::resolve(root, &it))
        .collect();
    let mut found = Vec::new();
    for (list, pointers) in [("code", &error.code), ("message", &error.message)] {
        let led = |it: &String| lookup::leads(root, it, schemas.iter().cloned().collect());
        let led: Vec<_> = pointers.iter().map(led).collect();
        if led.iter().any(Result::is_ok) {
            continue;
        }
        for (i, (pointer, led)) in pointers.iter().zip(led).enumerate() {
            let Err((name, names)) = led else { continue };
            let help = suggest::known(&name, "there is", names.iter().map(String::as_str));
            let whose = "the error body of the document";
            let code = Code::PointsNowhere { whose, name, pointer: pointer.clone() };
            found.push(file.fault(&format!("/error/{list}/{i}"), code, help));
        }
    }
    found
}
