//! Where a client's requests go, and what each of them needs on its way.

use std::sync::Arc;

use url::Url;

use super::clock::Clock;
use super::provider::Provider;
use super::settings::Settings;
use super::transport::Http;
use crate::credential::RequestAuth;
use crate::redact::{Censor, Redactor};

/// A provider's server, and how it is spoken to.
pub(crate) struct Endpoint {
    pub(crate) provider: &'static Provider,
    pub(crate) base: Url,
    /// The base URL without a slash at its end, as paths are put behind it.
    pub(crate) base_text: String,
    pub(crate) http: Http,
    pub(crate) settings: Settings,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Endpoint {
    /// Takes credentials out of what a server answers to a request that carried this one.
    pub(crate) fn censor(&self, auth: &RequestAuth) -> Censor {
        Censor::new(&self.redactor, auth)
    }
}
