//! What users see of a client, short enough to review.
//!
//! A surface is a sorted list of public items with their signatures. It stands in snapshots, so that a
//! reviewer of a new document reads a page and not ten thousand generated lines, and two of them tell
//! which public item a change of the document adds, removes or changes.

use crate::{
    names,
    normalize::plan::{
        Answer, BodyKind, BodyPlan, Def, Location, NULLS_FIELD, OperationPlan, Plan, Ty,
    },
    provider::{Credential, Provider},
};
use conversations_document::Pointer;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// The public items of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The provider's name.
    pub provider: String,
    /// One entry per operation, by method name.
    pub operations: BTreeMap<String, OperationSurface>,
    /// Every public item by its path, with its signature.
    pub items: BTreeMap<String, String>,
    /// What each item was made of: its place in the document as it was normalised, by JSON Pointer.
    pub places: BTreeMap<String, Pointer>,
    /// The structures that can be made without saying anything, by their path: they are `Default`.
    pub defaults: BTreeSet<String>,
    /// The fields that a request must have, by their path: without one, a call fails before it is sent.
    pub demanded: BTreeSet<String>,
    /// What the setters of builders take, by their path.
    pub arguments: BTreeMap<String, Argument>,
}

/// What a setter of a builder takes, whatever converts into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The type.
    pub ty: String,
    /// Whether a call fails without it.
    pub required: bool,
}

/// An operation as a reviewer wants to see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationSurface {
    /// The operationId.
    pub id: String,
    /// The HTTP method in capitals.
    pub verb: String,
    /// The path template.
    pub path: String,
    /// The name in the vendor's SDK.
    pub sdk_name: Option<String>,
    /// The setters with their types, required ones first as they stand in the document.
    pub setters: Vec<(String, String)>,
    /// What `send` answers.
    pub answer: String,
    /// Methods beside `send`: `stream`, `follow`, `keep_alive`.
    pub more: Vec<String>,
    /// The declared behaviours that differ from what the HTTP method says.
    pub behaviours: Vec<String>,
}

