//! In place of `http2` where that feature is off.

use std::time::Duration;

/// An HTTP client that speaks HTTP/1.1, also where another package has HTTP/2 built into reqwest.
pub(super) fn configure(builder: reqwest::ClientBuilder, _: Duration) -> reqwest::ClientBuilder {
    builder.http1_only()
}

/// HTTP/1.1 ends a connection without a message.
pub(super) fn end_of_connection(
    _: &reqwest::Error,
) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    None
}

/// HTTP/1.1 has no way to say it.
pub(crate) fn is_unprocessed(_: &reqwest::Error) -> bool {
    false
}
