//! The builders of operations: progenitor's setters over our own way of sending.

use super::{
    UnexpectedOutput,
    rust::{self, alias, doc, docs, flag, ident},
    structs::{bound, generic, methods, takes, type_name},
};
use crate::{
    example,
    names::escape,
    normalize::{
        plan::{
            Answer, BodyKind, BodyPlan, Def, EncodingPlan, Location, OperationPlan, ParamPlan,
            Plan, Style, Ty,
        },
        prose,
    },
    provider::Provider,
};
use conversations_document::{lookup::split_query, security::Requirement};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemImpl, ItemStruct, parse_quote, visit_mut::VisitMut};

/// Goes through `pub mod builder`.
pub(super) fn polish(items: &mut Vec<Item>, plan: &Plan, unexpected: &mut Vec<UnexpectedOutput>) {
    items.retain(|it| !matches!(it, Item::Use(_)));
    let mut met = 0;
    for item in items.iter_mut() {
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
    if met != plan.operations.len() {
        unexpected.push(UnexpectedOutput(format!(
            "{met} builders for {} operations",
            plan.operations.len()
        )));
    }
    items.insert(
        0,
        parse_quote!(
            use super::types;
        ),
    );
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
                    takes(method, &quote!(impl ::std::convert::TryInto<#target, Error: #error>));
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
    let about = doc(&format!(
        "Sets the body as `{}`, which is sent in place of `{default}`. Of several bodies the last one set is sent.",
        body.media
    ));
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
    takes(method, &quote!(impl ::std::convert::TryInto<#inner, Error: ::std::fmt::Display>));
    method.block = parse_quote!({
        self.#own = ::conversations_runtime::runtime::taken(value).map(Some);
        self
    });
}

/// `options`, `prepare`, `send` and what the declared behaviours add.
fn sending(operation: &OperationPlan, plan: &Plan) -> Vec<syn::ImplItem> {
    let mut out: Vec<syn::ImplItem> = Vec::new();
    out.push(parse_quote! {
        /// Settings of this call alone, instead of the client's.
        pub fn options(mut self, options: ::conversations_runtime::CallOptions) -> Self {
            self.options = options;
            self
        }
    });
    let data = ident(&operation.static_name);
    let fields: Vec<_> = operation.params.iter().map(|it| ident(&it.name)).collect();
    let is_of_part = |it: &&ParamPlan| matches!(it.location, Location::Part(_));
    let params = operation.params.iter().filter(|it| !is_of_part(it)).map(param);
    let part_headers = operation.params.iter().filter(is_of_part).map(param);
    let (_, fixed) = split_query(&operation.path);
    let fixed = fixed.iter().map(|(name, value)| {
        quote!(call.query(#name, Ok(#value), ::conversations_runtime::runtime::Style::FORM, &::conversations_runtime::runtime::Constraints::ANY)?;)
    });
    let (body_fields, body) = match &operation.body {
        None => (quote!(), quote!()),
        Some(it) => {
            let given = if has_optional_body(operation) { quote!(body_given,) } else { quote!() };
            let mut send = default_body(it, plan);
            if !it.required {
                send = quote!(if body_given { #send });
            }
            let mut others = Vec::new();
            for (setter, other) in operation.alternatives.iter().rev() {
                let own = ident(setter);
                let value = match other.kind {
                    BodyKind::Text | BodyKind::Bytes => {
                        quote!(
                            value.map(|it| Some(::conversations_runtime::runtime::Body::from(it)))
                        )
                    }
                    _ => quote!(value.map(Some)),
                };
                let instead = send_body(other, value);
                let rest = if send.is_empty() { quote!() } else { quote!(else { #send }) };
                send = quote!(if let Some(value) = #own { #instead } #rest);
                others.push(own);
            }
            (quote!(body, #given #(#others,)*), send)
        }
    };
    let takes_nothing = operation.params.is_empty() && operation.body.is_none() && fixed.len() == 0;
    let call = if takes_nothing { quote!(let call) } else { quote!(let mut call) };
    out.push(parse_quote! {
        fn prepare(self) -> ::std::result::Result<::conversations_runtime::runtime::Call, ::conversations_runtime::Error> {
            let Self { client, #(#fields,)* #body_fields options } = self;
            #call = ::conversations_runtime::runtime::Call::new(&client.core, &super::operations::#data, options);
            #(#fixed)*
            #(#params)*
            #body
            #(#part_headers)*
            call.complete()
        }
    });
    let (answer, read) = answer(&operation.answer, operation);
    let line = doc(&format!("Sends `{} {}`.", operation.method, operation.path));
    let errors = doc(&error_docs(operation));
    out.push(parse_quote! {
        #line
        ///
        /// Dropping the future ends the call and its repetitions. A request that has left may take effect all the same;
        /// nobody reads its answer then. To bound a call, set its deadline.
        ///
        /// # Errors
        #errors
        pub async fn send(self) -> ::std::result::Result<::conversations_runtime::Response<#answer>, ::conversations_runtime::Error> {
            let answer = self.prepare()?.send().await?;
            #read
        }
    });
    if let Some(item) = &operation.page_item {
        let item = rust::ty(item, &quote!(types::));
        out.push(parse_quote! {
            /// All items, page after page, in the order in which the vendor lists them. A page is fetched when the one before is
            /// used up, so that one is held at a time. An error of a page ends the stream.
            pub fn stream(self) -> ::conversations_runtime::ItemStream<#item> {
                ::conversations_runtime::runtime::paging::stream(self.prepare())
            }
        });
    }
    if let Some(item) = &operation.follow_item {
        let item = rust::ty(item, &quote!(types::));
        let interval = operation.extension.follow.as_ref().map_or(1, |it| it.poll_seconds);
        let about = doc(&format!(
            "New items as they arrive, by polling within the rate limit: every {interval} s while they do, up to six times more \
             slowly while none do, or as [`Follow::every`](::conversations_runtime::Follow::every) says. The cursor can be \
             stored and resumed from."
        ));
        out.push(parse_quote! {
            #about
            pub fn follow(self) -> ::conversations_runtime::Follow<#item> {
                ::conversations_runtime::runtime::follow::start(self.prepare())
            }
        });
    }
    if operation.extension.keep_alive.is_some() {
        out.push(parse_quote! {
            /// Repeats the call at the declared period until the handle is dropped. Must be called inside a tokio runtime.
            pub fn keep_alive(self) -> ::conversations_runtime::KeepAlive {
                ::conversations_runtime::runtime::keep_alive::start(self.prepare())
            }
        });
    }
    out
}

fn param(param: &ParamPlan) -> TokenStream {
    let (wire, own) = (&param.wire, ident(&param.name));
    let constraints = super::constraints::constraints(&param.constraints);
    let style = style(&param.style);
    // A path says by itself what it lacks.
    let demanded = param.required && param.location != Location::Path;
    let demand = demanded.then(|| quote!(let #own = call.required(#wire, #own);));
    let set = match &param.location {
        Location::Path => quote!(call.path(#wire, #own, #style, #constraints)?;),
        Location::Query => quote!(call.query(#wire, #own, #style, #constraints)?;),
        Location::Header => quote!(call.header(#wire, #own, #style, #constraints)?;),
        Location::Cookie => quote!(call.cookie(#wire, #own, #style, #constraints)?;),
        Location::Part(part) => {
            quote!(call.part_header(#part, #wire, #own, #style, #constraints)?;)
        }
    };
    quote!(#demand #set)
}

fn style(style: &Style) -> TokenStream {
    let name = ident(style.name);
    let explode = style.explode.map(|it| quote!(.explode(#it)));
    let reserved = style.allow_reserved.then(|| quote!(.allow_reserved()));
    let nested = style.nested.iter().rev().fold(quote!(), |inner, it| {
        let it = ident(it);
        quote!(.with_nested(const { &::conversations_runtime::runtime::Style::#it #inner }))
    });
    quote!(::conversations_runtime::runtime::Style::#name #explode #reserved #nested)
}

fn encodings(encodings: &[EncodingPlan]) -> TokenStream {
    let each = encodings.iter().map(|it| {
        let name = &it.name;
        let style = it.style.as_ref().map(style).map(|it| quote!(.with_style(#it)));
        let media = it.content_type.as_ref().map(|it| quote!(.with_content_type(#it)));
        let file = it.file.then(|| quote!(.file()));
        quote!(::conversations_runtime::runtime::Encoding::of(#name) #style #media #file)
    });
    quote!(&[#(#each),*])
}

/// Puts what the default body's setters have left in `body` into the call.
fn default_body(body: &BodyPlan, plan: &Plan) -> TokenStream {
    let send = send_body(body, quote!(body));
    match is_composed(body, plan) {
        true => {
            let own = rust::ty(&body.ty, &quote!(types::));
            quote!(let body = call.composed::<#own, _>(body); #send)
        }
        false if body.required => quote!(let body = call.required("body", body); #send),
        false => send,
    }
}

/// Whether the default body is kept as its builder, which has to become itself before it is sent.
fn is_composed(body: &BodyPlan, plan: &Plan) -> bool {
    let is_struct =
        |name: &String| matches!(plan.defs.get(name), Some(Def::Struct(_))) && has_builder(body);
    matches!(&body.ty, Ty::Named(name) if is_struct(name))
}

/// Puts a body into the call.
fn send_body(body: &BodyPlan, value: TokenStream) -> TokenStream {
    let media = &body.media;
    let constraints = super::constraints::constraints(&body.constraints);
    match &body.kind {
        BodyKind::Json => quote!(call.json(#media, #value, #constraints)?;),
        BodyKind::Form(fields) => {
            let encodings = encodings(fields);
            quote!(call.form(#media, #value, #encodings, #constraints)?;)
        }
        BodyKind::Multipart(fields) => {
            let encodings = encodings(fields);
            quote!(call.multipart(#value, #encodings, #constraints)?;)
        }
        BodyKind::Text | BodyKind::Bytes => quote!(call.bytes(#media, #value)?;),
    }
}

fn has_builder(body: &BodyPlan) -> bool {
    !matches!(body.kind, BodyKind::Text | BodyKind::Bytes)
}

fn has_optional_body(operation: &OperationPlan) -> bool {
    operation.body.as_ref().is_some_and(|it| !it.required)
}

/// The type of an answer and how it is read.
fn answer(answer: &Answer, operation: &OperationPlan) -> (TokenStream, TokenStream) {
    let at = quote!(types::);
    match answer {
        Answer::Empty => (quote!(()), quote!(answer.empty())),
        // An object of which nothing is known says no more than no body does; but who asks for one and gets nothing was
        // not answered.
        Answer::Json(ty @ (Ty::Any | Ty::Object | Ty::Map(_)))
            if !matches!(operation.method.as_str(), "GET" | "HEAD") =>
        {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (ty, quote!(answer.json_or_empty::<#form, _>()))
        }
        Answer::Json(ty) => {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (ty, quote!(answer.json::<#form, _>()))
        }
        Answer::OptionalJson(ty) => {
            let (form, ty) = (rust::form(ty), rust::ty(ty, &at));
            (quote!(::std::option::Option<#ty>), quote!(answer.json_optional::<#form, _>()))
        }
        Answer::Stream(items) => {
            let (form, ty) = (rust::form(&items.ty), rust::ty(&items.ty, &at));
            let stream = quote!(::conversations_runtime::ItemStream);
            match (items.are_events, &items.ty) {
                (false, _) => (quote!(#stream<#ty>), quote!(answer.lines::<#form, _>())),
                (true, Ty::String) => (
                    quote!(#stream<::conversations_runtime::Event<::std::string::String>>),
                    quote!(answer.text_events()),
                ),
                (true, _) => (
                    quote!(#stream<::conversations_runtime::Event<#ty>>),
                    quote!(answer.events::<#form, _>()),
                ),
            }
        }
        Answer::Redirect => (quote!(::conversations_runtime::Redirect), quote!(answer.redirect())),
        Answer::Text => (quote!(::std::string::String), quote!(answer.text())),
        Answer::Bytes => (quote!(::conversations_runtime::runtime::Bytes), quote!(answer.bytes())),
        Answer::ByStatus(cases) => {
            let own = answer_name(operation);
            let arms = cases.iter().map(|(status, name, case)| {
                let variant = ident(name);
                let pattern = match status.parse::<u16>() {
                    Ok(code) => quote!(#code),
                    Err(_) if is_range_of_redirects(status) => quote!(300..=399),
                    Err(_) => quote!(_),
                };
                let wrap = quote!(super::#own::#variant);
                match case {
                    Answer::Empty => {
                        quote!(#pattern => answer.empty().map(|it| it.map(|()| #wrap)))
                    }
                    other => {
                        // Written out, since nothing else says what is read.
                        let (ty, read) = self::answer(other, operation);
                        quote!(#pattern => #read.map(|it: ::conversations_runtime::Response<#ty>| it.map(#wrap)))
                    }
                }
            });
            let has_range = cases.iter().any(|(status, _, _)| takes_the_rest(status));
            let rest = if has_range {
                quote!()
            } else {
                // Any 2xx is a success, with a body or without.
                quote!(_ => answer.json_optional::<::conversations_runtime::runtime::de::Plain, _>().map(
                    |it: ::conversations_runtime::Response<::std::option::Option<::serde_json::Value>>| {
                        it.map(|value| super::#own::Undocumented(value.unwrap_or_default()))
                    },
                ))
            };
            (quote!(super::#own), quote!(match answer.status().as_u16() { #(#arms,)* #rest }))
        }
    }
}

fn is_range_of_redirects(status: &str) -> bool {
    status.eq_ignore_ascii_case("3xx")
}

/// Whether the answer of a status is that of every success which no other names.
fn takes_the_rest(status: &str) -> bool {
    status.parse::<u16>().is_err() && !is_range_of_redirects(status)
}

fn answer_name(operation: &OperationPlan) -> proc_macro2::Ident {
    ident(&format!("{}Answer", operation.type_name))
}

/// Enums for operations whose successes differ by status.
pub(super) fn answers(plan: &Plan) -> Vec<Item> {
    let mut out = Vec::new();
    for operation in &plan.operations {
        let Answer::ByStatus(cases) = &operation.answer else { continue };
        let own = answer_name(operation);
        let about =
            doc(&format!("What [`Client::{0}`] answers, by status.", ident(&operation.name)));
        let mut has_range = false;
        let variants: Vec<TokenStream> = cases
            .iter()
            .map(|(status, name, case)| {
                has_range |= takes_the_rest(status);
                let text = doc(&format!("Status {status}."));
                let name = ident(name);
                match case {
                    Answer::Empty => quote!(#text #name),
                    other => {
                        let (ty, _) = answer(other, operation);
                        quote!(#text #name(#ty))
                    }
                }
            })
            .collect();
        let rest = if has_range {
            quote!()
        } else {
            quote! {
                /// A success whose status the document does not list; null where it has no body.
                Undocumented(::serde_json::Value),
            }
        };
        out.push(parse_quote! {
            #about
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #own { #(#variants,)* #rest }
        });
    }
    out
}

fn error_docs(operation: &OperationPlan) -> String {
    let mut text = String::from(
        "[`Error`](::conversations_runtime::Error) has status, code and message of a refusal, and whether the call may have been carried out.",
    );
    if !operation.errors.is_empty() {
        text.push_str(" The document lists ");
        let listed: Vec<String> = operation
            .errors
            .iter()
            .map(|(status, ty)| match ty {
                Some(Ty::Named(name)) => format!("{status} ([`types::{name}`])"),
                _ => status.clone(),
            })
            .collect();
        text.push_str(&listed.join(", "));
        text.push('.');
    }
    text
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
