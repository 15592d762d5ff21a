//! The lines of a comparison of two surfaces.

use conversations_codegen::surface::{Difference, Form, Item, Kind, SurfaceDiff, Travels, Type};

/// The first or the second of two surfaces, as an index.
pub(super) const BASE: usize = 0;
/// See [`BASE`].
pub(super) const REVISION: usize = 1;

/// What an item is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role<'s> {
    /// A method of the client.
    Method(&'s str),
    /// A method of the client's builder.
    Setting,
    /// A method of an operation's builder.
    Member { builder: &'s str, name: &'s str },
    /// The enum of an operation's answers, or one of its variants.
    Answer { builder: &'s str },
    /// A type.
    Type(&'s str),
    /// A field or a variant of a type.
    Part { owner: &'s str, name: &'s str },
    /// A kind of event.
    Event,
    /// What belongs to no operation and no type.
    Alone,
}

/// The role of an item.
pub(super) fn role(item: &Item) -> Role<'_> {
    match &item.kind {
        Kind::Setting { .. } => Role::Setting,
        Kind::Method { name, .. } => Role::Method(name),
        Kind::Setter { builder, name, .. } | Kind::Call { builder, name, .. } => {
            Role::Member { builder, name }
        }
        Kind::Answer { builder } | Kind::AnswerCase { builder, .. } => Role::Answer { builder },
        Kind::Type { name, .. } => Role::Type(name),
        Kind::Field { owner, name, .. }
        | Kind::Word { owner, name, .. }
        | Kind::Alternative { owner, name, .. } => Role::Part { owner, name },
        Kind::ServerValue { .. }
        | Kind::ErrorCode { .. }
        | Kind::Header { .. }
        | Kind::Receiver { .. } => Role::Alone,
        Kind::Event { .. } => Role::Event,
    }
}

/// A line of the comparison: an item that was removed, changed or added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'s> {
    /// The item's path.
    pub(super) path: &'s str,
    /// What it is a part of.
    pub(super) role: Role<'s>,
    /// The item before and after.
    pub(super) items: [Option<&'s Item>; 2],
}

impl<'s> Line<'s> {
    /// The surfaces that have the item.
    pub(super) fn sides(&self) -> impl Iterator<Item = usize> + use<'s> {
        let has = self.items.map(|it| it.is_some());
        [BASE, REVISION].into_iter().filter(move |side| has[*side])
    }

    /// The one surface that has the item, unless both have it.
    pub(super) fn only_side(&self) -> Option<usize> {
        match self.items {
            [Some(_), None] => Some(BASE),
            [None, Some(_)] => Some(REVISION),
            _ => None,
        }
    }

    /// The types that it mentions on one side.
    pub(super) fn types(&self, side: usize) -> Vec<&'s str> {
        self.items[side].map(Item::types).unwrap_or_default()
    }

    /// The word that it is the variant for.
    pub(super) fn word(&self) -> Option<&'s str> {
        self.items.iter().flatten().find_map(|it| match &it.kind {
            Kind::Word { word, .. } => Some(word.as_str()),
            _ => None,
        })
    }
}

/// The differences in the order of reports, each with the word that they write before it.
fn all<'d, 's>(
    diff: &'d SurfaceDiff<'s>,
) -> impl Iterator<Item = (&'static str, &'d Difference<'s>)> {
    let all = [("removed", &diff.removed), ("changed", &diff.changed), ("added", &diff.added)];
    all.into_iter().flat_map(|(kind, list)| list.iter().map(move |it| (kind, it)))
}

/// The lines of `diff` as reports write them, `added types::Pet: struct`.
pub(super) fn written(diff: &SurfaceDiff<'_>) -> Vec<String> {
    all(diff).map(|(kind, it)| format!("{kind} {it}")).collect()
}

/// The same lines for the rules, in the same order.
pub(super) fn lines<'s>(diff: &SurfaceDiff<'s>) -> Vec<Line<'s>> {
    let line = |(_, it): (_, &Difference<'s>)| {
        let Difference { path, items } = *it;
        let role = items.into_iter().flatten().next().map_or(Role::Alone, role);
        Line { path, role, items }
    };
    all(diff).map(line).collect()
}

/// In what two items differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facets {
    /// In what may be missing.
    pub(super) need: bool,
    /// In the type as such.
    pub(super) kind: bool,
}

/// Compares two items.
pub(super) fn facets(before: &Item, after: &Item) -> Facets {
    Facets {
        need: options(before) != options(after),
        kind: essence(before) != essence(after) || wire(before) != wire(after),
    }
}

/// Compares what two items stand for, whatever they are called on the wire. `renamed` says which type of the other
/// surface is the same as one of the first.
pub(super) fn facets_of_renamed(
    own: &Item,
    other: &Item,
    renamed: impl Fn(&str) -> Option<String>,
) -> Facets {
    let (mut own, other) = ((options(own), essence(own)), (options(other), essence(other)));
    own.1.ty = own.1.ty.map(|it| it.renamed(&renamed));
    Facets { need: own.0 != other.0, kind: own.1 != other.1 }
}

/// How many things about an item may be missing.
fn options(item: &Item) -> usize {
    let own = matches!(&item.kind, Kind::Setter { argument, .. } if !argument.required);
    usize::from(own) + item.ty().map_or(0, Type::options)
}

/// What an item is but for its name and for what may be missing.
#[derive(PartialEq, Eq)]
struct Essence<'i> {
    ty: Option<Type>,
    travels: Option<&'i Travels>,
    form: Option<Form>,
    word: Option<&'i str>,
}

fn essence(item: &Item) -> Essence<'_> {
    let ty = item.ty().map(Type::without_options);
    let mut out = Essence { ty, travels: None, form: None, word: None };
    match &item.kind {
        Kind::Setter { argument, .. } => out.travels = Some(&argument.travels),
        Kind::Type { form, .. } => out.form = Some(*form),
        Kind::Word { word, .. } | Kind::ServerValue { word, .. } => out.word = Some(word),
        _ => {}
    }
    out
}

fn wire(item: &Item) -> Option<&str> {
    match &item.kind {
        Kind::Field { wire, .. } => wire.as_deref(),
        _ => None,
    }
}
