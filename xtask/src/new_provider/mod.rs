//! `cargo xtask new-provider`: a folder, a door and a feature, ready to build.
//!
//! `name` refuses what cannot be one, `sdk_doc` reads an SDK's page, `guess` sees what the document shows without saying it, `folder`
//! writes the YAML. What is guessed is marked, and listed at the end for a person to confirm.

mod folder;
mod guess;
mod name;
mod sdk_doc;

use guess::Guesses;
use sdk_doc::Page;

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
    Generated, generate,
    load::Sources,
    provider::{Provider, Selection, Server},
};
use conversations_document::{
    Document,
    load::{self, Text},
    lower::lower,
};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

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
    name::check(workspace, &request.name)?;
    let lock = Lock::take_and_recover(&workspace.root, err)?;
    let progress = Progress::start(format!("reading {}", request.from));
    let fetched = fetch(workspace, request)?;
    let page = request.sdk_doc.as_ref().map(|file| sdk_page(workspace, file)).transpose()?;
    progress.step("generating");
    let lowered = conversations_document::deep(|| lower(fetched.document.clone()))??.document;
    let mut guesses = guess::guesses(&lowered.root);
    let provider = draft(&request.name, &fetched.document, &guesses)?;
    let sandbox = guess::sandbox(&lowered.root, &guesses);
    let made = generated(request, &fetched, &provider, page.as_ref(), &mut guesses)?;
    let operations = made.client.surface.operations.len();
    let dropped = made.dropped.clone();
    let transaction = transaction(workspace, &provider, &fetched.origin, &sandbox, made)?;
    let files: Vec<String> = transaction.files().map(str::to_owned).collect();
    transaction.commit(&lock)?;
    drop(progress);
    for file in files {
        writeln!(out, "wrote {file}")?;
    }
    for operation in dropped {
        writeln!(out, "left out of sdk.yaml, since the document does not have it: {operation}")?;
    }
    list_guesses(&provider, &guesses, out)?;
    writeln!(
        out,
        "\n{operations} operations. Build it with\n    cargo build --features {}\nand look into what was guessed: servers, auth and error of specs/{}/provider.yaml, decisions of sdk.yaml.\nThe feature is not in the default set of Cargo.toml; add it there when it is ready.",
        request.name, request.name
    )?;
    Ok(Outcome::Fine)
}

/// The vendor's document, as the folder has it.
struct Fetched {
    document: Document,
    text: Text,
    origin: Origin,
    /// Where it is fetched again.
    url: Option<String>,
}

fn fetch(workspace: &Workspace, request: &Request) -> anyhow::Result<Fetched> {
    let input = Input::parse(&request.from, &workspace.cwd)?;
    let session = Session::default();
    let read = input.read(&session)?;
    let joined = pipeline::joined(&input, &read, &session)?;
    let select = Selection { paths: request.select.clone(), tags: Vec::new() };
    joined.check_selection(&select)?;
    let (document, is_all) = joined.adopt(pipeline::cut(joined.document.clone(), &select)?)?;
    let text = Text {
        file: format!("specs/{}/openapi.yaml", request.name),
        text: update::to_yaml(&document.root)?,
    };
    // From here on under the name and with the lines that it will have.
    let document = load::openapi(&text.file, &text.text)?;
    let origin = Origin {
        origin: update::shown_input(&input)?,
        revision: update::revision(&document.root),
        sha256: update::hash(&text.text),
        date: request.today.clone(),
        etag: read.etag.filter(|_| is_all),
    };
    let url = match &input {
        Input::Url(url) => Some(url.to_string()),
        Input::File { .. } | Input::Stdin { .. } | Input::Git { .. } => None,
    };
    Ok(Fetched { document, text, origin, url })
}

/// What a page of the SDK's documentation lists, with the name of its file.
fn sdk_page(workspace: &Workspace, file: &Path) -> anyhow::Result<(Page, String)> {
    let text = fs::read_to_string(workspace.cwd.join(file))
        .with_context(|| format!("cannot read {}", file.display()))?;
    let page = sdk_doc::read(&text).with_context(|| {
        format!("{} lists no operation as openapi-generator's Markdown does", file.display())
    })?;
    Ok((page, file.display().to_string()))
}

