//! Path values: each becomes exactly one segment, or is refused.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// Checks that a value stays one path segment.
///
/// `Err` says why the value would leave its segment: an empty one joins its neighbours, `.` and `..` climb, and servers
/// and proxies that decode twice see the same in `%2e%2e` or `%2f`. Such a value never names what the caller meant, and
/// an empty id turns the deletion of one message into that of all.
pub(crate) fn check(value: &str) -> Result<(), &'static str> {
    // Of most identifiers there is nothing to ask.
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(());
    }
    let mut form = Cow::Borrowed(value.as_bytes());
    loop {
        refuse(&form)?;
        // Each round is shorter than the one before, so that this ends.
        let Cow::Owned(decoded) = Cow::from(percent_decode(&form)) else { return Ok(()) };
        form = Cow::Owned(decoded);
    }
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

#[cfg(test)]
mod tests {
    use super::check;

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
            assert!(check(value).is_err(), "{value:?} must be refused");
        }
    }

    #[test]
    fn all_else_is_one_segment() {
        for value in ["abc-1._~", "a b", "+49 30", "ä?#", "100%", "...", "a:b@c", "a,b"] {
            assert_eq!(check(value), Ok(()), "{value:?}");
        }
    }
}
