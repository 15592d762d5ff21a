//! What the sandbox needs of an OpenAPI document: which operation a request means, and where its
//! parameters, bodies and answers are described.

use std::collections::{BTreeMap, BTreeSet};

use conversations_document::Pointer;
use conversations_document::security::{self, Carriers};
use conversations_document::{lookup, reference, servers};
use conversations_runtime::IdempotencyKey;
use conversations_runtime::runtime::Provider as Client;
use heck::ToSnakeCase as _;
use serde_json::{Map, Value as Json};

use super::path::rank;

/// A document, indexed.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Json,
    pub(super) operations: Vec<Operation>,
    /// Paths of the server URLs, such as `/v3`, without a trailing slash.
    pub(super) base_paths: BTreeSet<String>,
}

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    /// By status as written: `200`, `4XX`, `default`.
    pub(super) responses: BTreeMap<String, Media>,
    /// Alternatives, each the schemes that it needs together.
    pub(super) security: Vec<Vec<String>>,
    pub(super) idempotency_key: Option<IdempotencyKey>,
}

/// Where a value of a request travels: `in` of a parameter, or the body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Location {
    Path,
    Query,
    Header,
    Cookie,
    Body,
}

impl Location {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Path, Self::Query, Self::Header, Self::Cookie, Self::Body]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// What the client's setter is called.
    pub(super) setter: String,
    pub(super) location: Location,
    pub(super) required: bool,
    /// JSON pointer to the schema.
    pub(super) schema: Option<Pointer>,
    pub(super) array: bool,
    pub(super) delimiter: char,
    pub(super) explode: bool,
    pub(super) default: Option<Json>,
}

/// A request body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) required: bool,
    pub(super) media: Media,
}

/// Media types and where each one's schema is, if it has one.
#[derive(Debug, Default)]
pub(super) struct Media {
    pub(super) types: BTreeMap<String, Option<Pointer>>,
    /// The first example given, of whichever media type.
    pub(super) example: Option<Json>,
}

/// Indexes a document.
pub(super) fn read(mut root: Json, client: &Client) -> Result<Document, String> {
    if !root.get("openapi").and_then(Json::as_str).is_some_and(|it| it.starts_with("3.")) {
        return Err("the document is not OpenAPI 3.x".to_owned());
    }
    // Nothing names it but parameters called `Authorization`.
    Carriers::of(&root).declare_implied(&mut root);
    let operations = lookup::operations(&root);
    let operations = operations.iter().map(|it| read_operation(&root, it, client));
    let mut operations = operations.collect::<Result<Vec<_>, _>>()?;
    let base_paths = root
        .get("servers")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("url").and_then(Json::as_str))
        .map(|it| servers::path(it).to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    // The most literal path first, so that `/queues/statuses` wins over `/{id}/statuses`.
    operations.sort_by_cached_key(|it| (rank(&it.path), it.id.clone()));
    Ok(Document { root, operations, base_paths })
}

fn read_operation(
    root: &Json,
    found: &lookup::Found,
    client: &Client,
) -> Result<Operation, String> {
    let at = &found.pointer;
    let node = |at: &Pointer| root.pointer(at).unwrap_or(&Json::Null);
    let (operation, item) = (node(at), node(&at.parent()));
    let parameters = lookup::parameters(root, at);
    let parameters = parameters
        .iter()
        .map(|it| read_parameter(root, node(&it.pointer), it))
        .collect::<Result<_, _>>()?;
    let body = match operation.get("requestBody") {
        None => None,
        Some(body) => {
            let (body, at) = resolve(root, body, at.child("requestBody"))?;
            let required = body.get("required").and_then(Json::as_bool).unwrap_or(false);
            Some(Body { required, media: read_media(root, body, &at)? })
        }
    };
    let mut responses = BTreeMap::new();
    for (status, response) in
        operation.get("responses").and_then(Json::as_object).into_iter().flatten()
    {
        let (response, at) = resolve(root, response, at.child("responses").child(status))?;
        responses.insert(status.to_uppercase(), read_media(root, response, &at)?);
    }
    let security = security::effective(root, item, operation);
    let security =
        security.into_iter().map(|it| it.into_iter().map(|(name, _)| name).collect()).collect();
    let id = found.id.clone();
    let id = id.unwrap_or_else(|| format!("{} {}", found.verb.to_lowercase(), found.path));
    let compiled = client.operations().iter().find(|it| it.id() == id);
    Ok(Operation {
        idempotency_key: compiled.and_then(|it| it.idempotency_key().copied()),
        id,
        method: found.verb.clone(),
        path: found.path.clone(),
        parameters,
        body,
        responses,
        security,
    })
}

