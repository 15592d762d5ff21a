//! What HTTP/2 brings along: pings on its connections, and servers that say which requests they did not process.

use std::time::Duration;

use super::cause_of;

/// An HTTP client that asks its connections whether they live.
pub(super) fn configure(
    builder: reqwest::ClientBuilder,
    attempt_timeout: Duration,
) -> reqwest::ClientBuilder {
    // A peer that went silent is noticed by unanswered pings before an attempt of usual length is over. Idle
    // connections are asked too, so that no call is sent on one that died meanwhile.
    let ping = (attempt_timeout / 3).clamp(Duration::from_secs(1), Duration::from_secs(10));
    builder
        .http2_keep_alive_interval(ping)
        .http2_keep_alive_timeout(ping)
        .http2_keep_alive_while_idle(true)
}

/// What to print instead of the error where the server ended the connection.
pub(super) fn end_of_connection(
    error: &reqwest::Error,
) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    let cause = h2_cause(error).filter(|cause| cause.is_go_away() && cause.is_remote())?;
    Some(Box::new(Ended { reason: cause.reason() }))
}

/// An HTTP/2 connection that its server ended.
#[derive(Debug)]
struct Ended {
    reason: Option<h2::Reason>,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server ended the HTTP/2 connection")?;
        self.reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

impl std::error::Error for Ended {}

fn h2_cause(error: &reqwest::Error) -> Option<&h2::Error> {
    cause_of(error)
}

/// Whether an HTTP/2 server let it be known that it did not process the request (RFC 9113, section 8.7): it refused the
/// stream, or announced the end of the connection with an earlier stream as the last.
pub(crate) fn is_unprocessed(error: &reqwest::Error) -> bool {
    h2_cause(error).is_some_and(|cause| {
        // Of a GOAWAY, h2 gives the frame to streams beyond the last alone; others see the connection end.
        let refused = cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM);
        cause.is_remote() && (cause.is_go_away() || refused)
    })
}
