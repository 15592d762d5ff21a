//! Everything that runs through the generator's public interface, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
// Tests read the cases that the generator itself may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod events;
mod extension;
mod overlay;
mod provider;
mod reconcile;
mod rust;

use conversations_codegen::load::{Sources, Vendored, load};
use conversations_document::load::Text;

fn text(file: &str, text: &str) -> Text {
    Text { file: file.to_owned(), text: text.to_owned() }
}

/// A provider's folder with the least that a `provider.yaml` needs.
fn vendored(openapi: &str, overlay: Option<&str>, sdk: Option<&str>) -> Vendored {
    let provider = "
provider: acme
title: Acme
summary: Talk to Acme
documentation: https://acme.test/
source: { url: https://acme.test/openapi.yaml }
servers: [{ url: https://acme.test/v2 }]
";
    let sources = Sources {
        provider: text("provider.yaml", provider),
        openapi: text("openapi.yaml", openapi),
        overlay: overlay.map(|it| text("overlay.yaml", it)),
        sdk: sdk.map(|it| text("sdk.yaml", it)),
    };
    load(&sources).unwrap_or_else(|it| panic!("{it}"))
}
