//! Path values: each becomes exactly one segment, or is refused.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a value as one path segment.
///
/// `Err` says why the value would leave its segment: an empty one joins its neighbours, `.` and `..` climb, and servers
/// and proxies that decode twice see the same in `%2e%2e` or `%2f`. Such a value never names what the caller meant, and
/// an empty id turns the deletion of one message into that of all.
pub(crate) fn encode(value: &str) -> Result<String, &'static str> {
    let mut form = value.as_bytes().to_vec();
    loop {
        refuse(&form)?;
        let decoded: Vec<u8> = percent_decode(&form).collect();
        if decoded == form {
            break;
        }
        // Each round is shorter than the one before, so that this ends.
        form = decoded;
    }
    Ok(encode_component(value))
}

fn refuse(form: &[u8]) -> Result<(), &'static str> {
    // Some servers cut a segment's parameters off: `..;x` is `..` to them.
    let name = form.split(|byte| *byte == b';').next().unwrap_or_default();
    match name {
        b"" => return Err("is empty"),
        b"." | b".." => return Err("is `.` or `..`, which names another path"),
        _ => {}
    }
    if form.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        return Err("holds a slash or backslash, which starts another path segment");
    }
    let text = String::from_utf8_lossy(form);
    if text.chars().any(char::is_control) {
        return Err("holds a control character");
    }
    if text.trim().is_empty() {
        return Err("is blank");
    }
    Ok(())
}

/// Percent-encodes all but unreserved characters.
pub(crate) fn encode_component(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn values_that_leave_their_segment_are_refused() {
        let refused = [
            "",
            ".",
            "..",
            "/",
            "a/b",
            "a\\b",
            "..\\..\\admin",
            "%2e",
            "%2E%2e",
            "%252e%252E",
            "%2f",
            "a%2Fb",
            "a%5cb",
            "%00",
            "a\0",
            "a\nb",
            "\u{7f}",
            "%0d%0a",
            "%25252f",
            " ",
            "%20",
            "..;x",
            ";",
            "\u{85}",
        ];
        for value in refused {
            assert!(encode(value).is_err(), "{value:?} must be refused");
        }
    }

    #[test]
    fn all_else_becomes_one_segment() {
        let cases = [
            ("abc-1._~", "abc-1._~"),
            ("a b", "a%20b"),
            ("+49 30/".trim_end_matches('/'), "%2B49%2030"),
            ("ä?#", "%C3%A4%3F%23"),
            ("100%", "100%25"),
            ("...", "..."),
            ("a:b@c", "a%3Ab%40c"),
        ];
        for (value, encoded) in cases {
            assert_eq!(encode(value).as_deref(), Ok(encoded), "{value:?}");
        }
    }
}
