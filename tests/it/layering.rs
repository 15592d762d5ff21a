//! Rules on the repository itself: who may depend on whom, and who may know a vendor's name.

use crate::folder::{PROVIDERS, generated, root, rust_files};
use conversations::{brevo, smooch, smscx, ultracart};
use std::{fs, path::Path, process::Command};

/// The generator is no dependency of the library, only of its build.
#[test]
fn no_user_compiles_the_generator() {
    for package in ["progenitor-impl", "progenitor", "conversations-codegen"] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([
                "tree",
                "--locked",
                "--package",
                "conversations",
                "--all-features",
                "--edges",
                "normal",
            ])
            .args(["--invert", package])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(out, "", "{package} is a normal dependency");
        let absent = err.contains("nothing to print") || err.contains("did not match any packages");
        assert!(absent, "cargo tree did not look for {package}: {err}");
    }
}

/// A fifth provider costs a folder, a door and a feature: nobody else knows the first four.
#[test]
fn only_doors_know_a_vendor() {
    let root = root();
    let mut found = Vec::new();
    let mut files = rust_files(&root.join("src"));
    files.extend(rust_files(&root.join("crates")));
    files.push(root.join("build.rs"));
    assert!(files.len() > 60, "only {} files", files.len());
    for file in files {
        let shown = file.strip_prefix(&root).expect("below the root").to_owned();
        let door = PROVIDERS.iter().any(|it| shown == Path::new("src").join(format!("{it}.rs")));
        // Tests are written about somebody.
        let test =
            shown.components().any(|it| it.as_os_str() == "tests") || shown.ends_with("tests.rs");
        if door || test {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a readable file");
        for (i, line) in product_lines(&text) {
            let lower = line.to_lowercase();
            let named = PROVIDERS.iter().find(|it| lower.contains(**it));
            if let Some(provider) = named.filter(|it| !registers(&shown, line, it)) {
                found.push(format!(
                    "{}:{} names {provider}: {}",
                    shown.display(),
                    i + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The lines of a file up to its tests.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
}

/// The lines of `src/lib.rs` that open a provider's door, and what documentation says to users.
fn registers(file: &Path, line: &str, provider: &str) -> bool {
    let line = line.trim();
    let documentation = line.starts_with("//!") || line.starts_with("///");
    if documentation && (file.starts_with("src/bin") || file == Path::new("src/lib.rs")) {
        return true;
    }
    file == Path::new("src/lib.rs")
        && (line.starts_with("#[cfg(") || line == format!("pub mod {provider};"))
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
    for provider in PROVIDERS {
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
    let mut names = 0;
    for provider in PROVIDERS {
        let made = generated(provider);
        for (method, operation) in &made.surface.operations {
            let name = operation
                .sdk_name
                .as_ref()
                .unwrap_or_else(|| panic!("{provider}: {method} has no SDK name"));
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
            names += 1;
        }
    }
    assert_eq!(names, 32);
}
