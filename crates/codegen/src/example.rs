//! Calls as Rust that compiles against the client: the first one, and one of each operation.

use crate::{
    names,
    normalize::plan::{BodyPlan, Def, Field, OperationPlan, ParamPlan, Plan, StructDef, Ty},
    provider::{Auth, Credential, Provider, Server},
};
use conversations_document::security::Requirement;
use serde_json::Value;

/// A call of an operation with the values that the document shows, as statements where `client` and `types` are in scope.
/// Nothing where something that must be given cannot be written as an expression.
pub(crate) fn call(operation: &OperationPlan, plan: &Plan) -> Option<String> {
    let mut out = format!("let answer = client\n    .{}()", names::escape(&operation.name));
    for param in operation.params.iter().filter(|it| it.required) {
        let value = match &param.example {
            Some(value) if !matches!(param.ty, Ty::List(_)) => expression(value, &param.ty, plan)?,
            Some(_) => return None,
            None => sample(&param.ty, plan, DEPTH)?,
        };
        out.push_str(&format!("\n    .{}({value})", names::escape(&param.name)));
    }
    if let Some(body) = operation.body.as_ref().filter(|it| it.required) {
        out.push_str(&self::body(body, plan)?);
    }
    out.push_str("\n    .send()\n    .await?;");
    // What is longer than a page shows nothing, and a fence would end early.
    const MOST: usize = 2_000;
    (out.len() <= MOST && !out.contains("```")).then_some(out)
}

/// The setters of a body that is a structure.
fn body(body: &BodyPlan, plan: &Plan) -> Option<String> {
    let Ty::Named(name) = &body.ty else { return None };
    let Some(Def::Struct(def)) = plan.defs.get(name) else { return None };
    let shown = body.example.as_ref().and_then(Value::as_object);
    let value = |field: &Field| match shown.and_then(|it| it.get(&field.wire)) {
        Some(value) => of_field(field, value, plan),
        None if field.is_demanded() => sample(&field.ty, plan, DEPTH),
        None => None,
    };
    // What `new` takes converts into the type itself, which builders of structures inside, and a text for what may be
    // null, do not.
    let is_plain =
        |it: &&Field| !it.nullable && !matches!(&it.ty, Ty::Named(name) if !is_enum(name, plan));
    let constructor = def.constructor().filter(|it| !it.is_empty() && it.iter().all(is_plain));
    let mut out = String::new();
    if let Some(arguments) = &constructor {
        let arguments: Option<Vec<String>> = arguments.iter().map(|it| value(it)).collect();
        out.push_str(&format!("\n    .body(types::{name}::new({}))", arguments?.join(", ")));
    }
    let setters = setters_of(def, value, |it| constructor.is_none() || !it.is_demanded())?;
    if !setters.is_empty() {
        out.push_str(&format!("\n    .body_map(|it| it{setters})"));
    }
    Some(out)
}

/// The setters of those fields of a structure that are wanted and have a value; nothing where one that must have a value has
/// none.
fn setters_of(
    def: &StructDef,
    value: impl Fn(&Field) -> Option<String>,
    wanted: impl Fn(&Field) -> bool,
) -> Option<String> {
    let mut out = String::new();
    for field in def.fields.iter().filter(|it| wanted(it) && it.fixed.is_none()) {
        match value(field) {
            Some(value) => out.push_str(&format!(".{}({value})", names::escape(&field.name))),
            None if field.is_demanded() => return None,
            None => {}
        }
    }
    Some(out)
}

fn is_enum(name: &str, plan: &Plan) -> bool {
    matches!(plan.defs.get(name), Some(Def::Enum(_)))
}

/// A value of the document as an argument of the setter of a field, which takes arrays where it may be left out.
fn of_field(field: &Field, value: &Value, plan: &Plan) -> Option<String> {
    let is_list = matches!(field.ty, Ty::List(_));
    if is_list && field.required { None } else { expression(value, &field.ty, plan) }
}

