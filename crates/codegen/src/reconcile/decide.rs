//! Lays the decisions of `sdk.yaml` beside the divergences, and holds them to the overlaid document.

use super::types::{Divergence, Findings, Kind, Now, Settled};
use crate::{
    overlay::Overlaid,
    sdk::{Decision, Operations, SdkFile, Take},
};
use conversations_document::{
    Document, Fault, Pointer,
    fault::{Code, Repair, Subject},
    reference::local,
    suggest,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Fills in who settled what, and adds a fault for each decision that settles nothing or says what is
/// not so. `now` runs beside the divergences.
pub(super) fn decide(findings: &mut Findings, now: &[Now], sdk: &SdkFile, overlaid: &Overlaid) {
    let mut faults = Vec::new();
    for (i, decision) in sdk.decisions.iter().enumerate() {
        let pointer = Pointer::from("/decisions").child(i);
        let mut add = |key: &str, code: Code, help: String, repair: Option<Repair>| {
            let fault = sdk.document.fault(&format!("{pointer}{key}"), code, help);
            faults.push(Fault { repair: repair.map(Box::new), ..fault });
        };
        for (key, text) in [("/reason", &decision.reason), ("/source", &decision.source)] {
            if text.trim().is_empty() {
                let code = Code::Empty { key: key[1..].to_owned() };
                add(key, code, String::new(), None);
            }
        }
        let Some(kind) = Kind::ALL.into_iter().find(|it| it.name() == decision.about) else {
            let names = Kind::ALL.into_iter().map(Kind::name);
            let help = suggest::known(&decision.about, "there are", names);
            add("/about", Code::UnknownKind { about: decision.about.clone() }, help, None);
            continue;
        };
        let named: Option<Vec<&str>> = match &decision.operations {
            Operations::One(it) if it == "all" => None,
            Operations::One(it) => Some(vec![it]),
            Operations::Some(list) => Some(list.iter().map(String::as_str).collect()),
        };
        let mut settled: BTreeSet<String> = BTreeSet::new();
        for (divergence, now) in findings.divergences.iter_mut().zip(now) {
            let named = named.as_ref().is_none_or(|it| it.iter().any(|it| names(divergence, it)));
            if divergence.kind != kind || !named || !values_fit(decision, divergence) {
                continue;
            }
            settled.insert(divergence.operation.clone());
            settled.insert(divergence.document_operation.clone());
            if let Some(Settled { origin, .. }) = &divergence.decision {
                let (kind, operation) = (kind.name(), divergence.operation.clone());
                let code = Code::SettledTwice { kind, operation, line: origin.line };
                add("", code, "keep one of the two decisions".to_owned(), None);
                continue;
            }
            let origin = sdk.document.origin(&pointer);
            let Decision { take, reason, source, .. } = decision;
            if let Some((code, help, right)) = contradicted(divergence, now, *take, overlaid) {
                add("/take", code, help, Some(Repair::Replace(right.to_string())));
            }
            divergence.decision = Some(Settled {
                take: *take,
                reason: reason.clone(),
                source: source.clone(),
                origin,
            });
        }
        match named {
            None if settled.is_empty() => {
                let code = Code::SettlesNothing { kind: kind.name() };
                add("", code, stale(kind, None, findings), Some(Repair::Remove));
            }
            None => {}
            Some(names) => {
                for name in names.iter().filter(|it| !settled.contains(**it)) {
                    let (code, help) = settles_nothing(name, kind, findings, sdk);
                    add("/operations", code, help, Some(Repair::RemoveItem((*name).to_owned())));
                }
            }
        }
    }
    findings.faults.extend(faults);
}

/// Whether a decision's name for an operation means this one.
fn names(divergence: &Divergence, name: &str) -> bool {
    divergence.operation == name
        || (divergence.kind == Kind::OperationUnlisted && divergence.document_operation == name)
}

fn values_fit(decision: &Decision, divergence: &Divergence) -> bool {
    let fits = |said: &Option<Value>, is: &str| match said {
        None => true,
        Some(said) => spoken(said, divergence.kind) == is,
    };
    fits(&decision.sdk, &divergence.sdk) && fits(&decision.document, &divergence.document)
}

/// A decision's value as findings spell it.
fn spoken(value: &Value, kind: Kind) -> String {
    match value {
        Value::Bool(it) if matches!(kind, Kind::ParameterRequired | Kind::BodyRequired) => {
            if *it { "required" } else { "optional" }.to_owned()
        }
        Value::String(it) => it.trim().to_owned(),
        Value::Array(list) => list.iter().map(|it| spoken(it, kind)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn settles_nothing(name: &str, kind: Kind, findings: &Findings, sdk: &SdkFile) -> (Code, String) {
    let all = || {
        let listed = sdk.operations.iter().map(|it| it.name.as_str());
        let unlisted = findings
            .divergences
            .iter()
            .filter(|it| it.kind == Kind::OperationUnlisted)
            .map(|it| it.operation.as_str());
        listed.chain(unlisted)
    };
    if !all().any(|it| it == name) {
        let help = match &suggest::nearest(name, all(), 3)[..] {
            [] => String::new(),
            near => format!("did you mean {}?", suggest::quoted(near.iter().copied())),
        };
        return (Code::UnknownOperation { name: name.to_owned() }, help);
    }
    let code = Code::SettlesNothingOf { name: name.to_owned(), kind: kind.name() };
    (code, stale(kind, Some(name), findings))
}

/// What there is instead of the divergence that a stale decision speaks of.
fn stale(kind: Kind, name: Option<&str>, findings: &Findings) -> String {
    let is: Vec<String> = findings
        .divergences
        .iter()
        .filter(|it| it.kind == kind && name.is_none_or(|name| names(it, name)))
        .take(3)
        .map(|it| {
            format!("`{}`: the SDK says `{}`, the document `{}`", it.operation, it.sdk, it.document)
        })
        .collect();
    match &is[..] {
        [] => "delete the decision, or the name from it: what it settled is no more".to_owned(),
        is => format!("what there is now: {}", is.join("; ")),
    }
}

/// Why the overlaid document is not what a decision says, and what to do about it.
fn contradicted(
    divergence: &Divergence,
    now: &Now,
    take: Take,
    overlaid: &Overlaid,
) -> Option<(Code, String, Take)> {
    let Divergence { kind, operation, sdk, document, document_origin, .. } = divergence;
    let about = Subject {
        kind: kind.name(),
        operation: operation.clone(),
        origin: document_origin.clone(),
    };
    let removed = "write `take: overlay`, or leave the operation in";
    let unlisted = *kind == Kind::OperationUnlisted;
    match (take, &now.operation, &now.document) {
        (Take::Sdk, None, _) if unlisted => None,
        (Take::Sdk, Some(_), _) if unlisted => Some((
            Code::KeptOperation { about },
            "remove the operation in overlay.yaml, or write `take: document`".to_owned(),
            Take::Document,
        )),
        (Take::Document | Take::Overlay, Some(_), _) if unlisted => None,
        (Take::Document, None, _) => Some((
            Code::RemovedOperation { about, take: "document" },
            removed.to_owned(),
            Take::Overlay,
        )),
        (Take::Sdk, None, _) => {
            Some((Code::RemovedOperation { about, take: "SDK" }, removed.to_owned(), Take::Overlay))
        }
        (Take::Overlay, None, _) => None,
        (Take::Sdk, Some(_), None) => None,
        (Take::Sdk, Some(_), Some(is)) => Some((
            Code::TakesSdk { about, sdk: sdk.clone(), is: is.clone() },
            format!(
                "bring `{sdk}` in with an action of overlay.yaml, or write `take: document` or `take: overlay`"
            ),
            Take::Document,
        )),
        (Take::Document, Some(_), Some(is)) if is == document => None,
        (Take::Document, Some(_), is) => {
            let right = if is.is_some() { Take::Overlay } else { Take::Sdk };
            let is = is.as_ref().unwrap_or(sdk).clone();
            Some((
                Code::TakesDocument { about, document: document.clone(), is },
                format!("write `take: {right}`, or take the action out of overlay.yaml"),
                right,
            ))
        }
        // A status is only compared while there is no content, so its absence tells nothing.
        (Take::Overlay, Some(_), None) if *kind == Kind::SuccessStatus => None,
        (Take::Overlay, Some(_), None) => Some((
            Code::AgreesWithSdk { about, sdk: sdk.clone() },
            "write `take: sdk`".to_owned(),
            Take::Sdk,
        )),
        (Take::Overlay, Some(_), Some(is)) if is != document => None,
        (Take::Overlay, Some(pointer), Some(_)) => {
            let files: BTreeSet<&str> =
                overlaid.vendored.origins.values().map(|it| &*it.file).collect();
            (!touched(&overlaid.document, pointer, &files, &mut BTreeSet::new())).then(|| {
                (
                    Code::SilentOverlay { about },
                    "write the action into overlay.yaml, or `take: document`".to_owned(),
                    Take::Document,
                )
            })
        }
    }
}

/// Whether anything at or below a node, references followed, comes from another file than these.
fn touched(
    document: &Document,
    pointer: &Pointer,
    files: &BTreeSet<&str>,
    seen: &mut BTreeSet<Pointer>,
) -> bool {
    if !seen.insert(pointer.to_owned()) {
        return false;
    }
    for (at, origin) in document.origins_inside(pointer) {
        if !files.contains(&*origin.file) {
            return true;
        }
        if at.ends_with("/$ref")
            && let Some(target) = document.root.pointer(at).and_then(Value::as_str)
            && let Some(target) = local(target)
            && touched(document, &target, files, seen)
        {
            return true;
        }
    }
    false
}
