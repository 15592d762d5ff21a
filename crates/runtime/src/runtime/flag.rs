//! Whether an answer of status 2xx says that the call failed.

use http::HeaderMap;
use memchr::memmem;
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::decode;
use super::pointers::parts;
use super::provider::Provider;
use super::value::texts;
use crate::SuccessFlag;
use crate::error::KEPT_BODY;
use crate::reading::de::Plain;
use crate::reading::{self, without_mark};

/// Whether a body says so. It is read as the value will be: neither a byte order mark nor quotation marks must hide a failure.
pub(crate) fn says_failed(flag: &SuccessFlag, body: &[u8], headers: &HeaderMap) -> bool {
    if plainly_succeeds(flag, body) {
        return false;
    }
    let truth = |part: &str| {
        let (truth, _) = reading::read::<Plain, bool>(part.as_bytes(), headers).ok()?;
        Some(truth)
    };
    let found = match parts::<&RawValue, 1>(without_mark(body), [Some(flag.pointer)]) {
        Ok([part]) => part.and_then(|part| truth(part.get())),
        Err(_) => {
            let body: Option<Value> = decode(body, headers).ok();
            body.and_then(|body| truth(&body.pointer(flag.pointer)?.to_string()))
        }
    };
    found == Some(flag.failed_when)
}

/// Whether a body has one of the codes that the vendor documents for errors, at the place of its errors' codes. Where an answer
/// is all optional, a failure would pass for an empty one.
pub(crate) fn names_error(provider: &Provider, body: &[u8], headers: &HeaderMap) -> bool {
    let Provider { error_code, error_codes, .. } = provider;
    // A failure is short, and a long list is not read twice.
    if error_codes.is_empty() || body.len() > KEPT_BODY {
        return false;
    }
    let mut names = error_code.iter().filter_map(|pointer| pointer.rsplit('/').next());
    // A name ends with a quotation mark, which the same word in a text seldom does.
    let is_there = |name: &str| {
        let mut found = memmem::find_iter(body, name);
        found.any(|at| body.get(at + name.len()) == Some(&b'"'))
    };
    if !names.any(is_there) {
        return false;
    }
    let body: Value = decode(body, headers).unwrap_or_default();
    let found = texts(&body, error_code.iter().copied());
    found.iter().any(|code| error_codes.contains(&code.as_str()))
}

/// Whether no member with the flag's name has another value than that of success. Most answers show it without being read,
/// which for a long list takes as long as reading its items.
fn plainly_succeeds(flag: &SuccessFlag, body: &[u8]) -> bool {
    let Some((_, name)) = flag.pointer.rsplit_once('/') else { return false };
    let is_word = !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphabetic() || it == b'_');
    // An item of a list has no name, and JSON can write the letters of one as `\u0061`.
    if !is_word || memmem::find(body, b"\\u00").is_some() {
        return false;
    }
    let success: &[u8] = if flag.failed_when { b"false" } else { b"true" };
    let end_of_name = format!("{name}\"");
    let is_other = |at: usize| {
        let behind = body.get(at + end_of_name.len()..)?.trim_ascii_start();
        Some(!behind.strip_prefix(b":")?.trim_ascii_start().starts_with(success))
    };
    !memmem::find_iter(body, &end_of_name).any(|at| is_other(at) == Some(true))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::says_failed;
    use crate::SuccessFlag;

    #[test]
    fn the_flag_is_found_wherever_the_whole_body_would_show_it() {
        let cases: [(&str, &[u8], bool); 21] = [
            ("/success", br#"{"success": false}"#, true),
            ("/success", br#"{"list": [{"success": false}], "success": true}"#, false),
            ("/success", br#"{"success": true, "success": false}"#, true),
            ("/success", br#"{"success": false, "success": true}"#, false),
            ("/success", br#"{"success": "false"}"#, true),
            ("/success", br#"{"success": 0}"#, true),
            ("/success", br#"{"success": "maybe"}"#, false),
            ("/success", br#"{"success": null}"#, false),
            ("/success", b"\xef\xbb\xbf{\"success\": false}", true),
            ("/success", b"{\"text\": \"\xff\", \"success\": false}", true),
            ("/success", br#"{"succ\u0065ss": false}"#, true),
            ("/success", br#"{"text": "success", "unsuccess": false, "success" : true}"#, false),
            ("/success", br#"{"text": "\"success\": true", "success":false}"#, true),
            (
                "/success",
                br#"{"0": true, "success"
                : false}"#,
                true,
            ),
            ("/success", br#"{"success": false"#, false),
            ("/success", b"false", false),
            ("/meta/ok", br#"{"meta": {"ok": false}}"#, true),
            ("/meta/ok", br#"{"meta": [false]}"#, false),
            ("/a~1b/~0", br#"{"a/b": {"~": false}}"#, true),
            ("/0/ok", br#"[{"ok": false}]"#, true),
            ("", b"false", true),
        ];
        for (pointer, body, expected) in cases {
            let flag = SuccessFlag::new(pointer, false);
            let text = String::from_utf8_lossy(body);
            assert_eq!(says_failed(&flag, body, &HeaderMap::new()), expected, "{pointer}: {text}");
        }
    }
}
