//! One operation of the SDK's list against one of the document.

use super::{
    spelling::{NONE, Type, VOID, listed, media, snake},
    types::Kind,
};
use crate::sdk::{Location, SdkOperation, SdkParameter};
use conversations_document::{
    Document, PathTemplate, Pointer,
    lookup::{self, Found, Parameter},
};
use serde_json::Value;

/// One difference, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) parameter: Option<String>,
    pub(super) sdk: String,
    pub(super) document: String,
    /// Below the SDK's operation.
    pub(super) sdk_pointer: Pointer,
    /// In the document.
    pub(super) document_pointer: Pointer,
}

/// Everything in which they differ.
pub(super) fn compare(sdk: &SdkOperation, document: &Document, found: &Found) -> Vec<Difference> {
    let mut it = Comparison { sdk, document, found, differences: Vec::new() };
    it.name();
    it.parameters();
    it.body();
    it.answer();
    it.media();
    it.auth();
    it.differences
}

struct Comparison<'a> {
    sdk: &'a SdkOperation,
    document: &'a Document,
    found: &'a Found,
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn name(&mut self) {
        let id = self.text("operationId").unwrap_or(NONE).to_owned();
        if snake(&id) != snake(&self.sdk.name) {
            let name = self.sdk.name.clone();
            self.differ(Kind::OperationId, None, (name, "/name"), (id, "/operationId"));
        }
    }

    fn parameters(&mut self) {
        let declared = lookup::parameters(&self.document.root, &self.found.pointer);
        let mut ours: Vec<(usize, &SdkParameter)> = self
            .sdk
            .parameters
            .iter()
            .enumerate()
            .filter(|it| it.1.location != Location::Body)
            .collect();
        let names = (PathTemplate(&self.sdk.path).names(), PathTemplate(&self.found.path).names());
        for (our, their) in names.0.into_iter().zip(names.1) {
            let by_name = |it: &(usize, &SdkParameter)| {
                matches!(it.1.location, Location::Path | Location::Unknown)
                    && snake(&it.1.name) == snake(our)
            };
            // A list may name a parameter otherwise than its own path does; the order decides.
            let at = ours
                .iter()
                .position(by_name)
                .or_else(|| ours.iter().position(|it| it.1.location == Location::Path));
            let ours = at.map(|at| ours.remove(at));
            let theirs = declared.iter().find(|it| it.location == "path" && it.name == their);
            if snake(our) != snake(their) {
                let sdk = ours.map_or("/path".into(), |it| format!("/parameters/{}", it.0).into());
                let document = theirs.map_or(self.found.pointer.clone(), |it| it.pointer.clone());
                self.push(Kind::PathParameterName, Some(our), (our, sdk), (their, document));
            }
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                self.pair(ours, theirs);
            }
        }
        let mut theirs: Vec<&Parameter> = declared
            .iter()
            .filter(|it| ["query", "header", "cookie"].contains(&it.location.as_str()))
            .collect();
        self.others(&mut ours, &mut theirs);
    }

    /// Query and header parameters: by name, then by a name that only looks the same, then in order.
    fn others<'a>(
        &mut self,
        ours: &mut Vec<(usize, &'a SdkParameter)>,
        theirs: &mut Vec<&'a Parameter>,
    ) {
        let fits = |our: &SdkParameter, their: &Parameter| match our.location {
            Location::Query => their.location == "query",
            Location::Header => their.location == "header",
            Location::Unknown => true,
            Location::Path | Location::Body => false,
        };
        let plain = |name: &str| -> String {
            name.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|it| it.to_ascii_lowercase())
                .collect()
        };
        type Same<'a> = &'a dyn Fn(&str, &str) -> bool;
        let by_name: Same<'_> = &|our, their| snake(our) == snake(their);
        let by_look: Same<'_> = &|our, their| plain(our) == plain(their);
        let in_order: Same<'_> = &|_, _| true;
        for (round, same) in [by_name, by_look, in_order].into_iter().enumerate() {
            // As many on both sides may be renamed; with one more on either side nobody knows which.
            if round == 2 && ours.len() != theirs.len() {
                break;
            }
            let mut left = Vec::new();
            for our in std::mem::take(ours) {
                let at =
                    theirs.iter().position(|it| fits(our.1, it) && same(&our.1.name, &it.name));
                let Some(at) = at else {
                    left.push(our);
                    continue;
                };
                let their = theirs.remove(at);
                if round > 0 {
                    let sdk = Pointer::from("/parameters").child(our.0);
                    let names =
                        ((our.1.name.as_str(), sdk), (their.name.as_str(), their.pointer.clone()));
                    self.push(Kind::ParameterName, Some(&our.1.name), names.0, names.1);
                }
                self.pair(our, their);
            }
            *ours = left;
        }
        for (i, our) in ours.iter() {
            let sdk = (our.name.as_str(), format!("/parameters/{i}").into());
            let at = self.found.pointer.clone();
            self.push(Kind::ParameterMissing, Some(&our.name), sdk, (NONE, at));
        }
        for their in theirs.iter() {
            let document = (their.name.as_str(), their.pointer.clone());
            self.push(Kind::ParameterExtra, Some(&their.name), (NONE, Pointer::ROOT), document);
        }
    }

    fn pair(&mut self, (index, our): (usize, &SdkParameter), their: &Parameter) {
        let sdk = Pointer::from(format!("/parameters/{index}"));
        if our.required != their.required {
            self.push(
                Kind::ParameterRequired,
                Some(&our.name),
                (need(our.required), sdk.clone()),
                (need(their.required), their.pointer.clone()),
            );
        }
        let schemas = lookup::schemas(&self.document.root, &their.pointer);
        // Swagger 2.0 has the type in the parameter itself.
        let schema = schemas.first().unwrap_or(&their.pointer);
        let document = Type::of_schema(self.document, schema);
        if !Type::of_sdk(&our.ty).agrees(&document) {
            let (ours, theirs) = (our.ty.as_str(), document.to_string());
            self.push(Kind::ParameterType, Some(&our.name), (ours, sdk), (&theirs, schema.clone()));
        }
    }

    fn body(&mut self) {
        let ours =
            self.sdk.parameters.iter().enumerate().find(|it| it.1.location == Location::Body);
        let declared = self.found.pointer.child("requestBody");
        let body = lookup::parameters(&self.document.root, &self.found.pointer)
            .into_iter()
            .find(|it| it.location == "body")
            .map(|it| it.pointer)
            .unwrap_or_else(|| lookup::resolve(&self.document.root, &declared));
        let exists = self.document.root.pointer(&body).is_some();
        let schema = lookup::schemas(&self.document.root, &body).into_iter().next();
        let theirs = match (&schema, exists) {
            (Some(schema), _) => Some(Type::of_schema(self.document, schema)),
            (None, true) => Some(Type::Any("any".to_owned())),
            (None, false) => None,
        };
        let pointer = match (schema, exists) {
            (Some(schema), _) => schema,
            (None, true) => body.clone(),
            (None, false) => self.found.pointer.clone(),
        };
        let agree = match (ours, &theirs) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => Type::of_sdk(&ours.1.ty).agrees(theirs),
            _ => false,
        };
        let at = ours.map(|it| Pointer::from(format!("/parameters/{}", it.0))).unwrap_or_default();
        if !agree {
            let sdk = ours.map_or(NONE, |it| it.1.ty.as_str());
            let document = theirs.as_ref().map_or(NONE.to_owned(), Type::to_string);
            self.push(Kind::BodyType, None, (sdk, at.clone()), (&document, pointer));
        }
        if let (Some(ours), Some(_)) = (ours, theirs) {
            let required = self.document.root.pointer(&body.child("required"));
            let required = required == Some(&Value::Bool(true));
            if ours.1.required != required {
                let sdk = (need(ours.1.required), at);
                self.push(Kind::BodyRequired, None, sdk, (need(required), body));
            }
        }
    }

    fn answer(&mut self) {
        let responses = self.found.pointer.child("responses");
        let successes: Vec<&str> = lookup::keys(&self.document.root, &responses)
            .into_iter()
            .filter(|it| it.starts_with('2'))
            .collect();
        let mut types: Vec<(Type, Pointer)> = Vec::new();
        for status in &successes {
            let response = lookup::resolve(&self.document.root, &responses.child(status));
            let mut schemas = lookup::schemas(&self.document.root, &response);
            let content = !lookup::keys(&self.document.root, &response.child("content")).is_empty();
            if schemas.is_empty() && content {
                // Content without a schema; its own node says at least that there is some.
                schemas.push(response.child("content"));
            }
            for schema in schemas {
                let ty = Type::of_schema(self.document, &schema);
                if !types.iter().any(|it| it.0 == ty) {
                    types.push((ty, schema));
                }
            }
        }
        let ours = self.sdk.returns.as_deref();
        let agree = match (ours, &types[..]) {
            (None, []) => true,
            (Some(ours), [theirs]) => Type::of_sdk(ours).agrees(&theirs.0),
            _ => false,
        };
        if !agree {
            let names: Vec<String> = types.iter().map(|it| it.0.to_string()).collect();
            let document = if names.is_empty() { VOID.to_owned() } else { names.join(" or ") };
            let pointer = types.first().map_or(responses, |it| it.1.clone());
            let sdk = (ours.unwrap_or(VOID), "/returns".into());
            self.push(Kind::ReturnType, None, sdk, (&document, pointer));
        } else if ours.is_none() {
            let named: Vec<String> = successes
                .iter()
                .filter(|it| it.bytes().all(|it| it.is_ascii_digit()))
                .map(|it| (*it).to_owned())
                .collect();
            if let Some(first) = named.first() {
                let pointer = responses.child(first);
                let sdk = (VOID, "/returns".into());
                self.push(Kind::SuccessStatus, None, sdk, (&named.join(", "), pointer));
            }
        }
    }

    fn media(&mut self) {
        let body = lookup::resolve(&self.document.root, &self.found.pointer.child("requestBody"));
        let parameters = lookup::parameters(&self.document.root, &self.found.pointer);
        let old_body =
            parameters.iter().any(|it| it.location == "body" || it.location == "formData");
        let mut sent = lookup::keys(&self.document.root, &body.child("content"));
        if old_body {
            sent.extend(self.inherited("consumes"));
        }
        let responses = self.found.pointer.child("responses");
        let mut answered = Vec::new();
        let mut old_answer = false;
        for status in lookup::keys(&self.document.root, &responses) {
            let response = lookup::resolve(&self.document.root, &responses.child(status));
            answered.extend(lookup::keys(&self.document.root, &response.child("content")));
            old_answer |= self.document.root.pointer(&response.child("schema")).is_some();
        }
        if old_answer {
            answered.extend(self.inherited("produces"));
        }
        let sides = [
            (
                Kind::RequestMediaType,
                &self.sdk.content_type,
                "/content_type",
                media(sent),
                "/requestBody",
            ),
            (Kind::ResponseMediaType, &self.sdk.accept, "/accept", media(answered), "/responses"),
        ];
        for (kind, ours, ours_at, theirs, theirs_at) in sides {
            let ours = media(ours.as_deref());
            if ours != theirs {
                let sides = (listed(&ours, NONE), listed(&theirs, NONE));
                self.differ(kind, None, (sides.0, ours_at), (sides.1, theirs_at));
            }
        }
    }

    /// Swagger 2.0's media types: the operation's own, or else the document's.
    fn inherited(&self, key: &str) -> Vec<&str> {
        let own = self.found.pointer.child(key);
        let at =
            if self.document.root.pointer(&own).is_some() { own } else { Pointer::ROOT.child(key) };
        let list = self.document.root.pointer(&at).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn auth(&mut self) {
        let own = self.found.pointer.child("security");
        let at = if self.document.root.pointer(&own).is_some() { own } else { "/security".into() };
        let list = self.document.root.pointer(&at).and_then(Value::as_array);
        let mut theirs: Vec<String> = Vec::new();
        for name in list.into_iter().flatten().filter_map(Value::as_object).flat_map(|it| it.keys())
        {
            if !theirs.contains(name) {
                theirs.push(name.clone());
            }
        }
        let mut sorted = (self.sdk.auth.clone(), theirs.clone());
        sorted.0.sort();
        sorted.1.sort();
        if sorted.0 != sorted.1 {
            let sdk = (&*listed(&self.sdk.auth, NONE), "/auth".into());
            self.push(Kind::Auth, None, sdk, (&listed(&theirs, NONE), at));
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        lookup::text(&self.document.root, &self.found.pointer, key)
    }

    /// A difference at a child of the document's operation.
    fn differ(
        &mut self,
        kind: Kind,
        parameter: Option<&str>,
        sdk: (String, &str),
        document: (String, &str),
    ) {
        let pointer = format!("{}{}", self.found.pointer, document.1).into();
        self.push(kind, parameter, (&sdk.0, sdk.1.into()), (&document.0, pointer));
    }

    fn push(
        &mut self,
        kind: Kind,
        parameter: Option<&str>,
        (sdk, sdk_pointer): (&str, Pointer),
        (document, document_pointer): (&str, Pointer),
    ) {
        self.differences.push(Difference {
            kind,
            parameter: parameter.map(str::to_owned),
            sdk: sdk.to_owned(),
            document: document.to_owned(),
            sdk_pointer,
            document_pointer,
        });
    }
}

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}
