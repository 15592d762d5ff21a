//! From the plan of a client to its surface.

use super::{Argument, Form, Kind, OperationSurface, Surface, Travels, Type, answer_enum};
use crate::{
    names,
    normalize::plan::{
        Answer, BodyKind, BodyPlan, Def, EventsPlan, Field, Location, NULLS_FIELD, OperationPlan,
        Plan, Ty,
    },
    provider::{Credential, Provider, Verification},
};
use conversations_document::Pointer;

/// The surface of a plan.
pub fn surface(plan: &Plan, provider: &Provider) -> Surface {
    let mut out = Surface { provider: provider.provider.clone(), ..Surface::default() };
    for auth in &provider.auth {
        let takes = match auth.credential {
            Credential::Key | Credential::Bearer => "secret",
            Credential::Basic => "username, password",
            Credential::ClientCredentials => "client_id, client_secret",
            Credential::JwtHs256 => "key_id, secret",
        };
        let name = names::escape(&names::snake(&auth.method));
        out.add(
            Kind::Setting { name, takes: takes.to_owned() },
            Pointer::from("/components/securitySchemes").child(&auth.scheme),
        );
    }
    for group in &plan.groups {
        let first = plan.operations.iter().find(|it| {
            it.server.checked_sub(1).and_then(|at| plan.groups.get(at)).map(|it| &it.method)
                == Some(&group.method)
        });
        let place = first.map(|it| it.pointer.child("servers")).unwrap_or_default();
        let takes = "url".to_owned();
        out.add(Kind::Setting { name: names::escape(&group.method), takes }, place);
    }
    for variable in &plan.variables {
        let (name, choice) = (names::escape(&variable.method), variable.choice.as_ref());
        let takes = choice.map_or("value".to_owned(), |it| format!("servers::{}", it.name));
        out.add(Kind::Setting { name, takes }, "/servers".into());
        for (owner, (word, name)) in
            choice.iter().flat_map(|it| it.values.iter().map(|value| (&it.name, value.clone())))
        {
            let owner = owner.clone();
            out.add(Kind::ServerValue { owner, name, word }, "/servers".into());
        }
    }
    for code in &provider.error_codes {
        // The document does not have it, so it has no place.
        let code = Kind::ErrorCode { name: code.constant(), code: format!("{:?}", code.code) };
        out.add(code, Pointer::ROOT);
    }
    for operation in &plan.operations {
        let seen = self::operation(operation);
        let method = names::escape(&operation.name);
        let builder = || operation.type_name.clone();
        let below = |key: &str| operation.pointer.child(key);
        out.add(
            Kind::Method { name: method.clone(), builder: builder() },
            operation.pointer.clone(),
        );
        for (name, argument) in seen.setters.iter().cloned() {
            let place = match argument.travels {
                Travels::In(_) => "parameters",
                Travels::Body(_) => "requestBody",
            };
            out.add(Kind::Setter { builder: builder(), name, argument }, below(place));
        }
        let answers = below("responses");
        let mut call = |name: &str, returns: Type, place: Pointer| {
            out.add(Kind::Call { builder: builder(), name: name.to_owned(), returns }, place);
        };
        call("send", Type::of("Response", seen.answer.clone()), answers.clone());
        for (name, returns) in &seen.more {
            call(name, returns.clone(), below("x-conversations"));
        }
        if let Answer::ByStatus(cases) = &operation.answer {
            for (status, variant, case) in cases {
                let (name, ty) = (variant.clone(), answer(case, operation));
                let case = Kind::AnswerCase { builder: builder(), name, ty };
                out.add(case, answers.child(status));
            }
            out.add(Kind::Answer { builder: builder() }, answers);
        }
        out.operations.insert(method, seen);
    }
    for header in &plan.headers {
        let (name, ty, wire) = (header.name.clone(), ty(&header.ty), header.wire.clone());
        out.add(Kind::Header { name, ty, wire }, header.pointer.clone());
    }
    events(plan, provider, &mut out);
    for (name, def) in &plan.defs {
        let place = plan.places.get(name).cloned().unwrap_or_default();
        let owner = || name.clone();
        let form = match def {
            Def::Struct(_) => Form::Struct,
            Def::Enum(_) => Form::Enum,
            Def::Union(_) => Form::Union,
        };
        let item = out.add(Kind::Type { name: owner(), form }, place.clone());
        let field = |name: String, ty: Type, wire: Option<String>| Kind::Field {
            owner: owner(),
            name,
            ty,
            wire,
        };
        match def {
            Def::Struct(def) => {
                let constructor = def.constructor();
                item.is_default = def.fields.iter().all(|it| !it.required)
                    || constructor.as_ref().is_some_and(Vec::is_empty);
                if let Some(arguments) = constructor {
                    let argument = |it: &Field| {
                        let inner = ty(&it.ty);
                        let taken = if it.nullable { Type::option(inner) } else { inner };
                        (names::escape(&it.name), taken)
                    };
                    let arguments = arguments.into_iter().map(argument).collect();
                    out.constructors.insert(name.clone(), arguments);
                }
                for it in &def.fields {
                    let inner = ty(&it.ty);
                    let listed = matches!(it.ty, Ty::List(_) | Ty::Map(_) | Ty::Object);
                    let optional = if it.required {
                        it.nullable
                    } else {
                        !listed || def.in_request || it.nullable
                    };
                    let shown = if optional { Type::option(inner) } else { inner };
                    let own = names::escape(&it.name);
                    let wire = (own != it.wire).then(|| it.wire.clone());
                    let here = place.child("properties").child(&it.wire);
                    let item = out.add(field(own, shown, wire), here);
                    item.is_demanded = def.in_request && it.is_demanded();
                }
                if def.has_nulls() {
                    let nulls = Type::option(Type::word("Nulls"));
                    out.add(field(NULLS_FIELD.to_owned(), nulls, None), place.clone());
                }
                if let Some(extra) = &def.extra {
                    let extra = field("extra".to_owned(), Type::map(ty(extra)), None);
                    out.add(extra, place.child("additionalProperties"));
                }
            }
            Def::Enum(def) => {
                for (word, variant) in &def.values {
                    let (name, word) = (variant.clone(), word.clone());
                    out.add(Kind::Word { owner: owner(), name, word }, place.child("enum"));
                }
            }
            Def::Union(def) => {
                for variant in &def.variants {
                    let (name, ty) = (variant.name.clone(), ty(&variant.ty));
                    out.add(Kind::Alternative { owner: owner(), name, ty }, place.clone());
                }
            }
        }
    }
    out
}

