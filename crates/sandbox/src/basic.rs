//! The credential of `Authorization: Basic`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Client identifier and secret, form-encoded inside as RFC 6749 says. Either alphabet of base64 is read, with padding or
/// without.
pub(super) fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let encoded = encoded.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    let text = String::from_utf8(STANDARD_NO_PAD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    Some((decode(id), decode(secret)))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn pairs_are_read_with_and_without_padding() {
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        let cases = [
            ("Basic aWQ6c2VjcmV0", pair("id", "secret")),
            ("basic aTpz", pair("i", "s")),
            ("Basic aTpzMQ==", pair("i", "s1")),
            ("Basic aTpzMQ", pair("i", "s1")),
            ("Basic aTo_Pz8=", pair("i", "???")),
            ("Basic a b", None),
            ("Bearer aWQ6c2VjcmV0", None),
        ];
        for (header, expected) in cases {
            assert_eq!(basic(header), expected, "{header}");
        }
    }
}
