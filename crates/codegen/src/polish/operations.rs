//! The builders of operations: progenitor's setters, with what `sending` adds.

use super::{
    UnexpectedOutput,
    module::Module,
    rust::{self, alias, doc, docs, flag, ident},
    sending::{has_builder, has_optional_body, is_composed, sending},
    structs::{bound, generic, methods, takes, type_name},
};
use crate::{
    emit::{Emitted, Part},
    example,
    names::escape,
    normalize::{
        plan::{BodyKind, BodyPlan, OperationPlan, ParamPlan, Plan, Ty},
        prose,
    },
    print::Printed,
    provider::Provider,
};
use conversations_document::{fault::Result, security::Requirement};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Item, ItemImpl, ItemMod, ItemStruct, parse_quote, visit_mut::VisitMut};

/// Goes through `pub mod builder`.
pub(super) fn module(
    mut head: ItemMod,
    emitted: Emitted<'_>,
    plan: &Plan,
    unexpected: &mut Vec<UnexpectedOutput>,
    out: &mut Printed,
) -> Result<()> {
    head.attrs = parse_quote! {
        /// One builder per operation: set what it takes, then send it.
        #[allow(clippy::all, deprecated)]
    };
    let names = plan.operations.iter().map(|it| it.type_name.as_str());
    let mut module = Module::among(out, names);
    let mut met = 0;
    for part in emitted {
        if let Part::Items(mut items) = part? {
            met += polish(&mut items, plan, unexpected);
            module.add(items);
        }
    }
    if met != plan.operations.len() {
        unexpected.push(UnexpectedOutput(format!(
            "{met} builders for {} operations",
            plan.operations.len()
        )));
    }
    let imports = parse_quote!(
        use super::types;
    );
    module.print(head, Some(imports), out);
    Ok(())
}

/// Polishes builders with their implementations, and counts them.
fn polish(items: &mut Vec<Item>, plan: &Plan, unexpected: &mut Vec<UnexpectedOutput>) -> usize {
    items.retain(|it| !matches!(it, Item::Use(_)));
    let mut met = 0;
    for item in items {
        match item {
            Item::Struct(item) => {
                match plan.operations.iter().find(|it| item.ident == it.type_name) {
                    Some(operation) => structure(item, operation, plan),
                    None => unexpected.push(UnexpectedOutput(format!(
                        "a builder `{}` that the plan lacks",
                        item.ident
                    ))),
                }
            }
            Item::Impl(item) => {
                let name = type_name(item);
                if let Some(operation) = plan.operations.iter().find(|it| it.type_name == name) {
                    met += 1;
                    implementation(item, operation, plan, unexpected);
                }
            }
            _ => {}
        }
    }
    met
}