/// What the vendor sends by itself.
fn events(plan: &Plan, provider: &Provider, out: &mut Surface) {
    let EventsPlan { kind: _, events, frame } = &plan.events;
    for event in events {
        let (name, ty, word) = (event.name.clone(), ty(&event.ty), event.kind.clone());
        out.add(Kind::Event { name, ty, word }, event.pointer.clone());
    }
    let mut receiver = |name, takes, returns| {
        out.add(Kind::Receiver { name, takes, returns }, Pointer::ROOT);
    };
    if !events.is_empty() {
        let verify = provider.events.as_ref().map(|it| &it.verify);
        let takes = match verify.unwrap_or(&Verification::Address) {
            Verification::Address => "uri, headers, body, secret",
            Verification::Header(_) => "headers, body, secret",
        };
        let received = Type::of("Received", Type::word("Event"));
        receiver("receive", takes, received.clone());
        receiver("receive_request", "request, secret", received);
    }
    if let Some(frame) = frame {
        receiver("read_frame", "frame", ty(frame));
    }
}

/// The type that the setter of a body takes.
fn body_type(body: &BodyPlan) -> Type {
    match body.kind {
        BodyKind::Bytes => Type::word("Body"),
        _ => ty(&body.ty),
    }
}

/// The type that the setter of a body of another media type takes.
fn alternative_type(body: &BodyPlan) -> Type {
    match body.kind {
        BodyKind::Bytes => Type::word("Bytes"),
        _ => ty(&body.ty),
    }
}

