//! What a call answers: its type, how it is read, and what its documentation says of errors.

use super::rust::{self, doc, ident};
use crate::normalize::plan::{Answer, OperationPlan, Plan, Ty};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

/// The type of an answer and how it is read.
pub(super) fn answer(answer: &Answer, operation: &OperationPlan) -> (TokenStream, TokenStream) {
    let at = quote!(types::);
    match answer {
        Answer::Empty => (quote!(()), quote!(answer.empty())),
        // An object of which nothing is known says no more than no body does; but who asks for one and gets nothing was
        // not answered.
        Answer::Json(ty @ (Ty::Any | Ty::Object | Ty::Map(_)))
            if !matches!(operation.method.as_str(), "GET" | "HEAD") =>
        {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (ty, quote!(answer.json_or_empty::<#form, _>()))
        }
        Answer::Json(ty) => {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (ty, quote!(answer.json::<#form, _>()))
        }
        Answer::OptionalJson(ty) => {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (quote!(::std::option::Option<#ty>), quote!(answer.json_optional::<#form, _>()))
        }
        Answer::Stream(items) => {
            let (form, ty) = (rust::form(&items.ty), rust::ty(&items.ty, &at));
            let stream = quote!(::conversations_runtime::ItemStream);
            match (items.are_events, &items.ty) {
                (false, _) => (quote!(#stream<#ty>), quote!(answer.lines::<#form, _>())),
                (true, Ty::String) => (
                    quote!(#stream<::conversations_runtime::Event<::std::string::String>>),
                    quote!(answer.text_events()),
                ),
                (true, _) => (
                    quote!(#stream<::conversations_runtime::Event<#ty>>),
                    quote!(answer.events::<#form, _>()),
                ),
            }
        }
        Answer::Redirect => (quote!(::conversations_runtime::Redirect), quote!(answer.redirect())),
        Answer::Text => (quote!(::std::string::String), quote!(answer.text())),
        Answer::Bytes => (quote!(::conversations_runtime::runtime::Bytes), quote!(answer.bytes())),
        Answer::ByStatus(cases) => {
            let own = answer_name(operation);
            let arms = cases.iter().map(|(status, name, case)| {
                let variant = ident(name);
                let pattern = match status.parse::<u16>() {
                    Ok(code) => quote!(#code),
                    Err(_) if is_range_of_redirects(status) => quote!(300..=399),
                    Err(_) => quote!(_),
                };
                let wrap = quote!(super::#own::#variant);
                match case {
                    Answer::Empty => {
                        quote!(#pattern => answer.empty().map(|it| it.map(|()| #wrap)))
                    }
                    other => {
                        // Written out, since nothing else says what is read.
                        let (ty, read) = self::answer(other, operation);
                        quote!(#pattern => #read.map(|it: ::conversations_runtime::Response<#ty>| it.map(#wrap)))
                    }
                }
            });
            let has_range = cases.iter().any(|(status, _, _)| takes_the_rest(status));
            let rest = if has_range {
                quote!()
            } else {
                // Any 2xx is a success, with a body or without.
                quote!(_ => answer.json_optional::<::conversations_runtime::runtime::de::Plain, _>().map(
                    |it: ::conversations_runtime::Response<::std::option::Option<::serde_json::Value>>| {
                        it.map(|value| super::#own::Undocumented(value.unwrap_or_default()))
                    },
                ))
            };
            (quote!(super::#own), quote!(match answer.status().as_u16() { #(#arms,)* #rest }))
        }
    }
}

fn is_range_of_redirects(status: &str) -> bool {
    status.eq_ignore_ascii_case("3xx")
}

/// Whether the answer of a status is that of every success which no other names.
fn takes_the_rest(status: &str) -> bool {
    status.parse::<u16>().is_err() && !is_range_of_redirects(status)
}

fn answer_name(operation: &OperationPlan) -> proc_macro2::Ident {
    ident(&format!("{}Answer", operation.type_name))
}

/// Enums for operations whose successes differ by status.
pub(super) fn answers(plan: &Plan) -> Vec<Item> {
    let mut out = Vec::new();
    for operation in &plan.operations {
        let Answer::ByStatus(cases) = &operation.answer else { continue };
        let own = answer_name(operation);
        let about =
            doc(&format!("What [`Client::{0}`] answers, by status.", ident(&operation.name)));
        let mut has_range = false;
        let variants: Vec<TokenStream> = cases
            .iter()
            .map(|(status, name, case)| {
                has_range |= takes_the_rest(status);
                let text = doc(&format!("Status {status}."));
                let name = ident(name);
                match case {
                    Answer::Empty => quote!(#text #name),
                    other => {
                        let (ty, _) = answer(other, operation);
                        quote!(#text #name(#ty))
                    }
                }
            })
            .collect();
        let rest = if has_range {
            quote!()
        } else {
            quote! {
                /// A success whose status the document does not list; null where it has no body.
                Undocumented(::serde_json::Value),
            }
        };
        out.push(parse_quote! {
            #about
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #own { #(#variants,)* #rest }
        });
    }
    out
}

pub(super) fn error_docs(operation: &OperationPlan) -> String {
    let mut text = String::from(
        "[`Error`](::conversations_runtime::Error) has status, code and message of a refusal, and whether the call may have been carried out.",
    );
    if !operation.errors.is_empty() {
        text.push_str(" The document lists ");
        let listed: Vec<String> = operation
            .errors
            .iter()
            .map(|(status, ty)| match ty {
                Some(Ty::Named(name)) => format!("{status} ([`types::{name}`])"),
                _ => status.clone(),
            })
            .collect();
        text.push_str(&listed.join(", "));
        text.push('.');
    }
    text
}
