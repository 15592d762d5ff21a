//! Which style a parameter or a property of a form is written in, and how forms are encoded.

use super::{
    flatten::is_binary,
    media::{Class, class},
    plan::{Def, EncodingPlan, Location, Style, Ty},
    schema::TypeResolver,
};
use conversations_document::{
    Pointer,
    lower::{COLLECTION_FORMAT, CONTENT_MEDIA_TYPE},
    note::Done,
    path::spans_segments,
};
use serde_json::{Map, Value};

/// The styles of OpenAPI and the one that it has no word for, each with what the run time calls it and whether it explodes
/// where the document does not say.
const STYLES: [(&str, &str, bool); 9] = [
    ("simple", "SIMPLE", false),
    ("label", "LABEL", false),
    ("matrix", "MATRIX", false),
    ("form", "FORM", true),
    ("spaceDelimited", "SPACE_DELIMITED", false),
    ("pipeDelimited", "PIPE_DELIMITED", false),
    ("deepObject", "DEEP_OBJECT", true),
    ("cookie", "COOKIE", true),
    ("tabDelimited", "TAB_DELIMITED", false),
];

/// The style of this name: what the run time calls it, and whether it explodes by itself.
fn named(wanted: &str) -> (&'static str, bool) {
    let known = STYLES.iter().find(|(name, ..)| *name == wanted);
    known.map_or(("FORM", true), |(_, name, explodes)| (*name, *explodes))
}

/// The style that an object of the document asks for, `default` where it names none, for a value of this schema.
fn asked(object: &Value, default: &str, schema: &Value) -> Style {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let wanted = text(COLLECTION_FORMAT).or_else(|| text("style")).unwrap_or(default);
    let flag = |key: &str| object.get(key).and_then(Value::as_bool);
    let (name, explodes) = named(wanted);
    let explode = flag("explode").filter(|it| *it != explodes && name != "DEEP_OBJECT");
    let inner = std::iter::successors(schema.get("items"), |it| it.get("items"));
    let inner = inner.map_while(|it| it.get(COLLECTION_FORMAT).and_then(Value::as_str));
    let nested = inner.map(|it| named(it).0).collect();
    let allow_reserved = flag("allowReserved") == Some(true);
    Style { name, explode, allow_reserved, segments: false, slashes: false, nested }
}

/// The style of a parameter, by its type.
pub(super) fn of_parameter(
    param: &Value,
    schema: &Value,
    location: &Location,
    ty: &Ty,
    at: &Pointer,
    resolver: &mut TypeResolver<'_>,
) -> Style {
    let default = match location {
        Location::Query | Location::Cookie => "form",
        Location::Path | Location::Header | Location::Part(_) => "simple",
    };
    let content = param.get("content").and_then(Value::as_object);
    let mut style = match content.and_then(|it| it.keys().next()) {
        Some(media) if matches!(class(media), Class::Json) => {
            return Style {
                name: "JSON",
                explode: None,
                allow_reserved: false,
                segments: false,
                slashes: false,
                nested: Vec::new(),
            };
        }
        Some(_) => asked(&Value::Null, default, schema),
        None => asked(param, default, schema),
    };
    let name = param.get("name").and_then(Value::as_str).unwrap_or_default();
    if *location == Location::Path {
        style.segments = spans_segments(name) || style.allow_reserved;
        style.slashes = may_hold_slash(param, schema, resolver);
    }
    note_nested(ty, &style, at, resolver);
    style
}

/// Whether values of a parameter may hold a slash, by what the document shows and says of them.
fn may_hold_slash(param: &Value, schema: &Value, resolver: &TypeResolver<'_>) -> bool {
    let schema = resolver.flattener.flattened(schema);
    let item = schema.get("items").map(|it| resolver.flattener.flattened(it));
    let media = param.get("content").and_then(Value::as_object).into_iter().flatten();
    let holders = media.map(|(_, it)| it).chain([param, &schema]).chain(&item);
    let mut shown = holders.flat_map(|holder| {
        let named = holder.get("examples").and_then(Value::as_object).into_iter().flatten();
        let listed = holder.get("enum").and_then(Value::as_array).into_iter().flatten();
        // Swagger 2.0 has no word for the example of a parameter, and this is what most write.
        let own = ["example", "x-example", "default"].into_iter().filter_map(|it| holder.get(it));
        named.filter_map(|(_, it)| it.get("value")).chain(listed).chain(own)
    });
    let slashed = |it: &str| it.contains('/') || it.to_ascii_lowercase().contains("%2f");
    let said = [&schema].into_iter().chain(&item).any(|it| {
        let text = |key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default();
        // Formats of addresses.
        matches!(text("format"), "uri" | "url" | "uri-reference" | "iri" | "iri-reference")
            || pattern_has_slash(text("pattern"))
    });
    said || shown.any(|it| match it {
        Value::Array(items) => items.iter().filter_map(Value::as_str).any(slashed),
        it => it.as_str().is_some_and(slashed),
    })
}