fn operation(operation: &OperationPlan) -> OperationSurface {
    let mut setters: Vec<(String, Argument)> = Vec::new();
    for required in [true, false] {
        for param in operation.params.iter().filter(|it| it.required == required) {
            let place = match &param.location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
                Location::Cookie => "cookie",
                Location::Part(_) => "a header of a part",
            };
            let travels = Travels::In(place);
            let argument = Argument { ty: ty(&param.ty), required, travels };
            setters.push((names::escape(&param.name), argument));
        }
    }
    let body = operation.body.iter().map(|it| ("body", it.required, body_type(it), it));
    let others = operation.alternatives.iter();
    let others = others.map(|(setter, it)| (setter.as_str(), false, alternative_type(it), it));
    for (setter, required, ty, body) in body.chain(others) {
        // What follows the type, such as a charset, is not part of the signature.
        let media = body.media.split(';').next().unwrap_or_default().trim().to_owned();
        setters.push((setter.to_owned(), Argument { ty, required, travels: Travels::Body(media) }));
    }
    let mut more = Vec::new();
    if let Some(item) = &operation.page_item {
        more.push(("stream", Type::of("ItemStream", ty(item))));
    }
    if let Some(item) = &operation.follow_item {
        more.push(("follow", Type::of("Follow", ty(item))));
    }
    if operation.extension.keep_alive.is_some() {
        more.push(("keep_alive", Type::word("KeepAlive")));
    }
    let safe = matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    let repeatable = safe || matches!(operation.method.as_str(), "PUT" | "DELETE");
    let mut behaviours = Vec::new();
    if operation.extension.idempotent != repeatable {
        behaviours.push(if repeatable { "not idempotent" } else { "idempotent" }.to_owned());
    }
    if operation.extension.billable {
        behaviours.push("billable".to_owned());
    }
    if operation.extension.changes_state == safe {
        behaviours.push(if safe { "changes state" } else { "changes nothing" }.to_owned());
    }
    if let Some(key) = &operation.extension.idempotency_key {
        let known = if key.verified { "" } else { ", unverified" };
        behaviours.push(format!("idempotency key {}{known}", key.name));
    }
    OperationSurface {
        id: operation.id.clone(),
        verb: operation.method.clone(),
        path: operation.path.clone(),
        sdk_name: operation.sdk_name.clone(),
        answer: answer(&operation.answer, operation),
        setters,
        more,
        behaviours,
    }
}

fn answer(answer: &Answer, operation: &OperationPlan) -> Type {
    match answer {
        Answer::Empty => Type::word("()"),
        Answer::Json(it) => ty(it),
        Answer::OptionalJson(it) => Type::option(ty(it)),
        Answer::Stream(it) if it.are_events => {
            Type::of("ItemStream", Type::of("Event", ty(&it.ty)))
        }
        Answer::Stream(it) => Type::of("ItemStream", ty(&it.ty)),
        Answer::Redirect => Type::word("Redirect"),
        Answer::Text => Type::word("String"),
        Answer::Bytes => Type::word("Bytes"),
        Answer::ByStatus(_) => Type::word(&answer_enum(&operation.type_name)),
    }
}

fn ty(it: &Ty) -> Type {
    match it {
        Ty::Any => Type::word("Value"),
        Ty::Object => Type::Of("Map".to_owned(), vec![Type::word("String"), Type::word("Value")]),
        Ty::Boolean => Type::word("bool"),
        Ty::Int32 => Type::word("i32"),
        Ty::Int64 => Type::word("i64"),
        Ty::UInt64 => Type::word("u64"),
        Ty::Number => Type::word("f64"),
        Ty::String => Type::word("String"),
        Ty::Timestamp => Type::word("Timestamp"),
        Ty::File => Type::word("FilePart"),
        Ty::List(inner) => Type::of("Vec", ty(inner)),
        Ty::Map(inner) => Type::map(ty(inner)),
        Ty::Nullable(inner) => Type::option(ty(inner)),
        Ty::Named(name) => Type::Own(name.clone()),
    }
}
