//! The module `events`: what the vendor sends by itself, as an open enum, and the functions that receive it.

use super::rust::{self, doc, ident};
use crate::{
    normalize::plan::{EventPlan, Plan},
    provider::{Delivery, Events, Frame, Provider, Verification},
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

/// The module; nothing where neither webhooks nor frames can be read.
pub(super) fn module(plan: &Plan, provider: &Provider) -> Option<Item> {
    let declared = provider.events.clone().unwrap_or_default();
    let has_events = !plan.events.events.is_empty();
    let events = has_events.then(|| events(plan, &declared));
    let frame = declared.frame.as_ref().and_then(|it| frame(plan, it));
    if events.is_none() && frame.is_none() {
        return None;
    }
    let mut about = format!("What {} sends by itself.", provider.title);
    if has_events {
        about.push_str(&describe(&declared));
    }
    let about = doc(&about);
    Some(parse_quote! {
        #about
        #[allow(clippy::all, deprecated)]
        pub mod events {
            #events
            #frame
        }
    })
}

/// How to register, what is accepted, what comes again.
fn describe(declared: &Events) -> String {
    let Events { kind: _, items, verify, keys, delivery, frame: _ } = declared;
    let mut out =
        " [`receive`](events::receive) verifies and reads a webhook, as leniently as an answer.\n\n".to_owned();
    out.push_str(&match verify {
        Verification::Address => "Nothing in a request proves who sent it. Put a secret that cannot be guessed into the address that you register, as a segment of its path or as the value of a query parameter; `receive` compares it in constant time. Logs of servers on the way show addresses.".to_owned(),
        Verification::Header(name) => format!("The secret of the webhook comes in the header `{name}`; `receive` compares it in constant time."),
    });
    let Delivery { accepted, retry_after_seconds, final_statuses } = delivery;
    let list = |it: &[u16]| it.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    out.push_str("\n\nAnswer at once, and work afterwards. ");
    out.push_str(&match accepted.is_empty() {
        true => "Any status from 200 to 299 accepts an event.".to_owned(),
        false => format!("An event is accepted by the status {}.", list(accepted)),
    });
    if !retry_after_seconds.is_empty() {
        let after: Vec<String> = retry_after_seconds.iter().map(|it| span(*it)).collect();
        out.push_str(&format!(
            " What is not accepted presumably comes again {} after the first attempt.",
            after.join(", ")
        ));
    }
    if !final_statuses.is_empty() {
        out.push_str(&format!(" After {} it does not come again.", list(final_statuses)));
    }
    out.push_str("\n\nThe same event may come twice: [`Incoming::keys`](conversations_runtime::Incoming::keys) identifies what it carries");
    let shown: Vec<String> = keys
        .iter()
        .map(|parts| parts.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" with "))
        .collect();
    if !shown.is_empty() {
        out.push_str(&format!(", by {}", shown.join(", else ")));
    }
    out.push('.');
    if items.is_some() {
        out.push_str(" One request may bring several events.");
    }
    out
}

fn span(seconds: u64) -> String {
    match seconds {
        it if it > 0 && it % 3600 == 0 => format!("{} h", it / 3600),
        it if it > 0 && it % 60 == 0 => format!("{} min", it / 60),
        it => format!("{it} s"),
    }
}

