//! An answer before it becomes bytes on a connection.

use serde_json::Value as Json;

/// Status, headers, body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The body as a value, where it is one.
    pub(super) json: Option<Json>,
}

impl Answer {
    /// A JSON answer, or an empty one.
    pub(super) fn of(status: u16, mut headers: Vec<(String, String)>, json: Option<Json>) -> Self {
        let body = json.as_ref().map(|it| it.to_string().into_bytes()).unwrap_or_default();
        if json.is_some()
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        Self { status, headers, body, json }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// Adds a header unless the answer has one of the name.
    pub(super) fn set_default_header(&mut self, name: &str, value: String) {
        if !self.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name)) {
            self.headers.push((name.to_owned(), value));
        }
    }
}
