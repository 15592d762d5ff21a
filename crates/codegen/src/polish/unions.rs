//! Unions: one of several types, distinguished by what the value looks like.

use super::rust::{self, doc, ident};
use crate::normalize::plan::{Def, Plan, StructDef, Ty, UnionDef};
use conversations_document::Pointer;
use proc_macro2::TokenStream;
use quote::quote;

/// The union called `name` with its conversions.
pub(super) fn item(name: &str, def: &UnionDef, plan: &Plan, nullable: bool) -> TokenStream {
    let own = ident(name);
    let about = if def.doc.is_empty() {
        format!("One of the types that `{name}` may be.")
    } else {
        def.doc.clone()
    };
    let about = doc(&about);
    let here = TokenStream::new();
    let mut variants = Vec::new();
    let mut cases = Vec::new();
    let mut read = Vec::new();
    let mut candidates = Vec::new();
    let mut from = Vec::new();
    let mut given = Vec::new();
    let mut tags = Vec::new();
    for (i, variant) in def.variants.iter().enumerate() {
        let case = ident(&variant.name);
        let inner = rust::ty(&variant.ty, &here);
        let held = if variant.boxed { quote!(::std::boxed::Box<#inner>) } else { inner.clone() };
        let text = if def.base == Some(i) {
            doc(
                "A kind that the document does not list, with what all kinds have; what else it has is kept beside.",
            )
        } else {
            doc(&format!("`{}`", describe(&variant.ty)))
        };
        variants.push(quote!(#text #case(#held)));
        cases.push(case.clone());
        let form = rust::form(&variant.ty);
        let wrapped = if variant.boxed { quote!(.map(::std::boxed::Box::new)) } else { quote!() };
        read.push(quote! {
            #i => ::conversations_runtime::runtime::de::read::<#form, #inner, D>(deserializer) #wrapped .map(Self::#case)
        });
        candidates.push(candidate(&variant.ty, plan));
        if !variant.tags.is_empty() {
            let words = &variant.tags;
            tags.push(quote!(#(Some(#words))|* => ::conversations_runtime::runtime::union::Named::Member(#i)));
        }
        // Two alternatives of one Rust type would make the conversion ambiguous.
        let alone = def.variants.iter().filter(|it| it.ty == variant.ty).count() == 1;
        let plain = !matches!(variant.ty, Ty::Any);
        if alone && plain {
            let wrap =
                if variant.boxed { quote!(::std::boxed::Box::new(value)) } else { quote!(value) };
            from.push(quote! {
                impl ::std::convert::From<#inner> for #own {
                    fn from(value: #inner) -> Self {
                        Self::#case(#wrap)
                    }
                }
            });
            let literal = literal(&variant.ty, def);
            from.extend(literal.iter().map(|of| {
                quote! {
                    impl ::std::convert::From<#of> for #own {
                        fn from(value: #of) -> Self {
                            Self::from(#inner::from(value))
                        }
                    }
                }
            }));
            given.push(inner);
            given.extend(literal);
        }
    }
    // What the discriminator names decides; what the value looks like counts only where it names nothing.
    let named = match &def.discriminator {
        Some(property) if !tags.is_empty() => {
            let other = match def.base {
                Some(i) => quote!(Member(#i)),
                None => quote!(NoMember),
            };
            quote! {
                fn named(value: &::serde_json::Value) -> ::conversations_runtime::runtime::union::Named {
                    match value.get(#property).and_then(::serde_json::Value::as_str) {
                        #(#tags,)*
                        Some(_) => ::conversations_runtime::runtime::union::Named::#other,
                        None => ::conversations_runtime::runtime::union::Named::Unsaid,
                    }
                }
            }
        }
        _ => quote!(),
    };
    let may_be_given = def.in_request && !given.is_empty();
    let taken = may_be_given.then(|| quote!(rt::given! { #own: #(#given),* }));
    let nullable =
        (may_be_given && nullable).then(|| quote!(rt::nullable! { #(#given => #own),* }));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #own {
            #(#variants,)*
            /// A value that fits none of the documented types, as it was received; it is sent back unchanged.
            Unknown(::serde_json::Value),
        }
        impl ::conversations_runtime::runtime::union::Union for #own {
            const CANDIDATES: &'static [::conversations_runtime::runtime::union::Candidate] = &[#(#candidates),*];
            #named
            fn read<'de, D: ::serde::Deserializer<'de>>(member: usize, deserializer: D) -> ::std::result::Result<Self, D::Error> {
                match member {
                    #(#read,)*
                    _ => ::conversations_runtime::runtime::union::no_member(),
                }
            }
            fn unknown(value: ::serde_json::Value) -> Self {
                Self::Unknown(value)
            }
        }
        #(#from)*
        rt::alternatives! { #own: #(#cases),* }
        #taken
        #nullable
    }
}

/// The type that a literal has where one of an alternative is meant, and it is another.
fn literal(ty: &Ty, def: &UnionDef) -> Option<TokenStream> {
    match ty {
        Ty::String => Some(quote!(&str)),
        Ty::Int64 if def.variants.iter().all(|it| it.ty != Ty::Int32) => Some(quote!(i32)),
        _ => None,
    }
}

/// What a value must look like to be this alternative.
fn candidate(ty: &Ty, plan: &Plan) -> TokenStream {
    // A parent and its children all have what its base has.
    if let Ty::Named(name) = ty
        && let Some(Def::Union(def)) = plan.defs.get(name)
        && let Some(base) = def.base.and_then(|it| def.variants.get(it))
    {
        return candidate(&base.ty, plan);
    }
    let kind = match ty {
        Ty::Any => quote!(Any),
        Ty::Boolean => quote!(Boolean),
        Ty::Int32 | Ty::Int64 | Ty::UInt64 => quote!(Integer),
        Ty::Number => quote!(Number),
        Ty::String => quote!(String),
        Ty::Timestamp | Ty::File | Ty::Nullable(_) => quote!(Any),
        Ty::List(_) => quote!(Array),
        Ty::Map(_) | Ty::Object => quote!(Object),
        Ty::Named(name) => match plan.defs.get(name) {
            Some(Def::Enum(_)) => quote!(String),
            Some(Def::Struct(_)) => quote!(Object),
            Some(Def::Union(_)) | None => quote!(Any),
        },
    };
    let mut required: Vec<&str> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    let mut constants: Vec<TokenStream> = Vec::new();
    if let Ty::Named(name) = ty
        && let Some(Def::Struct(def)) = plan.defs.get(name)
    {
        for field in &def.fields {
            known.push(&field.wire);
            known.extend(field.aliases.iter().map(String::as_str));
            if field.required && field.aliases.is_empty() {
                required.push(&field.wire);
            }
        }
        words(def, &Pointer::from(""), plan, 0, &mut constants);
    }
    let some = |list: Vec<TokenStream>, method: TokenStream| {
        (!list.is_empty()).then(|| quote!(.#method(&[#(#list),*])))
    };
    let texts = |list: Vec<&str>| list.into_iter().map(|it| quote!(#it)).collect();
    let required = some(texts(required), quote!(with_required));
    let known = some(texts(known), quote!(with_known));
    let constants = some(constants, quote!(with_constants));
    quote! {
        ::conversations_runtime::runtime::union::Candidate::new(::conversations_runtime::runtime::union::JsonKind::#kind)
            #required #known #constants
    }
}

/// The places in a structure that hold one allowed word, which names it, with the word.
fn words(def: &StructDef, at: &Pointer, plan: &Plan, depth: usize, out: &mut Vec<TokenStream>) {
    /// Deeper no document puts what tells its alternatives apart, and structures may hold each other.
    const DEEPEST: usize = 3;
    for field in &def.fields {
        let Ty::Named(name) = &field.ty else { continue };
        let at = at.child(&field.wire);
        match plan.defs.get(name) {
            Some(Def::Enum(words)) => {
                if let [(only, _)] = words.values.as_slice() {
                    let at = at.to_string();
                    out.push(quote!((#at, #only)));
                }
            }
            Some(Def::Struct(inner)) if field.required && depth < DEEPEST => {
                words(inner, &at, plan, depth + 1, out);
            }
            _ => {}
        }
    }
}

fn describe(ty: &Ty) -> String {
    match ty {
        Ty::Any => "any JSON value".to_owned(),
        Ty::Object => "an object".to_owned(),
        Ty::Boolean => "a boolean".to_owned(),
        Ty::Int32 | Ty::Int64 | Ty::UInt64 => "a whole number".to_owned(),
        Ty::Number => "a number".to_owned(),
        Ty::String => "text".to_owned(),
        Ty::Timestamp => "a moment".to_owned(),
        Ty::File => "a file".to_owned(),
        Ty::List(inner) => format!("a list of {}", describe(inner)),
        Ty::Map(inner) => format!("a map to {}", describe(inner)),
        Ty::Nullable(inner) => format!("{} or null", describe(inner)),
        Ty::Named(name) => name.clone(),
    }
}
