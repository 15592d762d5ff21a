//! Swagger 2.0 as OpenAPI 3.0, for the lowering and for the comparison of documents.
//!
//! Shared parameters are written out where they are used; shared responses stay shared. Nothing is refused:
//! what cannot be said is a note.

use super::COLLECTION_FORMAT;
use crate::{
    document::Moves,
    grammar::{Dialect, Kind, walk_mut},
    method::Method,
    note::Done,
    pointer::Pointer,
    reference::followed,
    version::Version,
};
use serde_json::{Map, Value, json};

/// How a `collectionFormat` is said in 3.0.
#[derive(Clone, Copy)]
enum Said {
    /// By the style, exploded or not.
    Style(&'static str, bool),
    /// By a style that 3.0 does not have there.
    Kept(&'static str),
    /// It is not one there.
    Nothing,
}

/// Every `collectionFormat`: how it is said in a query or a form, and elsewhere.
const FORMATS: [(&str, Said, Said); 5] = [
    ("csv", Said::Style("form", false), Said::Style("simple", false)),
    ("multi", Said::Style("form", true), Said::Nothing),
    ("ssv", Said::Style("spaceDelimited", false), Said::Kept("spaceDelimited")),
    ("tsv", Said::Kept("tabDelimited"), Said::Kept("tabDelimited")),
    ("pipes", Said::Style("pipeDelimited", false), Said::Kept("pipeDelimited")),
];

/// The OAuth flows under their new names.
const FLOWS: [(&str, &str); 4] = [
    ("implicit", "implicit"),
    ("password", "password"),
    ("application", "clientCredentials"),
    ("accessCode", "authorizationCode"),
];

/// A document of Swagger 2.0 in OpenAPI 3.0.
#[derive(Debug)]
pub struct Converted {
    /// The document.
    pub root: Value,
    /// Where its parts stood.
    pub moves: Moves,
    /// What was done, with pointers of the document as it was.
    pub(crate) notes: Vec<(Pointer, Done)>,
}

/// Converts a whole document.
pub fn convert(root: &Value) -> Converted {
    let mut cx = Conversion { root, moves: Moves::default(), notes: Vec::new() };
    let mut out = root.clone();
    if let Some(object) = out.as_object_mut() {
        cx.document(object);
    }
    cx.respell(&mut out);
    Converted { root: out, moves: cx.moves, notes: cx.notes }
}

/// Media types that apply where an operation names none.
struct Media {
    consumes: Vec<String>,
    produces: Vec<String>,
}

/// A parameter and where it is written.
type Written = (Pointer, Value);

struct Conversion<'a> {
    root: &'a Value,
    moves: Moves,
    notes: Vec<(Pointer, Done)>,
}

impl Conversion<'_> {
    fn note(&mut self, at: &str, done: Done) {
        self.notes.push((at.into(), done));
    }

    fn document(&mut self, object: &mut Map<String, Value>) {
        object.shift_remove("swagger");
        object.insert("openapi".to_owned(), json!("3.0.3"));
        self.note("", Done::Converted);
        for (key, done) in servers(object) {
            self.note(&format!("/{key}"), done);
        }
        let defaults = Media {
            consumes: texts(object.shift_remove("consumes")),
            produces: texts(object.shift_remove("produces")),
        };
        if let Some(paths) = object.get_mut("paths").and_then(Value::as_object_mut) {
            for (path, item) in paths.iter_mut().filter(|(path, _)| !path.starts_with("x-")) {
                self.path_item(item, &defaults, &Pointer::from("/paths").child(path));
            }
        }
        object.shift_remove("parameters");
        let mut components = Map::new();
        for (old, new) in [
            ("definitions", "schemas"),
            ("responses", "responses"),
            ("securityDefinitions", "securitySchemes"),
        ] {
            let Some(mut parts) = object.shift_remove(old) else { continue };
            let (from, to) = (Pointer::ROOT.child(old), Pointer::from("/components").child(new));
            for (name, part) in parts.as_object_mut().into_iter().flatten() {
                let from = from.child(name);
                match new {
                    "responses" => self.response(part, &defaults.produces, &from, &to.child(name)),
                    "securitySchemes" => self.security_scheme(part, &from),
                    _ => {}
                }
            }
            self.moves.add(to, from);
            components.insert(new.to_owned(), parts);
        }
        self.moves.add("/servers".into(), "/host".into());
        object.insert("components".to_owned(), Value::Object(components));
    }

