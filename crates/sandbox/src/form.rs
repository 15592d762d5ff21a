//! Bodies as values: JSON, forms, multipart, and texts for the rest.

use conversations_document::Pointer;
use serde_json::{Map, Value as Json, json};

use super::document::Media;

impl Media {
    /// The schema of a media type, by name, suffix or wildcard. The outer `None`: not taken.
    pub(super) fn find(&self, media: &str) -> Option<Option<&Pointer>> {
        let exact = self.types.get(media);
        let wild = || {
            let family = format!("{}/*", media.split('/').next().unwrap_or_default());
            self.types.get(&family).or_else(|| self.types.get("*/*"))
        };
        let with_parameters = || {
            self.types
                .iter()
                .find(|(it, _)| it.split(';').next().is_some_and(|it| it.trim() == media))
                .map(|(_, it)| it)
        };
        exact.or_else(with_parameters).or_else(wild).map(Option::as_ref)
    }

    /// The JSON media type and its schema.
    pub(super) fn json(&self) -> Option<(&String, Option<&Pointer>)> {
        self.types
            .iter()
            .find(|(it, _)| is_json(it) || it.ends_with("/*"))
            .map(|(it, schema)| (it, schema.as_ref()))
    }
}

pub(super) fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    media == "application/json" || media.ends_with("+json")
}

/// Reads a body.
pub(super) fn parse(media: &str, content_type: &str, body: &[u8]) -> Result<Json, String> {
    if is_json(media) {
        return serde_json::from_slice(body).map_err(|error| error.to_string());
    }
    match media {
        "application/x-www-form-urlencoded" => Ok(collect(
            url::form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), json!(value))),
        )),
        "multipart/form-data" => multipart(content_type, body),
        _ => Ok(json!(String::from_utf8_lossy(body))),
    }
}

/// Repeated names become lists.
fn collect(pairs: impl Iterator<Item = (String, Json)>) -> Json {
    let mut members: Map<String, Json> = Map::new();
    for (name, value) in pairs {
        match members.get_mut(&name) {
            None => drop(members.insert(name, value)),
            Some(Json::Array(list)) => list.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    Json::Object(members)
}

fn multipart(content_type: &str, body: &[u8]) -> Result<Json, String> {
    let boundary = parameter(content_type, "boundary")
        .filter(|it| !it.is_empty())
        .ok_or("the media type names no boundary")?;
    let delimiter = format!("--{boundary}");
    let mut pairs = Vec::new();
    let mut rest = after(body, delimiter.as_bytes()).ok_or("the boundary does not occur")?;
    while !rest.starts_with(b"--") {
        let end =
            find(rest, format!("\r\n{delimiter}").as_bytes()).ok_or("the last part has no end")?;
        let part = rest[..end].strip_prefix(b"\r\n").unwrap_or(&rest[..end]);
        let split =
            find(part, b"\r\n\r\n").ok_or("a part without a blank line after its headers")?;
        let headers = String::from_utf8_lossy(&part[..split]).into_owned();
        let content = &part[split + 4..];
        let header = |name: &str| {
            headers.lines().find_map(|line| {
                let (it, value) = line.split_once(':')?;
                it.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let disposition =
            header("content-disposition").ok_or("a part without content-disposition")?;
        let name = parameter(&disposition, "name").ok_or("a part without a name")?;
        let value = match parameter(&disposition, "filename") {
            Some(filename) => {
                json!({ "filename": filename, "content_type": header("content-type"), "size": content.len() })
            }
            None => json!(String::from_utf8_lossy(content)),
        };
        pairs.push((name, value));
        rest = &rest[end + 2 + delimiter.len()..];
    }
    Ok(collect(pairs.into_iter()))
}

/// A parameter of a header. In quotes it may hold what would end it, and quotes and line breaks as clients escape them.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, parameters)) = rest.split_once(';') {
        let (key, value) = parameters.split_once('=')?;
        let value = value.trim_start();
        let (text, after) = match value.strip_prefix('"') {
            Some(quoted) => {
                let mut ends = quoted.match_indices('"').map(|(at, _)| at);
                let end = ends.find(|at| !quoted[..*at].ends_with('\\'))?;
                (&quoted[..end], &quoted[end..])
            }
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim_end(), &value[end..])
            }
        };
        if key.trim().eq_ignore_ascii_case(name) {
            let escapes = [("\\\"", "\""), ("%22", "\""), ("%0D", "\r"), ("%0A", "\n")];
            return Some(
                escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)),
            );
        }
        rest = after;
    }
    None
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|it| it == needle)
}

fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    find(haystack, needle).map(|at| &haystack[at + needle.len()..])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::{parameter, parse};

    #[test]
    fn a_multipart_body_is_an_object_of_its_parts() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n";
        let value =
            parse("multipart/form-data", "multipart/form-data; boundary=x", body.as_bytes())
                .unwrap();
        assert_eq!(
            value,
            json!({ "text": "hi", "file": { "filename": "a.txt", "content_type": "text/plain", "size": 3 } })
        );
        assert!(
            parse("multipart/form-data", "multipart/form-data; boundary=y", body.as_bytes())
                .is_err()
        );
    }

    #[test]
    fn names_of_parts_may_hold_what_would_end_them() {
        let cases = [
            ("name=\"a\"", "a"),
            ("name=a", "a"),
            ("Name = \"a\"; x=y", "a"),
            ("name=\"a;b=c\"; x=y", "a;b=c"),
            ("filename*=utf-8''a; x=\"; name=b\"; name=\"a\"", "a"),
            ("name=\"a%22b%0D%0A\"", "a\"b\r\n"),
            ("name=\"a\\\"b\"", "a\"b"),
        ];
        for (written, name) in cases {
            let header = format!("form-data; {written}");
            assert_eq!(parameter(&header, "name").as_deref(), Some(name), "{header}");
        }
        assert_eq!(parameter("form-data; name=\"a", "name"), None);
    }

    #[test]
    fn repeated_names_of_a_form_are_a_list() {
        let value = parse("application/x-www-form-urlencoded", "", b"a=1&a=2&b=x+y").unwrap();
        assert_eq!(value, json!({ "a": ["1", "2"], "b": "x y" }));
    }
}
