//! Rules on the repository itself: who may depend on whom, and who may know a vendor's name.

use crate::folder::{generated, providers, root};
use conversations::{brevo, smooch, smscx, ultracart};
use std::{collections::BTreeSet, process::Command};

/// The generator is a dependency of the library's build alone.
#[test]
fn no_user_compiles_the_generator() {
    for package in ["progenitor-impl", "progenitor", "conversations-codegen"] {
        let (out, err) = tree(&[
            "--package",
            "conversations",
            "--all-features",
            "--edges",
            "normal",
            "--invert",
            package,
        ]);
        assert_eq!(out, "", "{package} is a normal dependency");
        let absent = err.contains("nothing to print") || err.contains("did not match any packages");
        assert!(absent, "cargo tree did not look for {package}: {err}");
    }
}

/// The most packages that a user of one provider compiles, this one included, by what is on besides the provider.
const MOST_PACKAGES: &[(&str, usize)] =
    &[("", 126), ("rustls", 141), ("native-tls", 141), ("rustls,http2", 145)];

/// The most packages behind the README's first command.
const MOST_PACKAGES_OF_EXAMPLES: usize = 197;

/// A user of one provider compiles few packages, and none that builds C by `cmake`.
#[test]
fn a_user_of_one_provider_compiles_few_packages() {
    for provider in providers() {
        for (others, most) in MOST_PACKAGES {
            let features = format!("{provider},{others}");
            let select = ["--package", "conversations", "--no-default-features", "--features"];
            bounded(&[&select[..], &[&features]].concat(), *most);
        }
    }
}

#[test]
fn the_first_command_compiles_few_packages() {
    bounded(&["--package", "conversations-examples"], MOST_PACKAGES_OF_EXAMPLES);
}

/// Build scripts and `xtask` use one generator: no package of it is compiled with some features for the ones and with
/// others for the other.
#[test]
fn the_generator_is_compiled_once() {
    let lines = |selected: &[&str], format: &str| -> BTreeSet<String> {
        let rest = ["--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", format];
        let (out, err) = tree(&[selected, &rest].concat());
        assert!(!out.is_empty(), "{selected:?}: {err}");
        out.lines().map(|it| it.trim_end_matches("(*)").trim_end().to_owned()).collect()
    };
    let generator = lines(&["--package", "conversations-codegen", "--edges", "normal"], "{p}");
    let all = lines(&["--workspace"], "{p}|{f}");
    let mut met = BTreeSet::new();
    for (package, features) in all.iter().filter_map(|it| it.split_once('|')) {
        assert!(
            !generator.contains(package) || met.insert(package),
            "{package} is compiled with other features too than {features}; tests/generated/Cargo.toml can bring them together"
        );
    }
}

/// So many packages are compiled at most, none of them by cmake.
fn bounded(selected: &[&str], most: usize) {
    let rest = "--edges normal,build --target x86_64-unknown-linux-gnu --prefix none --format {p}";
    let rest: Vec<&str> = rest.split(' ').collect();
    let (out, err) = tree(&[selected, &rest].concat());
    let packages: BTreeSet<&str> = out.lines().map(|it| it.trim_end_matches(" (*)")).collect();
    assert!(packages.iter().any(|it| it.starts_with("reqwest ")), "{selected:?}: {err}");
    let built_by_cmake = packages.iter().find(|it| it.starts_with("aws-lc-sys "));
    assert_eq!(built_by_cmake, None, "{selected:?}");
    assert!(packages.len() <= most, "{selected:?}: {} packages", packages.len());
}

/// What `cargo tree` prints, and what it complains about.
fn tree(arguments: &[&str]) -> (String, String) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--locked"])
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr))
}

/// What every client promises to those who share it between threads.
#[test]
fn clients_are_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + Unpin + std::fmt::Debug + 'static>() {}
    shared::<brevo::Client>();
    shared::<smooch::Client>();
    shared::<smscx::Client>();
    shared::<ultracart::Client>();
    fn sent<T: Send + Sync + 'static>() {}
    sent::<conversations::Error>();
    sent::<conversations::Response<brevo::types::ConversationsMessage>>();
    sent::<brevo::ClientBuilder>();
    // A call is awaited on another thread than the one that made it.
    fn future<F: Future + Send>(_: fn(brevo::Client) -> F) {}
    future(|client| async move { client.get_message().message_id("m").send().await.map(drop) });
}

/// What the emitter adds on its own account must not reach the wire.
#[test]
fn the_generated_code_adds_no_header() {
    for provider in providers() {
        let source = &generated(provider).source;
        let constant = format!("{:?}", generated(provider).provider.headers).to_lowercase();
        // What the vendor says in comments is its own business.
        let code = source.lines().enumerate().filter(|(_, it)| !it.trim_start().starts_with("//"));
        for (i, line) in code {
            let lower = line.to_lowercase();
            let own = lower.contains("api-version")
                && !(constant.contains("api-version") && lower.contains("with_headers")
                    || lower.contains("x-ultracart-api-version"));
            assert!(!own, "{provider}.rs:{}: {line}", i + 1);
            assert!(!lower.contains("referer"), "{provider}.rs:{}: {line}", i + 1);
            for ending in [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unsafe "]
            {
                assert!(!lower.contains(ending), "{provider}.rs:{}: {line}", i + 1);
            }
        }
    }
}

/// Who knows the vendor's SDK finds the method by its name there.
#[test]
fn every_sdk_name_is_an_alias() {
    for provider in providers() {
        let made = generated(provider);
        let mut named = 0;
        for (method, operation) in &made.surface.operations {
            let Some(name) = &operation.sdk_name else { continue };
            named += 1;
            // Where both names are one, rustdoc finds the method anyway.
            let alias = format!("#[doc(alias = {name:?})]");
            let at = made
                .source
                .find(&format!("pub fn {method}("))
                .unwrap_or_else(|| panic!("{provider}: no {method}"));
            let above = &made.source[..at];
            let start = above.rfind("    }\n").unwrap_or_default();
            assert!(
                name == method || above[start..].contains(&alias),
                "{provider}: {method} lacks {alias}"
            );
        }
        assert_eq!(named, made.findings.matched.len(), "{provider}: names of the SDK");
    }
}