fn structure(item: &mut ItemStruct, operation: &OperationPlan, plan: &Plan) {
    let method = rust::ident(&operation.name);
    let mut attrs =
        docs(&format!("Composes a call of [`Client::{method}`](super::Client::{method})."));
    attrs.extend(item.attrs.drain(..).filter(|it| !it.path().is_ident("doc")));
    attrs.push(parse_quote!(#[must_use = "a call does nothing until it is sent"]));
    item.attrs = attrs;
    OwnBody.visit_item_struct_mut(item);
    // A call can outlive the variable that holds the client, whose clones are one.
    item.generics = Default::default();
    if let syn::Fields::Named(fields) = &mut item.fields {
        for field in &mut fields.named {
            let Some(own) = field.ident.clone() else { continue };
            if own == "client" {
                field.ty = parse_quote!(super::Client);
            } else if let Some(param) = operation.params.iter().find(|it| own == escape(&it.name)) {
                let inner = rust::ty(&param.ty, &quote!(types::));
                field.ty = parse_quote!(::std::result::Result<::std::option::Option<#inner>, ::std::string::String>);
            } else if own == "body"
                && let Some(held) = generic(&field.ty, "Result")
            {
                field.ty = match operation.body.as_ref().is_some_and(|it| is_composed(it, plan)) {
                    true => {
                        parse_quote!(::std::result::Result<#held, ::conversations_runtime::runtime::Gaps>)
                    }
                    false => {
                        parse_quote!(::std::result::Result<::std::option::Option<#held>, ::std::string::String>)
                    }
                };
            }
        }
        if has_optional_body(operation) {
            fields.named.push(parse_quote!(body_given: bool));
        }
        for (setter, body) in &operation.alternatives {
            let (own, ty) = (ident(setter), alternative_type(body));
            fields.named.push(parse_quote!(#own: ::std::option::Option<::std::result::Result<#ty, ::std::string::String>>));
        }
        fields.named.push(parse_quote!(options: ::conversations_runtime::CallOptions));
    }
}

fn implementation(
    item: &mut ItemImpl,
    operation: &OperationPlan,
    plan: &Plan,
    unexpected: &mut Vec<UnexpectedOutput>,
) {
    OwnBody.visit_item_impl_mut(item);
    let type_name = ident(&operation.type_name);
    item.generics = Default::default();
    item.self_ty = parse_quote!(#type_name);
    item.items.retain(|it| !matches!(it, syn::ImplItem::Fn(it) if it.sig.ident == "send"));
    let optional_body = has_optional_body(operation);
    for method in methods(item) {
        let own = method.sig.ident.to_string();
        match own.as_str() {
            "new" => {
                method.vis = parse_quote!(pub(super));
                takes(method, &quote!(&super::Client));
                Fresh { operation, plan }.visit_impl_item_fn_mut(method);
            }
            "body" | "body_map" => {
                let about = operation.body.as_ref().map(|it| it.doc.as_str()).unwrap_or_default();
                let text = match operation.body.as_ref().map(|it| &it.ty) {
                    Some(Ty::Named(name)) if own == "body_map" => format!(
                        "Composes the body in place, by the setters of [`types::builder::{name}`]."
                    ),
                    _ => "Sets the body.".to_owned(),
                };
                method.attrs = docs(format!("{text} {about}").trim());
                if own == "body"
                    && let Some(target) = bound(method)
                {
                    let composed = operation.body.as_ref().is_some_and(|it| is_composed(it, plan));
                    let is_plain = operation.body.as_ref().is_some_and(|it| !has_builder(it));
                    let own = is_plain.then(|| quote!(.map(::std::convert::From::from)));
                    let (error, made) = match composed {
                        true => (
                            quote!(::std::convert::Into<::conversations_runtime::runtime::Gaps>),
                            quote!(
                                value
                                    .try_into()
                                    .map(::std::convert::From::from)
                                    .map_err(::std::convert::Into::into)
                            ),
                        ),
                        false => (
                            quote!(::std::fmt::Display),
                            quote!(::conversations_runtime::runtime::taken(value) #own.map(Some)),
                        ),
                    };
                    let made = match operation.body.as_ref().map(|it| &it.ty) {
                        Some(Ty::List(_)) => taken_list(method, &target),
                        _ => {
                            let bound = quote!(::std::convert::TryInto<#target, Error: #error>);
                            takes(method, &quote!(impl #bound));
                            made
                        }
                    };
                    method.block = parse_quote!({
                        self.body = #made;
                        self
                    });
                }
                if optional_body {
                    method.block.stmts.insert(0, parse_quote!(self.body_given = true;));
                }
                for (setter, _) in &operation.alternatives {
                    let own = ident(setter);
                    method.block.stmts.insert(0, parse_quote!(self.#own = None;));
                }
            }
            _ => match operation.params.iter().find(|it| own == escape(&it.name)) {
                Some(param) => setter(method, param),
                None => unexpected.push(UnexpectedOutput(format!(
                    "a setter `{}.{own}` that the plan lacks",
                    operation.type_name
                ))),
            },
        }
    }
    item.items.extend(operation.alternatives.iter().map(|it| alternative(it, operation)));
    item.items.extend(sending(operation, plan));
}

/// The type of a body of another media type, as its setter takes it.
fn alternative_type(body: &BodyPlan) -> TokenStream {
    match body.kind {
        BodyKind::Bytes => quote!(::conversations_runtime::runtime::Bytes),
        _ => rust::ty(&body.ty, &quote!(types::)),
    }
}

/// The setter of a body of another media type.
fn alternative((setter, body): &(String, BodyPlan), operation: &OperationPlan) -> syn::ImplItem {
    let (own, ty) = (ident(setter), alternative_type(body));
    let default = operation.body.as_ref().map(|it| it.media.as_str()).unwrap_or_default();
    let media = &body.media;
    let others = operation.alternatives.iter().take_while(|(it, _)| it != setter);
    let mut earlier = others.map(|(_, it)| it).chain(&operation.body);
    let about = doc(&match earlier.any(|it| it.media == *media) {
        // The document has each media type once.
        true => format!(
            "Sets the body as any value of `{media}`, such as the null that it may be. Of several bodies the last one set is sent."
        ),
        false => format!(
            "Sets the body as `{media}`, which is sent in place of `{default}`. Of several bodies the last one set is sent."
        ),
    });
    let others = operation.alternatives.iter().map(|(it, _)| ident(it)).filter(|it| *it != own);
    parse_quote! {
        #about
        pub fn #own(mut self, value: impl ::std::convert::TryInto<#ty, Error: ::std::fmt::Display>) -> Self {
            #(self.#others = None;)*
            self.#own = Some(::conversations_runtime::runtime::taken(value));
            self
        }
    }
}

/// A setter whose complaint names the reason, which progenitor's drops.
fn setter(method: &mut syn::ImplItemFn, param: &ParamPlan) {
    let about = if param.doc.is_empty() {
        format!("Sets `{}`.", param.wire)
    } else {
        format!("Sets `{}`: {}", param.wire, param.doc)
    };
    method.attrs = docs(&about);
    if param.deprecated {
        method.attrs.push(flag("deprecated"));
    }
    let own = ident(&param.name);
    let inner = rust::ty(&param.ty, &quote!(types::));
    let made = match param.ty {
        Ty::List(_) => taken_list(method, &inner),
        _ => {
            let bound = quote!(::std::convert::TryInto<#inner, Error: ::std::fmt::Display>);
            takes(method, &quote!(impl #bound));
            quote!(::conversations_runtime::runtime::taken(value).map(Some))
        }
    };
    method.block = parse_quote!({
        self.#own = #made;
        self
    });
}

/// Lets a setter take a list as those of properties do, an array of literals or builders too, and says what makes it.
fn taken_list(method: &mut syn::ImplItemFn, list: &impl ToTokens) -> TokenStream {
    takes(method, &quote!(impl ::conversations_runtime::runtime::IntoOption<#list>));
    quote!(::conversations_runtime::runtime::IntoOption::into_option(value))
}

/// Which credentials an operation accepts, by the builder's methods, with their scopes.
fn accepted_docs(accepted: &[Requirement], provider: &Provider) -> String {
    let scheme = |(name, scopes): &(String, Vec<String>)| {
        let spoken = provider.auth.iter().filter(|it| it.scheme == *name);
        let methods: Vec<String> = spoken
            .map(|it| crate::names::escape(&crate::names::snake(&it.method)))
            .map(|it| format!("[`{it}`](ClientBuilder::{it})"))
            .collect();
        let methods = match methods.is_empty() {
            true => format!("[`header`](ClientBuilder::header) for `{}`", prose::doc(name)),
            false => methods.join(" or "),
        };
        let scopes: Vec<String> = scopes.iter().map(|it| format!("`{it}`")).collect();
        match scopes.is_empty() {
            true => methods,
            false => format!("{methods} with the scopes {}", scopes.join(", ")),
        }
    };
    let alternative = |it: &Requirement| match it.is_empty() {
        true => "none".to_owned(),
        false => it.iter().map(scheme).collect::<Vec<_>>().join(" and "),
    };
    match accepted {
        [] => "It takes no credential.".to_owned(),
        _ => {
            let alternatives: Vec<String> = accepted.iter().map(alternative).collect();
            let mut named = accepted.iter().flatten().map(|(_, scopes)| scopes).peekable();
            let silent = named.peek().is_some() && named.all(Vec::is_empty);
            let unsaid = if silent { "; the document names no scope or permission" } else { "" };
            format!("Credentials: {}{unsaid}.", alternatives.join(", or "))
        }
    }
}

/// The methods of the client itself.
pub(super) fn entry(
    method: &mut syn::ImplItemFn,
    operation: &OperationPlan,
    plan: &Plan,
    provider: &Provider,
) {
    let mut text = String::new();
    if !operation.summary.is_empty() {
        text.push_str(&operation.summary);
        if !operation.summary.ends_with(['.', '!', '?']) {
            text.push('.');
        }
        text.push_str("\n\n");
    }
    if !operation.doc.is_empty() {
        text.push_str(&operation.doc);
        text.push_str("\n\n");
    }
    text.push_str(&format!("`{} {}`", operation.method, operation.path));
    let mut traits = Vec::new();
    if operation.extension.billable {
        traits.push("costs money".to_owned());
    }
    traits.push(if operation.extension.idempotent {
        "is repeated after a failure".to_owned()
    } else {
        "is not repeated once it may have been carried out".to_owned()
    });
    text.push_str(&format!("; {}.", traits.join(", ")));
    let also = [
        (operation.page_item.is_some(), "stream", "reads page after page"),
        (operation.follow_item.is_some(), "follow", "brings new items as they arrive"),
        (operation.extension.keep_alive.is_some(), "keep_alive", "repeats the call in time"),
    ];
    for (_, method, does) in also.into_iter().filter(|(is_there, ..)| *is_there) {
        let link = format!("builder::{}::{method}", operation.type_name);
        text.push_str(&format!(" [`{method}`]({link}) {does}."));
    }
    if let Some(accepted) = &operation.security {
        text.push_str(&format!("\n\n{}", accepted_docs(accepted, provider)));
    }
    // Compiled and run by the test that is written of the same calls.
    if let Some(call) = example::call(operation, plan) {
        text.push_str(&format!("\n\n```text\n{call}\n```"));
    }
    let mut attrs = docs(&text);
    let own = crate::names::escape(&operation.name);
    for name in [Some(operation.id.as_str()), operation.sdk_name.as_deref()].into_iter().flatten() {
        if name != own
            && let Some(name) = alias(name)
        {
            attrs.push(parse_quote!(#[doc(alias = #name)]));
        }
    }
    if operation.deprecated {
        attrs.push(parse_quote!(#[deprecated = "the vendor advises against it"]));
    }
    method.attrs = attrs;
    let builder = ident(&operation.type_name);
    method.sig.output = parse_quote!(-> builder::#builder);
}

/// Bodies of bytes come from our own run-time.
struct OwnBody;

impl VisitMut for OwnBody {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        syn::visit_mut::visit_type_mut(self, ty);
        if let syn::Type::Path(path) = ty
            && path.path.segments.len() == 2
            && path.path.segments[0].ident == "reqwest"
        {
            *ty = parse_quote!(::conversations_runtime::runtime::Body);
        }
    }
}

/// `new`, with the fields that polish added.
struct Fresh<'a> {
    operation: &'a OperationPlan,
    plan: &'a Plan,
}

impl VisitMut for Fresh<'_> {
    fn visit_expr_struct_mut(&mut self, expr: &mut syn::ExprStruct) {
        let body = self.operation.body.as_ref();
        let composed = body.is_some_and(|it| is_composed(it, self.plan));
        for field in &mut expr.fields {
            match &field.member {
                syn::Member::Named(own) if own == "client" => {
                    field.expr = parse_quote!(client.clone());
                    field.colon_token.get_or_insert_default();
                }
                syn::Member::Named(own) if own == "body" && composed => {}
                _ => field.expr = parse_quote!(Ok(None)),
            }
        }
        if has_optional_body(self.operation) {
            expr.fields.push(parse_quote!(body_given: false));
        }
        for (setter, _) in &self.operation.alternatives {
            let own = ident(setter);
            expr.fields.push(parse_quote!(#own: None));
        }
        expr.fields.push(parse_quote!(options: ::std::default::Default::default()));
    }
}