/// Whether a slash stands in a pattern outside of the classes that exclude it.
fn pattern_has_slash(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((before, excluded)) = rest.split_once("[^") {
        if before.contains('/') {
            return true;
        }
        rest = excluded.split_once(']').map_or("", |(_, after)| after);
    }
    rest.contains('/')
}

/// Says where a value may hold what the style cannot write.
fn note_nested(ty: &Ty, style: &Style, at: &Pointer, resolver: &mut TypeResolver<'_>) {
    let lists = style.name == "FORM" && style.explode.is_none();
    let fits = |ty: &Ty| match ty {
        Ty::List(inner) if lists => resolver.is_scalar(inner),
        Ty::Any => true,
        other => resolver.is_scalar(other),
    };
    let written = match ty {
        _ if style.name == "DEEP_OBJECT" => true,
        Ty::List(inner) => {
            let mut inner = &**inner;
            for _ in &style.nested {
                inner = if let Ty::List(held) = inner { held } else { inner };
            }
            *inner == Ty::Any || resolver.is_scalar(inner)
        }
        Ty::Map(inner) => fits(inner),
        Ty::Named(name) => match resolver.defs.get(name) {
            Some(Def::Struct(def)) => def.fields.iter().all(|it| fits(&it.ty)),
            _ => true,
        },
        _ => true,
    };
    if !written {
        resolver.note(at, Done::FlatStyle);
    }
}

/// How the properties of a form are written, where its media type object or their types say more than the default.
pub(super) fn encodings(
    entry: &Value,
    schema: &Value,
    is_multipart: bool,
    at: &Pointer,
    resolver: &mut TypeResolver<'_>,
) -> Vec<EncodingPlan> {
    let schema = resolver.flattener.flattened(schema);
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let declared = entry.get("encoding").and_then(Value::as_object).unwrap_or(&none);
    let undeclared = properties.keys().filter(|it| !declared.contains_key(*it));
    let mut out = Vec::new();
    for name in declared.keys().chain(undeclared) {
        let property = resolver.flattener.flattened(properties.get(name).unwrap_or(&Value::Null));
        let item = property.get("items").map(|it| resolver.flattener.flattened(it));
        let one = item.as_ref().unwrap_or(&property);
        let file = is_multipart && is_binary(one);
        let encoding = declared.get(name).unwrap_or(&Value::Null);
        let says = ["style", "explode", "allowReserved", COLLECTION_FORMAT];
        let style = says
            .iter()
            .any(|it| encoding.get(*it).is_some())
            .then(|| asked(encoding, "form", &property));
        // What a text says of its own content holds where the encoding says nothing.
        // A text that holds JSON is that JSON already, which a part of this type would quote.
        let is_json = |it: &&Value| it.as_str().is_some_and(|it| matches!(class(it), Class::Json));
        let own = one.get(CONTENT_MEDIA_TYPE).filter(|it| is_multipart && !is_json(it));
        let media = encoding.get("contentType").or(own).and_then(Value::as_str).unwrap_or_default();
        let media: Vec<&str> = media
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty() && !it.contains('*'))
            .collect();
        let structured = one.get("type").is_some_and(|it| it == "object");
        let content_type = match structured && style.is_none() {
            true => media.iter().find(|it| matches!(class(it), Class::Json)),
            false => media.first(),
        };
        if content_type.is_none() && !media.is_empty() {
            let at = at.child("encoding").child(name).child("contentType");
            resolver.note(&at, Done::JsonOnly { name: name.clone() });
        }
        let plan = EncodingPlan {
            name: name.clone(),
            style,
            content_type: content_type.map(|it| (*it).to_owned()),
            file,
        };
        if plan.style.is_some() || plan.content_type.is_some() || plan.file {
            out.push(plan);
        }
    }
    out
}
