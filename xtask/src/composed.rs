//! Several documents read as one.

use crate::{input::Input, pipeline};
use anyhow::{Context as _, bail};
use conversations_document::{Document, bundle::compose};
use std::path::Path;

/// The documents behind a pattern of file names, joined in the order of the names.
pub fn read(pattern: &str, cwd: &Path) -> anyhow::Result<Document> {
    let whole = cwd.join(pattern);
    let whole = whole.to_str().context("the pattern is not Unicode text")?;
    let files = glob::glob(whole).with_context(|| format!("`{pattern}` is not a pattern"))?;
    let mut names = Vec::new();
    for file in files {
        let file = file?;
        let shown = file.strip_prefix(cwd).unwrap_or(&file);
        names.push(shown.to_str().context("a file's name is not Unicode text")?.to_owned());
    }
    let mut documents = names.iter().map(|it| pipeline::read(&Input::parse(it, cwd)?));
    let Some(first) = documents.next() else { bail!("no file matches `{pattern}`") };
    let mut joined = first?;
    for (at, next) in documents.enumerate() {
        compose(&mut joined, next?, at + 2)?;
    }
    Ok(joined)
}
