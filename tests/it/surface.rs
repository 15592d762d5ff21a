//! What users see of each client, and how each document was reconciled with its SDK: pages for reviewers.

use crate::folder::{PROVIDERS, generated, root, sources};
use conversations_codegen::{reconcile, sdk::sdk};

/// The public surface of each provider, one page each.
#[test]
fn pages() {
    for provider in PROVIDERS {
        settings().bind(|| insta::assert_snapshot!(provider, generated(provider).surface.page()));
    }
}

/// How each document was reconciled with the SDK's list, as `cargo xtask reconcile` prints it.
#[test]
fn reconciled() {
    for provider in PROVIDERS {
        let name = format!("{provider}-reconciled");
        let found = &generated(provider).findings;
        let listed = sdk(&sources(provider).sdk.expect("an SDK's list")).expect("a list");
        assert_eq!(found.matched.len(), listed.operations.len(), "{provider}");
        assert!(found.divergences.iter().all(|it| it.decision.is_some()), "{provider}");
        settings().bind(|| {
            let text = reconcile::to_text(found);
            insta::assert_snapshot!(name, without_lines(&text));
        });
    }
}

/// What is tested of each provider is tested of all that the build finds.
#[test]
fn no_folder_is_left_out() {
    let entries = std::fs::read_dir(root().join("specs")).expect("the folder of folders");
    let folders = entries.map(|it| it.expect("an entry").path());
    let folders = folders.filter(|it| it.join("provider.yaml").is_file());
    let mut names: Vec<_> = folders
        .filter_map(|it| it.file_name().and_then(|it| it.to_str()).map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, PROVIDERS);
}

/// The issue of the whole: nine, eleven, six and six operations.
#[test]
fn operations_are_all_there() {
    let counts = PROVIDERS.map(|it| (it, generated(it).surface.operations.len()));
    assert_eq!(counts, [("brevo", 9), ("smooch", 6), ("smscx", 6), ("ultracart", 11)]);
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
