//! The page of a client's module, in Markdown: its operations as the vendor groups them, its events, credentials and limits.

use crate::{
    names,
    normalize::{
        plan::{OperationPlan, Plan},
        prose,
    },
    provider::{Credential, Provider, RateLimit},
};
use std::fmt::Write as _;

/// What stands below the introduction that a person wrote. Links are for rustdoc, from the module of the client.
pub(crate) fn page(plan: &Plan, provider: &Provider) -> String {
    let mut out = String::new();
    operations(plan, &mut out);
    events(plan, &mut out);
    credentials(provider, &mut out);
    limits(provider, &mut out);
    let documentation = &provider.documentation;
    if documentation.starts_with("http") {
        let _ = writeln!(out, "The vendor's own documentation: <{documentation}>.");
    }
    out
}

fn operations(plan: &Plan, out: &mut String) {
    let mut groups: Vec<(&str, Vec<&OperationPlan>)> = Vec::new();
    for operation in &plan.operations {
        let group = operation.tag.as_deref().unwrap_or_default();
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, list)) => list.push(operation),
            None => groups.push((group, vec![operation])),
        }
    }
    if groups.is_empty() {
        return;
    }
    out.push_str("\n# Operations\n");
    for (name, list) in &groups {
        match (*name, groups.len()) {
            ("", 1) => out.push('\n'),
            ("", _) => out.push_str("\n## Others\n\n"),
            (name, _) => {
                let _ = writeln!(out, "\n## {}\n", cell(name));
            }
        }
        out.push_str("| call | what it does |\n|---|---|\n");
        for operation in list {
            let name = names::escape(&operation.name);
            let what = cell(operation.summary.trim_end_matches('.'));
            let mut notes = String::new();
            if operation.extension.billable {
                notes.push_str("; costs money");
            }
            if operation.deprecated {
                notes.push_str("; deprecated");
            }
            let _ = writeln!(out, "| [`{name}`](Client::{name}) | {what}{notes} |");
        }
    }
    out.push('\n');
}

fn events(plan: &Plan, out: &mut String) {
    let Plan { events, .. } = plan;
    if !events.events.is_empty() {
        let kinds: Vec<String> =
            events.events.iter().map(|it| format!("`{}`", it.kind.replace('`', "'"))).collect();
        let kinds = kinds.join(", ");
        let _ = writeln!(
            out,
            "# Events\n\nWhat comes by webhook is an [`Event`](events::Event), verified and read by \
             [`receive`](events::receive): {kinds}.\n"
        );
    }
}

fn credentials(provider: &Provider, out: &mut String) {
    if provider.auth.is_empty() {
        return;
    }
    out.push_str("# Credentials\n\n| method of the builder | takes | where it comes from | variables of [`Client::from_env`] |\n|---|---|---|---|\n");
    for auth in &provider.auth {
        let takes = match auth.credential {
            Credential::Key => "a key",
            Credential::Bearer => "a bearer token",
            Credential::Basic => "a user name and a password",
            Credential::ClientCredentials => {
                "a client id and secret; tokens are fetched, kept and renewed"
            }
            Credential::JwtHs256 => "a key id and secret; tokens are signed here",
        };
        let about = auth.about.as_deref().unwrap_or_default();
        let names: Vec<String> =
            provider.variables(auth).iter().map(|it| format!("`{it}`")).collect();
        let method = names::escape(&names::snake(&auth.method));
        let _ = writeln!(
            out,
            "| [`{method}`](ClientBuilder::{method}) | {takes} | {} | {} |",
            cell(&prose::doc(about.trim())),
            names.join(", ")
        );
    }
    let _ = writeln!(
        out,
        "\n`{}` moves the calls of [`Client::from_env`], for example to the sandbox.\n",
        provider.variable("base_url")
    );
}

fn limits(provider: &Provider, out: &mut String) {
    let mut lines = Vec::new();
    if let Some(RateLimit { limit, remaining, reset, .. }) = &provider.rate_limit {
        let reset = reset.as_ref().map(|it| &it.header);
        let headers: Vec<String> = [limit.as_ref(), remaining.as_ref(), reset]
            .into_iter()
            .flatten()
            .map(|it| format!("`{it}`"))
            .collect();
        if !headers.is_empty() {
            lines.push(format!("The rate limit is read from {}.", headers.join(", ")));
        }
    }
    if lines.is_empty() {
        lines.push(
            "The vendor has no header for its rate limit that is known, so that `wait_for_rate_limit` has nothing to go by: a \
             call too many is answered with 429."
                .to_owned(),
        );
    }
    match provider.concurrency {
        Some(1) => {
            lines.push("A client sends one request at a time, as the vendor demands.".to_owned())
        }
        Some(most) => lines.push(format!(
            "A client has at most {most} requests under way, as the vendor demands."
        )),
        None => {}
    }
    if !provider.error_codes.is_empty() {
        lines.push("The codes of its errors are in [`error_codes`].".to_owned());
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "# Limits and errors\n\n{}\n", lines.join(" "));
    }
}

/// A text of a document inside of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
