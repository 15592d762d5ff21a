//! Where a client's requests go, and what each of them needs on its way.

use std::sync::Arc;

use super::address::{Base, Bases};
use super::clock::Clock;
use super::headers::Names;
use super::provider::Provider;
use super::settings::Settings;
use super::transport::Http;
use crate::Operation;
use crate::credential::RequestAuth;
use crate::redact::{Censor, Redactor};

/// A provider's server, and how it is spoken to.
pub(crate) struct Endpoint {
    pub(crate) provider: &'static Provider,
    /// The base URLs of the provider's groups of servers, the document's own first.
    pub(crate) bases: Bases,
    pub(crate) names: Names,
    pub(crate) http: Http,
    pub(crate) settings: Settings,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Endpoint {
    /// The base URL of the document's own servers.
    pub(crate) fn base(&self) -> &Base {
        &self.bases.first
    }

    /// The base URL of an operation.
    pub(crate) fn base_of(&self, operation: &Operation) -> &Base {
        self.bases.of(operation.server())
    }

    /// Takes credentials out of what a server answers to a request that carried this one.
    pub(crate) fn censor(&self, auth: &RequestAuth) -> Censor {
        Censor::new(&self.redactor, auth)
    }
}
