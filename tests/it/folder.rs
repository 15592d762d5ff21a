//! The folders of the providers, as `build.rs` reads them.

use crate::json::flat;
use conversations_codegen::{Generated, Target, generate, load::Sources};
use conversations_document::load::Text;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf, sync::OnceLock};

/// Every provider of the library.
pub(crate) const PROVIDERS: [&str; 4] = ["brevo", "smooch", "smscx", "ultracart"];

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A provider's texts, named as a maintainer sees them.
pub(crate) fn sources(provider: &str) -> Sources {
    let text = |file: &str| {
        let shown = format!("specs/{provider}/{file}");
        let text =
            fs::read_to_string(root().join(&shown)).unwrap_or_else(|it| panic!("{shown}: {it}"));
        Text { file: shown, text }
    };
    Sources {
        provider: text("provider.yaml"),
        openapi: text("openapi.yaml"),
        overlay: Some(text("overlay.yaml")),
        sdk: Some(text("sdk.yaml")),
    }
}

/// A provider's document as the client understands it, each schema in one place.
pub(crate) fn document(provider: &str) -> &'static Value {
    static ALL: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    let all = ALL
        .get_or_init(|| PROVIDERS.iter().map(|it| (*it, flat(&generated(it).document))).collect());
    all.get(provider).unwrap_or_else(|| panic!("{provider} is not in PROVIDERS"))
}

/// A provider's client, generated once for all tests.
pub(crate) fn generated(provider: &str) -> &'static Generated {
    static ALL: OnceLock<BTreeMap<&'static str, Generated>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let one = |it: &&'static str| {
            let target = Target { module: format!("crate::{it}") };
            let made =
                generate(&sources(it), &target).unwrap_or_else(|faults| panic!("{it}:\n{faults}"));
            (*it, made)
        };
        PROVIDERS.iter().map(one).collect()
    });
    all.get(provider).unwrap_or_else(|| panic!("{provider} is not in PROVIDERS"))
}

/// The material that the project was started from, where it lies beside the repository.
pub(crate) fn reference() -> Option<PathBuf> {
    let named = std::env::var_os("CONVERSATIONS_REFERENCE").map(PathBuf::from);
    named.or_else(|| Some(root().parent()?.join("shared"))).filter(|it| it.is_dir())
}
