//! Who may call an operation: alternatives of schemes that are needed together, each with its scopes.

use crate::findings::{Cause, Findings, Owner, What};
use crate::rules::Rule;
use crate::sides::{Path, Sides};
use crate::view::{Side, Spot};
use conversations_document::security::{self, Carriers};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Judges what the document says for all operations.
pub(crate) fn judge(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    let (old, new) = (base.spot().get("security"), revision.spot().get("security"));
    let cause = Cause::both("/security", "/security");
    let owner = Owner::default();
    requirements(old.as_ref(), new.as_ref(), &GLOBAL, &cause, &owner, findings);
}

/// The rules on what a list of requirements gains and loses.
struct Rules {
    added: Rule,
    removed: Rule,
    scope_added: Rule,
    scope_removed: Rule,
    /// What becomes of credentials here.
    done: &'static str,
}

const GLOBAL: Rules = Rules {
    added: Rule::ApiGlobalSecurityAdded,
    removed: Rule::ApiGlobalSecurityRemoved,
    scope_added: Rule::ApiGlobalSecurityScopeAdded,
    scope_removed: Rule::ApiGlobalSecurityScopeRemoved,
    done: "accepted",
};

const OWN: Rules = Rules {
    added: Rule::ApiSecurityAdded,
    removed: Rule::ApiSecurityRemoved,
    scope_added: Rule::ApiSecurityScopeAdded,
    scope_removed: Rule::ApiSecurityScopeRemoved,
    done: "accepted",
};

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
    rules: &Rules,
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
        let what = format!("`{name}` is now {} as authentication", rules.done);
        findings.add(rules.added, owner, cause.clone(), "", What::gained(what, name.as_str()));
    }
    for (name, before) in &old {
        let Some(after) = new.get(name) else {
            let what = format!("`{name}` is no longer {} as authentication", rules.done);
            let what = What::lost(what, name.as_str());
            findings.add(rules.removed, owner, cause.clone(), "", what);
            continue;
        };
        for (scheme, scopes) in after {
            let empty = BTreeSet::new();
            let earlier = before.get(scheme).unwrap_or(&empty);
            for scope in scopes.difference(earlier) {
                let what = format!("`{scheme}` needs the scope `{scope}`");
                let what = What::gained(what, scope.as_str());
                findings.add(rules.scope_added, owner, cause.clone(), "", what);
            }
            for scope in earlier.difference(scopes) {
                let what = format!("`{scheme}` no longer needs the scope `{scope}`");
                let what = What::lost(what, scope.as_str());
                findings.add(rules.scope_removed, owner, cause.clone(), "", what);
            }
        }
    }
}

/// The alternatives that hold for an operation: its own, else the document's, and what its parameters ask for.
fn effective(side: &Side<'_>, path: &Path<'_>, operation: &Spot<'_>) -> Vec<Requirement> {
    let list = security::effective(side.root, path.item.value, operation.value);
    // The specification says to ignore an `Authorization` parameter, which no scheme describes.
    let carriers = Carriers::of(side.root);
    let declared = |name: &str| carriers.implied() != Some(name);
    let set = |it: security::Requirement| -> Requirement {
        let declared = it.into_iter().filter(|(name, _)| declared(name));
        declared.map(|(name, scopes)| (name, scopes.into_iter().collect())).collect()
    };
    // Without any, everybody is let in.
    if list.is_empty() { vec![Requirement::new()] } else { list.into_iter().map(set).collect() }
}

/// Judges who may call an operation.
pub(crate) fn operation(
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
    let needed = effective(base, &sides.old, &sides.base);
    let needs = effective(revision, &sides.new, &sides.revision);
    // What the operation said itself, the document may say now.
    if needed != needs || old.is_some() == new.is_some() {
        requirements(old.as_ref(), new.as_ref(), &OWN, &cause, owner, findings);
    }
    let (old, new) = (needed, needs);
    let anonymous = |list: &[Requirement]| list.iter().any(Requirement::is_empty);
    let refused = old.iter().filter(|old| !new.iter().any(|new| meets(base, revision, old, new)));
    let refused: Vec<_> = refused.map(|it| say(base, revision, it)).collect();
    let declared = sides.base.get("security").is_some() || base.spot().get("security").is_some();
    if anonymous(&old) && !anonymous(&new) {
        let what = "authentication became required";
        let id = match declared {
            true => Rule::ApiSecurityNoLongerOptional,
            false => Rule::ApiSecurityBecameRequired,
        };
        findings.add(id, owner, cause, "", what);
    } else if !refused.is_empty() {
        let now: Vec<_> = new.iter().map(|it| say(revision, base, it)).collect();
        let what = format!(
            "a client that authenticates with {} is now refused: {} is required",
            refused.join(" or "),
            now.join(" or ")
        );
        findings.add(Rule::ApiSecurityTightened, owner, cause, "", &what);
    } else if !anonymous(&old) && anonymous(&new) {
        let what = "authentication became optional";
        findings.add(Rule::ApiSecurityMadeOptional, owner, cause, "", what);
    }
}

