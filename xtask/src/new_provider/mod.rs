//! `cargo xtask new-provider`: a folder, a door and a feature, ready to build.
//!
//! `name` refuses what cannot be one, `sdk_doc` reads an SDK's page, `guess` sees what the document shows without saying it, `folder`
//! writes the YAML. What is guessed is marked, and listed at the end for a person to confirm.

mod folder;
mod guess;
mod name;
mod sdk_doc;

use crate::{
    Outcome, Workspace,
    fetch::Session,
    input::Input,
    pipeline,
    progress::Progress,
    readme, root,
    transaction::{Lock, Transaction},
    update::{self, Origin},
};
use anyhow::{Context as _, bail};
use conversations_codegen::{
    generate,
    load::Sources,
    provider::{Provider, Selection, Server},
};
use conversations_document::{
    Version,
    load::{self, Text},
    lower::lower,
};
use std::{fs, io::Write, path::PathBuf};

/// What to make.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The name of the folder, the module and the feature.
    pub name: String,
    /// The document: a file, an address or `REV:path`.
    pub from: String,
    /// A page of the SDK's documentation.
    pub sdk_doc: Option<PathBuf>,
    /// Globs over the paths to keep; none keeps all.
    pub select: Vec<String>,
    /// The date as `2026-01-31`.
    pub today: String,
}

/// Makes a provider, or nothing.
pub fn new_provider(
    workspace: &Workspace,
    request: &Request,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let name = request.name.as_str();
    name::check(workspace, name)?;
    let lock = Lock::take(&workspace.root)?;
    for note in lock.recover()?.notes() {
        writeln!(err, "note: {note}")?;
    }
    let progress = Progress::start(format!("reading {}", request.from));
    let input = Input::parse(&request.from, &workspace.cwd)?;
    let session = Session::default();
    let read = input.read(&session)?;
    let joined = pipeline::joined(&input, &read, &session)?;
    let select = Selection { paths: request.select.clone(), tags: Vec::new() };
    joined.check_selection(&select)?;
    let mut document = pipeline::cut(joined.document.clone(), &select)?;
    joined.check(&document)?;
    let etag = read.etag.filter(|_| joined.parts == 0 && document.root == joined.document.root);
    if Version::of(&document.root) == Some(Version::Swagger2) {
        document = conversations_document::deep(|| lower(document))??.document;
    }
    let text = update::to_yaml(&document.root)?;
    let openapi = Text { file: format!("specs/{name}/openapi.yaml"), text };
    let document = load::openapi(&openapi.file, &openapi.text)?;
    let (mut provider, _) = pipeline::derive(&document)?;
    if provider.servers.is_empty() {
        // A draft, which a person completes.
        let description = Some("The document names no server: put its address here".to_owned());
        let url = "https://localhost".to_owned();
        provider.servers.push(Server { url, description, variables: Default::default() });
    }
    provider.provider = name.to_owned();
    let url = match &input {
        Input::Url(url) => Some(url.to_string()),
        Input::File { .. } | Input::Stdin { .. } | Input::Git { .. } => None,
    };
    let page = match &request.sdk_doc {
        None => None,
        Some(file) => {
            let text = fs::read_to_string(workspace.cwd.join(file))
                .with_context(|| format!("cannot read {}", file.display()))?;
            let page = sdk_doc::read(&text).with_context(|| {
                format!(
                    "{} lists no operation as openapi-generator's Markdown does",
                    file.display()
                )
            })?;
            Some((page, file.display().to_string()))
        }
    };
    progress.step("generating");
    let origin = update::shown_input(&input)?;
    let lowered = conversations_document::deep(|| lower(document.clone()))??.document;
    let mut guesses = guess::guesses(&lowered.root);
    confirm(&mut provider, &guesses);
    let sandbox = guess::sandbox(&lowered.root, &guesses);
    let (sources, dropped, made) = loop {
        let mut sources = Sources {
            provider: Text {
                file: format!("specs/{name}/provider.yaml"),
                text: folder::provider(&provider, url.as_deref(), &origin, &request.select)?,
            },
            overlay: Some(Text {
                file: format!("specs/{name}/overlay.yaml"),
                text: folder::overlay(&document, &provider, &origin, &guesses.behaviours)?,
            }),
            sdk: Some(Text {
                file: format!("specs/{name}/sdk.yaml"),
                text: folder::sdk(name, page.as_ref().map(|(page, file)| (page, file.as_str())))?,
            }),
            openapi: openapi.clone(),
        };
        let settled = update::settle(&mut sources, &request.today);
        let made = settled.and_then(|dropped| Ok((dropped, generate(&sources)?)));
        match made {
            Ok((dropped, made)) => break (sources, dropped, made),
            // What was guessed must not stand in the way of a client.
            Err(_) if !guesses.behaviours.is_empty() => guesses.behaviours.clear(),
            Err(error) => {
                return Err(
                    error.context("the document does not make a client; nothing was written")
                );
            }
        }
    };
    let origin = Origin {
        origin,
        revision: update::revision(&document.root),
        sha256: update::hash(&sources.openapi.text),
        date: request.today.clone(),
        etag,
    };
    let mut transaction = Transaction::default();
    let Sources { provider: provider_text, openapi, overlay, sdk } = sources;
    for text in [Some(openapi), overlay, sdk, Some(provider_text)].into_iter().flatten() {
        transaction.write(text.file, text.text);
    }
    if sandbox.get("operations").is_some() {
        transaction.write(format!("specs/{name}/sandbox.yaml"), folder::sandbox(&sandbox)?);
    }
    transaction.write(format!("specs/{name}/source.yaml"), update::source_yaml(&origin)?);
    transaction.write(format!("specs/{name}/CHANGELOG.md"), update::first_entry(name, &origin));
    for (file, page) in update::pages(name, &made) {
        transaction.write(file, update::snapshot(None, &page));
    }
    transaction.write(format!("src/{name}.rs"), folder::door(&provider));
    transaction.write("src/lib.rs", module(workspace, name)?);
    transaction.write("Cargo.toml", feature(workspace, name)?);
    let operations = made.surface.operations.len();
    if let Some(readme) = readme::with(workspace, vec![(name.to_owned(), made)])? {
        transaction.write("README.md", readme);
    }
    let files: Vec<String> = transaction.files().map(str::to_owned).collect();
    transaction.commit(&lock)?;
    drop(progress);
    for file in files {
        writeln!(out, "wrote {file}")?;
    }
    for operation in dropped {
        writeln!(out, "left out of sdk.yaml, since the document does not have it: {operation}")?;
    }
    let guessed: Vec<String> = guesses
        .behaviours
        .iter()
        .map(|it| format!("{} {}: {}", it.method.to_uppercase(), it.path, it.reason))
        .chain(
            provider.reasons.iter().map(|(key, reason)| format!("provider.yaml, {key}: {reason}")),
        )
        .collect();
    if !guessed.is_empty() {
        writeln!(out, "\nGuessed from the document; confirm each, or take it out:")?;
    }
    for line in guessed {
        writeln!(out, "  {line}")?;
    }
    writeln!(
        out,
        "\n{operations} operations. Build it with\n    cargo build --features {name}\nand look into what was guessed: servers, auth and error of specs/{name}/provider.yaml, decisions of sdk.yaml.\nThe feature is not in the default set of Cargo.toml; add it there when it is ready."
    )?;
    Ok(Outcome::Fine)
}

