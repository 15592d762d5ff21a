//! Hands causes on: to what belongs to an item, to what an item brings along, and to what took its place.

use super::{
    lines::{BASE, Line, REVISION, Role},
    setting::Setting,
};
use conversations_codegen::surface::{Item, Kind, type_path};
use std::collections::BTreeSet;

type Rule = fn(&Setting<'_>, &Line<'_>, &Known<'_>) -> Option<usize>;

/// What follows for sure. A rule that knows better goes before one that knows less.
const STRONG: [Rule; 5] = [of_builder, of_renamed, of_users, of_owner, of_mentioned];

/// What follows where nothing else does.
const WEAK: [Rule; 1] = [of_parts];

/// Fills in causes until nothing follows any more. In each round every line sees what the rounds before have
/// found, so that the order of the lines does not matter.
pub(super) fn follow(
    setting: &Setting<'_>,
    direct: &[Option<usize>],
    causes: &mut [Option<usize>],
) {
    let mut todo: BTreeSet<usize> = (0..causes.len()).collect();
    loop {
        let round =
            |todo: &mut dyn Iterator<Item = usize>, rules: &[Rule]| -> Vec<(usize, usize)> {
                let known = Known { setting, direct, causes };
                let open = todo.filter(|at| causes[*at].is_none());
                let by =
                    |at: usize| rules.iter().find_map(|it| it(setting, &setting.lines[at], &known));
                open.filter_map(|at| Some((at, by(at)?))).collect()
            };
        let mut found = round(&mut todo.iter().copied(), &STRONG);
        if found.is_empty() {
            found = round(&mut (0..causes.len()), &WEAK);
        }
        if found.is_empty() {
            return;
        }
        for (at, cause) in &found {
            causes[*at] = Some(*cause);
        }
        todo = found.iter().flat_map(|(at, _)| around(setting, &setting.lines[*at])).collect();
    }
}

/// The lines that the cause of a line may be the cause of.
fn around(setting: &Setting<'_>, line: &Line<'_>) -> Vec<usize> {
    let mut out = Vec::new();
    for side in line.sides() {
        let own = &setting.sides[side];
        out.extend(line.types(side).into_iter().filter_map(|it| setting.line(&type_path(it))));
        let below = match line.items[side].map(|it: &Item| &it.kind) {
            Some(Kind::Method { builder, .. }) => {
                let answer = format!("{builder}Answer");
                out.extend(setting.line(&answer));
                vec![format!("builder::{builder}::"), format!("{answer}::")]
            }
            Some(Kind::Type { name, .. }) => {
                out.extend(own.users(name).iter().filter_map(|(path, _)| setting.line(path)));
                vec![format!("types::{name}::")]
            }
            _ => Vec::new(),
        };
        for prefix in below {
            let items =
                own.below(&prefix).filter_map(|it| setting.line(&format!("{prefix}{}", it.0)));
            out.extend(items);
        }
    }
    out
}

/// What has been found so far.
struct Known<'k> {
    setting: &'k Setting<'k>,
    direct: &'k [Option<usize>],
    causes: &'k [Option<usize>],
}

impl Known<'_> {
    /// The cause of the line about an item, where there is such a line and it has one.
    fn cause(&self, item: &str) -> Option<usize> {
        self.causes[self.setting.line(item)?]
    }

    fn direct(&self, item: &str) -> Option<usize> {
        self.direct[self.setting.line(item)?]
    }
}

/// All of a builder that came, went or was renamed goes with the client's method.
fn of_builder(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let (Role::Member { builder, .. } | Role::Answer { builder }) = line.role else { return None };
    let side = line.only_side().filter(|_| setting.came_or_went(builder))?;
    known.cause(&format!("Client::{}", setting.sides[side].method(builder)?))
}

/// A type that took another's place goes with it, if that one's own place says why.
fn of_renamed(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let Role::Type(name) = line.role else { return None };
    let renamed = setting.renames.of(line.only_side()?, name)?;
    known.direct(&type_path(renamed))
}

/// A type comes and goes with those who use it.
fn of_users(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let Role::Type(name) = line.role else { return None };
    let users = setting.sides[line.only_side()?].users(name);
    users.iter().filter_map(|(path, _)| known.cause(path)).min()
}

/// A field or variant comes and goes with its type.
fn of_owner(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let Role::Part { owner, .. } = line.role else { return None };
    line.only_side().filter(|_| setting.came_or_went_type(owner))?;
    known.cause(&type_path(owner))
}

/// What has another type now changed because the type of before went, or because the present one came.
fn of_mentioned(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let [Some(_), Some(_)] = line.items else { return None };
    let only = |own: usize, other: usize| -> Option<usize> {
        let others = line.types(other);
        let types = line.types(own).into_iter().filter(|it| !others.contains(it));
        types
            .map(type_path)
            .filter(|it| setting.line(it).is_some_and(|at| setting.lines[at].only_side().is_some()))
            .find_map(|it| known.cause(&it))
    };
    only(BASE, REVISION).or_else(|| only(REVISION, BASE))
}

/// What no user speaks for came with the first of its fields.
fn of_parts(setting: &Setting<'_>, line: &Line<'_>, known: &Known<'_>) -> Option<usize> {
    let Role::Type(name) = line.role else { return None };
    let side = line.only_side().filter(|it| setting.renames.of(*it, name).is_none())?;
    let own = format!("types::{name}::");
    let parts = setting.sides[side].below(&own);
    parts.filter_map(|(part, _)| known.cause(&format!("{own}{part}"))).min()
}
