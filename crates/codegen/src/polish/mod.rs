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
mod module;
mod operations;
mod prelude;
mod reading;
mod rust;
mod sending;
mod structs;
mod unions;

use crate::{
    emit::{Emitted, Part},
    normalize::plan::Plan,
    print::Printed,
    provider::Provider,
};
use conversations_document::{
    Fault, Faults,
    fault::{Code, Result},
};
use syn::{Item, parse_quote};

/// Something in progenitor's output that the plan does not know.
pub(crate) struct UnexpectedOutput(pub(crate) String);

/// Turns progenitor's output into the items of the module that is included, and prints each part as it comes.
///
/// # Errors
/// Where progenitor's output is not what the plan expects, or `auth` names an unknown scheme.
pub fn polish(emitted: Emitted<'_>, plan: &Plan, provider: &Provider) -> Result<Printed> {
    let mut unexpected: Vec<UnexpectedOutput> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let (mut out, mut types) = (Printed::default(), Printed::default());
    out.items(client::items(plan, provider));
    out.items(data::items(plan, provider, &mut faults));
    for part in emitted {
        match part? {
            Part::Module(head, inner) if head.ident == "types" => {
                structs::module(*head, inner, plan, &mut unexpected, &mut types)?;
            }
            Part::Module(head, inner) => {
                operations::module(*head, inner, plan, &mut unexpected, &mut out)?;
            }
            Part::Items(items) => {
                // Its client, hooks and prelude give way to ours.
                for item in items {
                    if let Item::Impl(mut item) = item
                        && is_operations(&item)
                    {
                        methods(&mut item, plan, provider, &mut unexpected);
                        out.items([Item::Impl(item)]);
                    }
                }
            }
        }
    }
    out.items(answers::answers(plan));
    out.items(headers::module(plan));
    out.items(events::module(plan, provider));
    out.items(constraints::module(plan));
    out.append(&types);
    for UnexpectedOutput(what) in unexpected {
        faults.push(Fault::of_file(
            &provider.provider,
            Code::UnexpectedOutput { what },
            "this is a fault of the generator; please report it with the document and progenitor's version",
        ));
    }
    Faults::check(faults)?;
    Ok(out)
}

/// The methods of the client, one for each operation.
fn methods(
    item: &mut syn::ItemImpl,
    plan: &Plan,
    provider: &Provider,
    unexpected: &mut Vec<UnexpectedOutput>,
) {
    item.attrs = parse_quote!(#[allow(clippy::all, deprecated)]);
    for method in structs::methods(item) {
        let own = method.sig.ident.to_string();
        match plan.operations.iter().find(|it| crate::names::escape(&it.name) == own) {
            Some(operation) => operations::entry(method, operation, plan, provider),
            None => {
                unexpected.push(UnexpectedOutput(format!("a method `{own}` that the plan lacks")))
            }
        }
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
