//! What stands outside of the operations: components, and through `security` and `servers` what these say
//! for all operations.

use crate::findings::{Cause, Findings, Owner, What};
use crate::rules::Rule;
use crate::view::{Side, Spot};
use crate::{security, servers};
use serde_json::Value;
use std::collections::BTreeMap;

/// Judges the document's own parts.
pub(crate) fn judge(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    components(base, revision, findings);
    schemes(base, revision, findings);
    servers::judge(base, revision, findings);
    security::judge(base, revision, findings);
}

fn section<'a>(side: &Side<'a>, name: &str) -> Vec<(&'a str, Spot<'a>)> {
    let components = side.spot().get("components").and_then(|it| it.get(name));
    components.map(|it| it.members()).unwrap_or_default()
}

fn components(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    let new = revision.spot().get("components").and_then(|it| it.get("schemas"));
    for (name, spot) in section(base, "schemas") {
        if new.as_ref().is_none_or(|it| it.get(name).is_none()) {
            let what = format!("the schema `{name}` was removed");
            let cause = Cause::base(spot.pointer);
            findings.add(
                Rule::ApiSchemaRemoved,
                &Owner::default(),
                cause,
                "",
                What::lost(what, name),
            );
        }
    }
}

fn schemes(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    let (old, new) = (section(base, "securitySchemes"), section(revision, "securitySchemes"));
    for (name, spot) in &new {
        if !old.iter().any(|it| it.0 == *name) {
            let what = format!("the security scheme `{name}` was added");
            let cause = Cause::revision(spot.pointer.clone());
            findings.add(
                Rule::ApiSecurityComponentAdded,
                &owner,
                cause,
                "",
                What::gained(what, *name),
            );
        }
    }
    for (name, spot) in old {
        let Some((_, other)) = new.iter().find(|it| it.0 == name) else {
            let what = format!("the security scheme `{name}` was removed");
            let cause = Cause::base(spot.pointer);
            findings.add(
                Rule::ApiSecurityComponentRemoved,
                &owner,
                cause,
                "",
                What::lost(what, name),
            );
            continue;
        };
        let (old, new) = (base.resolve(spot), revision.resolve(other.clone()));
        scheme(name, &old, &new, findings);
    }
}

fn scheme(name: &str, old: &Spot<'_>, new: &Spot<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    let say = format!("the security scheme `{name}`");
    let mut differs = |id: Rule, key: &str, what: &str| {
        let (from, to) = (old.text(key).unwrap_or_default(), new.text(key).unwrap_or_default());
        let in_header = || [old, new].iter().all(|it| it.text("in") == Some("header"));
        let same = match key {
            "scheme" => from.eq_ignore_ascii_case(to),
            "name" if in_header() => from.eq_ignore_ascii_case(to),
            _ => from == to,
        };
        if !same {
            let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
            let what = format!("{what} changed from `{from}` to `{to}`");
            findings.add(id, &owner, cause, &say, What::turned(what, from, to));
        }
        same
    };
    if !differs(Rule::ApiSecurityComponentTypeChanged, "type", "the type") {
        return;
    }
    match new.text("type").unwrap_or_default() {
        "apiKey" => {
            differs(Rule::ApiSecurityComponentApiKeyChanged, "name", "the key's name");
            differs(Rule::ApiSecurityComponentApiKeyChanged, "in", "the key's place");
        }
        "http" => {
            differs(Rule::ApiSecurityComponentSchemeChanged, "scheme", "the scheme");
        }
        "openIdConnect" => {
            let id = Rule::ApiSecurityComponentOpenIdConnectUrlChanged;
            differs(id, "openIdConnectUrl", "the discovery address");
        }
        _ => {}
    }
    flows(&say, old, new, findings);
}

fn flows(say: &str, old: &Spot<'_>, new: &Spot<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    let of = |spot: &Spot<'_>| -> BTreeMap<String, Value> {
        let flows = spot.get("flows").map(|it| it.members()).unwrap_or_default();
        flows.into_iter().map(|(name, it)| (name.to_owned(), it.value.clone())).collect()
    };
    let cause = || Cause::both(old.pointer.clone(), new.pointer.clone());
    let (before, after) = (of(old), of(new));
    for name in after.keys().filter(|it| !before.contains_key(*it)) {
        let what = format!("the flow `{name}` was added");
        findings.add(Rule::ApiSecurityComponentOauthFlowAdded, &owner, cause(), say, &what);
    }
    for (name, flow) in &before {
        let Some(other) = after.get(name) else {
            let what = format!("the flow `{name}` was removed");
            findings.add(Rule::ApiSecurityComponentOauthFlowRemoved, &owner, cause(), say, &what);
            continue;
        };
        for (id, key) in [
            (Rule::ApiSecurityComponentOauthUrlChanged, "authorizationUrl"),
            (Rule::ApiSecurityComponentOauthTokenUrlChanged, "tokenUrl"),
        ] {
            if flow.get(key) != other.get(key) {
                let what = format!("`{key}` of the flow `{name}` changed");
                findings.add(id, &owner, cause(), say, &what);
            }
        }
        let scopes = |it: &Value| it.get("scopes").and_then(Value::as_object).cloned();
        let (old_scopes, new_scopes) =
            (scopes(flow).unwrap_or_default(), scopes(other).unwrap_or_default());
        for (scope, text) in &new_scopes {
            let (id, verb) = match old_scopes.get(scope) {
                None => (Rule::ApiSecurityComponentOauthScopeAdded, "was added"),
                Some(before) if before != text => {
                    (Rule::ApiSecurityComponentOauthScopeChanged, "is described differently")
                }
                Some(_) => continue,
            };
            findings.add(id, &owner, cause(), say, format!("the scope `{scope}` {verb}"));
        }
        for scope in old_scopes.keys().filter(|it| !new_scopes.contains_key(*it)) {
            let what = format!("the scope `{scope}` was removed");
            let id = Rule::ApiSecurityComponentOauthScopeRemoved;
            findings.add(id, &owner, cause(), say, &what);
        }
    }
}