fn read_parameter(
    root: &Json,
    parameter: &Json,
    found: &lookup::Parameter,
) -> Result<Parameter, String> {
    let lookup::Parameter { name, location, required, pointer: at } = found;
    let text = |key: &str| parameter.get(key).and_then(Json::as_str);
    if name.is_empty() {
        return Err(format!("{at}: a parameter without a name"));
    }
    let location = Location::of(location)
        .ok_or_else(|| format!("{at}/in: unknown location of a parameter"))?;
    let (schema, pointer) = match parameter.get("schema") {
        Some(schema) => {
            let (schema, _) = resolve(root, schema, Pointer::ROOT)?;
            (Some(schema), Some(at.child("schema")))
        }
        None => (None, None),
    };
    let chosen = |it: &Json| it.pointer("/x-conversations/name")?.as_str().map(str::to_owned);
    let setter = chosen(parameter).or_else(|| schema.and_then(chosen));
    let style = text("style").unwrap_or(match location {
        Location::Query | Location::Cookie => "form",
        _ => "simple",
    });
    let array = schema.and_then(|it| it.get("type")).is_some_and(|it| match it {
        Json::Array(types) => types.iter().any(|it| it == "array"),
        one => one == "array",
    });
    Ok(Parameter {
        setter: setter.unwrap_or_else(|| name.clone()).to_snake_case(),
        name: name.clone(),
        location,
        required: location == Location::Path || *required,
        schema: pointer,
        array,
        delimiter: match style {
            "pipeDelimited" => '|',
            "spaceDelimited" => ' ',
            _ => ',',
        },
        explode: parameter.get("explode").and_then(Json::as_bool).unwrap_or(style == "form"),
        default: schema.and_then(|it| it.get("default")).cloned(),
    })
}

fn read_media(root: &Json, owner: &Json, at: &Pointer) -> Result<Media, String> {
    let mut media = Media::default();
    for (name, content) in owner.get("content").and_then(Json::as_object).into_iter().flatten() {
        let pointer = at.child("content").child(name);
        let schema = content.get("schema").map(|_| pointer.child("schema"));
        if media.example.is_none() {
            media.example = example(root, content)?;
        }
        media.types.insert(name.to_lowercase(), schema);
    }
    Ok(media)
}

fn example(root: &Json, content: &Json) -> Result<Option<Json>, String> {
    if let Some(example) = content.get("example") {
        return Ok(Some(example.clone()));
    }
    let first = content.get("examples").and_then(Json::as_object).and_then(|it| it.values().next());
    match first {
        None => Ok(None),
        Some(example) => Ok(resolve(root, example, Pointer::ROOT)?.0.get("value").cloned()),
    }
}

/// Follows `$ref` inside the document and says where the end of it is.
pub(super) fn resolve<'a>(
    root: &'a Json,
    value: &'a Json,
    at: Pointer,
) -> Result<(&'a Json, Pointer), String> {
    let (value, at) = reference::followed(root, value, at);
    match reference::reference(value) {
        None => Ok((value, at)),
        Some(target) => Err(format!("{at}: `$ref` to `{target}` leads nowhere, or in a circle")),
    }
}

impl Document {
    /// Security schemes by name, those included that parameters imply.
    pub(super) fn scheme(&self, name: &str) -> Option<&Map<String, Json>> {
        let scheme = self.root.get("components")?.get("securitySchemes")?.get(name)?;
        resolve(&self.root, scheme, Pointer::ROOT).ok()?.0.as_object()
    }
}

impl Document {
    /// The operationIds, each with the names of its path values.
    pub(super) fn path_names(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.operations.iter().map(|it| (it.id.clone(), it.path_names())).collect()
    }
}

impl Operation {
    /// Every name of a path value: the document's, and that of the client's setter.
    pub(super) fn path_names(&self) -> BTreeSet<String> {
        self.in_path().flat_map(|it| [it.name.clone(), it.setter.clone()]).collect()
    }

    /// Path values by the document's names, with the names of the client's setters beside them: those stay
    /// when the vendor's next document calls the same value something else.
    pub(super) fn named(&self, mut values: Map<String, Json>) -> Map<String, Json> {
        let by_setter: Vec<(String, Json)> = self
            .in_path()
            .filter_map(|it| Some((it.setter.clone(), values.get(&it.name)?.clone())))
            .collect();
        values.extend(by_setter);
        values
    }

    fn in_path(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|it| it.location == Location::Path)
    }

    /// The description of answers of a status: itself, its class, or `default`.
    pub(super) fn response(&self, status: u16) -> Option<&Media> {
        let class = format!("{}XX", status / 100);
        self.responses
            .get(&status.to_string())
            .or_else(|| self.responses.get(&class))
            .or_else(|| self.responses.get("DEFAULT"))
    }

    /// The first declared success, or 200.
    pub(super) fn success(&self) -> (u16, Option<&Media>) {
        match self.successes().next() {
            Some((status, media)) => (status, Some(media)),
            None => (200, self.responses.get("DEFAULT")),
        }
    }

    /// The first declared success that has a body or has none, else the first of all.
    pub(super) fn success_with(&self, body: bool) -> u16 {
        let fits = self.successes().find(|(_, media)| media.types.is_empty() != body);
        fits.map_or_else(|| self.success().0, |(status, _)| status)
    }

    /// The declared successes. Where any 2xx is declared, it is 204 without a body.
    fn successes(&self) -> impl Iterator<Item = (u16, &Media)> {
        self.responses.iter().filter_map(|(status, media)| match status.as_str() {
            "2XX" => Some((if media.types.is_empty() { 204 } else { 200 }, media)),
            number => {
                number.parse().ok().filter(|it: &u16| (200..300).contains(it)).map(|it| (it, media))
            }
        })
    }
}
