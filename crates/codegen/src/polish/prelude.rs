//! Paths as short as they can be: names of Rust's prelude, and the run time as `rt`.
//!
//! Progenitor, typify and polish write paths in full or by their last name alone, whatever the document calls its types.
//! Here each becomes the short name where that is free, and the full path where an item of the module has it.

use proc_macro2::Span;
use std::collections::BTreeSet;
use syn::{Ident, Item, Path, PathSegment, QSelf, parse_quote, visit_mut::VisitMut};

/// The prelude's types and traits that generated code names, each with its module of `std`.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "boxed"),
    ("Clone", "clone"),
    ("Default", "default"),
    ("From", "convert"),
    ("Into", "convert"),
    ("Option", "option"),
    ("Result", "result"),
    ("String", "string"),
    ("ToString", "string"),
    ("TryFrom", "convert"),
    ("TryInto", "convert"),
    ("Vec", "vec"),
];

/// Shortens the paths of a module, and those of the modules inside it.
pub(super) fn shorten(module: &mut syn::ItemMod) {
    Shortener::default().visit_item_mod_mut(module);
}

/// Shortens the paths of an item that stands in a module whose items have no names of the prelude.
pub(crate) fn shorten_item(item: &mut Item) {
    Shortener::default().visit_item_mut(item);
}

/// Writes paths anew in a module.
#[derive(Default)]
struct Shortener {
    /// The names of the module's own items.
    taken: BTreeSet<String>,
    /// Whether something in it is of the run time.
    uses_runtime: bool,
}

impl Shortener {
    /// How many of the first segments go, and which come in their place.
    fn rewritten(&mut self, path: &Path) -> Option<(usize, Vec<PathSegment>)> {
        let names: Vec<String> =
            path.segments.iter().take(3).map(|it| it.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let known = |name: &str| PRELUDE.iter().find(|(it, _)| *it == name);
        match names.as_slice() {
            ["rt", ..] => {
                self.uses_runtime = true;
                None
            }
            ["conversations_runtime", "runtime", ..] => {
                self.uses_runtime = true;
                Some((2, vec![parse_quote!(rt)]))
            }
            ["std", module, name]
                if !self.taken.contains(*name)
                    && known(name).is_some_and(|(_, it)| it == module) =>
            {
                Some((2, Vec::new()))
            }
            // A name alone is Rust's: the module's own items are named by way of `super` or `crate`.
            [name, ..] if path.leading_colon.is_none() && self.taken.contains(*name) => {
                let (_, module) = known(name)?;
                let module = PathSegment::from(Ident::new(module, Span::call_site()));
                Some((0, vec![parse_quote!(std), module]))
            }
            _ => None,
        }
    }

    fn rewrite(&mut self, path: &mut Path, whose: Option<&mut QSelf>) {
        let Some((gone, new)) = self.rewritten(path) else { return };
        if let Some(whose) = whose.filter(|it| it.position > 0) {
            whose.position = whose.position + new.len() - gone;
        }
        path.leading_colon = (gone == 0).then(Default::default);
        path.segments = new.into_iter().chain(path.segments.iter().skip(gone).cloned()).collect();
    }
}

impl VisitMut for Shortener {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        let Some((_, items)) = &mut module.content else { return };
        let own = items.iter().filter_map(|it| match it {
            Item::Struct(it) => Some(it.ident.to_string()),
            Item::Enum(it) => Some(it.ident.to_string()),
            _ => None,
        });
        let mut inner = Self { taken: own.collect(), uses_runtime: false };
        items.iter_mut().for_each(|it| inner.visit_item_mut(it));
        if inner.uses_runtime {
            items.insert(
                0,
                parse_quote!(
                    use ::conversations_runtime::runtime as rt;
                ),
            );
        }
    }

    fn visit_macro_mut(&mut self, it: &mut syn::Macro) {
        self.uses_runtime |= it.path.segments.first().is_some_and(|it| it.ident == "rt");
        syn::visit_mut::visit_macro_mut(self, it);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        // What an `impl` is for is a type of the document.
        let own = item.self_ty.clone();
        syn::visit_mut::visit_item_impl_mut(self, item);
        item.self_ty = own;
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        syn::visit_mut::visit_path_mut(self, path);
        self.rewrite(path, None);
    }

    fn visit_type_path_mut(&mut self, it: &mut syn::TypePath) {
        it.path.segments.iter_mut().for_each(|it| self.visit_path_segment_mut(it));
        if let Some(whose) = &mut it.qself {
            self.visit_type_mut(&mut whose.ty);
        }
        self.rewrite(&mut it.path, it.qself.as_mut());
    }

    fn visit_expr_path_mut(&mut self, it: &mut syn::ExprPath) {
        it.path.segments.iter_mut().for_each(|it| self.visit_path_segment_mut(it));
        if let Some(whose) = &mut it.qself {
            self.visit_type_mut(&mut whose.ty);
        }
        self.rewrite(&mut it.path, it.qself.as_mut());
    }
}