/// Takes over what was guessed of the provider, each with a reason that says so.
fn confirm(provider: &mut Provider, guesses: &guess::Guesses) {
    let mut guessed = |key: &str, seen: &str| {
        provider.reasons.insert(key.to_owned(), format!("Guessed by new-provider from {seen}."));
    };
    if let Some(error) = &guesses.error {
        provider.error = error.clone();
        guessed("error", "the schema of the documented errors");
    }
    if let Some(limit) = &guesses.rate_limit {
        provider.rate_limit = Some(limit.clone());
        guessed("rate_limit", "the headers of answers; the unit of the reset is the likely one");
    }
}

/// `src/lib.rs` with the module's lines, where rustfmt sorts them among the providers'.
fn module(workspace: &Workspace, name: &str) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(workspace.root.join("src/lib.rs")).context("cannot read src/lib.rs")?;
    let all = root::providers(&workspace.root)?;
    let lines: Vec<&str> = text.lines().collect();
    let provider = |line: &str| {
        let module = line.strip_prefix("pub mod ")?.strip_suffix(';')?;
        all.iter().find(|it| *it == module)
    };
    let last = lines.iter().rposition(|it| provider(it).is_some_and(|it| it.as_str() < name));
    // Each stands below its `cfg`.
    let first = lines.iter().position(|it| provider(it).is_some()).map(|it| it.saturating_sub(1));
    let at = last.map(|it| it + 1).or(first).unwrap_or(lines.len());
    Ok(with_lines(&text, at, &format!("#[cfg(feature = \"{name}\")]\npub mod {name};\n")))
}

/// `Cargo.toml` with the feature, behind the last provider's.
fn feature(workspace: &Workspace, name: &str) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(workspace.root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: toml_edit::DocumentMut = text.parse().context("cannot read Cargo.toml")?;
    let features = manifest.get("features").and_then(toml_edit::Item::as_table);
    let features = features.context("Cargo.toml has no table `features`")?;
    if features.contains_key(name) {
        bail!("Cargo.toml has a feature `{name}` already");
    }
    let all = root::providers(&workspace.root)?;
    let lines: Vec<&str> = text.lines().collect();
    let is_provider = |it: &&str| {
        it.split_once('=').is_some_and(|(key, _)| all.iter().any(|it| it == key.trim()))
    };
    let last = lines.iter().rposition(is_provider);
    let last = last.or_else(|| lines.iter().position(|it| it.trim() == "[features]"));
    let last = last.context("Cargo.toml has no line `[features]`")?;
    Ok(with_lines(&text, last + 1, &format!("{name} = []\n")))
}

/// A text with more lines behind the first `at`.
fn with_lines(text: &str, at: usize, more: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(|it| format!("{it}\n")).collect();
    lines.insert(at.min(lines.len()), more.to_owned());
    lines.concat()
}
