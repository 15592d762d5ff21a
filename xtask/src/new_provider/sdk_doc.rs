//! A page of openapi-generator's Markdown, read into the list that `sdk.yaml` holds.

use conversations_codegen::names::snake;
use conversations_document::PathTemplate;
use serde_json::{Value, json};

/// What a page lists.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Page {
    /// The class or module that the page is about, as its heading has it.
    pub(super) title: String,
    /// `rust`, `csharp` or `python`.
    pub(super) language: &'static str,
    /// One entry per operation, in the form of `sdk.yaml`.
    pub(super) operations: Vec<Value>,
}

/// Reads a page; nothing where it lists no operation.
pub(super) fn read(text: &str) -> Option<Page> {
    let lines: Vec<&str> = text.lines().collect();
    let title = lines.iter().find_map(|it| it.strip_prefix("# ")).unwrap_or_default();
    let title = title.trim().trim_start_matches('\\').trim_matches('*').to_owned();
    let language = match text {
        it if it.contains("```python") => "python",
        it if it.contains("```csharp") => "csharp",
        _ => "rust",
    };
    let operations: Vec<Value> = lines.iter().filter_map(|it| row(it, &lines)).collect();
    (!operations.is_empty()).then_some(Page { title, language, operations })
}

/// An operation from its row in the table at the top, and its section below.
fn row(line: &str, lines: &[&str]) -> Option<Value> {
    let line = line.trim().trim_start_matches('|');
    let mut cells = line.split(" | ");
    let name = cells.next()?.trim();
    let call = cells.next()?.trim();
    let name = name.strip_prefix("[**")?.split("**").next()?.trim_end_matches("()").to_owned();
    let (verb, path) = call.strip_prefix("**")?.split_once("**")?;
    let (verb, path) = (verb.trim().to_owned(), path.trim().to_owned());
    if !path.starts_with('/') {
        return None;
    }
    let section = section(&name, lines);
    let placeholders: Vec<String> = PathTemplate(&path).names().into_iter().map(snake).collect();
    let parameters: Vec<Value> = block(&section, "Parameters")
        .into_iter()
        .filter_map(|it| parameter(it, &verb, &placeholders))
        .collect();
    let auth: Vec<String> = block(&section, "Authorization")
        .iter()
        .flat_map(|it| it.split(','))
        .filter_map(|it| it.trim().strip_prefix('[')?.split(']').next().map(str::to_owned))
        .collect();
    Some(json!({
        "name": name,
        "method": verb,
        "path": path,
        "parameters": parameters,
        "returns": returns(&section),
        "content_type": header(&section, "Content-Type"),
        "accept": header(&section, "Accept"),
        "auth": auth,
    }))
}

/// The lines of an operation, from its heading to the next of that level.
fn section<'a>(name: &str, lines: &[&'a str]) -> Vec<&'a str> {
    let heading = |it: &str| {
        let level = it.chars().take_while(|it| *it == '#').count();
        let text = it[level..].trim();
        // What stands behind the name, such as a mark for calls that cost money, is not part of it.
        let text = text.strip_prefix("**").map_or(text, |it| it.split("**").next().unwrap_or(it));
        (level, text.trim_end_matches("()").to_owned())
    };
    let start = lines.iter().position(|it| {
        let (level, text) = heading(it);
        (1..=2).contains(&level) && text == name
    });
    let Some(start) = start else { return Vec::new() };
    let body = lines[start + 1..].iter().take_while(|it| !(1..=2).contains(&heading(it).0));
    // A comment of an example starts like a heading, so fenced lines do not count.
    let mut out = Vec::new();
    let mut fenced = false;
    for line in body {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            out.push(*line);
        }
    }
    if out.iter().any(|it| it.starts_with("### HTTP request headers")) {
        return out;
    }
    // The section was cut at a comment inside an example: take it up to the next operation.
    let rest = &lines[start + 1..];
    let end = rest.iter().position(|it| it.starts_with("[[Back to top]]")).unwrap_or(rest.len());
    rest[..end].to_vec()
}

