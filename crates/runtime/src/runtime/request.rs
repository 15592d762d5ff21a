//! From a call to the request of one attempt.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use url::{Position, Url};

use super::call::{Call, Piece};
use super::style;
use crate::credential::{AuthPart, RequestAuth};
use crate::{Error, Location};

/// The URL of a call without its credential.
pub(crate) fn url(call: &Call) -> Result<Url, Error> {
    let shared = &call.core.shared;
    let base = shared.base_of(call.operation);
    let mut text = String::with_capacity(base.text.len() + call.operation.path().len() + 64);
    text.push_str(&base.text);
    for piece in &call.path {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Parameter(_, Some(encoded)) => text.push_str(encoded),
            Piece::Parameter(name, None) => {
                return Err(call.refuse("path parameter", name, "is missing"));
            }
        }
    }
    let path_end = text.len();
    let mut separator = '?';
    let mut pieces: Vec<&str> =
        call.query.iter().flat_map(|(_, pieces)| pieces).map(String::as_str).collect();
    let key = call.operation.idempotency_key().filter(|rule| rule.location == Location::Query);
    let key = key.and_then(|rule| Some(style::pair(rule.name, call.key.as_deref()?)));
    pieces.extend(key.as_deref());
    for piece in pieces {
        text.push(separator);
        text.push_str(piece);
        separator = '&';
    }
    let url = Url::parse(&text).map_err(|_| call.refuse("path", "path", "makes no URL"))?;
    // Parsing resolves dot segments. All values are encoded, so that it changes nothing; a template that it changes
    // would lead elsewhere.
    let written = text.get(..path_end).unwrap_or_default();
    let parsed = &url[..Position::AfterPath];
    let same_path = written == parsed || slashes(written) == slashes(parsed);
    if !same_path || !same_origin(&url, &base.url) {
        return Err(call.refuse("path", "path", "leads to another place than its template says"));
    }
    Ok(url)
}

fn slashes(text: &str) -> usize {
    text.bytes().filter(|it| *it == b'/').count()
}

fn same_origin(one: &Url, other: &Url) -> bool {
    (one.scheme(), one.host(), one.port_or_known_default())
        == (other.scheme(), other.host(), other.port_or_known_default())
}

/// Replaces path and query of a call by those of a URL that the server named. `Err` says why it is not called.
pub(crate) fn go_to(call: &mut Call, target: &str) -> Result<(), &'static str> {
    let here = url(call).map_err(|_| "the page before has no address")?;
    let next = here.join(target).map_err(|_| "the link to the next page is not a URL")?;
    let base = &call.core.shared.base_of(call.operation).url;
    if !same_origin(&next, base) {
        return Err("the link to the next page leads to another host, which gets no credential");
    }
    let below = base.path().trim_end_matches('/');
    let path = next.path().strip_prefix(below).filter(|it| it.starts_with('/'));
    let path = path.ok_or("the link to the next page leads out of the base URL")?;
    call.path = vec![Piece::Text(path.to_owned().into())];
    let pieces = next.query().unwrap_or_default().split('&').filter(|it| !it.is_empty());
    call.query = pieces.map(|it| (String::new(), vec![it.to_owned()])).collect();
    Ok(())
}

/// The request of one attempt, with its credential. `Err` says what cannot be sent.
pub(crate) fn request(
    call: &Call,
    url: &Url,
    auth: &RequestAuth,
) -> Result<reqwest::Request, Error> {
    let shared = &call.core.shared;
    let mut url = url.clone();
    for part in &*auth.parts {
        let AuthPart::Query(pair) = part else { continue };
        let pair = pair.expose_secret();
        let query = url.query().map_or_else(|| pair.to_owned(), |query| format!("{query}&{pair}"));
        url.set_query(Some(&query));
    }
    let refuse = |name: &str| call.refuse("header", name, "holds what cannot stand in a header");
    let mut request = reqwest::Request::new(call.method.clone(), url);
    let body = call.payload.body().map_err(|reason| {
        Error::invalid_request(call.operation, format!("not sent: the body: {reason}"))
    })?;
    if let Some((media, body)) = body {
        request.headers_mut().insert(CONTENT_TYPE, media);
        *request.body_mut() = Some(body);
    }
    let is_empty = |it: &reqwest::Body| it.as_bytes().is_some_and(<[u8]>::is_empty);
    // Without it some servers answer 411.
    if request.body().is_none_or(is_empty)
        && matches!(call.method.as_str(), "POST" | "PUT" | "PATCH")
    {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let headers = request.headers_mut();
    for (name, value) in shared.provider.headers {
        let value = HeaderValue::from_str(value).map_err(|_| refuse(name))?;
        headers.append(HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse(name))?, value);
    }
    // What stands under the same name is replaced, so that no header is sent twice and a caller's media type counts.
    for name in call.headers.keys() {
        headers.remove(name);
    }
    if let Some(accept) = call.operation.accept()
        && !call.headers.contains_key(ACCEPT)
        && let Ok(accept) = HeaderValue::from_maybe_shared(Bytes::from_static(accept.as_bytes()))
    {
        headers.insert(ACCEPT, accept);
    }
    for (name, value) in &call.headers {
        headers.append(name, value.clone());
    }
    if let Some(rule) = call.operation.idempotency_key()
        && let (Location::Header, Some(key)) = (rule.location, &call.key)
    {
        let value = HeaderValue::from_str(key).map_err(|_| refuse(rule.name))?;
        let name = HeaderName::from_bytes(rule.name.as_bytes());
        headers.insert(name.map_err(|_| refuse(rule.name))?, value);
    }
    let mut cookies = call.cookies.join("; ");
    for part in &*auth.parts {
        let AuthPart::Cookie(pair) = part else { continue };
        if !cookies.is_empty() {
            cookies.push_str("; ");
        }
        cookies.push_str(pair.to_str().unwrap_or_default());
    }
    if !cookies.is_empty() {
        let mut value = HeaderValue::from_str(&cookies).map_err(|_| refuse("Cookie"))?;
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
    for part in &*auth.parts {
        if let AuthPart::Header(name, value) = part {
            headers.insert(name, value.clone());
        }
    }
    // No coding is read here; without the header a server may choose one.
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    Ok(request)
}
