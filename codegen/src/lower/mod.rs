//! Stub.
use crate::{document::Document, fault::Result, note::Note};
/// Lowered.
#[derive(Debug)]
pub struct Lowered { /// d
 pub document: Document, /// n
 pub notes: Vec<Note> }
/// Lower.
pub fn lower(document: Document) -> Result<Lowered> { Ok(Lowered{document, notes: vec![]}) }
