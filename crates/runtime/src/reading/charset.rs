//! The text of a body, by its charset.

use std::borrow::Cow;

use http::HeaderMap;

/// What windows-1252 has between 0x80 and 0x9f, where ISO-8859-1 has nothing that is printed.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The body without the byte order mark that some servers put before UTF-8.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// The text of a body: UTF-16 by its byte order mark, what its content type says where it is not UTF-8, else UTF-8 with U+FFFD
/// for what is none.
pub(crate) fn text<'b>(body: &'b [u8], headers: &HeaderMap) -> Cow<'b, str> {
    if let Some(text) = utf16(body, *b"\xff\xfe", u16::from_le_bytes)
        .or_else(|| utf16(body, *b"\xfe\xff", u16::from_be_bytes))
    {
        return text.into();
    }
    let body = without_mark(body);
    match std::str::from_utf8(body) {
        Ok(text) => text.into(),
        Err(_) if is_western(headers) => body.iter().map(|byte| western(*byte)).collect(),
        Err(_) => String::from_utf8_lossy(body),
    }
}

fn utf16(body: &[u8], mark: [u8; 2], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let body = body.strip_prefix(&mark)?;
    let units = body.chunks(2).map(|pair| match pair {
        [one, other] => unit([*one, *other]),
        _ => 0xd800,
    });
    let characters = char::decode_utf16(units);
    Some(characters.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Whether the content type names Latin-1 or windows-1252; who says the former means the latter.
fn is_western(headers: &HeaderMap) -> bool {
    let media = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().to_ascii_lowercase();
    ["iso-8859-1", "latin1", "windows-1252"].iter().any(|charset| media.contains(charset))
}

fn western(byte: u8) -> char {
    let high = byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at)));
    high.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::text;

    #[test]
    fn bodies_are_text_in_the_charsets_that_servers_use() {
        let cases: [(&[u8], &'static str, &str); 9] = [
            (b"\xef\xbb\xbf\"\xc3\xa4\"", "application/json", "\"ä\""),
            (b"\xff\xfe\"\0\xe4\0=\xd8\0\xde\"\0", "application/json", "\"ä😀\""),
            (b"\xfe\xff\0\"\0\xe4\0\"", "application/json; charset=utf-16", "\"ä\""),
            (b"\xff\xfe\"\0=\xd8\"\0", "application/json", "\"\u{fffd}\""),
            (b"\"\xe4 \x80 \x93x\x94\"", "text/plain; charset=windows-1252", "\"ä € “x”\""),
            (b"\"\xe4 \x80\"", "application/json; charset=ISO-8859-1", "\"ä €\""),
            (b"\"\xc3\xa4\"", "application/json; charset=ISO-8859-1", "\"ä\""),
            (b"\"\xe4\"", "application/json", "\"\u{fffd}\""),
            (b"\xff\xfe", "application/json", ""),
        ];
        for (body, media, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
            assert_eq!(text(body, &headers), expected, "{body:?}");
        }
    }
}
