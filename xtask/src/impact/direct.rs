//! The cause that stands where an item comes from. Each rule here proposes causes with points; the one
//! with the most points is taken.

use super::{
    causes::{Effect, Evidence, best},
    lines::{BASE, Facets, Line, REVISION, Role, facets},
    pointers::{ancestors, spoken_of},
    setting::Setting,
};
use conversations_diff::{Part, Subject};
use conversations_document::Pointer;

/// A proposal: points, and the number of a cause.
type Proposed = (u8, usize);

/// The cause of a line, where one stands at the place of its item.
pub(super) fn direct(setting: &Setting<'_>, line: &Line<'_>) -> Option<usize> {
    match line.role {
        Role::Method(method) => best(of_method(setting, line, method)),
        Role::Setting => best(of_setting(setting, line)),
        Role::Event => best(of_event(setting, line)),
        Role::Alone => None,
        Role::Member { builder, name } => best(of_member(setting, line, builder, name)),
        Role::Answer { builder } => best(of_member(setting, line, builder, "send")),
        Role::Type(name) => match line.only_side() {
            Some(side) => best(of_type(setting, line, name, side)),
            None => best(of_kind(setting, line)),
        },
        Role::Part { owner, .. } => best(of_part(setting, line, owner)),
    }
}

/// A method comes and goes with its operation, and changes its name with the operation's.
fn of_method<'x>(
    setting: &'x Setting<'_>,
    line: &Line<'_>,
    method: &str,
) -> impl Iterator<Item = Proposed> + use<'x> {
    let side = line.only_side().unwrap_or(REVISION);
    let operation = setting.operations.of_method(side, method);
    operation.into_iter().flat_map(move |it| existence(setting, it, side))
}

/// Why an operation's method is there on one side only.
fn existence<'x>(
    setting: &'x Setting<'_>,
    operation: usize,
    side: usize,
) -> impl Iterator<Item = Proposed> + use<'x> {
    let stays = setting.operations.stays(operation);
    let pieces = setting.causes.of_operation(operation);
    pieces.filter_map(move |evidence| {
        let whole = evidence.change.site.part == Part::Whole;
        let fits = match stays {
            true => evidence.subject() == Subject::OperationId,
            false => evidence.only_side() == Some(side),
        };
        (whole && fits).then_some((100, evidence.cause))
    })
}

/// A kind of event comes and goes with its webhook, which holds the operation that the item was made of.
fn of_event(setting: &Setting<'_>, line: &Line<'_>) -> Vec<Proposed> {
    let places = line.sides().filter_map(|it| Some((it, setting.sides[it].place(line.path)?)));
    let hooks = places.filter_map(|(side, place)| Some((side, place.rsplit_once('/')?.0)));
    hooks
        .flat_map(|(side, hook)| setting.causes.upon(side, hook))
        .map(|it| (100, it.cause))
        .collect()
}

/// A credential's method is its security scheme, and else follows from who lets a client in.
fn of_setting(setting: &Setting<'_>, line: &Line<'_>) -> Vec<Proposed> {
    let Some((side, place)) =
        line.sides().find_map(|it| Some((it, setting.sides[it].place(line.path)?)))
    else {
        return Vec::new();
    };
    let scheme = place.last();
    let on = if line.only_side() == Some(BASE) { BASE } else { REVISION };
    let own = setting.causes.upon(side, place).map(|evidence| {
        let changed = line.only_side().is_some() && evidence.only_side().is_none();
        (if changed { 40 } else { 100 }, evidence.cause)
    });
    let global = setting.causes.of_document().filter(|evidence| {
        evidence.subject() == Subject::GlobalSecurity
            && evidence.only(on).iter().any(|it| *it == *scheme)
    });
    own.chain(global.map(|evidence| (50, evidence.cause))).collect()
}

/// What a builder takes and answers.
fn of_member(setting: &Setting<'_>, line: &Line<'_>, builder: &str, name: &str) -> Vec<Proposed> {
    if setting.came_or_went(builder) {
        return Vec::new();
    }
    let on = |side: usize| {
        let method = setting.sides[side].method(builder)?;
        setting.operations.of_method(side, method)
    };
    if let (Some(old), Some(new)) = (on(BASE), on(REVISION))
        && old != new
    {
        // The name went from one operation to another.
        let side = line.only_side().unwrap_or(BASE);
        return existence(setting, if side == BASE { old } else { new }, side).collect();
    }
    let operation = on(BASE).or_else(|| on(REVISION));
    let pieces = operation.into_iter().flat_map(|it| setting.causes.of_operation(it));
    pieces
        .filter_map(|evidence| Some((part(setting, line, name, evidence)?, evidence.cause)))
        .collect()
}

