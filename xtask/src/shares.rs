//! How much of a client progenitor and typify wrote, and how much is ours.
//!
//! Counted are the tokens of what a client is made of: fields, signatures and statements. A part is theirs where they
//! wrote the same part at the same place; attributes, documentation and the paths before a name are left aside.

use crate::root;
use anyhow::Context as _;
use conversations_codegen::{
    emit::{self, Emitted, emit},
    load::load,
    normalize::normalize,
    overlay::overlay,
    polish::polish,
    print::print,
    reconcile::{Reconciled, reconcile},
};
use conversations_document::{deep, fault, lower::lower};
use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use std::{collections::BTreeSet, path::Path};
use syn::{ImplItem, Item};

/// Tokens of a client, by who wrote them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares {
    /// Progenitor: the client's methods and the builders of operations.
    pub progenitor: usize,
    /// Typify: structures and their builders.
    pub typify: usize,
    /// `polish`.
    pub own: usize,
}

/// Who writes how much of the client of a provider's folder.
pub fn written_by(root: &Path, name: &str) -> anyhow::Result<Shares> {
    let sources = root::sources(root, name)?;
    let (theirs, source) = deep(|| -> fault::Result<(Vec<Part>, String)> {
        let Reconciled { document, provider, sdk_names, notes: _, findings: _ } =
            reconcile(overlay(load(&sources)?)?)?;
        let file = document.file.clone();
        let lowered = lower(document)?;
        let normalized = normalize(&lowered.document, &sdk_names, &provider, lowered.notes)?;
        let emitted = || emit(&normalized, &file);
        let polished = polish(emitted()?, &normalized.plan, &provider)?;
        let mut theirs = Vec::new();
        written(emitted()?, "", &mut theirs)?;
        Ok((theirs, print(&polished, &file)))
    })??;
    let source = deep(|| syn::parse_file(&source).map(|it| parts(&it)))?;
    Ok(shares(theirs, source.context("the client does not parse")?))
}

/// What progenitor and typify wrote, module by module.
fn written(emitted: Emitted<'_>, place: &str, out: &mut Vec<Part>) -> fault::Result<()> {
    for part in emitted {
        match part? {
            emit::Part::Items(items) => below(&items, place, out),
            emit::Part::Module(module, inner) => {
                written(inner, format!("{place}::{}", module.ident).trim_start_matches(':'), out)?;
            }
        }
    }
    Ok(())
}

/// Compares what progenitor and typify wrote with what became of it.
fn shares(emitted: Vec<Part>, polished: Vec<Part>) -> Shares {
    let theirs: BTreeSet<Part> = emitted.into_iter().collect();
    let mut out = Shares::default();
    for part in polished {
        let count = part.tokens.len();
        match (theirs.contains(&part), part.place.starts_with("types")) {
            (true, true) => out.typify += count,
            (true, false) => out.progenitor += count,
            (false, _) => out.own += count,
        }
    }
    out
}

/// A field, a signature, a statement, or an item as a whole.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    place: String,
    tokens: Vec<String>,
}

fn parts(file: &syn::File) -> Vec<Part> {
    let mut out = Vec::new();
    below(&file.items, "", &mut out);
    out
}

fn below(items: &[Item], place: &str, out: &mut Vec<Part>) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    below(items, format!("{place}::{}", module.ident).trim_start_matches(':'), out);
                }
            }
            Item::Struct(it) => {
                let place = format!("{place}::{}", it.ident);
                for field in &it.fields {
                    let (name, ty) = (&field.ident, &field.ty);
                    add(&place, quote::quote!(#name: #ty), out);
                }
            }
            Item::Impl(it) => {
                let (of, own) = (it.trait_.as_ref().map(|(path, _)| path), &it.self_ty);
                let whose = plain(quote::quote!(#of for #own));
                let place = format!("{place}::{}", whose.join(" "));
                for item in &it.items {
                    match item {
                        ImplItem::Fn(it) => {
                            let place = format!("{place}::{}", it.sig.ident);
                            add(&place, it.sig.to_token_stream(), out);
                            for statement in &it.block.stmts {
                                add(&place, statement.to_token_stream(), out);
                            }
                        }
                        other => add(&place, other.to_token_stream(), out),
                    }
                }
            }
            other => add(place, other.to_token_stream(), out),
        }
    }
}

fn add(place: &str, tokens: TokenStream, out: &mut Vec<Part>) {
    let place = place.trim_start_matches(':').to_owned();
    out.push(Part { place, tokens: plain(tokens) });
}

/// The tokens in order, without attributes and without the paths before a name.
fn plain(tokens: TokenStream) -> Vec<String> {
    let mut flat = Vec::new();
    flatten(tokens, &mut flat);
    let mut out: Vec<String> = Vec::new();
    for token in flat {
        if token == "::" {
            // What stands before it is a step of the way to the name.
            if out.last().is_some_and(|it| it.chars().all(|c| c.is_alphanumeric() || c == '_')) {
                out.pop();
            }
        } else {
            out.push(token);
        }
    }
    out
}

fn flatten(tokens: TokenStream, out: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(it) if it.as_char() == '#' => {
                tokens.next_if(|it| matches!(it, TokenTree::Punct(it) if it.as_char() == '!'));
                tokens.next_if(|it| matches!(it, TokenTree::Group(_)));
            }
            TokenTree::Punct(it) if it.as_char() == ':' && it.spacing() == Spacing::Joint => {
                tokens.next();
                out.push("::".to_owned());
            }
            TokenTree::Group(group) => {
                out.push("(".to_owned());
                flatten(group.stream(), out);
                // Which lists end with a comma is the printer's choice.
                out.pop_if(|it| it == ",");
                out.push(")".to_owned());
            }
            other => out.push(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn paths_and_attributes_are_left_aside() {
        let emitted = parse_quote! {
            pub struct Client { base: String, other: u8 }
            impl Client { pub fn get(&self) -> Result<u8, Error> { let x = 1; x + 1 } }
            pub mod types { #[derive(Debug)] pub struct Note { #[serde(default)] pub id: Option<String> } }
        };
        let polished = parse_quote! {
            pub struct Client { core: Core }
            impl Client { #[doc = "Gets."] pub fn get(&self) -> ::std::result::Result<u8, Error> { let x = 1; x + 2 } }
            pub mod types { pub struct Note { pub id: ::std::option::Option<String> } }
        };
        let shares = shares(parts(&emitted), parts(&polished));
        let count = |tokens| plain(tokens).len();
        let kept = count(quote::quote!(fn get(&self) -> Result<u8, Error>))
            + count(quote::quote!(let x = 1;));
        let own = count(quote::quote!(core: Core)) + count(quote::quote!(x + 2));
        let typify = count(quote::quote!(id: Option<String>));
        assert_eq!(shares, Shares { progenitor: kept, typify, own });
    }
}
