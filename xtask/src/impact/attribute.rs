//! Gives each line of the surface's comparison its cause.

use super::{
    causes::Causes,
    direct::direct,
    follow::follow,
    guess::guess,
    lines::{BASE, Facets, Line, REVISION, Role, bare, facets, lines, mentioned, written},
    operations::Operations,
    side::Side,
    twins::Twins,
};
use conversations_codegen::surface::{Surface, SurfaceDiff};
use conversations_diff::Change;
use std::collections::HashMap;

/// All that is known of the two surfaces and of the changes between their documents.
pub(super) struct Scene<'s> {
    pub(super) sides: [Side<'s>; 2],
    pub(super) operations: Operations<'s>,
    pub(super) causes: Causes<'s>,
    pub(super) twins: Twins<'s>,
    pub(super) lines: Vec<Line<'s>>,
    by_item: HashMap<&'s str, usize>,
}

impl<'s> Scene<'s> {
    fn of(
        changes: &'s [Change],
        [base, revision]: [&'s Surface; 2],
        diff: &'s SurfaceDiff,
    ) -> Self {
        let sides = [Side::of(base), Side::of(revision)];
        let operations = Operations::of(&sides[BASE], &sides[REVISION], changes);
        let causes = Causes::of(changes, &operations);
        let builder = |side: usize, method: &str| {
            let signature = sides[side].signature(&format!("Client::{method}"))?;
            signature.rsplit("::").next()
        };
        let twins = Twins::of_surfaces(&sides, &operations.methods, builder);
        let lines = lines(diff, base, revision);
        let by_item = lines.iter().enumerate().map(|(at, it)| (it.item, at)).collect();
        Self { sides, operations, causes, twins, lines, by_item }
    }

    /// The number of the line about an item.
    pub(super) fn line(&self, item: &str) -> Option<usize> {
        self.by_item.get(item).copied()
    }

    /// Whether only one of the surfaces has a builder.
    pub(super) fn came_or_went(&self, builder: &str) -> bool {
        self.sides.iter().any(|it| it.method(builder).is_none())
    }

    /// Whether only one of the surfaces has a type.
    pub(super) fn came_or_went_type(&self, name: &str) -> bool {
        self.sides.iter().any(|it| !it.has_type(name))
    }

    /// The places of the types that a line mentions on one side only.
    pub(super) fn brought(
        &self,
        line: &Line<'s>,
        side: usize,
    ) -> impl Iterator<Item = &'s str> + use<'_, 's> {
        let other: Vec<&str> = line.signatures[1 - side].into_iter().flat_map(mentioned).collect();
        let own = line.signatures[side].into_iter().flat_map(mentioned);
        let new = own.filter(move |it| !other.contains(it));
        new.filter_map(move |it| self.sides[side].place(&format!("types::{it}")))
    }

    /// In what a field differs from what it was. Where its type came or went, that is the field of the type
    /// that has its place in the other surface; nothing where there is none.
    pub(super) fn differs(&self, line: &Line<'_>, owner: &str) -> Option<Facets> {
        let all = Some(Facets { need: true, kind: true });
        let side = match (line.signatures, line.only_side()) {
            ([Some(before), Some(after)], _) => return Some(facets(before, after)),
            (_, Some(side)) if self.came_or_went_type(owner) => side,
            _ => return all,
        };
        let twin = self.twins.of(side, owner)?;
        let name = line.item.rsplit("::").next().unwrap_or_default();
        let own = line.signatures[side].unwrap_or_default();
        let Some(other) = self.sides[1 - side].signature(&format!("types::{twin}::{name}")) else {
            return all;
        };
        // Types that took each other's place are no difference.
        let own = bare(own);
        let renamed = mentioned(own)
            .filter_map(|it| Some((it, self.twins.of(side, it)?)))
            .fold(own.to_owned(), |own, (from, to)| own.replace(from, to));
        Some(facets(&renamed, bare(other)))
    }
}

/// The lines that each change causes. All changes that a report shows as one carry the same.
pub(super) fn attribute(
    changes: &[Change],
    base: &Surface,
    revision: &Surface,
    diff: &SurfaceDiff,
) -> Vec<Vec<String>> {
    let scene = Scene::of(changes, [base, revision], diff);
    let found: Vec<Option<usize>> = scene.lines.iter().map(|it| direct(&scene, it)).collect();
    let mut causes = found.clone();
    follow(&scene, &found, &mut causes);
    // Names speak first for what stays, then for whole types, and last for what is in these, since each
    // brings the next along.
    for turn in 0..3 {
        for (line, known) in scene.lines.iter().zip(&mut causes) {
            let now = match line.role {
                Role::Type(_) => 1,
                Role::Part { owner, .. } if scene.came_or_went_type(owner) => 2,
                _ => 0,
            };
            if known.is_none() && now == turn {
                *known = guess(&scene, line);
            }
        }
        follow(&scene, &found, &mut causes);
    }
    let mut by_cause: HashMap<usize, Vec<String>> = HashMap::new();
    for (line, cause) in written(diff).into_iter().zip(causes) {
        if let Some(cause) = cause {
            by_cause.entry(cause).or_default().push(line);
        }
    }
    by_cause.values_mut().for_each(|it| it.sort());
    let of =
        |clue: &super::causes::Clue<'_>| by_cause.get(&clue.cause).cloned().unwrap_or_default();
    scene.causes.clues.iter().map(of).collect()
}
