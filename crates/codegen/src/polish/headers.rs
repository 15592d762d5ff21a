//! The headers that the document lists for answers, as a constant each.

use super::rust::{self, doc, ident};
use crate::normalize::plan::{HeaderPlan, Plan};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

/// The module of the constants; nothing where the document lists no header.
pub(super) fn module(plan: &Plan) -> Option<Item> {
    let constants = plan.headers.iter().map(constant);
    (!plan.headers.is_empty()).then(|| {
        parse_quote! {
            /// The headers of answers that the document lists: `response.header(&headers::NAME)` reads one.
            pub mod headers { #(#constants)* }
        }
    })
}

fn constant(header: &HeaderPlan) -> TokenStream {
    let HeaderPlan { wire, name, ty, is_list, doc: about, deprecated, pointer: _, operations } =
        header;
    let methods: Vec<String> = operations
        .iter()
        .map(|it| format!("[`{0}`](super::Client::{0})", crate::names::escape(it)))
        .collect();
    let about = if about.is_empty() { format!("`{wire}`.") } else { format!("`{wire}`: {about}") };
    let about = doc(&format!("{about}\n\nOn answers of {}.", methods.join(", ")));
    let deprecated = deprecated.then(|| quote!(#[deprecated]));
    let (own, ty) = (ident(name), rust::ty(ty, &quote!(super::types::)));
    let new = if *is_list { quote!(list) } else { quote!(new) };
    quote! {
        #about
        #deprecated
        pub const #own: ::conversations_runtime::Header<#ty> = ::conversations_runtime::Header::<#ty>::#new(#wire);
    }
}
