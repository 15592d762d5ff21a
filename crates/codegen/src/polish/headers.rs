//! The headers that the document lists for answers, as a structure of each operation that has any.

use super::rust::{self, doc, ident};
use crate::normalize::plan::{HeaderPlan, OperationPlan, Plan, Ty};
use quote::quote;
use syn::{Item, parse_quote};

/// The structures, each with its reading.
pub(super) fn items(plan: &Plan) -> Vec<Item> {
    let with_headers = plan.operations.iter().filter(|it| !it.headers.is_empty());
    with_headers.flat_map(structure).collect()
}

fn structure(operation: &OperationPlan) -> Vec<Item> {
    let name = operation.headers_name();
    let own = ident(&name);
    let method = ident(&operation.name);
    let about = doc(&format!(
        "The headers that the document lists for answers of [`Client::{method}`]; `headers_as` of a response or an error reads them."
    ));
    let at = quote!(types::);
    let fields = operation.headers.iter().map(|header| {
        let (field, ty) = (ident(&header.name), rust::ty(&header.ty, &at));
        let text = match header.doc.as_str() {
            "" => format!("`{}`.", header.wire),
            text => format!("`{}`: {text}", header.wire),
        };
        let (text, deprecated) = (doc(&text), header.deprecated.then(|| quote!(#[deprecated])));
        quote!(#text #deprecated pub #field: ::std::option::Option<#ty>)
    });
    let read = operation.headers.iter().map(|header| {
        let (field, wire) = (ident(&header.name), &header.wire);
        match &header.ty {
            Ty::List(_) => {
                quote!(#field: ::conversations_runtime::runtime::header_list(headers, #wire))
            }
            _ => quote!(#field: ::conversations_runtime::runtime::header(headers, #wire)),
        }
    });
    let shown = operation.headers.iter().map(|header| {
        let (field, text) = (ident(&header.name), &header.name);
        match is_secret(header) {
            true => quote!(.field(#text, &self.#field.as_ref().map(|_| "[secret]"))),
            false => quote!(.field(#text, &self.#field)),
        }
    });
    let file: syn::File = parse_quote! {
        #about
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        #[allow(deprecated)]
        pub struct #own { #(#fields),* }
        #[allow(deprecated)]
        impl ::conversations_runtime::DocumentedHeaders for #own {
            fn read(headers: &::conversations_runtime::HeaderMap) -> Self {
                Self { #(#read),* }
            }
        }
        #[allow(deprecated)]
        impl ::std::fmt::Debug for #own {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name) #(#shown)* .finish()
            }
        }
    };
    file.items
}

/// Whether a header carries what proves who the caller is.
fn is_secret(header: &HeaderPlan) -> bool {
    ["set-cookie", "authorization"].iter().any(|it| header.wire.eq_ignore_ascii_case(it))
}