    /// Gives references and `x-nullable` their new names.
    fn respell(&mut self, root: &mut Value) {
        let respelled = |text: &Value| {
            let text = text.as_str()?;
            let (home, name) = match text.strip_prefix("#/definitions/") {
                Some(name) => ("schemas", name),
                None => ("responses", text.strip_prefix("#/responses/")?),
            };
            Some(json!(format!("#/components/{home}/{name}")))
        };
        walk_mut(root, Dialect::OpenApi3.root(), &Pointer::ROOT, &mut |node, kind, at| {
            if let Some(new) = node.get("$ref").and_then(respelled) {
                node["$ref"] = new;
            }
            if kind != Kind::Schema {
                return;
            }
            let mapping = node.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut);
            for (_, text) in mapping.into_iter().flatten() {
                if let Some(new) = respelled(text) {
                    *text = new;
                }
            }
            if let Some(flag) = node.as_object_mut().and_then(|it| it.shift_remove("x-nullable")) {
                node["nullable"] = flag;
                let at = self.moves.original(at);
                self.note(&at, Done::XNullable);
            }
        });
    }

    fn path_item(&mut self, item: &mut Value, defaults: &Media, at: &Pointer) {
        let Some(item) = item.as_object_mut() else { return };
        // Parameters of the path come first, so that the operation's own win when they are merged.
        let shared = self.parameters(item, at);
        for method in Method::keys(Version::Swagger2) {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let at = at.child(method);
            let own = self.parameters(operation, &at);
            let same = |a: &Value, b: &Value| {
                // There is one body, whatever its name.
                a.get("in") == b.get("in")
                    && (a.get("name") == b.get("name") || a.get("in") == Some(&json!("body")))
            };
            let mut all = shared.clone();
            all.retain(|(_, it)| !own.iter().any(|(_, own)| same(own, it)));
            for (from, _) in &all {
                self.note(from, Done::ParameterShared { method });
            }
            all.extend(own);
            self.operation(operation, all, defaults, &at);
        }
    }

    /// The parameters of a path or an operation, which has none afterwards.
    fn parameters(&self, holder: &mut Map<String, Value>, at: &Pointer) -> Vec<Written> {
        let list = holder.shift_remove("parameters");
        let list = list.as_ref().and_then(Value::as_array).into_iter().flatten().enumerate();
        list.map(|(index, it)| {
            let (it, from) = followed(self.root, it, at.child("parameters").child(index));
            (from, it.clone())
        })
        .collect()
    }

    fn operation(
        &mut self,
        operation: &mut Map<String, Value>,
        parameters: Vec<Written>,
        defaults: &Media,
        at: &Pointer,
    ) {
        let mut own = |key: &str, default: &[String]| match operation.shift_remove(key) {
            None => default.to_vec(),
            own => texts(own),
        };
        let consumes = own("consumes", &defaults.consumes);
        let produces = own("produces", &defaults.produces);
        if operation.shift_remove("schemes").is_some() {
            self.note(&at.child("schemes"), Done::OwnSchemes);
        }
        let (mut kept, mut fields, mut body) = (Vec::new(), Vec::new(), None);
        for (from, parameter) in parameters {
            match parameter.get("in").and_then(Value::as_str) {
                Some("body") if body.is_some() => {
                    self.note(&from, Done::SecondBody);
                }
                Some("body") => body = Some((from, parameter)),
                Some("formData") => fields.push((from, parameter)),
                _ => {
                    let to = at.child("parameters").child(kept.len());
                    kept.push(self.value_parameter(parameter, &from, &to));
                    self.moves.add(to, from);
                }
            }
        }
        if !kept.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(kept));
        }
        let to = at.child("requestBody");
        if let Some((from, parameter)) = body {
            if !fields.is_empty() {
                self.note(&from, Done::FieldsBesideBody);
            }
            let body = self.request_body(parameter, consumes, &from, &to);
            operation.insert("requestBody".to_owned(), body);
            self.moves.add(to, from);
        } else if let Some((first, _)) = fields.first() {
            self.moves.add(to.clone(), first.clone());
            let body = self.form_body(fields, consumes, &to);
            operation.insert("requestBody".to_owned(), body);
        }
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for (status, answer) in responses.iter_mut().filter(|(k, _)| !k.starts_with("x-")) {
                let at = at.child("responses").child(status);
                self.response(answer, &produces, &at, &at);
            }
        }
    }

    /// A `content` of the same schema, which was written at `from`, in each media type.
    fn content(
        &mut self,
        media: Vec<String>,
        schema: &Value,
        from: &Pointer,
        to: &Pointer,
    ) -> Map<String, Value> {
        let entry = |name: String| {
            let to = to.child("content").child(&name).child("schema");
            self.moves.add(to, from.to_owned());
            (name, json!({ "schema": schema }))
        };
        media.into_iter().map(entry).collect()
    }

    /// Moves what describes the value into a schema of its own, with its separator apart.
    fn value_schema(
        &mut self,
        object: &mut Map<String, Value>,
        from: &Pointer,
    ) -> (Map<String, Value>, Option<String>) {
        let separator = object.shift_remove("collectionFormat");
        let mut schema = Map::new();
        for (key, value) in std::mem::take(object) {
            // Our own extension is about the value too.
            let about_value = Kind::Header2.field(&key).is_some() && key != "description"
                || ["example", "x-nullable", "x-conversations"].contains(&key.as_str());
            (if about_value { &mut schema } else { &mut *object }).insert(key, value);
        }
        let mut inner = schema.get_mut("items").and_then(Value::as_object_mut);
        while let Some(items) = inner {
            let is_list = items.get("type").and_then(Value::as_str) == Some("array");
            let said = items.shift_remove("collectionFormat");
            let separator = said.as_ref().and_then(Value::as_str).unwrap_or("csv");
            let known = FORMATS.iter().find(|it| it.0 == separator).map(|it| it.2);
            match known.filter(|_| is_list) {
                Some(Said::Style(style, _) | Said::Kept(style)) => {
                    items.insert(COLLECTION_FORMAT.to_owned(), json!(style));
                }
                Some(Said::Nothing) | None => {
                    if let Some(said) = said {
                        self.note(from, Done::SeparatorOfItems { said: said.to_string() });
                    }
                }
            }
            inner = items.get_mut("items").and_then(Value::as_object_mut);
        }
        let is_array = schema.get("type").and_then(Value::as_str) == Some("array");
        let separator = separator.as_ref().and_then(Value::as_str).unwrap_or("csv").to_owned();
        (schema, is_array.then_some(separator))
    }

    fn value_parameter(&mut self, mut parameter: Value, from: &Pointer, to: &Pointer) -> Value {
        let Some(object) = parameter.as_object_mut() else { return parameter };
        let (schema, separator) = self.value_schema(object, from);
        if object.contains_key("schema") {
            // Not 2.0, but plain enough.
            self.note(from, Done::SchemaOfParameter);
        } else {
            object.insert("schema".to_owned(), Value::Object(schema));
            self.moves.add(to.child("schema"), from.to_owned());
        }
        let Some(separator) = separator else { return parameter };
        let place = object.get("in").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.separate(object, &place, &separator, from);
        parameter
    }

    /// Says in `object` how a list is separated; `place` is where it travels.
    fn separate(
        &mut self,
        object: &mut Map<String, Value>,
        place: &str,
        separator: &str,
        from: &Pointer,
    ) {
        let in_query = ["query", "formData"].contains(&place);
        let known = FORMATS.iter().find(|it| it.0 == separator);
        match known.map_or(Said::Nothing, |it| if in_query { it.1 } else { it.2 }) {
            Said::Style(style, explode) => {
                object.insert("style".to_owned(), json!(style));
                object.insert("explode".to_owned(), json!(explode));
            }
            Said::Kept(style) => {
                object.insert(COLLECTION_FORMAT.to_owned(), json!(style));
            }
            Said::Nothing => {
                let (separator, place) = (separator.to_owned(), place.to_owned());
                self.note(from, Done::Separator { separator, place });
            }
        }
    }

    fn request_body(
        &mut self,
        parameter: Value,
        mut media: Vec<String>,
        from: &Pointer,
        to: &Pointer,
    ) -> Value {
        let mut body = Map::new();
        let Value::Object(mut object) = parameter else { return Value::Object(body) };
        let schema = object.shift_remove("schema").unwrap_or_else(|| {
            self.note(from, Done::BodyWithoutSchema);
            json!({})
        });
        for (key, value) in object {
            if key == "description" || key == "required" || key.starts_with("x-") {
                body.insert(key, value);
            }
        }
        if media.is_empty() {
            media.push("application/json".to_owned());
        }
        let content = self.content(media, &schema, &from.child("schema"), to);
        body.insert("content".to_owned(), Value::Object(content));
        Value::Object(body)
    }

    fn form_body(&mut self, fields: Vec<Written>, mut media: Vec<String>, to: &Pointer) -> Value {
        const FORM: &str = "application/x-www-form-urlencoded";
        const PARTS: &str = "multipart/form-data";
        let has_file =
            fields.iter().any(|(_, f)| f.get("type").and_then(Value::as_str) == Some("file"));
        media
            .retain(|it| if has_file { it == PARTS } else { [FORM, PARTS].contains(&it.as_str()) });
        if media.is_empty() {
            media.push(if has_file { PARTS } else { FORM }.to_owned());
        }
        let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
        for (from, field) in fields {
            let Value::Object(mut object) = field else { continue };
            let Some(name) = object.get("name").and_then(Value::as_str).map(str::to_owned) else {
                self.note(&from, Done::FieldWithoutName);
                continue;
            };
            if object.get("required") == Some(&Value::Bool(true)) {
                required.push(json!(name));
            }
            let (mut schema, separator) = self.value_schema(&mut object, &from);
            if let Some(text) = object.shift_remove("description") {
                schema.insert("description".to_owned(), text);
            }
            if let Some(separator) = separator {
                let mut says = Map::new();
                self.separate(&mut says, "formData", &separator, &from);
                encoding.insert(name.clone(), Value::Object(says));
            }
            for media in &media {
                let to = to.child("content").child(media);
                self.moves.add(to.child("schema").child("properties").child(&name), from.clone());
                self.moves.add(to.child("encoding").child(&name), from.clone());
            }
            let mut schema = Value::Object(schema);
            self.is_file(&mut schema, &from);
            properties.insert(name, schema);
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        let has_required = !required.is_empty();
        if has_required {
            schema["required"] = Value::Array(required);
        }
        let from = self.moves.original(to);
        let mut content = self.content(media, &schema, &from, to);
        for entry in content.values_mut().filter(|_| !encoding.is_empty()) {
            entry["encoding"] = Value::Object(encoding.clone());
        }
        self.note(&from.parent(), Done::FormFieldsJoined);
        json!({ "required": has_required, "content": content })
    }

    fn response(&mut self, answer: &mut Value, produces: &[String], from: &Pointer, to: &Pointer) {
        let Some(object) = answer.as_object_mut() else { return };
        let examples = object.shift_remove("examples");
        if let Some(mut schema) = object.shift_remove("schema") {
            let mut media = produces.to_vec();
            if self.is_file(&mut schema, from) {
                media.retain(|m| !m.to_ascii_lowercase().contains("json"));
                if media.is_empty() {
                    media.push("application/octet-stream".to_owned());
                }
            } else if media.is_empty() {
                media.push("application/json".to_owned());
            }
            let mut content = self.content(media, &schema, &from.child("schema"), to);
            for (name, entry) in &mut content {
                if let Some(example) = examples.as_ref().and_then(|it| it.get(name)) {
                    entry["example"] = example.clone();
                }
            }
            object.insert("content".to_owned(), Value::Object(content));
        }
        let headers = object.get_mut("headers").and_then(Value::as_object_mut);
        for (name, header) in headers.into_iter().flatten() {
            let Some(header) = header.as_object_mut() else { continue };
            let (schema, separator) = self.value_schema(header, &from.child("headers").child(name));
            // 3.0 knows lists at commas only.
            let commas = separator.is_none_or(|it| it == "csv");
            let schema = if commas { Value::Object(schema) } else { json!({"type": "string"}) };
            header.insert("schema".to_owned(), schema);
        }
    }

    /// Whether a schema was that of a file, which 3.0 writes as a string.
    fn is_file(&mut self, schema: &mut Value, from: &Pointer) -> bool {
        let is_file = schema.get("type").and_then(Value::as_str) == Some("file");
        if is_file {
            schema["type"] = json!("string");
            schema["format"] = json!("binary");
            self.note(from, Done::FileBody);
        }
        is_file
    }

    fn security_scheme(&mut self, scheme: &mut Value, from: &Pointer) {
        let Some(object) = scheme.as_object_mut() else { return };
        match object.get("type").and_then(Value::as_str) {
            Some("basic") => {
                object.insert("type".to_owned(), json!("http"));
                object.insert("scheme".to_owned(), json!("basic"));
            }
            Some("oauth2") => {
                let flow = object.shift_remove("flow");
                let flow = flow.as_ref().and_then(Value::as_str).unwrap_or_default();
                let mut entry = Map::new();
                for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
                    if let Some(url) = object.shift_remove(key) {
                        entry.insert(key.to_owned(), url);
                    }
                }
                let scopes = object.shift_remove("scopes").filter(Value::is_object);
                entry.insert("scopes".to_owned(), scopes.unwrap_or_else(|| json!({})));
                let mut flows = json!({});
                match FLOWS.iter().find(|(old, _)| *old == flow) {
                    Some((_, new)) => flows[*new] = Value::Object(entry),
                    None => self.note(from, Done::UnknownFlow { flow: flow.to_owned() }),
                }
                object.insert("flows".to_owned(), flows);
            }
            _ => {}
        }
    }
}

