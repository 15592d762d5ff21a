//! Any OpenAPI 3.x or Swagger 2.0 document as OpenAPI 3.0, with nothing left that later stages would
//! have to look up or refuse.
//!
//! What [`Lowered::document`] guarantees:
//!
//! * The root says `openapi: 3.0.3` and has `info`, `paths` and `components.schemas`.
//! * `$ref` occurs in place of schemas only, alone, and as `#/components/schemas/Name` of a schema that
//!   exists; `Name` is of letters and digits of any script, `.`, `_` and `-`. The same holds for the values of a
//!   discriminator's mapping. A named schema may be a reference, but no circle of nothing else.
//! * Apart from `schemas` and `securitySchemes` there are no shared parts; responses, parameters, bodies
//!   and headers are written out where they are used. What was written inside a shared response or
//!   body is a named schema of its own.
//! * A path begins with `/`. Behind a `?` it has what every request has in its query, behind a `#` what
//!   distinguishes it from another item of the same path; neither has a placeholder. Its placeholders are exactly
//!   the parameters that each of its operations declares `in: path`, all required. A path item has no
//!   parameters and servers of its own. Each (name, place) occurs once in an operation; each parameter has either
//!   a `schema` or a `content` of one media type. None of them is a credential: what repeats a security scheme, and
//!   `Authorization`, is a requirement of its operation.
//! * Each operation has an `operationId` that no other has, and `responses` (maybe empty) of statuses,
//!   ranges and `default`. There are no callbacks and links.
//! * `webhooks` stay beside what 3.0 knows, without `parameters` and `responses`: each has at least one operation with
//!   a `requestBody`, whose schemas obey the same rules.
//! * Schemas are objects, with booleans only as `additionalProperties`. `type` is one of 3.0's six
//!   names. There is no `const`, no `examples`, no null in an `enum`, no numeric exclusive bound, no
//!   keyword that 3.0 does not have.
//! * Instance data (`example`, `default`, `enum`) and extensions stay as they are. A parameter or encoding whose
//!   `collectionFormat` 3.0 has no style for has one as [`COLLECTION_FORMAT`].
//!
//! Every change leaves a [`Note`]; what cannot be said afterwards is noted as a loss. What has no
//! plain meaning is refused with a fault that says where.

mod account;
mod context;
mod credentials;
mod inline;
mod keywords;
mod normalize_refs;
mod operations;
mod parameters;
mod references;
mod repair;
mod root;
mod schemas;
pub mod swagger2;
mod types;

pub use types::TYPES;
mod webhooks;

use crate::{
    document::Document, fault::Result, grammar::Dialect, note::Note, pointer::Pointer,
    version::Version,
};
use context::Context;

/// The key with the style of a list where OpenAPI 3.0 does not have it: of a `collectionFormat` of Swagger 2.0, and of a
/// list inside a list, in the schema of its items.
pub const COLLECTION_FORMAT: &str = "x-collection-format";

/// The key with the media type of what a text holds, where OpenAPI 3.0 does not have it: its `contentMediaType`, and for encoded
/// bytes of any kind that of bytes, as the Encoding Object of OpenAPI 3.1 has it.
pub const CONTENT_MEDIA_TYPE: &str = "x-content-media-type";

/// A document in OpenAPI 3.0, and what was done to it.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The document, as the module's documentation says.
    pub document: Document,
    /// Every change, in the order in which they were made.
    pub notes: Vec<Note>,
}

/// Lowers a document of one file; `bundle` makes one of several.
///
/// # Errors
/// Where a part has a form that says nothing plain, or the whole is not an OpenAPI document.
pub fn lower(document: Document) -> Result<Lowered> {
    Version::check(&document)?;
    let (mut cx, mut root) = Context::open(document);
    repair::check_depth(&mut cx, &root);
    cx.stop()?;
    let dialect = Dialect::of(&root);
    repair::check(&mut cx, &mut root, dialect.root(), &Pointer::ROOT);
    cx.stop()?;
    account::account(&mut cx, &root, dialect);
    references::hoist(&mut cx, &mut root, dialect);
    inline::inline(&mut cx, &mut root, dialect);
    cx.stop()?;
    if dialect == Dialect::Swagger2 {
        root = cx.convert(&root);
    }
    root::lower(&mut cx, &mut root);
    operations::lower(&mut cx, &mut root);
    schemas::lower(&mut cx, &mut root);
    let (document, notes) = cx.close(root)?;
    Ok(Lowered { document, notes })
}