/// The lines below a heading of the third level.
fn block<'a>(section: &[&'a str], title: &str) -> Vec<&'a str> {
    section
        .iter()
        .skip_while(|it| it.strip_prefix("### ").map(str::trim) != Some(title))
        .skip(1)
        .take_while(|it| !it.starts_with("### "))
        .copied()
        .filter(|it| !it.trim().is_empty())
        .collect()
}

fn parameter(line: &str, verb: &str, placeholders: &[String]) -> Option<Value> {
    let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
    let [name, ty, _, notes @ ..] = &cells[..] else { return None };
    let name = name.strip_prefix("**")?.strip_suffix("**")?;
    let model = ty.contains("](");
    let ty = plain(ty);
    let notes = notes.join(" ").to_lowercase();
    let own = snake(name);
    let place = if placeholders.iter().any(|it| *it == own || it.trim_start_matches('_') == own) {
        "path"
    } else if (model || own == "body") && matches!(verb, "POST" | "PUT" | "PATCH") {
        "body"
    } else {
        "query"
    };
    let required = place == "path" || !notes.contains("optional");
    Some(json!({"name": name, "in": place, "type": ty, "required": required}))
}

fn returns(section: &[&str]) -> Option<String> {
    let line = *block(section, "Return type").first()?;
    if line.contains("empty response body") || line.trim() == "void" {
        return None;
    }
    let ty = plain(line);
    (!ty.is_empty()).then_some(ty)
}

fn header(section: &[&str], name: &str) -> Option<String> {
    let mark = format!("**{name}**:");
    let line = section.iter().find_map(|it| it.split_once(&mark))?.1.trim();
    // A list of several is rare, and the first is the one that is sent.
    let first = line.split(',').next().unwrap_or_default().trim();
    (!first.is_empty() && first != "Not defined").then(|| first.to_owned())
}

/// A type without Markdown: `[**models::Message**](Message.md)` is `Message`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once(')').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out.replace("**", "").replace(['[', '\\'], "").replace("models::", "").trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;

    const RUST: &str = "\
# \\MessagesApi

Method | HTTP request | Description
------------- | ------------- | -------------
[**messages_get**](MessagesApi.md#messages_get) | **GET** /messages/{messageId} | Get
[**messages_post**](MessagesApi.md#messages_post) | **POST** /messages | Send

## messages_get

> models::Message messages_get(message_id, limit)

### Parameters

Name | Type | Description  | Required | Notes
------------- | ------------- | ------------- | ------------- | -------------
**message_id** | **String** | Which | [required] |
**limit** | Option<**i32**> | How many | [optional] |

### Return type

[**models::Message**](Message.md)

### Authorization

[api-key](../README.md#api-key)

### HTTP request headers

- **Content-Type**: Not defined
- **Accept**: application/json

[[Back to top]](#)

## messages_post

### Parameters

Name | Type | Description  | Required | Notes
------------- | ------------- | ------------- | ------------- | -------------
**new_message** | [**NewMessage**](NewMessage.md) |  | [required] |

### Return type

 (empty response body)

### Authorization

No authorization required

### HTTP request headers

- **Content-Type**: application/json
- **Accept**: application/json
";

    #[test]
    fn a_page_becomes_a_list() {
        let page = read(RUST).unwrap();
        assert_eq!((page.title.as_str(), page.language), ("MessagesApi", "rust"));
        assert_eq!(
            page.operations,
            [
                json!({
                    "name": "messages_get", "method": "GET", "path": "/messages/{messageId}",
                    "parameters": [
                        {"name": "message_id", "in": "path", "type": "String", "required": true},
                        {"name": "limit", "in": "query", "type": "Option<i32>", "required": false},
                    ],
                    "returns": "Message", "content_type": null, "accept": "application/json",
                    "auth": ["api-key"],
                }),
                json!({
                    "name": "messages_post", "method": "POST", "path": "/messages",
                    "parameters": [
                        {"name": "new_message", "in": "body", "type": "NewMessage", "required": true},
                    ],
                    "returns": null, "content_type": "application/json", "accept": "application/json",
                    "auth": [],
                }),
            ]
        );
        assert_eq!(read("# Nothing\n"), None);
    }
}
