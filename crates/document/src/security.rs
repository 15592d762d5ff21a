//! Who may call an operation, as a document says it: the alternatives that hold for it, and the parameters that are a
//! credential instead of a setting of the caller.

use crate::{parts::free_name, pointer::Pointer, reference::followed};
use serde_json::{Value, json};

const AUTHORIZATION: &str = "Authorization";

/// Header parameters that the specification says to ignore: they follow from bodies and security.
const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];

/// One alternative: the schemes that are needed together, each with its scopes, in the order of the document.
pub type Requirement = Vec<(String, Vec<String>)>;

/// The alternatives that hold for an operation: its own, else the document's. An empty list lets everybody in; nothing
/// where neither says anything.
pub fn requirements(root: &Value, operation: &Value) -> Option<Vec<Requirement>> {
    let list = [operation, root].into_iter().find_map(|it| it.get("security")?.as_array())?;
    let scopes = |scopes: &Value| -> Vec<String> {
        let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
        scopes.map(str::to_owned).collect()
    };
    let alternatives = list.iter().filter_map(Value::as_object);
    Some(
        alternatives
            .map(|it| it.iter().map(|(name, held)| (name.clone(), scopes(held))).collect())
            .collect(),
    )
}

/// The alternatives that hold for an operation of a path item, those included that its parameters ask for.
pub fn effective(root: &Value, item: &Value, operation: &Value) -> Vec<Requirement> {
    let carriers = Carriers::of(root);
    let holders = [operation, item].into_iter().filter_map(|it| it.get("parameters")?.as_array());
    let mut parameters: Vec<(&str, &str, bool)> = Vec::new();
    for parameter in holders.flatten().map(|it| resolved(root, it)) {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
        let (location, name) = (text("in"), text("name"));
        if !parameters.iter().any(|it| (it.0, it.1) == (location, name)) {
            parameters.push((
                location,
                name,
                parameter.get("required") == Some(&Value::Bool(true)),
            ));
        }
    }
    carriers.demand(requirements(root, operation).unwrap_or_default(), parameters)
}

/// What of a request carries credentials, by the security schemes of a document of any version.
#[derive(Debug, Clone, Default)]
pub struct Carriers {
    /// Each scheme's name with where it travels and under which name.
    schemes: Vec<(String, String, String)>,
    /// The last of them, where the document does not declare it.
    implied: bool,
}

impl Carriers {
    /// Those of a document.
    pub fn of(root: &Value) -> Self {
        let homes = ["/components/securitySchemes", "/securityDefinitions"];
        let listed = || homes.iter().filter_map(|it| root.pointer(it)?.as_object()).flatten();
        let schemes = listed().filter_map(|(name, scheme)| {
            let (location, key) = carrier(resolved(root, scheme))?;
            Some((name.clone(), location.to_owned(), key.to_owned()))
        });
        let mut out = Self { schemes: schemes.collect(), implied: false };
        if !out.carries("header", AUTHORIZATION) {
            out.implied = true;
            let name = free_name(AUTHORIZATION, &|it| listed().any(|(name, _)| name == it));
            out.schemes.push((name, "header".to_owned(), AUTHORIZATION.to_owned()));
        }
        out
    }

    /// The schemes whose credential travels there.
    pub fn schemes(&self, location: &str, name: &str) -> impl Iterator<Item = &str> {
        let is_same = move |other: &str| match location {
            "header" => other.eq_ignore_ascii_case(name),
            _ => other == name,
        };
        let here = self.schemes.iter().filter(move |it| it.1 == location && is_same(&it.2));
        here.map(|it| it.0.as_str())
    }

    /// The schemes of an alternative that travel in one place, where a request has room for one of them, with that place.
    pub fn together(&self, alternative: &Requirement) -> Vec<(Vec<String>, &str)> {
        let is_asked = |it: &str| alternative.iter().any(|(name, _)| name == it);
        let groups = self.schemes.iter().filter_map(|(name, location, key)| {
            let here: Vec<String> =
                self.schemes(location, key).filter(|it| is_asked(it)).map(str::to_owned).collect();
            (here.len() > 1 && here.first() == Some(name)).then_some((here, key.as_str()))
        });
        groups.collect()
    }

    /// The scheme that parameters called `Authorization` stand for, in a document whose schemes do not use this header.
    pub fn implied(&self) -> Option<&str> {
        Some(self.schemes.last().filter(|_| self.implied)?.0.as_str())
    }

    /// Declares the implied scheme, where there is one, in a document of OpenAPI 3.
    pub fn declare_implied(&self, root: &mut Value) {
        let mut node = root.as_object_mut();
        for key in ["components", "securitySchemes"] {
            node = node.and_then(|it| it.entry(key).or_insert_with(|| json!({})).as_object_mut());
        }
        if let (Some(schemes), Some(name)) = (node, self.implied()) {
            let scheme = json!({"type": "apiKey", "in": "header", "name": AUTHORIZATION});
            schemes.insert(name.to_owned(), scheme);
        }
    }

    /// Whether a parameter is the credential of a scheme.
    pub fn carries(&self, location: &str, name: &str) -> bool {
        self.schemes(location, name).next().is_some()
    }

    /// Whether a parameter is not a setting of the caller, because its value follows from security or from a body.
    pub fn owns(&self, location: &str, name: &str) -> bool {
        is_reserved(location, name) || self.carries(location, name)
    }

    /// The alternatives once each parameter that is a credential counts as asking for it: where it travels, its name,
    /// and whether a call must have it. A scheme that some alternative names already is asked for as that says.
    pub fn demand<'p>(
        &self,
        mut held: Vec<Requirement>,
        parameters: impl IntoIterator<Item = (&'p str, &'p str, bool)>,
    ) -> Vec<Requirement> {
        for (location, name, required) in parameters {
            let schemes: Vec<&str> = self.schemes(location, name).collect();
            let mut listed = held.iter().flatten();
            let Some(scheme) =
                schemes.first().filter(|_| !listed.any(|it| schemes.contains(&&*it.0)))
            else {
                continue;
            };
            let without = if held.is_empty() { vec![Requirement::new()] } else { held };
            held = without.clone();
            for alternative in &mut held {
                alternative.push(((*scheme).to_owned(), Vec::new()));
            }
            if !required {
                held.extend(without);
            }
        }
        held
    }
}

/// Requirements as a document writes them.
pub(crate) fn written(requirements: &[Requirement]) -> Value {
    let alternative = |it: &Requirement| -> Value {
        let schemes = it.iter().map(|(name, scopes)| (name.clone(), json!(scopes)));
        Value::Object(schemes.collect())
    };
    requirements.iter().map(alternative).collect()
}

/// Whether the specification says to ignore a parameter.
pub fn is_reserved(location: &str, name: &str) -> bool {
    location == "header" && RESERVED.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Where the credential of a scheme travels, and under which name.
fn carrier(scheme: &Value) -> Option<(&str, &str)> {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str);
    match text("type")? {
        "apiKey" => Some((text("in")?, text("name")?)),
        "http" | "basic" | "oauth2" | "openIdConnect" => Some(("header", AUTHORIZATION)),
        _ => None,
    }
}

fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    followed(root, value, Pointer::ROOT).0
}
