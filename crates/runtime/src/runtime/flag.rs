//! Whether an answer of status 2xx says that the call failed.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::answer::decode;
use crate::SuccessFlag;
use crate::reading::without_mark;

/// Whether a body says so. It is read as the value will be: a byte order mark must not hide a failure.
pub(crate) fn says_failed(flag: &SuccessFlag, body: &[u8], headers: &HeaderMap) -> bool {
    let mut strict = serde_json::Deserializer::from_slice(without_mark(body));
    let found = At(flag.pointer).deserialize(&mut strict);
    let found = match found.and_then(|found| strict.end().map(|()| found)) {
        Ok(found) => found,
        Err(_) => {
            let body: Option<Value> = decode(body, headers).ok();
            body.and_then(|body| body.pointer(flag.pointer).cloned())
        }
    };
    found.as_ref().and_then(Value::as_bool) == Some(flag.failed_when)
}

/// The value at a JSON Pointer through objects. What is beside it is passed over: the answer may be a long list.
struct At(&'static str);

impl<'de> DeserializeSeed<'de> for At {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            "" => Value::deserialize(deserializer).map(Some),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for At {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let pointer = self.0.strip_prefix('/').unwrap_or(self.0);
        let (token, below) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
        let token = token.replace("~1", "/").replace("~0", "~");
        let mut found = None;
        // Of equal names the last counts.
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            if name == token {
                found = members.next_value_seed(At(below))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::says_failed;
    use crate::SuccessFlag;

    #[test]
    fn the_flag_is_found_wherever_the_whole_body_would_show_it() {
        let cases: [(&str, &[u8], bool); 16] = [
            ("/success", br#"{"success": false}"#, true),
            ("/success", br#"{"list": [{"success": false}], "success": true}"#, false),
            ("/success", br#"{"success": true, "success": false}"#, true),
            ("/success", br#"{"success": false, "success": true}"#, false),
            ("/success", br#"{"success": "false"}"#, false),
            ("/success", br#"{"success": null}"#, false),
            ("/success", b"\xef\xbb\xbf{\"success\": false}", true),
            ("/success", b"{\"text\": \"\xff\", \"success\": false}", true),
            ("/success", br#"{"succ\u0065ss": false}"#, true),
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
