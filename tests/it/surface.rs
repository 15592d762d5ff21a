//! What users see of each client, and how each document was reconciled with its SDK: pages for reviewers.

use crate::folder::{generated, providers, sources};
use conversations_codegen::{reconcile, sdk::sdk};

/// The public surface of each provider, one page each.
#[test]
fn pages() {
    for provider in providers() {
        settings().bind(|| insta::assert_snapshot!(provider, generated(provider).surface.page()));
    }
}

/// How each document was reconciled with the SDK's list, as `cargo xtask reconcile` prints it.
#[test]
fn reconciled() {
    for provider in providers() {
        let name = format!("{provider}-reconciled");
        let found = &generated(provider).findings;
        // A vendor without an SDK leaves nothing to line up.
        let Some(listed) = sources(provider).sdk else { continue };
        let listed = sdk(&listed).expect("a list");
        assert_eq!(found.matched.len(), listed.operations.len(), "{provider}");
        assert!(found.divergences.iter().all(|it| it.decision.is_some()), "{provider}");
        settings().bind(|| {
            let text = reconcile::to_text(found);
            insta::assert_snapshot!(name, without_lines(&text));
        });
    }
}

/// Without line numbers, so that a sentence more in a YAML file changes no snapshot.
fn without_lines(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split(".yaml:").enumerate() {
        out.push_str(if i > 0 { ".yaml" } else { "" });
        out.push_str(if i > 0 {
            part.trim_start_matches(|c: char| c.is_ascii_digit())
        } else {
            part
        });
    }
    out
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(true);
    settings
}
