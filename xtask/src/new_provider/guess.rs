//! What a document shows plainly without saying it: how lists page, how errors look, which headers count requests, which one
//! makes a call safe to repeat. Each guess carries what it was seen by, for a person to confirm.

use conversations_codegen::{
    names,
    provider::{ErrorBody, RateLimit, Reset, ResetUnit},
};
use conversations_document::{Method, Pointer, Version, lookup::split_query, reference::followed};
use serde_json::{Map, Value, json};

/// Parameters that take a cursor, in words without separators.
const CURSORS: &[&str] = &[
    "cursor",
    "pagecursor",
    "pagetoken",
    "nexttoken",
    "nextcursor",
    "nextpagetoken",
    "continuationtoken",
    "continuation",
    "after",
    "startingafter",
    "pageafter",
    "bookmark",
    "marker",
];

/// Properties and headers that give the next cursor.
const NEXT_CURSORS: &[&str] = &[
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "nextpagecursor",
    "continuationtoken",
    "endcursor",
    "cursornext",
    "cursor",
    "after",
    "next",
    "bookmark",
    "nextmarker",
];

/// Properties that give the URL of the next page.
const NEXT_URLS: &[&str] = &["next", "nexturl", "nextlink", "nextpage", "nextpageurl", "href"];

/// Parameters for the number of a page, of items to skip, and of items on a page.
const PAGES: &[&str] = &["page", "pagenumber", "pageno", "pageindex"];
const OFFSETS: &[&str] = &["offset", "skip", "startindex"];
const LIMITS: &[&str] =
    &["limit", "pagesize", "perpage", "count", "size", "maxresults", "top", "take"];

/// Names of headers by which vendors know a call again.
const IDEMPOTENCY: &[&str] = &["idempotencykey", "xidempotencykey", "xidempotentkey"];

/// Properties of errors.
const CODES: &[&str] = &["code", "errorcode", "errcode", "type", "name", "error"];
const MESSAGES: &[&str] = &[
    "message",
    "detail",
    "errormessage",
    "errordescription",
    "msg",
    "errmsg",
    "description",
    "reason",
    "faultstring",
    "title",
    "error",
];

/// What was guessed of an operation.
#[derive(Debug, Clone)]
pub(super) struct Behaviour {
    /// The path and the method of the operation.
    pub(super) path: String,
    pub(super) method: &'static str,
    /// What `x-conversations` says of it.
    pub(super) says: Map<String, Value>,
    /// What it was seen by.
    pub(super) reason: String,
}

/// What was guessed of a provider.
#[derive(Debug, Clone, Default)]
pub(super) struct Guesses {
    pub(super) behaviours: Vec<Behaviour>,
    pub(super) error: Option<ErrorBody>,
    pub(super) rate_limit: Option<RateLimit>,
}

/// A name without what separates its words.
fn word(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn is_one_of(name: &str, words: &[&str]) -> bool {
    words.contains(&word(name).as_str())
}

/// Every operation of a lowered document.
pub(super) fn operations(root: &Value) -> impl Iterator<Item = (&String, &'static str, &Value)> {
    let paths = root.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let own = move |method| Some((path, method, item.get(method)?));
        Method::keys(Version::OpenApi30).filter_map(own)
    })
}

/// The properties of a schema, those of its `allOf` included.
pub(super) fn properties<'a>(root: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    fn collect<'a>(
        root: &'a Value,
        schema: &'a Value,
        fuel: u8,
        out: &mut Vec<(&'a str, &'a Value)>,
    ) {
        let (schema, _) = followed(root, schema, Pointer::ROOT);
        let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        out.extend(own.map(|(name, it)| (name.as_str(), followed(root, it, Pointer::ROOT).0)));
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        if fuel > 0 {
            parts.for_each(|part| collect(root, part, fuel - 1, out));
        }
    }
    let mut out = Vec::new();
    collect(root, schema, 8, &mut out);
    out
}

/// The schema of JSON content.
pub(super) fn json_schema(holder: &Value) -> Option<&Value> {
    let content = holder.get("content")?.as_object()?;
    content.iter().find(|(media, _)| media.contains("json"))?.1.get("schema")
}

/// The one documented success.
pub(super) fn success(operation: &Value) -> Option<(&String, &Value)> {
    let responses = operation.get("responses")?.as_object()?;
    let mut good = responses.iter().filter(|(status, _)| status.starts_with('2'));
    good.next().filter(|_| good.next().is_none())
}

