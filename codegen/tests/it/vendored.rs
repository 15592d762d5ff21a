//! The providers' own folders.

use conversations_codegen::{
    load::{Sources, Text, load},
    overlay::overlay,
    reconcile,
};
use std::{fs, path::Path};

/// The folders below `specs/`, with their names.
fn providers() -> Vec<(String, Sources)> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut found = Vec::new();
    for entry in fs::read_dir(&specs).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let text = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).ok()?;
            Some(Text { file: format!("specs/{name}/{file}"), text })
        };
        let (Some(provider), Some(openapi)) = (text("provider.yaml"), text("openapi.yaml")) else {
            continue;
        };
        let sources =
            Sources { provider, openapi, overlay: text("overlay.yaml"), sdk: text("sdk.yaml") };
        found.push((name, sources));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!found.is_empty());
    found
}

/// The findings without lines, which move with every edit.
fn summary(findings: &reconcile::Findings) -> String {
    let mut text = String::new();
    for it in &findings.matched {
        text.push_str(&format!("{} = {}\n", it.sdk_operation, it.document_operation));
    }
    for it in &findings.divergences {
        let take = it.decision.as_ref().map_or("nothing".to_owned(), |it| it.take.to_string());
        text.push_str(&format!(
            "{} {}: sdk `{}`, document `{}`, take {take}\n",
            it.operation, it.kind, it.sdk, it.document
        ));
    }
    text
}

#[test]
fn every_provider_is_reconciled() {
    for (name, sources) in providers() {
        let vendored = load(&sources).unwrap_or_else(|it| panic!("{name}:\n{it}"));
        let overlaid = overlay(vendored).unwrap_or_else(|it| panic!("{name}:\n{it}"));
        let findings = reconcile::findings(&overlaid);
        let faults = reconcile::faults(&findings);
        assert!(faults.is_empty(), "{name}:\n{}", reconcile::to_text(&findings));
        insta::assert_snapshot!(format!("reconciled_{name}"), summary(&findings));
        let sdk = overlaid.sdk.as_ref().unwrap();
        assert_eq!(findings.matched.len(), sdk.operations.len(), "{name}");
        let reconciled = reconcile::reconcile(overlaid).unwrap();
        assert_eq!(reconciled.sdk_names.len(), findings.matched.len(), "{name}");
    }
}