fn texts(value: Option<Value>) -> Vec<String> {
    let list = value.as_ref().and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The servers of host, base path and schemes. Some write a whole address in place of the host or of the base path.
fn servers(object: &mut Map<String, Value>) -> Vec<(&'static str, Done)> {
    let mut notes = Vec::new();
    let mut text = |key: &str| {
        let text = object.shift_remove(key)?.as_str()?.trim().trim_end_matches('/').to_owned();
        Some(text).filter(|it| !it.is_empty())
    };
    let (mut host, mut base) = (text("host"), text("basePath").unwrap_or_default());
    let mut schemes = texts(object.shift_remove("schemes"));
    let is_address = |it: &String| it.contains("://");
    let misplaced = match (&host, &base) {
        (_, base) if is_address(base) => Some(("basePath", base.clone(), String::new())),
        (Some(host), base) if is_address(host) => Some(("host", host.clone(), base.clone())),
        _ => None,
    };
    if let Some((key, written, below)) = misplaced
        && let Some((scheme, rest)) = written.split_once("://")
    {
        let (key_name, value, new) = (key.to_owned(), written.clone(), rest.to_owned());
        notes.push((key, Done::KeywordReadAs { key: key_name, value, new }));
        (schemes, host, base) = (vec![scheme.to_owned()], Some(rest.to_owned()), below);
    }
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let base = match base.trim_matches('/') {
        "" => String::new(),
        base => format!("/{base}"),
    };
    let servers: Vec<Value> = match host {
        Some(host) => {
            schemes.iter().map(|s| json!({ "url": format!("{s}://{host}{base}") })).collect()
        }
        None if base.is_empty() => Vec::new(),
        None => vec![json!({ "url": base })],
    };
    if !servers.is_empty() && !object.contains_key("servers") {
        object.insert("servers".to_owned(), Value::Array(servers));
    }
    notes
}
