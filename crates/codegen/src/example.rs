//! The first call of an API, as Rust that compiles against its client.

use crate::{
    names,
    normalize::plan::{OperationPlan, ParamPlan, Plan, Ty},
    provider::{Auth, Credential, Provider, Server},
};
use conversations_document::security::Requirement;

/// Statements that build the client and, where some operation can be called without composing a structure, call it.
/// They stand in an `async` function that returns a `Result`, where `Client` is in scope.
pub fn first_call(plan: &Plan, provider: &Provider) -> String {
    let call = plan
        .operations
        .iter()
        .filter_map(|operation| Some((rank(operation), operation, setters(operation)?)))
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
fn setters(operation: &OperationPlan) -> Option<Vec<String>> {
    if operation.body.as_ref().is_some_and(|it| it.required) {
        return None;
    }
    operation.params.iter().filter(|it| it.required).map(setter).collect()
}

fn setter(param: &ParamPlan) -> Option<String> {
    let value = match &param.ty {
        Ty::String => "\"…\"",
        Ty::Int32 | Ty::Int64 | Ty::UInt64 => "1",
        Ty::Number => "1.0",
        Ty::Boolean => "true",
        _ => return None,
    };
    Some(format!(".{}({value})", names::escape(&param.name)))
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
