//! Open enums: what the document lists, and room for what the vendor adds tomorrow.

use super::rust::{doc, ident};
use crate::normalize::plan::EnumDef;
use proc_macro2::TokenStream;
use quote::quote;

/// The enum called `name` with its conversions; where a request may send a null in its place, its setters take texts too.
pub(super) fn item(name: &str, def: &EnumDef, nullable: bool) -> TokenStream {
    let own = ident(name);
    let nullable = nullable.then(|| {
        quote! {
            impl ::conversations_runtime::runtime::IntoNullable<#own> for &str {
                fn into_nullable(self) -> ::std::result::Result<::conversations_runtime::runtime::Given<#own>, ::std::string::String> {
                    Ok(::conversations_runtime::runtime::Given::Value(#own::from(self)))
                }
            }
        }
    });
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
        impl #own {
            /// The value as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #words,)*
                    Self::Unknown(value) => value,
                }
            }
        }
        impl ::std::fmt::Display for #own {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::convert::From<&str> for #own {
            fn from(value: &str) -> Self {
                match value {
                    #(#words => Self::#variants,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
        impl ::std::convert::From<::std::string::String> for #own {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }
        impl ::std::str::FromStr for #own {
            type Err = ::std::convert::Infallible;
            fn from_str(value: &str) -> ::std::result::Result<Self, ::std::convert::Infallible> {
                Ok(Self::from(value))
            }
        }
        impl ::conversations_runtime::runtime::IntoOption<#own> for &str {
            fn into_option(self) -> ::std::result::Result<::std::option::Option<#own>, ::std::string::String> {
                Ok(Some(#own::from(self)))
            }
        }
        #nullable
        impl ::serde::Serialize for #own {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> ::serde::Deserialize<'de> for #own {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(value.as_ref()))
            }
        }
    }
}
