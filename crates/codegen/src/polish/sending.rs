//! How a builder becomes a call and is sent.

use super::{
    answers,
    rust::{self, doc, ident},
};
use crate::normalize::plan::{
    BodyKind, BodyPlan, Def, EncodingPlan, Location, OperationPlan, ParamPlan, Plan, Style, Ty,
};
use conversations_document::lookup::split_query;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

/// `options`, `prepare`, `send` and what the declared behaviours add.
pub(super) fn sending(operation: &OperationPlan, plan: &Plan) -> Vec<syn::ImplItem> {
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
    let (answer, read) = answers::answer(&operation.answer, operation);
    let line = doc(&format!("Sends `{} {}`.", operation.method, operation.path));
    let errors = doc(&answers::error_docs(operation));
    out.push(parse_quote! {
        #line
        ///
        /// Dropping the future ends the call and its repetitions. A request that has left may take effect all the same;
        /// nobody reads its answer then. To bound a call, set its deadline.
        ///
        /// # Errors
        #errors
        pub fn send(self) -> impl ::std::future::Future<Output = ::std::result::Result<::conversations_runtime::Response<#answer>, ::conversations_runtime::Error>> + ::std::marker::Send {
            ::conversations_runtime::runtime::sent(self.prepare(), |answer| #read)
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
    let segments = match (style.segments, style.slashes) {
        (true, _) => quote!(.across_segments()),
        (_, true) => quote!(.with_slashes()),
        _ => quote!(),
    };
    let nested = style.nested.iter().rev().fold(quote!(), |inner, it| {
        let it = ident(it);
        quote!(.with_nested(const { &::conversations_runtime::runtime::Style::#it #inner }))
    });
    quote!(::conversations_runtime::runtime::Style::#name #explode #reserved #segments #nested)
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
pub(super) fn is_composed(body: &BodyPlan, plan: &Plan) -> bool {
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
            quote!(call.multipart(#media, #value, #encodings, #constraints)?;)
        }
        BodyKind::Text | BodyKind::Bytes => quote!(call.bytes(#media, #value)?;),
    }
}

pub(super) fn has_builder(body: &BodyPlan) -> bool {
    !matches!(body.kind, BodyKind::Text | BodyKind::Bytes)
}

pub(super) fn has_optional_body(operation: &OperationPlan) -> bool {
    operation.body.as_ref().is_some_and(|it| !it.required)
}
