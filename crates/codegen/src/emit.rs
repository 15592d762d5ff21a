//! From a normalised document to Rust syntax. The only user of progenitor.

use crate::{
    normalize::{FILE, NULLS, Normalized, TIMESTAMP, plan::Def},
    polish::shorten_item,
};
use conversations_document::{
    Fault,
    fault::{Code, Result},
};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
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
    let items = items(tokens, Module::Root)
        .map_err(|error| refused(file, &format!("its output does not parse: {error}")))?;
    Ok(syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
}

/// Which of progenitor's modules items stand in.
#[derive(Clone, Copy, PartialEq)]
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
    fn inner(self, name: &Ident) -> Self {
        match self {
            Self::Root if name == "types" => Self::Types,
            Self::Root if name == "builder" => Self::Calls,
            Self::Types if name == "builder" => Self::Builders,
            _ => self,
        }
    }

    /// Whether no item has a name of the prelude, so that paths are shortened at once.
    fn shortens(self) -> bool {
        matches!(self, Self::Types | Self::Builders)
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

/// Parses item by item, so that tokens go as syntax comes: both at once would be most of what generation takes in memory.
/// Paths are shortened at once for the same reason.
fn items(tokens: TokenStream, module: Module) -> syn::Result<Vec<Item>> {
    let mut out = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_semicolon =
            |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == ';');
        let ends = is_semicolon(&token)
            || (block(&token).is_some() && !tokens.peek().is_some_and(is_semicolon));
        part.push(token);
        if ends {
            out.push(item(std::mem::take(&mut part), module)?);
        }
    }
    if !part.is_empty() {
        out.push(item(part, module)?);
    }
    Ok(out)
}

/// One item; a module's own items are parsed in turn.
fn item(mut tokens: Vec<TokenTree>, module: Module) -> syn::Result<Item> {
    let is_word = |it: &TokenTree, word: &str| matches!(it, TokenTree::Ident(it) if it == word);
    let body = match tokens.as_slice() {
        [.., keyword, TokenTree::Ident(name), TokenTree::Group(body)]
            if is_word(keyword, "mod") =>
        {
            Some((module.inner(name), body.stream()))
        }
        _ => None,
    };
    let Some((module, body)) = body else {
        let drops = |it: &TokenTree| matches!(it, TokenTree::Ident(it) if module.drops_trait(it));
        if tokens.iter().any(|it| is_word(it, "impl"))
            && let Some(body) = tokens.last().and_then(block)
        {
            let read = match tokens.iter().any(drops) {
                true => TokenStream::new(),
                false => without_dropped(body.stream(), module),
            };
            tokens.pop();
            tokens.push(braces(read));
        }
        let mut item = syn::parse2(tokens.into_iter().collect())?;
        if module.shortens() {
            shorten_item(&mut item);
        }
        return Ok(item);
    };
    tokens.pop();
    tokens.push(braces(TokenStream::new()));
    let mut item: syn::ItemMod = syn::parse2(tokens.into_iter().collect())?;
    item.content = Some((Default::default(), items(body, module)?));
    Ok(Item::Mod(item))
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
    use super::{Module, items};
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
        let items = items(written.clone(), Module::Root).map_err(|error| error.to_string());
        let file = syn::File {
            shebang: None,
            frontmatter: None,
            attrs: Vec::new(),
            items: items.unwrap(),
        };
        let read = crate::print::print(&file, "a test");
        let kept = |text: &str| text.matches("kept").count();
        assert!(!read.contains("dropped"), "{read}");
        assert_eq!(kept(&read), kept(&written.to_string()), "{read}");
        assert!(
            super::items(written, Module::Types).is_err(),
            "nothing of it is left out elsewhere"
        );
    }
}
