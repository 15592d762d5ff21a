//! Names of Rust's prelude, written out in full.
//!
//! A document may well call a schema `Default` or an operation `result`. Progenitor names the type after
//! it, in the very module in which it goes on to write `Default::default()` or `Result<T, String>`.

use syn::{Path, visit_mut::VisitMut};

/// The prelude's types and traits that progenitor writes by their short names.
const FULL: &[(&str, &str)] = &[
    ("Box", "::std::boxed::Box"),
    ("Clone", "::std::clone::Clone"),
    ("Default", "::std::default::Default"),
    ("From", "::std::convert::From"),
    ("Into", "::std::convert::Into"),
    ("Option", "::std::option::Option"),
    ("Result", "::std::result::Result"),
    ("String", "::std::string::String"),
    ("ToString", "::std::string::ToString"),
    ("TryFrom", "::std::convert::TryFrom"),
    ("TryInto", "::std::convert::TryInto"),
    ("Vec", "::std::vec::Vec"),
];

/// Writes them out wherever they stand for Rust's own.
pub(super) struct QualifyPrelude {
    /// Whether a name alone is Rust's too. In the module of builders it is, since nothing there refers to
    /// another builder; in the module of types only what calls a function of a trait is known to be.
    pub(super) alone: bool,
}

impl VisitMut for QualifyPrelude {
    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        // What an `impl` is for is a type of the document.
        let own = item.self_ty.clone();
        syn::visit_mut::visit_item_impl_mut(self, item);
        item.self_ty = own;
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first() else { return };
        let calls_default = path.segments.len() == 2
            && first.ident == "Default"
            && path.segments.last().is_some_and(|it| it.ident == "default");
        if path.leading_colon.is_some() || !(self.alone || calls_default) {
            return;
        }
        let Some((_, full)) = FULL.iter().find(|(short, _)| first.ident == short) else { return };
        let Ok(mut full) = syn::parse_str::<Path>(full) else { return };
        if let Some(last) = full.segments.last_mut() {
            last.arguments = first.arguments.clone();
        }
        full.segments.extend(path.segments.iter().skip(1).cloned());
        *path = full;
    }
}
