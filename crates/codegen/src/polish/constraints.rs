//! Rules of requests as data that the run-time checks before sending.

use super::rust::ident;
use crate::normalize::plan::{ConstraintExpr, ConstraintRef, Plan};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Item, parse_quote};

/// `mod constraints` with the rules of named schemas; nothing where nothing is to be checked.
pub(super) fn module(plan: &Plan) -> Option<Item> {
    if plan.constraints.is_empty() {
        return None;
    }
    let statics = plan.constraints.iter().map(|(name, constraints)| {
        let own = ident(name);
        let value = expr(constraints, &quote!());
        quote! {
            pub(super) static #own: ::conversations_runtime::runtime::Constraints = #value;
        }
    });
    let mut module = parse_quote! {
        // What the document demands of requests, checked before sending. Rules that others took in stand unused.
        #[allow(dead_code)]
        mod constraints {
            #(#statics)*
        }
    };
    super::prelude::shorten(&mut module);
    Some(Item::Mod(module))
}

/// A reference to the rules of a parameter or body, as seen from `mod builder`.
pub(super) fn constraints(constraints: &ConstraintRef) -> TokenStream {
    match constraints {
        ConstraintRef::Named(_) => reference(constraints, &quote!(super::constraints::)),
        ConstraintRef::Inline(constraints) if constraints.is_trivial() => {
            quote!(&::conversations_runtime::runtime::Constraints::ANY)
        }
        ConstraintRef::Inline(constraints) => {
            let value = expr(constraints, &quote!(super::constraints::));
            quote!({
                static SHAPE: ::conversations_runtime::runtime::Constraints = #value;
                &SHAPE
            })
        }
    }
}

fn reference(constraints: &ConstraintRef, at: &TokenStream) -> TokenStream {
    match constraints {
        ConstraintRef::Named(name) => {
            let own = ident(name);
            quote!(&#at #own)
        }
        ConstraintRef::Inline(constraints) => {
            let value = expr(constraints, at);
            quote!(&#value)
        }
    }
}

fn expr(constraints: &ConstraintExpr, at: &TokenStream) -> TokenStream {
    let mut out = quote!(::conversations_runtime::runtime::Constraints::ANY);
    for (rule, limit) in &constraints.rules {
        let count = limit.as_u64().unwrap_or_default();
        let bound = limit.as_f64().filter(|it| it.is_finite()).unwrap_or_default();
        out.extend(match *rule {
            "minLength" => quote!(.with_min_length(#count)),
            "maxLength" => quote!(.with_max_length(#count)),
            "minItems" => quote!(.with_min_items(#count)),
            "maxItems" => quote!(.with_max_items(#count)),
            "minProperties" => quote!(.with_min_properties(#count)),
            "maxProperties" => quote!(.with_max_properties(#count)),
            "uniqueItems" => quote!(.with_unique_items()),
            "multipleOf" => quote!(.with_multiple_of(#bound)),
            "minimum" => quote!(.with_minimum(#bound, false)),
            "exclusiveMinimum" => quote!(.with_minimum(#bound, true)),
            "maximum" => quote!(.with_maximum(#bound, false)),
            "exclusiveMaximum" => quote!(.with_maximum(#bound, true)),
            "pattern" => match limit {
                Value::String(pattern) => quote!(.with_pattern(#pattern)),
                _ => quote!(),
            },
            _ => quote!(),
        });
    }
    if !constraints.required_any.is_empty() {
        let groups = constraints.required_any.iter().map(|group| quote!(&[#(#group),*]));
        out.extend(quote!(.with_alternatives(&[#(#groups),*])));
    }
    if !constraints.properties.is_empty() {
        let properties = constraints.properties.iter().map(|(wire, inner)| {
            let inner = reference(inner, at);
            quote!((#wire, #inner))
        });
        out.extend(quote!(.with_properties(&[#(#properties),*])));
    }
    if let Some(items) = &constraints.items {
        let items = reference(items, at);
        out.extend(quote!(.with_items(#items)));
    }
    if let Some(values) = &constraints.values {
        let values = reference(values, at);
        out.extend(quote!(.with_values(#values)));
    }
    if !constraints.all_of.is_empty() {
        let all_of = constraints.all_of.iter().map(|it| reference(it, at));
        out.extend(quote!(.with_all_of(&[#(#all_of),*])));
    }
    out
}
