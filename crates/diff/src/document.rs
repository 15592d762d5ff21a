//! What stands outside of the operations: components, security, servers.

use crate::findings::{Cause, Findings, Owner};
use crate::sides::{self, Sides};
use crate::view::{Side, Spot};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Judges the document's own parts.
pub(crate) fn judge(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    components(base, revision, findings);
    schemes(base, revision, findings);
    servers(base, revision, findings);
    let (old, new) = (base.spot().get("security"), revision.spot().get("security"));
    let cause = Cause::both("/security", "/security");
    let owner = Owner::default();
    requirements(old.as_ref(), new.as_ref(), "api-global-security", &cause, &owner, findings);
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
            findings.add("api-schema-removed", &Owner::default(), cause, "", &what);
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
            findings.add("api-security-component-added", &owner, cause, "", &what);
        }
    }
    for (name, spot) in old {
        let Some((_, other)) = new.iter().find(|it| it.0 == name) else {
            let what = format!("the security scheme `{name}` was removed");
            let cause = Cause::base(spot.pointer);
            findings.add("api-security-component-removed", &owner, cause, "", &what);
            continue;
        };
        let (old, new) = (base.resolve(spot), revision.resolve(other.clone()));
        scheme(name, &old, &new, findings);
    }
}

fn scheme(name: &str, old: &Spot<'_>, new: &Spot<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    let say = format!("the security scheme `{name}`");
    let mut differs = |id: &str, key: &str, what: &str| {
        let (from, to) = (old.text(key).unwrap_or_default(), new.text(key).unwrap_or_default());
        let same = match key {
            "scheme" => from.eq_ignore_ascii_case(to),
            _ => from == to,
        };
        if !same {
            let cause = Cause::both(old.pointer.clone(), new.pointer.clone());
            let what = format!("{what} changed from `{from}` to `{to}`");
            findings.add(id, &owner, cause, &say, &what);
        }
        same
    };
    if !differs("api-security-component-type-changed", "type", "the type") {
        return;
    }
    match new.text("type").unwrap_or_default() {
        "apiKey" => {
            differs("api-security-component-api-key-changed", "name", "the key's name");
            differs("api-security-component-api-key-changed", "in", "the key's place");
        }
        "http" => {
            differs("api-security-component-scheme-changed", "scheme", "the scheme");
        }
        "openIdConnect" => {
            let id = "api-security-component-open-id-connect-url-changed";
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
        findings.add("api-security-component-oauth-flow-added", &owner, cause(), say, &what);
    }
    for (name, flow) in &before {
        let Some(other) = after.get(name) else {
            let what = format!("the flow `{name}` was removed");
            findings.add("api-security-component-oauth-flow-removed", &owner, cause(), say, &what);
            continue;
        };
        for (id, key) in [
            ("api-security-component-oauth-url-changed", "authorizationUrl"),
            ("api-security-component-oauth-token-url-changed", "tokenUrl"),
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
                None => ("api-security-component-oauth-scope-added", "was added"),
                Some(before) if before != text => {
                    ("api-security-component-oauth-scope-changed", "is described differently")
                }
                Some(_) => continue,
            };
            findings.add(id, &owner, cause(), say, &format!("the scope `{scope}` {verb}"));
        }
        for scope in old_scopes.keys().filter(|it| !new_scopes.contains_key(*it)) {
            let what = format!("the scope `{scope}` was removed");
            let id = "api-security-component-oauth-scope-removed";
            findings.add(id, &owner, cause(), say, &what);
        }
    }
}

/// One alternative way to be let in: schemes with the scopes that each needs.
type Requirement = BTreeMap<String, BTreeSet<String>>;

fn read(security: Option<&Spot<'_>>) -> Vec<Requirement> {
    let list = security.map(|it| it.elements()).unwrap_or_default();
    list.iter()
        .map(|it| {
            it.members()
                .into_iter()
                .map(|(name, scopes)| {
                    let scopes = scopes.value.as_array().map(Vec::as_slice).unwrap_or_default();
                    let scopes = scopes.iter().filter_map(Value::as_str).map(str::to_owned);
                    (name.to_owned(), scopes.collect())
                })
                .collect()
        })
        .collect()
}