/// The list in a success: its pointer, and the schema of an item.
pub(super) fn list<'a>(root: &'a Value, schema: &'a Value) -> Option<(String, &'a Value)> {
    let (schema, _) = followed(root, schema, Pointer::ROOT);
    let is_array = |it: &Value| it.get("type").and_then(Value::as_str) == Some("array");
    if is_array(schema) {
        return Some((String::new(), schema.get("items")?));
    }
    let mut lists = properties(root, schema).into_iter().filter(|(_, it)| is_array(it));
    let (name, list) = lists.next().filter(|_| lists.next().is_none())?;
    Some((Pointer::ROOT.child(name).into(), list.get("items")?))
}

/// A property of one of these names with text in it, at the top or one level below.
fn find(root: &Value, schema: &Value, words: &[&str], is_url: Option<bool>) -> Option<String> {
    let fits = |(name, it): &(&str, &Value)| {
        let url = it.get("format").and_then(Value::as_str).is_some_and(|it| it.starts_with("ur"));
        let scalar = matches!(it.get("type").and_then(Value::as_str), Some("string" | "integer"));
        is_one_of(name, words) && scalar && is_url.is_none_or(|wanted| wanted == url)
    };
    let top = properties(root, schema);
    // The words are in the order of how sure they are.
    let best = |found: Vec<(&str, &Value)>| {
        let mut found: Vec<_> =
            found.into_iter().filter(fits).map(|(name, _)| name.to_owned()).collect();
        found.sort_by_key(|name| words.iter().position(|it| *it == word(name)));
        found.into_iter().next()
    };
    if let Some(name) = best(top.clone()) {
        return Some(Pointer::ROOT.child(name).into());
    }
    let inside = top.iter().filter(|(_, it)| it.get("properties").is_some());
    let mut inside = inside.filter_map(|(name, it)| {
        Some(Pointer::ROOT.child(name).child(best(properties(root, it))?).into())
    });
    inside.next()
}

/// What a lowered document shows.
pub(super) fn guesses(root: &Value) -> Guesses {
    let mut out = Guesses::default();
    for (path, method, operation) in operations(root) {
        let mut says = Map::new();
        let mut reasons = Vec::new();
        if method == "get"
            && let Some((paging, reason)) = paging(root, operation)
        {
            says.insert("paging".to_owned(), paging);
            reasons.push(reason);
        }
        if let Some(name) = parameters(operation, "header")
            .into_iter()
            .map(|it| it.0)
            .find(|it| is_one_of(it, IDEMPOTENCY))
        {
            says.insert(
                "idempotency_key".to_owned(),
                json!({"in": "header", "name": name, "format": "uuid-v4", "verified": false}),
            );
            reasons.push(format!(
                "The header `{name}` looks like an idempotency key; set `verified` once the vendor was seen to honour it."
            ));
        }
        if !says.is_empty() {
            let reason = reasons.join(" ");
            out.behaviours.push(Behaviour { path: path.clone(), method, says, reason });
        }
        for error in errors(root, operation) {
            if out.error.as_ref().is_none_or(|it| sure(it) < sure(&error)) {
                out.error = Some(error);
            }
        }
        out.rate_limit = out.rate_limit.take().or_else(|| rate_limit(operation));
    }
    out
}

/// The parameters of a place: name and schema.
fn parameters<'a>(operation: &'a Value, place: &str) -> Vec<(&'a str, &'a Value)> {
    let list = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let own = list.filter(|it| it.get("in").and_then(Value::as_str) == Some(place));
    own.filter_map(|it| Some((it.get("name")?.as_str()?, it.get("schema").unwrap_or(it)))).collect()
}

