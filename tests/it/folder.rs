//! The folders of the providers, as `build.rs` reads them.

use crate::{json::flat, types};
use conversations_codegen::{
    Generated, generate,
    load::{self, Sources},
};
use conversations_document::deep_each;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    sync::OnceLock,
};

/// Every provider of the library, sorted: the folders below `specs/`, as the build finds them.
pub(crate) fn providers() -> impl Iterator<Item = &'static str> {
    static ALL: OnceLock<Vec<&'static str>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let folders = fs::read_dir(root().join("specs")).expect("the folder of folders");
        let names = load::providers(folders.map(|it| it.expect("an entry").file_name()), read);
        let names: Vec<_> = names.into_iter().map(|it| &*it.leak()).collect();
        assert!(!names.is_empty(), "specs/ holds no provider");
        names
    });
    all.iter().copied()
}

/// The providers whose clients are compiled. One that `new-provider` has just made is none of them, until its feature is on.
pub(crate) fn built() -> impl Iterator<Item = &'static str> {
    let built: BTreeSet<_> = types::ALL.iter().map(|it| it.provider).collect();
    built.into_iter()
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A provider's texts, named as a maintainer sees them.
pub(crate) fn sources(provider: &str) -> Sources {
    Sources::read(provider, read).unwrap_or_else(|faults| panic!("{faults}"))
}

fn read(file: &str) -> io::Result<String> {
    fs::read_to_string(root().join(file))
}

/// A provider's document as the client understands it, each schema in one place.
pub(crate) fn document(provider: &str) -> &'static Value {
    static ALL: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    let all =
        ALL.get_or_init(|| providers().map(|it| (it, flat(&generated(it).document))).collect());
    all.get(provider).unwrap_or_else(|| panic!("specs/ has no {provider}"))
}

/// A provider's client, generated once for all tests.
pub(crate) fn generated(provider: &str) -> &'static Generated {
    static ALL: OnceLock<BTreeMap<&'static str, Generated>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let names: Vec<_> = providers().collect();
        let made = deep_each(&names, |it| generate(&sources(it)));
        let made = made
            .into_iter()
            .zip(&names)
            .map(|(made, it)| (*it, made.unwrap_or_else(|faults| panic!("{it}:\n{faults}"))));
        made.collect()
    });
    all.get(provider).unwrap_or_else(|| panic!("specs/ has no {provider}"))
}

/// The folder that `CONVERSATIONS_REFERENCE` names: documents from outside the repository.
pub(crate) fn reference() -> PathBuf {
    let named = std::env::var_os("CONVERSATIONS_REFERENCE").map(PathBuf::from);
    named.expect("CONVERSATIONS_REFERENCE names the folder of the documents")
}