fn requirements(
    old: Option<&Spot<'_>>,
    new: Option<&Spot<'_>>,
    prefix: &str,
    cause: &Cause,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let schemes = |it: &Requirement| it.keys().cloned().collect::<Vec<_>>().join(" and ");
    let named = |list: Vec<Requirement>| -> BTreeMap<String, Requirement> {
        let named = list.into_iter().map(|it| (schemes(&it), it));
        named.filter(|(name, _)| !name.is_empty()).collect()
    };
    let (old, new) = (named(read(old)), named(read(new)));
    for name in new.keys().filter(|it| !old.contains_key(*it)) {
        let what = format!("`{name}` lets a client in");
        findings.add(&format!("{prefix}-added"), owner, cause.clone(), "", &what);
    }
    for (name, before) in &old {
        let Some(after) = new.get(name) else {
            let what = format!("`{name}` no longer lets a client in");
            findings.add(&format!("{prefix}-removed"), owner, cause.clone(), "", &what);
            continue;
        };
        for (scheme, scopes) in after {
            let empty = BTreeSet::new();
            let earlier = before.get(scheme).unwrap_or(&empty);
            for scope in scopes.difference(earlier) {
                let what = format!("`{scheme}` needs the scope `{scope}`");
                findings.add(&format!("{prefix}-scope-added"), owner, cause.clone(), "", &what);
            }
            for scope in earlier.difference(scopes) {
                let what = format!("`{scheme}` no longer needs the scope `{scope}`");
                findings.add(&format!("{prefix}-scope-removed"), owner, cause.clone(), "", &what);
            }
        }
    }
}

/// Judges who may call an operation.
pub(crate) fn operation_security(
    base: &Side<'_>,
    revision: &Side<'_>,
    sides: &Sides<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (old, new) = (sides.base.get("security"), sides.revision.get("security"));
    let at = |spot: &Option<Spot<'_>>, operation: &Spot<'_>| {
        spot.as_ref().map_or_else(|| operation.pointer.clone(), |it| it.pointer.clone())
    };
    let cause = Cause::both(at(&old, &sides.base), at(&new, &sides.revision));
    requirements(old.as_ref(), new.as_ref(), "api-security", &cause, owner, findings);
    // What holds: the operation's own list, else the document's.
    let old = read(old.or_else(|| base.spot().get("security")).as_ref());
    let new = read(new.or_else(|| revision.spot().get("security")).as_ref());
    let anonymous = |list: &[Requirement]| list.iter().any(Requirement::is_empty);
    let closed = |list: &[Requirement]| !list.is_empty() && !anonymous(list);
    if anonymous(&old) && closed(&new) {
        let what = "clients must now prove who they are";
        findings.add("api-security-no-longer-optional", owner, cause, "", what);
    } else if old.is_empty() && closed(&new) {
        let what = "clients must now prove who they are";
        findings.add("api-security-became-required", owner, cause, "", what);
    } else if closed(&old) && !closed(&new) {
        let what = "clients need no longer prove who they are";
        findings.add("api-security-made-optional", owner, cause, "", what);
    }
}

fn servers(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    let of = |side: &Side<'_>| -> Vec<String> {
        let list = side.spot().get("servers").map(|it| it.elements()).unwrap_or_default();
        list.iter().filter_map(|it| it.text("url")).map(tidy).collect()
    };
    let (old, new) = (of(base), of(revision));
    if old == new || sides::moved_into_servers(base, revision) {
        return;
    }
    let cause = || Cause::both("/servers", "/servers");
    for url in new.iter().filter(|it| !old.contains(it)) {
        findings.add(
            "api-server-added",
            &owner,
            cause(),
            "",
            &format!("the server {url} was added"),
        );
    }
    if !old.is_empty() && !new.is_empty() && !old.iter().any(|it| new.contains(it)) {
        let what = format!("no server of {} is left", old.join(", "));
        return findings.add("api-servers-replaced", &owner, cause(), "", &what);
    }
    for url in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("the server {url} was removed");
        findings.add("api-server-removed", &owner, cause(), "", &what);
    }
    if let (Some(first), Some(now)) = (old.first(), new.first())
        && first != now
    {
        let what = format!("the first server is {now} instead of {first}");
        findings.add("api-server-order-changed", &owner, cause(), "", &what);
    }
}

fn tidy(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}
