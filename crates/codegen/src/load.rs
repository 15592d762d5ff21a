//! A provider's folder, read: every file on its own. `conversations_document` reads the text of each.

use crate::{provider, sdk};
use conversations_document::{
    Document, Fault, Faults,
    fault::{self, Code},
    load::{Text, openapi},
    overlay,
};
use std::{ffi::OsString, io};

/// The texts of a provider's folder.
#[derive(Debug, Clone)]
pub struct Sources {
    /// `provider.yaml`.
    pub provider: Text,
    /// `openapi.yaml`.
    pub openapi: Text,
    /// `overlay.yaml`.
    pub overlay: Option<Text>,
    /// `sdk.yaml`.
    pub sdk: Option<Text>,
}

impl Sources {
    /// The texts of `specs/<name>/`. The caller brings the I/O: `read` gives the text of a file by its path from the root of
    /// the workspace, by which messages name it, too.
    pub fn read(name: &str, read: impl Fn(&str) -> io::Result<String>) -> fault::Result<Self> {
        let file = |file: &str| format!("specs/{name}/{file}");
        let required = |name: &str| -> fault::Result<Text> {
            let file = file(name);
            let help = "a provider's folder holds provider.yaml and openapi.yaml";
            text(&file, &read)?.ok_or_else(|| Fault::of_file(&file, Code::NoFile, help).into())
        };
        Ok(Self {
            provider: required("provider.yaml")?,
            openapi: required("openapi.yaml")?,
            overlay: text(&file("overlay.yaml"), &read)?,
            sdk: text(&file("sdk.yaml"), &read)?,
        })
    }
}

/// The text of a file under the name that messages show; `None` where there is no such file.
pub fn text(file: &str, read: impl Fn(&str) -> io::Result<String>) -> fault::Result<Option<Text>> {
    match read(file) {
        Ok(text) => Ok(Some(Text { file: file.to_owned(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let code = Code::UnreadFile { error: error.to_string() };
            Err(Fault::of_file(file, code, "").into())
        }
    }
}

/// Which of the entries of `specs/` are providers, sorted: those with a `provider.yaml`, readable or not.
pub fn providers(
    entries: impl IntoIterator<Item = OsString>,
    read: impl Fn(&str) -> io::Result<String>,
) -> Vec<String> {
    let names = entries.into_iter().filter_map(|it| it.into_string().ok());
    let is_provider =
        |name: &String| !matches!(text(&format!("specs/{name}/provider.yaml"), &read), Ok(None));
    let mut names: Vec<String> = names.filter(is_provider).collect();
    names.sort();
    names
}

/// A provider's folder, read and nothing more.
#[derive(Debug, Clone)]
pub struct Vendored {
    /// The vendor's document.
    pub document: Document,
    /// `provider.yaml`.
    pub provider: provider::Provider,
    /// The same file as a tree, for its lines.
    pub provider_file: Document,
    /// `overlay.yaml`.
    pub overlay: Option<overlay::OverlayFile>,
    /// `sdk.yaml`.
    pub sdk: Option<sdk::SdkFile>,
}

/// Reads a provider's folder. The faults of all its files come together.
pub fn load(sources: &Sources) -> fault::Result<Vendored> {
    let document = openapi(&sources.openapi.file, &sources.openapi.text);
    let provider = provider::with_lines(&sources.provider);
    let overlay = sources.overlay.as_ref().map(overlay::parse).transpose();
    let sdk = sources.sdk.as_ref().map(sdk::sdk).transpose();
    match (document, provider, overlay, sdk) {
        (Ok(document), Ok((provider, provider_file)), Ok(overlay), Ok(sdk)) => {
            let folder = sources.provider.file.rsplit('/').nth(1);
            if let Some(folder) = folder.filter(|it| *it != provider.provider) {
                let code = Code::OtherName { name: provider.provider, folder: folder.to_owned() };
                let help = format!("write `provider: {folder}`, or rename the folder");
                return Err(provider_file.fault("/provider", code, help).into());
            }
            Ok(Vendored { document, provider, provider_file, overlay, sdk })
        }
        (document, provider, overlay, sdk) => {
            let all = [document.err(), provider.err(), overlay.err(), sdk.err()];
            Err(Faults(all.into_iter().flatten().flat_map(|it| it.0).collect()))
        }
    }
}
