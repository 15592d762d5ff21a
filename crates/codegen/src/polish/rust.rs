//! Types of the plan as Rust tokens.

use crate::normalize::plan::Ty;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    AttrStyle, Attribute, Expr, ExprLit, Lit, LitStr, MacroDelimiter, Meta, MetaList, MetaNameValue,
};

/// The Rust type of `ty`; `types` is the path at which the document's own types are found.
pub(super) fn ty(ty: &Ty, types: &TokenStream) -> TokenStream {
    match ty {
        Ty::Any => quote!(::serde_json::Value),
        Ty::Object => {
            quote!(::serde_json::Map<::std::string::String, ::serde_json::Value>)
        }
        Ty::Boolean => quote!(bool),
        Ty::Int32 => quote!(i32),
        Ty::Int64 => quote!(i64),
        Ty::UInt64 => quote!(u64),
        Ty::Number => quote!(f64),
        Ty::String => quote!(::std::string::String),
        Ty::Timestamp => quote!(::conversations_runtime::Timestamp),
        Ty::File => quote!(::conversations_runtime::FilePart),
        Ty::List(inner) => {
            let inner = self::ty(inner, types);
            quote!(::std::vec::Vec<#inner>)
        }
        Ty::Map(inner) => {
            let inner = self::ty(inner, types);
            quote!(::std::collections::BTreeMap<::std::string::String, #inner>)
        }
        Ty::Nullable(inner) => {
            let inner = self::ty(inner, types);
            quote!(::std::option::Option<#inner>)
        }
        Ty::Named(name) => {
            let name = ident(name);
            quote!(#types #name)
        }
    }
}

/// How a value of `ty` is read, as a type of the run-time.
pub(super) fn form(ty: &Ty) -> TokenStream {
    let (outer, inner) = match ty {
        Ty::List(inner) if **inner == Ty::Object => {
            return quote!(
                ::conversations_runtime::runtime::de::List<
                    ::conversations_runtime::runtime::de::FreeObject,
                >
            );
        }
        Ty::List(inner) => (quote!(List), inner),
        Ty::Map(inner) => (quote!(Dictionary), inner),
        Ty::Nullable(inner) => (quote!(Nullable), inner),
        Ty::Any
        | Ty::Object
        | Ty::Boolean
        | Ty::Int32
        | Ty::Int64
        | Ty::UInt64
        | Ty::Number
        | Ty::String
        | Ty::Timestamp
        | Ty::File
        | Ty::Named(_) => return quote!(::conversations_runtime::runtime::de::Plain),
    };
    let inner = form(inner);
    quote!(::conversations_runtime::runtime::de::#outer<#inner>)
}

/// An identifier, keywords escaped with an underscore.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(&crate::names::escape(name), Span::call_site())
}

/// A doc attribute per paragraph-preserving line; nothing for an empty text.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = doc_lines(text);
    quote!(#(#[doc = #lines])*)
}

/// The same as syntax, which is not parsed from tokens: there are more of these than of anything else.
pub(super) fn docs(text: &str) -> Vec<Attribute> {
    let attribute = |line: String| {
        let lit = Lit::Str(LitStr::new(&line, Span::call_site()));
        attribute(Meta::NameValue(MetaNameValue {
            path: Ident::new("doc", Span::call_site()).into(),
            eq_token: Default::default(),
            value: Expr::Lit(ExprLit { attrs: Vec::new(), lit }),
        }))
    };
    doc_lines(text).into_iter().map(attribute).collect()
}

/// An attribute that is a word alone, such as `#[must_use]`.
pub(super) fn flag(word: &str) -> Attribute {
    attribute(Meta::Path(Ident::new(word, Span::call_site()).into()))
}

/// An attribute that is a word with tokens in parentheses, such as `#[derive(Debug)]`.
pub(super) fn list(word: &str, tokens: TokenStream) -> Attribute {
    let path = Ident::new(word, Span::call_site()).into();
    let delimiter = MacroDelimiter::Paren(Default::default());
    attribute(Meta::List(MetaList { path, delimiter, tokens }))
}

fn attribute(meta: Meta) -> Attribute {
    let (pound_token, bracket_token) = Default::default();
    Attribute { pound_token, style: AttrStyle::Outer, bracket_token, meta }
}

fn doc_lines(text: &str) -> Vec<String> {
    let text: String = text.chars().filter(|it| is_printed(*it)).collect();
    let line = |line: &str| if line.is_empty() { String::new() } else { format!(" {line}") };
    text.trim_end().lines().map(line).collect()
}

/// Whether rustc takes a character in a comment: it refuses what reorders the line that one reads, and a
/// carriage return of its own.
fn is_printed(c: char) -> bool {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !reorders && (!c.is_control() || c == '\n' || c == '\t')
}

/// A text that a doc alias can hold, or `None`.
pub(super) fn alias(text: &str) -> Option<&str> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    (!text.is_empty() && text.chars().all(fine)).then_some(text)
}
