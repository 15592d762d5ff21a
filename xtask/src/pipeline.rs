//! The stages of the generator, fed from files.

use crate::input::{self, Base, Input};
use anyhow::{Context as _, bail};
use conversations_codegen::{
    Generated, Target,
    bundle::{bundle, external_files},
    document::Document,
    fault, generate, generate_document, load,
    lower::lower,
    overlay,
    provider::{Provider, Select},
    select::{Selection, select},
    surface::Surface,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The most files that one document may be split over.
const MAX_FILES: usize = 2000;

/// The document behind an argument, all of its files joined.
pub fn read(input: &Input) -> anyhow::Result<Document> {
    let text = input.read()?.text;
    read_text(input, &text)
}

/// As [`read`], where the main file's text is here already.
pub fn read_text(input: &Input, text: &str) -> anyhow::Result<Document> {
    let shown = input.to_string();
    let main = load::document(&shown, text)?;
    let (base, name) = input.base()?;
    load::check_refs_at(&main, &name)?;
    let files = beside(&main, &base, &name)?;
    let document = deep(|| bundle(main, &files))??;
    version(&document)?;
    Ok(document)
}

/// The other files that `main` needs.
fn beside(main: &Document, base: &Base, name: &str) -> anyhow::Result<BTreeMap<String, Document>> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let shown_folder = main.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut files: BTreeMap<String, Document> = BTreeMap::new();
    let mut missing: BTreeSet<String> = BTreeSet::new();
    loop {
        let mut wanted = deep(|| external_files(main, &files))?;
        wanted.retain(|it| !missing.contains(it) && !files.contains_key(it));
        if wanted.is_empty() {
            return Ok(files);
        }
        if files.len() + wanted.len() > MAX_FILES {
            bail!("{} is split over more than {MAX_FILES} files", main.file);
        }
        for file in wanted {
            // What is outside the folder that the document's files share is not read; the stage
            // that meets the reference says where it stands and that it leads nowhere.
            let path = input::normal(format!("{folder}/{file}").trim_start_matches('/'));
            let Some((path, Ok(text))) = path.map(|it| (it.clone(), base.read(&it))) else {
                missing.insert(file);
                continue;
            };
            let shown = match shown_folder {
                "" => file.clone(),
                folder => format!("{folder}/{file}"),
            };
            let shown = match shown.contains("://") {
                true => shown,
                false => tidy(&shown),
            };
            let document = load::document(&shown, &text)?;
            load::check_refs_at(&document, &path)?;
            files.insert(file, document);
        }
    }
}

/// A name without inner `..`, for messages.
fn tidy(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, out.last()) {
            ("..", Some(last)) if !matches!(*last, ".." | "") => {
                out.pop();
            }
            (".", _) => {}
            _ => out.push(part),
        }
    }
    out.join("/")
}

/// Refuses what is no OpenAPI document, or of a version that nobody here reads.
fn version(document: &Document) -> fault::Result<()> {
    let root = &document.root;
    let value = root.get("openapi").or_else(|| root.get("swagger"));
    let Some(value) = value else {
        return Err(document
            .fault(
                "",
                "this is no OpenAPI document: it has neither `openapi` nor `swagger`",
                "name the document itself, not a file that it refers to or a page that shows it",
            )
            .into());
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if ["2.0", "3.0", "3.1", "3.2"].iter().any(|it| text.starts_with(it)) {
        return Ok(());
    }
    let key = if root.get("openapi").is_some() { "/openapi" } else { "/swagger" };
    Err(document
        .fault(
            key,
            format!("version {text} of the specification is unknown here"),
            "`swagger: '2.0'`, `openapi: 3.0.x`, `3.1.x` and `3.2.x` are read",
        )
        .into())
}

/// A document cut to what is ours.
pub fn cut(document: Document, selection: &Select) -> fault::Result<Document> {
    let Select { paths, tags } = selection.clone();
    match deep(|| select(document, &Selection { paths, tags })) {
        Ok(result) => result,
        Err(error) => Err(fault::Fault::of_file("generator", format!("{error:#}"), "").into()),
    }
}

/// A document with overlays applied, in order.
pub fn overlaid(mut document: Document, overlays: &[load::Text]) -> fault::Result<Document> {
    for text in overlays {
        document = overlay::apply(document, &overlay::parse(text)?)?;
    }
    Ok(document)
}

/// What the document says of its own server and credentials.
pub fn derive(document: &Document) -> anyhow::Result<Provider> {
    let lowered = deep(|| lower(document.clone()))??;
    Ok(crate::derive::provider(&lowered.document.root))
}

/// The client of a document that belongs to no provider.
pub fn client(document: Document, target: &str) -> anyhow::Result<Generated> {
    let provider = derive(&document)?;
    Ok(generate_document(document, &provider, &Target { module: target.to_owned() })?)
}

/// What users would see of the client of a document that belongs to no provider.
pub fn survey(document: Document) -> anyhow::Result<Surface> {
    let provider = derive(&document)?;
    Ok(conversations_codegen::survey(document, &provider)?)
}

/// The client of a provider's folder.
pub fn provider(root: &Path, name: &str) -> anyhow::Result<Generated> {
    let sources = crate::root::sources(root, name)?;
    let target = Target { module: format!("crate::{name}") };
    let made = generate(&sources, &target);
    made.with_context(|| format!("cannot generate the client of `{name}`"))
}

/// Runs on a stack that no document can exhaust within the limits that loading sets, and turns a
/// panic of a stage into an error that names itself.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    const STACK: usize = 512 << 20;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.context("no thread could be started")?;
        thread.join().map_err(|_| {
            anyhow::anyhow!(
                "the generator stopped at a fault of its own; please report it with the document"
            )
        })
    })
}
