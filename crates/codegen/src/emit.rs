//! From a normalised document to Rust syntax, part by part. The only user of progenitor.

use crate::normalize::{FILE, NULLS, Normalized, TIMESTAMP, plan::Def};
use conversations_document::{
    Fault,
    fault::{Code, Result},
};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree, token_stream};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use std::{
    iter::Peekable,
    panic::{AssertUnwindSafe, catch_unwind},
};
use syn::{Item, ItemMod};

/// Lets progenitor write builders and structures for the document.
///
/// # Errors
/// Where progenitor refuses the document, which normalisation should have made impossible.
pub fn emit<'a>(normalized: &Normalized, file: &'a str) -> Result<Emitted<'a>> {
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
                settings.with_replacement(name, format!("types::{name}"), impls.into_iter());
            }
            Def::Union(_) => {
                settings.with_replacement(name, format!("types::{name}"), std::iter::empty());
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
    Ok(Emitted::new(tokens, Module::Root, file))
}

/// A module that progenitor wrote, whose parts become syntax as they are asked for: tokens go as syntax comes, and all of
/// either would be most of what generation takes in memory.
#[derive(Debug)]
pub struct Emitted<'a> {
    tokens: Peekable<token_stream::IntoIter>,
    module: Module,
    file: &'a str,
    /// The next item, which was read to see where the last part ends.
    next: Option<Vec<TokenTree>>,
}

/// A part of a module.
#[derive(Debug)]
pub enum Part<'a> {
    /// An item with the implementations that follow it.
    Items(Vec<Item>),
    /// A module that has parts in turn, and stands empty here.
    Module(Box<ItemMod>, Emitted<'a>),
}

/// Which of progenitor's modules items stand in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Module {
    Root,
    /// `builder`: the calls.
    Calls,
    /// `types`, and what is inside of it but `builder`.
    Types,
    /// `types::builder`.
    Builders,
}

impl Module {
    /// The module of this name inside of it, where polish goes through that.
    fn inner(self, name: &Ident) -> Option<Self> {
        match self {
            Self::Root if name == "types" => Some(Self::Types),
            Self::Root if name == "builder" => Some(Self::Calls),
            Self::Types if name == "builder" => Some(Self::Builders),
            _ => None,
        }
    }

    /// Whether polish drops an implementation of this trait, or the run time writes it.
    fn drops_trait(self, name: &Ident) -> bool {
        self == Self::Builders && (name == "From" || name == "TryFrom")
    }

    /// Whether polish drops a function or writes its body anew: setters, which alone have type parameters, and `send`.
    fn drops_body(self, name: &Ident, is_generic: bool) -> bool {
        match self {
            Self::Calls => name == "send" || is_generic && name != "body" && name != "body_map",
            Self::Builders => is_generic,
            Self::Root | Self::Types => false,
        }
    }
}

impl<'a> Emitted<'a> {
    fn new(tokens: TokenStream, module: Module, file: &'a str) -> Self {
        Self { tokens: tokens.into_iter().peekable(), module, file, next: None }
    }

    /// The tokens of the next item.
    fn item(&mut self) -> Option<Vec<TokenTree>> {
        let is_semicolon =
            |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == ';');
        let mut out = Vec::new();
        while let Some(token) = self.tokens.next() {
            let ends = is_semicolon(&token)
                || (block(&token).is_some() && !self.tokens.peek().is_some_and(is_semicolon));
            out.push(token);
            if ends {
                break;
            }
        }
        (!out.is_empty()).then_some(out)
    }

    fn part(&mut self, mut first: Vec<TokenTree>) -> syn::Result<Part<'a>> {
        let own = match first.as_slice() {
            [.., keyword, TokenTree::Ident(name), TokenTree::Group(body)]
                if is_word(keyword, "mod") =>
            {
                self.module.inner(name).map(|module| Self::new(body.stream(), module, self.file))
            }
            _ => None,
        };
        if let Some(own) = own {
            first.pop();
            first.push(braces(TokenStream::new()));
            return Ok(Part::Module(Box::new(syn::parse2(first.into_iter().collect())?), own));
        }
        let mut items = vec![item(first, self.module)?];
        while let Some(tokens) = self.item() {
            if !is_implementation(&tokens) {
                self.next = Some(tokens);
                break;
            }
            items.push(item(tokens, self.module)?);
        }
        Ok(Part::Items(items))
    }
}