/// A value of the document as an argument of a setter.
fn expression(value: &Value, ty: &Ty, plan: &Plan) -> Option<String> {
    match (ty, value) {
        (Ty::String, Value::String(text)) => Some(format!("{text:?}")),
        (Ty::Boolean, Value::Bool(it)) => Some(it.to_string()),
        (Ty::Int32 | Ty::Int64 | Ty::UInt64, Value::Number(it)) if !it.is_f64() => {
            // A literal alone is of 32 bits where several types would do.
            let small = it.as_i64().is_some_and(|it| i32::try_from(it).is_ok());
            let suffix = match ty {
                Ty::Int64 if !small => "_i64",
                Ty::UInt64 if !small => "_u64",
                _ => "",
            };
            Some(format!("{it}{suffix}"))
        }
        (Ty::Number, Value::Number(it)) => Some(format!("{:?}", it.as_f64()?)),
        (Ty::Named(name), Value::String(text)) if is_enum(name, plan) => Some(format!("{text:?}")),
        (Ty::List(held), Value::Array(items)) if !items.is_empty() => {
            let items: Option<Vec<String>> =
                items.iter().map(|it| expression(it, held, plan)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        (Ty::Named(name), Value::Object(members)) => {
            let Some(Def::Struct(def)) = plan.defs.get(name) else { return None };
            let value = |it: &Field| of_field(it, members.get(&it.wire)?, plan);
            let setters = setters_of(def, value, |_| true)?;
            Some(format!("types::{name}::builder(){setters}"))
        }
        _ => None,
    }
}

/// So deep are structures that are made up; one may have to hold itself.
const DEPTH: usize = 5;

/// Anything of a type, where the document shows nothing.
fn sample(ty: &Ty, plan: &Plan, depth: usize) -> Option<String> {
    match ty {
        _ if depth == 0 => None,
        Ty::String => Some("\"…\"".to_owned()),
        Ty::Int32 | Ty::Int64 | Ty::UInt64 => Some("1".to_owned()),
        Ty::Number => Some("1.0".to_owned()),
        Ty::Boolean => Some("true".to_owned()),
        Ty::Named(name) => match plan.defs.get(name)? {
            Def::Enum(def) => def.values.first().map(|(word, _)| format!("{word:?}")),
            Def::Struct(def) => {
                let value =
                    |it: &Field| it.is_demanded().then(|| sample(&it.ty, plan, depth - 1))?;
                Some(format!("types::{name}::builder(){}", setters_of(def, value, |_| true)?))
            }
            Def::Union(_) => None,
        },
        _ => None,
    }
}

/// Statements that build the client and, where some operation can be called without composing a structure, call it.
/// They stand in an `async` function that returns a `Result`, where `Client` is in scope.
pub fn first_call(plan: &Plan, provider: &Provider) -> String {
    let call = plan
        .operations
        .iter()
        .filter_map(|operation| Some((rank(operation), operation, setters(operation, plan)?)))
        .min_by_key(|(rank, ..)| *rank)
        .map(|(_, operation, setters)| (operation, setters));
    let mut out = String::from("    let client = Client::builder()");
    for (method, variable) in addresses(plan, provider) {
        out.push_str(&format!("\n        .{method}(std::env::var(\"{variable}\")?)"));
    }
    // Without an operation to go by, what the client takes first is what it takes.
    let first = provider.auth.first().map(|it| it.scheme.as_str());
    let schemes: Vec<&str> = match &call {
        Some((operation, _)) => match &operation.security {
            Some(accepted) => easiest(accepted, provider),
            None => first.into_iter().collect(),
        },
        None => first.into_iter().collect(),
    };
    let mut unspoken = false;
    for scheme in schemes {
        match provider.auth.iter().find(|it| it.scheme == scheme) {
            Some(auth) => out.push_str(&format!("\n        {}", credential(auth))),
            None => unspoken = true,
        }
    }
    if unspoken {
        // Whatever the scheme asks for, callers make it.
        out.push_str("\n        .header(\"Authorization\", std::env::var(\"AUTHORIZATION\")?)");
    }
    out.push_str("\n        .build()?;\n");
    match call {
        Some((operation, setters)) => {
            let method = names::escape(&operation.name);
            out.push_str(&format!("    let answer = client\n        .{method}()"));
            for setter in setters {
                out.push_str(&format!("\n        {setter}"));
            }
            out.push_str("\n        .send()\n        .await?;\n");
            let line = format!("{} {}", operation.method, operation.path);
            out.push_str(&format!("    println!(\"{{}} answers {{}}\", {line:?}, answer.status());\n"));
        }
        None => out.push_str(
            "    // Every operation takes a structure: compose one of `types` with its builder.\n    println!(\"{client:?}\");\n",
        ),
    }
    out
}

/// The schemes of the alternative that asks for the least: one that the builder's methods serve, if there is one.
fn easiest<'a>(accepted: &'a [Requirement], provider: &Provider) -> Vec<&'a str> {
    let spoken = |name: &str| provider.auth.iter().any(|it| it.scheme == name);
    let unspoken = |it: &&Requirement| it.iter().filter(|(name, _)| !spoken(name)).count();
    let asking = accepted.iter().filter(|it| !it.is_empty() || accepted.len() == 1);
    let chosen = asking.min_by_key(unspoken);
    chosen.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// The setters without which no address is known, with the variables of the environment that they are read from.
fn addresses(plan: &Plan, provider: &Provider) -> Vec<(String, String)> {
    let own = plan.operations.iter().any(|it| it.server == 0) || plan.operations.is_empty();
    let mut methods: Vec<&str> = Vec::new();
    let mut servers: Vec<&Server> = Vec::new();
    match provider.servers.first() {
        Some(server) => servers.push(server),
        None if own => methods.push("base_url"),
        None => {}
    }
    if methods.is_empty() {
        for group in &plan.groups {
            match group.servers.first() {
                Some(server) => servers.push(server),
                None => methods.push(&group.method),
            }
        }
    }
    for variable in &plan.variables {
        let open =
            |it: &&Server| it.variables.get(&variable.name).is_some_and(|it| it.default.is_none());
        if servers.iter().any(open) {
            methods.push(&variable.method);
        }
    }
    methods.into_iter().map(|it| (names::escape(it), names::shouting(it))).collect()
}

/// What reads before what changes, what takes little before what takes much.
fn rank(operation: &OperationPlan) -> (bool, bool, usize) {
    let required = operation.params.iter().filter(|it| it.required).count();
    (operation.deprecated, operation.method != "GET", required)
}

/// The setters of what must be given, where literals can be.
fn setters(operation: &OperationPlan, plan: &Plan) -> Option<Vec<String>> {
    if operation.body.as_ref().is_some_and(|it| it.required) {
        return None;
    }
    let is_plain = |it: &&ParamPlan| !matches!(it.ty, Ty::Named(_));
    let required = || operation.params.iter().filter(|it| it.required);
    let setter = |it: &ParamPlan| {
        Some(format!(".{}({})", names::escape(&it.name), sample(&it.ty, plan, DEPTH)?))
    };
    required().all(|it| is_plain(&it)).then(|| required().map(setter).collect())?
}

/// The builder's setter, its values taken from the environment.
fn credential(auth: &Auth) -> String {
    let method = names::escape(&names::snake(&auth.method));
    let variable = names::shouting(&auth.method);
    let parts: &[&str] = match auth.credential {
        Credential::Key | Credential::Bearer => &[""],
        Credential::Basic => &["_USERNAME", "_PASSWORD"],
        Credential::ClientCredentials => &["_ID", "_SECRET"],
        Credential::JwtHs256 => &["_KEY_ID", "_SECRET"],
    };
    let values: Vec<String> =
        parts.iter().map(|part| format!("std::env::var(\"{variable}{part}\")?")).collect();
    format!(".{method}({})", values.join(", "))
}
