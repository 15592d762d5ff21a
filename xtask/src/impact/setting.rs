//! All that the rules look at.

use super::{
    causes::Causes,
    lines::{BASE, Facets, Line, REVISION, Role, facets, facets_of_renamed, lines},
    operations::Operations,
    renames::Renames,
    side::Side,
};
use conversations_codegen::surface::{Kind, Surface, SurfaceDiff, type_path};
use conversations_diff::Change;
use conversations_document::Pointer;
use std::collections::HashMap;

/// All that is known of the two surfaces and of the changes between their documents.
pub(super) struct Setting<'s> {
    pub(super) sides: [Side<'s>; 2],
    pub(super) operations: Operations<'s>,
    pub(super) causes: Causes<'s>,
    pub(super) renames: Renames<'s>,
    pub(super) lines: Vec<Line<'s>>,
    by_item: HashMap<&'s str, usize>,
}

impl<'s> Setting<'s> {
    /// Gathers it.
    pub(super) fn of(
        changes: &'s [Change],
        [base, revision]: [&'s Surface; 2],
        diff: &SurfaceDiff<'s>,
    ) -> Self {
        let sides = [Side::of(base), Side::of(revision)];
        let operations = Operations::of(&sides[BASE], &sides[REVISION], changes);
        let causes = Causes::of(changes, &operations);
        let builder =
            |side: usize, method: &str| match &sides[side].item(&format!("Client::{method}"))?.kind
            {
                Kind::Method { builder, .. } => Some(builder.as_str()),
                _ => None,
            };
        let renames = Renames::of_surfaces(&sides, &operations.methods, builder);
        let lines = lines(diff);
        let by_item = lines.iter().enumerate().map(|(at, it)| (it.path, at)).collect();
        Self { sides, operations, causes, renames, lines, by_item }
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
    ) -> impl Iterator<Item = &'s Pointer> + use<'_, 's> {
        let other = line.types(1 - side);
        let new = line.types(side).into_iter().filter(move |it| !other.contains(it));
        new.filter_map(move |it| self.sides[side].place(&type_path(it)))
    }

    /// In what a field differs from what it was. Where its type came or went, that is the field of the type
    /// that has its place in the other surface; nothing where there is none.
    pub(super) fn differs(&self, line: &Line<'_>, owner: &str) -> Option<Facets> {
        let all = Some(Facets { need: true, kind: true });
        let side = match (line.items, line.only_side()) {
            ([Some(before), Some(after)], _) => return Some(facets(before, after)),
            (_, Some(side)) if self.came_or_went_type(owner) => side,
            _ => return all,
        };
        let renamed = self.renames.of(side, owner)?;
        let (Some(own), Role::Part { name, .. }) = (line.items[side], line.role) else {
            return all;
        };
        let other = self.sides[1 - side].item(&format!("{}::{name}", type_path(renamed)));
        let Some(other) = other else { return all };
        // Types that took each other's place are not a difference.
        let renamed = |it: &str| self.renames.of(side, it).map(str::to_owned);
        Some(facets_of_renamed(own, other, renamed))
    }
}