fn events(plan: &Plan, declared: &Events) -> TokenStream {
    let all = &plan.events.events;
    let types = quote!(super::types::);
    let variants = all.iter().map(|it| {
        let EventPlan { kind, name, ty, doc: about, deprecated, pointer: _ } = it;
        let (own, ty) = (ident(name), rust::ty(ty, &types));
        let shown = kind.replace('`', "'");
        let about = match about.is_empty() {
            true => format!("`{shown}`"),
            false => format!("`{shown}`: {about}"),
        };
        let (about, deprecated) = (doc(&about), deprecated.then(|| quote!(#[deprecated])));
        quote!(#about #deprecated #own(#ty))
    });
    let names: Vec<_> = all.iter().map(|it| ident(&it.name)).collect();
    let kinds: Vec<&str> = all.iter().map(|it| it.kind.as_str()).collect();
    let forms = all.iter().map(|it| rust::form(&it.ty));
    let rules = rules(plan, declared);
    let is_in_address = declared.verify == Verification::Address;
    let (parameter, uri, given) = match is_in_address {
        true => {
            (quote!(uri: &::conversations_runtime::Uri,), quote!(Some(uri)), quote!(request.uri(),))
        }
        false => (quote!(), quote!(None), quote!()),
    };
    let about_receive = doc(match is_in_address {
        true => {
            "Verifies by the secret in the address that was called, and reads.\n\n`uri` is the address as it was called: a router that strips a part of the path must not strip the secret.\n\n# Errors\nWhere the address lacks the secret, or the body is not JSON. [`status`](conversations_runtime::ReceiveError::status) says what to answer."
        }
        false => {
            "Verifies by the secret in the headers, and reads.\n\n# Errors\nWhere the headers lack the secret, or the body is not JSON. [`status`](conversations_runtime::ReceiveError::status) says what to answer."
        }
    });
    quote! {
        /// An event that the vendor sent.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            #(#variants,)*
            /// An event that the document does not list, or of which a required part cannot be read.
            Unknown {
                /// The word by which the body says what it is; empty where it has none.
                kind: ::std::string::String,
                /// All that came.
                payload: ::serde_json::Value,
            },
        }
        impl Event {
            /// The word by which the vendor names the kind of event.
            pub fn kind(&self) -> &str {
                match self {
                    #(Self::#names(_) => #kinds,)*
                    Self::Unknown { kind, .. } => kind,
                }
            }
        }
        impl ::conversations_runtime::runtime::events::Events for Event {
            const RULES: ::conversations_runtime::runtime::events::Rules = #rules;
            fn read(kind: &str, payload: &::conversations_runtime::runtime::events::Payload<'_>) -> ::std::option::Option<Self> {
                match kind {
                    #(#kinds => payload.read::<#forms, _>().map(Self::#names),)*
                    _ => None,
                }
            }
            fn unknown(kind: ::std::string::String, payload: ::serde_json::Value) -> Self {
                Self::Unknown { kind, payload }
            }
        }
        /// An event is written as the body that it was read from, without what the document does not list.
        impl ::serde::Serialize for Event {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    #(Self::#names(payload) => ::conversations_runtime::runtime::events::serialize::<Self, S>(#kinds, payload, serializer),)*
                    Self::Unknown { kind, payload } => ::conversations_runtime::runtime::events::serialize_unknown::<Self, S>(kind, payload, serializer),
                }
            }
        }
        #about_receive
        pub fn receive(
            #parameter
            headers: &::conversations_runtime::HeaderMap,
            body: &[u8],
            secret: &::conversations_runtime::WebhookSecret,
        ) -> ::std::result::Result<::conversations_runtime::Received<Event>, ::conversations_runtime::ReceiveError> {
            ::conversations_runtime::runtime::events::receive(#uri, headers, body, secret)
        }
        /// As [`receive`], for a request of the crate `http` whose body has been read.
        ///
        /// # Errors
        /// As [`receive`].
        pub fn receive_request(
            request: &::conversations_runtime::runtime::Request<impl AsRef<[u8]>>,
            secret: &::conversations_runtime::WebhookSecret,
        ) -> ::std::result::Result<::conversations_runtime::Received<Event>, ::conversations_runtime::ReceiveError> {
            receive(#given request.headers(), request.body().as_ref(), secret)
        }
    }
}

fn rules(plan: &Plan, declared: &Events) -> TokenStream {
    let kind = &plan.events.kind;
    let items = declared.items.as_ref().map(|it| quote!(.with_items(#it)));
    let header = match &declared.verify {
        Verification::Header(name) => Some(quote!(.with_header(#name))),
        Verification::Address => None,
    };
    let keys = declared.keys.iter().map(|parts| quote!(&[#(#parts),*]));
    let keys = (!declared.keys.is_empty()).then(|| quote!(.with_keys(&[#(#keys),*])));
    let Delivery { accepted, retry_after_seconds, final_statuses } = &declared.delivery;
    let delivery = (declared.delivery != Delivery::default()).then(|| {
        quote!(.with_delivery(&[#(#accepted),*], &[#(#retry_after_seconds),*], &[#(#final_statuses),*]))
    });
    quote!(::conversations_runtime::runtime::events::Rules::new(#kind) #items #header #keys #delivery)
}

fn frame(plan: &Plan, declared: &Frame) -> Option<TokenStream> {
    let ty = plan.events.frame.as_ref()?;
    let (form, ty) = (rust::form(ty), rust::ty(ty, &quote!(super::types::)));
    let unsupported = "\n\n**Not supported by the vendor**: it describes the model of a frame and not the protocol around it, and offers its socket to nobody. All members are optional, and what they mean may change.";
    let note = if declared.supported { "" } else { unsupported };
    let about = doc(&format!("A frame of the vendor's socket.{note}"));
    let about_read = doc(&format!(
        "Reads a text frame of the vendor's socket, as leniently as an answer, with the parts that had to be left out.{note}\n\n# Errors\nWhere it is not JSON, or not an object."
    ));
    Some(quote! {
        #about
        pub type Frame = #ty;
        #about_read
        pub fn read_frame(
            frame: impl AsRef<[u8]>,
        ) -> ::std::result::Result<(Frame, ::std::vec::Vec<::conversations_runtime::Skipped>), ::conversations_runtime::ReceiveError> {
            ::conversations_runtime::runtime::events::read_frame::<#form, _>(frame.as_ref())
        }
    })
}
