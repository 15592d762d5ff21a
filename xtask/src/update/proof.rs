//! Whether a program that called each operation through the present client still gets its answer through the next one.

use super::correspondence;
use conversations_codegen::{
    Generated, Surveyed,
    provider::Provider,
    surface::{Argument, Item, Kind, Surface, Type},
};
use conversations_document::{Pointer, security};
use serde_json::Value;
use std::fmt;

/// A call that would no longer work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The path of the public item that it is about.
    pub(super) item: String,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    /// A setter that a call must use.
    Setter,
    /// A field that a request must hold.
    Field,
    /// No credential of the client lets it in.
    Credential,
    /// An answer must hold something, where nothing came before.
    Content,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { item, why } = self;
        write!(f, "`{item}`")?;
        f.write_str(match why {
            Why::Setter => " must be set now: a call that does not fails before it is sent",
            Why::Field => " must be set now: a request that does not is refused before it is sent",
            Why::Credential => {
                " asks for a credential that provider.yaml does not declare: the server refuses each call"
            }
            Why::Content => {
                " expects content where the document declared none: an empty answer is read as an error"
            }
        })
    }
}

/// The calls of the present client that the next one would fail.
pub(super) fn failures(base: &Surveyed, next: &Generated) -> Vec<Failure> {
    let fail = |item: &str, why: Why| Failure { item: item.to_owned(), why };
    let mut out = Vec::new();
    for (path, item) in &next.surface.items {
        let before = base.surface.items.get(path);
        match &item.kind {
            Kind::Setter { builder, argument: Argument { required: true, .. }, .. } => {
                let was = matches!(
                    before.map(|it| &it.kind),
                    Some(Kind::Setter { argument: Argument { required: true, .. }, .. })
                );
                if !was && base.surface.items.contains_key(&format!("builder::{builder}::send")) {
                    out.push(fail(path, Why::Setter));
                }
            }
            Kind::Field { owner, .. } if item.is_demanded => {
                let known = base.surface.types().any(|(name, _)| name == owner);
                if known && !before.is_some_and(|it| it.is_demanded) {
                    out.push(fail(path, Why::Field));
                }
            }
            Kind::Call { name, returns, .. } if name == "send" => {
                let before = before.and_then(Item::ty);
                if before.is_some_and(|it| takes_nothing(&base.surface, it))
                    && !takes_nothing(&next.surface, returns)
                {
                    out.push(fail(path, Why::Content));
                }
            }
            _ => {}
        }
    }
    for (old, new) in correspondence::matched(&base.document, &next.document) {
        if lets_in(&base.document, &base.provider, &old)
            && !lets_in(&next.document, &next.provider, &new)
        {
            let mut methods = next.surface.operations.iter();
            let method = methods.find(|(_, it)| (&it.verb, &it.path) == (&new.verb, &new.path));
            let name = method.map_or(new.path.as_str(), |(name, _)| name);
            out.push(fail(&format!("Client::{name}"), Why::Credential));
        }
    }
    out
}

/// Whether an answer without content is one of this type.
fn takes_nothing(surface: &Surface, returns: &Type) -> bool {
    let Type::Of(name, inner) = returns else { return false };
    match name.as_str() {
        "Response" => inner.iter().any(|it| takes_nothing(surface, it)),
        "()" | "Option" | "String" | "Bytes" | "Redirect" | "ItemStream" => true,
        // Of several answers by status, one.
        answer => surface.items.values().any(|it| match &it.kind {
            Kind::AnswerCase { ty, .. } => it.owner() == answer && takes_nothing(surface, ty),
            _ => false,
        }),
    }
}

/// Whether the provider's client has credentials that let it call an operation of the document.
fn lets_in(document: &Value, provider: &Provider, operation: &correspondence::Operation) -> bool {
    let at = |pointer: &Pointer| document.pointer(pointer).unwrap_or(&Value::Null);
    let (item, operation) = (at(&operation.pointer.parent()), at(&operation.pointer));
    let ways = security::effective(document, item, operation);
    let has = |scheme: &str| provider.auth.iter().any(|it| it.scheme == scheme);
    ways.is_empty() || ways.iter().any(|way| way.iter().all(|(scheme, _)| has(scheme)))
}
