//! Prints the findings; `types` is their shape, `detect` makes them.

use super::types::{Divergence, Findings, Kind, Matched, Settled};
use conversations_document::{
    Fault, Origin, Pointer,
    fault::{Code, Likewise, Repair},
};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Everything that stops a build.
pub fn faults(findings: &Findings) -> Vec<Fault> {
    let groups = findings.unsettled();
    let unsettled = groups.iter().map(|it| unsettled(it, &findings.decisions_file));
    unsettled.chain(findings.faults.iter().cloned()).collect()
}

/// One fault for divergences of one cause, with the decision to paste.
fn unsettled(group: &[&Divergence], file: &str) -> Fault {
    let first = group[0];
    let Divergence { kind, operation, sdk, document, sdk_origin, .. } = first;
    let names: Vec<&str> = group.iter().map(|it| it.operation.as_str()).collect();
    let likewise = Likewise(names.iter().skip(1).map(|it| (*it).to_owned()).collect());
    let (sdk_says, document_says) = (sdk.clone(), document.clone());
    let origin = first.document_origin.clone();
    let code = match kind {
        Kind::OperationUnlisted => Code::Unlisted { operation: document_says, origin, likewise },
        _ => Code::Unsettled {
            subject: match &first.parameter {
                Some(parameter) => format!("`{parameter}` of `{operation}`"),
                None => format!("`{operation}`"),
            },
            kind: kind.name(),
            sdk: sdk_says,
            document: document_says,
            origin,
            likewise,
        },
    };
    let decision = decision(*kind, &names, sdk, document);
    let help = format!("settle it below `decisions:` in {file}\n{decision}");
    Fault::at(sdk_origin, Pointer::ROOT, code, help)
        .with(Repair::Add(proposed(*kind, &names, sdk, document)))
}

/// The decision that settles it until somebody knows better.
fn proposed(kind: Kind, names: &[&str], sdk: &str, document: &str) -> Value {
    let mut value = json!({ "about": kind.name(), "operations": names });
    if kind != Kind::OperationUnlisted {
        value["sdk"] = sdk.into();
        value["document"] = document.into();
    }
    value["take"] = "document".into();
    value
}

/// The YAML of a decision, to be completed by hand.
fn decision(kind: Kind, names: &[&str], sdk: &str, document: &str) -> String {
    let names: Vec<String> = names.iter().map(|it| scalar(it)).collect();
    let mut yaml = format!("  - about: {kind}\n    operations: [{}]\n", names.join(", "));
    if kind != Kind::OperationUnlisted {
        let _ = writeln!(yaml, "    sdk: {}\n    document: {}", scalar(sdk), scalar(document));
    }
    yaml.push_str("    take: document   # or sdk, or overlay where neither is right\n");
    yaml.push_str("    reason: >-\n      …\n    source: …");
    yaml
}

/// A text as a YAML scalar, quoted where it would otherwise be something else.
fn scalar(text: &str) -> String {
    let plain = serde_yaml::from_str::<serde_yaml::Value>(text)
        .is_ok_and(|it| it.as_str() == Some(text))
        && !text.contains([',', '[', ']', '{', '}', '#']);
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

fn place(origin: &Origin) -> String {
    format!("{}:{}", origin.file, origin.line)
}

/// The findings for people.
pub fn to_text(findings: &Findings) -> String {
    let Findings { matched, divergences, faults: _, decisions_file: _ } = findings;
    let open = divergences.iter().filter(|it| it.decision.is_none()).count();
    let mut text = format!(
        "{} operations matched, {} divergences, {} of them settled\n",
        matched.len(),
        divergences.len(),
        divergences.len() - open
    );
    for it in divergences {
        let parameter = it.parameter.as_ref().map(|it| format!(" `{it}`")).unwrap_or_default();
        let verdict = match &it.decision {
            Some(Settled { take, origin, reason, source: _ }) => {
                let reason: Vec<&str> = reason.split_whitespace().collect();
                format!("take {take} ({})\n    {}", place(origin), reason.join(" "))
            }
            None => "NOT SETTLED".to_owned(),
        };
        let _ = writeln!(
            text,
            "  {} {}{parameter}: sdk `{}` ({}), document `{}` ({}): {verdict}",
            it.operation,
            it.kind,
            it.sdk,
            place(&it.sdk_origin),
            it.document,
            place(&it.document_origin),
        );
    }
    for fault in faults(findings) {
        let _ = writeln!(text, "{fault}");
    }
    text
}

/// The findings for programs.
pub fn to_json(findings: &Findings) -> Value {
    let origin = |it: &Origin| json!({"file": &*it.file, "line": it.line});
    let divergence = |it: &Divergence| {
        let decision = it.decision.as_ref().map(|it| {
            let Settled { take, reason, source, origin: at } = it;
            json!({"take": take.to_string(), "reason": reason, "source": source, "origin": origin(at)})
        });
        json!({
            "about": it.kind.name(),
            "operation": it.operation,
            "document_operation": it.document_operation,
            "parameter": it.parameter,
            "sdk": it.sdk,
            "document": it.document,
            "sdk_origin": origin(&it.sdk_origin),
            "document_origin": origin(&it.document_origin),
            "document_pointer": it.document_pointer,
            "decision": decision,
        })
    };
    let matched = |it: &Matched| {
        let Matched { sdk_operation, document_operation } = it;
        json!({"sdk": sdk_operation, "document": document_operation})
    };
    json!({
        "matched": findings.matched.iter().map(matched).collect::<Vec<_>>(),
        "divergences": findings.divergences.iter().map(divergence).collect::<Vec<_>>(),
        "faults": faults(findings).iter().map(|it| json!({
            "file": it.file, "line": it.line, "pointer": it.pointer, "message": it.code.to_string(), "help": it.help,
        })).collect::<Vec<_>>(),
    })
}
