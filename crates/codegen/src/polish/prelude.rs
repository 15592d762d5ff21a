//! Paths as short as they can be: names of Rust's prelude, and the run time as `rt`.
//!
//! Progenitor, typify and polish write paths in full or by their last name alone, whatever the document calls its types.
//! Here each becomes the short name where that is free, and the full path where an item of the module has it.

use proc_macro2::Span;
use std::collections::BTreeSet;
use syn::{Ident, Item, Path, PathSegment, QSelf, Type, parse_quote, visit_mut::VisitMut};

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

/// The entry of the prelude that has this name.
fn known<T: PartialEq<str> + ?Sized>(name: &T) -> Option<&'static (&'static str, &'static str)> {
    PRELUDE.iter().find(|(it, _)| *name == **it)
}

/// Shortens the paths of a module, and those of the modules inside it.
pub(super) fn shorten(module: &mut syn::ItemMod) {
    Shortener::default().visit_item_mod_mut(module);
}

/// Shortens the paths of a type of a module that has no names of the prelude.
pub(super) fn shorten_type(mut ty: Type) -> Type {
    Shortener::default().visit_type_mut(&mut ty);
    ty
}

/// The name of an item that has one which the prelude may have too.
fn own_name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(it) => Some(it.ident.to_string()),
        Item::Enum(it) => Some(it.ident.to_string()),
        _ => None,
    }
}

/// Writes paths anew in a module.
#[derive(Default)]
pub(super) struct Shortener {
    /// The names of the prelude that items of the module have.
    taken: BTreeSet<&'static str>,
    /// Whether something in it is of the run time.
    uses_runtime: bool,
}

impl Shortener {
    /// For a module whose items have these names.
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let taken = names.into_iter().filter_map(known).map(|(name, _)| *name).collect();
        Self { taken, uses_runtime: false }
    }

    /// The item with its paths shortened.
    pub(super) fn shortened(&mut self, mut item: Item) -> Item {
        self.visit_item_mut(&mut item);
        item
    }

    /// What the module has to import for the paths that were shortened.
    pub(super) fn import(&self) -> Option<Item> {
        self.uses_runtime.then(|| {
            parse_quote!(
                use ::conversations_runtime::runtime as rt;
            )
        })
    }

    /// How many of the first segments go, and which come in their place.
    fn rewritten(&mut self, path: &Path) -> Option<(usize, Vec<PathSegment>)> {
        let mut names = path.segments.iter().map(|it| &it.ident);
        let first = names.next()?;
        if first == "rt" {
            self.uses_runtime = true;
        } else if first == "conversations_runtime" && names.next().is_some_and(|it| it == "runtime")
        {
            self.uses_runtime = true;
            return Some((2, vec![parse_quote!(rt)]));
        } else if first == "std" {
            let (module, name) = (names.next()?, names.next()?);
            let (name, home) = known(name)?;
            return (module == home && !self.taken.contains(name)).then(|| (2, Vec::new()));
        } else if !self.taken.is_empty() && path.leading_colon.is_none() {
            // A name alone is Rust's: the module's own items are named by way of `super` or `crate`.
            let (name, home) = known(first)?;
            let home = PathSegment::from(Ident::new(home, Span::call_site()));
            return self.taken.contains(name).then(|| (0, vec![parse_quote!(std), home]));
        }
        None
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
        let names: Vec<String> = items.iter().filter_map(own_name).collect();
        let mut inner = Self::of(names.iter().map(String::as_str));
        items.iter_mut().for_each(|it| inner.visit_item_mut(it));
        items.splice(..0, inner.import());
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
