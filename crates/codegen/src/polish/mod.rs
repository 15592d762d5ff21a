//! What progenitor wrote becomes what users see.
//!
//! Polish works on syntax and adds what neither overlay nor normalisation nor progenitor's settings can
//! say: open enums and unions, lenient reading, documentation, doc aliases, `#[non_exhaustive]`, and calls
//! over our own run-time instead of progenitor's. Whatever it meets that it does not expect is an error:
//! a new version of progenitor must not slip through half understood.

mod answers;
mod client;
mod constraints;
mod data;
mod enums;
mod events;
mod headers;
mod operations;
mod prelude;
mod reading;
mod rust;
mod sending;
mod structs;
mod unions;

use crate::{
    normalize::plan::{Def, Plan},
    provider::Provider,
};
use conversations_document::{
    Fault, Faults,
    fault::{Code, Result},
};
pub(crate) use prelude::shorten_item;
use syn::{Item, parse_quote};

/// Something in progenitor's output that the plan does not know.
pub(crate) struct UnexpectedOutput(pub(crate) String);

/// Turns progenitor's output into the module that is included.
///
/// # Errors
/// Where progenitor's output is not what the plan expects, or `auth` names an unknown scheme.
pub fn polish(file: syn::File, plan: &Plan, provider: &Provider) -> Result<syn::File> {
    let mut unexpected: Vec<UnexpectedOutput> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let mut items: Vec<Item> = client::items(plan, provider);
    items.extend(data::items(plan, provider, &mut faults));
    let mut types: Option<syn::ItemMod> = None;
    for item in file.items {
        match item {
            Item::Mod(mut module) if module.ident == "types" => {
                if let Some((_, inner)) = &mut module.content {
                    structs::polish(inner, plan, &mut unexpected);
                    additions(inner, plan);
                }
                module.attrs = parse_quote! {
                    /// The types of the document.
                    #[allow(clippy::all, deprecated, missing_docs, missing_debug_implementations)]
                };
                prelude::shorten(&mut module);
                types = Some(module);
            }
            Item::Mod(mut module) if module.ident == "builder" => {
                if let Some((_, inner)) = &mut module.content {
                    operations::polish(inner, plan, &mut unexpected);
                }
                module.attrs = parse_quote! {
                    /// One builder per operation: set what it takes, then send it.
                    #[allow(clippy::all, deprecated)]
                };
                prelude::shorten(&mut module);
                items.push(Item::Mod(module));
            }
            Item::Impl(mut item) if is_operations(&item) => {
                item.attrs = parse_quote!(#[allow(clippy::all, deprecated)]);
                for method in structs::methods(&mut item) {
                    let own = method.sig.ident.to_string();
                    match plan.operations.iter().find(|it| crate::names::escape(&it.name) == own) {
                        Some(operation) => operations::entry(method, operation, plan, provider),
                        None => unexpected.push(UnexpectedOutput(format!(
                            "a method `{own}` that the plan lacks"
                        ))),
                    }
                }
                items.push(Item::Impl(item));
            }
            // Its client, hooks and prelude give way to ours.
            _ => {}
        }
    }
    items.extend(answers::answers(plan));
    items.extend(headers::module(plan));
    items.extend(events::module(plan, provider));
    items.extend(constraints::module(plan));
    items.extend(types.map(Item::Mod));
    for UnexpectedOutput(what) in unexpected {
        faults.push(Fault::of_file(
            &provider.provider,
            Code::UnexpectedOutput { what },
            "this is a fault of the generator; please report it with the document and progenitor's version",
        ));
    }
    Faults::check(faults)?;
    Ok(syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
}

/// The types that polish writes itself, sorted with the rest by name.
fn additions(items: &mut Vec<Item>, plan: &Plan) {
    let nullable = plan.nullable();
    for (name, def) in &plan.defs {
        let tokens = match def {
            Def::Struct(_) => continue,
            Def::Enum(def) => enums::item(name, def, nullable.contains(name.as_str())),
            Def::Union(def) => unions::item(name, def, plan),
        };
        let file: syn::File = parse_quote!(#tokens);
        items.extend(file.items);
    }
}

/// The `impl Client` that has one method per operation, as opposed to the one with `new`.
fn is_operations(item: &syn::ItemImpl) -> bool {
    item.trait_.is_none()
        && structs::type_name(item) == "Client"
        && !item.items.iter().any(|it| {
            matches!(it, syn::ImplItem::Fn(it) if it.sig.ident == "new" || it.sig.ident == "new_with_client")
        })
}