/// Judges with what the vendor calls a client. Only what the event says itself counts: the document's requirements are
/// those of the vendor's server.
pub(crate) fn event(
    base: &Side<'_>,
    revision: &Side<'_>,
    sides: &Sides<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let cause = sides.cause("security");
    let (old, new) = (sides.base.get("security"), sides.revision.get("security"));
    let rules = Rules { done: "used", ..OWN };
    requirements(old.as_ref(), new.as_ref(), &rules, &cause, owner, findings);
    let alternatives = |it: Option<Spot<'_>>| match read(it.as_ref()) {
        list if list.is_empty() => vec![Requirement::new()],
        list => list,
    };
    let (old, new) = (alternatives(old), alternatives(new));
    let surprises = |it: &&Requirement| !old.iter().any(|old| meets(revision, base, it, old));
    let surprises: Vec<_> =
        new.iter().filter(surprises).map(|it| say(revision, base, it)).collect();
    if !surprises.is_empty() {
        let before: Vec<_> = old.iter().map(|it| say(base, revision, it)).collect();
        let (before, now) = (before.join(" or "), surprises.join(" or "));
        let what = format!("may now authenticate with {now} instead of {before}");
        findings.add(Rule::EventSecurityChanged, owner, cause, "", &what);
    }
}

/// Whether a client that sends what `old` asks for has all that `new` asks for.
fn meets(base: &Side<'_>, revision: &Side<'_>, old: &Requirement, new: &Requirement) -> bool {
    new.iter().all(|(name, scopes)| {
        old.iter().any(|(other, held)| {
            scopes.is_subset(held)
                && is_same(scheme(base, other), scheme(revision, name), name == other)
        })
    })
}

fn scheme<'a>(side: &Side<'a>, name: &str) -> Option<Spot<'a>> {
    let schemes = side.spot().get("components")?.get("securitySchemes")?;
    Some(side.resolve(schemes.get(name)?))
}

/// Whether two schemes ask for the same. A scheme may have another name and be the same; one of the same
/// name that says otherwise is judged where it is described, as long as its type stays.
fn is_same(old: Option<Spot<'_>>, new: Option<Spot<'_>>, named: bool) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return named };
    let text = |key: &str| {
        let of = |it: &Spot<'_>| it.text(key).unwrap_or_default().to_owned();
        (of(&old), of(&new))
    };
    let same = |key: &str| {
        let (old, new) = text(key);
        let any_case = key == "scheme" || key == "name" && text("in").0 == "header";
        if any_case { old.eq_ignore_ascii_case(&new) } else { old == new }
    };
    let flows = || {
        let of = |it: &Spot<'_>| -> Vec<String> {
            let flows = it.get("flows").map(|it| it.members()).unwrap_or_default();
            let address = |it: &Spot<'_>| it.text("tokenUrl").unwrap_or_default().to_owned();
            let mut flows: Vec<_> =
                flows.iter().map(|(name, it)| format!("{name} {}", address(it))).collect();
            flows.sort();
            flows
        };
        of(&old) == of(&new)
    };
    // Where a token is sent as before, only the way to get one differs: the change of the type says so.
    if named && is_bearer(&old) && is_bearer(&new) {
        return true;
    }
    same("type")
        && (named
            || match old.text("type").unwrap_or_default() {
                "apiKey" => same("in") && same("name"),
                "http" => same("scheme"),
                "openIdConnect" => same("openIdConnectUrl"),
                "oauth2" => flows(),
                _ => true,
            })
}

/// Whether a scheme asks for a token in the header `Authorization`.
fn is_bearer(scheme: &Spot<'_>) -> bool {
    match scheme.text("type").unwrap_or_default() {
        "http" => scheme.text("scheme").is_some_and(|it| it.eq_ignore_ascii_case("bearer")),
        kind => matches!(kind, "oauth2" | "openIdConnect"),
    }
}

/// Names the schemes of a requirement, with the type of one that has another type in the other document.
fn say(side: &Side<'_>, other: &Side<'_>, requirement: &Requirement) -> String {
    let kind = |side: &Side<'_>, name: &str| scheme(side, name)?.text("type").map(str::to_owned);
    let schemes: Vec<_> = requirement
        .iter()
        .map(|(name, scopes)| {
            let mut said = match (kind(side, name), kind(other, name)) {
                (Some(here), Some(there)) if here != there => format!("`{name}` of type `{here}`"),
                _ => format!("`{name}`"),
            };
            if !scopes.is_empty() {
                let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
                said += &format!(" ({})", scopes.join(", "));
            }
            said
        })
        .collect();
    if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(" and ") }
}
