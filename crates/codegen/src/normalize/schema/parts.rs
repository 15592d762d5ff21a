//! Files in multipart bodies.

use super::TypeResolver;
use crate::normalize::{
    flatten::{TypeKind, is_binary},
    plan::{Def, Ty},
};
use conversations_document::Pointer;
use serde_json::Value;

/// Where of a multipart body a schema stands, since binary text is a file in its parts alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// The whole body.
    Whole,
    Part,
    /// Outside of it, or inside the JSON of a part.
    Neither,
}

impl TypeResolver<'_> {
    /// The type of a multipart body, in which binary text is a file.
    ///
    /// It is always a type of its own: the same schema elsewhere would be JSON and hold no files.
    pub(in super::super) fn multipart(
        &mut self,
        schema: &Value,
        hint: &str,
        pointer: &Pointer,
    ) -> Ty {
        let schema = self.flattener.flattened(schema);
        self.parts = Parts::Whole;
        let ty = self.ty(&schema, hint, pointer);
        self.parts = Parts::Neither;
        self.of_fields(ty)
    }

    /// The type of a body of named fields, which is an object: where its schema says something else, they are the caller's.
    pub(in super::super) fn of_fields(&self, ty: Ty) -> Ty {
        match ty {
            Ty::Map(_) | Ty::Any => ty,
            Ty::Named(ref name) if !matches!(self.defs.get(name), Some(Def::Enum(_))) => ty,
            _ => Ty::Object,
        }
    }

    /// Goes from a body to its parts, or from a part to its inside; what is left is to be put back.
    pub(super) fn enter(&mut self) -> Parts {
        let inside = if self.parts == Parts::Whole { Parts::Part } else { Parts::Neither };
        std::mem::replace(&mut self.parts, inside)
    }

    /// The kind of a schema here: a file and a text are two, of which a part may be either.
    pub(super) fn kind(&self, schema: &Value) -> TypeKind {
        let kind = self.flattener.type_kind(schema, 0);
        let text = matches!(kind, TypeKind::String | TypeKind::Enum) && !self.is_file(schema);
        if text && self.holds_file(schema, self.parts, 0) { TypeKind::Union } else { kind }
    }

    /// Whether a schema is a file here.
    pub(super) fn is_file(&self, schema: &Value) -> bool {
        self.parts == Parts::Part && is_binary(schema)
    }

    /// Whether a schema at this place of a multipart body is or holds a file.
    pub(super) fn holds_file(&self, schema: &Value, at: Parts, depth: usize) -> bool {
        /// Deeper no list of lists and no choice among choices has a file.
        const DEEPEST: usize = 4;
        if at == Parts::Neither || depth > DEEPEST {
            return false;
        }
        let schema = self.flattener.flattened(schema);
        let among = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
        let same = schema.get("items").into_iter().chain(among("oneOf")).chain(among("anyOf"));
        let properties = schema.get("properties").and_then(Value::as_object);
        let held = properties.into_iter().flatten().map(|(_, it)| it);
        let mut held = held.chain(schema.get("additionalProperties"));
        at == Parts::Part && is_binary(&schema)
            || same.into_iter().any(|it| self.holds_file(it, at, depth + 1))
            || at == Parts::Whole && held.any(|it| self.holds_file(it, Parts::Part, depth + 1))
    }

    /// Whether a multipart body of this schema holds files.
    pub(in super::super) fn holds_files(&self, schema: &Value) -> bool {
        self.holds_file(schema, Parts::Whole, 0)
    }
}
