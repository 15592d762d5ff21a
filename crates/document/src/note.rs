//! What a stage changed and why: the raw material of `cargo xtask explain`.

/// One lowering or normalisation that was applied to a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The stage that did it, for example `lower`.
    pub stage: &'static str,
    /// The rule by name, for example `type-array`.
    pub rule: &'static str,
    /// The JSON Pointer of the node in the document.
    pub pointer: String,
    /// The file and line the node came from, as `file:line`.
    pub origin: String,
    /// What was done, in one sentence.
    pub what: String,
    /// The limit of the generator that it avoids, where there is one.
    pub limit: Option<&'static str>,
    /// Whether the result says less than the document did.
    pub loss: bool,
}
