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
    let boundary = content_type
        .split(';')
        .filter_map(|it| it.trim().strip_prefix("boundary="))
        .map(|it| it.trim_matches('"'))
        .next()
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
        let attribute = |name: &str| {
            disposition.split(';').find_map(|it| {
                let (key, value) = it.trim().split_once('=')?;
                (key == name).then(|| value.trim_matches('"').to_owned())
            })
        };
        let name = attribute("name").ok_or("a part without a name")?;
        let value = match attribute("filename") {
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

    use super::parse;

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
    fn repeated_names_of_a_form_are_a_list() {
        let value = parse("application/x-www-form-urlencoded", "", b"a=1&a=2&b=x+y").unwrap();
        assert_eq!(value, json!({ "a": ["1", "2"], "b": "x y" }));
    }
}
