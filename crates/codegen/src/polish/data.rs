//! What the run time knows of the provider and its operations, as data.

use super::rust::{doc, ident};
use crate::{
    extension::{Absent, End, KeyPlace, KnownError, OperationExtension, Paging, PagingStyle},
    names,
    normalize::{
        plan::{OperationPlan, Plan},
        prose,
    },
    provider::{Auth, Credential, ErrorBody, ErrorCode, Provider, Refusal, ResetUnit, Server},
};
use conversations_document::{Fault, fault::Code, lookup::split_query};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Item, parse_quote};

/// `PROVIDER`, `operations` and `error_codes`.
pub(super) fn items(plan: &Plan, provider: &Provider, faults: &mut Vec<Fault>) -> Vec<Item> {
    let mut out = vec![self::provider(plan, provider, faults), operations(plan, provider)];
    out.extend(error_codes(provider));
    out
}

fn provider(plan: &Plan, provider: &Provider, faults: &mut Vec<Fault>) -> Item {
    let (name, title) = (&provider.provider, &provider.title);
    let servers = provider.servers.iter().map(Server::filled);
    let headers = provider.headers.iter().map(|(name, value)| quote!((#name, #value)));
    let auth: Vec<TokenStream> =
        provider.auth.iter().filter_map(|it| auth_kind(it, plan, provider, faults)).collect();
    let (code, message) = (&provider.error.code, &provider.error.message);
    let mut chain = quote! {
        .with_title(#title)
        .with_servers(&[#(#servers),*])
        .with_headers(&[#(#headers),*])
        .with_auth(&[#(#auth),*])
        .with_error(&[#(#code),*], &[#(#message),*])
    };
    for (method, refusal, usual) in [
        (
            quote!(with_unauthorized),
            &provider.error.unauthorized,
            ErrorBody::default().unauthorized,
        ),
        (quote!(with_forbidden), &provider.error.forbidden, ErrorBody::default().forbidden),
    ] {
        let Refusal { statuses, codes } = refusal;
        if *refusal != usual {
            chain.extend(quote!(.#method(&[#(#statuses),*], &[#(#codes),*])));
        }
    }
    if provider.servers.iter().any(|it| !it.variables.is_empty()) {
        let servers = provider.servers.iter().map(|it| server(plan, it));
        chain.extend(quote!(.with_variable_servers(&[#(#servers),*])));
    }
    if !plan.groups.is_empty() {
        let groups = plan.groups.iter().map(|group| {
            let method = &group.method;
            let servers = group.servers.iter().map(|it| server(plan, it));
            quote!(::conversations_runtime::runtime::ServerGroup::new(#method, &[#(#servers),*]))
        });
        chain.extend(quote!(.with_server_groups(&[#(#groups),*])));
    }
    let (error_headers, request_id) = (&provider.error_headers, &provider.request_id);
    let error_codes = provider.error_codes.iter().map(|it| &it.code);
    if !provider.error_codes.is_empty() {
        chain.extend(quote!(.with_error_codes(&[#(#error_codes),*])));
    }
    if !error_headers.is_empty() {
        chain.extend(quote!(.with_error_headers(&[#(#error_headers),*])));
    }
    if !request_id.is_empty() {
        chain.extend(quote!(.with_request_id(&[#(#request_id),*])));
    }
    if let Some(limit) = &provider.rate_limit {
        let mut headers = quote!(::conversations_runtime::runtime::RateLimitHeaders::new());
        if let Some(name) = &limit.limit {
            headers.extend(quote!(.with_limit(#name)));
        }
        if let Some(name) = &limit.remaining {
            headers.extend(quote!(.with_remaining(#name)));
        }
        if let Some(reset) = &limit.reset {
            let name = &reset.header;
            let unit = match reset.unit {
                ResetUnit::SecondsLeft => quote!(SecondsLeft),
                ResetUnit::MillisecondsLeft => quote!(MillisecondsLeft),
                ResetUnit::UnixSeconds => quote!(UnixSeconds),
                ResetUnit::UnixMilliseconds => quote!(UnixMilliseconds),
                ResetUnit::HttpDate => quote!(HttpDate),
            };
            headers.extend(
                quote!(.with_reset(#name, ::conversations_runtime::runtime::ResetUnit::#unit)),
            );
        }
        let unprocessed = &limit.unprocessed;
        chain.extend(quote!(.with_rate_limit(#headers).with_unprocessed(&[#(#unprocessed),*])));
    }
    if let Some(requests) = provider.concurrency {
        let requests = requests as usize;
        chain.extend(quote!(.with_concurrency(#requests)));
    }
    if !plan.events.events.is_empty() {
        chain.extend(quote! {
            .with_events(<events::Event as ::conversations_runtime::runtime::events::Events>::RULES)
        });
    }
    let about =
        doc(&format!("What is known of {title}: servers, credentials, headers and error bodies."));
    parse_quote! {
        #about
        pub static PROVIDER: ::conversations_runtime::runtime::Provider =
            ::conversations_runtime::runtime::Provider::new(#name) #chain .with_operations(operations::ALL);
    }
}

/// A server whose address may have variables, as data.
fn server(plan: &Plan, server: &Server) -> TokenStream {
    let Server { url, description: _, variables } = server;
    let variables = variables.iter().map(|(name, variable)| {
        let planned = plan.variables.iter().find(|it| it.name == *name);
        let method = planned.map_or(name, |it| &it.method);
        let default = match &variable.default {
            Some(default) => quote!(::std::option::Option::Some(#default)),
            None => quote!(::std::option::Option::None),
        };
        let values = &variable.values;
        quote!(::conversations_runtime::runtime::ServerVariable::new(#method, #name, #default, &[#(#values),*]))
    });
    quote!(::conversations_runtime::runtime::Server::new(#url, &[#(#variables),*]))
}

fn auth_kind(
    auth: &Auth,
    plan: &Plan,
    provider: &Provider,
    faults: &mut Vec<Fault>,
) -> Option<TokenStream> {
    let Some(scheme) = plan.schemes.get(&auth.scheme) else {
        let known: Vec<&str> = plan.schemes.keys().map(String::as_str).collect();
        faults.push(Fault::of_file(
            &format!("specs/{}/provider.yaml", provider.provider),
            Code::NoScheme { file: "the document".to_owned(), scheme: auth.scheme.clone() },
            format!("take one of: {}", known.join(", ")),
        ));
        return None;
    };
    let text = |pointer: &str| scheme.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let prefix = auth.prefix.clone().unwrap_or_default();
    let kind = match auth.credential {
        Credential::Key => {
            let name = text("/name");
            match text("/in") {
                "query" => quote!(Query { name: #name }),
                "cookie" => quote!(Cookie { name: #name }),
                "header" => quote!(Header { name: #name, prefix: #prefix }),
                _ => quote!(Header { name: "Authorization", prefix: #prefix }),
            }
        }
        Credential::Bearer => quote!(Bearer),
        Credential::Basic => quote!(Basic),
        Credential::ClientCredentials => {
            let declared = text("/flows/clientCredentials/tokenUrl");
            let url = auth.token.as_ref().map_or(declared, |it| it.url.as_str());
            let scopes = auth.token.as_ref().map(|it| it.scopes.clone()).unwrap_or_default();
            quote!(ClientCredentials { token_url: #url, scopes: &[#(#scopes),*] })
        }
        Credential::JwtHs256 => {
            let jwt = auth.jwt.clone();
            let header = jwt.as_ref().map_or("kid", |it| it.key_id_header.as_str());
            let claims: Vec<TokenStream> = jwt
                .iter()
                .flat_map(|it| &it.claims)
                .map(|(name, value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    quote!((#name, #value))
                })
                .collect();
            let life = jwt.as_ref().and_then(|it| it.lifetime_seconds).unwrap_or(300);
            let life = u32::try_from(life).unwrap_or(u32::MAX);
            quote!(JwtHs256 { prefix: #prefix, key_id_header: #header, claims: &[#(#claims),*], lifetime_seconds: #life })
        }
    };
    let (method, scheme) = (&auth.method, &auth.scheme);
    Some(
        quote!(::conversations_runtime::runtime::Auth::new(#method, ::conversations_runtime::runtime::AuthKind::#kind).with_scheme(#scheme)),
    )
}

/// The documented codes as constants; nothing where the vendor documents none.
fn error_codes(provider: &Provider) -> Option<Item> {
    let constants = provider.error_codes.iter().map(|it| {
        let ErrorCode { code, name: _, meaning, status, source } = it;
        let own = ident(&it.constant());
        let status = status.map(|it| format!(" It comes with status {it}.")).unwrap_or_default();
        let about = format!("{}{status}\n\nSource: {source}", meaning.trim());
        let about = doc(&prose::doc(&about));
        quote! {
            #about
            pub const #own: &str = #code;
        }
    });
    let about = doc(&format!(
        "The error codes that are documented for {}: what `code` and `has_code` of an error are compared with. The vendor \
         may answer others.",
        provider.title
    ));
    (!provider.error_codes.is_empty()).then(|| {
        parse_quote! {
            #about
            pub mod error_codes {
                #(#constants)*
            }
        }
    })
}

fn operations(plan: &Plan, provider: &Provider) -> Item {
    let name = &provider.provider;
    let statics = plan.operations.iter().map(|operation| {
        let own = ident(&operation.static_name);
        let (id, method) = (&operation.id, &operation.method);
        let (path, _) = split_query(&operation.path);
        let about =
            doc(&format!("[`Client::{0}`](super::Client::{0})", names::escape(&operation.name)));
        let chain = behaviours(operation);
        quote! {
            #about
            pub static #own: ::conversations_runtime::Operation =
                ::conversations_runtime::Operation::new(#id, #method, #path).with_provider(#name) #chain;
        }
    });
    let all = plan.operations.iter().map(|it| ident(&it.static_name));
    parse_quote! {
        /// What is known of each operation: verb, path, and whether it may be repeated, costs money or changes something.
        pub mod operations {
            #(#statics)*
            /// All operations, in the order of the document.
            pub static ALL: &[&::conversations_runtime::Operation] = &[#(&#all),*];
        }
    }
}

fn behaviours(operation: &OperationPlan) -> TokenStream {
    let OperationExtension {
        idempotent,
        billable,
        changes_state,
        idempotency_key,
        paging,
        keep_alive,
        follow,
        success_flag,
        // The type of the answer says it.
        empty_answer: _,
    } = &operation.extension;
    let mut out = TokenStream::new();
    if let Some(name) = &operation.sdk_name {
        out.extend(quote!(.with_sdk_name(#name)));
    }
    use crate::normalize::plan::Answer;
    let is_raw = |answer: &Answer| {
        let is_raw = |it: &Answer| matches!(it, Answer::Text | Answer::Bytes);
        match answer {
            Answer::ByStatus(cases) => cases.iter().any(|(_, _, it)| is_raw(it)),
            answer => is_raw(answer),
        }
    };
    // The error bodies of every vendor are JSON, so it is asked for even where success carries nothing.
    let beside = |media: &str| format!("{media}, application/json;q=0.5");
    let accept = match &operation.answer {
        // Errors are JSON all the same.
        Answer::Stream(items) => beside(&items.media),
        // Texts and bytes are read whatever they are.
        answer if is_raw(answer) => {
            let own = operation.accepts.iter().map(String::as_str);
            let any = if operation.accepts.is_empty() { "*/*" } else { "*/*;q=0.5" };
            own.chain([any]).collect::<Vec<_>>().join(", ")
        }
        _ => match operation.accepts.join(", ") {
            own if own.is_empty() => "application/json".to_owned(),
            own if operation.accepts.iter().any(|it| it == "application/json") => own,
            own => beside(&own),
        },
    };
    out.extend(quote!(.with_accept(#accept)));
    if matches!(operation.answer, Answer::Stream(_)) {
        out.extend(quote!(.with_streaming(true)));
    }
    if !operation.redirects.is_empty() {
        let statuses = &operation.redirects;
        out.extend(quote!(.with_redirects(&[#(#statuses),*])));
    }
    if let Some(accepted) = &operation.security {
        let alternatives = accepted.iter().map(|alternative| {
            let schemes = alternative.iter().map(|(name, _)| name);
            quote!(&[#(#schemes),*])
        });
        out.extend(quote!(.with_security(&[#(#alternatives),*])));
    }
    if operation.server != 0 {
        let group = operation.server;
        out.extend(quote!(.with_server(#group)));
    }
    out.extend(quote!(.with_idempotent(#idempotent).with_billable(#billable).with_changes_state(#changes_state)));
    if let Some(key) = idempotency_key {
        let (name, verified) = (&key.name, key.verified);
        let place = match key.place {
            KeyPlace::Body => quote!(body),
            KeyPlace::Header => quote!(header),
            KeyPlace::Query => quote!(query),
        };
        out.extend(quote!(.with_idempotency_key(::conversations_runtime::IdempotencyKey::#place(#name).with_verified(#verified))));
    }
    let edge = |end: &End| match end {
        End::First => quote!(::conversations_runtime::Edge::First),
        End::Last => quote!(::conversations_runtime::Edge::Last),
    };
    if let Some(Paging { items, absent, style }) = paging {
        let mut made = match style {
            PagingStyle::Offset { offset, limit, max } => {
                let max = max.unwrap_or(100);
                quote!(offset(#offset, #limit, #items, #max))
            }
            PagingStyle::Cursor { next, .. } => {
                let (parameter, from, of) = (&next.parameter, &next.from, edge(&next.of));
                let overlap = next.overlap.then(|| quote!(.with_overlap(true)));
                quote!(cursor(#items, ::conversations_runtime::CursorRule::new(#parameter, #from, #of) #overlap))
            }
            PagingStyle::Page { page, first } => quote!(page(#page, #first, #items)),
            PagingStyle::Token { parameter, from, header } => {
                let from = next(from, header);
                quote!(token(#parameter, #from, #items))
            }
            PagingStyle::Link { from, header } => {
                let from = next(from, header);
                quote!(link(#from, #items))
            }
        };
        if let PagingStyle::Cursor { next: _, more, exclusive_with } = style {
            made.extend(more.iter().map(|more| quote!(.with_more(#more))));
            if !exclusive_with.is_empty() {
                made.extend(quote!(.with_exclusive(&[#(#exclusive_with),*])));
            }
        }
        let absent = absences(absent);
        out.extend(quote!(.with_paging(::conversations_runtime::Paging::#made #absent)));
    }
    if let Some(rule) = keep_alive {
        let period = u32::try_from(rule.period_seconds).unwrap_or(u32::MAX);
        let lapses = u32::try_from(rule.lapses_seconds).unwrap_or(u32::MAX);
        out.extend(
            quote!(.with_keep_alive(::conversations_runtime::KeepAliveRule::new(#period, #lapses))),
        );
    }
    if let Some(rule) = follow {
        let (items, id) = (&rule.items, &rule.id);
        let poll = u32::try_from(rule.poll_seconds).unwrap_or(u32::MAX);
        let mut value = quote!(::conversations_runtime::FollowRule::new(#items, #id, #poll));
        if let Some(cursor) = &rule.cursor {
            let (parameter, from, of, inclusive) =
                (&cursor.parameter, &cursor.from, edge(&cursor.of), cursor.inclusive);
            value.extend(quote!(.with_cursor(::conversations_runtime::CursorRule::new(#parameter, #from, #of).with_inclusive(#inclusive))));
        }
        value.extend(absences(&rule.absent));
        if !rule.not_yet.is_empty() {
            let errors = rule.not_yet.iter().map(|KnownError { status, code }| {
                quote!(::conversations_runtime::KnownError::new(#status, #code))
            });
            value.extend(quote!(.with_not_yet(&[#(#errors),*])));
        }
        out.extend(quote!(.with_follow(#value)));
    }
    if let Some(flag) = success_flag {
        let pointer = &flag.pointer;
        // The run-time knows flags that are true or false; another value never means failure to it.
        let value = flag.failed_when.as_bool().unwrap_or_default();
        out.extend(
            quote!(.with_success_flag(::conversations_runtime::SuccessFlag::new(#pointer, #value))),
        );
    }
    out
}

/// Where an answer says how to go on.
fn next(from: &Option<String>, header: &Option<String>) -> TokenStream {
    match (from, header.as_deref().unwrap_or("Link")) {
        (Some(pointer), _) => quote!(::conversations_runtime::Next::Body(#pointer)),
        (None, name) => quote!(::conversations_runtime::Next::Header(#name)),
    }
}

/// The call that names what stands for a list without items; nothing where only an empty list does.
fn absences(forms: &[Absent]) -> TokenStream {
    if forms.is_empty() {
        return TokenStream::new();
    }
    let forms = forms.iter().map(|form| match form {
        Absent::Missing => quote!(::conversations_runtime::Absent::Missing),
        Absent::Null => quote!(::conversations_runtime::Absent::Null),
        Absent::EmptyObject => quote!(::conversations_runtime::Absent::EmptyObject),
        Absent::NoContent => quote!(::conversations_runtime::Absent::NoContent),
    });
    quote!(.with_absent(&[#(#forms),*]))
}
