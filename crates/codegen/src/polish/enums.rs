//! Open enums: what the document lists, and room for what the vendor adds tomorrow.

use super::rust::{doc, ident};
use crate::normalize::plan::EnumDef;
use proc_macro2::TokenStream;
use quote::quote;

/// The enum called `name` with its conversions; where a request may send a null in its place, its setters take texts too.
pub(super) fn item(name: &str, def: &EnumDef, nullable: bool) -> TokenStream {
    let own = ident(name);
    let nullable = nullable.then(|| quote!(rt::nullable! { &str => #own }));
    let about =
        if def.doc.is_empty() { format!("The values of `{name}`.") } else { def.doc.clone() };
    let about = doc(&about);
    let variants: Vec<_> = def.values.iter().map(|(_, variant)| ident(variant)).collect();
    let words: Vec<&str> = def.values.iter().map(|(word, _)| word.as_str()).collect();
    let docs = words.iter().map(|word| doc(&format!("`{}`", word.replace('`', "'"))));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #own {
            #(#docs #variants,)*
            /// A value that the document does not list, as it was received; it is sent back unchanged.
            Unknown(::std::string::String),
        }
        rt::words! { #own: #(#variants = #words),* }
        #nullable
    }
}
