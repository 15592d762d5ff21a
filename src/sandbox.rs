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
//! What it checks, keeps and injects stands at [`conversations_sandbox`].

use conversations_sandbox::{EmbeddedProvider, Library};

pub use conversations_sandbox::{Delivered, Fault, FaultPlan, Recorded, Visitor};

include!(concat!(env!("OUT_DIR"), "/sandbox_providers.rs"));

/// The providers whose features are on.
#[derive(Clone, Copy, Debug)]
pub enum Embedded {}

impl Library for Embedded {
    const PROVIDERS: &'static [EmbeddedProvider] = PROVIDERS;
}

/// A running sandbox of this library's providers. It stops when dropped.
///
/// | a test wants | method |
/// |---|---|
/// | to begin | [`start`](conversations_sandbox::Sandbox::start), [`builder`](conversations_sandbox::Sandbox::builder) for keys, limits, a seed |
/// | a client's address | [`base_url`](conversations_sandbox::Sandbox::base_url)`("<provider>")` |
/// | to see what arrived | [`requests`](conversations_sandbox::Sandbox::requests), [`accepted`](conversations_sandbox::Sandbox::accepted) counts what took effect |
/// | to wait for it | [`wait_for_requests`](conversations_sandbox::Sandbox::wait_for_requests), [`wait_for_accepted`](conversations_sandbox::Sandbox::wait_for_accepted) |
/// | to see and set what the vendor keeps | [`state`](conversations_sandbox::Sandbox::state), [`set_state`](conversations_sandbox::Sandbox::set_state), [`reset`](conversations_sandbox::Sandbox::reset) |
/// | a visitor who writes | [`visitor`](conversations_sandbox::Sandbox::visitor)`("<provider>").writes("…").to(url)` |
/// | something to go wrong | [`inject`](conversations_sandbox::Sandbox::inject), [`set_fault_plan`](conversations_sandbox::Sandbox::set_fault_plan), [`clear_faults`](conversations_sandbox::Sandbox::clear_faults), [`expire_tokens`](conversations_sandbox::Sandbox::expire_tokens) |
/// | time to pass | [`advance`](conversations_sandbox::Sandbox::advance) |
/// | to know of mistakes in the rules | [`problems`](conversations_sandbox::Sandbox::problems) |
pub type Sandbox = conversations_sandbox::Sandbox<Embedded>;

/// The settings of a sandbox; see [`conversations_sandbox::Builder`].
pub type Builder = conversations_sandbox::Builder<Embedded>;