/// How well a change to a part of an operation explains a line about the builder's method `name`.
fn part(setting: &Setting<'_>, line: &Line<'_>, name: &str, evidence: &Evidence<'_>) -> Option<u8> {
    let ours = match &evidence.change.site.part {
        Part::Whole => false,
        Part::Parameter(_) => evidence.parameter.as_deref() == Some(name),
        Part::Request => name == "body",
        Part::Response(status) => {
            matches!(name, "send" | "stream" | "follow" | "keep_alive") && is_success(status)
        }
    };
    let far = !evidence.root || evidence.is_property();
    let answer = matches!(evidence.change.site.part, Part::Response(_));
    if !ours || far && matches!(name, "send" | "body") || far && !answer {
        return None;
    }
    let near = if far { 40 } else { 0 };
    let points = match (line.only_side(), evidence.only_side()) {
        (Some(side), Some(other)) => (side == other).then_some(100),
        // What has no line of its own changes with what it is in.
        (None, Some(_)) => Some(70),
        (Some(_), None) => (evidence.effect == Effect::Kind && answer).then_some(60),
        (None, None) => evidence.effect.explains(differs(line)),
    };
    // Of several parts the one that the item, or a type that it newly mentions, was made of.
    let own = evidence.places.iter().zip([BASE, REVISION]).any(|(place, side)| {
        let made_of = |it: &Pointer| place.as_ref().is_some_and(|above| it.is_within(above));
        let here = setting.sides[side].place(line.path).is_some_and(made_of);
        here || setting.brought(line, side).any(made_of)
    });
    points.map(|it: u8| it.saturating_sub(near) + if own { 10 } else { 0 })
}

fn is_success(status: &str) -> bool {
    status.starts_with('2') || status == "default"
}

/// In what a changed item differs. A medium counts as a kind.
fn differs(line: &Line<'_>) -> Facets {
    match line.items {
        [Some(before), Some(after)] => facets(before, after),
        _ => Facets { need: true, kind: true },
    }
}

/// A type that only one side has: the change that brought or took it stands at its place or above.
fn of_type(setting: &Setting<'_>, line: &Line<'_>, name: &str, side: usize) -> Vec<Proposed> {
    let Some(place) = setting.sides[side].place(line.path) else { return Vec::new() };
    let renamed = setting.renames.of(side, name).is_some();
    // What both documents have makes a type only where there was none.
    let makes = |evidence: &Evidence<'_>, rest: &str| {
        let other = evidence.places[1 - side].as_deref();
        let there = other.map(|it| spoken_of(it).unwrap_or(it));
        let there = there.and_then(|it| setting.sides[1 - side].type_at(&format!("{it}{rest}")));
        !renamed && there.is_none() && evidence.change.site.part != Part::Whole
    };
    let mut out = Vec::new();
    for evidence in setting.causes.upon(side, place) {
        match (evidence.only_side(), evidence.effect) {
            (Some(_), _) => out.push((100, evidence.cause)),
            (None, Effect::Kind) if makes(evidence, "") => out.push((70, evidence.cause)),
            (None, Effect::Words) if makes(evidence, "") => out.push((20, evidence.cause)),
            _ => {}
        }
    }
    for (far, (above, _)) in ancestors(place).into_iter().enumerate() {
        let far = u8::try_from(far).unwrap_or(u8::MAX);
        for evidence in setting.causes.upon(side, above) {
            let rest = &place[above.len()..];
            match evidence.only_side() {
                Some(_) => out.push((89_u8.saturating_sub(far), evidence.cause)),
                None if evidence.effect == Effect::Kind && makes(evidence, rest) => {
                    out.push((59_u8.saturating_sub(far), evidence.cause));
                }
                None => {}
            }
        }
    }
    out
}

/// A type that is of another kind than before.
fn of_kind(setting: &Setting<'_>, line: &Line<'_>) -> Vec<Proposed> {
    let mut out = Vec::new();
    for side in line.sides() {
        let place = setting.sides[side].place(line.path).map_or("", |it| it);
        let pieces = setting.causes.upon(side, place);
        let fit = pieces.filter(|it| it.only_side().is_none() && it.effect == Effect::Kind);
        out.extend(fit.map(|it| (80, it.cause)));
    }
    out
}