fn paging(root: &Value, operation: &Value) -> Option<(Value, String)> {
    let (_, success) = success(operation)?;
    let schema = json_schema(success)?;
    let (items, _) = list(root, schema)?;
    let query = parameters(operation, "query");
    let named = |words: &[&str]| query.iter().find(|(name, _)| is_one_of(name, words)).copied();
    let header = |words: &[&str]| {
        let headers = success.get("headers").and_then(Value::as_object);
        headers
            .into_iter()
            .flat_map(Map::keys)
            .find(|name| words.iter().any(|it| word(name).trim_start_matches('x') == *it))
    };
    let limit = named(LIMITS);
    if let Some((cursor, _)) = named(CURSORS) {
        if let Some(from) = find(root, schema, NEXT_CURSORS, None) {
            let reason = format!("`{cursor}` takes what the answer has at `{from}`.");
            return Some((
                json!({"style": "token", "parameter": cursor, "from": from, "items": items}),
                reason,
            ));
        }
        if let Some(name) = header(NEXT_CURSORS) {
            let reason = format!("`{cursor}` takes what the answer has in the header `{name}`.");
            return Some((
                json!({"style": "token", "parameter": cursor, "header": name, "items": items}),
                reason,
            ));
        }
    }
    if header(&["link"]).is_some() {
        let reason =
            "The answer lists the header `Link`, whose `next` leads to the next page.".to_owned();
        return Some((json!({"style": "link", "header": "Link", "items": items}), reason));
    }
    let urls = find(root, schema, NEXT_URLS, Some(true));
    if let Some(from) =
        urls.or_else(|| find(root, schema, NEXT_URLS, None).filter(|it| it.starts_with("/links/")))
    {
        let reason = format!("The answer has the URL of the next page at `{from}`.");
        return Some((json!({"style": "link", "from": from, "items": items}), reason));
    }
    if let Some((page, schema)) = named(PAGES) {
        let first = schema.get("default").or_else(|| schema.get("minimum")).and_then(Value::as_u64);
        let first = first.unwrap_or(1).min(1);
        let reason =
            format!("`{page}` takes the number of the page; the first one is taken to be {first}.");
        return Some((
            json!({"style": "page", "page": page, "first": first, "items": items}),
            reason,
        ));
    }
    let ((offset, _), (limit, schema)) = (named(OFFSETS)?, limit?);
    let reason = format!("`{offset}` skips items, `{limit}` says how many come.");
    let mut says = json!({"style": "offset", "offset": offset, "limit": limit, "items": items});
    if let Some(max) = schema.get("maximum").and_then(Value::as_u64).filter(|it| *it > 0) {
        says["max"] = max.into();
    }
    Some((says, reason))
}

/// Where the documented errors of an operation have their code and their message, as far as their names show it.
fn errors(root: &Value, operation: &Value) -> Vec<ErrorBody> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let responses = responses.into_iter().flatten();
    let errors = responses.filter(|(it, _)| it.starts_with(['4', '5']) || *it == "default");
    let schemas = errors.filter_map(|(_, it)| json_schema(it));
    let described = schemas.filter(|it| !properties(root, it).is_empty());
    let read = described.map(|schema| {
        let place =
            |words| find(root, schema, words, None).or_else(|| in_first_item(root, schema, words));
        let message = place(MESSAGES);
        let code = place(CODES).filter(|it| Some(it) != message.as_ref());
        ErrorBody {
            code: code.into_iter().collect(),
            message: message.into_iter().collect(),
            ..ErrorBody::default()
        }
    });
    read.collect()
}

/// The same in the first item of a list, as vendors do that report several errors at once.
fn in_first_item(root: &Value, schema: &Value, words: &[&str]) -> Option<String> {
    properties(root, schema).into_iter().find_map(|(name, list)| {
        let inside = find(root, list.get("items")?, words, None)?;
        Some(format!("{}{inside}", String::from(Pointer::ROOT.child(name).child("0"))))
    })
}

/// Which of the two, message and code, an error body has.
fn sure(error: &ErrorBody) -> (bool, bool) {
    (!error.message.is_empty(), !error.code.is_empty())
}

/// The headers that count requests, by their names.
fn rate_limit(operation: &Value) -> Option<RateLimit> {
    let responses = operation.get("responses")?.as_object()?;
    let headers = responses.values().filter_map(|it| it.get("headers")?.as_object());
    let names: Vec<&String> =
        headers.flat_map(Map::keys).filter(|it| word(it).contains("ratelimit")).collect();
    let ending =
        |end: &str| names.iter().find(|it| word(it).ends_with(end)).map(|it| (**it).clone());
    let reset = ending("reset").map(|header| {
        // What begins with `X-` counts from 1970 at most vendors; without, the IETF's draft counts what is left.
        let since = header.to_ascii_lowercase().starts_with("x-");
        let unit = if since { ResetUnit::UnixSeconds } else { ResetUnit::SecondsLeft };
        Reset { header, unit }
    });
    let (limit, remaining) = (ending("limit"), ending("remaining"));
    let found = limit.is_some() || remaining.is_some() || reset.is_some();
    found.then(|| RateLimit { limit, remaining, reset, unprocessed: vec![429] })
}

