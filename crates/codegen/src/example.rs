//! The first call of an API, as Rust that compiles against its client.

use crate::{
    names,
    normalize::plan::{OperationPlan, ParamPlan, Plan, Ty},
    provider::{Auth, Credential, Provider},
};

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
    if provider.servers.is_empty() {
        out.push_str("\n        .base_url(std::env::var(\"BASE_URL\")?)");
    }
    // Without an operation to go by, what the client takes first is what it takes.
    let schemes: Vec<&String> = match &call {
        Some((operation, _)) => operation.security.first().into_iter().flatten().collect(),
        None => provider.auth.first().map(|it| &it.scheme).into_iter().collect(),
    };
    for auth in provider.auth.iter().filter(|it| schemes.contains(&&it.scheme)) {
        out.push_str(&format!("\n        {}", credential(auth)));
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