/// The surface of a plan.
pub fn surface(plan: &Plan, provider: &Provider) -> Surface {
    let mut out = Surface { provider: provider.provider.clone(), ..Surface::default() };
    for auth in &provider.auth {
        let takes = match auth.credential {
            Credential::Key | Credential::Bearer => "secret",
            Credential::Basic => "username, password",
            Credential::ClientCredentials => "client_id, client_secret",
            Credential::JwtHs256 => "key_id, secret",
        };
        out.add(
            format!("ClientBuilder::{}", names::escape(&names::snake(&auth.method))),
            format!("fn({takes})"),
            Pointer::from("/components/securitySchemes").child(&auth.scheme),
        );
    }
    for group in &plan.groups {
        let first = plan.operations.iter().find(|it| {
            it.server.checked_sub(1).and_then(|at| plan.groups.get(at)).map(|it| &it.method)
                == Some(&group.method)
        });
        let place = first.map(|it| it.pointer.child("servers")).unwrap_or_default();
        out.add(
            format!("ClientBuilder::{}", names::escape(&group.method)),
            "fn(url)".to_owned(),
            place,
        );
    }
    for variable in &plan.variables {
        let method = names::escape(&variable.method);
        out.add(format!("ClientBuilder::{method}"), "fn(value)".to_owned(), "/servers".into());
    }
    for code in &provider.error_codes {
        // The document does not have it, so it has no place.
        out.items.insert(format!("error_codes::{}", code.constant()), format!("{:?}", code.code));
    }
    for operation in &plan.operations {
        let seen = self::operation(operation);
        let method = names::escape(&operation.name);
        let builder = format!("builder::{}", operation.type_name);
        let below = |key: &str| operation.pointer.child(key);
        out.add(
            format!("Client::{method}"),
            format!("fn() -> {builder}"),
            operation.pointer.clone(),
        );
        for (setter, ty) in &seen.setters {
            let place = if setter == "body" { "requestBody" } else { "parameters" };
            out.add(format!("{builder}::{setter}"), format!("fn({ty})"), below(place));
        }
        let parameters = operation.params.iter().map(|it| {
            (names::escape(&it.name), Argument { ty: ty(&it.ty), required: it.required })
        });
        let body = operation.body.as_ref().map(|it| {
            let argument = Argument { ty: body_type(it), required: it.required };
            ("body".to_owned(), argument)
        });
        let arguments = parameters.chain(body);
        out.arguments.extend(arguments.map(|(name, it)| (format!("{builder}::{name}"), it)));
        let answers = below("responses");
        let returns = format!("fn() -> Response<{}>", seen.answer);
        out.add(format!("{builder}::send"), returns, answers.clone());
        for more in &seen.more {
            let (name, returns) = more.split_once(" -> ").unwrap_or((more, ""));
            out.add(
                format!("{builder}::{name}"),
                format!("fn() -> {returns}"),
                below("x-conversations"),
            );
        }
        if let Answer::ByStatus(cases) = &operation.answer {
            let own = format!("{}Answer", operation.type_name);
            for (status, variant, case) in cases {
                let shown = answer(case, operation);
                out.add(format!("{own}::{variant}"), shown, answers.child(status));
            }
            out.add(own, "enum".to_owned(), answers);
        }
        out.operations.insert(method, seen);
    }
    for header in &plan.headers {
        let shown = format!("{} as {:?}", ty(&header.ty), header.wire);
        out.add(format!("headers::{}", header.name), shown, header.pointer.clone());
    }
    for (name, def) in &plan.defs {
        let at = format!("types::{name}");
        let place = plan.places.get(name).cloned().unwrap_or_default();
        match def {
            Def::Struct(def) => {
                out.add(at.clone(), "struct".to_owned(), place.clone());
                if def.fields.iter().all(|it| !it.required) {
                    out.defaults.insert(at.clone());
                }
                for field in &def.fields {
                    let inner = ty(&field.ty);
                    let listed = matches!(field.ty, Ty::List(_) | Ty::Map(_) | Ty::Object);
                    let optional = if field.required {
                        field.nullable
                    } else {
                        !listed || def.in_request || field.nullable
                    };
                    let shown = if optional { format!("Option<{inner}>") } else { inner };
                    let own = names::escape(&field.name);
                    let wire = if own == field.wire {
                        String::new()
                    } else {
                        format!(" as {:?}", field.wire)
                    };
                    if def.in_request && field.required {
                        out.demanded.insert(format!("{at}::{own}"));
                    }
                    let here = place.child("properties").child(&field.wire);
                    out.add(format!("{at}::{own}"), format!("{shown}{wire}"), here);
                }
                if def.has_nulls() {
                    let nulls = format!("{at}::{NULLS_FIELD}");
                    out.add(nulls, "Option<Nulls>".to_owned(), place.clone());
                }
                if let Some(extra) = &def.extra {
                    out.add(
                        format!("{at}::extra"),
                        format!("BTreeMap<String, {}>", ty(extra)),
                        place.child("additionalProperties"),
                    );
                }
            }
            Def::Enum(def) => {
                out.add(at.clone(), "enum, open".to_owned(), place.clone());
                for (word, variant) in &def.values {
                    let here = place.child("enum");
                    out.add(format!("{at}::{variant}"), format!("{word:?}"), here);
                }
            }
            Def::Union(def) => {
                out.add(at.clone(), "union, open".to_owned(), place.clone());
                for variant in &def.variants {
                    let shown = ty(&variant.ty);
                    out.add(format!("{at}::{}", variant.name), shown, place.clone());
                }
            }
        }
    }
    out
}

/// The type that the setter of a body takes.
fn body_type(body: &BodyPlan) -> String {
    match body.kind {
        BodyKind::Bytes => "Body".to_owned(),
        _ => ty(&body.ty),
    }
}

