//! The cause that only names speak for, where no place does: an overlay may have copied a schema, or the
//! generator resolved a reference. Only changes of operations that lead to the item are asked.

use super::{
    causes::{Effect, Evidence, best},
    lines::{Line, Role, facets},
    pointers::{property, schema, spoken_of},
    setting::Setting,
};
use conversations_codegen::{
    names,
    surface::{Item, Kind, Type},
};
use conversations_diff::{Part, Step, Subject};
use std::collections::BTreeSet;

/// The cause of a line whose item's place says nothing.
pub(super) fn guess(setting: &Setting<'_>, line: &Line<'_>) -> Option<usize> {
    let operations = reached_from(setting, line);
    if let Role::Type(_) = line.role
        && operations.is_empty()
    {
        return component(setting, line);
    }
    let pieces = || operations.iter().flat_map(|it| setting.causes.of_operation(*it));
    let named =
        pieces().filter_map(|evidence| Some((names_it(setting, line, evidence)?, evidence.cause)));
    // A property that came or went is in the line of its own field.
    let alone = || only(pieces().filter(|it| !it.is_property() && could(setting, line, it)));
    best(named).or_else(alone).or_else(|| of_requests(setting, line, &operations))
}

/// A list may be left out of requests only, so that it is another type once the last request with it went,
/// or the first came.
fn of_requests(
    setting: &Setting<'_>,
    line: &Line<'_>,
    operations: &BTreeSet<usize>,
) -> Option<usize> {
    let [Some(before), Some(after)] = line.items else { return None };
    let list = |it: &Item| {
        matches!(it.kind, Kind::Field { .. }) && it.ty().is_some_and(Type::is_collection)
    };
    let facets = facets(before, after);
    if facets.kind || !list(before) || !list(after) {
        return None;
    }
    let gone = operations.iter().filter(|it| !setting.operations.stays(**it));
    let pieces = gone.flat_map(|it| setting.causes.of_operation(*it));
    pieces.filter(|it| it.change.site.part == Part::Whole).map(|it| it.cause).min()
}

/// Nothing leads to a type whose schema is only a part of others: what names it there speaks for it.
fn component(setting: &Setting<'_>, line: &Line<'_>) -> Option<usize> {
    let side = line.only_side()?;
    let name = schema(setting.sides[side].place(line.path)?)?;
    let composed =
        |it: &Evidence<'_>| matches!(it.subject(), Subject::Alternatives | Subject::AllOf);
    let says = |it: &&Evidence<'_>| composed(it) && it.only(side).iter().any(|it| *it == *name);
    setting.causes.pieces.iter().filter(says).map(|it| it.cause).min()
}

/// The operations whose users meet the item of a line.
fn reached_from(setting: &Setting<'_>, line: &Line<'_>) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for side in line.sides() {
        let own = &setting.sides[side];
        let builders: BTreeSet<&str> = match line.role {
            Role::Type(name) | Role::Part { owner: name, .. } => own.builders_of(name),
            Role::Member { builder, .. } | Role::Answer { builder }
                if !setting.came_or_went(builder) =>
            {
                BTreeSet::from([builder])
            }
            _ => BTreeSet::new(),
        };
        let methods = builders.into_iter().filter_map(|it| own.method(it));
        out.extend(methods.filter_map(|it| setting.operations.of_method(side, it)));
    }
    out
}

/// How well a change names the item of a line.
fn names_it(setting: &Setting<'_>, line: &Line<'_>, evidence: &Evidence<'_>) -> Option<u8> {
    if !could(setting, line, evidence) {
        return None;
    }
    let places = || evidence.places.iter().flatten().map(|it| spoken_of(it).unwrap_or(it));
    let properties = || places().filter_map(property).chain(last_step(evidence));
    match line.role {
        Role::Part { name, .. } => match evidence.effect {
            Effect::Words => line.word().is_some_and(|it| evidence.names(it)).then_some(30),
            _ if evidence.subject() == Subject::Alternatives => evidence.names(name).then_some(30),
            _ => properties().any(|it| names::escape(&names::snake(&it)) == name).then_some(20),
        },
        Role::Type(name) => {
            let component = places().filter_map(schema).any(|it| names::pascal(&it) == name);
            let suffix = || properties().any(|it| name.ends_with(&names::pascal(&it)));
            (component || evidence.change.site.part != Part::Whole && suffix()).then_some(20)
        }
        _ => None,
    }
}

/// The property at the end of a change's way, unless it is about a value or a property of that one.
fn last_step(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.change.reach.first()?.place.steps.last()? {
        Step::Property(name) if !evidence.is_property() => Some(name.to_string()),
        _ => None,
    }
}

/// Whether a change could do to an item what a line says.
fn could(setting: &Setting<'_>, line: &Line<'_>, evidence: &Evidence<'_>) -> bool {
    if evidence.change.site.part == Part::Whole {
        return false;
    }
    let part = match line.role {
        Role::Member { name: "body", .. } => evidence.change.site.part == Part::Request,
        Role::Member { name: "send" | "stream" | "follow", .. } | Role::Answer { .. } => {
            matches!(evidence.change.site.part, Part::Response(_))
                && evidence.subject() != Subject::ErrorStatus
        }
        Role::Member { name, .. } => evidence.parameter.as_deref() == Some(name),
        _ => true,
    };
    let word = line.word().is_some();
    let fits = match (line.only_side(), evidence.only_side()) {
        (Some(own), Some(other)) => own == other && !word,
        (None, Some(_)) => true,
        (_, None) => match line.role {
            Role::Part { .. } if word => {
                evidence.effect == Effect::Words || evidence.subject() == Subject::Values
            }
            Role::Part { owner, .. } => setting
                .differs(line, owner)
                .is_some_and(|it| evidence.effect.explains(it).is_some()),
            Role::Type(_) => evidence.effect == Effect::Kind || evidence.effect == Effect::Words,
            _ => evidence.effect == Effect::Kind || evidence.effect == Effect::Need,
        },
    };
    part && fits
}

/// The cause that all evidence belongs to, if it does.
fn only<'c, 'k: 'c>(mut pieces: impl Iterator<Item = &'c Evidence<'k>>) -> Option<usize> {
    let first = pieces.next()?.cause;
    pieces.all(|it| it.cause == first).then_some(first)
}
