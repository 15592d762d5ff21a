//! How a structure reads its members; `de` of the run-time says why this is not left to serde's derive.

use super::rust::{self, ident};
use crate::normalize::plan::{Field, NULLS_FIELD, StructDef, Ty};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// How the structure called `name` is read; `is_option` says which of its fields typify made an `Option`.
pub(super) fn item(name: &str, def: &StructDef, is_option: impl Fn(&Field) -> bool) -> TokenStream {
    let own = ident(name);
    let mut numbers = Vec::new();
    let mut variables = Vec::new();
    let mut arms = Vec::new();
    let mut values = Vec::new();
    for field in &def.fields {
        let reading = Reading::of(field, is_option(field));
        let variable = format_ident!("member_{}", numbers.len());
        let number = Literal::usize_unsuffixed(numbers.len());
        let (wire, read) = (&field.wire, reading.read(&variable));
        numbers.push(quote!(#wire => #number));
        variables.push(variable.clone());
        arms.push(quote!(#number => #read));
        let mut value = quote!(#variable);
        if !field.aliases.is_empty() {
            // Another spelling must not stand in the way of the documented one, even if it cannot be read.
            let other = format_ident!("member_{}", numbers.len());
            let (number, aliases) = (Literal::usize_unsuffixed(numbers.len()), &field.aliases);
            let read = Reading { required: false, ..reading.clone() }.read(&other);
            numbers.push(quote!(#(#aliases)|* => #number));
            variables.push(other.clone());
            arms.push(quote!(#number => #read));
            value = quote!(#variable.or(#other));
        }
        let value = match reading {
            Reading { required: true, .. } => {
                quote!(members.demand(#value, #wire)?)
            }
            Reading { is_option: true, .. } => value,
            Reading { .. } => quote!(#value.unwrap_or_default()),
        };
        let field = ident(&field.name);
        values.push(quote!(#field: #value));
    }
    let open = def.extra.is_some();
    let (others, rest) = match &def.extra {
        None => (quote!(), quote!(members.ignore()?)),
        Some(ty) => {
            let form = rust::form(ty);
            values.push(quote!(extra));
            (
                quote!(let mut extra = ::std::default::Default::default();),
                quote!(members.keep::<#form, _>(&mut extra)?),
            )
        }
    };
    if def.has_nulls() {
        let nulls = ident(NULLS_FIELD);
        values.push(quote!(#nulls: None));
    }
    let locals = match variables.is_empty() {
        true => quote!(),
        false => {
            let none = variables.iter().map(|_| quote!(None));
            quote!(let (#(mut #variables,)*) = (#(#none,)*);)
        }
    };
    quote! {
        impl<'de> ::conversations_runtime::runtime::de::Structure<'de> for #own {
            const OPEN: bool = #open;
            fn number(name: &str) -> usize {
                match name {
                    #(#numbers,)*
                    _ => ::conversations_runtime::runtime::de::UNKNOWN,
                }
            }
            fn read<A: ::serde::de::MapAccess<'de>>(
                mut members: ::conversations_runtime::runtime::de::Members<A, Self>,
            ) -> ::std::result::Result<Self, A::Error> {
                #locals
                #others
                while let Some(number) = members.next()? {
                    match number {
                        #(#arms,)*
                        _ => #rest,
                    }
                }
                Ok(Self { #(#values),* })
            }
        }
    }
}

/// How one field is read.
#[derive(Clone)]
struct Reading {
    form: TokenStream,
    required: bool,
    is_option: bool,
}

impl Reading {
    fn of(field: &Field, is_option: bool) -> Self {
        let mut form = match &field.ty {
            Ty::List(inner) if field.accept_empty_object => {
                let inner = rust::form(inner);
                quote!(::conversations_runtime::runtime::de::ListOrEmptyObject<#inner>)
            }
            ty => rust::form(ty),
        };
        let has_empty = matches!(field.ty, Ty::List(_) | Ty::Map(_) | Ty::Object);
        // Only what has a value for absence may be absent.
        let required = !is_option && (field.required || !has_empty);
        if required && has_empty {
            form = quote!(::conversations_runtime::runtime::de::NullAsEmpty<#form>);
        }
        Self { form, required, is_option }
    }

    fn read(&self, into: &Ident) -> TokenStream {
        let form = &self.form;
        if self.required {
            quote!(members.required::<#form, _>(&mut #into)?)
        } else {
            quote!(members.optional::<#form, _>(&mut #into)?)
        }
    }
}