fn operation(operation: &OperationPlan) -> OperationSurface {
    let mut setters: Vec<(String, String)> = Vec::new();
    for required in [true, false] {
        for param in operation.params.iter().filter(|it| it.required == required) {
            let place = match param.location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
                Location::Cookie => "cookie",
            };
            let must = if required { "" } else { "?" };
            setters
                .push((names::escape(&param.name), format!("{}{must} in {place}", ty(&param.ty))));
        }
    }
    if let Some(body) = &operation.body {
        let must = if body.required { "" } else { "?" };
        let shown = body_type(body);
        // What follows the type, such as a charset, is no part of the signature.
        let media = body.media.split(';').next().unwrap_or_default().trim();
        setters.push(("body".to_owned(), format!("{shown}{must}, {media}")));
    }
    let mut more = Vec::new();
    if let Some(item) = &operation.page_item {
        more.push(format!("stream -> Stream<{}>", ty(item)));
    }
    if let Some(item) = &operation.follow_item {
        more.push(format!("follow -> Follow<{}>", ty(item)));
    }
    if operation.extension.keep_alive.is_some() {
        more.push("keep_alive -> KeepAlive".to_owned());
    }
    let safe = matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    let repeatable = safe || matches!(operation.method.as_str(), "PUT" | "DELETE");
    let mut behaviours = Vec::new();
    if operation.extension.idempotent != repeatable {
        behaviours.push(if repeatable { "not idempotent" } else { "idempotent" }.to_owned());
    }
    if operation.extension.billable {
        behaviours.push("billable".to_owned());
    }
    if operation.extension.changes_state == safe {
        behaviours.push(if safe { "changes state" } else { "changes nothing" }.to_owned());
    }
    if let Some(key) = &operation.extension.idempotency_key {
        let known = if key.verified { "" } else { ", unverified" };
        behaviours.push(format!("idempotency key {}{known}", key.name));
    }
    OperationSurface {
        id: operation.id.clone(),
        verb: operation.method.clone(),
        path: operation.path.clone(),
        sdk_name: operation.sdk_name.clone(),
        answer: answer(&operation.answer, operation),
        setters,
        more,
        behaviours,
    }
}

fn answer(answer: &Answer, operation: &OperationPlan) -> String {
    match answer {
        Answer::Empty => "()".to_owned(),
        Answer::Json(it) => ty(it),
        Answer::OptionalJson(it) => format!("Option<{}>", ty(it)),
        Answer::Stream(it) if it.are_events => format!("ItemStream<Event<{}>>", ty(&it.ty)),
        Answer::Stream(it) => format!("ItemStream<{}>", ty(&it.ty)),
        Answer::Redirect => "Redirect".to_owned(),
        Answer::Text => "String".to_owned(),
        Answer::Bytes => "Bytes".to_owned(),
        Answer::ByStatus(_) => format!("{}Answer", operation.type_name),
    }
}

fn ty(it: &Ty) -> String {
    match it {
        Ty::Any => "Value".to_owned(),
        Ty::Object => "Map<String, Value>".to_owned(),
        Ty::Boolean => "bool".to_owned(),
        Ty::Int32 => "i32".to_owned(),
        Ty::Int64 => "i64".to_owned(),
        Ty::UInt64 => "u64".to_owned(),
        Ty::Number => "f64".to_owned(),
        Ty::String => "String".to_owned(),
        Ty::Timestamp => "Timestamp".to_owned(),
        Ty::File => "FilePart".to_owned(),
        Ty::List(inner) => format!("Vec<{}>", ty(inner)),
        Ty::Map(inner) => format!("BTreeMap<String, {}>", ty(inner)),
        Ty::Nullable(inner) => format!("Option<{}>", ty(inner)),
        Ty::Named(name) => name.clone(),
    }
}

impl Surface {
    fn add(&mut self, item: String, signature: String, place: Pointer) {
        self.places.insert(item.clone(), place);
        self.items.insert(item, signature);
    }