/// A field or a variant.
fn of_part(setting: &Setting<'_>, line: &Line<'_>, owner: &str) -> Vec<Proposed> {
    let word = line.word();
    let mut out = Vec::new();
    for side in line.sides() {
        let Some(place) = setting.sides[side].place(line.path) else { continue };
        let own = format!("types::{owner}");
        let union = setting.sides[side].place(&own) == Some(place);
        let facets = setting.differs(line, owner);
        for hit in setting.causes.below(side, place) {
            let evidence = &setting.causes.pieces[hit.evidence];
            let points = match word {
                Some(word) => in_enum(setting, owner, word, evidence, hit.depth),
                None if union => of_alternatives(setting, owner, line, evidence, hit.depth),
                None => of_field(line, facets, evidence, hit.depth, hit.property),
            };
            out.extend(points.map(|it| (it, evidence.cause)));
        }
        if let Some(word) = word {
            let constant = setting.sides[side].place(&own).into_iter();
            let constant = constant.flat_map(|it| setting.causes.upon(side, it));
            let constant =
                constant.filter(|it| it.subject() == Subject::Constant && it.names(word));
            out.extend(constant.map(|evidence| (90, evidence.cause)));
        }
        // Where a composition gains or loses a part, fields come and go.
        let holder = setting.sides[side].place(&own).filter(|_| !union && word.is_none());
        let composed = holder.into_iter().flat_map(|it| setting.causes.upon(side, it));
        let composed = composed.filter(|evidence| {
            evidence.only_side().is_none()
                && evidence.effect == Effect::Kind
                && matches!(
                    evidence.subject(),
                    Subject::Type
                        | Subject::TypeList
                        | Subject::Alternatives
                        | Subject::AllOf
                        | Subject::Media
                )
                && facets.is_some()
                && !setting.came_or_went_type(owner)
        });
        out.extend(composed.map(|evidence| (40, evidence.cause)));
    }
    out
}

/// A variant of an enum is a word that a change names.
fn in_enum(
    setting: &Setting<'_>,
    owner: &str,
    word: &str,
    evidence: &Evidence<'_>,
    depth: u8,
) -> Option<u8> {
    match evidence.effect {
        Effect::Words if depth == 0 => evidence.names(word).then_some(100),
        Effect::Kind if depth == 0 && !setting.came_or_went_type(owner) => Some(50),
        _ => None,
    }
}

/// A variant of a union is an alternative that a change names.
fn of_alternatives(
    setting: &Setting<'_>,
    owner: &str,
    line: &Line<'_>,
    evidence: &Evidence<'_>,
    depth: u8,
) -> Option<u8> {
    let about = matches!(evidence.subject(), Subject::Alternatives | Subject::TypeList);
    if depth > 1 || evidence.only_side().is_some() || evidence.effect != Effect::Kind {
        return None;
    }
    let Role::Part { name, .. } = line.role else { return None };
    let said = evidence.names(name);
    let members = about || matches!(evidence.subject(), Subject::AllOf | Subject::Additional);
    let on = if line.only_side() == Some(BASE) { BASE } else { REVISION };
    let fits = u8::from(said) * 20 + u8::from(members && !evidence.only(on).is_empty()) * 10;
    match (setting.came_or_went_type(owner), about && said) {
        (true, false) => None,
        _ => Some(60 + fits),
    }
}

/// A field is a property. `facets` says in what it differs from what it was, where that is known.
fn of_field(
    line: &Line<'_>,
    facets: Option<Facets>,
    evidence: &Evidence<'_>,
    depth: u8,
    property: bool,
) -> Option<u8> {
    match (evidence.only_side(), line.only_side()) {
        (Some(side), Some(own)) if depth == 0 && side == own => Some(100),
        (Some(_), None) if depth == 0 => Some(60),
        // An object that gains its first properties, or loses the last, changes its type.
        (Some(_), None) if property => facets.filter(|it| it.kind).map(|_| 30 - depth),
        (None, _) if property => None,
        (None, _) => evidence.effect.explains(facets?).map(|it| it.saturating_sub(depth)),
        _ => None,
    }
}
