//! The stand-in for the vendors' servers, with this library's providers mounted.
//!
//! ```
//! use conversations::sandbox::{Fault, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start().await?;
//! for provider in sandbox.providers() {
//!     println!("{provider}: {}", sandbox.base_url(provider));
//! }
//! // The next request of whoever calls gets a 503 and changes nothing.
//! sandbox.inject(Fault::status(503).with_header("Retry-After", "1"));
//! # Ok(())
//! # }
//! ```
//!
//! What it checks, keeps and injects stands at [`Sandbox`](generic::Sandbox).

use conversations_sandbox::{EmbeddedProvider, Library};

pub use conversations_sandbox::{Delivered, Fault, FaultPlan, Recorded, Visitor};

include!(concat!(env!("OUT_DIR"), "/sandbox_providers.rs"));

/// The providers whose features are on.
#[derive(Clone, Copy, Debug)]
pub enum Embedded {}

impl Library for Embedded {
    const PROVIDERS: &'static [EmbeddedProvider] = PROVIDERS;
}

/// A running sandbox of this library's providers; its methods stand at [`generic::Sandbox`].
pub type Sandbox = conversations_sandbox::Sandbox<Embedded>;

/// The settings of a sandbox; its methods stand at [`generic::Builder`].
pub type Builder = conversations_sandbox::Builder<Embedded>;

/// The sandbox and its settings for the providers of any library, with their methods.
pub mod generic {
    #[doc(inline)]
    pub use conversations_sandbox::{Builder, Sandbox};
}