    /// The Rust name of the type that each named schema of the document became, by the schema's name. A schema
    /// that is only another word for something else has none.
    pub fn schemas(&self) -> BTreeMap<String, &str> {
        let types = self.places.iter().filter_map(|(item, place)| {
            let name = item.strip_prefix("types::").filter(|it| !it.contains("::"))?;
            Some((name, place.tokens()))
        });
        types
            .filter_map(|(name, keys)| match &keys[..] {
                [components, schemas, schema]
                    if components == "components" && schemas == "schemas" =>
                {
                    Some((schema.clone(), name))
                }
                _ => None,
            })
            .collect()
    }

    /// The surface as a page to read.
    pub fn page(&self) -> String {
        let mut out = format!("# {}\n\n## Client\n\n", self.provider);
        for (item, signature) in
            self.items.iter().filter(|(it, _)| it.starts_with("ClientBuilder::"))
        {
            let _ = writeln!(
                out,
                "builder.{}{}",
                item.trim_start_matches("ClientBuilder::"),
                signature.trim_start_matches("fn")
            );
        }
        let _ = writeln!(out, "\n## Operations ({})", self.operations.len());
        for (method, operation) in &self.operations {
            let _ = write!(out, "\n{method}    {} {}", operation.verb, operation.path);
            if let Some(name) = &operation.sdk_name {
                let _ = write!(out, "    sdk: {name}");
            }
            out.push('\n');
            for (setter, ty) in &operation.setters {
                let _ = writeln!(out, "    .{setter}({ty})");
            }
            let _ = writeln!(out, "    .send() -> {}", operation.answer);
            for more in &operation.more {
                let (name, returns) = more.split_once(" -> ").unwrap_or((more, ""));
                let _ = writeln!(out, "    .{name}() -> {returns}");
            }
            if !operation.behaviours.is_empty() {
                let _ = writeln!(out, "    {}", operation.behaviours.join("; "));
            }
        }
        let elsewhere = ["Client", "builder::", "error_codes::", "headers::"];
        let mut types: Vec<(&String, &String)> = self
            .items
            .iter()
            .filter(|(it, _)| !elsewhere.iter().any(|place| it.starts_with(place)))
            .collect();
        // By its steps, so that `Error2` does not come between `Error` and what is in it.
        types.sort_by_key(|(it, _)| it.split("::").collect::<Vec<_>>());
        for (title, module, is) in
            [("Error codes", "error_codes::", " ="), ("Headers of answers", "headers::", ":")]
        {
            let own = |(it, shown)| Some((str::strip_prefix(it, module)?, shown));
            let items: Vec<(&str, &String)> =
                self.items.iter().map(|(it, shown)| (it.as_str(), shown)).filter_map(own).collect();
            if !items.is_empty() {
                let _ = writeln!(out, "\n## {title}\n");
            }
            for (name, shown) in items {
                let _ = writeln!(out, "{name}{is} {shown}");
            }
        }
        if !types.is_empty() {
            out.push_str("\n## Types\n");
        }
        for (item, signature) in types {
            let depth = item.trim_start_matches("types::").matches("::").count();
            match item.rsplit_once("::") {
                Some((_, own)) if depth > 0 => {
                    let _ = writeln!(out, "    {own}: {signature}");
                }
                _ => {
                    let _ = writeln!(out, "\n{signature} {}", item.trim_start_matches("types::"));
                }
            }
        }
        out
    }
}

/// What two surfaces differ in, by item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SurfaceDiff {
    /// Items that only the second has.
    pub added: Vec<String>,
    /// Items that only the first has.
    pub removed: Vec<String>,
    /// Items that both have with different signatures, as `item: before -> after`.
    pub changed: Vec<String>,
}

/// Compares two surfaces.
pub fn compare(base: &Surface, revision: &Surface) -> SurfaceDiff {
    let mut out = SurfaceDiff::default();
    for (item, before) in &base.items {
        match revision.items.get(item) {
            None => out.removed.push(format!("{item}: {before}")),
            Some(after) if after != before => {
                out.changed.push(format!("{item}: {before} -> {after}"))
            }
            Some(_) => {}
        }
    }
    for (item, after) in &revision.items {
        if !base.items.contains_key(item) {
            out.added.push(format!("{item}: {after}"));
        }
    }
    out
}
