//! A provider's folder, read: every file on its own. `conversations_document` reads the text of each.

use crate::{provider, sdk};
use conversations_document::{
    Document, Faults, fault,
    load::{Text, openapi},
    overlay,
};

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
            Ok(Vendored { document, provider, provider_file, overlay, sdk })
        }
        (document, provider, overlay, sdk) => {
            let all = [document.err(), provider.err(), overlay.err(), sdk.err()];
            Err(Faults(all.into_iter().flatten().flat_map(|it| it.0).collect()))
        }
    }
}
