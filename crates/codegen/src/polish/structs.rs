//! What typify wrote, made lenient in reading, documented, and free to grow.

use super::{
    UnexpectedOutput, enums,
    module::Module,
    prelude::shorten_type,
    reading,
    rust::{doc, docs, flag, ident, list},
    unions,
};
use crate::{
    emit::{Emitted, Part},
    names::escape,
    normalize::plan::{Def, Direction, Field, NULLS_FIELD, Plan, StructDef, Ty},
    print::Printed,
};
use conversations_document::fault::Result;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use syn::{
    FnArg, GenericArgument, ImplItem, Item, ItemImpl, ItemMod, ItemStruct, PathArguments, Type,
    parse_quote, punctuated::Punctuated, visit_mut::VisitMut,
};

/// Goes through `pub mod types`, and adds the types that progenitor does not write.
pub(super) fn module(
    mut head: ItemMod,
    emitted: Emitted<'_>,
    plan: &Plan,
    unexpected: &mut Vec<UnexpectedOutput>,
    out: &mut Printed,
) -> Result<()> {
    head.attrs = parse_quote! {
        /// The types of the document.
        #[allow(clippy::all, deprecated, missing_docs, missing_debug_implementations)]
    };
    // The names of types are none of the prelude's.
    let mut module = Module::among(out, []);
    // Enums and unions are named by way of `types` wherever they stand, so that any module may include the client.
    let imports = plan.defs.values().any(|it| !matches!(it, Def::Struct(_)));
    let nullable = plan.nullable();
    let mut read = Vec::new();
    for part in emitted {
        match part? {
            Part::Items(mut items) => {
                let added = polish(&mut items, plan, &mut read, unexpected);
                module.add(items);
                module.add_last(added);
            }
            Part::Module(head, emitted) => {
                let mut builders = Module::among(module.items(), []);
                for part in emitted {
                    if let Part::Items(mut items) = part? {
                        let added = self::builders(&mut items, plan, &nullable, unexpected);
                        builders.add(items);
                        builders.add_last(added);
                    }
                }
                let types = imports.then(|| {
                    parse_quote!(
                        #[allow(unused_imports)]
                        use super::super::types;
                    )
                });
                builders.print(*head, types, module.items());
            }
        }
    }
    if !read.is_empty() {
        module.add_last([parse_quote!(rt::structures! { #(#read),* })]);
    }
    for (name, def) in &plan.defs {
        let tokens = match def {
            Def::Struct(_) => continue,
            Def::Enum(def) => enums::item(name, def, nullable.contains(name.as_str())),
            Def::Union(def) => unions::item(name, def, plan, nullable.contains(name.as_str())),
        };
        let file: syn::File = parse_quote!(#tokens);
        module.add_last(file.items);
    }
    let types = imports.then(|| {
        parse_quote!(
            #[allow(unused_imports)]
            use super::types;
        )
    });
    module.print(head, types, out);
    Ok(())
}

/// typify boxes where it finds a type inside of itself, which may be an option: then absent and null go inside of the box,
/// where neither serde nor a setter finds them.
struct OptionsOutside;

impl VisitMut for OptionsOutside {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        syn::visit_mut::visit_type_mut(self, ty);
        if let Some(held) = generic(ty, "Box").as_ref().and_then(option_of) {
            *ty = parse_quote!(::std::option::Option<::std::boxed::Box<#held>>);
        }
    }
}

/// Polishes a type with its implementations, notes which structures are read, and returns what stands behind all types.
fn polish(
    items: &mut Vec<Item>,
    plan: &Plan,
    read: &mut Vec<syn::Ident>,
    unexpected: &mut Vec<UnexpectedOutput>,
) -> Vec<Item> {
    let mut added: Vec<Item> = Vec::new();
    items.iter_mut().for_each(|it| OptionsOutside.visit_item_mut(it));
    // Derived instead, also where further properties are kept.
    items.retain(|it| !matches!(it, Item::Impl(it) if is_trait(it, "Default")));
    for item in items {
        match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                match plan.defs.get(&name) {
                    Some(Def::Struct(def)) => {
                        read.push(item.ident.clone());
                        added.extend(structure(item, &name, def, unexpected));
                    }
                    _ => unexpected.push(UnexpectedOutput(format!(
                        "a structure `{name}` that the plan lacks"
                    ))),
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let name = type_name(item);
                for method in methods(item) {
                    if method.sig.ident == "builder" {
                        let text = format!(
                            "A builder for [`{name}`]; what is required and missing is reported when it is sent."
                        );
                        method.attrs = docs(&text);
                        method.attrs.push(flag("must_use"));
                    }
                }
            }
            _ => {}
        }
    }
    added
}

/// One structure: attributes, fields, a reading of its own, and a `Debug` of its own where something must not print.
fn structure(
    item: &mut ItemStruct,
    name: &str,
    def: &StructDef,
    unexpected: &mut Vec<UnexpectedOutput>,
) -> Vec<Item> {
    item.attrs.retain(|it| !it.path().is_ident("doc"));
    let about =
        if def.doc.is_empty() { format!("The document's `{name}`.") } else { def.doc.clone() };
    let mut attrs = docs(&about);
    attrs.append(&mut item.attrs);
    item.attrs = attrs;
    item.attrs.push(flag("non_exhaustive"));
    if def.deprecated {
        item.attrs.push(flag("deprecated"));
    }
    let has_nulls = def.has_nulls();
    for field in &mut item.fields {
        let Some(own) = field.ident.clone() else { continue };
        match planned(def, &own) {
            Some(planned) => polish_field(field, planned, def.in_request),
            None if own == "extra" && def.extra.is_some() => {
                field.attrs = parse_quote! {
                    /// Further properties, which the document allows without naming them. One of a documented name is sent instead of
                    /// what the field of that name holds.
                    #[serde(flatten)]
                };
            }
            None if own == NULLS_FIELD && has_nulls => {
                field.attrs = parse_quote! {
                    /// The properties that a request sends as null; setters note them here.
                    #[serde(flatten)]
                };
            }
            None => unexpected
                .push(UnexpectedOutput(format!("a field `{name}.{own}` that the plan lacks"))),
        }
    }
    let added_fields = usize::from(def.extra.is_some()) + usize::from(has_nulls);
    if item.fields.len() != def.fields.len() + added_fields {
        unexpected.push(UnexpectedOutput(format!("`{name}` lacks fields of the plan")));
    }
    let secret = def.has_secret();
    for attr in &mut item.attrs {
        if let Ok(derived) = derives(attr) {
            let own = |it: &&syn::Path| {
                let written = |name: &str| it.segments.last().is_some_and(|it| it.ident == name);
                written("Deserialize") || written("Default") || (secret && written("Debug"))
            };
            let derived = derived.iter().filter(|it| !own(it));
            let default = def.fields.iter().all(|it| !it.required).then(|| quote!(Default));
            *attr = list("derive", quote!(#(#derived,)* #default));
        }
    }
    let is_option = |field: &Field| {
        let own = escape(&field.name);
        let written = item.fields.iter().find(|it| it.ident.as_ref().is_some_and(|it| *it == own));
        written.is_some_and(|it| option_of(&it.ty).is_some())
    };
    let reading = reading::item(name, def, is_option);
    let reading: syn::File = parse_quote!(#reading);
    let mut added = reading.items;
    added.extend(constructor(item, def));
    if secret {
        let own = ident(name);
        let shown = def.fields.iter().map(|it| {
            let (field, text) = (ident(&it.name), &it.name);
            if it.secret {
                quote!(.field(#text, &"[secret]"))
            } else {
                quote!(.field(#text, &self.#field))
            }
        });
        added.push(parse_quote! {
            impl ::std::fmt::Debug for #own {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(#name) #(#shown)* .finish_non_exhaustive()
                }
            }
        });
    }
    added
}

/// `new`, where a structure that is sent must have few things.
fn constructor(item: &ItemStruct, def: &StructDef) -> Option<Item> {
    let arguments = def.constructor()?;
    let own = &item.ident;
    let names = arguments.iter().map(|it| format!("`{}`", it.wire)).collect::<Vec<_>>().join(", ");
    let about = doc(&match arguments.is_empty() {
        true => "What the document wants of it is one word only, and set.".to_owned(),
        false => format!("With what the document requires: {names}. The rest is left out."),
    });
    let (mut taken, mut fixed, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for argument in arguments {
        let field = ident(&argument.name);
        let ty = item.fields.iter().find(|it| it.ident.as_ref() == Some(&field));
        // Paths in a macro are shortened by nobody else.
        let ty = ty.map(|it| shorten_type(it.ty.clone()));
        taken.push(quote!(#field: #ty));
    }
    for field in item.fields.iter().filter_map(|it| it.ident.as_ref()) {
        match planned(def, field) {
            Some(it) if it.is_demanded() => {}
            Some(Field { fixed: Some(word), .. }) => fixed.push(quote!(#field = #word)),
            _ => rest.push(field),
        }
    }
    Some(parse_quote!(rt::constructor! {
        #about
        #own(#(#taken),*) #(#fixed),*; #(#rest),*
    }))
}

/// The traits that an attribute derives; an error where it derives none.
fn derives(attr: &syn::Attribute) -> syn::Result<Vec<syn::Path>> {
    let list = attr.meta.require_list()?;
    if !list.path.is_ident("derive") {
        return Err(syn::Error::new_spanned(list, "derives nothing"));
    }
    let paths = list.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)?;
    Ok(paths.into_iter().collect())
}

fn polish_field(field: &mut syn::Field, plan: &Field, in_request: bool) {
    let text = if plan.doc.is_empty() {
        format!("`{}` on the wire.", plan.wire)
    } else {
        plan.doc.clone()
    };
    let mut attrs = docs(&text);
    if plan.deprecated {
        attrs.push(flag("deprecated"));
    }
    let mut serde = Vec::new();
    if field.ident.as_ref().is_some_and(|it| *it != plan.wire) {
        let wire = &plan.wire;
        serde.push(quote!(rename = #wire));
    }
    if in_request && plan.only == Some(Direction::Answers) {
        // The server sets it, so that it is not sent.
        serde.push(quote!(skip_serializing));
    } else if option_of(&field.ty).is_some() {
        // What is required and may be null is said to be null; the rest is left out.
        if !plan.required {
            serde.push(quote!(skip_serializing_if = "Option::is_none"));
        }
    } else if !plan.required {
        let empty = match plan.ty {
            Ty::List(_) => Some("Vec::is_empty"),
            Ty::Map(_) => Some("::std::collections::BTreeMap::is_empty"),
            Ty::Object => Some("::serde_json::Map::is_empty"),
            _ => None,
        };
        serde.extend(empty.map(|empty| quote!(skip_serializing_if = #empty)));
    }
    if !serde.is_empty() {
        attrs.push(list("serde", quote!(#(#serde),*)));
    }
    field.attrs = attrs;
}

/// A builder of `types::builder`: setters that take a value, an option of it, or what turns into it. Returns what stands
/// behind all builders.
fn builders(
    items: &mut Vec<Item>,
    plan: &Plan,
    nullable: &BTreeSet<&str>,
    unexpected: &mut Vec<UnexpectedOutput>,
) -> Vec<Item> {
    let mut added: Vec<Item> = Vec::new();
    items.iter_mut().for_each(|it| OptionsOutside.visit_item_mut(it));
    let demanded = demanded(items);
    items.retain(|it| !matches!(it, Item::Impl(it) if is_conversion(it)));
    for item in items.iter_mut() {
        match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                let mut attrs = docs(&format!("Composes a [`super::{name}`]."));
                attrs.extend(item.attrs.drain(..).filter(|it| !it.path().is_ident("doc")));
                item.attrs = attrs;
                if let Some(Def::Struct(def)) = plan.defs.get(&name)
                    && def.has_secret()
                {
                    item.attrs.retain(|it| !it.path().is_ident("derive"));
                    item.attrs.push(list("derive", quote!(Clone)));
                    let own = &item.ident;
                    added.push(parse_quote! {
                        impl ::std::fmt::Debug for #own {
                            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                                f.debug_struct(#name).finish_non_exhaustive()
                            }
                        }
                    });
                }
                let own = item.ident.clone();
                if nullable.contains(name.as_str()) {
                    added.push(parse_quote!(rt::nullable! { #own => super::#own }));
                }
                let (mut required, mut optional) = (Vec::new(), Vec::new());
                for field in &mut item.fields {
                    let Some(own) = field.ident.clone() else { continue };
                    let demanded = demanded.get(&name).is_some_and(|it| it.contains(&own));
                    let place = match plan.defs.get(&name) {
                        Some(Def::Struct(def)) if demanded => {
                            def.fields.iter().enumerate().find(|(_, it)| own == escape(&it.name))
                        }
                        _ => None,
                    };
                    match (place, generic(&field.ty, "Result")) {
                        (Some((place, planned)), Some(held)) => {
                            field.ty = parse_quote!(
                                ::std::result::Result<::std::option::Option<#held>, ::std::string::String>
                            );
                            let wire = &planned.wire;
                            required.push((place, quote!(#own = #wire)));
                        }
                        _ => optional.push(own),
                    }
                }
                // What is missing is named in the order of the document.
                required.sort_by_key(|(place, _)| *place);
                let required = required.into_iter().map(|(_, it)| it);
                added.push(parse_quote!(rt::builder! { #own: #(#required),*; #(#optional),* }));
            }
            Item::Impl(item) => {
                let name = type_name(item);
                let Some(Def::Struct(def)) = plan.defs.get(&name) else {
                    continue;
                };
                if item.trait_.is_none() {
                    // The setters of the properties note what is null.
                    item.items.retain(
                        |it| !matches!(it, ImplItem::Fn(it) if it.sig.ident == NULLS_FIELD),
                    );
                    let demanded = demanded.get(&name).map(Vec::as_slice).unwrap_or_default();
                    for method in methods(item) {
                        setter(method, &name, def, demanded, unexpected);
                    }
                } else if is_trait(item, "Default") {
                    syn::visit_mut::VisitMut::visit_item_impl_mut(&mut Defaults(def), item);
                }
            }
            _ => {}
        }
    }
    added
}

/// The fields without which a builder does not become what it makes, by builder: those that begin as an error.
fn demanded(items: &[Item]) -> BTreeMap<String, Vec<syn::Ident>> {
    struct Missing(Vec<syn::Ident>);
    impl<'ast> syn::visit::Visit<'ast> for Missing {
        fn visit_field_value(&mut self, value: &'ast syn::FieldValue) {
            if let syn::Member::Named(own) = &value.member
                && begins_as_error(value)
            {
                self.0.push(own.clone());
            }
        }
    }
    let mut out = BTreeMap::new();
    for item in items {
        if let Item::Impl(item) = item
            && is_trait(item, "Default")
        {
            let mut missing = Missing(Vec::new());
            syn::visit::Visit::visit_item_impl(&mut missing, item);
            out.insert(type_name(item), missing.0);
        }
    }
    out
}

/// Whether this is one of the two conversions between a builder and what it makes, which the run time writes.
fn is_conversion(item: &ItemImpl) -> bool {
    is_trait(item, "TryFrom") || is_trait(item, "From")
}

fn is_trait(item: &ItemImpl, name: &str) -> bool {
    let path = item.trait_.as_ref().map(|(path, _)| path);
    path.and_then(|it| it.segments.last()).is_some_and(|it| it.ident == name)
}

fn setter(
    method: &mut syn::ImplItemFn,
    name: &str,
    def: &StructDef,
    demanded: &[syn::Ident],
    unexpected: &mut Vec<UnexpectedOutput>,
) {
    let own = method.sig.ident.clone();
    let planned = planned(def, &own);
    let text = match planned {
        Some(field) if !field.doc.is_empty() => {
            format!("Sets [`super::{name}::{own}`]: {}", field.doc)
        }
        Some(_) => format!("Sets [`super::{name}::{own}`]."),
        None if own == "extra" => "Sets the further properties.".to_owned(),
        None => {
            unexpected
                .push(UnexpectedOutput(format!("a setter `{name}.{own}` that the plan lacks")));
            return;
        }
    };
    let fixed = planned.and_then(|it| match (&it.fixed, it.empty) {
        (Some(word), _) => Some(format!("it is `{}`", word.replace('`', "'"))),
        (None, true) => Some("it is empty by itself".to_owned()),
        (None, false) => None,
    });
    let fixed = fixed.map(|it| format!("\n\nNeed not be set: {it}."));
    method.attrs = docs(&(text + &fixed.unwrap_or_default()));
    method.attrs.push(flag("must_use"));
    if let Some(field) = planned
        && field.deprecated
    {
        method.attrs.push(flag("deprecated"));
    }
    let Some(target) = bound(method) else {
        unexpected.push(UnexpectedOutput(format!("a setter `{name}.{own}` of no known type")));
        return;
    };
    let text = own.to_string();
    let some = (planned.is_some() && demanded.contains(&own)).then(|| quote!(.map(Some)));
    let Some(inner) = option_of(&target) else {
        takes(method, &quote!(impl ::std::convert::TryInto<#target, Error: ::std::fmt::Display>));
        method.block = parse_quote!({
            self.#own = ::conversations_runtime::runtime::field(#text, value) #some;
            self
        });
        return;
    };
    let (inner, boxed) = match generic(&inner, "Box") {
        Some(inner) => (inner, quote!(.map(|value| value.map(::std::boxed::Box::new)))),
        None => (inner, quote!()),
    };
    let three_states = planned.filter(|it| def.in_request && it.has_three_states());
    let read = match three_states {
        Some(field) => {
            let wire = &field.wire;
            takes(method, &quote!(impl ::conversations_runtime::runtime::IntoNullable<#inner>));
            quote!(nullable(#text, &mut self.explicit_nulls, #wire, value))
        }
        None => {
            takes(method, &quote!(impl ::conversations_runtime::runtime::IntoOption<#inner>));
            quote!(optional(#text, value))
        }
    };
    method.block = parse_quote!({
        self.#own = ::conversations_runtime::runtime::#read #boxed #some;
        self
    });
}

/// Lets a setter take a value of this type instead of a generic one.
pub(super) fn takes(method: &mut syn::ImplItemFn, ty: &TokenStream) {
    method.sig.generics = Default::default();
    for input in &mut method.sig.inputs {
        if let FnArg::Typed(input) = input {
            input.ty = parse_quote!(#ty);
        }
    }
}

/// The `U` of a setter's `where T: TryInto<U>`.
pub(super) fn bound(method: &syn::ImplItemFn) -> Option<Type> {
    let takes_value = method.sig.inputs.iter().any(|it| matches!(it, FnArg::Typed(_)));
    let clause = method.sig.generics.where_clause.as_ref().filter(|_| takes_value)?;
    clause.predicates.iter().find_map(|predicate| {
        let syn::WherePredicate::Type(predicate) = predicate else { return None };
        predicate.bounds.iter().find_map(|bound| {
            let syn::TypeParamBound::Trait(bound) = bound else { return None };
            let last = bound.path.segments.last()?;
            if last.ident != "TryInto" {
                return None;
            }
            first_argument(last)
        })
    })
}

/// What a builder begins with: a map of further properties may be empty, and what can be one word only is that word.
struct Defaults<'a>(&'a StructDef);

impl syn::visit_mut::VisitMut for Defaults<'_> {
    fn visit_field_value_mut(&mut self, value: &mut syn::FieldValue) {
        let syn::Member::Named(own) = &value.member else { return };
        let field = planned(self.0, own);
        let extra = field.is_none() && own == "extra" && self.0.extra.is_some();
        if extra {
            value.expr = parse_quote!(Ok(::std::default::Default::default()));
        } else if begins_as_error(value) {
            value.expr = match field {
                Some(Field { fixed: Some(word), .. }) => parse_quote!(Ok(Some(#word.into()))),
                Some(Field { empty: true, .. }) => {
                    parse_quote!(Ok(Some(::std::default::Default::default())))
                }
                _ => parse_quote!(Ok(None)),
            };
        }
    }
}

/// Whether a field of a builder begins as an error: it must be given.
fn begins_as_error(value: &syn::FieldValue) -> bool {
    matches!(&value.expr, syn::Expr::Call(call)
        if matches!(&*call.func, syn::Expr::Path(it) if it.path.is_ident("Err")))
}

/// The field of the plan that became this one.
fn planned<'a>(def: &'a StructDef, own: &syn::Ident) -> Option<&'a Field> {
    def.fields.iter().find(|it| *own == escape(&it.name))
}

/// The type inside `Option<…>`.
pub(super) fn option_of(ty: &Type) -> Option<Type> {
    generic(ty, "Option")
}

pub(super) fn generic(ty: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != name { None } else { first_argument(last) }
}

fn first_argument(segment: &syn::PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|it| match it {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

pub(super) fn type_name(item: &ItemImpl) -> String {
    match &*item.self_ty {
        Type::Path(path) => {
            path.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

pub(super) fn methods(item: &mut ItemImpl) -> impl Iterator<Item = &mut syn::ImplItemFn> {
    item.items.iter_mut().filter_map(|it| match it {
        ImplItem::Fn(it) => Some(it),
        _ => None,
    })
}
