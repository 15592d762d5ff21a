//! Who may use the control routes: a page in a browser may reach this server, and must not steer it.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// What is allowed beside requests that name this machine and come from no page.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    /// Names in `Host`; `*` is any.
    pub(super) hosts: Vec<String>,
    /// Values of `Origin`; `*` is any.
    pub(super) origins: Vec<String>,
}

impl Guard {
    /// Lets a request pass, with the origin of its page where it has one, or says why not.
    ///
    /// A page whose own name was pointed to this machine sends that name in `Host`; a page that calls across origins
    /// sends `Origin`.
    pub(super) fn pass(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        local: Option<IpAddr>,
    ) -> Result<Option<String>, String> {
        let mut named: Vec<Option<Authority>> = headers
            .get_all(HOST)
            .iter()
            .map(|it| Authority::try_from(it.as_bytes()).ok())
            .collect();
        named.extend(uri.authority().map(|it| Some(it.clone())));
        if named.is_empty() || !named.iter().all(|it| self.names_us(it.as_ref(), local)) {
            return Err("a control route is asked for by an address of this machine; another `Host` is allowed by \
                 --allow-host NAME (or Builder::allow_host)"
                .to_owned());
        }
        let Some(origin) = headers.get(ORIGIN) else { return Ok(None) };
        let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
        if headers.get_all(ORIGIN).iter().count() == 1 && listed(&self.origins, &origin) {
            return Ok(Some(origin));
        }
        Err("a control route is not for pages; an `Origin` is allowed by --allow-origin ORIGIN (or Builder::allow_origin)"
            .to_owned())
    }

    fn names_us(&self, authority: Option<&Authority>, local: Option<IpAddr>) -> bool {
        let Some(authority) = authority.filter(|it| !it.as_str().contains('@')) else {
            return false;
        };
        let name = authority.host();
        let name = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(name);
        let address = name.parse::<IpAddr>().map(|it| it.to_canonical()).ok();
        let own = match address {
            Some(address) => {
                address.is_loopback() || local.is_some_and(|it| it.to_canonical() == address)
            }
            None => name.eq_ignore_ascii_case("localhost"),
        };
        own || listed(&self.hosts, name)
    }
}

fn listed(allowed: &[String], value: &str) -> bool {
    allowed.iter().any(|it| it == "*" || it.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::{HeaderMap, HeaderName, HeaderValue, Uri};

    use super::Guard;

    #[test]
    fn foreign_names_and_pages_are_refused() {
        let closed = Guard::default();
        let open = Guard {
            hosts: vec!["sandbox".to_owned()],
            origins: vec!["https://app.example".to_owned()],
        };
        let any = Guard { hosts: vec!["*".to_owned()], origins: vec!["*".to_owned()] };
        let local: IpAddr = [10, 0, 0, 7].into();
        let host = |value: &'static str| vec![("host", value)];
        let page = |value: &'static str| vec![("host", "localhost"), ("origin", value)];
        type Case = (&'static str, Vec<(&'static str, &'static str)>, bool, bool);
        let cases: Vec<Case> = vec![
            // Target, headers, passes the closed one, passes the open one.
            ("/_sandbox", host("127.0.0.1:8080"), true, true),
            ("/_sandbox", host("127.9.9.9"), true, true),
            ("/_sandbox", host("LOCALHOST:1"), true, true),
            ("/_sandbox", host("[::1]:8080"), true, true),
            ("/_sandbox", host("[::ffff:127.0.0.1]"), true, true),
            ("/_sandbox", host("10.0.0.7:8080"), true, true),
            ("/_sandbox", host("10.0.0.8:8080"), false, false),
            ("/_sandbox", host("sandbox:8080"), false, true),
            ("/_sandbox", host("evil.example"), false, false),
            ("/_sandbox", host("localhost.evil.example"), false, false),
            ("/_sandbox", host("localhost@evil.example"), false, false),
            ("/_sandbox", host(""), false, false),
            ("/_sandbox", host("a b"), false, false),
            ("/_sandbox", vec![], false, false),
            ("/_sandbox", vec![("host", "localhost"), ("host", "evil.example")], false, false),
            ("http://evil.example/_sandbox", host("localhost"), false, false),
            ("http://localhost/_sandbox", host("localhost"), true, true),
            ("/_sandbox", page("https://app.example"), false, true),
            ("/_sandbox", page("https://evil.example"), false, false),
            ("/_sandbox", page("http://localhost"), false, false),
            ("/_sandbox", page("null"), false, false),
            ("/_sandbox", page(""), false, false),
        ];
        for (target, pairs, closed_passes, open_passes) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in &pairs {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let uri: Uri = target.parse().unwrap_or_default();
            let passes = |it: &Guard| it.pass(&uri, &headers, Some(local)).is_ok();
            assert_eq!(passes(&closed), closed_passes, "closed: {target} {pairs:?}");
            assert_eq!(passes(&open), open_passes, "open: {target} {pairs:?}");
        }
        let headers: HeaderMap = [
            (http::header::HOST, HeaderValue::from_static("any.example")),
            (http::header::ORIGIN, HeaderValue::from_static("null")),
        ]
        .into_iter()
        .collect();
        let passed = any.pass(&Uri::from_static("/"), &headers, None);
        assert_eq!(passed, Ok(Some("null".to_owned())));
    }
}
