//! Makes the findings; `types` is their shape, `display` prints them.

use super::{
    compare::{Difference, compare},
    decide::decide,
    pair::Index,
    types::{Divergence, Findings, Kind, Matched, Now},
};
use crate::{
    overlay::Overlaid,
    sdk::{SdkFile, SdkOperation},
};
use conversations_document::{
    Pointer,
    fault::{Code, Repair},
    lookup::{self, Found},
};

/// Every divergence, with its decision or without. It stops at nothing.
pub fn findings(overlaid: &Overlaid) -> Findings {
    let Some(sdk) = &overlaid.sdk else { return Findings::default() };
    let mut findings =
        Findings { decisions_file: sdk.document.file.to_string(), ..Findings::default() };
    let before = Index::new(&overlaid.vendored, &overlaid.provider);
    let after = Index::new(&overlaid.document, &overlaid.provider);
    let mut known: Vec<&str> = Vec::new();
    // What each divergence has become under the overlay.
    let mut now: Vec<Now> = Vec::new();
    for (i, operation) in sdk.operations.iter().enumerate() {
        let pointer = Pointer::from("/operations").child(i);
        if sdk.operations[..i].iter().any(|it| it.name == operation.name) {
            let code = Code::ListedTwice { name: operation.name.clone() };
            findings.faults.push(sdk.document.fault(&pointer, code, ""));
            continue;
        }
        let Some(found) = before.find(&operation.method, &operation.path) else {
            findings.faults.push(unknown(sdk, &pointer, operation, &before, overlaid));
            continue;
        };
        known.push(&found.pointer);
        let current = after.find(&found.verb, &found.path);
        if let Some(current) = current {
            let sdk_operation = operation.name.clone();
            findings.matched.push(Matched { sdk_operation, document_operation: current.name() });
        }
        let differences = current.map(|it| compare(operation, &overlaid.document, it));
        for it in compare(operation, &overlaid.vendored, found) {
            now.push(under_overlay(&it, current, differences.as_deref()));
            let origin = sdk.document.origin(&format!("{pointer}{}", it.sdk_pointer));
            findings.divergences.push(Divergence {
                kind: it.kind,
                operation: operation.name.clone(),
                document_operation: found.name(),
                parameter: it.parameter,
                sdk: it.sdk,
                document: it.document,
                sdk_origin: origin,
                document_origin: overlaid.vendored.origin(&it.document_pointer),
                document_pointer: it.document_pointer,
                decision: None,
            });
        }
    }
    for found in before.operations.iter().filter(|it| !known.contains(&&*it.pointer)) {
        let current = after.find(&found.verb, &found.path);
        now.push(Now {
            operation: current.map(|it| it.pointer.clone()),
            document: current.map(Found::name),
        });
        let name = lookup::text(&overlaid.vendored.root, &found.pointer, "operationId");
        findings.divergences.push(Divergence {
            kind: Kind::OperationUnlisted,
            operation: name.map_or_else(|| found.name(), str::to_owned),
            document_operation: found.name(),
            parameter: None,
            sdk: super::spelling::NONE.to_owned(),
            document: found.name(),
            sdk_origin: sdk.document.origin("/operations"),
            document_origin: overlaid.vendored.origin(&found.pointer),
            document_pointer: found.pointer.clone(),
            decision: None,
        });
    }
    decide(&mut findings, &now, sdk, overlaid);
    findings
}

fn under_overlay(
    was: &Difference,
    current: Option<&Found>,
    differences: Option<&[Difference]>,
) -> Now {
    let same = |it: &&Difference| it.kind == was.kind && it.parameter == was.parameter;
    let document = differences.into_iter().flatten().find(same).map(|it| it.document.clone());
    Now { operation: current.map(|it| it.pointer.clone()), document }
}

fn unknown(
    sdk: &SdkFile,
    pointer: &Pointer,
    operation: &SdkOperation,
    index: &Index,
    overlaid: &Overlaid,
) -> conversations_document::Fault {
    let SdkOperation { name, method, path, .. } = operation;
    let document = &overlaid.vendored;
    let code = Code::NoOperation {
        name: name.clone(),
        method: method.clone(),
        path: path.clone(),
        file: document.file.to_string(),
    };
    let near: Vec<String> = index
        .near(operation)
        .into_iter()
        .map(|it| {
            let origin = document.origin(&it.pointer);
            format!("`{}` ({}:{})", it.name(), origin.file, origin.line)
        })
        .collect();
    let near = match &near[..] {
        [] => "nothing in the document comes near".to_owned(),
        near => format!("nearest: {}", near.join(", ")),
    };
    let next = "correct the list where it was misread, or take a document that has the operation; no \
                decision settles this";
    sdk.document.fault(pointer, code, format!("{near}\n{next}")).with(Repair::Remove)
}