impl<'a> Iterator for Emitted<'a> {
    type Item = Result<Part<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.next.take().or_else(|| self.item())?;
        let part = self.part(first);
        Some(
            part.map_err(|error| {
                refused(self.file, &format!("its output does not parse: {error}"))
            }),
        )
    }
}

/// One item, without what polish drops of it.
fn item(mut tokens: Vec<TokenTree>, module: Module) -> syn::Result<Item> {
    let drops = |it: &TokenTree| matches!(it, TokenTree::Ident(it) if module.drops_trait(it));
    if is_implementation(&tokens)
        && let Some(body) = tokens.last().and_then(block)
    {
        let read = match tokens.iter().any(drops) {
            true => TokenStream::new(),
            false => without_dropped(body.stream(), module),
        };
        tokens.pop();
        tokens.push(braces(read));
    }
    syn::parse2(tokens.into_iter().collect())
}

fn is_implementation(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|it| is_word(it, "impl"))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(it) if it == word)
}

/// The functions of an implementation, without the bodies that nobody reads: parsing is most of what generation costs.
fn without_dropped(functions: TokenStream, module: Module) -> TokenStream {
    let mut is_dropped = false;
    let mut tokens = functions.into_iter().peekable();
    let mut out = Vec::new();
    while let Some(token) = tokens.next() {
        out.push(match &token {
            TokenTree::Ident(it) if it == "fn" => {
                let name = tokens.next();
                let opens = |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == '<');
                let is_generic = tokens.peek().is_some_and(opens);
                is_dropped = matches!(&name, Some(TokenTree::Ident(it)) if module.drops_body(it, is_generic));
                out.push(token);
                out.extend(name);
                continue;
            }
            it if is_dropped && block(it).is_some() => braces(TokenStream::new()),
            _ => token,
        });
    }
    out.into_iter().collect()
}

/// The tokens in braces, where the token is such a group.
fn block(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(it) if it.delimiter() == Delimiter::Brace => Some(it),
        _ => None,
    }
}

fn braces(tokens: TokenStream) -> TokenTree {
    Group::new(Delimiter::Brace, tokens).into()
}

fn refused(file: &str, why: &str) -> conversations_document::Faults {
    Fault::of_file(
        file,
        Code::Progenitor { error: why.to_owned() },
        "this is a fault of the generator; please report it with the document",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::{Emitted, Module, Part};
    use conversations_document::fault::Result;
    use quote::quote;

    /// What polish writes anew is not parsed, so that it need not even be Rust; what it reads is kept.
    #[test]
    fn bodies_that_nobody_reads_are_left_out() {
        let written = quote! {
            pub mod types {
                impl From<A> for B { fn from(it: A) -> Self { kept } }
                pub mod builder {
                    impl A { pub fn set<T>(mut self, it: T) -> Self { = dropped } pub fn keep(self) { kept } }
                    impl ::std::convert::TryFrom<A> for super::A { = dropped }
                }
            }
            pub mod builder {
                impl A {
                    pub fn set<T>(mut self, it: T) -> Self { = dropped }
                    pub async fn send(self) -> B { = dropped }
                    pub fn body<T>(mut self, it: T) -> Self { kept }
                }
            }
            impl Client { pub fn send(&self) { kept } }
        };
        let read = text(Emitted::new(written.clone(), Module::Root, "a test"));
        let read = read.map_err(|error| error.to_string()).unwrap();
        let kept = |text: &str| text.matches("kept").count();
        assert!(!read.contains("dropped"), "{read}");
        assert_eq!(kept(&read), kept(&written.to_string()), "{read}");
        assert!(
            text(Emitted::new(written, Module::Types, "a test")).is_err(),
            "nothing of it is left out elsewhere"
        );
    }

    fn text(emitted: Emitted<'_>) -> Result<String> {
        let mut out = String::new();
        for part in emitted {
            match part? {
                Part::Items(items) => out += &quote!(#(#items)*).to_string(),
                Part::Module(_, inner) => out += &text(inner)?,
            }
        }
        Ok(out)
    }
}