/// `sandbox.yaml`: what is created is kept, for each collection that the paths show.
pub(super) fn sandbox(root: &Value, guesses: &Guesses) -> Value {
    let mut state = Map::new();
    let mut rules = Map::new();
    for (path, method, operation) in operations(root) {
        let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
        let (template, _) = split_query(path);
        let segments: Vec<&str> = template.split('/').filter(|it| !it.is_empty()).collect();
        let is_item = segments.last().is_some_and(|it| placeholder(it).is_some());
        let holder = &segments[..segments.len() - usize::from(is_item)];
        let Some(name) = holder.last().filter(|it| placeholder(it).is_none()) else { continue };
        let collection_path = format!("/{}", holder.join("/"));
        let Some(created) = schema_of_items(root, &collection_path) else { continue };
        let fields = properties(root, created);
        let key = segments.last().and_then(placeholder).filter(|_| is_item);
        let Some(id_field) = identity(&fields, name) else { continue };
        let collection = names::snake(
            &holder
                .iter()
                .filter(|it| placeholder(it).is_none())
                .copied()
                .collect::<Vec<_>>()
                .join(" "),
        );
        // What the list lies below is kept with each item, and not shown.
        let above: Vec<&str> = holder.iter().filter_map(placeholder).collect();
        let hidden = |parameter: &str| format!("_{}", names::snake(parameter));
        let mut tests: Vec<String> =
            above.iter().map(|it| format!("item.{} == request.path['{it}']", hidden(it))).collect();
        let shown = |of: &str| match above.is_empty() {
            true => format!("= {of}"),
            false => {
                let names: Vec<String> =
                    above.iter().map(|it| format!("'{}'", hidden(it))).collect();
                format!("= {of} | without({})", names.join(", "))
            }
        };
        let has_body = success(operation).is_some_and(|(_, it)| json_schema(it).is_some());
        let body_fields = operation.get("requestBody").and_then(json_schema);
        let body_fields = body_fields.map(|it| properties(root, it)).unwrap_or_default();
        let respond = |of: &str| match has_body {
            true => json!({"respond": {"body": shown(of)}}),
            false => json!({"respond": {}}),
        };
        if let Some(key) = key {
            tests.push(format!("item['{id_field}'] == request.path['{key}']"));
        }
        let at = if tests.is_empty() { "true".to_owned() } else { tests.join(" and ") };
        let rule = match (method, key.is_some()) {
            ("get", false) => {
                let Some(schema) = success(operation).and_then(|(_, it)| json_schema(it)) else {
                    continue;
                };
                let Some((items, _)) = list(root, schema) else { continue };
                let paging =
                    guesses.behaviours.iter().find(|it| it.path == *path && it.method == "get");
                let paging = paging.and_then(|it| it.says.get("paging"));
                let each = json!({"$each": "page", "as": "item", "value": shown("item")});
                listed(&collection, &at, &items, each, paging)
            }
            ("post", false) => {
                let mut value = Map::new();
                for (field, schema) in &fields {
                    let sent = body_fields.iter().any(|(it, _)| it == field);
                    if let Some(template) = template_of(field, schema, sent, id_field, &collection)
                    {
                        value.insert((*field).to_owned(), template);
                    }
                }
                for parameter in &above {
                    value
                        .insert(hidden(parameter), json!(format!("= request.path['{parameter}']")));
                }
                json!([{"insert": {"into": collection, "as": "made", "value": value}}, respond("made")])
            }
            ("get", true) => json!([
                {"find": {"in": collection, "where": at, "as": "found", "or": "not_found"}},
                respond("found"),
            ]),
            ("patch" | "put", true) => {
                let known =
                    body_fields.iter().filter(|(it, _)| fields.iter().any(|(own, _)| own == it));
                let set: Map<String, Value> = known
                    .map(|(it, _)| ((*it).to_owned(), json!(format!("= request.body['{it}']"))))
                    .collect();
                json!([
                    {"find": {"in": collection, "where": at, "as": "found", "or": "not_found"}},
                    {"update": {"in": collection, "where": at, "set": set, "as": "changed"}},
                    respond("changed"),
                ])
            }
            ("delete", true) => json!([
                {"find": {"in": collection, "where": at, "as": "found", "or": "not_found"}},
                {"remove": {"from": collection, "where": at, "or": "not_found"}},
                respond("found"),
            ]),
            _ => continue,
        };
        state.insert(collection, json!([]));
        rules.insert(id.to_owned(), rule);
    }
    if rules.is_empty() {
        return json!({});
    }
    let error = guesses.error.clone().unwrap_or_else(|| ErrorBody {
        code: vec!["/code".to_owned()],
        message: vec!["/message".to_owned()],
        ..ErrorBody::default()
    });
    let mut shape = json!({});
    for (pointers, template) in [(&error.code, "= code"), (&error.message, "= message")] {
        if let Some(pointer) = pointers.first() {
            put(&mut shape, pointer, template.into());
        }
    }
    json!({
        "state": state,
        "errors": {
            "shape": {"body": shape},
            "not_found": {"status": 404, "code": "not_found", "message": "There is nothing of this identifier"},
        },
        "operations": rules,
    })
}

