//! From Rust syntax to text. The only user of prettyplease.

/// The source text of a file, ready to be included from a module.
pub fn print(file: &syn::File, origin: &str) -> String {
    format!(
        "// Generated from {origin}. Do not edit: change the YAML beside it and build again.\n\n{}",
        prettyplease::unparse(file)
    )
}
