//! What users see of each client, and how each document was reconciled with its SDK: pages for reviewers.

use crate::folder::{PROVIDERS, generated};

/// The public surface of each provider, one page each.
#[test]
fn pages() {
    for provider in PROVIDERS {
        settings().bind(|| insta::assert_snapshot!(provider, generated(provider).surface.page()));
    }
}

/// The issue of the whole: nine, eleven, six and six operations.
#[test]
fn operations_are_all_there() {
    let counts = PROVIDERS.map(|it| (it, generated(it).surface.operations.len()));
    assert_eq!(counts, [("brevo", 9), ("smooch", 6), ("smscx", 6), ("ultracart", 11)]);
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(true);
    settings
}