/// The name of a segment that is a placeholder.
fn placeholder<'a>(segment: &&'a str) -> Option<&'a str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// What the list at a path holds, or what creating there makes.
fn schema_of_items<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    let item = root.get("paths")?.get(path)?;
    let answered = |method: &str| json_schema(success(item.get(method)?)?.1);
    let listed = answered("get").and_then(|it| list(root, it)).map(|(_, it)| it);
    listed.or_else(|| answered("post")).map(|it| followed(root, it, Pointer::ROOT).0)
}

/// The property that identifies items.
fn identity<'a>(fields: &[(&'a str, &Value)], collection: &str) -> Option<&'a str> {
    let single = word(collection);
    let own = format!("{}id", single.strip_suffix('s').unwrap_or(&single));
    let wanted = ["id", own.as_str(), "uuid", "key"];
    wanted
        .iter()
        .find_map(|name| fields.iter().find(|(it, _)| word(it) == *name))
        .map(|(it, _)| *it)
}

/// What a created item has in a field: what was sent, else what the sandbox makes up; nothing where neither is plain.
fn template_of(
    field: &str,
    schema: &Value,
    sent: bool,
    id_field: &str,
    collection: &str,
) -> Option<Value> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    if sent {
        return Some(json!(format!("= request.body['{field}']")));
    }
    match (field == id_field, text("type"), text("format")) {
        (true, "integer", _) => Some(json!(format!("= serial('{collection}')"))),
        (true, _, "uuid") => Some(json!("= uuid()")),
        (true, ..) => Some(json!("= hex(24)")),
        (false, "string", "date-time") => Some(json!("= rfc3339(now)")),
        (false, ..) => schema.get("enum").and_then(|it| it.get(0)).cloned(),
    }
}

/// The rule of a list, in pages where its paging is known.
fn listed(collection: &str, at: &str, items: &str, each: Value, paging: Option<&Value>) -> Value {
    let text = |key: &str| paging.and_then(|it| it.get(key)).and_then(Value::as_str);
    let query = |name: &str| format!("request.query['{name}']");
    let (start, size) = match text("style") {
        Some("token") => {
            let start = query(text("parameter").unwrap_or_default());
            (format!("= number({start} | default('0'))"), "= 20".to_owned())
        }
        Some("page") => {
            let first = paging.and_then(|it| it.get("first")).and_then(Value::as_u64).unwrap_or(1);
            let number = query(text("page").unwrap_or_default());
            (format!("= ({number} | default({first}) - {first}) * 20"), "= 20".to_owned())
        }
        Some("offset") => {
            let (start, size) = (
                query(text("offset").unwrap_or_default()),
                query(text("limit").unwrap_or_default()),
            );
            (format!("= {start} | default(0)"), format!("= {size} | default(20)"))
        }
        _ => ("= 0".to_owned(), "= 1000000".to_owned()),
    };
    let mut body = json!({});
    if items.is_empty() {
        body = each
    } else {
        put(&mut body, items, each)
    }
    let mut answer = json!({"body": body});
    if text("style") == Some("token") {
        let next = "= ((start + size) | string) if start + size < found | length else none";
        match (text("from"), text("header")) {
            (Some(pointer), _) if !items.is_empty() => {
                put(&mut answer["body"], pointer, next.into())
            }
            (None, Some(name)) => {
                answer["headers"] = json!({name: next.replace(" else none", "")});
            }
            _ => {}
        }
    }
    json!([
        {"select": {"in": collection, "where": at, "as": "found"}},
        {"let": {"start": start, "size": size}},
        {"let": {"page": "= found[start:start + size]"}},
        {"respond": answer},
    ])
}

/// Puts a value where a pointer leads, through objects that are made on the way.
fn put(root: &mut Value, pointer: &str, value: Value) {
    let keys = Pointer::from(pointer).tokens();
    let Some((last, path)) = keys.split_last() else { return };
    let mut node = root;
    for key in path {
        if !node[key.as_str()].is_object() {
            node[key.as_str()] = json!({});
        }
        node = &mut node[key.as_str()];
    }
    node[last.as_str()] = value;
}
