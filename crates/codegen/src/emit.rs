//! From a normalised document to Rust syntax. The only user of progenitor.

use crate::{
    normalize::{FILE, NULLS, Normalized, TIMESTAMP, plan::Def},
    polish::shorten_item,
};
use conversations_document::{
    Fault,
    fault::{Code, Result},
};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use std::panic::{AssertUnwindSafe, catch_unwind};
use syn::Item;

/// Lets progenitor write builders and structures for the document.
///
/// `module` is the path of the module that the result will be included in, such as `crate::acme`.
///
/// # Errors
/// Where progenitor refuses the document, which normalisation should have made impossible.
pub fn emit(normalized: &Normalized, module: &str, file: &str) -> Result<syn::File> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap")
        .with_replacement(TIMESTAMP, "::conversations_runtime::Timestamp", std::iter::empty())
        .with_replacement(FILE, "::conversations_runtime::FilePart", std::iter::empty())
        .with_replacement(NULLS, "::conversations_runtime::runtime::Nulls", std::iter::empty());
    for (name, def) in &normalized.plan.defs {
        match def {
            Def::Struct(_) => {}
            Def::Enum(_) => {
                let impls = [TypeImpl::Display, TypeImpl::FromStr];
                settings.with_replacement(
                    name,
                    format!("{module}::types::{name}"),
                    impls.into_iter(),
                );
            }
            Def::Union(_) => {
                settings.with_replacement(
                    name,
                    format!("{module}::types::{name}"),
                    std::iter::empty(),
                );
            }
        }
    }
    // Whatever progenitor does with input that it was never meant to see, it must not take the build
    // down without a word on which document it was.
    let tokens = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings).generate_tokens(&normalized.openapi)
    }));
    let tokens = match tokens {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(refused(file, &error.to_string())),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            return Err(refused(file, text));
        }
    };
    let items = items(tokens, false)
        .map_err(|error| refused(file, &format!("its output does not parse: {error}")))?;
    Ok(syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
}

/// Parses item by item, so that tokens go as syntax comes: both at once would be most of what generation takes in memory.
/// Paths in `types`, where no item has a name of the prelude, are shortened at once for the same reason.
fn items(tokens: TokenStream, in_types: bool) -> syn::Result<Vec<Item>> {
    let mut out = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_semicolon =
            |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == ';');
        let is_block = matches!(&token, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace);
        let ends = is_semicolon(&token) || (is_block && !tokens.peek().is_some_and(is_semicolon));
        part.push(token);
        if ends {
            out.push(item(std::mem::take(&mut part), in_types)?);
        }
    }
    if !part.is_empty() {
        out.push(item(part, in_types)?);
    }
    Ok(out)
}

/// One item; a module's own items are parsed in turn.
fn item(mut tokens: Vec<TokenTree>, in_types: bool) -> syn::Result<Item> {
    let is_module = |it: &TokenTree| matches!(it, TokenTree::Ident(it) if it == "mod");
    let body = match tokens.as_slice() {
        [.., module, TokenTree::Ident(name), TokenTree::Group(body)] if is_module(module) => {
            Some((in_types || name == "types", body.stream()))
        }
        _ => None,
    };
    let Some((in_types, body)) = body else {
        let mut item = syn::parse2(tokens.into_iter().collect())?;
        if in_types {
            shorten_item(&mut item);
        }
        return Ok(item);
    };
    tokens.pop();
    tokens.push(Group::new(Delimiter::Brace, TokenStream::new()).into());
    let mut module: syn::ItemMod = syn::parse2(tokens.into_iter().collect())?;
    module.content = Some((Default::default(), items(body, in_types)?));
    Ok(Item::Mod(module))
}

fn refused(file: &str, why: &str) -> conversations_document::Faults {
    Fault::of_file(
        file,
        Code::Progenitor { error: why.to_owned() },
        "this is a fault of the generator; please report it with the document",
    )
    .into()
}