/// What the document says or shows of its provider, for a person to complete.
fn draft(name: &str, document: &Document, guesses: &Guesses) -> anyhow::Result<Provider> {
    let (mut provider, _) = pipeline::derive(document)?;
    provider.provider = name.to_owned();
    if provider.servers.is_empty() {
        let description = Some("The document names no server: put its address here".to_owned());
        let url = "https://localhost".to_owned();
        provider.servers.push(Server { url, description, variables: Default::default() });
    }
    take_over(&mut provider, guesses);
    Ok(provider)
}

/// The folder of a provider and its client.
struct Made {
    sources: Sources,
    /// What the SDK lists and the document does not have.
    dropped: Vec<String>,
    client: Generated,
}

/// Generates the client, without the guessed behaviours where there is none with them.
fn generated(
    request: &Request,
    fetched: &Fetched,
    provider: &Provider,
    page: Option<&(Page, String)>,
    guesses: &mut Guesses,
) -> anyhow::Result<Made> {
    let Fetched { document, text: openapi, origin, url } = fetched;
    let (name, origin) = (&request.name, &origin.origin);
    let page = page.map(|(page, file)| (page, file.as_str()));
    let text = |file: &str, text: String| Text { file: format!("specs/{name}/{file}"), text };
    loop {
        let behaviours = &guesses.behaviours;
        let yaml = folder::provider(provider, url.as_deref(), origin, &request.select)?;
        let overlay = folder::overlay(document, provider, origin, behaviours)?;
        let mut sources = Sources {
            provider: text("provider.yaml", yaml),
            overlay: Some(text("overlay.yaml", overlay)),
            sdk: Some(text("sdk.yaml", folder::sdk(name, page)?)),
            openapi: openapi.clone(),
        };
        let settled = update::settle(&mut sources, &request.today);
        match settled.and_then(|dropped| Ok((dropped, generate(&sources)?))) {
            Ok((dropped, client)) => return Ok(Made { sources, dropped, client }),
            Err(_) if !behaviours.is_empty() => guesses.behaviours.clear(),
            Err(error) => {
                let why = "the document does not make a client; nothing was written";
                return Err(error.context(why));
            }
        }
    }
}

/// All files that a new provider adds or changes.
fn transaction(
    workspace: &Workspace,
    provider: &Provider,
    origin: &Origin,
    sandbox: &Value,
    made: Made,
) -> anyhow::Result<Transaction> {
    let name = &provider.provider;
    let Made { sources, dropped: _, client } = made;
    let Sources { provider: yaml, openapi, overlay, sdk } = sources;
    let mut out = Transaction::default();
    for text in [Some(openapi), overlay, sdk, Some(yaml)].into_iter().flatten() {
        out.write(text.file, text.text);
    }
    if sandbox.get("operations").is_some() {
        out.write(format!("specs/{name}/sandbox.yaml"), folder::sandbox(sandbox)?);
    }
    out.write(format!("specs/{name}/source.yaml"), update::source_yaml(origin)?);
    out.write(format!("specs/{name}/CHANGELOG.md"), update::first_entry(name, origin));
    for (file, page) in update::pages(name, &client) {
        out.write(file, update::snapshot(None, &page));
    }
    out.write(format!("src/{name}.rs"), folder::door(provider));
    out.write("src/lib.rs", module(workspace, name)?);
    out.write("Cargo.toml", feature(workspace, name)?);
    if let Some(readme) = readme::with(workspace, vec![(name.clone(), client)])? {
        out.write("README.md", readme);
    }
    Ok(out)
}

fn list_guesses(provider: &Provider, guesses: &Guesses, out: &mut dyn Write) -> anyhow::Result<()> {
    if guesses.behaviours.is_empty() && provider.reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nGuessed from the document; confirm each, or take it out:")?;
    for it in &guesses.behaviours {
        writeln!(out, "  {} {}: {}", it.method.to_uppercase(), it.path, it.reason)?;
    }
    for (key, reason) in &provider.reasons {
        writeln!(out, "  provider.yaml, {key}: {reason}")?;
    }
    Ok(())
}

/// Takes over what was guessed of the provider, each with a reason that says so.
fn take_over(provider: &mut Provider, guesses: &Guesses) {
    let mut guessed = |key: &str, seen: &str| {
        provider.reasons.insert(key.to_owned(), format!("Guessed by new-provider from {seen}."));
    };
    if let Some(error) = &guesses.error {
        provider.error = error.clone();
        match (&error.code[..], &error.message[..]) {
            ([], []) => guessed(
                "error",
                "the schema of the documented errors, in which nothing has a usual name: write here where code and message are",
            ),
            _ => guessed("error", "the schema of the documented errors"),
        }
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
